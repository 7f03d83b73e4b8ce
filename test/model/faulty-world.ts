import { hookCall } from '#src/hooks/contract.js';
import type { Effect } from '#src/session/messages.js';
import { VALUE_KEYS } from '#src/session/temporary-values.js';
import { type Conditions, SimulatedSupplicant } from '../fakes/simulated-supplicant.js';
import { Dialogue, Phone } from '../unit/session/dialogue.js';
import { unsaid } from '../unit/session/unusable-group.js';

export const PHONES = [new Phone(1, 'A'), new Phone(2, 'B'), new Phone(3, 'C')] as const;

/** More than the longest sequence of requests that belong together: wpa_supplicant's values at the start. */
const MOST_REQUESTS = 20;
/** Characters of the state as JSON: with three phones there is little to remember. */
const MOST_STATE = 20_000;

/** A simulated wpa_supplicant that is often slow, refuses requests, or answers OK and does nothing. */
export class FaultyWorld {
  readonly d: Dialogue;
  readonly supplicant: SimulatedSupplicant;
  /** Two groups may have been up at once. The session need not know of the second before the first has ended. */
  secondGroup = false;
  readonly #chance: () => number;
  #faulty = true;
  /** For each phone, how many more hooks `connect` than `disconnect` there were. */
  readonly #present = new Map<string, number>();
  /** The last hook about a group. */
  #told: 'start_group' | 'stop_group' | null = null;
  #groupTold = false;

  /** @param chance numbers from 0 to 1; 1 stands for no fault */
  constructor(section: Readonly<Record<string, unknown>>, chance: () => number) {
    this.#chance = chance;
    this.d = new Dialogue(section);
    this.supplicant = new SimulatedSupplicant(this.d, this.#conditions());
  }

  /** From now on wpa_supplicant does what it is asked for. */
  calm(): void {
    this.supplicant.hears();
    this.#faulty = false;
  }

  /** What must hold after a quiet while. @param standing the settings ask for a group without a phone */
  compare(standing: boolean): void {
    const { d, supplicant } = this;
    for (const [id, at] of supplicant.unanswered) supplicant.fail(`operator ${id} has no answer since ${at}`);
    const { phase, operator } = d.state;
    const { paused, groupStopped } = operator;
    const group = phase.name === 'running' ? phase.group : null;
    if (group) {
      if (!supplicant.groups.has(group.interface)) supplicant.fail('a group in our books only');
      if (!group.linkUp) supplicant.fail('no link to the group');
      const theirs = [...(supplicant.groups.get(group.interface) ?? [])].map(({ station }) => station).sort();
      const ours = [...group.stations.keys()].sort();
      if (theirs.join() !== ours.join())
        supplicant.fail(`our stations: ${ours.join()}, there: ${theirs.join()}`);
      if (groupStopped) supplicant.fail('stopped, and a group runs');
    } else {
      if (supplicant.groups.size > 0) supplicant.fail('a group runs unseen');
      if (standing && !paused && !groupStopped) supplicant.fail('no group');
    }
    this.#compareSettings();
    const here = [...(group?.stations.values() ?? [])].map(({ deviceAddress }) => deviceAddress);
    for (const [phone, count] of this.#present)
      if (count !== (here.includes(phone) ? 1 : 0))
        supplicant.fail(`${phone}: ${count} hooks connect without disconnect`);
  }

  /** What we have set is in force, but for what another program has changed again and again. */
  #compareSettings(): void {
    const { values, overwritten } = this.d.state.supplicant;
    for (const key of VALUE_KEYS) {
      const wanted = values?.inForce[key];
      if (wanted === values?.user[key] || overwritten.some((one) => one.key === key)) continue;
      const found = this.supplicant.settings.get(key);
      if (found !== wanted) this.supplicant.fail(`${key} is ${found}, not ${wanted}`);
    }
  }

  /** A group that runs and answers is known. */
  groupIsKnown(): void {
    const { phase } = this.d.state;
    if (!this.secondGroup && this.supplicant.groups.size > 0 && phase.name !== 'running')
      this.supplicant.fail(`a group runs, and the session is ${phase.name}`);
  }

  /** Ends the session. */
  stop(): void {
    this.supplicant.give({ type: 'stop' });
    this.supplicant.pass(60_000);
    if (this.d.phase !== 'ended') this.supplicant.fail('stop does not end it');
    if (this.supplicant.unanswered.size > 0) this.supplicant.fail('an operator without an answer at the end');
  }

  #conditions(): Conditions {
    const probable = (share: number) => this.#faulty && this.#chance() < share;
    return {
      reply: (command, link) => (link === 'radio' ? this.#radio(command) : this.#reply(command)),
      replyMs: () => (probable(0.1) ? this.#chance() * 3_000 : 5),
      eventMs: () => (probable(0.15) ? this.#chance() * 1_500 : 0),
      repeatsEvent: () => probable(0.03),
      hookMs: () => 50 + this.#chance() * 500,
      watch: (effect) => this.#watch(effect),
      check: () => this.#check(),
    };
  }

  #watch(effect: Effect): void {
    if (effect.type === 'hook') this.#hook(effect);
    if (effect.type !== 'emit') return;
    const { type } = effect.event;
    if (type !== 'groupStarted' && type !== 'groupRemoved') return;
    const starts = type === 'groupStarted';
    if (this.#groupTold === starts) this.supplicant.fail(`${type} twice`);
    this.#groupTold = starts;
  }

  #hook({ event }: Extract<Effect, { type: 'hook' }>): void {
    const { name, args } = hookCall(event, '');
    if (name === 'connect' || name === 'disconnect') {
      const [phone = ''] = args;
      const count = (this.#present.get(phone) ?? 0) + (name === 'connect' ? 1 : -1);
      this.#present.set(phone, count);
      if (count < 0 || count > 1)
        this.supplicant.fail(`${name} of ${phone}: ${count} more than its opposite`);
    } else if (name === 'start_group') {
      if (this.#told === name) this.supplicant.fail('start_group twice');
      this.#told = name;
    } else if (name === 'stop_group') {
      // One without an argument ends an attempt that start_group has announced.
      if (this.#told !== 'start_group' && args.length === 0)
        this.supplicant.fail('stop_group without start_group');
      this.#told = name;
    }
  }

  #check(): void {
    const { d, supplicant } = this;
    const { phase, operator } = d.state;
    const requests = d.all('request').length;
    if (requests > MOST_REQUESTS) supplicant.fail(`${requests} requests for one input`);
    const size = JSON.stringify(d.state, (_, value) => (value instanceof Map ? [...value] : value)).length;
    if (size > MOST_STATE) supplicant.fail(`the state has ${size} characters`);
    if (this.#groupTold && this.#told === 'stop_group') supplicant.fail('a group runs after stop_group');
    const silent = unsaid(d.state, d.now);
    if (silent !== null) supplicant.fail(silent);
    const { paused, groupStopped } = operator;
    if (!(paused || groupStopped) || phase.name !== 'running' || !phase.group.linkUp) return;
    const held = [...(supplicant.reachableRegistrar ?? [])];
    if (held.length > 0) supplicant.fail(`admits while halted: ${held}`);
  }

  /** The radio's own interface: its home network comes and goes. */
  #radio(command: string): string | undefined {
    if (command !== 'STATUS') return undefined;
    const chance = this.#chance();
    if (chance > 0.7) return 'wpa_state=COMPLETED\nmode=station\n';
    return chance > 0.2 ? 'wpa_state=SCANNING\n' : 'wpa_state=INACTIVE\n';
  }

  #reply(command: string): string | undefined {
    const { supplicant } = this;
    const chance = this.#faulty ? this.#chance() : 1;
    const [word = '', argument = ''] = command.split(' ');
    switch (word) {
      case 'LIST_NETWORKS':
        return chance < 0.1 ? 'FAIL\n' : undefined;
      case 'P2P_GROUP_ADD':
        if (chance < 0.2) return 'FAIL\n';
        if (chance < 0.3) return 'OK\n';
        if (chance >= 0.5 || supplicant.groups.size > 0) return undefined;
        supplicant.startSoon(this.#chance() * 15_000);
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
        // A refused WPS_CANCEL has nothing to cancel.
        return chance < 0.02 && word !== 'WPS_CANCEL' ? 'FAIL\n' : undefined;
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
