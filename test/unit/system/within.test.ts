import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#src/system/within.js';

const never = new Promise<never>(() => {});

test('the result of work that ends in time, or its error', async () => {
  assert.equal(await within(10_000, Promise.resolve('done'), () => 'late'), 'done');
  await assert.rejects(
    within(10_000, Promise.reject(new Error('failed')), () => 'late'),
    /^Error: failed$/,
  );
});

test('at the time limit what the caller says, also an error; a later error of the work ends no process', async () => {
  assert.equal(await within(1, never, () => null), null);
  const late = () => {
    throw new Error('too late');
  };
  await assert.rejects(within(1, never, late), /^Error: too late$/);
  const fails = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('later')), 5));
  assert.equal(await within(1, fails, () => 'late'), 'late');
  await assert.rejects(fails, /later/);
});
