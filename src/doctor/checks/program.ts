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
  {
    id: 'addon',
    looksAt:
      'whether the native module was compiled for this Node.js; without it wpa_supplicant cannot be asked',
    judge: ({ addonProblem }) => {
      if (addonProblem === null) return ok('loaded');
      const [problem = '', cure] = addonProblem.split(/; (?=run )/);
      return fault(problem, cure ?? 'install hostp2pd again');
    },
  },
];
