import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAll } from '#src/doctor/checks.js';
import type { Facts } from '#src/doctor/facts.js';
import { isBad } from './case.js';
import { GROUP_STATUS, HEALTHY, having, RADIO, REPORTED, socket, WITHOUT_SUPPLICANT } from './healthy.js';
import { SILENCED, TWO_SUPPLICANTS } from './silenced.js';

const SHARING = { nft: '/usr/sbin/nft', uplink: 'eth0', canForward: true, blockers: [] };
const GROUP = { ...RADIO, name: 'p2p-wlan0-0' };
const withGroup = (facts: Facts): Facts =>
  having.radios(
    { interfaces: [RADIO, GROUP] },
    having.control(
      { sockets: [...HEALTHY.control.sockets, socket('p2p-wlan0-0', { status: GROUP_STATUS })] },
      facts,
    ),
  );

const MACHINES: readonly (readonly [what: string, facts: Facts])[] = [
  ['healthy', HEALTHY],
  ['with a group', withGroup(having.reported({ interfaces: [...REPORTED.interfaces, 'p2p-wlan0-0'] }))],
  ['with a group of another wpa_supplicant', withGroup(having.supplicant({ processes: TWO_SUPPLICANTS }))],
  ['without a P2P device', having.device({ name: 'wlan0' }, having.control({ sockets: [socket('wlan0')] }))],
  ['without wpa_supplicant', having.supplicant({ readyUnits: ['wpa_supplicant@wlan0'] }, WITHOUT_SUPPLICANT)],
  [
    'with NetworkManager',
    having.settings(
      { config_parms: { device_name: 'box' } },
      having.services({
        networkManager: {
          ...{ states: 'wlan0:connected\n', version: '1.52.1', removalDenied: true },
          ...{ unmanaged: ['interface-name:p2p-*'], fixedAddress: [['*']], deviceName: null, profiles: [] },
        },
      }),
    ),
  ],
  ['that shares the internet', having.addressing({ share_internet: 'auto' }, { sharing: SHARING })],
  ['with addresses', having.addressing({ addressing: 'dnsmasq' })],
];

/** Sockets that do not answer are an error of wpa_supplicant, and no guess. */
const OF_SILENCE = ['control-socket'];

for (const [what, facts] of MACHINES)
  test(`an answer that does not come is no fault, and no reason to change anything: a machine ${what}`, () => {
    const bad = judgeAll(facts).filter(isBad);
    for (const [question, silence] of SILENCED) {
      const silenced = judgeAll(silence(facts)).filter(isBad);
      for (const { check, message, commands } of silenced) {
        const isKnown = bad.some((one) => one.check === check && one.message === message);
        assert.ok(isKnown || OF_SILENCE.includes(check), `without ${question}: ${check}: ${message}`);
        if (commands === undefined) continue;
        const isOffered = bad.some(
          (one) => one.check === check && JSON.stringify(one.commands) === JSON.stringify(commands),
        );
        assert.ok(isOffered, `without ${question}: doctor --fix would run ${JSON.stringify(commands)}`);
      }
    }
  });

test('each answer that does not come changes what some machine knows', () => {
  for (const [question, silence] of SILENCED)
    assert.ok(
      MACHINES.some(
        ([, facts]) => JSON.stringify(judgeAll(silence(facts))) !== JSON.stringify(judgeAll(facts)),
      ),
      question,
    );
});
