import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseRecording } from '#src/recording/format.js';
import { diagram } from '#src/replay/diagram.js';
import { rowsOf } from '#src/replay/rows.js';
import { timeline } from '#src/replay/timeline.js';

const FOLDER = fileURLToPath(new URL('../../../fixtures/dialogues/', import.meta.url));

function dialogue(name: string): string {
  return readFileSync(FOLDER + name, 'utf8');
}

test('the timeline of a recording: times, phases, requests, replies, events and hooks', () => {
  const lines = timeline(rowsOf(parseRecording(dialogue('push-button.jsonl')))).split('\n');
  const what = lines.map((line) => line.replace(/^[\d:. ]{22}/, ''));
  assert.match(lines[0] ?? '', /^\d{4}-\d\d-\d\d$/);
  assert.match(lines[1] ?? '', /^\d\d:\d\d:\d\d\.\d{3} {5}0\.000 {3}start {3}hostp2pd /);
  for (const expected of [
    '   hook    started',
    '   link    device link-up',
    '   phase   ═══ inspecting ═══',
    ' ← request LIST_NETWORKS',
    ' → reply   group-add: OK',
    '   hook    start_group done',
    '   phase   ═══ running ═══',
  ])
    assert.ok(what.includes(expected), expected);
  assert.match(what.at(-1) ?? '', /report {2}session ended/);
});

test('a step that cannot be shown leaves the others', () => {
  const [head = ''] = dialogue('push-button.jsonl').split('\n');
  const steps = [
    { at: 1e9, input: { type: 'operator' }, effects: [] },
    { at: 1e9, input: { type: 'reply', tag: { kind: 'save' } }, effects: [] },
    { at: 1e9, input: { type: 'stop' }, effects: [{ type: 'emit' }] },
    { at: 1e9, input: { type: 'stop' }, effects: [{ type: 'hook' }] },
    { at: 1e9, input: { type: 'timer', timer: 'forming' }, effects: [] },
  ];
  const text = [head, ...steps.map((step) => JSON.stringify(step))].join('\n');
  const rows = rowsOf(parseRecording(text)).slice(1);
  assert.deepEqual(
    rows.map(({ kind, text }) => (kind === 'log' ? text.replace(/:.*/, '') : text)),
    [...[2, 3, 4, 5].map((line) => `line ${line} cannot be shown`), 'forming'],
  );
});

test('a name from the air forges no line of the timeline and no element of the diagram', () => {
  const name = `<script>alert("&1")</script>\u001b[31m\u202e\ufffe\ud800`;
  const [head = '', ...steps] = dialogue('push-button.jsonl').split('\n');
  const event = `P2P-DEVICE-FOUND 42:00:00:00:09:00 p2p_dev_addr=42:00:00:00:09:00 name='${name}\n\r'`;
  const step = { at: 1e9, input: { type: 'event', link: 'device', text: event }, effects: [] };
  const rows = rowsOf(parseRecording([head, ...steps.slice(0, 3), JSON.stringify(step)].join('\n')));
  const drawn = diagram(rows);
  assert.doesNotMatch(drawn, /<script|&1|[\u001b\u202e\ufffe\ud800]/);
  assert.match(drawn, /&lt;script&gt;alert\(&quot;&amp;1&quot;\)/);
  assert.equal(drawn.match(/<g>/g)?.length, rows.length);
  assert.equal(drawn.match(/<\/g>/g)?.length, rows.length);
  const shown = timeline(rows);
  assert.doesNotMatch(shown, /[\u001b\u202e]/);
  assert.equal(shown.split('\n').length, rows.length + (shown.match(/^\d{4}-/gm) ?? []).length);
});

test('every recorded dialogue is drawn, each row once', () => {
  for (const file of readdirSync(FOLDER)) {
    const rows = rowsOf(parseRecording(dialogue(file)));
    assert.equal(diagram(rows).match(/<title>/g)?.length, rows.length);
    assert.ok(rows.every(({ text }) => !text.includes('\n')));
  }
});
