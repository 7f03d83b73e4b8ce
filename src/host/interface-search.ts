import type { Settings } from '../config/schema.js';
import type { LinkProblem } from '../session/no-group.js';
import type { SessionEvent } from '../session/session-event.js';
import { backoff, type Timer } from '../system/clock.js';
import { causeOf, type HostP2pError } from '../system/errors.js';
import type { FolderWatch } from '../system/folder-watch.js';
import { type LinkParts, RETRY } from '../wpa/link.js';
import { type ControlSockets, isDevice, isGroup, readControlFolder } from './control-folder.js';
import { abilityOf, type Direct, directInterfaces } from './direct-interface.js';
import { type Answer, StatusSurvey } from './status-survey.js';
import { explainNone } from './waiting.js';

export interface SearchParts extends LinkParts {
  readonly found: (interfaceName: string) => void;
  readonly emit: (event: SessionEvent) => void;
}

/**
 * Which interface to bind: the one that was named, or with `auto` the first that turns up of those where Wi-Fi Direct
 * events arrive. That is a P2P device interface where the driver can make one; elsewhere the radio's own interface,
 * which only its `STATUS` tells from one without Wi-Fi Direct.
 */
export class InterfaceSearch {
  readonly #settings: Settings;
  readonly #parts: SearchParts;
  #failures = 0;
  #timer: Timer | null = null;
  #watch: FolderWatch | null = null;
  #survey: StatusSurvey | null = null;
  /** The folder has changed since the survey began. */
  #changed = false;
  #lastReason = '';
  #nextTryAt: number | null = null;
  #over = false;

  constructor(settings: Settings, parts: SearchParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Why there is no interface yet; null where none is looked for, and before the first look has ended. */
  get problem(): LinkProblem | null {
    return this.#over || this.#lastReason === ''
      ? null
      : { reason: this.#lastReason, nextTryAt: this.#nextTryAt };
  }

  start(): void {
    const { interface: wanted } = this.#settings;
    if (wanted === 'auto') this.#look();
    else this.#end(wanted);
  }

  /** Ends the search at any moment; no socket of it stays behind. */
  close(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#watch?.close();
    this.#survey?.close();
  }

  #end(name: string): void {
    this.close();
    this.#parts.found(name);
  }

  #look(): void {
    if (this.#over) return;
    this.#timer?.cancel();
    this.#nextTryAt = null;
    // Before the folder is read: what comes between the two would be missed.
    this.#watchFolder();
    const sockets = this.#read();
    if (sockets === null) return;
    if (this.#survey) {
      this.#changed = true;
      return;
    }
    // A served P2P device interface that the kernel's list does not tell of shows itself by its answer.
    const candidates = sockets.names.filter((name) => !isGroup(name));
    const { ctrl_interface } = this.#settings;
    this.#survey = new StatusSurvey(ctrl_interface, candidates, this.#parts, (answers) =>
      this.#judge(answers),
    );
    this.#survey.start();
  }

  /** Null where there is nothing more to do: a P2P device interface was taken, or the folder cannot be read. */
  #read(): ControlSockets | null {
    const sockets = readControlFolder(this.#settings.ctrl_interface);
    if ('error' in sockets) {
      this.#wait(sockets.error);
      return null;
    }
    const [device, ...others] = sockets.devices;
    if (device === undefined) return sockets;
    this.#take(device, others);
    return null;
  }

  #judge(answers: readonly Answer[]): void {
    this.#survey = null;
    // A wpa_supplicant that is starting makes wlan0 first and p2p-dev-wlan0 right after it, before it answers.
    const sockets = this.#read();
    if (sockets === null) return;
    const asked = answers.map(({ name }) => name);
    if (sockets.names.some((name) => isDevice(name) && !asked.includes(name))) {
      this.#look();
      return;
    }
    const direct = new Map<string, Direct>();
    const unfit = new Map<string, string | HostP2pError>();
    for (const name of sockets.names.filter(isGroup)) unfit.set(name, "is a group's");
    for (const answer of answers.filter(({ name }) => sockets.names.includes(name))) {
      const ability = 'status' in answer ? abilityOf(answer.status) : { unfit: answer.error };
      if ('unfit' in ability) unfit.set(answer.name, ability.unfit);
      else direct.set(answer.name, ability);
    }
    const [first, ...others] = directInterfaces(direct);
    if (first !== undefined) this.#take(first, others);
    else this.#wait(explainNone(this.#settings.ctrl_interface, unfit));
  }

  #take(name: string, others: readonly string[]): void {
    const what = isDevice(name)
      ? ''
      : '; it has no P2P device interface of its own, so Wi-Fi Direct events come on it';
    const more = others.length > 0 ? ` (there are also: ${others.join(', ')}; see -i)` : '';
    this.#parts.logger.log('info', `interface ${name} found${what}${more}`);
    this.#end(name);
  }

  #wait({ code, message }: HostP2pError): void {
    const { clock, logger, emit } = this.#parts;
    this.#survey?.close();
    this.#survey = null;
    const ms = this.#changed ? RETRY.firstMs : backoff(this.#failures, RETRY);
    this.#nextTryAt = clock.now() + ms;
    const isNews = causeOf(message) !== causeOf(this.#lastReason);
    this.#lastReason = message;
    if (isNews) {
      logger.log(code === 'CONTROL_UNAVAILABLE' ? 'warning' : 'error', `${message}; waiting`);
      emit({ type: 'waiting', code, reason: message });
    }
    // Whoever listens to the event may have ended the search.
    if (this.#over) return;
    this.#timer = clock.after(ms, () => this.#look());
    this.#changed = false;
    this.#failures += 1;
  }

  #watchFolder(): void {
    this.#watch?.close();
    this.#watch = this.#parts.watch(this.#settings.ctrl_interface, () => this.#look());
  }
}
