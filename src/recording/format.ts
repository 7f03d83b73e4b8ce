import { formatProblems } from '../config/problem.js';
import type { Settings } from '../config/schema.js';
import { validate } from '../config/validate.js';
import type { Effect, Input, World } from '../session/messages.js';
import type { ConfigFile, SessionState, StoredGroup } from '../session/model.js';
import type { PhaseName } from '../session/phase.js';
import type { RadioBlock } from '../session/reasons.js';
import { HostP2pError } from '../system/errors.js';
import { describe, isRecord } from '../system/values.js';
import { parseEvent } from '../wpa/event.js';

/**
 * A recording: JSON lines. A head has everything that the session machine needs to go on from there. Each line after it is a
 * step: the input, the effects, and what the machine read from its world. A file may have several heads: the recorder writes one
 * when it starts, when it begins a file, and after steps that it could not write.
 */

/** Changes with the meaning of a line. */
const FORMAT = 1;

/** A known peer: device address, name, device type. */
export type RecordedPeer = readonly [address: string, name: string | null, deviceType: string | null];

/** What the machine has between two steps. */
export interface Position {
  /** Milliseconds of the session's clock. */
  readonly at: number;
  /** Empty before the session has its interface. */
  readonly deviceInterface: string;
  readonly settings: Settings;
  readonly stored: StoredGroup | null;
  /** The one seen last comes last. */
  readonly peers: readonly RecordedPeer[];
  readonly state: SessionState;
}

export interface Head extends Position {
  /** Of hostp2pd. */
  readonly version: string;
  /** The wall-clock time of `at`. */
  readonly time: Date;
  /** For a test fixture: where it comes from. */
  readonly origin?: string;
}

/** What a step read: what has changed since the step before, and the answers to what the machine asked, in order. */
export interface Readings {
  deviceInterface?: string;
  settings?: Settings;
  stored?: StoredGroup | null;
  configFile?: ConfigFile[];
  freshPin?: string[];
  radioBlock?: (RadioBlock | null)[];
}

export interface Step {
  readonly at: number;
  readonly input: Input;
  /** Text of the event, as wpa_supplicant sent it. */
  readonly text?: string | undefined;
  readonly effects: readonly Effect[];
  /** The next phase, where the step has changed it. */
  readonly phase?: PhaseName;
  /** The error that the machine threw: a bug. */
  readonly thrown?: string;
  readonly world?: Readings;
}

/** A head with its steps. */
export interface Segment {
  readonly head: Head;
  readonly steps: readonly (Step & {
    /** The number of its line in the file. */
    readonly line: number;
  })[];
}

export interface Recording {
  readonly segments: readonly Segment[];
  /** What a reader should know: lines that could not be used. */
  readonly notes: readonly string[];
}

/** Notes what the machine reads from its world. */
export function watched(world: World, into: Readings): World {
  const noted = <T>(key: 'configFile' | 'freshPin' | 'radioBlock', read: () => T) => {
    return (): T => {
      const answer = read();
      const answers: unknown[] = into[key] ?? [];
      answers.push(answer);
      Object.assign(into, { [key]: answers });
      return answer;
    };
  };
  const { configFile, freshPin, radioBlock } = world;
  return {
    ...world,
    configFile: noted('configFile', configFile),
    freshPin: noted('freshPin', freshPin),
    ...(radioBlock && { radioBlock: noted('radioBlock', radioBlock) }),
  };
}

// Writing.

/** The head as it is written. */
export function plainHead({ version, time, origin, ...position }: Head): object {
  return { recording: FORMAT, version, time: time.toISOString(), ...(origin && { origin }), ...position };
}

/** The step as it is written: an event as its text, which the reader parses again. */
export function plainStep({ at, input, text, effects, phase, thrown, world }: Step): object {
  return {
    at,
    input: input.type === 'event' ? { type: 'event', link: input.link, text } : input,
    effects,
    ...(phase !== undefined && { phase }),
    ...(thrown !== undefined && { thrown }),
    ...(world && { world }),
  };
}

/** For JSON, which has no maps and sets. */
export function encoded(value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  return value instanceof Set ? { $set: [...value] } : value;
}

/** What {@link encoded} has made of a value. */
export function decoded(_key: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { $map, $set } = value;
  if (Array.isArray($set)) return new Set($set);
  return Array.isArray($map) ? new Map($map) : value;
}

// Reading.

/**
 * Reads the text of a file. A line may be cut off where a power cut or a full disk has ended it: the rest is used.
 * @throws {HostP2pError} USAGE where it is no recording, or one of a newer version
 */
export function parseRecording(text: string): Recording {
  const segments: { head: Head; steps: Segment['steps'][number][] }[] = [];
  const notes: string[] = [];
  /** What is wrong with a line that could not be read. It must be the last one of its segment. */
  let cut: string | null = null;
  let early = 0;
  for (const [index, json] of text.split('\n').entries()) {
    const line = index + 1;
    if (json === '') continue;
    const value = parseLine(json);
    if (isRecord(value) && 'recording' in value) {
      segments.push({ head: parseHead(value, line), steps: [] });
      cut = null;
      continue;
    }
    if (cut !== null) throw wrong(cut);
    const step = parseStep(value, line);
    if (step === null) {
      cut = `line ${line}: expected a step in JSON, got ${describe(json)}`;
      if (segments.length > 0) notes.push(`line ${line} is cut off and is left out`);
      continue;
    }
    const segment = segments.at(-1);
    if (segment) segment.steps.push(step);
    else early++;
  }
  if (segments.length === 0) throw wrong('expected a recording of hostp2pd, got a file without a head');
  if (early > 0) notes.unshift(`${early} ${early === 1 ? 'step' : 'steps'} before the first head left out`);
  return { segments, notes };
}

/** A number of milliseconds that a date can show, whatever is added to it here. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < 1e14;
}

/** Null where it is no JSON. */
function parseLine(json: string): unknown {
  try {
    return JSON.parse(json, decoded);
  } catch {
    return null;
  }
}

function parseHead(value: Record<string, unknown>, line: number): Head {
  const { recording, version, time, origin, at, deviceInterface, stored, peers, state } = value;
  if (recording !== FORMAT)
    throw wrong(
      `line ${line}: expected a recording of format ${FORMAT}, got ${describe(recording)}, written by hostp2pd ${String(version)}; ` +
        'replay it with that version',
    );
  const expected = (what: string, got: unknown) => wrong(`line ${line}: ${what}, got ${describe(got, true)}`);
  if (!isTime(at)) throw expected('at: expected milliseconds', at);
  const date = new Date(String(time));
  if (!isTime(date.getTime())) throw expected('time: expected a time', time);
  if (typeof deviceInterface !== 'string')
    throw expected('deviceInterface: expected a name', deviceInterface);
  if (!Array.isArray(peers)) throw expected('peers: expected a list', peers);
  for (const peer of peers)
    if (!Array.isArray(peer)) throw expected('peers: expected a list for each peer', peer);
  if (!isRecord(state) || !isRecord(state['phase']) || typeof state['phase']['name'] !== 'string')
    throw expected('state: expected a state', state);
  if (stored !== null && !isRecord(stored)) throw expected('stored: expected a group or null', stored);
  return {
    version: String(version),
    time: date,
    ...(typeof origin === 'string' && { origin }),
    at,
    deviceInterface,
    settings: parseSettings(value['settings'], line),
    // The form inside is the business of the version that wrote it: another one shows a difference.
    stored: stored as StoredGroup | null,
    peers: peers as RecordedPeer[],
    state: state as unknown as SessionState,
  };
}

function parseStep(value: unknown, line: number): Segment['steps'][number] | null {
  if (!isRecord(value)) return null;
  const { at, input, effects, phase, thrown, world } = value;
  const ofEffects = Array.isArray(effects) && effects.every((effect) => isRecord(effect) && 'type' in effect);
  if (!isTime(at) || !isRecord(input) || typeof input['type'] !== 'string' || !ofEffects) return null;
  const { type, text } = input;
  if (type === 'event' && typeof text !== 'string') return null;
  if ((type === 'reply' || type === 'no-reply') && !isRecord(input['tag'])) return null;
  const link = input['link'] === 'group' ? 'group' : 'device';
  const readings = isRecord(world) ? world : {};
  const settings = 'settings' in readings ? parseSettings(readings['settings'], line) : undefined;
  return {
    at,
    line,
    // As above.
    ...(typeof text === 'string'
      ? { input: { type: 'event', link, event: parseEvent(text) }, text }
      : { input: input as Input }),
    effects: effects as Effect[],
    ...(typeof phase === 'string' && { phase: phase as PhaseName }),
    ...(typeof thrown === 'string' && { thrown }),
    world: { ...(readings as Readings), ...(settings && { settings }) },
  };
}

/** Settings that are newer than the recording have their defaults. */
function parseSettings(section: unknown, line: number): Settings {
  const { settings, problems } = validate(section, `line ${line}: settings`);
  if (problems.length > 0) throw wrong(formatProblems(problems));
  return settings;
}

function wrong(message: string): HostP2pError {
  return new HostP2pError('USAGE', message);
}
