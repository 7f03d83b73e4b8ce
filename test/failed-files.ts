import type { TestEvent } from 'node:test/reporters';

/** A reporter of `node --test`: the test files in which something failed, one a line. */
export default async function* failedFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const told = new Set<string>();
  for await (const { type, data } of events) {
    if (type !== 'test:fail') continue;
    // A file that ends by itself has no `file`, and its path as the name.
    const file = data.file ?? data.name;
    if (!told.has(file)) yield `${file}\n`;
    told.add(file);
  }
}
