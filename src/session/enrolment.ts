import { deviceLabel, UNKNOWN_NAME } from './facts.js';
import type { Enrolment } from './model.js';
import type { Turn } from './turn.js';

/** The phones that have asked to come in: the register of what is open. Who asked how is decided in request.ts. */

/** More phones than this do not ask within two minutes. */
const MAX_ENROLMENTS = 16;

export function enrolmentOf(turn: Turn, deviceAddress: string): Enrolment | undefined {
  return turn.state.enrolments.find((e) => e.deviceAddress === deviceAddress);
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
  const { enrolments, buttonFor, armedPin, phase } = turn.state;
  const forming =
    'occasion' in phase && phase.occasion?.kind === 'request' ? phase.occasion.deviceAddress : null;
  const oldest = enrolments.find(
    ({ deviceAddress, stationAddress }) =>
      deviceAddress !== buttonFor &&
      deviceAddress !== forming &&
      (stationAddress === null || stationAddress !== armedPin?.address),
  );
  if (!oldest) return;
  dropEnrolment(turn, oldest.deviceAddress);
  const reason = 'too many phones ask at once';
  turn.log('warning', `${deviceLabel(oldest.deviceAddress, oldest.name)} is not let in: ${reason}`);
  turn.emit({ type: 'enrolmentFailed', deviceAddress: oldest.deviceAddress, reason });
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

/** A minute brings no more people than this to a box; more are a flood, which would drown the other hooks. */
const MAX_PROMPTS = 20;
const PROMPTS_MS = 60_000;

/** Whether a person may be bothered with one more PIN. */
export function mayPrompt(turn: Turn): boolean {
  const { since, count } = turn.state.prompts;
  const fresh = turn.world.now - since >= PROMPTS_MS;
  turn.update({ prompts: fresh ? { since: turn.world.now, count: 1 } : { since, count: count + 1 } });
  if (!fresh && count === MAX_PROMPTS)
    turn.log('warning', 'more requests than people make: no PIN is shown or asked for just now');
  return fresh || count < MAX_PROMPTS;
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
