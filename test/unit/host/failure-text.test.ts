import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureText, groupEndText, invitationText, negotiationText } from '#src/host/failure-text.js';
import {
  type Failure,
  type FailureKind,
  failureKey,
  failureKind,
  type GroupEnd,
  type InvitationFailure,
  type NegotiationFailure,
} from '#src/session/reasons.js';

/** Each failure, end and refusal of the core in words. */

const PHONE = '42:00:00:00:01:00';

const FAILURES = {
  refused: [
    [
      { kind: 'refused', request: 'P2P_GROUP_ADD', reply: 'FAIL\n', options: null },
      'P2P_GROUP_ADD was refused: FAIL',
    ],
    [
      { kind: 'refused', request: 'P2P_CONNECT', reply: 'FAIL-CHANNEL-UNSUPPORTED\n', options: 'freq=2' },
      'P2P_CONNECT was refused: FAIL-CHANNEL-UNSUPPORTED (no group may use that channel here) (check p2p_connect_opts: freq=2)',
    ],
    [{ kind: 'refused', request: 'LIST_NETWORKS', reply: 'FAIL\n' }, 'LIST_NETWORKS was refused: FAIL'],
    [
      { kind: 'refused', request: 'ADD_NETWORK', reply: 'FAIL\n', source: 'state file', key: null },
      'state file: ADD_NETWORK was refused by wpa_supplicant (FAIL)',
    ],
    [
      { kind: 'refused', request: 'SET_NETWORK', reply: 'FAIL\n', source: 'network_parms', key: 'psk' },
      'network_parms: psk was refused by wpa_supplicant (FAIL)',
    ],
    [
      { kind: 'refused', request: null, reply: 'Failed to start AP functionality' },
      'wpa_supplicant could not start the group: Failed to start AP functionality',
    ],
  ],
  'timed-out': [
    [{ kind: 'timed-out', seconds: 10 }, 'the group did not come up within 10 s of P2P_GROUP_ADD'],
    [
      {
        kind: 'timed-out',
        seconds: 10,
        said: ['Driver error'],
        allowed: [2412, 2437],
        conflict: { radio: 'wlan0', use: { state: 'connected', ssid: 'home', frequency: 2412 } },
      },
      'the group did not come up within 10 s of P2P_GROUP_ADD; frequencies allowed here: 2412, 2437 MHz; wlan0 is connected ' +
        'to "home" at 2412 MHz, and a radio that uses one channel at a time can have the group only there: leave freq= out, ' +
        'or use freq=2412; wpa_supplicant said: Driver error',
    ],
  ],
  'no-answer': [
    [{ kind: 'no-answer', question: 'profiles', reason: 'no reply within 10 s' }, 'no reply within 10 s'],
    [
      { kind: 'no-answer', question: 'INTERFACES', why: { refusal: 'FAIL\n' } },
      'wpa_supplicant does not list its interfaces: FAIL',
    ],
    [
      { kind: 'no-answer', question: 'STATUS', interface: 'p2p-wlan0-0', why: { reason: null } },
      'p2p-wlan0-0: cannot find out whether a group runs there: no answer',
    ],
    [
      { kind: 'no-answer', question: 'STATUS', interface: 'p2p-wlan0-0', why: { refusal: 'FAIL\n' } },
      'p2p-wlan0-0: cannot find out whether a group runs there: STATUS: wpa_supplicant answered FAIL',
    ],
    [
      { kind: 'no-answer', question: 'groups', interfaces: ['p2p-wlan0-0', 'wlan0'] },
      'it is not known whether a group runs on p2p-wlan0-0, wlan0: no answer',
    ],
  ],
  removed: [
    [
      { kind: 'removed', interface: 'p2p-wlan0-0', reason: 'REQUESTED' },
      'p2p-wlan0-0: the group ended before it was up (REQUESTED)',
    ],
    [
      { kind: 'removed', end: { cause: 'removed', reason: 'REQUESTED' } },
      'another program has told wpa_supplicant to remove the group (REQUESTED), such as wpa_cli or NetworkManager',
    ],
    [{ kind: 'removed', end: { cause: 'removed', reason: null } }, 'the group has ended (no reason given)'],
  ],
  vanished: [
    [{ kind: 'vanished', culprit: 'NetworkManager did it' }, 'NetworkManager did it'],
    [
      { kind: 'vanished', culprit: null },
      'the group is gone without P2P-GROUP-REMOVED: wpa_supplicant was killed, another program has removed it, or the radio failed. See the log of ' +
        'wpa_supplicant',
    ],
  ],
  station: [
    [
      { kind: 'station', radio: 'wlan0', use: null },
      'the group would take wlan0, and wpa_supplicant does not say what that is used for (keep_station)',
    ],
    [
      { kind: 'station', radio: 'wlan0', use: { state: 'searching', ssid: null, frequency: null } },
      'the group would take wlan0, which is looking for its network; disconnect it, or set keep_station: false and the ' +
        'group ends that connection',
    ],
  ],
  profile: [
    [
      { kind: 'profile', wanted: 7, usable: [], unusable: null },
      'persistent_network_id: expected the id of a persistent group profile of which this device is the owner (none), got 7',
    ],
    [
      {
        kind: 'profile',
        wanted: 7,
        usable: [0, 2],
        unusable: { id: 7, ssid: 'home', persistent: false, disabled: true },
      },
      'profile 7 "home": it has disabled=1; mode=3 and disabled=2 mark a persistent group of this device; ' +
        'persistent_network_id: expected the id of a persistent group profile of which this device is the owner (0, 2), got 7',
    ],
  ],
  negotiation: [
    [
      {
        kind: 'negotiation',
        device: { deviceAddress: PHONE, name: 'Ann' },
        failure: { cause: 'timed-out' },
        said: ['No common channels found'],
      },
      `${PHONE} "Ann": the negotiation failed (no result in time; wpa_supplicant said: No common channels found)`,
    ],
  ],
  'became-client': [
    [
      { kind: 'became-client', interface: 'p2p-wlan0-0' },
      'p2p-wlan0-0: the phone became the group owner; check go_intent in p2p_connect_opts, which must be higher than the ' +
        "phone's",
    ],
  ],
  phone: [
    [{ kind: 'phone', deviceAddress: PHONE, cause: 'not-waiting' }, `${PHONE} no longer waits for a group`],
    [{ kind: 'phone', deviceAddress: PHONE, cause: 'not-back' }, `${PHONE} did not come back to the group`],
    [
      { kind: 'phone', deviceAddress: PHONE, invitation: { cause: 'not-come' } },
      `${PHONE} could not be invited back: no answer, or it did not come`,
    ],
  ],
  'radio-off': [
    [
      { kind: 'removed', interface: 'p2p-wlan0-0', reason: null, radioBlock: 'hardware' },
      'p2p-wlan0-0: the group ended before it was up (no reason given); the radio is switched off by a switch or key of ' +
        'the machine (rfkill)',
    ],
  ],
} satisfies Readonly<Record<FailureKind, readonly (readonly [Failure, string])[]>>;

test('each failure has a sentence for people and a cause for programs', () => {
  for (const [kind, failures] of Object.entries<readonly (readonly [Failure, string])[]>(FAILURES)) {
    for (const [failure, text] of failures) {
      assert.equal(failureText(failure), text);
      assert.equal(failureKind(failure), kind);
    }
  }
});

test('a message of wpa_supplicant that is the failure itself is not repeated', () => {
  const reply = 'Failed to start AP functionality';
  const failure: Failure = { kind: 'refused', request: null, reply, said: [reply] };
  assert.equal(failureText(failure), `wpa_supplicant could not start the group: ${reply}`);
});

test('two failures are the same if only numbers and details differ', () => {
  const refused = (reply: string): Failure => ({
    ...{ kind: 'refused', request: 'P2P_GROUP_ADD', reply, options: null },
  });
  const removed = (name: string, reason: string): Failure => ({ kind: 'removed', interface: name, reason });
  const set = (key: string): Failure => ({
    ...{ kind: 'refused', request: 'SET_NETWORK', reply: 'FAIL\n', source: 'state file', key },
  });
  assert.equal(failureKey(refused('FAIL 1\n')), failureKey({ ...refused('FAIL 2\n'), allowed: [2412] }));
  assert.notEqual(failureKey(refused('FAIL\n')), failureKey(refused('FAIL-BUSY\n')));
  assert.equal(failureKey(removed('p2p-wlan0-0', 'X')), failureKey(removed('p2p-wlan0-1', 'X')));
  assert.notEqual(failureKey(removed('p2p-wlan0-0', 'X')), failureKey(removed('p2p-wlan0-0', 'Y')));
  const ended = (reason: string): Failure => ({ kind: 'removed', end: { cause: 'removed', reason } });
  assert.notEqual(failureKey(ended('X')), failureKey(ended('Y')));
  assert.notEqual(failureKey(ended('X')), failureKey(removed('p2p-wlan0-0', 'X')));
  assert.notEqual(failureKey(set('ssid')), failureKey(set('psk')));
  // With the radio off, what wpa_supplicant makes of it does not matter.
  assert.equal(
    failureKey({ ...refused('FAIL\n'), radioBlock: 'software' }),
    failureKey({ ...removed('p2p-wlan0-0', 'X'), radioBlock: 'software' }),
  );
});

const NEGOTIATIONS = {
  status: [{ cause: 'status', status: -1 }, 'no answer (status -1)'],
  formation: [{ cause: 'formation', reason: 'FREQ_CONFLICT' }, 'formation failed: FREQ_CONFLICT'],
  removed: [{ cause: 'removed', reason: 'REQUESTED' }, 'the group ended before it was up (REQUESTED)'],
  refused: [
    { cause: 'refused', reply: 'FAIL-BUSY\n' },
    'P2P_CONNECT was refused: FAIL-BUSY (the driver is busy with a scan)',
  ],
  said: [{ cause: 'said', line: 'Failed to add group interface' }, 'Failed to add group interface'],
  'became-owner': [{ cause: 'became-owner' }, 'the phone became the group owner'],
  'timed-out': [{ cause: 'timed-out' }, 'no result in time'],
} satisfies Readonly<Record<NegotiationFailure['cause'], readonly [NegotiationFailure, string]>>;

const INVITATIONS = {
  refused: [
    { cause: 'refused', reply: 'FAIL\n' },
    'P2P_INVITE: FAIL (has the device been seen within the last minute?)',
  ],
  status: [{ cause: 'status', status: 11 }, 'its user refused (status 11)'],
  'no-answer': [{ cause: 'no-answer' }, 'no answer'],
  'not-come': [{ cause: 'not-come' }, 'no answer, or it did not come'],
} satisfies Readonly<Record<InvitationFailure['cause'], readonly [InvitationFailure, string]>>;

const ENDS = {
  removed: [{ cause: 'removed', reason: 'IDLE' }, 'IDLE'],
  vanished: [{ cause: 'vanished' }, 'it has gone without P2P-GROUP-REMOVED'],
  'not-found': [{ cause: 'not-found' }, 'gone after the link was lost'],
  'supplicant-gone': [{ cause: 'supplicant-gone' }, 'the link to wpa_supplicant is lost'],
  'supplicant-ended': [{ cause: 'supplicant-ended' }, 'wpa_supplicant has ended'],
  'not-managed': [{ cause: 'not-managed' }, 'no longer managed'],
  'session-ends': [{ cause: 'session-ends' }, 'hostp2pd ends'],
} satisfies Readonly<Record<GroupEnd['cause'], readonly [GroupEnd, string]>>;

test('each failed negotiation, failed invitation and end of a group has a text', () => {
  for (const [failure, text] of Object.values(NEGOTIATIONS)) assert.equal(negotiationText(failure), text);
  for (const [failure, text] of Object.values(INVITATIONS)) assert.equal(invitationText(failure), text);
  for (const [end, text] of Object.values(ENDS)) assert.equal(groupEndText(end), text);
});
