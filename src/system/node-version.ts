import { versionIsOlder } from './version.js';

/** As `engines` in package.json; a test compares them. */
export const OLDEST_NODE = '20.19';

/** From this one on the program runs, though nobody tests it with less than {@link OLDEST_NODE}. The doctor reports that. */
const OLDEST_THAT_RUNS = '20.0';

/** What to do if Node.js is too old. */
export const NODE_FIX = `install ${OLDEST_NODE} or later: an archive of https://nodejs.org/en/download below /usr/local, or the packages of https://github.com/nodesource/distributions; of the distributions, Debian 13 and Raspberry Pi OS trixie are the first to have it`;

/** @param version such as `20.19.0`; default: of this Node.js */
export function nodeIsTooOld(version = process.versions.node): boolean {
  return versionIsOlder(version, OLDEST_NODE);
}

/** The same, for one with which the program cannot run. */
export function nodeCannotRun(version = process.versions.node): boolean {
  return versionIsOlder(version, OLDEST_THAT_RUNS);
}
