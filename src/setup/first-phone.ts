import { stationsOf, statusOf } from '../commands/daemon-answers.js';
import { qrText, qrValueOf } from '../commands/qr.js';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import type { StationDetail } from '../host/status.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { retry } from '../system/retry.js';
import { wrap } from '../system/wrap.js';
import type { Answers } from './answers.js';

/** After the service has been started: the group, how phones join, and the first one of them. */

/** The radio's own connection may need 20 s, and a busy Raspberry Pi some more. */
const GROUP_TIMES = { limitMs: 90_000, pauseMs: 500 };

/**
 * Waits until hostp2pd is attached to wpa_supplicant, and until the group is up if it is always up.
 * @throws {HostP2pError} with the reason, if that is not so after 90 s
 */
export function waitForGroup(device: string, alwaysUp: boolean): Promise<void> {
  return retry(async () => {
    const status = statusOf(await (await open(device)).get('/v1/status'));
    if (status !== null && (alwaysUp ? status.group !== null : status.attached)) return;
    throw new HostP2pError('STATE', status?.noGroup?.reason ?? 'hostp2pd has formed no group yet');
  }, GROUP_TIMES);
}

export async function open(device: string): Promise<RemoteTarget> {
  return new RemoteTarget(await findControlSocket(device));
}

/** The QR code of the group, with its name and passphrase. */
export async function qrOf(device: string, colour: boolean, columns: number | undefined): Promise<string> {
  const { value } = await (await open(device)).execute('qr', []);
  const qr = qrValueOf(value);
  return qr === null ? '' : qrText(qr, colour, columns);
}

/**
 * How phones join, for a person who stands before the box.
 * @param hasCode the QR code stands above; without a group there is none
 */
export function joiningText({ name, admission }: Answers, hasCode: boolean, columns?: number): string {
  const ways = {
    random: ', and type the PIN that hostp2pd shows then (sudo hostp2pd status, or the hook show_pin).',
    button: '. It joins without a PIN.',
  };
  const way = typeof admission === 'string' ? ways[admission] : `, and type the PIN ${admission.pin}.`;
  const rows = [
    ['Android', `Settings, Wi-Fi, Wi-Fi Direct: choose ${name}${way}`],
    ['iPhone', hasCode ? 'Point the camera at the code.' : NO_CODE],
    ['Windows', hasCode ? 'Settings, Network, Wi-Fi: choose the network, and type the passphrase.' : NO_CODE],
  ] as const;
  const indent = 9;
  return rows
    .flatMap(([system, text]) =>
      wrap(text, columns === undefined ? undefined : columns - indent).map(
        (line, place) => (place === 0 ? system : '').padEnd(indent) + line,
      ),
    )
    .join('\n');
}

const NO_CODE = 'While a group is up, "hostp2pd qr" shows its code, name and passphrase.';

interface PhoneWait {
  /** The service, without `.service`. */
  readonly unit: string;
  /** hostp2pd gives phones addresses, so the first phone has to have one. */
  readonly addresses: boolean;
  readonly signal: AbortSignal;
  /** A phone has to type a PIN, and similar. */
  readonly note: (text: string) => void;
}

const JOINED = ['stationConnected', 'stationAddressed'];
/** Events that the person who waits has to know. */
const NOTED = ['pinShown', 'pinWanted', 'enrolmentFailed', 'enrolmentRefused'];

/**
 * Waits until a phone is in the group and, if hostp2pd gives addresses, has one.
 * @returns a sentence about it; null: the wait was ended by its signal
 * @throws {HostP2pError} with the reason, if hostp2pd ends before that
 */
export async function firstPhone(daemon: RemoteTarget, wait: PhoneWait): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const finish = (text: string | null) => {
      stop();
      resolve(text);
    };
    const look = (stations: unknown) => {
      for (const station of stationsOf(stations) ?? [])
        if (station.ip !== null || !wait.addresses) finish(joinedText(station));
    };
    const stop = daemon.follow(({ entry: { event }, text }) => {
      if (JOINED.includes(event.type)) look([event['station']]);
      else if (NOTED.includes(event.type)) wait.note(printable(text));
    });
    // A phone may have joined before the wait began. Earlier events do not show that: it may have left again.
    void presentStations(daemon).then(look);
    void daemon.ended.then((cause) => {
      const fix = `"sudo journalctl -u ${wait.unit}" shows why`;
      reject(
        new HostP2pError(cause.code, `setup: no phone has joined yet: ${cause.message}; ${fix}`, { cause }),
      );
    });
    if (wait.signal.aborted) finish(null);
    wait.signal.addEventListener('abort', () => finish(null), { once: true });
  });
}

/** The stations that are in the group now; none if hostp2pd has ended, because `ended` tells why. */
async function presentStations(daemon: RemoteTarget): Promise<unknown> {
  try {
    return await daemon.get('/v1/stations');
  } catch (error) {
    if (error instanceof HostP2pError) return [];
    throw error;
  }
}

function joinedText({ name, deviceAddress, address, ip }: StationDetail): string {
  const who = printable(name ?? deviceAddress ?? address);
  return `The first phone has joined: ${who}${ip === null ? '' : `, with the address ${ip}`}.`;
}
