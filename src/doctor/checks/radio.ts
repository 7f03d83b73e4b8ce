import type { Facts, Radio } from '../facts.js';
import { type Check, fault, ok, unknown, type Verdict, warning } from '../finding.js';
import { judgeChannel } from './channel.js';
import { judgeCombinations } from './combinations.js';
import { judgeStation } from './keep-station.js';
import { isMissing, setParameter } from './subject.js';

export const radioChecks: readonly Check[] = [
  {
    id: 'p2p-go',
    looksAt: 'whether `iw list` names P2P-GO among the modes of the radio',
    judge: judgeModes,
  },
  {
    id: 'interface-combinations',
    looksAt:
      'whether the driver allows a group beside the interfaces that are there now, such as an access point',
    judge: judgeCombinations,
  },
  {
    id: 'channel',
    uses: ['p2p_group_add_opts'],
    looksAt:
      "whether the group must share the channel of the radio's own connection (`#channels`), and `p2p_group_add_opts` allows that",
    judge: judgeChannel,
  },
  {
    id: 'keep-station',
    looksAt:
      'whether the group would take the interface with which the radio is connected to a network (`keep_station`)',
    judge: judgeStation,
  },
  {
    id: 'rfkill',
    looksAt: 'whether the radio is switched off, by software or by a switch',
    judge: judgeSwitches,
  },
  {
    id: 'country',
    looksAt: 'whether a country that exists is set, in wpa_supplicant or in the kernel (`iw reg get`)',
    judge: judgeCountry,
  },
];

function judgeModes({ device, radios }: Facts): readonly Verdict[] {
  const { abilities } = radios;
  if (device.radios.length === 0)
    return fault('there is no Wi-Fi card', 'plug one in, or load its driver; "iw dev" must show it');
  if (isMissing(abilities)) return unknown(abilities.missing);
  const able = device.radios.filter(({ phy }) => abilities.get(phy)?.modes.includes('P2P-GO'));
  if (able.length > 0) return ok(`${able.map(({ name }) => name).join(', ')} can be a group owner`);
  const names = device.radios.map(({ name }) => name).join(', ');
  return fault(
    `the driver of ${names} does not know P2P-GO`,
    'use another Wi-Fi card, for which "iw list" names P2P-GO among the supported interface modes',
  );
}

function judgeSwitches({ device, radios }: Facts): readonly Verdict[] {
  const off = device.radios.filter((radio) =>
    switchesOf(radios, radio).some(({ soft, hard }) => soft || hard),
  );
  const [first] = off;
  if (first === undefined || off.length < device.radios.length)
    return ok(device.radios.length === 0 ? 'there is no radio' : 'the radio is on');
  const names = off.map(({ name }) => name).join(', ');
  if (switchesOf(radios, first).some(({ hard }) => hard))
    return fault(
      `${names} is switched off by a switch`,
      'switch Wi-Fi on: a switch or key of the machine, or its firmware',
    );
  return fault(`${names} is switched off by software`, 'sudo rfkill unblock wlan');
}

/** That of the radio itself tells how it is; where there is none, those of the machine do. */
function switchesOf({ switches }: Facts['radios'], { phy }: Radio): Facts['radios']['switches'] {
  const own = switches.filter((one) => one.phy === phy);
  return own.length > 0 ? own : switches.filter((one) => one.phy === null);
}

/** Two letters that a country can have (ISO 3166-1). 00 is the world, 98 the common part of two, 99 the card's own. */
function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !/^(?:AA|ZZ|XX|Q[M-Z])$/.test(code);
}

function judgeCountry(facts: Facts): readonly Verdict[] {
  const { device, radios } = facts;
  const own = device.told?.country ?? null;
  const { countries } = radios;
  const [radio] = device.radios;
  // A radio that has its own in the kernel does not follow the one of all.
  const inForce = isMissing(countries) ? null : (countries.get(radio?.phy ?? '') ?? countries.get('global'));
  if (inForce === '98')
    return warning(
      'the kernel has country 98: two countries were set, and only what both allow is allowed',
      'set the same country everywhere: wpa_supplicant.conf, the kernel (sudo iw reg set), and the access point that you are connected to',
    );
  if (own !== null && isCountry(own)) return ok(`${own}, set in wpa_supplicant`);
  if (isMissing(countries)) return unknown(`${countries.missing}, and wpa_supplicant tells none`);
  const known = ['global', ...device.radios.map(({ phy }) => phy)]
    .map((whose) => countries.get(whose) ?? '')
    .find(isCountry);
  if (known !== undefined) return ok(`${known}, set in the kernel`);
  if (device.told === null) return unknown('wpa_supplicant does not answer, and the kernel has none');
  const what = own === null ? 'no country is set' : `${own}, which wpa_supplicant has as country, is none`;
  return warning(
    `${what}: many channels, those of 5 GHz above all, are forbidden`,
    `with the two letters of your country, such as DE: ${setParameter(facts, 'country', 'DE')}; or sudo iw reg set DE`,
  );
}
