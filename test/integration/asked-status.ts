import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE_MS } from '../fakes/within.js';
import { ask } from './control-support.js';

/** The answer to the command `status`: what `hostp2pd status` prints, and with `--json`. */
export interface AskedStatus<T> {
  readonly text: string;
  readonly result: T;
}

/**
 * Waits until the status of the only daemon of that folder fits. It is asked over the control socket, because `hostp2pd status` would be
 * a new process for each look.
 */
export async function statusThat<T = unknown>(
  folder: string,
  fits: (status: AskedStatus<T>) => boolean,
): Promise<AskedStatus<T>> {
  let last: AskedStatus<T> | null = null;
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await pause(20)) {
    last = await asked<T>(folder);
    if (last && fits(last)) return last;
  }
  return assert.fail(`the status is ${last?.text ?? 'not told'}`);
}

async function asked<T>(folder: string): Promise<AskedStatus<T> | null> {
  const name = readdirSync(folder).find((one) => one.endsWith('.sock'));
  if (name === undefined) return null;
  const reply = await ask(join(folder, name), '/v1/commands/status', { method: 'POST' }).catch(() => null);
  return reply?.status === 200 ? JSON.parse(reply.text) : null;
}
