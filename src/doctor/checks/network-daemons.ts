import { basename } from 'node:path';
import { managedByNetworkManager } from '../../host/radio.js';
import { firstGroupInterfaceOf } from '../../system/interface-names.js';
import { isMissing } from '../../system/missing.js';
import { escapeRegExp } from '../../system/values.js';
import { DAEMON_FILES, DHCPCD_RESTART_ENDS, install, leaveRadios, prepend } from '../daemon-files.js';
import type {
  DeviceSettings,
  DhcpcdBlock,
  DhcpcdFacts,
  Facts,
  LinkFile,
  NetworkManagerFacts,
  Radio,
} from '../facts.js';
import { error, ok, type Verdicts, warning } from '../report.js';

/** Checks of other daemons that configure network interfaces: NetworkManager, dhcpcd and udev. */

/** What their lists of interfaces are matched against. */
interface Device extends Pick<Radio, 'name' | 'driver'> {
  /** As NetworkManager calls it; default: wifi. */
  readonly type?: 'wifi' | 'wifi-p2p';
}

/** The interfaces that groups will have. */
function groupDevices({ radios }: Facts['device']): Device[] {
  if (radios.length === 0) return [{ name: 'p2p-wlan0-0', driver: null }];
  return radios.map(({ name, driver }) => ({ name: firstGroupInterfaceOf(name), driver }));
}

/** As fnmatch(3), with `*` and `?`. */
function matches(pattern: string, name: string): boolean {
  const source = escapeRegExp(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return new RegExp(`^${source}$`).test(name);
}

export function networkManager({ device, supplicant, services }: Facts): Verdicts {
  const { networkManager: facts } = services;
  if (facts === null) return ok('NetworkManager does not run');
  const managed = device.radios.filter((radio) => manages(facts, radio));
  const names = managed.map(({ name }) => name).join(', ');
  // If it is not known which radio is used, one that is not managed is enough.
  const hasRadio = managed.length > 0 && managed.length === device.radios.length;
  // A wpa_supplicant that was started for the radio is not that of NetworkManager.
  const started = supplicant.processes.flatMap((process) => process.started).map(({ name }) => name);
  const served = managed.map(({ name }) => name).filter((name) => started.includes(name));
  if (hasRadio && !facts.removalDenied)
    return error(
      `NetworkManager manages ${names}, and so it removes every group within a second`,
      served.length > 0
        ? leaveRadios(facts, served)
        : `${install(DAEMON_FILES.dbus)}; that forbids only this, and ${names} stays connected to your network. ` +
            'Or give the radio to wpa_supplicant, and move the connection to your network into its file: "With NetworkManager" in install.md',
    );
  if (configuresGroups(facts, device))
    return warning(
      'NetworkManager configures the interfaces of groups itself',
      install(DAEMON_FILES.networkManager),
    );
  const { states } = facts;
  if (isMissing(states))
    return ok(`by its files NetworkManager leaves groups alone; it did not answer: ${states.missing}`);
  return ok(
    hasRadio
      ? `NetworkManager manages ${names}, may not remove groups, and leaves their interfaces alone`
      : 'NetworkManager leaves the interfaces of groups alone',
  );
}

/** Whether NetworkManager would configure the interfaces of groups itself. */
export function configuresGroups({ unmanaged }: NetworkManagerFacts, device: Facts['device']): boolean {
  return !groupDevices(device).every((group) => isListed(unmanaged, group));
}

/** What it reports overrides its files: a user can change it with nmcli. While it does not answer, its files count. */
export function manages({ states, unmanaged }: NetworkManagerFacts, radio: Device): boolean {
  return isMissing(states) ? !isListed(unmanaged, radio) : managedByNetworkManager(states, radio.name);
}

/** Whether NetworkManager changes the address of a radio before each scan, which is its default. */
export function changesAddress(facts: NetworkManagerFacts, radio: Device): boolean {
  return manages(facts, radio) && settingFor(facts.fixedAddress, radio) !== true;
}

/** The name that its settings give to a P2P device; null: it gets the name of the host. */
export function nameOfDevice({ deviceNames }: NetworkManagerFacts, device: Device): string | null {
  return settingFor(deviceNames, device) ?? null;
}

function settingFor<T>(settings: DeviceSettings<T>, device: Device): T | undefined {
  return settings.find(({ devices }) => isListed(devices, device))?.value;
}

/**
 * Whether a device is in a device list of NetworkManager: it matches an entry, and none with `except:`
 * (man NetworkManager.conf, "Device List Format").
 */
function isListed(specs: readonly string[], { name, driver, type = 'wifi' }: Device): boolean {
  const fits = (spec: string): boolean => {
    if (spec === '*' || spec === `type:${type}`) return true;
    const [, kind, pattern = ''] = /^(interface-name|driver):(.*)$/.exec(spec) ?? [];
    const text = kind === 'driver' ? driver : name;
    if (kind === undefined || text === null) return false;
    return pattern.startsWith('=') ? pattern.slice(1) === text : matches(pattern.replace(/^~/, ''), text);
  };
  const isException = (spec: string) => spec.startsWith('except:');
  const exceptions = specs.filter(isException).map((spec) => spec.slice('except:'.length));
  const entries = specs.filter((spec) => !isException(spec));
  // A list of exceptions only means all other devices.
  const isIncluded = entries.some(fits) || (entries.length === 0 && exceptions.length > 0);
  return isIncluded && !exceptions.some(fits);
}

export function dhcpcd({ device, services: { dhcpcd: facts }, configuration }: Facts): Verdicts {
  if (facts === null) return ok('dhcpcd does not run');
  const { addressing } = configuration.settings;
  const { place, apply } = DAEMON_FILES.dhcpcd;
  const names = groupDevices(device).map(({ name }) => name);
  const block = names.map((name) => blockOf(facts, name)).find((one) => one !== undefined);
  const address = block?.staticAddress ?? null;
  if (ignores(facts, names)) {
    if (address === null || addressing !== 'none') return ok('dhcpcd leaves the interfaces of groups alone');
    return warning(
      `dhcpcd.conf has the address ${address} for ${block?.pattern}, but dhcpcd ignores that interface (denyinterfaces)`,
      `take the interfaces of groups out of denyinterfaces in ${place}, and write "nohook wpa_supplicant" below "interface ${block?.pattern}"; ${apply}; ${DHCPCD_RESTART_ENDS}`,
    );
  }
  if (block === undefined || requestsAddress(block))
    return warning(
      'dhcpcd requests an address on the interfaces of groups, where this machine is the group owner',
      ignoreGroups(),
    );
  if (address === null) return ok(`dhcpcd requests no address on ${block.pattern}`);
  // The block is there on purpose: nothing else gives the interface an address.
  if (addressing === 'none') return ok(`dhcpcd gives ${block.pattern} the address ${address}`);
  return warning(
    `dhcpcd and hostp2pd (addressing: ${addressing}) both give ${block.pattern} an address`,
    `delete the block "interface ${block.pattern}" in ${place}; ${ignoreGroups()}; or set addressing to none`,
  );
}

/** Whether dhcpcd would request an address on the interfaces of groups. */
export function requestsOnGroups(facts: DhcpcdFacts, device: Facts['device']): boolean {
  const names = groupDevices(device).map(({ name }) => name);
  const block = names.map((name) => blockOf(facts, name)).find((one) => one !== undefined);
  return !ignores(facts, names) && (block === undefined || requestsAddress(block));
}

function requestsAddress({ staticAddress, withoutDhcp }: DhcpcdBlock): boolean {
  return staticAddress === null && !withoutDhcp;
}

function ignoreGroups(): string {
  return `${prepend(DAEMON_FILES.dhcpcd)}; ${DHCPCD_RESTART_ENDS}`;
}

/** How to keep the hook of dhcpcd from starting a wpa_supplicant on the interface of a group. */
export function disableDhcpcdHook(facts: DhcpcdFacts, group: string): string {
  const block = blockOf(facts, group);
  const { place, apply } = DAEMON_FILES.dhcpcd;
  // With denyinterfaces the interface would not get the address of the block.
  if (block?.staticAddress == null) return ignoreGroups();
  return `write "nohook wpa_supplicant" below "interface ${block.pattern}" in ${place}; ${apply}; ${DHCPCD_RESTART_ENDS}`;
}

/** Whether dhcpcd starts the wpa_supplicant of an interface. */
export function startsSupplicant(facts: DhcpcdFacts, name: string): boolean {
  const { supplicantHook } = facts;
  if (supplicantHook === null || ignores(facts, [name])) return false;
  return !supplicantHook.except.some((pattern) => matches(pattern, name));
}

function ignores({ denied, allowed }: DhcpcdFacts, names: readonly string[]): boolean {
  const fits = (patterns: readonly string[], name: string) => patterns.some((one) => matches(one, name));
  if (names.every((name) => fits(denied, name))) return true;
  return allowed.length > 0 && !names.some((name) => fits(allowed, name));
}

function blockOf({ blocks }: DhcpcdFacts, name: string): DhcpcdBlock | undefined {
  return blocks.find(({ pattern }) => matches(pattern, name));
}

export function linkPolicy({ device, services: { udev } }: Facts): Verdicts {
  if (udev === null) return ok('udev does not run');
  const first = groupDevices(device).map((group) => udev.linkFiles.find((file) => appliesTo(file, group)));
  const file = first.find((one) => one !== undefined && one.policy !== 'none');
  if (file === undefined) return ok('udev does not change the addresses of group interfaces');
  const { path, policy } = file;
  return warning(
    `udev may change the addresses of group interfaces without wpa_supplicant knowing: MACAddressPolicy=${policy} in ${path}`,
    // A file whose name sorts first would win over ours.
    basename(path) < basename(DAEMON_FILES.udev.place)
      ? `set MACAddressPolicy=none in ${path}, or make it match other interfaces only`
      : install(DAEMON_FILES.udev),
  );
}

/** Other conditions than these (an address, a path of the bus) are for one hardware device. */
function appliesTo({ conditions }: LinkFile, { name, driver }: Device): boolean {
  return Object.entries(conditions).every(([key, words]) => {
    if (key === 'OriginalName') return matchesAny(words, name);
    if (key === 'Type') return matchesAny(words, 'wlan');
    return key === 'Driver' && driver !== null && matchesAny(words, driver);
  });
}

/** Whether a pattern matches; if the first one begins with `!`, whether none does. */
function matchesAny(words: readonly string[], text: string): boolean {
  const [first = '', ...others] = words;
  const inverted = first.startsWith('!');
  const patterns = inverted ? [first.slice(1), ...others] : words;
  return patterns.some((pattern) => matches(pattern, text)) !== inverted;
}
