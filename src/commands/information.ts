import type { InternetView, StatusView } from '../host/status.js';
import type { ClientView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import { version } from '../system/version.js';
import { EVERYWHERE, output, parseCount, type SessionCommand } from './command.js';
import { lineOf } from './journal.js';
import { deviceLines, nameText, stationLines } from './station-table.js';
import {
  enrolmentText,
  frequencyText,
  noGroupText,
  pairingText,
  phaseText,
  problemText,
  ssidText,
} from './status-text.js';
import { columns, facts, tableLines } from './text-table.js';

/** Commands that only show something. */

const EVENTS_PRESET = 20;

const showVersion: SessionCommand = {
  name: 'version',
  arguments: [],
  summary: 'print the version',
  frontends: EVERYWHERE,
  run: async () => output({ version: version() }, `hostp2pd ${version()}`),
};

const status: SessionCommand = {
  name: 'status',
  arguments: [],
  summary: 'show the state of the interface, the group, the pairing window and the joining devices',
  frontends: EVERYWHERE,
  async run({ host, log }) {
    const view = host.status;
    const stations = host.stations.length;
    return output(
      { ...view, stations, logLevel: log.level, version: version() },
      facts([
        ['interface', view.interface ?? 'not found yet'],
        ['wpa_supplicant', view.attached ? 'attached' : 'not attached'],
        ['phase', phaseText(view)],
        ...groupFacts(view),
        ['stations', String(stations)],
        ...addressFacts(view),
        ...(view.pairing ? [['pairing', pairingText(view.pairing)] as const] : []),
        ...view.enrolling.map((enrolment) => ['joining', enrolmentText(enrolment)] as const),
        ...(view.recording === null ? [] : [['recording', printable(view.recording)] as const]),
        ...view.problems.map((problem) => ['problem', problemText(problem)] as const),
      ]),
    );
  },
};

function groupFacts({ group, noGroup }: StatusView): [string, string][] {
  if (!group) return [['group', noGroupText(noGroup)]];
  const { networkId } = group;
  return [
    ['group', group.interface],
    ['SSID', ssidText(group)],
    ['frequency', frequencyText(group.frequency)],
    ['network id', networkId === null ? 'none, the group is not persistent' : `${networkId} (persistent)`],
  ];
}

function addressFacts({ addresses, withoutAddress }: StatusView): [string, string][] {
  const unserved = addresses ? `got no address from ${addresses.mode}` : 'has no address (addressing: none)';
  const stations = withoutAddress.map((address): [string, string] => [
    'no address',
    `${address} ${unserved}`,
  ]);
  if (!addresses) return stations;
  const { mode, serving, problem, interface: name, leases, internet } = addresses;
  const starting = problem === null ? `${mode} is starting` : `${mode} does not run`;
  const state = serving ? `${mode} on ${name}, leases: ${leases.length}` : starting;
  const shared =
    internet === null ? [] : [['internet', printable(internetText(internet))] as [string, string]];
  return [['addresses', printable(state)], ...shared, ...stations];
}

function internetText({ uplink, problem }: InternetView): string {
  if (uplink === null) return problem === null ? 'about to be shared' : `not shared: ${problem}`;
  return problem === null ? `shared over ${uplink}` : `shared over ${uplink}, but ${problem}`;
}

const stations: SessionCommand = {
  name: 'stations',
  arguments: [],
  summary: 'list the stations of the group, and the devices seen nearby',
  details:
    'A station is shown by its P2P device address, or by its interface address if it joined with the passphrase. At the prompt, hostp2pd.stations and hostp2pd.peers hold the same.',
  frontends: EVERYWHERE,
  async run({ host }, _words, { columns: room } = {}) {
    const connected = await host.stationDetails();
    const devices = [...host.peers.values()];
    return output(
      { stations: connected, devices },
      [
        ...(connected.length === 0
          ? ['Stations: none']
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
  summary: 'list the phones of the persistent group, which reconnect without a PIN',
  frontends: EVERYWHERE,
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
    return output(known, known.length === 0 ? 'none' : [...lines, ...namesakesNote(known)].join('\n'));
  },
};

/** A phone that has forgotten the group comes back with another device address, and only its name is the same. */
export function namesakesNote(known: readonly ClientView[]): string[] {
  const names = known.flatMap(({ name }) => name ?? []);
  const twice = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map(nameText);
  if (twice.length === 0) return [];
  return [
    '',
    `Several addresses: ${twice.join(', ')}. They are several phones, or one that forgot the group and has a new address.`,
    'Its old address can be removed with "forget".',
  ];
}

const stats: SessionCommand = {
  name: 'stats',
  arguments: [],
  summary: 'print execution statistics',
  details: 'At the prompt, hostp2pd.statistics holds the same.',
  frontends: EVERYWHERE,
  async run({ host }) {
    const { events, ...counters } = host.statistics;
    const labelled: Readonly<Record<keyof typeof counters, string>> = {
      requests: 'requests to wpa_supplicant',
      requestsFailed: 'requests refused or unanswered',
      hooks: 'hooks called',
      groupsStarted: 'groups started',
      stationsConnected: 'stations connected',
      enrolmentsRequested: 'requests to join',
      enrolmentsFailed: 'failed to join',
      linkLosses: 'lost connections to wpa_supplicant',
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
  summary: `print the last ${EVENTS_PRESET}, or n, events`,
  details:
    'At the prompt, "events off" and "events on" stop and resume the display of new events. In a shell, "hostp2pd events -f" prints the last ones and then follows.',
  frontends: EVERYWHERE,
  async run({ journal }, [word]) {
    const lines = journal.last(parseCount(word, EVENTS_PRESET)).map(lineOf);
    const value = lines.map(({ entry, text }) => ({ time: entry.time, text, ...entry.event }));
    return output(value, lines.map(({ text }) => text).join('\n'));
  },
};

export const INFORMATION: readonly SessionCommand[] = [showVersion, status, stations, clients, stats, events];
