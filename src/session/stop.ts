import { HOOKS_AT_END_MS } from '../system/end-limits.js';
import { groupRemove, P2P_CANCEL, P2P_STOP_FIND } from '../wpa/command.js';
import { withdrawAddresses } from './addresses.js';
import { withdrawAnnouncement } from './formation.js';
import { endGroup } from './group.js';
import { refuseOrders } from './group-orders.js';
import { heldGroup } from './held.js';
import { abandonInvitation } from './invitation.js';
import type { Input } from './messages.js';
import { shut } from './pairing.js';
import { takeBack } from './registrar.js';
import { putBackValues } from './supplicant-values.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/** The group stays up without us, unless it is there only on demand; what we do on the air ends. */
export function stop(turn: Turn): void {
  const { phase } = turn.state;
  shut(turn, 'failed');
  takeBack(turn);
  const group = heldGroup(turn);
  if (group && phase.name !== 'detached' && techniqueOf(turn.settings).passing) {
    endGroup(turn, group, 'hostp2pd ends');
    turn.request('device', groupRemove(group.interface));
  }
  // No group will come of it any more; one that is being formed may, and then stays up.
  if (phase.name === 'announcing') withdrawAnnouncement(turn);
  if (phase.name === 'forming' && phase.occasion.kind === 'request') {
    turn.request('device', P2P_CANCEL);
    withdrawAnnouncement(turn);
  }
  turn.cancel(
    'discovery',
    'enrolment',
    'forming',
    'resting',
    'held',
    'group-check',
    'adopting',
    'button',
    'address',
    'removal',
    'orders',
  );
  // Nobody would watch over them.
  withdrawAddresses(turn);
  abandonInvitation(turn, 'STATE', 'the session ends');
  refuseOrders(turn, null, 'STATE', 'the session ends');
  const attached = turn.state.phase.name !== 'detached';
  // With us goes what an operator has told us.
  turn.update({ paused: false, groupStopped: false });
  if (attached) putBackValues(turn);
  if (attached) turn.request('device', P2P_STOP_FIND, { kind: 'farewell' });
  turn.enter({ name: 'stopping', awaits: attached ? ['hook', 'farewell'] : ['hook'] });
  turn.timer('stopping', HOOKS_AT_END_MS);
  turn.hook({ hook: 'terminated' }, turn.state.calls);
}

/** While stopping only the end of the last hook and the last reply count; the reply may also never come. */
export function stoppingInput(turn: Turn, input: Input): void {
  const { phase } = turn.state;
  if (phase.name !== 'stopping') return;
  // The last hook may take longer than a watchdog has patience.
  if (input.type === 'pulse') turn.effects.push({ type: 'pulse' });
  if (input.type === 'operator') turn.refuse(input.id, 'STATE', 'the session ends');
  const came = whatCame(input);
  if (came === null) return;
  const awaits = came === 'overdue' ? [] : phase.awaits.filter((awaited) => awaited !== came);
  if (awaits.length > 0) {
    turn.enter({ name: 'stopping', awaits });
    return;
  }
  turn.cancel('stopping');
  turn.enter({ name: 'ended' });
  turn.emit({ type: 'stopped' });
  turn.effects.push({ type: 'end' });
}

function whatCame(input: Input): 'hook' | 'farewell' | 'overdue' | null {
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
