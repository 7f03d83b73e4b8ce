import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bursts } from './bursts.js';
import type { Context, Part } from './context.js';
import { crowd } from './crowd.js';
import { eventFloods } from './event-floods.js';
import { idleMemory } from './idle-memory.js';
import { knownPeers, manyStations } from './many-devices.js';
import { manyEvents } from './many-events.js';
import { operator } from './operator.js';
import { others } from './others.js';
import { preparePrograms, ROOT } from './programs.js';
import { reaction } from './reaction.js';
import { recording } from './recording.js';
import { type Row, replaceRows, table } from './report.js';
import { startUp } from './start-up.js';
import { tenMinutes } from './ten-minutes.js';
import { timers } from './timers.js';

/**
 * The benchmark: `npm run bench -- [--quick] [--write] [--guard] [part ...]`, about 9 minutes, with --quick 6 minutes.
 *
 * It runs the built program against a fake control interface written in C (fake-supplicant.c), so that only the program's own
 * time is measured. Absolute figures depend on the machine and its load. So each is measured alternately with a reference of
 * the same kind, and the ratio is given:
 *
 *   start     exec → ATTACH and → P2P_GROUP_ADD; reference: an empty node program, from start to exit
 *   operator  commands for a running daemon from start to exit; reference: an empty node program
 *   crowd     "hostp2pd status" while 1,000 clients hold their connections of the control socket, in six ways
 *   memory    after 60 s idle with the group up; reference: an idle node process
 *   timers    how often something wakes the idle program; runs beside "memory", because both mostly wait
 *   reaction  WPS-PIN-NEEDED → WPS_PIN, each after the answer to the one before and a pause: 10 ms, so that the
 *             program and its processor sleep, as they do when a phone comes, and 0.5 ms;
 *             reference: bare-client.c, which does nothing else; node-client.ts is the same in JavaScript
 *   recording the same with a recording, against without one; and the time that the recorder takes for a step
 *   events    floods as fast as the receiver takes them: CPU of all threads for the first 10,000 of a kind, and the
 *             rate of a longer flood; reference: bare-client.c, and for the guard node-client.ts
 *   burst     how many of 10,000 events are lost if the sender does not wait; reference: bare-client.c
 *   growth    whether memory grows with the number of events
 *   peers     whether an event takes longer if more peers are known
 *   stations  the same with more stations
 *   others    the Python program of the same name, if HOSTP2PD_BENCH_ORIGINAL is the folder of its checkout, and a script of
 *             wpa_cli, which are the references here
 *   idle10    wake-ups and CPU in 10 minutes with nothing to do; runs only when it is named
 *
 * Rate and CPU of a flood are measured to its end: an enrollee appears after the last event, and the answer to it comes only
 * when all events before it are handled. "bound" is the goal of this project (rows.ts). If a bound does not hold, the table says so
 * and the exit status stays 0. It is 1 if something did not run: no C compiler, or a part that failed.
 *
 * `--write` puts the rows that were measured into the table of native-notes/performance.md.
 *
 * `--guard`, for CI, measures quickly what stands a busy machine. The exit status is 1 if a ratio is more than 15 % worse than
 * its bound in two runs; where the bound is not reached yet, than what was reached (`known`).
 */
const PARTS: Readonly<Record<string, Part>> = {
  start: startUp,
  operator,
  crowd,
  memory: idleMemory,
  timers,
  reaction,
  recording,
  events: eventFloods,
  burst: bursts,
  growth: manyEvents,
  peers: knownPeers,
  stations: manyStations,
  others,
};

/** Takes more than ten minutes, so it runs only when it is named. */
const ON_DEMAND: Readonly<Record<string, Part>> = { idle10: tenMinutes };
const ALL = { ...PARTS, ...ON_DEMAND };
const SIDE_BY_SIDE = ['memory', 'timers', 'idle10'];

/** What stands the noise of a busy machine: paired times and processor times. */
const GUARDED = ['start', 'operator', 'events', 'peers', 'stations'];

const OPTIONS = ['--quick', '--write', '--guard'];

const DOCUMENT = join(ROOT, 'native-notes/performance.md');

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => !OPTIONS.includes(arg));
  const unknown = names.filter((name) => !Object.hasOwn(ALL, name));
  if (unknown.length > 0) {
    process.stderr.write(`bench: unknown part: ${unknown.join(', ')}\n`);
    const options = OPTIONS.map((option) => `[${option}]`).join(' ');
    process.stderr.write(`usage: npm run bench -- ${options} [${Object.keys(ALL).join('|')} ...]\n`);
    return 2;
  }
  const guard = args.includes('--guard');
  const write = args.includes('--write');
  if (write && (guard || args.includes('--quick'))) {
    process.stderr.write('bench: --write needs exact figures: leave out --quick and --guard\n');
    return 2;
  }
  const parts = names.length > 0 ? names : guard ? GUARDED : Object.keys(PARTS);
  const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const programs = preparePrograms(folder);
  if (typeof programs === 'string') {
    process.stderr.write(`bench: NOTHING MEASURED: ${programs}\nSkipped: ${parts.join(', ')}\n`);
    return 1;
  }
  const context = { programs, folder, quick: guard || args.includes('--quick') };
  const first = await measure(context, parts);
  const rows = [...first.rows.values()].flat();
  process.stdout.write(`\n${table(rows)}\n`);
  if (first.broken.length > 0) process.stdout.write(`\nDid not run: ${first.broken.join(', ')}\n`);
  else if (write) writeFileSync(DOCUMENT, replaceRows(readFileSync(DOCUMENT, 'utf8'), rows));
  if (first.broken.length > 0 || !guard) return first.broken.length > 0 ? 1 : 0;
  return again(context, first.rows);
}

/** Measures what is worse than it was a second time. @returns the exit status */
async function again(context: Context, first: Measured['rows']): Promise<number> {
  const worse = (rows: readonly Row[]) => rows.filter((row) => row.regressed).map((row) => row.name);
  const suspects = [...first].filter(([, rows]) => worse(rows).length > 0).map(([name]) => name);
  if (suspects.length === 0) return 0;
  const { rows, broken } = await measure(context, suspects);
  process.stdout.write(`\nOnce more:\n${table([...rows.values()].flat())}\n`);
  const before = worse([...first.values()].flat());
  const both = worse([...rows.values()].flat()).filter((name) => before.includes(name));
  if (both.length > 0)
    process.stdout.write(`\nMore than 15 % worse than the bound in two runs: ${both.join('; ')}\n`);
  return both.length > 0 || broken.length > 0 ? 1 : 0;
}

interface Measured {
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly broken: readonly string[];
}

async function measure(context: Context, wanted: readonly string[]): Promise<Measured> {
  const rows = new Map<string, readonly Row[]>();
  const broken: string[] = [];
  const run = async (name: string): Promise<void> => {
    const part = ALL[name];
    if (!part) return;
    process.stderr.write(`${name}: ${part.title}\n`);
    try {
      rows.set(name, await part.run(context));
    } catch (error) {
      broken.push(name);
      process.stderr.write(`bench: ${name} DID NOT RUN: ${error instanceof Error ? error.stack : error}\n`);
    }
  };
  await Promise.all(wanted.filter((name) => SIDE_BY_SIDE.includes(name)).map(run));
  for (const name of wanted.filter((name) => !SIDE_BY_SIDE.includes(name))) await run(name);
  return { rows, broken };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
