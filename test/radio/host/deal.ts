import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** A machine keeps one CPU about half busy, so a second one is nearly for nothing; more only wait for each other. */
const USUAL_MACHINES = 2;
/** What a machine takes at worst: the memory it is given (see vm.ts), and QEMU's own. */
const MACHINE_MEGABYTES = 2500;

/** How many machines to run at once where nobody has said, and the reason where it is fewer than CPUs allow. */
export function usualMachines(
  scenarios: number,
  cpus = availableParallelism(),
  megabytes = availableMegabytes(),
): { machines: number; reason?: string } {
  const wanted = Math.max(1, Math.min(USUAL_MACHINES, cpus, scenarios));
  const machines = Math.max(1, Math.min(wanted, Math.floor(megabytes / MACHINE_MEGABYTES)));
  if (machines === wanted) return { machines };
  return {
    machines,
    reason: `${Math.floor(megabytes)} MB of memory are available, ${wanted} machines want more`,
  };
}

/**
 * Deals scenarios out to that many machines: the longest first, each to the machine with the least planned so far.
 * How long one takes is not known before; its time limit is what its author thought of it. Each machine's scenarios
 * keep their order.
 */
export function deal<T extends { readonly timeoutSeconds: number }>(
  scenarios: readonly T[],
  machines: number,
): T[][] {
  const hands = Array.from({ length: machines }, () => ({ seconds: 0, scenarios: new Set<T>() }));
  for (const scenario of scenarios.toSorted((a, b) => b.timeoutSeconds - a.timeoutSeconds)) {
    const least = hands.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    least.seconds += scenario.timeoutSeconds;
    least.scenarios.add(scenario);
  }
  return hands.map((hand) => scenarios.filter((scenario) => hand.scenarios.has(scenario)));
}

function availableMegabytes(): number {
  const [, kilobytes] = /^MemAvailable:\s*(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
