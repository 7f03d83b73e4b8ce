import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { NetworkView, PanelStation, PanelView } from '../view.js';
import { bytes, chartPoints, duration, pinGroups } from './format.js';
import { say, setup } from './session.js';

/** What both pages show. */

export interface Shown {
  readonly view: PanelView;
  /** When it was received, on the clock of `performance.now()`. */
  readonly at: number;
}

/** Seconds since that moment, counted once a second. */
function useElapsed(at: number): number {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, (now - at) / 1000);
}

/** The PIN to type on a phone, or the open button: the one thing that is urgent. */
interface Call {
  readonly pin: string | null;
  readonly name: string | null;
  readonly secondsLeft: number;
}

export function callOf({ requests, pairing }: PanelView): Call | null {
  const asking = requests.find(({ pin }) => pin !== null);
  if (asking) return asking;
  if (pairing === null) return null;
  const name = requests.find(({ deviceAddress }) => deviceAddress === pairing.deviceAddress)?.name ?? null;
  return { pin: pairing.pin, name, secondsLeft: pairing.secondsLeft };
}

export function CallBox({ call, at }: { call: Call; at: number }) {
  const seconds = Math.max(0, Math.round(call.secondsLeft - useElapsed(at)));
  // The bar begins full at the first view of this PIN.
  const [most] = useState(Math.max(seconds, 1));
  const left = say('secondsLeft', { seconds });
  return (
    <div class="call">
      <p class="what" role="status">
        {call.pin === null ? say('buttonOpen') : say('typePin', { name: call.name ?? say('anyPhone') })}
      </p>
      {call.pin !== null && (
        <p class="pin" role="status" aria-label={pinGroups(call.pin).join(' ')}>
          {pinGroups(call.pin).map((group, place) => (
            <span key={place}>{group}</span>
          ))}
        </p>
      )}
      <p class="left">
        <progress max={most} value={seconds} aria-label={left} />
        <span>{left}</span>
      </p>
    </div>
  );
}

export function Code({ network }: { network: NetworkView }) {
  return <img class="code" src={network.code} alt={say('codeOf', { name: network.ssid })} />;
}

/** Something is wrong; null where nothing is. */
export function noticeOf(view: PanelView, offline: boolean): string | null {
  if (offline) return say('offline');
  if (view.state === 'lost') return say('lost');
  if (view.paused) return say('paused');
  return view.state === 'none' ? say('noGroup') : null;
}

export function nameOf({ name, address }: { name: string | null; address: string }): string {
  return name ?? address;
}

/** The line fills the chart from that number of values on. */
const CHART = { values: 15, width: 120, height: 32 };

export function Stations({
  stations,
  at,
  children,
}: {
  stations: readonly PanelStation[];
  at: number;
  children: (station: PanelStation) => ComponentChildren;
}) {
  const elapsed = useElapsed(at);
  if (stations.length === 0) return <p class="quiet">{say('noStations')}</p>;
  return (
    <ul class="stations">
      {stations.map((station) => (
        <li key={station.address}>
          <div class="who">
            <strong>{nameOf(station)}</strong>
            <span class="quiet">{station.ip ?? station.address}</span>
          </div>
          <Signal values={station.signals} />
          <dl>
            <Fact name={say('received')}>{bytes(station.receivedBytes, setup.language)}</Fact>
            <Fact name={say('sent')}>{bytes(station.sentBytes, setup.language)}</Fact>
            <Fact name={say('connectedFor')}>
              {duration(station.connectedSeconds === null ? null : station.connectedSeconds + elapsed)}
            </Fact>
          </dl>
          {children(station)}
        </li>
      ))}
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Signal({ values }: { values: readonly number[] }) {
  const last = values.at(-1);
  if (last === undefined) return null;
  const { width, height } = CHART;
  const text = say('signalRange', { least: Math.min(...values), most: Math.max(...values) });
  // A single value is a line, too.
  const points = values.length === 1 ? [last, last] : values;
  return (
    <div class="signal">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={text}>
        <polyline points={chartPoints(points, Math.max(CHART.values, points.length), width, height)} />
      </svg>
      <span>{last.toLocaleString(setup.language)} dBm</span>
    </div>
  );
}
