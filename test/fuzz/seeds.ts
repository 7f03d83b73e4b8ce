import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from '#src/commands/table.js';
import { LOGGING, SETTINGS } from '#src/config/schema.js';
import { EVENT_NAMES } from '#src/wpa/event.js';
import { LINES } from '../unit/wpa/event-samples.js';
import type { TargetName } from './corpus.js';
import { HOSTILE_TEXTS } from './printed.js';

/** What the fuzzer begins with besides the corpus, and the words that it tries. */
interface Seeds {
  readonly inputs: readonly (string | Buffer)[];
  readonly words: readonly string[];
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function fileAt(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

const KEYS = [
  ...[
    'p2p_dev_addr=',
    'pri_dev_type=',
    "name='",
    'config_methods=',
    'dev_capab=',
    'group_capab=',
    'group=',
    'new=',
  ],
  ...[
    'ssid="',
    'passphrase="',
    'freq=',
    'go_dev_addr=',
    'sa=',
    'persistent=',
    'status=',
    'reason=',
    'id=',
    'peer_go=',
  ],
  ...[
    'asp_svc=',
    'deferred_session_resp=',
    '42:00:00:00:01:00',
    '0x',
    '[',
    ']',
    ' GO ',
    ' client ',
    '[PERSISTENT]',
  ],
];
const STATION =
  '46:00:00:00:01:00\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=1\ndot1xAuthSessionUserName=x\nlast_eap_type_sta=0 (x)\n' +
  'wpsDeviceName=x\nwpsManufacturer=x\nwpsModelName=x\nwpsModelNumber=x\nwpsSerialNumber=x\np2p_device_name=x\n' +
  'p2p_device_addr=42:00:00:00:01:00\np2p_config_methods=0x188\nrx_packets=8\ntx_packets=5\nrx_bytes=7\nsignal=-30\n';
const REPLIES = [
  ...['OK\n', 'FAIL\n', 'FAIL-BUSY\n', 'UNKNOWN COMMAND\n', 'PONG\n', 'keypad push_button', STATION],
  'freq=2437\nssid=a\\x41\nmode=P2P GO\nwpa_state=COMPLETED\np2p_device_address=42:00:00:00:00:00\n',
  'freq=2437\nssid=home\nmode=station\nwpa_state=4WAY_HANDSHAKE\n',
  'network id / ssid / bssid / flags\n0\ta\tany\t[CURRENT]\n1\tb\tany\t[DISABLED][P2P-PERSISTENT]\n',
  '42:00:00:00:01:00\t2412\t-30\t[ESS]\thome\n',
  '42:00:00:00:01:00 42:00:00:00:02:00',
  'wlan0\np2p-dev-wlan0\np2p-wlan0-0\n',
  'Mode[G] Channels:\n 1 = 2412 MHz\n 52 = 5260 MHz (NO_IR) (DFS)\n 14 = 2484 MHz\n',
];
const REQUESTS = [
  ...['status', 'stations', 'peers', 'clients', 'statistics', 'configuration', 'commands', 'metrics', 'x'],
  ...['events?follow=false&last=5&wpa=true', 'events?follow=maybe', 'completions/device', 'completions/x'],
].map((path) => `GET /v1/${path}`);

/** Each setting alone, and the two whole files. */
function configurations(): string[] {
  const alone = Object.entries(SETTINGS).map(([key, spec]) => {
    const value = 'default' in spec ? spec.default : { normal: 10, connect: 'x' };
    return `hostp2pd: {${key}: ${JSON.stringify(value)}}`;
  });
  return [...alone, fileAt('config/hostp2pd.yaml'), fileAt('test/fixtures/python-original.yaml'), ...VALUES];
}
const VALUES = [
  'hostp2pd:\n  pin: 12345670\n  network_parms: [psk "12345678", ssid "DIRECT-xy", mode 3]\n  config_parms: {country: DE, x: 1}\n',
  'hostp2pd:\n  addressing: dnsmasq\n  group_address: 10.0.0.1/24\n  address_range: 10.0.0.2-10.0.0.9\n  handshake_range: off\n',
  'hostp2pd:\n  pbc_white_list: ["02-00-00-00-01-00", "a name"]\n  p2p_group_add_opts: freq=2 ht40 go_bssid=x\n',
  'logging: {level: debug, file: /var/log/x, console: null, max_files: 2}\npin: "1234"\n',
  'logging:\n  version: 1\n  handlers: {a: {class: logging.StreamHandler, level: 10}, b: {filename: x, maxBytes: 1}}\n  root: {level: INFO}\n',
];

/** One step of each kind, behind a head without settings: that many bytes say nothing. */
function recordings(): string[] {
  const folder = 'test/fixtures/dialogues';
  const seen = new Set<string>();
  return readdirSync(`${ROOT}${folder}`).flatMap((name) => {
    const [first = '', ...steps] = fileAt(`${folder}/${name}`).trim().split('\n');
    const head = JSON.stringify({ ...JSON.parse(first), settings: {} });
    return steps.flatMap((step) => {
      const { input } = JSON.parse(step);
      const kind = `${input.type} ${input.tag?.kind ?? ''} ${input.command?.kind ?? ''}`;
      if (seen.has(kind)) return [];
      seen.add(kind);
      return `${head}\n${step}\n`;
    });
  });
}

export const SEEDS: Readonly<Record<TargetName, () => Seeds>> = {
  event: () => ({
    inputs: LINES.map(({ text }) => `<3>${text}`),
    words: [...EVENT_NAMES, ...KEYS, ...HOSTILE_TEXTS],
  }),
  reply: () => ({
    inputs: REPLIES,
    words: [...(REPLIES.join('').match(/\w+[=-]|\[[\w-]+\]/g) ?? []), ...HOSTILE_TEXTS],
  }),
  printed: () => ({
    inputs: Array.from({ length: 12 * 32 }, (_, n) =>
      Buffer.from(
        `${String.fromCharCode(n % 12, n >> 3)}${HOSTILE_TEXTS.map((text) => `x${text}`)
          .slice(n % HOSTILE_TEXTS.length)
          .join('\0')}`,
      ),
    ),
    words: [...HOSTILE_TEXTS, '\0'],
  }),
  configuration: () => ({
    inputs: configurations(),
    words: [
      ...Object.keys(SETTINGS),
      ...Object.keys(LOGGING),
      'hostp2pd:',
      'logging:',
      '\n  - ',
      'freq=',
      'psk "',
      'ssid "DIRECT-xy',
    ],
  }),
  http: () => ({
    inputs: [
      ...REQUESTS,
      ...COMMANDS.map(({ name }) => `POST /v1/commands/${name}\n\n{"arguments":["x"],"columns":80}`),
      'POST /v1/commands/version\ncontent-type: application/json\n\n{"arguments":[]}',
      'OPTIONS *',
    ],
    words: [
      'GET ',
      'POST ',
      '/v1/',
      '"arguments":[',
      '"columns":',
      'transfer-encoding: chunked',
      'expect: 100-continue',
      '%2f',
      '?last=',
    ],
  }),
  recording: () => ({
    inputs: recordings(),
    words: ['"recording":1', '"input":{"type":"event","text":"', '$map', '$set', '__proto__'],
  }),
};
