import { P2P_STOP_FIND } from '../wpa/command.js';
import type { Input } from './model.js';
import type { Turn } from './turn.js';

/** How long a hanging link or hook may keep the program from ending, beyond the hook's own bound. */
const STOPPING_MARGIN_MS = 5_000;
/** The group stays up without us; only what we do on the air ends. */
export function stop(turn: Turn): void {
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
