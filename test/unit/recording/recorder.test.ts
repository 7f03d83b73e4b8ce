import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { parseRecording, type Recording } from '#src/recording/format.js';
import { firstDifference } from '#src/replay/playback.js';
import { dialogue, RecordedSession } from '../../fakes/recorded-session.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { within } from '../../fakes/within.js';

const LARGEST_FILE = 2_100_000;
const FOUND =
  "p2p_dev_addr=42:00:00:00:00:01 pri_dev_type=10-0050F204-5 name='Pixel' config_methods=0x188 dev_capab=0x25 group_capab=0x0";

function start(t: TestContext): RecordedSession {
  return new RecordedSession(join(temporaryFolder(t), 'recordings', 's.jsonl'));
}

function expectNoDifference({ segments }: Recording): void {
  for (const segment of segments) assert.equal(firstDifference(segment), null);
}

/** Waits until the text is in the file. */
async function has(file: string, text: string): Promise<void> {
  const what = (): string => `"${text}" in ${file}`;
  await within(10_000, what, () => existsSync(file) && readFileSync(file, 'utf8').includes(text));
}

test('a recording begins with a head, has every step, and plays back without a difference', async (t) => {
  const session = start(t);
  await session.record();
  session.play(0);
  await session.close();
  const recording = parseRecording(readFileSync(session.file, 'utf8'));
  assert.deepEqual(recording.notes, []);
  assert.equal(recording.segments.length, 1);
  assert.equal(recording.segments[0]?.steps.length, dialogue().steps.length);
  expectNoDifference(recording);
  assert.equal(statSync(session.file).mode & 0o777, 0o600);
  assert.deepEqual(session.log.lines, []);
});

test('one that begins in the middle has the state of that moment', async (t) => {
  const session = start(t);
  session.play(0, 150);
  await session.record();
  session.play(150);
  await session.close();
  expectNoDifference(parseRecording(readFileSync(session.file, 'utf8')));
});

test('the files have a bounded size, the oldest are removed, and each plays back by itself', async (t) => {
  const session = start(t);
  await session.record();
  session.play(0, 60);
  // Long lines, so that not many are needed.
  const elements = `vendor_elems=1 ${'dd'.repeat(500)}`;
  for (let number = 0; number < 11_000; number++) {
    const address = `42:00:00:00:${(number >> 8).toString(16).padStart(2, '0').slice(-2)}:${(number & 255).toString(16).padStart(2, '0')}`;
    session.event(`P2P-DEVICE-FOUND ${address} ${FOUND.replace('Pixel', `Pixel ${number}`)} ${elements}`);
    // As the event loop of the program comes round, and not faster than the disk.
    if (number % 100 === 0) await setImmediate();
    if (number % 250 === 0) await has(session.file, `Pixel ${number}`);
  }
  session.play(60);
  await session.close();
  const files = session.files();
  assert.equal(files.length, 8, 'seven old ones and the newest');
  for (const [index, file] of files.entries()) {
    assert.ok(statSync(file).size < LARGEST_FILE, `${file}: ${statSync(file).size} bytes`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    if (index % 3 !== 0) continue;
    const recording = parseRecording(readFileSync(file, 'utf8'));
    assert.ok(recording.segments.length === 1 && recording.notes.length <= 1, recording.notes.join());
    expectNoDifference(recording);
  }
  assert.equal(statSync(session.file).ino, statSync(files.at(-1) ?? '').ino, 'the link leads to the newest');
});

test('a recording that was removed is a warning, and goes on in a new file', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: new Date(2026, 0, 5, 12) });
  const session = start(t);
  await session.record();
  session.play(0, 100);
  const last = dialogue().steps[99];
  await has(session.file, `{"at":${last?.at},`);
  rmSync(dirname(session.file), { recursive: true });
  t.mock.timers.tick(11_000);
  session.play(100, 200);
  await setImmediate();
  session.play(200);
  await session.close();
  assert.equal(session.log.lines.length, 1);
  assert.match(
    session.log.lines[0] ?? '',
    /warning the recording .*s\.jsonl was removed: it is written again/,
  );
  const recording = parseRecording(readFileSync(session.file, 'utf8'));
  assert.deepEqual(
    [recording.segments.length, recording.segments[0]?.steps.length],
    [1, dialogue().steps.length - 200],
  );
  expectNoDifference(recording);
});
