import { P2P_STOP_FIND } from '../wpa/command.js';
import { applySettings } from './apply.js';
import { startDiscovery } from './discovery.js';
import { askGroupCheck } from './group.js';
import { refuseOrders } from './group-orders.js';
import { haltReason } from './halt.js';
import { inspect } from './inspection.js';
import { abandonInvitation } from './invitation.js';
import { ceaseForming } from './operator-group.js';
import { shut } from './pairing.js';
import { takeBack } from './registrar.js';
import { syncValues } from './supplicant-values.js';
import type { Turn } from './turn.js';

/** An operator wants nothing to happen for now: nobody is let in, no group formed, no search; the stations stay. */

export function pause(turn: Turn, id: number): void {
  if (!turn.state.paused) {
    turn.update({ paused: true });
    turn.log('info', 'paused by an operator');
    turn.emit({ type: 'paused' });
    standDown(turn, haltReason(turn) ?? '');
  }
  turn.done(id);
}

function standDown(turn: Turn, reason: string): void {
  shut(turn, 'failed');
  refuseOrders(turn, 'up', 'STATE', reason);
  abandonInvitation(turn, 'STATE', reason);
  const { enrolments, phase } = turn.state;
  turn.setEnrolments([]);
  for (const { deviceAddress } of enrolments)
    turn.emit({ type: 'enrolmentFailed', deviceAddress, reason, code: null });
  turn.cancel('enrolment', 'discovery', 'button');
  if (phase.name === 'detached') return;
  takeBack(turn);
  syncValues(turn);
  // It would take down with it what cannot be taken back.
  if (phase.name !== 'forming') turn.request('device', P2P_STOP_FIND);
  ceaseForming(turn, reason);
}

/** Takes up everything again as at the start, for much may have changed meanwhile. */
export function resume(turn: Turn, id: number): void {
  if (turn.state.paused) {
    turn.update({ paused: false });
    turn.log('info', 'resumed by an operator');
    turn.emit({ type: 'resumed' });
    takeUp(turn);
  }
  turn.done(id);
}

function takeUp(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.name === 'detached') return;
  syncValues(turn);
  if (phase.name === 'idle') inspect(turn, null);
  if (phase.name !== 'running') return;
  applySettings(turn);
  askGroupCheck(turn);
  startDiscovery(turn);
}
