import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { lockAddress, USUAL_CONTROL_FOLDER } from '#src/system/lock-address.js';
import { DhcpClient, type Given } from '../dhcp-client.js';
import { PATIENCE_MS } from '../fakes/within.js';
import { GROUP } from './fake-supplicant.js';
import { temporaryFolder } from './support.js';

/** Why the tests with addresses for a phone cannot run; false if they can. */
export function reasonToSkip(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  if (process.getuid?.() !== 0) return 'interfaces are made by root';
  for (const [program, debianPackage] of [
    ['dnsmasq', 'dnsmasq-base'],
    ['busybox', 'busybox-static'],
    ['ip', 'iproute2'],
  ] as const)
    if (spawnSync(program, ['--help']).error) return `${program} is not installed (Debian: ${debianPackage})`;
  const namespace = `hostp2pd-try-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', namespace]).status !== 0)
    return 'no network namespace can be made here';
  ip('netns', 'del', namespace);
  return false;
}

/** Longer than another process needs for all its tests of addresses. */
const RESERVATION_LIMIT_MS = 120_000;

/**
 * Waits until no other process uses the interfaces and networks of these tests, whose names are fixed. They are reserved until
 * this process ends: the abstract socket ends with it, in any way.
 */
export async function reserveNetwork(): Promise<void> {
  const deadline = performance.now() + RESERVATION_LIMIT_MS;
  for (;;) {
    const server = createServer().unref();
    try {
      await once(server.listen(lockAddress('network of the tests', USUAL_CONTROL_FOLDER)), 'listening');
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await setTimeout(100);
    }
  }
}

const run = promisify(execFile);

let namespaces = 0;

/** A name that no other test uses at the same time. */
export function uniqueNamespace(what: string): string {
  namespaces++;
  return `hostp2pd-${process.pid}-${namespaces}-${what}`;
}

/** Asynchronous, because a fake wpa_supplicant or the session under test runs in this process. */
export async function inNamespace(namespace: string, ...command: readonly string[]): Promise<void> {
  await run('ip', ['netns', 'exec', namespace, ...command], { timeout: PATIENCE_MS });
}

export function reaches(namespace: string, address: string): Promise<boolean> {
  return inNamespace(namespace, 'busybox', 'ping', '-c', '1', '-W', '2', address).then(
    () => true,
    () => false,
  );
}

export interface Pings {
  /** The numbers of the packets without an answer. */
  readonly missing: readonly number[];
}

/** Sends packets to an address all the time. @returns ends it; it must have sent 20 */
export function pings(namespace: string, address: string): () => Promise<Pings> {
  const command = ['busybox', 'ping', '-i', '0.02', address];
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = text(child.stdout);
  return async () => {
    child.kill('SIGINT');
    const lines = await output;
    const sent = Number(/^(\d+) packets transmitted/m.exec(lines)?.[1]);
    assert.ok(sent > 20, lines);
    const answered = new Set([...lines.matchAll(/ seq=(\d+) /g)].map(([, number]) => Number(number)));
    // The last one may have been sent just now.
    return { missing: Array.from({ length: sent - 1 }, (_, n) => n).filter((n) => !answered.has(n)) };
  };
}

export function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

/**
 * A phone at the other end of a veth cable, in its own network namespace. Our end takes the part of the group's
 * interface. All of it is removed after the test.
 */
export class CablePhone {
  /** The hardware address, which the group and DHCP use. */
  readonly address: string;
  readonly #namespace = `hostp2pd-${process.pid}`;
  readonly #folder: string;

  constructor(t: TestContext) {
    this.#folder = temporaryFolder(t);
    t.after(() => {
      spawnSync('ip', ['link', 'del', GROUP]);
      spawnSync('ip', ['netns', 'del', this.#namespace]);
    });
    ip('netns', 'add', this.#namespace);
    ip('link', 'add', GROUP, 'type', 'veth', 'peer', 'name', 'phone', 'netns', this.#namespace);
    ip('link', 'set', GROUP, 'up');
    ip('-n', this.#namespace, 'link', 'set', 'phone', 'up');
    ip('-n', this.#namespace, 'link', 'set', 'lo', 'up');
    const [link]: readonly { address: string }[] = JSON.parse(
      ip('-j', '-n', this.#namespace, 'link', 'show', 'phone'),
    );
    this.address = link?.address ?? '';
  }

  get routes(): string {
    return ip('-n', this.#namespace, 'route');
  }

  /** Sets an address without DHCP. @param cidr with the length of the prefix */
  takes(cidr: string): void {
    ip('-n', this.#namespace, 'address', 'add', cidr, 'dev', 'phone');
  }

  /** Gets an address by DHCP and sets it. @throws if there is none */
  async asks(): Promise<Given> {
    const client = new DhcpClient(this.#folder, 'phone');
    await inNamespace(this.#namespace, 'busybox', ...client.command);
    return client.given;
  }

  /** @throws if there is no answer */
  async pings(address: string): Promise<void> {
    await inNamespace(this.#namespace, 'busybox', 'ping', '-c', '1', '-W', '5', address);
  }
}
