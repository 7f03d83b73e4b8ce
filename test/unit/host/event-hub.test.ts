import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { EventHub } from '#src/host/event-hub.js';
import type { SessionEvent } from '#src/host/public-event.js';

const hub = () => new EventHub((_type, error) => assert.fail(String(error)));
const PAUSED: SessionEvent = { type: 'paused' };
const DONE = { done: true, value: undefined };

test('an iterator has the events since it was made, until the hub closes', async () => {
  const events = hub();
  const iterator = events.events();
  events.emit(PAUSED);
  events.emit({ type: 'resumed' });
  events.close();
  const types: string[] = [];
  for await (const { type } of iterator) types.push(type);
  assert.deepEqual(types, ['paused', 'resumed']);
  assert.deepEqual(await events.events().next(), DONE);
});

test('one that is given back before its first event collects nothing, and leaves no listener at the signal', async () => {
  const events = hub();
  const { signal } = new AbortController();
  const iterator = events.events(signal);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  assert.deepEqual(await iterator.return(), DONE);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  events.emit(PAUSED);
  assert.deepEqual(await iterator.next(), DONE);
});

test('one that waits for an event ends when it is given back, and not with the next event', async () => {
  const iterator = hub().events();
  const waiting = iterator.next();
  assert.deepEqual(await iterator.return(), DONE);
  assert.deepEqual(await waiting, DONE);
});

test('a stream of events that is destroyed ends its iterator', async () => {
  const events = hub();
  const { signal } = new AbortController();
  const iterator = events.events(signal);
  events.emit(PAUSED);
  await iterator.next();
  await assert.rejects(iterator.throw(new Error('destroyed')), /destroyed/);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a loop that is left ends its iterator', async () => {
  const events = hub();
  const { signal } = new AbortController();
  const iterator = events.events(signal);
  events.emit(PAUSED);
  for await (const event of iterator) {
    assert.equal(event, PAUSED);
    break;
  }
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
