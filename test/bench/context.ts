import type { Programs } from './programs.js';
import type { Row } from './report.js';

/** What every part of the benchmark gets. */
export interface Context {
  readonly programs: Programs;
  /** A temporary folder. */
  readonly folder: string;
  readonly quick: boolean;
}

export interface Part {
  readonly title: string;
  run(context: Context): Promise<readonly Row[]>;
}
