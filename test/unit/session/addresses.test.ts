import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lease } from '#src/addressing/address-server.js';
import type { Values } from '#src/session/temporary-values.js';
import { withoutAddress } from '#src/session/views.js';
import { Dialogue, GROUP, Phone, REMOVED } from './dialogue.js';

const phone = new Phone(1, 'My Phone');
const laptop = '02:00:00:00:09:00';
const SERVED = { addressing: 'dnsmasq' };
const POOL: Partial<Values> = {
  ip_addr_go: '192.168.49.1',
  ip_addr_mask: '255.255.255.0',
  ip_addr_start: '192.168.49.129',
  ip_addr_end: '192.168.49.254',
};
const FILE_ADDRESSES: Partial<Values> = {
  ip_addr_go: '10.0.0.1',
  ip_addr_mask: '255.0.0.0',
  ip_addr_start: '10.0.0.2',
  ip_addr_end: '10.0.0.9',
};
/** These addresses, as a session notes them in wpa_supplicant. */
const NOTE = `hostp2pd:KEYPAD,1,1,${Object.values(FILE_ADDRESSES).join(',')}`;

const lease = (ip: string, end = 5_000): Lease => ({ ip, end, expires: end });
const leases = (...entries: readonly (readonly [string, Lease])[]) =>
  ({ type: 'leases', leases: new Map(entries) }) as const;

/** The arguments of the hook `address`, and the events and log lines about addresses. */
const told = (d: Dialogue) => ({ hooks: d.hooks(), emitted: d.emitted() });

function ipOf(d: Dialogue, address: string): string | null | undefined {
  return d.state.phase.name === 'running' ? d.state.phase.group.stations.get(address)?.ip : undefined;
}

describe('the address pool of the 4-way handshake', () => {
  const pool = (d: Dialogue) => d.commands().filter((command) => command.includes('ip_addr_'));

  /** Attached, and the values of the file are known. */
  const attached = (section: Readonly<Record<string, unknown>>, file: Partial<Values> = {}) =>
    new Dialogue(section).up('device').values(file);

  test('is set when wpa_supplicant is attached, before a group can be formed', () => {
    assert.deepEqual(pool(attached(SERVED)), [
      'SET ip_addr_go 192.168.49.1',
      'SET ip_addr_mask 255.255.255.0',
      'SET ip_addr_start 192.168.49.129',
      'SET ip_addr_end 192.168.49.254',
    ]);
    const d = new Dialogue(SERVED).up('device');
    // The reply to the last request triggers them, and that reply comes before any that leads to a group.
    assert.ok(d.commands().indexOf('GET config_methods') < d.commands().indexOf('INTERFACES'));
  });

  test('does not depend on which DHCP server gives the other addresses', () => {
    const d = attached({ handshake_range: '192.168.49.7-192.168.49.9' });
    assert.deepEqual(pool(d).slice(2), ['SET ip_addr_start 192.168.49.7', 'SET ip_addr_end 192.168.49.9']);
    assert.deepEqual(pool(attached({ ...SERVED, handshake_range: 'off' })), []);
  });

  test("is left alone if the settings want none: wpa_supplicant's configuration file may have one", () => {
    assert.deepEqual(pool(attached({}, { ip_addr_go: '10.0.0.1' })), []);
  });

  test('is taken back when a reload no longer wants one, and set again after a restart', () => {
    const d = new Dialogue(SERVED).toRunning();
    // As the reload finds it if wpa_supplicant has no file to read again.
    d.configure({}).values({ ...POOL, config_methods: `keypad ${NOTE}` });
    assert.deepEqual(
      pool(d),
      Object.entries(FILE_ADDRESSES).map(([key, value]) => `SET ${key} ${value}`),
    );
    assert.deepEqual(
      pool(d.configure({}).values({ config_methods: `keypad ${NOTE}`, ...FILE_ADDRESSES })),
      [],
    );
    assert.equal(pool(d.configure(SERVED).values()).length, 4);
    assert.equal(pool(d.down('device').up('device').values()).length, 4);
  });

  test('at the end of the session the addresses of the configuration file are restored', () => {
    const d = new Dialogue(SERVED).toRunning().values({ ip_addr_go: '10.0.0.1' }).give({ type: 'stop' });
    assert.deepEqual(pool(d), [
      'SET ip_addr_go 10.0.0.1',
      ...['mask', 'start', 'end'].map((key) => `SET ip_addr_${key} 0.0.0.0`),
    ]);
    assert.deepEqual(pool(new Dialogue().toRunning().give({ type: 'stop' })), []);
  });

  test('config_parms override it', () => {
    const d = attached({ ...SERVED, config_parms: { ip_addr_start: '192.168.49.200' } });
    assert.ok(pool(d).includes('SET ip_addr_start 192.168.49.200'));
    assert.equal(pool(d).length, 4);
  });
});

describe('the network of the group', () => {
  const all = (d: Dialogue) => [...d.all('serve-addresses'), ...d.all('withdraw-addresses')];

  test('is served while the group is up, and no longer when it has ended', () => {
    const d = new Dialogue(SERVED).toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
    d.event(
      'device',
      `P2P-GROUP-STARTED ${GROUP} GO ssid="DIRECT-PP" freq=2437 go_dev_addr=42:00:00:00:00:00`,
    );
    assert.deepEqual(all(d), [{ type: 'serve-addresses', interface: GROUP }]);
    d.event('device', REMOVED);
    assert.deepEqual(all(d), [{ type: 'withdraw-addresses' }]);
  });

  test('is served if the group was up already, and still served after a short loss of the link', () => {
    const d = new Dialogue(SERVED).up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
    d.answer({ kind: 'adoption' }, 'mode=P2P GO\nssid=DIRECT-PP\n');
    assert.deepEqual(all(d), [{ type: 'serve-addresses', interface: GROUP }]);
    assert.deepEqual(all(d.down('device')), []);
  });

  test('is left alone with addressing none', () => {
    const d = new Dialogue().toRunning();
    assert.equal(d.state.addresses.served, false);
    assert.deepEqual(all(d.event('device', REMOVED)), []);
  });

  test('a reload starts serving it, changes it or stops serving it', () => {
    const d = new Dialogue().toRunning().configure(SERVED);
    assert.deepEqual(all(d), [{ type: 'serve-addresses', interface: GROUP }]);
    assert.deepEqual(all(d.configure({ addressing: 'networkd' })), [
      { type: 'serve-addresses', interface: GROUP },
    ]);
    assert.deepEqual(all(d.configure({})), [{ type: 'withdraw-addresses' }]);
  });

  test('is no longer served when the session ends, although the group stays', () => {
    assert.deepEqual(all(new Dialogue(SERVED).toRunning().give({ type: 'stop' })), [
      { type: 'withdraw-addresses' },
    ]);
  });
});

describe('the address of a station', () => {
  const named = (section = SERVED) => {
    const d = new Dialogue(section).toRunning();
    d.event(
      'device',
      `P2P-DEVICE-FOUND ${phone.device} p2p_dev_addr=${phone.device} pri_dev_type=10-0050F204-5 ` +
        `name='${phone.name}' config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1`,
    );
    return d;
  };

  test('from the handshake: the hook connect has it, and the hook address follows', () => {
    const d = named({ addressing: 'none' }).event('group', `${phone.joins} ip_addr=192.168.49.130`);
    assert.deepEqual(told(d), {
      hooks: [
        ['connect', phone.device, phone.name, GROUP],
        ['address', phone.device, phone.name, GROUP, '192.168.49.130'],
      ],
      emitted: ['stationConnected', 'stationAddressed'],
    });
    for (const { environment } of d.hookCalls())
      assert.equal(environment['HOSTP2PD_STATION_IP'], '192.168.49.130');
    assert.deepEqual(d.all('expect-lease'), []);
    // It may still ask by DHCP.
    const served = named().event('group', `${phone.joins} ip_addr=192.168.49.130`);
    assert.equal(served.all('expect-lease').length, 1);
  });

  test('an invalid address in the event is ignored', () => {
    const d = named().event('group', `${phone.joins} ip_addr=1.2.3`);
    assert.equal(ipOf(d, phone.station), null);
  });

  test('from DHCP: reported when the lease exists, and passed to the hook disconnect', () => {
    const d = named().event('group', phone.joins);
    assert.equal(d.hookCalls()[0]?.environment['HOSTP2PD_STATION_IP'], undefined);
    assert.equal(d.all('expect-lease').length, 1);
    d.give(leases([phone.station, lease('192.168.49.2')]));
    assert.deepEqual(told(d), {
      hooks: [['address', phone.device, phone.name, GROUP, '192.168.49.2']],
      emitted: ['stationAddressed'],
    });
    assert.deepEqual(d.give(leases([phone.station, lease('192.168.49.2', 9_000)])).effects, []);
    d.event('group', phone.leaves);
    assert.equal(d.hookCalls()[0]?.environment['HOSTP2PD_STATION_IP'], '192.168.49.2');
  });

  test('of a plain station is found by its interface address', () => {
    const d = named().event('group', `AP-STA-CONNECTED ${laptop}`);
    d.give(leases([laptop, lease('192.168.49.3')]));
    assert.deepEqual(d.hooks(), [['address', laptop, '[unknown]', GROUP, '192.168.49.3']]);
  });

  test('is not taken from a lease of an earlier connection until the station has asked again', () => {
    const d = named().give(leases([phone.station, lease('192.168.49.2', 5_000)]));
    d.event('group', phone.joins);
    assert.equal(ipOf(d, phone.station), null);
    d.give(leases([phone.station, lease('192.168.49.2', 5_000)], [laptop, lease('192.168.49.3')]));
    assert.equal(ipOf(d, phone.station), null);
    d.give(leases([phone.station, lease('192.168.49.2', 8_600)]));
    assert.equal(ipOf(d, phone.station), '192.168.49.2');
  });

  test('is taken from the existing lease if the station was connected before the session began', () => {
    const d = new Dialogue(SERVED).up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
    d.answer({ kind: 'adoption' }, 'mode=P2P GO\nssid=DIRECT-PP\n');
    d.give(leases([phone.station, lease('192.168.49.2')]));
    d.answer({ kind: 'walk' }, phone.entry).answer({ kind: 'walk' }, '');
    assert.equal(ipOf(d, phone.station), '192.168.49.2');
    assert.deepEqual(
      d.hooks().map(([hook]) => hook),
      ['connect', 'address'],
    );
  });

  test('is looked for if the station was connected before the session began, and reported when it is confirmed', () => {
    const d = new Dialogue().up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
    d.answer({ kind: 'adoption' }, 'mode=P2P GO\nssid=DIRECT-PP\n');
    d.answer({ kind: 'walk' }, phone.entry).answer({ kind: 'walk' }, '');
    assert.deepEqual(d.all('confirm-address'), [
      { type: 'confirm-address', interface: GROUP, address: phone.station },
    ]);
    const confirmed = { type: 'address-confirmed', address: phone.station, ip: '192.168.49.130' } as const;
    d.give(confirmed);
    assert.deepEqual(d.hooks(), [['address', phone.device, phone.name, GROUP, '192.168.49.130']]);
    assert.deepEqual(d.all('note-address'), [
      { type: 'note-address', address: phone.station, ip: '192.168.49.130' },
    ]);
    assert.deepEqual(d.give({ ...confirmed, ip: '192.168.49.131' }).effects, [], 'it has one already');
    d.event('group', phone.leaves);
    assert.deepEqual(d.give(confirmed).effects, [], 'it has left');
  });

  test('is not looked for if the station has just connected: the ARP table may still have its old address', () => {
    assert.deepEqual(named().event('group', phone.joins).all('confirm-address'), []);
  });

  test('a change is reported; a connected phone keeps its address if its lease disappears', () => {
    const d = named().event('group', `${phone.joins} ip_addr=192.168.49.130`);
    d.give(leases([phone.station, lease('192.168.49.2')]));
    assert.deepEqual(d.hooks(), [['address', phone.device, phone.name, GROUP, '192.168.49.2']]);
    assert.deepEqual(d.give(leases()).effects, []);
    assert.equal(ipOf(d, phone.station), '192.168.49.2');
    assert.deepEqual(d.give(leases([phone.station, lease('192.168.49.2', 9_000)])).effects, []);
  });

  test('is not reported before the station itself is', () => {
    const d = new Dialogue(SERVED).toRunning().event('group', phone.joins);
    assert.deepEqual(d.give(leases([phone.station, lease('192.168.49.2')])).hooks(), []);
    d.answer({ kind: 'station-name', address: phone.station }, phone.entry);
    assert.deepEqual(d.hooks(), [
      ['connect', phone.device, phone.name, GROUP],
      ['address', phone.device, phone.name, GROUP, '192.168.49.2'],
    ]);
  });
});

describe('a station that asks for no address', () => {
  const joined = (section: Readonly<Record<string, unknown>>, address = '') =>
    new Dialogue(section)
      .toRunning()
      .event('device', phone.asksByPin)
      .event('group', `${phone.joins}${address}`);
  const missing = { type: 'no-address', address: phone.station } as const;
  const ipv6 = 'fe80::4400:ff:fe00:100%p2p-wlan0-0';
  const seek = { type: 'seek-address', interface: GROUP, address: phone.station };

  test('has 20 s to get one; then the kernel is asked for it, once', () => {
    const d = joined({ addressing: 'none' });
    assert.equal(d.timers()['address'], 20_000);
    assert.deepEqual(sought(d).effects, [seek]);
    assert.deepEqual(sought(d).effects, []);
  });

  const sought = (d: Dialogue) => d.timer('address', 20_000);

  test('with addressing none: one warning that says what to do', () => {
    const d = sought(joined({ addressing: 'none' })).give(missing);
    assert.match(
      d.logs('warning').join(),
      /got no address within 20 s: no server gives addresses .*addressing: dnsmasq/,
    );
    assert.deepEqual(d.give(missing).effects, []);
  });

  test('although we serve addresses: the warning names a firewall as a possible cause', () => {
    const d = sought(joined({ addressing: 'dnsmasq' })).give(missing);
    assert.match(d.logs('warning').join(), /no address within 20 s from dnsmasq; a firewall .*UDP port 67/);
  });

  test('is looked for again after pauses that double, up to ten minutes: its answer may have got lost', () => {
    const d = sought(joined({ addressing: 'none' }));
    const pauses: (number | undefined)[] = [];
    for (let look = 0; look < 8; look++) {
      d.now += 5_000;
      d.give(missing);
      assert.equal(d.logs('warning').length, look === 0 ? 1 : 0, 'one warning');
      const pause = d.timers()['address'];
      pauses.push(pause);
      assert.deepEqual(d.timer('address', pause).effects, [seek]);
    }
    assert.deepEqual(pauses, [25_000, 55_000, 115_000, 235_000, 475_000, 600_000, 600_000, 600_000]);
    d.give({ type: 'ipv6-confirmed', address: phone.station, ipv6 });
    assert.deepEqual(d.hooks(), [['address', phone.device, phone.name, GROUP]]);
    assert.deepEqual(d.logs('warning'), []);
    assert.equal(d.timers()['address'], undefined);
    const { phase } = d.state;
    assert.deepEqual(phase.name === 'running' && withoutAddress(phase.group), []);
  });

  test('another server has given it one: no warning, and the address is known', () => {
    const d = joined({ addressing: 'none' }).timer('address', 20_000);
    d.give({ type: 'address-confirmed', address: phone.station, ip: '10.0.0.5' });
    assert.ok(d.emitted().includes('stationAddressed'));
    assert.equal(d.timers()['address'], undefined);
    assert.deepEqual(d.give(missing).effects, []);
  });

  test('it has an IPv6 address only: the hook address has that, and the warning tells that IPv4 is missing', () => {
    const d = joined({ addressing: 'dnsmasq' }).timer('address', 20_000);
    d.give({ type: 'ipv6-confirmed', address: phone.station, ipv6 });
    assert.deepEqual(d.hooks(), [['address', phone.device, phone.name, GROUP]]);
    assert.equal(d.hookCalls()[0]?.environment['HOSTP2PD_STATION_IPV6'], ipv6);
    assert.match(d.logs('warning').join(), /no IPv4 address within 20 s from dnsmasq/);
    assert.equal(d.timers()['address'], undefined);
    assert.deepEqual(sought(d).give(missing).effects, []);
    d.give(leases([phone.station, lease('192.168.49.2')]));
    assert.deepEqual(d.hooks(), [['address', phone.device, phone.name, GROUP, '192.168.49.2']], 'later DHCP');
  });

  test('that of the handshake is reported at once; the kernel may know that it is used', () => {
    const d = joined({ addressing: 'dnsmasq' }, ' ip_addr=192.168.49.130');
    assert.equal(d.timers()['address'], 20_000);
    assert.deepEqual(d.timer('address', 20_000).effects.length > 0, true);
    const used = { type: 'address-confirmed', address: phone.station, ip: '192.168.49.130' } as const;
    assert.deepEqual(d.give(used).hooks(), []);
    assert.equal(d.timers()['address'], undefined);
    const other = { type: 'ipv6-confirmed', address: phone.station, ipv6 } as const;
    assert.deepEqual(d.give(other).effects, [], 'it uses IPv4');
  });

  test('that of the handshake is not used: there is no warning, and the IPv6 address is reported beside it', () => {
    const d = sought(joined({ addressing: 'dnsmasq' }, ' ip_addr=192.168.49.130'));
    assert.deepEqual(d.give(missing).logs('warning'), []);
    d.give({ type: 'ipv6-confirmed', address: phone.station, ipv6 });
    assert.deepEqual(d.hooks(), [['address', phone.device, phone.name, GROUP, '192.168.49.130']]);
    assert.equal(d.hookCalls()[0]?.environment['HOSTP2PD_STATION_IPV6'], ipv6);
  });

  test('leaves in time: nothing is looked for', () => {
    const left = sought(joined({ addressing: 'none' }).event('group', phone.leaves));
    assert.deepEqual(left.effects, []);
    assert.deepEqual(left.give(missing).effects, []);
  });
});
