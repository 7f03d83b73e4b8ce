import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Answers } from '#src/setup/answers.js';
import { askAnswers, askConsent } from '#src/setup/dialogue.js';
import { FakeKeyboard, FakeTerminal } from '../../fakes/fake-terminal.js';

const DEFAULTS: Answers = { name: 'box', admission: 'random', addresses: true, share: 'off', country: null };
const ENTER = '\r';
const DOWN = '\u001b[B';
const LEFT = '\u001b[D';
const ESCAPE = '\u001b';
const CTRL_C = '\u0003';
const CLEAR_LINE = '\u0015';

/** The dialogue, and a person who types when a question is on the screen. */
class Person {
  readonly input = new FakeKeyboard();
  readonly output: FakeTerminal;
  #seen = 0;

  constructor(columns = 80) {
    this.output = new FakeTerminal(columns);
  }

  async answers(question: string, ...keys: readonly string[]): Promise<void> {
    while (!this.output.words.slice(this.#seen).includes(question)) await delay(1);
    for (const key of keys) {
      this.#seen = this.output.words.length;
      this.input.write(key);
      // One key at a time, as a person types: two in one read would be one key to the terminal.
      while (this.output.words.length === this.#seen) await delay(1);
    }
  }
}

test('Enter at each question takes the recommended answers', async () => {
  const person = new Person();
  const dialogue = askAnswers(person, {}, DEFAULTS, false);
  await person.answers('Name of the box', ENTER);
  await person.answers('How do phones join?', ENTER);
  await person.answers('Give phones IP addresses?', ENTER);
  await person.answers('Share the internet', ENTER);
  assert.deepEqual(await dialogue, DEFAULTS);
});

test('what an option has answered is not asked', async () => {
  const person = new Person();
  const dialogue = askAnswers(person, { name: 'kitchen', addresses: false }, DEFAULTS, false);
  await person.answers('How do phones join?', DOWN, DOWN, ENTER);
  assert.deepEqual(await dialogue, {
    ...DEFAULTS,
    name: 'kitchen',
    admission: 'button',
    addresses: false,
  });
  assert.doesNotMatch(person.output.words, /Name of the box|IP addresses/);
});

test('a wrong answer is refused with the reason, and asked again', async () => {
  const person = new Person();
  const dialogue = askAnswers(person, { name: 'box', addresses: true }, DEFAULTS, true);
  await person.answers('How do phones join?', DOWN, ENTER);
  await person.answers('Your PIN: 7 digits', '00000000', ENTER);
  await person.answers('everybody tries first', CLEAR_LINE, '52107733', ENTER);
  await person.answers('Your country', 'Germany', ENTER);
  await person.answers('two letters', CLEAR_LINE, 'de', ENTER);
  await person.answers('Share the internet', ENTER);
  const wanted = { ...DEFAULTS, admission: { pin: '52107733' }, country: 'DE' };
  assert.deepEqual(await dialogue, wanted);
});

test('Escape and Ctrl-C end the dialogue without an answer', async () => {
  for (const key of [ESCAPE, CTRL_C]) {
    const person = new Person();
    const dialogue = askAnswers(person, {}, DEFAULTS, false);
    await person.answers('Name of the box', key);
    assert.equal(await dialogue, null);
    const other = new Person();
    const consent = askConsent(other);
    await other.answers('Make these changes?', key);
    assert.equal(await consent, false);
  }
});

test('the questions fit into 60 columns', async () => {
  const person = new Person(60);
  const dialogue = askAnswers(person, {}, DEFAULTS, true);
  await person.answers('Name of the box', ENTER);
  await person.answers('How do phones join?', ENTER);
  await person.answers('Give phones IP addresses?', ENTER);
  await person.answers('Your country', 'DE', ENTER);
  await person.answers('Share the internet', LEFT, ENTER);
  assert.deepEqual(await dialogue, { ...DEFAULTS, share: 'auto', country: 'DE' });
  const lines = person.output.writes.flatMap((text) => stripVTControlCharacters(text).split('\n'));
  for (const line of lines) assert.ok([...line].length <= 60, line);
});
