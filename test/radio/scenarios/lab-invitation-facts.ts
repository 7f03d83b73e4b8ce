import assert from 'node:assert/strict';
import { type Ask, askingBox } from '../guest/asking.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { parseFields } from '../guest/control-client.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Recorder } from '../guest/recorder.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';
const P2P = 'p2p-dev-wlan0';

const scenario: Scenario = {
  name: 'lab-invitation-facts',
  suite: 'facts',
  title: 'the box invites a phone that saved its group; the box as a client of another group',
  timeoutSeconds: 240,
  async run(lab) {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1 }),
    ]);
    const recorder = lab.record('invitation-facts');
    const ask = askingBox(lab, box, recorder);
    const profile = await box.profile();
    const ifname = await box.startGroup(`P2P_GROUP_ADD persistent=${profile} freq=2437`);
    assert.equal(await ask(ifname, `WPS_PIN any ${PIN} 120`), PIN);
    await phone.joinWithPin(box.address, PIN);
    await phone.leave();

    recorder.comment('the box invites the phone into the running group');
    await findsListening(lab, box, ask, phone);
    await invites(box, ask, phone, `group=${ifname}`);
    assert.equal(
      await ask(P2P, `P2P_INVITE persistent=${profile} peer=${phone.address}`),
      'OK\n',
      'is in it: no event',
    );
    // Otherwise 2.11 goes on with that invitation when the group has ended.
    assert.equal(await ask(P2P, 'P2P_STOP_FIND'), 'OK\n');
    assert.equal(await ask(P2P, 'P2P_GROUP_REMOVE *'), 'OK\n');
    box.forget(ifname);
    await phone.waitGone(20);

    recorder.comment('the box invites the phone into the stored group, which it starts for that');
    await findsListening(lab, box, ask, phone);
    const p2p = await box.p2p();
    const mark = p2p.mark();
    await invites(box, ask, phone, `persistent=${profile}`);
    const started = await p2p.waitEvent(/^P2P-GROUP-STARTED (\S+) GO .* \[PERSISTENT\]$/, 1, mark);
    assert.match(await ask(started.groups[0] ?? '', 'STATUS'), /^mode=P2P GO$/m);
    const wrongOnes = [`persistent=99 peer=${phone.address}`, `persistent=${profile} peer=02:99:99:99:99:99`];
    for (const wrong of wrongOnes) {
      assert.equal(await ask(P2P, `P2P_INVITE ${wrong}`), 'FAIL\n');
    }
    assert.equal(await ask(P2P, 'P2P_GROUP_REMOVE *'), 'OK\n');
    await phone.waitGone(20);
    await asClient(lab, box, ask, phone, recorder, profile);
    recorder.close();
  },
};

/** The phone stays on a channel where the box finds it. */
async function findsListening(lab: Lab, box: Box, ask: Ask, phone: Phone): Promise<void> {
  await phone.control.command('P2P_LISTEN 60');
  // Otherwise it would use the channel on which the phone was a client.
  await ask(P2P, 'P2P_FLUSH');
  await knows(lab, box, ask, phone);
}

async function knows(lab: Lab, box: Box, ask: Ask, phone: Phone): Promise<void> {
  const p2p = await box.p2p();
  await ask(P2P, 'P2P_FIND');
  await lab.until('the phone to be found', 40, async () => {
    return !(await p2p.request(`P2P_PEER ${phone.address}`)).startsWith('FAIL');
  });
  await ask(P2P, 'P2P_STOP_FIND');
}

/** The phone accepts by itself (persistent_reconnect) and joins with its saved credential. */
async function invites(box: Box, ask: Ask, phone: Phone, group: string): Promise<void> {
  const p2p = await box.p2p();
  const [saved] = await phone.savedGroups();
  const marks = [p2p.mark(), phone.control.mark()] as const;
  assert.equal(await ask(P2P, `P2P_INVITE ${group} peer=${phone.address}`), 'OK\n');
  const result = await p2p.waitEvent('P2P-INVITATION-RESULT', 20, marks[0]);
  assert.equal(result.text, 'P2P-INVITATION-RESULT status=0 ');
  await phone.control.waitEvent(`P2P-INVITATION-ACCEPTED sa=${box.address} persistent=${saved}`, 5, marks[1]);
  await phone.awaitJoined(marks[1]);
  await p2p.waitEvent(new RegExp(`^AP-STA-CONNECTED \\S+ p2p_dev_addr=${phone.address}$`), 5, marks[0]);
  assert.ok(!phone.control.since(marks[1]).some(({ text }) => text.startsWith('WPS-CRED')), 'no WPS');
}

/** A stored group in which the box is the client looks the same in the list. */
async function asClient(
  lab: Lab,
  box: Box,
  ask: Ask,
  phone: Phone,
  recorder: Recorder,
  profile: string,
): Promise<void> {
  recorder.comment('the phone makes a group, and the box joins it');
  const p2p = await box.p2p();
  const phoneMark = phone.control.mark();
  await phone.control.command('P2P_GROUP_ADD persistent');
  const own = (await phone.control.waitEvent(/^P2P-GROUP-STARTED (\S+) GO/, 10, phoneMark)).groups[0] ?? '';
  await phone.control.command(`IFNAME=${own} WPS_PIN any ${PIN} 120`);
  await knows(lab, box, ask, phone);
  const joined = p2p.mark();
  assert.equal(await ask(P2P, `P2P_CONNECT ${phone.address} ${PIN} keypad join`), 'OK\n');
  const ifname = await clientOf(box, joined);
  assert.equal(parseFields(await ask(ifname, 'STATUS')).get('mode'), 'station');
  assert.equal(await ask(ifname, 'STA-FIRST'), 'FAIL\n');
  const row = new RegExp(`^(\\d+)\t\\S+\t${phone.address}\t\\[DISABLED\\]\\[P2P-PERSISTENT\\]$`, 'm');
  const id = row.exec(await ask(P2P, 'LIST_NETWORKS'))?.[1];
  assert.ok(id !== undefined, 'listed like one of its own groups');
  assert.equal(await ask(P2P, `GET_NETWORK ${id} mode`), '0');
  assert.equal(await ask(P2P, `GET_NETWORK ${profile} mode`), '3');
  assert.equal(await ask(P2P, `P2P_GROUP_REMOVE ${ifname}`), 'OK\n');

  recorder.comment('P2P_GROUP_ADD persistent of that group: the box joins it again');
  const again = p2p.mark();
  assert.equal(await ask(P2P, `P2P_GROUP_ADD persistent=${id}`), 'OK\n');
  assert.equal(await ask(P2P, `P2P_GROUP_REMOVE ${await clientOf(box, again)}`), 'OK\n');

  recorder.comment('and fails when the owner is not there');
  await phone.stop();
  const failing = p2p.mark();
  assert.equal(await ask(P2P, `P2P_GROUP_ADD persistent=${id}`), 'OK\n');
  await p2p.waitEvent('P2P-GROUP-FORMATION-FAILURE', 60, failing);
  await p2p.waitEvent(/^P2P-GROUP-REMOVED \S+ client reason=FORMATION_FAILED/, 5, failing);
}

async function clientOf(box: Box, mark: number): Promise<string> {
  const p2p = await box.p2p();
  const started = await p2p.waitEvent(/^P2P-GROUP-STARTED (\S+) client .* psk=[0-9a-f]{64} /, 60, mark);
  return started.groups[0] ?? '';
}

export default scenario;
