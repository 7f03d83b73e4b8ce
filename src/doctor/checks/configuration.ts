import { DEFAULT_PIN, isWellKnownPin } from '../../config/known-pins.js';
import type { ConfigProblem } from '../../config/problem.js';
import { parseAddress } from '../../system/mac-address.js';
import type { ConfigurationFacts, Facts } from '../facts.js';
import { blocked, error, ok, orOk, unknown, type Verdicts, warning } from '../report.js';

/** The configuration that is examined, in words. */
export function examinedText({ source, running, unreadable }: ConfigurationFacts): string {
  const defaults = unreadable === null ? 'no file was found' : 'the file cannot be read';
  const texts = { stdin: 'standard input', defaults: `the defaults (${defaults})` };
  const text = source?.kind === 'file' ? source.path : texts[source?.kind ?? 'defaults'];
  if (running === null) return text;
  return `${text}, with which hostp2pd runs on ${running.interface ?? 'no interface yet'}`;
}

/** Whether a key, perhaps written by another name, has a wrong value, so that `settings` hold the default instead. */
export function isUnusable({ unreadable, running, problems }: ConfigurationFacts, key: string): boolean {
  // The values of a running session are known.
  if (unreadable !== null && running === null) return true;
  return problems.some(({ path, meant }) => {
    const names = path.split(/[.[(]/);
    const isSection = ['hostp2pd', 'logging', '(document)'].includes(path);
    return isSection || meant === key || names.includes(key);
  });
}

/** Keys whose warnings belong to other checks. */
const JUDGED_ELSEWHERE = ['pin', 'pbc_in_use', 'pbc_white_list'];

export function configuration({ configuration: facts }: Facts): Verdicts {
  const { source, unreadable, problems, sessionProblem, running } = facts;
  if (unreadable !== null) {
    const kept = running === null ? '' : ' (hostp2pd still uses what it read before)';
    return error(`${unreadable}${kept}`, 'correct the file, or name another one: hostp2pd doctor -c FILE');
  }
  if (sessionProblem !== null)
    return unknown(`hostp2pd runs, but does not report its configuration: ${sessionProblem}`);
  const elsewhere = (path: string) => path === fileOf(facts) || JUDGED_ELSEWHERE.includes(keyOf(path) ?? '');
  const verdicts = [
    ...problems.flatMap((problem) => judgeProblem(problem, error)),
    ...warningsAbout(facts, (path) => !elsewhere(path)),
  ];
  if (source?.kind === 'file') return orOk(verdicts, source.path);
  return orOk(
    verdicts,
    source?.kind === 'stdin' ? 'standard input' : 'there is no file, so the defaults apply',
  );
}

export function configPermissions({ configuration: facts }: Facts): Verdicts {
  if (facts.unreadable !== null) return blocked('the file cannot be read');
  const file = fileOf(facts);
  return orOk(
    warningsAbout(facts, (path) => path === file),
    file === null ? 'there is no file' : 'other users cannot read the file, or it holds no secret',
  );
}

function fileOf({ source }: ConfigurationFacts): string | null {
  return source?.kind === 'file' ? source.path : null;
}

function keyOf(path: string): string | undefined {
  return path.split('.').at(-1);
}

function warningsAbout({ warnings }: ConfigurationFacts, isWanted: (path: string) => boolean): Verdicts {
  return warnings.filter(({ path }) => isWanted(path)).flatMap((problem) => judgeProblem(problem, warning));
}

function judgeProblem(
  { path, text, fix, commands }: ConfigProblem,
  verdict: typeof error | typeof warning,
): Verdicts {
  return verdict(`${path}: ${text}`, commands ? { safe: commands } : (fix ?? 'correct this setting'));
}

export function pin({ configuration: facts }: Facts): Verdicts {
  if (facts.secretsHidden && facts.settings.pin_module === null)
    return unknown('hostp2pd does not report its PIN: run the doctor as the same user, or with -c FILE');
  const strength = judgePin(facts);
  if (strength.some(({ level }) => level !== 'ok')) return strength;
  const warnings = warningsAbout(facts, (path) => keyOf(path) === 'pin');
  return warnings.length > 0 ? warnings : strength;
}

const BETTER_PIN = 'set pin to eight digits of your own, or to random: a new PIN for each phone';

function judgePin({ settings }: ConfigurationFacts): Verdicts {
  const { pin: text, pin_module } = settings;
  if (pin_module !== null) return ok('pin_module provides a PIN for each phone');
  if (!/^\d+$/.test(text)) return ok('each phone gets a new PIN');
  if (text === DEFAULT_PIN)
    return warning(
      'the PIN is the default one, which everybody knows; the systemd units do not start with it',
      BETTER_PIN,
    );
  if (isWellKnownPin(text)) return warning('the PIN is one that everybody tries first', BETTER_PIN);
  if (text.length < 8)
    return warning(`the PIN has only ${text.length} digits, so it can be found by trying`, BETTER_PIN);
  return ok('eight digits of your own ("pin: random", a new PIN for each phone, would be safer)');
}

export function pushButton({ configuration: facts }: Facts): Verdicts {
  const { pbc_in_use: inUse, pbc_white_list: list } = facts.settings;
  const names = list.filter((entry) => parseAddress(entry) === null).length;
  const verdicts = [
    ...(names === 0 ? [] : nameOnList(names)),
    // The validation warns about a button without a list.
    ...warningsAbout(facts, (path) => /^pbc_/.test(keyOf(path) ?? '')),
  ];
  if (inUse === false) return orOk(verdicts, 'the push button is not in use');
  if (inUse === null && list.length === 0)
    return orOk(verdicts, 'config_methods of wpa_supplicant decides whether it is in use');
  return orOk(verdicts, `for ${list.length === 1 ? 'one device' : `${list.length} devices`}`);
}

function nameOnList(count: number): Verdicts {
  return warning(
    `pbc_white_list holds ${count === 1 ? 'a name' : `${count} names`}, and any device can use any name`,
    'use the P2P device address of the phone instead; "hostp2pd stations" shows it',
  );
}
