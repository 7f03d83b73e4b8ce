import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);
/** A package finds itself by its name, wherever the build has put this code. */
const MANIFEST = 'hostp2pd/package.json';

/** The folder of this package. */
export function packageFolder(): string {
  return dirname(require.resolve(MANIFEST));
}

/** Version of this package, as its package.json says. */
export function version(): string {
  const manifest: unknown = require(MANIFEST);
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
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
