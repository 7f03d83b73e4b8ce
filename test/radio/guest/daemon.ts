import type { HookLog } from './hook-log.js';
import type { Lab } from './lab.js';
import type { Program } from './program.js';

/** Not one that everybody tries first, which is a warning. */
export const PIN = '52107733';
export const DEVICE = 'p2p-dev-wlan0';
export const GROUP = 'p2p-wlan0-0';

interface DaemonOptions {
  readonly hook?: HookLog;
  /** Further lines of the `hostp2pd:` section. */
  readonly settings?: readonly string[];
  readonly args?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts hostp2pd in the foreground, logging everything to its standard output. */
export function startHostP2pD(lab: Lab, options: DaemonOptions = {}): Program {
  const { settings = [] } = options;
  const usual = [`  state_folder: ${lab.scratch}/state`, `  pin: "${PIN}"`];
  const lines = [
    'logging:',
    '  file: null',
    'hostp2pd:',
    ...usual.filter((line) => !settings.some((other) => other.startsWith(line.split(':', 1)[0] ?? ''))),
    ...settings,
  ];
  const config = lab.file('hostp2pd.yaml', `${lines.join('\n')}\n`, 0o600);
  const hook = options.hook ? ['-p', options.hook.script] : [];
  return lab.startDaemon({
    name: 'hostp2pd',
    args: ['-b', '-', '-d', '-vv', '-c', config, ...hook, ...(options.args ?? [])],
    ...(options.env && { env: options.env }),
  });
}

const GROUP_UP = /^\S+ info \S+: group .* is (?:already )?up/;

/** Waits until the log reports a group. */
export async function groupIsUp(daemon: Program, seconds = 30, mark = 0): Promise<void> {
  await daemon.waitOutput(GROUP_UP, seconds, mark);
}

/** The time of the first log line that matches, in milliseconds. (The log is opened after its first lines were written.) */
export function loggedAt(daemon: Program, pattern: RegExp): number {
  const line = daemon.output.find(({ text }) => pattern.test(text));
  if (!line) throw new Error(`no line ${pattern} in the log`);
  return Date.parse(line.text.split(' ', 1)[0] ?? '');
}
