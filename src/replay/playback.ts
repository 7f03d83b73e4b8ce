import { isDeepStrictEqual } from 'node:util';
import { PeerRegister } from '../host/peer-register.js';
import { decoded, encoded, type Readings, type Segment, type Step } from '../recording/format.js';
import { transition } from '../session/machine.js';
import type { Effect, World } from '../session/messages.js';
import type { SessionState } from '../session/model.js';
import { messageOf } from '../system/errors.js';

/** One step of a recording, and what the machine of this version makes of it. */
interface Played {
  readonly step: Segment['steps'][number];
  readonly before: SessionState;
  /** The same as `before` where the machine threw. */
  readonly after: SessionState;
  readonly effects: readonly Effect[];
  readonly thrown: string | null;
}

/** What the machine gets where it asks for more than was recorded. */
const OTHER_PIN = '00000017';

/** Gives the recorded inputs to the machine of this version, each to the state after the one before. */
export function* play({ head, steps }: Segment): Generator<Played, void, undefined> {
  const peers = new PeerRegister();
  for (const [address, name, deviceType] of head.peers) peers.remember(address, name, deviceType);
  let { deviceInterface, settings, stored, state } = head;
  for (const step of steps) {
    const { at, input, world: readings = {} } = step;
    if (readings.deviceInterface !== undefined) deviceInterface = readings.deviceInterface;
    if (readings.settings !== undefined) settings = readings.settings;
    if (readings.stored !== undefined) stored = readings.stored;
    const world: World = {
      now: at,
      ...{ deviceInterface, settings, stored },
      peerName: (address) => peers.name(address),
      ...answers(readings),
    };
    const before = state;
    try {
      const decision = transition(state, input, world);
      state = decision.state;
      yield { step, before, after: state, effects: decision.effects, thrown: null };
    } catch (error) {
      yield { step, before, after: before, effects: [], thrown: messageOf(error) };
    }
    for (const effect of step.effects)
      if (effect.type === 'remember') peers.remember(effect.address, effect.name, effect.deviceType);
  }
}

/** The answers that were recorded, in order; then the last one again. */
function answers({
  configFile = [],
  freshPin = [],
  radioBlock = [],
}: Readings): Pick<World, 'configFile' | 'freshPin' | 'radioBlock'> {
  const counts = { configFile: 0, freshPin: 0, radioBlock: 0 };
  return {
    configFile: () => configFile[counts.configFile++] ?? configFile.at(-1) ?? 'shared',
    freshPin: () => freshPin[counts.freshPin++] ?? OTHER_PIN,
    radioBlock: () => radioBlock[counts.radioBlock++] ?? radioBlock.at(-1) ?? null,
  };
}

export interface Difference {
  readonly step: Segment['steps'][number];
  /** What is recorded, and what this version does, as JSON. */
  readonly recorded: string;
  readonly got: string;
}

/** The first step to which the machine of this version answers in another way; null if there is none. */
export function firstDifference(segment: Segment): Difference | null {
  for (const played of play(segment)) {
    const difference = differenceIn(played);
    if (difference !== null) return { step: played.step, ...difference };
  }
  return null;
}

function differenceIn({ step, before, after, effects, thrown }: Played): Omit<Difference, 'step'> | null {
  const phase = before.phase.name === after.phase.name ? undefined : after.phase.name;
  const recorded = resultOf(step);
  const got = resultOf({ effects: asRecorded(effects), phase, thrown: thrown ?? undefined });
  for (const [index, part] of recorded.entries())
    if (!isDeepStrictEqual(part, got[index])) return shown(part, got[index]);
  return recorded.length < got.length ? shown(undefined, got[recorded.length]) : null;
}

/** In the order in which a difference is looked for. */
function resultOf({
  effects,
  phase,
  thrown,
}: { [K in 'effects' | 'phase' | 'thrown']?: Step[K] | undefined }) {
  return [{ thrown: thrown ?? null }, ...(effects ?? []), { phase: phase ?? 'as before' }];
}

/** As they come back from a file. */
function asRecorded(effects: readonly Effect[]): readonly Effect[] {
  return JSON.parse(
    JSON.stringify(effects, (_key, member: unknown) => encoded(member)),
    decoded,
  );
}

function shown(recorded: unknown, got: unknown): Omit<Difference, 'step'> {
  return { recorded: JSON.stringify(recorded) ?? 'nothing', got: JSON.stringify(got) ?? 'nothing' };
}
