import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { publicEvent, type SessionEventOf } from '#src/host/public-event.js';
import type { ButtonRefusal, EnrolmentFailure, StationRejection } from '#src/session/reasons.js';

/** Events as listeners get them: a sentence for people, and a word for programs. */

const PHONE = { deviceAddress: '42:00:00:00:01:00', name: 'Ann' };
const GROUP = { interface: 'p2p-wlan0-0', ssid: 'DIRECT-PP', frequency: 2437, networkId: 0 };

const ENROLMENTS = {
  'timed-out': [
    { cause: 'timed-out', pinWaitsFor: { kind: 'button', of: null } },
    'timed out; its PIN could not be armed, because the push button was open for any device',
  ],
  'too-many-phones': [{ cause: 'too-many-phones' }, 'too many phones ask at once'],
  'pin-method': [{ cause: 'pin-method' }, 'it pressed the button, and the method is the PIN'],
  'not-listed': [{ cause: 'not-listed' }, 'it pressed the button, and it is not on pbc_white_list'],
  'pin-changed': [{ cause: 'pin-changed' }, 'the PIN has changed; it has to ask again'],
  'pin-module': [{ cause: 'pin-module', message: 'pins.mjs: it threw' }, 'pins.mjs: it threw'],
  cancelled: [{ cause: 'cancelled' }, 'its user has cancelled, or asks again'],
  'other-method': [{ cause: 'other-method' }, 'it asks again, by another method'],
  paused: [{ cause: 'paused' }, 'the session is paused'],
  'group-stopped': [{ cause: 'group-stopped' }, 'the group is stopped'],
  'session-ends': [{ cause: 'session-ends' }, 'the session ends'],
  'group-ended': [
    { cause: 'group-ended', end: { cause: 'removed', reason: 'REQUESTED' } },
    'the group has ended (REQUESTED)',
  ],
  'pairing-closed': [{ cause: 'pairing-closed' }, 'the pairing window is closed'],
  wps: [
    { cause: 'wps', error: 18, indication: null, foreign: true },
    'wrong PIN (WPS error 18), armed by another program',
  ],
  negotiation: [
    { cause: 'negotiation', failure: { cause: 'status', status: 11 }, said: ['Driver error'] },
    'negotiation failed: its user refused (status 11); wpa_supplicant said: Driver error',
  ],
} satisfies Readonly<Record<EnrolmentFailure['cause'], readonly [EnrolmentFailure, string]>>;

test('a phone that did not join: the sentence, the cause and the code of the protocol', () => {
  const events = Object.values(ENROLMENTS).map(([reason, text]) => {
    const event = publicEvent({ type: 'enrolmentFailed', ...PHONE, reason, open: false });
    assert.ok(event.type === 'enrolmentFailed');
    assert.deepEqual([event.reason, event.cause], [text, reason.cause]);
    return event;
  });
  assert.deepEqual(
    events.flatMap(({ cause, code }) => (code === null ? [] : [[cause, code]])),
    [
      ['wps', { table: 'WPS configuration error', value: 18 }],
      ['negotiation', { table: 'P2P status', value: 11 }],
    ],
  );
});

const BUTTON_REFUSALS = {
  'pin-method': 'the method is the PIN',
  'not-listed': 'it is not on pbc_white_list',
} satisfies Readonly<Record<ButtonRefusal, string>>;

const REJECTIONS = {
  'group-full': /^the group is full; .*max_num_sta/,
  blocked: /^it is blocked by an access list of wpa_supplicant/,
  'wrong-passphrase': /^wrong passphrase, or it knows a group that no longer exists/,
} satisfies Readonly<Record<StationRejection, RegExp>>;

test('a phone that may not use the push button, and a rejected station', () => {
  for (const reason of ['pin-method', 'not-listed'] as const) {
    const event = publicEvent({ type: 'enrolmentRefused', ...PHONE, method: 'pbc', reason });
    assert.deepEqual(event, {
      ...{ type: 'enrolmentRefused', ...PHONE, method: 'pbc' },
      ...{ reason: BUTTON_REFUSALS[reason], cause: reason },
    });
  }
  for (const reason of ['group-full', 'blocked', 'wrong-passphrase'] as const) {
    const event = publicEvent({ type: 'stationRejected', address: '46:00:00:00:01:00', ...PHONE, reason });
    assert.ok(event.type === 'stationRejected' && event.cause === reason);
    assert.match(event.reason, REJECTIONS[reason]);
  }
});

test('a group that ends or does not come up; an event without a reason is not changed', () => {
  const reason = { cause: 'removed', reason: 'REQUESTED' } as const;
  assert.deepEqual(publicEvent({ type: 'groupRemoved', group: GROUP, reason }), {
    ...{ type: 'groupRemoved', group: GROUP, reason: 'REQUESTED', cause: 'removed' },
  });
  const failure = { kind: 'timed-out', seconds: 10, radioBlock: 'software' } as const;
  const failed = publicEvent({ type: 'groupFailed', failure, retrySeconds: 2 });
  assert.ok(failed.type === 'groupFailed');
  assert.match(failed.reason, /within 10 s of P2P_GROUP_ADD; the radio is switched off by software/);
  assert.deepEqual([failed.cause, failed.retrySeconds], ['radio-off', 2]);
  assert.deepEqual(publicEvent({ type: 'paused' }), { type: 'paused' });
});

describe('the guide for programs names each cause', () => {
  const guide = readFileSync(new URL('../../../../packaging/docs/library.md', import.meta.url), 'utf8');
  const causes = {
    groupRemoved: {
      ...{ removed: true, vanished: true, 'not-found': true, 'supplicant-gone': true },
      ...{ 'supplicant-ended': true, 'not-managed': true, 'session-ends': true },
    } satisfies Record<SessionEventOf<'groupRemoved'>['cause'], true>,
    groupFailed: {
      ...{ refused: true, 'timed-out': true, 'no-answer': true, removed: true, vanished: true },
      ...{
        'radio-off': true,
        station: true,
        profile: true,
        negotiation: true,
        'became-client': true,
        phone: true,
      },
    } satisfies Record<SessionEventOf<'groupFailed'>['cause'], true>,
    enrolmentRefused: BUTTON_REFUSALS,
    enrolmentFailed: ENROLMENTS,
    stationRejected: REJECTIONS,
  };
  for (const [event, words] of Object.entries(causes)) {
    test(event, () => {
      const [, row = ''] = new RegExp(`^\\| \`${event}\` \\| ([^|]*) \\|$`, 'm').exec(guide) ?? [];
      const named = [...row.matchAll(/`([a-z-]+)`/g)].map(([, word]) => word);
      assert.deepEqual(named.sort(), Object.keys(words).sort());
    });
  }
});
