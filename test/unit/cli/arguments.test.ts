import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '#src/cli/arguments.js';
import { helpText } from '#src/cli/help.js';
import { OPTIONS, type OptionSpec } from '#src/cli/options.js';

const BARE = {
  mode: 'foreground',
  configFile: undefined,
  interface: undefined,
  runProgram: undefined,
  batchFile: undefined,
  console: undefined,
};

test("the manual's options, short and long, in whatever order", () => {
  const wanted = {
    ...BARE,
    configFile: '/etc/hostp2pd.yaml',
    interface: 'p2p-dev-wlan0',
    runProgram: '/bin/hook',
    batchFile: '-',
  };
  const short = ['-d', '-i', 'p2p-dev-wlan0', '-c/etc/hostp2pd.yaml', '-b', '-', '-p', '/bin/hook'];
  assert.deepEqual(parseArguments(short), wanted);
  const long = [
    ...['--interface', 'p2p-dev-wlan0', '--config=/etc/hostp2pd.yaml', '--batch=-', '--daemon'],
    ...['--run_program', '/bin/hook'],
  ];
  assert.deepEqual(parseArguments(long), wanted);
});

test('-v prints the log, -vv and --debug debugging too', () => {
  assert.deepEqual(parseArguments([]), BARE);
  assert.deepEqual(parseArguments(['-v']), { ...BARE, console: 'info' });
  for (const args of [['-vv'], ['-v', '-v'], ['--debug']]) {
    assert.deepEqual(parseArguments(args), { ...BARE, console: 'debug' }, args.join(' '));
  }
});

test('standard input as the configuration', () => {
  assert.deepEqual(parseArguments(['-c', '-']), { ...BARE, configFile: '-' });
});

test('-h and -V go before everything else', () => {
  assert.deepEqual(parseArguments(['-d', '-h']), { mode: 'help' });
  assert.deepEqual(parseArguments(['-V']), { mode: 'version' });
});

test('what cannot be used is named', () => {
  for (const [args, reason] of [
    [['--colour'], /--colour/],
    [['-x'], /-x/],
    [['-i'], /--interface/],
    [['stray'], /stray/],
    [['-i', 'a', '-i', 'b'], /interface .*2 times, wanted once/],
    [['-d'], /not built yet.*-b FILE/],
    [['-b', '-'], /not built yet/],
    [['-t'], /terminate.*not built yet/],
    [['-r'], /reload.*not built yet/],
  ] as const) {
    const parsed = parseArguments(args);
    assert.equal(parsed.mode, 'unusable', args.join(' '));
    assert.match(parsed.mode === 'unusable' ? parsed.reason : '', reason);
  }
});

test('the help shows every option of the table', async () => {
  const help = await helpText();
  for (const [name, spec] of Object.entries<OptionSpec>(OPTIONS)) {
    assert.match(help, new RegExp(`${spec.short ? `-${spec.short}, ` : ''}--${name}\\b`), name);
    assert.ok(help.replaceAll(/\s+/g, ' ').includes(spec.help), name);
  }
});
