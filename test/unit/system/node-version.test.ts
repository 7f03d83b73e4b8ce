import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodeCannotRun, nodeIsTooOld, OLDEST_NODE } from '#src/system/node-version.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');

test('the oldest supported Node.js is that of package.json, and all that names it has this version', () => {
  const { engines }: { engines: { node: string } } = JSON.parse(read('package.json'));
  assert.equal(engines.node, `>=${OLDEST_NODE}`);
  assert.ok(read('packaging/debian/control').includes(`nodejs (>= ${OLDEST_NODE})`));
  for (const path of [
    'README.md',
    '.github/CONTRIBUTING.md',
    'native-notes/control-interface.md',
    'packaging/debian/build.sh',
    'packaging/docs/install.md',
    'test/prepare.sh',
  ]) {
    const named = [...read(path).matchAll(/Node(?:\.js)? (\d+\.\d+) or later/g)].map(
      ([, version]) => version,
    );
    assert.deepEqual([...new Set(named)], [OLDEST_NODE], path);
  }
});

test('a Node.js is too old if its version comes before that', () => {
  for (const version of ['12.22.9', '18.20.4', '20.18.3']) assert.equal(nodeIsTooOld(version), true, version);
  for (const version of ['20.19.0', '22.0.0', '24.1.0', '100.0.0'])
    assert.equal(nodeIsTooOld(version), false, version);
  assert.equal(nodeIsTooOld(), false);
});

test('one that is only untested runs', () => {
  for (const version of ['12.22.9', '18.20.4', '19.9.0']) assert.equal(nodeCannotRun(version), true, version);
  for (const version of ['20.0.0', '20.11.0', '20.19.0', '26.1.0'])
    assert.equal(nodeCannotRun(version), false, version);
});
