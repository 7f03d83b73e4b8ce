import { isGroupInterface } from '../system/interface-names.js';
import { INTERFACES } from '../wpa/command.js';
import { parseInterfaces } from '../wpa/reply.js';
import { formWanted } from './attempt.js';
import { refreshSearch, searchStopped, startSearch } from './discovery.js';
import { INSPECTING } from './model.js';
import { fulfil } from './orders.js';
import { isWanted } from './selectors.js';
import type { PhaseRules } from './transition.js';

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
      case 'link-deaf':
        if (input.link === 'device') t.request('device', INTERFACES, { kind: 'group-check', reason: null });
        return true;
      default:
        return false;
    }
  },
};

/** Waits before the next attempt. Another group may be up by then. */
export const backoff: PhaseRules<'backoff'> = {
  input(t, _, input) {
    if (input.type !== 'timer' || input.timer !== 'backoff') return false;
    t.enter(INSPECTING);
    return true;
  },
};
