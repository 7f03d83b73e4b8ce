import { type ChildProcess, spawn } from 'node:child_process';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AddressRequest, AddressServer, ServerParts } from './address-server.js';
import { dnsmasqArguments, leaseFileArgument } from './dnsmasq-arguments.js';
import { parseDnsmasqLeases } from './dnsmasq-leases.js';
import { assignAddress, removeAddress } from './own-address.js';
import { endLeftOver } from './own-processes.js';
import { rivalOf } from './rival.js';
import { notInstalled, systemEnvironment } from './run-command.js';

const START_LIMIT_MS = 10_000;
/** From SIGTERM to SIGKILL. */
const TERM_MS = 2_000;

/** Our own dnsmasq on the group's interface, which we give its address. */
export class Dnsmasq implements AddressServer {
  readonly #request: AddressRequest;
  readonly #parts: ServerParts;
  readonly #leaseFile: string;
  #child: ChildProcess | null = null;
  #watcher: FSWatcher | null = null;
  #stopping = false;
  #lastWords = '';

  constructor(request: AddressRequest, parts: ServerParts) {
    this.#request = request;
    this.#parts = parts;
    this.#leaseFile = join(parts.stateFolder, `${request.owner}.leases`);
  }

  async start(): Promise<void> {
    const { interface: name, plan } = this.#request;
    const rival = rivalOf(name, plan.subnet);
    if (rival !== null)
      throw new Error(`its network is that of ${rival} already; set group_address to another`);
    await mkdir(this.#parts.stateFolder, { recursive: true, mode: 0o700 });
    await endLeftOver('dnsmasq', leaseFileArgument(this.#leaseFile));
    await assignAddress(name, plan.subnet);
    await this.#spawn();
    this.#watcher = watch(this.#leaseFile, () => this.#read());
    this.#watcher.on('error', () => this.#watcher?.close());
    this.#read();
  }

  /** The book tells by itself. */
  expectLease(): void {}

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#watcher?.close();
    await this.#end();
    await removeAddress(this.#request.interface, this.#request.plan.subnet);
  }

  #spawn(): Promise<void> {
    const args = dnsmasqArguments(this.#request, this.#leaseFile);
    const child = spawn('dnsmasq', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: systemEnvironment(),
      cwd: '/',
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let started = false;
      const overdue = setTimeout(() => reject(new Error('dnsmasq does not start')), START_LIMIT_MS);
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.#parts.logger.log('debug', line);
        this.#lastWords = line;
        if (started || !/^dnsmasq(?:\[\d+\])?: started\b/.test(line)) return;
        started = true;
        clearTimeout(overdue);
        resolve();
      });
      child.on('error', (error) => {
        clearTimeout(overdue);
        const missing = 'code' in error && error.code === 'ENOENT';
        reject(missing ? new Error(notInstalled('dnsmasq', 'dnsmasq-base'), { cause: error }) : error);
      });
      // After the last of its output.
      child.on('close', (code, signal) => {
        clearTimeout(overdue);
        const reason = `dnsmasq has ended (${signal ?? `code ${code}`}): ${this.#lastWords.trim()}`;
        if (!started) reject(new Error(reason));
        else if (!this.#stopping) this.#parts.onEnd(reason);
      });
    });
  }

  #read(): void {
    try {
      this.#parts.onLeases(parseDnsmasqLeases(readFileSync(this.#leaseFile, 'utf8'), Date.now()));
    } catch {
      // Taken away by somebody; dnsmasq goes on with what it has in memory.
    }
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), TERM_MS);
    await ended;
    clearTimeout(impatience);
  }
}
