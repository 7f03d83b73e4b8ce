import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withAnswers } from '#src/setup/survey.js';
import { HostP2pError } from '#src/system/errors.js';
import { PlantedMachine } from '../doctor/planted-machine.js';

test('a P2P device that answers late is waited for; its radio is not taken in its place', async (t) => {
  const planted = new PlantedMachine(t);
  await planted.sockets(t, 'p2p-dev-wlan0', 'wlan0');
  planted.replies.set('p2p-dev-wlan0 STATUS', { code: 'CONTROL_TIMEOUT' });
  let looks = 0;
  const facts = await withAnswers(
    () => {
      looks += 1;
      if (looks === 3) planted.replies.delete('p2p-dev-wlan0 STATUS');
      return planted.gather();
    },
    { limitMs: 60_000, pauseMs: 1 },
  );
  assert.equal(looks, 3);
  assert.equal(facts.device.name, 'p2p-dev-wlan0');
});

test('a P2P device that never answers is an error; an interface that the user names needs no other', async (t) => {
  const planted = new PlantedMachine(t);
  await planted.sockets(t, 'p2p-dev-wlan0', 'wlan0');
  planted.replies.set('p2p-dev-wlan0 STATUS', { code: 'CONTROL_TIMEOUT' });
  const times = { limitMs: 5, pauseMs: 1 };
  await assert.rejects(
    withAnswers(() => planted.gather(), times),
    (error) =>
      error instanceof HostP2pError &&
      error.code === 'CONTROL_TIMEOUT' &&
      /p2p-dev-wlan0$/.test(error.message),
  );
  const { device } = await withAnswers(() => planted.gatherWith('wlan0'), times);
  assert.equal(device.name, 'wlan0');
});
