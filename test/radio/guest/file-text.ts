import { readFileSync } from 'node:fs';

/** The text of a file; empty where there is none. A link to the newest log, or a control group, can go away at any moment. */
export function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
