import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { eventually, temporaryFolder } from './support.js';

/** The service manager's side: its socket, and the messages on it. */
export class NotifySocket {
  readonly path: string;
  readonly texts: string[] = [];

  constructor(t: TestContext) {
    this.path = join(temporaryFolder(t), 'notify');
    const socket = openUnixDatagram(this.path, (data) => this.texts.push(data.toString()));
    t.after(() => socket.close());
  }

  async got(wanted: string | RegExp): Promise<void> {
    const fits = (text: string) => (typeof wanted === 'string' ? text === wanted : wanted.test(text));
    await eventually(
      () => this.texts.some(fits),
      () => `${wanted} in ${JSON.stringify(this.texts, null, 1)}`,
    );
  }

  /** All messages but WATCHDOG=1, from now on. */
  take(): string[] {
    return this.texts.splice(0).filter((text) => text !== 'WATCHDOG=1');
  }
}
