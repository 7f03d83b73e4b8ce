import { join } from 'node:path';
import {
  type Configuration,
  defaultConfiguration,
  reviewConfiguration,
  reviewValues,
} from '../../config/load.js';
import type { SourceOptions } from '../../config/source.js';
import { codeOf, HostP2pError } from '../../system/errors.js';
import type { ConfigurationFacts } from '../facts.js';
import type { Sources } from './sources.js';

export interface ExamineOptions {
  /** Used instead of the one of the configuration. */
  readonly interface?: string | undefined;
  /** As with `-c`; `-` reads standard input. */
  readonly configFile?: string | undefined;
  /** What a running session reports about its configuration, or why it reports nothing. */
  readonly running?: RunningConfiguration | { readonly problem: string } | undefined;
}

/** The configuration of a running session, without its secrets. */
export interface RunningConfiguration {
  /** P2P device interface; null until it is found. */
  readonly interface: string | null;
  /** User id of the process. */
  readonly uid: number;
  /** Base of relative paths. */
  readonly folder: string;
  readonly source: Configuration['source'];
  /** Keys given on the command line, which override the source. */
  readonly given: readonly string[];
  /** As in the section `hostp2pd` of the file. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly logging: Readonly<Record<string, unknown>>;
}

/** The session, if it reports its configuration. */
export function sessionOf({ running }: ExamineOptions): RunningConfiguration | null {
  return running === undefined || 'problem' in running ? null : running;
}

export async function gatherConfiguration(
  options: ExamineOptions,
  sources: Sources,
): Promise<ConfigurationFacts> {
  const { configFile, running } = options;
  const session = sessionOf(options);
  if (session !== null) return gatherRunning(session, sources);
  const sessionProblem = running !== undefined && 'problem' in running ? running.problem : null;
  const common = { running: null, sessionProblem, secretsHidden: false };
  try {
    const { configuration, problems } = await reviewConfiguration(sourceOptions(sources, configFile));
    return { ...configuration, ...common, unreadable: null, problems };
  } catch (cause) {
    if (!(cause instanceof HostP2pError)) throw cause;
    return { ...defaultConfiguration(), ...common, source: null, unreadable: cause.message, problems: [] };
  }
}

function sourceOptions({ environment, root }: Sources, file: string | undefined): SourceOptions {
  return { file, env: environment, systemFile: join(root, 'etc/hostp2pd.yaml') };
}

/**
 * If the session has read a file, the file as it is now: the user may just have changed it. What the command line of the
 * session has set stays. Without a file, the values that the session uses.
 */
async function gatherRunning(running: RunningConfiguration, sources: Sources): Promise<ConfigurationFacts> {
  const { source, given } = running;
  const { configuration } = reviewValues(running.settings, running.logging, source);
  const inUse: ConfigurationFacts = {
    ...configuration,
    running,
    sessionProblem: null,
    secretsHidden: source.kind !== 'defaults' || given.includes('pin'),
    unreadable: null,
    problems: [],
  };
  if (source.kind !== 'file') return inUse;
  try {
    const file = await reviewConfiguration(sourceOptions(sources, source.path));
    const overlaid = Object.entries(configuration.settings).filter(([key]) => given.includes(key));
    const settings = { ...file.configuration.settings, ...Object.fromEntries(overlaid) };
    const { problems } = file;
    return { ...inUse, ...file.configuration, settings, secretsHidden: given.includes('pin'), problems };
  } catch (cause) {
    if (!(cause instanceof HostP2pError)) throw cause;
    // The session may read it, and this user may not.
    if (codeOf(cause.cause) === 'EACCES') return inUse;
    return { ...inUse, unreadable: cause.message };
  }
}
