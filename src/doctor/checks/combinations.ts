import type { Combination, Facts, InterfaceInUse, Radio } from '../facts.js';
import { fault, ok, unknown, type Verdict, warning } from '../finding.js';
import { isMissing } from './subject.js';

/** May a group run beside what the radio does already? As the kernel counts it (cfg80211_check_combinations). */

/** Kinds that the kernel does not count. */
const UNCOUNTED = ['monitor', 'AP/VLAN'];
/** What the radio's own interface and the P2P device are: they belong to every set-up. */
export const OWN = ['managed', 'P2P-device'];

export function judgeCombinations({ device, radios }: Facts): readonly Verdict[] {
  const { abilities, inUse } = radios;
  if (isMissing(abilities)) return unknown(abilities.missing);
  if (isMissing(inUse)) return unknown(inUse.missing);
  const [radio, ...others] = device.radios;
  if (radio === undefined) return unknown('there is no radio');
  if (others.length > 0) return unknown('which radio is meant is open until wpa_supplicant answers');
  const ability = abilities.get(radio.phy);
  if (!ability?.modes.includes('P2P-GO')) return unknown('the radio can be no group owner (see p2p-go)');
  const there = countedOn(radio, inUse, radios.interfaces);
  const types = there.map(({ type }) => type);
  if (types.includes('P2P-GO')) return ok('a group is up');
  const fits = (wanted: readonly string[]) => ability.combinations.some((one) => allows(one, wanted));
  const onRadio = replaced(types, 'managed', 'P2P-GO');
  if (fits([...types, 'P2P-GO'])) return ok('the driver allows a group beside what is there');
  if (device.told?.noGroupInterface === '1' && (fits(onRadio) || onRadio.length === 1))
    return ok(`the group runs on ${radio.name} itself (p2p_no_group_iface=1)`);

  const strangers = there.filter(({ type }) => !OWN.includes(type));
  const [stranger] = strangers;
  if (stranger !== undefined) {
    const names = strangers.map(({ name, type }) => `${name ?? 'another interface'} (${type})`).join(', ');
    return fault(
      `the driver allows no group beside ${names}`,
      `sudo iw dev ${stranger.name ?? 'NAME'} del, and end what made it`,
    );
  }
  // Without a P2P device wpa_supplicant takes the radio itself where there can be no second interface.
  if (!types.includes('P2P-device')) return ok(`the group runs on ${radio.name} itself`);
  return warning(
    `the driver allows no group beside ${radio.name}`,
    'write p2p_no_group_iface=1 into wpa_supplicant.conf, or into config_parms: the group then runs on the radio itself',
  );
}

/** How many channels the radio can be on at once with a group beside what is there; null where that is not known. */
export function channelsWithGroup({ device, radios }: Facts): number | null {
  const { abilities, inUse } = radios;
  const [radio, ...others] = device.radios;
  if (isMissing(abilities) || isMissing(inUse) || radio === undefined || others.length > 0) return null;
  const types = countedOn(radio, inUse, radios.interfaces).map(({ type }) => type);
  const wanted = types.includes('P2P-GO') ? types : [...types, 'P2P-GO'];
  const fitting = (abilities.get(radio.phy)?.combinations ?? []).filter((one) => allows(one, wanted));
  return fitting.length === 0 ? null : Math.max(...fitting.map(({ channels }) => channels));
}

function countedOn(
  { phy }: Radio,
  inUse: readonly InterfaceInUse[],
  interfaces: readonly Radio[],
): InterfaceInUse[] {
  return inUse
    .filter((one) => one.phy === phy && !UNCOUNTED.includes(one.type))
    .filter(({ name, type }) => OWN.includes(type) || isUp(interfaces, name));
}

function isUp(interfaces: readonly Radio[], name: string | null): boolean {
  return interfaces.find((one) => one.name === name)?.up ?? true;
}

function replaced(types: readonly string[], from: string, to: string): string[] {
  const place = types.indexOf(from);
  return place < 0 ? [...types, to] : types.toSpliced(place, 1, to);
}

export function allows({ limits, total }: Combination, types: readonly string[]): boolean {
  if (types.length > total) return false;
  const left = limits.map(({ types: kinds, most }) => ({ kinds, most }));
  for (const type of types) {
    const mine = left.filter(({ kinds }) => kinds.includes(type));
    if (mine.length === 0 || mine.some(({ most }) => most === 0)) return false;
    for (const limit of mine) limit.most -= 1;
  }
  return true;
}
