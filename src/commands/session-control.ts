import { LOG_LEVELS, type LogLevel } from '../logging/logger.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { inQuotes } from '../system/values.js';
import { EVERYWHERE, output, parseSeconds, type SessionCommand } from './command.js';
import { deviceLines } from './station-table.js';

/** Commands that control the session as a whole. */

const FIND_SECONDS = 10;
const FIND_MOST_SECONDS = 120;

/** The words for a level: its name, and the name and the numbers that the original hostp2pd accepted. */
const LEVEL_WORDS: ReadonlyMap<string, LogLevel> = new Map([
  ...LOG_LEVELS.map((level) => [level, level] as const),
  ['critical', 'error'],
  ['50', 'error'],
  ['40', 'error'],
  ['30', 'warning'],
  ['20', 'info'],
  ['10', 'debug'],
]);

const loglevel: SessionCommand = {
  name: 'loglevel',
  arguments: [{ name: 'level', optional: true, words: LOG_LEVELS, completes: 'text' }],
  summary: 'print or set the level of the log: error, warning, info or debug',
  details:
    'The numbers 50, 40 (error), 30 (warning), 20 (info) and 10 (debug) mean the same. The level holds until the program ends or the configuration is reloaded.',
  frontends: EVERYWHERE,
  async run({ log }, [word]) {
    if (word !== undefined) log.setLevel(levelOf(word));
    return output({ level: log.level }, `log level: ${log.level}`);
  },
};

function levelOf(word: string): LogLevel {
  const level = LEVEL_WORDS.get(word.toLowerCase());
  if (level === undefined) {
    throw new HostP2pError(
      'USAGE',
      `loglevel: expected ${LOG_LEVELS.join(', ')}, or 50, 40, 30, 20, 10, got ${inQuotes(word)}`,
    );
  }
  return level;
}

const reload: SessionCommand = {
  name: 'reload',
  arguments: [{ name: 'file', optional: true, words: ['reset'], completes: 'file' }],
  summary: "read the configuration again, or another file; wpa_supplicant's too",
  details:
    '"reload reset" loads the defaults. A file that cannot be used changes nothing, and the next "reload" reads the former file. A running daemon accepts neither from its clients and only reads its own file again: the user who started it decides on its configuration.',
  frontends: EVERYWHERE,
  repeatedBy: ['reloaded'],
  async run({ host, reload: reloadFrom }, [file]) {
    // Standard input holds the commands, or is the terminal.
    if (file === '-') throw new HostP2pError('USAGE', 'reload: expected a file or "reset", got -');
    await reloadFrom(file);
    const source = host.configuration?.source;
    const from = source?.kind === 'file' ? source.path : (source?.kind ?? 'defaults');
    return output({ source: from }, `configuration reloaded (${from})`);
  },
};

/**
 * Why a command is refused to another process, whose user may have fewer rights than ours; null where it is allowed. A
 * configuration names programs to run, and holds the PIN and the white list: a client may neither choose another file
 * nor load the defaults.
 */
export function refusedToOthers(name: string, words: readonly string[]): string | null {
  if (name !== 'reload' || words.length === 0) return null;
  return 'reload: a running daemon only reads its own configuration again; restart it to use another one, or the defaults';
}

const reset: SessionCommand = {
  name: 'reset',
  arguments: [],
  summary: 'set the statistics to zero',
  frontends: EVERYWHERE,
  async run({ host }) {
    host.resetStatistics();
    return output({}, 'statistics reset');
  },
};

const pause: SessionCommand = {
  name: 'pause',
  arguments: [],
  summary: 'admit no one, form no group and stop searching, until "resume"; stations stay connected',
  frontends: EVERYWHERE,
  repeatedBy: ['paused'],
  async run({ host }) {
    await host.pause();
    return output({ paused: true }, 'paused');
  },
};

const resume: SessionCommand = {
  name: 'resume',
  arguments: [],
  summary: 'continue after "pause", and print the interface in use',
  frontends: EVERYWHERE,
  repeatedBy: ['resumed'],
  async run({ host }) {
    await host.resume();
    const name = host.status.interface;
    return output({ paused: false, interface: name }, `resumed on ${name ?? 'no interface yet'}`);
  },
};

const group: SessionCommand = {
  name: 'group',
  arguments: [{ name: 'start|stop', words: ['start', 'stop'] }],
  summary: 'form the group now; or remove it and form none until "group start"',
  frontends: EVERYWHERE,
  repeatedBy: ['groupStarted', 'groupRemoved'],
  async run({ host }, [word], { signal } = {}) {
    if (word === 'start') await host.startGroup(signal);
    else await host.stopGroup(signal);
    const view = host.status.group;
    return output({ group: view }, view ? `group ${view.interface} is up: ${view.ssid ?? '?'}` : 'no group');
  },
};

const find: SessionCommand = {
  name: 'find',
  arguments: [{ name: 'seconds', optional: true, completes: 'text' }],
  summary: `search for devices for ${FIND_SECONDS} s, or the given seconds, and list them`,
  frontends: EVERYWHERE,
  async run({ host }, [word], { signal, columns } = {}) {
    const devices = await host.find(parseSeconds('find', word, FIND_SECONDS, FIND_MOST_SECONDS), signal);
    return output(
      devices,
      devices.length === 0 ? 'no device found' : deviceLines(devices, 'Device', columns).join('\n'),
    );
  },
};

const wpa: SessionCommand = {
  name: 'wpa',
  arguments: [{ name: 'request', rest: true, words: ['device', 'group'], completes: 'text' }],
  summary: "send a request of wpa_supplicant's control interface and print the reply",
  details:
    'It goes to the P2P device interface, or with the word "group" in front to the interface of the group: "wpa STATUS", "wpa group STATUS". The session does not see it.',
  frontends: EVERYWHERE,
  async run({ host }, words) {
    const [first = '', ...rest] = words;
    const link = first === 'group' || first === 'device' ? first : null;
    const request = (link === null ? words : rest).join(' ');
    const reply = await host.wpa(request, link ?? 'device');
    return output({ reply }, replyText(reply));
  },
};

/** Lists of wpa_supplicant have a line per entry, with tabs between the fields: both are kept. */
function replyText(reply: string): string {
  return reply.trimEnd().replace(/[^\n\t]+/g, printable);
}

const quit: SessionCommand = {
  name: 'quit',
  arguments: [],
  summary: 'end the running daemon, like -t',
  frontends: ['shell', 'socket'],
  async run({ quit: end }) {
    end();
    return output({}, 'ending');
  },
};

export const SESSION_CONTROL: readonly SessionCommand[] = [
  loglevel,
  reload,
  reset,
  pause,
  resume,
  group,
  find,
  wpa,
  quit,
];
