import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel knows about a process. All threads count, those of V8 and libuv too. */

function ofThreads(pid: number, file: string): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      return [readFileSync(`/proc/${pid}/task/${thread}/${file}`, 'utf8')];
    } catch {
      // It has just ended.
      return [];
    }
  });
}

/** Seconds of processor time since the start, in nanosecond resolution if the kernel has it. */
export function cpuSeconds(pid: number): number {
  const threads = ofThreads(pid, 'schedstat');
  const ns = threads.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
  if (ns > 0) return ns / 1e9;
  // Without CONFIG_SCHED_INFO: in ticks of 10 ms. The name before the fields can contain spaces.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How often a thread went to sleep; each time something woke it again. */
export function voluntarySwitches(pid: number): number {
  const counts = ofThreads(pid, 'status').map((text) => /^voluntary_ctxt_switches:\s*(\d+)/m.exec(text)?.[1]);
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

/** In MiB. */
export interface Memory {
  readonly rss: number;
  readonly pss: number;
  readonly privateDirty: number;
}

export function memory(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text)?.[1]) / 1024;
  return { rss: mebibytes('Rss'), pss: mebibytes('Pss'), privateDirty: mebibytes('Private_Dirty') };
}

/** The number of processes: this one and its descendants. */
export function processCount(pid: number): number {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc').map(Number).filter(Boolean)) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(entry, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has just ended.
    }
  }
  const family = new Set([pid]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  return family.size;
}

/**
 * Counts how often the process was awake during `ms`: the steps of 50 ms in which one of its threads went to sleep again. Many
 * switches in one step count once: the threads of a garbage collection pass work to each other.
 */
export async function awakenings(pid: number, ms: number): Promise<number> {
  let count = 0;
  let before = voluntarySwitches(pid);
  for (const until = performance.now() + ms; performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const switches = voluntarySwitches(pid);
    if (switches !== before) count++;
    before = switches;
  }
  return count;
}
