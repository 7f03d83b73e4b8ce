import type { Channel } from './channel.js';
import { ATTACH, levelOfEvents, probe } from './command.js';
import { isOk } from './reply.js';

/** Message levels (wpa_debug.h): events have INFO, the echo of a request DEBUG. */
export const INFO = 3;
const DEBUG = 2;

/** What a heartbeat has found. */
export interface Pulse {
  /** wpa_supplicant had detached us without notice. */
  readonly reattached: boolean;
  /** Events reach us. */
  readonly hears: boolean;
  /** A request was echoed, or was not; else an event has told. */
  readonly probed: boolean;
}

/**
 * Asks whether a monitor socket is still attached and whether events still reach it. The second does not follow from the
 * first: where another attached client does not read, wpa_supplicant holds back the events of all, and still answers
 * requests (ctrl_iface_unix.c, wpas_ctrl_iface_throttle).
 *
 * `LEVEL` succeeds from an attached address only. Each request makes a debug message that holds its text
 * ("Control interface command '…'", ctrl_iface.c). At level DEBUG we are sent that message as an event, before the reply;
 * it is in no log, and goes to no other monitor. So a request whose reply comes without its echo proves that events are
 * held back. An event since the last beat is proof enough: while an interface scans, and only then, its debug messages are
 * so many that they would overflow our socket.
 */
export class Heartbeat {
  readonly #monitor: Channel;
  readonly #found: (pulse: Pulse | null) => void;
  #beating = false;
  #again = false;
  #eventCame = false;
  #probes = 0;
  #echo: { readonly marker: string; heard: boolean } | null = null;

  /** @param found is given the result of each beat; null where attaching again was refused */
  constructor(monitor: Channel, found: (pulse: Pulse | null) => void) {
    this.#monitor = monitor;
    this.#found = found;
  }

  /** One at a time: asked for while one is under way, another follows it. */
  beat(): void {
    if (this.#beating) {
      this.#again = true;
      return;
    }
    this.#beating = true;
    const probed = !this.#eventCame;
    this.#eventCame = false;
    this.#request(levelOfEvents(probed ? DEBUG : INFO), (reply) => {
      if (!isOk(reply)) this.#attachAgain();
      else if (probed) this.#listen(false);
      else this.#end({ reattached: false, hears: true, probed });
    });
  }

  /** An event has come, and is believed. */
  event(): void {
    this.#eventCame = true;
  }

  /** A message below INFO. */
  debugMessage(text: string): void {
    if (this.#echo && text.includes(this.#echo.marker)) this.#echo.heard = true;
  }

  #attachAgain(): void {
    this.#request(ATTACH, (reply) => {
      if (!isOk(reply)) this.#end(null);
      else this.#request(levelOfEvents(DEBUG), () => this.#listen(true));
    });
  }

  #listen(reattached: boolean): void {
    this.#probes++;
    const request = probe(this.#probes);
    const echo = { marker: `'${request}'`, heard: false };
    this.#echo = echo;
    this.#request(request, () => {
      this.#echo = null;
      this.#request(levelOfEvents(INFO), () => this.#end({ reattached, hears: echo.heard, probed: true }));
    });
  }

  #end(pulse: Pulse | null): void {
    this.#beating = false;
    this.#found(pulse);
    if (!this.#again) return;
    this.#again = false;
    this.beat();
  }

  /** Where no reply comes the channel is broken, and this heartbeat ends with it. */
  #request(command: string, handle: (reply: string) => void): void {
    this.#monitor.request(command, (outcome) => {
      if ('reply' in outcome) handle(outcome.reply);
    });
  }
}
