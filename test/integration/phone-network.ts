import { execFile, execFileSync, spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { DhcpClient, type Given } from '../dhcp-client.js';
import { GROUP } from './fake-supplicant.js';
import { temporaryFolder } from './support.js';

/** Why the tests that give addresses to a phone cannot run; false where they can. */
export function reasonToSkip(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  if (process.getuid?.() !== 0) return 'interfaces are made by root';
  for (const [program, debianPackage] of [
    ['dnsmasq', 'dnsmasq-base'],
    ['busybox', 'busybox-static'],
    ['ip', 'iproute2'],
  ] as const)
    if (spawnSync(program, ['--help']).error) return `${program} is not installed (Debian: ${debianPackage})`;
  if (spawnSync('ip', ['netns', 'add', 'hostp2pd-try']).status !== 0)
    return 'no network namespace can be made here';
  ip('netns', 'del', 'hostp2pd-try');
  return false;
}

const run = promisify(execFile);

export function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

/**
 * A phone at the other end of a cable: its network is a namespace of its own, and our end stands for the group's
 * interface. All of it ends with the test.
 */
export class CablePhone {
  /** Hardware address, by which the group and DHCP know it. */
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

  /** Sets an address without asking. @param cidr with the length of the prefix */
  takes(cidr: string): void {
    ip('-n', this.#namespace, 'address', 'add', cidr, 'dev', 'phone');
  }

  /** Asks for an address and takes it. @throws where none is given within 20 s */
  async asks(): Promise<Given> {
    const client = new DhcpClient(this.#folder, 'phone');
    await this.#run('busybox', ...client.command);
    return client.given;
  }

  /** @throws where no answer comes */
  async pings(address: string): Promise<void> {
    await this.#run('busybox', 'ping', '-c', '1', '-W', '5', address);
  }

  /** Not at a stroke: the session under test lives in this process. */
  async #run(...command: readonly string[]): Promise<void> {
    await run('ip', ['netns', 'exec', this.#namespace, ...command], { timeout: 20_000 });
  }
}
