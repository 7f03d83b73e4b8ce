import { HostP2pError } from '../system/errors.js';
import { type LoggingSettings, validateLogging } from './logging-section.js';
import { rightPlaceOf } from './misplaced-key.js';
import { describe, formatProblems, located, nearestName, type Problem, unknownKeyText } from './problem.js';
import { SETTINGS, type Settings } from './schema.js';
import { type ConfigurationSource, permissionWarnings, readSource, type Surroundings } from './source.js';
import type { KeySpec } from './table.js';
import { RANDOM_PIN } from './text.js';
import { validate } from './validate.js';
import { isNothing, isRecord } from './value.js';
import { type ParsedYaml, parseYaml } from './yaml.js';

export type { ConfigurationSource, Surroundings } from './source.js';

export interface Configuration {
  readonly settings: Settings;
  readonly logging: LoggingSettings;
  readonly source: ConfigurationSource;
  /** Keys that options of the program have given, before the source. */
  readonly given: readonly string[];
  readonly warnings: readonly Problem[];
}

const SECTIONS = ['hostp2pd', 'logging'];

/** What holds without a file, and after `reload reset`. */
export function defaultConfiguration(): Configuration {
  const { settings } = validate({});
  const { logging } = validateLogging({});
  return { settings, logging, source: { kind: 'defaults' }, given: [], warnings: [] };
}

/**
 * Reads the configuration.
 * @throws HostP2pError CONFIG_UNREADABLE (no such file, no YAML, …), CONFIG_INVALID with all problems in its
 *   message; the caller keeps the former configuration then
 */
export async function loadConfiguration(surroundings: Surroundings = {}): Promise<Configuration> {
  const { configuration, problems } = await reviewConfiguration(surroundings);
  if (problems.length === 0) return configuration;
  const name = nameOf(configuration.source);
  throw new HostP2pError('CONFIG_INVALID', `configuration ${name}:\n${formatProblems(problems)}`);
}

export interface ConfigurationReview {
  /** Not to be run with where there are problems: defaults stand in for what is wrong. */
  readonly configuration: Configuration;
  readonly problems: readonly Problem[];
}

/**
 * Reads the configuration as {@link loadConfiguration} does, and hands out what it makes of a wrong one as well.
 * @throws HostP2pError CONFIG_UNREADABLE
 */
export async function reviewConfiguration(surroundings: Surroundings = {}): Promise<ConfigurationReview> {
  const origin = await readSource(surroundings);
  if (origin.text === undefined) return { configuration: defaultConfiguration(), problems: [] };

  const document = sectionsOf(await parseYaml(origin.text, nameOf(origin.source)));
  const main = validate(document.hostp2pd, document.hostp2pdPath);
  const log = validateLogging(document.logging, 'logging', (key) => rightPlaceOf(key, 'logging'));
  const { text } = origin;
  const problems = [...document.problems, ...main.problems, ...log.problems].map((one) => located(one, text));
  const pin = isRecord(document.hostp2pd) ? document.hostp2pd['pin'] : null;
  const holdsPin = !isNothing(pin) && pin !== RANDOM_PIN;
  const configuration = {
    settings: main.settings,
    logging: log.logging,
    source: origin.source,
    given: [],
    warnings: [...main.warnings, ...log.warnings, ...permissionWarnings(origin, holdsPin)],
  };
  return { configuration, problems };
}

/** The same of values that came from elsewhere than a file. */
export function reviewValues(
  settings: unknown,
  logging: unknown,
  source: ConfigurationSource,
): ConfigurationReview {
  const main = validate(settings);
  const log = validateLogging(logging);
  const warnings = [...main.warnings, ...log.warnings];
  return {
    configuration: { settings: main.settings, logging: log.logging, source, given: [], warnings },
    problems: [...main.problems, ...log.problems],
  };
}

/** The settings without those that are, or may hold, a secret. */
export function openSettings(settings: Settings): Record<string, unknown> {
  const secret = new Set(
    Object.entries<KeySpec>(SETTINGS).flatMap(([key, spec]) =>
      'secret' in spec && spec.secret ? [key] : [],
    ),
  );
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !secret.has(key)));
}

function nameOf(source: ConfigurationSource): string {
  return source.kind === 'file' ? source.path : 'standard input';
}

interface Sections {
  readonly hostp2pd: unknown;
  readonly hostp2pdPath: string;
  readonly logging: unknown;
  readonly problems: readonly Problem[];
}

/** A document holds the sections, or, as the original's manual shows it, the bare keys of the first of them. */
function sectionsOf({ content, asWritten }: ParsedYaml): Sections {
  const document = isNothing(content) ? {} : content;
  if (!isRecord(document)) {
    const wanted = `a map of the sections ${SECTIONS.join(' and ')}`;
    const problems = [{ path: '(document)', found: describe(document, true), wanted }];
    return { hostp2pd: {}, hostp2pdPath: 'hostp2pd', logging: {}, problems };
  }
  const names = Object.keys(document);
  const sectioned = names.some((name) => SECTIONS.includes(name));
  const slip = sectioned ? undefined : names.find((name) => isRecord(document[name]) && nearSection(name));
  if (!sectioned && slip === undefined) {
    const hostp2pd = withNumbersAsWritten(document, asWritten);
    return { hostp2pd, hostp2pdPath: '', logging: {}, problems: [] };
  }
  const problems = names
    .filter((name) => !SECTIONS.includes(name))
    .map((name): Problem => {
      const place = rightPlaceOf(name, null);
      const wanted = place ?? `one of the sections ${SECTIONS.join(', ')}`;
      const nearest = place === undefined ? nearSection(name) : undefined;
      const hint = nearest === undefined ? {} : { nearest };
      const path = place === undefined ? unknownKeyText(name, SECTIONS) : name;
      return { path, key: name, found: 'an unknown section', wanted, ...hint };
    });
  const raw = isRecord(asWritten) ? asWritten['hostp2pd'] : undefined;
  return {
    hostp2pd: withNumbersAsWritten(document['hostp2pd'], raw),
    hostp2pdPath: 'hostp2pd',
    logging: document['logging'],
    problems,
  };
}

function nearSection(name: string): string | undefined {
  return nearestName(name, SECTIONS);
}

/**
 * The values of config_parms are texts for wpa_supplicant. YAML would make the number 1020300 of
 * `os_version: 01020300` and 3.1 of `model_number: 3.10`: they are taken as they are written.
 */
function withNumbersAsWritten(section: unknown, raw: unknown): unknown {
  if (!isRecord(section) || !isRecord(raw)) return section;
  const parameters = section['config_parms'];
  const texts = raw['config_parms'];
  if (!isRecord(parameters) || !isRecord(texts)) return section;
  const config_parms = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'number' ? texts[name] : value,
    ]),
  );
  return { ...section, config_parms };
}
