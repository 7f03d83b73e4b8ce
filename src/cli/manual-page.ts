import { usage } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';
import { SETTINGS } from '../config/schema.js';
import { SEARCH_ORDER } from '../config/source.js';
import { EXIT } from '../daemon/exit.js';
import { HOOK_VARIABLES, HOOKS } from '../hooks/contract.js';
import { ERROR_CODES } from '../system/errors.js';
import { version } from '../system/version.js';
import { placesOf, sentence } from './help.js';
import { COMMAND_OPTIONS, DESCRIPTION, OPTIONS, type OptionSpec } from './options.js';

/**
 * hostp2pd(8) in man(7), made from the tables of options, commands, settings and exit codes. The file in packaging/ is
 * written with `npm run manual`, and a test holds it against this.
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
      'It forms a Wi-Fi Direct group with the help of wpa_supplicant, lets phones in by PIN or push button, keeps count of the stations, and calls a program when something happens.',
    ),
    '.PP',
    roff(
      'Without options it shows a prompt. With -b it reads the same commands from standard input, with -d it is a daemon. With a command it has a running daemon carry it out.',
    ),
    '.SH OPTIONS',
    ...options(OPTIONS),
    '.SH OPTIONS BEHIND A COMMAND',
    ...options(COMMAND_OPTIONS),
    '.SH COMMANDS',
    roff(
      'At the prompt, in batch mode, as hostp2pd <command>, and over the control socket; what is missing somewhere says so. A device is given by its P2P device address, or by its name where one is called that.',
    ),
    ...COMMANDS.flatMap((command) => [
      '.TP',
      `.B ${roff(usage(command))}`,
      roff(sentence(command.summary)),
      ...(command.details === undefined ? [] : [roff(command.details)]),
      ...(command.frontends.length >= 4 ? [] : [roff(`(${placesOf(command).join(', ')})`)]),
    ]),
    '.PP',
    roff(
      'At the prompt of a session of its own, and in batch mode, any other line is a JavaScript expression with hostp2pd, the session, in scope.',
    ),
    '.SH CONFIGURATION',
    roff(
      'A YAML file with the section hostp2pd:, or just its keys, and the section logging:. See FILES for where it is looked for. The keys of the first, each with its default:',
    ),
    ...Object.entries<SettingSpec>(SETTINGS).flatMap(([key, spec]) => setting(key, spec)),
    '.SH HOOKS',
    roff(
      'run_program (or -p) names a program that is started, without a shell, with these arguments. An unknown NAME is [unknown]. Calls run one after the other, none longer than hook_timeout_secs.',
    ),
    ...Object.entries(HOOKS).flatMap(([name, { arguments: words, when }]) => [
      '.TP',
      `.B ${roff([name, ...words].join(' '))}`,
      roff(sentence(when)),
    ]),
    '.PP',
    roff('The environment of the program holds, as far as each is known:'),
    ...Object.entries(HOOK_VARIABLES).flatMap(([name, { meaning }]) => [
      '.TP',
      `.B ${roff(name)}`,
      roff(sentence(meaning)),
    ]),
    '.SH SIGNALS',
    roff(
      'SIGHUP reloads the configuration; SIGTERM and SIGINT end the program. The group stays up, unless it is negotiated on demand.',
    ),
    '.SH EXIT STATUS',
    ...(['ok', 'failure', 'usage'] as const).flatMap((name) => [
      '.TP',
      `.B ${EXIT[name]}`,
      roff(EXIT_MEANINGS[name]),
    ]),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, meaning]) => ['.TP', `.B ${roff(name)}`, roff(meaning)]),
    '.SH FILES',
    ...FILES.flatMap(([name, meaning]) => ['.TP', `.I ${roff(name)}`, roff(meaning)]),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([what, ...lines]) => [
      '.PP',
      roff(what),
      '.PP',
      '.nf',
      ...lines.map(roffLine),
      '.fi',
    ]),
    '.SH ERRORS',
    ...Object.entries(ERROR_CODES).flatMap(([code, { meaning }]) => [
      '.TP',
      `.B ${roff(code)}`,
      roff(sentence(meaning)),
    ]),
    '.SH SEE ALSO',
    '.BR wpa_supplicant (8),',
    '.BR wpa_supplicant.conf (5),',
    '.BR iw (8)',
    '',
  ].join('\n');
}

interface SettingSpec {
  readonly default?: unknown;
  /** Keys of its own, instead of a value. */
  readonly keys?: Readonly<Record<string, SettingSpec>>;
  readonly nullMeans?: string;
  readonly meaning: string;
}

function setting(key: string, spec: SettingSpec): string[] {
  const text = spec.keys === undefined ? `${spec.meaning} Default: ${defaultText(spec)}.` : spec.meaning;
  const inner = Object.entries(spec.keys ?? {});
  return [
    '.TP',
    `.B ${roff(key)}`,
    roff(text),
    ...inner.flatMap(([name, own]) => setting(`${key}.${name}`, own)),
  ];
}

function defaultText({ default: value, nullMeans }: SettingSpec): string {
  if (value === '' || value === null) return nullMeans === undefined ? 'none' : `none (${nullMeans})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const EXAMPLES: readonly (readonly [string, ...string[]])[] = [
  [
    'Run in the foreground with the log on the terminal, to see whether it works:',
    'hostp2pd -c /etc/hostp2pd.yaml -b - -d -v',
  ],
  ['Start as a service, now and at each boot:', 'systemctl enable --now hostp2pd@p2p-dev-wlan0'],
  [
    'Find out what keeps phones from joining, let the next phone in by a fresh PIN, and show the network as a QR code:',
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
  ['HOSTP2PD_CFG', 'The configuration file where -c names none.'],
  ['NO_COLOR', 'Set and not empty: no colours.'],
  ['XDG_RUNTIME_DIR', 'Where PID file and control socket are for users other than root.'],
  ['HOSTP2PD_RUNTIME_DIR', 'Puts PID file and control socket into this folder.'],
  [
    'NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID',
    'The service manager is told how it stands, as sd_notify(3) has it. Hooks do not get them.',
  ],
  ['STATE_DIRECTORY', 'Where the state file is kept, unless state_folder says so.'],
] as const;

const FILES = [
  [
    'hostp2pd.yaml',
    `The configuration. The first of these that is there is read: ${SEARCH_ORDER.join(', ')}. Without any of them the defaults hold. One that is only found must belong to root or the user who runs hostp2pd, and others may not change it.`,
  ],
  ['/run/hostp2pd/<interface>.sock', 'The control socket: HTTP, for root and the group of wpa_supplicant.'],
  ['/var/run/hostp2pd-<interface>.pid', 'The PID of the daemon, also of one in the foreground.'],
  [
    '/var/lib/hostp2pd',
    'Name and passphrase of the group, and the leases of dnsmasq, unless state_folder says otherwise.',
  ],
  ['/var/log/hostp2pd.log', 'The log, unless the configuration says otherwise.'],
  ['~/.hostp2pd_history', 'The history of the prompt.'],
] as const;

function options(specs: Readonly<Record<string, OptionSpec>>): string[] {
  return Object.entries(specs).flatMap(([name, { short, value, help }]) => {
    const forms = [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
    return [
      '.TP',
      `.B ${roff(forms.join(', '))}${value === undefined ? '' : ` ${roff(value)}`}`,
      roff(sentence(help)),
    ];
  });
}

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'Ended as asked; the command was carried out; doctor: healthy.',
  failure:
    'The session could not continue; a command was refused, or no daemon is running; doctor: warnings.',
  usage: 'Unusable arguments or configuration; doctor: errors.',
};

const LINE = 78;

/** A line that is shown as it stands. */
function roffLine(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

/** Text as roff wants it: a hyphen of ours is one that can be copied, and no line begins with a request. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '\\&...');
  const lines: string[] = [];
  // A new sentence begins a new line: roff sets the space behind it.
  for (const part of escaped.split(/(?<=\.) (?=[A-Z])/)) {
    let line = '';
    for (const word of part.split(' ')) {
      if (line !== '' && line.length + word.length >= LINE) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines.map((line) => line.replace(/^(?=[.'])/, '\\&')).join('\n');
}
