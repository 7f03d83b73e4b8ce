import { join } from 'node:path';
import { defaultConfiguration, reviewConfiguration, reviewValues } from '../../config/load.js';
import type { Surroundings } from '../../config/source.js';
import { codeOf, HostP2pError } from '../../system/errors.js';
import { ClientFolder } from '../../wpa/client-folder.js';
import type { ExamineOptions, RunningConfiguration } from '../examine.js';
import type { ConfigurationFacts, Facts } from '../facts.js';
import type { Sources } from '../sources.js';
import { Accounts } from './accounts.js';
import { gatherAddressing } from './addressing.js';
import { gatherControl } from './control.js';
import { gatherDevice } from './device.js';
import { gatherFiles } from './files.js';
import { gatherProcesses } from './processes.js';
import { gatherRadios } from './radios.js';
import { gatherServices } from './services.js';
import { gatherSupplicants } from './supplicants.js';

/** Gathers all facts; whatever cannot be had is told as such. */
export async function gather(options: ExamineOptions, sources: Sources): Promise<Facts> {
  const { root, environment, user } = sources;
  const { running } = options;
  const session = running === undefined || 'problem' in running ? null : running;
  const configuration = await gatherConfiguration(options, sources);
  const { settings } = configuration;
  const clientFolder = ClientFolder.place(environment, user.uid) ?? environment['TMPDIR'] ?? '/tmp';
  const [accounts, processes, radios, files] = await Promise.all([
    Accounts.read(sources),
    gatherProcesses(root),
    gatherRadios(sources),
    gatherFiles(sources, configuration, clientFolder, session?.folder ?? process.cwd()),
  ]);
  const [supplicant, services, addressing, control] = await Promise.all([
    gatherSupplicants(sources, processes, clientFolder),
    gatherServices(sources, processes),
    gatherAddressing(sources, settings, processes),
    gatherControl(sources, accounts, settings.ctrl_interface, clientFolder),
  ]);
  const wanted = options.interface ?? session?.interface ?? settings.interface;
  return {
    nodeVersion: sources.nodeVersion,
    addonProblem: sources.addonProblem,
    user: { uid: user.uid, name: accounts.user(user.uid) },
    configuration,
    supplicant,
    control,
    device: await gatherDevice(sources, control, wanted, radios.interfaces),
    radios,
    services,
    addressing,
    files,
  };
}

async function gatherConfiguration(options: ExamineOptions, sources: Sources): Promise<ConfigurationFacts> {
  const { configFile, running } = options;
  if (running !== undefined && !('problem' in running)) return gatherRunning(running, sources);
  const common = { running: null, untold: running?.problem ?? null, secretsHidden: false };
  try {
    const review = await reviewConfiguration(surroundings(sources, configFile));
    return { ...review.configuration, ...common, unreadable: null, problems: review.problems };
  } catch (error) {
    if (!(error instanceof HostP2pError)) throw error;
    return { ...defaultConfiguration(), ...common, source: null, unreadable: error.message, problems: [] };
  }
}

function surroundings({ environment, root }: Sources, file: string | undefined): Surroundings {
  return { file, env: environment, systemFile: join(root, 'etc/hostp2pd.yaml') };
}

/**
 * The configuration of a session that runs: its file as it is now, for a person who has just changed it, with what the
 * session's command line says; else the values that it runs with.
 */
async function gatherRunning(running: RunningConfiguration, sources: Sources): Promise<ConfigurationFacts> {
  const { source, given } = running;
  const { configuration } = reviewValues(running.settings, running.logging, source);
  const inForce: ConfigurationFacts = {
    ...configuration,
    running,
    untold: null,
    secretsHidden: source.kind !== 'defaults' || given.includes('pin'),
    unreadable: null,
    problems: [],
  };
  if (source.kind !== 'file') return inForce;
  try {
    const file = await reviewConfiguration(surroundings(sources, source.path));
    const overlaid = Object.entries(configuration.settings).filter(([key]) => given.includes(key));
    const settings = { ...file.configuration.settings, ...Object.fromEntries(overlaid) };
    return {
      ...inForce,
      ...file.configuration,
      settings,
      secretsHidden: given.includes('pin'),
      problems: file.problems,
    };
  } catch (error) {
    if (!(error instanceof HostP2pError)) throw error;
    // It is read by another user than this one.
    if (codeOf(error.cause) === 'EACCES') return inForce;
    return { ...inForce, unreadable: error.message };
  }
}
