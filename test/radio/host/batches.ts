import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { System } from '../protocol.js';

/** A machine keeps one CPU about half busy, so a second one costs almost nothing. More would only wait for each other. */
const USUAL_MACHINES = 2;
/** The most memory that a machine takes: its own (see vm.ts) and QEMU's. */
const MACHINE_MEGABYTES = 2500;

/** How many machines to run at once by default, and the reason if it is fewer than the CPUs allow. */
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
 * A machine has one system. The Debian scenarios, which are few, go first. The others are distributed over one machine more
 * than run at once, so that work is left when one ends early.
 */
export function batchesBySystem<T extends { readonly timeoutSeconds: number; readonly system: System }>(
  scenarios: readonly T[],
  machines: number,
): Batch<T>[] {
  const on = (system: System) => scenarios.filter((scenario) => scenario.system === system);
  const [debian, host] = [on('debian'), on('host')];
  const count = machines > 1 && debian.length > 0 ? machines + 1 : machines;
  const batches = distribute(host, Math.min(count, host.length)).map((batch) => ({
    system: 'host' as const,
    scenarios: batch,
  }));
  return debian.length === 0 ? batches : [{ system: 'debian', scenarios: debian }, ...batches];
}

function availableMegabytes(): number {
  const [, kilobytes] = /^MemAvailable:\s*(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
