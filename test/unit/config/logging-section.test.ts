import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatProblems } from '#src/config/problem.js';
import type { LoggingSettings } from '#src/config/schema.js';
import { validateLogging } from '#src/config/validate.js';

const DEFAULTS: LoggingSettings = {
  level: 'info',
  file: '/var/log/hostp2pd.log',
  max_size: 1_000_000,
  max_files: 2,
  console: 'error',
};

function accepted(section: unknown): LoggingSettings {
  const { logging, problems } = validateLogging(section);
  assert.deepEqual(problems, []);
  return logging;
}

function problemsOf(section: unknown): string {
  return formatProblems(validateLogging(section).problems);
}

describe('our form', () => {
  test('an empty section gives the defaults', () => {
    assert.deepEqual(accepted({}), DEFAULTS);
    assert.deepEqual(accepted(null), DEFAULTS);
    assert.deepEqual(accepted({ level: null, max_size: 'None', max_files: null }), DEFAULTS);
  });

  test('null means no file and nothing on the console', () => {
    assert.deepEqual(accepted({ file: null, console: 'None' }), { ...DEFAULTS, file: null, console: null });
  });

  test('levels are read in any case', () => {
    assert.equal(accepted({ level: 'WARNING' }).level, 'warning');
  });

  test('invalid values are reported like those of the section hostp2pd', () => {
    const report = problemsOf({ level: 'loud', max_size: 10, max_files: -1, consol: 'info', file: 5 });
    assert.match(report, /^logging\.level: expected one of error, warning, info, debug, got "loud"$/m);
    assert.match(report, /^logging\.max_size: expected a whole number from 1024 to \d+, got 10$/m);
    assert.match(report, /^logging\.max_files: expected .*, got -1$/m);
    assert.match(report, /^logging\.consol: .*did you mean "console"/m);
    assert.match(report, /^logging\.file: expected a text.*, got 5$/m);
  });
});

test('a log file that cannot be renamed, or is no regular file, is a configuration error', () => {
  for (const file of [
    '',
    ' ',
    '/var/log/',
    '/dev/stdout',
    '/dev/null',
    '//dev/../dev/null',
    '/proc/self/fd/1',
  ]) {
    assert.match(
      problemsOf({ file }),
      /^logging\.file: expected the path of a regular file, or null for no log file, got ./,
      file,
    );
  }
  for (const file of ['/var/log/a\0b', 'a\nb']) assert.match(problemsOf({ file }), /control characters/);
  assert.equal(accepted({ file: './devices/log' }).file, './devices/log');
});

describe("the original's form (Python's dictConfig)", () => {
  const ORIGINAL = {
    version: 1,
    formatters: { simple: { format: '%(asctime)s - %(message)s' } },
    handlers: {
      console: {
        class: 'logging.StreamHandler',
        level: 'CRITICAL',
        formatter: 'simple',
        stream: 'ext://sys.stdout',
      },
      file: {
        class: 'logging.handlers.RotatingFileHandler',
        formatter: 'simple',
        filename: '/tmp/p2p.log',
        maxBytes: 2_000_000,
        backupCount: 5,
      },
    },
    root: { level: 'DEBUG', handlers: ['console', 'file'] },
  };

  test('level, file, rotation and console are used, with a warning', () => {
    const { logging, problems, warnings } = validateLogging(ORIGINAL);
    assert.deepEqual(problems, []);
    assert.deepEqual(logging, {
      level: 'debug',
      file: '/tmp/p2p.log',
      max_size: 2_000_000,
      max_files: 5,
      console: 'error',
    });
    assert.match(formatProblems(warnings), /^logging: Python's logging form: .*; use the keys level, file/);
  });

  test('names and numbers of Python levels are translated', () => {
    const levelOf = (level: unknown): string => accepted({ version: 1, root: { level } }).level;
    for (const level of ['CRITICAL', 'ERROR', 'error', 50, 40]) assert.equal(levelOf(level), 'error');
    for (const level of ['WARNING', 'WARN', 30]) assert.equal(levelOf(level), 'warning');
    for (const level of ['INFO', 20, 25]) assert.equal(levelOf(level), 'info');
    for (const level of ['DEBUG', 'NOTSET', 10, 0]) assert.equal(levelOf(level), 'debug');
  });

  test('no file handler: no log file; no stream handler: no console', () => {
    const { file, console } = accepted({ version: 1, handlers: {}, root: { level: 'INFO' } });
    assert.equal(file, null);
    assert.equal(console, null);
  });

  test('a stream handler without a level has the level of the root logger', () => {
    const handlers = { console: { class: 'logging.StreamHandler' } };
    assert.equal(accepted({ version: 1, handlers, root: { level: 'WARNING' } }).console, 'warning');
  });

  test('a file without a size limit gets the default limit', () => {
    const handlers = { file: { filename: '/tmp/x.log', maxBytes: 0 } };
    assert.equal(accepted({ version: 1, handlers }).max_size, DEFAULTS.max_size);
  });

  test('problems are reported with the path in the file', () => {
    const report = problemsOf({
      version: 1,
      handlers: {
        file: { filename: 3, backupCount: 'two' },
        console: { class: 'logging.StreamHandler', level: 'LOUD' },
      },
      root: { level: 'QUIET' },
    });
    assert.match(report, /^logging\.root\.level: .*, got "QUIET"$/m);
    assert.match(report, /^logging\.handlers\.file\.filename: .*, got 3$/m);
    assert.match(report, /^logging\.handlers\.file\.backupCount: .*, got "two"$/m);
    assert.match(report, /^logging\.handlers\.console\.level: .*, got "LOUD"$/m);
  });

  test('another type where a map is expected is a problem, not an exception', () => {
    for (const odd of [null, 5, 'x', [1]]) {
      assert.doesNotThrow(() => validateLogging({ version: 1, handlers: odd, root: odd }));
      assert.doesNotThrow(() => validateLogging({ version: 1, handlers: { file: odd, console: odd } }));
    }
  });
});
