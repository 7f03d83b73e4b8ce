import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NODE_OPTIONS } from '#src/daemon/launch.js';
import type { AndroidPhone } from '../guest/android-phone.js';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import { fileText } from '../guest/file-text.js';
import { HEAP_REPORT } from '../guest/heap-report.js';
import type { Lab } from '../guest/lab.js';
import type { Program } from '../guest/program.js';
import type { Scenario } from '../guest/scenario.js';

const PHONES = 6;
/** Until the first phones have come and gone. The program has loaded its code then. */
const FIRST_MINUTES = 4;
const MORE_MINUTES = 26;
const MINUTES = FIRST_MINUTES + MORE_MINUTES;
/** The program gives memory back at a heartbeat, if it was quiet since the last one. */
const QUIET_SECONDS = 60;
/** Of the private dirty memory, KiB. */
const MAX_GROWTH = 2048;
/** Of what is in use when all garbage is collected, KiB: some more functions are compiled, and a phone is known. */
const MAX_LIVE_GROWTH = 1024;

/** How a phone's user goes on: seconds on the group and away from it, different for each phone. */
const stays = (phone: number) => 8 + 5 * phone;
const away = (phone: number) => 4 + 3 * ((phone * 5) % PHONES);

const scenario: Scenario = {
  name: 'long-life',
  title: `${MINUTES} minutes with ${PHONES} phones that come and go: each visit is told once, and the program does not grow`,
  suite: 'by-name',
  radios: { phones: PHONES },
  timeoutSeconds: (MINUTES + 10) * 60,
  async run(lab) {
    const hook = lab.hookLog();
    const box = await lab.startBox({ group: LAB_GROUP });
    const phones: AndroidPhone[] = [];
    // All at once are too many for an emulated processor.
    for (let number = 1; number <= PHONES; number++)
      phones.push(await lab.startAndroid({ number, deviceName: `Phone ${number}` }));
    const heapReport = join(lab.scratch, 'heap');
    const preload = fileURLToPath(new URL('../guest/heap-report.js', import.meta.url));
    // With the options of `-d`, as the service runs.
    const options = [...NODE_OPTIONS, '--import', preload].join(' ');
    const daemon = startHostP2pD(lab, { hook, env: { NODE_OPTIONS: options, [HEAP_REPORT]: heapReport } });
    await groupIsUp(daemon);
    const events = await box.on(GROUP);

    const live = async (minutes: number): Promise<Size> => {
      const end = lab.now() + minutes * 60;
      await Promise.all(phones.map((phone, index) => comeAndGo(lab, phone, box.address, index + 1, end)));
      // The box answers, and hostp2pd logs, each of their probe requests.
      for (const phone of phones) await phone.control.request('P2P_STOP_FIND');
      await delay(QUIET_SECONDS * 1000);
      const dirty = dirtyOf(daemon.pid ?? 0);
      const live = await liveHeap(lab, daemon, heapReport);
      return { dirty, live, descriptors: readdirSync(`/proc/${daemon.pid}/fd`).length };
    };
    const early = await live(FIRST_MINUTES);
    const late = await live(MORE_MINUTES);

    const told = (name: string) => hook.calls.filter(({ args }) => args[0] === name).length;
    lab.figures['visits'] = String(told('connect'));
    lab.figures[`private dirty after ${FIRST_MINUTES} and ${MINUTES} min`] =
      `${early.dirty}, ${late.dirty} KiB`;
    lab.figures['of it in use by objects'] = `${early.live}, ${late.live} KiB`;
    lab.figures['descriptors'] = `${early.descriptors}, ${late.descriptors}`;

    lab.note('each connection that wpa_supplicant has reported was told once');
    const count = (word: string) => events.since(0).filter(({ text }) => text.startsWith(word)).length;
    const left = count('AP-STA-DISCONNECTED ');
    await lab.until('the last hook', 60, () => told('disconnect') >= left);
    for (const phone of phones)
      assertTurns(
        hook.calls.map(({ args }) => args),
        phone.address,
      );
    assert.equal(told('connect'), told('disconnect'));
    assert.ok(told('connect') >= MINUTES, `expected a visit a minute, got ${told('connect')}`);
    assert.equal(told('start_group'), 1);
    assert.equal(told('stop_group'), 0);

    lab.note('it holds no more than after the first minutes');
    assert.equal(late.descriptors, early.descriptors);
    assert.ok(late.live - early.live <= MAX_LIVE_GROWTH, `in use: ${early.live} → ${late.live} KiB`);
    assert.ok(late.dirty - early.dirty <= MAX_GROWTH, `${early.dirty} → ${late.dirty} KiB`);
    assert.deepEqual(await daemon.stop(30), { code: 0, signal: null });
  },
};

async function comeAndGo(
  lab: Lab,
  phone: AndroidPhone,
  box: string,
  number: number,
  end: number,
): Promise<void> {
  await delay(number * 2_000);
  while (lab.now() < end) {
    // A dialog can come too late on a busy machine; its user tries again.
    try {
      await phone.joinWithPin(box, PIN);
      await delay(stays(number) * 1000);
      await phone.leave();
    } catch (error) {
      lab.note(`phone ${number}: ${String(error)}`);
      phone.cancel();
    }
    await delay(away(number) * 1000);
  }
  if (phone.state.is === 'connected') await phone.leave();
}

/** Its hooks `connect` and `disconnect` come in turns, and end with the second. */
function assertTurns(calls: readonly (readonly string[])[], address: string): void {
  const names = calls.flatMap(([name = '', who]) =>
    who === address && (name === 'connect' || name === 'disconnect') ? [name] : [],
  );
  assert.ok(names.length > 0, `${address} has been there`);
  names.forEach((name, index) => {
    assert.equal(name, index % 2 === 0 ? 'connect' : 'disconnect', `${address}: call ${index + 1}`);
  });
}

interface Size {
  /** Private dirty memory, KiB. */
  readonly dirty: number;
  /** What V8's heap has in use when all garbage is collected, KiB. If that does not grow, nothing leaks. */
  readonly live: number;
  readonly descriptors: number;
}

function dirtyOf(pid: number): number {
  const dirty = /^Private_Dirty:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  assert.ok(dirty);
  return Number(dirty[1]);
}

async function liveHeap(lab: Lab, daemon: Program, report: string): Promise<number> {
  const lines = () => fileText(report).split('\n').slice(0, -1);
  const before = lines().length;
  daemon.signal('SIGUSR2');
  await lab.until('the report of the heap', 60, () => lines().length > before);
  return Math.round(Number(lines().at(-1)) / 1024);
}

export default scenario;
