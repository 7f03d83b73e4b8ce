import { dirname, join } from 'node:path';
import type { Logger } from '../logging/logger.js';
import { type Backoff, backoff, type Clock, type Timer } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import type { FolderWatch, WatchFolder } from '../system/folders.js';
import { bindFailure, Channel, type Done } from './channel.js';
import type { ClientFolder } from './client-folder.js';
import { ATTACH, checkCommand, DETACH, PING } from './command.js';
import type { WpaEvent } from './event.js';
import { parseEvent } from './event.js';
import { Heartbeat, type HeartbeatResult, INFO } from './heartbeat.js';
import { isOk } from './reply.js';
import { TrustedSenders } from './trusted-senders.js';
import type { OpenDatagram } from './unix-datagram.js';

/** Between two heartbeats. */
export const HEARTBEAT_MS = 10_000;
/**
 * Time without a change in the control folder before a request is sent. For each event that wpa_supplicant cannot send, it
 * re-creates its socket, and requests that wait in the old one are lost (ctrl_iface_unix.c, wpas_ctrl_iface_reinit).
 */
export const QUIET_MS = 100;
/** From the attachment until the end of the program is watched: what the attachment begins is more urgent. */
export const WATCH_END_MS = 1_000;
/** Between two tries to attach. */
export const RETRY: Backoff = { firstMs: 200, longestMs: 5_000 };

export interface LinkListener {
  /** Attached. What was known before may be out of date. */
  up(): void;
  /** wpa_supplicant has stopped answering. The link tries to attach again until it is closed. */
  down(error: HostP2pError): void;
  /** Events were lost; from now on they arrive again. Ask for the current state. */
  missed(): void;
  /** Attached, but wpa_supplicant holds back the events. Called at every heartbeat while that is so. */
  heldBack(): void;
  /** A heartbeat has begun: every 10 s while attached. */
  heartbeat(): void;
  event(event: WpaEvent, text: string): void;
  /** Still not attached. Called for every failed try, with the reason. */
  waiting(error: HostP2pError): void;
}

export interface LinkParts {
  readonly open: OpenDatagram;
  readonly clock: Clock;
  readonly watch: WatchFolder;
  /** Calls `onEnd` when a program has ended that may have been wpa_supplicant; returns null where that cannot be noticed. */
  readonly watchEnd?: (onEnd: () => void) => FolderWatch | null;
  /** Tells the control socket of one wpa_supplicant from that of the next one. */
  readonly identify?: (path: string) => string | null;
  readonly folder: ClientFolder;
  readonly logger: Logger;
}

interface Channels {
  readonly commands: Channel;
  readonly monitor: Channel;
  readonly heartbeat: Heartbeat;
}

/**
 * The link to one interface of wpa_supplicant: a command socket and a monitor socket, attached again whenever the
 * attachment is lost. The sockets are separate because on an attached one an event can come between a request and its
 * reply (ctrl_iface_unix.c). wpa_supplicant gives no notice when it detaches a client or holds back its events, so every
 * heartbeat checks both.
 */
export class ControlLink {
  readonly interface: string;
  readonly #server: string;
  readonly #parts: LinkParts;
  readonly #listener: LinkListener;
  readonly #senders: TrustedSenders;
  #channels: Channels | null = null;
  #attached = false;
  #heldBack = false;
  /** Events that came while events seemed to be held back: old ones, unless this wpa_supplicant has no echo. */
  #doubtful: { readonly event: WpaEvent; readonly text: string }[] = [];
  /** Some of them had come when the heartbeat under way began, so they were not released by it. */
  #cameBefore = false;
  /** Whether this wpa_supplicant echoes requests: it can be built without debug messages. Null: not known yet. */
  #echoes: boolean | null = null;
  #closed = false;
  #failures = 0;
  #timer: Timer | null = null;
  #beatTimer: Timer | null = null;
  #nextTryAt: number | null = null;
  #watch: FolderWatch | null = null;
  #endTimer: Timer | null = null;
  #endWatch: FolderWatch | null = null;
  /** The identity of the control socket to which we are attached. */
  #attachedTo: string | null = null;
  /** The last heartbeat or ATTACH: when it began, and the control socket that was there. */
  #began: { readonly at: number; readonly socket: string | null } = { at: 0, socket: null };

  /** @param controlFolder wpa_supplicant's `ctrl_interface` folder */
  constructor(controlFolder: string, interfaceName: string, parts: LinkParts, listener: LinkListener) {
    this.interface = interfaceName;
    this.#server = join(controlFolder, interfaceName);
    this.#parts = parts;
    this.#listener = listener;
    this.#senders = new TrustedSenders(this.#server, parts.logger);
  }

  get attached(): boolean {
    return this.#attached;
  }

  /** Whether wpa_supplicant holds back its events. */
  get heldBack(): boolean {
    return this.#heldBack;
  }

  /** Whether an echo has been received: only then does a missing echo prove that events are held back. */
  get hasEcho(): boolean {
    return this.#echoes === true;
  }

  /** Time of the next try to attach, on the clock of the link; null while attached, and during a try. */
  get nextTryAt(): number | null {
    return this.#attached ? null : this.#nextTryAt;
  }

  /** Starts to attach; `up` is called when that is done. */
  open(): void {
    if (!this.#closed && !this.#channels) this.#connect();
  }

  /** Sends a request. Requests are answered in order; without a link they fail at once with CONTROL_UNAVAILABLE. */
  request(command: string, done: Done): void {
    const channels = this.#channels;
    if (!channels || !this.#attached) {
      done({ error: new HostP2pError('CONTROL_UNAVAILABLE', `${this.#server}: not attached`) });
      return;
    }
    try {
      checkCommand(command);
    } catch (error) {
      if (!(error instanceof HostP2pError)) throw error;
      done({ error });
      return;
    }
    channels.commands.request(command, done);
  }

  /** Detaches and removes the sockets. Pending requests end with CONTROL_CLOSED. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#attached) this.#channels?.monitor.sendLast(DETACH);
    this.#drop();
    this.#watch?.close();
  }

  #connect(): void {
    this.#timer?.cancel();
    this.#nextTryAt = null;
    this.#watchFolder();
    let channels: Channels;
    try {
      channels = this.#openChannels();
    } catch (error) {
      this.#retryLater(bindFailure(error));
      return;
    }
    this.#channels = channels;
    this.#noteBegin();
    channels.monitor.request(ATTACH, (outcome) => {
      if (this.#channels !== channels) return;
      if (!('reply' in outcome)) return;
      if (!isOk(outcome.reply)) {
        this.#fail(
          new HostP2pError(
            'CONTROL_UNAVAILABLE',
            `${this.#server}: ATTACH was refused: ${outcome.reply.trim()}`,
          ),
        );
        return;
      }
      // `up` must wait until it is known whether events arrive.
      channels.heartbeat.beat();
    });
  }

  #openChannels(): Channels {
    const { open, clock, folder } = this.#parts;
    const common = {
      server: this.#server,
      open,
      clock,
      trusts: (sender: string | null) => this.#senders.trusts(sender),
      onBroken: (error: HostP2pError) => this.#fail(error),
    };
    const commands = new Channel({ ...common, address: folder.address(this.interface, 'cmd') });
    try {
      const monitor = new Channel({
        ...common,
        address: folder.address(this.interface, 'mon'),
        onEvent: (text, level) => this.#message(text, level),
      });
      const begun = () => {
        this.#cameBefore = this.#doubtful.length > 0;
      };
      const heartbeat = new Heartbeat(monitor, (result) => this.#checked(result), begun);
      return { commands, monitor, heartbeat };
    } catch (error) {
      commands.close();
      throw error;
    }
  }

  #message(text: string, level: number): void {
    if (level < INFO) {
      this.#channels?.heartbeat.debugMessage(text);
      return;
    }
    const event = parseEvent(text);
    if (this.#heldBack && event.type !== 'CTRL-EVENT-TERMINATING') {
      this.#doubtful.push({ event, text });
      this.#beatSoon();
      return;
    }
    this.#deliver(event, text);
    if (event.type === 'CTRL-EVENT-TERMINATING') {
      this.#fail(new HostP2pError('CONTROL_UNAVAILABLE', `${this.#server}: wpa_supplicant has ended`));
    }
  }

  #deliver(event: WpaEvent, text: string): void {
    this.#channels?.heartbeat.event();
    this.#listener.event(event, text);
  }

  /** Closes the channels, reports it, and starts again. */
  #fail(error: HostP2pError): void {
    if (this.#closed || !this.#channels) return;
    const wasAttached = this.#attached;
    this.#drop(error);
    if (this.#closed) return;
    if (wasAttached) {
      this.#schedule(RETRY.firstMs, () => this.#connect());
      this.#listener.down(error);
    } else {
      this.#retryLater(error);
    }
  }

  #drop(reason?: HostP2pError): void {
    this.#timer?.cancel();
    this.#beatTimer?.cancel();
    this.#endTimer?.cancel();
    this.#endWatch?.close();
    this.#heldBack = false;
    this.#doubtful = [];
    this.#attached = false;
    // The next wpa_supplicant can be one that was built without debug messages.
    if (this.#echoes) this.#echoes = null;
    const channels = this.#channels;
    this.#channels = null;
    channels?.commands.close(reason);
    channels?.monitor.close(reason);
  }

  #retryLater(error: HostP2pError): void {
    this.#schedule(backoff(this.#failures, RETRY), () => this.#connect());
    this.#failures += 1;
    this.#listener.waiting(error);
  }

  #beatLater(): void {
    this.#schedule(HEARTBEAT_MS, () => this.#beat());
  }

  #beat(): void {
    const channels = this.#channels;
    if (!channels || !this.#attached) return;
    this.#beatLater();
    this.#noteBegin();
    channels.commands.request(PING, () => {});
    channels.heartbeat.beat();
    this.#listener.heartbeat();
  }

  /** The result of a heartbeat; with the first one the link is up. */
  #checked(result: HeartbeatResult | null): void {
    if (!result) {
      this.#fail(new HostP2pError('CONTROL_UNAVAILABLE', `${this.#server}: ATTACH was refused`));
      return;
    }
    const { reattached, hears, probed, hasLevel } = result;
    // wpa_supplicant was started again; or it has made its socket again, as it does when a client has not read for long.
    const isOther = this.#identity() !== this.#attachedTo && !this.#heldBack;
    const mayBeOther = reattached || (this.#attached && !hasLevel);
    if ((mayBeOther && isOther) || (reattached && this.#waitsSince(this.#began.at))) {
      this.#channels?.monitor.sendLast(DETACH);
      this.#fail(madeAgain(this.#server));
      return;
    }
    this.#attachedTo = this.#began.socket;
    if (!this.#attached) {
      this.#attached = true;
      this.#failures = 0;
      this.#beatLater();
      this.#watchEndSoon();
      this.#listener.up();
    }
    if (reattached)
      this.#parts.logger.log('warning', `${this.#server}: detached without notice; attached again`);
    const missed = reattached || this.#heldBack;
    if (probed && hears) this.#echoes = true;
    // Events arrive although no request was ever echoed: this wpa_supplicant has no echo, and nothing was held back.
    else if (this.#cameBefore) this.#echoes ??= false;
    this.#heldBack = !hears && this.#echoes !== false;
    const doubtful = this.#doubtful;
    // What came after the probe may have been released after it. The next heartbeat finds out.
    this.#doubtful = this.#echoes === null ? doubtful : [];
    // Otherwise they may be minutes old, and the current state is asked for.
    for (const { event, text } of doubtful)
      if (this.#echoes === false && !this.#closed) this.#deliver(event, text);
    if (this.#closed) return;
    if (this.#heldBack) this.#listener.heldBack();
    else if (missed) this.#listener.missed();
  }

  #schedule(ms: number, act: () => void): void {
    this.#timer?.cancel();
    this.#nextTryAt = this.#parts.clock.now() + ms;
    this.#timer = this.#parts.clock.after(ms, act);
  }

  /** Runs a heartbeat when nothing has changed for a moment. @param changedAt when the control socket may have been made again */
  #beatSoon(changedAt: number | null = null): void {
    this.#beatTimer?.cancel();
    this.#beatTimer = this.#parts.clock.after(QUIET_MS, () => {
      if (changedAt === null || !this.#isRequestLost(changedAt)) this.#beat();
      else this.#fail(madeAgain(this.#server));
    });
  }

  /** Whether a request was sent to the control socket that was there before: it waits in vain, and so does all after it. */
  #isRequestLost(changedAt: number): boolean {
    if (!this.#channels || this.#identity() === this.#attachedTo) return false;
    return this.#waitsSince(changedAt);
  }

  /** Whether a request that was sent before that time has no reply. */
  #waitsSince(time: number): boolean {
    const { commands, monitor } = this.#channels ?? {};
    return [commands, monitor].some((channel) => (channel?.waitingSince ?? time) < time);
  }

  #noteBegin(): void {
    this.#began = { at: this.#parts.clock.now(), socket: this.#identity() };
  }

  #identity(): string | null {
    return this.#parts.identify?.(this.#server) ?? null;
  }

  /** After a crash wpa_supplicant sends no event, and its control socket stays: the next request finds out. */
  #watchEndSoon(): void {
    const { clock, watchEnd } = this.#parts;
    if (!watchEnd) return;
    this.#endTimer = clock.after(WATCH_END_MS, () => {
      this.#endWatch = watchEnd(() => this.#beat());
    });
  }

  /** Reacts when the control socket comes or goes, instead of at the next heartbeat or try. */
  #watchFolder(): void {
    this.#watch?.close();
    this.#watch = this.#parts.watch(dirname(this.#server), (entry) => {
      if (this.#closed || (entry !== null && entry !== this.interface)) return;
      if (this.#attached) {
        this.#beatSoon(this.#parts.clock.now());
        return;
      }
      // Also during an ATTACH: its reply will not come from a socket that has just gone.
      this.#drop();
      this.#schedule(0, () => this.#connect());
    });
  }
}

/** Requests to the former one will not be answered, and after a restart no group is left. */
function madeAgain(server: string): HostP2pError {
  return new HostP2pError('CONTROL_UNAVAILABLE', `${server}: the control socket was made again`);
}
