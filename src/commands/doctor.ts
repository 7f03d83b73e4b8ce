import type { ExamineOptions } from '../doctor/examine.js';
import { exitCodeOf } from '../doctor/report.js';
import { type CommandContext, EVERYWHERE, type Output, output, type SessionCommand } from './command.js';
import { configurationInForce } from './configuration-in-force.js';

/** Looks at the machine; without a session too. What does it is loaded only then. */
export async function runDoctor(options: ExamineOptions): Promise<Output & { readonly exitCode: 0 | 1 | 2 }> {
  const [{ examine }, { reportText }] = await Promise.all([
    import('../doctor/examine.js'),
    import('../doctor/report.js'),
  ]);
  const report = await examine(options);
  return { ...output(report, reportText(report)), exitCode: exitCodeOf(report) };
}

export const doctor: SessionCommand = {
  name: 'doctor',
  arguments: [],
  summary: 'look for what keeps phones from joining, and say the cure',
  details:
    'Needs no daemon, and disturbs none. Beside one it looks at the configuration that this runs with, unless -c or HOSTP2PD_CFG names another, and else at the file that a daemon would find. The first line says which. The exit code of hostp2pd doctor is 0 where all is well, 1 with warnings and 2 with faults.',
  frontends: EVERYWHERE,
  run: ({ host }: CommandContext) => {
    return runDoctor({ running: configurationInForce(host) ?? undefined });
  },
};
