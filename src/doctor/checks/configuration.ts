import type { Problem } from '../../config/problem.js';
import { parseAddress } from '../../system/mac-address.js';
import type { ConfigurationFacts, Facts } from '../facts.js';
import { type Check, fault, ok, orOk, unknown, type Verdict, warning } from '../finding.js';

/** Keys whose warnings other checks have. */
const JUDGED_ELSEWHERE = ['pin', 'pbc_in_use', 'pbc_white_list'];

export const configurationChecks: readonly Check[] = [
  {
    id: 'configuration',
    looksAt: 'every key of the configuration: what cannot be used, and what does not do what it seems to',
    judge: judgeConfiguration,
  },
  {
    id: 'config-permissions',
    looksAt: 'whether others may read a configuration file that holds a PIN, or change it',
    judge: ({ configuration }) => {
      if (configuration.unreadable !== null) return unknown('the file cannot be read');
      return orOk(
        warningsAbout(configuration, (path) => path === fileOf(configuration)),
        fileOf(configuration) === null
          ? 'there is no file'
          : 'others are kept out of the file, or it holds no PIN',
      );
    },
  },
  {
    id: 'pin',
    looksAt: 'whether the PIN is one that is easily guessed',
    uses: ['pin', 'pin_module'],
    judge: ({ configuration }) => {
      if (configuration.secretsHidden && configuration.settings.pin_module === null)
        return unknown('hostp2pd does not tell its PIN: run the doctor as its user, or with -c FILE');
      const weak = judgePin(configuration);
      if (weak.some(({ level }) => level !== 'ok')) return weak;
      const remarks = warningsAbout(configuration, (path) => keyOf(path) === 'pin');
      return remarks.length > 0 ? remarks : weak;
    },
  },
  {
    id: 'push-button',
    looksAt: 'who may use the push button',
    uses: ['pbc_in_use', 'pbc_white_list'],
    judge: judgePushButton,
  },
];

/** Which configuration the report is about, for a person. */
export function examinedWords(configuration: ConfigurationFacts): string {
  const { source, running, unreadable } = configuration;
  const what =
    source?.kind === 'file'
      ? source.path
      : source?.kind === 'stdin'
        ? 'standard input'
        : unreadable === null
          ? 'the defaults (no file was found)'
          : 'the defaults (the file cannot be read)';
  if (running === null) return what;
  return `${what}, with which hostp2pd runs on ${running.interface ?? 'no interface yet'}`;
}

/** Whether a default stands in the place of what was written for a key, also by another name. */
export function isDoubtful({ unreadable, running, problems }: ConfigurationFacts, key: string): boolean {
  // Of a session that runs the values are known.
  if (unreadable !== null && running === null) return true;
  return problems.some(({ path, meant }) => {
    const names = path.split(/[.[(]/);
    const whole = ['hostp2pd', 'logging', '(document)'].includes(path);
    return whole || meant === key || names.includes(key);
  });
}

function judgeConfiguration({ configuration }: Facts): readonly Verdict[] {
  const { source, unreadable, problems, untold, running } = configuration;
  if (unreadable !== null) {
    const kept = running === null ? '' : ' (hostp2pd goes on with what it has read before)';
    return fault(`${unreadable}${kept}`, 'correct the file, or name another one: hostp2pd doctor -c FILE');
  }
  if (untold !== null) return unknown(`hostp2pd runs and does not say with which configuration: ${untold}`);
  const elsewhere = (path: string) =>
    path === fileOf(configuration) || JUDGED_ELSEWHERE.includes(keyOf(path) ?? '');
  const verdicts = [
    ...problems.flatMap((problem) => fault(messageOf(problem), cureOf(problem))),
    ...warningsAbout(configuration, (path) => !elsewhere(path)),
  ];
  if (source?.kind === 'file') return orOk(verdicts, source.path);
  return orOk(verdicts, source?.kind === 'stdin' ? 'standard input' : 'no file: the defaults hold');
}

function fileOf({ source }: ConfigurationFacts): string | null {
  return source?.kind === 'file' ? source.path : null;
}

function keyOf(path: string): string | undefined {
  return path.split('.').at(-1);
}

function warningsAbout({ warnings }: ConfigurationFacts, wanted: (path: string) => boolean): Verdict[] {
  return warnings
    .filter(({ path }) => wanted(path))
    .flatMap((problem) => warning(messageOf(problem), cureOf(problem)));
}

function messageOf({ path, text }: Problem): string {
  return `${path}: ${text}`;
}

function cureOf({ fix = 'correct this setting' }: Problem): string {
  return fix;
}

const BETTER_PIN = 'set pin to eight digits of your own, or to random: a fresh one for each phone';

function judgePin({ settings }: ConfigurationFacts): readonly Verdict[] {
  const { pin, pin_module } = settings;
  if (pin_module !== null) return ok('pin_module gives each phone its own');
  if (!/^\d+$/.test(pin)) return ok('each phone gets a fresh one');
  if (isWellKnown(pin)) return warning('the PIN is among those that everybody tries first', BETTER_PIN);
  if (pin.length < 8)
    return warning(`the PIN has ${pin.length} digits, and is soon found by trying`, BETTER_PIN);
  return ok('eight digits of your own ("pin: random" is safer still: a fresh one for each phone)');
}

/** All digits equal, or each one more or less than the one before: 00000000, 12345670 with its checksum, 4321. */
function isWellKnown(pin: string): boolean {
  // The last of eight is the checksum of the others.
  const digits = [...(pin.length === 8 ? pin.slice(0, 7) : pin)].map(Number);
  const steps = new Set(digits.slice(1).map((digit, place) => digit - (digits[place] ?? 0)));
  return steps.size === 1 && [0, 1, -1].some((step) => steps.has(step));
}

function judgePushButton({ configuration }: Facts): readonly Verdict[] {
  const { pbc_in_use: inUse, pbc_white_list: list } = configuration.settings;
  const names = list.filter((entry) => parseAddress(entry) === null).length;
  const byName =
    names === 0
      ? []
      : warning(
          `pbc_white_list holds ${names === 1 ? 'a name' : `${names} names`}: a device is called what its owner likes`,
          'put the P2P device address of the phone there; "hostp2pd stations" shows it',
        );
  // What the validation says of these keys: a button without a list.
  const open = warningsAbout(configuration, (path) => /^pbc_/.test(keyOf(path) ?? ''));
  if (inUse === false || (inUse === null && list.length === 0))
    return orOk(
      [...byName, ...open],
      inUse === false ? 'not in use' : "as wpa_supplicant's config_methods says",
    );
  return orOk([...byName, ...open], `for ${list.length === 1 ? 'one device' : `${list.length} devices`}`);
}
