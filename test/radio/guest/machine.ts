import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Radios } from '../protocol.js';

const CGROUP = '/sys/fs/cgroup/scenario';

/**
 * Replaces the simulated radios by new ones: wlan0 is the box, the others are phones. So no interface of an earlier scenario is left, and no scan result: the kernel
 * keeps those for half a minute, for every process.
 */
export function renewRadios({ p2pDevice = true, phones = 2 }: Radios = {}): void {
  if (existsSync('/sys/module/mac80211_hwsim')) execFileSync('/lab/busybox', ['rmmod', 'mac80211_hwsim']);
  const support = `support_p2p_device=${p2pDevice ? 1 : 0}`;
  execFileSync('/lab/busybox', ['insmod', '/lab/modules/mac80211_hwsim.ko', `radios=${1 + phones}`, support]);
}

/** If systemd is process 1, it needs its folder; units that scenarios have put there are removed one by one. */
const SYSTEMDS_OWN = ['/run/systemd', '/run/log', '/run/credentials', '/run/lock', '/run/dbus'];

/** Empties the folders that programs share: sockets, PID files, traces. Keeps mounts and systemd's own files. */
export function emptySharedFolders(): void {
  spawnSync('ip', ['-all', 'netns', 'delete'], { stdio: 'ignore' });
  const kept = existsSync('/run/systemd/system') ? SYSTEMDS_OWN : [];
  const not = kept.flatMap((path) => ['-not', '-path', path, '-not', '-path', `${path}/*`]);
  // The removal of a mount point fails; that is expected.
  spawnSync('find', ['/run', '/tmp', '-xdev', '-mindepth', '1', ...not, '-delete'], { stdio: 'ignore' });
}

/**
 * A control group with every process that a scenario starts, daemons too. No process can leave it, and one write ends them
 * all.
 */
export class ProcessGroup {
  constructor() {
    mkdirSync(CGROUP, { recursive: true });
  }

  /** The command and arguments that run a program in it. */
  wrap(command: string, args: readonly string[]): [string, string[]] {
    return ['sh', ['-c', `echo 0 > ${CGROUP}/cgroup.procs && exec "$@"`, 'sh', command, ...args]];
  }

  /** Kills all processes in it and waits until they are gone. */
  async end(): Promise<void> {
    writeFileSync(`${CGROUP}/cgroup.kill`, '1');
    for (
      let attempt = 0;
      readFileSync(`${CGROUP}/cgroup.events`, 'utf8').includes('populated 1');
      attempt++
    ) {
      if (attempt > 200) throw new Error('processes of the scenario do not end');
      await delay(50);
    }
    rmdirSync(CGROUP);
  }
}
