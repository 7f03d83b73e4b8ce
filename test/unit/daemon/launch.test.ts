import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE_OPTIONS, optionsOfNode } from '#src/daemon/launch.js';

test('the daemon gets our options of Node.js, without those that the environment sets', () => {
  assert.deepEqual(optionsOfNode(''), NODE_OPTIONS);
  assert.deepEqual(optionsOfNode('--enable-source-maps'), NODE_OPTIONS);
  const [heap, young, threads] = NODE_OPTIONS;
  assert.deepEqual(optionsOfNode('--max_old_space_size=1024'), [young, threads]);
  assert.deepEqual(optionsOfNode('--max-semi-space-size=8 --v8-pool-size=4'), [heap]);
});
