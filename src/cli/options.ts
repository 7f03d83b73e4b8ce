/** The command-line options. The parser, the help, the completion and the man page are made from these tables. */
export interface OptionSpec {
  readonly short?: string;
  readonly type: 'boolean' | 'string';
  /** The name of the value in the help. */
  readonly value?: string;
  readonly help: string;
  /** The only commands that take it; undefined: all. */
  readonly command?: string | readonly string[];
}

export const OPTIONS = {
  help: { short: 'h', type: 'boolean', help: 'show this help and exit' },
  version: { short: 'V', type: 'boolean', help: 'print the version and exit' },
  verbosity: {
    short: 'v',
    type: 'boolean',
    help: 'print the log; -vv: with debug messages',
  },
  debug: { type: 'boolean', help: 'print the log with debug messages; same as -vv' },
  terminate: { short: 't', type: 'boolean', help: 'terminate a running daemon (SIGTERM)' },
  reload: {
    short: 'r',
    type: 'boolean',
    help: 'have a running daemon reload its configuration, and wait for the result',
  },
  config: {
    short: 'c',
    type: 'string',
    value: 'FILE',
    help: 'configuration file; - reads standard input',
  },
  daemon: {
    short: 'd',
    type: 'boolean',
    help: 'run as a daemon; with -b stay in the foreground and read no commands',
  },
  batch: {
    short: 'b',
    type: 'string',
    value: 'FILE',
    help: 'read commands from standard input, write the log and their output to FILE; - is standard output',
  },
  interface: {
    short: 'i',
    type: 'string',
    value: 'INTERFACE',
    help: 'P2P device interface, such as p2p-dev-wlan0',
  },
  run_program: {
    short: 'p',
    type: 'string',
    value: 'PROGRAM',
    help: 'program to run on events; - means none',
  },
  record: {
    type: 'string',
    value: 'FILE',
    help: 'record the session in FILE, without secrets, for hostp2pd replay',
  },
  'refuse-default-pin': {
    type: 'boolean',
    help: 'do not run with the PIN 00000000, which everybody knows; the systemd units use this option',
  },
  json: { type: 'boolean', help: 'with a command: print the result as JSON' },
} as const satisfies Record<string, OptionSpec>;

/** Options of `hostp2pd <command>`, after the command. */
export const COMMAND_OPTIONS = {
  help: { short: 'h', type: 'boolean', help: 'explain the command and exit' },
  json: { type: 'boolean', help: 'print the result as JSON' },
  follow: {
    short: 'f',
    type: 'boolean',
    help: 'with events: continue with new events until Ctrl-C',
    command: 'events',
  },
  all: {
    type: 'boolean',
    help: 'with doctor: list the checks that find nothing as well',
    command: 'doctor',
  },
  fix: {
    type: 'boolean',
    help: 'with doctor: carry out the fixes that are safe, one question each, and examine again; names of checks may follow',
    command: 'doctor',
  },
  svg: {
    type: 'string',
    value: 'FILE',
    help: 'with qr: write the code to FILE as SVG; - is standard output',
    command: 'qr',
  },
  png: {
    type: 'string',
    value: 'FILE',
    help: 'with qr: write the code to FILE as PNG; - is standard output',
    command: 'qr',
  },
  format: {
    type: 'string',
    value: 'FORM',
    help: 'with handover: json, the default, wifi, qr or ndef',
    command: 'handover',
  },
  as: {
    type: 'string',
    value: 'FORM',
    help: 'with replay: show the recording as timeline or svg',
    command: 'replay',
  },
  from: {
    type: 'string',
    value: 'SECONDS',
    help: 'with replay --as: from that time of the recording on',
    command: 'replay',
  },
  to: {
    type: 'string',
    value: 'SECONDS',
    help: 'with replay --as: up to that time of the recording',
    command: 'replay',
  },
  yes: {
    short: 'y',
    type: 'boolean',
    help: 'with setup: ask nothing, and take the recommended answers where no option gives one; with doctor --fix: ask nothing',
    command: ['setup', 'doctor'],
  },
  'dry-run': {
    type: 'boolean',
    help: 'with setup: show what it would change, and change nothing',
    command: 'setup',
  },
  undo: {
    type: 'boolean',
    help: 'with setup: put back everything that setup has changed',
    command: 'setup',
  },
  name: {
    type: 'string',
    value: 'NAME',
    help: 'with setup: the name of the box in the lists of phones; default: the host name',
    command: 'setup',
  },
  admission: {
    type: 'string',
    value: 'WAY',
    help: 'with setup: random (a new PIN for each phone, the default), pin or button',
    command: 'setup',
  },
  pin: {
    type: 'string',
    value: 'PIN',
    help: 'with setup: a fixed PIN of 8 digits, for --admission pin',
    command: 'setup',
  },
  addresses: {
    type: 'string',
    value: 'yes|no',
    help: 'with setup: whether phones get IP addresses; default: yes',
    command: 'setup',
  },
  'share-internet': {
    type: 'string',
    value: 'INTERFACE',
    help: 'with setup: let phones use the internet connection of this machine, through INTERFACE or auto; default: off',
    command: 'setup',
  },
  country: {
    type: 'string',
    value: 'CC',
    help: 'with setup: your country as two letters, such as DE; needed if none is known',
    command: 'setup',
  },
  wait: {
    type: 'boolean',
    help: 'with setup --yes: wait until the first phone is on and has an address',
    command: 'setup',
  },
  listen: {
    type: 'string',
    value: 'ADDRESS',
    help: 'with panel: IP address to listen at, with or without :PORT; default 127.0.0.1:8649',
    command: 'panel',
  },
  'token-file': {
    type: 'string',
    value: 'FILE',
    help: 'with panel: file with the token of operators; made if it is missing',
    command: 'panel',
  },
  private: {
    type: 'boolean',
    help: 'with panel: show nothing without the token',
    command: 'panel',
  },
  interface: {
    short: 'i',
    type: 'string',
    value: 'INTERFACE',
    help: 'the interface of the daemon; not needed if only one runs',
  },
  config: {
    short: 'c',
    type: 'string',
    value: 'FILE',
    help: 'with doctor and report: the configuration file to examine',
  },
} as const satisfies Record<string, OptionSpec>;

export const DESCRIPTION = 'The Wi-Fi Direct session manager: a group owner that phones join.';

/** Whether the command takes the option. */
export function goesWith({ command }: OptionSpec, name: string): boolean {
  return command === undefined || [command].flat().includes(name);
}
