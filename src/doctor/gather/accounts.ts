import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ownership } from '../facts.js';
import type { Sources } from '../sources.js';
import { textOf } from './reading.js';

/** The names behind the numbers of users and groups. */
export class Accounts {
  readonly #sources: Sources;
  readonly #users: readonly string[][];
  readonly #groups: readonly string[][];

  private constructor(sources: Sources, users: string, groups: string) {
    const lines = (text: string) => text.split('\n').map((line) => line.split(':'));
    this.#sources = sources;
    this.#users = lines(users);
    this.#groups = lines(groups);
  }

  static async read(sources: Sources): Promise<Accounts> {
    const [users, groups] = await Promise.all(
      ['passwd', 'group'].map((name) => textOf(join(sources.root, 'etc', name))),
    );
    return new Accounts(sources, users ?? '', groups ?? '');
  }

  user(uid: number): string {
    return this.#users.find(([, , id]) => id === String(uid))?.[0] ?? String(uid);
  }

  /**
   * Who may use a file; null where it cannot be looked at.
   * @param bits of the group that it takes, such as 0o020 to send to a socket
   */
  async ownership(path: string, bits: number): Promise<Ownership | null> {
    const stats = await stat(join(this.#sources.root, path)).catch(() => null);
    if (stats === null) return null;
    const { uid, gid, mode } = stats;
    const user = this.user(uid);
    if (gid === 0 || (mode & bits) !== bits) return { user, group: null, joined: false };
    const [group = String(gid), , , members = ''] = this.#groups.find(([, , id]) => id === String(gid)) ?? [];
    const own = this.user(this.#sources.user.uid);
    const joined = members.split(',').includes(own) && !this.#sources.user.groups.includes(gid);
    return { user, group, joined };
  }
}
