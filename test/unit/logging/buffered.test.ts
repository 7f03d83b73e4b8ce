import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BufferedLogger, type TimedLogger } from '#src/logging/buffered.js';
import type { LogLevel } from '#src/logging/logger.js';

interface Sink extends TimedLogger {
  readonly lines: string[];
  readonly times: (Date | undefined)[];
}

function sinkFor(levels: readonly LogLevel[] = ['error', 'warning', 'info', 'debug']): Sink {
  const lines: string[] = [];
  const times: (Date | undefined)[] = [];
  return {
    lines,
    times,
    wants: (level) => levels.includes(level),
    log: (level, message, at) => {
      lines.push(`${level} ${message}`);
      times.push(at);
    },
  };
}

function standardError(): { lines: string[]; write(text: string): void } {
  const lines: string[] = [];
  return { lines, write: (text) => void lines.push(text) };
}

describe('until the real logger is attached', () => {
  test('records are buffered in order, with their times, and passed on', () => {
    const buffered = new BufferedLogger();
    const first = new Date(2026, 0, 1);
    buffered.log('info', 'one', first);
    buffered.log('debug', 'two');
    const sink = sinkFor();
    buffered.attach(sink);
    buffered.log('error', 'three');
    assert.deepEqual(sink.lines, ['info one', 'debug two', 'error three']);
    assert.equal(sink.times[0], first);
  });

  test('records that the logger does not want are not passed on', () => {
    const buffered = new BufferedLogger();
    buffered.log('debug', 'chatter');
    buffered.log('error', 'trouble');
    const sink = sinkFor(['error']);
    buffered.attach(sink);
    assert.deepEqual(sink.lines, ['error trouble']);
  });

  test('wants everything up to its own level, and afterwards what the logger wants', () => {
    const buffered = new BufferedLogger({ level: 'info' });
    assert.equal(buffered.wants('info'), true);
    assert.equal(buffered.wants('debug'), false);
    buffered.attach(sinkFor(['error']));
    assert.equal(buffered.wants('error'), true);
    assert.equal(buffered.wants('info'), false);
  });

  test('after 1,000 records the others are counted, and the log says so', () => {
    const buffered = new BufferedLogger();
    for (let n = 0; n < 1005; n += 1) buffered.log('info', String(n));
    const sink = sinkFor();
    buffered.attach(sink);
    assert.equal(sink.lines.length, 1001);
    assert.equal(sink.lines[999], 'info 999');
    assert.equal(sink.lines[1000], 'warning 5 log records from the start were lost');
  });

  test('a logger that is attached later replaces the first', () => {
    const buffered = new BufferedLogger();
    const [first, second] = [sinkFor(), sinkFor()];
    buffered.attach(first);
    buffered.attach(second);
    buffered.log('info', 'one');
    assert.deepEqual([first.lines, second.lines], [[], ['info one']]);
  });
});

describe('when the real logger cannot be loaded', () => {
  test('records go to standard error: the buffered ones, the reason, and later ones, without secrets', async () => {
    const error = standardError();
    const buffered = new BufferedLogger({ standardError: error });
    buffered.log('info', 'WPS_PIN any 12345670');
    await buffered.attachWhenLoaded(Promise.reject(new Error('no winston')));
    buffered.log('warning', 'later\nforged');
    assert.deepEqual(
      error.lines.map((line) => line.replace(/^\S+ /, '')),
      [
        'info WPS_PIN any <hidden>\n',
        'error the log cannot be opened: no winston\n',
        'warning later\\nforged\n',
      ],
    );
  });

  test('a logger that is loaded later takes over', async () => {
    const error = standardError();
    const buffered = new BufferedLogger({ standardError: error });
    buffered.log('info', 'one');
    const sink = sinkFor();
    await buffered.attachWhenLoaded(Promise.resolve(sink));
    assert.deepEqual(sink.lines, ['info one']);
    assert.deepEqual(error.lines, []);
  });

  test('giving up writes the buffered records to standard error, once', () => {
    const error = standardError();
    const buffered = new BufferedLogger({ standardError: error, level: 'info' });
    buffered.log('debug', 'chatter');
    buffered.log('info', 'one');
    buffered.giveUp();
    buffered.giveUp();
    buffered.log('debug', 'chatter');
    assert.equal(error.lines.length, 1);
  });
});
