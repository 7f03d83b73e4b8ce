import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the program keeps of a group must not go where an installed one keeps it; programs that are started inherit this. */
const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-state-'));
process.env['STATE_DIRECTORY'] = folder;
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
