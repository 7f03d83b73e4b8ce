import { HOOKS_AT_END_MS } from '../system/end-limits.js';
import { groupRemove, P2P_STOP_FIND } from '../wpa/command.js';
import { withdrawAddresses } from './addresses.js';
import { withdrawAnnouncement } from './attempt.js';
import { failAllEnrolments } from './enrolments.js';
import { endGroup } from './group.js';
import { abandonInvitation } from './invitations.js';
import type { Input } from './messages.js';
import { refuseOrders } from './orders.js';
import { closePairing } from './pairing.js';
import type { Refusal } from './reasons.js';
import { takeBack } from './registrar.js';
import { groupIn, isAttached, techniqueOf } from './selectors.js';
import { restoreValues } from './supplicant-settings.js';
import type { PhaseRules, Transition } from './transition.js';

/** The end of the session: the phases `stopping` and `ended`. */

const ENDING: Refusal = { code: 'STATE', reason: { cause: 'session-ends' } };

/** Ends the session. The group stays up without us, unless it is on demand; what we do on the air ends. */
export function stop(t: Transition): void {
  closePairing(t, 'failed');
  failAllEnrolments(t, { cause: 'session-ends' }, 'debug');
  takeBack(t);
  const group = groupIn(t.state.phase);
  if (group && isAttached(t) && techniqueOf(t.settings).removedWhenEmpty) {
    endGroup(t, group, { cause: 'session-ends' });
    t.request('device', groupRemove(group.interface));
  }
  // No group will come of it; one that is being formed without a phone may come, and then stays up.
  if (t.rules.abandon?.(t, t.state.phase)) withdrawAnnouncement(t);
  // Nothing would watch over them.
  withdrawAddresses(t);
  abandonInvitation(t, ENDING);
  refuseOrders(t, null, ENDING);
  // An operator's wishes end with us.
  t.setOperator({ paused: false, groupStopped: false });
  if (isAttached(t)) {
    restoreValues(t);
    t.request('device', P2P_STOP_FIND, { kind: 'farewell' });
  }
  const awaits = isAttached(t) ? (['hook', 'farewell'] as const) : (['hook'] as const);
  t.enter({ name: 'stopping', awaits, until: t.world.now + HOOKS_AT_END_MS });
}

/** Only the end of the last hook and the last reply count. The reply may never come. */
export const stopping: PhaseRules<'stopping'> = {
  dueAt: (_, { until }) => ({ stopping: until }),

  entered: (t) => t.hook({ hook: 'terminated' }, t.state.calls.startGroup),

  input(t, phase, input) {
    // The last hook may take longer than a watchdog waits.
    if (input.type === 'pulse') t.effects.push({ type: 'pulse' });
    if (input.type === 'operator') t.refuse(input.id, ENDING.code, ENDING.reason);
    const settled = settledBy(input);
    if (settled === null) return true;
    const awaits = settled === 'overdue' ? [] : phase.awaits.filter((awaited) => awaited !== settled);
    if (awaits.length > 0) t.amend({ ...phase, awaits });
    else t.enter({ name: 'ended' });
    return true;
  },
};

/** What of that the input brings; `overdue`: the time for it is over. */
function settledBy(input: Input): 'hook' | 'farewell' | 'overdue' | null {
  switch (input.type) {
    case 'hook-done':
      return input.hook === 'terminated' ? 'hook' : null;
    case 'reply':
    case 'no-reply':
      return input.tag.kind === 'farewell' ? 'farewell' : null;
    case 'timer':
      return input.timer === 'stopping' ? 'overdue' : null;
    default:
      return null;
  }
}

export const ended: PhaseRules<'ended'> = {
  entered(t) {
    t.emit({ type: 'stopped' }, null);
    t.effects.push({ type: 'end' });
  },
  input: () => true,
};
