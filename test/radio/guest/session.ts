import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostP2pD } from '#src/host/host.js';
import type { HostP2pDOptions } from '#src/host/options.js';
import { HOSTP2PD } from '../../shipped-program.js';
import type { AndroidPhone } from './android-phone.js';
import { DEVICE, PIN } from './daemon.js';
import type { Lab } from './lab.js';
import type { Phone } from './phone.js';

interface SessionOptions extends Pick<HostP2pDOptions, 'runProgram'> {
  /** Name of a dialogue that is recorded in the results and can be replayed in the unit tests. */
  readonly dialogue?: string;
}

/**
 * The library in the scenario's own process, to use operator functions and to inspect the session. Its log goes to the
 * timeline.
 */
export async function startSession(
  lab: Lab,
  config: Readonly<Record<string, unknown>> = {},
  { dialogue, ...options }: SessionOptions = {},
): Promise<HostP2pD> {
  const settings = { pin: PIN, interface: DEVICE, state_folder: join(lab.scratch, 'state'), ...config };
  const host = new HostP2pD({
    config: settings,
    logger: {
      log: (level, message) => lab.timeline.add('hostp2pd', `${level} ${message}`),
      wants: () => true,
    },
    ...options,
    ...(dialogue !== undefined && { record: join(lab.results, `${dialogue}.jsonl`) }),
  });
  await host.start();
  return host;
}

/** The recording has no PIN, and plays back without a difference. @returns the number of its steps */
export function playsBack(file: string, pins: readonly string[] = [PIN]): number {
  const recorded = readFileSync(file, 'utf8');
  for (const pin of pins) assert.ok(!recorded.includes(pin), `${file} has the PIN ${pin}`);
  const outcome = execFileSync(process.execPath, [HOSTP2PD, 'replay', file], { encoding: 'utf8' });
  assert.match(outcome, /^no difference in \d+ steps\n$/);
  return Number(/\d+/.exec(outcome)?.[0]);
}

/** Waits until the session has a group, and returns its interface. */
export function groupOf(lab: Lab, host: HostP2pD, seconds = 30): Promise<string> {
  return lab.until('the group of the session', seconds, () => host.status.group?.interface);
}

/** Waits until a phone is a station of the session. */
export async function isStation(
  lab: Lab,
  host: HostP2pD,
  deviceAddress: string,
  seconds = 20,
): Promise<void> {
  await lab.until(`${deviceAddress} as a station`, seconds, () =>
    host.stations.some((station) => station.deviceAddress === deviceAddress),
  );
}

export async function isGone(lab: Lab, host: HostP2pD, deviceAddress: string, seconds = 20): Promise<void> {
  await lab.until(`the departure of ${deviceAddress}`, seconds, () =>
    host.stations.every((station) => station.deviceAddress !== deviceAddress),
  );
}

/**
 * Waits until a phone is a station again after its group was gone for a while. The phone may still be looking for the group, or
 * it may have given up and has to be told to join; both can happen.
 */
export async function comesBack(
  lab: Lab,
  host: HostP2pD,
  phone: Phone | AndroidPhone,
  owner: string,
): Promise<void> {
  const isBack = (): boolean => host.stations.some(({ deviceAddress }) => deviceAddress === phone.address);
  await lab.until('the phone back, or without the group', 40, () => phone.joined === undefined || isBack());
  if (!isBack()) {
    await phone.lookAnew();
    await phone.rejoin(owner);
  }
  await isStation(lab, host, phone.address);
}
