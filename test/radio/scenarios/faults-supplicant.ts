import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { BOX_CONTROL_DIRECTORY } from '../guest/box.js';
import { ControlClient } from '../guest/control-client.js';
import { PIN } from '../guest/daemon.js';
import { FaultScene } from '../guest/fault-scene.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';

const GLOBAL = '/run/box.global';
const END_SIGNALS = ['SIGKILL', 'SIGTERM'] as const;
type EndSignal = (typeof END_SIGNALS)[number];

const scenario: Scenario = {
  name: 'faults-supplicant',
  title:
    'wpa_supplicant ends, hangs or loses its interface, at each phase: the same group is up again in time',
  timeoutSeconds: 2700,
  suite: 'by-name',
  async run(lab) {
    const scene = await FaultScene.open(lab, GLOBAL);
    const { box } = scene;
    for (const signal of END_SIGNALS) {
      await scene.play(`${signal}, and started again`, { inject: () => box.restart(signal) });
      await atEachPhase(lab, scene, signal);
      await scene.play(`${signal} 20 times in a row`, {
        inject: async () => {
          for (let n = 0; n < 20; n++) await box.restart(signal);
        },
      });
    }
    await scene.play('the command TERMINATE, and started again', {
      inject: async () => {
        await (await box.p2p()).command('TERMINATE');
        await lab.until('the end of wpa_supplicant', 20, () => !box.running);
        await box.start();
      },
    });

    await scene.play('SIGSTOP for 60 s', {
      inject: async () => {
        box.signal('SIGSTOP');
        await delay(60_000);
        box.signal('SIGCONT');
      },
      losesGroup: false,
      lost: 'hooks report the phone as gone meanwhile',
    });

    await scene.play('the control folder is moved away, and back after 15 s', {
      inject: async () => {
        const away = `${BOX_CONTROL_DIRECTORY}.away`;
        renameSync(BOX_CONTROL_DIRECTORY, away);
        await delay(10_000);
        mkdirSync(BOX_CONTROL_DIRECTORY);
        await delay(5_000);
        rmSync(BOX_CONTROL_DIRECTORY, { recursive: true });
        renameSync(away, BOX_CONTROL_DIRECTORY);
      },
      losesGroup: false,
    });

    const global = await ControlClient.open(GLOBAL, 'box global', lab.timeline, { attach: false });
    await scene.play('the interface is removed from wpa_supplicant and added again', {
      inject: async () => {
        await global.command('INTERFACE_REMOVE wlan0');
        await delay(2_000);
        await global.command(`INTERFACE_ADD wlan0\t${box.configFile}\tnl80211\t\t`);
      },
    });

    await scene.play('Wi-Fi Direct is switched off and on', {
      inject: async () => {
        await (await box.p2p()).command('P2P_SET disabled 1');
        await delay(15_000);
        await (await box.p2p()).command('P2P_SET disabled 0');
      },
      losesGroup: false,
    });
    await scene.close();
  },
};

/** wpa_supplicant ends by a signal at a moment of the session, and is started again. */
async function atEachPhase(lab: Lab, scene: FaultScene, signal: EndSignal): Promise<void> {
  const { box, phone, hook } = scene;
  /** Waits for a line of the log first. @returns when it ran again */
  const restartAt = async (pattern: RegExp, mark: number) => {
    await scene.daemon.waitOutput(pattern, 60, mark);
    await box.restart(signal);
    return lab.now();
  };
  /** The phone leaves, and forgets the group. */
  const forgets = async () => {
    const calls = hook.mark();
    await phone.leave();
    await phone.forget();
    await hook.waitCall(({ args }) => args[0] === 'disconnect', 20, calls);
  };

  await scene.play(`${signal} while hostp2pd starts`, {
    inject: async () => {
      assert.deepEqual(await scene.daemon.stop(), { code: 0, signal: null });
      const { pid } = scene.startDaemon();
      // Its log is opened later.
      const isAttaching = () => readdirSync('/run/hostp2pd').some((name) => name.includes(`.${pid}-`));
      await lab.until('its socket', 60, isAttaching);
      await box.restart(signal);
    },
  });

  await scene.play(`${signal} while devices are searched`, {
    inject: async () => {
      const mark = scene.daemon.mark();
      const search = lab.run({ args: ['find', '20'] }, 60);
      const over = await restartAt(/ ← P2P_FIND/, mark);
      // Answered, in whatever way.
      await search;
      return over;
    },
  });

  await scene.play(`${signal} while the group is formed`, {
    inject: async () => {
      const mark = scene.daemon.mark();
      await (await box.p2p()).command(`P2P_GROUP_REMOVE ${(await scene.group()).interface}`);
      return restartAt(/ ← P2P_GROUP_ADD/, mark);
    },
  });

  await scene.play(`${signal} after the request of a phone (provision discovery)`, {
    inject: async () => {
      await forgets();
      const mark = scene.daemon.mark();
      await phone.tap(box.address);
      const over = await restartAt(/ event P2P-PROV-DISC-SHOW-PIN /, mark);
      if (phone.state.is !== 'idle') phone.cancel();
      await scene.groupIsUp(mark);
      await phone.lookAnew();
      await phone.joinWithPin(box.address, PIN);
      return over;
    },
    lost: 'the attempt of the phone: its user tries again',
  });

  await scene.play(`${signal} while a phone enrols`, {
    inject: async () => {
      await forgets();
      const mark = scene.daemon.mark();
      const joins = phone.joinWithPin(box.address, PIN);
      const over = await restartAt(/ ← WPS_PIN /, mark);
      await joins;
      return over;
    },
    lost: 'the attempt of the phone: its user tries again',
  });
}

export default scenario;
