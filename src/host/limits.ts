import type { SessionState } from '../session/model.js';
import type { Group } from '../session/phase.js';
import type { Problem } from '../system/problems.js';
import { overwrittenProblem } from './overwritten-text.js';

/** A new group needs a moment until its link is attached. */
const LINK_MS = 2_000;

/** What the session cannot do now although a group may be up. */
interface SessionProblems {
  readonly group: Problem | null;
  readonly events: Problem | null;
  readonly admission: Problem | null;
  readonly settings: Problem | null;
}

export function limitsOf(state: SessionState, now: number): SessionProblems {
  const { phase, supplicant, operator, wrongPins } = state;
  const heldBack = supplicant.heldBack.device ?? supplicant.heldBack.group;
  return {
    group: phase.name === 'running' ? groupLimit(phase.group, now) : null,
    events: heldBack === null ? null : waiting(`held back: ${heldBack}`, 'that program to read, or to end'),
    admission: operator.paused
      ? waiting('paused by an operator', 'the command "resume"')
      : now < wrongPins.pausedUntil
        ? { reason: 'too many wrong PINs', waitsFor: null, nextTryAt: wrongPins.pausedUntil }
        : null,
    settings: overwrittenProblem(supplicant.overwritten),
  };
}

function groupLimit(
  { removal, interface: name, linkUp, since, checkAt }: Group,
  now: number,
): Problem | null {
  // When that time is over, it is tried again, or nothing wants the removal any more.
  if (removal?.stage === 'failed' && now < removal.until)
    return { reason: `${name} could not be removed`, waitsFor: null, nextTryAt: removal.until };
  if (removal?.stage === 'requested')
    return { reason: `${name} is being removed`, waitsFor: 'its end', nextTryAt: removal.until };
  if (linkUp || now - since < LINK_MS) return null;
  const reason = `no link to ${name}, so stations are not seen`;
  return { reason, waitsFor: 'its control socket', nextTryAt: checkAt };
}

function waiting(reason: string, waitsFor: string): Problem {
  return { reason, waitsFor, nextTryAt: null };
}
