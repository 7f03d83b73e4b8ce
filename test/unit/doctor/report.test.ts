import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, LEVELS, type Level } from '#src/doctor/finding.js';
import { exitCodeOf, reportOf, reportText } from '#src/doctor/report.js';

const FILE = '/etc/hostp2pd.yaml';
const finding = (level: Level, check = 'pin'): Finding => ({
  check,
  level,
  message: `this is ${level}`,
  ...(level === 'warning' || level === 'fault' ? { cure: `cure ${level}` } : {}),
});

test('the worst level decides, and what cannot be told is no reproach', () => {
  for (const [levels, worst, code] of [
    [[], 'ok', 0],
    [['ok', 'ok'], 'ok', 0],
    [['ok', 'unknown'], 'unknown', 0],
    [['warning', 'unknown', 'ok'], 'warning', 1],
    [['fault', 'warning'], 'fault', 2],
  ] as const) {
    const report = reportOf(
      levels.map((level) => finding(level)),
      FILE,
    );
    assert.equal(report.worst, worst);
    assert.equal(exitCodeOf(report), code);
  }
});

test('the text is aligned, the worst first, each cure below its finding and the sum at the end', () => {
  const report = reportOf(
    [
      finding('ok', 'rfkill'),
      finding('fault', 'control-socket'),
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
      'fault    control-socket  this is fault',
      '                         cure: cure fault',
      'warning  pin             this is warning',
      '                         cure: cure warning',
      'unknown  p2p-go          this is unknown',
      'ok       rfkill          this is ok',
      '',
      '1 fault, 1 warning, 1 cannot be told, 1 ok',
    ].join('\n'),
  );
});

test('the sum counts in words', () => {
  const twice = LEVELS.flatMap((level) => [finding(level), finding(level)]);
  assert.equal(
    reportText(reportOf(twice, FILE)).split('\n').at(-1),
    '2 faults, 2 warnings, 2 cannot be told, 2 ok',
  );
});

test('what others have chosen commands no terminal', () => {
  const report = reportOf(
    [{ check: 'hook', level: 'fault', message: 'a\u001b[2Jb\nc', cure: 'd\u202ee' }],
    FILE,
  );
  assert.match(reportText(report), /a_\[2Jb_c\n +cure: d_e\n/);
});

test('as JSON it is what it is', () => {
  const report = reportOf([finding('warning')], FILE);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), {
    examined: FILE,
    findings: [{ check: 'pin', level: 'warning', message: 'this is warning', cure: 'cure warning' }],
    worst: 'warning',
  });
});
