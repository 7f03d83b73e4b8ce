import type { Channel } from './channel.js';
import { ATTACH, getNetwork, levelOfEvents, probe } from './command.js';
import { isOk, isUnknownCommand } from './reply.js';

/** Message levels (wpa_debug.h): events have INFO, the echo of a request DEBUG. */
export const INFO = 3;
const DEBUG = 2;

/** The result of a heartbeat. */
export interface HeartbeatResult {
  /** wpa_supplicant had detached us without notice. */
  readonly reattached: boolean;
  /** Events reach us. */
  readonly hears: boolean;
  /** Known from the echo of a request, or its absence; false if an event has shown it. */
  readonly probed: boolean;
  /** The program knows `LEVEL`. Only then it is known whether it had detached us. */
  readonly hasLevel: boolean;
}

/**
 * Checks that a monitor socket is still attached, and that events still reach it. The second does not follow from the
 * first: if another attached client does not read, wpa_supplicant holds back the events of all clients, and still answers
 * requests (ctrl_iface_unix.c, wpas_ctrl_iface_throttle).
 *
 * `LEVEL` succeeds from an attached address only. Each request makes a debug message that holds its text
 * ("Control interface command '…'", ctrl_iface.c). At level DEBUG wpa_supplicant sends us that message as an event, before
 * the reply; it is in no log, and goes to no other monitor. So a request whose reply comes without its echo proves that
 * events are held back. An event since the last heartbeat is proof enough: while an interface scans, and only then, its
 * debug messages are so many that they would overflow our socket.
 *
 * hostapd has no such echo and never holds events back. It is recognised by a request that it does not know. A program that
 * refuses `LEVEL` right after ATTACH does not have it: there, only ATTACH is sent, which may be repeated.
 */
export class Heartbeat {
  readonly #monitor: Channel;
  readonly #onBegin: () => void;
  readonly #onResult: (result: HeartbeatResult | null) => void;
  #beating = false;
  #again = false;
  #eventReceived = false;
  /** Whether this program knows `LEVEL`; null: not known yet. */
  #hasLevel: boolean | null = null;
  #probes = 0;
  #echo: { readonly marker: string; heard: boolean } | null = null;

  /**
   * @param onResult gets the result of each heartbeat; null if attaching again was refused
   * @param onBegin is called when a heartbeat begins
   */
  constructor(
    monitor: Channel,
    onResult: (result: HeartbeatResult | null) => void,
    onBegin = (): void => {},
  ) {
    this.#monitor = monitor;
    this.#onResult = onResult;
    this.#onBegin = onBegin;
  }

  /** Runs one heartbeat. A call during a heartbeat starts another one after it. */
  beat(): void {
    if (this.#beating) {
      this.#again = true;
      return;
    }
    this.#beating = true;
    this.#onBegin();
    const probed = !this.#eventReceived;
    this.#eventReceived = false;
    if (this.#hasLevel === false) {
      this.#attachAgain();
      return;
    }
    this.#request(levelOfEvents(probed ? DEBUG : INFO), (reply) => {
      this.#hasLevel ||= isOk(reply) || null;
      if (!isOk(reply)) this.#attachAgain();
      else if (probed) this.#probe(false);
      else this.#end({ reattached: false, hears: true, probed, hasLevel: true });
    });
  }

  /** A trustworthy event has come. */
  event(): void {
    this.#eventReceived = true;
  }

  /** A message below INFO has come. */
  debugMessage(text: string): void {
    if (this.#echo && text.includes(this.#echo.marker)) this.#echo.heard = true;
  }

  #attachAgain(): void {
    this.#request(ATTACH, (reply) => {
      if (!isOk(reply)) this.#end(null);
      else if (this.#hasLevel === false) this.#endWithoutLevel();
      else
        this.#request(levelOfEvents(DEBUG), (again) => {
          this.#hasLevel ??= isOk(again);
          if (this.#hasLevel) this.#probe(true);
          else this.#endWithoutLevel();
        });
    });
  }

  #endWithoutLevel(): void {
    this.#end({ reattached: false, hears: true, probed: false, hasLevel: false });
  }

  #probe(reattached: boolean): void {
    this.#probes++;
    const request = probe(this.#probes);
    const echo = { marker: `'${request}'`, heard: false };
    this.#echo = echo;
    this.#request(request, () => {
      this.#echo = null;
      this.#request(levelOfEvents(INFO), () => {
        if (echo.heard) this.#end({ reattached, hears: true, probed: true, hasLevel: true });
        else this.#checkForHostapd(reattached);
      });
    });
  }

  #checkForHostapd(reattached: boolean): void {
    this.#request(getNetwork(0, 'mode'), (reply) => {
      const isHostapd = isUnknownCommand(reply);
      this.#end({ reattached, hears: isHostapd, probed: !isHostapd, hasLevel: true });
    });
  }

  #end(result: HeartbeatResult | null): void {
    this.#beating = false;
    this.#onResult(result);
    if (!this.#again) return;
    this.#again = false;
    this.beat();
  }

  /** Without a reply the channel is broken, and this heartbeat ends with it. */
  #request(command: string, handle: (reply: string) => void): void {
    this.#monitor.request(command, (outcome) => {
      if ('reply' in outcome) handle(outcome.reply);
    });
  }
}
