import type { Facts, Radio } from '../facts.js';
import { error, ok, unknown, type Verdicts, warning } from '../report.js';
import { setParameter } from './serving.js';

export function p2pGo({ device, radios: { capabilities } }: Facts): Verdicts {
  if (device.radios.length === 0)
    return error('there is no Wi-Fi card', 'plug one in, or load its driver; "iw dev" must show it');
  if ('missing' in capabilities) return unknown(capabilities.missing);
  const able = device.radios.filter(({ phy }) => capabilities.get(phy)?.modes.includes('P2P-GO'));
  if (able.length > 0) return ok(`${namesOf(able)} can be a group owner`);
  return error(
    `the driver of ${namesOf(device.radios)} does not support P2P-GO`,
    'use another Wi-Fi card, for which "iw list" shows P2P-GO among the supported interface modes',
  );
}

export function rfkill({ device, radios }: Facts): Verdicts {
  if (device.radios.length === 0) return ok('there is no radio');
  const blocked = device.radios.filter((radio) =>
    switchesOf(radios, radio).some(({ soft, hard }) => soft || hard),
  );
  const [first] = blocked;
  if (first === undefined || blocked.length < device.radios.length) return ok('the radio is on');
  if (switchesOf(radios, first).some(({ hard }) => hard))
    return error(
      `${namesOf(blocked)} is switched off by a hardware switch`,
      'switch Wi-Fi on: by a switch or key of the machine, or in its firmware',
    );
  return error(`${namesOf(blocked)} is switched off by software`, 'sudo rfkill unblock wlan');
}

/** The switches of the radio, or if it has none, those of the machine. */
function switchesOf({ switches }: Facts['radios'], { phy }: Radio): Facts['radios']['switches'] {
  const own = switches.filter((one) => one.phy === phy);
  return own.length > 0 ? own : switches.filter((one) => one.phy === null);
}

function namesOf(radios: readonly Radio[]): string {
  return radios.map(({ name }) => name).join(', ');
}

/** Two letters that can be a country (ISO 3166-1). 00 is the world, 98 an intersection of two, 99 the card's own. */
function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !/^(?:AA|ZZ|XX|Q[M-Z])$/.test(code);
}

export function country(facts: Facts): Verdicts {
  const { device, radios } = facts;
  const { countries } = radios;
  const own = device.reported?.country ?? null;
  const [radio] = device.radios;
  // A radio with its own country in the kernel does not follow the global one.
  const inForce =
    'missing' in countries ? null : (countries.get(radio?.phy ?? '') ?? countries.get('global'));
  if (inForce === '98')
    return warning(
      'the kernel has country 98: two countries were set, and only what both allow is allowed',
      'set the same country everywhere: wpa_supplicant.conf, the kernel (sudo iw reg set), and the access point that you are connected to',
    );
  if (own !== null && isCountry(own)) return ok(`${own}, set in wpa_supplicant`);
  if ('missing' in countries) return unknown(`${countries.missing}, and wpa_supplicant reports no country`);
  const inKernel = ['global', ...device.radios.map(({ phy }) => phy)]
    .map((phy) => countries.get(phy) ?? '')
    .find(isCountry);
  if (inKernel !== undefined) return ok(`${inKernel}, set in the kernel`);
  if (device.reported === null) return unknown('wpa_supplicant does not answer, and the kernel has none');
  const problem =
    own === null ? 'no country is set' : `the country of wpa_supplicant, ${own}, is not a country code`;
  return warning(
    `${problem}: many channels are forbidden, especially those of 5 GHz`,
    `with the two letters of your country, such as DE: ${setParameter(facts, 'country', 'DE')}; or sudo iw reg set DE`,
  );
}
