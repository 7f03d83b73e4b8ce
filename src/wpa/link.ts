import { dirname, join } from 'node:path';
import type { Logger } from '../logging/logger.js';
import { type Backoff, backoff, type Clock, type Timer } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import type { FolderWatch, WatchFolder } from '../system/folders.js';
import { samePlace } from '../system/folders.js';
import { bindFailure, Channel, type Done } from './channel.js';
import type { ClientFolder } from './client-folder.js';
import { ATTACH, checkCommand, DETACH, PING } from './command.js';
import type { WpaEvent } from './event.js';
import { parseEvent } from './event.js';
import { Heartbeat, INFO, type Pulse } from './heartbeat.js';
import { isOk } from './reply.js';
import type { OpenDatagram } from './unix-datagram.js';

/** Between two proofs that we are still attached. */
export const HEARTBEAT_MS = 10_000;
/**
 * Time without a change in the control folder before a request is sent. For each event that wpa_supplicant cannot send it
 * makes its socket anew, and requests that wait in the old one are lost (ctrl_iface_unix.c, wpas_ctrl_iface_reinit).
 */
export const QUIET_MS = 100;
/** Between two tries to attach. */
export const RETRY: Backoff = { firstMs: 200, lastMs: 5_000 };

export interface LinkListener {
  /** Attached; whatever was known before may be out of date. */
  up(): void;
  /** wpa_supplicant stopped answering; the link goes on trying until it is closed. */
  down(error: HostP2pError): void;
  /** Events were lost, and from now on they come again: look at the state anew. */
  missed(): void;
  /** Attached, and wpa_supplicant holds back the events. Called with every heartbeat that finds it so. */
  deaf(): void;
  event(event: WpaEvent, text: string): void;
  /** Still not attached. Called for every failed try; the error says what stands in the way. */
  waiting(error: HostP2pError): void;
}

export interface LinkParts {
  readonly open: OpenDatagram;
  readonly clock: Clock;
  readonly watch: WatchFolder;
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
 * attachment is lost. Separate sockets, because on an attached one an event can come between a request and its
 * reply (ctrl_iface_unix.c). wpa_supplicant detaches a client, and holds back its events, without telling it, so every
 * heartbeat asks for the proof of both.
 */
export class ControlLink {
  readonly interface: string;
  readonly #server: string;
  readonly #parts: LinkParts;
  readonly #listener: LinkListener;
  readonly #trusted = new Set<string>();
  readonly #distrusted = new Set<string>();
  #channels: Channels | null = null;
  #attached = false;
  #deaf = false;
  #heardWhileDeaf = false;
  /** Whether this wpa_supplicant lets a heartbeat be heard: it can be built without debug messages. Null: not known yet. */
  #echoes: boolean | null = null;
  #closed = false;
  #failures = 0;
  #timer: Timer | null = null;
  #lookTimer: Timer | null = null;
  #nextTryAt: number | null = null;
  #watch: FolderWatch | null = null;

  /** @param controlFolder wpa_supplicant's `ctrl_interface` folder */
  constructor(controlFolder: string, interfaceName: string, parts: LinkParts, listener: LinkListener) {
    this.interface = interfaceName;
    this.#server = join(controlFolder, interfaceName);
    this.#parts = parts;
    this.#listener = listener;
  }

  get attached(): boolean {
    return this.#attached;
  }

  /** Whether wpa_supplicant holds back its events. */
  get deaf(): boolean {
    return this.#deaf;
  }

  /** Whether a heartbeat has been heard: only then is one that is not heard a proof. */
  get provesHearing(): boolean {
    return this.#echoes === true;
  }

  /** When attaching is tried again, on the clock of the link; null while attached, and during a try. */
  get nextTryAt(): number | null {
    return this.#attached ? null : this.#nextTryAt;
  }

  /** Starts to attach; `up` tells when that is done. */
  open(): void {
    if (!this.#closed && !this.#channels) this.#connect();
  }

  /** One request; they are answered in order. Without a link it fails at once with CONTROL_UNAVAILABLE. */
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
      // Whether events come is known before anybody relies on them.
      channels.heartbeat.beat();
    });
  }

  #openChannels(): Channels {
    const { open, clock, folder } = this.#parts;
    const common = {
      server: this.#server,
      open,
      clock,
      trusts: (sender: string | null) => this.#trusts(sender),
      onBroken: (error: HostP2pError) => this.#fail(error),
    };
    const commands = new Channel({
      ...common,
      address: folder.address(this.interface, 'cmd'),
      onEvent: () => {},
    });
    try {
      const monitor = new Channel({
        ...common,
        address: folder.address(this.interface, 'mon'),
        onEvent: (text, level) => this.#message(text, level),
      });
      const heartbeat = new Heartbeat(monitor, (pulse) => this.#felt(pulse));
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
    if (this.#deaf && event.type !== 'CTRL-EVENT-TERMINATING') {
      // It may be minutes old. What is true now is asked for when a heartbeat is heard.
      this.#heardWhileDeaf = true;
      this.#lookSoon();
      return;
    }
    this.#channels?.heartbeat.event();
    this.#listener.event(event, text);
    if (event.type === 'CTRL-EVENT-TERMINATING') {
      this.#fail(new HostP2pError('CONTROL_UNAVAILABLE', `${this.#server}: wpa_supplicant has ended`));
    }
  }

  /** Ends the present channels, says so, and starts over. */
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
    this.#lookTimer?.cancel();
    this.#deaf = false;
    this.#heardWhileDeaf = false;
    this.#attached = false;
    // Another wpa_supplicant may answer next, one that is built without debug messages.
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
    channels.commands.request(PING, () => {});
    channels.heartbeat.beat();
  }

  /** The result of a heartbeat; with the first one the link is up. */
  #felt(pulse: Pulse | null): void {
    if (!pulse) {
      this.#fail(new HostP2pError('CONTROL_UNAVAILABLE', `${this.#server}: ATTACH was refused`));
      return;
    }
    const { reattached, hears, probed } = pulse;
    if (!this.#attached) {
      this.#attached = true;
      this.#failures = 0;
      this.#beatLater();
      this.#listener.up();
    }
    if (reattached)
      this.#parts.logger.log('warning', `${this.#server}: detached without notice; attached again`);
    const missed = reattached || this.#deaf;
    if (probed && hears) this.#echoes = true;
    // Events come, and no heartbeat was ever heard: none can be.
    else if (this.#heardWhileDeaf) this.#echoes ??= false;
    this.#deaf = !hears && this.#echoes !== false;
    this.#heardWhileDeaf = false;
    if (this.#deaf) this.#listener.deaf();
    else if (missed) this.#listener.missed();
  }

  #schedule(ms: number, act: () => void): void {
    this.#timer?.cancel();
    this.#nextTryAt = this.#parts.clock.now() + ms;
    this.#timer = this.#parts.clock.after(ms, act);
  }

  /** Looks when nothing has changed for a moment. */
  #lookSoon(): void {
    this.#lookTimer?.cancel();
    this.#lookTimer = this.#parts.clock.after(QUIET_MS, () => this.#beat());
  }

  /** Looks when the control socket comes or goes, instead of at the next heartbeat or try. */
  #watchFolder(): void {
    this.#watch?.close();
    this.#watch = this.#parts.watch(dirname(this.#server), (entry) => {
      if (this.#closed || (entry !== null && entry !== this.interface)) return;
      if (this.#attached) {
        this.#lookSoon();
        return;
      }
      // Also when an ATTACH is under way: its reply will not come from a socket that has just gone.
      this.#drop();
      this.#schedule(0, () => this.#connect());
    });
  }

  /** wpa_supplicant's own path, or another spelling of it such as /var/run for /run. */
  #trusts(sender: string | null): boolean {
    if (sender === this.#server) return true;
    const key = sender ?? '';
    if (this.#trusted.has(key)) return true;
    // Distrust is judged anew each time: while wpa_supplicant's folder is away, its other spellings cannot be told.
    const trusted = sender !== null && samePlace(sender, this.#server);
    const seen = trusted ? this.#trusted : this.#distrusted;
    // A handful of spellings is plausible; a sender that makes up ever new ones fills neither memory nor log.
    if (seen.has(key) || seen.size >= 64) return trusted;
    seen.add(key);
    if (!trusted) {
      const from = sender ?? 'an unnamed socket';
      this.#parts.logger.log('warning', `datagram from ${from} ignored; wanted ${this.#server}`);
    }
    return trusted;
  }
}
