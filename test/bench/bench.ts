import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from './context.js';
import { eventFloods } from './event-floods.js';
import { idleMemory } from './idle-memory.js';
import { knownPeers } from './known-peers.js';
import { preparePrograms } from './programs.js';
import { reaction } from './reaction.js';
import { type Row, table } from './report.js';
import { startUp } from './start-up.js';
import { timers } from './timers.js';

/**
 * The benchmark: `npm run bench -- [--quick] [part ...]`, about 2 minutes, with --quick under 40 s.
 *
 * It runs the built program against a fake control interface written in C (fake-supplicant.c), so that the time
 * measured is the program's own. Absolute figures depend on the machine and on what else it does; therefore each is
 * measured in turn with a reference of the same kind and given as a ratio:
 *
 *   start     exec → ATTACH and → P2P_GROUP_ADD; reference: an empty node program, from start to exit
 *   memory    after 5 s idle with the group up; reference: an idle node process
 *   timers    how often something wakes the idle program; runs beside "memory", for both do little but wait
 *   reaction  WPS-PIN-NEEDED → WPS_PIN, the next one only after the former was answered and a pause: of 10 ms, so
 *             that the program and its processor are asleep as they are when a phone comes, and of 0.5 ms;
 *             reference: bare-client.c, which does nothing else
 *   events    floods as fast as the receiver takes them; CPU of all threads for the first 10,000 of a kind, and the
 *             rate of a longer one; reference: bare-client.c
 *   peers     whether an event takes longer the more peers are known
 *
 * The rate and the CPU of floods are measured to the end: an enrollee is shown after the last event, and the answer
 * to that comes only when all before it is done. "bound" is what this project wants to hold; a bound that does not
 * hold is shown, and the exit status stays 0. It is 1 when something did not run: no C compiler, a part that broke.
 */
const PARTS: Readonly<Record<string, Part>> = {
  start: startUp,
  memory: idleMemory,
  timers,
  reaction,
  events: eventFloods,
  peers: knownPeers,
};
const SIDE_BY_SIDE = ['memory', 'timers'];

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => arg !== '--quick');
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    process.stderr.write(`bench: unknown: ${unknown.join(', ')}\n`);
    process.stderr.write(`usage: npm run bench -- [--quick] [${Object.keys(PARTS).join('|')} ...]\n`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const programs = preparePrograms(folder);
  if (typeof programs === 'string') {
    const left = names.length > 0 ? names : Object.keys(PARTS);
    process.stderr.write(`bench: NOTHING MEASURED: ${programs}\nLeft out: ${left.join(', ')}\n`);
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
  process.stdout.write(`\n${table(rows)}\n`);
  if (broken.length > 0) process.stdout.write(`\nDid not run: ${broken.join(', ')}\n`);
  return broken.length > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
