import { execFile } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { askControl } from '../host/ask-control.js';
import { eventsHeldBack } from '../host/control-clients.js';
import { messageOf } from '../system/errors.js';
import { loadAddon } from '../wpa/unix-datagram.js';

/** Where the facts come from; tests plant their own. */
export interface Sources {
  /** Stands in front of every path that is looked at: /proc, /sys, /run, /etc … */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly user: { readonly uid: number; readonly groups: readonly number[] };
  readonly nodeVersion: string;
  readonly addonProblem: string | null;
  readonly run: RunCommand;
  readonly ask: typeof askControl;
  readonly heldBack: typeof eventsHeldBack;
  /** The addresses of the kernel's interfaces. */
  readonly networks: typeof networkInterfaces;
}

/** What became of a program that was to tell something. */
export type CommandOutcome = { readonly output: string } | { readonly failure: string };

/** Runs a program that only reads; never rejects. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<CommandOutcome>;

export function systemSources(): Sources {
  return {
    root: '/',
    environment: process.env,
    user: {
      uid: process.geteuid?.() ?? -1,
      groups: [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])],
    },
    nodeVersion: process.versions.node,
    addonProblem: addonProblem(),
    run: runCommand,
    ask: askControl,
    heldBack: eventsHeldBack,
    networks: networkInterfaces,
  };
}

function addonProblem(): string | null {
  try {
    loadAddon();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

const COMMAND_LIMIT_MS = 5_000;
/** `iw list` writes some 20 kB for each radio. */
const MAX_OUTPUT_BYTES = 4_194_304;

const runCommand: RunCommand = (command, args) =>
  new Promise((resolve) => {
    // The folders of iw are not in the PATH of everybody who may run it.
    const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
    const options = {
      env: { ...process.env, PATH: path, LC_ALL: 'C' },
      timeout: COMMAND_LIMIT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
    } as const;
    execFile(command, args, options, (error, output) => {
      if (!error) resolve({ output });
      else if (error.code === 'ENOENT') resolve({ failure: `${command} is not installed` });
      else if (error.killed)
        resolve({ failure: `${command} did not end within ${COMMAND_LIMIT_MS / 1000} s` });
      else resolve({ failure: `"${[command, ...args].join(' ')}" failed` });
    });
  });
