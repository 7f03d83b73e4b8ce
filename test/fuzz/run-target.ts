import { fileURLToPath } from 'node:url';
import { OptionSource, OptionsManager, startFuzzing } from '@jazzer.js/core';

/** Fuzzes one target: the command line has its name, and the options and folders of libFuzzer. `fuzz.ts` starts it. */

const [name = '', ...fuzzerOptions] = process.argv.slice(2);
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** An input that takes longer breaks a rule. */
const SLOWEST_MS = 5_000;

const options = {
  fuzzTarget: at(`./targets/${name}.js`),
  includes: [at('../../../.build/')],
  excludes: ['node_modules'],
  disableBugDetectors: ['.*'],
  // The others wait for something.
  sync: name !== 'configuration' && name !== 'http',
  timeout: SLOWEST_MS,
  fuzzerOptions,
};
const manager = new OptionsManager(OptionSource.DefaultCLIOptions);
const { returnCode } = await startFuzzing(manager.merge(options, OptionSource.CommandLineArguments));
// A target may have a server open.
process.exit(returnCode);
