import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What DHCP gave; undefined where it did not. */
export type Given = Readonly<Record<(typeof KEYS)[number], string | undefined>>;

/** In the words of udhcpc, which hands them to its script; `lease` is in seconds. */
const KEYS = ['ip', 'subnet', 'router', 'dns', 'lease'] as const;

/** busybox's udhcpc on an interface: asks once, takes what it is given, and tells it. */
export class DhcpClient {
  /** To be run by busybox where the interface is; ends well when an address was given. */
  readonly command: readonly string[];
  readonly #given: string;

  constructor(folder: string, interfaceName: string) {
    const script = join(folder, `${interfaceName}.dhcp-script`);
    this.#given = join(folder, `${interfaceName}.dhcp-given`);
    const lines = KEYS.map((key) => `"${key}=$${key}"`).join(' ');
    writeFileSync(
      script,
      `#!/bin/sh\n[ "$1" = bound ] || exit 0\nprintf '%s\\n' ${lines} > '${this.#given}'\n` +
        `ip address replace "$ip/$subnet" dev "$interface"\n` +
        `[ -z "$router" ] || ip route replace default via "$router"\n`,
      { mode: 0o755 },
    );
    this.command = ['udhcpc', '-i', interfaceName, '-f', '-q', '-n', '-t', '10', '-T', '2', '-s', script];
  }

  /** After the command has ended well. */
  get given(): Given {
    const lines = readFileSync(this.#given, 'utf8').split('\n');
    const value = (key: string): string | undefined =>
      lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) || undefined;
    const [ip, subnet, router, dns, lease] = KEYS.map(value);
    return { ip, subnet, router, dns, lease };
  }
}
