import type { ConnectHow } from '../wpa/command.js';
import { deviceLabel } from './facts.js';
import type { Enrolment } from './model.js';
import type { Turn } from './turn.js';

/** The phones that have asked to come in: the register of what is open. Who asked how is decided in request.ts. */

/** More phones than this do not ask within two minutes. */
const MAX_ENROLMENTS = 16;

export function enrolmentOf(turn: Turn, deviceAddress: string): Enrolment | undefined {
  return turn.state.enrolments.find((e) => e.deviceAddress === deviceAddress);
}

/** A phone that has asked, or any other, in a line of the log. */
export function phoneLabel(turn: Turn, deviceAddress: string): string {
  return deviceLabel(
    deviceAddress,
    enrolmentOf(turn, deviceAddress)?.name ?? turn.world.peerName(deviceAddress),
  );
}

/** How the phone is let in, as far as that is known: a PIN may still have to come. */
export function howOf({ method, pin }: Enrolment): ConnectHow | null {
  if (method === 'pbc') return { method };
  return pin === null ? null : { method, pin };
}

/** Puts a new or changed enrolment in; a changed one keeps its place. */
export function putEnrolment(turn: Turn, enrolment: Enrolment): void {
  const { deviceAddress } = enrolment;
  if (enrolmentOf(turn, deviceAddress)) {
    turn.setEnrolments(turn.state.enrolments.map((e) => (e.deviceAddress === deviceAddress ? enrolment : e)));
    return;
  }
  if (turn.state.enrolments.length >= MAX_ENROLMENTS) makeRoom(turn);
  turn.setEnrolments([...turn.state.enrolments, enrolment]);
}

/** The oldest goes whose turn it is not just now. */
function makeRoom(turn: Turn): void {
  const { enrolments, registrar, phase } = turn.state;
  const holder = 'deviceAddress' in registrar ? registrar.deviceAddress : null;
  const forming =
    'occasion' in phase && phase.occasion?.kind === 'request' ? phase.occasion.deviceAddress : null;
  const oldest = enrolments.find(
    ({ deviceAddress }) => deviceAddress !== holder && deviceAddress !== forming,
  );
  if (oldest) refuse(turn, oldest, 'too many phones ask at once', 'warning');
}

/** A request that leads to nothing, for a reason that is not the phone's. */
export function refuse(turn: Turn, enrolment: Enrolment, reason: string, level: 'error' | 'warning'): void {
  const { deviceAddress, name } = enrolment;
  turn.log(level, `${deviceLabel(deviceAddress, name)} is not let in: ${reason}`);
  turn.emit({ type: 'enrolmentFailed', deviceAddress, reason, code: null });
  dropEnrolment(turn, deviceAddress);
}

/** Puts it behind the others. */
export function postpone(turn: Turn, deviceAddress: string): void {
  const enrolment = enrolmentOf(turn, deviceAddress);
  if (!enrolment) return;
  dropEnrolment(turn, deviceAddress);
  turn.setEnrolments([...turn.state.enrolments, enrolment]);
}

/** The link is lost: what was seen on the air is no longer true. A phone that still wants says so again. */
export function loseSight(turn: Turn): void {
  turn.setEnrolments(
    turn.state.enrolments.map((e) => ({ ...e, stationAddress: null, negotiates: false, invitedAt: null })),
  );
}

export function dropEnrolment(turn: Turn, deviceAddress: string): void {
  turn.setEnrolments(turn.state.enrolments.filter((e) => e.deviceAddress !== deviceAddress));
}

/** Milliseconds until a request lapses; 0 where it has. */
export function remainingMs(turn: Turn, { requestedAt }: Pick<Enrolment, 'requestedAt'>): number {
  return Math.max(0, requestedAt + turn.settings.max_negotiation_time * 1000 - turn.world.now);
}

/** Sets the time at which the next request lapses. */
export function scheduleExpiry(turn: Turn): void {
  const { enrolments } = turn.state;
  if (enrolments.length === 0) turn.cancel('enrolment');
  else turn.timer('enrolment', Math.max(1, Math.min(...enrolments.map((e) => remainingMs(turn, e)))));
}
