import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  exitCodeOf,
  type Finding,
  LEVELS,
  type Level,
  reportJson,
  reportOf,
  reportText,
} from '#src/doctor/report.js';

const FILE = '/etc/hostp2pd.yaml';
const finding = (level: Level, check = 'pin'): Finding => {
  const message = `this is ${level}`;
  if (level === 'ok' || level === 'unknown') return { check, level, message };
  return { check, level, message, fix: `do ${level}` };
};

test('the worst level decides, and unknown is no error', () => {
  for (const [levels, worst, code] of [
    [[], 'ok', 0],
    [['ok', 'ok'], 'ok', 0],
    [['ok', 'unknown'], 'unknown', 0],
    [['warning', 'unknown', 'ok'], 'warning', 1],
    [['error', 'warning'], 'error', 2],
  ] as const) {
    const report = reportOf(
      levels.map((level) => finding(level)),
      FILE,
    );
    assert.equal(report.worst, worst);
    assert.equal(exitCodeOf(report), code);
  }
});

test('the text is aligned, the worst findings first, each fix below its finding, the counts at the end', () => {
  const report = reportOf(
    [
      finding('ok', 'rfkill'),
      finding('error', 'control-socket'),
      finding('unknown', 'p2p-go'),
      finding('warning', 'pin'),
    ],
    FILE,
  );
  assert.equal(
    reportText(report),
    [
      'configuration: /etc/hostp2pd.yaml',
      '',
      'error    control-socket  this is error',
      '                         fix: do error',
      'warning  pin             this is warning',
      '                         fix: do warning',
      'unknown  p2p-go          this is unknown',
      'ok       rfkill          this is ok',
      '',
      '1 error, 1 warning, 1 unknown, 1 ok',
    ].join('\n'),
  );
});

test('the last line counts each level', () => {
  const twice = LEVELS.flatMap((level) => [finding(level), finding(level)]);
  assert.equal(reportText(reportOf(twice, FILE)).split('\n').at(-1), '2 errors, 2 warnings, 2 unknown, 2 ok');
});

test('control characters in a finding do not reach the terminal', () => {
  const report = reportOf(
    [{ check: 'hook', level: 'error', message: 'a\u001b[2Jb\nc', fix: 'd\u202ee' }],
    FILE,
  );
  assert.match(reportText(report), /a_\[2Jb_c\n +fix: d_e\n/);
});

test('the JSON keeps its documented words: fault and cure', () => {
  const report = reportOf([finding('warning'), finding('error'), finding('ok')], FILE);
  assert.deepEqual(JSON.parse(JSON.stringify(reportJson(report))), {
    examined: FILE,
    findings: [
      { check: 'pin', level: 'fault', message: 'this is error', cure: 'do error' },
      { check: 'pin', level: 'warning', message: 'this is warning', cure: 'do warning' },
      { check: 'pin', level: 'ok', message: 'this is ok' },
    ],
    worst: 'fault',
  });
});
