#!/usr/bin/env node
import { EXIT } from '../daemon/exit.js';
import { NODE_FIX, nodeCannotRun, OLDEST_NODE } from '../system/node-version.js';

/**
 * The executable. Its bundle contains only this file, in syntax that an old Node.js can read: a user whose Node.js cannot run the
 * program gets one line that says so.
 */

/** These work with older versions too, and the doctor tells more about them. */
const WITH_OLDER_NODE = ['doctor', 'version', '-V', '--version'];

const cannotRun = nodeCannotRun();

function refuse(): void {
  const found = process.versions.node;
  process.stderr.write(`hostp2pd: expected Node.js ${OLDEST_NODE} or later, got ${found}; ${NODE_FIX}\n`);
  process.exitCode = EXIT.usage;
}

// No top-level await: the bundle is CommonJS.
async function start(): Promise<void> {
  const { crash, main } = await import('../cli/main.js');
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    // Then it is no error of ours.
    if (cannotRun) throw error;
    crash(error);
  }
}

if (!cannotRun) void start();
else if (process.argv.some((word) => WITH_OLDER_NODE.includes(word))) start().catch(refuse);
else refuse();
