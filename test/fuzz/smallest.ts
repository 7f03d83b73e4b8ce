import { Session } from 'node:inspector/promises';
import type { Target } from './corpus.js';

/**
 * The fewest inputs, the short ones first, that together reach every part of the program that any of them reaches.
 * @param program the part of the URLs of its compiled files
 */
export async function smallest(
  { fuzz }: Target,
  inputs: readonly Buffer[],
  program: string,
): Promise<Buffer[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set<string>();
  const kept: Buffer[] = [];
  for (const input of [...inputs].sort((a, b) => a.length - b.length || Buffer.compare(a, b))) {
    await fuzz(input);
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const before = seen.size;
    for (const { url, functions } of result) {
      if (!url.includes(program)) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges)
          seen.add(`${url} ${startOffset} ${endOffset} ${count > 0}`);
    }
    if (seen.size > before) kept.push(input);
  }
  session.disconnect();
  return kept;
}
