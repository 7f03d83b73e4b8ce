import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultScene } from '../guest/fault-scene.js';
import type { Scenario } from '../guest/scenario.js';

const RADIO = 'wlan0';
/** The back-off grows with each: 1, 2, 4, 8 s. */
const TIMES = 4;
const OWN_SOCKETS = '/run/hostp2pd';
/** In that folder, while it is full. */
const FILES = 40;

const scenario: Scenario = {
  name: 'faults-radio',
  title: 'the interfaces of the radio and the group are taken away, the clock changes, /run is full',
  timeoutSeconds: 1500,
  suite: 'by-name',
  async run(lab) {
    const scene = await FaultScene.open(lab);
    const { box } = scene;
    const phy = readFileSync(`/sys/class/net/${RADIO}/phy80211/name`, 'utf8').trim();
    const link = (...words: readonly string[]) => void execFileSync('ip', ['link', 'set', ...words]);
    const iw = (...words: readonly string[]) => execFileSync('iw', words, { encoding: 'utf8' });
    const removeGroup = async () => {
      await (await box.p2p()).command(`P2P_GROUP_REMOVE ${(await scene.group()).interface}`);
    };

    await scene.play('the group is removed once', { inject: removeGroup });

    await scene.play('the group is removed again and again', {
      inject: async () => {
        const before = scene.daemon.output.length;
        let removedAt = 0;
        for (let n = 0; n < TIMES; n++) {
          const mark = scene.daemon.mark();
          await removeGroup();
          removedAt = lab.now();
          await scene.groupIsUp(mark);
          await lab.until('the group', 20, async () => box.groupInterfaces().length === 1);
        }
        const lines = scene.daemon.output.slice(before).map(({ text }) => text);
        const ends = lines.filter((text) => /group .* has ended/.test(text));
        assert.equal(ends.length, TIMES, ends.join('\n'));
        const requests = lines.filter((text) => / ← P2P_GROUP_ADD/.test(text));
        assert.equal(requests.length, TIMES, requests.join('\n'));
        const warnings = lines.filter((text) => /^\S+ (?:error|warning) .*remove the group/.test(text));
        assert.equal(warnings.length, 1, warnings.join('\n'));
        return removedAt;
      },
      lost: 'time: each pause is twice as long, up to a minute',
    });

    await scene.restart();
    await scene.play('the interface of the group is removed', {
      inject: async () => void iw('dev', (await scene.group()).interface, 'del'),
    });

    await scene.play('a second group is started', {
      inject: async () => {
        const p2p = await box.p2p();
        const mark = p2p.mark();
        const reply = await p2p.request('P2P_GROUP_ADD');
        lab.note(`P2P_GROUP_ADD: ${reply.trim()}`);
        if (!reply.startsWith('OK')) return;
        const started = /^P2P-(?:GROUP-STARTED (\S+) GO|GROUP-FORMATION-FAILURE|GROUP-REMOVED) /;
        const { groups } = await p2p.waitEvent(started, 20, mark);
        await delay(5_000);
        if (groups[0] !== undefined) await p2p.request(`P2P_GROUP_REMOVE ${groups[0]}`);
      },
      losesGroup: false,
    });

    await scene.restart();
    await scene.play('the interface of the radio is down for 10 s', {
      inject: async () => {
        link(RADIO, 'down');
        await delay(10_000);
        link(RADIO, 'up');
      },
      losesGroup: false,
    });

    await scene.restart();
    await scene.play('the interface of the radio is renamed, and back', {
      inject: async () => {
        for (const [from, to] of [
          [RADIO, 'radio0'],
          ['radio0', RADIO],
        ] as const) {
          link(from, 'down');
          link(from, 'name', to);
          link(to, 'up');
          await delay(10_000);
        }
      },
      losesGroup: false,
    });

    await scene.play('the clock is set a year forward and back', {
      inject: async () => {
        for (const years of [1, -1]) {
          const now = new Date();
          now.setFullYear(now.getFullYear() + years);
          execFileSync('date', ['--set', `@${Math.round(now.getTime() / 1000)}`]);
          await delay(15_000);
        }
      },
      losesGroup: false,
    });

    await scene.play('/run is full', {
      inject: async () => {
        assert.deepEqual(await scene.daemon.stop(), { code: 0, signal: null });
        execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=755,nr_inodes=${FILES}`, 'tmpfs', OWN_SOCKETS]);
        const fill = Array.from({ length: FILES }, (_, n) => join(OWN_SOCKETS, `fill-${n}`));
        assert.throws(() => {
          for (const file of fill) writeFileSync(file, '');
        }, /ENOSPC/);
        scene.startDaemon();
        await scene.daemon.waitOutput(/own socket cannot be made .*no space is left/, 60, 0);
        await delay(10_000);
        for (const file of fill) rmSync(file, { force: true });
      },
      lost: 'the group of the former run stays, but is not served meanwhile',
    });
    assert.deepEqual(await scene.daemon.stop(), { code: 0, signal: null });
    execFileSync('umount', [OWN_SOCKETS]);
    scene.startDaemon();
    await scene.groupIsUp(0);
    await scene.phoneIsKnown();

    await scene.play('the interface of the radio is removed, and made again', {
      inject: async () => {
        iw('dev', RADIO, 'del');
        await delay(5_000);
        iw('phy', phy, 'interface', 'add', RADIO, 'type', 'managed');
        link(RADIO, 'up');
      },
      losesGroup: false,
    });
    await scene.close();
  },
};

export default scenario;
