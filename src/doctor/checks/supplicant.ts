import { isDevice, isGroup } from '../../system/interface-names.js';
import { isMissing, known } from '../../system/missing.js';
import { versionIsOlder } from '../../system/version.js';
import { DAEMON_FILES, leaveRadios } from '../daemon-files.js';
import type { Facts, Radio, StartedInterface, SupplicantProcess } from '../facts.js';
import { blocked, error, ok, orOk, unknown, type Verdicts, warning } from '../report.js';
import {
  isDown,
  isIdle,
  isNetplan,
  isOfDhcpcd,
  isServed,
  otherUser,
  restart,
  servesRadio,
  startSupplicant,
  unitToStart,
  unseenProcesses,
} from '../supplicant-service.js';
import { disableDhcpcdHook, manages } from './network-daemons.js';

/** Older ones lack what hostp2pd needs: P2P device interfaces that work, LEVEL, freq in events. */
const OLDEST_SUPPLICANT = '2.7';
/** Since this version saving without a configuration file is refused, and no crash (config_file.c, wpa_config_write). */
const SAVES_SAFELY = '2.10';

export function supplicantRunning(facts: Facts): Verdicts {
  const { processes, visible, program } = facts.supplicant;
  if (processes.length > 0)
    return ok(`wpa_supplicant runs (pid ${processes.map(({ pid }) => pid).join(', ')})`);
  if (isServed(facts)) return ok('wpa_supplicant answers');
  if (facts.machine.container !== null)
    return blocked('the processes outside of this container are hidden (see container)');
  if (!visible) return unknown('processes of other users are hidden; run the doctor as root');
  if (!isDown(facts))
    return unknown('no process of wpa_supplicant can be seen, but a program listens on its sockets');
  if (program === null) return error('wpa_supplicant is not installed', { install: ['wpasupplicant'] });
  const user = otherUser(facts);
  if (user !== null)
    return error(
      `wpa_supplicant does not run, and ${user.what}`,
      `${user.fix}; then ${startSupplicant(facts)}`,
    );
  const unit = isIdle(facts) ? unitToStart(facts) : null;
  return error('wpa_supplicant does not run', unit === null ? startSupplicant(facts) : { safe: [unit] });
}

export function supplicantVersion({ device }: Facts): Verdicts {
  const version = known(device.reported)?.version ?? null;
  if (version === null) return blocked('wpa_supplicant does not report its version');
  if (!versionIsOlder(version, OLDEST_SUPPLICANT)) return ok(`wpa_supplicant ${version}`);
  return warning(
    `wpa_supplicant ${version} is too old`,
    `upgrade to ${OLDEST_SUPPLICANT} or later: sudo apt install wpasupplicant`,
  );
}

export function secondSupplicant(facts: Facts): Verdicts {
  const { processes, visible } = facts.supplicant;
  const onRadios = facts.device.radios.flatMap((radio) => {
    const { name } = radio;
    const serving = processes.filter((process) => servesRadio(process, name));
    if (serving.length < 2) return [];
    const pids = serving.map(({ pid }) => pid).join(' and ');
    return error(
      `${serving.length} wpa_supplicants serve ${name} (pid ${pids}) and disturb each other`,
      fixSecond(facts, serving, radio),
    );
  });
  const verdicts = [...onRadios, ...processes.flatMap((process) => judgeOnGroup(facts, process))];
  if (verdicts.length === 0 && processes.length === 0 && !visible)
    return unknown('processes of other users are hidden');
  const [unseen] = unseenProcesses(facts);
  if (verdicts.length === 0 && processes.length > 1 && unseen !== undefined)
    return unknown(`the sockets of wpa_supplicant (pid ${unseen.pid}) are hidden; run the doctor as root`);
  return orOk(verdicts, 'no second wpa_supplicant on the radio');
}

/**
 * Which of them is wanted is for the user to say. First comes the end of the last one, which is probably the one that was
 * added; but the one of the host's own network program may have been restarted since, and the home network is its.
 */
function fixSecond(facts: Facts, serving: readonly SupplicantProcess[], radio: Radio): string {
  const order = [...serving].reverse();
  const ofHost = order.filter((process) => isOfHost(facts, process, radio));
  const ways = [...order.filter((process) => !ofHost.includes(process)), ...ofHost].map((process) => {
    const isAlone = serving.filter(({ unit }) => unit === process.unit).length === 1;
    const [stays, ...more] = serving.filter((other) => other !== process);
    // The first one has set the interface up, and with its end takes it down (driver_nl80211.c, start_iface_up).
    const endsInterface = process === serving[0] && stays !== undefined && more.length === 0;
    const renew = endsInterface ? [restart(stays)] : [];
    return wayToEnd(facts, process, radio, isAlone, renew);
  });
  return ways.join('; or to keep that one: ');
}

/** Started by the program that configures the radio, and for it: netplan, ifupdown, dhcpcd or NetworkManager. */
function isOfHost({ services }: Facts, process: SupplicantProcess, radio: Radio): boolean {
  if (isNetplan(process) || process.ofIfupdown || isOfDhcpcd(process)) return true;
  const { networkManager } = services;
  return process.unit === 'wpa_supplicant' && networkManager !== null && manages(networkManager, radio);
}

/**
 * Ends this wpa_supplicant and nothing else. Most units that start one do more: `networking` and `dhcpcd` are the whole
 * network of the machine.
 * @param isAlone its unit has no other wpa_supplicant on that radio
 * @param renew restarts what stays
 */
function wayToEnd(
  { services }: Facts,
  process: SupplicantProcess,
  radio: Radio,
  isAlone: boolean,
  renew: readonly string[],
): string {
  const { netplan, networkManager } = services;
  const { unit, pid } = process;
  const steps = (...ends: readonly string[]) => [...ends, ...renew].join('; ');
  const kill = `sudo kill ${pid}`;
  if (isNetplan(process))
    return steps(
      `have another program request the address of ${radio.name}, as "wpa_supplicant has the radio" in install.md shows`,
      `take ${radio.name} out of ${known(netplan)?.files.join(', ') ?? '/etc/netplan'}`,
      'sudo netplan apply',
    );
  if (process.ofIfupdown)
    return steps(
      `take the lines wpa-… of ${radio.name} out of /etc/network/interfaces, as "With neither" in install.md shows`,
      kill,
    );
  if (unit === null || !isAlone) return steps(kill);
  if (isOfDhcpcd(process))
    return steps(
      `write "nohook wpa_supplicant" below "interface ${radio.name}" at the end of ${DAEMON_FILES.dhcpcd.place}`,
      kill,
    );
  if (unit === 'wpa_supplicant' && networkManager !== null && manages(networkManager, radio))
    return leaveRadios(networkManager, [radio.name], renew);
  return steps(unit.endsWith(`@${radio.name}`) ? `sudo systemctl disable --now ${unit}` : kill);
}

/** A hook of dhcpcd starts one on each wireless interface that comes up (10-wpa_supplicant). */
function judgeOnGroup({ services }: Facts, { pid, started }: SupplicantProcess): Verdicts {
  const group = started.find(({ name }) => isGroup(name))?.name;
  if (group === undefined) return [];
  const { dhcpcd } = services;
  const fix = dhcpcd === null ? 'and find out what started it' : disableDhcpcdHook(dhcpcd, group);
  return error(
    `another wpa_supplicant (pid ${pid}) was started on ${group}, the interface of a group, and disturbs it`,
    `sudo kill ${pid}; ${fix}`,
  );
}

export function updateConfig(facts: Facts): Verdicts {
  const { device, configuration, supplicant } = facts;
  const willBeSet = configuration.settings.config_parms['update_config'] === '1';
  const value = known(device.reported)?.updateConfig ?? null;
  if (value === null && !willBeSet) return blocked('wpa_supplicant does not report its update_config');
  if (value !== '1' && !willBeSet) return ok('wpa_supplicant does not write its configuration file');
  const radios = device.radios.map(({ name }) => name);
  const serving = supplicant.processes.filter((process) => radios.some((name) => servesRadio(process, name)));
  if (serving.length === 0) return unknown('it is not known which wpa_supplicant serves the radio');
  const files = serving
    .flatMap((process) => startedOn(facts, process))
    .map(({ configFile, deviceFile }) => deviceFile?.path ?? configFile)
    .filter((file) => file !== null);
  if (files.length > 0) return ok(`wpa_supplicant saves its changes in ${files.join(', ')}`);
  const version = known(device.reported)?.version ?? null;
  const message = 'update_config is 1, but wpa_supplicant runs without a configuration file:';
  const [process] = serving;
  // What a session has set stays until then.
  const reset = value === '1' && process !== undefined ? `; ${restart(process)}` : '';
  const fix = `set save_config_enabled to false and take update_config out of config_parms${reset}; or start wpa_supplicant with -c FILE`;
  if (version !== null && versionIsOlder(version, SAVES_SAFELY))
    return error(`${message} version ${version} crashes when it saves`, fix);
  return warning(`${message} it cannot save anything`, fix);
}

function startedOn({ device }: Facts, { started }: SupplicantProcess): readonly StartedInterface[] {
  const radios = device.radios.map(({ name }) => name);
  return started.filter(({ name }) => radios.includes(name));
}

/**
 * Whether the P2P device has the same address after a restart of wpa_supplicant. The file of the radio must have it, and
 * beside hostp2pd wpa_supplicant writes it there only if Wi-Fi Direct runs on the radio itself.
 */
export function keepsDeviceAddress(facts: Facts): boolean {
  const { device, supplicant } = facts;
  const started = supplicant.processes.flatMap((process) => startedOn(facts, process));
  if (started.some(({ persistentAddress }) => persistentAddress !== null)) return true;
  const onRadio = !isDevice(device.name ?? '');
  const writesFile = known(device.reported)?.updateConfig === '1';
  return onRadio && writesFile && started.some(({ configFile }) => configFile !== null);
}

const OWN_FILE = 'start wpa_supplicant with -m FILE and -O, as packaging/docs/wpa-supplicant.md shows';

export function deviceFile(facts: Facts): Verdicts {
  const { device, supplicant, configuration } = facts;
  const [started] = supplicant.processes.flatMap((process) => startedOn(facts, process));
  const own = started?.deviceFile ?? null;
  if (own !== null && own.override === null)
    return error(
      `wpa_supplicant was started with -m ${own.path} and without -O, so the P2P device has no control socket`,
      `add -O "${started?.controlInterface ?? 'DIR=/run/wpa_supplicant GROUP=netdev'}" to its command line`,
    );
  if (device.name === null) return blocked('there is no P2P device');
  if (!isDevice(device.name)) return ok('Wi-Fi Direct runs on the radio itself');
  if (own !== null && own.path !== started?.configFile) {
    if (isMissing(own.controlInterface))
      return unknown(`${own.path} could not be read: ${own.controlInterface.missing}`);
    if (own.controlInterface === own.override) return ok(`${device.name} has its own file ${own.path}`);
    return warning(
      `a reload closes the control socket of ${device.name}: -O is "${own.override}", and ${own.path} has ` +
        (own.controlInterface === null ? 'no ctrl_interface' : `ctrl_interface=${own.controlInterface}`),
      `write ctrl_interface=${own.override} into ${own.path}`,
    );
  }
  if (configuration.settings.per_sta_psk)
    return error(
      `per_sta_psk: ${device.name} has no configuration file of its own, so the passphrases of the phones are lost ` +
        'when wpa_supplicant restarts',
      OWN_FILE,
    );
  const file = started?.configFile ?? null;
  if (file === null) return ok('wpa_supplicant has no configuration file, so hostp2pd keeps the group');
  return ok(
    `${device.name} shares ${file} with the radio, so hostp2pd does not write it and keeps the group itself; ` +
      `recommended: ${OWN_FILE}`,
  );
}
