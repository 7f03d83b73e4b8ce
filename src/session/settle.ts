import { openButton } from './arming.js';
import { resumeDiscovery } from './discovery.js';
import { removeWhenEmpty } from './emptiness.js';
import { dropEnrolment, remainingMs, scheduleExpiry } from './enrolment.js';
import { deviceLabel } from './facts.js';
import { inviteNext } from './invitation.js';
import type { Enrolment } from './model.js';
import { takeBackUnlessWanted } from './registrar.js';
import type { Turn } from './turn.js';

/** What follows when a phone is in, or has not come: the next one's turn, the search, an empty group. */

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
  dropEnrolment(turn, done.deviceAddress);
  return done;
}

/** `max_negotiation_time` is over for the oldest requests. */
export function expireEnrolments(turn: Turn): void {
  const over = turn.state.enrolments.filter((e) => remainingMs(turn, e) === 0);
  for (const enrolment of over) {
    const { deviceAddress, name } = enrolment;
    turn.log('info', `${deviceLabel(deviceAddress, name)} did not join in time`);
    turn.emit({ type: 'enrolmentFailed', deviceAddress, reason: 'did not join in time', code: null });
    dropEnrolment(turn, deviceAddress);
    if (enrolment.stationAddress !== null || enrolment.method === 'pbc') takeBackUnlessWanted(turn);
  }
  settle(turn);
}

/** Something about the open requests has changed. */
export function settle(turn: Turn): void {
  scheduleExpiry(turn);
  if (turn.state.enrolments.length === 0) resumeDiscovery(turn);
  openButton(turn);
  inviteNext(turn);
  removeWhenEmpty(turn);
}
