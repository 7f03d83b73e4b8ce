import type { ReportFormat } from '../doctor/report.js';
import { type Paint, unstyled } from '../system/colours.js';
import { HostP2pError } from '../system/errors.js';
import { wrap } from '../system/wrap.js';
import type { Answers, GivenAnswers } from './answers.js';
import { describePlan } from './describe-plan.js';
import type { Terminal } from './dialogue.js';
import { plan, type Step, serverText } from './plan.js';
import type { Survey } from './survey.js';
import { answersProblem, defaultAnswers, needsCountry } from './wanted-settings.js';

/** What setup and the person who runs it say to each other before anything is changed. */

/** The terminal, or what stands in for it. */
export interface SetupIo {
  readonly print: (text: string) => void;
  readonly paint: Paint | undefined;
  readonly report: ReportFormat;
  readonly colour: boolean;
  /** Where questions can be asked; null: nowhere. */
  readonly terminal: Terminal | null;
  readonly columns: number | undefined;
}

interface Agreement {
  readonly answers: Answers;
  /** None: the machine is set up like this already. */
  readonly steps: readonly Step[];
}

/**
 * Asks what no option has answered, shows the plan, and asks whether to carry it out.
 * @param terminal null: nothing is asked
 * @returns null if the user ends the dialogue, or does not agree
 * @throws {HostP2pError} USAGE, STATE: the answers cannot be carried out here
 */
export async function agree(
  found: Survey,
  given: GivenAnswers,
  io: SetupIo,
  terminal: Terminal | null,
): Promise<Agreement | null> {
  const assurance =
    terminal === null ? '' : ' Nothing is changed before you have seen all changes and agreed.';
  io.print(wrap(introduction(found) + assurance, io.columns).join('\n'));
  const answers = await answersFor(found, given, terminal);
  if (answers === null) return null;
  const problem = answersProblem(found, answers);
  if (problem !== null) throw new HostP2pError('STATE', `setup: ${problem}`);
  const steps = await plan(found, answers);
  if (steps.length === 0) {
    io.print('Everything is set up like this already: nothing to do.');
    return { answers, steps };
  }
  io.print(`\n${describePlan(steps, found.texts, io.paint ?? unstyled, io.columns)}\n`);
  if (terminal !== null && !(await (await import('./dialogue.js')).askConsent(terminal))) return null;
  return { answers, steps };
}

/** @returns null if the user ends the dialogue */
async function answersFor(
  found: Survey,
  given: GivenAnswers,
  terminal: Terminal | null,
): Promise<Answers | null> {
  const answers = defaultAnswers(found, given);
  const lacksCountry = given.country === undefined && needsCountry(found);
  if (terminal !== null) {
    const { askAnswers } = await import('./dialogue.js');
    return askAnswers(terminal, given, answers, lacksCountry);
  }
  if (lacksCountry)
    throw new HostP2pError(
      'USAGE',
      'setup: no country is known, which decides the channels: --country DE, for example',
    );
  return answers;
}

function introduction(found: Survey): string {
  const { radio, device, loggedIn } = found;
  const note = loggedIn
    ? ` You are logged in over ${radio}; that connection stays, or comes back by itself.`
    : '';
  return `The radio is ${radio}: ${serverText(found)}. Wi-Fi Direct uses ${device}.${note}`;
}
