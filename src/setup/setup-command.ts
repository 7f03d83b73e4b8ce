import { setTimeout as delay } from 'node:timers/promises';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import { EXIT } from '../daemon/exit.js';
import { examine } from '../doctor/examine.js';
import { systemSources } from '../doctor/gather/sources.js';
import { reportText } from '../doctor/report.js';
import { techniqueOf } from '../session/selectors.js';
import { HostP2pError } from '../system/errors.js';
import { retry } from '../system/retry.js';
import { wrap } from '../system/wrap.js';
import { type Answers, answersOf, type Flags } from './answers.js';
import { agree, type SetupIo } from './conversation.js';
import { firstPhone, joiningText, open, qrOf, waitForGroup } from './first-phone.js';
import {
  type Connection,
  carryOut,
  journalState,
  lockJournal,
  type Machine,
  undoAll,
  undoUnfinished,
} from './journal.js';
import { addressFamilies, REAL } from './machine.js';
import { obstacles, undoObstacles } from './plan.js';
import { CONFIGURATION, type Survey, serviceOf, serviceUnits, survey } from './survey.js';

/** `hostp2pd setup`: from the installed package to a group that phones join, and back again. */

interface SetupArguments {
  readonly flags: Flags;
  readonly interface: string | undefined;
}

/** @returns the exit code @throws {HostP2pError} */
export async function runSetup(
  { flags, interface: requested }: SetupArguments,
  io: SetupIo,
): Promise<number> {
  const given = answersOf(flags);
  if ('problem' in given) throw new HostP2pError('USAGE', `setup: ${given.problem}`);
  expectTogether(flags);
  const isDry = flags.has('dry-run');
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot && !isDry)
    throw new HostP2pError(
      'STATE',
      'setup changes files and services of the system: run it as root (sudo hostp2pd setup). "hostp2pd setup --dry-run" only shows what it would do',
    );
  const asks = !isDry && !flags.has('yes') ? io.terminal : null;
  if (asks === null && !isDry && !flags.has('yes') && !flags.has('undo')) throw needsAnswers();
  const unlock = isDry ? () => {} : await lockJournal(REAL);
  if (flags.has('undo')) return undo(io).finally(unlock);
  const hasPutBack = isRoot && (await putBackUnfinished(io, isDry));
  // Daemons that were restarted for that may not serve the radio at once.
  const found = await retry(() => suitable(requested), { limitMs: hasPutBack ? 30_000 : 0, pauseMs: 1_000 });
  await expectNoOther(found);
  const agreement = await agree(found, given, io, asks);
  if (agreement === null) {
    io.print('Nothing has been changed.');
    return EXIT.failure;
  }
  if (isDry) return EXIT.ok;
  const { answers, steps } = agreement;
  if (steps.length > 0) {
    await untouchedByHangup(() => carryOut(shown(io), steps, connectionOf(found)));
    io.print('Done. "sudo hostp2pd setup --undo" puts everything back as it was.\n');
  }
  // What follows only looks, perhaps for hours.
  unlock();
  return finish(found, answers, io, asks !== null || flags.has('wait'));
}

/** On a busy machine nmcli can take longer than 10 s. To end it and ask again would only start it from the beginning. */
const PATIENCE = { programMs: 60_000, socketMs: 60_000 };

/** @throws {HostP2pError} STATE with what has to be done first, if setup cannot be done on this machine */
async function suitable(requested: string | undefined): Promise<Survey> {
  const found = await survey(systemSources(PATIENCE), requested);
  const reasons = obstacles(found);
  if (reasons.length > 0)
    throw new HostP2pError('STATE', `setup cannot be done here:\n${reasons.join('\n')}`);
  return found;
}

function connectionOf({ facts, radio, network }: Survey): Connection | null {
  if (network === null) return null;
  return { folder: facts.control.folder, radio, families: addressFamilies(radio) };
}

/** @throws {HostP2pError} USAGE for options of which one would have no effect */
function expectTogether(flags: Flags): void {
  const other = [...flags.keys()].find((flag) => flag !== 'undo' && flag !== 'yes');
  if (flags.has('undo') && other !== undefined)
    throw new HostP2pError('USAGE', `setup: --undo goes with no other option but --yes, got --${other}`);
  if (flags.has('wait') && !flags.has('yes'))
    throw new HostP2pError('USAGE', 'setup: --wait goes with --yes; without it, setup waits by itself');
}

function needsAnswers(): HostP2pError {
  return new HostP2pError(
    'USAGE',
    'setup: there is no terminal to ask at: use --yes. Options answer the questions: --name NAME, --admission random|pin|button, --pin PIN, --addresses yes|no, --share-internet off|auto|INTERFACE, --country CC; "hostp2pd setup --dry-run" shows the plan',
  );
}

/** A hostp2pd that was started by hand would keep the service from starting. */
async function expectNoOther({ device, units }: Survey): Promise<void> {
  if (serviceUnits(device).some((unit) => units.get(unit)?.active)) return;
  try {
    await findControlSocket(device);
  } catch (error) {
    // Others than root may not ask it. They change nothing.
    if (error instanceof HostP2pError && ['NOT_RUNNING', 'CONTROL_DENIED'].includes(error.code)) return;
    throw error;
  }
  throw new HostP2pError(
    'STATE',
    `hostp2pd runs on ${device} already, and not as a service: sudo hostp2pd -i ${device} -t`,
  );
}

/** The end of the login, perhaps over the radio itself, must not leave the work half done. */
async function untouchedByHangup<T>(work: () => Promise<T>): Promise<T> {
  const ignore = () => {};
  process.on('SIGHUP', ignore);
  try {
    return await work();
  } finally {
    process.off('SIGHUP', ignore);
  }
}

/** The same, and the person sees each step. */
function shown(io: SetupIo): Machine {
  return { ...REAL, onStep: (what) => io.print(wrap(`- ${what}`, io.columns).join('\n')) };
}

/** @returns whether there was something */
async function putBackUnfinished(io: SetupIo, isDry: boolean): Promise<boolean> {
  if (!journalState(REAL).unfinished) return false;
  io.print('An earlier setup was interrupted. What it has changed is put back first.');
  if (isDry) throw new HostP2pError('STATE', 'sudo hostp2pd setup, or setup --undo, does that');
  const notes = await untouchedByHangup(() => undoUnfinished(shown(io)));
  for (const note of notes) io.print(`  ${note}`);
  return true;
}

async function undo(io: SetupIo): Promise<number> {
  const { changed, stops, restarts } = journalState(REAL);
  if (!changed) {
    io.print('setup has changed nothing here, or has put it back: nothing to do.');
    return EXIT.ok;
  }
  await expectConnections({ stops, restarts });
  for (const unit of stops) await endGroup(unit, io);
  const notes = await untouchedByHangup(() => undoAll(shown(io)));
  for (const note of notes) io.print(`  ${note}`);
  io.print('Everything is as it was before setup.');
  return EXIT.ok;
}

/** @throws {HostP2pError} STATE if undo would end a connection for good */
async function expectConnections(units: Parameters<typeof undoObstacles>[1]): Promise<void> {
  const found = await survey(systemSources(PATIENCE), undefined).catch((error: unknown) => {
    // If the machine cannot be examined, undo goes on: it is the user's way back.
    if (error instanceof HostP2pError) return null;
    throw error;
  });
  const reasons = found === null ? [] : undoObstacles(found, units);
  if (reasons.length > 0) throw new HostP2pError('STATE', `setup --undo: ${reasons.join('\n')}`);
}

/** The group outlives the service, and after --undo nobody would end it. */
async function endGroup(unit: string, io: SetupIo): Promise<void> {
  const [, device] = /^hostp2pd(?:-notify)?@(.*)$/.exec(unit) ?? [];
  if (device === undefined) return;
  try {
    await new RemoteTarget(await findControlSocket(device)).execute('group', ['stop']);
  } catch (error) {
    if (!(error instanceof HostP2pError)) throw error;
    // No hostp2pd runs, or there is no group.
    if (!['NOT_RUNNING', 'STATE'].includes(error.code))
      io.print(`  the group may still be up: ${error.message}`);
  }
}

const SECOND_LOOK_MS = 5_000;

/** Shows how phones join, and examines the machine as the doctor does. @returns the exit code */
async function finish(found: Survey, answers: Answers, io: SetupIo, waits: boolean): Promise<number> {
  const { device } = found;
  io.print('Waiting for hostp2pd …');
  // Setup does not change when groups are formed.
  const { alwaysUp } = techniqueOf(found.facts.configuration.settings);
  const reason = await waitForGroup(device, alwaysUp).then(() => null, reasonOf);
  const options = { interface: device, configFile: CONFIGURATION };
  const first = await examine(options);
  // Beside the start of the service a slow machine may have answered too late.
  const again = reason === null && first.worst === 'error';
  const report = again ? await delay(SECOND_LOOK_MS).then(() => examine(options)) : first;
  if (reason !== null || report.worst === 'error') {
    io.print(reason === null ? 'The doctor has found an error:\n' : `Phones cannot join yet: ${reason}\n`);
    io.print(reportText(report, io.report));
    return EXIT.failure;
  }
  if (alwaysUp) io.print(`${await qrOf(device, io.colour, io.columns)}\n`);
  io.print(joiningText(answers, alwaysUp, io.columns));
  if (report.worst === 'warning') io.print(`\nThe doctor has a warning:\n\n${reportText(report, io.report)}`);
  if (!waits) return EXIT.ok;
  io.print('\nWaiting for the first phone … (Ctrl-C ends only this wait)');
  const ended = new AbortController();
  process.once('SIGINT', () => ended.abort());
  const phone = await firstPhone(await open(device), {
    unit: serviceOf(found),
    addresses: answers.addresses,
    signal: ended.signal,
    note: io.print,
  });
  if (phone !== null) io.print(phone);
  return EXIT.ok;
}

/** The message of an error that a person can do something about. @throws any other error */
function reasonOf(error: unknown): string {
  if (error instanceof HostP2pError) return error.message;
  throw error;
}
