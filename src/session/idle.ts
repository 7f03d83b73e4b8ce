import { isGroupInterface } from '../system/interface-names.js';
import { INTERFACES } from '../wpa/command.js';
import { parseInterfaces } from '../wpa/reply.js';
import { formWanted, noteLoss, proceed } from './attempt.js';
import { refreshSearch, searchStopped, startSearch } from './discovery.js';
import { fulfil } from './orders.js';
import { IDLE, INSPECTING } from './phase.js';
import { haltReason, isWanted, techniqueOf } from './selectors.js';
import { inspect } from './supplicant-settings.js';
import type { PhaseRules, Transition } from './transition.js';

/** The phases without a group and without an attempt: `idle`, until a phone asks for one, and `backoff`. */

export const idle: PhaseRules<'idle'> = {
  entered(t) {
    // The settings may have changed on the way here, or an operator wants a group.
    if (isWanted(t)) {
      formWanted(t);
      return;
    }
    t.setAttempts({ failures: 0 });
    startSearch(t);
    fulfil(t, 'gone');
  },

  input(t, _, input) {
    switch (input.type) {
      case 'event':
        if (input.link !== 'device' || input.event.type !== 'P2P-FIND-STOPPED') return false;
        searchStopped(t);
        return true;
      case 'timer':
        if (input.timer !== 'discovery') return false;
        refreshSearch(t);
        return true;
      case 'reply':
        if (input.tag.kind !== 'group-check') return false;
        // A phone may have restarted the persistent group, and its event was held back.
        if (parseInterfaces(input.reply).some((name) => isGroupInterface(name, t.world.deviceInterface)))
          t.enter(INSPECTING);
        return true;
      case 'link-held-back':
        if (input.link === 'device') t.question('device', INTERFACES, { kind: 'group-check', reason: null });
        return true;
      case 'operator':
        if (input.command.kind !== 'invite') return false;
        recall(t, input.id, input.command.deviceAddress);
        return true;
      default:
        return false;
    }
  },

  wanted: (t) => t.enter(INSPECTING),
  abandon: () => IDLE,
  resumed: inspect,
  // The new settings may ask for a group.
  configured: (t) => t.enter(INSPECTING),
  dueAt: (t) => ({ discovery: t.state.discovery.nextAt }),
};

/** Without a group: invites a phone back to the persistent one, which starts it. */
function recall(t: Transition, operator: number, deviceAddress: string): void {
  const { networkId } = t.state;
  const halted = haltReason(t);
  if (halted !== null) t.refuse(operator, 'STATE', { cause: halted });
  else if (networkId === null || !techniqueOf(t.settings).persistent)
    t.refuse(operator, 'STATE', { cause: 'no-persistent-group' });
  else proceed(t, { kind: 'recall', deviceAddress, operator }, { kind: 'profile', networkId, ssid: null });
}

/** Waits before the next attempt. Another group may be up by then. */
export const backoff: PhaseRules<'backoff'> = {
  input(t, phase, input) {
    switch (input.type) {
      case 'timer':
        if (input.timer !== 'backoff') return false;
        t.enter(INSPECTING);
        return true;
      case 'loss-investigated': {
        const failure = noteLoss(t, input);
        t.amend({ ...phase, failure });
        const retrySeconds = Math.max(0, phase.until - t.world.now) / 1000;
        t.emit({ type: 'groupFailed', failure, retrySeconds }, null);
        return true;
      }
      default:
        return false;
    }
  },

  wanted: (t) => t.enter(INSPECTING),
  /** Another group may be up. */
  abandon: () => INSPECTING,
  resumed: inspect,

  /** With the new settings a group may be formed that could not be before. */
  configured(t) {
    t.setAttempts({ failures: 0 });
    t.enter(INSPECTING);
  },

  dueAt: (_, { until }) => ({ backoff: until }),
};
