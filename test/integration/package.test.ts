import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DEVICE } from './fake-supplicant.js';
import { supplicant, temporaryFolder } from './support.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test("the manual's station browser runs, and shows names and types of the devices around", async (t) => {
  const fake = supplicant(t);
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  writeFileSync(file, `hostp2pd:\n  ctrl_interface: ${fake.folder}\n`);
  // The browser searches, and finds these devices.
  fake.behave((command, name) => {
    if (name === DEVICE && command.startsWith('P2P_FIND')) {
      setImmediate(() => {
        for (const [address, type, label] of [
          ['ae:e2:d3:41:27:14', '3-0050F204-5', "DIRECT-14-HP ENVY 5000 series' config_methods=0x0"],
          ['ee:11:6c:59:a3:d4', '6-0050F204-1', 'DIRECT-Example'],
        ]) {
          fake.emit(
            DEVICE,
            `P2P-DEVICE-FOUND ${address} p2p_dev_addr=${address} pri_dev_type=${type} name='${label}' ` +
              'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1',
          );
        }
      });
    }
    return undefined;
  });
  const example = join(ROOT, 'test/.build/examples/station-browser.js');
  const { stdout } = await run(process.execPath, [example, '2', file]);
  assert.match(stdout, /ae:e2:d3:41:27:14 = DIRECT-14-HP ENVY 5000 series.* \(All-in-one printer\)/);
  assert.match(stdout, /ee:11:6c:59:a3:d4 = DIRECT-Example {21} \(Access point\)/);
  assert.match(stdout, /Completed\.\n$/);
});

test('the package can be imported and required, and importing it has no effect', async (t) => {
  const folder = temporaryFolder(t);
  const use =
    'const host = new HostP2pD(); console.log(host.constructor.name, host.status.phase, process.getActiveResourcesInfo().length);';
  for (const [name, text] of [
    ['a.mjs', `import { HostP2pD } from '${join(ROOT, 'dist/index.js')}';\n${use}`],
    ['b.cjs', `const { HostP2pD } = require('${join(ROOT, 'dist/index.js')}');\n${use}`],
  ] as const) {
    writeFileSync(join(folder, name), text);
    const { stdout } = await run(process.execPath, [join(folder, name)]);
    assert.match(stdout, /^HostP2pD detached \d\n$/, name);
  }
});

test('the stack of an error names the files and lines of the source', async (t) => {
  const script = `
    import { HostP2pD } from '${join(ROOT, 'dist/index.js')}';
    const host = new HostP2pD({
      interface: 'wlan0',
      config: { ctrl_interface: '/nonexistent' },
      logger: { wants: () => true, log: (level, text) => text.includes('listener') && console.log(text) },
    });
    host.on('waiting', () => { setImmediate(() => host.stop()); throw new Error('mine'); });
    await host.start();`;
  const file = join(temporaryFolder(t), 'a.mjs');
  writeFileSync(file, script);
  const { stdout } = await run(process.execPath, [file]);
  const [, source = '', line] = /\((\/\S+\/src\/host\/event-hub\.ts):(\d+)\)/.exec(stdout) ?? [];
  assert.notEqual(source, '', stdout);
  assert.match(readFileSync(source, 'utf8').split('\n')[Number(line) - 1] ?? '', /\(/);
});

test('every file that package.json names is there', () => {
  const manifest: { bin: Record<string, string>; main: string; types: string } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  for (const file of [...Object.values(manifest.bin), manifest.main, manifest.types]) {
    assert.ok(existsSync(join(ROOT, file)), file);
  }
});
