import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { OPERATOR_EVENTS } from '#src/commands/journal.js';
import { secrets } from '#src/system/secrets.js';
import { serviceOf } from '../acceptance/box.js';
import { Interrupted, Person } from '../acceptance/person.js';
import { type AcceptanceReport, reportText } from '../acceptance/report.js';
import { chosenSteps, type Expected, meets, STEPS } from '../acceptance/steps.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';

test('each step says what to do or does it itself, and ends with something that is seen', () => {
  const names = STEPS.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
  for (const { name, action, instructions, expect, never = [], questions, backWithinSeconds } of STEPS) {
    assert.ok(
      instructions.length > 0 || action?.kind === 'restart' || action?.kind === 'switch-channel',
      name,
    );
    assert.ok(expect.length + questions.length > 0, name);
    for (const { event } of [...expect, ...never].flatMap(({ anyOf }) => anyOf))
      assert.ok(
        OPERATOR_EVENTS.some((known) => known === event),
        event,
      );
    for (const { text } of questions) assert.match(text, /\?( \(.*\))?$/);
    for (const line of instructions) assert.match(line, /^[A-Z].*\.$/);
    // The phone comes back by itself, so there is nothing to do and no other event.
    if (backWithinSeconds !== undefined) assert.deepEqual([...instructions, ...expect], [], name);
  }
});

test('steps can be chosen by name, in the order of the list', () => {
  assert.deepEqual(
    chosenSteps(['B', 'A']).map(({ name }) => name),
    ['A', 'B'],
  );
  assert.equal(chosenSteps(undefined), STEPS);
  assert.throws(() => chosenSteps(['A', 'Z']), /expected names of D, A, .*, got Z$/);
});

test('an event is the expected one by its type, its fields, the kind of its station, and its number', () => {
  const phone = { type: 'stationConnected', station: { deviceAddress: '42:00:00:00:01:00' } };
  const laptop = { type: 'stationConnected', station: { deviceAddress: null } };
  const asks = { type: 'enrolmentRequested', method: 'pbc' };
  const expected = (...anyOf: Expected['anyOf']): Expected => ({ anyOf, says: '' });
  const byWifiDirect = expected({ event: 'stationConnected', station: 'wifi-direct' });
  const ordinary = expected({ event: 'stationConnected', station: 'ordinary' });
  assert.deepEqual([meets(byWifiDirect, [phone]), meets(byWifiDirect, [laptop])], [true, false]);
  assert.deepEqual([meets(ordinary, [phone]), meets(ordinary, [laptop])], [false, true]);
  assert.ok(meets(expected({ event: 'stationConnected' }), [phone, laptop]));
  assert.ok(meets(expected({ event: 'enrolmentRequested', fields: { method: 'pbc' } }), [asks]));
  assert.ok(!meets(expected({ event: 'enrolmentRequested', fields: { method: 'display' } }), [asks]));
  assert.ok(!meets(byWifiDirect, [phone, asks]), 'only the last event counts');
  const twice = expected({ event: 'enrolmentFailed' }, { event: 'enrolmentRequested', times: 2 });
  assert.deepEqual([meets(twice, [asks]), meets(twice, [asks, phone, { ...asks }])], [false, true]);
  assert.ok(!meets(twice, []));
});

const REPORT: AcceptanceReport = {
  at: new Date('2026-11-29T10:00:00Z'),
  facts: { table: [['kernel', '6.12 | rpi']], radio: 'Wiphy phy0' },
  results: [
    {
      name: 'A',
      title: 'a new phone joins by PIN',
      outcome: 'failed',
      reason: 'not seen: the phone is connected',
      observations: [{ seconds: 1.26, text: '10:00:01 PIN for 42:00:00:00:01:00 "P|x`el": 98765431' }],
      answers: ['What the phone showed: wrong PIN 1234 5670, or 12345670'],
    },
  ],
  endedEarly: 'interrupted',
  status: 'group: up',
  doctor: 'all well',
  log: 'debug p2p-wlan0-0 → WPS_PIN any 24681357 120\n````\nP2P-GROUP-STARTED … passphrase="correct horse" go_dev_addr=42',
};

test('the report has facts, results and logs, and neither PINs nor passphrases', () => {
  secrets.remember('98765431');
  const text = reportText(REPORT);
  assert.match(text, /^# hostp2pd with a real phone, 2026-11-29 10:00 UTC$/m);
  assert.match(text, /^\*\*Not all steps were tried: interrupted\.\*\*$/m);
  assert.match(text, /^\| kernel \| 6\.12 \\\| rpi \|$/m);
  assert.match(text, /^\| A \| a new phone joins by PIN \| failed: not seen: the phone is connected \|$/m);
  assert.match(text, /^- 1\.3 s: .*"P\\\|x\\`el": <hidden>$/m);
  assert.match(text, /^- What the phone showed: wrong PIN \\<hidden\\>, or \\<hidden\\>$/m);
  assert.equal(text.split('````').length - 1, 8, 'the log cannot end its block');
  assert.doesNotMatch(text, /98765431|24681357|1234 ?5670|correct horse/);
});

test('a question is asked again until the answer is y or n; the end of the input interrupts', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const person = new Person(input, output);
  input.write('perhaps\n YES \nno\n');
  assert.equal(await person.yes('Ready?'), true);
  assert.equal(await person.yes('Ready?'), false);
  assert.match(String(output.read()), /^Ready\? \[y\/n\] Expected y or n, got "perhaps"\.\nReady\? /);
  const answer = person.yes('Ready?');
  input.end();
  await assert.rejects(answer, Interrupted);
  assert.ok(person.interrupted.aborted);
});

test('the service of a process is read from its control group', (t) => {
  const proc = temporaryFolder(t);
  const groups = {
    1: '0::/system.slice/system-hostp2pd.slice/hostp2pd@p2p-dev-wlan0.service\n',
    2: '0::/user.slice/user-1000.slice/session-3.scope\n',
  };
  for (const [pid, text] of Object.entries(groups)) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, 'cgroup'), text);
  }
  assert.deepEqual(
    [1, 2, 3].map((pid) => serviceOf(pid, proc)),
    ['hostp2pd@p2p-dev-wlan0.service', null, null],
  );
});
