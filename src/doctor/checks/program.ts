import { type Check, fault, ok } from '../finding.js';
import { olderThan } from './versions.js';

/** As `engines` in package.json has it. */
export const OLDEST_NODE = '20.19';

export const programChecks: readonly Check[] = [
  {
    id: 'node-version',
    looksAt: 'the version of Node.js',
    judge: ({ nodeVersion }) =>
      olderThan(nodeVersion, OLDEST_NODE)
        ? fault(
            `Node.js ${nodeVersion} is too old`,
            `install Node.js ${OLDEST_NODE} or later (https://nodejs.org)`,
          )
        : ok(`Node.js ${nodeVersion}`),
  },
];
