import { LOG_LEVELS, type LogLevel } from '../logging/logger.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { EVERYWHERE, type SessionCommand } from './command.js';
import { output } from './output.js';
import { deviceLines } from './station-table.js';
import { secondsOf } from './words.js';

/** Commands about the session as a whole. */

const FIND_USUALLY_S = 10;
const FIND_AT_MOST_S = 120;

/** Every word for a level: its name, or the name or number that the original knew. */
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
    'The numbers 50, 40 (error), 30 (warning), 20 (info) and 10 (debug) stand for the same. Holds until the program ends or the configuration is reloaded.',
  faces: EVERYWHERE,
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
      `loglevel: found ${JSON.stringify(word)}, wanted ${LOG_LEVELS.join(', ')}, or 50, 40, 30, 20, 10`,
    );
  }
  return level;
}

const reload: SessionCommand = {
  name: 'reload',
  arguments: [{ name: 'file', optional: true, words: ['reset'], completes: 'file' }],
  summary: "read the configuration again, or another file; wpa_supplicant's own too",
  details:
    '"reload reset" loads the defaults. A file that cannot be used changes nothing, and the former one stays the one that is read next time. A running daemon takes neither from its clients: it reads its own file again. Its configuration is the decision of the user who started it.',
  faces: EVERYWHERE,
  repeatedBy: ['reloaded'],
  async run({ host, reload: reloadFrom }, [file]) {
    // The standard input is the commands', or the terminal's.
    if (file === '-') throw new HostP2pError('USAGE', 'reload: found -, wanted a file, or reset');
    await reloadFrom(file);
    const source = host.configuration?.source;
    const from = source?.kind === 'file' ? source.path : (source?.kind ?? 'defaults');
    return output({ source: from }, `configuration reloaded (${from})`);
  },
};

/**
 * Why a command is refused to another process, whose user may have fewer rights than ours; null where it is allowed. A
 * configuration names programs to run, and holds the PIN and the white list: a client may neither choose another file
 * nor replace the daemon's by the defaults.
 */
export function refusedToOthers(name: string, words: readonly string[]): string | null {
  if (name !== 'reload' || words.length === 0) return null;
  return 'reload: a running daemon only reads its own configuration again; to use another one, or the defaults, restart it';
}

const reset: SessionCommand = {
  name: 'reset',
  arguments: [],
  summary: 'begin the statistics anew',
  faces: EVERYWHERE,
  async run({ host }) {
    host.resetStatistics();
    return output({}, 'statistics reset');
  },
};

const pause: SessionCommand = {
  name: 'pause',
  arguments: [],
  summary: 'let nobody in, form no group and search not, until "resume"; the stations stay',
  faces: EVERYWHERE,
  repeatedBy: ['paused'],
  async run({ host }) {
    await host.pause();
    return output({ paused: true }, 'paused');
  },
};

const resume: SessionCommand = {
  name: 'resume',
  arguments: [],
  summary: 'go on after "pause"; prints the interface in use',
  faces: EVERYWHERE,
  repeatedBy: ['resumed'],
  async run({ host }) {
    await host.resume();
    const name = host.status.interface;
    return output({ paused: false, interface: name }, `going on with ${name ?? 'no interface yet'}`);
  },
};

const group: SessionCommand = {
  name: 'group',
  arguments: [{ name: 'start|stop', words: ['start', 'stop'] }],
  summary: 'form the group now; or remove it, and form none until "group start"',
  faces: EVERYWHERE,
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
  summary: `search for devices for ${FIND_USUALLY_S} s, or so many seconds, and list them`,
  faces: EVERYWHERE,
  async run({ host }, [word], { signal, columns } = {}) {
    const devices = await host.find(secondsOf(word, FIND_USUALLY_S, FIND_AT_MOST_S), signal);
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
    'It goes to the P2P device interface, or behind the word "group" to the group\'s: "wpa STATUS", "wpa group STATUS". It goes past the session, which is not told.',
  faces: EVERYWHERE,
  async run({ host }, words) {
    const [first = '', ...rest] = words;
    const link = first === 'group' || first === 'device' ? first : null;
    const request = (link === null ? words : rest).join(' ');
    const reply = await host.wpa(request, link ?? 'device');
    return output({ reply }, replyText(reply));
  },
};

/** Lists of wpa_supplicant have one line for each entry, with tabs between the fields. */
function replyText(reply: string): string {
  return reply.trimEnd().replace(/[^\n\t]+/g, printable);
}

const quit: SessionCommand = {
  name: 'quit',
  arguments: [],
  summary: 'end the running daemon, as -t does',
  faces: ['shell', 'socket'],
  async run({ quit: end }) {
    end();
    return output({}, 'ending');
  },
};

export const RUNNING: readonly SessionCommand[] = [
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
