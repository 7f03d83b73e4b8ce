import { isDevice } from '../../system/interface-names.js';
import { isMissing, known } from '../../system/missing.js';
import { quoted } from '../../system/values.js';
import { versionIsOlder } from '../../system/version.js';
import { parseStationUse } from '../../wpa/reply.js';
import { RESTART_ENDS } from '../daemon-files.js';
import type {
  ConnectionProfile,
  Facts,
  NetplanFacts,
  NetworkManagerFacts,
  StartedInterface,
} from '../facts.js';
import { blocked, ok, orOk, unknown, type Verdicts, warning } from '../report.js';
import { isNetplan, restart, servingProcesses } from '../supplicant-service.js';
import { manages, nameOfDevice } from './network-daemons.js';

/** Checks of what netplan and NetworkManager store: connections, and the name of the P2P device. */

export function netplan(facts: Facts): Verdicts {
  const { netplan: found, networkManager } = facts.services;
  if (isMissing(found)) return unknown(`whether netplan configures something is not known: ${found.missing}`);
  if (found === null) return ok('netplan configures nothing here');
  const changes = `make changes in ${filesOf(found)}`;
  const serving = servingProcesses(facts);
  const saved = serving.flatMap(({ started }) => started).find(isGenerated);
  const saves =
    known(facts.device.reported)?.updateConfig === '1' ||
    facts.configuration.settings.config_parms['update_config'] === '1';
  if (saved !== undefined && saves)
    return warning(
      `wpa_supplicant saves its changes in ${saved.configFile}, which netplan writes again at each start`,
      'take update_config out of config_parms: hostp2pd then keeps the group itself; or start wpa_supplicant with a file of its own',
    );
  if (serving.some(isNetplan))
    return ok(`netplan runs wpa_supplicant: "netplan apply" restarts it and ends the group; ${changes}`);
  const where = networkManager === null ? '/run' : '/run/NetworkManager';
  return ok(`netplan writes its files below ${where} again at each start; ${changes}`);
}

function isGenerated({ configFile }: StartedInterface): boolean {
  return configFile?.startsWith('/run/netplan/') ?? false;
}

function filesOf({ files }: NetplanFacts): string {
  return files.length === 0 ? '/etc/netplan' : files.join(', ');
}

export function connectionProfiles(facts: Facts): Verdicts {
  const { networkManager } = facts.services;
  const plan = known(facts.services.netplan);
  if (networkManager === null) return ok('NetworkManager does not run');
  const { profiles } = networkManager;
  if (isMissing(profiles))
    return unknown(`the connections of NetworkManager cannot be read: ${profiles.missing}`);
  const exposed = profiles.filter((profile) => profile.exposed);
  const verdicts = [
    ...exposed.flatMap(({ path, name }) =>
      warning(
        `NetworkManager ignores its connection "${name}", because others than root can read or change ${path}`,
        {
          safe: [
            ['chmod', '600', path],
            ['nmcli', 'connection', 'reload'],
          ],
        },
      ),
    ),
    ...judgeUnused(facts, networkManager, profiles, plan),
  ];
  return orOk(verdicts, 'the Wi-Fi connections of NetworkManager can be used, or there are none');
}

/** Connections of radios that NetworkManager has been told to leave alone: a home network that is lost. */
function judgeUnused(
  facts: Facts,
  manager: NetworkManagerFacts,
  profiles: readonly ConnectionProfile[],
  plan: NetplanFacts | null,
): Verdicts {
  const { device, control } = facts;
  const [radio] = device.radios;
  if (radio === undefined || device.radios.some((one) => manages(manager, one))) return [];
  const answer = control.sockets.find(({ name }) => name === radio.name)?.answer;
  if (answer && 'status' in answer && parseStationUse(answer.status) !== null) return [];
  const serving = servingProcesses(facts);
  const networks = serving.flatMap(({ started }) => started).flatMap((one) => one.networks);
  const [lost] = profiles.filter(
    (profile) =>
      profile.station &&
      profile.automatic &&
      !profile.exposed &&
      (profile.interface === null || profile.interface === radio.name) &&
      !networks.includes(profile.ssid),
  );
  if (lost === undefined) return [];
  const own = serving.find(({ started: [first] }) => first?.configFile != null);
  const file = own?.started[0]?.configFile;
  const isOfNetplan = plan?.generated.includes(lost.path) ?? false;
  const remove = isOfNetplan
    ? `take it out of ${filesOf(plan ?? { files: [], generated: [] })}; sudo netplan apply`
    : `sudo nmcli connection modify ${quoted(lost.name)} connection.autoconnect no`;
  return warning(
    `NetworkManager does not manage ${radio.name}, so its connection "${lost.name}" to "${lost.ssid}" cannot be used`,
    `write that network into ${file ?? 'the file of wpa_supplicant'} ("wpa_supplicant has the radio" in install.md)${own === undefined ? '' : `; ${restart(own)}`}; or if it is not needed: ${remove}`,
  );
}

/** Since this version NetworkManager gives P2P devices the name of the host. */
const NAMES_DEVICES_SINCE = '1.60';

/** The file that tells NetworkManager the name. It sorts behind others, which may have another one. */
export const NAME_FILE = '/etc/NetworkManager/conf.d/zz-hostp2pd-name.conf';
const NAME_SECTION = '[device-hostp2pd-name]';
const NAME_KEY = 'wifi-p2p.device-name=';

export function nameFile(name: string): { readonly path: string; readonly content: string } {
  return { path: NAME_FILE, content: `${NAME_SECTION}\n${NAME_KEY}${name}\n` };
}

/** The other name that NetworkManager gives the P2P device, and its version; null: it gives that name, or none. */
export function otherName(
  { device, services: { networkManager } }: Facts,
  wanted: string,
): { readonly version: string; readonly given: string } | null {
  if (networkManager === null || isMissing(networkManager.version)) return null;
  const { version } = networkManager;
  const driver = device.radios[0]?.driver ?? null;
  const p2pDevice = { name: device.name ?? '', driver, type: 'wifi-p2p' } as const;
  if (versionIsOlder(version, NAMES_DEVICES_SINCE) || !isDevice(p2pDevice.name)) return null;
  if (!manages(networkManager, p2pDevice)) return null;
  const name = nameOfDevice(networkManager, p2pDevice);
  return name === wanted ? null : { version, given: name === null ? 'the name of the host' : `"${name}"` };
}

export function deviceName(facts: Facts): Verdicts {
  const { device, services, configuration } = facts;
  const wanted = configuration.settings.config_parms['device_name'];
  const shown = known(device.reported)?.deviceName ?? null;
  const version = services.networkManager?.version ?? null;
  const other = wanted === undefined ? null : otherName(facts, wanted);
  if (other !== null && wanted !== undefined)
    return warning(
      `NetworkManager ${other.version} overwrites device_name "${wanted}" with ${other.given}`,
      `printf '${NAME_SECTION}\\n${NAME_KEY}%s\\n' ${quoted(wanted)} | sudo tee ${NAME_FILE}; sudo systemctl restart NetworkManager; ${RESTART_ENDS}`,
    );
  if (configuration.running !== null && wanted !== undefined && shown !== null && shown !== wanted)
    return warning(
      `phones see "${shown}", and not device_name "${wanted}": another program has changed it`,
      `${configuration.running.uid === 0 ? 'sudo ' : ''}hostp2pd --reload`,
    );
  if (isMissing(version) && wanted !== undefined)
    return unknown(`whether NetworkManager overwrites device_name is not known: ${version.missing}`);
  if (isMissing(device.reported)) return blocked(device.reported.missing);
  return ok(shown === null || shown === '' ? 'nothing overwrites it' : `phones see "${shown}"`);
}
