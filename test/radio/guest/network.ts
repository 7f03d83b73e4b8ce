import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program.js';
import type { Surroundings } from './supplicant.js';
import { LabError } from './wait.js';

/** What DHCP gave, in the words of udhcpc's script. */
export interface Given {
  readonly ip: string;
  readonly subnet: string;
  readonly router: string | undefined;
  readonly dns: string | undefined;
  /** Seconds, as text. */
  readonly lease: string;
}

/** Puts a radio into a network namespace of its own, with all interfaces that it will have. */
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

  /** Asks for an address by DHCP, and takes it. */
  async ask(seconds = 30): Promise<Given> {
    const [script, file] = ['dhcp-script', 'dhcp-given'].map((name) =>
      join(this.#surroundings.scratch, `${this.#network}.${name}`),
    ) as [string, string];
    writeFileSync(
      script,
      `#!/bin/sh\n[ "$1" = bound ] || exit 0\n` +
        `printf '%s\\n' "ip=$ip" "subnet=$subnet" "router=$router" "dns=$dns" "lease=$lease" > '${file}'\n` +
        `ip address replace "$ip/$subnet" dev "$interface"\n` +
        `[ -z "$router" ] || ip route replace default via "$router"\n`,
      { mode: 0o755 },
    );
    const client = ['udhcpc', '-i', this.#interface, '-f', '-q', '-n', '-t', '10', '-T', '2', '-s', script];
    await this.run(['/lab/busybox', ...client], seconds);
    const lines = readFileSync(file, 'utf8').split('\n');
    const value = (key: string): string =>
      lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
    return {
      ip: value('ip'),
      subnet: value('subnet'),
      router: value('router') || undefined,
      dns: value('dns') || undefined,
      lease: value('lease'),
    };
  }

  /** Takes an address that it was given in another way. */
  async take(cidr: string): Promise<void> {
    await this.run(['ip', 'address', 'replace', cidr, 'dev', this.#interface]);
  }

  /** Fails where no answer comes. */
  async ping(address: string): Promise<void> {
    await this.run(['/lab/busybox', 'ping', '-c', '1', '-W', '10', address], 20);
  }

  async routes(): Promise<string> {
    return this.run(['ip', 'route']);
  }

  /** Runs a command there to its end. @returns its standard output; fails unless it ends well */
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
