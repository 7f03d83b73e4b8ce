import { normalize } from 'node:path';
import { HostP2pError } from '../system/errors.js';
import { sectionsOf } from './document.js';
import { type ConfigProblem, formatProblems, located } from './problem.js';
import { type LoggingSettings, SETTINGS, type Settings } from './schema.js';
import { settingsWithSecrets } from './secret-values.js';
import { type ConfigurationSource, permissionWarnings, readSource, type SourceOptions } from './source.js';
import type { KeySpec } from './table.js';
import { validate, validateLogging } from './validate.js';

export interface Configuration {
  readonly settings: Settings;
  readonly logging: LoggingSettings;
  readonly source: ConfigurationSource;
  /** Keys that options of the program have set; they take precedence over the source. */
  readonly given: readonly string[];
  readonly warnings: readonly ConfigProblem[];
}

export interface ConfigurationReview {
  /** Must not be used if there are problems: defaults replace the wrong values. */
  readonly configuration: Configuration;
  readonly problems: readonly ConfigProblem[];
}

/** The configuration without a file, and after `reload reset`. */
export function defaultConfiguration(): Configuration {
  return reviewValues({}, {}, { kind: 'defaults' }).configuration;
}

/**
 * Reads the configuration.
 * @throws HostP2pError CONFIG_UNREADABLE (no such file, not YAML, …), CONFIG_INVALID with all problems in its message;
 *   the caller keeps the former configuration then
 */
export async function loadConfiguration(options: SourceOptions = {}): Promise<Configuration> {
  const { configuration, problems } = await reviewConfiguration(options);
  if (problems.length === 0) return configuration;
  const name = nameOf(configuration.source);
  throw new HostP2pError('CONFIG_INVALID', `configuration ${name}:\n${formatProblems(problems)}`);
}

/**
 * Reads the configuration as {@link loadConfiguration} does, but also returns one that has problems.
 * @throws HostP2pError CONFIG_UNREADABLE
 */
export async function reviewConfiguration(options: SourceOptions = {}): Promise<ConfigurationReview> {
  const origin = await readSource(options);
  const { text, source } = origin;
  if (text === undefined) return { configuration: defaultConfiguration(), problems: [] };

  const { parseYaml } = await import('./yaml.js');
  const document = sectionsOf(parseYaml(text, nameOf(source)));
  const review = reviewValues(document.hostp2pd, document.logging, source, document.hostp2pdPath);
  const warnings = [
    ...review.configuration.warnings,
    ...permissionWarnings(origin, settingsWithSecrets(document.hostp2pd)),
  ];
  return {
    configuration: { ...review.configuration, warnings },
    problems: [...document.problems, ...review.problems].map((problem) => located(problem, text)),
  };
}

/** The same for values that do not come from a file. */
export function reviewValues(
  settings: unknown,
  logging: unknown,
  source: ConfigurationSource,
  path = 'hostp2pd',
): ConfigurationReview {
  const main = validate(settings, path);
  const log = validateLogging(logging);
  const warnings = [...main.warnings, ...log.warnings];
  const { record } = main.settings;
  const { file } = log.logging;
  // Each removes the old files of its own.
  const mixed = record !== null && file !== null && normalize(record) === normalize(file);
  const problem = {
    path: `${path}.record`,
    text: 'expected another file than that of logging.file, got the same',
  };
  return {
    configuration: { settings: main.settings, logging: log.logging, source, given: [], warnings },
    problems: [...main.problems, ...log.problems, ...(mixed ? [problem] : [])],
  };
}

/** The settings without those that are, or may hold, a secret. */
export function openSettings(settings: Settings): Record<string, unknown> {
  const specs = new Map(Object.entries<KeySpec>(SETTINGS));
  const isOpen = (key: string) => {
    const spec = specs.get(key);
    return !(spec && 'secret' in spec && spec.secret);
  };
  return Object.fromEntries(Object.entries(settings).filter(([key]) => isOpen(key)));
}

function nameOf(source: ConfigurationSource): string {
  return source.kind === 'file' ? source.path : 'standard input';
}
