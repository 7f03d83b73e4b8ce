import assert from 'node:assert/strict';
import { test } from 'node:test';
import { error, type Finding, ok, type Report, reportJson, reportOf, warning } from '#src/doctor/report.js';
import { type FixOptions, fixFindings } from '#src/setup/doctor-fix.js';
import { typedCommands } from '#src/system/commands.js';

const CHMOD = ['chmod', '600', '/etc/a b.yaml'];
const findings: readonly Finding[] = [
  ...warning('anyone can read it', { safe: [CHMOD, ['nmcli', 'connection', 'reload']] }).map((verdict) => {
    return { ...verdict, check: 'config-permissions' };
  }),
  ...warning('it is off', { safe: [['rfkill', 'unblock', 'wlan']] }).map((verdict) => ({
    ...verdict,
    check: 'rfkill',
  })),
  ...warning('the PIN is known', 'set another PIN').map((verdict) => ({ ...verdict, check: 'pin' })),
];

interface Played {
  readonly ran: string[];
  readonly asked: string[];
  readonly printed: string[];
  readonly examined: number;
  readonly report: Report | null;
}

async function play(options: Partial<FixOptions> = {}): Promise<Played> {
  const [ran, asked, printed]: [string[], string[], string[]] = [[], [], []];
  let examined = 0;
  const report = await fixFindings({
    ...{ checks: [], yes: false, uid: 0 },
    examine: async () => {
      examined += 1;
      const left = findings.filter(({ commands }) => !commands?.every((one) => ran.includes(one.join(' '))));
      return reportOf(left, '/etc/hostp2pd.yaml');
    },
    run: async (program, args) => ran.push([program, ...args].join(' ')),
    ask: async (question) => asked.push(question) > 0,
    print: (text) => printed.push(text),
    ...options,
  });
  return { ran, asked, printed, examined, report };
}

test('the printed fix is made from the commands', () => {
  const [permissions, radio] = findings;
  assert.equal(permissions?.fix, "sudo chmod 600 '/etc/a b.yaml'; sudo nmcli connection reload");
  assert.equal(radio?.fix, 'sudo rfkill unblock wlan');
  assert.equal(typedCommands([CHMOD]), "sudo chmod 600 '/etc/a b.yaml'");
  const json = JSON.parse(JSON.stringify(reportJson(reportOf(findings, 'x'))));
  assert.deepEqual(
    json.findings.map((finding: { commands?: unknown }) => finding.commands),
    [[CHMOD, ['nmcli', 'connection', 'reload']], [['rfkill', 'unblock', 'wlan']], undefined],
  );
});

test('each safe fix has its question, is carried out and told; then the machine is examined again', async () => {
  const { ran, asked, printed, examined, report } = await play();
  assert.deepEqual(ran, ['chmod 600 /etc/a b.yaml', 'nmcli connection reload', 'rfkill unblock wlan']);
  assert.equal(asked.length, 2);
  assert.match(asked[0] ?? '', /^config-permissions: anyone can read it\. Run "sudo chmod 600 /);
  assert.ok(printed.includes('  run: sudo rfkill unblock wlan'));
  assert.deepEqual([examined, report?.findings.map(({ check }) => check)], [4, ['pin']]);
});

test('what was left over is in use when the person answers: it is left alone', async () => {
  let answered = false;
  const { ran, printed } = await play({
    ask: async () => {
      answered = true;
      return true;
    },
    examine: async () => reportOf(answered ? [] : findings, '/etc/hostp2pd.yaml'),
  });
  assert.deepEqual(ran, []);
  assert.equal(printed.filter((line) => line === '  no longer needed').length, 2);
});

test('a name from outside cannot write to the terminal', async () => {
  const verdicts = warning('a\u001b[2J', { safe: [['chmod', '600', '/a\u001b[2J']] });
  const named = verdicts.map((verdict) => ({ ...verdict, check: 'config-permissions' }));
  const { asked, printed } = await play({ examine: async () => reportOf(named, 'x') });
  assert.equal(asked.length, 1);
  assert.ok(![...asked, ...printed].join().includes('\u001b'));
});

test('a check that was named and is ok: it says so, and nothing else', async () => {
  const all = ok('nobody else can read it').map((verdict) => ({ ...verdict, check: 'config-permissions' }));
  const examine = async () => reportOf([...all, ...findings.slice(1)], 'x');
  const { printed, ran, report } = await play({ checks: ['config-permissions'], examine });
  assert.deepEqual([printed, ran, report], [['config-permissions is ok: nothing to fix'], [], null]);
  const { printed: others } = await play({ checks: ['pin'], examine });
  assert.deepEqual(others, ['No fix can be carried out without you.']);
});

test('a check that does not exist: the nearest one, or where they are', async () => {
  await assert.rejects(
    play({ checks: ['config-permission'] }),
    /got "config-permission"; did you mean config-permissions\?/,
  );
  await assert.rejects(play({ checks: ['nonsense-of-mine'] }), /; hostp2pd doctor --all lists them/);
});

test('no to a question: nothing is run for it', async () => {
  const { ran } = await play({ ask: async (question) => question.startsWith('rfkill') });
  assert.deepEqual(ran, ['rfkill unblock wlan']);
});

test('--yes asks nothing; named checks are the only ones', async () => {
  const { ran } = await play({ yes: true, ask: null, checks: ['rfkill'] });
  assert.deepEqual(ran, ['rfkill unblock wlan']);
});

test('a command that fails: the rest of that fix is left out, and the next one is carried out', async () => {
  const ran: string[] = [];
  const { printed } = await play({
    yes: true,
    run: async (program) => {
      ran.push(program);
      if (program === 'chmod') throw new Error('read-only file system');
    },
  });
  assert.deepEqual(ran, ['chmod', 'rfkill']);
  assert.ok(printed.includes('  failed: read-only file system'));
});

test('a fix that is no command is left to the person', async () => {
  const { ran, printed, examined } = await play({ yes: true, checks: ['pin'] });
  assert.deepEqual([ran, examined], [[], 1]);
  assert.deepEqual(printed, ['No fix can be carried out without you.']);
});

test('an unknown check, no root, nobody to ask: refused before anything is examined', async () => {
  for (const [options, words] of [
    [{ checks: ['rfkil'] }, /expected the id of a check, got "rfkil"/],
    [{ uid: 1000 }, /run it as root \(sudo hostp2pd doctor --fix\)/],
    [{ ask: null }, /in a terminal, or with --yes/],
  ] as const) {
    const examine = () => assert.fail('examined');
    await assert.rejects(play({ ...options, examine }), words);
  }
});

test('packages are installed after a question only: --yes leaves them, and says so', async () => {
  const missing = error('dnsmasq is not installed', { install: ['dnsmasq-base'] });
  const named = missing.map((verdict) => ({ ...verdict, check: 'addressing' }));
  const examine = async () => reportOf(named, 'x');
  const asked = await play({ examine });
  assert.deepEqual(asked.asked, [
    'addressing: dnsmasq is not installed. Run "sudo apt-get install -y dnsmasq-base"?',
  ]);
  assert.deepEqual(asked.ran, ['apt-get install -y dnsmasq-base']);
  const unasked = await play({ examine, yes: true, ask: null });
  assert.deepEqual(unasked.ran, []);
  assert.deepEqual(unasked.printed, [
    'addressing: dnsmasq is not installed\n  left to you, because it installs packages: sudo apt-get install -y dnsmasq-base',
  ]);
});
