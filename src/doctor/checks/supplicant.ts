import type { Facts, StartedInterface, SupplicantProcess } from '../facts.js';
import { type Check, fault, ok, orOk, unknown, type Verdict, warning } from '../finding.js';
import { withoutHook } from './dhcpcd.js';
import { isGroup, isServed, servesRadio, startSupplicant } from './subject.js';
import { olderThan } from './versions.js';

/** Older ones lack what is relied on: P2P device interfaces that work, LEVEL, freq in events. */
const OLDEST_SUPPLICANT = '2.7';
/** Since then a missing configuration file is a refusal, no crash (config_file.c, wpa_config_write). */
const SAVES_SAFELY = '2.10';

export const supplicantChecks: readonly Check[] = [
  {
    id: 'supplicant-running',
    looksAt: 'whether wpa_supplicant is installed and runs',
    judge: judgeRunning,
  },
  {
    id: 'supplicant-version',
    looksAt: 'the version of wpa_supplicant (`GET version`)',
    judge: ({ device }) => {
      const version = device.told?.version ?? null;
      if (version === null) return unknown('wpa_supplicant does not tell its version');
      if (!olderThan(version, OLDEST_SUPPLICANT)) return ok(`wpa_supplicant ${version}`);
      return warning(
        `wpa_supplicant ${version} is too old`,
        `upgrade to ${OLDEST_SUPPLICANT} or later: apt install wpasupplicant`,
      );
    },
  },
  {
    id: 'second-supplicant',
    looksAt:
      'whether two wpa_supplicants serve the same radio, by `-i` and by their sockets, or one was started on the interface of a group',
    judge: judgeSecond,
  },
  {
    id: 'update-config',
    looksAt:
      '`update_config=1`, or `config_parms` with it, while wpa_supplicant runs without a configuration file',
    judge: judgeUpdateConfig,
  },
  {
    id: 'device-file',
    looksAt:
      'whether the P2P device has a configuration file of its own (`wpa_supplicant -m`), and keeps its control socket with it (`-O`)',
    judge: judgeDeviceFile,
  },
];

function judgeRunning(facts: Facts): readonly Verdict[] {
  const { processes, visible, program } = facts.supplicant;
  if (processes.length > 0)
    return ok(`wpa_supplicant runs (pid ${processes.map(({ pid }) => pid).join(', ')})`);
  if (isServed(facts)) return ok('wpa_supplicant answers');
  if (!visible) return unknown('processes of other users are hidden; run it as root');
  if (program === null) return fault('wpa_supplicant is not installed', 'apt install wpasupplicant');
  return fault('wpa_supplicant does not run', startSupplicant(facts));
}

function judgeSecond(facts: Facts): readonly Verdict[] {
  const { processes, visible } = facts.supplicant;
  const verdicts = facts.device.radios.flatMap(({ name }) => {
    const serving = processes.filter((process) => servesRadio(process, name));
    const last = serving.at(-1);
    if (serving.length < 2 || last === undefined) return [];
    const pids = serving.map(({ pid }) => pid).join(' and ');
    return fault(
      `${serving.length} wpa_supplicants serve ${name} (pid ${pids}) and disturb each other`,
      `end one of them for good: "systemctl status ${last.pid}" names the service to disable; else kill ${last.pid}`,
    );
  });
  verdicts.push(...processes.flatMap((process) => judgeOnGroup(facts, process)));
  if (verdicts.length === 0 && processes.length === 0 && !visible)
    return unknown('processes of other users are hidden');
  return orOk(verdicts, 'no second wpa_supplicant on the radio');
}

/** The hook of dhcpcd starts one for each wireless interface that comes up (10-wpa_supplicant). */
function judgeOnGroup({ services }: Facts, { pid, started }: SupplicantProcess): readonly Verdict[] {
  const group = started.find(({ name }) => isGroup(name))?.name;
  if (group === undefined) return [];
  const { dhcpcd } = services;
  const fix = dhcpcd === null ? 'and find what has started it' : withoutHook(dhcpcd, group);
  return fault(
    `another wpa_supplicant (pid ${pid}) was started on ${group}, the interface of a group, and disturbs it`,
    `kill ${pid}; ${fix}`,
  );
}

function judgeUpdateConfig(facts: Facts): readonly Verdict[] {
  const { device, configuration, supplicant } = facts;
  const asked = configuration.settings.config_parms['update_config'] === '1';
  const value = device.told?.updateConfig ?? null;
  if (value === null && !asked) return unknown('wpa_supplicant does not tell its update_config');
  if (value !== '1' && !asked) return ok('wpa_supplicant does not write its configuration file');
  const serving = supplicant.processes.filter((process) => servesOneOf(facts, process));
  if (serving.length === 0) return unknown('which wpa_supplicant serves the radio is not known');
  const files = serving.flatMap((process) => configFilesOf(facts, process));
  if (files.length > 0) return ok(`wpa_supplicant keeps its changes in ${files.join(', ')}`);
  const version = device.told?.version ?? null;
  const crashes = version !== null && olderThan(version, SAVES_SAFELY);
  const message = 'update_config is 1, but wpa_supplicant runs without a configuration file:';
  const cure =
    'set save_config_enabled to false and take update_config out of config_parms, or start wpa_supplicant with -c FILE';
  if (crashes) return fault(`${message} version ${version} crashes when it is to save`, cure);
  return warning(`${message} it cannot save anything`, cure);
}

function servesOneOf({ device }: Facts, process: SupplicantProcess): boolean {
  return device.radios.some(({ name }) => servesRadio(process, name));
}

function startedOn({ device }: Facts, { started }: SupplicantProcess): readonly StartedInterface[] {
  const names = device.radios.map(({ name }) => name);
  return started.filter(({ name }) => names.includes(name));
}

function configFilesOf(facts: Facts, process: SupplicantProcess): string[] {
  return startedOn(facts, process)
    .map(({ configFile, deviceFile }) => deviceFile?.path ?? configFile)
    .filter((file) => file !== null);
}

/**
 * Whether the next start of wpa_supplicant gives the P2P device the same address. The file of the radio must have it: only
 * where Wi-Fi Direct runs on the radio itself does wpa_supplicant write it there beside hostp2pd.
 */
export function keepsAddress(facts: Facts): boolean {
  const { device, supplicant } = facts;
  const started = supplicant.processes.flatMap((process) => startedOn(facts, process));
  if (started.some(({ keptAddress }) => keptAddress !== null)) return true;
  const onRadio = !device.name?.startsWith('p2p-dev-');
  return (
    onRadio && device.told?.updateConfig === '1' && started.some(({ configFile }) => configFile !== null)
  );
}

const OWN_FILE = 'start wpa_supplicant with -m FILE and -O, as packaging/docs/wpa-supplicant.md shows';

function judgeDeviceFile(facts: Facts): readonly Verdict[] {
  const { device, supplicant, configuration } = facts;
  const [started] = supplicant.processes.flatMap((process) => startedOn(facts, process));
  const own = started?.deviceFile ?? null;
  if (own !== null && own.override === null)
    return fault(
      `wpa_supplicant was started with -m ${own.path} and without -O: then the P2P device has no control socket`,
      `add -O "${started?.controlInterface ?? 'DIR=/run/wpa_supplicant GROUP=netdev'}" to its command line`,
    );
  if (device.name === null) return unknown('there is no P2P device');
  if (!device.name.startsWith('p2p-dev-')) return ok('Wi-Fi Direct runs on the radio itself');
  if (own !== null && own.path !== started?.configFile) {
    if (own.controlInterface === own.override) return ok(`${device.name} has ${own.path} to itself`);
    return warning(
      `a reload closes the control socket of ${device.name}: -O is "${own.override}", and ${own.path} has ` +
        (own.controlInterface === null ? 'no ctrl_interface' : `ctrl_interface=${own.controlInterface}`),
      `write ctrl_interface=${own.override} into ${own.path}`,
    );
  }
  if (configuration.settings.per_sta_psk)
    return fault(
      `per_sta_psk: ${device.name} has no configuration file of its own, so the passphrases of the phones are lost ` +
        'when wpa_supplicant restarts',
      OWN_FILE,
    );
  const file = started?.configFile ?? null;
  if (file === null) return ok('wpa_supplicant has no configuration file; hostp2pd keeps the group');
  return ok(
    `${device.name} uses ${file} as the radio does, so hostp2pd does not write it, and keeps the group itself; ` +
      `recommended: ${OWN_FILE}`,
  );
}
