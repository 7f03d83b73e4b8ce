import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { System } from '../protocol.js';

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

/** What one machine plays, one after the other. */
export interface Hand<T> {
  readonly system: System;
  readonly scenarios: readonly T[];
}

/**
 * A machine has one system. That of the fewest scenarios goes first, and the others are dealt out to one machine more
 * than run at once, so that whoever is done early finds something left.
 */
export function dealBySystem<T extends { readonly timeoutSeconds: number; readonly system: System }>(
  scenarios: readonly T[],
  machines: number,
): Hand<T>[] {
  const on = (system: System) => scenarios.filter((scenario) => scenario.system === system);
  const [debian, host] = [on('debian'), on('host')];
  const hands = machines > 1 && debian.length > 0 ? machines + 1 : machines;
  const hostHands = deal(host, Math.min(hands, host.length)).map((hand) => ({
    system: 'host' as const,
    scenarios: hand,
  }));
  return debian.length === 0 ? hostHands : [{ system: 'debian', scenarios: debian }, ...hostHands];
}

function availableMegabytes(): number {
  const [, kilobytes] = /^MemAvailable:\s*(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
