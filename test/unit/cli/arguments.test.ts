import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '#src/cli/arguments.js';
import { helpText } from '#src/cli/help.js';
import { OPTIONS, type OptionSpec } from '#src/cli/options.js';

const SESSION = {
  configFile: undefined,
  interface: undefined,
  runProgram: undefined,
  record: undefined,
  refuseDefaultPin: false,
  console: undefined,
};
const PROMPT = { mode: 'prompt', ...SESSION };
const COMMAND = {
  mode: 'command',
  words: [],
  interface: undefined,
  configFile: undefined,
  help: false,
  json: false,
  follow: false,
  all: false,
  svg: undefined,
  png: undefined,
  as: undefined,
  from: undefined,
  to: undefined,
  own: new Map(),
};

test("the manual's options, short and long, in any order", () => {
  const wanted = {
    mode: 'foreground',
    configFile: '/etc/hostp2pd.yaml',
    interface: 'p2p-dev-wlan0',
    runProgram: '/bin/hook',
    record: 's.jsonl',
    refuseDefaultPin: false,
    console: undefined,
    batchFile: '-',
  };
  const short = [
    '-d',
    '-i',
    'p2p-dev-wlan0',
    '-c/etc/hostp2pd.yaml',
    '-b',
    '-',
    '-p',
    '/bin/hook',
    '--record=s.jsonl',
  ];
  assert.deepEqual(parseArguments(short), wanted);
  const long = [
    ...['--interface', 'p2p-dev-wlan0', '--config=/etc/hostp2pd.yaml', '--batch=-', '--daemon'],
    ...['--run_program', '/bin/hook', '--record', 's.jsonl'],
  ];
  assert.deepEqual(parseArguments(long), wanted);
});

test('the modes of the manual', () => {
  assert.deepEqual(parseArguments([]), PROMPT);
  assert.deepEqual(parseArguments(['-d']), { mode: 'daemon', ...SESSION });
  assert.deepEqual(parseArguments(['-b', 'out']), { mode: 'batch', ...SESSION, batchFile: 'out' });
  assert.deepEqual(parseArguments(['-b', 'out', '-d']), {
    mode: 'foreground',
    ...SESSION,
    batchFile: 'out',
  });
  assert.deepEqual(parseArguments(['-t']), { mode: 'terminate' });
  assert.deepEqual(parseArguments(['-i', 'p2p-dev-wlan0', '-c', 'x', '-r']), {
    mode: 'reload',
    interface: 'p2p-dev-wlan0',
    configFile: 'x',
  });
});

test('-v prints the log, -vv and --debug also debug messages', () => {
  assert.deepEqual(parseArguments(['-v']), { ...PROMPT, console: 'info' });
  for (const args of [['-vv'], ['-v', '-v'], ['--debug']]) {
    assert.deepEqual(parseArguments(args), { ...PROMPT, console: 'debug' }, args.join(' '));
  }
});

test('standard input as the configuration', () => {
  assert.deepEqual(parseArguments(['-c', '-']), { ...PROMPT, configFile: '-' });
});

test('-h and -V take precedence over everything else', () => {
  assert.deepEqual(parseArguments(['-d', '-h']), { mode: 'help' });
  assert.deepEqual(parseArguments(['-V']), { mode: 'version' });
});

test('a command, with options before and after it', () => {
  assert.deepEqual(parseArguments(['status']), { ...COMMAND, name: 'status' });
  assert.deepEqual(parseArguments(['-i', 'p2p-dev-wlan0', 'stations', '--json']), {
    ...COMMAND,
    name: 'stations',
    interface: 'p2p-dev-wlan0',
    json: true,
  });
  assert.deepEqual(parseArguments(['pin', '42:00:00:00:01:00', '12345670', '-i', 'p2p-dev-wlan1']), {
    ...COMMAND,
    name: 'pin',
    words: ['42:00:00:00:01:00', '12345670'],
    interface: 'p2p-dev-wlan1',
  });
  assert.deepEqual(parseArguments(['qr', '--svg', 'a.svg', '--png=a.png']), {
    ...COMMAND,
    name: 'qr',
    svg: 'a.svg',
    png: 'a.png',
    own: new Map([
      ['svg', 'a.svg'],
      ['png', 'a.png'],
    ]),
  });
  assert.deepEqual(parseArguments(['setup', '-y', '--name', 'box', '--dry-run']), {
    ...COMMAND,
    name: 'setup',
    own: new Map<string, string | true>([
      ['yes', true],
      ['dry-run', true],
      ['name', 'box'],
    ]),
  });
  assert.deepEqual(parseArguments(['pair', '-h']), { ...COMMAND, name: 'pair', help: true });
});

test('a raw request keeps its words unchanged', () => {
  assert.deepEqual(parseArguments(['wpa', '--json', 'group', 'SET', 'x', '-1', '--json']), {
    ...COMMAND,
    name: 'wpa',
    words: ['group', 'SET', 'x', '-1'],
    json: true,
  });
  assert.deepEqual(parseArguments(['wpa', 'STATUS', '--json']), {
    ...COMMAND,
    name: 'wpa',
    words: ['STATUS'],
    json: true,
  });
  assert.deepEqual(parseArguments(['--json', 'wpa', 'NOTE', '--', '--json']), {
    ...COMMAND,
    name: 'wpa',
    words: ['NOTE', '--json'],
    json: true,
  });
});

test('--json before the command is the same as after it', () => {
  const wanted = { ...COMMAND, name: 'status', json: true };
  assert.deepEqual(parseArguments(['--json', 'status']), wanted);
  assert.deepEqual(parseArguments(['status', '--json']), wanted);
});

test('an unusable argument is named in the error', () => {
  for (const [args, reason] of [
    [['--colour'], 'unknown option "--colour"'],
    [['-x'], 'unknown option "-x"'],
    [['-i'], '-i: expected INTERFACE, got nothing'],
    [['--interface='], '--interface: expected INTERFACE, got nothing'],
    [['-c', '-d'], '-c: expected FILE, got the option "-d"'],
    [['--daemon=yes'], '--daemon takes no value, got "yes"'],
    [['--__proto__'], 'unknown option "--__proto__"'],
    [['--constructor', 'x'], 'unknown option "--constructor"'],
    [['status', '--colour'], 'unknown option "--colour"'],
    [['-v', 'status'], '--verbosity does not go with a command'],
    [['--json'], '--json goes with a command, such as hostp2pd status --json'],
    [['-i', 'a', '-i', 'b'], 'expected --interface once, got it 2 times'],
    [['-t', '-r'], '--terminate and --reload do not go together'],
    [['-t', '-d'], '--terminate and --daemon do not go together'],
  ] as const) {
    const parsed = parseArguments(args);
    assert.equal(parsed.mode, 'unusable', args.join(' '));
    assert.equal(parsed.mode === 'unusable' ? parsed.reason : '', reason);
  }
});

test('the help shows every option of the table', async () => {
  const help = await helpText();
  for (const [name, spec] of Object.entries<OptionSpec>(OPTIONS)) {
    assert.match(help, new RegExp(`${spec.short ? `-${spec.short}, ` : ''}--${name}\\b`), name);
    assert.ok(help.replaceAll(/\s+/g, ' ').includes(spec.help), name);
  }
});

test('a negative number is an argument, not an option', () => {
  for (const [argv, words] of [
    [['find', '-1'], ['-1']],
    [['events', '-15', '--json'], ['-15']],
    [
      ['wait', '-1.5', '-2'],
      ['-1.5', '-2'],
    ],
  ] as const) {
    const parsed = parseArguments(argv);
    assert.deepEqual(parsed.mode === 'command' ? parsed.words : parsed, words);
  }
  assert.equal(parseArguments(['-1']).mode, 'unusable');
});
