import { UNKNOWN_NAME } from './facts.js';
import type { Enrolment } from './model.js';
import type { Turn } from './turn.js';

/** The phones that have asked to come in: the register of what is open. Who asked how is decided in request.ts. */

/** More phones than this do not ask within two minutes; the oldest request makes room. */
const MAX_ENROLMENTS = 16;

export function enrolmentOf(turn: Turn, deviceAddress: string): Enrolment | undefined {
  return turn.state.enrolments.find((e) => e.deviceAddress === deviceAddress);
}

/** Puts a new or changed enrolment in; a changed one keeps its place. */
export function putEnrolment(turn: Turn, enrolment: Enrolment): void {
  const { deviceAddress } = enrolment;
  const { enrolments } = turn.state;
  turn.setEnrolments(
    enrolmentOf(turn, deviceAddress)
      ? enrolments.map((e) => (e.deviceAddress === deviceAddress ? enrolment : e))
      : [...enrolments, enrolment].slice(-MAX_ENROLMENTS),
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

/** Says what to show: the PIN that the phone's user must type. */
export function showPin(turn: Turn, { deviceAddress, name, pin }: Enrolment): void {
  if (pin === null) return;
  turn.log('info', `PIN for ${deviceAddress} "${name ?? UNKNOWN_NAME}": ${pin}`);
  turn.hook('show_pin', [deviceAddress, pin, name ?? UNKNOWN_NAME], enrolmentFacts(deviceAddress, name, pin));
  turn.emit({ type: 'pinShown', deviceAddress, name, pin });
}

/** Asks for the PIN that the phone shows. */
export function wantPin(turn: Turn, { deviceAddress, name }: Enrolment): void {
  turn.hook('enter_pin', [deviceAddress, name ?? UNKNOWN_NAME], enrolmentFacts(deviceAddress, name, null));
  turn.emit({ type: 'pinWanted', deviceAddress, name });
}

/** What the hooks `show_pin` and `enter_pin` are told. */
export function enrolmentFacts(
  deviceAddress: string,
  name: string | null,
  pin: string | null,
): Record<string, string> {
  const facts: Record<string, string> = {
    HOSTP2PD_STATION_ADDRESS: deviceAddress,
    HOSTP2PD_STATION_NAME: name ?? UNKNOWN_NAME,
    HOSTP2PD_STATION_KIND: 'p2p',
  };
  if (pin !== null) facts['HOSTP2PD_PIN'] = pin;
  return facts;
}
