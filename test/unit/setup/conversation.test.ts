import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answers } from '#src/setup/answers.js';
import { agree, type SetupIo } from '#src/setup/conversation.js';
import { joiningText } from '#src/setup/first-phone.js';
import { having, WITHOUT_SUPPLICANT } from '../doctor/healthy.js';
import { surveyOf, UP, units } from './surveys.js';

/** Without a terminal; `said` is what was printed. */
function quiet(): { readonly io: SetupIo; readonly said: string[] } {
  const said: string[] = [];
  const print = (text: string) => void said.push(text);
  const io = { print, paint: undefined, report: {}, colour: false, terminal: null, columns: undefined };
  return { io, said };
}

test('without a terminal the defaults and the options are the answers, and the plan is shown', async () => {
  const { io, said } = quiet();
  const agreement = await agree(surveyOf(having.settings({})), { admission: 'button' }, io, null);
  assert.equal(agreement?.answers.admission, 'button');
  assert.equal(agreement?.answers.name, 'box');
  assert.match(said.join('\n'), /^1\. hostp2pd serves p2p-dev-wlan0, now and at each boot\.$/m);
  assert.doesNotMatch(said.join('\n'), /agreed/, 'nobody is asked');
});

test('without a terminal a country that nobody knows is an error with the option', async () => {
  const { io } = quiet();
  const refused = { code: 'USAGE', message: /--country DE/ };
  await assert.rejects(agree(surveyOf(WITHOUT_SUPPLICANT), {}, io, null), refused);
});

test('a machine that is set up already: that is said, and there are no steps', async () => {
  const { io, said } = quiet();
  const facts = having.settings({
    pin: 'random',
    config_parms: { device_name: 'box', device_type: '6-0050F204-1' },
    ssid_postfix: '-box',
    addressing: 'dnsmasq',
  });
  const survey = { ...surveyOf(facts, { units: units(['hostp2pd@p2p-dev-wlan0', UP]) }), facts };
  assert.deepEqual((await agree(survey, {}, io, null))?.steps, []);
  assert.match(said.at(-1) ?? '', /^Everything is set up like this already/);
});

const ANSWERS: Answers = { name: 'box', admission: 'random', addresses: true, share: 'off', country: null };

test('how phones join: with the method, and without a QR code that is not there', () => {
  const text = (admission: Answers['admission'], hasCode = true) =>
    joiningText({ ...ANSWERS, admission }, hasCode);
  assert.match(text('random'), /choose box, and type the PIN that hostp2pd shows then/);
  assert.match(text({ pin: '52107733' }), /choose box, and type the PIN 52107733\.$/m);
  assert.match(text('button'), /choose box\. It joins without a PIN\.$/m);
  assert.match(text('button'), /^iPhone {3}Point the camera at the code\.$/m);
  assert.match(text('button', false), /^iPhone {3}While a group is up, "hostp2pd qr"/m);
});
