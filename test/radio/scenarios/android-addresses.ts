import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isStation, startSession } from '../guest/session.js';

/** The letters are those of native-notes/android.md. */
const scenario: Scenario = {
  name: 'android-addresses',
  title:
    'Android that takes the address of the handshake, or uses only IPv6, is healthy without DHCP; one without an address is not',
  timeoutSeconds: 300,
  async run(lab) {
    const hook = lab.hookLog();
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true }),
      lab.startAndroid({ number: 2, deviceName: 'Galaxy', ownNetwork: true }),
    ]);
    const host = await startSession(lab, { addressing: 'dnsmasq' }, { runProgram: hook.script });
    const group = await groupOf(lab, host);
    const station = (deviceAddress: string) =>
      host.stations.find((one) => one.deviceAddress === deviceAddress);

    lab.note('J: it uses the address of the handshake, without DHCP');
    const withoutIpv6 = 'net.ipv6.conf.default.disable_ipv6=1';
    await phone.network().run(['/lab/busybox', 'sysctl', '-w', withoutIpv6]);
    const joined = await phone.joinWithPin(box.address, PIN);
    const [, allotted = ''] = / ip_addr=(\S+)/.exec(joined.event) ?? [];
    await phone.network().take(`${allotted}/24`);
    await phone.network().ping('192.168.49.1');
    await hook.expect(['address', phone.address, 'Pixel', group, allotted], 20);
    assert.equal(station(phone.address)?.ip, allotted);
    const first = station(phone.address)?.address;

    lab.note('I: an app that chose IPv6 link-local: neither DHCP nor the address of the handshake');
    await other.joinByName(LAB_GROUP.ssid, LAB_GROUP.passphrase);
    await other.connected();
    await isStation(lab, host, other.address);
    const ipv6 = await lab.until('its IPv6 address', 60, () => station(other.address)?.ipv6 ?? undefined);
    assert.match(ipv6, new RegExp(`^fe80::[0-9a-f:]+%${group}$`));
    const own = await other.network().run(['ip', '-6', 'address']);
    assert.ok(own.includes(ipv6.split('%')[0] ?? '?'), own);
    await hook.waitCall(({ environment }) => environment['HOSTP2PD_STATION_IPV6'] === ipv6, 10);
    const { code, stderr } = await lab.run({
      command: '/lab/busybox',
      args: ['ping', '-6', '-c', '1', ipv6],
    });
    assert.equal(code, 0, stderr);
    await host.stop();

    lab.note('without addresses of ours: IPv6 is healthy, and a phone without any address is reported');
    await phone.network().run(['ip', 'address', 'flush', 'dev', phone.joined?.ifname ?? '']);
    await using none = await startSession(lab, { addressing: 'none' });
    await lab.until('the phone without an address', 60, () => none.status.withoutAddress.length > 0);
    assert.deepEqual(none.status.withoutAddress, [first]);
    const again = () => none.stations.find((one) => one.deviceAddress === other.address)?.ipv6 ?? undefined;
    assert.equal(await lab.until('its IPv6 address again', 60, again), ipv6);
  },
};

export default scenario;
