import type { Scenario } from '../guest/scenario.js';
import { playTechniques } from './techniques.js';

const scenario: Scenario = {
  name: 'techniques-by-pin',
  title: 'five techniques by PIN: two phones join, leave and reconnect',
  suite: 'full',
  timeoutSeconds: 450,
  run: (lab) => playTechniques(lab, 'pin'),
};

export default scenario;
