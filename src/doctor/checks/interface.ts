import { typedCommands } from '../../system/commands.js';
import { deviceInterfaceOf, isDevice, isGroup, parentOf } from '../../system/interface-names.js';
import { isMissing, known } from '../../system/missing.js';
import { quoted } from '../../system/values.js';
import { parseKeyValues } from '../../wpa/reply.js';
import { DAEMON_FILES, install, RESTART_ENDS } from '../daemon-files.js';
import type { Facts, Radio } from '../facts.js';
import { blocked, error, ok, orOk, unknown, type Verdicts, warning } from '../report.js';
import { isDown, setParameter, unseenProcesses } from '../supplicant-service.js';
import { changesAddress } from './network-daemons.js';
import { keepsDeviceAddress } from './supplicant.js';

export function interfaceName(facts: Facts): Verdicts {
  const { requested, name, reported } = facts.device;
  if (requested === 'auto') {
    if (name !== null) return ok(`auto uses ${name}`);
    return blocked(isMissing(reported) ? reported.missing : 'auto finds no interface (see p2p-device)');
  }
  const served = facts.control.sockets.map((socket) => socket.name);
  if (served.includes(requested)) {
    const device = deviceInterfaceOf(requested);
    if (isGroup(requested))
      return error(`${requested} is the interface of a group`, useInstead(facts, served));
    if (device !== requested && (known(reported)?.interfaces.includes(device) || served.includes(device)))
      return error(
        `Wi-Fi Direct events do not arrive on ${requested}, but on ${device}`,
        useInstead(facts, [device]),
      );
    return ok(requested);
  }
  if (facts.control.state === 'listed' && !isDown(facts))
    return error(`wpa_supplicant serves no interface ${requested}`, useInstead(facts, served));
  const radios = facts.radios.interfaces.map((radio) => radio.name);
  if (radios.some((radio) => requested === radio || requested === deviceInterfaceOf(radio)))
    return blocked('wpa_supplicant does not answer');
  return error(
    `there is no radio for an interface ${requested}`,
    useInstead(facts, radios.map(deviceInterfaceOf)),
  );
}

function useInstead({ radios }: Facts, names: readonly string[]): string {
  const [best] = [...names.filter(isDevice), ...names.filter((name) => !isGroup(name))];
  if (best !== undefined) return `use -i ${best}, or interface: auto`;
  return radios.interfaces.length === 0
    ? 'plug in a Wi-Fi card ("iw dev" must show it), then use interface: auto'
    : 'use interface: auto';
}

export function interfaceNameLength({ device, radios }: Facts): Verdicts {
  if (device.radios.length === 0) return ok('there is no radio');
  const tooLong = device.radios
    .filter(({ name }) => parentOf(deviceInterfaceOf(name)) !== name)
    // If the driver makes no P2P device, none needs a name.
    .filter(({ name }) => device.name !== name);
  const [first] = tooLong;
  if (first === undefined || tooLong.length < device.radios.length) return ok('the name is short enough');
  const fix = rename(first.name, radios.interfaces);
  if (device.name === null)
    return error(`p2p-dev-${first.name} is too long a name: the P2P device cannot be created`, fix);
  return warning(
    `p2p-dev-${first.name} is too long; wpa_supplicant cuts it to ${device.name}, and a second card can get the same name`,
    fix,
  );
}

function rename(name: string, all: readonly Radio[]): string {
  const taken = all.map((radio) => radio.name);
  let number = 0;
  while (taken.includes(`wlan${number}`)) number += 1;
  return (
    `stop wpa_supplicant, then sudo ip link set ${name} down; sudo ip link set ${name} name wlan${number}; ` +
    `start wpa_supplicant on wlan${number}; permanently by a .link file (man systemd.link)`
  );
}

/**
 * Realtek's own drivers for USB cards, such as rtl88x2bu and 8821au. Phones do not list their groups in Wi-Fi Direct
 * (github.com/morrownr/88x2bu-20210702/issues/244, 8821au-20210708/issues/182).
 */
const REALTEK_USB = /^(?:rtl)?88(?:xx|x2|1[124]|2[12])[abc]u$/i;

export function p2pDevice(facts: Facts): Verdicts {
  const { requested, name, address, reported, radios } = facts.device;
  if (isMissing(reported)) return blocked(reported.missing);
  if (reported.p2pDisabled === '1')
    return error(
      'Wi-Fi Direct is switched off in wpa_supplicant (p2p_disabled=1)',
      `${setParameter(facts, 'p2p_disabled', '0')}; and take p2p_disabled=1 out of config_parms`,
    );
  if (name !== null) {
    const usb = radios.find((radio) => radio.name === name && REALTEK_USB.test(radio.driver ?? ''));
    if (usb !== undefined)
      return warning(
        `the driver ${usb.driver} makes no P2P device: phones see the network in their Wi-Fi list, and not the box in Wi-Fi Direct`,
        'let phones join by the QR code (hostp2pd qr), or use another Wi-Fi card',
      );
    const kind = isDevice(name) ? '' : ', the radio itself: its driver makes no P2P device';
    return ok(`${name}${kind}, device address ${address ?? '?'}`);
  }
  if (!reported.knowsP2p)
    return error(
      'wpa_supplicant was built without Wi-Fi Direct (CONFIG_P2P)',
      "install one that has it, such as Debian's: sudo apt install wpasupplicant",
    );
  const { capabilities } = facts.radios;
  const mayBeOwner = ({ phy }: Radio) =>
    isMissing(capabilities) || capabilities.get(phy)?.modes.includes('P2P-GO');
  if (radios.length > 0 && !radios.some(mayBeOwner))
    return error(
      'no interface for Wi-Fi Direct: the driver cannot do it (see p2p-go)',
      'use another Wi-Fi card, for which "iw list" shows P2P-GO',
    );
  if (requested !== 'auto' && !facts.control.sockets.some((socket) => socket.name === requested))
    return blocked(`wpa_supplicant serves no interface ${requested} (see interface-name)`);
  // The P2P device is no interface of the kernel, but the address is set by interface (SIOCGIFFLAGS: no such device).
  if (reported.randomDeviceAddress === '1')
    return error(
      'no interface for Wi-Fi Direct: p2p_device_random_mac_addr=1 asks for an address that the P2P device cannot be given',
      `${setParameter(facts, 'p2p_device_random_mac_addr', '0')}; or 2 in place of 0 if the driver generates a new address at every start`,
    );
  return error(
    `no interface for Wi-Fi Direct: the STATUS of ${reported.by} shows no p2p_device_address`,
    'let wpa_supplicant serve the radio with the driver nl80211 (-Dnl80211 -i wlan0), and look in its log',
  );
}

/** wpa_state of an interface on which no group runs or is being formed. */
const IDLE = ['INACTIVE', 'DISCONNECTED', 'INTERFACE_DISABLED'];

export function leakedGroup(facts: Facts): Verdicts {
  const { device, control, radios, supplicant, machine } = facts;
  const { reported } = device;
  const groups = radios.interfaces.map(({ name }) => name).filter(isGroup);
  if (groups.length === 0) return ok('no leftover group interface');
  // In a container the processes of the host cannot be seen.
  const seesAll = supplicant.visible && machine.container === null;
  if (isMissing(reported) && !(isDown(facts) && seesAll))
    return blocked(`${reported.missing}; there is ${groups.join(', ')}`);
  const verdicts = groups.flatMap((name) => {
    const listed = known(reported)?.interfaces.includes(name) ?? false;
    // Another wpa_supplicant than the one that was asked may have it.
    const isElsewhere = supplicant.processes.some((one) =>
      one.sockets?.some((path) => path.endsWith(`/${name}`)),
    );
    const mayBeElsewhere = !seesAll || (supplicant.processes.length > 1 && unseenProcesses(facts).length > 0);
    if (!listed && !isElsewhere && mayBeElsewhere)
      return unknown(`${name}: a wpa_supplicant that is hidden may have it; run the doctor as root`);
    if (!listed && !isElsewhere) {
      const remove = [['iw', 'dev', name, 'del']];
      // The wpa_supplicant of NetworkManager may have it, without a socket: then a person decides.
      const isAlone = facts.services.networkManager === null || supplicant.processes.length <= 1;
      const fix = isAlone ? { safe: remove } : typedCommands(remove);
      return warning(`${name} is left over: wpa_supplicant does not know it`, fix);
    }
    const answer = control.sockets.find((socket) => socket.name === name)?.answer;
    if (!listed || answer === undefined || !('status' in answer)) return [];
    const status = parseKeyValues(answer.status);
    if (status.has('mode') || !IDLE.includes(status.get('wpa_state') ?? '')) return [];
    const by = device.name ?? known(reported)?.by ?? 'p2p-dev-wlan0';
    const command = `sudo wpa_cli -p ${quoted(control.folder)} -i ${by} p2p_group_remove ${name}`;
    return warning(`${name} has no group, unless a phone is joining right now`, command);
  });
  return orOk(verdicts, `${groups.join(', ')} in use`);
}

export function randomAddress(facts: Facts): Verdicts {
  const { device, configuration, services } = facts;
  if (!configuration.settings.activate_persistent_group) return ok('no persistent group is set up');
  const verdicts = [...judgeDeviceAddress(facts), ...judgeRadioAddress(facts)];
  const { networkManager } = services;
  if (networkManager !== null && device.radios.some((radio) => changesAddress(networkManager, radio)))
    verdicts.push(
      ...warning(
        'NetworkManager gives the radio random addresses while it scans, and the P2P device address follows',
        `${install(DAEMON_FILES.networkManagerAddress)}; ${RESTART_ENDS}`,
      ),
    );
  if (verdicts.length === 0 && isMissing(device.reported)) return blocked(device.reported.missing);
  return orOk(verdicts, `${device.address ?? 'the address'} does not change`);
}

function judgeDeviceAddress(facts: Facts): Verdicts {
  const mode = known(facts.device.reported)?.randomDeviceAddress ?? '0';
  if (mode === '0' || keepsDeviceAddress(facts)) return [];
  return warning(
    `p2p_device_random_mac_addr=${mode}, and no file keeps the address: it changes at each start of wpa_supplicant`,
    `${setParameter(facts, 'p2p_device_random_mac_addr', '0')}; or write p2p_device_persistent_mac_addr=${facts.device.address ?? 'ADDRESS'} into the file of the radio`,
  );
}

function judgeRadioAddress(facts: Facts): Verdicts {
  const { name, radios, reported } = facts.device;
  const mode = known(reported)?.randomStationAddress ?? '0';
  const [radio, ...others] = radios;
  return [
    // A P2P device has its own address.
    ...(mode !== '0' && name !== null && !isDevice(name)
      ? warning(
          `mac_addr=${mode}: ${name}, on which Wi-Fi Direct runs, changes its address`,
          setParameter(facts, 'mac_addr', '0'),
        )
      : []),
    ...(radio?.randomAddress && others.length === 0
      ? warning(
          `the driver of ${radio.name} generates a new address at every start`,
          'give it a fixed one: MACAddress= in a .link file (man systemd.link)',
        )
      : []),
  ];
}
