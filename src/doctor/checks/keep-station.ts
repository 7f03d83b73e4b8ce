import { printable } from '../../system/names.js';
import { parseStationUse, stationUseText } from '../../wpa/reply.js';
import type { Facts, Radio } from '../facts.js';
import { ok, unknown, type Verdict, warning } from '../finding.js';
import { allows, OWN } from './combinations.js';
import { isMissing } from './subject.js';

/** Would the group end what the radio's own interface is used for? The setting `keep_station` decides. */
export function judgeStation(facts: Facts): readonly Verdict[] {
  const { device, control, configuration } = facts;
  const [radio, ...others] = device.radios;
  if (radio === undefined) return unknown('there is no radio');
  if (others.length > 0) return unknown('which radio is meant is open until wpa_supplicant answers');
  if (device.told === null) return unknown('wpa_supplicant does not answer');
  if (!takesRadio(facts, radio)) return ok(`the group does not run on ${radio.name} itself`);
  const answer = control.sockets.find(({ name }) => name === radio.name)?.answer;
  if (!answer || !('status' in answer)) return unknown(`wpa_supplicant tells nothing of ${radio.name}`);
  const use = parseStationUse(answer.status);
  if (use === null) return ok(`${radio.name}, on which the group runs, is connected to no network`);
  const { keep_station } = configuration.settings;
  return warning(
    `the group runs on ${radio.name} itself, which ${printable(stationUseText(use))}: ` +
      (keep_station ? 'no group is formed meanwhile' : 'the group ends that (keep_station: false)'),
    'use another Wi-Fi card for that network, or a cable' +
      (keep_station ? '; or set keep_station: false, and the group ends that connection' : ''),
  );
}

/** As wpa_supplicant decides it (p2p_supplicant.c, wpas_p2p_create_iface). */
function takesRadio({ device, radios }: Facts, radio: Radio): boolean {
  if (device.told?.noGroupInterface === '1') return true;
  const { abilities, inUse } = radios;
  // With a P2P device the group always gets an interface of its own.
  if (device.name !== radio.name || isMissing(abilities) || isMissing(inUse)) return false;
  const types = inUse
    .filter(({ phy, type }) => phy === radio.phy && OWN.includes(type))
    .map(({ type }) => type);
  return !abilities.get(radio.phy)?.combinations.some((one) => allows(one, [...types, 'P2P-GO']));
}
