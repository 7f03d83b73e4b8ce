import type { World } from '../session/messages.js';
import type { SessionState } from '../session/model.js';
import { type FailureKind, failureKind } from '../session/reasons.js';
import { techniqueOf } from '../session/selectors.js';
import type { Problem } from '../system/problems.js';
import { failureText } from './failure-text.js';

/** Why no group is up. */
export type NoGroupCause =
  /** The last attempt failed, or the group ended: of what. The next attempt is due later. */
  | FailureKind
  /** The session has just begun, or looks for a group that is up already. */
  | 'starting'
  /** There is no link to wpa_supplicant. */
  | 'supplicant'
  /** One is being formed. */
  | 'forming'
  /** The radio's own connection gets time to come first. */
  | 'awaiting-station'
  /** An operator has paused the session, or stopped the group. */
  | 'paused'
  | 'stopped'
  /** The session is ending. */
  | 'ending'
  /** One is formed when a phone asks for it. */
  | 'on-demand';

/** What stands in the way of the link to wpa_supplicant. `nextTryAt` is a time of the session's clock. */
export interface LinkProblem {
  readonly reason: string;
  readonly nextTryAt: number | null;
}

interface NoGroup extends Problem {
  readonly cause: NoGroupCause;
}

/**
 * Why no group is up, what that waits for and when it is tried again; null where one is up. This is the only place that decides it:
 * status, monitor and service manager show what it says.
 */
export function noGroup(
  state: SessionState,
  settings: World['settings'],
  link: LinkProblem | null,
): NoGroup | null {
  const { phase, attempts } = state;
  const after = attempts.last === null ? '' : `; the last attempt failed: ${failureText(attempts.last)}`;
  const until = (
    cause: NoGroupCause,
    reason: string,
    waitsFor: string | null,
    nextTryAt: number | null = null,
  ): NoGroup => ({ cause, reason, waitsFor, nextTryAt });
  switch (phase.name) {
    case 'running':
      return null;
    case 'detached':
      return link
        ? until('supplicant', link.reason, SUPPLICANT_ANSWERS, link.nextTryAt)
        : until('starting', 'connecting to wpa_supplicant', SUPPLICANT_ANSWERS);
    case 'backoff':
      return until(failureKind(phase.failure), failureText(phase.failure), null, phase.until);
    case 'announcing':
      return until('forming', `the hook start_group is running${after}`, 'the end of that hook');
    case 'awaiting':
      return until(
        'awaiting-station',
        `${STATION_AWAITED}${after}`,
        "the radio's own connection",
        phase.until,
      );
    case 'forming':
      return until('forming', `being formed${after}`, 'wpa_supplicant to report that the group has started');
    case 'inspecting':
      return until('starting', `${ASKING}${after}`, SUPPLICANT_ANSWERS, phase.until);
    case 'adopting':
    case 'choosing':
    case 'storing':
      return until('starting', `${ASKING}${after}`, SUPPLICANT_ANSWERS);
    case 'idle': {
      const [cause, reason, waitsFor] = idle(state, settings);
      return until(cause, cause === 'on-demand' ? reason + after : reason, waitsFor);
    }
    case 'stopping':
      return until('ending', 'the session is ending', 'the hook terminated and wpa_supplicant');
    case 'ended':
      return until('ending', 'the session has ended', 'a restart');
  }
}

const SUPPLICANT_ANSWERS = 'an answer of wpa_supplicant';
const ASKING = 'asking wpa_supplicant for groups and profiles';

const STATION_AWAITED =
  "waiting at most until the next try for the radio's own connection, because the group has to use its channel";

function idle(
  { operator }: SessionState,
  settings: World['settings'],
): readonly [cause: NoGroupCause, reason: string, waitsFor: string] {
  if (operator.paused) return ['paused', 'paused by an operator', 'the command "resume"'];
  if (operator.groupStopped) return ['stopped', 'stopped by an operator', 'the command "group start"'];
  const again = techniqueOf(settings).persistent ? ' or comes back to it' : '';
  return ['on-demand', 'it is formed on demand', `a phone that asks for it${again}`];
}
