import type { PhaseName } from '../session/model.js';
import type { EnrolmentView, GroupView, PairingView } from '../session/session-event.js';

/** How things stand at this moment. */
export interface StatusView {
  readonly phase: PhaseName;
  /** P2P device interface; null as long as it is looked for. */
  readonly interface: string | null;
  /** Whether wpa_supplicant tells us its events. */
  readonly attached: boolean;
  readonly group: GroupView | null;
  /** Phones that have asked to come in and are not in yet, in the order in which they asked. */
  readonly enrolling: readonly EnrolmentView[];
  /** The pairing window that an operator has opened. */
  readonly pairing: PairingView | null;
  /** An operator has paused the session: nobody is let in, no group is formed. */
  readonly paused: boolean;
  /** An operator has stopped the group: none is formed. */
  readonly groupStopped: boolean;
}
