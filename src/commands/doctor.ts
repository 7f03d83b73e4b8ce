import type { ExamineOptions } from '../doctor/gather/configuration-in-use.js';
import type { ReportFormat } from '../doctor/report.js';
import { type CommandContext, EVERYWHERE, type Output, output, type SessionCommand } from './command.js';

/** Examines the machine, with or without a session. */
export async function runDoctor(
  options: ExamineOptions,
  format: ReportFormat,
): Promise<Output & { readonly exitCode: 0 | 1 | 2 }> {
  // Most commands do not need it.
  const [{ examine }, { exitCodeOf, reportJson, reportText }] = await Promise.all([
    import('../doctor/examine.js'),
    import('../doctor/report.js'),
  ]);
  const report = await examine(options);
  return { ...output(reportJson(report), reportText(report, format)), exitCode: exitCodeOf(report) };
}

export const doctor: SessionCommand = {
  name: 'doctor',
  arguments: [{ name: '--all', optional: true, words: ['--all'] }],
  summary: 'find out why phones cannot join, and how to fix it',
  details:
    'Works with and without a daemon, and does not disturb one. If a daemon runs, its configuration is examined, unless -c or HOSTP2PD_CFG names another file; else the file that a daemon would read. The first line says which. With --all the checks that find nothing are listed too. In a shell, doctor --fix carries out the fixes that are safe, after a question for each (--yes: without), and examines again; names of checks after it choose some. It needs root. The exit code of hostp2pd doctor is 0 if all is well, 1 with warnings and 2 with errors.',
  frontends: EVERYWHERE,
  run: async ({ host }: CommandContext, words, { columns, paint } = {}) => {
    const { configurationInForce } = await import('./configuration-in-force.js');
    const format = { all: words.includes('--all'), columns, paint };
    return runDoctor({ running: configurationInForce(host) ?? undefined }, format);
  },
};
