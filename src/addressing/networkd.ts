import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { bounds } from '../config/ipv4.js';
import { messageOf } from '../system/errors.js';
import { runProgram } from '../system/programs.js';
import { isRecord } from '../system/values.js';
import type { AddressRequest, AddressServer, Lease, Leases, ServerParts } from './address-server.js';
import { endOldDnsmasq, NETWORK_FOLDER, networkFile } from './left-over.js';
import { expectNoOverlap, hasAddress, isThere, subnetText } from './network-interface.js';
import { networkdLink } from './networkd-link.js';
import { expectNoOtherServer } from './other-servers.js';

const START_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** Pauses before the leases are read: a phone asks within a second or two, unless it has a static address. */
const LOOKS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const LATER_MS = 60_000;

/** Makes systemd-networkd, which must be running, serve the interface of the group. */
export class Networkd implements AddressServer {
  readonly #request: AddressRequest;
  readonly #parts: ServerParts;
  readonly #file: string;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  /** The number of the last series of looks: a new station starts the next one. */
  #round = 0;
  #lastProblem = '';

  constructor(request: AddressRequest, parts: ServerParts) {
    this.#request = request;
    this.#parts = parts;
    this.#file = networkFile(request.owner);
  }

  async start(): Promise<void> {
    const { interface: name, group, owner, plan } = this.#request;
    // Our file would replace the one of the bridge, and with it the network connection of the machine.
    if (name !== group) {
      const fix = 'put DHCPServer=yes into the .network file of the bridge and set addressing to none';
      throw new Error(
        `${group} belongs to the bridge ${name}, which systemd-networkd configures already: ${fix}`,
      );
    }
    expectNoOverlap(name, plan.subnet);
    await endOldDnsmasq(this.#parts.stateFolder, owner);
    await expectNoOtherServer(this.#request, this.#parts.address);
    // networkd reads it as another user, and the umask of a daemon would keep it out.
    if ((await mkdir(NETWORK_FOLDER, { recursive: true })) !== undefined) await chmod(NETWORK_FOLDER, 0o755);
    await writeFile(this.#file, networkFileText(name, this.#request));
    await chmod(this.#file, 0o644);
    await this.#parts.address.willBeAssigned();
    await this.#reload();
    const until = performance.now() + START_LIMIT_MS;
    while (!(hasAddress(name, plan.subnet) && (await this.#isUsed()))) {
      if (this.#stopping) return;
      if (!isThere(name)) throw new Error('the interface has been removed');
      if (performance.now() > until) {
        throw new Error(
          `systemd-networkd does not assign ${subnetText(plan.subnet)} to it; perhaps another .network file matches it ` +
            `before ${this.#file}: see networkctl status ${name}`,
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
  }

  async #reload(): Promise<void> {
    try {
      await runProgram('networkctl', ['reload'], { debianPackage: 'systemd' });
    } catch (error) {
      throw new Error(`systemd-networkd cannot be reloaded: ${messageOf(error)}; is it running?`, {
        cause: error,
      });
    }
  }

  /** The address alone can be left over. Without a note of networkd it is all that can be known. */
  async #isUsed(): Promise<boolean> {
    const { index } = this.#request;
    const link = index === null ? null : await networkdLink(index);
    return link === null || (!link.isPending && link.file === this.#file);
  }

  /** networkd does not report leases. It is asked often after a station has joined, and then once a minute. */
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
      if (!this.#stopping) this.#parts.onLeases(parseNetworkdLeases(json, (end) => wallClock(end)));
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.#lastProblem && !this.#stopping)
        this.#parts.logger.log('warning', `cannot read the leases of systemd-networkd: ${reason}`);
      this.#lastProblem = reason;
    }
  }
}

/** A label of a D-Bus object path: a leading digit is written as its code (sd_bus_path_encode(3)). */
function objectName(text: string): string {
  return text.replace(/^\d/, (digit) => `_${digit.charCodeAt(0).toString(16)}`);
}

/**
 * A time of networkd, in microseconds, as milliseconds since the epoch. It counts from the boot of the machine, with the time that
 * the machine was suspended (CLOCK_BOOTTIME, sd-dhcp-server.c). That is the uptime, and not `process.hrtime`.
 */
export function wallClock(microseconds: number, uptimeSeconds = uptime(), now = Date.now()): number {
  return Math.round(now + microseconds / 1000 - uptimeSeconds * 1000);
}

/** The .network file for the interface of a group (systemd.network(5)). `Name=` may be a pattern. */
export function networkFileText(
  name: string,
  { plan, leaseSeconds, announceRouter }: Pick<AddressRequest, 'plan' | 'leaseSeconds' | 'announceRouter'>,
): string {
  const { leased, subnet } = plan;
  const router = announceRouter ? 'yes' : 'no';
  return `[Match]
Name=${name}

[Link]
RequiredForOnline=no

[Network]
Address=${subnetText(subnet)}
DHCP=no
LinkLocalAddressing=no
IPv6AcceptRA=no
DHCPServer=yes

[DHCPServer]
PoolOffset=${leased.start - bounds(subnet).start}
PoolSize=${leased.end - leased.start + 1}
DefaultLeaseTimeSec=${leaseSeconds}
MaxLeaseTimeSec=${leaseSeconds}
EmitRouter=${router}
EmitDNS=${router}
EmitNTP=no
EmitTimezone=no
`;
}

/**
 * The property `Leases` of a link of systemd-networkd, as `busctl --json=short` prints it: `a(uayayayayt)`, of which the
 * third is the address, the fifth the client's hardware address and the last the end of the lease
 * (org.freedesktop.network1(5)).
 * @param expiresAt turns the end, in microseconds of networkd's clock, into milliseconds since the epoch
 * @throws {SyntaxError} if it is not JSON
 */
export function parseNetworkdLeases(json: string, expiresAt: (end: number) => number): Leases {
  const value: unknown = JSON.parse(json);
  const rows: readonly unknown[] = isRecord(value) && Array.isArray(value['data']) ? value['data'] : [];
  const leases = new Map<string, Lease>();
  for (const row of rows) {
    if (!Array.isArray(row)) continue;
    const [, , ip, , hardware, end]: readonly unknown[] = row;
    if (!isBytes(ip, 4) || !isBytes(hardware, 6) || typeof end !== 'number') continue;
    const address = hardware.slice(0, 6).map((byte) => byte.toString(16).padStart(2, '0'));
    leases.set(address.join(':'), { ip: ip.slice(0, 4).join('.'), end, expires: expiresAt(end) });
  }
  return leases;
}

function isBytes(value: unknown, least: number): value is readonly number[] {
  return Array.isArray(value) && value.length >= least && value.every((byte) => Number.isInteger(byte));
}
