import type { KnownEvent } from '../wpa/event.js';
import { findStopped, hear } from './discovery.js';
import { enrolled, enrolleeSeen, enrolmentFailed, otherMethodRequested, pinRequested } from './enrolment.js';
import { fail, rest } from './formation.js';
import { channelSwitched, endGroup, groupStarted } from './group.js';
import { mayBeOurs } from './group-name.js';
import { heldGroup, runningGroup } from './held.js';
import type { LinkName } from './model.js';
import { stationEvent } from './stations.js';
import type { Turn } from './turn.js';

/** An event of wpa_supplicant, by the link that brought it. */
export function eventInput(turn: Turn, link: LinkName, event: KnownEvent): void {
  if (link === 'device') deviceEvent(turn, event);
  else groupEvent(turn, event);
}

function deviceEvent(turn: Turn, event: KnownEvent): void {
  switch (event.type) {
    case 'P2P-DEVICE-FOUND':
      hear(turn);
      turn.remember(event);
      return;
    case 'P2P-FIND-STOPPED':
      return findStopped(turn);
    case 'P2P-PROV-DISC-SHOW-PIN':
      return pinRequested(turn, event);
    case 'P2P-PROV-DISC-PBC-REQ':
    case 'P2P-PROV-DISC-ENTER-PIN':
      return otherMethodRequested(turn, event);
    case 'P2P-GO-NEG-REQUEST':
      hear(turn);
      turn.log(
        'warning',
        `${event.address} wants to negotiate a group of its own; phones join the running one`,
      );
      return;
    case 'P2P-GROUP-STARTED':
      return groupStarted(turn, event);
    case 'P2P-GROUP-REMOVED':
      if (event.role === 'GO') groupRemoved(turn, event.interface, event.reason);
      return;
    case 'P2P-INVITATION-ACCEPTED':
      hear(turn);
      turn.log('info', `${event.from} comes back to persistent group ${event.persistent ?? '?'}`);
      return;
    case 'AP-STA-CONNECTED':
    case 'AP-STA-DISCONNECTED': {
      const running = runningGroup(turn);
      if (running) stationEvent(turn, running, 'device', event);
      return;
    }
    case 'CTRL-EVENT-TERMINATING':
      return terminating(turn);
    default:
      return;
  }
}

function groupEvent(turn: Turn, event: KnownEvent): void {
  const running = runningGroup(turn);
  if (!running) return;
  switch (event.type) {
    case 'AP-STA-CONNECTED':
    case 'AP-STA-DISCONNECTED':
      return stationEvent(turn, running, 'group', event);
    case 'WPS-ENROLLEE-SEEN':
      return enrolleeSeen(turn, event);
    case 'WPS-REG-SUCCESS':
      return enrolled(turn);
    case 'WPS-FAIL':
      return enrolmentFailed(turn, event);
    case 'AP-STA-POSSIBLE-PSK-MISMATCH':
      turn.log(
        'warning',
        `${event.address}: wrong passphrase, or a saved group that is no more: forget it there`,
      );
      return;
    case 'CTRL-EVENT-CHANNEL-SWITCH':
      return channelSwitched(turn, running, event.frequency);
    default:
      return;
  }
}

/** Somebody removed the group, or its access point failed: it is ours to keep, so it is started again. */
export function groupRemoved(turn: Turn, name: string, reason: string | null): void {
  const running = runningGroup(turn);
  if (running?.interface === name) {
    endGroup(turn, running, reason ?? 'no reason given');
    rest(turn);
  } else if (turn.state.phase.name === 'forming' && mayBeOurs(name, turn.world.deviceInterface)) {
    fail(turn, `${name}: the group ended before it was up (${reason ?? 'no reason given'})`);
  }
}

/** wpa_supplicant says good-bye: no grace for the group, it ends with it. */
function terminating(turn: Turn): void {
  const held = heldGroup(turn);
  if (held) endGroup(turn, held, 'wpa_supplicant has ended');
  turn.enter({ name: 'detached', held: null });
}
