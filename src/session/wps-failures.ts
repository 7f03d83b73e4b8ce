import type { EventOf } from '../wpa/event.js';
import { failEnrolment, reportAttempt } from './enrolments.js';
import type { Enrolment } from './model.js';
import { buttonOverlapped } from './push-button.js';
import { takeBack } from './registrar.js';
import type { Transition } from './transition.js';

/** Attempts to join by WPS that fail: whose they were, and how many with a wrong PIN are allowed. */

/** WPS configuration errors (Wi-Fi Simple Configuration, "Configuration Error"). */
const WRONG_PIN = 18;
const PBC_OVERLAP = 12;
/**
 * A device that speaks WPS learns a fixed PIN half by half from attempts that fail: the registrar proves each half, which
 * can then be found offline. So failed attempts are limited; as usual for access points, to three, then a minute's pause.
 */
const WRONG_PINS = 3;
const WRONG_PINS_PAUSE_MS = 60_000;

/** WPS failed, on the group or while one was formed. The event does not say for which device. */
export function wpsFailed(t: Transition, event: EventOf<'WPS-FAIL'>, { who, ours }: Attempt): void {
  if (event.configError === PBC_OVERLAP) {
    buttonOverlapped(t);
    return;
  }
  const wrong = event.configError === WRONG_PIN;
  const { configError: error, reason: indication } = event;
  const reason = { cause: 'wps', error, indication, foreign: wrong && !ours } as const;
  const nobody = { type: 'enrolmentFailed', deviceAddress: null, name: null, open: false } as const;
  if (!who) t.emit({ ...nobody, reason }, 'warning');
  // Half of a PIN that was made for it has been revealed: the next attempt gets another one.
  else if (ours && wrong && who.fresh) failEnrolment(t, who, reason, 'warning');
  else reportAttempt(t, who, reason, 'warning');
  if (!ours) return;
  // It may be valid for a second attempt, and for any device. The next sign of the phone arms it again.
  if (t.state.registrar.holds === 'pin') takeBack(t);
  if (wrong) countWrongPin(t);
}

/** An attempt of a device to join by WPS: which phone's it is, and whether it used a PIN or button of ours. */
interface Attempt {
  readonly who: Enrolment | undefined;
  readonly ours: boolean;
}

/** The attempt that has failed on the running group: that with the PIN that is armed. */
export function attemptOnGroup({ state: { enrolments, registrar } }: Transition): Attempt {
  const address = registrar.holds === 'pin' ? registrar.address : null;
  const who = enrolments.find((e) => e.stationAddress !== null && e.stationAddress === address);
  return { who, ours: registrar.holds === 'pin' };
}

function countWrongPin(t: Transition): void {
  const count = t.state.wrongPins.count + 1;
  const pause = count >= WRONG_PINS;
  const pausedUntil = pause ? t.world.now + WRONG_PINS_PAUSE_MS : 0;
  t.update({ wrongPins: { count: pause ? 0 : count, pausedUntil } });
  if (pause) t.log('warning', { type: 'wrong-pins', count, pauseSeconds: WRONG_PINS_PAUSE_MS / 1000 });
}

/** A PIN was right. */
export function forgiveWrongPins(t: Transition): void {
  if (t.state.wrongPins.count > 0) t.update({ wrongPins: { count: 0, pausedUntil: 0 } });
}
