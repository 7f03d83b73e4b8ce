import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { DhcpClient, type Given } from '../../dhcp-client.js';
import { Program } from './program.js';
import type { Surroundings } from './supplicant.js';
import { LabError } from './wait.js';

/** Moves a radio into a new network namespace, with all interfaces that it will have. */
export function moveRadio(radio: string, network: string): void {
  if (execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split(/\s/).includes(network)) return;
  const phy = readFileSync(`/sys/class/net/${radio}/phy80211/name`, 'utf8').trim();
  execFileSync('ip', ['netns', 'add', network]);
  execFileSync('ip', ['-n', network, 'link', 'set', 'lo', 'up']);
  execFileSync('iw', ['phy', phy, 'set', 'netns', 'name', network]);
}

/** A phone as a host on the group's network. */
export class PhoneNetwork {
  readonly #surroundings: Surroundings;
  readonly #network: string;
  readonly #interface: string;

  constructor(surroundings: Surroundings, network: string, interfaceName: string) {
    this.#surroundings = surroundings;
    this.#network = network;
    this.#interface = interfaceName;
  }

  /** Gets an address by DHCP and sets it. */
  async ask(seconds = 30): Promise<Given & { readonly ip: string }> {
    const client = new DhcpClient(this.#surroundings.scratch, this.#interface);
    await this.run(['/lab/busybox', ...client.command], seconds);
    const { ip = '', ...others } = client.given;
    return { ip, ...others };
  }

  /** Sets an address that it got in another way. */
  async take(cidr: string): Promise<void> {
    await this.run(['ip', 'address', 'replace', cidr, 'dev', this.#interface]);
  }

  /** Throws if there is no answer. */
  async ping(address: string): Promise<void> {
    await this.run(['/lab/busybox', 'ping', '-c', '1', '-W', '10', address], 20);
  }

  async routes(): Promise<string> {
    return this.run(['ip', 'route']);
  }

  /** Runs a command there until it ends. @returns its standard output; throws if it fails */
  async run(command: readonly string[], seconds = 20): Promise<string> {
    const program = new Program(this.#surroundings, {
      name: `${this.#network}-host`,
      command: 'ip',
      args: ['netns', 'exec', this.#network, ...command],
    });
    const { code } = await program.waitExit(seconds);
    if (code !== 0) throw new LabError(`${command.join(' ')}: exit ${code}: ${program.stderr}`);
    return program.stdout;
  }
}
