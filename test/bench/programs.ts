import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Paths of the programs. */
export interface Programs {
  readonly hostp2pd: string;
  readonly entryPoint: string;
  readonly fake: string;
  readonly bareClient: string;
}

/**
 * Compiles the C programs into `folder` and copies the built program there, so that a build in the meantime does not change
 * what is measured.
 * @returns the paths, or a sentence that says what is missing
 */
export function preparePrograms(folder: string): Programs | string {
  const compile = (name: string): string | null => {
    const target = join(folder, name);
    const args = ['-O2', '-Wall', '-o', target, join(ROOT, 'test/bench', `${name}.c`)];
    const { error, status, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
    if (error) return `no C compiler: cannot start cc (${error.message}); install gcc or clang`;
    return status === 0 ? null : `cc cannot compile ${name}.c:\n${stderr}`;
  };
  const problem = compile('fake-supplicant') ?? compile('bare-client');
  if (problem) return problem;
  for (const name of ['dist', 'package.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    hostp2pd: join(folder, 'dist/hostp2pd.cjs'),
    entryPoint: join(folder, 'dist/index.js'),
    fake: join(folder, 'fake-supplicant'),
    bareClient: join(folder, 'bare-client'),
  };
}
