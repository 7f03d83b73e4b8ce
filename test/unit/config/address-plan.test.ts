import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressPlan } from '#src/config/address-plan.js';
import {
  bounds,
  ipv4Text,
  netmask,
  parseIpv4,
  parseRange,
  parseSubnet,
  rangeText,
} from '#src/config/ipv4.js';
import { validate } from '#src/config/validate.js';

describe('IPv4', () => {
  test('addresses, also those above 2^31', () => {
    for (const text of ['0.0.0.0', '10.0.0.1', '192.168.49.1', '255.255.255.255']) {
      const address = parseIpv4(text);
      assert.notEqual(address, null, text);
      assert.equal(ipv4Text(address ?? 0), text);
    }
    for (const text of ['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '1.2.3.04', ' 1.2.3.4', '1.2.3.x', '1.2.3.-4'])
      assert.equal(parseIpv4(text), null, text);
  });

  test('networks', () => {
    const subnet = parseSubnet('192.168.49.77/26');
    assert.ok(subnet);
    assert.equal(ipv4Text(netmask(subnet)), '255.255.255.192');
    assert.equal(rangeText(bounds(subnet)), '192.168.49.64-192.168.49.127');
    assert.equal(parseSubnet('192.168.49.1'), null);
    assert.equal(parseSubnet('192.168.49.1/'), null);
  });

  test('ranges', () => {
    const range = parseRange('10.0.0.1 - 10.0.0.9');
    assert.equal(range && rangeText(range), '10.0.0.1-10.0.0.9');
    for (const text of ['10.0.0.1', '10.0.0.1-', '10.0.0.1-10.0.0.2-10.0.0.3'])
      assert.equal(parseRange(text), null, text);
  });
});

describe('the plan', () => {
  const planOf = (section: Readonly<Record<string, unknown>>) => {
    const { settings, problems } = validate(section);
    assert.deepEqual(problems, []);
    const { leased, handshake } = addressPlan(settings);
    return [rangeText(leased), handshake && rangeText(handshake)];
  };

  test('DHCP and the handshake share the network, and neither gives our own address', () => {
    assert.deepEqual(planOf({ addressing: 'dnsmasq' }), [
      '192.168.49.2-192.168.49.128',
      '192.168.49.129-192.168.49.254',
    ]);
    assert.deepEqual(planOf({ addressing: 'networkd', group_address: '10.1.2.254/24' }), [
      '10.1.2.1-10.1.2.127',
      '10.1.2.128-10.1.2.253',
    ]);
    assert.deepEqual(planOf({ addressing: 'dnsmasq', group_address: '10.0.0.3/29' }), [
      '10.0.0.4-10.0.0.5',
      '10.0.0.6-10.0.0.6',
    ]);
  });

  test('a configured range leaves the rest of the network to the other way', () => {
    const ranges = (section: Readonly<Record<string, unknown>>) =>
      planOf({ addressing: 'dnsmasq', ...section });
    assert.deepEqual(ranges({ address_range: '192.168.49.10-192.168.49.200' }), [
      '192.168.49.10-192.168.49.200',
      '192.168.49.201-192.168.49.254',
    ]);
    assert.deepEqual(ranges({ handshake_range: '192.168.49.10-192.168.49.50' }), [
      '192.168.49.51-192.168.49.254',
      '192.168.49.10-192.168.49.50',
    ]);
    assert.deepEqual(ranges({ address_range: '192.168.49.2-192.168.49.254' }), [
      '192.168.49.2-192.168.49.254',
      null,
    ]);
  });

  test('without addressing no addresses are given, unless a range is configured', () => {
    assert.equal(planOf({})[1], null);
    assert.equal(planOf({ handshake_range: '192.168.49.5-192.168.49.9' })[1], '192.168.49.5-192.168.49.9');
    assert.equal(planOf({ addressing: 'dnsmasq', handshake_range: 'off' })[1], null);
  });

  test('configured ranges are used', () => {
    const ranges = {
      address_range: '192.168.49.10-192.168.49.20',
      handshake_range: '192.168.49.30-192.168.49.40',
    };
    assert.deepEqual(planOf({ addressing: 'dnsmasq', ...ranges }), Object.values(ranges));
  });
});

describe('invalid settings', () => {
  test('a lease time with a fraction of a second, which dnsmasq does not accept', () => {
    assert.match(problem({ lease_time: 120.5 })?.text ?? '', /a whole number/);
  });

  const problem = (section: Readonly<Record<string, unknown>>) => {
    const { problems } = validate({ addressing: 'dnsmasq', ...section });
    assert.equal(problems.length, 1, JSON.stringify(problems));
    return problems[0];
  };

  for (const group_address of [
    ...['192.168.49.1', '192.168.49.1/15', '192.168.49.1/30', '192.168.49.0/24', '192.168.49.255/24'],
    ...['127.0.0.1/16', '224.0.0.1/24', '0.0.1.1/16', 'box/24'],
  ])
    test(`group_address ${group_address}`, () => {
      assert.match(problem({ group_address })?.text ?? '', /e\.g\. 192\.168\.49\.1\/24/);
    });

  for (const address_range of ['192.168.49.9-192.168.49.2', '192.168.49.9', 'all'])
    test(`address_range ${address_range}`, () => {
      assert.match(problem({ address_range })?.text ?? '', /the lower one first/);
    });

  test('a range outside the network, or with our own address', () => {
    assert.match(
      problem({ address_range: '10.0.0.2-10.0.0.9' })?.text ?? '',
      /of the network of 192\.168\.49\.1\/24/,
    );
    assert.match(problem({ handshake_range: '192.168.49.250-192.168.49.255' })?.text ?? '', /of the network/);
    const own = problem({ group_address: '192.168.49.5/24', address_range: '192.168.49.2-192.168.49.9' });
    assert.match(own?.text ?? '', /without that of this machine/);
  });

  test('overlapping ranges', () => {
    const both = {
      address_range: '192.168.49.2-192.168.49.50',
      handshake_range: '192.168.49.50-192.168.49.60',
    };
    assert.equal(problem(both)?.path, 'hostp2pd.handshake_range');
  });
});
