import type { PhaseName } from '#src/session/phase.js';
import { type AnyInput, Dialogue, GROUP, Phone, REMOVED } from './dialogue.js';

/** A session in each phase, for the tables of every-input.ts and every-event.ts. */

export const phone = new Phone(1, 'A');

const FIRST: Record<PhaseName, () => Dialogue> = {
  detached: () => new Dialogue().give({ type: 'start' }),
  inspecting: () => new Dialogue().up('device'),
  adopting: () => new Dialogue().up('device').reply('INTERFACES', `${GROUP}\n`),
  choosing: () => new Dialogue().toChoosing(),
  storing: () =>
    new Dialogue({ network_parms: ['ssid "DIRECT-xy"'] })
      .toChoosing()
      .reply('LIST_NETWORKS', '')
      .reply('ADD_NETWORK', '1\n'),
  awaiting: () => {
    const d = new Dialogue().toChoosing().answer({ kind: 'driver' }, 'capa.num_multichan_concurrent=1\n');
    return d.answer({ kind: 'networks' }, '');
  },
  announcing: () => new Dialogue().toChoosing().reply('LIST_NETWORKS', ''),
  forming: () => new Dialogue().toChoosing().reply('LIST_NETWORKS', '').hookDone('start_group'),
  running: () => new Dialogue().toRunning(),
  backoff: () => new Dialogue().toRunning().event('device', REMOVED),
  idle: () => new Dialogue({ activate_persistent_group: false }).toIdle(),
  stopping: () => new Dialogue().toRunning().give({ type: 'stop' }),
  ended: () => new Dialogue().toRunning().give({ type: 'stop' }).timer('stopping'),
};

/** Each call gives another session in that phase. The way into the phase takes longer than most tests, so it is gone once. */
export const PHASES = Object.fromEntries(
  Object.entries(FIRST).map(([phase, make]) => {
    const first = make();
    return [phase, () => first.copy()];
  }),
) as Record<PhaseName, () => Dialogue>;

export const LIVE: readonly PhaseName[] = [
  'detached',
  'inspecting',
  'adopting',
  'choosing',
  'storing',
  'awaiting',
  'announcing',
  'forming',
  'running',
  'backoff',
  'idle',
];
export const ATTACHED = LIVE.filter((phase) => phase !== 'detached');
export const NOWHERE: readonly PhaseName[] = [];

/** An input, and the phases in which it does something; everywhere else it is ignored on purpose. */
export type Case<I extends AnyInput = AnyInput> = readonly [input: I, handled: readonly PhaseName[]];
export type InputOf<T extends AnyInput['type']> = Extract<AnyInput, { readonly type: T }>;
