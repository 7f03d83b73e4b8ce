import type { Facts, Radio } from '../facts.js';
import { type Check, fault, ok, orOk, unknown, type Verdict, warning } from '../finding.js';
import { deviceNameOf } from '../gather/device.js';
import { deviceOr, isDown, isGroup, isMissing, isServed, restartSupplicant } from './subject.js';

export const interfaceChecks: readonly Check[] = [
  {
    id: 'interface-name',
    uses: ['interface', 'ctrl_interface'],
    looksAt:
      'whether the interface that is named (`interface`, `-i`) is there, and is the right one of its radio',
    judge: judgeName,
  },
  {
    id: 'interface-name-length',
    looksAt: 'whether `p2p-dev-<interface>` fits the 15 characters that a name may have',
    judge: judgeLength,
  },
  {
    id: 'p2p-device',
    looksAt:
      'whether wpa_supplicant does Wi-Fi Direct on it, and if not why: `p2p_disabled`, how it was built, the driver',
    judge: judgeDevice,
  },
  {
    id: 'leaked-group',
    looksAt: 'interfaces of groups (`p2p-wlan0-0` …) that no group runs on any more',
    judge: judgeLeaks,
  },
];

function judgeName(facts: Facts): readonly Verdict[] {
  const { wanted, name, told } = facts.device;
  if (wanted === 'auto') {
    if (name !== null) return ok(`auto takes ${name}`);
    return unknown(
      isServed(facts) ? 'auto finds no interface (see p2p-device)' : 'wpa_supplicant does not answer',
    );
  }
  const served = facts.control.sockets.map((socket) => socket.name);
  if (served.includes(wanted)) {
    const device = deviceNameOf(wanted);
    if (isGroup(wanted)) return fault(`${wanted} is the interface of a group`, useInstead(facts, served));
    if (device !== wanted && (told?.interfaces.includes(device) || served.includes(device)))
      return fault(
        `Wi-Fi Direct events do not arrive on ${wanted}, but on ${device}`,
        useInstead(facts, [device]),
      );
    return ok(wanted);
  }
  if (facts.control.state === 'listed' && !isDown(facts))
    return fault(`wpa_supplicant serves no interface ${wanted}`, useInstead(facts, served));
  const radios = facts.radios.interfaces.map((radio) => radio.name);
  if (radios.some((radio) => wanted === radio || wanted === deviceNameOf(radio)))
    return unknown('wpa_supplicant does not answer');
  return fault(`there is no radio for an interface ${wanted}`, useInstead(facts, radios.map(deviceNameOf)));
}

function useInstead({ radios }: Facts, names: readonly string[]): string {
  const fit = names.filter((name) => !isGroup(name));
  const devices = fit.filter((name) => name.startsWith('p2p-dev-'));
  const [best] = devices.length > 0 ? devices : fit;
  if (best !== undefined) return `use -i ${best}, or interface: auto`;
  return radios.interfaces.length === 0
    ? 'plug in a Wi-Fi card ("iw dev" must show it), then use interface: auto'
    : 'use interface: auto';
}

const MOST_CHARACTERS = 15;

function judgeLength({ device, radios }: Facts): readonly Verdict[] {
  const long = device.radios.filter(({ name }) => `p2p-dev-${name}`.length > MOST_CHARACTERS);
  // A driver that makes no P2P device needs no name for one.
  const concerned = long.filter(({ name }) => device.name !== name);
  const [first] = concerned;
  if (first === undefined || concerned.length < device.radios.length)
    return ok(device.radios.length === 0 ? 'there is no radio' : 'short enough');
  const cure = renaming(first.name, radios.interfaces);
  if (device.name !== null)
    return warning(
      `p2p-dev-${first.name} is too long; wpa_supplicant cuts it to ${device.name}, which a second card may have too`,
      cure,
    );
  return fault(`p2p-dev-${first.name} is too long a name: the P2P device cannot be made`, cure);
}

function renaming(name: string, all: readonly Radio[]): string {
  const taken = all.map((radio) => radio.name);
  let number = 0;
  while (taken.includes(`wlan${number}`)) number += 1;
  return (
    `stop wpa_supplicant, then ip link set ${name} down; ip link set ${name} name wlan${number}; ` +
    'for good by a .link file (man systemd.link)'
  );
}

function judgeDevice(facts: Facts): readonly Verdict[] {
  const { wanted, name, address, told } = facts.device;
  if (told === null) return unknown('wpa_supplicant does not answer');
  if (told.p2pDisabled === '1')
    return fault(
      'Wi-Fi Direct is switched off in wpa_supplicant (p2p_disabled=1)',
      `take p2p_disabled=1 out of wpa_supplicant.conf (and config_parms); ${restartSupplicant(facts)}`,
    );
  if (name !== null) {
    const kind = name.startsWith('p2p-dev-') ? '' : ', the radio itself: its driver makes no P2P device';
    return ok(`${name}${kind}, device address ${address ?? '?'}`);
  }
  if (!told.knowsP2p)
    return fault(
      'wpa_supplicant was built without Wi-Fi Direct (CONFIG_P2P)',
      "install one that has it, such as Debian's: apt install wpasupplicant",
    );
  const { abilities } = facts.radios;
  const able = (radio: Radio) =>
    isMissing(abilities) || (abilities.get(radio.phy)?.modes.includes('P2P-GO') ?? false);
  if (facts.device.radios.length > 0 && !facts.device.radios.some(able))
    return fault(
      'no interface for Wi-Fi Direct: the driver cannot do it (see p2p-go)',
      'use another Wi-Fi card, for which "iw list" names P2P-GO',
    );
  if (wanted !== 'auto' && !facts.control.sockets.some((socket) => socket.name === wanted))
    return unknown(`wpa_supplicant serves no interface ${wanted} (see interface-name)`);
  // Its P2P device has no interface of the kernel, and the address is set by one (SIOCGIFFLAGS: no such device).
  if (told.randomDeviceAddress === '1')
    return fault(
      'no interface for Wi-Fi Direct: p2p_device_random_mac_addr=1 wants an address that the P2P device cannot be given',
      `set p2p_device_random_mac_addr=0 in wpa_supplicant.conf, or 2 where the driver makes up another address at every start; ${restartSupplicant(facts)}`,
    );
  return fault(
    `no interface for Wi-Fi Direct: the STATUS of ${told.by} shows no p2p_device_address`,
    'let wpa_supplicant serve the radio with the driver nl80211 (-Dnl80211 -i wlan0), and look at its log',
  );
}

/** wpa_state of an interface on which nothing runs, nor is about to. */
const IDLE = ['INACTIVE', 'DISCONNECTED', 'INTERFACE_DISABLED'];

function judgeLeaks(facts: Facts): readonly Verdict[] {
  const { device, control, radios } = facts;
  const groups = radios.interfaces.map(({ name }) => name).filter(isGroup);
  if (groups.length === 0) return ok('none');
  if (device.told === null && !(isDown(facts) && facts.supplicant.visible))
    return unknown(`wpa_supplicant does not answer; there is ${groups.join(', ')}`);
  const verdicts = groups.flatMap((name) => {
    const listed = device.told?.interfaces.includes(name) ?? false;
    if (!listed && !isElsewhere(facts, name))
      return warning(`${name} is left over: wpa_supplicant does not know it`, `sudo iw dev ${name} del`);
    const answer = control.sockets.find((socket) => socket.name === name)?.answer;
    if (!listed || answer === undefined || !('status' in answer)) return [];
    const state = /^wpa_state=(.*)$/m.exec(answer.status)?.[1] ?? '';
    if (/^mode=/m.test(answer.status) || !IDLE.includes(state)) return [];
    const command = `wpa_cli -p ${control.folder} -i ${deviceOr(facts, 'p2p-dev-wlan0')} p2p_group_remove ${name}`;
    return warning(`${name} has no group, unless a phone is joining just now`, command);
  });
  return orOk(verdicts, `${groups.join(', ')} in use`);
}

/** Another wpa_supplicant than the one that was asked may have it. */
function isElsewhere({ supplicant }: Facts, name: string): boolean {
  return supplicant.processes.some(({ sockets }) => sockets.some((path) => path.endsWith(`/${name}`)));
}
