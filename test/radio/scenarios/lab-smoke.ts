import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';

/** A test of the lab itself: a box and two phones, without hostp2pd. */
const scenario: Scenario = {
  name: 'lab-smoke',
  title: 'phones join a predefined group by PIN, leave, and reconnect without one',
  async run(lab) {
    const [box, first, second] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: '$(id)' }),
      lab.startPhone({ number: 2, deviceName: "' p2p_dev_addr=00:11:22:33:44:55" }),
    ]);
    const recorder = lab.record('smoke');
    const ifname = await box.startGroup();
    const group = await box.on(ifname);
    assert.equal((await group.fields('STATUS')).get('ssid'), LAB_GROUP.ssid);

    for (const phone of [first, second]) {
      const mark = group.mark();
      const joining = phone.joinWithPin(box.address, PIN);
      const seen = await Promise.race([group.waitEvent(/^WPS-ENROLLEE-SEEN (\S+) /, 60, mark), joining]);
      assert.ok('groups' in seen, 'a phone cannot join before its PIN is armed');
      await group.command(`WPS_PIN ${seen.groups[0]} ${PIN}`);
      await joining;
      await group.waitEvent(`AP-STA-CONNECTED ${seen.groups[0]} p2p_dev_addr=${phone.address}`, 10, mark);
    }

    let mark = group.mark();
    await first.leave();
    await group.waitEvent(new RegExp(`^AP-STA-DISCONNECTED \\S+ p2p_dev_addr=${first.address}`), 10, mark);
    mark = group.mark();
    await first.rejoin(box.address);
    await group.waitEvent(new RegExp(`^AP-STA-CONNECTED \\S+ p2p_dev_addr=${first.address}`), 10, mark);
    const enrolments = group.since(mark).filter(({ text }) => text.startsWith('WPS-REG-SUCCESS'));
    assert.deepEqual(enrolments, [], 'a phone that saved the group needs no WPS');
    assert.equal((await box.stations(ifname)).length, 2);
    recorder.close();
  },
};

export default scenario;
