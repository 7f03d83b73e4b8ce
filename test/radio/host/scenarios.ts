import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DEFAULT_TIMEOUT_SECONDS, type Scenario, type Suite, scenarioOf } from '../guest/scenario.js';
import type { PlannedScenario } from '../protocol.js';

/** The checkout in which this file was compiled. */
export const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

const SOURCES = join(CHECKOUT, 'test', 'radio', 'scenarios');
const COMPILED = fileURLToPath(new URL('../scenarios/', import.meta.url));

export interface KnownScenario extends PlannedScenario {
  readonly title: string;
  readonly suite: Suite;
  readonly leftOut: NonNullable<Scenario['leftOut']>;
}

/**
 * The named scenarios, or all, in alphabetical order. They are looked up in the sources, because a compiled file stays when
 * its source is deleted. Throws on an unknown name, and if a scenario is not compiled or has changed since.
 */
export async function loadScenarios(names: readonly string[]): Promise<KnownScenario[]> {
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  const known = files.map((file) => basename(file, '.ts')).sort();
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`unknown scenario: ${unknown.join(', ')}`);
  const wanted = known.filter((name) => names.length === 0 || names.includes(name));
  const loaded = await Promise.all(wanted.map(loadScenario));
  return loaded.filter((scenario) => scenario !== undefined);
}

/** Undefined for a module without default export: code that scenarios share. */
async function loadScenario(name: string): Promise<KnownScenario | undefined> {
  const module = join(COMPILED, `${name}.js`);
  const compiled = await stat(module).catch(() => undefined);
  const source = await stat(join(SOURCES, `${name}.ts`));
  if (compiled === undefined || compiled.mtimeMs < source.mtimeMs) {
    throw new Error(`scenario ${name} is not compiled, or has changed since: run "npm run build"`);
  }
  const loaded: unknown = await import(pathToFileURL(module).href);
  if (typeof loaded !== 'object' || loaded === null || !('default' in loaded)) return undefined;
  const scenario = scenarioOf(loaded, module);
  if (scenario.name !== name)
    throw new Error(`${name}.ts: expected the scenario ${name}, got ${scenario.name}`);
  const timeoutSeconds = scenario.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const { title, radios, suite = 'core', system = 'host' } = scenario;
  const { needsPackage = false, leftOut = {} } = scenario;
  return {
    name,
    title,
    suite,
    module: relative(CHECKOUT, module),
    timeoutSeconds,
    system,
    needsPackage,
    leftOut,
    ...(radios === undefined ? {} : { radios }),
  };
}
