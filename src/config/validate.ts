import { isDeepStrictEqual } from 'node:util';
import { describe, type Problem } from './problem.js';
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
  const problems: Problem[] = [];
  const settings = readTable(SETTINGS, section, path, problems);
  const warnings = [...withoutEffect(SETTINGS, settings, path), ...remarks(settings, path)];
  const both = settings.activate_persistent_group && settings.activate_autonomous_group;
  return {
    settings: both ? { ...settings, activate_autonomous_group: false } : settings,
    problems,
    warnings,
  };
}

function withoutEffect(table: Table, settings: Record<string, unknown>, path: string): Problem[] {
  const warnings: Problem[] = [];
  for (const [key, spec] of Object.entries(table)) {
    if (spec.type === 'object') continue;
    const value = settings[key];
    const unused = !spec.effective && !isDeepStrictEqual(value, spec.default);
    if (!unused && !spec.notYet?.includes(value)) continue;
    const why =
      spec.ignoredBecause === undefined ? 'has no effect yet' : `is ignored: ${spec.ignoredBecause}`;
    warnings.push({
      path: keyPath(path, key),
      found: describe(value, spec.secret),
      wanted: `${describe(spec.default)} (this ${spec.notYet ? 'value' : 'key'} ${why})`,
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
  if (settings.activate_persistent_group && settings.activate_autonomous_group) {
    warnings.push({
      path: keyPath(path, 'activate_autonomous_group'),
      found: 'true while activate_persistent_group is true',
      wanted: 'one of the two (the persistent group wins)',
    });
  }
  if (!settings.activate_persistent_group && !settings.activate_autonomous_group) {
    warnings.push({
      path: keyPath(path, 'activate_persistent_group'),
      found: 'false while activate_autonomous_group is false',
      wanted: 'one of the two (a group negotiated on demand is not built yet)',
    });
  }
  return warnings;
}
