import { appendFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { getHeapStatistics } from 'node:v8';

/**
 * Loaded into the program under test with `--import`: at SIGUSR2 it collects all garbage, and appends the bytes that are still
 * in use to the file that {@link HEAP_REPORT} names, one line each time.
 */
export const HEAP_REPORT = 'HOSTP2PD_LAB_HEAP_REPORT';

const file = process.env[HEAP_REPORT];
if (file !== undefined)
  process.on('SIGUSR2', () => {
    const session = new Session();
    session.connect();
    session.post('HeapProfiler.collectGarbage', () => {
      // To disconnect inside of the answer crashes Node.js 20.
      setImmediate(() => {
        session.disconnect();
        appendFileSync(file, `${getHeapStatistics().used_heap_size}\n`);
      });
    });
  });
