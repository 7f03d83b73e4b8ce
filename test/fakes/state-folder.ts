import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Keeps the tests away from the files of an installed program: its groups. Child processes inherit this. */
const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-state-'));
process.env['STATE_DIRECTORY'] = folder;
/** Its PID file, control socket and lock. */
const RUNTIME_FOLDER = mkdtempSync(join(tmpdir(), 'hostp2pd-run-'));
process.env['HOSTP2PD_RUNTIME_DIR'] = RUNTIME_FOLDER;
process.on('exit', () => {
  for (const made of [folder, RUNTIME_FOLDER]) rmSync(made, { recursive: true, force: true });
});
