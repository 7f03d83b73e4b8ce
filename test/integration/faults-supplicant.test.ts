import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { HostP2pD } from '#src/host/host.js';
import type { FaultName } from '../faults/fault-list.js';
import { overcome } from '../faults/outcome.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import {
  eventually,
  hookProgram,
  type Lines,
  next,
  session,
  supplicant,
  temporaryFolder,
} from './support.js';

/**
 * A wpa_supplicant that is killed at each phase, with a request that it does not answer any more, and started again at once. The
 * scenario faults-supplicant of the radio lab does the same with the real one.
 */

const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const ASKS =
  `P2P-PROV-DISC-SHOW-PIN ${PHONE} 99129897 p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='Phone' ` +
  `config_methods=0x188 dev_capab=0x25 group_capab=0x0 group=${GROUP}`;
const SEEN = `WPS-ENROLLEE-SEEN ${STATION} 572cf82f-c957-5653-9b16-b5cfb298abf1 0-00000000-0 0x3148 0 1 [ ]`;

class Scene {
  readonly fake: FakeSupplicant;
  readonly host: HostP2pD;
  readonly log: Lines;
  /** The names of the hooks that were called. */
  readonly hooks: () => readonly string[];

  private constructor(fake: FakeSupplicant, host: HostP2pD, log: Lines, hooks: () => readonly string[]) {
    this.fake = fake;
    this.host = host;
    this.log = log;
    this.hooks = hooks;
  }

  /** A session that has just begun to attach. */
  static async open(t: TestContext): Promise<Scene> {
    const fake = supplicant(t);
    const hook = hookProgram(temporaryFolder(t));
    const config = { pin: '12345670', interface: DEVICE };
    const { host, log } = await session(t, fake, config, { runProgram: hook.path });
    return new Scene(fake, host, log, () => hook.calls().map(({ args }) => args[0] ?? ''));
  }

  /** Waits until the group is up and its link attached. */
  async isUp(count = 1): Promise<void> {
    await this.fake.saw(`${GROUP} STA-FIRST`, count);
    assert.equal(this.host.status.phase, 'running');
  }

  /** Kills it at the first request of that kind from now on, which stays without an answer, and starts it again. */
  async killAt(request: RegExp): Promise<void> {
    let reached = false;
    this.fake.behave((command, name) => {
      if (reached || !request.test(`${name} ${command}`)) return undefined;
      reached = true;
      return null;
    });
    await this.fake.until(
      () => reached,
      () => String(request),
    );
    this.restart();
  }

  restart(): void {
    this.fake.kill();
    this.fake.serve('wlan0', DEVICE);
  }
}

/** How the phase is reached in which it is killed. It is running again when this returns. */
const PHASES: readonly (readonly [fault: FaultName, kill: (scene: Scene) => Promise<void>])[] = [
  [
    'SIGKILL, and started again',
    async (scene) => {
      await scene.isUp();
      const connected = next(scene.host, 'stationConnected');
      scene.fake.emit(GROUP, `AP-STA-CONNECTED ${STATION}`);
      await connected;
      scene.restart();
    },
  ],
  ['SIGKILL while hostp2pd starts', (scene) => scene.killAt(/ INTERFACES$/)],
  [
    'SIGKILL while devices are searched',
    async (scene) => {
      await scene.isUp();
      const search = assert.rejects(scene.host.find(20));
      await scene.killAt(/ P2P_FIND/);
      await search;
    },
  ],
  [
    'SIGKILL after the request of a phone (provision discovery)',
    async (scene) => {
      await scene.isUp();
      const asked = next(scene.host, 'enrolmentRequested');
      scene.fake.emit(DEVICE, ASKS);
      await asked;
      scene.restart();
    },
  ],
  ['SIGKILL while the group is formed', (scene) => scene.killAt(/ P2P_GROUP_ADD/)],
  [
    'SIGKILL while a phone enrols',
    async (scene) => {
      await scene.isUp();
      scene.fake.emit(DEVICE, ASKS);
      await next(scene.host, 'enrolmentRequested');
      const killed = scene.killAt(/ WPS_PIN /);
      scene.fake.emit(GROUP, SEEN);
      await killed;
    },
  ],
  [
    'SIGKILL 20 times in a row',
    async (scene) => {
      await scene.isUp();
      scene.restart();
      for (let n = 1; n < 20; n++) {
        // Before, not after: the group may be up again within that time.
        await new Promise((resolve) => setTimeout(resolve, 100));
        scene.restart();
      }
    },
  ],
];

describe('a wpa_supplicant that is killed and started again: the group is up in time', () => {
  for (const [fault, phase] of PHASES)
    test(fault, async (t) => {
      const scene = await Scene.open(t);
      await phase(scene);
      const began = performance.now();
      const walks = scene.fake.commands.filter((command) => command === `${GROUP} STA-FIRST`).length;
      await scene.isUp(walks + 1);
      const seconds = (performance.now() - began) / 1000;
      assert.ok(scene.fake.commands.includes(`${DEVICE} P2P_GROUP_ADD persistent=0`), 'the same group');
      const starts = () => scene.hooks().filter((name) => name === 'start_group').length;
      const stops = () => scene.hooks().filter((name) => name === 'stop_group').length;
      await eventually(
        () => starts() === stops() + 1,
        () => scene.hooks().join(),
      );
      assert.doesNotMatch(scene.hooks().join(), /start_group,start_group|stop_group,stop_group/);
      assert.doesNotMatch(scene.log.lines.join('\n'), /no reply within/);
      overcome(fault, 'the connection of the phone', seconds);
    });
});
