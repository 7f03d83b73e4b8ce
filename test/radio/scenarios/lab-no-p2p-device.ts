import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ask, askingBox } from '../guest/asking.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { parseFields } from '../guest/control-client.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';
const RADIO = 'wlan0';

const scenario: Scenario = {
  name: 'lab-no-p2p-device',
  suite: 'facts',
  title: 'radios without a P2P Device: P2P commands go to wlan0, with and without a group interface',
  timeoutSeconds: 180,
  radios: { p2pDevice: false },
  async run(lab) {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1 }),
    ]);
    const recorder = lab.record('no-p2p-device');
    const ask = askingBox(lab, box, recorder);
    assert.deepEqual(box.sockets(), [RADIO]);
    assert.equal(box.p2pInterface, RADIO);
    assert.equal(await ask(RADIO, 'INTERFACES'), `${RADIO}\n`);
    const status = parseFields(await ask(RADIO, 'STATUS'));
    assert.equal(status.get('p2p_device_address'), status.get('address'));
    for (const ownInterface of [true, false]) {
      recorder.comment(`p2p_no_group_iface=${ownInterface ? 0 : 1}`);
      await ask(RADIO, `SET p2p_no_group_iface ${ownInterface ? 0 : 1}`);
      const ifname = await box.startGroup();
      assert.equal(ifname, ownInterface ? 'p2p-wlan0-0' : RADIO);
      assert.equal(parseFields(await ask(ifname, 'STATUS')).get('mode'), 'P2P GO');
      const onTheRadio = ownInterface ? undefined : 'P2P GO';
      assert.equal(parseFields(await ask(RADIO, 'STATUS')).get('mode'), onTheRadio);
      await joinsAndReturns(box, phone, ask, ifname);
      await ask(RADIO, 'LIST_NETWORKS');
      const p2p = await box.p2p();
      const mark = p2p.mark();
      assert.equal(await ask(RADIO, `P2P_GROUP_REMOVE ${ifname}`), 'OK\n');
      await p2p.waitEvent(`P2P-GROUP-REMOVED ${ifname} GO reason=REQUESTED`, 10, mark);
      await phone.waitGone(20);
      assert.equal(parseFields(await ask(RADIO, 'STATUS')).get('mode'), undefined);
      assert.deepEqual(box.sockets(), [RADIO]);
      await phone.forget();
    }
    recorder.close();
  },
};

/** Joins by PIN and then by invitation; each socket reports a station once. */
async function joinsAndReturns(box: Box, phone: Phone, ask: Ask, ifname: string): Promise<void> {
  const [p2p, group] = await Promise.all([box.p2p(), box.on(ifname)]);
  assert.equal(await ask(ifname, `WPS_PIN any ${PIN} 120`), PIN);
  for (const join of [() => phone.joinWithPin(box.address, PIN), () => phone.rejoin(box.address)]) {
    const marks = new Map([
      [p2p, p2p.mark()],
      [group, group.mark()],
    ]);
    await join();
    // The copy on the other socket may come a moment later.
    await delay(300);
    for (const [client, mark] of marks) {
      const told = client.since(mark).filter(({ text }) => text.startsWith('AP-STA-CONNECTED '));
      assert.equal(told.length, 1, client.path);
      assert.match(told[0]?.text ?? '', new RegExp(` p2p_dev_addr=${phone.address}$`));
    }
    await phone.leave();
    await delay(300);
  }
  await phone.rejoin(box.address);
}

export default scenario;
