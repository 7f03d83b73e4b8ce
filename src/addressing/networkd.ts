import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../system/errors.js';
import { runProgram } from '../system/programs.js';
import type { AddressRequest, AddressServer, ServerParts } from './address-server.js';
import { endOldDnsmasq } from './left-over.js';
import { networkFileText } from './network-file.js';
import { hasAddress, isThere, subnetText } from './network-interface.js';
import { parseNetworkdLeases } from './networkd-leases.js';
import { OwnAddress } from './own-address.js';
import { NETWORK_FOLDER, networkFile } from './places.js';
import { refuseRival } from './rival.js';

const START_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** A phone asks within a second or two; one that does not may have been given an address by hand. */
const LOOKS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const LATER_MS = 60_000;

/** Has systemd-networkd serve the group's interface: it needs to run, and to be told. */
export class Networkd implements AddressServer {
  readonly #request: AddressRequest;
  readonly #parts: ServerParts;
  readonly #file: string;
  readonly #address: OwnAddress;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  /** Looks of a station that came earlier make way for those of the next. */
  #round = 0;
  #told = '';

  constructor(request: AddressRequest, parts: ServerParts) {
    this.#request = request;
    this.#parts = parts;
    this.#file = networkFile(request.owner);
    this.#address = new OwnAddress(request);
  }

  async start(): Promise<void> {
    const { interface: name, group, owner, plan } = this.#request;
    // It would take the place of what the bridge's own file says, and with it the machine's way to elsewhere.
    if (name !== group)
      throw new Error(
        `${group} belongs to the bridge ${name}, which systemd-networkd has instructions for already: put DHCPServer=yes into those, and set addressing to none; or to dnsmasq`,
      );
    refuseRival(name, plan.subnet);
    await endOldDnsmasq(this.#parts.stateFolder, owner);
    // networkd reads it as a user of its own, and a daemon's umask would shut it.
    if ((await mkdir(NETWORK_FOLDER, { recursive: true })) !== undefined) await chmod(NETWORK_FOLDER, 0o755);
    await writeFile(this.#file, networkFileText(name, this.#request));
    await chmod(this.#file, 0o644);
    this.#address.given();
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
    this.#lookAfter(0, ++this.#round);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await rm(this.#file, { force: true }).catch(() => {});
    await this.#reload().catch(() => {});
    // It leaves what it has given.
    await this.#address.remove();
  }

  async #reload(): Promise<void> {
    try {
      await runProgram('networkctl', ['reload'], { debianPackage: 'systemd' });
    } catch (error) {
      throw new Error(`systemd-networkd cannot be told: ${messageOf(error)}; does it run?`, { cause: error });
    }
  }

  /** It tells of leases only when asked: often at first, for a station has just come, and then now and again. */
  #lookAfter(tries: number, round: number): void {
    if (this.#stopping || round !== this.#round) return;
    clearTimeout(this.#timer);
    const ms = LOOKS_MS[tries] ?? LATER_MS;
    this.#timer = setTimeout(() => void this.#look().then(() => this.#lookAfter(tries + 1, round)), ms);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    try {
      const link = `/org/freedesktop/network1/link/${objectName(String(this.#request.index))}`;
      const property = ['org.freedesktop.network1', link, 'org.freedesktop.network1.DHCPServer', 'Leases'];
      const json = await runProgram('busctl', ['--json=short', 'get-property', ...property], {
        debianPackage: 'systemd',
      });
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
