import { readFileSync } from 'node:fs';

/** For what the addon is built: table.json, the only place that says it. */

export interface Architecture {
  /** As in the name of a Debian package. */
  readonly debian: string;
  /** As `process.arch`. */
  readonly node: 'x64' | 'arm64' | 'arm';
  /** The name of the cross compiler begins with it. */
  readonly triplet: string;
  /** Runs programs of this architecture on a PC, in the tests. */
  readonly emulator: string | null;
}

/** A Node.js, and the npm packages that have it for each architecture. That for x64 gives the headers for all. */
export interface Node {
  readonly major: number;
  /** NODE_MODULE_VERSION */
  readonly abi: string;
  readonly x64: string;
  /** These are for the tests, where npm has them. */
  readonly arm64?: string;
  readonly arm?: string;
}

interface Table {
  readonly architectures: readonly Architecture[];
  readonly nodes: readonly Node[];
  /** SHA-512 of the archives of these packages. */
  readonly integrity: Readonly<Record<string, string>>;
}

export const table: Table = JSON.parse(readFileSync(new URL('../table.json', import.meta.url), 'utf8'));
