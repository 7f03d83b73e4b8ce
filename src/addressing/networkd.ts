import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { AddressRequest, AddressServer, ServerParts } from './address-server.js';
import { networkFileText } from './network-file.js';
import { hasAddress, indexOf, isThere, subnetText } from './network-interface.js';
import { parseNetworkdLeases } from './networkd-leases.js';
import { removeAddress } from './own-address.js';
import { runCommand } from './run-command.js';

/** Runtime configuration: gone with the next start of the machine. After 10-… to 50-… of other programs. */
const FOLDER = '/run/systemd/network';
const START_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** A phone asks within a second or two; one that does not may have been given an address by hand. */
const LOOKS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Has systemd-networkd serve the group's interface: it needs to run, and to be told. */
export class Networkd implements AddressServer {
  readonly #request: AddressRequest;
  readonly #parts: ServerParts;
  readonly #file: string;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #told = '';

  constructor(request: AddressRequest, parts: ServerParts) {
    this.#request = request;
    this.#parts = parts;
    this.#file = join(FOLDER, `60-hostp2pd-${request.owner}.network`);
  }

  async start(): Promise<void> {
    const { interface: name, plan } = this.#request;
    // networkd reads it as a user of its own, and a daemon's umask would shut it.
    if ((await mkdir(FOLDER, { recursive: true })) !== undefined) await chmod(FOLDER, 0o755);
    await writeFile(this.#file, networkFileText(name, this.#request));
    await chmod(this.#file, 0o644);
    await this.#reload();
    const until = performance.now() + START_LIMIT_MS;
    while (!hasAddress(name, plan.subnet)) {
      if (this.#stopping) return;
      if (!isThere(name)) throw new Error('the interface has gone');
      if (performance.now() > until) {
        throw new Error(
          `systemd-networkd does not give it ${subnetText(plan.subnet)}; another .network file that comes before ` +
            `${this.#file} may match it: networkctl status ${name}`,
        );
      }
      await pause(POLL_MS);
    }
    await this.#look();
  }

  expectLease(): void {
    this.#lookAfter(0);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await rm(this.#file, { force: true }).catch(() => {});
    await this.#reload().catch(() => {});
    // It leaves what it has given.
    await removeAddress(this.#request.interface, this.#request.plan.subnet);
  }

  async #reload(): Promise<void> {
    try {
      await runCommand('networkctl', ['reload'], 'systemd');
    } catch (error) {
      throw new Error(`systemd-networkd cannot be told: ${messageOf(error)}; does it run?`, { cause: error });
    }
  }

  /** It tells of leases only when asked, so it is asked for a while after a station has come. */
  #lookAfter(tries: number): void {
    clearTimeout(this.#timer);
    const ms = LOOKS_MS[tries];
    if (ms === undefined || this.#stopping) return;
    this.#timer = setTimeout(() => void this.#look().then(() => this.#lookAfter(tries + 1)), ms);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    try {
      const link = `/org/freedesktop/network1/link/${objectName(String(indexOf(this.#request.interface)))}`;
      const property = ['org.freedesktop.network1', link, 'org.freedesktop.network1.DHCPServer', 'Leases'];
      const json = await runCommand('busctl', ['--json=short', 'get-property', ...property], 'systemd');
      if (!this.#stopping) this.#parts.onLeases(parseNetworkdLeases(json, endOf));
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.#told && !this.#stopping)
        this.#parts.logger.log('warning', `the leases of systemd-networkd are not known: ${reason}`);
      this.#told = reason;
    }
  }
}

/** A label of a D-Bus object path: a digit at its beginning is written as its code (sd_bus_path_encode(3)). */
function objectName(text: string): string {
  return text.replace(/^\d/, (digit) => `_${digit.charCodeAt(0).toString(16)}`);
}

/** networkd counts from the start of the machine. */
function endOf(microseconds: number): number {
  return Math.round(Date.now() + microseconds / 1000 - uptimeMs());
}

function uptimeMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
