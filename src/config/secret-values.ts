import { isSecretField, SHORTEST_SECRET } from '../system/secrets.js';
import { isRecord } from '../system/values.js';
import { isWellKnownPin } from './known-pins.js';
import { isNothing } from './table.js';
import { RANDOM_PIN } from './text-values.js';

/** The settings that are, or may hold, a secret, as the file or the program has them. */
interface SecretSettings {
  readonly pin?: unknown;
  readonly network_parms?: unknown;
  readonly config_parms?: unknown;
}

/** The PIN, and the values of network lines and parameters that are secret. */
export function secretsIn(settings: SecretSettings): string[] {
  return secretsBySetting(settings).flatMap(([, values]) => values);
}

/**
 * The settings of a section of a file that hold a secret. The section may have wrong values: other users read them all the same. A
 * PIN that everybody knows is none.
 */
export function settingsWithSecrets(section: unknown): string[] {
  if (!isRecord(section)) return [];
  return secretsBySetting(section)
    .filter(([, values]) => values.some((value) => value.length >= SHORTEST_SECRET && !isWellKnownPin(value)))
    .map(([name]) => name);
}

function secretsBySetting(settings: SecretSettings): [name: string, values: string[]][] {
  const { pin, network_parms, config_parms } = settings;
  return [
    // "random" is no secret, and logs use that word.
    ['pin', isNothing(pin) || pin === RANDOM_PIN ? [] : [String(pin)]],
    ['network_parms', secretValues(linesOf(network_parms))],
    ['config_parms', secretValues(isRecord(config_parms) ? Object.entries(config_parms) : [])],
  ];
}

function linesOf(lines: unknown): [name: string, value: string][] {
  if (!Array.isArray(lines)) return [];
  return lines.map((line) => {
    const [, name = '', value = ''] = /^\s*(\w+)[\s=:]+(.*)$/s.exec(String(line)) ?? [];
    return [name, value];
  });
}

function secretValues(named: readonly [name: string, value: unknown][]): string[] {
  return named
    .filter(([name, value]) => isSecretField(name) && !isNothing(value))
    .map(([, value]) =>
      String(value)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
}
