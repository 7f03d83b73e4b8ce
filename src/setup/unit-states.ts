import type { Sources } from '../doctor/gather/sources.js';
import { HostP2pError } from '../system/errors.js';
import { type RetryTimes, retry } from '../system/retry.js';

export interface UnitState {
  /** There is a file for it. */
  readonly known: boolean;
  readonly enabled: boolean;
  readonly active: boolean;
}

const PROPERTIES = ['LoadState', 'UnitFileState', 'ActiveState'];

/** systemd answers late while it reads its files again, and on a slow machine. */
const TIMES: RetryTimes = { limitMs: 60_000, pauseMs: 1_000 };

/**
 * The states of units, by name without `.service`. A missing answer is an error, because a unit that seems to be stopped would be
 * started, and stopped again by `--undo`.
 * @throws {HostP2pError} STATE if systemd does not answer
 */
export async function unitStates(
  run: Sources['run'],
  units: readonly string[],
  times = TIMES,
): Promise<ReadonlyMap<string, UnitState>> {
  const names = [...new Set(units)];
  const args = ['show', '--property', PROPERTIES.join(','), '--', ...names.map((unit) => `${unit}.service`)];
  const blocks = await retry(async () => blocksOf(await run('systemctl', args), names.length), times);
  return new Map(names.map((unit, place) => [unit, stateOf(blocks[place] ?? '')]));
}

/** One block for each unit, in the order of the arguments, with an empty line between two (systemctl-show.c). */
function blocksOf(output: Awaited<ReturnType<Sources['run']>>, count: number): readonly string[] {
  if (typeof output !== 'string')
    throw new HostP2pError(
      'STATE',
      `setup: systemd does not report the states of its units: ${output.missing}`,
    );
  const blocks = output.trim().split(/\n\n+/);
  if (blocks.length !== count || blocks.some((block) => !block.includes('LoadState=')))
    throw new HostP2pError('STATE', `setup: expected the states of ${count} units, got ${output}`);
  return blocks;
}

function stateOf(block: string): UnitState {
  const values = new Map(block.split('\n').map((line) => pair(line)));
  return {
    // One that is masked, or whose file is wrong, is there as well, and is not replaced.
    known: values.get('LoadState') !== 'not-found',
    // A generated one, as of netplan, starts at each boot and cannot be enabled.
    enabled: /^(?:enabled|generated)/.test(values.get('UnitFileState') ?? ''),
    active: ['active', 'activating', 'reloading'].includes(values.get('ActiveState') ?? ''),
  };
}

function pair(line: string): [key: string, value: string] {
  const [key = '', value = ''] = line.split('=');
  return [key, value];
}
