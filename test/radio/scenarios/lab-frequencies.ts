import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Ask, askingBox } from '../guest/asking.js';
import type { Box } from '../guest/box.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';

const P2P = 'p2p-dev-wlan0';
/** From the package wireless-regdb; without it a country has no effect. */
const REGULATORY_DATABASE = '/lib/firmware/regulatory.db';

/** Without phones, so it is quick. */
const scenario: Scenario = {
  name: 'lab-frequencies',
  suite: 'facts',
  title: 'what GET_CAPABILITY freq lists, what P2P_GROUP_ADD accepts, and what a country changes',
  async run(lab) {
    const box = await lab.startBox({ configFile: false });
    const recorder = lab.record('frequencies');
    const ask = askingBox(lab, box, recorder);
    const world = await listed(ask);
    assert.equal(world.get(2412), '');
    assert.equal(world.get(5180), ' (NO_IR)');
    assert.equal(world.get(5500), ' (NO_IR) (DFS)');
    // The other list has no flags.
    assert.match(await ask(P2P, 'GET_CAPABILITY channels'), /^Mode\[A\] Channels: 36 /m);
    await refuses(ask, ['5180', '5500', '2472', '2484', '9999', '5175', '5', '1', 'x']);
    assert.equal(await starts(box, '2412'), 2412);
    assert.match(String(await starts(box, '2')), /^24/);
    if (existsSync(REGULATORY_DATABASE)) {
      try {
        await inGermany(lab, box, ask);
      } finally {
        // The kernel would keep the country for the next scenario.
        await lab.run({ command: 'iw', args: ['reg', 'set', '00'] });
      }
    } else {
      lab.note(`${REGULATORY_DATABASE} is missing: no country can be set`);
    }
    recorder.close();
  },
};

async function inGermany(lab: Lab, box: Box, ask: Ask): Promise<void> {
  // The kernel looked for it before the root directory was mounted.
  await lab.run({ command: 'iw', args: ['reg', 'reload'] });
  const radio = await box.on('wlan0');
  const mark = radio.mark();
  assert.equal(await ask(P2P, 'SET country DE'), 'OK\n', 'wlan0 would accept it as well');
  await radio.waitEvent('CTRL-EVENT-REGDOM-CHANGE init=USER type=COUNTRY alpha2=DE', 10, mark);
  assert.equal(await ask(P2P, 'GET country'), 'DE');
  assert.equal(
    await ask('wlan0', 'GET country'),
    'FAIL\n',
    'the radio uses the country, but wlan0 has no such setting',
  );
  const germany = await listed(ask);
  assert.equal(germany.get(2472), '');
  assert.equal(germany.get(2484), undefined);
  assert.equal(germany.get(5180), '');
  assert.equal(germany.get(5500), ' (DFS)');
  await refuses(ask, ['5500', '2484']);
  assert.equal(await starts(box, '5180'), 5180);
  assert.equal(await starts(box, '2472'), 2472);
  assert.match(String(await starts(box, '5')), /^5/);
}

/** The flags after each frequency in the list; both interfaces reply the same. */
async function listed(ask: Ask): Promise<Map<number, string>> {
  const reply = await ask(P2P, 'GET_CAPABILITY freq');
  assert.equal(await ask('wlan0', 'GET_CAPABILITY freq'), reply);
  const rows = reply.matchAll(/^ \d+ = (\d+) MHz(.*)$/gm);
  return new Map([...rows].map(([, frequency, flags]) => [Number(frequency), flags ?? '']));
}

/** A forbidden frequency is refused at once; none is accepted and then not used. */
async function refuses(ask: Ask, frequencies: readonly string[]): Promise<void> {
  for (const frequency of frequencies) {
    assert.equal(await ask(P2P, `P2P_GROUP_ADD freq=${frequency}`), 'FAIL\n', frequency);
  }
}

async function starts(box: Box, frequency: string): Promise<number> {
  const ifname = await box.startGroup(`P2P_GROUP_ADD freq=${frequency}`);
  const status = await (await box.on(ifname)).fields('STATUS');
  const p2p = await box.p2p();
  const mark = p2p.mark();
  await p2p.command(`P2P_GROUP_REMOVE ${ifname}`);
  await p2p.waitEvent(`P2P-GROUP-REMOVED ${ifname}`, 10, mark);
  box.forget(ifname);
  return Number(status.get('freq'));
}

export default scenario;
