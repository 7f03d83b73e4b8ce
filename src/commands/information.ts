import type { ClientView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import { version } from '../system/version.js';
import { EVERYWHERE, output, parseCount, type SessionCommand } from './command.js';
import { lineOf } from './journal.js';
import { nameText } from './station-table.js';
import { detailedStatus } from './status-answer.js';
import { columns, tableLines } from './text-table.js';

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
  summary: 'show the group, how phones join, the stations, the configuration, and what does not work',
  frontends: EVERYWHERE,
  async run(context, _words, options) {
    const { statusScreen } = await import('./status-screen.js');
    const answer = await detailedStatus(context);
    return output(answer, statusScreen(answer, options));
  },
};

const stations: SessionCommand = {
  name: 'stations',
  arguments: [],
  summary: 'list the stations of the group, and the devices seen nearby',
  details:
    'A station is shown by its P2P device address, or by its interface address if it joined with the passphrase. At the prompt, hostp2pd.stations and hostp2pd.peers hold the same.',
  frontends: EVERYWHERE,
  async run({ host }, _words, options) {
    const { stationsScreen } = await import('./stations-screen.js');
    const connected = await host.stationDetails();
    const devices = [...host.peers.values()];
    return output({ stations: connected, devices }, stationsScreen(connected, devices, options));
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
    const lines = journal.last(parseCount('events', word, EVENTS_PRESET)).map(lineOf);
    const value = lines.map(({ entry, text }) => ({ time: entry.time, text, ...entry.event }));
    return output(value, lines.map(({ text }) => text).join('\n'));
  },
};

export const INFORMATION: readonly SessionCommand[] = [showVersion, status, stations, clients, stats, events];
