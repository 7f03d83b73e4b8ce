import { CHECKS } from './checks/all.js';
import type { Finding } from './finding.js';
import { gather } from './gather/gather.js';
import { type Report, reportOf } from './report.js';
import { type Sources, systemSources } from './sources.js';

export interface ExamineOptions {
  /** Goes before what the configuration says. */
  readonly interface?: string | undefined;
  /** As `-c` has it; `-` reads standard input. */
  readonly configFile?: string | undefined;
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
  return reportOf(
    CHECKS.flatMap(({ id, judge }) => judge(facts).map((verdict): Finding => ({ check: id, ...verdict }))),
  );
}
