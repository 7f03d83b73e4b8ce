import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEVICE, Dialogue } from './dialogue.js';

/** Profiles that cannot be used, or that phones do not list: one warning each. */

const PERSISTENT = '[DISABLED][P2P-PERSISTENT]';
type Row = readonly [id: number, ssid: string, flags: string];
const list = (...rows: readonly Row[]) =>
  `network id / ssid / bssid / flags\n${rows.map(([id, ssid, flags]) => `${id}\t${ssid}\tany\t${flags}\n`).join('')}`;
const listed = (section: Readonly<Record<string, unknown>>, ...rows: readonly Row[]) =>
  new Dialogue(section).toChoosing().reply('LIST_NETWORKS', list(...rows));

test('a profile with mode=2 (access point) is not used, and one warning says so', () => {
  const rows: Row = [2, 'DIRECT-xy', PERSISTENT];
  const d = listed({}, rows).reply('GET_NETWORK 2 mode', '2');
  assert.deepEqual(d.logs('warning'), [
    'profile 2 "DIRECT-xy" is not used: it has mode=2; mode=3 and disabled=2 mark a persistent group of this device',
  ]);
  assert.equal(d.phase, 'announcing', 'a new profile is created');
  d.hookDone('start_group').reply('P2P_GROUP_ADD persistent', 'FAIL\n').timer('backoff');
  d.reply('INTERFACES', `${DEVICE}\n`).reply('LIST_NETWORKS', list(rows)).reply('GET_NETWORK 2 mode', '2');
  assert.deepEqual(d.logs('warning'), []);
});

test('no warning about a group of which another device is the owner', () => {
  assert.deepEqual(
    listed({}, [0, 'DIRECT-tv', PERSISTENT]).reply('GET_NETWORK 0 mode', '0').logs('warning'),
    [],
  );
});

describe('a profile with disabled=1, or without disabled, where 2 is meant', () => {
  for (const [flags, disabled] of [
    ['[DISABLED]', 1],
    ['', 0],
  ] as const) {
    test(`disabled=${disabled}`, () => {
      const d = listed({}, [1, 'DIRECT-xy', flags]).reply('GET_NETWORK 1 mode', '3');
      assert.match(
        d.logs('warning').join(),
        new RegExp(`profile 1 "DIRECT-xy" is not used: it has disabled=${disabled};`),
      );
    });
  }

  test("no warning about the home network, or a printer's group that the box joins as a client", () => {
    const d = listed({}, [0, 'home', ''], [1, 'DIRECT-pr-printer', '']);
    assert.ok(!d.commands().includes('GET_NETWORK 0 mode'));
    assert.deepEqual(d.reply('GET_NETWORK 1 mode', '0').logs('warning'), []);
  });

  test('the profile that persistent_network_id names', () => {
    const d = listed({ persistent_network_id: 1 }, [1, 'DIRECT-xy', '[DISABLED]']);
    assert.match(
      d.logs('error').join(),
      /^profile 1 "DIRECT-xy": it has disabled=1; .*persistent_network_id/,
    );
    const elsewhere = listed(
      { persistent_network_id: 1, network_parms: ['ssid "DIRECT-xy"', 'psk "12345678"'] },
      [1, 'DIRECT-xy', '[DISABLED]'],
    );
    assert.match(
      elsewhere.logs('warning').join(),
      /persistent_network_id: profile 1 "DIRECT-xy" cannot be used, another is: it has disabled=1/,
    );
  });
});

test('persistent_network_id names a group of which another device is the owner: the error says so', () => {
  const d = listed({ persistent_network_id: 0 }, [0, 'DIRECT-tv', PERSISTENT]).reply(
    'GET_NETWORK 0 mode',
    '0',
  );
  assert.match(d.logs('warning').join(), /profile 0 "DIRECT-tv" is not used: it has mode=0/);
});

test('an SSID that phones do not list as Wi-Fi Direct: used, with a warning', () => {
  for (const name of ['MyNet', 'DIRECT-', 'DIRECT-x', 'direct-xy', 'DIRECT-é1']) {
    const d = listed({}, [0, name, PERSISTENT]).reply('GET_NETWORK 0 mode', '3');
    assert.match(d.logs('warning').join(), /does not begin with DIRECT-/, name);
    assert.equal(d.phase, 'announcing');
  }
  const usual = listed({}, [0, 'DIRECT-PP-group', PERSISTENT]).reply('GET_NETWORK 0 mode', '3');
  assert.deepEqual(usual.logs('warning'), []);
});
