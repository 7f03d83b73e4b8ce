import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PeerRegister } from '#src/host/peer-register.js';
import { decoded, encoded, parseRecording, type Segment } from '#src/recording/format.js';
import { Recorder } from '#src/recording/recorder.js';
import { transition } from '#src/session/machine.js';
import type { Input, World } from '#src/session/messages.js';
import { INITIAL, type SessionState } from '#src/session/model.js';
import { parseEvent } from '#src/wpa/event.js';
import { CapturedLog } from './captured-log.js';

const DIALOGUE = fileURLToPath(new URL('../../fixtures/dialogues/operator-session.jsonl', import.meta.url));
export function dialogue(): Segment {
  const [segment] = parseRecording(readFileSync(DIALOGUE, 'utf8')).segments;
  assert.ok(segment);
  return segment;
}

/** A session that is recorded: the machine with the world of a recorded dialogue. */
export class RecordedSession {
  readonly log = new CapturedLog();
  readonly file: string;
  readonly #peers = new PeerRegister();
  readonly #segment = dialogue();
  #world: Pick<World, 'settings' | 'deviceInterface' | 'stored'>;
  #state: SessionState = INITIAL;
  #now: number;
  #recorder: Recorder | undefined;

  constructor(file: string) {
    const { at, settings, deviceInterface, stored } = this.#segment.head;
    this.file = file;
    this.#now = at;
    this.#world = { settings, deviceInterface, stored };
  }

  async record(): Promise<void> {
    this.#recorder = new Recorder({
      file: this.file,
      logger: this.log,
      position: () => ({ ...this.#world, at: this.#now, state: this.#state, peers: this.#peers.recorded }),
    });
    await this.#recorder.open();
  }

  /** The steps of the dialogue with these numbers. */
  play(from: number, to?: number): void {
    for (const { at, input, text, world = {} } of this.#segment.steps.slice(from, to)) {
      const { deviceInterface, stored } = world;
      if (deviceInterface !== undefined) this.#world = { ...this.#world, deviceInterface };
      if (stored !== undefined) this.#world = { ...this.#world, stored };
      this.#now = Math.max(at, this.#now);
      this.give(input, text);
    }
  }

  event(text: string): void {
    this.give({ type: 'event', link: 'device', event: parseEvent(text) }, text);
  }

  give(input: Input, text?: string): void {
    const own: World = {
      ...this.#world,
      now: this.#now,
      configFile: () => 'shared',
      freshPin: () => '51704711',
      peerName: (address) => this.#peers.name(address),
    };
    const world = this.#recorder?.watch(own) ?? own;
    const before = this.#state.phase.name;
    const { state, effects } = transition(this.#state, input, world);
    this.#state = state;
    for (const effect of effects)
      if (effect.type === 'remember') this.#peers.remember(effect.address, effect.name, effect.deviceType);
    const { name } = state.phase;
    this.#recorder?.note(
      { at: this.#now, input, text, effects, ...(name !== before && { phase: name }) },
      world,
    );
  }

  async close(): Promise<void> {
    await this.#recorder?.close();
  }

  files(): string[] {
    const folder = dirname(this.file);
    return readdirSync(folder)
      .filter((name) => /^s-.*\.jsonl$/.test(name))
      .map((name) => join(folder, name))
      .sort(
        (one, other) =>
          Number(/\.(\d+)\.jsonl/.exec(one)?.[1] ?? 0) - Number(/\.(\d+)\.jsonl/.exec(other)?.[1] ?? 0),
      );
  }
}

/** A state as it comes back from the head of a recording. */
export function throughJson(state: SessionState): unknown {
  return JSON.parse(
    JSON.stringify(state, (_key, value: unknown) => encoded(value)),
    decoded,
  );
}
