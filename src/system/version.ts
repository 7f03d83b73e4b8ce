import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isRecord } from './values.js';

const MANIFEST = 'package.json';

/**
 * The folder of this package: the nearest one with a package.json, wherever the build has put this code. Node.js would load
 * much to find a package by its name.
 */
export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, MANIFEST)) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** Version of this package, as its package.json says. */
export function version(): string {
  const manifest: unknown = createRequire(import.meta.filename)(join(packageFolder(), MANIFEST));
  return isRecord(manifest) && 'version' in manifest ? String(manifest['version']) : 'unknown';
}

/** Whether a version such as `2.10-devel` comes before another one; false if it is no version. */
export function versionIsOlder(version: string, other: string): boolean {
  const [major, minor] = numbersOf(version);
  const [otherMajor, otherMinor] = numbersOf(other);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

function numbersOf(version: string): [major: number, minor: number] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
}
