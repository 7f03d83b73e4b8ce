import {
  DatagramError,
  type DatagramListener,
  type DatagramSocket,
  type OpenDatagram,
} from '#src/wpa/unix-datagram.js';

interface Sent {
  readonly from: string | null;
  readonly to: string;
  readonly text: string;
}

/**
 * UNIX datagrams within the process. As with real ones, `send` does not deliver: a datagram waits until
 * {@link DatagramNetwork.settle}, and is lost if its socket is closed before.
 */
export class DatagramNetwork {
  /** Every datagram that was sent without an error, in order. */
  readonly sent: Sent[] = [];
  readonly #listeners = new Map<string, DatagramListener>();
  readonly #refusals = new Map<string, string>();
  readonly #queue: { readonly sent: Sent; readonly data: Buffer; readonly listener: DatagramListener }[] = [];
  #bindFailure: string | null = null;

  readonly open: OpenDatagram = (address, listener) => {
    if (this.#bindFailure) throw new DatagramError('bind', this.#bindFailure, address);
    this.#listeners.set(address, listener);
    const isOpen = () => this.#listeners.get(address) === listener;
    const socket: DatagramSocket = {
      address,
      send: (text, to) => {
        if (!isOpen()) throw new DatagramError('send', 'EBADF', to);
        const refusal = this.#refusals.get(to);
        if (refusal !== undefined) throw new DatagramError('send', refusal, to);
        this.inject(text, to, address);
      },
      close: () => {
        if (isOpen()) this.#listeners.delete(address);
      },
    };
    return socket;
  };

  /** Addresses that are bound now. */
  get bound(): string[] {
    return [...this.#listeners.keys()].sort();
  }

  /** Makes sends to that address fail; null ends that. */
  refuse(to: string, errno: string | null): void {
    if (errno === null) this.#refusals.delete(to);
    else this.#refusals.set(to, errno);
  }

  /** Makes every bind fail; null ends that. */
  refuseBinding(errno: string | null): void {
    this.#bindFailure = errno;
  }

  /** Sends from any address; null for an unbound sender. */
  inject(text: string | Buffer, to: string, from: string | null): void {
    const listener = this.#listeners.get(to);
    if (!listener) throw new DatagramError('send', 'ENOENT', to);
    const data = Buffer.from(text);
    const sent = { from, to, text: data.toString() };
    this.sent.push(sent);
    this.#queue.push({ sent, data, listener });
  }

  /** Delivers all datagrams, and those that are sent in response. */
  settle(): void {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const { sent, data, listener } = next;
      if (this.#listeners.get(sent.to) === listener) listener(data, sent.from);
    }
  }
}
