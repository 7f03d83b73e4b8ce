import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './temporary-folder.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where a package has the addon that is built for this Node.js. */
export const PREBUILT = `prebuilds/linux-${process.arch}-abi${process.versions.modules}/unix_dgram.node`;

/** The addon with which the tests of this checkout run. */
export const ADDON = existsSync(join(ROOT, PREBUILT))
  ? join(ROOT, PREBUILT)
  : join(ROOT, 'node_modules/unix-dgram/build/Release/unix_dgram.node');

export interface PackageParts {
  /** What is installed of unix-dgram; null: nothing. `sources`: as npm unpacks it, not compiled. */
  readonly unixDgram: 'sources' | 'no sources' | null;
  /** The compiled folders that are needed. */
  readonly compiled?: readonly string[];
  /** Further files: a path below the package, and its content or the file to copy. */
  readonly files?: Readonly<Record<string, Buffer | string>>;
}

/** A copy of this package with its modules, but with another native addon. */
export function packageCopy(t: TestContext, parts: PackageParts): string {
  const { unixDgram, compiled = ['dist'], files = {} } = parts;
  const root = temporaryFolder(t);
  for (const folder of compiled) cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(root, 'node_modules'));
  for (const name of readdirSync(modules))
    if (name !== 'unix-dgram') symlinkSync(join(modules, name), join(root, 'node_modules', name));
  if (unixDgram !== null) {
    const names = ['package.json', 'lib', ...(unixDgram === 'sources' ? ['binding.gyp', 'src'] : [])];
    for (const name of names)
      cpSync(join(modules, 'unix-dgram', name), join(root, 'node_modules/unix-dgram', name), {
        recursive: true,
      });
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (typeof content === 'string') cpSync(content, join(root, path));
    else writeFileSync(join(root, path), content);
  }
  return root;
}
