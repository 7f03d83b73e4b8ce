import type { Facts } from '../facts.js';
import { type Check, type Finding, unknown, type Verdict } from '../finding.js';
import { addressChecks } from './addresses.js';
import { addressingChecks } from './addressing.js';
import { configurationChecks, isDoubtful } from './configuration.js';
import { controlChecks } from './control.js';
import { fileChecks } from './files.js';
import { interfaceChecks } from './interface.js';
import { linkChecks } from './link-policy.js';
import { programChecks } from './program.js';
import { radioChecks } from './radio.js';
import { serviceChecks } from './services.js';
import { supplicantChecks } from './supplicant.js';

/** Every check, in the order of the report: what others depend on comes first. */
export const CHECKS: readonly Check[] = [
  ...programChecks,
  ...configurationChecks,
  ...supplicantChecks,
  ...controlChecks,
  ...interfaceChecks,
  ...radioChecks,
  ...addressChecks,
  ...linkChecks,
  ...serviceChecks,
  ...addressingChecks,
  ...fileChecks,
];

/** What all checks find. */
export function judgeAll(facts: Facts): Finding[] {
  return CHECKS.flatMap((check) =>
    judgeOne(check, facts).map((verdict): Finding => ({ check: check.id, ...verdict })),
  );
}

function judgeOne({ uses = [], asUser, judge }: Check, facts: Facts): readonly Verdict[] {
  const { running } = facts.configuration;
  // A default stands in for what cannot be used: whoever wrote the key is told about that, and of nothing else.
  const doubtful = uses.find((key) => isDoubtful(facts.configuration, key));
  if (doubtful !== undefined) return unknown(`${doubtful} cannot be used (see configuration)`);
  if (asUser === true && running !== null && running.uid !== facts.user.uid)
    return unknown(`${facts.user.name} runs the doctor, and hostp2pd runs as another user`);
  return judge(facts);
}
