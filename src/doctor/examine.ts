import { ClientFolder } from '../wpa/client-folder.js';
import { examinedText } from './checks/configuration.js';
import { judgeAll } from './checks.js';
import type { Facts } from './facts.js';
import { gatherAddressing } from './gather/address-servers.js';
import { type ExamineOptions, gatherConfiguration, sessionOf } from './gather/configuration-in-use.js';
import { gatherControl, gatherDevice } from './gather/control-sockets.js';
import { gatherMachine } from './gather/machine.js';
import { gatherServices } from './gather/network-daemon-files.js';
import { gatherFiles, userName } from './gather/own-files.js';
import { gatherProcesses, gatherSupplicants } from './gather/processes.js';
import { gatherRadios } from './gather/radios.js';
import { type Sources, systemSources } from './gather/sources.js';
import { type Report, reportOf } from './report.js';

/**
 * Looks for everything that keeps a session from working. Nothing is changed, and a running session is not disturbed:
 * wpa_supplicant is asked only questions. Takes a few seconds at most, and never rejects because of what it finds.
 */
export async function examine(
  options: ExamineOptions = {},
  sources: Sources = systemSources(),
): Promise<Report> {
  const facts = await gather(options, sources);
  return reportOf(judgeAll(facts), examinedText(facts.configuration));
}

/** Reads all facts. What cannot be read is recorded as unknown. */
export async function gather(options: ExamineOptions, sources: Sources): Promise<Facts> {
  const { root, environment, user, nodeVersion, addonProblem } = sources;
  const session = sessionOf(options);
  const configuration = await gatherConfiguration(options, sources);
  const { settings } = configuration;
  const clientFolder = ClientFolder.place(environment, user.uid) ?? environment['TMPDIR'] ?? '/tmp';
  const [processes, radios, files, name] = await Promise.all([
    gatherProcesses(root),
    gatherRadios(sources),
    gatherFiles(sources, configuration, clientFolder, session?.folder ?? process.cwd()),
    userName(root, user.uid),
  ]);
  const [supplicant, services, addressing, control, machine] = await Promise.all([
    gatherSupplicants(root, processes, clientFolder),
    gatherServices(sources, processes),
    gatherAddressing(sources, settings, processes),
    gatherControl(sources, settings.ctrl_interface, clientFolder),
    gatherMachine(sources, radios.interfaces),
  ]);
  const requested = options.interface ?? session?.interface ?? settings.interface;
  return {
    nodeVersion,
    addonProblem,
    user: { uid: user.uid, name },
    configuration,
    supplicant,
    control,
    device: await gatherDevice(sources, control, requested, radios.interfaces),
    radios,
    services,
    addressing,
    files,
    machine,
  };
}
