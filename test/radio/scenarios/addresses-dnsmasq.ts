import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';

/** The parts of 192.168.49.1/24 for DHCP leases and for the handshake. */
const LEASED = /^192\.168\.49\.(?:[2-9]|[1-9]\d|1[01]\d|12[0-8])$/;
const ALLOTTED = /^192\.168\.49\.(?:129|1[3-9]\d|2[0-4]\d|25[0-4])$/;

const scenario: Scenario = {
  name: 'addresses-dnsmasq',
  title:
    'a phone gets an address in the handshake and another one by DHCP, an iPhone only by DHCP; no default route',
  timeoutSeconds: 240,
  async run(lab) {
    const hook = lab.hookLog();
    const [box, phone, laptop] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true }),
      lab.startPhone({ number: 2, deviceName: 'iPhone', ownNetwork: true }),
    ]);
    const settings = ['  addressing: dnsmasq', '  lease_time: 600'];
    const first = startHostP2pD(lab, { hook, settings });
    await groupIsUp(first);
    await first.waitOutput(/addresses are given by dnsmasq/, 20);

    lab.note('an address in the 4-way handshake');
    const events = await box.on(GROUP);
    const mark = events.mark();
    const joined = await phone.joinWithPin(box.address, PIN);
    const came = await events.waitEvent(/^AP-STA-CONNECTED \S+ .*\bip_addr=(\S+)/, 20, mark);
    const [allotted = ''] = came.groups;
    assert.match(allotted, ALLOTTED);
    assert.match(
      joined.event,
      new RegExp(` ip_addr=${allotted} ip_mask=255.255.255.0 go_ip_addr=192.168.49.1$`),
    );
    const connect = await hook.expect(['connect', phone.address, 'Pixel', GROUP], 20);
    assert.equal(connect.environment['HOSTP2PD_STATION_IP'], allotted);
    await hook.expect(['address', phone.address, 'Pixel', GROUP, allotted], 20);
    const network = phone.network();
    await network.take(`${allotted}/24`);
    await network.ping('192.168.49.1');

    lab.note('hostp2pd is killed and started again: it knows the address from the handshake');
    await first.stop(10, 'SIGKILL');
    const told = hook.mark();
    const daemon = startHostP2pD(lab, { hook, settings });
    await hook.waitCall(({ args }) => args[0] === 'address' && args[4] === allotted, 30, told);

    lab.note('an address by DHCP');
    const given = await network.ask();
    assert.match(given.ip, LEASED);
    assert.equal(given.lease, '600');
    assert.deepEqual([given.router, given.dns], [undefined, undefined]);
    await network.ping('192.168.49.1');
    assert.doesNotMatch(await network.routes(), /default/);
    const address = await hook.expect(['address', phone.address, 'Pixel', GROUP, given.ip], 20);
    assert.equal(address.environment['HOSTP2PD_STATION_IP'], given.ip);

    lab.note('a plain station: no address in its handshake');
    const before = events.mark();
    await laptop.joinByPassphrase(LAB_GROUP.ssid, LAB_GROUP.passphrase);
    await events.waitEvent(/^AP-STA-CONNECTED \S+$/, 20, before);
    const its = await laptop.network().ask();
    assert.match(its.ip, LEASED);
    assert.notEqual(its.ip, given.ip);
    await laptop.network().ping('192.168.49.1');
    await laptop.network().ping(given.ip);
    await hook.waitCall(({ args }) => args[0] === 'address' && args[4] === its.ip, 20);

    lab.note('a station that leaves is reported with its address');
    await laptop.leaveByPassphrase();
    const left = await hook.waitCall(({ args }) => args[0] === 'disconnect', 30);
    assert.equal(left.environment['HOSTP2PD_STATION_IP'], its.ip);

    lab.note('at the end dnsmasq and the address are gone; the group stays');
    assert.deepEqual(await daemon.stop(30), { code: 0, signal: null });
    const { stdout } = await lab.run({ command: '/lab/busybox', args: ['pidof', 'dnsmasq'] });
    assert.equal(stdout.trim(), '');
    assert.equal(networkInterfaces()[GROUP]?.some(({ family }) => family === 'IPv4') ?? false, false);
    assert.deepEqual(box.groupInterfaces(), [GROUP]);
  },
};

export default scenario;
