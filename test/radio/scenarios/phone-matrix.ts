import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostP2pD } from '#src/host/host.js';
import type { AndroidPhone } from '../guest/android-phone.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Pin } from '../guest/pin.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isStation, startSession } from '../guest/session.js';

/** Every flow of native-notes/android.md with a formation technique and every method: played, or why it cannot exist. */
export function phoneMatrix(name: string, technique: Technique): Scenario {
  return {
    name,
    title: `what Android phones do where the group is ${technique}, with each method, as a table`,
    suite: 'by-name',
    timeoutSeconds: 1500,
    run: (lab) => playMatrix(lab, technique),
  };
}

async function playMatrix(lab: Lab, technique: Technique): Promise<void> {
  const [box, phone, other] = await Promise.all([
    lab.startBox({ group: LAB_GROUP }),
    lab.startAndroid({ number: 1, deviceName: 'Pixel', hesitation: 1, ownNetwork: true }),
    lab.startAndroid({ number: 2, deviceName: 'Galaxy', hesitation: 1 }),
  ]);
  const cells = new Map<string, string>();
  const columns = METHODS.map((method) => ({ technique, method }));
  for (const column of columns) {
    for (const { flow, cell, settings } of ROWS) {
      const key = `${flow} ${column.method}`;
      const play = cell(column);
      lab.note(`== ${key}`);
      cells.set(
        key,
        typeof play === 'string' ? play : await played(lab, { box, phone, other, column }, play, settings),
      );
      lab.note(`== ${key}: ${cells.get(key)}`);
    }
  }
  lab.report = table(technique, cells);
  assert.deepEqual(
    [...cells].filter(([, result]) => result.startsWith('FAILED')),
    [],
  );
}

type Technique = 'persistent' | 'persistent on demand' | 'negotiated' | 'autonomous';
type Method = 'PIN' | 'button' | 'fresh PIN';

interface Column {
  readonly technique: Technique;
  readonly method: Method;
}

const SETTINGS: Readonly<Record<Technique, readonly [boolean, boolean, boolean]>> = {
  persistent: [true, false, false],
  'persistent on demand': [true, false, true],
  negotiated: [false, false, true],
  autonomous: [false, true, false],
};
const METHODS: readonly Method[] = ['PIN', 'button', 'fresh PIN'];

/** A cell: the box with the settings of its column and two phones that have never been here. */
class Stage {
  readonly lab: Lab;
  readonly box: Box;
  readonly phone: AndroidPhone;
  readonly other: AndroidPhone;
  readonly column: Column;
  host: HostP2pD;
  readonly #shown = new Map<string, string>();

  constructor(lab: Lab, { box, phone, other, column }: Cast, host: HostP2pD) {
    this.lab = lab;
    this.box = box;
    this.phone = phone;
    this.other = other;
    this.column = column;
    this.host = host;
    host.on('pinShown', ({ deviceAddress, pin }) => this.#shown.set(deviceAddress, pin));
  }

  /** Whether the group is up before a phone asks. */
  get alwaysUp(): boolean {
    return isAlwaysUp(this.column);
  }

  /** The PIN that the user of a phone reads on the box. */
  pinFor(phone: AndroidPhone): Pin {
    if (this.column.method === 'PIN') return PIN;
    return () => this.lab.until('a PIN on the box', 30, () => this.#shown.get(phone.address));
  }

  get pin(): Pin {
    return this.pinFor(this.phone);
  }

  async joinAs(phone: AndroidPhone): Promise<void> {
    if (this.column.method === 'button') await phone.joinWithButton(this.box.address);
    else await phone.joinWithPin(this.box.address, this.pinFor(phone));
    await isStation(this.lab, this.host, phone.address);
  }

  async join(): Promise<void> {
    await this.joinAs(this.phone);
    await this.hasHandshakeAddress();
  }

  async hasHandshakeAddress(): Promise<void> {
    await isStation(this.lab, this.host, this.phone.address);
    const [, ip] = / ip_addr=(\S+)/.exec(this.phone.joined?.event ?? '') ?? [];
    assert.ok(ip, 'an address in the handshake');
    assert.equal(this.host.stations[0]?.ip, ip);
  }

  async leave(phone = this.phone): Promise<void> {
    await phone.leave();
    await this.lab.until('the phone gone', 20, () => this.host.stations.length === 0);
  }

  /** Without the group, where it is not always up. */
  async endGroup(): Promise<void> {
    await (await this.box.p2p()).request('P2P_GROUP_REMOVE *');
    await this.lab.until('no group', 20, () => this.host.status.phase === 'idle');
    await this.phone.lookAnew();
  }
}

interface Cast {
  readonly box: Box;
  readonly phone: AndroidPhone;
  readonly other: AndroidPhone;
  readonly column: Column;
}

type Section = Readonly<Record<string, unknown>>;

/** @returns a reason why a part could not be played, or nothing */
type Play = (stage: Stage) => Promise<unknown>;

/** @returns the seconds that it took, or why it failed */
async function played(lab: Lab, cast: Cast, play: Play, settings: Section = {}): Promise<string> {
  const { box, phone, other, column } = cast;
  const [persistent, autonomous, dynamic] = SETTINGS[column.technique];
  const host = await startSession(lab, {
    activate_persistent_group: persistent,
    activate_autonomous_group: autonomous,
    dynamic_group: dynamic,
    pbc_in_use: column.method === 'button',
    pin: column.method === 'fresh PIN' ? 'random' : PIN,
    addressing: 'dnsmasq',
    state_folder: `${lab.scratch}/state-${Math.round(lab.now() * 1000)}`,
    ...settings,
  });
  const stage = new Stage(lab, cast, host);
  try {
    if (stage.alwaysUp) await groupOf(lab, host);
    else await lab.until('the search', 30, () => host.status.phase === 'idle');
    const began = lab.now();
    const note = await play(stage);
    return `${(lab.now() - began).toFixed(0)} s${typeof note === 'string' ? ` ${note}` : ''}`;
  } catch (error) {
    lab.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return `FAILED: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  } finally {
    for (const one of [phone, other]) one.cancel();
    await stage.host.stop();
    const p2p = await box.p2p();
    await p2p.request('P2P_GROUP_REMOVE *');
    await lab.until('the end of all groups', 20, () => box.groupInterfaces().length === 0);
    await p2p.request('P2P_FLUSH');
    for (const one of [phone, other]) {
      if (one.joined) await one.waitGone(20).catch(() => {});
      await one.control.request('P2P_CANCEL');
      await one.forget();
    }
  }
}

function isAlwaysUp({ technique }: Column): boolean {
  return technique === 'persistent' || technique === 'autonomous';
}

const isPersistent = ({ technique }: Column) =>
  technique === 'persistent' || technique === 'persistent on demand';

const BUTTON_ONLY = 'a: the box offers only the button, which Android then uses';
const PIN_ONLY = 'b: the box offers no button: see E';
const NOT_SAVED = 'c: a phone saves only a persistent group';
const IS_UP = 'd: the group is always up: see B';
const NO_DIALOG = 'e: the button opens no dialog that could be cancelled';
const IS_E = 'f: the box offers the button: see A′';
const ENDS_WITH_US = 'g: only a reload; such a group is removed when hostp2pd ends';
const NO_WPS = 'i: there is no WPS in this flow, so the method plays no part';
const WITH_JOIN =
  'j: each join of A, A′ and A″ checks that the phone and the box have the address of the handshake';

interface Row {
  readonly flow: string;
  /** A reason stands for a cell that cannot exist. */
  readonly cell: (column: Column) => Play | string;
  /** Besides those of the column. */
  readonly settings?: Section;
}

const ROWS: readonly Row[] = [
  {
    flow: 'A',
    cell: ({ method }) => (method === 'button' ? BUTTON_ONLY : (stage) => stage.join()),
  },
  {
    flow: 'A′',
    cell: ({ method }) => (method === 'button' ? (stage) => stage.join() : PIN_ONLY),
  },
  { flow: 'A″', cell: ({ method }) => (method === 'button' ? BUTTON_ONLY : showsPin) },
  { flow: 'B', cell: (column) => (isPersistent(column) ? returns : NOT_SAVED) },
  {
    flow: 'B′',
    cell: (column) => {
      if (!isPersistent(column)) return NOT_SAVED;
      return isAlwaysUp(column) ? IS_UP : restarts;
    },
  },
  { flow: 'C', cell: () => joinsByName },
  { flow: 'D', cell: ({ method }) => (method === 'button' ? NO_DIALOG : cancels) },
  { flow: 'E', cell: ({ method }) => (method === 'button' ? IS_E : presses) },
  { flow: 'F', cell: () => negotiates },
  { flow: 'G', cell: () => stays },
  { flow: 'H', cell: () => waitsForRoom, settings: { config_parms: { max_num_sta: 1 } } },
  {
    flow: 'I',
    cell: ({ method }) => (method === 'PIN' ? usesIpv6 : NO_WPS),
  },
  { flow: 'J', cell: () => WITH_JOIN },
];

async function showsPin(stage: Stage): Promise<void> {
  const { lab, phone, box, host } = stage;
  await phone.tap(box.address, { setup: 'display' });
  const pin = await phone.readPin();
  await lab.until('its request', 20, () => host.status.enrolling.length === 1);
  await host.enterPin(phone.address, pin);
  await phone.connected();
  await stage.hasHandshakeAddress();
}

async function returns(stage: Stage): Promise<void> {
  await stage.join();
  await stage.leave();
  const asked = stage.host.statistics.enrolmentsRequested;
  await stage.phone.tap(stage.box.address);
  await stage.phone.connected();
  await isStation(stage.lab, stage.host, stage.phone.address);
  assert.equal(stage.host.statistics.enrolmentsRequested, asked);
}

async function restarts(stage: Stage): Promise<void> {
  await stage.join();
  await stage.leave();
  await stage.endGroup();
  const asked = stage.host.statistics.enrolmentsRequested;
  await stage.phone.tap(stage.box.address);
  await stage.phone.connected();
  await isStation(stage.lab, stage.host, stage.phone.address);
  assert.equal(stage.host.statistics.enrolmentsRequested, asked);
}

async function joinsByName({ lab, host, phone, column }: Stage): Promise<void> {
  if (!isAlwaysUp(column)) await host.startGroup();
  await groupOf(lab, host);
  // The link to the group may not be attached yet.
  const passphrase = await lab.until('the passphrase', 10, () => host.passphrase().catch(() => undefined));
  await phone.joinByName(host.status.group?.ssid ?? '', passphrase);
  await phone.connected(60);
  await isStation(lab, host, phone.address);
}

async function cancels(stage: Stage): Promise<void> {
  await stage.phone.tap(stage.box.address);
  await stage.phone.refuse('keypad');
  await delay(3000);
  assert.equal(stage.host.stations.length, 0);
  await stage.join();
}

/** The user waits for some seconds, cancels, and types the PIN when the phone asks for it. */
async function presses({ lab, phone, box, host, pin }: Stage): Promise<void> {
  await phone.tap(box.address, { setup: 'pbc' });
  await lab.until('the button is tried', 20, () => phone.state.is !== 'provisioning');
  await delay(8000);
  if (phone.state.is === 'joining') phone.cancel();
  await phone.typePin(pin, 60);
  await phone.connected(60);
  await isStation(lab, host, phone.address);
}

async function negotiates(stage: Stage): Promise<void> {
  const { lab, phone, box, host, pin, column } = stage;
  if (!isAlwaysUp(column)) await host.startGroup();
  await phone.tap(box.address, { unaware: true });
  if (column.method !== 'button') await phone.typePin(pin);
  await lab.until('it negotiates', 20, () => phone.state.is === 'joining');
  await lab.until('a dialog, or the group', 60, () => ['asking', 'connected'].includes(phone.state.is));
  if (phone.state.is === 'asking') {
    if (column.method === 'button') await phone.accept();
    else await phone.typePin(pin);
  }
  await phone.connected(60);
  await isStation(lab, host, phone.address);
}

/** The 10-second rule; android-ten-seconds plays the restarts and the channels. */
async function stays(stage: Stage): Promise<string | undefined> {
  await stage.join();
  const { lab, phone, column } = stage;
  const mark = phone.control.mark();
  await stage.host.reload();
  const endsWithUs = column.technique === 'negotiated';
  if (!endsWithUs) {
    await stage.host.stop();
    const [persistent, autonomous, dynamic] = SETTINGS[column.technique];
    stage.host = await startSession(lab, {
      activate_persistent_group: persistent,
      activate_autonomous_group: autonomous,
      dynamic_group: dynamic,
      pbc_in_use: column.method === 'button',
    });
  }
  await isStation(lab, stage.host, phone.address);
  await delay(2000);
  const lost = phone.control.since(mark).filter(({ text }) => text.startsWith('CTRL-EVENT-DISCONNECTED'));
  assert.deepEqual(lost, []);
  return endsWithUs ? ENDS_WITH_US : undefined;
}

/** A new phone does not get into a full group, and the phone that is there stays; then there is room. See also android-limits. */
async function waitsForRoom(stage: Stage): Promise<void> {
  const { lab, phone, other, box, host, column } = stage;
  await stage.joinAs(other);
  await phone.tap(box.address);
  if (column.method !== 'button') await phone.typePin(stage.pin);
  await lab.until('the end of its attempt', 90, () => phone.state.is === 'idle');
  assert.deepEqual(
    host.stations.map(({ deviceAddress }) => deviceAddress),
    [other.address],
  );
  await stage.leave(other);
  await stage.join();
}

async function usesIpv6(stage: Stage): Promise<void> {
  await joinsByName(stage);
  const { lab, host } = stage;
  await lab.until('its IPv6 address', 60, () => host.stations[0]?.ipv6?.startsWith('fe80::'));
  assert.deepEqual(host.status.withoutAddress, []);
}

/** A row for each flow, a column for each method, and the reasons below. */
function table(technique: Technique, cells: ReadonlyMap<string, string>): string {
  /** `a: the reason`, alone or after the seconds. */
  const reasonIn = (text: string) => /\b[a-z]: .*$/.exec(text)?.[0];
  const short = (text: string) => {
    const reason = reasonIn(text);
    const result = /^FAILED|^\d+ s/.exec(text)?.[0];
    return result === 'FAILED' || !reason ? (result ?? text) : `${result ?? ''} (${reason[0]})`.trim();
  };
  const rows = ROWS.map(({ flow }) => [
    flow,
    ...METHODS.map((method) => short(cells.get(`${flow} ${method}`) ?? '')),
  ]);
  const lines = [[technique, ...METHODS], ['---', '---', '---', '---'], ...rows];
  const played = [...cells.values()].filter((text) => !text.startsWith('FAILED'));
  const reasons = [...new Set(played.flatMap((text) => reasonIn(text) ?? []))].sort();
  const failures = [...cells].filter(([, text]) => text.startsWith('FAILED')).map((cell) => cell.join(': '));
  return [
    ...lines.map((row) => `| ${row.join(' | ')} |`),
    '',
    ...reasons.map((text) => `(${text[0]}) ${text.slice(3)}`),
    ...failures,
  ].join('\n');
}
