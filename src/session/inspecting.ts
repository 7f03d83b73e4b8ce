import { causeOf } from '../system/errors.js';
import { deviceInterfaceOf, isDevice, isGroupInterface, parentOf } from '../system/interface-names.js';
import { groupRemove, INTERFACES, STATUS } from '../wpa/command.js';
import type { KnownEvent } from '../wpa/event.js';
import { isFailure, isStatus, parseInterfaces, parseStatus } from '../wpa/reply.js';
import { formWanted, levelOnce, retryLater } from './attempt.js';
import { endGroup, newGroup, noteGroupName } from './group.js';
import type { Input } from './messages.js';
import { type Group, INSPECTING, type PhaseOf } from './phase.js';
import { type Failure, failureKey, type NoAnswer } from './reasons.js';
import { isSameNetwork, isWanted } from './selectors.js';
import { stop } from './stopping.js';
import type { PhaseRules, Transition } from './transition.js';

/** The phases `inspecting` and `adopting`: is a group of ours up already? At the start and after every loss of the link. */

/** The link gives up a request after 10 s and says so; this is for the case that it does not. */
const ADOPTION_LIMIT_MS = 12_000;
/** While a group is kept and wpa_supplicant does not list its interfaces, it is asked this often. */
const ASK_AGAIN_MS = 1_000;

export const inspecting: PhaseRules<'inspecting'> = {
  entered: (t) => t.question('device', INTERFACES, { kind: 'interfaces' }),

  input(t, phase, input) {
    switch (input.type) {
      case 'event':
        return input.link === 'device' && keptRemoved(t, phase.keptGroup, input.event);
      case 'reply':
        if (input.tag.kind !== 'interfaces') return false;
        interfacesListed(t, phase, input.reply);
        return true;
      case 'no-reply':
        if (input.tag.kind !== 'interfaces') return false;
        interfacesUnknown(t, phase, { reason: input.reason });
        return true;
      case 'timer':
        if (input.timer !== 'backoff') return false;
        t.amend({ ...phase, until: null });
        t.question('device', INTERFACES, { kind: 'interfaces' });
        return true;
      default:
        return false;
    }
  },

  dueAt: (_, { until }) => ({ backoff: until }),
};

/** Tries the candidates one after the other; without any left a group is formed. */
export const adopting: PhaseRules<'adopting'> = {
  entered(t, { keptGroup, candidates: [first], silent }) {
    if (first !== undefined) {
      t.effects.push({ type: 'open-group', interface: first });
      return;
    }
    if (keptGroup) endGroup(t, keptGroup, { cause: 'not-found' });
    if (silent.length === 0 && t.state.attempts.lastHook === null) t.setAttempts({ lastHook: 'stop_group' });
    // A group that should always be up is formed all the same; on demand there is time to ask again.
    if (silent.length > 0 && !isWanted(t)) {
      retryLater(t, { kind: 'no-answer', question: 'groups', interfaces: silent }, true);
    } else {
      formWanted(t);
    }
  },

  input(t, phase, input) {
    switch (input.type) {
      case 'link-up':
        if (input.link !== 'group') return false;
        t.amend({ ...phase, until: t.world.now + ADOPTION_LIMIT_MS });
        t.question('group', STATUS, { kind: 'adoption' });
        return true;
      case 'link-down':
        if (input.link !== 'group') return false;
        silent(t, phase, { reason: input.reason });
        return true;
      case 'link-waiting':
        if (input.link !== 'group') return false;
        unreachable(t, phase, input);
        return true;
      case 'timer':
        if (input.timer !== 'adopting') return false;
        silent(t, phase, { reason: null });
        return true;
      case 'no-reply':
        if (input.tag.kind !== 'adoption') return false;
        silent(t, phase, { reason: input.reason });
        return true;
      case 'reply':
        if (input.tag.kind !== 'adoption') return false;
        answered(t, phase, input.reply);
        return true;
      case 'event':
        if (input.link !== 'device') return false;
        if (keptRemoved(t, phase.keptGroup, input.event)) return true;
        if (input.event.type === 'P2P-GROUP-REMOVED' && input.event.interface === phase.candidates[0])
          next(t, phase);
        return false;
      default:
        return false;
    }
  },

  dueAt: (_, { until }) => ({ adopting: until }),
};

type Adopting = PhaseOf<'adopting'>;

/** The interfaces are not known: no answer is not a no. They are asked for again. */
function interfacesUnknown(t: Transition, phase: PhaseOf<'inspecting'>, why: NoAnswer): void {
  if (phase.keptGroup !== null) {
    t.amend({ ...phase, until: t.world.now + ASK_AGAIN_MS });
    return;
  }
  const failure: Failure = { kind: 'no-answer', question: 'INTERFACES', why };
  t.log(levelOnce(t, 'warning', failureKey(failure)), { type: 'failure', failure });
  retryLater(t, failure, true);
}

/** The reply to `STATUS` on what should be a P2P device. */
export function deviceStatus(t: Transition, reply: string): void {
  if (!isStatus(reply)) return;
  const deviceAddress = parseStatus(reply).p2pDeviceAddress;
  t.setSupplicant({ deviceAddress });
  // An interface that is called p2p-dev-* is made for Wi-Fi Direct alone.
  if (deviceAddress === null && !isDevice(t.world.deviceInterface)) wrongInterface(t, null);
}

function wrongInterface(t: Transition, expected: string | null): void {
  t.effects.push({ type: 'fail', code: 'INTERFACE_WRONG', interface: t.world.deviceInterface, expected });
  stop(t);
}

/** The reply to `INTERFACES`. */
function interfacesListed(t: Transition, phase: PhaseOf<'inspecting'>, reply: string): void {
  if (isFailure(reply)) {
    interfacesUnknown(t, phase, { refusal: reply });
    return;
  }
  const interfaces = parseInterfaces(reply);
  const { deviceInterface } = t.world;
  noteGroupName(t, ...interfaces);
  const device = deviceInterfaceOf(deviceInterface);
  if (interfaces.includes(device)) {
    wrongInterface(t, device);
    return;
  }
  const found = interfaces.filter((name) => isGroupInterface(name, deviceInterface));
  t.setSupplicant({ secondGroup: found.length > 1 });
  const parent = parentOf(deviceInterface);
  // Where the radio has no second interface, or an attempt ended without a trace, the group may be there.
  const { sharesInterface } = t.state.supplicant;
  if ((sharesInterface || t.state.attempts.leftover) && interfaces.includes(parent)) found.push(parent);
  const { keptGroup } = phase;
  // The group that we had comes first.
  const candidates =
    keptGroup && found.includes(keptGroup.interface)
      ? [keptGroup.interface, ...found.filter((name) => name !== keptGroup.interface)]
      : found;
  t.enter({ name: 'adopting', keptGroup, candidates, silent: [], until: t.world.now + ADOPTION_LIMIT_MS });
}

/** No group runs on this candidate: goes on with the next. */
function next(t: Transition, { keptGroup, candidates, silent }: Adopting): void {
  t.effects.push({ type: 'close-group' });
  const until = t.world.now + ADOPTION_LIMIT_MS;
  t.enter({ name: 'adopting', keptGroup, candidates: candidates.slice(1), silent, until });
}

/** This candidate did not answer, which says nothing about a group: wpa_supplicant lists its interface. */
function silent(t: Transition, phase: Adopting, why: NoAnswer): void {
  const [name = ''] = phase.candidates;
  const failure: Failure = { kind: 'no-answer', question: 'STATUS', interface: name, why };
  t.log(levelOnce(t, 'warning', failureKey(failure)), { type: 'failure', failure });
  t.setAttempts({ last: failure });
  // The kept group was there a moment ago. The link goes on trying, and the group is checked meanwhile.
  if (phase.keptGroup?.interface === name) {
    // A link that works has nothing to try.
    if ('refusal' in why) t.effects.push({ type: 'open-group', interface: name });
    t.enter({ name: 'running', group: phase.keptGroup });
  } else next(t, { ...phase, silent: [...phase.silent, name] });
}

/** Nobody answers at the candidate's socket, or the link to it could not be made. */
function unreachable(
  t: Transition,
  phase: Adopting,
  { code, reason }: Extract<Input, { type: 'link-waiting' }>,
): void {
  const isKept = phase.keptGroup !== null && phase.keptGroup.interface === phase.candidates[0];
  if (code === 'CONTROL_UNAVAILABLE' && !isKept) {
    const level = levelOnce(t, 'info', `no-answer ${causeOf(reason)}`);
    t.log(level, { type: 'taken-for-empty', reason });
    next(t, phase);
  } else {
    silent(t, phase, { reason });
  }
}

/** The kept group is removed. @returns whether the event was about it */
function keptRemoved(
  t: Transition,
  keptGroup: Group | null,
  event: Extract<Input, { type: 'event' }>['event'],
): boolean {
  if (keptGroup === null || !isRemoval(event, keptGroup.interface)) return false;
  endGroup(t, keptGroup, { cause: 'removed', reason: event.reason });
  if (t.state.phase.name === 'adopting') t.effects.push({ type: 'close-group' });
  t.enter(INSPECTING);
  return true;
}

function isRemoval(
  event: Extract<Input, { type: 'event' }>['event'],
  name: string,
): event is Extract<KnownEvent, { type: 'P2P-GROUP-REMOVED' }> {
  return event.type === 'P2P-GROUP-REMOVED' && event.role === 'GO' && event.interface === name;
}

/** The candidate's `STATUS`. */
function answered(t: Transition, phase: Adopting, reply: string): void {
  const [name = ''] = phase.candidates;
  if (!isStatus(reply)) {
    silent(t, phase, { refusal: reply });
    return;
  }
  const status = parseStatus(reply);
  if (status.mode !== 'P2P GO') {
    // The interface of an attempt that timed out stays for ever, and the next attempt gets another one.
    if (status.mode === null && t.state.attempts.leftover && isGroupInterface(name, t.world.deviceInterface))
      t.ask('device', groupRemove(name), 'P2P_GROUP_REMOVE');
    next(t, phase);
    return;
  }
  const { ssid, ssidHex, frequency } = status;
  const { keptGroup } = phase;
  if (keptGroup?.interface === name && isSameNetwork(keptGroup, status)) {
    const group = { ...keptGroup, frequency: frequency ?? keptGroup.frequency, linkUp: true };
    t.enter({ name: 'running', group });
    return;
  }
  if (keptGroup) endGroup(t, keptGroup, { cause: 'not-found' });
  const start = { interface: name, ssid, ssidHex, frequency, networkId: null, adopted: true, linkUp: true };
  t.enter({ name: 'running', group: newGroup(t, start) });
}
