import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAll } from '#src/doctor/checks.js';
import {
  error,
  exitCodeOf,
  type Finding,
  type Level,
  type Report,
  reportJson,
  reportOf,
  reportText,
} from '#src/doctor/report.js';
import { HEALTHY, having, PROCESS, WITHOUT_SUPPLICANT } from './healthy.js';

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

test('errors come first, then warnings, each with its fix, then what is unknown, then how many are ok', () => {
  const report = reportOf(
    [
      finding('ok', 'rfkill'),
      finding('ok', 'hook'),
      finding('error', 'control-socket'),
      finding('unknown', 'p2p-go'),
      finding('warning', 'pin'),
    ],
    FILE,
  );
  const shown = [
    'configuration: /etc/hostp2pd.yaml',
    '',
    'error    control-socket  this is error',
    '                         fix: do error',
    'warning  pin             this is warning',
    '                         fix: do warning',
    'unknown  p2p-go          this is unknown',
  ];
  assert.equal(reportText(report), [...shown, '', '2 checks ok (--all lists them)'].join('\n'));
  assert.equal(
    reportText(report, { all: true }),
    [
      ...shown,
      'ok       rfkill          this is ok',
      'ok       hook            this is ok',
      '',
      '2 checks ok',
    ].join('\n'),
  );
});

test('a healthy machine: one line about its checks', () => {
  const report = reportOf([finding('ok', 'rfkill')], FILE);
  assert.equal(reportText(report), `configuration: ${FILE}\n\n1 check ok (--all lists them)`);
});

test('what cannot be known because of an error is one line; what has its own reason is another', () => {
  const follows = (check: string): Finding => ({
    check,
    level: 'unknown',
    message: `no ${check}`,
    follows: true,
  });
  const without = (check: string): Finding => ({ check, level: 'unknown', message: 'iw is not installed' });
  const findings = [follows('country'), without('p2p-go'), follows('hook'), without('channel')];
  const unknowns = (report: Report, look = {}) =>
    reportText(report, look)
      .split('\n')
      .filter((line) => line.startsWith('unknown'));
  assert.deepEqual(unknowns(reportOf([finding('error'), ...findings], FILE)), [
    'unknown  2 checks  cannot be known before the errors are fixed: country, hook',
    'unknown  2 checks  iw is not installed: p2p-go, channel',
  ]);
  assert.deepEqual(unknowns(reportOf(findings, FILE)), [
    'unknown  country   no country',
    'unknown  2 checks  iw is not installed: p2p-go, channel',
    'unknown  hook      no hook',
  ]);
  assert.equal(unknowns(reportOf([finding('error'), ...findings], FILE), { all: true }).length, 4);
});

test('without wpa_supplicant: one error, one line for all that depends on it, one line for all that is ok', () => {
  const text = reportText(reportOf(judgeAll(WITHOUT_SUPPLICANT), FILE));
  const [, , first = '', fix, unknown = '', gap, last = '', ...more] = text.split('\n');
  assert.match(first, /^error +supplicant-running /);
  assert.match(fix ?? '', /^ +fix: /);
  assert.match(unknown, /^unknown +\d+ checks +cannot be known before the errors are fixed: /);
  assert.equal(gap, '');
  assert.match(last, /^\d+ checks ok \(--all lists them\)$/);
  assert.deepEqual(more, []);
});

const LONG: Finding = {
  check: 'network-manager',
  level: 'error',
  message: 'NetworkManager manages wlan0, and so it removes every group within a second of its beginning',
  fix: "printf '<busconfig> and; more</busconfig>' | sudo tee /etc/dbus-1/system.d/hostp2pd.conf; sudo systemctl reload dbus; and then look again at the output of this program",
};

test('on a terminal words are not broken, and a command stays in one line', () => {
  const text = reportText(reportOf([LONG], FILE), { columns: 80 });
  assert.equal(
    text,
    [
      'configuration: /etc/hostp2pd.yaml',
      '',
      'error    network-manager  NetworkManager manages wlan0, and so it removes every',
      '                          group within a second of its beginning',
      '                          fix:',
      "                          printf '<busconfig> and; more</busconfig>' | sudo tee /etc/dbus-1/system.d/hostp2pd.conf;",
      '                          sudo systemctl reload dbus; and then look again at the',
      '                          output of this program',
      '',
      '0 checks ok',
    ].join('\n'),
  );
});

test('a command after a colon, a semicolon, or one of two words is kept in one line', () => {
  const fix = 'write the file as it stands there, then sudo systemctl enable --now wpa_supplicant@wlan0';
  const finding: Finding = { check: 'hook', level: 'error', message: 'm', fix };
  const lines = reportText(reportOf([finding], FILE), { columns: 66 }).split('\n');
  assert.ok(lines.some((line) => line.trim() === 'sudo systemctl enable --now wpa_supplicant@wlan0'));
});

test('on a narrow terminal the texts stand below the names', () => {
  const text = reportText(reportOf([LONG], FILE), { columns: 50 });
  assert.match(
    text,
    /^error {4}network-manager\n {2}NetworkManager manages wlan0, and so it removes\n {2}every/m,
  );
});

test('nothing is wrapped that goes to no terminal', () => {
  assert.equal(reportText(reportOf([LONG], FILE)).split('\n').length, 6);
});

test('colours mark the levels, and only where they are wanted', () => {
  const report = reportOf([finding('error'), finding('ok', 'hook')], FILE);
  const paint = (style: string, text: string) => `<${style}>${text}</>`;
  const text = reportText(report, { all: true, paint });
  assert.match(text, /^<error>error {2}<\/> {2}pin {3}this/m);
  assert.match(text, /^<good>ok {5}<\/> {2}hook {2}this/m);
  assert.match(text, /<good>1 check ok<\/>$/);
  assert.doesNotMatch(reportText(report), /</);
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

test('the interface of a group is not removed without a person where NetworkManager has a wpa_supplicant of its own', () => {
  const radios = HEALTHY.device.radios.flatMap((radio) => [radio, { ...radio, name: 'p2p-wlan0-0' }]);
  const NO_NMCLI = { missing: 'nmcli is not installed' };
  const networkManager = {
    ...{ states: NO_NMCLI, version: NO_NMCLI, profiles: [], removalDenied: true },
    ...{ unmanaged: ['interface-name:wlan0'], fixedAddress: [], deviceNames: [] },
  };
  const managed = having.services({ networkManager });
  const ofNetworkManager = { ...PROCESS, pid: 301, unit: 'wpa_supplicant', started: [], sockets: [] };
  for (const [processes, isSafe] of [
    [[PROCESS], true],
    [[PROCESS, ofNetworkManager], false],
  ] as const) {
    const facts = having.radios({ interfaces: radios }, having.supplicant({ processes }, managed));
    const found = judgeAll(facts).find(({ check }) => check === 'leaked-group');
    assert.equal(found?.fix, 'sudo iw dev p2p-wlan0-0 del');
    assert.equal(found.commands !== undefined, isSafe);
  }
});

test('packages are installed by a command of its own kind, which needs a person', () => {
  const [verdict] = error('x is missing', { install: ['nftables', 'iw'], after: [['iw', 'reg', 'reload']] });
  assert.deepEqual(verdict, {
    level: 'error',
    message: 'x is missing',
    fix: 'sudo apt-get install -y nftables iw; sudo iw reg reload',
    commands: [
      ['apt-get', 'install', '-y', 'nftables', 'iw'],
      ['iw', 'reg', 'reload'],
    ],
    installs: true,
  });
});

test('a wpa_supplicant that is ready is started without a person only where no other program uses the radio', () => {
  const ready = having.supplicant({ readyUnits: ['wpa_supplicant@wlan0'] }, WITHOUT_SUPPLICANT);
  const radio = { phy: 'phy0', name: 'wlan0', type: 'managed', frequency: null };
  for (const [inUse, isSafe] of [
    [[radio], true],
    [[radio, { ...radio, name: null, type: 'P2P-device' }], true],
    [[{ ...radio, frequency: 2437 }], false],
    [[{ ...radio, type: 'AP' }], false],
    [{ missing: 'iw is not installed' }, false],
  ] as const) {
    const found = judgeAll(having.radios({ inUse }, ready)).find(
      ({ check }) => check === 'supplicant-running',
    );
    assert.equal(found?.fix, 'sudo systemctl enable --now wpa_supplicant@wlan0');
    assert.equal(found.commands !== undefined, isSafe, JSON.stringify(inUse));
  }
});

test('a hook is made executable without a person only by its whole path', () => {
  for (const [program, isSafe] of [
    ['/etc/hook', true],
    ['./hook', false],
  ] as const) {
    const file = { kind: 'file', hasArguments: false, executable: false, readable: true } as const;
    const facts = having.files({ hook: { ...file, program, missingInterpreter: null } });
    const found = judgeAll(facts).find(({ check }) => check === 'hook');
    assert.match(found?.fix ?? '', /chmod \+x '.*hook'$/);
    assert.equal(found?.commands !== undefined, isSafe, program);
  }
});
