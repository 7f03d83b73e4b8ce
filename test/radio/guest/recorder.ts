import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BoundSocket } from './bound-socket.js';
import type { Timeline } from './timeline.js';

/** How often the folder is looked at for new sockets. */
const LOOK_MS = 50;

/**
 * Writes every datagram that a wpa_supplicant sends to its monitors to a file, one JSON object a line: `time` in
 * seconds since the scenario's start, `interface`, `text` as it came. It attaches to every control socket in the
 * folder, also to those that appear later, so a recording holds what a perfect client could have seen; what a new
 * group interface sends in its first milliseconds may be missing, as it would be for every client.
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

  /** What happens next, for who reads the recording. */
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
      // Bound by wpa_supplicant a moment later, or left behind by one that crashed: the next look tells.
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
