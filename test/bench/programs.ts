import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../bench', import.meta.url));

/** The compiled C programs. */
export interface Programs {
  readonly fake: string;
  readonly bareClient: string;
}

/** Compiles them into `folder`. @returns a sentence that says what is missing where that cannot be done */
export function compilePrograms(folder: string): Programs | string {
  const compile = (name: string): string | null => {
    const target = join(folder, name);
    const args = ['-O2', '-Wall', '-o', target, join(SOURCES, `${name}.c`)];
    const { error, status, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
    if (error) return `no C compiler: cc cannot be started (${error.message}); install gcc or clang`;
    return status === 0 ? null : `cc could not compile ${name}.c:\n${stderr}`;
  };
  const problem = compile('fake-supplicant') ?? compile('bare-client');
  return problem ?? { fake: join(folder, 'fake-supplicant'), bareClient: join(folder, 'bare-client') };
}
