import type { Radios, System } from '../protocol.js';
import type { Lab } from './lab.js';

/** What a module under scenarios/ default-exports. */
export interface Scenario {
  /** As the file is called. */
  readonly name: string;
  /** One line that says what is proved. */
  readonly title: string;
  /** Emulated seconds; 120 unless said. */
  readonly timeoutSeconds?: number;
  /** It holds facts about wpa_supplicant itself, by hand: played by name or with --all, for they change only with it. */
  readonly facts?: true;
  /** Other radios than the usual ones. */
  readonly radios?: Radios;
  /** `host` unless said. */
  readonly system?: System;
  /** True: `/lab/results/packages` has the program's Debian package, made of the checkout as it stands. */
  readonly needsPackage?: true;
  /** Passes by returning, fails by throwing. */
  run(lab: Lab): Promise<void>;
}

export const DEFAULT_TIMEOUT_SECONDS = 120;

/** The scenario in a loaded module; throws where there is none. */
export function scenarioOf(module: unknown, file: string): Scenario {
  const scenario =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (isScenario(scenario)) return scenario;
  throw new Error(`${file} does not export a scenario by default`);
}

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { name, title, run } = value as Partial<Record<keyof Scenario, unknown>>;
  return typeof name === 'string' && typeof title === 'string' && typeof run === 'function';
}
