import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  type Configuration,
  defaultConfiguration,
  loadConfiguration,
  reviewConfiguration,
} from '#src/config/load.js';
import { formatProblems } from '#src/config/problem.js';
import { SEARCH_ORDER } from '#src/config/source.js';
import { type ErrorCode, HostP2pError } from '#src/system/errors.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const folder = temporaryFolder();

async function write(name: string, text: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

/** Loads a text as `-c -` does. */
function fromText(text: string): Promise<Configuration> {
  return loadConfiguration({ file: '-', stdin: Readable.from([Buffer.from(text)]) });
}

function fails(code: ErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof HostP2pError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

test('the recording and the log need files of their own', async () => {
  const text = (record: string) => `hostp2pd: { record: ${record} }\nlogging: { file: /var/log/a.log }\n`;
  await assert.rejects(fromText(text('/var/log/./a.log')), /hostp2pd\.record: expected another file/);
  assert.equal((await fromText(text('/var/log/b.log'))).settings.record, '/var/log/b.log');
});

describe('the search for the configuration file', () => {
  test('the named file takes precedence over the environment and the working directory', async () => {
    const file = await write('asked.yaml', 'hostp2pd: {pin: "11112228"}');
    const env = { HOSTP2PD_CFG: await write('env.yaml', 'hostp2pd: {pin: "22223331"}') };
    await write('hostp2pd.yaml', 'hostp2pd: {pin: "33334444"}');

    const asked = await loadConfiguration({ file, env, cwd: folder });
    assert.equal(asked.settings.pin, '11112228');
    assert.deepEqual(asked.source, { kind: 'file', path: file });

    const named = await loadConfiguration({ env, cwd: folder });
    assert.equal(named.settings.pin, '22223331');

    const found = await loadConfiguration({ env: { HOSTP2PD_CFG: '' }, cwd: folder });
    assert.equal(found.settings.pin, '33334444');
    assert.deepEqual(found.source, { kind: 'file', path: join(folder, 'hostp2pd.yaml'), found: true });
  });

  test('the system-wide file, if there is none in the working directory', async () => {
    const systemFile = await write('system.yaml', 'hostp2pd: {pin: "11112228"}');
    const found = await loadConfiguration({ env: {}, cwd: join(folder, 'empty'), systemFile });
    assert.deepEqual(found.source, { kind: 'file', path: systemFile, found: true });
    assert.equal(found.settings.pin, '11112228');
    await write('hostp2pd.yaml', 'hostp2pd: {pin: "33334444"}');
    const local = await loadConfiguration({ env: {}, cwd: folder, systemFile });
    assert.equal(local.settings.pin, '33334444');
  });

  test('a file that was not named and that other users may change is refused: it names programs to run', async () => {
    const systemFile = await write('open.yaml', 'hostp2pd: {pin: "11112228"}', 0o666);
    const surroundings = { env: {}, cwd: join(folder, 'empty'), systemFile };
    await assert.rejects(
      loadConfiguration(surroundings),
      fails('CONFIG_UNREADABLE', /open\.yaml can be changed by any user; .* name it: -c '\/.*open\.yaml'/),
    );
    await assert.rejects(
      loadConfiguration({ file: systemFile, found: true }),
      fails('CONFIG_UNREADABLE', /can be changed by any user/),
      'the same at a reload',
    );
    const asked = await loadConfiguration({ ...surroundings, file: systemFile });
    assert.match(formatProblems(asked.warnings), /mode 0666/);
  });

  test('the documents give the same order', () => {
    const root = new URL('../../../../', import.meta.url);
    for (const file of [
      'packaging/docs/command-line.md',
      'config/hostp2pd.yaml',
      'packaging/man/hostp2pd.8',
    ]) {
      const text = readFileSync(new URL(file, root), 'utf8').replaceAll('\\', '').replaceAll('`', '');
      const order = SEARCH_ORDER.map((place) => place.replace(/[.]/g, '\\.')).join('[^]{1,60}');
      assert.match(text, new RegExp(order), file);
    }
  });

  test('a relative name becomes absolute, for a reload in another working directory', async () => {
    const path = await write('relative.yaml', 'hostp2pd:');
    const { source } = await loadConfiguration({ file: 'relative.yaml', cwd: folder });
    assert.deepEqual(source, { kind: 'file', path });
  });

  test('no file anywhere: the defaults', async () => {
    assert.deepEqual(
      await loadConfiguration({ env: {}, cwd: join(folder, 'empty'), systemFile: join(folder, 'none') }),
      defaultConfiguration(),
    );
  });

  test('the defaults do not load the YAML parser', async () => {
    // Only a resolution hook in a separate process sees every import.
    const hook = `export async function resolve(name, context, next) {
      if (name === 'js-yaml') throw new Error('the parser is loaded');
      return next(name, context);
    }`;
    const script = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
      const { loadConfiguration } = await import(${JSON.stringify(import.meta.resolve('#src/config/load.js'))});
      const { source } = await loadConfiguration({ env: {}, cwd: '/nowhere' });
      const refusal = await loadConfiguration({ file: '/dev/null' }).catch((error) => error.message);
      console.log(source.kind, refusal);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    assert.equal(stdout, 'defaults the parser is loaded\n');
  });
});

describe('forms of a document', () => {
  test('keys outside any section belong to the section hostp2pd', async () => {
    const { settings, source } = await fromText('pin: "12345670"\n');
    assert.equal(settings.pin, '12345670');
    assert.deepEqual(source, { kind: 'stdin' });
  });

  test('an empty text, comments only and empty sections give the defaults', async () => {
    for (const text of ['', '# nothing\n', '---\n', 'hostp2pd:\n', 'hostp2pd:\nlogging:\n', 'None']) {
      const { settings, logging, warnings } = await fromText(text);
      assert.deepEqual(settings, defaultConfiguration().settings, text);
      assert.deepEqual(logging, defaultConfiguration().logging, text);
      assert.deepEqual(warnings, [], text);
    }
  });

  test('words of the Python program: None, True, an integer for a float', async () => {
    const { settings } = await fromText(
      'hostp2pd:\n  pbc_in_use: None\n  save_config_enabled: True\n  max_negotiation_time: 60\n',
    );
    assert.equal(settings.pbc_in_use, null);
    assert.equal(settings.save_config_enabled, true);
    assert.equal(settings.max_negotiation_time, 60);
  });

  test('parameters for wpa_supplicant are kept as they are written', async () => {
    const parameters =
      'config_parms: {os_version: 01020300, model_number: 3.10, update_config: 1, country: NO}';
    const wanted = { os_version: '01020300', model_number: '3.10', update_config: '1', country: 'NO' };
    assert.deepEqual((await fromText(`hostp2pd:\n  ${parameters}`)).settings.config_parms, wanted);
    assert.deepEqual((await fromText(parameters)).settings.config_parms, wanted);
  });

  test('a byte order mark is ignored', async () => {
    assert.equal((await fromText('\uFEFFpin: "1234"')).settings.pin, '1234');
  });
});

describe('a document with problems', () => {
  test('the problems of all sections are reported together, with the name of the file', async () => {
    const file = await write('wrong.yaml', 'hostp2pd: {pin: 00000000, colour: 1}\nlogging: {level: loud}\n');
    await assert.rejects(loadConfiguration({ file }), (error) => {
      assert.ok(error instanceof HostP2pError);
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.deepEqual(
        error.message.split('\n').map((line) => line.split(':')[0]),
        [`configuration ${file}`, 'hostp2pd.colour', 'hostp2pd.pin', 'logging.level'],
      );
      return true;
    });
  });

  test('problems of keys outside any section have paths without a section', async () => {
    await assert.rejects(
      fromText('pin: 0'),
      fails('CONFIG_INVALID', /^pin: expected a text in quotes .*, got a number$/m),
    );
  });

  test('a misspelt section name is reported', async () => {
    const wanted = /^hostp2p: unknown section; did you mean "hostp2pd"/m;
    await assert.rejects(fromText('hostp2p: {pin: "1234"}'), fails('CONFIG_INVALID', wanted));
  });

  test('a key beside the sections: the problem says in which section it belongs', async () => {
    const wanted = /^pin: unknown section; move it into the section hostp2pd$/m;
    await assert.rejects(fromText('logging:\npin: "1234"'), fails('CONFIG_INVALID', wanted));
  });

  test('a review returns the problems and the valid settings', async () => {
    const file = await write(
      'review.yaml',
      'hostp2pd:\n  pin: 7\n  ctrl_interface: /run/other\n  p2p_client: x\n',
    );
    const { configuration, problems } = await reviewConfiguration({ file });
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['hostp2pd.pin'],
    );
    assert.equal(configuration.settings.ctrl_interface, '/run/other');
    assert.equal(configuration.settings.pin, defaultConfiguration().settings.pin);
    assert.deepEqual(configuration.source, { kind: 'file', path: file });
    assert.equal(configuration.warnings.length, 1);
    await assert.rejects(
      reviewConfiguration({ file: join(folder, 'none') }),
      fails('CONFIG_UNREADABLE', /none/),
    );
  });

  test('a document that is not a map is a problem', async () => {
    await assert.rejects(
      fromText('just words'),
      fails('CONFIG_INVALID', /\(document\): expected a map .*, got a text of 10 characters$/m),
    );
    await assert.rejects(
      fromText('- a\n- b'),
      fails('CONFIG_INVALID', /\(document\): expected a map .*, got a list$/m),
    );
  });
});

describe('a file that cannot be read', () => {
  test('a named file that does not exist is an error with its name', async () => {
    const missing = fails('CONFIG_UNREADABLE', /\/nowhere\.yaml: there is no such file/);
    await assert.rejects(loadConfiguration({ file: join(folder, 'nowhere.yaml') }), missing);
    await assert.rejects(loadConfiguration({ env: { HOSTP2PD_CFG: `${folder}/nowhere.yaml` } }), missing);
  });

  test('a folder is an error', async () => {
    await assert.rejects(
      loadConfiguration({ file: folder }),
      fails('CONFIG_UNREADABLE', /expected a regular file or a pipe, got a folder/),
    );
  });

  test('invalid YAML is reported with line and column, without quoting the text', async () => {
    const text = 'hostp2pd:\n  pin: "87654325"\n  pin: "87654325"\n';
    await assert.rejects(
      fromText(text),
      fails('CONFIG_UNREADABLE', /line 3, column 3: the same key stands twice in one section$/),
    );
    const notClosed = /line 2, column 1: a quote or bracket that was opened before is not closed$/;
    for (const opened of ['[1', '{b: 1', '"1234', "'1234"]) {
      await assert.rejects(fromText(`a: ${opened}\nb: 2`), fails('CONFIG_UNREADABLE', notClosed), opened);
    }
    for (const value of ["'it's'", '"a" b', '@a', 'b: c', '[b]]']) {
      const wanted = /line 1, column \d+: wrong indentation, or a text that needs quotes$/;
      await assert.rejects(fromText(`a: ${value}`), fails('CONFIG_UNREADABLE', wanted), value);
    }
    await assert.rejects(
      fromText('a: !!js/function x'),
      fails('CONFIG_UNREADABLE', /begins with ! is a tag/),
    );
  });

  test('several documents, invalid UTF-8 and deep nesting are errors', async () => {
    await assert.rejects(fromText('a: 1\n---\nb: 2'), fails('CONFIG_UNREADABLE', /more than one/));
    const latin1 = await write('latin1.yaml', Buffer.from('pin: "ä"', 'latin1'));
    await assert.rejects(loadConfiguration({ file: latin1 }), fails('CONFIG_UNREADABLE', /UTF-8/));
    await assert.rejects(fromText('['.repeat(5000)), fails('CONFIG_UNREADABLE', /line 1/));
  });

  test('a text of more than 1 MiB is refused, one of exactly that size is not', async () => {
    const limit = 1_048_576;
    const large = await write('large.yaml', '#'.repeat(limit + 1));
    await assert.rejects(
      loadConfiguration({ file: large }),
      fails('CONFIG_UNREADABLE', /expected at most 1048576 bytes, got more/),
    );
    await assert.rejects(
      fromText('#'.repeat(limit + 1)),
      fails('CONFIG_UNREADABLE', /expected at most 1048576 bytes, got more/),
    );
    const full = await write('full.yaml', '#'.repeat(limit));
    assert.deepEqual((await loadConfiguration({ file: full })).settings, defaultConfiguration().settings);
  });
});

describe('permissions of the file', () => {
  test('a PIN in a file that others may read gives a warning with the fix', async () => {
    const file = await write('open.yaml', 'pin: "52107733"', 0o644);
    const report = formatProblems((await loadConfiguration({ file })).warnings);
    assert.match(
      report,
      /any user can read the secrets in it: pin \(mode 0644\); sudo chmod 600 '.*open\.yaml'/,
    );
    assert.doesNotMatch(report, /52107733/);
  });

  test('so does any other secret, also one with a wrong value', async () => {
    const psk = ['psk', '"correct horse"'].join(' ');
    const cases: readonly [string, string][] = [
      [`pin: random\nnetwork_parms: ['ssid "DIRECT-ab"', '${psk}']`, 'network_parms'],
      ['config_parms: {sae_password: correct horse}', 'config_parms'],
      [`pin: 52107733\nnetwork_parms: ['${psk}']`, 'pin, network_parms'],
    ];
    for (const [text, named] of cases) {
      const file = await write('secret.yaml', text, 0o644);
      const { configuration } = await reviewConfiguration({ file });
      const report = formatProblems(configuration.warnings);
      assert.match(report, new RegExp(`any user can read the secrets in it: ${named} \\(mode 0644\\)`), text);
      assert.doesNotMatch(report, /correct|52107733/);
    }
  });

  test('no warning without a secret, with pin: random, or for a private file', async () => {
    for (const text of [
      'interface: auto',
      'pin: random',
      'pin: "00000000"\npbc_in_use: true\npbc_white_list: ["02:00:00:00:01:00"]',
      'pin: random\nconfig_parms: {country: DE, wps_cred_processing: 1}',
      `pin: random\nnetwork_parms: ['ssid "DIRECT-ab"', 'key_mgmt WPA-PSK']`,
    ]) {
      const open = await write('no-pin.yaml', text, 0o644);
      const { warnings } = await loadConfiguration({ file: open });
      assert.deepEqual(
        warnings.filter(({ path }) => path === open),
        [],
        text,
      );
    }
    const closed = await write('closed.yaml', 'pin: "52107733"', 0o640);
    assert.deepEqual((await loadConfiguration({ file: closed })).warnings, []);
  });

  test('a file that others may change gives a warning', async () => {
    const file = await write('writable.yaml', 'interface: auto', 0o666);
    assert.match(formatProblems((await loadConfiguration({ file })).warnings), /any user can change it/);
  });
});

test('the warnings of both sections are reported', async () => {
  const { warnings } = await fromText('hostp2pd: {pin: "12345678"}\nlogging: {version: 1}\n');
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['hostp2pd.pin', 'logging'],
  );
});
