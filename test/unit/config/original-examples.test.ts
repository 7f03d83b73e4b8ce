import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { type ConfigurationReview, reviewConfiguration } from '#src/config/load.js';
import { formatProblems } from '#src/config/problem.js';

/**
 * The examples that the Python program gives in the comments of its configuration file and in its manual. Users copy them
 * into their files, so the daemon has to start with each of them.
 */

/** The beginning of its file: comments before a YAML directive, and a section with nothing but comments. */
const HEAD = [
  '# The configuration of the Python program',
  '%YAML 1.1',
  '---',
  'hostp2pd: # options are indented',
];

const EXAMPLES: readonly (readonly string[])[] = [
  [
    '   select_timeout_secs:',
    '     normal:    10 # seconds',
    '     connect:   90',
    '     long:     600',
    '     enroller: 600',
  ],
  ['  p2p_client: "wpa_cli"'],
  ['  min_conn_delay: 40'],
  ['  max_num_failures: 3'],
  ['  max_num_wpa_cli_failures: 9'],
  ['  max_num_wpa_cli_failures: 20'],
  ['  max_scan_polling: 2'],
  ['  max_scan_polling: 0'],
  ['  save_config_enabled: True'],
  ['  save_config_enabled: False'],
  ...['None', 'True', 'False'].map((value) => [`  pbc_in_use: ${value}`]),
  ...['None', 'freq=2', 'freq=5'].flatMap((value) => [
    [`  p2p_group_add_opts: ${value}`],
    [`  p2p_connect_opts: ${value}`],
  ]),
  ['  activate_persistent_group: True'],
  ['  activate_autonomous_group: False'],
  ['  activate_persistent_group: False', '  activate_autonomous_group: True'],
  ['  ssid_postfix: "Group"'],
  ['  dynamic_group: False'],
  ['  persistent_network_id: None'],
  ['  max_negotiation_time: 120'],
  ['  wpa_supplicant_min_err_warn: 0'],
  ['  wpa_supplicant_min_err_warn: None'],
  ['  pin: "00000000"'],
  ['  pin: "12345678"'],
  ['  pin_module: None'],
  ['  force_logging: None'],
  ['  interface: "p2p-dev-wlan0"'],
  ['  interface: "auto"'],
  ['  run_program: ""'],
  ['  pbc_white_list: # names', '  - "test1"', '  - "test2"'],
  [
    '  network_parms:',
    ...[
      'psk "your_passphrase"',
      'ssid "DIRECT-PP-postfix"',
      'proto RSN',
      'key_mgmt WPA-PSK',
      'pairwise CCMP',
    ].map((line) => `   - ${line}`),
    '   - auth_alg OPEN',
  ],
  ...[
    ...[
      'update_config: 1',
      'device_name: DIRECT-test',
      'device_type: 6-0050F204-1',
      'config_methods: keypad',
    ],
    ...[
      'config_methods: virtual_push_button',
      'p2p_go_intent: 15',
      'persistent_reconnect: 1',
      'p2p_go_ht40: 1',
    ],
    ...['country: <country ID>', 'p2p_device_random_mac_addr: <mode>', 'p2p_device_random_mac_addr: 2'],
    'p2p_device_persistent_mac_addr: <mac address>',
  ].map((line) => ['  config_parms:', `    ${line}`]),
];

function review(lines: readonly string[]): Promise<ConfigurationReview> {
  return reviewConfiguration({ file: '-', stdin: Readable.from([Buffer.from(`${lines.join('\n')}\n`)]) });
}

for (const example of EXAMPLES) {
  test(`an example of the original works: ${example.map((line) => line.trim()).join(' ')}`, async () => {
    for (const lines of [[...HEAD, ...example], example.map((line) => line.slice(2))]) {
      const { problems } = await review(lines);
      assert.equal(formatProblems(problems), '');
    }
  });
}

test('all of them as comments: the defaults', async () => {
  const { configuration, problems } = await review([...HEAD, ...EXAMPLES.flat().map((line) => `# ${line}`)]);
  assert.deepEqual(problems, []);
  assert.deepEqual(configuration.warnings, []);
});

test('a key outside its section: the problem says in which section it belongs', async () => {
  const lines = [
    'pin: "12345670"',
    'country: NO',
    'level: debug',
    'white_list: []',
    'hostp2pd: {}',
    'logging: {pin: "1"}',
  ];
  const { problems } = await review(lines);
  assert.deepEqual(Object.fromEntries(problems.map(({ path, fix }) => [path, fix?.split(':')[0]])), {
    pin: 'move it into the section hostp2pd',
    country: 'move it into config_parms',
    level: 'move it into the section logging',
    white_list: 'it was renamed to pbc_white_list after the first releases of the Python program',
    'logging.pin': 'move it into the section hostp2pd',
  });
});
