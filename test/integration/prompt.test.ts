import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { HOSTP2PD } from '../shipped-program.js';
import { DEVICE, FakeSupplicant, GROUP } from './fake-supplicant.js';
import { configuration } from './place.js';
import { eventually, supplicant, temporaryFolder } from './support.js';
import { reasonToSkip, Terminal, type TerminalOptions } from './terminal.js';

const PHONE = '42:00:00:00:01:00';
/** The last row that is not empty, as a whole. */
const READY = /(?:^|\n)CMD>$/;

function found(fake: FakeSupplicant, address: string, name: string): void {
  fake.emit(
    DEVICE,
    `P2P-DEVICE-FOUND ${address} p2p_dev_addr=${address} pri_dev_type=10-0050F204-5 name='${name}' ` +
      'config_methods=0x188 dev_capab=0x25 group_capab=0x0',
  );
}

interface At {
  readonly fake: FakeSupplicant;
  readonly home: string;
  readonly terminal: Terminal;
  /** Another run with the same home directory. */
  readonly again: (options?: PromptOptions) => Promise<Terminal>;
}

interface PromptOptions extends TerminalOptions {
  /** More arguments of the command line. */
  readonly args?: readonly string[];
  /** tmux sets TERM itself. */
  readonly term?: string;
}

/** The program in a terminal, with its prompt and its group up. */
async function prompt(t: TestContext, options: PromptOptions = {}): Promise<At> {
  const fake = supplicant(t);
  const home = temporaryFolder(t);
  const config = configuration(t, fake);
  let runs = 0;
  const again = async ({ environment, args = [], term, ...size }: PromptOptions = {}): Promise<Terminal> => {
    const kind = term === undefined ? [] : ['env', `TERM=${term}`];
    const command = [...kind, process.execPath, HOSTP2PD, '-i', DEVICE, '-c', config, ...args];
    const variables = { HOME: home, HOSTP2PD_RUNTIME_DIR: home, NO_COLOR: '', ...environment };
    const terminal = new Terminal(t, command, { environment: variables, ...size });
    runs += 1;
    // By then all events of the start have been printed.
    await fake.saw(`${GROUP} STA-FIRST`, runs);
    await terminal.shows(READY);
    return terminal;
  };
  return { fake, home, again, terminal: await again(options) };
}

/** The cursor is in the last row that is not empty; more rows may follow. */
function inLastRow(terminal: Terminal, column: number): Promise<void> {
  return eventually(
    () => {
      const [x, y] = terminal.cursor;
      return x === column && y === terminal.rows.length - 1;
    },
    () => `${terminal.cursor.join()} in\n${terminal.text}`,
  );
}

describe('the prompt in a terminal', { skip: reasonToSkip() }, () => {
  test('a command: its output follows, then the prompt again; Ctrl-D ends with exit code 0', async (t) => {
    const { terminal } = await prompt(t);
    terminal.enter('version');
    await terminal.shows(/\nCMD> version\nhostp2pd \d+\.\d+\.\d+\nCMD>$/);
    assert.deepEqual(terminal.cursor, [5, terminal.rows.length - 1]);
    terminal.enter('');
    terminal.enter('# a comment');
    terminal.enter('statss');
    await terminal.shows(
      /CMD>\nCMD> # a comment\nCMD> statss\nerror: unknown command: "statss"; did you mean status\?\nCMD>$/,
    );
    terminal.press('C-d');
    assert.equal(await terminal.ended(), 0);
  });

  test('without wpa_supplicant: a message, and the prompt works; later the group is reported', async (t) => {
    const none = new FakeSupplicant(temporaryFolder(t));
    t.after(() => none.close());
    const home = temporaryFolder(t);
    const command = [process.execPath, HOSTP2PD, '-i', DEVICE, '-c', configuration(t, none)];
    const terminal = new Terminal(t, command, { environment: { HOME: home, HOSTP2PD_RUNTIME_DIR: home } });
    await terminal.shows(/^\d\d:\d\d:\d\d wpa_supplicant [^>]*; waiting\nCMD>$/);
    terminal.type('stat');
    await terminal.shows(/CMD> stat$/);
    none.serve('wlan0', DEVICE);
    await terminal.shows(/p2p-wlan0-0: group "DIRECT-PP-group" at 2437 MHz is up\nCMD> stat$/);
  });

  test('editing in the middle of a line, by keys and by a paste', async (t) => {
    const { terminal } = await prompt(t);
    terminal.type('vron');
    terminal.press('Left', 'Left', 'Left');
    terminal.type('e');
    terminal.press('Right');
    // readline alone would put all but the last character of such a paste at the end of the line.
    terminal.type('si');
    await terminal.shows(/CMD> version$/);
    assert.deepEqual(terminal.cursor, [10, terminal.rows.length - 1]);
    terminal.press('Enter');
    await terminal.shows(/hostp2pd \d.*\nCMD>$/);
    terminal.type('xx help wait');
    terminal.press('C-a', 'Delete', 'C-d', 'C-d', 'Enter');
    await terminal.shows(/CMD> help wait\nusage: wait \[seconds\]\n/);
  });

  test('the history: by arrow-up, also in the next run, in a private file without PINs', async (t) => {
    const { terminal, home, again } = await prompt(t);
    terminal.enter('version');
    terminal.enter('help quit');
    terminal.enter(`pin ${PHONE} 12345670`);
    await terminal.shows(/CMD> pin .*\nerror: .*\n(?:.*\n)?CMD>$/);
    terminal.press('Up', 'Up', 'Up');
    await terminal.shows(/CMD> version$/);
    terminal.press('Down');
    await terminal.shows(/CMD> help quit$/);
    terminal.press('C-u');
    terminal.enter('quit');
    assert.equal(await terminal.ended(), 0);
    const file = join(home, '.hostp2pd_history');
    assert.equal(readFileSync(file, 'utf8'), 'version\nhelp quit\nquit\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const second = await again();
    second.press('Up', 'Up');
    await second.shows(/CMD> help quit$/);
    second.press('C-u');
    second.enter('history 2');
    await second.shows(/CMD> history 2\nquit\nhistory 2\nCMD>$/);
    second.enter('history clear');
    await second.shows(/history cleared\nCMD>$/);
    second.press('Up');
    second.type('x');
    await second.shows(/CMD> x$/);
    assert.equal(readFileSync(file, 'utf8'), '');
  });

  test('a history that cannot be saved is reported once, and has no other effect', async (t) => {
    const { home, again, terminal } = await prompt(t);
    terminal.press('C-c');
    await terminal.ended();
    const other = join(home, 'other');
    writeFileSync(other, '');
    symlinkSync(other, join(home, '.hostp2pd_history'));
    const second = await again();
    assert.match(
      second.text,
      /error: the history is not saved: expected a regular file, got a symbolic link/,
    );
    second.enter('version');
    second.enter('quit');
    assert.equal(await second.ended(), 0);
    assert.equal(second.text.match(/not saved/g)?.length, 1);
    assert.equal(readFileSync(other, 'utf8'), '');
  });

  test('TAB: a command, an address, a name, a file, a property', async (t) => {
    const { terminal, fake, home } = await prompt(t);
    mkdirSync(join(home, 'state'));
    found(fake, PHONE, 'My Phone');
    found(fake, '42:00:00:00:02:00', 'Pixel');
    await terminal.shows(/"Pixel".*\nCMD>$/);
    terminal.type('vers');
    terminal.press('Tab');
    terminal.type('|');
    await terminal.shows(/CMD> version \|$/);
    terminal.press('C-u');
    terminal.type('sta');
    terminal.press('Tab');
    await terminal.shows(/CMD> stat$/);
    terminal.press('Tab', 'Tab');
    await terminal.shows(/\nstatus +stations +stats\nCMD> stat$/);
    terminal.press('C-u');
    terminal.type('pin 42:00:00:00:0');
    terminal.press('Tab', 'Tab');
    await terminal.shows(/\n42:00:00:00:01:00 +42:00:00:00:02:00\nCMD> pin 42:00:00:00:0$/);
    terminal.type('1');
    terminal.press('Tab');
    await terminal.shows(/CMD> pin 42:00:00:00:01:00$/);
    terminal.press('C-u');
    terminal.type('disconnect x');
    terminal.press('C-u');
    terminal.type('pin my');
    terminal.press('Tab');
    terminal.type('1');
    await terminal.shows(/CMD> pin "My Phone" 1$/);
    terminal.press('C-u');
    terminal.type(`reload ${home}/sta`);
    terminal.press('Tab');
    await terminal.shows((text) => text.replaceAll('\n', '').endsWith(`reload ${home}/state/`));
    terminal.press('C-u');
    terminal.type('hostp2pd.status.ph');
    terminal.press('Tab', 'Enter');
    await terminal.shows(/CMD> hostp2pd\.status\.phase\n'running'\nCMD>$/);
  });

  test('keys typed while TAB waits for an answer are not lost or reordered', async (t) => {
    const { terminal } = await prompt(t);
    terminal.press('v', 'e', 'r', 'Tab', 'BSpace', 'Enter');
    await terminal.shows(/CMD> version\nhostp2pd \d/);
  });

  test('an event and a log line while a line is typed: both are printed above it, text and cursor are kept', async (t) => {
    const { terminal, fake } = await prompt(t, { args: ['-v'] });
    terminal.type('pin someone');
    terminal.press('Left', 'Left', 'Left');
    await terminal.shows(/CMD> pin someone$/);
    found(fake, PHONE, 'My Phone');
    await terminal.shows(
      /\n\d\d:\d\d:\d\d device 42:00:00:00:01:00 "My Phone" \(Smartphone\)\nCMD> pin someone$/,
    );
    await inLastRow(terminal, 13);
    fake.terminate();
    await terminal.shows(/warning|info.*\n(?:.*\n)*CMD> pin someone$/);
    await terminal.shows(/the link to wpa_supplicant is lost.*\n(?:.*\n)*CMD> pin someone$/);
    await inLastRow(terminal, 13);
    terminal.type('X');
    await terminal.shows(/\nCMD> pin someXone$/);
    assert.doesNotMatch(terminal.text, /CMD> pin someone\n/, 'no part of the old line is left');
  });

  test('the same with a line of several rows at the bottom of the screen, and the cursor in its middle', async (t) => {
    const { terminal, fake } = await prompt(t, { rows: 10 });
    const typed = '1234567890'.repeat(18);
    const shown = `CMD> ${typed}`.replace(/(.{80})(?=.)/g, '$1\n');
    terminal.type(typed);
    await terminal.shows((text) => text.endsWith(shown));
    terminal.press(...Array.from({ length: 60 }, () => 'Left'));
    const column = (5 + 180 - 60) % 80;
    await eventually(
      () => terminal.cursor[0] === column,
      () => terminal.text,
    );
    for (let phone = 0; phone < 12; phone += 1) found(fake, `42:00:00:00:02:${phone + 10}`, `Phone ${phone}`);
    await terminal.shows((text) => text.endsWith(`"Phone 11" (Smartphone)\n${shown}`));
    assert.deepEqual(terminal.cursor, [column, terminal.rows.length - 2]);
    for (let phone = 5; phone < 12; phone += 1) {
      assert.match(
        terminal.text.replaceAll('\n', ' '),
        new RegExp(`"Phone ${phone}"`),
        'no line is overwritten',
      );
    }
    terminal.press('C-k');
    terminal.press('C-u');
    terminal.enter('version');
    await terminal.shows(/"Phone 11" \(Smartphone\)\nCMD> version\nhostp2pd .*\nCMD>$/);
  });

  test('a line that exactly fills its row', async (t) => {
    const { terminal, fake } = await prompt(t, { columns: 40 });
    for (const length of [35, 36]) {
      const typed = 'x'.repeat(length);
      terminal.type(typed);
      found(fake, `42:00:00:00:03:${length}`, `Phone ${length}`);
      const shown = `CMD> ${typed}`.replace(/(.{40})(?=.)/g, '$1\n');
      await terminal.shows(
        (text) => text.replaceAll('\n', '').includes(`Phone ${length}`) && text.endsWith(shown),
      );
      assert.equal(terminal.text.match(/CMD>/g)?.length, 1);
      assert.deepEqual(terminal.cursor[0], (5 + length) % 40);
      terminal.press('C-u');
    }
  });

  test('a narrow terminal', async (t) => {
    const { terminal, fake } = await prompt(t, { columns: 20 });
    terminal.type('help disconnect');
    found(fake, PHONE, 'Pixel');
    await terminal.shows((text) =>
      /"Pixel" \(Smartphone\)CMD> help disconnect$/.test(text.replaceAll('\n', '')),
    );
    terminal.press('Enter');
    await terminal.shows(/usage: disconnect <a\nddress>\n.*\n.*\n(?:.*\n)*CMD>$/);
    assert.ok(terminal.rows.every((row) => row.length <= 20));
    terminal.type('st');
    terminal.press('Tab', 'Tab');
    await terminal.shows(/\nstatus +stats\nstations\nCMD> stat$/);
  });

  test('typing while a command runs; its output is printed above', async (t) => {
    const { terminal, fake } = await prompt(t);
    terminal.enter('wait 3');
    await terminal.shows(/waiting 3 s$/);
    terminal.type('versio');
    terminal.press('Left');
    found(fake, PHONE, 'Pixel');
    await terminal.shows(/waiting 3 s\n.*"Pixel".*\nversio$/);
    terminal.press('End');
    terminal.enter('n');
    terminal.enter('quit');
    await terminal.shows(/"Pixel".*\nCMD> version\nhostp2pd .*\nCMD> quit$/);
    assert.equal(await terminal.ended(), 0);
  });

  test('lines that are pasted run one after the other', async (t) => {
    const { terminal } = await prompt(t);
    terminal.type('version\nwait 0.2\nx = 4\n\nx + 1\nversi');
    await terminal.shows(
      /CMD> version\nhostp2pd .*\nCMD> wait 0.2\nwaiting 0.2 s\nCMD> x = 4\n4\nCMD>\nCMD> x \+ 1\n5\nCMD> versi$/,
    );
  });

  test('several expressions in quick succession: each is echoed only after its prompt', async (t) => {
    const { terminal } = await prompt(t, { rows: 70 });
    const numbers = Array.from({ length: 25 }, (_, n) => n + 100);
    for (const number of numbers) terminal.enter(`${number}`);
    const wanted = numbers.map((number) => `CMD> ${number}\n${number}\n`).join('');
    await terminal.shows((text) => text.endsWith(`${wanted}CMD>`));
  });

  test('Ctrl-C interrupts a running command, else clears the line, and ends on an empty one', async (t) => {
    const { terminal, again } = await prompt(t);
    for (const line of ['wait 60', 'await new Promise(() => {})']) {
      terminal.enter(line);
      await terminal.shows((text) => text.includes(`CMD> ${line}`) && !READY.test(text));
      terminal.press('C-c');
      await terminal.shows((text) => text.includes(`CMD> ${line}\n`) && /interrupted\nCMD>$/.test(text));
    }
    // It blocks everything, also the keys, until its timeout; these keys are still for it.
    terminal.enter('for (;;);');
    await terminal.shows(/CMD> for \(;;\);$/);
    terminal.press('C-c', 'C-c');
    await terminal.shows(/error: .*timed out after 5000ms\nCMD>$/);
    terminal.type('version');
    terminal.press('Left', 'C-c');
    await terminal.shows(/CMD> version\^C\nCMD>$/);
    terminal.enter('echo "still  here"');
    await terminal.shows(/CMD> echo "still {2}here"\nstill {2}here\nCMD>$/);
    assert.doesNotMatch(terminal.text, /hostp2pd \d/);
    terminal.press('C-c');
    assert.equal(await terminal.ended(), 0);
    const second = await again();
    second.press('C-c');
    assert.equal(await second.ended(), 0);
  });

  test('Ctrl-R searches the history: further back, no match, cancelled, run', async (t) => {
    const { terminal } = await prompt(t);
    for (const line of ['echo first one', 'echo second', 'version']) {
      terminal.enter(line);
      await terminal.shows((text) => text.includes(`CMD> ${line}\n`) && READY.test(text));
    }
    terminal.type('half');
    terminal.press('C-r');
    terminal.type('echo');
    await terminal.shows(/\n\(search\)`echo': echo second$/);
    terminal.press('C-r');
    await terminal.shows(/\n\(search\)`echo': echo first one$/);
    terminal.press('C-r');
    await terminal.shows(/\n\(no match\)`echo': echo first one$/);
    terminal.press('C-g');
    await terminal.shows(/\nCMD> half$/);
    terminal.press('C-u', 'C-r');
    terminal.type('firsx');
    await terminal.shows(/\n\(no match\)`firsx': .*$/);
    terminal.press('BSpace');
    await terminal.shows(/\n\(search\)`firs': echo first one$/);
    terminal.press('Enter');
    await terminal.shows(/\nCMD> echo first one\nfirst one\nCMD>$/);
    terminal.press('C-r');
    terminal.type('vers');
    await terminal.shows(/\n\(search\)`vers': version$/);
    terminal.press('Left');
    terminal.type('x');
    await terminal.shows(/\nCMD> versioxn$/);
    terminal.press('C-r');
    terminal.press('C-c');
    await terminal.shows(/\^C\nCMD>$/);
  });

  test('the event of a command is not printed in addition to its result', async (t) => {
    const { terminal } = await prompt(t);
    for (const [line, reply] of [
      ['pause', 'paused'],
      ['resume', 'resumed on p2p-dev-wlan0'],
      ['pair pin 12345670', 'pairing: .* PIN 12345670, any device'],
      ['pair stop', 'pairing window closed'],
    ] as const) {
      terminal.enter(line);
      await terminal.shows(new RegExp(`CMD> ${line}\\n${reply}\\nCMD>$`));
    }
    // The expected event comes before the next line that is entered.
    terminal.enter('echo end');
    await terminal.shows(/\nCMD> echo end\nend\nCMD>$/);
    assert.doesNotMatch(terminal.text, /\d\d:\d\d:\d\d (paused|resumed|pairing)/);
  });

  test('find lists the devices found so far when it is interrupted', async (t) => {
    const { terminal, fake } = await prompt(t);
    terminal.enter('find 60');
    await fake.saw(/P2P_FIND 60/);
    found(fake, PHONE, 'Pixel');
    await terminal.shows(/"Pixel"/);
    terminal.press('C-c');
    await terminal.shows(/"Pixel".*\nDevice +Address +Type\nPixel +42:00:00:00:01:00 +Smartphone\nCMD>$/);
  });

  test('colours: prompt, events and errors; off by "color" and with NO_COLOR', async (t) => {
    const { terminal, fake, again } = await prompt(t);
    found(fake, PHONE, 'Pixel');
    await terminal.shows(/"Pixel".*\nCMD>$/);
    assert.match(terminal.coloured, /\u001b\[1m\u001b\[32mCMD>/);
    assert.match(terminal.coloured, /\u001b\[36m\d\d:\d\d:\d\d /);
    terminal.enter('nope');
    await terminal.shows(/error: .*\nCMD>$/);
    assert.match(terminal.coloured, /\u001b\[31merror: unknown command/);
    terminal.enter('color');
    await terminal.shows(/colours off\nCMD>$/);
    terminal.press('C-l');
    terminal.enter('nope');
    await terminal.shows(/error: .*\nCMD>$/);
    assert.doesNotMatch(terminal.coloured, /\u001b\[(?:\d+;)*3\d/);
    terminal.press('C-d');
    await terminal.ended();
    const plain = await again({ environment: { NO_COLOR: '1' } });
    plain.enter('[1, "a"]');
    await plain.shows(/\[ 1, 'a' \]\nCMD>$/);
    assert.doesNotMatch(plain.coloured, /\u001b/);
    plain.enter('color');
    await plain.shows(/colours on\nCMD>$/);
    assert.match(plain.coloured, /\u001b\[1m\u001b\[32mCMD>/);
  });

  test('the prompt text can be changed, switched off and on; events too', async (t) => {
    const { terminal, fake } = await prompt(t);
    terminal.enter('prompt box');
    terminal.enter('prompt "my box $"');
    await terminal.shows(/CMD> prompt box\nbox> prompt "my box \$"\nmy box \$$/);
    terminal.enter('prompt');
    await terminal.shows(/prompt off$/);
    terminal.enter('version');
    await terminal.shows(/prompt off\nversion\nhostp2pd .*$/);
    terminal.enter('prompt');
    terminal.enter('events off');
    await terminal.shows(/prompt on\nmy box \$ events off\nevents off\nmy box \$$/);
    found(fake, PHONE, 'Pixel');
    terminal.enter('events 1');
    await terminal.shows(/events 1\n.*"Pixel".*\nmy box \$$/);
    assert.equal(terminal.text.match(/"Pixel"/g)?.length, 1);
    terminal.enter('events on');
    await terminal.shows(/events on\nevents on\nmy box \$$/);
    found(fake, '42:00:00:00:02:00', 'Other');
    await terminal.shows(/"Other".*\nmy box \$$/);
  });

  test('expressions: the session, await, errors in one line', async (t) => {
    const { terminal, fake } = await prompt(t);
    terminal.enter('hostp2pd.status.group.ssid');
    await terminal.shows(/\n'DIRECT-PP-group'\nCMD>$/);
    terminal.enter('let known = await hostp2pd.clients()');
    terminal.enter('known.length');
    await terminal.shows(/known\.length\n0\nCMD>$/);
    terminal.enter('await hostp2pd.forget("x")');
    await terminal.shows(/error: address: expected six pairs [^>]*got "x"\nCMD>$/);
    terminal.enter('let p = hostp2pd.forget("y")');
    await terminal.shows(/error: address: expected .*(?:\n.*)?got "y"(?:.*\n)+CMD>$/);
    terminal.enter('null.x');
    await terminal.shows(/error: TypeError: Cannot read properties of null \(reading 'x'\)\nCMD>$/);
    terminal.enter("setTimeout(() => console.log('a word later'), 100).hasRef()");
    await terminal.shows(/\ntrue\n(?:CMD>\n)?a word later\nCMD>$/);
    terminal.enter('await hostp2pd.pause()');
    await terminal.shows(/paused by an operator\nCMD>$/);
    found(fake, PHONE, 'Pixel');
    await terminal.shows(/"Pixel".*\nCMD>$/);
  });

  test('a terminal that is closed ends the session, and the history is saved', async (t) => {
    const { terminal, home, fake } = await prompt(t);
    terminal.enter('version');
    await terminal.shows(/hostp2pd .*\nCMD>$/);
    terminal.type('wait 6');
    terminal.close();
    await fake.detached();
    const file = join(home, '.hostp2pd_history');
    assert.ok(existsSync(file));
    assert.equal(readFileSync(file, 'utf8'), 'version\n');
  });

  test('a session that ends also ends the prompt, and the terminal is restored', async (t) => {
    const { terminal, again } = await prompt(t);
    terminal.type('half a line');
    await terminal.shows(/half a line$/);
    process.kill(terminal.processId, 'SIGTERM');
    assert.equal(await terminal.ended(), 0);
    const second = await again();
    second.enter('wait 60');
    await second.shows(/waiting 60 s$/);
    process.kill(second.processId, 'SIGTERM');
    assert.equal(await second.ended(), 0);
  });

  test('a terminal that becomes narrower and wider', async (t) => {
    const { terminal } = await prompt(t);
    terminal.type('help version');
    terminal.resize(60, 20);
    terminal.press('Enter');
    await terminal.shows(/usage: version\nprint the version\nCMD>$/);
    terminal.resize(100, 30);
    terminal.enter('version');
    await terminal.shows(/CMD> version\nhostp2pd .*\nCMD>$/);
  });

  test('a terminal that can only write: line by line, with a prompt', async (t) => {
    const { terminal } = await prompt(t, { term: 'dumb' });
    terminal.enter('version');
    await terminal.shows(/version\nhostp2pd .*\nCMD>$/);
    assert.doesNotMatch(terminal.coloured, /\u001b/);
    terminal.press('C-d');
    assert.equal(await terminal.ended(), 0);
  });
});
