import { networkInterfaces } from 'node:os';
import { askControl } from '../host/ask-control.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import type { Missing } from '../system/missing.js';
import { runProgram } from '../system/programs.js';
import { retry } from '../system/retry.js';
import { parseStationUse } from '../wpa/reply.js';
import { commandText } from './describe-plan.js';
import type { AddressFamily, Connection, Machine } from './journal.js';
import type { Command } from './plan.js';

/** What setup does to the machine on which it runs. */

/** systemctl waits for a service to start or to end. */
export const COMMAND_LIMIT_MS = 120_000;

/**
 * The end of the login goes to every process of the terminal, and a command that it ends would count as failed. But a command must
 * not outlive setup, whose next run puts back what this one has begun (PR_SET_PDEATHSIG of prctl(2); setpriv is in util-linux).
 */
const FRAME = ['setpriv', '--pdeathsig', 'KILL', '--'];

/** @throws {HostP2pError} STATE with the reason, if the command fails */
export async function runCommand(command: Command): Promise<void> {
  const args = [...FRAME, ...command];
  try {
    await runProgram('nohup', args, { limitMs: COMMAND_LIMIT_MS });
  } catch (cause) {
    const reason = messageOf(cause).replace(`${['nohup', ...args].join(' ')}: `, '');
    throw new HostP2pError('STATE', `${commandText(command)}: ${reason}`, { cause });
  }
}

/** The kinds of addresses of a radio by which other machines reach this one. */
export function addressFamilies(
  radio: string,
  networks: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): readonly AddressFamily[] {
  // Without a network, an interface gives itself such addresses.
  const routed = (networks[radio] ?? []).filter(({ address }) => !/^(?:169\.254\.|fe80:)/.test(address));
  return [...new Set(routed.map(({ family }) => family))];
}

async function isConnected({ folder, radio, families }: Connection): Promise<boolean | Missing> {
  const [outcome] = await askControl(folder, radio, ['STATUS']);
  if (outcome === undefined || 'error' in outcome)
    return outcome?.error.code === 'CONTROL_UNAVAILABLE'
      ? false
      : { missing: outcome?.error.message ?? `wpa_supplicant does not answer for ${radio}` };
  const state = parseStationUse(outcome.reply)?.state;
  if (state === 'connecting') return { missing: `${radio} connects` };
  const present = addressFamilies(radio);
  const absent = families?.find((family) => !present.includes(family));
  if (state === 'connected' && absent !== undefined)
    return { missing: `${radio} has no ${absent} address yet` };
  return state === 'connected';
}

/** On a busy Raspberry Pi NetworkManager needs 13 s. */
const CONNECTION_TIMES = { limitMs: 90_000, pauseMs: 1_000 };

/** @throws {HostP2pError} STATE if the connection does not come back, with addresses as before */
function awaitConnection(connection: Connection): Promise<void> {
  return retry(async () => {
    const isBack = await isConnected(connection);
    if (isBack === true) return;
    const why = isBack === false ? '' : `: ${isBack.missing}`;
    throw new HostP2pError(
      'STATE',
      `${connection.radio} was connected to a network, and its connection did not come back${why}`,
    );
  }, CONNECTION_TIMES);
}

export const REAL: Machine = { root: '/', run: runCommand, addressFamilies, isConnected, awaitConnection };
