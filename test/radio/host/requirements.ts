import { existsSync, readFileSync } from 'node:fs';
import { findCommand } from './command.js';

/** The commands that the lab runs, outside or inside the virtual machine, and the Debian package of each. */
const COMMANDS: readonly (readonly [command: string, debianPackage: string])[] = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['wpa_supplicant', 'wpasupplicant'],
  ['iw', 'iw'],
  ['ip', 'iproute2'],
  ['busybox', 'busybox-static'],
  ['cpio', 'cpio'],
  ['depmod', 'kmod'],
  // The box as Debian's service runs it.
  ['dbus-daemon', 'dbus'],
  ['gdbus', 'libglib2.0-bin'],
  // Addresses for phones.
  ['dnsmasq', 'dnsmasq-base'],
  // The internet for phones.
  ['nft', 'nftables'],
  // A clean Debian, and the program's package for it.
  ['mmdebstrap', 'mmdebstrap'],
  ['dh', 'debhelper'],
];

/** A reason why the lab cannot run here. */
interface Obstacle {
  readonly problem: string;
  /** The Debian package that helps, if one does. */
  readonly debianPackage?: string;
}

/** What is asked of the machine; tests use their own. */
interface Machine {
  readonly platform: string;
  readonly architecture: string;
  findCommand(name: string): string | undefined;
  isStatic(path: string): boolean;
}

const thisMachine: Machine = {
  platform: process.platform,
  architecture: process.arch,
  findCommand,
  isStatic,
};

/**
 * All reasons why the lab cannot run; empty if it can.
 * Root is not needed: QEMU, `apt-get download` and unpacking work for an ordinary user.
 */
export function findObstacles(machine: Machine = thisMachine): Obstacle[] {
  if (machine.platform !== 'linux' || machine.architecture !== 'x64') {
    return [
      {
        problem: `the lab needs x86-64 Linux (this is ${machine.architecture} ${machine.platform}): its virtual machine runs the programs of this machine`,
      },
    ];
  }
  const obstacles: Obstacle[] = [];
  for (const [command, debianPackage] of COMMANDS) {
    const path = machine.findCommand(command);
    if (path === undefined) {
      obstacles.push({ problem: `command not found: ${command}`, debianPackage });
    } else if (command === 'busybox' && !machine.isStatic(path)) {
      // The initramfs has no C library.
      obstacles.push({ problem: `${path} is dynamically linked`, debianPackage });
    }
  }
  for (const command of ['apt-get', 'apt-cache', 'dpkg-deb']) {
    if (machine.findCommand(command) === undefined) {
      obstacles.push({
        problem: `command not found: ${command}; the lab's kernel comes from a Debian archive`,
      });
    }
  }
  return obstacles;
}

/** The obstacles as text, with the command that installs what is missing. */
export function describeObstacles(obstacles: readonly Obstacle[]): string {
  const lines = obstacles.map(({ problem }) => `  ${problem}`);
  const packages = [...new Set(obstacles.flatMap(({ debianPackage }) => debianPackage ?? []))];
  if (packages.length > 0)
    lines.push(`On Debian: apt-get install --no-install-recommends ${packages.join(' ')}`);
  return ['The radio lab cannot run here:', ...lines].join('\n');
}

/** A dynamically linked program has the path of its loader in its first page. */
function isStatic(path: string): boolean {
  return existsSync(path) && !readFileSync(path).subarray(0, 4096).includes('/ld-linux');
}
