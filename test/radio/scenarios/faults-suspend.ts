import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultScene } from '../guest/fault-scene.js';
import type { Scenario } from '../guest/scenario.js';

const SECONDS = 30;
const CLOCK_SECONDS = 3_600;

/**
 * The emulated machine itself cannot be suspended. Its alarm clock does not wake it from suspend to idle, and the driver of its root
 * directory (virtio-9p, Linux 6.1) has no resume, so the first read after suspend to RAM never ends. And all phones would sleep
 * with the box. So this plays what a suspend does to the box alone: its programs do not run, the kernel ends the access point
 * (cfg80211_leave, which both wiphy_suspend and an interface that goes down call), and the clock is later than expected. What
 * it leaves out: the monotonic clock does not stand still, and the driver of the radio is not suspended.
 */
const scenario: Scenario = {
  name: 'faults-suspend',
  title: 'what a suspend does to the box: the group is up again after it, and the phone is back',
  timeoutSeconds: 300,
  suite: 'by-name',
  async run(lab) {
    const scene = await FaultScene.open(lab);
    const { box } = scene;
    await scene.play('suspend and resume', {
      inject: async () => {
        const { interface: group } = await scene.group();
        box.signal('SIGSTOP');
        scene.daemon.signal('SIGSTOP');
        execFileSync('ip', ['link', 'set', group, 'down']);
        turnClock(CLOCK_SECONDS);
        await delay(SECONDS * 1000);
        execFileSync('ip', ['link', 'set', group, 'up']);
        box.signal('SIGCONT');
        scene.daemon.signal('SIGCONT');
      },
    });
    turnClock(-CLOCK_SECONDS);
    await scene.close();
  },
};

/** Sets the clock of the machine forward. */
function turnClock(seconds: number): void {
  execFileSync('date', ['--set', `@${Math.round(Date.now() / 1000) + seconds}`]);
}

export default scenario;
