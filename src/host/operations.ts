import { setTimeout } from 'node:timers/promises';
import type {
  ClientView,
  OperatorCommand,
  PairingMethod,
  PairingRequest,
} from '../session/operator-command.js';
import type { PairingView, PeerView, SessionEventName, StationView } from '../session/session-event.js';
import { HostP2pError } from '../system/errors.js';
import { secrets } from '../system/secrets.js';
import { checkCommand, P2P_GET_PASSPHRASE, sta } from '../wpa/command.js';
import { isFailure, parseStationCounters, type StationCounters } from '../wpa/reply.js';
import type { Listener } from './event-hub.js';
import { deviceAddressOf, freshPin, pinOf } from './operator-input.js';
import type { SessionRunner } from './runner.js';
import type { StatusView } from './status.js';

const MAX_FIND_SECONDS = 120;
/** They are about the very socket that they are sent from. */
const OWN_REQUESTS = new Set(['ATTACH', 'DETACH', 'MONITOR', 'LEVEL']);

/** A station, and what the radio knows of it; null where the driver does not tell. */
export interface StationDetail extends StationView, StationCounters {}

/** How the pairing window is opened. */
export interface PairOptions {
  /** Default: the push button where it is in use, else the PIN. */
  readonly method?: PairingMethod | undefined;
  /** With `pin`: what the phone's user types, or what a device without a keypad shows. Default: a fresh one. */
  readonly pin?: string | undefined;
  /** P2P device address. Default: whoever comes first. */
  readonly deviceAddress?: string | undefined;
}

/** What an operator can have done in a running session. */
export abstract class Operations {
  /** @throws HostP2pError STATE where the session is not running */
  protected abstract runner(): SessionRunner;
  abstract readonly status: StatusView;
  abstract readonly stations: readonly StationView[];
  abstract readonly peers: ReadonlyMap<string, PeerView>;
  abstract on<T extends SessionEventName>(type: T, listener: Listener<T>): () => void;

  /**
   * Types the PIN that a phone shows (event `pinWanted`, hook `enter_pin`).
   * @param pin 4 or 8 digits
   * @throws {HostP2pError} COMMAND_INVALID, DEVICE_UNKNOWN where no such phone waits; CONTROL_UNAVAILABLE, STATE
   */
  async enterPin(deviceAddress: string, pin: string): Promise<void> {
    const typed = pinOf(pin);
    secrets.remember(typed);
    await this.#operate({
      kind: 'enter-pin',
      deviceAddress: deviceAddressOf(deviceAddress),
      pin: typed,
    });
  }

  /**
   * Phones that have joined the persistent group once and come back without a PIN, the most recent first.
   * @throws {HostP2pError} CONTROL_UNAVAILABLE, CONTROL_TIMEOUT, STATE
   */
  async clients(): Promise<readonly ClientView[]> {
    return this.#operate({ kind: 'clients' });
  }

  /**
   * Invites a phone into the running group, or with none running into the persistent one, which then starts. Returns
   * when the phone has taken the invitation or asks its user.
   * @param signal ends the wait for that with CONTROL_CLOSED
   * @throws {HostP2pError} COMMAND_INVALID, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async invite(deviceAddress: string, signal?: AbortSignal): Promise<void> {
    await this.#operate({ kind: 'invite', deviceAddress: deviceAddressOf(deviceAddress) }, signal);
  }

  /**
   * Disconnects a station. One that knows the group usually comes back at once; see {@link forget}.
   * @param address P2P device address, or the interface address of a plain station
   * @throws {HostP2pError} COMMAND_INVALID, DEVICE_UNKNOWN, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async disconnect(address: string): Promise<void> {
    await this.#operate({ kind: 'disconnect', address: deviceAddressOf(address) });
  }

  /**
   * Takes a phone off the list of those that have joined, and disconnects it. With `per_sta_psk` it is out for good;
   * without, it still knows the passphrase of all.
   * @throws {HostP2pError} COMMAND_INVALID, DEVICE_UNKNOWN where it has never joined; COMMAND_REFUSED,
   * CONTROL_UNAVAILABLE, STATE
   */
  async forget(deviceAddress: string): Promise<void> {
    const address = deviceAddressOf(deviceAddress);
    // wpa_supplicant answers OK for any address.
    const known = [...(await this.clients()), ...this.stations].some(
      (device) => device.deviceAddress === address,
    );
    if (!known) {
      throw new HostP2pError(
        'DEVICE_UNKNOWN',
        `forget: expected a phone that has joined, got ${address}; see "clients"`,
      );
    }
    await this.#operate({ kind: 'forget', deviceAddress: address });
  }

  /**
   * Opens the pairing window for `max_negotiation_time`: the next phone, or the one that is named, may come in by that
   * method, whatever the settings say. A window that is open already is replaced.
   * @returns the window; with `pin` the PIN to type on the phone
   * @throws {HostP2pError} COMMAND_INVALID, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async pair(options: PairOptions = {}): Promise<PairingView> {
    const wanted = this.#pairing(options);
    await this.#operate({ kind: 'pair', ...wanted });
    // It may be over already: a phone whose user pressed first.
    return this.status.pairing ?? { ...wanted, secondsLeft: 0 };
  }

  /** Shuts the pairing window; nothing happens where none is open. @throws {HostP2pError} STATE */
  async stopPairing(): Promise<void> {
    await this.#operate({ kind: 'stop-pairing' });
  }

  /**
   * Forms the group now, whatever the settings say of when, and takes back {@link stopGroup}. Returns when it is up.
   * @param signal ends the wait for that with CONTROL_CLOSED
   * @throws {HostP2pError} COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async startGroup(signal?: AbortSignal): Promise<void> {
    await this.#operate({ kind: 'start-group' }, signal);
  }

  /**
   * Removes the group, and forms none until {@link startGroup}. Returns when it is gone.
   * @param signal ends the wait for that with CONTROL_CLOSED; the group goes all the same
   * @throws {HostP2pError} COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async stopGroup(signal?: AbortSignal): Promise<void> {
    await this.#operate({ kind: 'stop-group' }, signal);
  }

  /** Until {@link resume} nobody is let in, no group is formed and no device searched; the stations stay. */
  async pause(): Promise<void> {
    await this.#operate({ kind: 'pause' });
  }

  async resume(): Promise<void> {
    await this.#operate({ kind: 'resume' });
  }

  /**
   * Searches for devices.
   * @param seconds 1 to 120; returns after that time, or when `signal` aborts
   * @returns the devices heard of meanwhile
   * @throws {HostP2pError} COMMAND_INVALID, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async find(seconds = 10, signal?: AbortSignal): Promise<readonly PeerView[]> {
    if (!(seconds >= 1 && seconds <= MAX_FIND_SECONDS)) {
      throw new HostP2pError('COMMAND_INVALID', `find: found ${seconds} s, wanted 1 to ${MAX_FIND_SECONDS}`);
    }
    const heard = new Set<string>();
    const off = this.on('wpaEvent', ({ event }) => {
      if (event.type === 'P2P-DEVICE-FOUND') heard.add(event.deviceAddress);
    });
    try {
      await this.#operate({ kind: 'find', seconds });
      await setTimeout(seconds * 1000, undefined, { signal }).catch(() => {});
    } finally {
      off();
    }
    return [...this.peers.values()].filter(({ deviceAddress }) => heard.has(deviceAddress));
  }

  /**
   * Sends a request of the control interface as it stands, past the session: for what it has no word for.
   * @param link the P2P device interface, or the group's
   * @returns wpa_supplicant's reply as it comes, a refusal (`FAIL`) too
   * @throws {HostP2pError} COMMAND_INVALID, CONTROL_UNAVAILABLE, CONTROL_TIMEOUT, CONTROL_CLOSED, STATE
   */
  async wpa(command: string, link: 'device' | 'group' = 'device'): Promise<string> {
    const text = checkCommand(command);
    const word = text.trim().split(/\s/, 1)[0]?.toUpperCase() ?? '';
    if (OWN_REQUESTS.has(word)) {
      throw new HostP2pError('COMMAND_INVALID', `${word} would break the link that hostp2pd itself uses`);
    }
    return this.runner().send(link, text);
  }

  /**
   * The stations with what the radio knows of each.
   * @throws {HostP2pError} STATE
   */
  async stationDetails(): Promise<readonly StationDetail[]> {
    const runner = this.runner();
    return Promise.all(
      this.stations.map(async (station) => {
        // It may leave while we ask; then nothing is known of it.
        const reply = await runner.send('group', sta(station.address)).catch(() => '');
        return { ...station, ...parseStationCounters(reply) };
      }),
    );
  }

  /**
   * The passphrase by which plain stations join the running group.
   * @throws {HostP2pError} STATE where no group runs; COMMAND_REFUSED, CONTROL_UNAVAILABLE
   */
  async passphrase(): Promise<string> {
    const runner = this.runner();
    const { group } = this.status;
    if (!group) throw new HostP2pError('STATE', 'no group is running');
    const reply = await runner.send('group', P2P_GET_PASSPHRASE);
    if (isFailure(reply)) throw new HostP2pError('COMMAND_REFUSED', withoutPassphrase(group.networkId));
    // It may end with a blank.
    return reply.replace(/\n$/, '');
  }

  #pairing({ method, pin, deviceAddress }: PairOptions): PairingRequest {
    const chosen = method ?? (pin === undefined ? this.runner().pairingMethod : 'pin');
    if (chosen === 'pbc' && pin !== undefined) {
      throw new HostP2pError('COMMAND_INVALID', 'the push button takes no PIN');
    }
    return {
      method: chosen,
      pin: chosen === 'pbc' ? null : pin === undefined ? freshPin() : pinOf(pin),
      deviceAddress: deviceAddress === undefined ? null : deviceAddressOf(deviceAddress),
    };
  }

  async #operate(command: OperatorCommand, signal?: AbortSignal): Promise<readonly ClientView[]> {
    const answer = await this.runner().operate(command, signal);
    if (!answer.ok) throw new HostP2pError(answer.code, answer.message);
    return answer.clients;
  }
}

/** wpa_supplicant refuses to tell the passphrase where there is none (p2p_supplicant.c, wpas_p2p_get_passphrase). */
function withoutPassphrase(networkId: number | null): string {
  const remove = networkId === null ? '' : ` after "hostp2pd wpa REMOVE_NETWORK ${networkId}"`;
  return (
    'the group has no passphrase, only a key of 64 hexadecimal digits, which people cannot type and a QR code cannot carry; ' +
    'give it one of 8 to 63 characters: psk="…" in its network block of wpa_supplicant.conf, or psk "…" in ' +
    `network_parms${remove}`
  );
}
