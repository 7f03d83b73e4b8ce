import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TerminalScreen } from '#src/cli/monitor.js';
import { FakeTerminal } from '../../fakes/fake-terminal.js';

const frame = (body: string) => `\x1b[?2026h${body}\x1b[?2026l`;

test('enters the alternate screen, and restores the terminal', () => {
  const terminal = new FakeTerminal();
  const screen = new TerminalScreen(terminal);
  screen.draw(['not yet']);
  screen.enter();
  screen.enter();
  screen.leave();
  screen.leave();
  screen.draw(['no more']);
  assert.deepEqual(terminal.writes, ['\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J', '\x1b[?7h\x1b[?25h\x1b[?1049l']);
});

test('one write for each frame, with only the lines that have changed', () => {
  const terminal = new FakeTerminal(10, 3);
  const screen = new TerminalScreen(terminal);
  screen.enter();
  screen.draw(['one', '', 'three']);
  screen.draw(['one', '', 'three']);
  screen.draw(['one', 'two', 'three']);
  screen.draw(['one', '', 'three']);
  assert.deepEqual(terminal.writes.slice(1), [
    frame('\x1b[1;1Hone\x1b[K\x1b[3;1Hthree\x1b[K'),
    frame('\x1b[2;1Htwo\x1b[K'),
    frame('\x1b[2;1H\x1b[K'),
  ]);
});

test('a line that fills the row is not followed by an erase, which would delete its last character', () => {
  const terminal = new FakeTerminal(5, 2);
  const screen = new TerminalScreen(terminal);
  screen.enter();
  screen.draw(['\x1b[1mabcde\x1b[0m', 'x日本']);
  assert.deepEqual(terminal.writes.slice(1), [frame('\x1b[1;1H\x1b[1mabcde\x1b[0m\x1b[2;1Hx日本')]);
});

test('a new size redraws everything', () => {
  const terminal = new FakeTerminal(10, 2);
  const screen = new TerminalScreen(terminal);
  screen.enter();
  screen.draw(['one', 'two']);
  terminal.columns = 8;
  screen.draw(['one', 'two']);
  assert.equal(terminal.writes.at(-1), frame('\x1b[2J\x1b[1;1Hone\x1b[K\x1b[2;1Htwo\x1b[K'));
});

test('a terminal of unknown size counts as 80 × 24', () => {
  assert.deepEqual(new TerminalScreen(new FakeTerminal(0, 0)).size, { columns: 80, rows: 24 });
});

test('a slow terminal gets only the newest frame when it accepts output again', async () => {
  const terminal = new FakeTerminal(20, 1);
  const screen = new TerminalScreen(terminal);
  screen.enter();
  terminal.stuck = true;
  screen.draw(['x'.repeat(20)]);
  for (const text of ['two', 'three', 'four']) screen.draw([text]);
  assert.equal(terminal.writes.length, 2);
  terminal.release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(terminal.writes.slice(2), [frame('\x1b[1;1Hfour\x1b[K')]);
});
