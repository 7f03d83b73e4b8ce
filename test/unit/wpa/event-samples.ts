import type { EventFields, EventName } from '#src/wpa/event.js';
import { DEVICE_SIDE } from './samples-device-side.js';
import { GROUP_SIDE } from './samples-group-side.js';

interface Sample<T extends EventName> {
  /** The text after the event's name and a space. */
  readonly line: string;
  readonly fields: EventFields[T];
}

/** At least one real line for every event that the codec knows. */
export type Samples = { readonly [T in EventName]: readonly [Sample<T>, ...Sample<T>[]] };

export const SAMPLES: Samples = { ...DEVICE_SIDE, ...GROUP_SIDE };

/** Every sample with its name, as wpa_supplicant sends it. */
export const LINES: readonly { readonly name: string; readonly text: string; readonly fields: object }[] =
  Object.entries(SAMPLES).flatMap(([name, samples]) =>
    samples.map(({ line, fields }) => ({ name, text: `${name} ${line}`, fields })),
  );
