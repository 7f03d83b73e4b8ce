import { hostname } from 'node:os';
import { join } from 'node:path';
import { overlappingInterface } from '../addressing/network-interface.js';
import { parseSubnet } from '../config/ipv4.js';
import { NAME_FILE } from '../doctor/checks/connections.js';
import { DAEMON_FILES } from '../doctor/daemon-files.js';
import { gather } from '../doctor/examine.js';
import type { Facts } from '../doctor/facts.js';
import { isSilent } from '../doctor/gather/control-sockets.js';
import {
  entriesOf,
  fileText,
  findProgram,
  type Sources,
  statsOf,
  textOf,
  wordOf,
} from '../doctor/gather/sources.js';
import { HostP2pError } from '../system/errors.js';
import { deviceInterfaceOf, isDevice, parentOf } from '../system/interface-names.js';
import { isMissing, known } from '../system/missing.js';
import { type RetryTimes, retry } from '../system/retry.js';
import { packageFolder } from '../system/version.js';
import { parseStationUse } from '../wpa/reply.js';
import { type UnitState, unitStates } from './unit-states.js';

/** What setup has to know about the machine: the facts of the doctor, and what the plan compares with. */
export interface Survey {
  readonly facts: Facts;
  /** Instance of the service: the P2P device, or the radio if the driver has none. */
  readonly device: string;
  readonly radio: string;
  /** The network to which the radio is connected as a station; null: none. */
  readonly network: string | null;
  /** The user is logged in over the radio. */
  readonly loggedIn: boolean;
  readonly systemd: boolean;
  /** The state of a unit, by its name without `.service`; for the service of hostp2pd and that of wpa_supplicant. */
  readonly units: ReadonlyMap<string, UnitState>;
  /** Files that the plan may change, by path; null: there is none. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Unit files that the npm package has, by their path below /etc/systemd/system. */
  readonly unitFiles: ReadonlyMap<string, string>;
  readonly hostName: string;
  /** nftables is installed, which shares the internet. */
  readonly hasNft: boolean;
  /** There is a group `netdev`, which may use the sockets of wpa_supplicant (Debian). */
  readonly hasNetdev: boolean;
  /** An address for the group that is in no network of this machine; null: `group_address` is free. */
  readonly otherAddress: string | null;
}

export const CONFIGURATION = '/etc/hostp2pd.yaml';
export const DHCPCD = '/etc/dhcpcd.conf';

export function supplicantFile(radio: string): string {
  return `/etc/wpa_supplicant/wpa_supplicant-${radio}.conf`;
}

/** The service, and the same with a watchdog, which the user may have chosen. */
export function serviceUnits(device: string): readonly [usual: string, watched: string] {
  return [`hostp2pd@${device}`, `hostp2pd-notify@${device}`];
}

/** The unit of hostp2pd that the user has chosen; by default the one without a watchdog. */
export function serviceOf(survey: Pick<Survey, 'device' | 'units'>): string {
  const [usual, watched] = serviceUnits(survey.device);
  const chosen = unitState(survey, watched);
  return chosen.enabled || chosen.active ? watched : usual;
}

/** @throws {Error} if systemd was not asked about it: a unit counts as stopped only if it is known to be */
export function unitState({ units }: Pick<Survey, 'units'>, unit: string): UnitState {
  const state = units.get(unit);
  if (state === undefined) throw new Error(`the state of ${unit} is not known`);
  return state;
}

/**
 * @param requested the interface of `-i`
 * @throws {HostP2pError} STATE if systemd runs and does not answer
 */
export async function survey(sources: Sources, requested: string | undefined): Promise<Survey> {
  const { root, networks } = sources;
  const there = (await statsOf(root, CONFIGURATION)) !== null;
  // The service reads this file; the null device is a file without settings.
  const configFile = there ? join(root, CONFIGURATION) : '/dev/null';
  const facts = await withAnswers(() => gather({ interface: requested, configFile }, sources));
  const [first] = facts.device.radios;
  const able = facts.device.radios.find(({ phy }) => canBeOwner(facts, phy)) ?? first;
  const radio = facts.device.name === null ? (able?.name ?? 'wlan0') : parentOf(facts.device.name);
  const device = facts.device.name ?? (hasDevice(facts, able?.phy) ? deviceInterfaceOf(radio) : radio);
  const daemonFiles = Object.values(DAEMON_FILES).map(({ place }) => place);
  const paths = [CONFIGURATION, ...daemonFiles, NAME_FILE, supplicantFile(radio)];
  const units = [...serviceUnits(device), `wpa_supplicant@${radio}`, ...facts.supplicant.readyUnits];
  const systemd = (await statsOf(root, 'run/systemd/system')) !== null;
  const station = facts.control.sockets.find(({ name }) => name === radio)?.answer;
  const use = station && 'status' in station ? parseStationUse(station.status) : null;
  const isFree = (address: string) => {
    const subnet = parseSubnet(address);
    return subnet !== null && overlappingInterface(null, subnet, networks()) === null;
  };
  return {
    facts,
    device,
    radio,
    network: use?.state === 'connected' ? (use.ssid ?? '') : null,
    loggedIn: await isLoggedInOver(sources, radio),
    systemd,
    units: systemd ? await unitStates(sources.run, units) : new Map(),
    texts: new Map(await Promise.all(paths.map(async (path) => [path, await textFor(root, path)] as const))),
    unitFiles: await shippedUnits(),
    hostName: hostname(),
    hasNft: (await findProgram(root, 'nft')) !== null,
    hasNetdev: /^netdev:/m.test((await textOf(root, 'etc/group')) ?? ''),
    otherAddress: facts.addressing.conflict === null ? null : (OTHER_ADDRESSES.find(isFree) ?? null),
  };
}

/** @throws {HostP2pError} STATE if the file is there and cannot be read */
async function textFor(root: string, path: string): Promise<string | null> {
  const text = await fileText(root, path);
  if (isMissing(text)) throw new HostP2pError('STATE', `setup: ${text.missing}`);
  return text;
}

/** Programs answer late on a busy machine, and while they start. */
const ANSWER_TIMES: RetryTimes = { limitMs: 60_000, pauseMs: 1_000 };

/**
 * The facts, with all answers that decide about changes.
 * @throws {HostP2pError} CONTROL_TIMEOUT if one does not come
 */
export function withAnswers(look: () => Promise<Facts>, times = ANSWER_TIMES): Promise<Facts> {
  return retry(async () => {
    const facts = await look();
    const reason = unanswered(facts);
    if (reason === null) return facts;
    throw new HostP2pError('CONTROL_TIMEOUT', `setup: ${reason}`);
  }, times);
}

/** Which answer is missing that decides about a change; null: none is. What only root can read is an obstacle, or no change. */
export function unanswered({ control, device, radios, services }: Facts): string | null {
  const { name, requested, reported } = device;
  const ofRadio = (interfaceName: string) => device.radios.find((radio) => radio.name === interfaceName);
  const awaited = control.sockets.filter(isSilent).find(
    (socket) =>
      // Without it its radio would be taken in its place, and a second service would be started for that.
      (requested === 'auto' && isDevice(socket.name)) ||
      socket.name === requested ||
      // Whether it is connected decides what may be interrupted.
      ofRadio(socket.name) !== undefined,
  );
  if (awaited !== undefined) return `wpa_supplicant does not answer for ${awaited.name}`;
  if (name !== null && isMissing(reported)) return reported.missing;
  const { networkManager } = services;
  if (networkManager !== null) {
    const { states } = networkManager;
    if (isMissing(states))
      return `NetworkManager does not report the states of its devices: ${states.missing}`;
    // Some time after its start it lists all that there are, also those that it does not manage.
    const listed = states.split('\n').map((line) => line.split(':', 1)[0]);
    const radio = device.radios.find((one) => !listed.includes(one.name));
    if (radio !== undefined) return `NetworkManager does not list ${radio.name}`;
  }
  const { inUse, capabilities } = radios;
  const hasStatus = (radio: string) =>
    control.sockets.some((socket) => socket.name === radio && 'status' in socket.answer);
  const [unasked] = device.radios.filter((radio) => !hasStatus(radio.name));
  if (unasked === undefined) return null;
  // Then only iw can tell what it is used for.
  if (isMissing(inUse)) return inUse.missing;
  if (name === null) return isMissing(capabilities) ? capabilities.missing : null;
  const use = inUse.find((one) => one.name === unasked.name && one.type === 'managed');
  const isConnected = use !== undefined && use.frequency !== null;
  return isConnected
    ? `${unasked.name} is connected, and wpa_supplicant does not report to which network`
    : null;
}

const OTHER_ADDRESSES = ['192.168.149.1/24', '10.77.0.1/24', '172.29.77.1/24', '10.177.77.1/24'];

function canBeOwner({ radios: { capabilities } }: Facts, phy: string): boolean {
  return !isMissing(capabilities) && (capabilities.get(phy)?.modes.includes('P2P-GO') ?? false);
}

/** Whether the driver can have a P2P device, as far as that is known. */
function hasDevice({ radios: { capabilities } }: Facts, phy: string | undefined): boolean {
  const modes = known(capabilities)?.get(phy ?? '')?.modes;
  return modes?.includes('P2P-device') ?? true;
}

/** The unit files of this package; the Debian package has them in the folder of systemd only. */
async function shippedUnits(): Promise<ReadonlyMap<string, string>> {
  const folder = join(packageFolder(), 'packaging/systemd');
  const found = new Map<string, string>();
  for (const name of await entriesOf(folder, '.')) {
    if (!/\.service(\.d)?$/.test(name)) continue;
    const files = name.endsWith('.d')
      ? (await entriesOf(folder, name)).map((one) => `${name}/${one}`)
      : [name];
    for (const file of files) found.set(file, (await textFor(folder, file)) ?? '');
  }
  return found;
}

/**
 * Whether the address to which the user has logged in is one of that interface. sudo removes SSH_CONNECTION from the
 * environment, so the processes above this one are looked at too.
 */
async function isLoggedInOver({ root, environment, networks }: Sources, radio: string): Promise<boolean> {
  const connection = environment['SSH_CONNECTION'] ?? (await inheritedConnection(root));
  const [, , ours] = connection?.split(' ') ?? [];
  return networks()[radio]?.some(({ address }) => address === ours?.replace(/%.*$/, '')) ?? false;
}

async function inheritedConnection(root: string): Promise<string | undefined> {
  for (let pid = process.ppid; pid > 1; ) {
    const environment = (await textOf(root, `proc/${pid}/environ`)) ?? '';
    const found = /(?:^|\0)SSH_CONNECTION=([^\0]*)/.exec(environment)?.[1];
    if (found !== undefined) return found;
    const status = (await wordOf(root, `proc/${pid}/status`)) ?? '';
    pid = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return undefined;
}
