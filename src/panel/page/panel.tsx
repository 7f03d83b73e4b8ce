import type { NetworkView, PanelEvent, PanelStation } from '../view.js';
import { type Operator, OperatorBox, StationButtons } from './operator.js';
import { CallBox, Code, callOf, noticeOf, type Shown, Stations } from './parts.js';
import { say, setup } from './session.js';

/** The page for a phone or a laptop. */
export function PanelPage({
  shown: { view, at },
  offline,
  operator,
}: {
  shown: Shown;
  offline: boolean;
  operator: Operator;
}) {
  const notice = noticeOf(view, offline);
  const call = callOf(view);
  const waiting = view.requests.filter(({ pin }) => pin === null);
  const { run } = operator;
  return (
    <main>
      <header>
        <h1>{view.network?.ssid ?? say('title')}</h1>
        <p class="notice" role="alert">
          {notice}
        </p>
      </header>
      {(call !== null || waiting.length > 0) && (
        <section class="requests" aria-label={say('requests')}>
          {call && <CallBox key={call.pin} call={call} at={at} />}
          {waiting.map((request) => (
            <p key={request.deviceAddress} role="status">
              {say(ASKS[request.method], { name: request.name ?? request.deviceAddress })}
            </p>
          ))}
        </section>
      )}
      {view.network && <Network network={view.network} />}
      <section>
        <h2>
          {say('stations')} {view.stations.length > 0 && <span class="count">{view.stations.length}</span>}
        </h2>
        <Stations stations={view.stations} at={at}>
          {(station: PanelStation) => run && <StationButtons station={station} run={run} />}
        </Stations>
      </section>
      <OperatorBox view={view} operator={operator} />
      <Events events={view.events} />
    </main>
  );
}

const ASKS = { display: 'asksPin', keypad: 'showsPin', pbc: 'asksButton' } as const;

function Network({ network }: { network: NetworkView }) {
  const { ssid: name, passphrase } = network;
  return (
    <section class="network">
      <figure>
        <Code network={network} />
        <figcaption>
          {say('scan')}
          <br />
          {say('password')}: <code>{passphrase}</code>
        </figcaption>
      </figure>
      <div>
        <h2>{say('howTo')}</h2>
        <details open>
          <summary>Android</summary>
          <p>{say('android1')}</p>
          <p>{say('android2')}</p>
        </details>
        <details>
          <summary>iPhone, iPad</summary>
          <p>{say('iphone1')}</p>
          <p>{say('iphone2', { name })}</p>
        </details>
        <details>
          <summary>Windows</summary>
          <p>{say('windows1', { name })}</p>
          <p>{say('windows2')}</p>
        </details>
      </div>
    </section>
  );
}

function Events({ events }: { events: readonly PanelEvent[] }) {
  const clock = new Intl.DateTimeFormat(setup.language, { timeStyle: 'medium' });
  return (
    <section>
      <h2>{say('events')}</h2>
      {events.length === 0 ? (
        <p class="quiet">{say('noEvents')}</p>
      ) : (
        <div role="log">
          <ol class="events">
            {events.map(({ time, text, name }) => (
              <li key={`${time} ${text} ${name}`}>
                <time dateTime={time}>{clock.format(new Date(time))}</time>{' '}
                {say(text, { name: name ?? say('someDevice') })}
              </li>
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}
