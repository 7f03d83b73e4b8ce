import type { Facts, SupplicantProcess } from '../facts.js';
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

function configFilesOf({ device }: Facts, { started }: SupplicantProcess): string[] {
  const names = device.radios.map(({ name }) => name);
  return started
    .filter(({ name }) => names.includes(name))
    .map(({ configFile }) => configFile)
    .filter((file) => file !== null);
}

/** Whether what wpa_supplicant is told to keep outlives it. */
export function keepsChanges(facts: Facts): boolean {
  const files = facts.supplicant.processes.flatMap((process) => configFilesOf(facts, process));
  return facts.device.told?.updateConfig === '1' && files.length > 0;
}
