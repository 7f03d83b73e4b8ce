import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  deviceInterfaceOf,
  firstGroupInterfaceOf,
  isGroupInterface,
  isInterfaceName,
  isMadeForP2p,
  mayBeOurs,
  parentOf,
} from '#src/system/interface-names.js';

describe('names of interfaces, as wpa_supplicant makes them for a radio', () => {
  for (const [radio, device, group] of [
    ['wlan0', 'p2p-dev-wlan0', 'p2p-wlan0-0'],
    ['wlp0s20', 'p2p-dev-wlp0s20', 'p2p-wlp0s20-0'],
    // Longer than the kernel allows: cut.
    ['wlx001122334455', 'p2p-dev-wlx0011', 'p2p-wlx0011-0'],
  ] as const) {
    test(radio, () => {
      assert.equal(deviceInterfaceOf(radio), device);
      assert.equal(firstGroupInterfaceOf(radio), group);
      assert.ok(isInterfaceName(device) && isInterfaceName(group));
      assert.ok(isGroupInterface(group, device) && mayBeOurs(radio, device));
      assert.ok(radio.startsWith(parentOf(device)));
      assert.deepEqual([device, group, radio].map(isMadeForP2p), [true, true, false]);
    });
  }
});
