import type { NoGroupView, StatusView } from '../host/status.js';
import type { EnrolmentView, PairingView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import { version } from '../system/version.js';
import { EVERYWHERE, type SessionCommand } from './command.js';
import { lineOf } from './event-text.js';
import { columns, facts, output } from './output.js';
import { deviceLines, nameText, stationLines } from './station-table.js';
import { tableLines } from './text-table.js';
import { countOf } from './words.js';

/** Commands that say how things stand and change nothing. */

const EVENTS_USUALLY = 20;
const NO_NAME = '[unknown]';

const showVersion: SessionCommand = {
  name: 'version',
  arguments: [],
  summary: 'print the version',
  faces: EVERYWHERE,
  run: async () => output({ version: version() }, `hostp2pd ${version()}`),
};

const status: SessionCommand = {
  name: 'status',
  arguments: [],
  summary: 'how things stand: interface, group, pairing window, who is coming in',
  faces: EVERYWHERE,
  async run({ host, log }) {
    const view = host.status;
    const stations = host.stations.length;
    return output(
      { ...view, stations, logLevel: log.level, version: version() },
      facts([
        ['interface', view.interface ?? 'not found yet'],
        ['wpa_supplicant', supplicantText(view)],
        ['phase', phaseText(view)],
        ...groupFacts(view),
        ['stations', String(stations)],
        ...addressFacts(view),
        ...view.withoutAddress.map((address) => ['no address', noAddressText(view, address)] as const),
        ...(view.pairing ? [['pairing', pairingText(view.pairing)] as const] : []),
        ...view.enrolling.map((enrolment) => ['coming in', enrolmentText(enrolment)] as const),
      ]),
    );
  },
};

function supplicantText({ attached, eventsHeldBack }: StatusView): string {
  if (!attached) return 'not attached';
  return eventsHeldBack === null
    ? 'attached'
    : printable(`attached, but it holds back its events: ${eventsHeldBack}`);
}

function phaseText({ phase, paused, groupStopped }: StatusView): string {
  const notes = [paused ? 'paused' : '', groupStopped ? 'group stopped' : ''].filter((note) => note !== '');
  return notes.length === 0 ? phase : `${phase} (${notes.join(', ')})`;
}

function groupFacts({ group, noGroup }: StatusView): [string, string][] {
  if (!group) return [['group', noGroupText(noGroup)]];
  const { ssid, frequency, networkId } = group;
  return [
    ['group', group.interface],
    ['SSID', ssid === null ? NO_NAME : printable(ssid)],
    ['frequency', frequency === null ? NO_NAME : `${frequency} MHz`],
    ['profile', networkId === null ? 'none: the group is not persistent' : String(networkId)],
  ];
}

/**
 * `none, next try in 12 s: …`. The time stands in front, for the end of a line may be cut off.
 * @param elapsed seconds since that was true
 */
export function noGroupText(noGroup: Omit<NoGroupView, 'cause'> | null, elapsed = 0): string {
  if (!noGroup) return 'none';
  const { nextTrySeconds, reason } = noGroup;
  const next =
    nextTrySeconds === null ? '' : `, next try in ${Math.max(0, Math.round(nextTrySeconds - elapsed))} s`;
  return `none${next}: ${printable(reason)}`;
}

function noAddressText({ addresses }: StatusView, address: string): string {
  return `${address}: ${addresses ? `not taken from ${addresses.mode}` : 'nobody gives addresses (addressing: none)'}`;
}

function addressFacts({ addresses }: StatusView): [string, string][] {
  if (!addresses) return [];
  const { mode, serving, problem, interface: name, leases } = addresses;
  const standing = serving ? `${mode} on ${name}, leases: ${leases.length}` : (problem ?? `${mode} starts`);
  return [['addresses', printable(standing)]];
}

export function pairingText({ method, pin, deviceAddress, secondsLeft }: PairingView): string {
  const how = method === 'pbc' ? 'push button' : `PIN ${pin ?? ''}`;
  return `${how}, ${deviceAddress ?? 'whoever comes first'}, ${secondsLeft} s left`;
}

export function enrolmentText({ deviceAddress, name, method, pin }: EnrolmentView): string {
  const how = {
    display: pin === null ? 'its user types the PIN' : `type ${pin} on it`,
    keypad: `it shows a PIN: pin ${deviceAddress} <PIN>`,
    pbc: 'push button',
  }[method];
  return `${deviceAddress} ${nameText(name)}: ${how}`;
}

const stations: SessionCommand = {
  name: 'stations',
  arguments: [],
  summary: 'the stations on the group, and the devices that were seen around',
  details:
    'A station is told by its P2P device address, or by its interface address where it came by passphrase. At the prompt, hostp2pd.stations and hostp2pd.peers hold the same.',
  faces: EVERYWHERE,
  async run({ host }, _words, { columns: room } = {}) {
    const connected = await host.stationDetails();
    const devices = [...host.peers.values()];
    return output(
      { stations: connected, devices },
      [
        ...(connected.length === 0
          ? ['Stations on the group: none']
          : stationLines(connected, { title: `Stations: ${connected.length}`, room })),
        '',
        ...(devices.length === 0 ? ['Devices seen: none'] : deviceLines(devices, 'Devices seen', room)),
      ].join('\n'),
    );
  },
};

const clients: SessionCommand = {
  name: 'clients',
  arguments: [],
  summary: 'phones that have joined the persistent group once and come back without a PIN',
  faces: EVERYWHERE,
  async run({ host }, _words, { columns: room } = {}) {
    const known = await host.clients();
    const lines = tableLines(
      known,
      { title: 'Client', cell: ({ name }) => nameText(name) },
      [
        { title: 'Address', side: 'left', width: 17, spare: 1, cell: ({ deviceAddress }) => deviceAddress },
        {
          title: 'State',
          side: 'left',
          width: 9,
          spare: 2,
          cell: ({ connected }) => (connected ? 'connected' : '-'),
        },
      ],
      room,
    );
    return output(known, known.length === 0 ? 'none' : lines.join('\n'));
  },
};

const stats: SessionCommand = {
  name: 'stats',
  arguments: [],
  summary: 'print execution statistics',
  details: 'At the prompt, hostp2pd.statistics holds the same.',
  faces: EVERYWHERE,
  async run({ host }) {
    const { events, ...counters } = host.statistics;
    const labelled: Readonly<Record<keyof typeof counters, string>> = {
      requests: 'requests to wpa_supplicant',
      requestsFailed: 'refused or unanswered',
      hooks: 'hooks called',
      groupsStarted: 'groups started',
      stationsConnected: 'stations connected',
      enrolmentsRequested: 'phones that asked to join',
      enrolmentsFailed: 'that did not get in',
      linkLosses: 'losses of wpa_supplicant',
    };
    const labels: ReadonlyMap<string, string> = new Map(Object.entries(labelled));
    const rows = Object.entries(counters).map(([key, count]) => [
      String(count).padStart(8),
      labels.get(key) ?? key,
    ]);
    const byName = Object.entries(events).toSorted(([a], [b]) => a.localeCompare(b));
    return output(
      host.statistics,
      [
        columns(rows, ''),
        'Events of wpa_supplicant:',
        byName.length === 0
          ? '    none'
          : columns(
              byName.map(([name, count]) => [String(count).padStart(8), printable(name)]),
              '',
            ),
      ].join('\n'),
    );
  },
};

const events: SessionCommand = {
  name: 'events',
  arguments: [{ name: 'n', optional: true, completes: 'text' }],
  summary: `the last ${EVENTS_USUALLY}, or n, events`,
  details:
    'At the prompt, "events off" and "events on" stop and resume showing events as they come. In a shell, "hostp2pd events -f" prints the last ones and then follows.',
  faces: EVERYWHERE,
  async run({ journal }, [word]) {
    const lines = journal.last(countOf(word, EVENTS_USUALLY)).map(lineOf);
    const value = lines.map(({ entry, text }) => ({ time: entry.time, text, ...entry.event }));
    return output(value, lines.map(({ text }) => text).join('\n'));
  },
};

export const INFORMATION: readonly SessionCommand[] = [showVersion, status, stations, clients, stats, events];
