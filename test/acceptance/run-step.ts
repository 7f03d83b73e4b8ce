import { HostP2pError, messageOf } from '#src/system/errors.js';
import { perform } from './action.js';
import type { BoxEvent } from './box.js';
import { Interrupted, type Person } from './person.js';
import { NotRun, poll, RARELY_MS, type Session } from './session.js';
import { deviceOf, meets, type Question, type SeenEvent, type Step } from './steps.js';

/** Something that was seen, and how many seconds after the beginning of the step. */
interface Observation {
  readonly seconds: number;
  readonly text: string;
}

export interface StepResult {
  readonly name: string;
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'not run';
  /** Why it failed or did not run. */
  readonly reason?: string;
  readonly observations: readonly Observation[];
  readonly answers: readonly string[];
}

/** A station that gets no address by then has none. */
const ADDRESS_SECONDS = 30;

class Failed extends Error {}

/** Carries out a step. What it has changed on the box is undone, also when the person interrupts it. @throws {Interrupted} */
export async function runStep(session: Session, step: Step): Promise<StepResult> {
  const { person } = session;
  const observations: Observation[] = [];
  const answers: string[] = [];
  const result = (outcome: StepResult['outcome'], reason?: string): StepResult => {
    person.say(`  ${outcome}${reason === undefined ? '' : `: ${reason}`}`);
    const { name, title } = step;
    return { name, title, outcome, ...(reason === undefined ? {} : { reason }), observations, answers };
  };
  person.say(`\n== ${step.name}: ${step.title}`);
  try {
    if (step.needsPhone && !(await phoneIsConnected(session)))
      throw new NotRun('no phone is connected by Wi-Fi Direct');
    if (step.permission !== undefined && !(await person.yes(step.permission))) throw new NotRun('declined');
    await tryUntilSeen(session, step, observations);
    for (const question of step.questions) await askPerson(person, question, answers);
    return result('passed');
  } catch (error) {
    if (error instanceof NotRun) return result('not run', error.message);
    if (error instanceof Failed) {
      answers.push(
        `What the phone showed: ${await person.line('What does the phone show? (one line, or nothing)')}`,
      );
      return result('failed', error.message);
    }
    if (error instanceof Interrupted) throw error;
    return result('failed', messageOf(error));
  }
}

async function phoneIsConnected({ box, phone }: Session): Promise<boolean> {
  return (await box.stations()).some(
    ({ deviceAddress }) => deviceAddress !== null && deviceAddress === phone,
  );
}

async function tryUntilSeen(session: Session, step: Step, observations: Observation[]): Promise<void> {
  const { box, person } = session;
  for (;;) {
    const from = box.eventCount;
    const { began, done, undo } = await perform(session, step.action);
    try {
      for (const [at, line] of step.instructions.entries()) person.say(`  ${at + 1}. ${line}`);
      if (step.backWithinSeconds !== undefined) {
        const seconds = await backAfter(session, began, done);
        observations.push({ seconds, text: 'the phone is connected' });
        if (seconds <= step.backWithinSeconds) return;
        throw new Failed(
          `the phone was back after ${seconds.toFixed(1)} s, expected ${step.backWithinSeconds} s at most`,
        );
      }
      const missing = await expectEvents(session, step, { from, began, observations });
      if (missing === null) return;
      person.say(`  Not seen: ${missing}.`);
      if (!(await person.yes('Try again?'))) throw new Failed(`not seen: ${missing}`);
    } finally {
      await undo();
    }
  }
}

/** How long after `began` the phone was a station again. */
async function backAfter(session: Session, began: number, done: () => Promise<boolean>): Promise<number> {
  const back = await poll(
    session,
    session.patienceSeconds,
    async () => {
      try {
        return (await done()) && (await phoneIsConnected(session));
      } catch (error) {
        // hostp2pd, or wpa_supplicant, is not there at the moment.
        if (error instanceof HostP2pError) return false;
        throw error;
      }
    },
    RARELY_MS,
  );
  if (!back) throw new Failed('the phone did not come back');
  return (Date.now() - began) / 1000;
}

interface Watch {
  readonly from: number;
  readonly began: number;
  readonly observations: Observation[];
}

/** @returns what did not come, in words */
async function expectEvents(
  session: Session,
  step: Step,
  { from, began, observations }: Watch,
): Promise<string | null> {
  const { box, person, patienceSeconds } = session;
  if (step.expect.length === 0) return null;
  person.say('  Waiting for the phone. (s and Enter: skip this step)');
  const seen: SeenEvent[] = [];
  const left = [...step.expect];
  const allSeen = await poll(session, patienceSeconds, async () => {
    if (person.takeLine() === 's') throw new NotRun('skipped');
    for (const event of box.events(from + seen.length)) {
      seen.push(event.event);
      observations.push({ seconds: (event.at - began) / 1000, text: event.text });
      await help(session, event);
      const forbidden = step.never?.find((never) => meets(never, seen));
      if (forbidden !== undefined) throw new Failed(`${forbidden.says}, which should not be`);
      if (left[0] === undefined || !meets(left[0], seen)) continue;
      person.say(`  ${left[0].says}`);
      session.phone = deviceOf(event.event) ?? session.phone;
      left.shift();
    }
    return left.length === 0;
  });
  if (!allSeen) return left[0]?.says ?? null;
  return step.getsAddress ? await missingAddress(session, step, observations) : null;
}

/** What the person has to know at once, or must do. */
async function help({ box, person }: Session, { event }: BoxEvent): Promise<void> {
  if (event.type === 'pinShown') person.say(`  The PIN: ${event['pin']}`);
  if (event.type !== 'pinWanted') return;
  const pin = await person.line(`  ${event['name'] ?? event['deviceAddress']} shows a PIN. Type it:`);
  await box.command('pin', String(event['deviceAddress']), pin);
}

async function missingAddress(
  session: Session,
  step: Step,
  observations: Observation[],
): Promise<string | null> {
  const { box, phone } = session;
  if (!(await box.status()).givesAddresses) return null;
  const ordinary = step.expect.some(({ anyOf }) => anyOf.some(({ station }) => station === 'ordinary'));
  const began = Date.now();
  const address = await poll(
    session,
    ADDRESS_SECONDS,
    async () => {
      const stations = await box.stations();
      return stations.find(({ deviceAddress }) => deviceAddress === (ordinary ? null : phone))?.ip ?? false;
    },
    RARELY_MS,
  );
  if (address === false) return 'an IPv4 address of the device';
  observations.push({ seconds: (Date.now() - began) / 1000, text: `the device has the address ${address}` });
  return null;
}

async function askPerson(person: Person, { text, expected }: Question, answers: string[]): Promise<void> {
  const answer = (await person.yes(text)) ? 'yes' : 'no';
  answers.push(`${text} ${answer}`);
  if (answer !== expected) throw new Failed(`"${text}" expected ${expected}, got ${answer}`);
}
