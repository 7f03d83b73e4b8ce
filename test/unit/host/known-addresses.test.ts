import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KnownAddresses, parseKnown } from '#src/host/known-addresses.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const FIRST = '46:00:00:00:01:00';

function known(t: TestContext, folder = temporaryFolder(t)) {
  const log = new CapturedLog();
  const addresses = new KnownAddresses({
    ...{ logger: log, stateFolder: folder },
    ...{ onConfirmed: () => {}, onIpv6Confirmed: () => {}, onMissing: () => {} },
  });
  addresses.open('p2p-dev-wlan0');
  return { addresses, log, file: join(folder, 'p2p-dev-wlan0.addresses.json') };
}

test('the newest 256 addresses are kept, the last one of each station', async (t) => {
  const { addresses, file } = known(t);
  for (let n = 0; n < 300; n++) {
    addresses.note(
      `46:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
      '192.168.49.2',
    );
  }
  addresses.note('46:00:00:00:00:ff', '192.168.49.3');
  await addresses.close();
  const kept = parseKnown(readFileSync(file, 'utf8'));
  assert.equal(kept.size, 256);
  assert.equal(kept.get('46:00:00:00:00:ff'), '192.168.49.3');
  assert.equal(kept.has('46:00:00:00:00:00'), false);
});

test('an invalid file gives a warning and is replaced', async (t) => {
  for (const text of ['', '[]', '{"46:00', 'null', '"x"']) {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'p2p-dev-wlan0.addresses.json'), text, { mode: 0o600 });
    const { addresses, log, file } = known(t, folder);
    assert.equal(log.lines.length, 1, text);
    assert.match(log.lines[0] ?? '', /^warning .*addresses\.json cannot be used: /);
    addresses.note(FIRST, '192.168.49.2');
    await addresses.close();
    assert.deepEqual([...parseKnown(readFileSync(file, 'utf8'))], [[FIRST, '192.168.49.2']]);
  }
  const mixed = `{"${FIRST.toUpperCase()}":"192.168.49.2","x":"192.168.49.3","46:00:00:00:01:01":"1.2.3","46:00:00:00:01:02":4}`;
  assert.deepEqual([...parseKnown(mixed)], [[FIRST, '192.168.49.2']]);
});
