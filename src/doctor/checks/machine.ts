import { isMissing, known } from '../../system/missing.js';
import { versionIsOlder } from '../../system/version.js';
import { parseStationUse, type StationUse } from '../../wpa/reply.js';
import type { ContainerFacts, Facts, Radio } from '../facts.js';
import { blocked, error, ok, orOk, type Verdicts, warning } from '../report.js';
import { isServed, setParameter } from '../supplicant-service.js';

/** Checks of the machine: a container around hostp2pd, and known errors of the driver. */

export function container(all: Facts): Verdicts {
  const { machine, control, radios, supplicant } = all;
  const { container: facts } = machine;
  if (facts === null) return ok('hostp2pd does not run in a container');
  if (isServed(all)) return ok(`in a container (${facts.kind}), and wpa_supplicant answers`);
  if (supplicant.processes.length > 0) return ok('wpa_supplicant runs in the same container');
  const folders = [control.folder, control.clientFolder];
  // The container may have a /run of its own, which cannot be told from that of the host (`podman run --read-only`).
  const isAbsent = (folder: string) => folder === control.folder && control.state === 'missing';
  const missing = folders.filter((folder) => isAbsent(folder) || !isShared(facts, folder));
  const parts = [
    ...(missing.length > 0 ? [missing.join(' and ')] : []),
    ...(radios.interfaces.length === 0 ? ['the network of the host'] : []),
  ];
  const volumes = folders.map((folder) => `-v ${folder}:${folder}`).join(' ');
  if (parts.length === 0) return blocked('wpa_supplicant does not answer');
  return error(
    `this container (${facts.kind}) does not have ${parts.join(', nor ')}: wpa_supplicant replies to the path of our socket`,
    `start it with both folders at the same paths: ${facts.kind} run --network host ${volumes} …`,
  );
}

/** Whether a folder comes from the host, and has the same path there. */
function isShared({ mounts }: ContainerFacts, folder: string): boolean {
  const covering = mounts
    .filter(({ point }) => point !== '/' && (folder === point || folder.startsWith(`${point}/`)))
    .sort((a, b) => b.point.length - a.point.length);
  const [mount] = covering;
  // The root is the path in the file system that is mounted, which on the host may itself be mounted at /run.
  return mount !== undefined && (mount.root === '/' || mount.point.endsWith(mount.root));
}

/** Bit 25 of `feature_disable`: SAE in the firmware (SAE_EXT). The other bits are those that Raspberry Pi OS sets. */
const SAE_EXT = 0x2000000;
const FEATURES_OF_RASPBERRY_PI = 0x282000;

export function driverFaults(facts: Facts): Verdicts {
  const radios = facts.device.radios.filter(({ driver }) => driver === 'brcmfmac');
  if (radios.length === 0) return ok('the driver has no known errors that matter here');
  const { model, firmware, kernel } = facts.machine;
  const versions = [
    ...(kernel === null ? [] : [`kernel ${kernel}`]),
    ...radios.flatMap(({ name }) => firmware.get(name) ?? []).map((version) => `firmware ${version}`),
  ].join(', ');
  const about = versions === '' ? 'brcmfmac' : `brcmfmac (${versions})`;
  const verdicts = radios.flatMap((radio) => [
    ...judgeCrash(facts, radio, about),
    ...judgeSae(facts, radio, about),
    ...judgeAuthentication(facts, radio, about),
  ]);
  return orOk(
    [...verdicts, ...judgeProtectedFrames(facts, about)],
    `no known error of ${about} matters here${model === null ? '' : ` on ${model}`}`,
  );
}

/** The first kernel series for which the crash was reported; none is known that has the fix. */
const CRASHES_SINCE = '6.12';

function judgeCrash({ machine, radios, device }: Facts, { name, phy }: Radio, about: string): Verdicts {
  const { kernel } = machine;
  if (kernel === null || versionIsOlder(kernel, CRASHES_SINCE) || isMissing(radios.inUse)) return [];
  const types = radios.inUse.filter((one) => one.phy === phy).map(({ type }) => type);
  const isOwner = types.includes('AP') || types.includes('P2P-GO') || device.name === name;
  if (!isOwner || types.includes('P2P-device')) return [];
  return warning(
    `${about} crashes without a P2P device when an iPhone opens the details of the network (raspberrypi/linux #6885, #7033, #7224)`,
    `let wpa_supplicant create the P2P device: no p2p_disabled=1, and no p2p_device=0 in driver_param; or stop the access point on ${name}`,
  );
}

/** What the radio does as a station; null: nothing. */
function stationUse({ control }: Facts, { name }: Radio): StationUse | null {
  const answer = control.sockets.find((socket) => socket.name === name)?.answer;
  return answer && 'status' in answer ? parseStationUse(answer.status) : null;
}

function judgeSae(facts: Facts, radio: Radio, about: string): Verdicts {
  const { model, disabledFeatures } = facts.machine;
  const use = stationUse(facts, radio);
  if (!/Zero 2 W|4 Model B/.test(model ?? '') || use === null || use.state === 'connected') return [];
  if (known(facts.device.reported)?.offersSae !== true || (disabledFeatures & SAE_EXT) !== 0) return [];
  const mask = `0x${(disabledFeatures | FEATURES_OF_RASPBERRY_PI | SAE_EXT).toString(16)}`;
  return warning(
    `${about} cannot connect ${radio.name} to a network that offers WPA2 and WPA3 (raspberrypi/linux #7634)`,
    `echo 'options brcmfmac feature_disable=${mask}' | sudo tee /etc/modprobe.d/zz-hostp2pd.conf; sudo reboot`,
  );
}

function judgeProtectedFrames(facts: Facts, about: string): Verdicts {
  const isOn = !['0', null].includes(known(facts.device.reported)?.protectedFrames ?? null);
  if (!isOn || !/Zero W\b/.test(facts.machine.model ?? '')) return [];
  return warning(
    `${about} cannot set the keys of protected management frames (pmf), so stations are disconnected (raspberrypi/linux #7247)`,
    setParameter(facts, 'pmf', '0'),
  );
}

/** Of wpa_supplicant 2.11 as released; distributions have taken the change back. */
function judgeAuthentication(facts: Facts, radio: Radio, about: string): Verdicts {
  const use = stationUse(facts, radio);
  if (!/^v?2\.11\b/.test(known(facts.device.reported)?.version ?? '') || use?.state !== 'connecting')
    return [];
  return warning(
    `wpa_supplicant 2.11 as released cannot connect ${radio.name} to a network with ${about}`,
    'sudo apt update; sudo apt install wpasupplicant; distributions have taken that change back',
  );
}
