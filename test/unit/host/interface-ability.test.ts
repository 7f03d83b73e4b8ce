import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abilityOf, type Direct, directInterfaces, suitableInterfaces } from '#src/host/interface-search.js';

const DEVICE = '42:00:00:00:00:00';

// Replies of Debian's wpa_supplicant 2.10: beside a P2P device interface, on the wired driver, on the global socket.
const PARENT = `wpa_state=DISCONNECTED\np2p_device_address=${DEVICE}\naddress=02:00:00:00:00:00\nuuid=362db47b-a53a-5191-88fb-5458b986b2e4\n`;
const WIRED =
  'wpa_state=DISCONNECTED\nip_address=127.0.0.1\naddress=00:00:00:00:00:00\nuuid=427974ee-cf6c-5278-8c94-995e2261d1dc\n';
const GLOBAL = `p2p_device_address=${DEVICE}\np2p_state=IDLE\nwifi_display=1\nifname=wlan0\naddress=${DEVICE}\n`;

test('STATUS shows whether Wi-Fi Direct runs on the interface itself', () => {
  assert.deepEqual(abilityOf(PARENT), { deviceAddress: DEVICE, own: false });
  assert.deepEqual(abilityOf(PARENT.replace('02:00', '42:00')), { deviceAddress: DEVICE, own: true });
});

test('not usable: an interface without Wi-Fi Direct, the global socket, and a reply that is no STATUS', () => {
  for (const [status, reason] of [
    [WIRED, /no P2P device address/],
    [GLOBAL, /not the socket of an interface/],
    ['UNKNOWN COMMAND\n', /not the socket of an interface/],
    ['', /not the socket of an interface/],
    [PARENT.replace(DEVICE, 'none'), /no P2P device address/],
  ] as const) {
    const ability = abilityOf(status);
    assert.ok('unfit' in ability, status);
    assert.match(ability.unfit, reason);
  }
});

test('preferred: the interface whose own address is the device address; others of the same wpa_supplicant are not listed', () => {
  const found = new Map<string, Direct>([
    ['changed', { deviceAddress: '42:00:00:00:02:00', own: false }],
    ['eth0', { deviceAddress: DEVICE, own: false }],
    ['wlan0', { deviceAddress: DEVICE, own: true }],
    ['wlan1', { deviceAddress: '42:00:00:00:01:00', own: true }],
  ]);
  assert.deepEqual(directInterfaces(found, []), ['wlan0', 'wlan1', 'changed']);
  assert.deepEqual(directInterfaces(new Map(), []), []);
});

test('if there are P2P devices, no other interface is taken', () => {
  const found = new Map<string, Direct>([
    ['wlan1', { deviceAddress: '42:00:00:00:01:00', own: true }],
    ['p2p-dev-wlan0', { deviceAddress: DEVICE, own: true }],
  ]);
  assert.deepEqual(directInterfaces(found, []), ['p2p-dev-wlan0']);
});

test('while a P2P device may still reply, its radio is not taken in its place; another P2P device is', () => {
  const found = new Map<string, Direct>([['wlan0', { deviceAddress: DEVICE, own: true }]]);
  assert.deepEqual(directInterfaces(found, ['p2p-dev-wlan0']), []);
  assert.deepEqual(directInterfaces(found, ['wlan1']), ['wlan0']);
  assert.deepEqual(directInterfaces(found, ['p2p-dev-wlan1']), ['wlan0'], 'of another radio');
  found.set('p2p-dev-wlan1', { deviceAddress: '42:00:00:00:01:00', own: true });
  assert.deepEqual(directInterfaces(found, ['p2p-dev-wlan0']), ['p2p-dev-wlan1']);
});

test('by STATUS: no group interface, and none without Wi-Fi Direct', () => {
  const own = PARENT.replace('02:00', '42:00');
  const statuses = new Map([
    ['global', GLOBAL],
    ['lo', WIRED],
    ['p2p-wlan0-0', own],
    ['wlan0', PARENT],
  ]);
  assert.deepEqual(suitableInterfaces(statuses, []), ['wlan0']);
  assert.deepEqual(suitableInterfaces(new Map([...statuses, ['p2p-dev-wlan0', own]]), []), ['p2p-dev-wlan0']);
  assert.deepEqual(suitableInterfaces(new Map(), []), []);
});
