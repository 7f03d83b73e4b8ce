import { isDeepStrictEqual } from 'node:util';
import { addressProblems } from './address-problems.js';
import { isNetworkKey, rightPlaceOf } from './misplaced-key.js';
import { describe, type Findings, type Problem } from './problem.js';
import { readTable } from './read.js';
import { SETTINGS, type Settings } from './schema.js';
import type { Table } from './table.js';
import { hasPinChecksum } from './text.js';
import { keyPath } from './value.js';

export { formatProblems, type Problem } from './problem.js';

export interface Validated {
  /** Not to be used where there are problems: the former settings stay in force then. */
  readonly settings: Settings;
  readonly problems: readonly Problem[];
  /** Things that work, though perhaps not as the person expects who wrote them. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads the `hostp2pd:` section. Every problem is found in one go; nothing is thrown.
 * @param path how problems name the section
 */
export function validate(section: unknown, path = 'hostp2pd'): Validated {
  const findings: Findings = { problems: [], warnings: [] };
  const { problems } = findings;
  const settings = readTable(SETTINGS, section, path, findings, (key) => rightPlaceOf(key, 'hostp2pd'));
  // What stands beside each other is looked at where each is right by itself.
  if (problems.length === 0) problems.push(...addressProblems(settings, path));
  const warnings = [
    ...findings.warnings,
    ...withoutEffect(SETTINGS, settings, path),
    ...remarks(settings, path),
  ];
  return { settings, problems, warnings };
}

function withoutEffect(table: Table, settings: Record<string, unknown>, path: string): Problem[] {
  const warnings: Problem[] = [];
  for (const [key, spec] of Object.entries(table)) {
    if (spec.type === 'object' || spec.ignoredBecause === undefined) continue;
    const value = settings[key];
    if (isDeepStrictEqual(value, spec.default)) continue;
    warnings.push({
      path: keyPath(path, key),
      found: describe(value, spec.secret),
      wanted: `${describe(spec.default)} (this key is ignored: ${spec.ignoredBecause})`,
    });
  }
  return warnings;
}

function remarks(settings: Settings, path: string): Problem[] {
  const warnings: Problem[] = [];
  if (!hasPinChecksum(settings.pin)) {
    warnings.push({
      path: keyPath(path, 'pin'),
      found: 'eight digits without a WPS checksum',
      wanted: 'the checksum of the others as the last digit (phones may refuse this PIN)',
    });
  }
  for (const name of Object.keys(settings.config_parms).filter(isNetworkKey)) {
    warnings.push({
      path: keyPath(keyPath(path, 'config_parms'), name),
      found: 'a key of network blocks, which wpa_supplicant does not know as a parameter',
      wanted: `a line of network_parms in its place: - ${name} …`,
    });
  }
  if (settings.activate_persistent_group && settings.activate_autonomous_group) {
    warnings.push({
      path: keyPath(path, 'activate_autonomous_group'),
      found: 'true while activate_persistent_group is true',
      wanted: 'one of the two (the persistent group wins)',
    });
  }
  if (settings.dynamic_group && settings.activate_autonomous_group && !settings.activate_persistent_group) {
    warnings.push({
      path: keyPath(path, 'activate_autonomous_group'),
      found: 'true while dynamic_group is true',
      wanted: 'one of the two (the group is formed when a phone asks, dynamic_group wins)',
    });
  }
  if (settings.pbc_in_use && settings.pbc_white_list.length === 0) {
    warnings.push({
      path: keyPath(path, 'pbc_in_use'),
      found: 'true while pbc_white_list is empty',
      wanted: 'a list of the devices that may use it (everybody near may press the button)',
    });
  }
  const others = settings.pbc_white_list.length > 0 && settings.pin_module === null;
  if (others && settings.pin === SETTINGS.pin.default) {
    warnings.push({
      path: keyPath(path, 'pin'),
      found: 'the default, which everybody knows, beside a pbc_white_list',
      wanted: 'a PIN of your own, or random (who is not on the list gets in by PIN)',
    });
  }
  return warnings;
}
