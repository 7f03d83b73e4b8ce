import { usage } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';
import { SETTINGS } from '../config/schema.js';
import { SEARCH_ORDER } from '../config/source.js';
import { EXIT } from '../daemon/exit.js';
import { HOOK_VARIABLES, HOOKS } from '../hooks/contract.js';
import { ERROR_CODES } from '../system/errors.js';
import { version } from '../system/version.js';
import { wrap } from '../system/wrap.js';
import { placesOf, sentence } from './help.js';
import { COMMAND_OPTIONS, DESCRIPTION, OPTIONS, type OptionSpec } from './options.js';

/**
 * hostp2pd(8) in man(7), made from the tables of options, commands, settings, hooks and errors. `npm run manual` writes
 * the file in packaging/, and a test compares it with this.
 */
export function manualPage(): string {
  return [
    `.TH HOSTP2PD 8 "" "hostp2pd ${version()}" "System Administration"`,
    '.SH NAME',
    'hostp2pd \\- the Wi-Fi Direct session manager',
    '.SH SYNOPSIS',
    ...SYNOPSIS.flatMap((line) => ['.B hostp2pd', roff(line), '.br']).slice(0, -1),
    '.SH DESCRIPTION',
    roff(DESCRIPTION),
    roff(
      'It forms a Wi-Fi Direct group by means of wpa_supplicant, admits phones by PIN or push button, keeps track of the stations, and calls a program on events.',
    ),
    '.PP',
    roff(
      'Without options it shows a prompt. With -b it reads the same commands from standard input; with -d it is a daemon. With a command it has the running daemon carry it out.',
    ),
    '.SH OPTIONS',
    ...terms(optionTerms(OPTIONS)),
    '.SH OPTIONS OF A COMMAND',
    ...terms(optionTerms(COMMAND_OPTIONS)),
    '.SH COMMANDS',
    roff(
      'Commands are given at the prompt, in batch mode, as hostp2pd <command>, and over the control socket, except where noted. A device is given by its P2P device address, or by its name if only one device has it.',
    ),
    ...terms(
      COMMANDS.map((command) => [
        usage(command),
        sentence(command.summary),
        ...(command.details === undefined ? [] : [command.details]),
        ...(command.frontends.length >= 4 ? [] : [`(${placesOf(command).join(', ')})`]),
      ]),
    ),
    '.PP',
    roff(
      'At the prompt and in batch mode, if the session is in the same process, any other line is a JavaScript expression, with the session as hostp2pd.',
    ),
    '.SH CONFIGURATION',
    roff(
      'A YAML file with the section hostp2pd:, or only its keys, and the section logging:. FILES lists where it is searched. The keys of the first section, each with its default:',
    ),
    ...terms(Object.entries<SettingSpec>(SETTINGS).flatMap(([key, spec]) => settingTerms(key, spec))),
    '.SH HOOKS',
    roff(
      'run_program (or -p) names a program that is started, without a shell, with these arguments. An unknown NAME is [unknown]. Calls run one after the other, none longer than hook_timeout_secs.',
    ),
    ...terms(
      Object.entries(HOOKS).map(([name, { arguments: words, when }]) => [
        [name, ...words].join(' '),
        sentence(when),
      ]),
    ),
    '.PP',
    roff('The environment of the program has, as far as each is known:'),
    ...terms(Object.entries(HOOK_VARIABLES).map(([name, { meaning }]) => [name, sentence(meaning)])),
    '.SH SIGNALS',
    roff(
      'SIGHUP reloads the configuration; SIGTERM and SIGINT end the program. The group stays up, unless it is negotiated on demand.',
    ),
    '.SH EXIT STATUS',
    ...terms(EXIT_CODES.map(([code, meaning]) => [String(code), meaning])),
    '.SH ENVIRONMENT',
    ...terms(ENVIRONMENT),
    '.SH FILES',
    ...terms(FILES, 'I'),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([what, ...lines]) => [
      '.PP',
      roff(what),
      '.PP',
      '.nf',
      ...lines.map(escaped),
      '.fi',
    ]),
    '.SH ERRORS',
    ...terms(Object.entries(ERROR_CODES).map(([code, { meaning }]) => [code, sentence(meaning)])),
    '.SH SEE ALSO',
    '.BR wpa_supplicant (8),',
    '.BR wpa_supplicant.conf (5),',
    '.BR iw (8)',
    '',
  ].join('\n');
}

type Term = readonly [name: string, ...paragraphs: readonly string[]];

function terms(list: readonly Term[], font = 'B'): string[] {
  return list.flatMap(([name, ...paragraphs]) => ['.TP', `.${font} ${roff(name)}`, ...paragraphs.map(roff)]);
}

function optionTerms(specs: Readonly<Record<string, OptionSpec>>): Term[] {
  return Object.entries(specs).map(([name, { short, value, help }]) => {
    const forms = short === undefined ? `--${name}` : `-${short}, --${name}`;
    return [value === undefined ? forms : `${forms} ${value}`, sentence(help)];
  });
}

interface SettingSpec {
  readonly default?: unknown;
  /** Nested keys, instead of a value. */
  readonly keys?: Readonly<Record<string, SettingSpec>>;
  readonly nullMeans?: string;
  readonly meaning: string;
}

function settingTerms(key: string, spec: SettingSpec): Term[] {
  if (spec.keys === undefined) return [[key, `${spec.meaning} Default: ${defaultText(spec)}.`]];
  const inner = Object.entries(spec.keys).flatMap(([name, own]) => settingTerms(`${key}.${name}`, own));
  return [[key, spec.meaning], ...inner];
}

function defaultText({ default: value, nullMeans }: SettingSpec): string {
  if (value === '' || value === null) return nullMeans === undefined ? 'none' : `none (${nullMeans})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const EXAMPLES: readonly (readonly [string, ...string[]])[] = [
  [
    'Run in the foreground with the log on the terminal, for a first try:',
    'hostp2pd -c /etc/hostp2pd.yaml -b - -d -v',
  ],
  ['Start as a service, now and at each boot:', 'systemctl enable --now hostp2pd@p2p-dev-wlan0'],
  [
    'Find out what keeps phones from joining, let the next phone join by a new PIN, and show the network as a QR code:',
    'hostp2pd doctor',
    'hostp2pd pair pin',
    'hostp2pd qr',
  ],
  [
    'Carry out commands from a file:',
    'hostp2pd -c /etc/hostp2pd.yaml -b - <<\\eof',
    'stats',
    'wait 60',
    'stations',
    'eof',
  ],
];

const SYNOPSIS = [
  '[-i INTERFACE] [-c FILE] [-p PROGRAM] [-v | -vv]',
  '[-i INTERFACE] [-c FILE] [-p PROGRAM] -b FILE [-d]',
  '[-i INTERFACE] [-c FILE] [-p PROGRAM] -d',
  '[-i INTERFACE] [-c FILE] -t | -r',
  '[-i INTERFACE] <command> [--json]',
];

const ENVIRONMENT = [
  ['HOSTP2PD_CFG', 'The configuration file if -c names none.'],
  ['NO_COLOR', 'If set and not empty: no colours.'],
  ['XDG_RUNTIME_DIR', 'The folder of PID file and control socket for users other than root.'],
  ['HOSTP2PD_RUNTIME_DIR', 'Another folder for PID file and control socket.'],
  [
    'NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID',
    'For notifications to systemd, see sd_notify(3). Hooks do not get these variables.',
  ],
  ['STATE_DIRECTORY', 'The folder of the state file, unless state_folder is set.'],
] as const;

const FILES = [
  [
    'hostp2pd.yaml',
    `The configuration. The first of these that exists is read: ${SEARCH_ORDER.join(', ')}. Without any of them the defaults apply. A file found that way must belong to root or to the user who runs hostp2pd, and must not be writable by others.`,
  ],
  ['/run/hostp2pd/<interface>.sock', 'The control socket: HTTP, for root and the group of wpa_supplicant.'],
  ['/var/run/hostp2pd-<interface>.pid', 'The PID of the daemon, also of one in the foreground.'],
  [
    '/var/lib/hostp2pd',
    'Name and passphrase of the group, and the leases of dnsmasq, unless state_folder is set.',
  ],
  ['/var/log/hostp2pd.log', 'The log, unless the configuration names another file.'],
  ['~/.hostp2pd_history', 'The history of the prompt.'],
] as const;

const EXIT_CODES = [
  [EXIT.ok, 'Ended as asked; the command was carried out; doctor: healthy.'],
  [
    EXIT.failure,
    'The session could not continue; a command was refused, or no daemon is running; doctor: warnings.',
  ],
  [EXIT.usage, 'Unusable arguments or configuration, or a Node.js that is too old; doctor: errors.'],
] as const;

const LINE = 78;

/** A hyphen of ours can be copied from the page, and no line begins with a request of roff. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '\\&...')
    .replace(/^(?=[.'])/gm, '\\&');
}

/** Each sentence begins a new line, because roff sets the space between sentences. */
function roff(text: string): string {
  const lines = text.split(/(?<=\.) (?=[A-Z])/).flatMap((part) => wrap(part, LINE));
  return escaped(lines.join('\n'));
}
