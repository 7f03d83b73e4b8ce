import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, startHostP2pD } from '../guest/daemon.js';
import { Program } from '../guest/program.js';
import type { Scenario } from '../guest/scenario.js';

const ACCEPTANCE = fileURLToPath(new URL('../../acceptance/acceptance.js', import.meta.url));

/** The scenario plays the person who reads the instructions, has the phone, and answers. */
const scenario: Scenario = {
  name: 'acceptance',
  title: 'the guided test of a real box and phone, with a phone as Android behaves and a person who answers',
  timeoutSeconds: 300,
  suite: 'by-name',
  async run(lab) {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel', hesitation: 6 }),
    ]);
    const settings = ['  pin: random'];
    const daemon = startHostP2pD(lab, { settings });
    await groupIsUp(daemon);
    const report = join(lab.results, 'report.md');
    const steps = 'D,A,B,G,G-channel,off';
    const guide = new Program(lab, {
      name: 'acceptance',
      command: process.execPath,
      args: [ACCEPTANCE, '--only', steps, '--report', report],
      input: true,
    });
    let read = 0;
    const reads = async (text: RegExp, seconds = 60): Promise<string> => {
      const found = await guide.waitOutput(text, seconds, read);
      read = guide.output.findIndex((line) => line.at >= found.at && line.text === found.text) + 1;
      return found.groups[0] ?? '';
    };
    const answers = (answer: string): void => guide.write(`${answer}\n`);

    await reads(/^== D: /);
    await reads(/^ {2}Waiting for the phone/);
    await phone.tap(box.address);
    await reads(/^ {2}The PIN: /);
    await phone.refuse('keypad');
    await reads(/^ {2}the phone has cancelled$/);

    await reads(/^== A: /);
    await reads(/^ {2}Waiting for the phone/);
    // Within five seconds it would count as the request before.
    await delay(6000);
    await phone.tap(box.address);
    const pin = await reads(/^ {2}The PIN: (\d{8})$/);
    await phone.typePin(pin);
    await phone.connected();
    await reads(/^ {2}the phone is connected$/);
    answers('y');

    await reads(/^== B: /);
    await reads(/^ {2}Waiting for the phone/);
    await phone.leave();
    await reads(/^ {2}the phone has left$/);
    await phone.tap(box.address);
    await phone.connected();
    await reads(/^ {2}the phone is connected$/);
    answers('n');

    await reads(/^== G: /);
    await reads(/^ {2}End hostp2pd /);
    await daemon.stop();
    const again = startHostP2pD(lab, { settings });
    await groupIsUp(again);
    assert.ok(phone.joined, 'it stays');
    answers('y');

    await reads(/^== G-channel: /);
    const group = await box.on(GROUP);
    await group.waitEvent('AP-CSA-FINISHED', 20, 0);
    assert.ok(phone.joined, 'it follows');
    answers('y');

    await reads(/^== off: /);
    await reads(/^ {2}Waiting for the phone/);
    await phone.stop();
    await reads(/^ {2}the phone has left$/);

    lab.note('the phone is new: the box offers to forget it');
    answers('y');
    assert.deepEqual(await guide.waitExit(60), { code: 0, signal: null });
    const text = readFileSync(report, 'utf8');
    for (const step of steps.split(','))
      assert.match(text, new RegExp(`^\\| ${step} \\| .* \\| passed \\|$`, 'm'));
    assert.match(text, /^\| driver \| mac80211\\?_hwsim \|$/m);
    assert.ok(!text.includes(pin) && !text.includes(LAB_GROUP.passphrase));
    const clients = await lab.run({ args: ['clients', '--json'] });
    assert.ok(!clients.stdout.includes(phone.address), clients.stdout);
    await again.stop();
  },
};

export default scenario;
