import assert from 'node:assert/strict';
import { isInterfaceName } from '#src/system/interface-names.js';
import { parseAddress } from '#src/system/mac-address.js';
import {
  addPage,
  isFailure,
  isOk,
  parseChannels,
  parseClientList,
  parseConfigMethods,
  parseInterfaces,
  parseScanResults,
  parseStation,
  parseStationCounters,
  parseStationUse,
  parseStatus,
  stationUseText,
} from '#src/wpa/reply.js';
import { refusalOf, replyText } from '#src/wpa/status-words.js';

/** Any text as the reply to any request: what is read from it has the form that its type says. */
export function fuzz(data: Uint8Array): void {
  const text = Buffer.from(data).toString();
  assert.ok(!(isOk(text) && isFailure(text)));
  if (isFailure(text)) assert.ok(refusalOf(text) !== null);
  assert.equal(typeof replyText(text), 'string');
  parseConfigMethods(text);

  const status = parseStatus(text);
  whole(status.frequency);
  address(status.p2pDeviceAddress);
  const use = parseStationUse(text);
  if (use) assert.ok(stationUseText(use).startsWith('is '));

  for (const name of parseInterfaces(text)) assert.ok(isInterfaceName(name), name);
  for (const one of parseClientList(text)) address(one);
  const channels = parseChannels(text);
  assert.equal(new Set(channels).size, channels.length);
  for (const mhz of channels) whole(mhz);
  for (const { bssid, frequency, signal } of parseScanResults(text)) {
    address(bssid);
    whole(frequency);
    whole(signal);
  }
  pages(text);

  const station = parseStation(text);
  address(station?.address ?? null);
  address(station?.deviceAddress ?? null);
  for (const counter of Object.values(parseStationCounters(text))) whole(counter);
}

/** Each page has only new profiles, so a list ends. */
function pages(text: string): void {
  const first = addPage([], text);
  for (const { id } of first.profiles) whole(id);
  const second = addPage(first.profiles, text);
  assert.deepEqual([second.profiles.length, second.next], [first.profiles.length, null]);
}

function whole(number: number | null): void {
  assert.ok(number === null || Number.isSafeInteger(number), String(number));
}

function address(text: string | null): void {
  assert.equal(text, parseAddress(text));
}
