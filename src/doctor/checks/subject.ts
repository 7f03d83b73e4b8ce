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
