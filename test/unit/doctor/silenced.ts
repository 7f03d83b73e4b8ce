import type { ControlSocket, Facts, SharingFacts } from '#src/doctor/facts.js';
import { having, PROCESS, unanswered } from './healthy.js';

/** Each answer that the host can fail to give: the same machine without it. */

const NO_ANSWER = { missing: 'it did not end within 10 s' } as const;
const SILENT: ControlSocket['answer'] = { code: 'CONTROL_TIMEOUT' };

const silentSocket = (facts: Facts, name: string): Facts =>
  having.control(
    { sockets: facts.control.sockets.map((one) => (one.name === name ? { ...one, answer: SILENT } : one)) },
    facts,
  );

const manager = (facts: Facts, changes: Partial<NonNullable<Facts['services']['networkManager']>>): Facts => {
  const { networkManager } = facts.services;
  return having.services({ networkManager: networkManager && { ...networkManager, ...changes } }, facts);
};

const addressing = (facts: Facts, changes: Partial<Facts['addressing']>): Facts => ({
  ...facts,
  addressing: { ...facts.addressing, ...changes },
});

const sharing = (facts: Facts, changes: Partial<SharingFacts>): Facts =>
  addressing(facts, { sharing: facts.addressing.sharing && { ...facts.addressing.sharing, ...changes } });

export const SILENCED: readonly (readonly [what: string, silence: (facts: Facts) => Facts])[] = [
  [
    'STATUS of the P2P device',
    (facts) =>
      facts.device.name === 'p2p-dev-wlan0' ? unanswered(silentSocket(facts, 'p2p-dev-wlan0')) : facts,
  ],
  [
    'STATUS of the radio',
    (facts) => {
      const silent = silentSocket(facts, 'wlan0');
      return facts.device.name === 'wlan0' ? unanswered(silent) : silent;
    },
  ],
  ['the values of wpa_supplicant', (facts) => having.device({ reported: NO_ANSWER }, facts)],
  [
    'whether events arrive',
    (facts) =>
      having.control(
        { heldBack: facts.control.sockets.map(({ name }) => ({ name, reason: NO_ANSWER })) },
        facts,
      ),
  ],
  ['iw dev', (facts) => having.radios({ inUse: NO_ANSWER }, facts)],
  ['iw list', (facts) => having.radios({ capabilities: NO_ANSWER }, facts)],
  ['iw reg get', (facts) => having.radios({ countries: NO_ANSWER }, facts)],
  ['the states of nmcli', (facts) => manager(facts, { states: NO_ANSWER })],
  ['the version of nmcli', (facts) => manager(facts, { version: NO_ANSWER })],
  ['the connections of NetworkManager', (facts) => manager(facts, { profiles: NO_ANSWER })],
  ['the files of netplan', (facts) => having.services({ netplan: NO_ANSWER }, facts)],
  ['/etc/network/interfaces', (facts) => having.services({ ifupdown: NO_ANSWER }, facts)],
  [
    'the sockets of processes',
    (facts) =>
      having.supplicant(
        { processes: facts.supplicant.processes.map((process) => ({ ...process, sockets: null })) },
        facts,
      ),
  ],
  [
    'the processes of other users',
    (facts) =>
      having.supplicant(
        { visible: false, processes: [] },
        having.services({ networkManager: null, dhcpcd: null, udev: null, iwd: false }, facts),
      ),
  ],
  ['ss', (facts) => addressing(facts, { groupServers: NO_ANSWER })],
  ['ip route', (facts) => sharing(facts, { uplink: NO_ANSWER, blockers: NO_ANSWER })],
  ['whether it forwards', (facts) => sharing(facts, { canForward: NO_ANSWER })],
  ['nft', (facts) => sharing(facts, { blockers: NO_ANSWER })],
];

/** A group that is up, and another wpa_supplicant that may have it. */
export const TWO_SUPPLICANTS = [
  PROCESS,
  { ...PROCESS, pid: 500, unit: 'wpa_supplicant', started: [], sockets: ['/run/other/p2p-wlan0-0'] },
];
