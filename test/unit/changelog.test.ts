import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../fakes/temporary-folder.js';

/** The changelog of the Debian package, made from packaging/CHANGELOG.md. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHANGES = readFileSync(join(ROOT, 'packaging/CHANGELOG.md'), 'utf8');
const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

function convert(input: string, version: string, epoch = '1795900000') {
  const script = join(ROOT, 'packaging/debian/changelog.mjs');
  return spawnSync(process.execPath, [script, version, epoch], { input, encoding: 'utf8' });
}

test('each item of each version becomes an item, in lines of 80 characters at most', () => {
  const { stdout, status, stderr } = convert(CHANGES, VERSION);
  assert.equal(status, 0, stderr);
  const versions = CHANGES.match(/^## \S+ \(/gm) ?? [];
  assert.equal(stdout.match(/^hostp2pd \(/gm)?.length, versions.length);
  assert.equal(stdout.match(/^ {2}\* /gm)?.length, CHANGES.match(/^- /gm)?.length);
  for (const line of stdout.split('\n')) if (!line.startsWith(' -- ')) assert.ok(line.length <= 80, line);
});

test('a release has its own date, an unreleased version the date of the build', () => {
  const input =
    '# Changes\n\n## 1.0.0-rc1 (unreleased)\n\n- Two\n  lines.\n- `b`\n\n## 0.9.0 (2026-01-31)\n\n- c\n';
  const by = ' -- the hostp2pd contributors <hostp2pd@packages.invalid> ';
  assert.equal(
    convert(input, '1.0.0-rc1').stdout,
    `hostp2pd (1.0.0~rc1) unstable; urgency=medium\n\n  * Two lines.\n  * b\n\n${by} Sat, 28 Nov 2026 21:06:40 +0000\n\n` +
      `hostp2pd (0.9.0) unstable; urgency=medium\n\n  * c\n\n${by} Sat, 31 Jan 2026 00:00:00 +0000\n\n`,
  );
});

test('a version without a section, or with an empty one, fails the build', () => {
  assert.match(convert(CHANGES, '99.0.0').stderr, /expected "## 99\.0\.0 \(…\)" as the first section/);
  const empty = convert('## 1.0.0 (unreleased)\n\nNothing.\n', '1.0.0');
  assert.equal(empty.status, 1);
  assert.match(empty.stderr, /version 1\.0\.0 has no changes/);
});

const dpkg = spawnSync('dpkg-parsechangelog', ['--version']);

test('dpkg can parse it', { skip: dpkg.error !== undefined && 'dpkg-dev is not installed' }, (t) => {
  const file = join(temporaryFolder(t), 'changelog');
  writeFileSync(file, convert(CHANGES, VERSION).stdout);
  const { stdout, stderr } = spawnSync('dpkg-parsechangelog', ['-l', file, '--all'], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.match(stdout, new RegExp(`^Version: ${VERSION.replace('-', '~')}$`, 'm'));
});
