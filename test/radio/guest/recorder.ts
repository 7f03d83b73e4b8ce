import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BoundSocket } from './bound-socket.js';
import type { Timeline } from './timeline.js';

/** How often to look for new sockets in the folder. */
const LOOK_MS = 50;

/**
 * Writes every datagram that a wpa_supplicant sends to its monitors to a file, one JSON object a line: `time` in seconds since the
 * scenario's start, `interface`, and the unchanged `text`. It attaches to every control socket in the folder, also to those that
 * appear later. So a recording has everything that a client can see. The first milliseconds of a new group interface may be
 * missing, as for every client.
 */
export class Recorder {
  readonly file: string;
  readonly #timeline: Timeline;
  readonly #directory: string;
  readonly #attached = new Map<string, { inode: number; socket: BoundSocket }>();
  readonly #timer: NodeJS.Timeout;

  constructor(timeline: Timeline, controlDirectory: string, file: string) {
    this.#timeline = timeline;
    this.#directory = controlDirectory;
    this.file = file;
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** A command and its reply, for recordings of both directions. */
  exchange(ifname: string, command: string, reply: string): void {
    this.#write({ interface: ifname, command, reply });
  }

  /** A remark for the reader: what happens next. */
  comment(comment: string): void {
    this.#write({ comment });
  }

  /** Detaches from everything. */
  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#attached.values()) socket.close();
    this.#attached.clear();
  }

  #look(): void {
    for (const ifname of listDirectory(this.#directory)) {
      const path = join(this.#directory, ifname);
      const inode = statSync(path, { throwIfNoEntry: false })?.ino;
      const known = this.#attached.get(ifname);
      if (inode === undefined || known?.inode === inode) continue;
      known?.socket.close();
      this.#attached.delete(ifname);
      this.#attach(ifname, path, inode);
    }
  }

  #attach(ifname: string, path: string, inode: number): void {
    let socket: BoundSocket;
    try {
      socket = new BoundSocket(path);
    } catch {
      // wpa_supplicant binds it a moment later, or it was left behind by a crash: try again at the next look.
      return;
    }
    socket.onEvent = (text) => this.#write({ interface: ifname, text });
    this.#attached.set(ifname, { inode, socket });
    socket.exchange('ATTACH', 10).catch(() => {
      socket.close();
      this.#attached.delete(ifname);
    });
  }

  #write(fields: Record<string, string>): void {
    const time = Number(this.#timeline.now().toFixed(3));
    appendFileSync(this.file, `${JSON.stringify({ time, ...fields })}\n`);
  }
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
