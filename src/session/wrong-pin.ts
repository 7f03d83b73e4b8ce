import type { Turn } from './turn.js';

/**
 * Whoever speaks WPS learns a fixed PIN half by half from attempts that fail: the registrar proves each half, which
 * can then be found offline. So failed attempts are few; as usual for access points, three, then a minute's rest.
 */
const WRONG_PINS = 3;
const WRONG_PINS_REST_MS = 60_000;

/** Whether nobody is let in by PIN just now. */
export function isPinPaused(turn: Turn): boolean {
  return turn.world.now < turn.state.wrongPins.pausedUntil;
}

/** @returns whether nobody is let in by PIN from now on */
export function countWrongPin(turn: Turn): boolean {
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
  return pause;
}

/** A PIN was right. */
export function forgiveWrongPins(turn: Turn): void {
  if (turn.state.wrongPins.count > 0) turn.update({ wrongPins: { count: 0, pausedUntil: 0 } });
}
