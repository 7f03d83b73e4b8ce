import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { LAB_GROUP } from '../guest/box.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';

const KEPT = '02:00:00:00:77:01';

/** Without phones, so it is quick. Proves what packaging/docs/mac-addresses.md says about wpa_supplicant. */
const scenario: Scenario = {
  name: 'lab-address-facts',
  suite: 'facts',
  title: 'the address of the P2P device for each value of p2p_device_random_mac_addr',
  async run(lab) {
    const own = await addressWith(lab, {});
    assert.ok(own.address);
    assert.equal(
      (await addressWith(lab, { mode: '0', kept: KEPT })).address,
      own.address,
      'the driver has it',
    );

    // The P2P Device has no network interface whose address could be set, and so there is no Wi-Fi Direct at all.
    for (const given of [{ stored: false }, { kept: KEPT }])
      assert.equal((await addressWith(lab, { mode: '1', ...given })).address, '');

    const taken = await addressWith(lab, { mode: '2' });
    assert.deepEqual(
      taken,
      { address: own.address, written: own.address },
      'the address of the driver is kept',
    );
    // mac80211 ignores the requested address of a new P2P device; the driver of the Raspberry Pi uses it (brcmfmac, p2p.c).
    const asked = await addressWith(lab, { mode: '2', kept: KEPT });
    assert.deepEqual(asked, { address: own.address, written: KEPT });
  },
};

interface Given {
  readonly mode?: string;
  readonly kept?: string;
  readonly stored?: boolean;
}

async function addressWith(lab: Lab, { mode, kept, stored = true }: Given) {
  const box = await lab.startBox({
    ...(stored ? { group: LAB_GROUP } : {}),
    settings: {
      ...(mode === undefined ? {} : { p2p_device_random_mac_addr: mode }),
      ...(kept === undefined ? {} : { p2p_device_persistent_mac_addr: kept }),
    },
  });
  const { address } = box;
  await (await box.p2p()).request('SAVE_CONFIG');
  const written = /^p2p_device_persistent_mac_addr=(.*)$/m.exec(readFileSync(box.configFile, 'utf8'))?.[1];
  await box.stop();
  // The next start must not use the old state.
  rmSync(box.configFile);
  return { address, written: written ?? null };
}

export default scenario;
