import type { Release } from '../../debian-root.js';
import type { Radios, System } from '../protocol.js';
import type { Lab } from './lab.js';

/**
 * Which runs include a scenario:
 * - `core`: every run, also CI
 * - `full`: CI leaves it out, because it takes minutes and its subject has a shorter scenario, or tests without the lab
 * - `facts`: it proves facts about wpa_supplicant itself, without the program; `--all`
 * - `hosts`: it follows install.md on a kind of host; `--hosts`
 * - `by-name`: it takes long
 */
export type Suite = 'core' | 'full' | 'facts' | 'hosts' | 'by-name';

/** What a module under scenarios/ default-exports. */
export interface Scenario {
  /** The name of its file. */
  readonly name: string;
  /** One line that says what it proves. */
  readonly title: string;
  /** Emulated seconds; default 120. */
  readonly timeoutSeconds?: number;
  /** Default `core`. */
  readonly suite?: Suite;
  /** Other radios than the usual ones. */
  readonly radios?: Radios;
  /** Default `host`. */
  readonly system?: System;
  /** True: `/lab/results/packages` has the program's Debian package, built from the checkout. */
  readonly needsPackage?: true;
  /** Why it cannot run on a Debian release (`--system`). */
  readonly leftOut?: Readonly<Partial<Record<Release, string>>>;
  /** Passes by returning, fails by throwing. */
  run(lab: Lab): Promise<void>;
}

export const DEFAULT_TIMEOUT_SECONDS = 120;

/** The scenario in a loaded module; throws if there is none. */
export function scenarioOf(module: unknown, file: string): Scenario {
  const scenario =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (isScenario(scenario)) return scenario;
  throw new Error(`${file} has no scenario as its default export`);
}

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { name, title, run } = value as Partial<Record<keyof Scenario, unknown>>;
  return typeof name === 'string' && typeof title === 'string' && typeof run === 'function';
}
