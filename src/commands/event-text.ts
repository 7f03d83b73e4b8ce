import type { EnrolmentView, StationView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import type { JournalEntry, OperatorEvent } from './journal.js';

/** An event in one line for a person: at the prompt, in `events` and in the monitor. */
export function eventText(event: OperatorEvent): string {
  // Names and reasons are received over the air.
  return printable(plainText(event));
}

function plainText(event: OperatorEvent): string {
  switch (event.type) {
    case 'attached':
      return `${event.interface}: attached to wpa_supplicant`;
    case 'detached':
      return `link lost: ${event.reason}`;
    case 'waiting':
      return `waiting: ${event.reason}`;
    case 'groupStarted': {
      const { ssid, frequency } = event.group;
      const channel = frequency === null ? '' : `, ${frequency} MHz`;
      return `group ${event.group.interface} ${event.adopted ? 'adopted' : 'up'}: ${ssid ?? '?'}${channel}`;
    }
    case 'groupRemoved':
      return `group ${event.group.interface} removed: ${event.reason}`;
    case 'groupFailed':
      return `no group: ${event.reason}`;
    case 'peerFound':
      return `device ${device(event.peer)}${event.peer.deviceKind === null ? '' : ` (${event.peer.deviceKind})`}`;
    case 'enrolmentRequested':
      return `${device(event)} asks to join by ${METHODS[event.method]}`;
    case 'enrolmentRefused':
      return `${device(event)} may not join by ${METHODS[event.method]}: ${event.reason}`;
    case 'pinShown':
      return `type this PIN on ${device(event)}: ${event.pin}`;
    case 'pinWanted':
      return `${device(event)} shows a PIN; type it here: pin ${event.deviceAddress} <PIN>`;
    case 'enrolmentArmed':
      return `${event.name ?? event.deviceAddress ?? event.stationAddress ?? 'a device'} can join now`;
    case 'enrolmentFailed':
      return `${event.deviceAddress ?? 'a device'} did not join: ${event.reason}`;
    case 'stationRejected':
      return `${device({ deviceAddress: event.deviceAddress ?? event.address, name: event.name })} was rejected: ${event.reason}`;
    case 'stationConnected':
      return `station ${station(event.station)} connected`;
    case 'stationDisconnected':
      return `station ${station(event.station)} disconnected`;
    case 'stationAddressed':
      return `station ${station(event.station)} has the address ${event.station.ip ?? '?'}`;
    case 'pairingOpened': {
      const { method, pin, deviceAddress, secondsLeft } = event.pairing;
      const how = method === 'pbc' ? 'push button' : `PIN ${pin ?? ''}`;
      return `pairing open for ${secondsLeft} s: ${how}${deviceAddress === null ? '' : `, ${deviceAddress} only`}`;
    }
    case 'pairingClosed':
      return `pairing closed: ${event.reason}`;
    case 'paused':
      return 'paused';
    case 'resumed':
      return 'resumed';
    case 'reloaded':
      return 'configuration reloaded';
    case 'stopped':
      return 'session ended';
  }
}

/** What every entry of a journal has, even one from a process of another version. */
export interface PlainEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
}

/** An event for a program and for a person. */
export interface EventLine {
  readonly entry: PlainEntry;
  readonly text: string;
}

export function lineOf(entry: JournalEntry): EventLine {
  return { entry, text: entryText(entry) };
}

/** With the local time of day in front. */
export function entryText({ time, event }: JournalEntry): string {
  return `${new Date(time).toTimeString().slice(0, 8)} ${eventText(event)}`;
}

const METHODS: Readonly<Record<EnrolmentView['method'], string>> = {
  display: 'PIN',
  keypad: 'a PIN that it shows',
  pbc: 'push button',
};

function device({ deviceAddress, name }: { deviceAddress: string; name: string | null }): string {
  return name === null ? deviceAddress : `${deviceAddress} "${printable(name)}"`;
}

function station({ address, deviceAddress, name }: StationView): string {
  return device({ deviceAddress: deviceAddress ?? address, name });
}
