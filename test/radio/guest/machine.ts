import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Radios } from '../protocol.js';

/** wlan0 is the box, wlan1 and wlan2 are phones. */
const RADIOS = 3;
const CGROUP = '/sys/fs/cgroup/scenario';

/**
 * Takes the simulated radios out and puts new ones in: no interface of an earlier scenario is left, and none of the
 * networks the kernel had seen (it remembers scan results for half a minute, whatever process asked).
 */
export function renewRadios({ p2pDevice = true }: Radios = {}): void {
  if (existsSync('/sys/module/mac80211_hwsim')) execFileSync('/lab/busybox', ['rmmod', 'mac80211_hwsim']);
  const support = `support_p2p_device=${p2pDevice ? 1 : 0}`;
  execFileSync('/lab/busybox', ['insmod', '/lab/mac80211_hwsim.ko', `radios=${RADIOS}`, support]);
}

/** Where it is the first process, it does not live without; units that scenarios put there are taken out one by one. */
const SYSTEMDS_OWN = ['/run/systemd', '/run/log', '/run/credentials', '/run/lock', '/run/dbus'];

/** Empties the folders programs share: sockets, PID files, traces. Keeps what is mounted there, and what is systemd's. */
export function emptySharedFolders(): void {
  spawnSync('ip', ['-all', 'netns', 'delete'], { stdio: 'ignore' });
  const kept = existsSync('/run/systemd/system') ? SYSTEMDS_OWN : [];
  const not = kept.flatMap((path) => ['-not', '-path', path, '-not', '-path', `${path}/*`]);
  // A mount point below cannot be removed; that it says so is of no interest.
  spawnSync('find', ['/run', '/tmp', '-xdev', '-mindepth', '1', ...not, '-delete'], { stdio: 'ignore' });
}

/**
 * A control group that holds everything a scenario starts, also what made itself a daemon: no process escapes it, and
 * one write ends them all.
 */
export class ProcessGroup {
  constructor() {
    mkdirSync(CGROUP, { recursive: true });
  }

  /** Command and arguments that run a program inside. */
  wrap(command: string, args: readonly string[]): [string, string[]] {
    return ['sh', ['-c', `echo 0 > ${CGROUP}/cgroup.procs && exec "$@"`, 'sh', command, ...args]];
  }

  /** Kills what is left and waits until it is gone. */
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
