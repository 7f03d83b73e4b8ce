import type { Part } from './context.js';
import { cpuSeconds, voluntarySwitches } from './proc.js';
import { Fake, pause } from './processes.js';
import { row } from './report.js';

const MINUTES = 10;
const STEP_MS = 50;
/** What happens in this time belongs to one time awake: a heartbeat is several requests and replies. */
const TOGETHER_MS = 250;
/** V8 collects garbage once, 8 s after the last allocation of the start. */
const SETTLED_MS = 15_000;

/** What the program does in a longer time with its group up and nothing to do. */
export const tenMinutes: Part = {
  title: `wake-ups and processor time in ${MINUTES} minutes idle with the group up`,
  async run({ programs, folder }) {
    await using fake = await Fake.start(programs, folder);
    await using daemon = fake.daemon();
    await fake.settled(SETTLED_MS);
    // The time begins just after a heartbeat, so that it has as many heartbeats as periods.
    for (await fake.count(); (await fake.count()).pings === 0; ) await pause(STEP_MS);
    await pause(TOGETHER_MS);
    await fake.count();
    const cpuBefore = cpuSeconds(daemon.pid);
    const start = performance.now();
    const times: { readonly at: number; last: number; requests: number; pings: number }[] = [];
    for (let known = voluntarySwitches(daemon.pid); performance.now() - start < MINUTES * 60_000; ) {
      await pause(STEP_MS);
      const switches = voluntarySwitches(daemon.pid);
      if (switches === known) continue;
      known = switches;
      const { requests, pings } = await fake.count();
      const now = performance.now() - start;
      const last = times.at(-1);
      if (last && now - last.last < TOGETHER_MS) {
        last.last = now;
        last.requests += requests;
        last.pings += pings;
      } else times.push({ at: now, last: now, requests, pings });
    }
    const seconds = (performance.now() - start) / 1000;
    const percent = ((cpuSeconds(daemon.pid) - cpuBefore) / seconds) * 100;
    const aMinute = times.length / (seconds / 60);
    const others = times.filter(({ pings }) => pings === 0);
    for (const { at, requests } of others)
      process.stderr.write(
        `idle10: awake without a heartbeat at ${at.toFixed(0)} ms, ${requests} requests\n`,
      );
    return [
      row('idle10: times awake a minute', { ours: aMinute.toFixed(1), value: aMinute }),
      row('idle10: of them without a heartbeat', {
        ours: `${others.length} of ${times.length}`,
        value: others.length,
      }),
      row('idle10: processor time', { ours: `${percent.toFixed(4)} %`, value: percent }),
    ];
  },
};
