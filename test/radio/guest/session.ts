import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HostP2pD } from '#src/host/host.js';
import type { HostP2pDOptions } from '#src/host/options.js';
import type { Step } from '#src/host/runner.js';
import { formatStep } from '../../dialogue-file.js';
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
    ...(dialogue === undefined ? {} : { record: recorder(lab, dialogue, settings) }),
  });
  await host.start();
  return host;
}

function recorder(lab: Lab, name: string, settings: Readonly<Record<string, unknown>>): (step: Step) => void {
  const file = join(lab.results, `${name}.jsonl`);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own notation
  const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'wpasupplicant']).toString();
  const origin = `Debian wpasupplicant ${version}, mac80211_hwsim, scenario ${basename(lab.results)}`;
  writeFileSync(file, `${JSON.stringify({ origin, deviceInterface: DEVICE, settings })}\n`);
  return (step) => appendFileSync(file, `${formatStep(step)}\n`);
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
