import type { Configuration } from '../config/load.js';
import { judgeAll } from './checks/all.js';
import { examinedWords } from './checks/configuration.js';
import { gather } from './gather/gather.js';
import { type Report, reportOf } from './report.js';
import { type Sources, systemSources } from './sources.js';

export interface ExamineOptions {
  /** Goes before what the configuration says. */
  readonly interface?: string | undefined;
  /** As `-c` has it; `-` reads standard input. */
  readonly configFile?: string | undefined;
  /** What a session that runs says of its configuration, or why it says nothing. */
  readonly running?: RunningConfiguration | { readonly problem: string } | undefined;
}

/** The configuration that a session runs with, without its secrets. */
export interface RunningConfiguration {
  readonly interface: string | null;
  readonly uid: number;
  /** That relative names start from. */
  readonly folder: string;
  readonly source: Configuration['source'];
  /** Keys that its command line has given. */
  readonly given: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly logging: Readonly<Record<string, unknown>>;
}

/**
 * Looks at everything that keeps a session from working, and says the cure. Nothing is changed, and a session that runs
 * meanwhile is not disturbed: wpa_supplicant is asked only what changes nothing. Takes a few seconds at most; never
 * rejects for what it finds.
 */
export async function examine(
  options: ExamineOptions = {},
  sources: Sources = systemSources(),
): Promise<Report> {
  const facts = await gather(options, sources);
  return reportOf(judgeAll(facts), examinedWords(facts.configuration));
}
