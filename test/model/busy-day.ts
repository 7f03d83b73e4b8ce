import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { validate } from '#src/config/validate.js';
import { AddressService } from '#src/host/address-service.js';
import { GroupStore } from '#src/host/group-store.js';
import { HookCaller } from '#src/host/hook-caller.js';
import { KnownAddresses } from '#src/host/known-addresses.js';
import { PeerRegister } from '#src/host/peer-register.js';
import type { SessionEvent } from '#src/host/public-event.js';
import { SessionRunner } from '#src/host/runner.js';
import { Statistics } from '#src/host/statistics.js';
import { SILENT } from '#src/logging/logger.js';
import { Problems } from '#src/system/problems.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import { DatagramNetwork } from '../fakes/datagram-network.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { ScriptedSupplicant } from '../fakes/scripted-supplicant.js';
import { DEVICE, FILE_VALUES, OWN_ADDRESS, Phone } from '../unit/session/dialogue.js';

const CONTROL = '/ctrl';
/** Groups in 24 hours. */
export const GROUPS_A_DAY = 10_000;
const GROUP_MS = (24 * 3_600_000) / GROUPS_A_DAY;
const STRANGERS_PER_GROUP = 10;
const GROUPS_PER_RELOAD = 10;
const GROUPS_PER_RESTART = 100;
/** Enough that none comes back before `min_conn_delay` is over. */
const PHONES = 40;

/** What the program holds while no phone is there. */
interface Footprint {
  readonly timers: number;
  readonly sockets: number;
  /** Watches of folders and of the end of wpa_supplicant. */
  readonly watches: number;
  /** Characters of the session's state as JSON. */
  readonly state: number;
  readonly peers: number;
}

/**
 * A busy day of a session with its links, on sockets in memory and a clock that the test moves: phones negotiate groups on
 * demand, join, and leave again, strangers pass by, the settings are reloaded, and wpa_supplicant is restarted now and then.
 */
export class BusyDay {
  readonly #clock = new ManualClock();
  readonly #network = new DatagramNetwork();
  readonly #watches = new Set<() => void>();
  readonly #peers = new PeerRegister();
  readonly #groups = new Map<string, ScriptedSupplicant>();
  readonly #present = new Map<string, string>();
  readonly #told = { groupStarted: 0, groupRemoved: 0, stationConnected: 0, stationDisconnected: 0 };
  readonly #runner: SessionRunner;
  /** Of wpa_supplicant. */
  readonly #settings = new Map<string, string>();
  #device = this.#newDevice();
  #count = 0;
  #names = 0;
  #ended = false;
  #strangers = 0;

  /** @param folder for the state file and the names of sockets */
  constructor(folder: string) {
    const watch = (): { close(): void } => {
      const close = (): void => void this.#watches.delete(close);
      this.#watches.add(close);
      return { close };
    };
    const stateFolder = join(folder, 'state');
    const addresses = {
      logger: SILENT,
      clock: this.#clock,
      stateFolder,
      onLeases: () => {},
      problems: new Problems(),
    };
    const known = { onConfirmed: () => {}, onIpv6Confirmed: () => {}, onMissing: () => {} };
    this.#runner = new SessionRunner({
      ...{ open: this.#network.open, clock: this.#clock, logger: SILENT },
      ...{ watch, watchEnd: watch, folder: ClientFolder.at(join(folder, 'sockets')) },
      ...{ settings: settings(0), peers: this.#peers, statistics: new Statistics() },
      ...{ hooks: new HookCaller(null, SILENT), store: new GroupStore(stateFolder, SILENT) },
      addresses: new AddressService(addresses),
      knownAddresses: new KnownAddresses({ logger: SILENT, stateFolder, ...known }),
      askPin: (pin) => Promise.resolve(pin),
      emit: (event) => this.#tell(event),
      onPhase: () => {},
      onStep: () => {},
      onSecret: () => {},
      onFailure: (error) => {
        throw error;
      },
      onEnd: () => {
        this.#ended = true;
      },
    });
    this.#runner.feed({ type: 'start' });
    this.#runner.attach(DEVICE);
  }

  /** Goes on for that many groups. Fails unless each of them, and each station, is reported exactly once. */
  async goOn(groups: number): Promise<void> {
    for (let n = 0; n < groups; n++) {
      await this.#oneGroup(this.#count++);
      // What the fakes keep is no part of the program.
      this.#network.sent.length = 0;
      this.#device.commands.length = 0;
    }
  }

  get footprint(): Footprint {
    const { state } = this.#runner;
    const text = JSON.stringify(state, (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    );
    return {
      timers: this.#clock.waiting.length,
      sockets: this.#network.bound.filter((name) => !name.startsWith(CONTROL)).length,
      watches: this.#watches.size,
      state: text.length,
      peers: this.#peers.view.size,
    };
  }

  /** Ends the session. Nothing may be left of it. */
  async stop(): Promise<void> {
    this.#runner.feed({ type: 'stop' });
    await this.#pass(10_000);
    assert.ok(this.#ended, 'stop ends the session');
    const { timers, sockets, watches } = this.footprint;
    assert.deepEqual({ timers, sockets, watches }, { timers: 0, sockets: 0, watches: 0 });
  }

  async #oneGroup(number: number): Promise<void> {
    const phone = new Phone((number % PHONES) + 10, `Phone ${number % PHONES}`);
    for (let n = 0; n < STRANGERS_PER_GROUP; n++) this.#device.emit(this.#stranger());
    if (number % GROUPS_PER_RELOAD === 0) this.#runner.configure(settings(number / GROUPS_PER_RELOAD));
    await this.#pass(500);
    this.#device.emit(phone.asksByPinAlone);
    await this.#pass(100);
    this.#device.emit(phone.negotiates(1));
    await this.#pass(1_500);
    const [name] = this.#groups.keys();
    if (name === undefined) assert.fail(`group ${number}: no group; ${JSON.stringify(this.#runner.state)}`);
    this.#say(name, phone.joins);
    this.#present.set(phone.station, phone.entry);
    await this.#pass(3_000);
    if (number % GROUPS_PER_RESTART === GROUPS_PER_RESTART - 1) await this.#restart();
    else {
      this.#present.clear();
      this.#say(name, phone.leaves);
    }
    await this.#pass(GROUP_MS - 5_100);
    assert.equal(this.#groups.size, 0, `group ${number}: the group is gone`);
    const times = number + 1;
    assert.deepEqual(
      this.#told,
      { groupStarted: times, groupRemoved: times, stationConnected: times, stationDisconnected: times },
      `group ${number}`,
    );
  }

  /** wpa_supplicant ends with its group, and comes back. */
  async #restart(): Promise<void> {
    this.#device.emit('CTRL-EVENT-TERMINATING ');
    for (const server of this.#groups.values()) server.stop();
    this.#groups.clear();
    this.#present.clear();
    this.#device.stop();
    await this.#pass(1_000);
    this.#names = 0;
    this.#device = this.#newDevice();
  }

  #tell({ type }: SessionEvent): void {
    switch (type) {
      case 'groupStarted':
      case 'groupRemoved':
      case 'stationConnected':
      case 'stationDisconnected':
        this.#told[type]++;
    }
  }

  #say(group: string, text: string): void {
    this.#groups.get(group)?.emit(text);
    this.#device.emit(text);
  }

  /** A phone that passes by and never comes back. */
  #stranger(): string {
    const n = ++this.#strangers;
    const address = [0x02, 0xaa, n >> 24, n >> 16, n >> 8, n]
      .map((byte) => (byte & 0xff).toString(16).padStart(2, '0'))
      .join(':');
    return (
      `P2P-DEVICE-FOUND ${address} p2p_dev_addr=${address} pri_dev_type=10-0050F204-5 name='Stranger ${n}' ` +
      'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1'
    );
  }

  /** Lets that much time pass, with turns of the event loop for what is asynchronous in the program. */
  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.#network.settle();
      this.#clock.advance(Math.min(100, left), () => this.#network.settle());
      this.#network.settle();
      await turn();
    }
  }

  #newDevice(): ScriptedSupplicant {
    this.#readFile();
    const device = new ScriptedSupplicant(this.#network, join(CONTROL, DEVICE));
    device.script = (command) => this.#answer(command);
    return device.start();
  }

  #readFile(): void {
    this.#settings.clear();
    for (const [key, value] of Object.entries(FILE_VALUES)) this.#settings.set(key, value);
  }

  #answer(command: string): string | undefined {
    const [word = '', argument = ''] = command.split(' ');
    switch (word) {
      case 'STATUS':
        return `p2p_device_address=${OWN_ADDRESS}\n`;
      case 'GET':
        return this.#settings.get(argument) || 'FAIL\n';
      case 'SET':
        this.#settings.set(argument, command.slice(`SET ${argument} `.length));
        return 'OK\n';
      case 'RECONFIGURE':
        this.#readFile();
        return 'OK\n';
      case 'INTERFACES':
        return `${[...this.#groups.keys(), 'wlan0', DEVICE].join('\n')}\n`;
      case 'LIST_NETWORKS':
        return 'network id / ssid / bssid / flags\n';
      case 'P2P_CONNECT':
        this.#clock.after(200, () =>
          this.#device.emit(`P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${argument}`),
        );
        this.#clock.after(400, () => this.#startGroup());
        return 'OK\n';
      case 'P2P_GROUP_REMOVE':
        this.#clock.after(100, () => this.#endGroup(argument));
        return 'OK\n';
      case 'PING':
      case 'ATTACH':
      case 'DETACH':
      case 'LEVEL':
        return undefined;
      default:
        return 'OK\n';
    }
  }

  #startGroup(): void {
    const name = `p2p-wlan0-${this.#names++}`;
    const group = new ScriptedSupplicant(this.#network, join(CONTROL, name));
    group.script = (command) => this.#answerOfGroup(command);
    this.#groups.set(name, group.start());
    this.#device.emit(
      `P2P-GROUP-STARTED ${name} GO ssid="DIRECT-PP" freq=2437 passphrase="mysecretpassword" go_dev_addr=${OWN_ADDRESS}`,
    );
  }

  #endGroup(name: string): void {
    const group = this.#groups.get(name);
    if (!group) return;
    this.#groups.delete(name);
    group.stop();
    this.#device.emit(`P2P-GROUP-REMOVED ${name} GO reason=REQUESTED`);
  }

  #answerOfGroup(command: string): string | undefined {
    const [word = ''] = command.split(' ');
    switch (word) {
      case 'STATUS':
        return 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n';
      case 'STA-FIRST':
        return [...this.#present.values()][0] ?? '';
      case 'STA-NEXT':
        return '';
      case 'STA':
        return [...this.#present.values()][0] ?? 'FAIL\n';
      case 'PING':
      case 'ATTACH':
      case 'DETACH':
      case 'LEVEL':
      case 'GET_NETWORK':
        return undefined;
      default:
        return 'OK\n';
    }
  }
}

/** Negotiated on demand; the PIN changes with each reload. */
function settings(reload: number) {
  const pin = ['12345670', '90000010'][reload % 2];
  const { settings: valid, problems } = validate({
    ...{ interface: DEVICE, ctrl_interface: CONTROL, pin },
    ...{ dynamic_group: true, activate_persistent_group: false },
  });
  assert.deepEqual(problems, []);
  return valid;
}
