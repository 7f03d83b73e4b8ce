import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyRefused } from '#src/host/refusal-text.js';
import type { RefusalReason } from '#src/session/reasons.js';

const PHONE = '42:00:00:00:01:00';
const OTHER = '42:00:00:00:02:00';

/** Each refusal of an operator's command in words: the facts, and the sentence. */
const REFUSALS: {
  readonly [C in RefusalReason['cause']]: readonly (readonly [
    Omit<Extract<RefusalReason, { cause: C }>, 'cause'>,
    string,
  ])[];
} = {
  paused: [[{}, 'the session is paused']],
  'group-stopped': [[{}, 'the group is stopped']],
  'no-link': [[{}, 'there is no link to wpa_supplicant']],
  'link-lost': [[{}, 'the link to wpa_supplicant was lost']],
  'supplicant-ended': [[{}, 'wpa_supplicant has ended']],
  'session-ends': [[{}, 'the session ends']],
  'session-ended': [[{}, 'the session has ended']],
  'client-gone': [[{}, 'the client has gone']],
  'no-reply': [[{ message: 'no reply within 10 s' }, 'no reply within 10 s']],
  reply: [[{ reply: 'FAIL\n' }, 'wpa_supplicant answered FAIL']],
  'no-group': [[{}, 'no group is up']],
  'no-persistent-group': [[{}, 'no group is up, and no persistent one is known that could be started']],
  'not-formed': [
    [{ failure: { kind: 'vanished', culprit: 'another program did it' } }, 'another program did it'],
  ],
  'not-removed': [
    [{ failure: { cause: 'refused', reply: 'FAIL\n' } }, 'P2P_GROUP_REMOVE: wpa_supplicant answered FAIL'],
  ],
  overdue: [
    [{ wants: 'up' }, 'no group has come up in time; see "status" for the reason'],
    [{ wants: 'gone' }, 'the group has not ended in time; see "status" for the reason'],
  ],
  'group-started': [[{}, 'an operator has started the group again meanwhile']],
  'group-ended': [[{}, 'the group has ended meanwhile']],
  'attempt-ended': [[{}, 'the attempt has ended']],
  'on-group': [[{ deviceAddress: PHONE }, `${PHONE} is in the group`]],
  'not-on-group': [[{ address: PHONE }, `expected the address of a station in the group, got ${PHONE}`]],
  inviting: [[{ deviceAddress: PHONE }, `an invitation of ${PHONE} is under way`]],
  'not-invited': [
    [
      { device: { deviceAddress: PHONE, name: 'Ann' }, failure: { cause: 'no-answer' } },
      `${PHONE} "Ann" could not be invited: no answer`,
    ],
  ],
  'shows-no-pin': [
    [
      { deviceAddress: PHONE, waiting: [] },
      `expected a phone that shows its PIN and waits (none does), got ${PHONE}`,
    ],
    [
      { deviceAddress: PHONE, waiting: [OTHER] },
      `expected a phone that shows its PIN and waits (${OTHER}), got ${PHONE}`,
    ],
  ],
  'wrong-pins': [[{ seconds: 42 }, 'after too many wrong PINs, PINs are refused for 42 s']],
  'search-impossible': [
    [
      { during: 'invitation', deviceAddress: PHONE },
      `no search is possible now: an invitation of ${PHONE} is under way`,
    ],
    [
      { during: 'formation', deviceAddress: PHONE },
      `no search is possible now: a group is negotiated with ${PHONE}`,
    ],
    [{ during: 'formation', deviceAddress: null }, 'no search is possible now: a group is being formed'],
  ],
};

test('each refusal has a sentence', () => {
  for (const [cause, rows] of Object.entries(REFUSALS))
    for (const [facts, text] of rows) assert.equal(whyRefused({ cause, ...facts } as RefusalReason), text);
});
