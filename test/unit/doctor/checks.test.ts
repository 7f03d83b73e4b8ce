import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHECKS, judgeAll } from '#src/doctor/checks.js';
import { holds } from './case.js';
import { configurationCases } from './cases-configuration.js';
import { hostCases } from './cases-hosts.js';
import { radioCases } from './cases-radio.js';
import { startCases } from './cases-start.js';
import { supplicantCases } from './cases-supplicant.js';
import { surroundingCases } from './cases-surroundings.js';
import { HEALTHY } from './healthy.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CASES = [
  ...configurationCases,
  ...supplicantCases,
  ...radioCases,
  ...surroundingCases,
  ...hostCases,
  ...startCases,
];

test('on a healthy machine each check gives one finding, what it has checked', () => {
  const findings = judgeAll(HEALTHY);
  assert.deepEqual(
    findings.filter(({ level }) => level !== 'ok'),
    [],
  );
  assert.deepEqual(
    findings.map(({ check }) => check),
    CHECKS.map(({ id }) => id),
  );
});

for (const one of CASES) test(one.what, () => holds(one));

test('each check has a case in which it finds something', () => {
  const found = new Set(CASES.flatMap(({ finds }) => Object.keys(finds)));
  assert.deepEqual([...found].sort(), CHECKS.map(({ id }) => id).sort());
});

test('the ids are unique and in kebab-case', () => {
  const ids = CHECKS.map(({ id }) => id);
  for (const id of ids) assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  assert.equal(new Set(ids).size, ids.length);
});

test('native-notes/doctor.md describes each check, in the order of the report', () => {
  const notes = readFileSync(`${ROOT}native-notes/doctor.md`, 'utf8');
  const rows = [...notes.matchAll(/^\| `([a-z0-9-]+)` \| (\S.*\S) \|$/gm)];
  assert.deepEqual(
    rows.map(([, id]) => id),
    CHECKS.map(({ id }) => id),
  );
});
