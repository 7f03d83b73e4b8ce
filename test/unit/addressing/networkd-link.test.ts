import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetworkdLink } from '#src/addressing/networkd-link.js';

/** As systemd 257 writes it, shortened. */
const NOTE = '# This is private data. Do not parse.\nADMIN_STATE=configured\nOPER_STATE=routable\n';

test('the note of systemd-networkd about an interface', () => {
  const file = '/run/systemd/network/60-hostp2pd-p2p-dev-wlan0.network';
  assert.deepEqual(parseNetworkdLink(`${NOTE}NETWORK_FILE=${file}\nDNS=\n`), { isPending: false, file });
  assert.deepEqual(parseNetworkdLink(NOTE.replace('configured', 'unmanaged')), {
    isPending: false,
    file: null,
  });
  assert.deepEqual(parseNetworkdLink('ADMIN_STATE=pending\n'), { isPending: true, file: null });
  assert.deepEqual(parseNetworkdLink(''), { isPending: false, file: null });
});
