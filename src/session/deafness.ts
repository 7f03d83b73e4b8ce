import { causeOf } from '../system/errors.js';
import { parseInterfaces } from '../wpa/reply.js';
import { armUnheard } from './arming.js';
import { askGroupCheck, refreshGroup } from './group.js';
import { isGroupName } from './group-name.js';
import { runningGroup } from './held.js';
import { inspectAgain } from './inspection.js';
import type { LinkName } from './model.js';
import type { Turn } from './turn.js';

/**
 * wpa_supplicant holds back its events from everybody while one client does not read, and still answers. Meanwhile
 * everything is asked for with each heartbeat, and the PIN is armed for whoever comes.
 */

/** @param reason who does not read, in words */
export function linkDeaf(turn: Turn, link: LinkName, reason: string): void {
  const { deaf } = turn.state;
  if (deaf[link] !== reason) {
    turn.update({ deaf: { ...deaf, [link]: reason } });
    // Programs that attach themselves for a moment come and go, with other numbers each time.
    const again = deaf[link] !== null && causeOf(deaf[link]) === causeOf(reason);
    turn.log(
      again ? 'debug' : 'warning',
      `${nameOf(turn, link)}: wpa_supplicant holds back its events: ${reason}. Until that program reads or ends, ` +
        'phones that ask to join can go unnoticed, and stations are looked up every 10 s',
    );
  }
  const group = runningGroup(turn);
  // With the answer comes a look at the group itself.
  if (link === 'device' && (group || turn.state.phase.name === 'idle')) askGroupCheck(turn);
  if (!group) return;
  if (link === 'group') refreshGroup(turn);
  if (group.linkUp) armUnheard(turn);
}

/** The reply to `INTERFACES` where no group is known: a phone may have started the persistent one, unheard. */
export function unheardGroup(turn: Turn, reply: string): void {
  if (turn.state.phase.name !== 'idle') return;
  const { deviceInterface } = turn.world;
  if (parseInterfaces(reply).some((name) => isGroupName(name, deviceInterface))) inspectAgain(turn);
}

/** Events come again, or the link is gone. */
export function linkHears(turn: Turn, link: LinkName, again: boolean): void {
  const { deaf } = turn.state;
  if (deaf[link] === null) return;
  turn.update({ deaf: { ...deaf, [link]: null } });
  if (again) turn.log('info', `${nameOf(turn, link)}: the events of wpa_supplicant come again`);
}

function nameOf(turn: Turn, link: LinkName): string {
  return link === 'device' ? turn.world.deviceInterface : (runningGroup(turn)?.interface ?? 'the group');
}
