import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfiguration } from '#src/config/load.js';
import { type AdmissionView, admissionView, NO_ADMISSION } from '#src/host/admission-view.js';
import { INITIAL, type Pairing, type SessionState } from '#src/session/model.js';

const NOW = 1_000_000;
const SETTINGS = { ...defaultConfiguration().settings, pin: '52107733' };
const IDLE: SessionState = { ...INITIAL, phase: { name: 'idle' } };
const WINDOW: Pairing = {
  ...{ method: 'pbc', pin: null, deviceAddress: null, connecting: null, overlapped: false },
  until: NOW + 74_400,
};
const LISTED = { pbc_white_list: ['42:00:00:00:09:00'] };
const FIXED = { ...NO_ADMISSION, method: 'pin', pin: '52107733', pinFrom: 'setting' } as const;

test('how a phone is let in, by the state and the settings', () => {
  const { operator, method, wrongPins } = INITIAL;
  const button = { ...method, used: 'pbc' } as const;
  const blocked = { ...wrongPins, pausedUntil: NOW + 1 };
  const cases: readonly (readonly [Partial<SessionState>, Partial<typeof SETTINGS>, AdmissionView])[] = [
    [{}, {}, FIXED],
    [{}, { pin: 'random' }, { ...NO_ADMISSION, method: 'pin', pinFrom: 'random' }],
    [{}, { pin_module: '/pins.mjs' }, { ...NO_ADMISSION, method: 'pin', pinFrom: 'pin_module' }],
    [{ method: button }, {}, { ...NO_ADMISSION, method: 'pbc' }],
    [{ method: button }, LISTED, { ...FIXED, method: 'pbc' }],
    [{ method: button, wrongPins: blocked }, LISTED, { ...NO_ADMISSION, method: 'pbc' }],
    [{ pairing: WINDOW }, LISTED, { ...NO_ADMISSION, method: 'pbc', secondsLeft: 74 }],
    [
      { method: button, pairing: { ...WINDOW, method: 'pin', pin: '12345670', deviceAddress: 'a' } },
      {},
      { method: 'pin', pin: '12345670', pinFrom: 'window', deviceAddress: 'a', secondsLeft: 74 },
    ],
    [{ operator: { ...operator, paused: true } }, {}, NO_ADMISSION],
    [{ operator: { ...operator, groupStopped: true } }, {}, NO_ADMISSION],
    [{ wrongPins: blocked }, {}, NO_ADMISSION],
    [{ wrongPins: blocked, method: button }, {}, { ...NO_ADMISSION, method: 'pbc' }],
    [{ wrongPins: { ...wrongPins, pausedUntil: NOW } }, {}, FIXED],
    [{ phase: INITIAL.phase }, {}, NO_ADMISSION],
  ];
  for (const [state, settings, view] of cases)
    assert.deepEqual(admissionView({ ...IDLE, ...state }, { ...SETTINGS, ...settings }, NOW), view);
});
