import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Head, parseRecording } from '#src/recording/format.js';
import { firstDifference, play } from '#src/replay/playback.js';
import type { SessionState } from '#src/session/model.js';
import { throughJson } from '../../fakes/recorded-session.js';
import { ALL } from '../session/every-input.js';
import { PHASES } from '../session/every-phase.js';

const FOLDER = fileURLToPath(new URL('../../../fixtures/dialogues/', import.meta.url));
const DIALOGUES = readdirSync(FOLDER).map((name) => readFileSync(FOLDER + name, 'utf8'));
const [DIALOGUE = ''] = DIALOGUES;
const LINES = DIALOGUE.split('\n');
const [HEAD = '', FIRST = ''] = LINES;

test('the state of the machine survives JSON: in each recorded dialogue, and after each input in each phase', () => {
  const dialogues = DIALOGUES.flatMap((text) =>
    parseRecording(text).segments.flatMap((segment) => [...play(segment)]),
  );
  const table = Object.values(PHASES).flatMap((make) => {
    const { steps } = make();
    return [...steps, ...ALL.flatMap(([input]) => make().give(input).steps.slice(steps.length))];
  });
  const states = new Set([...dialogues, ...table].map(({ after }) => after));
  assert.ok(states.size > 500);
  for (const state of states) assert.deepEqual(throughJson(state), state);
});

test('from each step on, the rest of a dialogue can be played back with a head of that moment', () => {
  for (const text of DIALOGUES.slice(0, 2)) {
    const [segment] = parseRecording(text).segments;
    assert.ok(segment);
    const steps = [...play(segment)];
    for (const [index, { step, before }] of steps.entries()) {
      if (index % 10 !== 0) continue;
      let { deviceInterface, stored } = segment.head;
      const peers = [...segment.head.peers];
      for (const { world, effects } of segment.steps.slice(0, index)) {
        deviceInterface = world?.deviceInterface ?? deviceInterface;
        if (world?.stored !== undefined) stored = world.stored;
        for (const effect of effects)
          if (effect.type === 'remember') peers.push([effect.address, effect.name, effect.deviceType]);
      }
      const state = parseState(throughJson(before), before);
      const head: Head = { ...segment.head, at: step.at, deviceInterface, stored, peers, state };
      assert.equal(firstDifference({ head, steps: segment.steps.slice(index) }), null, `step ${index}`);
    }
  }
});

/** The copy, which the test above has compared with the original. */
function parseState(copy: unknown, original: SessionState): SessionState {
  assert.deepEqual(copy, original);
  return Object.assign({}, original, copy);
}

test('a line that a power cut has cut off is named, and the rest is used', () => {
  const cut = `${HEAD}\n${FIRST}\n${FIRST.slice(0, 40)}`;
  const atEnd = parseRecording(cut);
  assert.deepEqual(
    [atEnd.segments[0]?.steps.length, atEnd.notes],
    [1, ['line 3 is cut off and is left out']],
  );
  const goesOn = parseRecording(`${cut}\n${HEAD}\n${FIRST}\n`);
  assert.deepEqual(
    [goesOn.segments.map(({ steps }) => steps.length), goesOn.notes],
    [[1, 1], ['line 3 is cut off and is left out']],
  );
  const zeros = parseRecording(`${HEAD}\n${FIRST}\n${'\0'.repeat(100)}`);
  assert.deepEqual(zeros.notes, ['line 3 is cut off and is left out']);
  for (let length = HEAD.length; length < HEAD.length + FIRST.length; length += 7)
    assert.equal(parseRecording(DIALOGUE.slice(0, length)).segments.length, 1);
});

test('steps that a file begins with belong to the file before it, and are left out', () => {
  const { segments, notes } = parseRecording(`${FIRST}\n${HEAD}\n${FIRST}\n`);
  assert.deepEqual([segments.length, notes], [1, ['1 step before the first head left out']]);
});

test('garbage is refused, with what was expected and what was found', () => {
  const newer = HEAD.replace('"recording":1', '"recording":2');
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /expected a recording of hostp2pd, got a file without a head/],
    ['hello\nworld\n', /expected a step in JSON|file without a head/],
    ['{"at":1}\n{"at":2}\n', /line 1: expected a step in JSON/],
    [`${newer}\n`, /line 1: expected a recording of format 1, got 2, written by hostp2pd \d/],
    [`${HEAD}\nx\n${FIRST}\n`, /line 2: expected a step in JSON/],
    [HEAD.replace('"peers":[]', '"peers":7'), /line 1: peers: expected a list, got a number/],
    [HEAD.replace('"time":"2', '"time":"x'), /line 1: time: expected a time/],
    [HEAD.replace('"interface":"p2p-dev-wlan0"', '"interface":5'), /line 1: settings.interface/],
    [HEAD.replace('"state":{"phase"', '"state":{"phrase"'), /line 1: state: expected a state/],
  ];
  for (const [text, message] of cases) assert.throws(() => parseRecording(text), { code: 'USAGE', message });
});

test('a machine that throws is a difference, and not the end of the program', () => {
  const broken = HEAD.replace('"enrolments":[]', '"enrolments":7');
  const [segment] = parseRecording(`${broken}\n${LINES.slice(1).join('\n')}`).segments;
  assert.ok(segment);
  assert.match(firstDifference(segment)?.got ?? '', /"thrown":".*(?:not a function|not iterable)/);
});
