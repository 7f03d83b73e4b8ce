import { setTimeout as delay } from 'node:timers/promises';
import { qrText, qrValueOf } from '../commands/qr.js';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { isRecord } from '../system/values.js';
import type { Answers } from './answers.js';

/** After the service has been started: the group, how phones get in, and the first one of them. */

/** The radio's own connection may need 20 s, and a busy Raspberry Pi some more. */
const GROUP_LIMIT_MS = 90_000;
const LOOK_MS = 500;
/**
 * Waits until hostp2pd is attached to wpa_supplicant, and until the group is up if it is always up.
 * @returns why that is not so; null: it is
 */
export async function waitForGroup(device: string, alwaysUp: boolean): Promise<string | null> {
  const end = performance.now() + GROUP_LIMIT_MS;
  for (;;) {
    let reason = 'hostp2pd does not answer yet';
    try {
      const status = await (await open(device)).get('/v1/status');
      if (isRecord(status) && (alwaysUp ? isRecord(status['group']) : status['attached'] === true))
        return null;
      const noGroup = isRecord(status) && isRecord(status['noGroup']) ? status['noGroup']['reason'] : null;
      reason = typeof noGroup === 'string' ? noGroup : 'hostp2pd has formed no group yet';
    } catch (error) {
      if (!(error instanceof HostP2pError)) throw error;
      reason = error.message;
    }
    if (performance.now() > end) return reason;
    await delay(LOOK_MS);
  }
}

async function open(device: string): Promise<RemoteTarget> {
  return new RemoteTarget(await findControlSocket(device));
}

/** The QR code of the group, with its name and passphrase. */
export async function qrOf(device: string, colour: boolean, columns: number | undefined): Promise<string> {
  const { value } = await (await open(device)).execute('qr', []);
  const qr = qrValueOf(value);
  return qr === null ? '' : qrText(qr, colour, columns);
}

/** How phones come in, for a person who stands before the box. */
export function joiningText({ name, admission }: Answers): string {
  const ways = {
    random:
      '. It asks for a PIN: hostp2pd shows a new one each time (hostp2pd status, or the hook show_pin).',
    button: '. It comes in without a PIN.',
  };
  const way = typeof admission === 'string' ? ways[admission] : ` and type the PIN ${admission.pin}.`;
  return [
    `Android  Settings, Wi-Fi, Wi-Fi Direct: choose ${name}${way}`,
    'iPhone   Point the camera at the code.',
    'Windows  Settings, Network, Wi-Fi: choose the network, and type the passphrase below the code.',
  ].join('\n');
}

export interface PhoneWait {
  /** hostp2pd gives phones addresses, so the first phone has to have one. */
  readonly addresses: boolean;
  readonly signal: AbortSignal;
  /** A phone has to type a PIN, and similar. */
  readonly note: (text: string) => void;
}

/** Events that the person who waits has to know. */
const NOTED = ['pinShown', 'pinWanted', 'enrolmentFailed', 'enrolmentRefused'];

/**
 * Waits until a phone is in the group and, if hostp2pd gives addresses, has one.
 * @returns a sentence about it; null: the wait was ended
 */
export async function firstPhone(device: string, wait: PhoneWait): Promise<string | null> {
  const daemon = await open(device);
  return new Promise((resolve) => {
    const finish = (text: string | null) => {
      stop();
      resolve(text);
    };
    const stop = daemon.follow(({ entry: { event }, text }) => {
      const station = isRecord(event['station']) ? event['station'] : {};
      const hasAddress = typeof station['ip'] === 'string';
      const isOn = event.type === 'stationConnected' || event.type === 'stationAddressed';
      if (isOn && (hasAddress || !wait.addresses)) finish(`The first phone is on: ${printable(text)}`);
      else if (NOTED.includes(event.type)) wait.note(printable(text));
    });
    // A phone may have joined before the wait began. Earlier events do not tell: it may have left again.
    void present(daemon, wait.addresses).then((name) => {
      if (name !== null) finish(`The first phone is on: ${printable(name)}`);
    });
    void daemon.ended.then(({ message }) => finish(message));
    wait.signal.addEventListener('abort', () => finish(null), { once: true });
  });
}

/** The name of a station that is in the group now; null: there is none, or the end of the daemon tells why it is unknown. */
async function present(daemon: RemoteTarget, withAddress: boolean): Promise<string | null> {
  const stations = await daemon.get('/v1/stations').catch((error: unknown) => {
    if (error instanceof HostP2pError) return [];
    throw error;
  });
  for (const station of Array.isArray(stations) ? stations : []) {
    if (!isRecord(station) || (withAddress && typeof station['ip'] !== 'string')) continue;
    const { name, address } = station;
    return String(name ?? address);
  }
  return null;
}
