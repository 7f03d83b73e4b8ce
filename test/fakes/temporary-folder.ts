import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const made: string[] = [];

/**
 * A temporary folder, by its real path. It is removed after the test; without a test when the process ends, because Node 20
 * calls no "after" when "before" has failed.
 */
export function temporaryFolder(t?: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hostp2pd-test-')));
  made.push(folder);
  t?.after(() => remove(folder));
  return folder;
}

// What a test has started may end after its folder was removed, and write into it once more.
process.on('exit', () => made.forEach(remove));

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
