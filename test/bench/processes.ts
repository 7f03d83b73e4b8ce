import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Programs } from './programs.js';
import '../fakes/state-folder.js';

const COUNTING_HOST = fileURLToPath(new URL('./counting-host.js', import.meta.url));
const NODE_CLIENT = fileURLToPath(new URL('./node-client.js', import.meta.url));
const ANSWER_LIMIT_MS = 120_000;
const END_LIMIT_MS = 5_000;

/** Processes that still run; they are killed at exit. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

const ORIGINAL_CONFIG = `
hostp2pd:
  pin: "12345670"
logging:
  version: 1
  formatters: { plain: { format: "%(message)s" } }
  handlers: { console: { class: logging.StreamHandler, level: WARNING, formatter: plain } }
  root: { level: WARNING, handlers: [console] }
`;

/** Of fake-supplicant.c. */
export type EventKind = 'probe' | 'found' | 'scan' | 'station';

type Pipes = 'ignore' | 'pipe' | 'ipc' | number;

/** A child process, ended when it goes out of scope. */
export class Child implements AsyncDisposable {
  /** On the monotonic clock, before the process was created. */
  readonly startedAt: bigint;
  readonly process: ChildProcess;
  /** Resolves to the time at which it had ended. */
  readonly exited: Promise<bigint>;

  constructor(
    command: string,
    args: readonly string[],
    stdio: readonly Pipes[] = ['ignore', 'ignore'],
    env: NodeJS.ProcessEnv = {},
  ) {
    this.startedAt = process.hrtime.bigint();
    this.process = spawn(command, args, { stdio: [...stdio, 'inherit'], env: { ...process.env, ...env } });
    alive.add(this.process);
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('exit', () => {
        alive.delete(this.process);
        resolve(process.hrtime.bigint());
      });
    });
    this.exited.catch(() => {});
  }

  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error(`${this.process.spawnfile} was not started`);
    return pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGTERM');
    const late = setTimeout(() => this.process.kill('SIGKILL'), END_LIMIT_MS);
    await this.exited.catch(() => {});
    clearTimeout(late);
  }
}

/** How long a process ran. */
export async function milliseconds(child: Child): Promise<number> {
  return Number((await child.exited) - child.startedAt) / 1e6;
}

export function bareNode(script: string): Child {
  return new Child(process.execPath, ['-e', script]);
}

/** The fake control interface, in a folder of its own, and the programs that connect to it. */
export class Fake implements AsyncDisposable {
  readonly #programs: Programs;
  readonly #folder: string;
  readonly #child: Child;
  readonly #lines = new Map<string, string>();
  readonly #waiters = new Map<string, { resolve(rest: string): void; reject(error: Error): void }>();

  private constructor(programs: Programs, folder: string) {
    this.#programs = programs;
    this.#folder = folder;
    this.#child = new Child(programs.fake, [this.#control], ['pipe', 'pipe']);
    const { stdout } = this.#child.process;
    if (stdout) createInterface(stdout).on('line', (line) => this.#take(line));
    this.#child.exited.then(() => this.#fail('fake-supplicant has ended')).catch(() => {});
  }

  static async start(programs: Programs, parent: string): Promise<Fake> {
    const fake = new Fake(programs, mkdtempSync(join(parent, 'run-')));
    await fake.said('ready');
    return fake;
  }

  get #control(): string {
    return join(this.#folder, 'ctrl');
  }

  get #log(): string {
    return join(this.#folder, 'log');
  }

  /** If it ends early, nothing waits for it any longer. */
  #watched(client: Child): Child {
    const what = client.process.spawnargs.slice(0, 2).join(' ');
    client.exited.then(
      () => this.#fail(`${what} ended with ${client.process.exitCode ?? client.process.signalCode}`),
      (error: unknown) => this.#fail(String(error)),
    );
    return client;
  }

  /** Starts hostp2pd as the service of the Debian package does: log to the standard output, none on disk. */
  daemon({ recorded = false } = {}): Child {
    const config = join(this.#folder, 'hostp2pd.yaml');
    const lines = [
      'hostp2pd:',
      `  ctrl_interface: ${this.#control}`,
      ...(recorded ? [`  record: ${join(this.#folder, 'record.jsonl')}`] : []),
      'logging:',
      '  level: info',
      '  file: null',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
    const args = ['-i', 'p2p-dev-wlan0', '-b', '-', '-d', '-c', config];
    const log = openSync(this.#log, 'a');
    // Parts that run side by side use the same interface name, as on different machines.
    const own = { HOSTP2PD_RUNTIME_DIR: this.#folder };
    const daemon = new Child(process.execPath, [this.#programs.hostp2pd, ...args], ['ignore', log], own);
    closeSync(log);
    return this.#watched(daemon);
  }

  /** The program as an operator calls it, for the daemon of this fake. */
  operator(...args: readonly string[]): Child {
    const words = [this.#programs.hostp2pd, ...args, '-i', 'p2p-dev-wlan0'];
    const own = { HOSTP2PD_RUNTIME_DIR: this.#folder };
    return new Child(process.execPath, words, ['ignore', 'ignore'], own);
  }

  /** The control socket of the daemon. */
  get controlSocket(): string {
    return join(this.#folder, 'p2p-dev-wlan0.sock');
  }

  /** What such a command prints. */
  async operatorOutput(...args: readonly string[]): Promise<string> {
    const words = [this.#programs.hostp2pd, ...args, '-i', 'p2p-dev-wlan0'];
    const child = new Child(process.execPath, words, ['ignore', 'pipe'], {
      HOSTP2PD_RUNTIME_DIR: this.#folder,
    });
    return child.process.stdout ? text(child.process.stdout) : '';
  }

  bareClient(): Child {
    const own = join(this.#folder, 'own');
    mkdirSync(own);
    return this.#watched(new Child(this.#programs.bareClient, [this.#control, own]));
  }

  /** The same in JavaScript. */
  nodeClient(): Child {
    const own = join(this.#folder, 'own');
    mkdirSync(own);
    return this.#watched(new Child(process.execPath, [NODE_CLIENT, this.#control, own]));
  }

  /** wpa_cli with a script that answers each station that connects. */
  wpaCliScript(): Child {
    const answer = `wpa_cli -p ${this.#control} -i "$1" wps_pin "$3" 12345670`;
    const script = this.#script('answer', `[ "$2" = AP-STA-CONNECTED ] && exec ${answer}`);
    return new Child('wpa_cli', ['-p', this.#control, '-i', 'p2p-wlan0-0', '-a', script]);
  }

  /** The Python program, with the log at the level of warnings. It starts wpa_cli without the folder of this fake. */
  pythonOriginal(python: string, checkout: string): Child {
    this.#script('wpa_cli', `PATH=$HOSTP2PD_BENCH_PATH exec wpa_cli -p ${this.#control} "$@"`);
    const config = join(this.#folder, 'original.yaml');
    writeFileSync(config, ORIGINAL_CONFIG);
    const { PATH = '' } = process.env;
    return new Child(
      python,
      ['-m', 'hostp2pd', '-i', 'p2p-dev-wlan0', '-c', config, '-d', '-b', '-'],
      ['ignore', 'ignore'],
      {
        PATH: `${this.#folder}:${PATH}`,
        HOSTP2PD_BENCH_PATH: PATH,
        PYTHONPATH: checkout,
        PYTHONDONTWRITEBYTECODE: '1',
        // Elsewhere readline writes control sequences into its prompt, which the original takes for a part of the line.
        TERM: 'dumb',
      },
    );
  }

  /** The library in a process that reports its own counters. */
  countingHost(): Child {
    const args = [COUNTING_HOST, this.#programs.entryPoint, this.#control];
    return this.#watched(new Child(process.execPath, args, ['ignore', 'ignore', 'ipc']));
  }

  #script(name: string, line: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    return path;
  }

  /** The rest of the line that begins with that word; waits for the line if it has not come yet. */
  async said(word: string, limitMs = 20_000): Promise<string> {
    const known = this.#lines.get(word);
    if (known !== undefined) return known;
    let late: NodeJS.Timeout | undefined;
    const line = new Promise<string>((resolve, reject) => {
      this.#waiters.set(word, { resolve, reject });
      late = setTimeout(() => this.#fail(`no "${word}" within ${limitMs / 1000} s`), limitMs);
    });
    return line.finally(() => clearTimeout(late));
  }

  /** When the first request of that kind came, on the monotonic clock. */
  async time(word: 'attach' | 'group-add' | 'group-attach'): Promise<bigint> {
    return BigInt(await this.said(word));
  }

  /** Waits until the program is attached to the group and what follows (the log, the first search) is done. */
  async settled(ms = 1_500): Promise<void> {
    await this.said('group-attach');
    await pause(ms);
  }

  /** Latencies from the sign of an enrollee to WPS_PIN, in microseconds; `pauseMs` between one and the next. */
  async reactions(
    count: number,
    addresses: number,
    pauseMs: number,
    sign: 'pin' | 'enrollee' | 'station' = 'pin',
  ): Promise<number[]> {
    const line = await this.#ask('reactions', `react ${sign} ${count} ${addresses} ${pauseMs * 1000}`);
    return line.split(' ').map((ns) => Number(ns) / 1000);
  }

  /** Floods with events and waits until the last one is handled. `peers`: from how many devices they come. */
  async flood(kind: EventKind, count: number, peers: number): Promise<Flood> {
    const line = await this.#ask('flood', `flood ${kind} ${count} ${peers}`);
    const [sent = 0, lost = 0, ns = 0] = line.split(' ').map(Number);
    return { sent, lost, seconds: ns / 1e9 };
  }

  /**
   * Sends events as wpa_supplicant does, which does not wait for the receiver: one in `paceUs` at most.
   * @returns how many were lost
   */
  async burst(kind: EventKind, count: number, peers: number, paceUs: number): Promise<number> {
    const line = await this.#ask('burst', `burst ${kind} ${count} ${peers} ${paceUs * 1000}`);
    return Number(line.split(' ')[1]);
  }

  /** So many stations are in the group, the new ones connect. */
  async stations(count: number): Promise<void> {
    await this.#ask('stations', `stations ${count}`);
  }

  /** Requests since the last count. */
  async count(): Promise<{ requests: number; pings: number }> {
    const [requests = 0, pings = 0] = (await this.#ask('count', 'count')).split(' ').map(Number);
    return { requests, pings };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiters.clear();
    await this.#child[Symbol.asyncDispose]();
  }

  async #ask(answer: string, command: string): Promise<string> {
    this.#lines.delete(answer);
    this.#child.process.stdin?.write(`${command}\n`);
    return this.said(answer, ANSWER_LIMIT_MS);
  }

  #logged(): string {
    try {
      return readFileSync(this.#log, 'utf8').slice(-2_000) || '(empty)';
    } catch {
      return '(none)';
    }
  }

  #take(line: string): void {
    const [word = '', ...rest] = line.split(' ');
    const said = rest.join(' ');
    if (word === 'error') return this.#fail(said);
    this.#lines.set(word, said);
    this.#waiters.get(word)?.resolve(said);
    this.#waiters.delete(word);
  }

  #fail(reason: string): void {
    const error = new Error(`${reason}\nThe log of hostp2pd:\n${this.#logged()}`);
    for (const { reject } of this.#waiters.values()) reject(error);
    this.#waiters.clear();
  }
}

interface Flood {
  readonly sent: number;
  readonly lost: number;
  readonly seconds: number;
}

/** The number of events that the counting host has handled, by name. */
export async function countedBy(host: Child): Promise<Readonly<Record<string, number>>> {
  const answer = once(host.process, 'message');
  host.process.send('count');
  const [counts]: Readonly<Record<string, number>>[] = await answer;
  return counts ?? {};
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
