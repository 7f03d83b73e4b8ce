import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from './context.js';
import { eventFloods } from './event-floods.js';
import { idleMemory } from './idle-memory.js';
import { knownPeers } from './known-peers.js';
import { manyEvents } from './many-events.js';
import { operator } from './operator.js';
import { preparePrograms } from './programs.js';
import { reaction } from './reaction.js';
import { markdown, type Row, table } from './report.js';
import { startUp } from './start-up.js';
import { timers } from './timers.js';

/**
 * The benchmark: `npm run bench -- [--quick] [--markdown] [part ...]`, about 5 minutes, with --quick 3 minutes.
 *
 * It runs the built program against a fake control interface written in C (fake-supplicant.c), so that only the program's own
 * time is measured. Absolute figures depend on the machine and its load. So each is measured alternately with a reference of
 * the same kind, and the ratio is given:
 *
 *   start     exec → ATTACH and → P2P_GROUP_ADD; reference: an empty node program, from start to exit
 *   operator  commands for a running daemon from start to exit; reference: an empty node program
 *   memory    after 60 s idle with the group up; reference: an idle node process
 *   timers    how often something wakes the idle program; runs beside "memory", because both mostly wait
 *   reaction  WPS-PIN-NEEDED → WPS_PIN, each after the answer to the one before and a pause: 10 ms, so that the
 *             program and its processor sleep, as they do when a phone comes, and 0.5 ms;
 *             reference: bare-client.c, which does nothing else; node-client.ts is the same in JavaScript
 *   events    floods as fast as the receiver takes them: CPU of all threads for the first 10,000 of a kind, and the
 *             rate of a longer flood; reference: bare-client.c
 *   growth    whether memory grows with the number of events
 *   peers     whether an event takes longer if more peers are known
 *
 * Rate and CPU of a flood are measured to its end: an enrollee appears after the last event, and the answer to it comes only
 * when all events before it are handled. "bound" is the goal of this project. If a bound does not hold, the table says so and
 * the exit status stays 0. It is 1 if something did not run: no C compiler, or a part that failed.
 */
const PARTS: Readonly<Record<string, Part>> = {
  start: startUp,
  operator,
  memory: idleMemory,
  timers,
  reaction,
  events: eventFloods,
  growth: manyEvents,
  peers: knownPeers,
};
const SIDE_BY_SIDE = ['memory', 'timers'];

async function main(args: readonly string[]): Promise<number> {
  const options = ['--quick', '--markdown'];
  const names = args.filter((arg) => !options.includes(arg));
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    process.stderr.write(`bench: unknown part: ${unknown.join(', ')}\n`);
    process.stderr.write(
      `usage: npm run bench -- [--quick] [--markdown] [${Object.keys(PARTS).join('|')} ...]\n`,
    );
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const programs = preparePrograms(folder);
  if (typeof programs === 'string') {
    const skipped = names.length > 0 ? names : Object.keys(PARTS);
    process.stderr.write(`bench: NOTHING MEASURED: ${programs}\nSkipped: ${skipped.join(', ')}\n`);
    return 1;
  }
  const context = { programs, folder, quick: args.includes('--quick') };
  const wanted = Object.keys(PARTS).filter((name) => names.length === 0 || names.includes(name));
  const broken: string[] = [];
  const results = new Map<string, readonly Row[]>();
  const run = async (name: string): Promise<void> => {
    const part = PARTS[name];
    if (!part) return;
    process.stderr.write(`${name}: ${part.title}\n`);
    try {
      results.set(name, await part.run(context));
    } catch (error) {
      broken.push(name);
      process.stderr.write(`bench: ${name} DID NOT RUN: ${error instanceof Error ? error.stack : error}\n`);
    }
  };
  await Promise.all(wanted.filter((name) => SIDE_BY_SIDE.includes(name)).map(run));
  for (const name of wanted.filter((name) => !SIDE_BY_SIDE.includes(name))) await run(name);
  const rows = wanted.flatMap((name) =>
    (results.get(name) ?? []).map((row) => ({ ...row, measure: `${name}: ${row.measure}` })),
  );
  process.stdout.write(`\n${args.includes('--markdown') ? markdown(rows) : table(rows)}\n`);
  if (broken.length > 0) process.stdout.write(`\nDid not run: ${broken.join(', ')}\n`);
  return broken.length > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
