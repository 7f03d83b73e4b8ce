import assert from 'node:assert/strict';
import { type Ask, askingBox } from '../guest/asking.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { type ControlClient, parseFields } from '../guest/control-client.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import { wpsPin } from '../guest/pin.js';
import type { Recorder } from '../guest/recorder.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = wpsPin('1234567');
const OTHER_PIN = wpsPin('7654321');
const GROUP_IF = 'p2p-wlan0-0';
const WPS_WINDOW = 60;

const scenario: Scenario = {
  name: 'lab-control-facts',
  suite: 'facts',
  title: "replies and events of Debian's wpa_supplicant on which the program relies",
  timeoutSeconds: 180,
  async run(lab) {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: 'Pixel 7' }),
    ]);
    const recorder = lab.record('control-facts');
    const ask = askingBox(lab, box, recorder);
    await beforeTheGroup(box, ask);
    recorder.comment('P2P_GROUP_ADD persistent on p2p-dev-wlan0');
    const profile = await box.profile();
    assert.equal(await box.startGroup(), GROUP_IF);
    await withTheGroup(ask, profile);
    recorder.comment('a phone joins and types a wrong PIN');
    await wrongPin(lab, box, phone, ask);
    recorder.comment('the phone tries again with the right PIN');
    await rightPin(box, phone, ask);
    await stationReplies(box, phone, ask, profile);
    recorder.comment('the phone leaves and comes back to the saved group');
    await comesBack(box, phone);
    await otherArguments(phone, ask);
    await findSlowsJoining(lab, box, phone, recorder);
    await storedGroupIsGone(ask, profile);
    recorder.close();
  },
};

async function beforeTheGroup(box: Box, ask: Ask): Promise<void> {
  // Only the global socket knows INTERFACES in the form of names; see the recording for this one's answer.
  await ask('p2p-dev-wlan0', 'INTERFACES');
  await ask('wlan0', 'INTERFACES');
  await ask('p2p-dev-wlan0', 'IFNAME');
  await ask('p2p-dev-wlan0', 'LIST_NETWORKS');
  assert.equal(parseFields(await ask('p2p-dev-wlan0', 'STATUS')).get('p2p_device_address'), box.address);
  await ask('wlan0', 'STATUS');
  assert.equal(await ask('p2p-dev-wlan0', 'LEVEL 3'), 'FAIL\n', 'the command socket is not attached');
  const p2p = await box.p2p();
  assert.equal(await p2p.requestOnMonitor('LEVEL 3'), 'OK\n', 'the event socket is attached');
}

async function withTheGroup(ask: Ask, profile: string): Promise<void> {
  const status = parseFields(await ask(GROUP_IF, 'STATUS'));
  assert.equal(status.get('mode'), 'P2P GO');
  assert.equal(status.get('ssid'), LAB_GROUP.ssid);
  assert.equal(status.get('wpa_state'), 'COMPLETED');
  await ask('wlan0', 'STATUS');
  await ask('p2p-dev-wlan0', 'STATUS');
  assert.equal(await ask(GROUP_IF, 'STA-FIRST'), '', 'no station: an empty reply');
  assert.equal(
    await ask('p2p-dev-wlan0', `P2P_GROUP_ADD persistent=${profile}`),
    'OK\n',
    'already running: OK, no event',
  );
}

async function wrongPin(lab: Lab, box: Box, phone: Phone, ask: Ask): Promise<void> {
  const [p2p, group] = await Promise.all([box.p2p(), box.on(GROUP_IF)]);
  const mark = group.mark();
  const shown = p2p.waitEvent(/^P2P-PROV-DISC-SHOW-PIN (\S+) (\d{8}) /, WPS_WINDOW, p2p.mark());
  const joining = phone
    .joinWithPin(
      box.address,
      async () => {
        await shown;
        await ask('p2p-dev-wlan0', `P2P_PEER ${phone.address}`);
        return OTHER_PIN;
      },
      { attempts: 1, seconds: 60 },
    )
    .then(
      () => 'joined',
      (error: unknown) => String(error),
    );
  const seen = await group.waitEvent(/^WPS-ENROLLEE-SEEN (\S+) /, WPS_WINDOW, mark);
  // The reply is the PIN, without a newline.
  assert.equal(await ask(GROUP_IF, `WPS_PIN ${seen.groups[0]} ${PIN} 120`), PIN);
  await group.waitEvent(/^WPS-FAIL msg=\d+ config_error=18/, WPS_WINDOW, mark);
  const outcome = await joining;
  lab.note(outcome);
  assert.notEqual(outcome, 'joined');
  await ask(GROUP_IF, 'WPS_CANCEL');
  await ask(GROUP_IF, 'STA-FIRST');
}

async function rightPin(box: Box, phone: Phone, ask: Ask): Promise<void> {
  const group = await box.on(GROUP_IF);
  const mark = group.mark();
  const joining = phone.joinWithPin(box.address, PIN, { attempts: 1 });
  joining.catch(() => {});
  const seen = await group.waitEvent(/^WPS-ENROLLEE-SEEN (\S+) (\S+) /, WPS_WINDOW, mark);
  const [address = '', uuid = ''] = seen.groups;
  assert.equal(
    await ask(GROUP_IF, `WPS_PIN ${uuid} ${PIN} 120`),
    'FAIL\n',
    'hostapd accepts a UUID, wpa_supplicant does not',
  );
  assert.equal(await ask(GROUP_IF, `WPS_PIN ${address} ${PIN} 120`), PIN);
  await joining;
  await group.waitEvent(`AP-STA-CONNECTED ${address} p2p_dev_addr=${phone.address}`, 10, mark);
}

async function stationReplies(box: Box, phone: Phone, ask: Ask, profile: string): Promise<void> {
  const first = await ask(GROUP_IF, 'STA-FIRST');
  const [address = ''] = first.split('\n');
  assert.equal(parseFields(first).get('p2p_device_addr'), phone.address);
  assert.equal(await ask(GROUP_IF, `STA-NEXT ${address}`), '', 'the last station: an empty reply');
  assert.equal(await ask(GROUP_IF, 'STA-NEXT 02:99:99:99:99:99'), 'FAIL\n');
  assert.equal(await ask(GROUP_IF, 'STA 02:99:99:99:99:99'), 'FAIL\n');
  await ask('p2p-dev-wlan0', 'STA-FIRST');
  await ask(GROUP_IF, 'INTERFACES');
  await ask(GROUP_IF, 'STATUS-WPS');
  await ask('p2p-dev-wlan0', `P2P_PEER ${phone.address}`);
  await ask('p2p-dev-wlan0', `GET_NETWORK ${profile} p2p_client_list`);
  await ask('p2p-dev-wlan0', 'LIST_NETWORKS');
  assert.ok(box.sockets().includes(GROUP_IF));
}

async function comesBack(box: Box, phone: Phone): Promise<void> {
  const group = await box.on(GROUP_IF);
  let mark = group.mark();
  await phone.leave();
  await group.waitEvent('AP-STA-DISCONNECTED', 10, mark);
  mark = group.mark();
  await phone.rejoin(box.address);
  await group.waitEvent('AP-STA-CONNECTED', 10, mark);
  const seen = group.since(mark).filter(({ text }) => text.startsWith('WPS-ENROLLEE-SEEN'));
  // Its probe requests contain WPS, too. They have request type 0 (information); those of a phone that joins have 1 (enrollee).
  for (const { text } of seen) assert.match(text, / 0x[0-9a-f]+ \d+ 0 \[/);
}

async function otherArguments(phone: Phone, ask: Ask): Promise<void> {
  assert.equal(await ask(GROUP_IF, `WPS_PIN any ${PIN} 120`), PIN);
  await ask(GROUP_IF, 'WPS_CANCEL');
  await ask(GROUP_IF, 'WPS_CANCEL');
  await ask(GROUP_IF, 'WPS_PIN get');
  await ask(GROUP_IF, 'WPS_PIN any 12345671');
  await ask(GROUP_IF, 'WPS_CHECK_PIN 12345671');
  await ask(GROUP_IF, `WPS_CHECK_PIN ${PIN}`);
  await ask(GROUP_IF, `WPS_PBC p2p_dev_addr=${phone.address}`);
  await ask(GROUP_IF, 'WPS_CANCEL');
  await ask('p2p-dev-wlan0', 'P2P_GROUP_REMOVE nonsense');
  await ask('p2p-dev-wlan0', 'P2P_GROUP_ADD persistent=7');
  await ask('p2p-dev-wlan0', 'P2P_GROUP_ADD nonsense');
  await ask('p2p-dev-wlan0', 'P2P_PEER 02:99:99:99:99:99');
  await ask('p2p-dev-wlan0', 'GET p2p_go_intent');
  await ask('p2p-dev-wlan0', 'GET device_name');
  await ask('p2p-dev-wlan0', 'DRIVER_FLAGS');
}

/**
 * A phone that forgot the group asks for provision discovery without naming it. If it was the group's only known
 * client, wpa_supplicant deletes the stored group (wpas_remove_stale_groups() in p2p_supplicant.c), also from its
 * configuration file. The running group goes on; it cannot be started again.
 */
async function storedGroupIsGone(ask: Ask, profile: string): Promise<void> {
  assert.doesNotMatch(await ask('p2p-dev-wlan0', 'LIST_NETWORKS'), new RegExp(`^${profile}\\t`, 'm'));
  assert.equal(await ask('p2p-dev-wlan0', `P2P_GROUP_ADD persistent=${profile}`), 'FAIL\n');
  assert.equal(parseFields(await ask(GROUP_IF, 'STATUS')).get('ssid'), LAB_GROUP.ssid);
}

/** Joins with and without a P2P_FIND of the box; the durations are in the timeline. */
async function findSlowsJoining(lab: Lab, box: Box, phone: Phone, recorder: Recorder): Promise<void> {
  const [p2p, group] = await Promise.all([box.p2p(), box.on(GROUP_IF)]);
  for (const finding of [true, false]) {
    recorder.comment(`a phone joins while the box ${finding ? 'runs P2P_FIND' : 'does not search'}`);
    await phone.leave();
    await phone.forget();
    await p2p.command(finding ? 'P2P_FIND' : 'P2P_STOP_FIND');
    const { provision, join } = await timedJoin(lab, box, phone, group);
    lab.note(
      `with the box ${finding ? 'searching' : 'not searching'}: provision discovery ${provision} s, P2P_CONNECT to station ${join} s`,
    );
  }
}

async function timedJoin(
  lab: Lab,
  box: Box,
  phone: Phone,
  group: ControlClient,
): Promise<{ provision: string; join: string }> {
  await phone.find(box.address);
  const mark = group.mark();
  const began = lab.now();
  let typed = began;
  assert.equal(await group.request(`WPS_PIN any ${PIN} 120`), PIN);
  await phone.joinWithPin(box.address, () => {
    typed = lab.now();
    return PIN;
  });
  const connected = await group.waitEvent('AP-STA-CONNECTED', 10, mark);
  return { provision: (typed - began).toFixed(1), join: (connected.at - typed).toFixed(1) };
}

export default scenario;
