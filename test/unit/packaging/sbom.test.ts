import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('../../../../packaging/sbom/.build/sbom.js', import.meta.url));
const MIT = 'MIT License\n\nCopyright (c) 2020 Somebody <somebody@example.org>\n\nPermission is granted.\n';

/** Modules as npm installs them: `shared` is there twice, in two versions, and `tool` is not shipped. */
const MODULES = {
  '': { name: 'box', version: '1.2.3', license: 'MIT', dependencies: { '@scope/upper': '*', shared: '*' } },
  'node_modules/@scope/upper': {
    name: '@scope/upper',
    version: '2.0.0',
    license: '(MIT OR Apache-2.0)',
    dependencies: { shared: '*' },
  },
  'node_modules/@scope/upper/node_modules/shared': { name: 'shared', version: '1.0.0', license: 'ISC' },
  'node_modules/shared': { name: 'shared', version: '2.0.0', license: { type: 'ISC' } },
  'node_modules/tool': { name: 'tool', version: '3.0.0', license: 'GPL-3.0' },
};

function plant(t: TestContext): string {
  const folder = temporaryFolder(t);
  const packages: Record<string, object> = {};
  for (const [path, manifest] of Object.entries(MODULES)) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, path, 'LICENSE'), MIT);
    const dev = path.endsWith('/tool') ? { dev: true } : {};
    packages[path] = { version: manifest.version, integrity: 'sha512-q80=', ...dev };
  }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  return folder;
}

function make(form: string, folder: string, ...rest: readonly string[]) {
  const file = join(folder, 'made');
  const env = { ...process.env, SOURCE_DATE_EPOCH: '86400' };
  const ended = spawnSync(process.execPath, [PROGRAM, form, folder, ...rest, file], {
    encoding: 'utf8',
    env,
  });
  return { ...ended, text: ended.status === 0 ? readFileSync(file, 'utf8') : '' };
}

test('the SBOM has the shipped modules, by path, and their dependencies', (t) => {
  const { text } = make('cyclonedx', plant(t));
  const bom = JSON.parse(text);
  assert.equal(bom.metadata.timestamp, '1970-01-02T00:00:00.000Z');
  assert.equal(bom.metadata.component.purl, 'pkg:npm/box@1.2.3');
  assert.deepEqual(
    bom.components.map((component: { purl: string }) => component.purl),
    ['pkg:npm/%40scope/upper@2.0.0', 'pkg:npm/shared@1.0.0', 'pkg:npm/shared@2.0.0'],
  );
  const inner = 'shared@1.0.0#node_modules/@scope/upper/node_modules/shared';
  assert.deepEqual(bom.dependencies, [
    { ref: 'box@1.2.3', dependsOn: ['@scope/upper@2.0.0', 'shared@2.0.0'] },
    { ref: '@scope/upper@2.0.0', dependsOn: [inner] },
    { ref: inner, dependsOn: [] },
    { ref: 'shared@2.0.0', dependsOn: [] },
  ]);
  assert.deepEqual(bom.components[0].licenses, [{ expression: '(MIT OR Apache-2.0)' }]);
  assert.deepEqual(bom.components[2].licenses, [{ license: { id: 'ISC' } }]);
  assert.deepEqual(bom.components[0].hashes, [{ alg: 'SHA-512', content: 'abcd' }]);
  assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('the same modules and time give the same text', (t) => {
  assert.equal(make('cyclonedx', plant(t)).text, make('cyclonedx', plant(t)).text);
});

test('the list of licences has a stanza for each, with copyright holders, Debian’s name of the licence, and the text', (t) => {
  const { text } = make('copyright', plant(t));
  const [, own, upper, ...others] = text.trimEnd().split('\n\n');
  assert.match(own ?? '', /^Files: \*\n/);
  assert.equal(
    upper,
    `Files: node_modules/@scope/upper/*
Copyright: 2020 Somebody <somebody@example.org>
License: Expat or Apache-2.0
 MIT License
 .
 Copyright (c) 2020 Somebody <somebody@example.org>
 .
 Permission is granted.
Comment: @scope/upper 2.0.0`,
  );
  assert.equal(others.length, 2);
});

test('a bundled module names the files that contain it, and only dependencies are bundled', (t) => {
  const folder = plant(t);
  mkdirSync(join(folder, '.build'));
  const note = (bundled: object) =>
    writeFileSync(join(folder, '.build/packages.json'), JSON.stringify(bundled));
  note({ 'node_modules/shared': ['log.cjs', 'session.cjs'] });
  assert.match(
    make('copyright', folder).text,
    /^Comment: shared 2\.0\.0, dist\/log\.cjs, dist\/session\.cjs$/m,
  );
  note({ 'node_modules/tool': ['log'] });
  const { status, stderr } = make('copyright', folder);
  assert.deepEqual(
    [status, stderr],
    [1, 'bundled, but not a dependency of the program: node_modules/tool\n'],
  );
});

test('the npm package gets the licences as plain text', (t) => {
  const { text } = make('licenses', plant(t));
  const parts = text.split(`\n\n${'-'.repeat(72)}\n\n`);
  assert.equal(parts[0], `@scope/upper 2.0.0: (MIT OR Apache-2.0)\n\n${MIT.trim()}`);
  assert.equal(parts.length, 3);
});

test('the Apache License is referenced, because every Debian system has it', (t) => {
  const folder = plant(t);
  const text = '\n   Apache License\n   Version 2.0, January 2004\n\nmany words\n';
  writeFileSync(join(folder, 'node_modules/shared/LICENSE'), text);
  const made = make('copyright', folder).text;
  assert.match(made, /\/usr\/share\/common-licenses\/Apache-2\.0/);
  assert.doesNotMatch(made, /many words/);
});

for (const [what, spoil, says] of [
  [
    'without the text of its licence',
    (folder: string) => rmSync(join(folder, 'node_modules/shared/LICENSE')),
    /^node_modules\/shared: no file with the licence \(ISC\)$/m,
  ],
  [
    'that names no licence',
    (folder: string) =>
      writeFileSync(join(folder, 'node_modules/shared/package.json'), '{"name":"shared","version":"2.0.0"}'),
    /^node_modules\/shared: no licence in package\.json$/m,
  ],
  [
    'with another version than in the lock file',
    (folder: string) =>
      writeFileSync(
        join(folder, 'node_modules/shared/package.json'),
        '{"name":"shared","version":"2.0.1","license":"ISC"}',
      ),
    /^node_modules\/shared: expected version 2\.0\.0 of package-lock\.json, found 2\.0\.1$/m,
  ],
  [
    'that is not in the lock file',
    (folder: string) => {
      mkdirSync(join(folder, 'node_modules/@scope/stray'));
    },
    /^installed, but not in package-lock\.json: node_modules\/@scope\/stray$/m,
  ],
] as const)
  test(`a module ${what} is refused by name`, (t) => {
    const folder = plant(t);
    spoil(folder);
    for (const ended of [make('cyclonedx', folder), make('copyright', folder), make('licenses', folder)]) {
      assert.equal(ended.status, 1);
      assert.match(ended.stderr, says);
    }
  });

test('a dependency of which the bundles hold nothing is excluded in the SBOM', (t) => {
  const folder = plant(t);
  mkdirSync(join(folder, '.build'));
  writeFileSync(
    join(folder, '.build/packages.json'),
    JSON.stringify({ 'node_modules/shared': ['session.cjs'] }),
  );
  const { components } = JSON.parse(make('cyclonedx', folder).text);
  assert.deepEqual(
    components.map(({ purl, scope }: { purl: string; scope: string }) => `${purl} ${scope}`),
    [
      'pkg:npm/%40scope/upper@2.0.0 excluded',
      'pkg:npm/shared@1.0.0 excluded',
      'pkg:npm/shared@2.0.0 required',
    ],
  );
});
