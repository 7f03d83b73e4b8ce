import type { Settings } from '../config/schema.js';

/** What the settings make of the group: the five techniques of the manual, as three facts. */
export interface Technique {
  /** Its name and passphrase outlive it: phones that have joined it once come back without WPS. */
  readonly persistent: boolean;
  /** It is formed without being asked for, and again when it ends. */
  readonly standing: boolean;
  /** It ends with its last station. */
  readonly passing: boolean;
}

/**
 * | activate_persistent_group | activate_autonomous_group | dynamic_group | technique |
 * | --- | --- | --- | --- |
 * | true | - | false | persistent |
 * | true | - | true | persistent on demand |
 * | false | true | false | autonomous |
 * | false | false | false | autonomous on demand |
 * | false | - | true | negotiated on demand |
 */
export function techniqueOf(
  settings: Pick<Settings, 'activate_persistent_group' | 'activate_autonomous_group' | 'dynamic_group'>,
): Technique {
  const { activate_persistent_group: persistent, activate_autonomous_group, dynamic_group } = settings;
  return {
    persistent,
    standing: !dynamic_group && (persistent || activate_autonomous_group),
    passing: dynamic_group && !persistent,
  };
}
