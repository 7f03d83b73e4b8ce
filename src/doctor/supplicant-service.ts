import { basename, dirname } from 'node:path';
import { typedCommands } from '../system/commands.js';
import { deviceInterfaceOf, isGroup } from '../system/interface-names.js';
import { isMissing, known } from '../system/missing.js';
import { manages, startsSupplicant } from './checks/network-daemons.js';
import { DAEMON_FILES, DHCPCD_RESTART_ENDS } from './daemon-files.js';
import type { Facts, Radio, SupplicantProcess } from './facts.js';

/** Which wpa_supplicant serves which radio, and the commands that start, restart and configure it. */

/** Whether any wpa_supplicant answers. */
export function isServed({ control }: Facts): boolean {
  return control.sockets.some(({ answer }) => 'status' in answer);
}

/**
 * Whether no wpa_supplicant can be seen: then `supplicant-running` is the error, and nothing that follows from it. One whose process
 * is hidden may listen on a socket and answer late.
 */
export function isDown({ supplicant, control }: Facts): boolean {
  const listens = control.sockets.some(
    ({ answer }) => 'status' in answer || answer.code === 'CONTROL_TIMEOUT',
  );
  return supplicant.processes.length === 0 && !listens;
}

/** Processes of wpa_supplicant that may serve more interfaces than those of their command lines. */
export function unseenProcesses({ supplicant }: Facts): SupplicantProcess[] {
  return supplicant.processes.filter(({ sockets }) => sockets === null);
}

export function servesRadio({ started, sockets }: SupplicantProcess, radio: string): boolean {
  const names = [radio, deviceInterfaceOf(radio)];
  return (
    started.some(({ name }) => name === radio) ||
    (sockets?.some((path) => names.includes(basename(path))) ?? false)
  );
}

/** The processes that serve a radio, according to their command lines and sockets. */
export function servingProcesses({ supplicant, radios }: Facts): SupplicantProcess[] {
  return supplicant.processes.filter((process) =>
    radios.interfaces.some(({ name }) => !isGroup(name) && servesRadio(process, name)),
  );
}

/** Folders in which a wpa_supplicant has the socket of a radio. */
export function socketFolders({ supplicant, radios }: Facts): string[] {
  const names = radios.interfaces.flatMap(({ name }) => [name, deviceInterfaceOf(name)]);
  const paths = supplicant.processes.flatMap(({ sockets }) => sockets ?? []);
  return [...new Set(paths.filter((path) => names.includes(basename(path))).map((path) => dirname(path)))];
}

/** The command that restarts a wpa_supplicant, and as little else as possible. */
export function restart(process: SupplicantProcess): string {
  const { unit, pid, ofIfupdown, started } = process;
  const [first] = started;
  // Its unit, `networking`, is the whole network of the machine.
  if (ofIfupdown && first !== undefined) return `sudo ifdown ${first.name}; sudo ifup ${first.name}`;
  if (unit === null) return `end the wpa_supplicant with pid ${pid} (sudo kill ${pid}) and start it again`;
  // Its hook starts wpa_supplicant with the interface, but not while the old one still ends.
  const ends = isOfDhcpcd(process) ? `; ${DHCPCD_RESTART_ENDS}` : '';
  return `sudo systemctl restart ${unit}${ends}`;
}

/** The command that restarts the wpa_supplicant of the radio, or starts one if none runs. */
export function restartSupplicant(facts: Facts): string {
  const [serving] = servingProcesses(facts);
  if (serving !== undefined) return restart(serving);
  const [only, ...others] = facts.supplicant.processes;
  return only !== undefined && others.length === 0 ? restart(only) : startSupplicant(facts);
}

/**
 * Starts one for the radio, now and at each boot: that of the program which has started it until now, because only that one
 * has the home network. The service `wpa_supplicant` alone serves no interface.
 */
export function startSupplicant(facts: Facts): string {
  const unit = unitToStart(facts);
  if (unit !== null) return typedCommands([unit]);
  const radio = firstRadio(facts)?.name ?? 'wlan0';
  const { dhcpcd, ifupdown } = facts.services;
  if (dhcpcd !== null && startsSupplicant(dhcpcd, radio))
    return `${DAEMON_FILES.dhcpcd.apply}; ${DHCPCD_RESTART_ENDS}`;
  if (isMissing(ifupdown)) return `run the doctor as root: ${ifupdown.missing}`;
  if (ifupdown.wpa.includes(radio)) return startByIfupdown(radio);
  // Nobody has set it up for this radio: setup does all of it.
  return `sudo hostp2pd setup; or write /etc/wpa_supplicant/wpa_supplicant-${radio}.conf as install.md shows, then sudo systemctl enable --now wpa_supplicant@${radio}`;
}

/** The command that starts a unit of systemd for it; null: none is ready, or another program starts it. */
export function unitToStart(facts: Facts): readonly string[] | null {
  const { supplicant, services } = facts;
  const { networkManager, dhcpcd, ifupdown } = services;
  const first = firstRadio(facts);
  const radio = first?.name ?? 'wlan0';
  if (networkManager !== null && first !== undefined && manages(networkManager, first))
    return ['systemctl', 'enable', '--now', 'wpa_supplicant'];
  if ((dhcpcd !== null && startsSupplicant(dhcpcd, radio)) || isMissing(ifupdown)) return null;
  if (ifupdown.wpa.includes(radio)) return null;
  const ready = supplicant.readyUnits.find((unit) => isUnitOf(unit, radio));
  if (ready === undefined) return null;
  return isNetplan({ unit: ready }) ? ['systemctl', 'start', ready] : ['systemctl', 'enable', '--now', ready];
}

/** Such as wpa_supplicant@wlan0, wpa_supplicant-nl80211@wlan0, netplan-wpa-wlan0. */
export function isUnitOf(unit: string, radio: string): boolean {
  return unit.endsWith(`@${radio}`) || unit.endsWith(`-${radio}`);
}

function firstRadio({ device, radios }: Facts): Radio | undefined {
  return [...device.radios, ...radios.interfaces.filter(({ name }) => !isGroup(name))][0];
}

/** Another program than wpa_supplicant that has the radio also while it is not connected; null: none is known. */
export function otherUser(facts: Facts): { readonly what: string; readonly fix: string } | null {
  const { iwd, ifupdown } = facts.services;
  const radio = firstRadio(facts)?.name ?? 'wlan0';
  if (iwd)
    return {
      what: 'iwd runs and takes all radios',
      fix: 'sudo systemctl disable --now iwd, which ends its connections for good',
    };
  if (!known(ifupdown)?.wireless.includes(radio)) return null;
  return {
    what: `ifupdown connects ${radio} without it (wireless-… in /etc/network/interfaces)`,
    fix: `sudo ifdown ${radio}; take the lines of ${radio} out of /etc/network/interfaces`,
  };
}

/** No program uses the radio, such as iwd or hostapd, whose connections a wpa_supplicant would cut. */
export function isIdle({ radios: { inUse } }: Facts): boolean {
  return (
    !isMissing(inUse) &&
    inUse.every(({ type, frequency }) => frequency === null && (type === 'managed' || type === 'P2P-device'))
  );
}

/** With --force also if ifupdown takes the interface for connected. */
export function startByIfupdown(radio: string): string {
  return `sudo ifup --force ${radio}`;
}

/** Netplan generates this unit, which cannot be enabled or disabled, and the configuration file. */
export function isNetplan({ unit }: Pick<SupplicantProcess, 'unit'>): boolean {
  return unit?.startsWith('netplan-wpa') ?? false;
}

/**
 * How to set a parameter of wpa_supplicant permanently: in its file, or if it has none, or one that is generated, in the
 * configuration of hostp2pd.
 */
export function setParameter(facts: Facts, name: string, value: string): string {
  const [process] = servingProcesses(facts);
  if (process === undefined) return `write ${name}=${value} into wpa_supplicant.conf`;
  const file = process.started.find(({ configFile }) => configFile !== null)?.configFile ?? null;
  if (file === null || isNetplan(process))
    return `write "${name}: ${value}" below config_parms in hostp2pd.yaml`;
  return `write ${name}=${value} into ${file}; ${restart(process)}`;
}

/** A hook of dhcpcd has started it. */
export function isOfDhcpcd({ unit }: SupplicantProcess): boolean {
  return /^dhcpcd\b/.test(unit ?? '');
}
