import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAll } from '#src/doctor/checks.js';
import type { Facts } from '#src/doctor/facts.js';
import { HostP2pError } from '#src/system/errors.js';
import { isBad } from './case.js';
import { GROUP_STATUS, HEALTHY, having, RADIO, REPORTED, socket, WITHOUT_SUPPLICANT } from './healthy.js';
import { PlantedMachine } from './planted-machine.js';
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
          ...{
            unmanaged: ['interface-name:p2p-*'],
            fixedAddress: [{ devices: ['*'], value: true }],
            deviceNames: [],
            profiles: [],
          },
        },
      }),
    ),
  ],
  ['that shares the internet', having.addressing({ share_internet: 'auto' }, { sharing: SHARING })],
  ['with addresses', having.addressing({ addressing: 'dnsmasq' })],
];

/** Sockets that do not answer are an error of wpa_supplicant, and no guess. */
const OF_SILENCE = ['control-socket'];

/** Without the answer the doctor finds no other fault, and offers no other fix that it could carry out itself. */
function findsNoMore(facts: Facts, without: Facts, question: string): void {
  const bad = judgeAll(facts).filter(isBad);
  for (const { check, message, commands } of judgeAll(without).filter(isBad)) {
    const isKnown = bad.some((one) => one.check === check && one.message === message);
    assert.ok(isKnown || OF_SILENCE.includes(check), `without ${question}: ${check}: ${message}`);
    if (commands === undefined) continue;
    const isOffered = bad.some(
      (one) => one.check === check && JSON.stringify(one.commands) === JSON.stringify(commands),
    );
    assert.ok(isOffered, `without ${question}: doctor --fix would run ${JSON.stringify(commands)}`);
  }
}

for (const [what, facts] of MACHINES)
  test(`an answer that does not come is no fault, and no reason to change anything: a machine ${what}`, () => {
    for (const [question, silence] of SILENCED) findsNoMore(facts, silence(facts), question);
  });

test('the same for each program and each request to wpa_supplicant, one after the other', async (t) => {
  const planted = new PlantedMachine(t);
  await planted.sockets(t, 'p2p-dev-wlan0', 'wlan0', 'p2p-wlan0-0');
  planted.radio('p2p-wlan0-0');
  planted.replies.set('INTERFACES', 'p2p-dev-wlan0\nwlan0\np2p-wlan0-0\n');
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager']);
  planted.nmcli = 'wlan0:unmanaged\np2p-wlan0-0:unmanaged\n';
  planted.managerVersion = '1.52.1\n';
  planted.write('etc/NetworkManager/conf.d/a.conf', '[keyfile]\nunmanaged-devices=interface-name:*\n');
  planted.ss = '';
  for (const program of ['ip', 'nft', 'dnsmasq']) planted.write(`usr/sbin/${program}`, '');
  planted.write('sys/class/net/eth0/ifindex', '2\n');
  const { run, ask } = planted.sources;
  const questions = new Set<string>();
  let silent = '';
  const answered = (question: string): boolean => {
    questions.add(question);
    return question !== silent;
  };
  planted.sources = {
    ...planted.sources,
    run: async (program, args) => {
      const question = [program, ...args].join(' ');
      if (!answered(question)) return { missing: `${program} did not end within 10 s` };
      if (program === 'ip') return '198.41.0.4 via 10.0.2.2 dev eth0 src 10.0.2.15 uid 0';
      return program === 'nft' ? '{"nftables": []}' : run(program, args);
    },
    ask: async (folder, name, commands) => {
      const outcomes = await ask(folder, name, commands);
      return commands.map((command, place) => {
        const outcome = outcomes[place];
        if (outcome !== undefined && answered(`${name} ${command}`)) return outcome;
        return { error: new HostP2pError('CONTROL_TIMEOUT', 'no reply') };
      });
    },
  };
  const gather = () =>
    planted.gather('addressing: dnsmasq', 'share_internet: auto', 'config_parms: { device_name: box }');
  const facts = await gather();
  assert.ok(questions.size > 20, [...questions].join());
  for (const question of [...questions]) {
    silent = question;
    findsNoMore(facts, await gather(), question);
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
