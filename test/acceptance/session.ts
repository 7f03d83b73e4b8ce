import type { Box } from './box.js';
import { Interrupted, type Person } from './person.js';

/** What the steps share. */
export interface Session {
  readonly box: Box;
  readonly person: Person;
  /** Device address of the phone that has joined by Wi-Fi Direct. */
  phone: string | null;
  /** How long the box waits for an event. */
  readonly patienceSeconds: number;
}

/** A step cannot run here. */
export class NotRun extends Error {}

const POLL_MS = 100;
/** For what hostp2pd has to ask wpa_supplicant about, which is logged. */
export const RARELY_MS = 500;

/** Looks repeatedly, for at most `seconds`; false: it did not come. @throws {Interrupted} */
export async function poll<T>(
  { person }: Pick<Session, 'person'>,
  seconds: number,
  look: () => Promise<T | false>,
  everyMs = POLL_MS,
): Promise<T | false> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== false) return found;
    if (person.interrupted.aborted) throw new Interrupted();
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
