import type { EnrolmentView, StationView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import type { OperatorEvent, SessionEventOf } from './public-event.js';

/** An event in one sentence for a person: in the log, at the prompt, in `events` and in the monitor. */
export function eventText(event: OperatorEvent): string {
  // Names and reasons are received over the air.
  return printable(plainText(event));
}

function plainText(event: OperatorEvent): string {
  switch (event.type) {
    case 'attached':
      return `${event.interface}: attached to wpa_supplicant`;
    case 'detached':
      return `the link to wpa_supplicant is lost: ${event.reason}`;
    case 'waiting':
      return `${event.reason}; waiting`;
    case 'groupStarted': {
      const { ssid, frequency } = event.group;
      const channel = frequency === null ? '' : ` at ${frequency} MHz`;
      return `${event.group.interface}: group "${ssid ?? '?'}"${channel} is ${event.adopted ? 'already up' : 'up'}`;
    }
    case 'groupRemoved':
      return `${event.group.interface}: group "${event.group.ssid ?? '?'}" has ended (${event.reason})`;
    case 'groupFailed':
      return event.reason;
    case 'peerFound':
      return `device ${device(event.peer)}${event.peer.deviceKind === null ? '' : ` (${event.peer.deviceKind})`}`;
    case 'enrolmentRequested':
      return `${device(event)} asks to join by ${METHODS[event.method]}`;
    case 'enrolmentRefused':
      return `${device(event)} may not join by ${METHODS[event.method]}: ${event.reason}`;
    case 'pinShown':
      return `PIN for ${device(event)}: ${event.pin}`;
    case 'pinWanted':
      return (
        `${device(event)} shows a PIN: type it with "hostp2pd pin ${event.deviceAddress} <PIN>", or at the prompt with ` +
        `"pin ${event.deviceAddress} <PIN>"`
      );
    case 'enrolmentArmed':
      return armed(event);
    case 'enrolmentFailed':
      return `${event.deviceAddress === null ? 'a device' : device(event)} did not join: ${event.reason}`;
    case 'stationRejected':
      return `${station(event)} was rejected: ${event.reason}`;
    case 'stationConnected':
      return `${event.group.interface}: station connected: ${station(event.station)}`;
    case 'stationDisconnected':
      return `${event.group.interface}: station disconnected: ${station(event.station)}`;
    case 'stationAddressed':
      return `${event.group.interface}: ${station(event.station)} has the address ${addresses(event.station)}`;
    case 'pairingOpened': {
      // Without the PIN: others may read the log. The command that opens pairing prints it.
      const { method, deviceAddress, secondsLeft } = event.pairing;
      const who = deviceAddress ?? 'any device';
      return `pairing open for ${secondsLeft} s: ${who}, by ${method === 'pbc' ? 'push button' : 'PIN'}`;
    }
    case 'pairingClosed':
      return `pairing closed: ${CLOSED[event.reason]}`;
    case 'paused':
      return 'paused by an operator';
    case 'resumed':
      return 'resumed by an operator';
    case 'reloaded':
      return 'configuration reloaded';
    case 'stopped':
      return 'session ended';
  }
}

function armed({ stationAddress, deviceAddress, name }: SessionEventOf<'enrolmentArmed'>): string {
  if (deviceAddress === null) return `PIN armed for ${stationAddress ?? 'any device'}`;
  const who = device({ deviceAddress, name });
  return stationAddress === null
    ? `push button open for ${who}`
    : `PIN armed for ${who}, seen as ${stationAddress}`;
}

export const METHODS: Readonly<Record<EnrolmentView['method'], string>> = {
  display: 'PIN',
  keypad: 'a PIN that it shows',
  pbc: 'push button',
};

const CLOSED: Readonly<Record<SessionEventOf<'pairingClosed'>['reason'], string>> = {
  joined: 'a device has joined',
  timeout: 'timed out',
  stopped: 'closed by operator',
  failed: 'no device can join now',
};

function addresses({ ip, ipv6 }: StationView): string {
  return [ip, ipv6].filter((address) => address !== null).join(' and ');
}

interface Device {
  readonly deviceAddress: string | null;
  readonly name?: string | null;
}

function device({ deviceAddress, name }: Device): string {
  return name ? `${deviceAddress} "${printable(name)}"` : `${deviceAddress}`;
}

function station({
  address,
  deviceAddress,
  name,
}: Pick<StationView, 'address' | 'deviceAddress' | 'name'>): string {
  return device({ deviceAddress: deviceAddress ?? address, name });
}
