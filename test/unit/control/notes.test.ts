import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { JOURNAL_ENTRIES } from '#src/commands/journal.js';
import { type ConnectionLimits, LIMITS } from '#src/control/connections.js';
import { HTTP_STATUS } from '#src/control/http-errors.js';
import { findRoute, routes } from '#src/control/routes.js';
import { HostP2pD } from '#src/host/host.js';
import { commandContext } from '../../fakes/command-context.js';

/** Compares native-notes/control-socket.md with the code. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const NOTES = readFileSync(join(ROOT, 'native-notes/control-socket.md'), 'utf8');

const host = new HostP2pD();
const context = commandContext(host);
const ROUTES = routes(context);

test('the document names exactly the existing paths', () => {
  const told = [...NOTES.matchAll(/^\| (GET|POST) \| `([^`]+)` \| .+ \|$/gm)].map(
    (row) => `${row[1]} ${row[2]}`,
  );
  assert.deepEqual(
    told,
    ROUTES.map(({ method, path }) => `${method} ${path}`),
  );
});

test('every curl line has an existing path and known parameters, and every path has a curl line', () => {
  const lines = NOTES.split('\n').filter((line) => line.startsWith('curl '));
  const reached = lines.map((line) => {
    const url = /'?(http:\/\/localhost\/[^' ]*)'?$/.exec(line)?.[1] ?? '';
    return findRoute(ROUTES, / -X POST | --json /.test(line) ? 'POST' : 'GET', new URL(url)).route;
  });
  const without = ROUTES.filter((route) => !reached.includes(route)).map(({ path }) => path);
  // It is the same as the other path.
  assert.deepEqual(without, ['/v1/metrics']);
});

test('every parameter is documented', () => {
  for (const { query } of ROUTES) for (const name of query) assert.ok(NOTES.includes(`${name}=`), name);
  assert.ok(NOTES.includes(`(at most ${JOURNAL_ENTRIES})`));
});

test('the limits are those of the code', () => {
  const bounds: Readonly<Record<keyof ConnectionLimits, string>> = {
    connections: 'connections',
    streams: 'streams of events',
    commands: 'commands at a time',
    bodyBytes: 'body of a request',
    headerBytes: 'headers of a request',
    headersMs: 'time for the headers',
    requestMs: 'time for its body',
    answerMs: 'time to read an answer',
    idleMs: 'time between two requests',
    waitingBytes: 'events that wait for a reader',
    closingMs: 'time for the last answers at the end',
  };
  for (const key of Object.keys(LIMITS) as (keyof ConnectionLimits)[]) {
    const value = LIMITS[key];
    const text = key.endsWith('Ms')
      ? `${value / 1000} s`
      : key.endsWith('Bytes')
        ? `${value} bytes`
        : `${value}`;
    assert.ok(NOTES.includes(`| ${bounds[key]} | ${text} | `), key);
  }
});

test('every HTTP status is documented', () => {
  const section = NOTES.slice(NOTES.indexOf('## Errors'), NOTES.indexOf('## Bounds'));
  const told = [...section.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap((row) => (row[1] ?? '').split(', '));
  for (const status of Object.values(HTTP_STATUS)) assert.ok(told.includes(String(status)), String(status));
});

test('the examples are JSON', () => {
  const examples = [...NOTES.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  assert.ok(examples.length >= 5);
  for (const example of examples) JSON.parse(example);
});
