import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { eventually, supplicant, temporaryFolder } from './support.js';

const ACCEPTANCE = fileURLToPath(new URL('../acceptance/acceptance.js', import.meta.url));
const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const SHOW_PIN =
  `P2P-PROV-DISC-SHOW-PIN ${PHONE} 99129897 p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 ` +
  "name='Pixel' config_methods=0x188 dev_capab=0x25 group_capab=0x0";
const ENROLLEE = `WPS-ENROLLEE-SEEN ${STATION} 572cf82f-c957-5653-9b16-b5cfb298abf1 0-00000000-0 0x3148 0 1 [ ]`;
const CONNECTED = `AP-STA-CONNECTED ${STATION} p2p_dev_addr=${PHONE}`;
const DISCONNECTED = `AP-STA-DISCONNECTED ${STATION} p2p_dev_addr=${PHONE}`;
const LAPTOP = '90:12:34:56:78:9a';

/** A machine with a daemon, and the guided test beside it. */
class Trial {
  readonly fake: FakeSupplicant;
  readonly place: Place;
  readonly config: string;
  readonly report: string;
  output = '';
  #child: ChildProcess | undefined;
  #code: number | null | undefined;
  #read = 0;

  constructor(t: TestContext, lines: readonly string[] = ['pin: random']) {
    this.fake = supplicant(t);
    this.place = new Place(t);
    const folder = temporaryFolder(t);
    this.config = configuration(t, this.fake, [...lines, `file: ${join(folder, 'hostp2pd.log')}`]);
    this.report = join(folder, 'report.md');
    let stations = '';
    // The phone is listed while it is connected.
    this.fake.behave((command, name) => {
      const station = `${STATION}\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=1\np2p_device_name=Pixel\np2p_device_addr=${PHONE}\nrx_packets=10\n`;
      if (/^STA\b(?!TUS)/.test(command) && name === GROUP && stations === PHONE)
        return command === 'STA-FIRST' || command === `STA ${STATION}` ? station : '';
      return undefined;
    });
    this.connect = () => {
      stations = PHONE;
      this.both(CONNECTED);
    };
    this.disconnect = () => {
      stations = '';
      this.both(DISCONNECTED);
    };
    t.after(() => this.#child?.kill('SIGKILL'));
  }

  connect: () => void;
  disconnect: () => void;

  both(event: string): void {
    for (const name of [DEVICE, GROUP]) this.fake.emit(name, event);
  }

  async begin(...args: readonly string[]): Promise<number> {
    const pid = await this.place.daemon(['-i', DEVICE, '-c', this.config]);
    // It has formed its group, or waits for a phone.
    await this.fake.saw(new RegExp(`^${GROUP} STA-FIRST$|^${DEVICE} P2P_(?:FIND|LISTEN)`));
    this.start('--report', this.report, ...args);
    return pid;
  }

  start(...args: readonly string[]): void {
    const env = { ...process.env, HOSTP2PD_RUNTIME_DIR: this.place.folder };
    const child = spawn(process.execPath, [ACCEPTANCE, ...args], { env, stdio: 'pipe' });
    this.#child = child;
    this.#code = undefined;
    const take = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('close', (code) => {
      this.#code = code;
    });
  }

  /** Waits for text that was not waited for before. */
  async reads(pattern: RegExp): Promise<void> {
    await eventually(
      () => {
        const found = pattern.exec(this.output.slice(this.#read));
        if (found) this.#read += found.index + found[0].length;
        return found !== null;
      },
      () => `${pattern} in:\n${this.output.slice(this.#read)}`,
    );
  }

  types(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }

  async answers(question: RegExp, line: string): Promise<void> {
    await this.reads(question);
    this.types(line);
  }

  endInput(): void {
    this.#child?.stdin?.end();
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async ends(): Promise<number | null | undefined> {
    await eventually(
      () => this.#code !== undefined,
      () => this.output,
    );
    return this.#code;
  }

  async command(...words: readonly string[]): Promise<string> {
    return (await this.place.run(words)).stdout;
  }
}

test('a person tries phones: joins by PIN, returns, restarts hostp2pd, joins by QR code', async (t) => {
  const trial = new Trial(t);
  const { fake } = trial;
  const pid = await trial.begin('--only', 'A,B,G,off,A-button,iphone,windows');
  await trial.reads(/^hostp2pd +\d/m);

  await trial.reads(/== A: [\s\S]*Waiting for the phone/);
  fake.emit(DEVICE, SHOW_PIN);
  await trial.reads(/The PIN: \d{8}\n/);
  fake.emit(GROUP, ENROLLEE);
  await fake.saw(new RegExp(`^${GROUP} WPS_PIN ${STATION} \\d{8} 120$`));
  trial.connect();
  await trial.answers(/as connected\? \[y\/n\]/, 'what?');
  await trial.answers(/Expected y or n, got "what\?"\.\n.*\[y\/n\]/, 'y');

  await trial.reads(/== B: [\s\S]*Waiting for the phone/);
  trial.disconnect();
  await trial.reads(/the phone has left/);
  trial.connect();
  await trial.answers(/ask for a PIN\? \[y\/n\]/, 'y');
  await trial.answers(/What does the phone show\?/, 'It asks for the PIN 12345670');
  await trial.reads(/failed: "Did the phone ask for a PIN\?" expected no, got yes/);

  await trial.reads(new RegExp(`== G: [\\s\\S]*End hostp2pd \\(process ${pid}\\) now`));
  assert.equal((await trial.place.run(['-t', '-i', DEVICE])).code, 0);
  await trial.place.daemon(['-i', DEVICE, '-c', trial.config]);
  await trial.answers(/still show the box as connected\? \[y\/n\]/, 'y');

  await trial.reads(/== off: [\s\S]*Waiting for the phone/);
  trial.disconnect();
  await trial.reads(/== A-button: .*\n {2}not run: phones are admitted by PIN; pbc_in_use: true /);
  await trial.answers(/== iphone: [\s\S]*QR code\? \[y\/n\]/, 'y');
  await trial.reads(/passphrase[\s\S]*Waiting for the phone/);
  trial.both(`AP-STA-CONNECTED ${LAPTOP}`);
  await trial.answers(/as connected\? \[y\/n\]/, 'y');
  await trial.answers(/== windows: .*\n.*\[y\/n\]/, 'n');
  assert.equal(await trial.ends(), 1, trial.output);
  assert.match(trial.output, /4 passed, 1 failed, 2 not run\. Report: /);

  const report = readFileSync(trial.report, 'utf8');
  assert.match(report, /^\| A \| .* \| passed \|$/m);
  assert.match(report, /^\| windows \| .* \| not run: declined \|$/m);
  assert.match(report, /^- What the phone showed: It asks for the PIN \\<hidden\\>$/m);
  assert.match(report, /^\| its Node\.js \| v\d/m);
  assert.match(report, /debug .*→ /, 'the log, in detail');
  assert.doesNotMatch(report, /12345670|mysecretpassword/);
  for (const [, pin = 'none'] of trial.output.matchAll(/The PIN: (\d{8})/g))
    assert.ok(!report.includes(pin), pin);
  assert.match(await trial.command('loglevel'), /info/);
  assert.match(await trial.command('status', '--json'), /"pairing": null/);
});

test('a phone whose user cancels, at a box with a fixed PIN', async (t) => {
  const trial = new Trial(t, ['pin: "12345670"']);
  await trial.begin('--only', 'D');
  await trial.reads(/The PIN is that of the configuration[\s\S]*Waiting for the phone/);
  trial.fake.emit(DEVICE, SHOW_PIN);
  await trial.reads(/asks to join by PIN/);
  // A second request within two seconds is a frame that was sent again. A person takes longer.
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  trial.fake.emit(DEVICE, SHOW_PIN);
  await trial.reads(/cancelled\n {2}passed/);
  assert.equal(await trial.ends(), 0);
});

test('a step in which nothing comes can be tried again; one that needs a connected phone does not run', async (t) => {
  const trial = new Trial(t);
  await trial.begin('--only', 'A,B,C', '--patience', '0.5');
  await trial.reads(/== A: [\s\S]*Waiting for the phone/);
  await trial.answers(/Not seen: the phone asks to join by PIN\.\n.*Try again\? \[y\/n\]/, 'y');
  await trial.answers(/Waiting for the phone[\s\S]*Try again\? \[y\/n\]/, 'n');
  await trial.answers(/What does the phone show\?/, '');
  await trial.reads(/failed: not seen: the phone asks to join by PIN/);
  await trial.reads(/== B: .*\n {2}not run: no phone is connected by Wi-Fi Direct/);
  await trial.answers(/passphrase\? \[y\/n\]/, 'n');
  assert.equal(await trial.ends(), 1);
});

test('Ctrl-C and the end of the input: the log level is as before, and there is a report', async (t) => {
  for (const interrupt of ['SIGINT', 'end of input'] as const) {
    const trial = new Trial(t);
    await trial.begin('--only', 'A');
    await trial.reads(/Waiting for the phone/);
    assert.match(await trial.command('status', '--json'), /"logLevel": "debug"/);
    if (interrupt === 'SIGINT') trial.signal(interrupt);
    else trial.endInput();
    assert.equal(await trial.ends(), 130, trial.output);
    const status = await trial.command('status', '--json');
    assert.match(status, /"logLevel": "info"/);
    assert.match(readFileSync(trial.report, 'utf8'), /^\*\*Not all steps were tried: interrupted\.\*\*$/m);
    assert.equal((await trial.place.run(['-t', '-i', DEVICE])).code, 0);
  }
});

test('a box whose group is formed on demand: it is up during the test, and removed afterwards', async (t) => {
  const trial = new Trial(t, ['pin: random', 'activate_persistent_group: false']);
  trial.fake.behave((command) => {
    if (command === `P2P_GROUP_REMOVE ${GROUP}`) setImmediate(() => trial.fake.removeGroup());
    return undefined;
  });
  await trial.begin('--only', 'A');
  await trial.answers(/Waiting for the phone/, 's');
  await trial.reads(/not run: skipped/);
  assert.equal(await trial.ends(), 0, trial.output);
  assert.ok(trial.fake.commands.some((command) => command.includes('P2P_GROUP_ADD')));
  await eventually(
    () => trial.fake.commands.some((command) => command.endsWith(`P2P_GROUP_REMOVE ${GROUP}`)),
    () => trial.output,
  );
  const status = await trial.command('status', '--json');
  assert.match(status, /"cause": "on-demand"/);
  assert.match(status, /"groupStopped": false/);
});

test('hostp2pd ends during the test: the report is written, and says so', async (t) => {
  const trial = new Trial(t);
  await trial.begin('--only', 'A,B');
  await trial.reads(/Waiting for the phone/);
  assert.equal((await trial.place.run(['-t', '-i', DEVICE])).code, 0);
  trial.types('s');
  assert.equal(await trial.ends(), 2, trial.output);
  const report = readFileSync(trial.report, 'utf8');
  assert.match(report, /^\*\*Not all steps were tried: .*no hostp2pd is running there\.\*\*$/m);
  assert.match(report, /^\| A \| .* \| not run: skipped \|$/m);
});

test('arguments that cannot be used, no daemon, and a report that exists: exit code 2, and nothing was tried', async (t) => {
  const trial = new Trial(t);
  for (const [args, reason] of [
    [['--only', 'A,Q'], /--only: expected names of D, .*, got Q/],
    [['--patience', 'long'], /--patience: expected seconds, got long/],
    [['--nonsense'], /Unknown option '--nonsense'/],
    [[], /no hostp2pd is running[\s\S]*Start it first/],
  ] as const) {
    trial.start(...args);
    assert.equal(await trial.ends(), 2);
    await trial.reads(reason);
  }
  await trial.begin('--report', trial.config);
  assert.equal(await trial.ends(), 2);
  await trial.reads(/cannot create the report .*hostp2pd\.yaml: something else is in its place/);
  assert.match(await trial.command('status', '--json'), /"logLevel": "info"/);
});
