import type { World } from '../session/messages.js';
import type { SessionState } from '../session/model.js';
import { type FailureKind, failureKind } from '../session/reasons.js';
import { techniqueOf } from '../session/selectors.js';
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

export interface NoGroup extends LinkProblem {
  readonly cause: NoGroupCause;
}

/**
 * Why no group is up and when that is looked at again; null where one is up. This is the only place that decides it:
 * status, monitor and service manager show what it says.
 */
export function noGroup(
  state: SessionState,
  settings: World['settings'],
  link: LinkProblem | null,
): NoGroup | null {
  const { phase, attempts } = state;
  const after = attempts.last === null ? '' : `; the last attempt failed: ${failureText(attempts.last)}`;
  const now = (cause: NoGroupCause, reason: string): NoGroup => ({ cause, reason, nextTryAt: null });
  switch (phase.name) {
    case 'running':
      return null;
    case 'detached':
      return link ? { cause: 'supplicant', ...link } : now('starting', 'connecting to wpa_supplicant');
    case 'backoff':
      return {
        cause: failureKind(phase.failure),
        reason: failureText(phase.failure),
        nextTryAt: phase.until,
      };
    case 'announcing':
      return now('forming', `the hook start_group is running${after}`);
    case 'awaiting': {
      const reason = `${STATION_AWAITED}${after}`;
      return { cause: 'awaiting-station', reason, nextTryAt: phase.until };
    }
    case 'forming':
      return now('forming', `being formed${after}`);
    case 'inspecting':
    case 'adopting':
    case 'choosing':
    case 'storing':
      return now('starting', `asking wpa_supplicant for groups and profiles${after}`);
    case 'idle':
      return idle(state, settings, after);
    case 'stopping':
    case 'ended':
      return now('ending', 'the session is ending');
  }
}

const STATION_AWAITED =
  "waiting at most until the next try for the radio's own connection, because the group has to use its channel";

function idle({ operator }: SessionState, settings: World['settings'], after: string): NoGroup {
  const waits = (cause: NoGroupCause, reason: string): NoGroup => ({ cause, reason, nextTryAt: null });
  if (operator.paused) return waits('paused', 'paused by an operator ("resume" ends that)');
  if (operator.groupStopped) return waits('stopped', 'stopped by an operator ("group start" forms it again)');
  const again = techniqueOf(settings).persistent ? ' or comes back to it' : '';
  return waits('on-demand', `it is formed when a phone asks for it${again}${after}`);
}
