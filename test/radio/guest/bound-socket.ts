import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The part of unix-dgram that is used here; the package has no types. */
interface DatagramSocket {
  on(event: 'message', listener: (datagram: Buffer | null) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  bind(path: string): void;
  connect(path: string): void;
  /** For a connected socket; the callback runs before this returns. */
  send(datagram: Buffer, callback: (error?: Error) => void): void;
  close(): void;
}

const unixDgram: { createSocket(type: 'unix_dgram'): DatagramSocket } = createRequire(import.meta.url)(
  'unix-dgram',
);

const OWN_SOCKETS = '/run';
let socketsMade = 0;

/** A datagram that is an event, not a reply. */
const EVENT = /^(IFNAME=\S+ )?<\d>/;

/** A connected datagram socket with its own address, without which it could get no reply. */
export class BoundSocket {
  /** Called for every event once the socket is attached. */
  onEvent: (text: string) => void = () => {};
  readonly #own: string;
  readonly #socket: DatagramSocket;
  #onReply: ((text: string) => void) | undefined;
  #closed = false;

  /** Throws if nothing listens at `peer`. */
  constructor(peer: string) {
    this.#own = join(OWN_SOCKETS, `lab-${process.pid}-${socketsMade++}`);
    this.#socket = unixDgram.createSocket('unix_dgram');
    let failure: Error | undefined;
    this.#socket.on('error', (error) => {
      failure = error;
    });
    this.#socket.on('message', (datagram) => this.#receive(datagram));
    // Both run at once, so a failure is known when they return.
    this.#socket.bind(this.#own);
    if (failure === undefined) this.#socket.connect(peer);
    if (failure !== undefined) {
      this.close();
      throw failure;
    }
  }

  /** Sends a command and returns its reply; one at a time. */
  exchange(command: string, seconds: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (conclude: () => void): void => {
        clearTimeout(timer);
        this.#onReply = undefined;
        conclude();
      };
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`no reply within ${seconds} s`)));
      }, seconds * 1000);
      this.#onReply = (text) => settle(() => resolve(text));
      this.#socket.send(Buffer.from(command), (error) => {
        if (error) settle(() => reject(error));
      });
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    rmSync(this.#own, { force: true });
  }

  #receive(datagram: Buffer | null): void {
    // unix-dgram reports an error of recvmsg() as a message without a buffer.
    if (datagram === null || this.#closed) return;
    const text = datagram.toString();
    if (EVENT.test(text)) this.onEvent(text);
    else this.#onReply?.(text);
  }
}
