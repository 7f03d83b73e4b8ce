import type { Settings } from '../config/schema.js';
import type { RadioBlock } from '../session/failure.js';
import type { Effect, Input } from '../session/messages.js';
import type { ConfigFile } from '../session/model.js';
import type { SessionEvent } from '../session/session-event.js';
import type { HostP2pError } from '../system/errors.js';
import type { LinkParts } from '../wpa/link.js';
import type { AddressService } from './address-service.js';
import type { controlClients } from './control-clients.js';
import type { investigateLoss } from './group-loss.js';
import type { GroupStore } from './group-store.js';
import type { HookCaller } from './hook-caller.js';
import type { PinStation } from './pin-module.js';
import type { PeerRegister, Statistics } from './registers.js';

/** What the runner of a session is made of, and what it records. */

export interface RunnerParts extends LinkParts {
  readonly settings: Settings;
  readonly hooks: HookCaller;
  readonly peers: PeerRegister;
  readonly statistics: Statistics;
  readonly addresses: Pick<
    AddressService,
    'open' | 'serve' | 'withdraw' | 'expectLease' | 'note' | 'confirm' | 'seek'
  >;
  readonly store: Pick<GroupStore, 'open' | 'current' | 'save'>;
  /** Whose configuration file wpa_supplicant uses for an interface; read anew at each call. */
  readonly configFile: (deviceInterface: string) => ConfigFile;
  /** The PIN module: the PIN for a station, given the one of the settings. */
  readonly askPin: (pin: string, station: PinStation) => Promise<string>;
  /** What became of a group's interface that wpa_supplicant no longer has; never rejects. */
  readonly investigateLoss: typeof investigateLoss;
  /** Programs that can hold back wpa_supplicant's events; never rejects. */
  readonly controlClients: typeof controlClients;
  /** What keeps a radio off; read anew at each call. */
  readonly radioBlock: (deviceInterface: string) => RadioBlock | null;
  readonly emit: (event: SessionEvent) => void;
  /** The machine is in another phase, and what follows from that has been carried out. */
  readonly onPhase: () => void;
  /** A passphrase or the like that has become known. */
  readonly onSecret: (secret: string) => void;
  /** The machine gave up: the session is ending with this error. */
  readonly onFailure: (error: HostP2pError) => void;
  readonly onEnd: () => void;
  /** Sees each step with the text behind an event; for recorded dialogues. */
  readonly record?: (step: Step) => void;
}

/** One step as it was taken; `text` is the event's, as it came. */
export interface Step {
  readonly at: number;
  readonly input: Input;
  readonly text?: string;
  readonly effects: readonly Effect[];
}
