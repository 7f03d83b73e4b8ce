import type { RecordedPeer } from '../recording/format.js';
import { deviceKind } from '../wpa/status-words.js';
import type { PeerView } from './public-event.js';

/** Phones change their addresses: beyond this number the peer that was seen least recently is forgotten. */
export const MAX_PEERS = 1000;

/** Known Wi-Fi Direct devices by device address. The time of an operation does not depend on their number. */
export class PeerRegister {
  readonly #peers = new Map<string, PeerView>();
  /** A Map keeps the order of insertion, so what comes next here is the peer that was seen least recently. */
  #oldest = this.#peers.keys();
  /** How many peers have been moved to the end since. */
  #moved = 0;

  get view(): ReadonlyMap<string, PeerView> {
    return this.#peers;
  }

  /** For the head of a recording. */
  get recorded(): RecordedPeer[] {
    return [...this.#peers.values()].map(({ deviceAddress, name, deviceType }) => [
      deviceAddress,
      name,
      deviceType,
    ]);
  }

  name(deviceAddress: string): string | null {
    return this.#peers.get(deviceAddress)?.name ?? null;
  }

  /**
   * Notes what was seen of a peer; null leaves what was known.
   * @returns the peer if it is new or has changed, else null
   */
  remember(deviceAddress: string, name: string | null, deviceType: string | null): PeerView | null {
    const known = this.#peers.get(deviceAddress);
    const type = deviceType ?? known?.deviceType ?? null;
    const newName = name ?? known?.name ?? null;
    const same = known && known.name === newName && known.deviceType === type;
    const peer = same
      ? known
      : { deviceAddress, name: newName, deviceType: type, deviceKind: deviceKind(type) };
    // The peer seen last comes last.
    if (known) {
      this.#peers.delete(deviceAddress);
      // V8 keeps all tables that it has replaced since an iterator's last step.
      if (++this.#moved === MAX_PEERS) {
        this.#moved = 0;
        this.#oldest = this.#peers.keys();
      }
    }
    this.#peers.set(deviceAddress, peer);
    // The iterator goes on where it was. A new one would have to pass all entries that were deleted.
    if (this.#peers.size > MAX_PEERS) this.#peers.delete(this.#oldest.next().value ?? '');
    return same ? null : peer;
  }
}
