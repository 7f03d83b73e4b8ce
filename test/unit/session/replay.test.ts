import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseRecording } from '#src/recording/format.js';
import { firstDifference, play } from '#src/replay/playback.js';

/** Recorded dialogues of real runs: the same inputs must give the same effects, step by step. */
const FOLDER = fileURLToPath(new URL('../../../fixtures/dialogues/', import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));

test('there are recorded dialogues', () => {
  assert.ok(files.length > 0);
});

for (const file of files) {
  test(`${file}: the same inputs give the same effects`, () => {
    const { segments, notes } = parseRecording(readFileSync(FOLDER + file, 'utf8'));
    assert.deepEqual([segments.length, notes], [1, []]);
    const [segment] = segments;
    assert.ok(segment && segment.steps.length > 20);
    assert.equal(firstDifference(segment), null);
    assert.equal([...play(segment)].at(-1)?.after.phase.name, 'ended');
  });
}
