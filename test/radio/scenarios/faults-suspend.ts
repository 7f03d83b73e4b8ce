import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { FaultScene } from '../guest/fault-scene.js';
import type { Scenario } from '../guest/scenario.js';

const SECONDS = 30;

const scenario: Scenario = {
  name: 'faults-suspend',
  title: 'the machine is suspended and resumes: the group is up again, and the phone is back',
  timeoutSeconds: 300,
  onDemand: true,
  async run(lab) {
    const scene = await FaultScene.open(lab);
    await scene.play('suspend and resume', {
      inject: async () => {
        // Suspend to idle: all processes are frozen, and drivers suspended. The alarm of the clock ends it.
        assert.match(readFileSync('/sys/power/state', 'utf8'), /\bfreeze\b/);
        writeFileSync('/sys/class/rtc/rtc0/wakealarm', '0');
        writeFileSync('/sys/class/rtc/rtc0/wakealarm', `+${SECONDS}`);
        const before = Date.now();
        writeFileSync('/sys/power/state', 'freeze');
        lab.note(`suspended for ${((Date.now() - before) / 1000).toFixed(1)} s`);
      },
      losesGroup: false,
    });
    await scene.close();
  },
};

export default scenario;
