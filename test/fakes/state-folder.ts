import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the program keeps of a group must not go where an installed one keeps it; programs that are started inherit this. */
const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-state-'));
process.env['STATE_DIRECTORY'] = folder;
/** Nor must its PID file and control socket, and an installed one's lock must not be in the way. */
export const RUNTIME_FOLDER = mkdtempSync(join(tmpdir(), 'hostp2pd-run-'));
process.env['HOSTP2PD_RUNTIME_DIR'] = RUNTIME_FOLDER;
process.on('exit', () => {
  for (const made of [folder, RUNTIME_FOLDER]) rmSync(made, { recursive: true, force: true });
});
