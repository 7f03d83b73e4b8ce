import assert from 'node:assert/strict';
import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { defaultConfiguration } from '#src/config/load.js';
import { LOGGING, SETTINGS } from '#src/config/schema.js';
import type { Table } from '#src/config/table.js';
import { configurationOf } from '#src/host/options.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const EXAMPLE = fileURLToPath(new URL('../../../../config/hostp2pd.yaml', import.meta.url));

/** The keys of a table with their defaults, nested as in the file. */
function plainDefaults(table: Table): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([key, spec]) => {
      return [key, spec.type === 'object' ? plainDefaults(spec.keys) : spec.default];
    }),
  );
}

/**
 * The Debian package installs the file as it is: the service refuses the default PIN, and a phone without an address leaves again.
 * The default of `addressing` stays that of the Python program of the same name, whose files work.
 */
const OWN = { pin: 'random', addressing: 'dnsmasq' } as const;

test("the example has exactly the schema's keys, each with its default, but for what a first phone needs", async () => {
  assert.deepEqual(load(await readFile(EXAMPLE, 'utf8')), {
    hostp2pd: { ...plainDefaults(SETTINGS), ...OWN },
    logging: plainDefaults(LOGGING),
  });
});

test('the example, installed as its comment says, loads without problems or warnings', async (t) => {
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  await copyFile(EXAMPLE, file);
  await chmod(file, 0o600);
  const { settings } = defaultConfiguration();
  const loaded = await configurationOf({ configFile: file, refuseDefaultPin: true });
  const { logging, given } = defaultConfiguration();
  assert.deepEqual(loaded, {
    ...{ logging, given, warnings: [], settings: { ...settings, ...OWN } },
    source: { kind: 'file', path: file },
  });
});

test('the example explains every key of the schema in a comment above it', async () => {
  const lines = (await readFile(EXAMPLE, 'utf8')).split('\n');
  const bare = lines.filter((line, index) => {
    const isKey = /^ +\w+:/.test(line);
    return isKey && !lines[index - 1]?.trimStart().startsWith('#');
  });
  assert.deepEqual(bare, []);
});
