import { groupRemove, P2P_STOP_FIND } from '../wpa/command.js';
import { endGroup } from './group.js';
import type { Input } from './model.js';
import type { Turn } from './turn.js';

/** How long a hanging link or hook may keep the program from ending, beyond the hook's own bound. */
const STOPPING_MARGIN_MS = 5_000;
/** The group stays up without us, unless it is there only on demand; what we do on the air ends. */
export function stop(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.name === 'running' && turn.settings.dynamic_group) {
    endGroup(turn, phase.group, 'hostp2pd ends');
    turn.request('device', groupRemove(phase.group.interface));
  }
  turn.cancel('discovery', 'enrolment', 'forming', 'resting', 'held', 'group-check', 'adopting');
  if (turn.state.phase.name !== 'detached') turn.request('device', P2P_STOP_FIND);
  turn.enter({ name: 'stopping' });
  turn.timer('stopping', turn.settings.hook_timeout_secs * 1000 + STOPPING_MARGIN_MS);
  turn.hook('terminated', [], {}, true);
}

/** While stopping only the end of the last hook counts. */
export function stoppingInput(turn: Turn, input: Input): void {
  const hookDone = input.type === 'hook-done' && input.hook === 'terminated';
  const overdue = input.type === 'timer' && input.timer === 'stopping';
  if (!hookDone && !overdue) return;
  turn.cancel('stopping');
  turn.enter({ name: 'ended' });
  turn.emit({ type: 'stopped' });
  turn.effects.push({ type: 'end' });
}
