import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Removes what the compiler made of sources that are gone. It would stay otherwise: a test that was renamed would run under its
 * old name too, and an import of a module that was deleted would still work.
 * Usage: remove-stale.js SOURCES COMPILED [SOURCES COMPILED ...]
 */
const folders = process.argv.slice(2);
for (const [index, sources] of folders.entries()) {
  const compiled = folders[index + 1];
  if (index % 2 === 1 || compiled === undefined) continue;
  for (const entry of readdirSync(compiled, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    const [, module] = /^(.*?)(?:\.d\.ts|\.js)$/.exec(relative(compiled, file)) ?? [];
    if (!entry.isFile() || module === undefined) continue;
    if (['ts', 'tsx'].some((ending) => existsSync(join(sources, `${module}.${ending}`)))) continue;
    rmSync(file);
    console.log(`removed ${file}: it has no source`);
  }
}
