import type { Effect, Input, RequestTarget } from '../session/messages.js';
import type { LinkName } from '../session/model.js';
import { causeOf, HostP2pError } from '../system/errors.js';
import { parentOf } from '../system/interface-names.js';
import type { Done, Outcome } from '../wpa/channel.js';
import { P2P_GET_PASSPHRASE } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { ControlLink, type LinkListener, type LinkParts } from '../wpa/link.js';
import { isFailure } from '../wpa/reply.js';
import { shownEvent, shownReply, shownRequest } from '../wpa/shown-text.js';
import { Questions } from './ask-control.js';
import { controlClients, suspects } from './control-clients.js';
import { explainFailure } from './control-folder.js';
import type { LinkProblem } from './no-group.js';
import type { SessionEvent } from './public-event.js';
import type { Statistics } from './statistics.js';

export interface SessionLinkParts extends LinkParts {
  readonly statistics: Statistics;
  readonly emit: (event: SessionEvent) => void;
  /** A passphrase or key has become known. */
  readonly onSecret: (secret: string) => void;
  /** An input for the session machine, with the text of the event that it was parsed from. */
  readonly feed: (input: Input, text?: string) => void;
  readonly wantsDebug: () => boolean;
  /** A heartbeat of the link to the device interface has begun. */
  readonly onHeartbeat?: (() => void) | undefined;
}

/** The session looks at its settings in wpa_supplicant 10 s after the attachment, and then every minute. */
const HEARTBEATS_BETWEEN_LOOKS = 6;

/**
 * The session's connections to wpa_supplicant: one to the P2P device interface, one to the group's interface while there
 * is a group, and single requests to the radio's own interface. What they report becomes inputs of the session machine.
 */
export class SessionLinks {
  readonly #controlFolder: string;
  readonly #parts: SessionLinkParts;
  readonly #questions: Questions;
  readonly #lastWaiting: Record<LinkName, string> = { device: '', group: '' };
  #device: ControlLink | null = null;
  #group: ControlLink | null = null;
  #announced: EventOf<'P2P-GROUP-STARTED'> | null = null;
  /** Why the link to the device interface is down; null where it is not known to be. */
  #deviceProblem: string | null = null;
  /** Of the link to the device interface, since it was last attached. */
  #heartbeats = 0;

  /** @param controlFolder wpa_supplicant's `ctrl_interface` folder */
  constructor(controlFolder: string, parts: SessionLinkParts) {
    this.#controlFolder = controlFolder;
    this.#parts = parts;
    this.#questions = new Questions(controlFolder, parts);
  }

  get deviceInterface(): string | null {
    return this.#device?.interface ?? null;
  }

  get attached(): boolean {
    return this.#device?.attached ?? false;
  }

  /** Why there is no link to wpa_supplicant; null while there is one, and before the first try. */
  get problem(): LinkProblem | null {
    const device = this.#device;
    if (!device || device.attached || this.#deviceProblem === null) return null;
    return { reason: this.#deviceProblem, nextTryAt: device.nextTryAt };
  }

  openDevice(interfaceName: string): void {
    if (this.#device) throw new HostP2pError('STATE', `already bound to ${this.#device.interface}`);
    this.#device = this.#openLink('device', interfaceName);
    this.#device.open();
  }

  openGroup(interfaceName: string): void {
    this.#closeGroupLink();
    this.#lastWaiting.group = '';
    if (interfaceName === this.#device?.interface) {
      this.#group = this.#device;
      if (this.#device.attached) this.#parts.feed({ type: 'link-up', link: 'group' });
      return;
    }
    this.#group = this.#openLink('group', interfaceName);
    this.#group.open();
  }

  /** A group that runs on the device's own interface has no link of its own. */
  closeGroup(): void {
    this.#announced = null;
    this.#closeGroupLink();
  }

  #closeGroupLink(): void {
    const group = this.#group;
    // Before its requests end: their outcome does not count any more.
    this.#group = null;
    if (group !== this.#device) group?.close();
  }

  close(): void {
    this.closeGroup();
    this.#device?.close();
    this.#questions.close();
  }

  /** Sends a request of the session machine; its outcome becomes an input. */
  request({ link, command, tag }: Extract<Effect, { type: 'request' }>): void {
    const group = this.#group;
    const { feed } = this.#parts;
    this.#send(link, command, (outcome) => {
      if (tag === null) return;
      // The outcome of a request over a link that was closed or replaced says nothing about the interface of the new
      // link. An operator still waits for the answer.
      if (link === 'group' && group !== this.#group && tag.kind !== 'operator') return;
      if ('reply' in outcome) feed({ type: 'reply', tag, reply: outcome.reply });
      // A command that cannot be sent counts as refused; the machine need not know by whom.
      else if (outcome.error.code === 'COMMAND_INVALID')
        feed({ type: 'reply', tag, reply: `FAIL (${outcome.error.message})` });
      else feed({ type: 'no-reply', tag, code: outcome.error.code, reason: outcome.error.message });
    });
  }

  /** Sends one request. @throws {HostP2pError} as {@link ControlLink.request} reports */
  ask(link: LinkName, command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#send(link, command, (outcome) => {
        if ('reply' in outcome) resolve(outcome.reply);
        else reject(outcome.error);
      });
    });
  }

  /** The passphrase that `P2P-GROUP-STARTED` told for the group on this interface; null if it told none. */
  announcedPassphrase(interfaceName: string): string | null {
    return this.#announced?.interface === interfaceName ? this.#announced.passphrase : null;
  }

  #send(to: RequestTarget, command: string, then: Done): void {
    const { logger, statistics, wantsDebug, onSecret } = this.#parts;
    const radio = to === 'radio' ? parentOf(this.deviceInterface ?? '') : '';
    // Where there is no P2P device it is the same interface.
    const link = to === 'radio' && radio === this.deviceInterface ? 'device' : to;
    const target = link === 'device' ? this.#device : this.#group;
    const name = link === 'radio' ? radio : (target?.interface ?? link);
    if (wantsDebug()) logger.log('debug', `${name} ← ${shownRequest(command)}`);
    const done = (outcome: Outcome): void => {
      if (!('reply' in outcome) || isFailure(outcome.reply)) statistics.count('requestsFailed');
      if ('reply' in outcome && command === P2P_GET_PASSPHRASE && !isFailure(outcome.reply))
        onSecret(outcome.reply.trim());
      if (wantsDebug()) {
        const text = 'reply' in outcome ? shownReply(command, outcome.reply) : outcome.error.message;
        logger.log('debug', `${name} → ${text.trimEnd()}`);
      }
      then(outcome);
    };
    if (link === 'radio') this.#questions.ask(radio, command, done);
    else if (target) target.request(command, done);
    else
      done({ error: new HostP2pError('CONTROL_UNAVAILABLE', `there is no link to the ${link} interface`) });
    statistics.count('requests');
  }

  #openLink(name: LinkName, interfaceName: string): ControlLink {
    const { logger, statistics, emit, onSecret, feed, wantsDebug } = this.#parts;
    const folder = this.#controlFolder;
    // A link that was replaced may still report something, which does not count any more.
    const current = () => (name === 'device' ? this.#device : this.#group) === link;
    const listener: LinkListener = {
      up: () => {
        this.#lastWaiting[name] = '';
        if (!current()) return;
        if (name === 'device') {
          this.#deviceProblem = null;
          this.#heartbeats = 0;
        }
        feed({ type: 'link-up', link: name });
      },
      down: (error) => {
        if (!current()) return;
        if (name === 'device') this.#deviceProblem = error.message;
        feed({ type: 'link-down', link: name, reason: error.message });
      },
      missed: () => {
        if (current()) feed({ type: 'link-missed', link: name });
      },
      heldBack: () => {
        if (!current()) return;
        const clients = controlClients(folder);
        // With no program that could hold them back it is a wpa_supplicant without debug messages.
        if (clients.length === 0 && !link.hasEcho) return;
        feed({ type: 'link-held-back', link: name, reason: suspects(clients) });
      },
      heartbeat: () => {
        if (name !== 'device') return;
        this.#parts.onHeartbeat?.();
        // The program is awake for the heartbeat anyway.
        if (this.#heartbeats++ % HEARTBEATS_BETWEEN_LOOKS === 0) feed({ type: 'settings-due' });
      },
      event: (event, text) => {
        if (event.type === 'P2P-GROUP-STARTED') {
          onSecret(event.passphrase ?? event.psk ?? '');
          this.#announced = event;
        }
        if (wantsDebug()) logger.log('debug', `${interfaceName} event ${shownEvent(text)}`);
        if (current()) feed({ type: 'event', link: name, event }, text);
        // After the reaction, which a phone waits for.
        statistics.countEvent(event.type === 'unknown' ? event.name : event.type);
        emit({ type: 'wpaEvent', link: name, event });
      },
      waiting: (error) => {
        if (!current()) return;
        this.#waiting(name, name === 'device' ? explainFailure(error, folder, interfaceName) : error);
      },
    };
    const link: ControlLink = new ControlLink(folder, interfaceName, this.#parts, listener);
    return link;
  }

  /** A link reports the same every few seconds; once is enough. */
  #waiting(link: LinkName, error: HostP2pError): void {
    if (link === 'device') this.#deviceProblem = error.message;
    const cause = causeOf(error.message);
    if (this.#lastWaiting[link] === cause) return;
    this.#lastWaiting[link] = cause;
    this.#parts.feed({ type: 'link-waiting', link, code: error.code, reason: error.message });
  }
}
