import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesakesNote } from '#src/commands/information.js';

const client = (last: number, name: string | null) => ({
  deviceAddress: `42:00:00:00:00:0${last}`,
  name,
  connected: false,
});

test('phones of one name in the list of clients: perhaps one that forgot the group', () => {
  assert.deepEqual(
    namesakesNote([client(1, 'Pixel'), client(2, 'Galaxy'), client(3, null), client(4, null)]),
    [],
  );
  const [, note = ''] = namesakesNote([client(1, 'Pixel'), client(2, 'Galaxy'), client(3, 'Pixel')]);
  assert.match(note, /^Several addresses: Pixel\. .* or one that forgot the group and has a new address\.$/);
});
