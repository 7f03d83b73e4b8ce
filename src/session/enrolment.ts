import { wpsPin } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { hear, holdDiscovery, resumeDiscovery } from './discovery.js';
import { deviceLabel } from './facts.js';
import type { Enrolment } from './model.js';
import type { Turn } from './turn.js';

/** More phones than this do not ask within two minutes; the oldest request makes room. */
const MAX_ENROLMENTS = 16;
/** WPS configuration error "device password authentication failure": the PIN was wrong. */
const WRONG_PIN = 18;
const PUSH_BUTTON = 4;
/** WPS request type of a device that enrols; 0 is one that merely looks around, as a returning phone does. */
const ENROLS = 1;
/** So many of its six bytes an interface address shares with its device's at least, where that alone must tell. */
const LIKE_BYTES = 4;
/**
 * Whoever speaks WPS learns a fixed PIN half by half from attempts that fail: the registrar proves each half, which
 * can then be found offline. So failed attempts are few; as usual for access points, three, then a minute's rest.
 */
const WRONG_PINS = 3;
const WRONG_PINS_REST_MS = 60_000;

type ShowPin = EventOf<'P2P-PROV-DISC-SHOW-PIN'>;

/** A phone's user has chosen us and is about to type our PIN. */
export function pinRequested(turn: Turn, event: ShowPin): void {
  const { device } = event;
  // The short form answers a request of our own.
  if (!device) return;
  hear(turn);
  const { deviceAddress } = device;
  const name = turn.remember(device);
  const who = deviceLabel(deviceAddress, name);
  if (turn.state.phase.name !== 'running') {
    turn.log('warning', `${who} asks to join by PIN, and no group is up`);
    return;
  }
  const others = turn.state.enrolments.filter((e) => e.deviceAddress !== deviceAddress);
  const enrolment = { deviceAddress, name, requestedAt: turn.world.now, stationAddress: null };
  turn.setEnrolments([...others, enrolment].slice(-MAX_ENROLMENTS));
  turn.log('info', `${who} asks to join by PIN`);
  turn.emit({ type: 'enrolmentRequested', deviceAddress, name });
  holdDiscovery(turn);
  scheduleExpiry(turn);
}

/** A request by a method that is not in use, or one in which we should type the phone's PIN. */
export function otherMethodRequested(
  turn: Turn,
  event: EventOf<'P2P-PROV-DISC-PBC-REQ' | 'P2P-PROV-DISC-ENTER-PIN'>,
): void {
  if (!event.device) return;
  hear(turn);
  const who = deviceLabel(event.device.deviceAddress, turn.remember(event.device));
  const method = event.type === 'P2P-PROV-DISC-PBC-REQ' ? 'push button' : 'its own PIN';
  turn.log('warning', `${who} asks to join by ${method}; only our PIN is served`);
}

/** A WPS enrollee shows itself on the group: arm the PIN for it. */
export function enrolleeSeen(turn: Turn, event: EventOf<'WPS-ENROLLEE-SEEN'>): void {
  hear(turn);
  const { address } = event;
  if (event.devicePasswordId === PUSH_BUTTON) {
    turn.log('debug', `${address}: enrollee by push button, which is not served`);
    return;
  }
  if (turn.world.now < turn.state.wrongPins.pausedUntil) {
    turn.log('debug', `${address}: nobody is let in by PIN just now`);
    return;
  }
  const known = turn.state.enrolments.find((e) => e.stationAddress === address);
  const enrols = event.requestType === ENROLS;
  const enrolment = known ?? match(turn.state.enrolments, address, enrols ? 0 : LIKE_BYTES);
  if (!enrols && !enrolment) return;
  // A PIN serves two attempts at most (wps_registrar.c), so every sign of the enrollee arms it anew; an unused
  // one is replaced, not added to.
  const limit = turn.settings.max_negotiation_time;
  turn.request('group', wpsPin(address, turn.settings.pin, limit), { kind: 'arm', address });
  if (known) return;
  const name = enrolment?.name ?? (event.name || null);
  if (!enrolment) {
    // A laptop that knows only WPS, or a phone whose request got lost on the air: the PIN itself protects us.
    turn.log('debug', `PIN armed for ${address}, which announced itself in no other way`);
  } else {
    turn.log('info', `PIN armed for ${deviceLabel(enrolment.deviceAddress, name)}, seen as ${address}`);
    const armed = { ...enrolment, stationAddress: address };
    turn.setEnrolments(turn.state.enrolments.map((e) => (e === enrolment ? armed : e)));
  }
  const deviceAddress = enrolment?.deviceAddress ?? null;
  turn.emit({ type: 'enrolmentArmed', stationAddress: address, deviceAddress, name });
}

/**
 * Whose interface address is this? The enrollee's event names no device; the request before it does. With several
 * requests open the likeliest is the one whose device address shares most bytes: drivers derive the one from the
 * other. `AP-STA-CONNECTED` settles it for certain.
 */
function match(enrolments: readonly Enrolment[], address: string, leastBytes: number): Enrolment | null {
  let best: Enrolment | null = null;
  let bestScore = leastBytes;
  for (const enrolment of enrolments) {
    if (enrolment.stationAddress !== null) continue;
    const score = sharedBytes(enrolment.deviceAddress, address);
    if (score >= bestScore) {
      best = enrolment;
      bestScore = score;
    }
  }
  return best;
}

function sharedBytes(a: string, b: string): number {
  const bytes = b.split(':');
  return a.split(':').filter((byte, i) => byte === bytes[i]).length;
}

export function enrolmentFailed(turn: Turn, event: EventOf<'WPS-FAIL'>): void {
  const armed = turn.state.enrolments.filter((e) => e.stationAddress !== null);
  const only = armed.length === 1 ? armed[0] : undefined;
  const who = only ? deviceLabel(only.deviceAddress, only.name) : 'a phone';
  const reason =
    event.configError === WRONG_PIN
      ? 'wrong PIN'
      : `WPS configuration error ${event.configError ?? 'unknown'}`;
  turn.log('warning', `${who} was not let in: ${reason}`);
  turn.emit({ type: 'enrolmentFailed', deviceAddress: only?.deviceAddress ?? null, reason });
  if (event.configError === WRONG_PIN) countWrongPin(turn);
}

function countWrongPin(turn: Turn): void {
  const count = turn.state.wrongPins.count + 1;
  const pause = count >= WRONG_PINS;
  const pausedUntil = pause ? turn.world.now + WRONG_PINS_REST_MS : 0;
  turn.update({ wrongPins: { count: pause ? 0 : count, pausedUntil } });
  if (pause) {
    turn.log(
      'warning',
      `${count} wrong PINs in a row: nobody is let in by PIN for ${WRONG_PINS_REST_MS / 1000} s`,
    );
  }
}

/** A PIN was right. */
export function enrolled(turn: Turn): void {
  if (turn.state.wrongPins.count > 0) turn.update({ wrongPins: { count: 0, pausedUntil: 0 } });
}

/** The station is in. @returns the request that led to it, if there was one */
export function finishEnrolment(
  turn: Turn,
  address: string,
  deviceAddress: string | null,
): Enrolment | undefined {
  const done = turn.state.enrolments.find((e) =>
    deviceAddress === null ? e.stationAddress === address : e.deviceAddress === deviceAddress,
  );
  if (!done) return undefined;
  turn.setEnrolments(turn.state.enrolments.filter((e) => e !== done));
  settle(turn);
  return done;
}

/** `max_negotiation_time` is over for the oldest request. */
export function expireEnrolments(turn: Turn): void {
  const limit = turn.settings.max_negotiation_time * 1000;
  const isOver = (e: Enrolment) => turn.world.now - e.requestedAt >= limit;
  for (const { deviceAddress, name } of turn.state.enrolments.filter(isOver)) {
    turn.log('info', `${deviceLabel(deviceAddress, name)} did not join in time`);
    turn.emit({ type: 'enrolmentFailed', deviceAddress, reason: 'did not join in time' });
  }
  turn.setEnrolments(turn.state.enrolments.filter((e) => !isOver(e)));
  settle(turn);
}

function settle(turn: Turn): void {
  if (turn.state.enrolments.length > 0) {
    scheduleExpiry(turn);
  } else {
    turn.cancel('enrolment');
    resumeDiscovery(turn);
  }
}

function scheduleExpiry(turn: Turn): void {
  const times = turn.state.enrolments.map((e) => e.requestedAt);
  const due = Math.min(...times) + turn.settings.max_negotiation_time * 1000 - turn.world.now;
  turn.timer('enrolment', Math.max(1, due));
}
