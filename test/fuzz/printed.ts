import assert from 'node:assert/strict';
import { parseFrame } from '#src/wpa/channel.js';
import { parseEvent } from '#src/wpa/event.js';
import {
  parseNetworks,
  parseScanResults,
  parseStation,
  parseStationCounters,
  parseStatus,
} from '#src/wpa/reply.js';

/**
 * Datagrams as wpa_supplicant prints them, with texts that a device in range chooses: names, SSIDs, WPS texts, service names.
 * Each one comes with the fields that must be read from it, whatever those texts are.
 */
interface Printed {
  readonly datagram: Buffer;
  /** @throws if a field has been forged */
  readonly check: () => void;
}

export const PEER = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const OWN = '42:00:00:00:00:00';
const UUID = '572cf82f-c957-5653-9b16-b5cfb298abf1';
/** Longest device name and SSID, manufacturer, and service name, in bytes. */
const NAME = 32;
const MANUFACTURER = 64;
const SERVICE = 255;

/** An address that stands in texts only. */
export const FORGED_ADDRESS = '66:66:66:66:66:66';
/** Parts of texts that look like what stands around them. */
export const HOSTILE_TEXTS: readonly string[] = [
  ...[
    "' config_methods=",
    '" go_dev_addr=',
    '" freq=',
    ' new=0',
    ' group=',
    ` p2p_dev_addr=${FORGED_ADDRESS}`,
  ],
  ...['\nflags=[AUTHORIZED]', '\np2p_device_name=', `\np2p_device_addr=${FORGED_ADDRESS}`, '\nsignal=-1'],
  ...[
    '\np2p_config_methods=0x0',
    '\nwpsSerialNumber=',
    '\nlast_eap_type_sta=',
    '\nrx_packets=1\ntx_packets=1\n',
  ],
  ...[
    `<3>AP-STA-CONNECTED ${FORGED_ADDRESS}`,
    'IFNAME=x <3>',
    'OK\n',
    'FAIL\n',
    '\\x',
    '\\n',
    '\\"',
    '|',
    ']',
    "'",
  ],
  ...['ä', '📱', '\ufffd', '\r', '\t'],
];

/** Gives the next text of the stranger, cut to so many bytes. */
type NextText = (maxBytes: number) => Buffer;
type Template = (text: NextText, options: number) => Printed;

function joined(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function event(fields: Readonly<Record<string, unknown>>, ...parts: readonly (string | Buffer)[]): Printed {
  const text = joined(...parts);
  const datagram = joined('<3>', text);
  const check = () => {
    const frame = parseFrame(datagram);
    assert.deepEqual(frame, { kind: 'event', level: 3, interface: null, text: text.toString() });
    const got = Object.entries(parseEvent(frame.text)).filter(([key]) => key in fields);
    assert.deepEqual(Object.fromEntries(got), fields);
  };
  return { datagram, check };
}

function reply(read: (text: string) => unknown, expected: unknown, ...parts: (string | Buffer)[]): Printed {
  const datagram = joined(...parts);
  const check = () => {
    const frame = parseFrame(datagram);
    assert.equal(frame.kind, 'reply');
    assert.deepEqual(read(frame.text), expected);
  };
  return { datagram, check };
}

/** As src/utils/common.c prints an SSID (printf_encode). */
export function printfEncode(bytes: Buffer): string {
  const simple = new Map([
    [0x22, '\\"'],
    [0x5c, '\\\\'],
    [0x1b, '\\e'],
    [0x0a, '\\n'],
    [0x0d, '\\r'],
    [0x09, '\\t'],
  ]);
  return [...bytes]
    .map((byte) => {
      if (byte >= 32 && byte <= 126 && !simple.has(byte)) return String.fromCharCode(byte);
      return simple.get(byte) ?? `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** A Wi-Fi Direct device, and what is to be read of it. */
function device(name: Buffer): { readonly printed: Buffer; readonly fields: Record<string, unknown> } {
  const printed = joined(
    `p2p_dev_addr=${PEER} pri_dev_type=10-0050F204-5 name='`,
    name,
    "' config_methods=0x188 dev_capab=0x25 group_capab=0x0",
  );
  const fields = {
    deviceAddress: PEER,
    deviceType: '10-0050F204-5',
    name: name.toString(),
    configMethods: 0x188,
    deviceCapability: 0x25,
    groupCapability: 0,
  };
  return { printed, fields };
}

function found(text: NextText, options: number): Printed {
  const { printed, fields } = device(text(NAME));
  const all = { type: 'P2P-DEVICE-FOUND', address: PEER, ...fields, isNew: true };
  const head = joined(`P2P-DEVICE-FOUND ${PEER} `, printed);
  if ((options & 1) === 0) return event({ ...all, extra: {} }, head, ' new=1');
  const service = text(SERVICE);
  const extra = { adv_id: '4d2', asp_svc: service.toString() };
  return event({ ...all, extra }, head, ' adv_id=4d2 asp_svc=', service);
}

function asksToJoin(text: NextText, options: number): Printed {
  const { printed, fields } = device(text(NAME));
  const named = (type: string, pin: string, rest: object) =>
    event(
      { type, address: PEER, device: { ...fields, extra: {} }, ...rest, peerIsOwner: null },
      `${type} ${PEER} ${pin}`,
      printed,
      'group' in rest && rest.group !== null ? ` group=${rest.group}` : '',
    );
  const group = (options & 4) === 0 ? null : 'p2p-wlan0-0';
  switch (options & 3) {
    case 0:
      return named('P2P-PROV-DISC-SHOW-PIN', '12345670 ', { pin: '12345670', group });
    case 1:
      return named('P2P-PROV-DISC-ENTER-PIN', '', { group });
    default:
      return named('P2P-PROV-DISC-PBC-REQ', '', { group });
  }
}

function cannotJoin(text: NextText): Printed {
  const deferred = text(SERVICE);
  const extra = { adv_id: '4d2', deferred_session_resp: `'${deferred}'` };
  return event(
    { type: 'P2P-PROV-DISC-FAILURE', deviceAddress: PEER, status: 4, extra },
    `P2P-PROV-DISC-FAILURE p2p_dev_addr=${PEER} status=4 adv_id=4d2 deferred_session_resp='`,
    deferred,
    "'",
  );
}

function enrollee(text: NextText): Printed {
  const name = text(NAME);
  return event(
    {
      type: 'WPS-ENROLLEE-SEEN',
      address: STATION,
      uuid: UUID,
      deviceType: '0-00000000-0',
      configMethods: 0x3148,
      devicePasswordId: 0,
      requestType: 1,
      name: name.toString().trim(),
    },
    `WPS-ENROLLEE-SEEN ${STATION} ${UUID} 0-00000000-0 0x3148 0 1 [`,
    name,
    ']',
  );
}

function needsPin(text: NextText): Printed {
  const texts = [NAME, MANUFACTURER, NAME, NAME, NAME].map(text);
  const description = joined(...texts.flatMap((one) => [one, '|']), '10-0050F204-5');
  return event(
    { type: 'WPS-PIN-NEEDED', uuid: UUID, address: STATION, description: description.toString() },
    `WPS-PIN-NEEDED ${UUID} ${STATION} [`,
    description,
    ']',
  );
}

/** The SSID is escaped, the passphrase of another owner is not. */
function groupStarted(text: NextText, options: number): Printed {
  const ssid = text(NAME);
  const passphrase = text(63);
  const role = (options & 1) === 0 ? 'GO' : 'client';
  const persistent = (options & 2) !== 0;
  return event(
    {
      type: 'P2P-GROUP-STARTED',
      interface: 'p2p-wlan0-0',
      role,
      ssid: ssid.toString(),
      ssidHex: ssid.toString('hex'),
      frequency: 2437,
      passphrase: passphrase.toString(),
      psk: null,
      goDeviceAddress: OWN,
      persistent,
      extra: {},
    },
    `P2P-GROUP-STARTED p2p-wlan0-0 ${role} ssid="${printfEncode(ssid)}" freq=2437 passphrase="`,
    passphrase,
    `" go_dev_addr=${OWN}${persistent ? ' [PERSISTENT]' : ''}`,
  );
}

function invitation(text: NextText, options: number): Printed {
  const accepted = (options & 1) === 0;
  const type = accepted ? 'P2P-INVITATION-ACCEPTED' : 'P2P-INVITATION-RECEIVED';
  const rest = accepted
    ? { frequency: 2437, extra: { go_dev_addr: OWN } }
    : { goDeviceAddress: OWN, bssid: null, unknownNetwork: false, extra: { freq: '2437' } };
  return event(
    { type, from: PEER, persistent: 0, ...rest },
    `${type} sa=${PEER} persistent=0 freq=2437 ssid="`,
    text(NAME),
    `" go_dev_addr=${OWN}`,
  );
}

function networkState(text: NextText): Printed {
  const ssid = text(NAME);
  const type = 'CTRL-EVENT-SSID-TEMP-DISABLED';
  return event(
    {
      type,
      id: 0,
      ssid: ssid.toString(),
      reason: 'WRONG_KEY',
      duration: 10,
      extra: { auth_failures: '1' },
    },
    `${type} id=0 ssid="${printfEncode(ssid)}" auth_failures=1 duration=10 reason=WRONG_KEY`,
  );
}

function status(text: NextText): Printed {
  const ssid = text(NAME);
  return reply(
    parseStatus,
    {
      state: 'COMPLETED',
      mode: 'station',
      ssid: ssid.toString(),
      ssidHex: ssid.toString('hex'),
      frequency: 2437,
      p2pDeviceAddress: OWN,
    },
    `bssid=${PEER}\nfreq=2437\nssid=${printfEncode(ssid)}\nid=0\nmode=station\npairwise_cipher=CCMP\n`,
    `wpa_state=COMPLETED\np2p_device_address=${OWN}\naddress=${OWN}\n`,
  );
}

function networks(text: NextText): Printed {
  const [first, second] = [text(NAME), text(NAME)];
  return reply(
    parseNetworks,
    [
      { id: 0, ssid: first.toString(), persistent: false, disabled: false },
      { id: 1, ssid: second.toString(), persistent: true, disabled: true },
    ],
    `network id / ssid / bssid / flags\n0\t${printfEncode(first)}\tany\t[CURRENT]\n`,
    `1\t${printfEncode(second)}\tany\t[DISABLED][P2P-PERSISTENT]\n`,
  );
}

function scanResults(text: NextText): Printed {
  const [first, second] = [text(NAME), text(NAME)];
  const row = { bssid: PEER, frequency: 2412, signal: -30, flags: '[WPA2-PSK-CCMP][ESS]' };
  const printed = (ssid: Buffer) => `${PEER}\t2412\t-30\t[WPA2-PSK-CCMP][ESS]\t${printfEncode(ssid)}\n`;
  return reply(
    parseScanResults,
    [
      { ...row, ssid: first.toString() },
      { ...row, ssid: second.toString() },
    ],
    `bssid / frequency / signal level / flags / ssid\n${printed(first)}${printed(second)}`,
  );
}

const WPS_TEXTS = [
  ['wpsDeviceName', NAME],
  ['wpsManufacturer', MANUFACTURER],
  ['wpsModelName', NAME],
  ['wpsModelNumber', NAME],
  ['wpsSerialNumber', NAME],
] as const;
const P2P_HEAD = 'p2p_dev_capab=0x25\np2p_group_capab=0x0\np2p_primary_device_type=10-0050F204-5\n';
const DRIVER =
  'rx_packets=8\ntx_packets=5\nrx_bytes=764\ntx_bytes=519\ninactive_msec=252\nsignal=-30\nconnected_time=7\n';
const NO_COUNTERS = { signal: null, receivedBytes: null, sentBytes: null, connectedSeconds: null };

/** `STA`: the identity and the WPS texts are raw; in the P2P name control characters have been replaced (p2p_parse.c). */
function station(text: NextText, options: number): Printed {
  const authorized = (options & 1) !== 0;
  const parts: (string | Buffer)[] = [
    `${STATION}\nflags=[AUTH][ASSOC]${authorized ? '[AUTHORIZED]' : ''}[WMM]\naid=1\ncapability=0x431\nwpa=2\n`,
  ];
  if ((options & 2) !== 0)
    parts.push(
      'dot1xAuthSessionUserName=',
      text(SERVICE),
      '\nlast_eap_type_as=0 (x)\nlast_eap_type_sta=0 (x)\n',
    );
  if ((options & 4) !== 0) {
    parts.push('wpsUuid=572c\nwpsPrimaryDeviceType=0-00000000-0\n');
    for (const [key, bytes] of WPS_TEXTS) parts.push(`${key}=`, text(bytes), '\n');
  }
  let name: string | null = null;
  if ((options & 8) !== 0) {
    const printed = Buffer.from(text(NAME).map((byte) => (byte < 32 ? 0x5f : byte)));
    name = printed.toString();
    parts.push(
      `${P2P_HEAD}p2p_device_name=`,
      printed,
      `\np2p_device_addr=${PEER}\np2p_config_methods=0x188\n`,
    );
  }
  const counted = (options & 16) !== 0;
  if (counted) parts.push(DRIVER);
  return reply(
    (read) => [parseStation(read), parseStationCounters(read)],
    [
      { address: STATION, authorized, deviceAddress: name === null ? null : PEER, name },
      counted ? { signal: -30, receivedBytes: 764, sentBytes: 519, connectedSeconds: 7 } : NO_COUNTERS,
    ],
    ...parts,
    'ht_caps_info=0x107e\n',
  );
}

const EVENTS: readonly Template[] = [
  found,
  asksToJoin,
  cannotJoin,
  enrollee,
  needsPin,
  groupStarted,
  invitation,
  networkState,
];
const REPLIES: readonly Template[] = [status, networks, scanResults, station];
const TEMPLATES: readonly Template[] = [...EVENTS, ...REPLIES];

/** Bytes as a datagram: which form it has, its variant, and the stranger's texts, each ended by a NUL, which no text can hold. */
export function printed(data: Uint8Array, templates = TEMPLATES): Printed {
  const texts: Buffer[] = [];
  let start = 2;
  for (let at = start; at <= data.length; at++) {
    if (at < data.length && data[at] !== 0) continue;
    texts.push(Buffer.from(data.subarray(start, at)));
    start = at + 1;
  }
  const template = templates[(data[0] ?? 0) % templates.length] ?? station;
  return template((maxBytes) => (texts.shift() ?? Buffer.alloc(0)).subarray(0, maxBytes), data[1] ?? 0);
}

/** The same of the reply to `STA` alone, and of events alone. */
export const printedStation = (data: Uint8Array) => printed(data, [station]);
export const printedEvent = (data: Uint8Array) => printed(data, EVENTS);
