import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';

/** A place in a bundle, as stacks have it. */
const PLACE = /(\/[^\s():]+\.cjs):(\d+):(\d+)/g;

/**
 * The stack of what was thrown, with the lines of src/. Node.js could do that for every error, but would then read all
 * source maps at the start.
 */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const maps = new Map<string, SourceMap | null>();
  return (error.stack ?? error.message).replace(
    PLACE,
    (place, file: string, line: string, column: string) => {
      const map = maps.get(file) ?? readMap(file);
      maps.set(file, map);
      const source = map?.findEntry(Number(line) - 1, Number(column) - 1);
      if (source === undefined || !('originalSource' in source)) return place;
      // The maps of the build have lines only.
      return `${resolve(dirname(file), source.originalSource)}:${source.originalLine + 1}`;
    },
  );
}

function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    // A package of npm has none.
    return null;
  }
}
