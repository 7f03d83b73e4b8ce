import assert from 'node:assert/strict';
import { get } from 'node:http';
import type { FaultName } from '../../faults/fault-list.js';
import type { AndroidPhone } from './android-phone.js';
import { type Box, LAB_GROUP } from './box.js';
import { DEVICE, PIN, startHostP2pD } from './daemon.js';
import type { HookLog } from './hook-log.js';
import type { Lab } from './lab.js';
import type { Program } from './program.js';

/** The group in a reply to `GET /v1/status`, if the session is in the phase `running`. */
interface GroupStatus {
  readonly interface: string;
  readonly frequency: number | null;
}

function groupIn(status: unknown): GroupStatus | null {
  if (typeof status !== 'object' || status === null || !('phase' in status) || !('group' in status))
    return null;
  const { phase, group } = status;
  if (phase !== 'running' || typeof group !== 'object' || group === null || !('interface' in group))
    return null;
  const frequency = 'frequency' in group && typeof group.frequency === 'number' ? group.frequency : null;
  return typeof group.interface === 'string' ? { interface: group.interface, frequency } : null;
}

interface FaultOptions {
  /** Injects the fault. @returns when the fault was over (`lab.now()`), if that was before it returns */
  readonly inject: () => Promise<unknown>;
  /** False: hostp2pd does not lose the group, or finds it again. */
  readonly losesGroup?: boolean;
  /** What is lost besides the connection of the phone. */
  readonly lost?: string;
}

const GROUP_UP = /^\S+ info \S+: group .* is (?:already )?up/;
/** Nothing may take longer. */
const PATIENCE_SECONDS = 60;

/**
 * A box, hostp2pd, and an Android phone in its group, on which faults are played one after the other. After each it is the same
 * group, the phone is back and known, and no hook was called twice.
 */
export class FaultScene {
  readonly lab: Lab;
  readonly box: Box;
  readonly phone: AndroidPhone;
  readonly hook: HookLog;
  daemon: Program;
  readonly #failures: string[] = [];

  private constructor(lab: Lab, box: Box, phone: AndroidPhone) {
    this.lab = lab;
    this.box = box;
    this.phone = phone;
    this.hook = lab.hookLog();
    this.daemon = this.startDaemon();
  }

  static async open(lab: Lab, globalSocket?: string): Promise<FaultScene> {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP, ...(globalSocket === undefined ? {} : { globalSocket }) }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
    ]);
    const scene = new FaultScene(lab, box, phone);
    await scene.groupIsUp(0);
    await phone.joinWithPin(box.address, PIN);
    await scene.phoneIsKnown();
    return scene;
  }

  startDaemon(): Program {
    this.daemon = startHostP2pD(this.lab, { hook: this.hook, settings: ['  p2p_group_add_opts: freq=2412'] });
    return this.daemon;
  }

  /** Starts hostp2pd again. Its pauses have grown with each end of the group; now they are short. */
  async restart(): Promise<void> {
    assert.deepEqual(await this.daemon.stop(), { code: 0, signal: null });
    this.startDaemon();
    await this.groupIsUp(0);
    await this.phoneIsKnown();
  }

  /** Plays a fault. A failure is kept until {@link FaultScene.close}, so that the others are played, too. */
  async play(fault: FaultName, options: FaultOptions): Promise<void> {
    const { lab } = this;
    lab.note(`FAULT: ${fault}`);
    try {
      await this.#play(fault, options);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      lab.note(`FAILED: ${fault}: ${text}`);
      this.#failures.push(`${fault}: ${text}`);
      await this.#restore();
    }
  }

  /** Ends hostp2pd. @throws if a fault was not overcome */
  async close(): Promise<void> {
    assert.deepEqual(await this.daemon.stop(), { code: 0, signal: null });
    this.#hooksArePaired();
    assert.equal(this.#failures.length, 0, this.#failures.join('\n\n'));
  }

  async #play(fault: FaultName, { inject, losesGroup = true, lost }: FaultOptions): Promise<void> {
    const { lab, daemon, phone } = this;
    const [log, events] = [daemon.mark(), phone.control.mark()];
    const returned = await inject();
    const over = typeof returned === 'number' ? returned : lab.now();
    if (losesGroup) await this.groupIsUp(this.daemon === daemon ? log : 0);
    await lab.until('the group', PATIENCE_SECONDS, () => this.#isOnAir());
    const up = this.daemon.output.findLast(({ text }) => GROUP_UP.test(text))?.at;
    const seconds = losesGroup && up !== undefined ? Math.max(0, up - over) : lab.now() - over;
    await this.#sameGroup();
    const tapped = await this.phoneIsBack();
    const clients = JSON.stringify(await this.ask('/v1/clients'));
    assert.ok(clients.includes(phone.address), `the phone is in the list of clients: ${clients}`);
    this.#hooksArePaired();
    const all = [this.#phoneLost(tapped, events), lost].filter((text) => text !== undefined);
    lab.overcome(fault, all.join('; ') || 'nothing', seconds);
  }

  /** Waits until hostp2pd logs that the group is up. */
  async groupIsUp(mark: number, seconds = PATIENCE_SECONDS): Promise<void> {
    await this.daemon.waitOutput(GROUP_UP, seconds, mark);
  }

  /** GET of the control socket. */
  ask(path: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      get({ socketPath: `/run/hostp2pd/${DEVICE}.sock`, path, timeout: 15_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve(JSON.parse(text)));
      }).on('error', reject);
    });
  }

  /** The group that hostp2pd has. */
  async group(): Promise<GroupStatus> {
    const group = groupIn(await this.ask('/v1/status'));
    assert.ok(group, 'expected a group, got none');
    return group;
  }

  /** hostp2pd and wpa_supplicant agree that there is a group. */
  async #isOnAir(): Promise<boolean> {
    const group = groupIn(await this.ask('/v1/status').catch(() => null));
    return group !== null && this.box.groupInterfaces().includes(group.interface);
  }

  async #sameGroup(): Promise<void> {
    const { interface: group } = await this.group();
    // wpa_supplicant may have been started again, or the interface made again.
    this.box.forget(group);
    const control = await this.box.on(group);
    const passphrase = await control.request('P2P_GET_PASSPHRASE');
    const ssid = (await control.fields('STATUS')).get('ssid');
    assert.deepEqual({ ssid, passphrase }, LAB_GROUP);
  }

  async #isBack(): Promise<boolean> {
    const stations = JSON.stringify(await this.ask('/v1/stations').catch(() => null));
    return this.phone.state.is === 'connected' && stations.includes(this.phone.address);
  }

  async phoneIsKnown(): Promise<void> {
    await this.lab.until('the phone as a station', PATIENCE_SECONDS, () => this.#isBack());
  }

  /** Waits until the phone is connected again. @returns whether its user had to tap the box */
  async phoneIsBack(): Promise<boolean> {
    const { lab, phone, box } = this;
    let tapped = false;
    await lab.until('the phone back', 2 * PATIENCE_SECONDS, async () => {
      if (await this.#isBack()) return true;
      if (phone.state.is !== 'idle' || tapped) return false;
      tapped = true;
      await phone.lookAnew();
      await phone.rejoin(box.address);
      return false;
    });
    return tapped;
  }

  #phoneLost(tapped: boolean, mark: number): string | undefined {
    if (tapped) return 'the phone: its user taps the box again';
    const since = this.phone.control.since(mark).filter(({ ifname }) => ifname !== undefined);
    const gone = since.find(({ text }) => text.startsWith('CTRL-EVENT-DISCONNECTED '));
    const back = since.findLast(({ text }) => text.startsWith('CTRL-EVENT-CONNECTED '));
    if (gone === undefined || back === undefined) return undefined;
    return `the connection of the phone for ${(back.at - gone.at).toFixed(0)} s`;
  }

  /** A phone is told to have gone before it is told to have come again, and so is a group. */
  #hooksArePaired(): void {
    // A hostp2pd that ends leaves the group and its phones, and the next one finds them.
    const first = this.hook.calls.findLastIndex(({ args }) => args[0] === 'started');
    const calls = this.hook.calls.slice(first);
    const phones = calls.filter(({ args }) => args[1] === this.phone.address).map(({ args }) => args[0]);
    const told = phones.filter((name) => name === 'connect' || name === 'disconnect');
    for (const [n, name] of told.entries())
      assert.equal(name, n % 2 === 0 ? 'connect' : 'disconnect', `hooks of the phone: ${told.join(' ')}`);
    const groups = calls.map(({ args }) => args[0]).filter((name) => /_group$/.test(name ?? ''));
    assert.ok(!/start_group start_group/.test(groups.join(' ')), groups.join(' '));
  }

  /** After a failure: what the next fault needs. */
  async #restore(): Promise<void> {
    const mark = this.daemon.mark();
    await this.box.kill();
    await this.box.start();
    const ended = this.daemon.ending !== undefined;
    if (ended) this.startDaemon();
    await this.groupIsUp(ended ? 0 : mark);
    await this.lab.until('the group', PATIENCE_SECONDS, () => this.#isOnAir());
    if (this.phone.state.is !== 'idle' && this.phone.state.is !== 'connected') this.phone.cancel();
    await this.phoneIsBack();
  }
}
