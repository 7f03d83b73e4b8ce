import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forwardBlockers } from '#src/addressing/forward-blockers.js';

interface Planted {
  readonly family?: string;
  readonly table?: string;
  readonly hook?: string;
  readonly policy?: string;
  /** More chains of the table. */
  readonly chains?: readonly string[];
  readonly rules?: string;
}

/** What nft 1.0.6 prints. */
function planted({ family = 'ip', table = 'filter', hook = 'forward', policy = 'drop', ...more }: Planted) {
  const base = { family, table, name: 'FORWARD', handle: 1, type: 'filter', hook, prio: 0, policy };
  const others = (more.chains ?? []).map((name) => ({ chain: { family, table, name, handle: 2 } }));
  const json = JSON.stringify({
    nftables: [{ metainfo: { version: '1.0.6', json_schema_version: 1 } }, { chain: base }, ...others],
  });
  return async (args: readonly string[]): Promise<string> => {
    if (args.join(' ') === '-j list chains') return json;
    assert.deepEqual(args, ['list', 'table', family, table]);
    return more.rules ?? '';
  };
}

const PLACE = { group: 'p2p-wlan0-0', uplink: 'eth0' };

describe('a firewall that drops what phones send', () => {
  for (const [what, facts, text, fix] of [
    [
      'ufw',
      { chains: ['ufw-before-forward', 'ufw-user-forward'] },
      'ufw drops what phones send from p2p-wlan0-0 to eth0',
      'sudo ufw route allow in on p2p-+ out on eth0',
    ],
    [
      'Docker',
      { chains: ['DOCKER', 'DOCKER-USER'] },
      'the firewall of Docker drops what phones send from p2p-wlan0-0 to eth0',
      'sudo iptables -I DOCKER-USER -i p2p-+ -o eth0 -j ACCEPT; ' +
        'sudo iptables -I DOCKER-USER -i eth0 -o p2p-+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    ],
    [
      'rules of nftables',
      { family: 'inet', table: 'mine' },
      'the nftables table inet mine drops what phones send from p2p-wlan0-0 to eth0',
      `sudo nft insert rule inet mine FORWARD 'iifname "p2p-*" oifname "eth0" accept'; ` +
        `sudo nft insert rule inet mine FORWARD 'iifname "eth0" oifname "p2p-*" ct state established,related accept'`,
    ],
  ] as const)
    test(what, async () => {
      assert.deepEqual(await forwardBlockers(planted(facts), PLACE), [{ text, fix }]);
    });

  test('the radio carries the group itself: its name is in the fix', async () => {
    const [blocker] = await forwardBlockers(planted({}), { group: 'wlan0', uplink: 'eth0' });
    assert.match(blocker?.fix ?? '', /^sudo iptables -I FORWARD -i wlan0 -o eth0 -j ACCEPT; /);
  });
});

describe('a firewall that lets phones pass, or is none for them', () => {
  for (const [what, facts] of [
    ['one that accepts', { policy: 'accept' }],
    ['one for packets to this machine', { hook: 'input' }],
    ['one for IPv6', { family: 'ip6' }],
    ['a rule for all groups', { rules: '\t\tiifname "p2p-*" oifname "eth0" counter accept' }],
    ['a rule for this group', { rules: '\t\tiifname "p2p-wlan0-0" oifname "eth0" counter accept' }],
  ] as const)
    test(what, async () => {
      assert.deepEqual(await forwardBlockers(planted(facts), PLACE), []);
    });

  test('an answer that is no list of chains', async () => {
    assert.deepEqual(
      await forwardBlockers(async () => '{"nftables": [7, {"chain": {"table": 1}}]}', PLACE),
      [],
    );
    await assert.rejects(
      forwardBlockers(async () => 'Error', PLACE),
      SyntaxError,
    );
  });
});

describe('firewalld 1.3, whose policy is to accept and whose last rule rejects', () => {
  const rules = (zoneOfUplink: string) => `
	chain filter_FORWARD_ZONES {
		iifname "eth0" goto filter_FWD_${zoneOfUplink}
		goto filter_FWD_public
	}
	chain filter_FWD_${zoneOfUplink}_allow {
		oifname "eth0" accept
	}
	chain filter_FWD_public_post {
	}
`;
  const firewall = (zone: string) =>
    planted({ family: 'inet', table: 'firewalld', policy: 'accept', rules: rules(zone) });

  test('the uplink is in another zone than new interfaces', async () => {
    const [blocker] = await forwardBlockers(firewall('external'), PLACE);
    assert.equal(blocker?.text, 'firewalld rejects what phones send from p2p-wlan0-0 to eth0');
    assert.match(
      blocker?.fix ?? '',
      /^sudo firewall-cmd --permanent --zone=trusted --add-interface=p2p-\+; sudo firewall-cmd --reload/,
    );
  });

  test('both are in the same zone, within which firewalld forwards', async () => {
    assert.deepEqual(await forwardBlockers(firewall('public'), PLACE), []);
  });
});
