import { basename, dirname } from 'node:path';
import { isGroup } from '../../host/control-folder.js';
import { deviceInterfaceOf } from '../../system/names.js';
import type { Facts, SupplicantProcess } from '../facts.js';

/** Which wpa_supplicant serves which radio, and the commands that start, restart and configure it. */

/** Whether any wpa_supplicant answers. */
export function isServed({ control }: Facts): boolean {
  return control.sockets.some(({ answer }) => 'status' in answer);
}

/** Whether no wpa_supplicant can be seen: then `supplicant-running` is the error, and nothing that follows from it. */
export function isDown(facts: Facts): boolean {
  return facts.supplicant.processes.length === 0 && !isServed(facts);
}

export function servesRadio({ started, sockets }: SupplicantProcess, radio: string): boolean {
  const names = [radio, deviceInterfaceOf(radio)];
  return started.some(({ name }) => name === radio) || sockets.some((path) => names.includes(basename(path)));
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
  const paths = supplicant.processes.flatMap(({ sockets }) => sockets);
  return [...new Set(paths.filter((path) => names.includes(basename(path))).map((path) => dirname(path)))];
}

/** The command that restarts a wpa_supplicant. */
export function restart({ unit, pid }: SupplicantProcess): string {
  return unit === null ? `end it (kill ${pid}) and start it again` : `sudo systemctl restart ${unit}`;
}

/** The command that restarts the wpa_supplicant of the radio, or starts one if none runs. */
export function restartSupplicant(facts: Facts): string {
  const [serving] = servingProcesses(facts);
  if (serving !== undefined) return restart(serving);
  const [only, ...others] = facts.supplicant.processes;
  return only !== undefined && others.length === 0 ? restart(only) : startSupplicant(facts);
}

/** Starts one for the radio, now and at each boot. The service `wpa_supplicant` alone serves no interface. */
export function startSupplicant({ supplicant, device, radios }: Facts): string {
  const [first] = [...device.radios, ...radios.interfaces.filter(({ name }) => !isGroup(name))];
  const radio = first?.name ?? 'wlan0';
  const ready = supplicant.readyUnits.find((unit) => unit.includes(radio)) ?? supplicant.readyUnits[0];
  const start = `sudo systemctl enable --now ${ready ?? `wpa_supplicant@${radio}`}`;
  if (ready !== undefined) return start;
  return `write /etc/wpa_supplicant/wpa_supplicant-${radio}.conf as install.md shows, then ${start}`;
}

/** Netplan generates the configuration file of this one, and overwrites it. */
export function isNetplan({ unit }: SupplicantProcess): boolean {
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
