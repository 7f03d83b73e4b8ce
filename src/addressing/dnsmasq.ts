import { type ChildProcess, spawn } from 'node:child_process';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { codeOf } from '../system/errors.js';
import { notInstalled, programEnvironment } from '../system/programs.js';
import type { AddressRequest, AddressServer, ServerParts } from './address-server.js';
import { dnsmasqArguments } from './dnsmasq-arguments.js';
import { parseDnsmasqLeases } from './dnsmasq-leases.js';
import { endOldDnsmasq, removeOldNetworkFile } from './left-over.js';
import { OwnAddress } from './own-address.js';
import { leaseFile } from './places.js';
import { refuseRival } from './rival.js';

const START_LIMIT_MS = 10_000;
/** From SIGTERM to SIGKILL. */
const TERM_MS = 2_000;
/** dnsmasq empties its book before it writes it anew (lease.c): it is read when that is over. */
const WRITTEN_MS = 100;

/** Our own dnsmasq on the group's interface, which we give its address. */
export class Dnsmasq implements AddressServer {
  readonly #request: AddressRequest;
  readonly #parts: ServerParts;
  readonly #leaseFile: string;
  readonly #address: OwnAddress;
  #child: ChildProcess | null = null;
  #watcher: FSWatcher | null = null;
  #written: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(request: AddressRequest, parts: ServerParts) {
    this.#request = request;
    this.#parts = parts;
    this.#leaseFile = leaseFile(parts.stateFolder, request.owner);
    this.#address = new OwnAddress(request);
  }

  async start(): Promise<void> {
    const { interface: name, owner, plan } = this.#request;
    // Before the first phone comes: what it left here when it was last here is not its address now.
    this.#read();
    refuseRival(name, plan.subnet);
    await mkdir(this.#parts.stateFolder, { recursive: true, mode: 0o700 });
    await endOldDnsmasq(this.#parts.stateFolder, owner);
    await removeOldNetworkFile(owner);
    await this.#address.assign();
    await this.#spawn();
    this.#watcher = watch(this.#leaseFile, () => this.#readSoon());
    this.#watcher.on('error', () => this.#watcher?.close());
    this.#readSoon();
  }

  /** The book tells by itself. */
  expectLease(): void {}

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#watcher?.close();
    clearTimeout(this.#written);
    await this.#end();
    await this.#address.remove();
  }

  #spawn(): Promise<void> {
    const args = dnsmasqArguments(this.#request, this.#leaseFile);
    const child = spawn('dnsmasq', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: programEnvironment(),
      cwd: '/',
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let started = false;
      let lastWords = '';
      const overdue = setTimeout(() => reject(new Error('dnsmasq does not start')), START_LIMIT_MS);
      const settle = (failure: Error | null): void => {
        clearTimeout(overdue);
        if (failure) reject(failure);
        else resolve();
      };
      child.on('error', (error) => {
        const missing = codeOf(error) === 'ENOENT';
        settle(missing ? new Error(notInstalled('dnsmasq', 'dnsmasq-base'), { cause: error }) : error);
      });
      // After the last of its output.
      child.on('close', (code, signal) => {
        const reason = `dnsmasq has ended (${signal ?? `code ${code}`}): ${explainEnd(lastWords.trim(), this.#request.announceRouter)}`;
        if (!started) settle(new Error(reason));
        else if (!this.#stopping) this.#parts.onEnd(reason);
      });
      // Without a process there may be no stream either, whatever the types say.
      if (!child.stderr) return;
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.#parts.logger.log('debug', line);
        lastWords = line;
        if (started || !/^dnsmasq(?:\[\d+\])?: started\b/.test(line)) return;
        started = true;
        settle(null);
      });
    });
  }

  #readSoon(): void {
    clearTimeout(this.#written);
    this.#written = setTimeout(() => this.#read(), WRITTEN_MS);
  }

  #read(): void {
    try {
      this.#parts.onLeases(parseDnsmasqLeases(readFileSync(this.#leaseFile, 'utf8'), Date.now()));
    } catch {
      // Not there yet, or taken away by somebody: dnsmasq goes on with what it has in memory.
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

/**
 * Why dnsmasq has ended, with the fix where there is one.
 * @param words the last line that it has written
 * @param resolves it is to resolve names too: only then it can meet a resolver
 */
export function explainEnd(words: string, resolves: boolean): string {
  if (!/Address already in use/.test(words)) return words;
  if (/DHCP server socket/.test(words))
    return `${words}; another DHCP server has UDP port 67 for all interfaces: where that is dnsmasq, write bind-dynamic into its configuration`;
  if (!resolves) return words;
  return `${words}; another resolver has port 53 on all interfaces: bind-interfaces in its configuration, or announce_router: false`;
}
