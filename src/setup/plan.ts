import { sectionsOf } from '../config/document.js';
import { reviewValues } from '../config/load.js';
import { formatProblems } from '../config/problem.js';
import { nameFile, otherName } from '../doctor/checks/connections.js';
import {
  changesAddress,
  configuresGroups,
  linkPolicy,
  manages,
  requestsOnGroups,
} from '../doctor/checks/network-daemons.js';
import { judgeAll } from '../doctor/checks.js';
import { DAEMON_FILES, install } from '../doctor/daemon-files.js';
import type { ConnectionProfile, NetworkManagerFacts } from '../doctor/facts.js';
import { isSilent } from '../doctor/gather/control-sockets.js';
import {
  isUnitOf,
  otherUser,
  servesRadio,
  startByIfupdown,
  unseenProcesses,
} from '../doctor/supplicant-service.js';
import { HostP2pError } from '../system/errors.js';
import { isGroup } from '../system/interface-names.js';
import { isMissing } from '../system/missing.js';
import { printable } from '../system/names.js';
import { quoted } from '../system/values.js';
import { parseStatus } from '../wpa/reply.js';
import type { Answers } from './answers.js';
import { editSettings } from './edit-settings.js';
import { CONFIGURATION, DHCPCD, type Survey, serviceOf, supplicantFile, unitState } from './survey.js';
import type { UnitState } from './unit-states.js';
import { settingChanges } from './wanted-settings.js';

/** What setup will do, decided from what it knows about the machine and from the answers. Nothing is changed here. */

export type Command = readonly [program: string, ...args: readonly string[]];

export interface FileChange {
  readonly path: string;
  readonly content: string;
  /** Null: it stays as it is. */
  readonly mode: number | null;
  /** What `content` was made from; null: there was no file. If the file is another one by then, it is not replaced. */
  readonly from?: string | null;
}

/** Files and the commands that make them take effect. To undo it, the files are put back, and then `undo` is run. */
export interface Step {
  /** One sentence for a person. */
  readonly what: string;
  readonly files: readonly FileChange[];
  readonly run: readonly Command[];
  readonly undo: readonly Command[];
  /** The connection of the radio ends for some seconds. */
  readonly interrupts?: true;
}

/** Checks of the doctor whose errors setup cannot do anything about. */
const MUST_PASS = ['addon', 'configuration', 'container', 'p2p-go', 'rfkill', 'second-supplicant'];

const AS_ROOT = 'run setup as root, outside of a container';

/** Why setup cannot do its work, with what to do; empty: it can. */
export function obstacles(survey: Survey): string[] {
  const { facts, radio, systemd } = survey;
  if (!systemd) return ['setup needs systemd, which does not run here; see packaging/docs/install.md'];
  // A program that has the radio, or a group, may be among them.
  if (!facts.supplicant.visible) return [`the processes of other users are hidden. Fix: ${AS_ROOT}`];
  const findings = judgeAll(facts).filter(({ level }) => level === 'error');
  const texts = (checks: readonly string[]) =>
    findings.flatMap(({ check, message, fix }) => (checks.includes(check) ? `${message}. Fix: ${fix}` : []));
  const found = texts(MUST_PASS);
  if (found.length > 0) return found;
  if (facts.supplicant.program === null) return texts(['supplicant-running']);
  const steps = changing(networkManagerSteps(survey), survey.texts);
  const lost = steps.some((step) => step.interrupts) ? lostConnections(survey) : [];
  if (lost.length > 0) return lost;
  if (facts.device.name !== null) return [];
  const { networkManager, ifupdown } = facts.services;
  const serving = facts.supplicant.processes.filter((process) => servesRadio(process, radio));
  const managed = facts.device.radios.some((one) => networkManager !== null && manages(networkManager, one));
  if (serving.length === 0 && !managed) {
    const [unseen] = unseenProcesses(facts);
    if (unseen !== undefined)
      return [
        `the sockets of wpa_supplicant (pid ${unseen.pid}) are hidden, so it may serve ${radio}. Fix: ${AS_ROOT}`,
      ];
    if (isMissing(ifupdown)) return [`ifupdown may connect ${radio}: ${ifupdown.missing}. Fix: ${AS_ROOT}`];
    // A wpa_supplicant of our own would keep that of ifupdown from the radio.
    if (ifupdown.wpa.includes(radio))
      return [
        `ifupdown connects ${radio} (/etc/network/interfaces), and ${radio} is down. Fix: ${startByIfupdown(radio)}; or take its lines out of that file`,
      ];
    return otherProgram(survey);
  }
  const reasons = texts([
    'control-folder',
    'control-permission',
    'control-socket',
    'p2p-device',
    'interface-name',
  ]);
  if (reasons.length > 0) return reasons;
  const who = managed ? 'NetworkManager manages' : 'a wpa_supplicant serves';
  return [`${who} ${radio}, but no wpa_supplicant answers for it. Fix: hostp2pd doctor shows why`];
}

/** A radio that is in use although no wpa_supplicant serves it: one beside that program would end what it does. */
function otherProgram({ facts, radio, loggedIn }: Survey): string[] {
  const { inUse } = facts.radios;
  if (isMissing(inUse)) return [`it is not known what ${radio} is used for: ${inUse.missing}`];
  const user = otherUser(facts);
  if (user !== null) return [`${user.what}. Fix: ${user.fix}; or name another radio with -i`];
  const use = inUse.find(({ name }) => name === radio);
  const isUsed = use !== undefined && (use.frequency !== null || use.type !== 'managed');
  if (!isUsed && !loggedIn) return [];
  const how = isUsed ? ` (${use.type})` : '';
  return [
    `${radio} is in use${how}, and not by a wpa_supplicant: by iwd or hostapd, for example. Fix: end that program, or name another radio with -i`,
  ];
}

/**
 * Connections and hotspots that would not come back after a restart of NetworkManager, which ends those of all its radios. The user may
 * be logged in over one.
 */
function lostConnections(survey: Survey): string[] {
  const { networkManager } = survey.facts.services;
  if (networkManager === null) return [];
  return interruptedUses(survey, networkManager).flatMap((use) => {
    const problem = returnProblem(use, networkManager);
    return problem === null ? [] : `NetworkManager has to be restarted, and ${problem}`;
  });
}

/**
 * Why undo would end a connection for good, over which the user may be logged in; empty: it would not.
 * @param units those that undo stops, and those that it restarts
 */
export function undoObstacles(
  survey: Survey,
  units: { readonly stops: readonly string[]; readonly restarts: readonly string[] },
): string[] {
  const { network, radio } = survey;
  const lost = units.restarts.includes('NetworkManager') ? lostConnections(survey) : [];
  // The user may have written a network into its file since.
  const stopped = units.stops.find(
    (unit) => /^(?:wpa_supplicant|netplan-wpa)/.test(unit) && isUnitOf(unit, radio),
  );
  if (network === null || stopped === undefined) return lost;
  return [
    ...lost,
    `${stopped} would be stopped, and the connection of ${radio} to ${printable(network)} would end for good. Fix: log in over a cable, and sudo wpa_cli -i ${radio} disconnect`,
  ];
}

/** What NetworkManager has a radio for. */
interface Use {
  readonly radio: string;
  /** Null: it is not known. */
  readonly ssid: string | null;
  /** False: it is a hotspot. */
  readonly station: boolean;
}

function interruptedUses({ facts, radio, network }: Survey, manager: NetworkManagerFacts): Use[] {
  const own = network === null ? [] : [{ radio, ssid: network, station: true }];
  const others = facts.radios.interfaces.flatMap((one): Use[] => {
    const { name } = one;
    if (isGroup(name) || !manages(manager, one) || own.some((use) => use.radio === name)) return [];
    const socket = facts.control.sockets.find((other) => other.name === name);
    if (socket === undefined) return [];
    if (isSilent(socket)) return [{ radio: name, ssid: null, station: true }];
    if (!('status' in socket.answer)) return [];
    const { state, mode, ssid } = parseStatus(socket.answer.status);
    const station = mode === null || mode === 'station';
    if (state !== 'COMPLETED' || (!station && mode !== 'AP')) return [];
    return [{ radio: name, ssid: ssid ?? '', station }];
  });
  return [...own, ...others];
}

/** Why NetworkManager would not establish it again by itself, with what to do; null: it would. */
function returnProblem({ radio, ssid, station }: Use, { profiles }: NetworkManagerFacts): string | null {
  if (ssid === null)
    return `whether ${radio} is connected is not known: wpa_supplicant does not answer for it. Fix: hostp2pd doctor shows why`;
  const what = station
    ? `the connection of ${radio} to ${printable(ssid)}`
    : `the hotspot ${printable(ssid)} of ${radio}`;
  if (isMissing(profiles)) return `${what} may not come back by itself: ${profiles.missing}. Fix: ${AS_ROOT}`;
  const fitting = profiles.filter(
    (profile) =>
      profile.ssid === ssid &&
      profile.station === station &&
      (profile.interface === null || profile.interface === radio),
  );
  const problems = fitting.map(profileProblem);
  if (problems.includes(null)) return null;
  if (problems[0]) return `${what} would not come back by itself${problems[0]}`;
  const way = station ? 'connect' : 'hotspot';
  return `${what} may not come back by itself: NetworkManager has no file for it. Fix: make it by "sudo nmcli device wifi ${way}", or log in over a cable and disconnect ${radio}`;
}

function profileProblem({ name, path, automatic, exposed, askedSecret }: ConnectionProfile): string | null {
  const modify = `sudo nmcli connection modify ${quoted(name)}`;
  if (exposed)
    return `: others than root can read or change its file, which NetworkManager then ignores. Fix: sudo chmod 600 ${quoted(path)}`;
  if (askedSecret !== null)
    return `: its password is not in its file, but a desktop or a person gives it. Fix: ${modify} ${askedSecret}-flags 0 ${askedSecret} PASSWORD`;
  return automatic ? null : `. Fix: ${modify} connection.autoconnect yes`;
}

/** Who serves the radio, in words. */
export function serverText({ facts, radio }: Survey): string {
  if (facts.device.name === null) return 'no program serves it yet';
  const { networkManager } = facts.services;
  if (networkManager !== null && facts.device.radios.some((one) => manages(networkManager, one)))
    return 'NetworkManager manages it';
  const process = facts.supplicant.processes.find((one) => servesRadio(one, radio));
  if (process?.ofIfupdown) return 'the wpa_supplicant of ifupdown serves it';
  return process?.unit ? `the wpa_supplicant of ${process.unit} serves it` : 'a wpa_supplicant serves it';
}

/** The steps, in their order; none if the machine is set up like this already. */
export async function plan(survey: Survey, answers: Answers): Promise<readonly Step[]> {
  return [
    ...changing(
      [
        ...nameSteps(survey, answers),
        ...networkManagerSteps(survey),
        ...linkSteps(survey),
        ...dhcpcdSteps(survey),
      ],
      survey.texts,
    ),
    ...supplicantSteps(survey, answers),
    ...(await serviceSteps(survey, answers)),
  ];
}

/** Without what is there already, and yet has no effect, because a later file of the user says something else. */
function changing(steps: readonly Step[], texts: Survey['texts']): readonly Step[] {
  return steps
    .map((step) => ({
      ...step,
      files: step.files.filter(({ path, content }) => texts.get(path) !== content),
    }))
    .filter(({ files }) => files.length > 0);
}

type DaemonFile = (typeof DAEMON_FILES)[keyof typeof DAEMON_FILES];

function fileOf({ place, lines }: DaemonFile): FileChange {
  return { path: place, content: `${lines.join('\n')}\n`, mode: 0o644 };
}

/** A command that is right both after the files have been written and after they have been put back. */
function both(...command: Command): Pick<Step, 'run' | 'undo'> {
  return { run: [command], undo: [command] };
}

function networkManagerSteps({ facts, radio }: Survey): Step[] {
  const { device, services } = facts;
  const { networkManager } = services;
  if (networkManager === null) return [];
  const managed = device.radios.some((one) => one.name === radio && manages(networkManager, one));
  const groups = configuresGroups(networkManager, device) ? [fileOf(DAEMON_FILES.networkManager)] : [];
  if (!managed) {
    if (groups.length === 0) return [];
    const what = 'NetworkManager leaves the interfaces of groups alone.';
    return [{ what, files: groups, ...both('systemctl', 'reload', 'NetworkManager') }];
  }
  const steps: Step[] = [];
  if (!networkManager.removalDenied)
    steps.push({
      what: `NetworkManager keeps ${radio} and its connection, and may not remove groups.`,
      files: [fileOf(DAEMON_FILES.dbus)],
      ...both('systemctl', 'reload', 'dbus'),
    });
  const keepsAddress = !device.radios.some((one) => changesAddress(networkManager, one));
  const files = keepsAddress ? groups : [...groups, fileOf(DAEMON_FILES.networkManagerAddress)];
  if (files.length > 0)
    steps.push({
      what: `NetworkManager is restarted, so that ${radio} keeps its address during scans. Its Wi-Fi connections end for some seconds.`,
      files,
      ...both('systemctl', 'restart', 'NetworkManager'),
      interrupts: true,
    });
  return steps;
}

/** It reads the name whenever it gives it, so no restart is needed. The service gives the same name when it starts. */
function nameSteps({ facts }: Survey, { name }: Answers): Step[] {
  if (otherName(facts, name) === null) return [];
  const what = 'NetworkManager gives the P2P device the same name.';
  const files = [{ ...nameFile(name), mode: 0o644 }];
  return [{ what, files, ...both('systemctl', 'reload', 'NetworkManager') }];
}

function linkSteps({ facts }: Survey): Step[] {
  if (!linkPolicy(facts).some(({ fix }) => fix === install(DAEMON_FILES.udev))) return [];
  const what = 'udev leaves the addresses of group interfaces alone.';
  return [{ what, files: [fileOf(DAEMON_FILES.udev)], ...both('udevadm', 'control', '--reload') }];
}

function dhcpcdSteps({ facts: { device, services }, texts }: Survey): Step[] {
  if (services.dhcpcd === null || !requestsOnGroups(services.dhcpcd, device)) return [];
  const { lines } = DAEMON_FILES.dhcpcd;
  // Lines below the first block of the file apply to that block only.
  const content = `${lines.join('\n')}\n${texts.get(DHCPCD) ?? ''}`;
  return [
    {
      what: 'dhcpcd requests no address on group interfaces. It is restarted, and its connections end for some seconds.',
      files: [{ path: DHCPCD, content, mode: null, from: texts.get(DHCPCD) ?? null }],
      ...both('systemctl', 'restart', 'dhcpcd'),
      interrupts: true,
    },
  ];
}

/** Only where no program serves the radio. */
function supplicantSteps(survey: Survey, { country }: Answers): Step[] {
  const { facts, radio, texts, hasNetdev } = survey;
  if (facts.device.name !== null) return [];
  const ready = facts.supplicant.readyUnits.find((unit) => isUnitOf(unit, radio));
  const unit = ready ?? `wpa_supplicant@${radio}`;
  const path = supplicantFile(radio);
  const lines = [
    `ctrl_interface=DIR=/run/wpa_supplicant${hasNetdev ? ' GROUP=netdev' : ''}`,
    ...(country === null ? [] : [`country=${country}`]),
  ];
  const files = (texts.get(path) ?? null) === null && ready === undefined;
  return [
    {
      what: `A wpa_supplicant serves ${radio}, now and at each boot.`,
      files: files ? [{ path, content: `${lines.join('\n')}\n`, mode: 0o600, from: null }] : [],
      ...starting(unit, unitState(survey, unit)),
    },
  ];
}

async function serviceSteps(survey: Survey, answers: Answers): Promise<Step[]> {
  const { texts, unitFiles, device } = survey;
  const steps: Step[] = [];
  const service = serviceOf(survey);
  const state = unitState(survey, service);
  if (!state.known)
    steps.push({
      what: 'systemd knows the units of hostp2pd.',
      files: [...unitFiles].map(([name, content]) => ({
        path: `/etc/systemd/system/${name}`,
        content,
        mode: 0o644,
      })),
      ...both('systemctl', 'daemon-reload'),
    });
  const changes = settingChanges(survey, answers);
  const from = texts.get(CONFIGURATION) ?? null;
  const text = from ?? '';
  const content = changes.length === 0 ? text : await editSettings(text, changes, CONFIGURATION);
  if (content !== text) await expectValid(content);
  const start = starting(service, state);
  const isRunning = state.active;
  if (content === text && start.run.length === 0) return steps;
  const restart: readonly Command[] =
    isRunning && content !== text ? [['systemctl', 'restart', service]] : [];
  steps.push({
    what: `hostp2pd serves ${device}, now and at each boot.`,
    files: content === text ? [] : [{ path: CONFIGURATION, content, mode: 0o600, from }],
    run: [...start.run, ...restart],
    undo: [...start.undo, ...restart],
  });
  return steps;
}

/** Answers may not fit the settings that stay. @throws {HostP2pError} STATE with all problems */
async function expectValid(text: string): Promise<void> {
  const { parseYaml } = await import('../config/yaml.js');
  const { hostp2pd, logging, hostp2pdPath } = sectionsOf(parseYaml(text, CONFIGURATION));
  const source = { kind: 'file', path: CONFIGURATION } as const;
  const { problems } = reviewValues(hostp2pd, logging, source, hostp2pdPath);
  if (problems.length > 0)
    throw new HostP2pError(
      'STATE',
      `setup: the answers do not fit ${CONFIGURATION}:\n${formatProblems(problems)}`,
    );
}

/** The commands that start a unit now and at each boot, and those that put it back. */
function starting(unit: string, { enabled, active }: UnitState): Pick<Step, 'run' | 'undo'> {
  if (enabled && active) return { run: [], undo: [] };
  if (enabled) return { run: [['systemctl', 'start', unit]], undo: [['systemctl', 'stop', unit]] };
  if (active) return { run: [['systemctl', 'enable', unit]], undo: [['systemctl', 'disable', unit]] };
  return {
    run: [['systemctl', 'enable', '--now', unit]],
    undo: [['systemctl', 'disable', '--now', unit]],
  };
}
