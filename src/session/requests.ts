import type { Settings } from '../config/schema.js';
import { parseAddress } from '../system/mac-address.js';
import { provisionDiscovery } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { begin } from './attempt.js';
import { noteActivity, suspendSearch } from './discovery.js';
import { failEnrolment, mustPause, putEnrolment } from './enrolments.js';
import { INVITED_FOR_MS } from './invitations.js';
import type { Input } from './messages.js';
import type { Enrolment, WpsMethod } from './model.js';
import { lookUpClients } from './persistent-group.js';
import type { ButtonRefusal, Device } from './reasons.js';
import { strangersPin } from './registrar.js';
import {
  enrolmentOf,
  haltReason,
  isHalted,
  opensButton,
  runningGroup,
  stationOf,
  windowPin,
} from './selectors.js';
import type { Transition } from './transition.js';
import { armPin } from './wps.js';

/** A phone asks to join: by which method, whether it may, and with which PIN. */

/** The same request within this time is a frame sent twice, not a person who asks again. */
const SAME_REQUEST_MS = 5_000;
/** wpa_supplicant sends a request that gets no answer again after less than this. */
const SENT_AGAIN_MS = 2_000;
/** Refused devices that are remembered. */
const MAX_REMEMBERED = 64;
/** A minute brings no more people than this to a box; more are a flood, which would drown the other hooks. */
const MAX_PROMPTS = 20;
const PROMPTS_MS = 60_000;

type ProvisionRequest = EventOf<
  'P2P-PROV-DISC-SHOW-PIN' | 'P2P-PROV-DISC-ENTER-PIN' | 'P2P-PROV-DISC-PBC-REQ'
>;

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

/** Provision discovery: a phone's user has chosen us. */
export function provisionRequested(t: Transition, event: ProvisionRequest): void {
  // The short form answers a request of our own.
  if (!event.device) return;
  noteActivity(t);
  const { deviceAddress } = event.device;
  const asking = { deviceAddress, name: t.remember(event.device) };
  watchProfile(t, deviceAddress);
  const generated = event.type === 'P2P-PROV-DISC-SHOW-PIN' ? event.pin : null;
  if (generated !== null && closeCancelled(t, deviceAddress)) return;
  ask(t, asking, METHOD_OF_EVENT[event.type], generated);
}

/**
 * Android tells by a second request for a PIN that its user has cancelled, and by nothing else. Another device may ask again: it
 * loses nothing if the PIN is valid for any device. A PIN that was made for it stays valid, and is shown again.
 * @returns whether the request was closed
 */
function closeCancelled(t: Transition, deviceAddress: string): boolean {
  const open = enrolmentOf(t, deviceAddress);
  if (open?.method !== 'display' || open.pin === null || open.pin !== strangersPin(t)) return false;
  if (!runningGroup(t) || t.world.now - open.requestedAt < SENT_AGAIN_MS) return false;
  const { stationAddress, hasCredential, negotiates, invitedAt, ownAttemptAt } = open;
  // It has gone on since: this is another attempt.
  if (stationAddress !== null || hasCredential || negotiates || invitedAt !== null || ownAttemptAt !== null)
    return false;
  failEnrolment(t, open, { cause: 'cancelled' }, 'info');
  return true;
}

/**
 * wpa_supplicant removes the asking phone from the profile's clients, and where it was the only one drops the profile with
 * it, without an event: the phone seems to have forgotten the group. All other phones would find no such group.
 */
function watchProfile(t: Transition, deviceAddress: string): void {
  if (!t.world.stored?.clients.includes(deviceAddress)) return;
  const group = runningGroup(t);
  if (group) lookUpClients(t, group);
  // Before the next group it is looked up anyway.
  else if (t.state.phase.name === 'idle' && t.state.networkId !== null && !isHalted(t)) begin(t, null);
}

/** A phone wants to negotiate a group, whether or not it has asked before. */
export function negotiationRequested(t: Transition, event: EventOf<'P2P-GO-NEG-REQUEST'>): void {
  noteActivity(t);
  const { address: deviceAddress, devicePasswordId } = event;
  const asking = { deviceAddress, name: t.world.peerName(deviceAddress) };
  const method = METHOD_OF_PASSWORD.get(devicePasswordId);
  if (!method) {
    t.log('warning', { type: 'method-unknown', device: asking, passwordId: devicePasswordId });
    return;
  }
  if (stationOf(t, deviceAddress)) {
    t.log('debug', { type: 'negotiation-ignored', device: asking, because: 'connected' });
    return;
  }
  if (mustPause(t, deviceAddress)) {
    t.log('debug', { type: 'negotiation-ignored', device: asking, because: 'too-soon' });
    return;
  }
  const open = enrolmentOf(t, deviceAddress);
  if (open?.method !== method && !ask(t, asking, method, null)) return;
  const enrolment = enrolmentOf(t, deviceAddress);
  if (!enrolment || enrolment.negotiates) return;
  // A phone that has been invited goes on asking by itself.
  if (enrolment.invitedAt === null || t.world.now - enrolment.invitedAt >= INVITED_FOR_MS)
    putEnrolment(t, { ...enrolment, negotiates: true, awaitsAnswer: true });
  else t.log('debug', { type: 'negotiation-ignored', device: asking, because: 'invited' });
}

/** @returns whether the phone may join, perhaps once its PIN is known */
function ask(t: Transition, asking: Device, method: WpsMethod, generated: string | null): boolean {
  const halted = haltReason(t);
  if (halted !== null) {
    t.log('debug', { type: 'asks-while-halted', device: asking, method, halted });
    return false;
  }
  if (method === 'pbc' && !mayPress(t, asking)) return false;
  const open = enrolmentOf(t, asking.deviceAddress);
  const again = open?.method === method ? open : null;
  const enrolment = again
    ? { ...again, requestedAt: t.world.now, pinWaitsFor: null, hasCredential: false }
    : newEnrolment(t, asking, method, generated);
  if (!enrolment) return false;
  if (open && !again) failEnrolment(t, open, { cause: 'other-method' }, 'debug');
  putEnrolment(t, enrolment);
  if (again && t.world.now - again.requestedAt < SAME_REQUEST_MS) return true;
  suspendSearch(t);
  t.emit({ type: 'enrolmentRequested', ...asking, method });
  prompt(t, enrolment);
  return true;
}

function newEnrolment(
  t: Transition,
  asking: Device,
  method: WpsMethod,
  generated: string | null,
): Enrolment | null {
  const { pinModule } = t.state.calls;
  const common = {
    ...asking,
    method,
    requestedAt: t.world.now,
    pinCall: pinModule,
    pinWaitsFor: null,
    stationAddress: null,
    hasCredential: false,
    negotiates: false,
    awaitsAnswer: false,
    invitedAt: null,
    ownAttemptAt: null,
  };
  const pinOfOperator = method === 'pbc' ? null : windowPin(t, asking.deviceAddress);
  if (pinOfOperator !== null || method !== 'display') return { ...common, pin: pinOfOperator, fresh: false };
  const { pin: setting, pin_module } = t.settings;
  const fresh = setting === 'random';
  const pin = fresh ? generated : setting;
  if (pin === null) {
    t.log('warning', { type: 'negotiation-ignored', device: asking, because: 'no-pin-shown' });
    return null;
  }
  if (pin_module === null) return { ...common, pin, fresh };
  const call = pinModule + 1;
  t.update({ calls: { ...t.state.calls, pinModule: call } });
  t.effects.push({ type: 'ask-pin', call, ...asking, pin });
  return { ...common, pinCall: call, pin: null, fresh };
}

/** The push button is for those on the list; other phones are asked to use the PIN. */
function mayPress(t: Transition, asking: Device): boolean {
  const { deviceAddress, name } = asking;
  if (opensButton(t, deviceAddress)) return true;
  const reason = buttonRefusal(t, deviceAddress, name);
  if (reason === null) return true;
  // It asks by itself every second or so.
  const { buttons } = t.state.repeats;
  const refusedAt = buttons.get(deviceAddress);
  if (refusedAt !== undefined && t.world.now - refusedAt < SAME_REQUEST_MS) return false;
  t.setRepeats({
    buttons: new Map([...buttons, [deviceAddress, t.world.now] as const].slice(-MAX_REMEMBERED)),
  });
  t.emit({ type: 'enrolmentRefused', ...asking, method: 'pbc', reason }, 'warning');
  // Phones choose the method by what we show, so we show the PIN for as long as a person needs to type it.
  if (t.state.pairing === null && t.state.method.used !== 'pin') {
    const pinOfferedUntil = t.world.now + t.settings.max_negotiation_time * 1000;
    t.update({ method: { ...t.state.method, pinOfferedUntil } });
  }
  if (offersPin(t, reason)) offerPin(t, asking);
  else t.ask('device', provisionDiscovery(deviceAddress, 'keypad'), 'P2P_PROV_DISC', 'debug');
  return false;
}

/** Whether a phone whose button is refused is led to the PIN by us. For one that is not on the list no group is formed. */
function offersPin(t: Transition, reason: ButtonRefusal): boolean {
  if (t.state.pairing !== null) return false;
  return runningGroup(t) !== null || (reason === 'pin-method' && t.state.phase.name === 'idle');
}

/**
 * A phone that presses its button can join by PIN. Android drops a provision discovery that asks for that. It opens its dialog
 * for an invitation into the group (see `inviteNext`), and without a group for a negotiation that we begin.
 */
function offerPin(t: Transition, asking: Device): void {
  // wpa_supplicant makes PINs for phones that ask for one only.
  const made = t.settings.pin === 'random' ? t.world.freshPin() : null;
  if (!ask(t, asking, 'display', made)) return;
  const { deviceAddress } = asking;
  const enrolment = enrolmentOf(t, deviceAddress);
  if (!enrolment) return;
  const negotiates = !runningGroup(t) && !mustPause(t, deviceAddress);
  putEnrolment(t, { ...enrolment, ownAttemptAt: t.world.now, negotiates, awaitsAnswer: false });
}

/**
 * Whether a device may use the push button. An entry of the list that is an address counts for that P2P device address
 * alone, any other for the device name; a name is no identity, for all devices choose their own.
 */
export function mayUseButton(
  { pbc_white_list }: Pick<Settings, 'pbc_white_list'>,
  deviceAddress: string,
  name: string | null,
): boolean {
  if (pbc_white_list.length === 0) return true;
  return pbc_white_list.some((entry) => {
    const address = parseAddress(entry);
    return address === null ? entry === name : address === deviceAddress;
  });
}

/** Why a device may not use the button by the settings; null where it may. */
export function buttonRefusal(
  t: Transition,
  deviceAddress: string,
  name: string | null,
): ButtonRefusal | null {
  if (t.state.method.used !== 'pbc') return 'pin-method';
  return mayUseButton(t.settings, deviceAddress, name) ? null : 'not-listed';
}

/**
 * The settings have changed and apply to open requests. A fixed PIN becomes the new one; a PIN that was made for one phone,
 * typed by the operator or given by the PIN module stays with its phone.
 */
export function reviewEnrolments(t: Transition): void {
  const { pin: setting, pin_module } = t.settings;
  for (const enrolment of t.state.enrolments) {
    const { deviceAddress, name, method, pin, fresh, hasCredential } = enrolment;
    if (hasCredential) continue;
    if (method === 'pbc') {
      const cause = opensButton(t, deviceAddress) ? null : buttonRefusal(t, deviceAddress, name);
      if (cause !== null) failEnrolment(t, enrolment, { cause }, 'warning');
    } else if (method === 'display' && !fresh && pin !== null && pin_module === null) {
      if (setting === pin || windowPin(t, deviceAddress) === pin) continue;
      if (setting === 'random') failEnrolment(t, enrolment, { cause: 'pin-changed' }, 'warning');
      else putEnrolment(t, { ...enrolment, pin: setting });
    }
  }
}

// PINs.

/** The PIN module has answered; only its answer to the latest question about a phone counts. */
export function pinReceived(
  t: Transition,
  { deviceAddress, call, pin, reason }: Extract<Input, { type: 'pin' }>,
): void {
  const enrolment = enrolmentOf(t, deviceAddress);
  if (enrolment?.method !== 'display' || enrolment.pin !== null || enrolment.pinCall !== call) return;
  if (pin === null) {
    failEnrolment(t, enrolment, { cause: 'pin-module', message: reason }, 'error');
    return;
  }
  const known = { ...enrolment, pin };
  putEnrolment(t, known);
  prompt(t, known);
  armPin(t, known, true);
}

/** The operator types the PIN that a phone shows. */
export function pinEntered(t: Transition, id: number, deviceAddress: string, pin: string): void {
  const enrolment = enrolmentOf(t, deviceAddress);
  if (enrolment?.method !== 'keypad') {
    const waiting = t.state.enrolments.filter((e) => e.method === 'keypad').map((e) => e.deviceAddress);
    t.refuse(id, 'DEVICE_UNKNOWN', { cause: 'shows-no-pin', deviceAddress, waiting });
    return;
  }
  const known = { ...enrolment, pin };
  putEnrolment(t, known);
  armPin(t, known, true);
  t.done(id);
}

/** Shows the PIN that was made for this phone, or asks a person for the one that it shows, where either is the case. */
function prompt(t: Transition, { deviceAddress, name, method, pin, fresh }: Enrolment): void {
  const shown = fresh ? pin : null;
  const wanted = method === 'keypad' && pin === null;
  if ((shown === null && !wanted) || !mayPrompt(t)) return;
  const station = { deviceAddress, name };
  if (shown === null) {
    t.hook({ hook: 'enter_pin', station });
    t.emit({ type: 'pinWanted', deviceAddress, name });
  } else {
    t.hook({ hook: 'show_pin', station, pin: shown });
    t.emit({ type: 'pinShown', deviceAddress, name, pin: shown });
  }
}

/** Whether a person may be bothered with one more PIN. */
function mayPrompt(t: Transition): boolean {
  const { since, count } = t.state.repeats.prompts;
  const fresh = t.world.now - since >= PROMPTS_MS;
  t.setRepeats({ prompts: fresh ? { since: t.world.now, count: 1 } : { since, count: count + 1 } });
  if (!fresh && count === MAX_PROMPTS) t.log('warning', { type: 'too-many-prompts' });
  return fresh || count < MAX_PROMPTS;
}
