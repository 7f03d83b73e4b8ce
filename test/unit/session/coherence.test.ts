import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hookCall } from '#src/hooks/contract.js';
import type { Effect } from '#src/session/messages.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import { seeded } from '../../fakes/seeded.js';
import { type Conditions, SimulatedSupplicant } from '../../fakes/simulated-supplicant.js';
import { Dialogue, Phone } from './dialogue.js';

const PHONES = [new Phone(1, 'A'), new Phone(2, 'B')] as const;

/** A simulated wpa_supplicant that is often slow, refuses requests, or answers OK and does nothing. */
class World {
  readonly d: Dialogue;
  readonly supplicant: SimulatedSupplicant;
  readonly random: () => number;
  faulty = true;
  /** For each phone, how many more hooks `connect` than `disconnect` there were. */
  readonly present = new Map<string, number>();

  constructor(section: Readonly<Record<string, unknown>>, random: () => number) {
    this.random = random;
    this.d = new Dialogue(section);
    this.supplicant = new SimulatedSupplicant(this.d, this.#conditions());
  }

  #conditions(): Conditions {
    const { random } = this;
    return {
      reply: (command) => this.#reply(command),
      replyMs: () => (this.faulty && random() < 0.1 ? random() * 3_000 : 5),
      eventMs: () => (this.faulty && random() < 0.15 ? random() * 1_500 : 0),
      repeatsEvent: () => this.faulty && random() < 0.03,
      hookMs: () => 50 + random() * 500,
      watch: (effect) => this.#count(effect),
      check: () => this.check(),
    };
  }

  #count(effect: Effect): void {
    if (effect.type !== 'hook') return;
    const { name, args } = hookCall(effect.event, '');
    if (name !== 'connect' && name !== 'disconnect') return;
    const [phone = ''] = args;
    this.present.set(phone, (this.present.get(phone) ?? 0) + (name === 'connect' ? 1 : -1));
  }

  check(): void {
    const { phase, operator } = this.d.state;
    const { paused, groupStopped } = operator;
    if (!(paused || groupStopped) || phase.name !== 'running' || !phase.group.linkUp) return;
    const held = [...(this.supplicant.reachableRegistrar ?? [])];
    if (held.length > 0) this.supplicant.fail(`admits while halted: ${held}`);
  }

  #reply(command: string): string | undefined {
    const { supplicant, random } = this;
    const chance = this.faulty ? random() : 1;
    const [word = '', argument = ''] = command.split(' ');
    switch (word) {
      case 'LIST_NETWORKS':
        return chance < 0.1 ? 'FAIL\n' : undefined;
      case 'P2P_GROUP_ADD':
        if (chance < 0.2) return 'FAIL\n';
        if (chance < 0.3) return 'OK\n';
        if (chance >= 0.5 || supplicant.groups.size > 0) return undefined;
        supplicant.startSoon(random() * 15_000);
        return 'OK\n';
      case 'P2P_GROUP_REMOVE':
        if (chance < 0.1) return 'FAIL\n';
        if (chance < 0.2) return 'OK\n';
        if (chance >= 0.4) return undefined;
        supplicant.after(7_000, () => supplicant.remove(argument));
        return 'OK\n';
      case 'P2P_INVITE':
        if (chance < 0.5) return 'OK\n';
        supplicant.after(500, () =>
          supplicant.say('device', `P2P-INVITATION-RESULT status=${chance < 0.7 ? 0 : 8}`),
        );
        return 'OK\n';
      case 'P2P_CONNECT':
        if (chance < 0.2) return 'FAIL\n';
        supplicant.after(500, () => this.#negotiated(argument, chance));
        return 'OK\n';
      default:
        return undefined;
    }
  }

  #negotiated(phone: string, chance: number): void {
    const { supplicant } = this;
    if (chance < 0.4) supplicant.say('device', 'P2P-GO-NEG-FAILURE status=-1');
    else if (chance < 0.6) supplicant.say('device', 'P2P-GROUP-FORMATION-FAILURE ');
    else if (chance < 0.9 && supplicant.groups.size === 0) {
      supplicant.say('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${phone}`);
      supplicant.startSoon(2_000);
    }
  }
}

const COMMANDS: readonly OperatorCommand[] = [
  { kind: 'start-group' },
  { kind: 'stop-group' },
  { kind: 'start-group' },
  { kind: 'pause' },
  { kind: 'resume' },
  { kind: 'resume' },
  { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null },
  { kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: null },
  { kind: 'stop-pairing' },
  { kind: 'invite', deviceAddress: PHONES[0].device },
];

function disturb({ supplicant: w, random }: World): void {
  const dice = random();
  const [name] = w.groups.keys();
  const phone = PHONES[random() < 0.5 ? 0 : 1];
  if (dice < 0.12 && name) {
    const stations = w.groups.get(name);
    if (stations?.has(phone)) {
      stations.delete(phone);
      w.sayOf(name, phone.leaves);
    } else {
      stations?.add(phone);
      w.sayOf(name, phone.joins);
    }
  } else if (dice < 0.2) w.say('device', name ? phone.asksByPin : phone.asksByPinAlone);
  else if (dice < 0.25) w.say('device', phone.negotiates(random() < 0.5 ? 1 : 4));
  else if (dice < 0.3 && name) w.sayOf(name, phone.seen);
  else if (dice < 0.35 && name) w.say('group', phone.needsPin);
  else if (dice < 0.4 && !name) {
    w.say('device', `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`);
    if (random() < 0.7) w.startSoon(random() * 5000);
  } else if (dice < 0.44 && name) w.remove(name);
  else if (dice < 0.48 && name) w.remove(name, true);
  else if (dice < 0.54) w.loseGroup();
  else if (dice < 0.6) w.loseDevice();
  else if (dice < 0.63) w.restart(random() * 6_000);
  else if (dice < 0.68) w.heldBack = true;
  else if (dice < 0.74) w.hears();
  else if (dice < 0.9) w.operate(COMMANDS[Math.floor(random() * COMMANDS.length)] ?? { kind: 'resume' });
  else if (dice < 0.93) w.start();
  else if (dice < 0.96)
    w.after(random() * 3_000, () =>
      w.operate(COMMANDS[Math.floor(random() * COMMANDS.length)] ?? { kind: 'resume' }),
    );
}

const SECTIONS = [
  {},
  { dynamic_group: true },
  { activate_persistent_group: false },
  { pin: '12345670' },
  { pin: '12345670', dynamic_group: true },
  { pbc_in_use: true, pbc_white_list: PHONES.map(({ device }) => device) },
];
const SEEDS = 200;

/** After a quiet while. */
function compare({ d, supplicant: w, present }: World, standing: boolean): void {
  for (const [id, at] of w.unanswered) w.fail(`operator ${id} has no answer since ${at}`);
  const { phase, operator } = d.state;
  const { paused, groupStopped } = operator;
  const group = phase.name === 'running' ? phase.group : null;
  if (group) {
    if (!w.groups.has(group.interface)) w.fail('a group in our books only');
    if (!group.linkUp) w.fail('no link to the group');
    const theirs = [...(w.groups.get(group.interface) ?? [])].map(({ station }) => station).sort();
    const ours = [...group.stations.keys()].sort();
    if (theirs.join() !== ours.join()) w.fail(`our stations: ${ours.join()}, there: ${theirs.join()}`);
    if (groupStopped) w.fail('stopped, and a group runs');
  } else {
    if (w.groups.size > 0) w.fail('a group runs unseen');
    if (standing && !paused && !groupStopped) w.fail('no group');
  }
  const here = [...(group?.stations.values() ?? [])].map(({ deviceAddress }) => deviceAddress);
  for (const [phone, count] of present)
    if (count !== (here.includes(phone) ? 1 : 0))
      w.fail(`${phone}: ${count} hooks connect without disconnect`);
}

test('after any disturbances the state of the session agrees with that of wpa_supplicant', () => {
  let running = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seeded(seed);
    const section = SECTIONS[seed % SECTIONS.length] ?? {};
    const w = new World(section, random);
    for (let step = 0; step < 60; step++) {
      w.supplicant.pass(random() < 0.5 ? random() * 200 : random() * 8_000);
      disturb(w);
      w.check();
    }
    w.supplicant.hears();
    w.faulty = false;
    w.supplicant.pass(150_000);
    compare(w, !('dynamic_group' in section) && !('activate_persistent_group' in section));
    if (w.d.phase === 'running') running++;
  }
  assert.ok(running > SEEDS / 10, `${running} groups`);
});
