import { isDeepStrictEqual } from 'node:util';
import { addressConflicts } from './address-plan.js';
import { DEFAULT_PIN, isWellKnownPin } from './known-pins.js';
import { networkKeyFix, rightPlaceOf } from './misplaced-key.js';
import { type ConfigProblem, type Findings, keyPath } from './problem.js';
import { fromPythonLogging, isPythonLogging } from './python-logging.js';
import { LOGGING, type LoggingSettings, SETTINGS, type Settings } from './schema.js';
import { readTable, type Table } from './table.js';
import { hasPinChecksum } from './text-values.js';

interface Validated {
  /** Not to be used if there are problems: the former settings stay in force then. */
  readonly settings: Settings;
  readonly problems: readonly ConfigProblem[];
  /** Settings that work, but perhaps not as their author expects. */
  readonly warnings: readonly ConfigProblem[];
}

/**
 * Reads the `hostp2pd:` section. Finds every problem in one pass; never throws.
 * @param path how problems name the section
 */
export function validate(section: unknown, path = 'hostp2pd'): Validated {
  const findings: Findings = { problems: [], warnings: [] };
  const settings = readTable(SETTINGS, section, path, findings, (key) => rightPlaceOf(key, 'hostp2pd'));
  // Settings are compared with each other only if each of them is right.
  const conflicts = findings.problems.length === 0 ? addressConflicts(settings) : [];
  const problems = [
    ...findings.problems,
    ...conflicts.map(({ key, text }) => ({ path: keyPath(path, key), text })),
  ];
  const warnings = [
    ...findings.warnings,
    ...ignoredSettings(SETTINGS, settings, path),
    ...remarks(settings, path),
  ];
  return { settings, problems, warnings };
}

function ignoredSettings(table: Table, settings: Record<string, unknown>, path: string): ConfigProblem[] {
  return Object.entries(table).flatMap(([key, spec]) => {
    if (spec.type === 'object' || spec.ignoredBecause === undefined) return [];
    if (isDeepStrictEqual(settings[key], spec.default)) return [];
    const text = `this setting is ignored: ${spec.ignoredBecause}`;
    return { path: keyPath(path, key), text, fix: 'remove it' };
  });
}

/** Settings that work, but are probably not what the user wants. */
function remarks(settings: Settings, path: string): ConfigProblem[] {
  const { pin, pbc_in_use, pbc_white_list, config_parms, dynamic_group } = settings;
  const { activate_persistent_group, activate_autonomous_group } = settings;
  const warnings: ConfigProblem[] = [];
  const warn = (key: string, text: string, fix: string): void => {
    warnings.push({ path: keyPath(path, key), text, fix });
  };
  if (!hasPinChecksum(pin)) {
    const text = 'the last digit is not the WPS checksum of the others, so phones may refuse this PIN';
    warn('pin', text, 'correct the last digit');
  }
  for (const name of Object.keys(config_parms)) {
    const fix = networkKeyFix(name);
    if (fix === undefined) continue;
    warn(`config_parms.${name}`, 'a key of network blocks, which is no parameter of wpa_supplicant', fix);
  }
  const bothKinds = activate_persistent_group && activate_autonomous_group;
  if (bothKinds) {
    const text = 'activate_persistent_group is true as well; the persistent group wins';
    warn('activate_autonomous_group', text, 'set one of the two to false');
  } else if (dynamic_group && activate_autonomous_group) {
    const text = 'dynamic_group is true as well and wins: the group is formed when a phone asks';
    warn('activate_autonomous_group', text, 'set one of the two to false');
  }
  if (pbc_in_use && pbc_white_list.length === 0) {
    const text = 'pbc_white_list is empty, so any device nearby may press the button';
    warn('pbc_in_use', text, 'list the devices that may use it');
  }
  if (pbc_white_list.length > 0 && hasWellKnownPin(settings)) {
    const text = `devices that are not on pbc_white_list get in with ${wellKnownText(settings)}`;
    warn('pin', text, 'set a PIN of your own, or random');
  }
  return warnings;
}

/** Whether phones join with a PIN that everybody knows or tries first. */
export function hasWellKnownPin({ pin, pin_module }: Settings): boolean {
  return pin_module === null && isWellKnownPin(pin);
}

/** That PIN, in words. */
export function wellKnownText({ pin }: Settings): string {
  return pin === DEFAULT_PIN ? 'the default PIN, which everybody knows' : 'a PIN that everybody tries first';
}

interface ValidatedLogging {
  /** Not to be used if there are problems. */
  readonly logging: LoggingSettings;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

/** Reads the `logging:` section, in our form or as Python's dictConfig; never throws. */
export function validateLogging(section: unknown, path = 'logging'): ValidatedLogging {
  const findings: Findings = { problems: [], warnings: [] };
  const { problems, warnings } = findings;
  if (!isPythonLogging(section)) {
    const findPlace = (key: string) => rightPlaceOf(key, 'logging');
    return { logging: readTable(LOGGING, section, path, findings, findPlace), problems, warnings };
  }
  const translated = fromPythonLogging(section, path);
  const logging = readTable(LOGGING, translated.section, path, findings);
  const text = "Python's logging form: only what has a counterpart here is used";
  const fix = `use the keys ${Object.keys(LOGGING).join(', ')}`;
  return {
    logging,
    problems: problems.map((one) => ({ ...one, path: translated.origins.get(one.path) ?? one.path })),
    warnings: [...warnings, { path, text, fix }],
  };
}
