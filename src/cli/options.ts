/** Every command-line option, once: the parser and the help follow this table. */
export interface OptionSpec {
  readonly short?: string;
  readonly type: 'boolean' | 'string';
  readonly help: string;
  /** True where the mode behind the option comes with a later version. */
  readonly later?: true;
}

export const OPTIONS = {
  help: { short: 'h', type: 'boolean', help: 'show this help and exit' },
  version: { short: 'V', type: 'boolean', help: 'print the version and exit' },
  verbosity: {
    short: 'v',
    type: 'boolean',
    help: 'print the log; -vv prints debugging too',
  },
  debug: { type: 'boolean', help: 'print debugging too; the same as -vv' },
  terminate: { short: 't', type: 'boolean', later: true, help: 'terminate a running daemon (SIGTERM)' },
  reload: { short: 'r', type: 'boolean', later: true, help: 'reload the configuration of a daemon (SIGHUP)' },
  config: { short: 'c', type: 'string', help: 'configuration file; - reads standard input' },
  daemon: { short: 'd', type: 'boolean', help: 'with -b: read no commands' },
  batch: {
    short: 'b',
    type: 'string',
    help: 'run in the foreground and log to FILE; - is standard output',
  },
  interface: {
    short: 'i',
    type: 'string',
    help: 'P2P device interface, such as p2p-dev-wlan0',
  },
  run_program: {
    short: 'p',
    type: 'string',
    help: 'program to run at events; - means none',
  },
} as const satisfies Record<string, OptionSpec>;

export const DESCRIPTION = 'The Wi-Fi Direct session manager: a group owner that phones join.';
