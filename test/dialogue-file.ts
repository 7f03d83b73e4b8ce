import type { Step } from '#src/host/runner.js';
import type { Effect, Input } from '#src/session/messages.js';
import { parseEvent } from '#src/wpa/event.js';

/**
 * A recorded dialogue with the session core, as JSON lines: first its origin and the settings, then one line for each step. Events
 * are stored as wpa_supplicant's text, and parsed again by the reader.
 */
export interface DialogueHead {
  readonly origin: string;
  readonly deviceInterface: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface DialogueStep {
  readonly at: number;
  readonly input: Input;
  readonly effects: readonly Effect[];
}

export function formatStep({ at, input, text, effects }: Step): string {
  const plain = input.type === 'event' ? { type: 'event', link: input.link, text } : input;
  // Raw events for listeners are not effects of the session core.
  return JSON.stringify({ at, input: plain, effects });
}

export function parseDialogue(file: string): {
  readonly head: DialogueHead;
  readonly steps: readonly DialogueStep[];
} {
  const [first = '', ...lines] = file.split('\n').filter((line) => line !== '');
  const steps = lines.map((line): DialogueStep => {
    const step: {
      at: number;
      input: { type: string; link: 'device' | 'group'; text?: string };
      effects: Effect[];
    } = JSON.parse(line);
    const { text } = step.input;
    const input =
      text === undefined ? step.input : { type: 'event', link: step.input.link, event: parseEvent(text) };
    return { at: step.at, input: input as Input, effects: step.effects };
  });
  return { head: JSON.parse(first), steps };
}
