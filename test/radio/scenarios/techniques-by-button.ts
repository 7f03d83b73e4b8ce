import type { Scenario } from '../guest/scenario.js';
import { playTechniques } from './techniques.js';

const scenario: Scenario = {
  name: 'techniques-by-button',
  title: 'five techniques by push button: two phones join, leave and reconnect',
  suite: 'full',
  timeoutSeconds: 450,
  run: (lab) => playTechniques(lab, 'button'),
};

export default scenario;
