import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { HostP2pD } from '#src/host/host.js';
import type { HostP2pDOptions } from '#src/host/options.js';
import type { SessionEventName, SessionEventOf } from '#src/host/public-event.js';
import { CapturedLog } from '../fakes/captured-log.js';
import '../fakes/state-folder.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { PATIENCE_MS, within } from '../fakes/within.js';
import { DEVICE, FakeSupplicant } from './fake-supplicant.js';

export { temporaryFolder };

/** The environment in which a program, and all that it starts, first runs this code. */
export function preloaded(t: TestContext, code: string): { readonly NODE_OPTIONS: string } {
  const file = join(temporaryFolder(t), 'preload.cjs');
  writeFileSync(file, code);
  return { NODE_OPTIONS: `--require ${file}` };
}

/** Keeps the log lines, for assertions and for the message of a failed one. */
export class Lines extends CapturedLog {
  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }
}

/** A fake wpa_supplicant with wlan0 and its P2P device, which ends with the test. */
export function supplicant(t: TestContext): FakeSupplicant {
  const fake = new FakeSupplicant().serve('wlan0', DEVICE);
  t.after(() => fake.close());
  return fake;
}

/** A started session on this fake wpa_supplicant, which ends with the test. */
export async function session(
  t: TestContext,
  fake: FakeSupplicant,
  config: Readonly<Record<string, unknown>> = {},
  options: Omit<HostP2pDOptions, 'config'> = {},
): Promise<{ host: HostP2pD; log: Lines }> {
  const log = new Lines();
  const folders = { ctrl_interface: fake.folder, state_folder: temporaryFolder(t) };
  const host = new HostP2pD({ config: { ...folders, ...config }, logger: log, ...options });
  t.after(() => host.stop());
  await host.start();
  return { host, log };
}

/** The next event of that type; rejects after `ms`. */
export function next<T extends SessionEventName>(
  host: HostP2pD,
  type: T,
  ms = PATIENCE_MS,
): Promise<SessionEventOf<T>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      off();
      reject(new Error(`no ${type} within ${ms} ms`));
    }, ms);
    const off = host.on(type, (event) => {
      clearTimeout(timer);
      off();
      resolve(event);
    });
  });
}

/** A hook program that records its arguments and HOSTP2PD_* environment, one JSON object for each call. */
export function hookProgram(folder: string): { path: string; calls: () => HookCall[] } {
  const path = join(folder, 'hook');
  const out = join(folder, 'calls');
  const script =
    `#!${process.execPath}\nconst facts = Object.fromEntries(Object.entries(process.env)` +
    `.filter(([name]) => name.startsWith('HOSTP2PD_')));\nrequire('node:fs').appendFileSync(${JSON.stringify(out)}, ` +
    `JSON.stringify({ args: process.argv.slice(2), facts }) + '\\n');\n`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  const calls = (): HookCall[] => {
    let text = '';
    try {
      text = readFileSync(out, 'utf8');
    } catch {
      // Not called yet.
    }
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): HookCall => JSON.parse(line));
  };
  return { path, calls };
}

interface HookCall {
  readonly args: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
}

/** Waits for a condition; rejects after `ms` with its last value. */
export function eventually(met: () => boolean, what: () => string, ms = PATIENCE_MS): Promise<void> {
  return within(ms, what, met);
}

/** The folder in which sessions of this process have their own sockets. */
export const OWN_FOLDER =
  process.getuid?.() === 0 ? '/run/hostp2pd' : join(process.env['XDG_RUNTIME_DIR'] ?? '', 'hostp2pd');

/** Our own sockets that still exist. */
export function ownSockets(): string[] {
  return ownSocketsOf(process.pid);
}

/** The same for another process. */
export function ownSocketsOf(pid: number | undefined): string[] {
  try {
    return readdirSync(OWN_FOLDER).filter((name) => name.includes(`.${pid}-`));
  } catch {
    return [];
  }
}
