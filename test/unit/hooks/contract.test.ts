import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOOK_VARIABLES, HOOKS, type HookEvent, type HookName, hookCall } from '#src/hooks/contract.js';

const DEVICE = 'p2p-dev-wlan0';
const group = { interface: 'p2p-wlan0-0', ssid: 'DIRECT-PP', frequency: 2437, networkId: 0 };
const station = {
  ...{ address: '42:00:00:00:00:01', deviceAddress: '02:00:00:00:01:00', name: 'Phone' },
  ...{ ip: '192.168.49.2', ipv6: 'fe80::4000:ff:fe00:1%p2p-wlan0-0' },
};

/** One event of each kind, with every fact known. */
const EVENTS: Readonly<Record<HookName, HookEvent>> = {
  started: { hook: 'started' },
  start_group: { hook: 'start_group', group: { networkId: 0, ssid: 'DIRECT-PP' } },
  stop_group: { hook: 'stop_group', group },
  connect: { hook: 'connect', group, station },
  disconnect: { hook: 'disconnect', group, station },
  address: { hook: 'address', group, station },
  show_pin: { hook: 'show_pin', station, pin: '12345670' },
  enter_pin: { hook: 'enter_pin', station },
  terminated: { hook: 'terminated' },
};

const line = (event: HookEvent): string => {
  const { name, args } = hookCall(event, DEVICE);
  return [name, ...args].join(' ');
};

test('each hook gets its arguments', () => {
  assert.deepEqual(Object.values(EVENTS).map(line), [
    'started',
    'start_group 0',
    'stop_group p2p-wlan0-0',
    'connect 02:00:00:00:01:00 Phone p2p-wlan0-0',
    'disconnect 02:00:00:00:01:00 Phone p2p-wlan0-0',
    'address 02:00:00:00:01:00 Phone p2p-wlan0-0 192.168.49.2',
    'show_pin 02:00:00:00:01:00 12345670 Phone',
    'enter_pin 02:00:00:00:01:00 Phone',
    'terminated',
  ]);
});

test('an argument in brackets is left out if its value is unknown', () => {
  assert.equal(line({ hook: 'start_group', group: { networkId: null, ssid: null } }), 'start_group');
  assert.equal(line({ hook: 'stop_group', group: null }), 'stop_group');
  const byIpv6 = line({ hook: 'address', group, station: { ...station, ip: null } });
  assert.equal(byIpv6, 'address 02:00:00:00:01:00 Phone p2p-wlan0-0');
});

test('each hook gets exactly its documented variables, and each variable belongs to a hook', () => {
  const seen = new Set<string>();
  for (const event of Object.values(EVENTS)) {
    const given = Object.keys(hookCall(event, DEVICE).environment);
    const wanted = ['HOSTP2PD_EVENT', 'HOSTP2PD_INTERFACE', ...HOOKS[event.hook].variables];
    assert.deepEqual(given.sort(), wanted.sort(), event.hook);
    for (const name of given) seen.add(name);
  }
  assert.deepEqual([...seen].sort(), Object.keys(HOOK_VARIABLES).sort());
});

test('the environment has the known facts about group and station', () => {
  assert.deepEqual(hookCall(EVENTS.connect, DEVICE).environment, {
    HOSTP2PD_EVENT: 'connect',
    HOSTP2PD_INTERFACE: 'p2p-dev-wlan0',
    HOSTP2PD_GROUP_INTERFACE: 'p2p-wlan0-0',
    HOSTP2PD_SSID: 'DIRECT-PP',
    HOSTP2PD_FREQUENCY: '2437',
    HOSTP2PD_NETWORK_ID: '0',
    HOSTP2PD_STATION_ADDRESS: '02:00:00:00:01:00',
    HOSTP2PD_STATION_INTERFACE_ADDRESS: '42:00:00:00:00:01',
    HOSTP2PD_STATION_NAME: 'Phone',
    HOSTP2PD_STATION_KIND: 'p2p',
    HOSTP2PD_STATION_IP: '192.168.49.2',
    HOSTP2PD_STATION_IPV6: 'fe80::4000:ff:fe00:1%p2p-wlan0-0',
  });
});

test('a plain station without name and address, on a group of which little is known', () => {
  const call = hookCall(
    {
      hook: 'connect',
      group: { interface: 'p2p-wlan0-0', ssid: null, frequency: null, networkId: null },
      station: { address: '42:00:00:00:00:01', deviceAddress: null, name: null, ip: null, ipv6: null },
    },
    DEVICE,
  );
  assert.deepEqual(call, {
    name: 'connect',
    args: ['42:00:00:00:00:01', '[unknown]', 'p2p-wlan0-0'],
    environment: {
      HOSTP2PD_EVENT: 'connect',
      HOSTP2PD_INTERFACE: 'p2p-dev-wlan0',
      HOSTP2PD_GROUP_INTERFACE: 'p2p-wlan0-0',
      HOSTP2PD_STATION_ADDRESS: '42:00:00:00:00:01',
      HOSTP2PD_STATION_INTERFACE_ADDRESS: '42:00:00:00:00:01',
      HOSTP2PD_STATION_NAME: '[unknown]',
      HOSTP2PD_STATION_KIND: 'legacy',
    },
  });
});

test('the PIN hooks: a phone without a name is known by its device address', () => {
  const phone = { deviceAddress: '02:00:00:00:01:00', name: null };
  assert.deepEqual(hookCall({ hook: 'show_pin', station: phone, pin: '12345670' }, '').environment, {
    HOSTP2PD_EVENT: 'show_pin',
    HOSTP2PD_INTERFACE: '',
    HOSTP2PD_STATION_ADDRESS: '02:00:00:00:01:00',
    HOSTP2PD_STATION_NAME: '[unknown]',
    HOSTP2PD_STATION_KIND: 'p2p',
    HOSTP2PD_PIN: '12345670',
  });
});
