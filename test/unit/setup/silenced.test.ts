import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '#src/doctor/facts.js';
import { obstacles, plan, type Step } from '#src/setup/plan.js';
import { type Survey, unanswered } from '#src/setup/survey.js';
import { defaultAnswers, needsCountry } from '#src/setup/wanted-settings.js';
import { HostP2pError } from '#src/system/errors.js';
import { HEALTHY, having, RADIO, socket, WITHOUT_SUPPLICANT } from '../doctor/healthy.js';
import { SILENCED } from '../doctor/silenced.js';
import { managed, surveyOf, UP, units } from './surveys.js';

/** Setup where an answer of the host does not come. */

const dhcpcd = { denied: [], allowed: [], blocks: [], supplicantHook: null };
const RUNS = { units: units(['hostp2pd@p2p-dev-wlan0', UP]) };
const byButton = having.reported({ configMethods: 'virtual_push_button' });

const HOSTS: readonly (readonly [what: string, survey: Survey])[] = [
  ['a unit of systemd', surveyOf(HEALTHY)],
  ['NetworkManager', surveyOf(managed())],
  ['dhcpcd', surveyOf(having.services({ dhcpcd }))],
  ['no wpa_supplicant', surveyOf(WITHOUT_SUPPLICANT, { network: null })],
  [
    'a wpa_supplicant that is ready',
    surveyOf(having.supplicant({ readyUnits: ['wpa_supplicant@wlan0'] }, WITHOUT_SUPPLICANT), {
      network: null,
    }),
  ],
  [
    'no P2P device',
    surveyOf(
      having.device({ name: 'wlan0', radios: [RADIO] }, having.control({ sockets: [socket('wlan0')] })),
      { device: 'wlan0', units: units(['hostp2pd@wlan0', UP], ['hostp2pd-notify@wlan0', UP]) },
    ),
  ],
  ['a service that runs', surveyOf(HEALTHY, RUNS)],
  ['a service whose phones join by button', surveyOf(byButton, RUNS)],
];

/** What setup would do without questions; null: nothing, and it says why. */
async function outcome(survey: Survey): Promise<readonly Step[] | null> {
  if (unanswered(survey.facts) !== null || obstacles(survey).length > 0) return null;
  try {
    return await plan(survey, defaultAnswers(survey, needsCountry(survey) ? { country: 'DE' } : {}));
  } catch (error) {
    if (error instanceof HostP2pError) return null;
    throw error;
  }
}

for (const [what, survey] of HOSTS)
  test(`an answer that does not come never changes what setup does, but may end it: ${what}`, async () => {
    const steps = await outcome(survey);
    assert.ok(steps !== null && steps.length > 0, `${unanswered(survey.facts)} ${obstacles(survey)}`);
    for (const [question, silence] of SILENCED) {
      const silenced = await outcome({ ...survey, facts: silence(survey.facts) });
      if (silenced !== null) assert.deepEqual(silenced, steps, `without ${question}`);
    }
  });

/** The answers without which setup ends, by the host. */
const ended = async (survey: Survey) => {
  const found: string[] = [];
  for (const [question, silence] of SILENCED)
    if ((await outcome({ ...survey, facts: silence(survey.facts) })) === null) found.push(question);
  return found;
};

test('setup ends for the answers that decide something, and only for those', async () => {
  const always = ['STATUS of the P2P device', 'STATUS of the radio', 'the values of wpa_supplicant'];
  assert.deepEqual(await ended(surveyOf(HEALTHY)), [...always, 'the processes of other users']);
  assert.deepEqual(await ended(surveyOf(managed())), [
    ...always,
    'the states of nmcli',
    'the connections of NetworkManager',
    'the processes of other users',
  ]);
  assert.deepEqual(await ended(surveyOf(WITHOUT_SUPPLICANT, { network: null })), [
    ...['iw dev', 'iw list', '/etc/network/interfaces'],
    'the processes of other users',
  ]);
});

test('a radio that is connected, of which wpa_supplicant does not tell the network', () => {
  const connected = (frequency: number | null): Facts =>
    having.radios(
      { inUse: [{ phy: 'phy0', name: 'wlan0', type: 'managed', frequency }] },
      having.control({ sockets: [socket('p2p-dev-wlan0')] }),
    );
  assert.equal(unanswered(connected(null)), null);
  assert.match(unanswered(connected(2437)) ?? '', /^wlan0 is connected, and wpa_supplicant does not report/);
  const unasked = having.radios({ inUse: { missing: 'iw is not installed' } }, connected(null));
  assert.equal(unanswered(unasked), 'iw is not installed');
});

test('a NetworkManager that has just started, and lists no devices yet', () => {
  assert.equal(unanswered(managed()), null);
  assert.equal(unanswered(managed({ states: 'lo:unmanaged\n' })), 'NetworkManager does not list wlan0');
});

test('how phones join now is not known while the service is set up: setup keeps it, or is told', () => {
  const survey = surveyOf(WITHOUT_SUPPLICANT, RUNS);
  assert.throws(() => defaultAnswers(survey), {
    code: 'STATE',
    message: /does not answer: choose with --admission/,
  });
  assert.equal(defaultAnswers(survey, { admission: 'random' }).admission, 'random');
});

test('iwd, and wireless-tools of ifupdown, have a radio also while it is not connected', () => {
  const reasons = (services: Partial<Facts['services']>) =>
    obstacles(surveyOf(having.services(services, WITHOUT_SUPPLICANT), { network: null })).join();
  assert.match(
    reasons({ iwd: true }),
    /^iwd runs and takes all radios\. Fix: sudo systemctl disable --now iwd/,
  );
  const wireless = (name: string) => reasons({ ifupdown: { wpa: [], wireless: [name] } });
  assert.match(wireless('wlan0'), /^ifupdown connects wlan0 without it \(wireless-…/);
  assert.equal(wireless('wlan1'), '');
});

test('a unit about which systemd was not asked does not count as stopped', async () => {
  const survey = surveyOf(HEALTHY, { units: new Map() });
  await assert.rejects(plan(survey, { ...defaultAnswers(surveyOf(HEALTHY)) }), /state of .* is not known/);
});
