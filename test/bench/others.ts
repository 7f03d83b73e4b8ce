import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Part } from './context.js';
import { Fake, pause } from './processes.js';
import { median, type Row, row } from './report.js';
import type { RowName } from './rows.js';

const ORIGINAL = 'HOSTP2PD_BENCH_ORIGINAL';
/** The original sleeps for 13 s in its start, and for some more before it serves the group. */
const ORIGINAL_START_MS = 60_000;
const ORIGINAL_SETTLED_MS = 4_000;
const PAUSE_MS = 100;

/** What users have without this program: the Python program of the same name, and a script of wpa_cli. */
export const others: Part = {
  title: 'the Python original and a wpa_cli script',
  async run(context) {
    return [...(await pythonOriginal(context)), await wpaCliScript(context)];
  },
};

async function pythonOriginal({ programs, folder, quick }: Context): Promise<readonly Row[]> {
  const start = 'others: exec → attached to the group, the Python original';
  const reaction = 'others: event → WPS_PIN, the Python original';
  const checkout = process.env[ORIGINAL];
  const python = ['python3', '/usr/bin/python3'].find((command) => runs(command));
  if (checkout === undefined) return notMeasured([start, reaction], `${ORIGINAL} is not set`);
  if (!existsSync(join(checkout, 'hostp2pd/hostp2pd.py')))
    return notMeasured([start, reaction], `no hostp2pd/hostp2pd.py in ${ORIGINAL}`);
  if (!hasWpaCli()) return notMeasured([start, reaction], 'wpa_cli is not installed');
  if (python === undefined)
    return notMeasured([start, reaction], 'no Python with python3-yaml and python3-daemon');
  await using ourFake = await Fake.start(programs, folder);
  await using itsFake = await Fake.start(programs, folder);
  await using daemon = ourFake.daemon();
  const ours = Number((await ourFake.time('group-attach')) - daemon.startedAt) / 1e9;
  await using original = itsFake.pythonOriginal(python, checkout);
  await itsFake.said('group-attach', ORIGINAL_START_MS);
  const its = Number((await itsFake.time('group-attach')) - original.startedAt) / 1e9;
  await pause(ORIGINAL_SETTLED_MS);
  const count = quick ? 20 : 100;
  // It answers WPS-ENROLLEE-SEEN, this program the WPS-PIN-NEEDED that follows. The first answer takes the original two seconds.
  await itsFake.reactions(1, 1, PAUSE_MS, 'enrollee');
  const itsTimes = await itsFake.reactions(count, count, PAUSE_MS, 'enrollee');
  const ourTimes = await ourFake.reactions(count, count, PAUSE_MS, 'pin');
  return [
    row(start, { ours: `${ours.toFixed(2)} s`, reference: `${its.toFixed(1)} s`, ratio: ours / its }),
    row(reaction, compared(ourTimes, itsTimes)),
  ];
}

/**
 * wpa_cli does not tell its script of WPS-PIN-NEEDED or WPS-ENROLLEE-SEEN (wpa_cli_action_process), so the script answers the
 * event of a station that connects. What that takes, every other event would take.
 */
async function wpaCliScript({ programs, folder, quick }: Context): Promise<Row> {
  const name = 'others: event → WPS_PIN, a script of wpa_cli -a';
  const [missing] = hasWpaCli() ? [] : notMeasured([name], 'wpa_cli is not installed');
  if (missing) return missing;
  await using ourFake = await Fake.start(programs, folder);
  await using itsFake = await Fake.start(programs, folder);
  await using _daemon = ourFake.daemon();
  // It needs a group that is already there.
  await using _client = itsFake.bareClient();
  await Promise.all([ourFake.settled(), itsFake.settled()]);
  await using _script = itsFake.wpaCliScript();
  await pause(1_000);
  const count = quick ? 20 : 100;
  const itsTimes = await itsFake.reactions(count, count, PAUSE_MS, 'station');
  const ourTimes = await ourFake.reactions(count, count, PAUSE_MS, 'pin');
  return row(name, compared(ourTimes, itsTimes));
}

function compared(ours: readonly number[], its: readonly number[]) {
  const show = (values: readonly number[]) => `${median(values).toFixed(0)} µs`;
  return { ours: show(ours), reference: show(its), ratio: median(ours) / median(its) };
}

function hasWpaCli(): boolean {
  return spawnSync('wpa_cli', ['-v']).error === undefined;
}

function runs(python: string): boolean {
  return spawnSync(python, ['-c', 'import yaml, daemon, lockfile, distutils']).status === 0;
}

function notMeasured(names: readonly RowName[], reason: string): readonly Row[] {
  process.stderr.write(`bench: NOT MEASURED: ${names.join(', ')}: ${reason}\n`);
  return names.map((name) => row(name, { ours: '', reference: `not measured: ${reason}` }));
}
