import { temporaryFolder } from './temporary-folder.js';

/** Keeps the tests away from the files of an installed program: its groups. Child processes inherit this. */
process.env['STATE_DIRECTORY'] = temporaryFolder();
/** Its PID file, control socket and lock. */
process.env['HOSTP2PD_RUNTIME_DIR'] = temporaryFolder();
