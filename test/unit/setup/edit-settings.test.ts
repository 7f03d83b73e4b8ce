import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '#src/config/yaml.js';
import { type Change, editSettings } from '#src/setup/edit-settings.js';

const EXAMPLE = readFileSync(
  join(fileURLToPath(new URL('../../../../', import.meta.url)), 'config/hostp2pd.yaml'),
  'utf8',
);

const CHANGES: readonly Change[] = [
  { path: ['pin'], value: 'random' },
  { path: ['pbc_in_use'], value: false },
  { path: ['config_parms', 'device_name'], value: 'Küche "1"' },
  { path: ['config_parms', 'country'], value: 'NO' },
];
const edit = (text: string, changes = CHANGES) => editSettings(text, changes, 'hostp2pd.yaml');

test('the example keeps every comment and every other line', async () => {
  const text = await edit(EXAMPLE);
  const before = EXAMPLE.split('\n');
  const after = text.split('\n');
  assert.deepEqual(
    after.filter((line) => !before.includes(line)),
    [
      '  pin: "random"',
      '  pbc_in_use: false',
      '  config_parms:',
      '    device_name: "Küche \\"1\\""',
      '    country: "NO"',
    ],
  );
  assert.deepEqual(
    before.filter((line) => !after.includes(line)),
    ['  pin: random', '  pbc_in_use: null', '  config_parms: {}'],
  );
  assert.equal(await edit(text), text, 'a second time it changes nothing');
});

test('values in each form are replaced, and new keys are added', async () => {
  for (const [what, before, after] of [
    ['no file', '', 'hostp2pd:\n  pin: "random"\n'],
    ['comments only', '# ours\n', '# ours\nhostp2pd:\n  pin: "random"\n'],
    ['an empty section', 'hostp2pd: {}\n', 'hostp2pd:\n  pin: "random"\n'],
    ['a section without keys', 'hostp2pd:\n  # pin: 1\n', 'hostp2pd:\n  pin: "random"\n  # pin: 1\n'],
    ['no section', 'interface: auto\n', 'interface: auto\npin: "random"\n'],
    ['another section', 'logging:\n  level: info\n', 'logging:\n  level: info\nhostp2pd:\n  pin: "random"\n'],
    ['a comment behind the value', 'hostp2pd:\n  pin: "1" # mine\n', 'hostp2pd:\n  pin: "random" # mine\n'],
    ['a # in the value', "hostp2pd:\n  pin: 'a # b'\n", 'hostp2pd:\n  pin: "random"\n'],
    [
      'other indentation',
      'hostp2pd:\n    dynamic_group: yes\n',
      'hostp2pd:\n    dynamic_group: yes\n    pin: "random"\n',
    ],
    [
      'a text of several lines',
      'hostp2pd:\n  pin: >\n    12\n    34\n  interface: auto\n',
      'hostp2pd:\n  pin: "random"\n  interface: auto\n',
    ],
    ['no end of line', 'hostp2pd:\n  pin: 1', 'hostp2pd:\n  pin: "random"\n'],
  ] as const)
    assert.equal(await edit(before, [{ path: ['pin'], value: 'random' }]), after, what);
});

test('keys below another key are found at their own depth only', async () => {
  const text =
    'hostp2pd:\n  config_parms:\n    country: IT\n\n    # the picture\n    device_type: 6\n\n  # next\n  pin: 1\n';
  assert.equal(
    await edit(text, [
      { path: ['config_parms', 'country'], value: 'DE' },
      { path: ['config_parms', 'device_name'], value: 'box' },
      { path: ['country'], value: 'x' },
    ]),
    'hostp2pd:\n  config_parms:\n    country: "DE"\n\n    # the picture\n    device_type: 6\n    device_name: "box"\n\n  # next\n  pin: 1\n  country: "x"\n',
  );
});

test('lists at the depth of their key are a part of it', async () => {
  const text = 'hostp2pd:\n  pbc_white_list:\n  - a\n  - b\n  pin: 1\n';
  const changes: Change[] = [
    { path: ['pbc_white_list'], value: 'none' },
    { path: ['pin'], value: 'random' },
  ];
  assert.equal(await edit(text, changes), 'hostp2pd:\n  pbc_white_list: "none"\n  pin: "random"\n');
});

test('a file in an unusual form is refused with the settings to change, and never damaged', async () => {
  for (const text of [
    'hostp2pd: {pin: "1"}\n',
    'hostp2pd:\n  config_parms: {country: IT}\n',
    'hostp2pd:\n  "pin": 1\n',
    'hostp2pd:\n  pin: &a 1\n  ssid_postfix: *a\n',
    '{"hostp2pd": {"pin": 1}}\n',
  ])
    await assert.rejects(edit(text), {
      code: 'CONFIG_UNREADABLE',
      message: /change these settings by hand.*\n {2}pin: "random"\n/s,
    });
});

test('a text that looks like another type stays a text', async () => {
  for (const value of ['NO', '0123', '1e3', 'true', '2026-11-29', '- x', 'a: b', '*x', '']) {
    const text = await edit('', [{ path: ['config_parms', 'country'], value }]);
    assert.deepEqual(parseYaml(text, 'x').content, { hostp2pd: { config_parms: { country: value } } });
  }
});
