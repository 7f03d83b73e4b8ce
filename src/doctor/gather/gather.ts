import { defaultConfiguration, HostP2pError, ownFolders, reviewConfiguration } from '../../index.js';
import type { ExamineOptions } from '../examine.js';
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
  const configuration = await gatherConfiguration(options, sources);
  const { settings } = configuration;
  const clientFolder = ownFolders(settings, environment, user.uid).sockets ?? environment['TMPDIR'] ?? '/tmp';
  const [accounts, processes, radios, files] = await Promise.all([
    Accounts.read(sources),
    gatherProcesses(root),
    gatherRadios(sources),
    gatherFiles(sources, configuration, clientFolder),
  ]);
  const [supplicant, services, addressing, control] = await Promise.all([
    gatherSupplicants(sources, processes, clientFolder),
    gatherServices(sources, processes),
    gatherAddressing(sources, settings, processes),
    gatherControl(sources, accounts, settings.ctrl_interface, clientFolder),
  ]);
  const wanted = options.interface ?? settings.interface;
  return {
    nodeVersion: sources.nodeVersion,
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

async function gatherConfiguration(
  { configFile }: ExamineOptions,
  { environment }: Sources,
): Promise<ConfigurationFacts> {
  try {
    const { configuration, problems } = await reviewConfiguration({ file: configFile, env: environment });
    return { ...configuration, unreadable: null, problems };
  } catch (error) {
    if (!(error instanceof HostP2pError)) throw error;
    return { ...defaultConfiguration(), source: null, unreadable: error.message, problems: [] };
  }
}
