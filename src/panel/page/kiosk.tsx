import { CallBox, Code, callOf, noticeOf, type Shown } from './parts.js';
import { say } from './session.js';

/** The page for a small screen in the room: nothing to press, nothing to scroll. */
export function KioskPage({ shown: { view, at }, offline }: { shown: Shown; offline: boolean }) {
  const notice = noticeOf(view, offline);
  const call = offline ? null : callOf(view);
  const { network } = view;
  return (
    <main class={call ? 'called' : 'calm'}>
      {network && (
        <figure>
          <Code network={network} />
          {call && <figcaption>{network.ssid}</figcaption>}
        </figure>
      )}
      <div class="words">
        {!call && <h1>{network?.ssid ?? say('title')}</h1>}
        {call ? (
          <CallBox key={call.pin} call={call} at={at} />
        ) : (
          <>
            {network && <p class="scan">{say('scan')}</p>}
            {network && (
              <p class="password">
                {say('password')} <code>{network.passphrase}</code>
              </p>
            )}
            {view.stations.length > 0 && (
              <p class="quiet">
                {say('stations')}: {view.stations.length}
              </p>
            )}
          </>
        )}
        <p class="notice" role="alert">
          {notice}
        </p>
      </div>
    </main>
  );
}
