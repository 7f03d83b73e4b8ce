#!/usr/bin/env node
import { crash, main } from '../cli/main.js';

// No top-level await: the bundle is CommonJS.
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
}, crash);
