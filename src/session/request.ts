import { provisionDiscovery } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { passwordIdText } from '../wpa/status-words.js';
import { buttonRefusal } from './admission.js';
import { showPinMethod } from './apply.js';
import { armPin, openButton } from './arming.js';
import { beginFormation, formForNext } from './choice.js';
import { hear, holdDiscovery } from './discovery.js';
import { enrolmentOf, putEnrolment, refuse, scheduleExpiry } from './enrolment.js';
import { deviceLabel } from './facts.js';
import { lookAtClients } from './group-profile.js';
import { haltReason, isHalted } from './halt.js';
import { runningGroup, stationOf } from './held.js';
import { inviteNext } from './invitation.js';
import type { Input } from './messages.js';
import type { Enrolment, WpsMethod } from './model.js';
import { mustPause } from './negotiation.js';
import { opensButton, windowPin } from './pairing-window.js';
import { prompt } from './prompt.js';
import { settle } from './settle.js';
import type { Turn } from './turn.js';

/** A phone asks to come in: by which method, whether it may, and with which PIN. */

type ProvisionRequest = EventOf<
  'P2P-PROV-DISC-SHOW-PIN' | 'P2P-PROV-DISC-ENTER-PIN' | 'P2P-PROV-DISC-PBC-REQ'
>;

/** The same request within this time is a frame sent twice, not a person who asks again. */
const SAME_REQUEST_MS = 5_000;
/** So many devices that were refused are remembered. */
const MAX_REFUSALS = 64;

const METHOD_OF_EVENT: Readonly<Record<ProvisionRequest['type'], WpsMethod>> = {
  'P2P-PROV-DISC-SHOW-PIN': 'display',
  'P2P-PROV-DISC-ENTER-PIN': 'keypad',
  'P2P-PROV-DISC-PBC-REQ': 'pbc',
};

/** WPS device password ids of a negotiation (wps_defs.h), as the phone uses them. */
const METHOD_OF_PASSWORD: ReadonlyMap<number | null, WpsMethod> = new Map([
  [1, 'display'],
  [4, 'pbc'],
  [5, 'keypad'],
]);

const WORDS: Readonly<Record<WpsMethod, string>> = {
  display: 'PIN',
  keypad: 'a PIN that it shows',
  pbc: 'push button',
};

interface Asking {
  readonly deviceAddress: string;
  readonly name: string | null;
}

/** Provision discovery: a phone's user has chosen us. */
export function provisionRequested(turn: Turn, event: ProvisionRequest): void {
  // The short form answers a request of our own.
  if (!event.device) return;
  hear(turn);
  const { deviceAddress } = event.device;
  const asking = { deviceAddress, name: turn.remember(event.device) };
  watchProfile(turn, deviceAddress);
  const madeUp = event.type === 'P2P-PROV-DISC-SHOW-PIN' ? event.pin : null;
  if (ask(turn, asking, METHOD_OF_EVENT[event.type], madeUp)) proceed(turn);
}

/**
 * wpa_supplicant takes the asking phone off the profile's clients, and where it was the only one drops the profile with
 * it, without a word: the phone seems to have forgotten the group. All others would be told that there is no such group.
 */
function watchProfile(turn: Turn, deviceAddress: string): void {
  if (!turn.world.stored?.clients.includes(deviceAddress)) return;
  const group = runningGroup(turn);
  if (group) lookAtClients(turn, group);
  // Before the next group it is looked for anyway.
  else if (turn.state.phase.name === 'idle' && turn.state.networkId !== null && !isHalted(turn))
    beginFormation(turn);
}

/** A phone wants to negotiate a group, whether or not it has asked before. */
export function negotiationRequested(turn: Turn, event: EventOf<'P2P-GO-NEG-REQUEST'>): void {
  hear(turn);
  const { address: deviceAddress, devicePasswordId } = event;
  const asking = { deviceAddress, name: turn.world.peerName(deviceAddress) };
  const method = METHOD_OF_PASSWORD.get(devicePasswordId);
  if (!method) {
    turn.log('warning', `${label(asking)} cannot join by ${passwordIdText(devicePasswordId)}`);
    return;
  }
  if (stationOf(turn, deviceAddress)) {
    turn.log('debug', `${label(asking)} negotiates and is on the group`);
    return;
  }
  if (mustPause(turn, deviceAddress)) {
    turn.log('debug', `${label(asking)} negotiates again too soon`);
    return;
  }
  const open = enrolmentOf(turn, deviceAddress);
  if (open?.method !== method && !ask(turn, asking, method, null)) return;
  const enrolment = enrolmentOf(turn, deviceAddress);
  if (!enrolment) return;
  if (!enrolment.negotiates) putEnrolment(turn, { ...enrolment, negotiates: true });
  proceed(turn);
}

/** @returns whether the phone may come in, perhaps once its PIN is known */
function ask(turn: Turn, asking: Asking, method: WpsMethod, madeUp: string | null): boolean {
  const halted = haltReason(turn);
  if (halted !== null) {
    turn.log('debug', `${label(asking)} asks to join by ${WORDS[method]}, and ${halted}`);
    return false;
  }
  if (method === 'pbc' && !admitted(turn, asking)) return false;
  const open = enrolmentOf(turn, asking.deviceAddress);
  const again = open?.method === method ? open : null;
  const enrolment = again
    ? { ...again, requestedAt: turn.world.now, served: false }
    : newEnrolment(turn, asking, method, madeUp);
  if (!enrolment) return false;
  putEnrolment(turn, enrolment);
  if (again && turn.world.now - again.requestedAt < SAME_REQUEST_MS) return true;
  // Not beside an invitation: the end of a search would be its end too.
  if (runningGroup(turn) && turn.state.invitation === null) holdDiscovery(turn);
  turn.log('info', `${label(asking)} asks to join by ${WORDS[method]}`);
  turn.emit({ type: 'enrolmentRequested', ...asking, method });
  prompt(turn, enrolment);
  return true;
}

function newEnrolment(
  turn: Turn,
  asking: Asking,
  method: WpsMethod,
  madeUp: string | null,
): Enrolment | null {
  const common = {
    ...asking,
    method,
    requestedAt: turn.world.now,
    pinCall: turn.state.pinCalls,
    stationAddress: null,
    served: false,
    negotiates: false,
    invitedAt: null,
  };
  const operators = method === 'pbc' ? null : windowPin(turn, asking.deviceAddress);
  if (operators !== null || method !== 'display') return { ...common, pin: operators, fresh: false };
  const { pin: setting, pin_module } = turn.settings;
  const fresh = setting === 'random';
  const pin = fresh ? madeUp : setting;
  if (pin === null) {
    turn.log('warning', `${label(asking)} negotiates with a PIN, and none has been shown to it`);
    return null;
  }
  if (pin_module === null) return { ...common, pin, fresh };
  const pinCall = turn.state.pinCalls + 1;
  turn.update({ pinCalls: pinCall });
  turn.effects.push({ type: 'ask-pin', call: pinCall, ...asking, pin });
  return { ...common, pinCall, pin: null, fresh };
}

/** Push button is for those on the list; others are told to ask by PIN. */
function admitted(turn: Turn, asking: Asking): boolean {
  if (opensButton(turn, asking.deviceAddress)) return true;
  const why = buttonRefusal(turn, asking.deviceAddress, asking.name);
  if (why === null) return true;
  // It asks by itself every second or so.
  const told = turn.state.refusals.get(asking.deviceAddress);
  if (told !== undefined && turn.world.now - told < SAME_REQUEST_MS) return false;
  const refusals = [...turn.state.refusals, [asking.deviceAddress, turn.world.now] as const];
  turn.update({ refusals: new Map(refusals.slice(-MAX_REFUSALS)) });
  turn.log('warning', `${label(asking)} asks to join by push button and ${why}`);
  turn.emit({ type: 'enrolmentRefused', ...asking, method: 'pbc', reason: why });
  showPinMethod(turn);
  turn.ask('device', provisionDiscovery(asking.deviceAddress, 'keypad'), 'P2P_PROV_DISC', 'debug');
  return false;
}

/** The PIN module has answered; only its answer to the last question about a phone counts. */
export function pinCame(
  turn: Turn,
  { deviceAddress, call, pin, reason }: Extract<Input, { type: 'pin' }>,
): void {
  const enrolment = enrolmentOf(turn, deviceAddress);
  if (enrolment?.method !== 'display' || enrolment.pin !== null || enrolment.pinCall !== call) return;
  if (pin === null) {
    refuse(turn, enrolment, reason, 'error');
    settle(turn);
    return;
  }
  const known = { ...enrolment, pin };
  putEnrolment(turn, known);
  prompt(turn, known);
  armPin(turn, known, true);
  proceed(turn);
}

/** The operator types the PIN that a phone shows. */
export function pinEntered(turn: Turn, id: number, deviceAddress: string, pin: string): void {
  const enrolment = enrolmentOf(turn, deviceAddress);
  if (enrolment?.method !== 'keypad') {
    const waiting = turn.state.enrolments.filter((e) => e.method === 'keypad').map((e) => e.deviceAddress);
    turn.refuse(
      id,
      'DEVICE_UNKNOWN',
      `found ${deviceAddress}, wanted a phone that shows its PIN and waits (${waiting.join(', ') || 'none does'})`,
    );
    return;
  }
  const known = { ...enrolment, pin };
  putEnrolment(turn, known);
  armPin(turn, known, true);
  turn.done(id);
  proceed(turn);
}

/** Does for the open requests what can be done now. */
function proceed(turn: Turn): void {
  scheduleExpiry(turn);
  openButton(turn);
  inviteNext(turn);
  formForNext(turn);
}

function label({ deviceAddress, name }: Asking): string {
  return deviceLabel(deviceAddress, name);
}
