import { addressing, shareInternet } from './checks/addressing.js';
import * as configuration from './checks/configuration.js';
import * as connections from './checks/connections.js';
import * as control from './checks/control.js';
import * as device from './checks/interface.js';
import * as machine from './checks/machine.js';
import * as daemons from './checks/network-daemons.js';
import * as program from './checks/program.js';
import * as radio from './checks/radio.js';
import * as supplicant from './checks/supplicant.js';
import type { Facts } from './facts.js';
import { blocked, type Finding, unknown, type Verdicts } from './report.js';

interface Check {
  /** In kebab-case. It never changes. native-notes/doctor.md says what the check looks at. */
  readonly id: string;
  /** Judges facts and does nothing else. */
  readonly judge: (facts: Facts) => Verdicts;
  /** Settings that it judges: if the value of one is wrong, there is nothing to judge. */
  readonly uses?: readonly string[];
  /** It looks for a running program: one that is hidden may run all the same. */
  readonly ofProcess?: true;
  /** It looks at what this user may do, which says nothing about a session of another user. */
  readonly asUser?: true;
}

/** All checks, in the order of the report: first what others depend on. */
export const CHECKS: readonly Check[] = [
  { id: 'node-version', judge: program.nodeVersion },
  { id: 'addon', judge: program.addon },
  { id: 'configuration', judge: configuration.configuration },
  { id: 'config-permissions', judge: configuration.configPermissions },
  { id: 'pin', judge: configuration.pin, uses: ['pin', 'pin_module'] },
  { id: 'push-button', judge: configuration.pushButton, uses: ['pbc_in_use', 'pbc_white_list'] },
  { id: 'container', judge: machine.container },
  { id: 'supplicant-running', judge: supplicant.supplicantRunning },
  { id: 'supplicant-version', judge: supplicant.supplicantVersion },
  { id: 'second-supplicant', judge: supplicant.secondSupplicant },
  { id: 'update-config', judge: supplicant.updateConfig },
  { id: 'device-file', judge: supplicant.deviceFile },
  { id: 'control-folder', judge: control.controlFolder, uses: ['ctrl_interface'] },
  { id: 'control-permission', judge: control.controlPermission, uses: ['ctrl_interface'], asUser: true },
  { id: 'control-socket', judge: control.controlSocket, uses: ['ctrl_interface'] },
  { id: 'client-folder', judge: control.clientFolder, uses: ['ctrl_interface'] },
  { id: 'control-events', judge: control.controlEvents },
  { id: 'interface-name', judge: device.interfaceName, uses: ['interface', 'ctrl_interface'] },
  { id: 'interface-name-length', judge: device.interfaceNameLength },
  { id: 'p2p-device', judge: device.p2pDevice },
  { id: 'leaked-group', judge: device.leakedGroup },
  { id: 'p2p-go', judge: radio.p2pGo },
  { id: 'interface-combinations', judge: radio.interfaceCombinations },
  { id: 'channel', judge: radio.channel, uses: ['p2p_group_add_opts'] },
  { id: 'keep-station', judge: radio.keepStation },
  { id: 'rfkill', judge: radio.rfkill },
  { id: 'country', judge: radio.country },
  { id: 'driver-faults', judge: machine.driverFaults },
  { id: 'random-address', judge: device.randomAddress },
  { id: 'link-policy', judge: daemons.linkPolicy, ofProcess: true },
  { id: 'network-manager', judge: daemons.networkManager, ofProcess: true },
  { id: 'device-name', judge: connections.deviceName, uses: ['config_parms'] },
  { id: 'connection-profiles', judge: connections.connectionProfiles, ofProcess: true },
  { id: 'netplan', judge: connections.netplan },
  { id: 'dhcpcd', judge: daemons.dhcpcd, ofProcess: true },
  {
    id: 'addressing',
    judge: addressing,
    uses: ['addressing', 'group_address', 'announce_router', 'share_internet'],
  },
  { id: 'share-internet', judge: shareInternet, uses: ['addressing', 'share_internet'] },
  { id: 'log-file', judge: program.logFile, uses: ['file'], asUser: true },
  { id: 'recording', judge: program.recording, uses: ['record'], asUser: true },
  { id: 'pid-file', judge: program.pidFile, asUser: true },
  { id: 'state-folder', judge: program.stateFolder, uses: ['state_folder'], asUser: true },
  { id: 'runtime-folder', judge: program.runtimeFolder, asUser: true },
  { id: 'hook', judge: program.hook, uses: ['run_program'], asUser: true },
  { id: 'pin-module', judge: program.pinModule, uses: ['pin_module'], asUser: true },
];

/** The findings of all checks. */
export function judgeAll(facts: Facts): Finding[] {
  return CHECKS.flatMap((check) => judge(check, facts).map((verdict) => ({ check: check.id, ...verdict })));
}

function judge({ uses = [], ofProcess, asUser, judge: check }: Check, facts: Facts): Verdicts {
  const { running } = facts.configuration;
  // The default stands in for a wrong value. The user learns about the value, and nothing that follows from the default.
  const unusable = uses.find((key) => configuration.isUnusable(facts.configuration, key));
  if (unusable !== undefined) return blocked(`the value of ${unusable} is not usable (see configuration)`);
  if (asUser === true && running !== null && running.uid !== facts.user.uid)
    return unknown(`${facts.user.name} runs the doctor, and hostp2pd runs as another user`);
  if (ofProcess === true && !facts.supplicant.visible)
    return unknown('processes of other users are hidden; run the doctor as root');
  return check(facts);
}
