import assert from 'node:assert/strict';
import { isInterfaceName } from '#src/system/interface-names.js';
import { parseAddress } from '#src/system/mac-address.js';
import { parseFrame } from '#src/wpa/channel.js';
import { parseEvent } from '#src/wpa/event.js';

const ADDRESSES: ReadonlySet<string> = new Set([
  ...['address', 'deviceAddress', 'from', 'bssid', 'goDeviceAddress', 'peerDevice', 'peerInterface'],
]);

const INTERFACES: ReadonlySet<string> = new Set(['interface', 'group', 'uplink']);

/** Any datagram as an event: what is read from it has the form that its type says. */
export function fuzz(data: Uint8Array): void {
  const frame = parseFrame(Buffer.from(data));
  const event = parseEvent(frame.text);
  if (event.type === 'unknown') {
    assert.equal(event.text, frame.text);
    assert.ok(frame.text.startsWith(event.name) || frame.text.trim().startsWith(event.name));
    return;
  }
  assert.ok(frame.text.startsWith(event.type));
  wellFormed(event);
}

function wellFormed(fields: object): void {
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'extra') {
      for (const text of Object.values(value)) assert.equal(typeof text, 'string');
    } else if (typeof value === 'number') assert.ok(Number.isSafeInteger(value), `${key}=${value}`);
    else if (typeof value === 'object' && value !== null) wellFormed(value);
    else if (typeof value !== 'string') continue;
    else if (ADDRESSES.has(key)) assert.equal(value, parseAddress(value), key);
    else if (INTERFACES.has(key)) assert.ok(isInterfaceName(value), value);
    else if (key === 'pin') assert.match(value, /^\d{4,8}$/);
  }
}
