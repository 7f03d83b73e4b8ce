import type { Check } from '../finding.js';
import { addressChecks } from './addresses.js';
import { addressingChecks } from './addressing.js';
import { configurationChecks } from './configuration.js';
import { controlChecks } from './control.js';
import { fileChecks } from './files.js';
import { interfaceChecks } from './interface.js';
import { linkChecks } from './link-policy.js';
import { programChecks } from './program.js';
import { radioChecks } from './radio.js';
import { serviceChecks } from './services.js';
import { supplicantChecks } from './supplicant.js';

/** Every check, in the order of the report: what others depend on comes first. */
export const CHECKS: readonly Check[] = [
  ...programChecks,
  ...configurationChecks,
  ...supplicantChecks,
  ...controlChecks,
  ...interfaceChecks,
  ...radioChecks,
  ...addressChecks,
  ...linkChecks,
  ...serviceChecks,
  ...addressingChecks,
  ...fileChecks,
];
