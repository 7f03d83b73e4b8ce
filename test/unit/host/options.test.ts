import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { configurationOf } from '#src/host/options.js';
import { HostP2pError } from '#src/system/errors.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

function fileOf(t: TestContext, text: string): string {
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test('a warning about two keys is given also if one is in the file and the other in the options', async (t) => {
  const listed = fileOf(t, 'hostp2pd:\n  pin: random\n  pbc_in_use: true\n  pbc_white_list: [phone]\n');
  assert.deepEqual((await configurationOf({ configFile: listed })).warnings, []);
  const { warnings } = await configurationOf({ configFile: listed, pbcWhiteList: [] });
  assert.deepEqual(
    warnings.map(({ path, text }) => `${path} ${text}`),
    ['options.pbc_in_use pbc_white_list is empty, so any device nearby may press the button'],
  );

  const autonomous =
    'hostp2pd:\n  pin: random\n  activate_persistent_group: false\n  activate_autonomous_group: true\n';
  const dynamic = await configurationOf({
    configFile: fileOf(t, autonomous),
    config: { dynamic_group: true },
  });
  assert.deepEqual(
    dynamic.warnings.map(({ path, text }) => `${path} ${text}`),
    [
      'options.activate_autonomous_group dynamic_group is true as well and wins: the group is formed when a phone asks',
    ],
  );
});

test('a warning about the file is given once, whatever the options say', async (t) => {
  const file = fileOf(t, 'hostp2pd:\n  pbc_in_use: true\n  p2p_client: /sbin/wpa_cli\n');
  const { warnings } = await configurationOf({ configFile: file, pin: '12345678' });
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['hostp2pd.p2p_client', 'hostp2pd.pbc_in_use', 'options.pin'],
  );
});

test('options without a file: only warnings about the options', async () => {
  const { warnings } = await configurationOf({ config: { p2p_client: 'x' }, pin: '12345678' });
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['options.p2p_client', 'options.pin'],
  );
  assert.deepEqual((await configurationOf({ config: {}, pin: '52107733' })).warnings, []);
});

test('the default PIN, where it is not refused: one warning, unless nobody is asked for the PIN', async (t) => {
  const warned = async (text: string) =>
    (await configurationOf({ configFile: fileOf(t, text) })).warnings
      .filter(({ path }) => path === 'hostp2pd.pin')
      .map(({ text: about }) => about);
  const known = /any device nearby can get in with the default PIN, which everybody knows/;
  for (const text of [
    'hostp2pd: {}\n',
    'hostp2pd:\n  pin: "00000000"\n',
    'hostp2pd:\n  pbc_in_use: null\n',
  ]) {
    const [only = '', ...others] = await warned(text);
    assert.match(only, known);
    assert.deepEqual(others, []);
  }
  const list = await warned('hostp2pd:\n  pbc_white_list: [Pixel]\n');
  assert.deepEqual([list.length, known.test(list.join())], [1, false]);
  for (const text of ['pin: random', 'pin: "52107733"', 'pbc_in_use: true', 'pin_module: /etc/pins.mjs'])
    assert.deepEqual(await warned(`hostp2pd:\n  ${text}\n`), [], text);
  assert.match((await warned('hostp2pd:\n  pin: "1234"\n')).join(), /with a PIN that everybody tries first/);
  const { warnings } = await configurationOf({}, { file: 'reset' });
  assert.match(warnings.map(({ text }) => text).join(), known);
});

test('the default PIN, where it is refused: an error that says what to write instead', async (t) => {
  const refused = (text: string) => configurationOf({ configFile: fileOf(t, text), refuseDefaultPin: true });
  for (const text of ['hostp2pd: {}\n', 'hostp2pd:\n  pin: "00000000"\n'])
    await assert.rejects(refused(text), (error: unknown) => {
      assert.ok(error instanceof HostP2pError && error.code === 'CONFIG_INVALID');
      assert.match(error.message, /^hostp2pd\.pin: expected .*, got the default PIN.*"pin: random"/);
      return true;
    });
  await assert.rejects(configurationOf({ config: {}, refuseDefaultPin: true }), /the default PIN/);
  await assert.rejects(
    configurationOf({ refuseDefaultPin: true }, { file: 'reset' }),
    /reset: expected .*; reload a configuration file/,
  );
  for (const pin of ['0000', '1234', '12345670', '4321']) {
    const { warnings } = await configurationOf({ config: {}, pin, refuseDefaultPin: true });
    assert.match(warnings.map(({ text }) => text).join(), /a PIN that everybody tries first/, pin);
  }
});
