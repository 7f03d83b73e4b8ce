import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configFileOf } from '#src/host/config-file.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** A folder like /proc with processes of these command lines. */
function running(folder: string, ...lines: readonly string[]): string {
  for (const [n, line] of lines.entries()) {
    const place = join(folder, String(n + 100));
    mkdirSync(place, { recursive: true });
    const [program = '', ...args] = line.split(' ');
    writeFileSync(join(place, 'stat'), `${n + 100} (${program}) S ${'1 '.repeat(18)}500\n`);
    writeFileSync(join(place, 'cmdline'), `/sbin/${[program, ...args].join('\0')}\0`);
  }
  mkdirSync(join(folder, 'sys'), { recursive: true });
  mkdirSync(join(folder, '7'), { recursive: true });
  return folder;
}

const of = (folder: string, ...lines: readonly string[]) =>
  configFileOf('p2p-dev-wlan0', running(folder, ...lines));

for (const [what, expected, ...lines] of [
  ['the file of the radio', 'shared', 'wpa_supplicant -c/etc/w.conf -iwlan0'],
  ['a separate file', 'own', 'wpa_supplicant -c/etc/w.conf -m/etc/p.conf -iwlan0'],
  ['a separate file, the radio without a file', 'own', 'wpa_supplicant -i wlan0 -C /run/w -m /etc/p.conf'],
  ['the same file by -m', 'shared', 'wpa_supplicant -c/etc/w.conf -m/etc/w.conf -iwlan0'],
  ['perhaps the same file', 'shared', 'wpa_supplicant -c/etc/w.conf -m w.conf -iwlan0'],
  [
    'the file of another radio',
    'shared',
    'wpa_supplicant -c/etc/w.conf -m/etc/v.conf -iwlan0 -N -c/etc/v.conf -iwlan1',
  ],
  [
    'a separate file, and another wpa_supplicant',
    'own',
    'wpa_supplicant -c/etc/w.conf -m/etc/p.conf -iwlan0',
    'wpa_supplicant -c/etc/v.conf -iwlan1',
  ],
  [
    "another radio's wpa_supplicant has one",
    'shared',
    'wpa_supplicant -c/etc/w.conf -iwlan0',
    'wpa_supplicant -c/etc/v.conf -m/etc/p.conf -iwlan01',
  ],
  [
    'two serve the same radio',
    'shared',
    'wpa_supplicant -c/etc/w.conf -m/etc/p.conf -iwlan0',
    'wpa_supplicant -c/etc/w.conf -iwlan0',
  ],
  ["Debian's service", 'shared', 'wpa_supplicant -u -s -O DIR=/run/wpa_supplicant'],
  ["Debian's service with a file of its own", 'own', 'wpa_supplicant -u -s -m /etc/p.conf'],
  ['no visible wpa_supplicant', 'shared', 'sshd -m/etc/p.conf -iwlan0'],
] as const) {
  test(`${what}: ${expected}`, (t) => {
    assert.equal(of(temporaryFolder(t), ...lines), expected);
  });
}

test('a link to the same file is the same file', (t) => {
  const folder = temporaryFolder(t);
  const [file, link] = [join(folder, 'w.conf'), join(folder, 'p.conf')];
  writeFileSync(file, '');
  symlinkSync(file, link);
  assert.equal(of(folder, `wpa_supplicant -c${file} -m${link} -iwlan0`), 'shared');
});

test("without a P2P device the file is the radio's; without /proc it counts as shared", (t) => {
  assert.equal(configFileOf('wlan0', '/nonexistent'), 'radio');
  assert.equal(configFileOf('p2p-dev-wlan0', join(temporaryFolder(t), 'none')), 'shared');
  const long = running(temporaryFolder(t), 'wpa_supplicant -c/etc/w.conf -m/etc/p.conf -iwlx0123456789ab');
  assert.equal(configFileOf('p2p-dev-wlx0123456789ab'.slice(0, 15), long), 'own');
});
