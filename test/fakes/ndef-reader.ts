/** Reads NDEF messages and Wi-Fi Simple Configuration tokens by the specifications, knowing nothing of our writer. */

interface NdefRecord {
  /** Type name format: 1 well known, 2 media type. */
  readonly format: number;
  readonly type: string;
  readonly payload: Buffer;
}

/** @throws Error for bytes that are no message of short records */
export function readNdef(bytes: Buffer): NdefRecord[] {
  const records: NdefRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = bytes.readUInt8(at);
    if (((head & 0x80) !== 0) !== (at === 0)) throw new Error(`byte ${at}: message begin`);
    if ((head & 0x20) !== 0 || (head & 0x10) === 0) throw new Error(`byte ${at}: expected a short record`);
    const [typeLength, length] = [bytes.readUInt8(at + 1), bytes.readUInt8(at + 2)];
    const withId = (head & 0x08) !== 0;
    const type = at + 3 + (withId ? 1 + bytes.readUInt8(at + 3) : 0);
    const payload = type + typeLength;
    const end = payload + length;
    if (end > bytes.length) throw new Error(`byte ${at}: expected ${end} bytes, got ${bytes.length}`);
    records.push({
      format: head & 0x07,
      type: bytes.toString('latin1', type, payload),
      payload: bytes.subarray(payload, end),
    });
    if (((head & 0x40) !== 0) !== (end === bytes.length)) throw new Error(`byte ${at}: message end`);
    at = end;
  }
  return records;
}

/** The attributes by their numbers, in their order. @throws RangeError where one is cut off */
export function readAttributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length)
      throw new RangeError(`attribute at ${at}: expected ${end} bytes, got ${bytes.length}`);
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}
