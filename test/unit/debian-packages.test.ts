import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FOREIGN_PACKAGES, PACKAGING_PACKAGES } from '../integration/packages/package-tools.js';
import { TERMINAL_PACKAGE } from '../integration/terminal.js';
import { findObstacles } from '../radio/host/requirements.js';

test('the installation script installs exactly what the lab, the terminal tests and the packages need', () => {
  const script = readFileSync(fileURLToPath(new URL('../../install-debian.sh', import.meta.url)), 'utf8');
  const installed = /^packages='([^']+)'$/m.exec(script)?.[1]?.split(' ').sort();
  const bare = { platform: 'linux', architecture: 'x64', findCommand: () => undefined, isStatic: () => true };
  const missing = findObstacles(bare).flatMap(({ debianPackage }) => debianPackage ?? []);
  assert.deepEqual(installed, [...new Set([...missing, TERMINAL_PACKAGE, ...PACKAGING_PACKAGES])].sort());
});

test('the continuous integration installs the compilers and emulators for other processors', () => {
  const script = readFileSync(fileURLToPath(new URL('../../../.ci/run', import.meta.url)), 'utf8');
  const [, more = ''] = /^sh test\/install-debian\.sh (.*)$/m.exec(script) ?? [];
  assert.deepEqual(
    more.split(' ').sort(),
    ['chromium', 'hostapd', 'shellcheck', ...new Set(FOREIGN_PACKAGES.values())].sort(),
  );
});
