import { test } from 'node:test';
import fc from 'fast-check';
import { stories } from '../../model/story.js';

test('after any disturbances the state of the session agrees with that of wpa_supplicant, and stop ends it', () => {
  // "npm run soak" looks for more, with other seeds.
  fc.assert(stories, { seed: 1, numRuns: 150 });
});
