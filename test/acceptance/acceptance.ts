import { closeSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runDoctor } from '#src/commands/doctor.js';
import { HostP2pError, messageOf } from '#src/system/errors.js';
import { Box, type BoxStatus, serviceOf } from './box.js';
import { LogSince } from './log-since.js';
import { gatherFacts } from './machine-facts.js';
import { Person } from './person.js';
import { reportText } from './report.js';
import { runStep, type StepResult } from './run-step.js';
import type { Session } from './session.js';
import { chosenSteps, STEP_SECONDS, STEPS, type Step } from './steps.js';

const USAGE = `usage: sudo npm run acceptance -- [option ...]
  Tries hostp2pd with a real phone: says what to do on the phone, sees what happens on the box, and writes a report.
  hostp2pd must be running: the service, or "hostp2pd -d", also one that was installed from a package.
  -i INTERFACE     the P2P device interface, if several daemons run
  --only A,B       only these steps
  --report FILE    default: hostp2pd-acceptance-<time>.md in this folder
  --patience S     how long it waits for the phone in each step; default ${STEP_SECONDS}
  --list           lists the steps`;

const EXIT = { passed: 0, failed: 1, unusable: 2, interrupted: 130 } as const;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      interface: { type: 'string', short: 'i' },
      only: { type: 'string' },
      report: { type: 'string' },
      patience: { type: 'string', default: String(STEP_SECONDS) },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return EXIT.passed;
  }
  if (values.list) {
    for (const { name, title } of STEPS) console.log(`${name.padEnd(14)} ${title}`);
    return EXIT.passed;
  }
  const patienceSeconds = Number(values.patience);
  if (!(patienceSeconds > 0)) throw new Error(`--patience: expected seconds, got ${values.patience}`);
  const steps = chosenSteps(values.only?.split(','));
  const at = new Date();
  const file = resolve(
    values.report ?? `hostp2pd-acceptance-${at.toISOString().slice(0, 19).replaceAll(':', '')}.md`,
  );
  const box = await Box.connect(values.interface);
  const person = new Person(process.stdin, process.stdout);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => person.interrupt());
  try {
    createReport(file);
    const { results, report } = await tryAll({ box, person, phone: null, patienceSeconds }, steps, at);
    writeFileSync(file, report);
    const count = (outcome: StepResult['outcome']) =>
      results.filter((result) => result.outcome === outcome).length;
    person.say(
      `\n${count('passed')} passed, ${count('failed')} failed, ${count('not run')} not run. Report: ${file}`,
    );
    if (person.interrupted.aborted) return EXIT.interrupted;
    if (results.length < steps.length) return EXIT.unusable;
    return count('failed') > 0 ? EXIT.failed : EXIT.passed;
  } finally {
    box.close();
    person.close();
  }
}

/** A problem with it is reported before the person works for half an hour, not afterwards. */
function createReport(file: string): void {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    throw new Error(`cannot create the report ${file}: ${messageOf(error)}`, { cause: error });
  }
}

interface Tried {
  /** Fewer than the steps, if the test ended early. */
  readonly results: readonly StepResult[];
  readonly report: string;
}

/** Carries out the steps. Afterwards the box is as it was before, also when the person interrupts it. */
async function tryAll(session: Session, steps: readonly Step[], at: Date): Promise<Tried> {
  const { box, person } = session;
  const before = await box.status();
  const running = await box.configuration();
  const log = new LogSince(running, serviceOf(before.pid), at);
  const known = await knownPhones(box);
  const facts = await gatherFacts(box);
  for (const [name, value] of facts.table) person.say(`${name.padEnd(22)} ${value}`);
  const doctor = await runDoctor({ interface: before.interface, running }, {});
  person.say(`\n${doctor.text}`);
  const { text: status } = await box.command('status');
  const results: StepResult[] = [];
  let endedEarly: string | null = null;
  try {
    if (before.group === null) await box.command('group', 'start');
    session.phone =
      (await box.stations()).find(({ deviceAddress }) => deviceAddress !== null)?.deviceAddress ?? null;
    for (const step of steps) {
      // Each time: a step may have restarted it.
      await box.command('loglevel', 'debug');
      results.push(await runStep(session, step));
    }
    await offerToForget(session, known);
  } catch (error) {
    // The report is written in any case.
    endedEarly = messageOf(error);
    person.say(`\nThe test ends: ${endedEarly}`);
  } finally {
    await restore(box, before).catch((error: unknown) => person.say(messageOf(error)));
  }
  const report = reportText({
    at,
    facts,
    results,
    endedEarly,
    status,
    doctor: doctor.text,
    log: await log.text(),
  });
  return { results, report };
}

/** The group and the log level as they were. A group that had to be up all the time may stay. */
async function restore(box: Box, before: BoxStatus): Promise<void> {
  const { group } = await box.status();
  if (before.noGroup === 'stopped') await box.command('group', 'stop');
  // Not "group stop": after that none would be formed when a phone asks.
  if (before.noGroup === 'on-demand' && group !== null) await box.wpa('P2P_GROUP_REMOVE', group.interface);
  await box.command('loglevel', before.logLevel);
}

async function knownPhones(box: Box): Promise<readonly string[]> {
  const { value } = await box.command('clients');
  return (Array.isArray(value) ? value : []).flatMap((client) =>
    typeof client === 'object' && client !== null && 'deviceAddress' in client
      ? String(client.deviceAddress)
      : [],
  );
}

/** The phones of this test would come back without a PIN. */
async function offerToForget({ box, person }: Session, known: readonly string[]): Promise<void> {
  const added = (await knownPhones(box)).filter((address) => !known.includes(address));
  if (added.length === 0) return;
  const question = `\nNew phones that come back without a PIN: ${added.join(', ')}. Shall the box forget them?`;
  if (!(await person.yes(question))) return;
  for (const address of added) await box.command('forget', address);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  if (error instanceof HostP2pError && error.code === 'NOT_RUNNING')
    console.error('Start it first, for example: sudo systemctl start hostp2pd@p2p-dev-wlan0');
  return EXIT.unusable;
});
