import type { Settings } from '../config/schema.js';
import { backoff, type Timer } from '../system/clock.js';
import { causeOf, type HostP2pError } from '../system/errors.js';
import type { FolderWatch } from '../system/folders.js';
import { deviceInterfaceOf, isDevice, isGroup } from '../system/interface-names.js';
import { parseAddress } from '../system/mac-address.js';
import type { Outcome } from '../wpa/channel.js';
import { STATUS } from '../wpa/command.js';
import { type LinkParts, RETRY } from '../wpa/link.js';
import { parseKeyValues } from '../wpa/reply.js';
import { askEach } from './ask-control.js';
import { type ControlSockets, explainNoInterface, readControlFolder } from './control-folder.js';
import type { LinkProblem } from './no-group.js';
import type { SessionEvent } from './public-event.js';

interface SearchParts extends LinkParts {
  readonly found: (interfaceName: string) => void;
  readonly emit: (event: SessionEvent) => void;
}

/**
 * Finds the interface to use: the one of the settings, or with `auto` the first on which Wi-Fi Direct events arrive. That
 * is a P2P device interface if the driver can make one; else the radio's own interface, and only its `STATUS` tells
 * whether it has Wi-Fi Direct.
 */
export class InterfaceSearch {
  readonly #settings: Settings;
  readonly #parts: SearchParts;
  #failures = 0;
  #timer: Timer | null = null;
  #watch: FolderWatch | null = null;
  /** Ends the requests that are under way; null where there are none. */
  #stopAsking: (() => void) | null = null;
  /** The folder has changed since the requests were sent. */
  #changed = false;
  #lastReason = '';
  #nextTryAt: number | null = null;
  #over = false;

  constructor(settings: Settings, parts: SearchParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Why there is no interface yet; null before the first look has ended, and after the search. */
  get problem(): LinkProblem | null {
    if (this.#over || this.#lastReason === '') return null;
    return { reason: this.#lastReason, nextTryAt: this.#nextTryAt };
  }

  start(): void {
    const { interface: wanted } = this.#settings;
    if (wanted === 'auto') this.#look();
    else this.#end(wanted);
  }

  /** Ends the search at any moment, and removes its sockets. */
  close(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#watch?.close();
    this.#stopAsking?.();
  }

  #end(name: string): void {
    this.close();
    this.#parts.found(name);
  }

  #look(): void {
    if (this.#over) return;
    this.#timer?.cancel();
    this.#nextTryAt = null;
    // Before the folder is read, so that no change between the two is missed.
    this.#watchFolder();
    const sockets = this.#read();
    if (sockets === null) return;
    if (this.#stopAsking) {
      this.#changed = true;
      return;
    }
    // A P2P device interface that the kernel does not list as served may reply all the same.
    const candidates = sockets.names.filter((name) => !isGroup(name));
    let judged = false;
    const stop = askEach(this.#settings.ctrl_interface, candidates, STATUS, this.#parts, (outcomes) => {
      judged = true;
      this.#judge(outcomes);
    });
    if (!judged) this.#stopAsking = stop;
  }

  /** Null if there is nothing more to do: a P2P device interface was taken, or the folder cannot be read. */
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

  #judge(outcomes: ReadonlyMap<string, Outcome>): void {
    this.#stopAsking = null;
    // A wpa_supplicant that starts makes wlan0 first, then p2p-dev-wlan0, and replies only after that.
    const sockets = this.#read();
    if (sockets === null) return;
    if (sockets.names.some((name) => isDevice(name) && !outcomes.has(name))) {
      this.#look();
      return;
    }
    const direct = new Map<string, Direct>();
    const silent: string[] = [];
    const unfit = new Map<string, string | HostP2pError>();
    for (const name of sockets.names.filter(isGroup)) unfit.set(name, 'belongs to a group');
    for (const [name, outcome] of outcomes) {
      if (!sockets.names.includes(name)) continue;
      const ability = 'reply' in outcome ? abilityOf(outcome.reply) : { unfit: outcome.error };
      if ('error' in outcome && outcome.error.code === 'CONTROL_TIMEOUT') silent.push(name);
      if ('unfit' in ability) unfit.set(name, ability.unfit);
      else direct.set(name, ability);
    }
    const [first, ...others] = directInterfaces(direct, silent);
    if (first !== undefined) this.#take(first, others);
    else this.#wait(explainNoInterface(this.#settings.ctrl_interface, unfit));
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
    this.#stopAsking?.();
    this.#stopAsking = null;
    const ms = this.#changed ? RETRY.firstMs : backoff(this.#failures, RETRY);
    this.#nextTryAt = clock.now() + ms;
    const isNews = causeOf(message) !== causeOf(this.#lastReason);
    this.#lastReason = message;
    if (isNews) {
      logger.log(code === 'CONTROL_UNAVAILABLE' ? 'warning' : 'error', `${message}; waiting`);
      emit({ type: 'waiting', code, reason: message });
    }
    // A listener of the event may have ended the search.
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

export interface Direct {
  /** P2P device address. */
  readonly deviceAddress: string;
  /** It is the interface's own address as well. */
  readonly own: boolean;
}

/**
 * What a reply to `STATUS` tells about Wi-Fi Direct. A wpa_supplicant runs Wi-Fi Direct on one interface only but shows the
 * device address on all that it serves; the address is made from that one interface's (p2p_supplicant.c,
 * wpas_p2p_init). The global socket (`wpa_supplicant -g`) shows it too, for no interface in particular.
 */
export function abilityOf(status: string): Direct | { readonly unfit: string } {
  const values = parseKeyValues(status);
  if (!values.has('wpa_state'))
    return { unfit: 'is not the socket of an interface: no wpa_state in its STATUS' };
  const deviceAddress = parseAddress(values.get('p2p_device_address'));
  if (deviceAddress === null) return { unfit: 'has no Wi-Fi Direct: no P2P device address in its STATUS' };
  return { deviceAddress, own: parseAddress(values.get('address')) === deviceAddress };
}

/**
 * The interfaces that `interface: auto` may take, the one that it takes first, by their replies to `STATUS`.
 * @param silent those that have not replied in time
 */
export function suitableInterfaces(
  statuses: ReadonlyMap<string, string>,
  silent: readonly string[],
): string[] {
  const found = new Map<string, Direct>();
  for (const [name, status] of statuses) {
    const ability = abilityOf(status);
    if (!isGroup(name) && 'deviceAddress' in ability) found.set(name, ability);
  }
  return directInterfaces(found, silent);
}

/**
 * The interfaces on which Wi-Fi Direct may run, the most likely first. If there are P2P devices its events arrive only
 * there. An interface that has changed its own address (`mac_addr` in wpa_supplicant.conf) looks like the others of its
 * wpa_supplicant, so they all come last.
 * @param silent those that have not replied in time. While a P2P device may still reply, its radio is not taken in its place
 */
export function directInterfaces(found: ReadonlyMap<string, Direct>, silent: readonly string[]): string[] {
  const all = [...found];
  const own = all.filter(([, direct]) => direct.own);
  const known = new Set(own.map(([, { deviceAddress }]) => deviceAddress));
  const doubtful = all.filter(([, { deviceAddress }]) => !known.has(deviceAddress));
  const names = [...own, ...doubtful].map(([name]) => name);
  const devices = names.filter(isDevice);
  if (devices.length > 0) return devices;
  return names.filter((name) => !silent.includes(deviceInterfaceOf(name)));
}
