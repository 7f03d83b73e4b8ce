import { isMissing, known } from '../../system/missing.js';
import { printable } from '../../system/names.js';
import { frequencyIn, includesFrequency } from '../../wpa/frequency.js';
import { parseStationUse, stationUseText } from '../../wpa/reply.js';
import type { Combination, Facts, InterfaceInUse, Radio } from '../facts.js';
import { blocked, error, type Fix, ok, unknown, type Verdicts, warning } from '../report.js';
import { setParameter } from '../supplicant-service.js';

/** Checks of the radio: whether a group can run on it, beside what else it is used for. */

export function p2pGo({ device, radios: { capabilities }, machine }: Facts): Verdicts {
  if (device.radios.length === 0 && machine.container !== null)
    return blocked('this container does not have the network of the host (see container)');
  if (device.radios.length === 0)
    return error('there is no Wi-Fi card', 'plug one in, or load its driver; "iw dev" must show it');
  if (isMissing(capabilities)) return unknown(capabilities.missing);
  const able = device.radios.filter(({ phy }) => capabilities.get(phy)?.modes.includes('P2P-GO'));
  if (able.length > 0) return ok(`${namesOf(able)} can be a group owner`);
  return error(
    `the driver of ${namesOf(device.radios)} does not support P2P-GO`,
    'use another Wi-Fi card, for which "iw list" shows P2P-GO among the supported interface modes',
  );
}

/** @param reason why iw shows nothing; without a radio that is no news */
function notShown({ device }: Facts, reason: string): Verdicts {
  return device.radios.length === 0 ? blocked('there is no radio') : unknown(reason);
}

export function rfkill({ device, radios, machine }: Facts): Verdicts {
  if (device.radios.length === 0) return ok('there is no radio');
  const off = device.radios.filter((radio) =>
    switchesOf(radios, radio).some(({ soft, hard }) => soft || hard),
  );
  const [first] = off;
  if (first === undefined || off.length < device.radios.length) return ok('the radio is on');
  if (switchesOf(radios, first).some(({ hard }) => hard))
    return error(
      `${namesOf(off)} is switched off by a hardware switch`,
      'switch Wi-Fi on: by a switch or key of the machine, or in its firmware',
    );
  const message = `${namesOf(off)} is switched off by software`;
  if (!isRaspberryPi(machine)) return error(message, { safe: [['rfkill', 'unblock', 'wlan']] });
  return error(
    `${message}, as on a new Raspberry Pi until its country is set`,
    'sudo raspi-config nonint do_wifi_country DE; with the two letters of your country; sudo rfkill unblock wlan',
  );
}

function isRaspberryPi({ model }: Facts['machine']): boolean {
  return model?.startsWith('Raspberry Pi') ?? false;
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
  const own = known(device.reported)?.country ?? null;
  const [radio] = device.radios;
  // A radio with its own country in the kernel does not follow the global one.
  const inForce = isMissing(countries) ? null : (countries.get(radio?.phy ?? '') ?? countries.get('global'));
  if (inForce === '98')
    return warning(
      'the kernel has country 98: two countries were set, and only what both allow is allowed',
      'set the same country everywhere: wpa_supplicant.conf, the kernel (sudo iw reg set), and the access point that you are connected to',
    );
  if (own !== null && isCountry(own)) {
    if (inForce == null || !isWorld(inForce)) return ok(`${own}, set in wpa_supplicant`);
    return warning(
      `wpa_supplicant has country ${own}, and the kernel ${inForce}, which allows only what is allowed everywhere: many channels are forbidden`,
      fixWorld(facts, own),
    );
  }
  if (isMissing(countries)) return notShown(facts, `wpa_supplicant reports no country; ${countries.missing}`);
  const inKernel = ['global', ...device.radios.map(({ phy }) => phy)]
    .map((phy) => countries.get(phy) ?? '')
    .find(isCountry);
  if (inKernel !== undefined) return ok(`${inKernel}, set in the kernel`);
  if (isMissing(device.reported)) return blocked(`${device.reported.missing}, and the kernel has no country`);
  const problem =
    own === null ? 'no country is set' : `the country of wpa_supplicant, ${own}, is not a country code`;
  return warning(
    `${problem}: many channels are forbidden, especially those of 5 GHz`,
    `with the two letters of your country, such as DE: ${setParameter(facts, 'country', 'DE')}; or sudo iw reg set DE${isRaspberryPi(facts.machine) ? '; or sudo raspi-config nonint do_wifi_country DE' : ''}`,
  );
}

/** What the kernel has while it knows no country. */
function isWorld(code: string): boolean {
  return code === '00' || code === 'XX';
}

/** @param country of wpa_supplicant, which the kernel does not have */
function fixWorld({ device, radios: { countries }, machine }: Facts, country: string): Fix {
  const [radio] = device.radios;
  const own = isMissing(countries) ? undefined : countries.get(radio?.phy ?? '');
  if (own !== undefined)
    return 'this card takes its country from the access points that it hears, and not from settings: use channels 1 to 11 (p2p_group_add_opts: freq=2)';
  const set = [['iw', 'reg', 'set', country]];
  if (machine.hasRegulatoryDatabase) return { safe: set };
  return { install: ['wireless-regdb'], after: [['iw', 'reg', 'reload'], ...set] };
}

/** The radio that will be used; a text: why it is unknown. */
function theRadio({ device }: Facts): Radio | string {
  const [radio, ...others] = device.radios;
  if (radio === undefined) return 'there is no radio';
  if (others.length > 0)
    return 'there are several radios, and wpa_supplicant does not answer which one it uses';
  return radio;
}

/** Types that the kernel does not count. */
const UNCOUNTED = ['monitor', 'AP/VLAN'];
/** The interface of the radio itself, and the P2P device: they are always there. */
const OWN = ['managed', 'P2P-device'];

/** The interfaces of a radio as the kernel counts them (cfg80211_check_combinations): those that are up. */
function countedOn(
  { phy }: Radio,
  inUse: readonly InterfaceInUse[],
  all: readonly Radio[],
): InterfaceInUse[] {
  const isUp = (name: string | null) => all.find((one) => one.name === name)?.up ?? true;
  return inUse
    .filter((one) => one.phy === phy && !UNCOUNTED.includes(one.type))
    .filter(({ name, type }) => OWN.includes(type) || isUp(name));
}

function allows({ limits, total }: Combination, types: readonly string[]): boolean {
  if (types.length > total) return false;
  const left = limits.map(({ types: kinds, most }) => ({ kinds, most }));
  for (const type of types) {
    const matching = left.filter(({ kinds }) => kinds.includes(type));
    if (matching.length === 0 || matching.some(({ most }) => most === 0)) return false;
    for (const limit of matching) limit.most -= 1;
  }
  return true;
}

export function interfaceCombinations(facts: Facts): Verdicts {
  const { device, radios } = facts;
  const { capabilities, inUse } = radios;
  if (isMissing(capabilities)) return notShown(facts, capabilities.missing);
  if (isMissing(inUse)) return notShown(facts, inUse.missing);
  const radio = theRadio(facts);
  if (typeof radio === 'string') return blocked(radio);
  const supported = capabilities.get(radio.phy);
  if (!supported?.modes.includes('P2P-GO')) return blocked('the radio cannot be a group owner (see p2p-go)');
  const present = countedOn(radio, inUse, radios.interfaces);
  const types = present.map(({ type }) => type);
  if (types.includes('P2P-GO')) return ok('a group is up');
  const fits = (wanted: readonly string[]) => supported.combinations.some((one) => allows(one, wanted));
  if (fits([...types, 'P2P-GO'])) return ok('the driver allows a group beside the present interfaces');
  const place = types.indexOf('managed');
  const onRadio = place < 0 ? [...types, 'P2P-GO'] : types.map((type, i) => (i === place ? 'P2P-GO' : type));
  if (isMissing(device.reported)) return blocked(device.reported.missing);
  if (device.reported.noGroupInterface === '1' && (fits(onRadio) || onRadio.length === 1))
    return ok(`the group runs on ${radio.name} itself (p2p_no_group_iface=1)`);

  const others = present.filter(({ type }) => !OWN.includes(type));
  const [other] = others;
  if (other !== undefined) {
    const names = others.map(({ name, type }) => `${name ?? 'another interface'} (${type})`).join(', ');
    return error(
      `the driver allows no group beside ${names}`,
      `sudo iw dev ${other.name ?? 'NAME'} del, and stop the program that created it`,
    );
  }
  // Without a P2P device wpa_supplicant uses the radio itself if a second interface is not possible.
  if (!types.includes('P2P-device')) return ok(`the group runs on ${radio.name} itself`);
  return warning(
    `the driver allows no group beside ${radio.name}`,
    'write p2p_no_group_iface=1 into wpa_supplicant.conf, or into config_parms: the group then runs on the radio itself',
  );
}

/**
 * A radio that can use one channel at a time runs a group on the channel of its own connection, or not at all. And not every
 * channel can be asked for.
 */
export function channel(facts: Facts): Verdicts {
  const refused = judgeRequested(facts);
  return refused.length > 0 ? refused : judgeShared(facts);
}

function judgeRequested({ device, radios: { capabilities }, configuration }: Facts): Verdicts {
  const wanted = frequencyIn(configuration.settings.p2p_group_add_opts);
  const [radio, ...others] = device.radios;
  if (radio === undefined || others.length > 0 || isMissing(capabilities)) return [];
  const word = wanted === null ? undefined : capabilities.get(radio.phy)?.restricted.get(Number(wanted));
  if (word === undefined) return [];
  const reasons = new Map([
    ['disabled', 'is not allowed in this country, or the card does not have it'],
    ['no IR', 'is one on which this country, or the missing country, allows no group'],
    ['radar detection', 'needs radar detection, which most drivers do not do for a group'],
  ]);
  return error(
    `the channel of freq=${wanted} (p2p_group_add_opts) ${reasons.get(word) ?? word}`,
    'use one of the channels 1 to 11, or 36 to 48 with a country; or freq=2 for any channel of 2.4 GHz',
  );
}

function judgeShared(facts: Facts): Verdicts {
  const { inUse, capabilities } = facts.radios;
  if (isMissing(inUse)) return notShown(facts, inUse.missing);
  const phys = facts.device.radios.map(({ phy }) => phy);
  const connection = inUse.find(
    ({ phy, type, frequency }) => phys.includes(phy) && type === 'managed' && frequency !== null,
  );
  if (connection?.name == null || connection.frequency === null)
    return ok('the radio has no connection of its own');
  const { name, frequency } = connection;
  const radio = theRadio(facts);
  if (typeof radio === 'string') return blocked(radio);
  if (isMissing(capabilities)) return unknown(capabilities.missing);
  const combinations = capabilities.get(radio.phy)?.combinations ?? [];
  if (combinations.length === 0)
    return unknown('iw does not show how many channels the radio can use at once');
  const channels = channelsWithGroup(combinations, countedOn(radio, inUse, facts.radios.interfaces));
  if (channels === null)
    return blocked('the driver allows no group beside the present interfaces (see interface-combinations)');
  if (channels > 1) return ok(`the group need not share the channel of ${name}, ${frequency} MHz`);
  const shared = `the radio can use one channel at a time, and ${name} is connected on ${frequency} MHz`;
  if (isRadar(frequency))
    return warning(
      `${shared}, a channel with radar detection, where most drivers allow no group`,
      `connect ${name} to a network on another channel: 1 to 11, 36 to 48 or 149 to 165`,
    );
  const wanted = frequencyIn(facts.configuration.settings.p2p_group_add_opts);
  if (wanted !== null && !includesFrequency(wanted, frequency))
    return error(
      `${shared}: a group with freq=${wanted} (p2p_group_add_opts) is refused`,
      `take freq=${wanted} out of p2p_group_add_opts, or connect ${name} to a network on that channel`,
    );
  return ok(`${shared}: the group will use it too`);
}

/** How many channels the radio can use with a group beside the present interfaces; null if no combination allows that. */
function channelsWithGroup(
  combinations: readonly Combination[],
  present: readonly InterfaceInUse[],
): number | null {
  const types = present.map(({ type }) => type);
  const wanted = types.includes('P2P-GO') ? types : [...types, 'P2P-GO'];
  const fitting = combinations.filter((one) => allows(one, wanted));
  return fitting.length === 0 ? null : Math.max(...fitting.map(({ channels }) => channels));
}

/** Channels 52 to 144, in nearly all countries. */
function isRadar(frequency: number): boolean {
  return frequency >= 5260 && frequency <= 5720;
}

/** Whether the group would end the connection of the radio itself, which the setting `keep_station` decides. */
export function keepStation(facts: Facts): Verdicts {
  const { device, control, configuration } = facts;
  const radio = theRadio(facts);
  if (typeof radio === 'string') return blocked(radio);
  if (isMissing(device.reported)) return blocked(device.reported.missing);
  if (!usesRadioItself(facts, radio)) return ok(`the group does not run on ${radio.name} itself`);
  const answer = control.sockets.find(({ name }) => name === radio.name)?.answer;
  if (!answer || !('status' in answer))
    return blocked(`wpa_supplicant does not report the state of ${radio.name}`);
  const use = parseStationUse(answer.status);
  if (use === null) return ok(`${radio.name}, on which the group runs, is not connected to a network`);
  const { keep_station } = configuration.settings;
  return warning(
    `the group runs on ${radio.name} itself, which ${printable(stationUseText(use))}: ` +
      (keep_station ? 'no group is formed while it is' : 'the group ends that (keep_station: false)'),
    'use another Wi-Fi card, or a cable, for that network' +
      (keep_station ? '; or set keep_station: false, and the group ends that connection' : ''),
  );
}

/** As wpa_supplicant decides it (p2p_supplicant.c, wpas_p2p_create_iface). */
function usesRadioItself({ device, radios }: Facts, radio: Radio): boolean {
  if (known(device.reported)?.noGroupInterface === '1') return true;
  const { capabilities, inUse } = radios;
  // With a P2P device the group always gets its own interface.
  if (device.name !== radio.name || isMissing(capabilities) || isMissing(inUse)) return false;
  const types = inUse
    .filter(({ phy, type }) => phy === radio.phy && OWN.includes(type))
    .map(({ type }) => type);
  return !capabilities.get(radio.phy)?.combinations.some((one) => allows(one, [...types, 'P2P-GO']));
}
