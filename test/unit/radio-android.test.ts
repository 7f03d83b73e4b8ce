import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Details, type Input, type Step, SWITCHED_ON, setupFor, step } from '../radio/guest/android.js';

const BOX = '42:00:00:00:00:00';
const SSID = 'DIRECT-lb-hostp2pd';
const SAVED = { id: '3', ssid: SSID, owner: BOX };
const FOUND = `P2P-DEVICE-FOUND 46:00:00:00:00:00 p2p_dev_addr=${BOX} name='Box' config_methods=0x100 dev_capab=0x25 group_capab=0x2b`;
const STARTED = `P2P-GROUP-STARTED p2p-wlan1-0 client ssid="${SSID}" freq=2437`;

const box = (more: Partial<Details> = {}): Details => ({
  configMethods: 0x100,
  deviceCapability: 0x25,
  groupCapability: 0x2b,
  ssid: SSID,
  saved: [],
  ...more,
});

/** Plays inputs (a text is an event) and returns the state and the commands of the last one. */
function play(...inputs: (Input | string)[]): Step {
  let last: Step = { phone: SWITCHED_ON, commands: [] };
  for (const input of inputs)
    last = step(last.phone, typeof input === 'string' ? { type: 'event', text: input } : input);
  return last;
}

const tap = (more: Partial<Details> = {}): Input => ({ type: 'tap', device: BOX, details: box(more) });
const accept = (pin = '', more: Partial<Details> = {}): Input => ({
  type: 'accept',
  pin,
  details: box(more),
});
const ENTER_PIN = `P2P-PROV-DISC-ENTER-PIN ${BOX}`;

test('what the box offers decides what the user does: the button before the PIN', () => {
  assert.equal(setupFor(box({ configMethods: 0x280 })), 'pbc');
  assert.equal(setupFor(box({ configMethods: 0x188 })), 'pbc');
  assert.equal(setupFor(box({ configMethods: 0x100 })), 'keypad');
  assert.equal(setupFor(box({ configMethods: 0x8 })), 'display');
});

test('a new phone and a PIN: provision discovery without `join`, the dialog, P2P_CONNECT with it', () => {
  assert.deepEqual(play(tap()).commands, ['P2P_STOP_FIND', `P2P_PROV_DISC ${BOX} display`]);
  assert.deepEqual(play(tap(), ENTER_PIN).phone.state.is, 'asking');
  const typed = play(tap(), ENTER_PIN, accept('12345670'));
  assert.deepEqual(typed.commands, ['P2P_STOP_FIND', `P2P_CONNECT ${BOX} 12345670 keypad persistent join`]);
  const joined = step(typed.phone, { type: 'event', text: STARTED });
  assert.deepEqual(joined.commands, ['IFNAME=p2p-wlan1-0 SET p2p_group_idle 10']);
});

test('a new phone and the button: no dialog', () => {
  const pressed = play(tap({ configMethods: 0x280 }), `P2P-PROV-DISC-PBC-RESP ${BOX}`);
  assert.deepEqual(pressed.commands, [`P2P_CONNECT ${BOX} pbc persistent join`]);
});

test('a phone that shows its PIN takes the one of wpa_supplicant', () => {
  const asked: Input = { type: 'tap', device: BOX, details: box(), setup: 'display' };
  assert.deepEqual(play(asked).commands, ['P2P_STOP_FIND', `P2P_PROV_DISC ${BOX} keypad`]);
  const shown = play(asked, `P2P-PROV-DISC-SHOW-PIN ${BOX} 51704711`);
  assert.deepEqual(shown.commands, [`P2P_CONNECT ${BOX} 51704711 display persistent join`]);
});

test('a box that is not seen as a group owner: the phone negotiates', () => {
  const typed = play(tap({ groupCapability: 0 }), ENTER_PIN, accept('12345670', { groupCapability: 0 }));
  assert.equal(typed.commands[1], `P2P_CONNECT ${BOX} 12345670 keypad persistent go_intent=6`);
});

test('a saved group is started as its client, without a word to the box', () => {
  const back = play(tap({ saved: [SAVED] }));
  assert.deepEqual(back.commands, ['P2P_STOP_FIND', 'P2P_GROUP_ADD persistent=3']);
  assert.equal(play(tap({ saved: [{ ...SAVED, ssid: 'DIRECT-xy' }] })).phone.state.is, 'provisioning');
  assert.equal(
    play(tap({ saved: [{ ...SAVED, owner: '42:00:00:00:09:00' }] })).phone.state.is,
    'provisioning',
  );
});

test('a saved group whose owner is seen without a group, or with a full one: an invitation', () => {
  for (const groupCapability of [0, 0x2b | 0x04]) {
    const invites = play(tap({ saved: [SAVED], groupCapability }));
    assert.deepEqual(invites.commands, ['P2P_STOP_FIND', `P2P_INVITE persistent=3 peer=${BOX}`]);
    const forgotten = step(invites.phone, { type: 'event', text: 'P2P-INVITATION-RESULT status=8 ' });
    assert.deepEqual(forgotten.commands, ['REMOVE_NETWORK 3', `P2P_PROV_DISC ${BOX} display`]);
    const notNow = step(invites.phone, { type: 'event', text: 'P2P-INVITATION-RESULT status=1 ' });
    assert.deepEqual(notNow.commands, [`P2P_PROV_DISC ${BOX} display`], 'no PIN yet');
    const accepted = step(invites.phone, { type: 'event', text: 'P2P-INVITATION-RESULT status=0 ' });
    assert.equal(accepted.phone.state.is, 'joining');
  }
});

test('an invitation that is answered with "not now" ends in a negotiation by push button', () => {
  const pressed = { saved: [SAVED], configMethods: 0x280, groupCapability: 0 };
  const notNow = play(FOUND, tap(pressed), 'P2P-INVITATION-RESULT status=1 ');
  assert.deepEqual(notNow.commands, [`P2P_CONNECT ${BOX} pbc persistent go_intent=6`]);
});

test('a box without a group that takes no invitations, or no more clients, is not invited', () => {
  for (const deviceCapability of [0x05, 0x35]) {
    const asked = play(tap({ saved: [SAVED], groupCapability: 0, deviceCapability }));
    assert.deepEqual(asked.commands, ['P2P_STOP_FIND', `P2P_PROV_DISC ${BOX} display`]);
    const joins = play(tap({ saved: [SAVED], deviceCapability }));
    assert.deepEqual(joins.commands, ['P2P_STOP_FIND', 'P2P_GROUP_ADD persistent=3']);
  }
});

test('a user who cancels the dialog: P2P_REJECT, and the same provision discovery again', () => {
  const { phone, commands, searchesLater } = play(tap(), ENTER_PIN, { type: 'cancel' });
  assert.deepEqual(commands, [`P2P_REJECT ${BOX}`, `P2P_PROV_DISC ${BOX} display`]);
  assert.equal(searchesLater, true);
  assert.deepEqual(step(phone, { type: 'search' }).commands, ['P2P_FIND 120']);
  assert.equal(step(phone, { type: 'event', text: ENTER_PIN }).phone.state.is, 'idle');
});

test('an idle phone drops PBC-REQ and ENTER-PIN; SHOW-PIN and an invitation open a dialog', () => {
  const invitation = `P2P-INVITATION-RECEIVED sa=${BOX} go_dev_addr=${BOX} bssid=46:00:00:00:00:00 unknown-network`;
  for (const text of [`P2P-PROV-DISC-PBC-REQ ${BOX}`, ENTER_PIN])
    assert.equal(play(FOUND, text).phone.state.is, 'idle');
  assert.equal(play(FOUND, `P2P-PROV-DISC-SHOW-PIN ${BOX} 51704711`).phone.state.is, 'asking');
  assert.equal(play(invitation).phone.state.is, 'idle', 'an owner that it has not seen');
  const typed = play(FOUND, invitation, accept('12345670'));
  assert.deepEqual(typed.commands, ['P2P_STOP_FIND', `P2P_CONNECT ${BOX} 12345670 keypad persistent join`]);
  const saved = play(FOUND, invitation, accept('', { saved: [SAVED] }));
  assert.deepEqual(saved.commands, ['P2P_STOP_FIND', 'P2P_GROUP_ADD persistent=3']);
});

test('a phone that is joining drops an invitation', () => {
  const pressed = play(FOUND, tap({ configMethods: 0x280 }), `P2P-PROV-DISC-PBC-RESP ${BOX}`);
  const invited = step(pressed.phone, {
    type: 'event',
    text: `P2P-INVITATION-RECEIVED sa=${BOX} go_dev_addr=${BOX} bssid=46:00:00:00:00:00 unknown-network`,
  });
  assert.deepEqual([invited.phone.state.is, invited.commands], ['joining', []]);
});

test('an attempt that fails ends in a search', () => {
  for (const text of [`P2P-PROV-DISC-FAILURE p2p_dev_addr=${BOX} status=11`])
    assert.deepEqual(play(tap(), text).commands, ['P2P_FIND 120']);
  for (const text of ['P2P-GROUP-FORMATION-FAILURE ', 'P2P-GO-NEG-FAILURE status=10'])
    assert.deepEqual(play(tap(), ENTER_PIN, accept('12345670'), text).commands, ['P2P_FIND 120']);
  const refused = play(tap(), { type: 'refused', command: `P2P_PROV_DISC ${BOX} display` });
  assert.equal(refused.phone.state.is, 'idle');
});

test('an app that joins by name: some tries, and the profile is removed', () => {
  const join: Input = { type: 'join-profile', profile: '0', frequency: null };
  const failed = 'P2P-GROUP-REMOVED p2p-wlan1-0 client reason=FORMATION_FAILED';
  assert.deepEqual(play(join).commands, ['P2P_STOP_FIND', 'P2P_GROUP_ADD persistent=0']);
  assert.deepEqual(play(join, failed, failed).commands, ['P2P_GROUP_ADD persistent=0']);
  assert.deepEqual(play(join, failed, failed, failed).commands, ['REMOVE_NETWORK 0', 'P2P_FIND 120']);
  assert.equal(play(join, STARTED).commands.at(-1), 'REMOVE_NETWORK 0');
  const there: Input = { ...join, frequency: 2437 };
  for (const events of [[], [failed]])
    assert.equal(play(there, ...events).commands.at(-1), 'P2P_GROUP_ADD persistent=0 freq=2437');
});

test('the end of its group: it forgets whom it has seen', () => {
  const joined = play(FOUND, tap({ saved: [SAVED] }), STARTED);
  const { phone, commands } = step(joined.phone, {
    type: 'event',
    text: 'P2P-GROUP-REMOVED p2p-wlan1-0 client reason=IDLE',
  });
  assert.deepEqual(commands, ['P2P_FLUSH', 'P2P_SERVICE_FLUSH']);
  assert.deepEqual(phone, SWITCHED_ON);
});
