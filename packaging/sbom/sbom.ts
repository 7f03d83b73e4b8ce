import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianCopyright, plainLicenses } from './copyright.js';
import { cycloneDx } from './cyclonedx.js';
import { readModules } from './modules.js';

const USAGE = `usage: sbom.js cyclonedx FOLDER [FILE]
       sbom.js copyright FOLDER FILE
       sbom.js licenses FOLDER FILE
FOLDER has package.json, package-lock.json and node_modules.`;

/** Writes the bill of materials, or the list of licences, of a package. */
function main([form, folder, ...rest]: readonly string[]): void {
  if (folder === undefined) throw new Error(USAGE);
  const [program, ...modules] = readModules(folder);
  if (form === 'cyclonedx') {
    const [file = join(folder, `packaging/.build/${program.name}-${program.version}.cdx.json`)] = rest;
    write(file, cycloneDx(program, modules, buildTime()));
    console.log(file);
    return;
  }
  const [file] = rest;
  if (file === undefined) throw new Error(USAGE);
  if (form === 'copyright') write(file, debianCopyright(program, modules));
  else if (form === 'licenses') write(file, plainLicenses(modules));
  else throw new Error(USAGE);
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function buildTime(): Date {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  return epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
