import { basename, dirname } from 'node:path';
import type { Facts, Missing, SupplicantProcess } from '../facts.js';
import { deviceNameOf } from '../gather/device.js';

/** What several checks ask of the facts. */

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}

/** Whether some wpa_supplicant answers. */
export function isServed({ control }: Facts): boolean {
  return control.sockets.some(({ answer }) => 'status' in answer);
}

/** Whether nothing of wpa_supplicant is to be seen: then what depends on it is no fault of its own. */
export function isDown(facts: Facts): boolean {
  return facts.supplicant.processes.length === 0 && !isServed(facts);
}

export function servesRadio({ started, sockets }: SupplicantProcess, radio: string): boolean {
  const names = [radio, deviceNameOf(radio)];
  return started.some(({ name }) => name === radio) || sockets.some((path) => names.includes(basename(path)));
}

/** The processes that serve a radio of the kernel, as far as their command lines and sockets tell. */
export function servingProcesses({ supplicant, radios }: Facts): SupplicantProcess[] {
  return supplicant.processes.filter((process) =>
    radios.interfaces.some(({ name }) => !isGroup(name) && servesRadio(process, name)),
  );
}

/** The command that restarts a wpa_supplicant. */
export function restart({ unit, pid }: SupplicantProcess): string {
  return unit === null ? `end it (kill ${pid}) and start it again` : `sudo systemctl restart ${unit}`;
}

/** Where netplan writes the file, which it makes again with its next run. */
export function isNetplan({ unit }: SupplicantProcess): boolean {
  return unit?.startsWith('netplan-wpa') ?? false;
}

/**
 * How a parameter of wpa_supplicant is set for good: in its file, or where it has none, or one that is generated, in the
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

/** The command that restarts the wpa_supplicant of the radio, or starts it where none runs. */
export function restartSupplicant(facts: Facts): string {
  const [serving] = servingProcesses(facts);
  if (serving !== undefined) return restart(serving);
  const [only, ...others] = facts.supplicant.processes;
  return only !== undefined && others.length === 0 ? restart(only) : startSupplicant(facts);
}

/** Starts one for the radio, and at each boot. The service `wpa_supplicant` serves no interface by itself. */
export function startSupplicant({ supplicant, device, radios }: Facts): string {
  const radio =
    device.radios[0]?.name ?? radios.interfaces.find(({ name }) => !isGroup(name))?.name ?? 'wlan0';
  const ready = supplicant.readyUnits.find((unit) => unit.includes(radio)) ?? supplicant.readyUnits[0];
  const unit = ready ?? `wpa_supplicant@${radio}`;
  const start = `sudo systemctl enable --now ${unit}`;
  return ready === undefined
    ? `write /etc/wpa_supplicant/wpa_supplicant-${radio}.conf as install.md shows, then ${start}`
    : start;
}

/** The interface of a group: `p2p-wlan0-0`. */
export function isGroup(name: string): boolean {
  return /^p2p-(?!dev-)(?:.+-)?\d+$/.test(name);
}

/** Folders in which a wpa_supplicant has the socket of an interface. */
export function socketFolders({ supplicant, radios }: Facts): string[] {
  const names = radios.interfaces.flatMap(({ name }) => [name, deviceNameOf(name)]);
  const paths = supplicant.processes.flatMap(({ sockets }) => sockets);
  return [...new Set(paths.filter((path) => names.includes(basename(path))).map((path) => dirname(path)))];
}

/** The device interface that commands of a person go to. */
export function deviceOr({ device }: Facts, fallback: string): string {
  return device.name ?? device.told?.by ?? fallback;
}
