import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DEFAULT_TIMEOUT_SECONDS, type Scenario, scenarioOf } from '../guest/scenario.js';
import type { PlannedScenario } from '../protocol.js';

/** The checkout this file was compiled in. */
export const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));

const SOURCES = join(CHECKOUT, 'test', 'radio', 'scenarios');
const COMPILED = fileURLToPath(new URL('../scenarios/', import.meta.url));

export interface KnownScenario extends PlannedScenario {
  readonly title: string;
}

/**
 * All scenarios, by name. Taken from the sources, because what was compiled from a source that is gone stays behind;
 * throws when one is not compiled, or changed since.
 */
export async function knownScenarios(): Promise<KnownScenario[]> {
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  return Promise.all(files.sort().map(loadScenario));
}

async function loadScenario(file: string): Promise<KnownScenario> {
  const name = basename(file, '.ts');
  const module = join(COMPILED, `${name}.js`);
  const compiled = await stat(module).catch(() => undefined);
  const source = await stat(join(SOURCES, file));
  if (compiled === undefined || compiled.mtimeMs < source.mtimeMs) {
    throw new Error(`scenario ${name} is not compiled, or changed since: run "npx tsc -b test"`);
  }
  const loaded: unknown = await import(pathToFileURL(module).href);
  const scenario: Scenario = scenarioOf(loaded, module);
  if (scenario.name !== name) throw new Error(`${file}: its scenario is called ${scenario.name}`);
  const timeoutSeconds = scenario.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  return { name, title: scenario.title, module, timeoutSeconds };
}

/** The named scenarios, or all; throws on a name that is none. */
export function selectScenarios(known: readonly KnownScenario[], names: readonly string[]): KnownScenario[] {
  const unknown = names.filter((name) => !known.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`);
  return known.filter(({ name }) => names.length === 0 || names.includes(name));
}
