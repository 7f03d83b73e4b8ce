import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, type FSWatcher, readFileSync, readlinkSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import { createInterface } from 'node:readline';
import { ipv4Text, netmask, parseIpv4 } from '../config/ipv4.js';
import { codeOf } from '../system/errors.js';
import { parseAddress } from '../system/mac-address.js';
import { notInstalled, programEnvironment } from '../system/programs.js';
import type { AddressRequest, AddressServer, Lease, Leases, ServerParts } from './address-server.js';
import { endOldDnsmasq, leaseFile, leaseFileArgument, removeOldNetworkFile } from './left-over.js';
import { expectNoOverlap } from './network-interface.js';
import { expectNoOtherServer } from './other-servers.js';

const START_LIMIT_MS = 10_000;
/** From SIGTERM to SIGKILL. */
const TERM_MS = 2_000;
/** dnsmasq truncates its file before it rewrites it (lease.c), so the file is read only after a pause. */
const WRITTEN_MS = 100;

/** A dnsmasq of our own, on the interface of the group. */
export class Dnsmasq implements AddressServer {
  readonly #request: AddressRequest;
  readonly #parts: ServerParts;
  readonly #leaseFile: string;
  #child: ChildProcess | null = null;
  #watcher: FSWatcher | null = null;
  #written: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(request: AddressRequest, parts: ServerParts) {
    this.#request = request;
    this.#parts = parts;
    this.#leaseFile = leaseFile(parts.stateFolder, request.owner);
  }

  async start(): Promise<void> {
    const { interface: name, owner, plan } = this.#request;
    // Before the first phone joins: the lease of its last visit may not be its address now.
    this.#read();
    expectNoOverlap(name, plan.subnet);
    await mkdir(this.#parts.stateFolder, { recursive: true, mode: 0o700 });
    await endOldDnsmasq(this.#parts.stateFolder, owner);
    await removeOldNetworkFile(owner);
    await expectNoOtherServer(this.#request, this.#parts.address);
    await this.#parts.address.assign();
    await this.#spawn();
    this.#watcher = watch(this.#leaseFile, () => this.#readSoon());
    this.#watcher.on('error', () => this.#watcher?.close());
    this.#readSoon();
  }

  /** The file of leases is watched. */
  expectLease(): void {}

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#watcher?.close();
    clearTimeout(this.#written);
    await this.#end();
  }

  #spawn(): Promise<void> {
    const args = dnsmasqArguments(this.#request, this.#leaseFile, hasResolver());
    const child = spawn('dnsmasq', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: programEnvironment(),
      cwd: '/',
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let started = false;
      let lastLine = '';
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
      // 'close' comes after the last of its output.
      child.on('close', (code, signal) => {
        const explanation = explainEnd(lastLine.trim(), this.#request.announceRouter);
        const reason = `dnsmasq has ended (${signal ?? `code ${code}`}): ${explanation}`;
        if (!started) settle(new Error(reason));
        else if (!this.#stopping) this.#parts.onEnd(reason);
      });
      // Whatever the types say: if the process could not be started there may be no stream.
      if (!child.stderr) return;
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.#parts.logger.log('debug', line);
        lastLine = line;
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
      // The file does not exist yet, or was deleted: dnsmasq goes on with what it has in memory.
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

const RESOLVERS = '/etc/resolv.conf';

/**
 * Whether dnsmasq can watch the file of resolvers. It ends if that is a link into a folder that does not exist, such as the one of
 * a systemd-resolved that does not run; it waits for a file that is missing in its folder (inotify.c).
 */
function hasResolver(): boolean {
  try {
    return existsSync(dirname(resolvePath(dirname(RESOLVERS), readlinkSync(RESOLVERS))));
  } catch {
    // It is no link.
    return true;
  }
}

/**
 * Why dnsmasq has ended, with the fix if there is one.
 * @param line the last one that it has written
 * @param resolves it resolves names too: only then another resolver can be in its way
 */
export function explainEnd(line: string, resolves: boolean): string {
  if (!/Address already in use/.test(line)) return line;
  if (/DHCP server socket/.test(line)) {
    const fix =
      'if it is dnsmasq, put bind-dynamic into its configuration; if it serves phones, set addressing to none';
    return `${line}; another DHCP server uses UDP port 67 on all interfaces: ${fix}`;
  }
  if (!resolves) return line;
  const fix =
    'put bind-interfaces into its configuration, or set announce_router to false and share_internet to off';
  return `${line}; another resolver uses port 53 on all interfaces: ${fix}`;
}

/**
 * A dnsmasq for one interface that ignores the files of the machine's own dnsmasq (dnsmasq(8)). It resolves names only if
 * this machine is the router: a phone with mobile data uses the resolver of its mobile network.
 */
export function dnsmasqArguments(request: AddressRequest, leases: string, resolvers = true): string[] {
  const { plan, leaseSeconds, announceRouter } = request;
  const { leased, subnet } = plan;
  const own = ipv4Text(subnet.address);
  const range = [ipv4Text(leased.start), ipv4Text(leased.end), ipv4Text(netmask(subnet)), `${leaseSeconds}s`];
  return [
    '--keep-in-foreground',
    '--log-facility=-',
    '--conf-file=/dev/null',
    // No PID file.
    '--pid-file=',
    `--interface=${request.interface}`,
    '--except-interface=lo',
    // So that another dnsmasq can serve all other interfaces.
    '--bind-interfaces',
    '--no-hosts',
    ...(resolvers ? [] : ['--no-resolv']),
    `--dhcp-range=${range.join(',')}`,
    leaseFileArgument(leases),
    // There is no other DHCP server here, so a request for an address of another network is refused at once.
    '--dhcp-authoritative',
    // Checking whether an address is in use would delay every phone by seconds.
    '--no-ping',
    // An option without a value is not sent.
    ...(announceRouter
      ? [`--dhcp-option=option:router,${own}`, `--dhcp-option=option:dns-server,${own}`]
      : ['--port=0', '--dhcp-option=option:router', '--dhcp-option=option:dns-server']),
  ];
}

/**
 * The lease file of dnsmasq: one line for each lease, with its end in seconds since the epoch, the hardware address, the
 * IPv4 address, the name and the client identifier. Other lines are about IPv6 (lease.c). An incomplete line is skipped:
 * when it is complete, the file changes again.
 */
export function parseDnsmasqLeases(text: string, now: number): Leases {
  const leases = new Map<string, Lease>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [end = '', hardware, ip = '', , identifier] = line.split(' ');
    const address = parseAddress(hardware);
    const expires = Number(end) * 1000;
    const complete = identifier !== undefined && /^\d+$/.test(end);
    if (!complete || address === null || parseIpv4(ip) === null) continue;
    if (expires > now) leases.set(address, { ip, end: expires, expires });
  }
  return leases;
}
