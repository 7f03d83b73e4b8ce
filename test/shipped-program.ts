import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The program as it is shipped: the bundles, which `npm run build` makes. */
export const HOSTP2PD = fileURLToPath(new URL('../../dist/hostp2pd.cjs', import.meta.url));

/** Written by tsc whenever it compiles a change. */
const COMPILED = fileURLToPath(new URL('../../.build/tsconfig.tsbuildinfo', import.meta.url));

const made = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (made(HOSTP2PD) < made(COMPILED))
  throw new Error(`${HOSTP2PD} is older than the compiled sources: run "npm run build"`);
