import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { System } from '../protocol.js';

/** Scenarios mostly wait: a machine keeps a CPU less than half busy, so three run well on two. */
const MACHINES_PER_CPU = 1.5;
const MOST_MACHINES = 3;
const BOOT_SECONDS = 60;
/** The most memory that a machine takes: its own (see vm.ts) and QEMU's. */
const MACHINE_MEGABYTES = 2500;

/** How many machines to run at once by default, and the reason if it is fewer than the CPUs allow. */
export function usualMachines(
  scenarios: number,
  cpus = availableParallelism(),
  megabytes = availableMegabytes(),
): { machines: number; reason?: string } {
  const wanted = Math.max(1, Math.min(MOST_MACHINES, Math.floor(MACHINES_PER_CPU * cpus), scenarios));
  const machines = Math.max(1, Math.min(wanted, Math.floor(megabytes / MACHINE_MEGABYTES)));
  if (machines === wanted) return { machines };
  return {
    machines,
    reason: `${Math.floor(megabytes)} MB of memory are available, ${wanted} machines need more`,
  };
}

/**
 * Distributes scenarios over that many machines: the longest first, each to the machine with the least planned so far.
 * How long a scenario takes is not known in advance, so its time limit is taken. Each machine's scenarios keep their
 * order.
 */
export function distribute<T extends { readonly timeoutSeconds: number }>(
  scenarios: readonly T[],
  machines: number,
): T[][] {
  const plans = Array.from({ length: machines }, () => ({ seconds: 0, scenarios: new Set<T>() }));
  for (const scenario of scenarios.toSorted((a, b) => b.timeoutSeconds - a.timeoutSeconds)) {
    const least = plans.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    least.seconds += scenario.timeoutSeconds;
    least.scenarios.add(scenario);
  }
  return plans.map((plan) => scenarios.filter((scenario) => plan.scenarios.has(scenario)));
}

/** The scenarios that one machine runs, one after the other. */
export interface Batch<T> {
  readonly system: System;
  readonly scenarios: readonly T[];
}

/**
 * A machine has one system, and more machines may be needed than run at once. Of all numbers of machines for each system, those
 * are taken with which all is done first, by the time limits. The machine with the longest begins.
 */
export function batchesBySystem<T extends { readonly timeoutSeconds: number; readonly system: System }>(
  scenarios: readonly T[],
  machines: number,
): Batch<T>[] {
  const systems: readonly System[] = ['debian', 'host'];
  let plans: Batch<T>[][] = [[]];
  for (const system of systems) {
    const own = scenarios.filter((scenario) => scenario.system === system);
    if (own.length === 0) continue;
    const most = Math.min(machines + 1, own.length);
    const choices = Array.from({ length: most }, (_, index) =>
      distribute(own, index + 1).map((batch) => ({ system, scenarios: batch })),
    );
    plans = plans.flatMap((plan) => choices.map((batches) => [...plan, ...batches]));
  }
  return plans
    .map((plan) => plan.toSorted((a, b) => secondsOf(b) - secondsOf(a)))
    .reduce((best, plan) => (endOf(plan, machines) < endOf(best, machines) ? plan : best));
}

/** When the last batch ends, each with the limits of its scenarios. */
function endOf(batches: readonly Batch<{ readonly timeoutSeconds: number }>[], machines: number): number {
  const ends = Array.from({ length: machines }, () => 0);
  for (const batch of batches) {
    const first = ends.indexOf(Math.min(...ends));
    ends[first] = (ends[first] ?? 0) + secondsOf(batch);
  }
  return Math.max(...ends);
}

/** Limits are several times the real duration, so booting counts as much. */
function secondsOf({ scenarios }: Batch<{ readonly timeoutSeconds: number }>): number {
  return scenarios.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds, BOOT_SECONDS);
}

function availableMegabytes(): number {
  const [, kilobytes] = /^MemAvailable:\s*(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
