import type { Facts, InterfaceInUse } from '../facts.js';
import { fault, ok, unknown, type Verdict, warning } from '../finding.js';
import { channelsWithGroup } from './combinations.js';
import { isMissing } from './subject.js';

/** A radio for one channel at a time runs a group where its own connection is, or not at all. */
export function judgeChannel(facts: Facts): readonly Verdict[] {
  const { inUse } = facts.radios;
  if (isMissing(inUse)) return unknown(inUse.missing);
  const connection = connectionOf(facts, inUse);
  if (connection === null) return ok('the radio has no connection of its own');
  const { name, frequency } = connection;
  const channels = channelsWithGroup(facts);
  if (channels === null) return unknown('how many channels the radio can be on at once');
  if (channels > 1) return ok(`the group needs not share the channel of ${name}, ${frequency} MHz`);
  const shared = `the radio can be on one channel at a time, and ${name} is connected on ${frequency} MHz`;
  if (isRadar(frequency))
    return warning(
      `${shared}, a channel with radar detection, where most drivers allow no group`,
      `connect ${name} to a network on another channel: 1 to 11, 36 to 48 or 149 to 165`,
    );
  const option = /(?:^| )(freq=(\S+))/.exec(facts.configuration.settings.p2p_group_add_opts ?? '');
  const [, written, wanted = ''] = option ?? [];
  if (written !== undefined && !allows(wanted, frequency))
    return fault(
      `${shared}: a group with ${written} (p2p_group_add_opts) is refused`,
      `take ${written} out of p2p_group_add_opts, or connect ${name} to a network on that channel`,
    );
  return ok(`${shared}: the group will be there too`);
}

function connectionOf({ device }: Facts, inUse: readonly InterfaceInUse[]): Connection | null {
  const phys = device.radios.map(({ phy }) => phy);
  const found = inUse.find(({ phy, type, frequency }) => {
    return phys.includes(phy) && type === 'managed' && frequency !== null;
  });
  if (found?.name == null || found.frequency === null) return null;
  return { name: found.name, frequency: found.frequency };
}

interface Connection {
  readonly name: string;
  readonly frequency: number;
}

function allows(wanted: string, frequency: number): boolean {
  if (wanted === 'acs') return true;
  if (wanted === '2') return frequency < 2500;
  if (wanted === '5') return frequency >= 5000 && frequency < 5950;
  return Number(wanted) === frequency;
}

/** Channels 52 to 144, in nearly all countries. */
function isRadar(frequency: number): boolean {
  return frequency >= 5260 && frequency <= 5720;
}
