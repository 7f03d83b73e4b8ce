import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { type Configuration, loadConfiguration, reviewConfiguration } from '#src/config/load.js';
import { formatProblems } from '#src/config/problem.js';
import { SETTINGS } from '#src/config/schema.js';
import type { KeySpec } from '#src/config/table.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Checks what packaging/docs/from-python.md says about the configuration file. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const ORIGINAL = join(ROOT, 'test/fixtures/python-original.yaml');
const DOCUMENT = readFileSync(join(ROOT, 'packaging/docs/from-python.md'), 'utf8');

/** As it is installed: only its owner may read it. */
function installed(t: TestContext): string {
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  copyFileSync(ORIGINAL, file);
  chmodSync(file, 0o600);
  return file;
}

function keysOf(section: object): string[] {
  return Object.entries(section).flatMap(([key, value]) =>
    key === 'select_timeout_secs' ? Object.keys(value).map((inner) => `${key}.${inner}`) : [key],
  );
}

function sections(): { readonly hostp2pd: Record<string, unknown>; readonly logging: unknown } {
  const content = load(readFileSync(ORIGINAL, 'utf8'));
  assert.ok(typeof content === 'object' && content !== null);
  assert.ok('hostp2pd' in content && 'logging' in content);
  const { hostp2pd, logging } = content;
  assert.ok(typeof hostp2pd === 'object' && hostp2pd !== null);
  return { hostp2pd: { ...hostp2pd }, logging };
}

test('a file of the Python program with every key loads, and every value is used', async (t) => {
  const file = installed(t);
  const { settings, logging, warnings }: Configuration = await loadConfiguration({ file });
  const { hostp2pd } = sections();
  for (const [key, value] of Object.entries(hostp2pd)) {
    if (key === 'config_parms') continue;
    const wanted = value === 'None' ? null : value;
    const found: unknown = Reflect.get(settings, key);
    // Null means the same here.
    if (key === 'wpa_supplicant_min_err_warn') assert.ok(found === null || found === 0);
    else assert.deepEqual(found, wanted, key);
  }
  assert.deepEqual(settings.config_parms, {
    update_config: '1',
    device_name: 'DIRECT-test',
    device_type: '6-0050F204-1',
    os_version: '01020300',
    p2p_go_intent: '15',
    persistent_reconnect: '1',
    country: 'IT',
  });
  assert.deepEqual(logging, {
    level: 'warning',
    file: '/var/log/hostp2pd.log',
    max_size: 500_000,
    max_files: 3,
    console: 'error',
  });
  const told = formatProblems(warnings);
  assert.match(told, /logging: Python's logging form/);
});

test('refused in such a file: a Python module for the PIN, and a PIN without quotes', async () => {
  for (const [from, to, path] of [
    ['pin_module: None', 'pin_module: my_pins', 'hostp2pd.pin_module'],
    ['pin: "52107733"', 'pin: 52107733', 'hostp2pd.pin'],
  ] as const) {
    const text = readFileSync(ORIGINAL, 'utf8').replace(from, to);
    const review = await reviewConfiguration({ file: '-', stdin: Readable.from([Buffer.from(text)]) });
    assert.deepEqual(
      review.problems.map((problem) => problem.path),
      [path],
    );
  }
});

test('the document has a row for each key, and calls the same keys ignored as the schema', () => {
  const rows = new Map(
    [...DOCUMENT.matchAll(/^\| `([a-z0-9_.]+)` \| (same|differs|ignored)\b/gm)].map(
      ([, key = '', fate = '']) => [key, fate],
    ),
  );
  assert.deepEqual([...rows.keys()].sort(), keysOf(sections().hostp2pd).sort());
  const ignored = Object.entries<KeySpec>(SETTINGS)
    .filter(([, spec]) => 'ignoredBecause' in spec)
    .map(([key]) => key);
  assert.deepEqual(
    [...rows]
      .filter(([, fate]) => fate === 'ignored')
      .map(([key]) => key)
      .sort(),
    ignored.sort(),
  );
});
