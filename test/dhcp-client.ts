import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What DHCP assigned; undefined if it did not. */
export type Given = Readonly<Record<(typeof KEYS)[number], string | undefined>>;

/** The names that udhcpc uses for its script; `lease` is in seconds. */
const KEYS = ['ip', 'subnet', 'router', 'dns', 'lease'] as const;

/** busybox's udhcpc on an interface: asks once, sets what it gets, and reports it. */
export class DhcpClient {
  /** Run it with busybox in the interface's network namespace. It succeeds if it got an address. */
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

  /** Valid after the command has succeeded. */
  get given(): Given {
    const lines = readFileSync(this.#given, 'utf8').split('\n');
    const value = (key: string): string | undefined =>
      lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) || undefined;
    const [ip, subnet, router, dns, lease] = KEYS.map(value);
    return { ip, subnet, router, dns, lease };
  }
}
