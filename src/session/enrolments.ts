import type { LogLevel } from '../logging/logger.js';
import type { Enrolment } from './model.js';
import type { EnrolmentFailure } from './reasons.js';
import { takeBackUnlessNeeded } from './registrar.js';
import { enrolmentOf, remainingMs, requesterOf } from './selectors.js';
import type { Transition } from './transition.js';

/**
 * The phones that have asked to join and have not joined yet. Only this file changes the list, so that no request gets lost:
 * each one ends by {@link finishEnrolment}, or by {@link failEnrolment}, which reports it.
 */

/** More phones than this do not ask within two minutes. */
const MAX_ENROLMENTS = 16;
/** Devices that are remembered because negotiations with them failed. */
const MAX_REMEMBERED = 64;

/** Puts in a new or changed enrolment; a changed one keeps its place. */
export function putEnrolment(t: Transition, enrolment: Enrolment): void {
  const { deviceAddress } = enrolment;
  if (enrolmentOf(t, deviceAddress)) {
    t.setEnrolments(t.state.enrolments.map((e) => (e.deviceAddress === deviceAddress ? enrolment : e)));
    return;
  }
  if (t.state.enrolments.length >= MAX_ENROLMENTS) makeRoom(t);
  t.setEnrolments([...t.state.enrolments, enrolment]);
}

/** Drops the oldest that does not have its turn. */
function makeRoom(t: Transition): void {
  const { enrolments, registrar } = t.state;
  const holder = 'deviceAddress' in registrar ? registrar.deviceAddress : null;
  const requester = requesterOf(t);
  const oldest = enrolments.find(
    ({ deviceAddress }) => deviceAddress !== holder && deviceAddress !== requester,
  );
  if (oldest) failEnrolment(t, oldest, { cause: 'too-many-phones' }, 'warning');
}

function without(t: Transition, deviceAddress: string): readonly Enrolment[] {
  return t.state.enrolments.filter((e) => e.deviceAddress !== deviceAddress);
}

/** Puts it behind the others. */
export function postpone(t: Transition, deviceAddress: string): void {
  const enrolment = enrolmentOf(t, deviceAddress);
  if (enrolment) t.setEnrolments([...without(t, deviceAddress), enrolment]);
}

/** Ends a request without success. @param level of the line in the log; null: another line says the same */
export function failEnrolment(
  t: Transition,
  { deviceAddress, name }: Enrolment,
  reason: EnrolmentFailure,
  level: LogLevel | null,
): void {
  t.emit({ type: 'enrolmentFailed', deviceAddress, name, reason, open: false }, level);
  t.setEnrolments(without(t, deviceAddress));
}

/** One attempt has failed. The request stays open: the phone may try again. */
export function reportAttempt(
  t: Transition,
  { deviceAddress, name }: Enrolment,
  reason: EnrolmentFailure,
  level: LogLevel | null,
): void {
  t.emit({ type: 'enrolmentFailed', deviceAddress, name, reason, open: true }, level);
}

/** Nobody can join any more. */
export function failAllEnrolments(t: Transition, reason: EnrolmentFailure, level: LogLevel): void {
  for (const enrolment of t.state.enrolments) failEnrolment(t, enrolment, reason, level);
}

/** An operator admits nobody any more. A phone that has its credential already may still connect. */
export function failWaiting(t: Transition, reason: EnrolmentFailure): void {
  for (const enrolment of t.state.enrolments) {
    if (!enrolment.hasCredential) failEnrolment(t, enrolment, reason, 'debug');
  }
}

/** The open request of a station. @param deviceAddress null where the station gives none */
export function requestOf(
  t: Transition,
  address: string,
  deviceAddress: string | null,
): Enrolment | undefined {
  return t.state.enrolments.find((e) =>
    deviceAddress === null ? e.stationAddress === address : e.deviceAddress === deviceAddress,
  );
}

/** The station is connected. @returns the request that led to it, if there was one */
export function finishEnrolment(
  t: Transition,
  address: string,
  deviceAddress: string | null,
): Enrolment | undefined {
  const done = requestOf(t, address, deviceAddress);
  if (done) t.setEnrolments(without(t, done.deviceAddress));
  return done;
}

/** `max_negotiation_time` is over for the oldest requests. */
export function expireEnrolments(t: Transition): void {
  for (const enrolment of t.state.enrolments) {
    if (remainingMs(t, enrolment) > 0) continue;
    failEnrolment(t, enrolment, { cause: 'timed-out', pinWaitsFor: enrolment.pinWaitsFor }, 'info');
    if (enrolment.stationAddress !== null || enrolment.method === 'pbc') takeBackUnlessNeeded(t);
  }
}

/** The link is lost: what was seen on the air is no longer true. A phone that still wants to join asks again. */
export function loseSight(t: Transition): void {
  t.setEnrolments(
    t.state.enrolments.map((e) => ({
      ...e,
      stationAddress: null,
      negotiates: false,
      awaitsAnswer: false,
      invitedAt: null,
    })),
  );
}

// Negotiations that fail.

/** Whether negotiations with this phone have failed so often that it must wait: at once the next one fails as well. */
export function mustPause(t: Transition, deviceAddress: string): boolean {
  const failed = t.state.repeats.negotiations.get(deviceAddress);
  const { max_num_failures, min_conn_delay } = t.settings;
  if (!failed || failed.count <= max_num_failures) return false;
  return t.world.now - failed.lastAt < min_conn_delay * 1000;
}

/** @returns how many negotiations with the phone have failed in a row */
export function countNegotiation(t: Transition, deviceAddress: string): number {
  const all = new Map(t.state.repeats.negotiations);
  const before = all.get(deviceAddress);
  const stale = before && t.world.now - before.lastAt > t.settings.max_negotiation_time * 1000;
  const count = (stale ? 0 : (before?.count ?? 0)) + 1;
  all.delete(deviceAddress);
  all.set(deviceAddress, { count, lastAt: t.world.now });
  t.setRepeats({ negotiations: new Map([...all].slice(-MAX_REMEMBERED)) });
  return count;
}

export function forgetNegotiations(t: Transition, deviceAddress: string): void {
  const negotiations = new Map(t.state.repeats.negotiations);
  if (negotiations.delete(deviceAddress)) t.setRepeats({ negotiations });
}
