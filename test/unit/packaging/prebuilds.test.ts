import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

interface Table {
  readonly architectures: readonly { readonly debian: string; readonly node: string }[];
  readonly nodes: readonly (Readonly<Record<string, string>> & { readonly major: number })[];
  readonly integrity: Readonly<Record<string, string>>;
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const table: Table = JSON.parse(read('packaging/prebuilds/table.json'));
const majors = table.nodes.map(({ major }) => String(major));

test('every package of the table is of the version that its line says, and has a digest', () => {
  const names = table.nodes.flatMap((node) =>
    table.architectures.flatMap(({ node: arch }) => node[arch] ?? []),
  );
  assert.deepEqual(names.sort(), Object.keys(table.integrity).sort());
  for (const node of table.nodes)
    for (const { node: arch } of table.architectures)
      assert.match(node[arch] ?? `@${node.major}.`, new RegExp(`@${node.major}\\.`));
  for (const digest of Object.values(table.integrity)) assert.match(digest, /^sha512-[\w+/]{86}==$/);
});

test('the program knows the names of these versions, and the Debian package has these architectures', () => {
  const source = read('src/wpa/native-addon.ts');
  for (const { abi, major } of table.nodes) assert.ok(source.includes(`['${abi}', '${major}']`), abi);
  const architectures = table.architectures.map(({ debian }) => debian).join(' ');
  assert.ok(read('packaging/debian/control').includes(`\nArchitecture: ${architectures}\n`));
  assert.ok(read('package.json').includes(`packaging/.build ${architectures}"`));
});

test('the documents name the versions of the table', () => {
  const list = `${majors.slice(0, -1).join(', ')} and ${majors.at(-1)}`;
  for (const path of ['packaging/README.md', 'packaging/docs/install.md', 'native-notes/unix-dgram.md'])
    assert.ok(read(path).replace(/\s+/g, ' ').includes(list), path);
});
