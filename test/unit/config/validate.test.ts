import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatProblems } from '#src/config/problem.js';
import { SETTINGS } from '#src/config/schema.js';
import type { KeySpec } from '#src/config/table.js';
import { parsePin, RANDOM_PIN } from '#src/config/text-values.js';
import { validate } from '#src/config/validate.js';
import { techniqueOf } from '#src/session/selectors.js';

const DEFAULTS = validate({}).settings;
const SPECS: readonly [key: string, spec: KeySpec][] = Object.entries(SETTINGS);

/** The problems with their paths, for a section of one key. */
function problemOf(key: string, value: unknown): string {
  const { problems } = validate({ [key]: value });
  return formatProblems(problems);
}

function warningsOf(section: unknown): string {
  const { problems, warnings } = validate(section);
  assert.deepEqual(problems, []);
  return formatProblems(warnings);
}

describe('defaults', () => {
  test('an empty section gives the defaults without problems or warnings', () => {
    assert.deepEqual(validate({}), { settings: DEFAULTS, problems: [], warnings: [] });
    assert.deepEqual(DEFAULTS.select_timeout_secs, { normal: 10, connect: 90, long: 600, enroller: 600 });
    assert.equal(DEFAULTS.pin, '00000000');
    assert.equal(DEFAULTS.pbc_in_use, null);
  });

  test('a section without content is an empty one', () => {
    for (const section of [null, undefined, 'None']) assert.deepEqual(validate(section), validate({}));
  });

  test('every key may be null, and None is null', () => {
    for (const nothing of [null, 'None']) {
      for (const [key, spec] of SPECS) {
        const { settings, problems } = validate({ [key]: nothing });
        assert.deepEqual(problems, [], key);
        const values: Readonly<Record<string, unknown>> = settings;
        const defaults: Readonly<Record<string, unknown>> = DEFAULTS;
        const own = spec.type !== 'object' && spec.nullMeans !== undefined;
        assert.deepEqual(values[key], own ? null : defaults[key], key);
      }
    }
  });

  test('every default is accepted as an explicit value', () => {
    assert.deepEqual(validate(structuredClone(DEFAULTS)), validate({}));
  });
});

describe('wrong values', () => {
  const WRONG: readonly [key: string, value: unknown, report: RegExp][] = [
    ['max_num_failures', 2.5, /^hostp2pd\.max_num_failures: expected a whole number.*, got 2\.5$/],
    ['max_num_failures', -1, /expected a whole number from 0.*, got -1$/],
    ['max_num_failures', '3', /expected a whole number.*, got "3"$/],
    ['max_num_failures', true, /expected a whole number.*, got true$/],
    ['max_negotiation_time', Number.NaN, /expected seconds from 1.*, got NaN$/],
    ['max_negotiation_time', Number.POSITIVE_INFINITY, /, got Infinity$/],
    ['max_negotiation_time', -5, /expected seconds.*, got -5$/],
    ['max_negotiation_time', [5], /expected seconds.*, got a list$/],
    ['hook_timeout_secs', 0, /expected seconds from 1 to 600/],
    ['hook_timeout_secs', 601, /expected seconds from 1 to 600/],
    ['select_timeout_secs', 10, /expected a map.*, got a number$/],
    [
      'select_timeout_secs',
      { normal: -1 },
      /^hostp2pd\.select_timeout_secs\.normal: expected seconds .*, got -1$/,
    ],
    ['save_config_enabled', 'maybe', /expected true or false.*, got "maybe"$/],
    ['save_config_enabled', 1, /expected true or false.*, got 1$/],
    ['interface', 'wlan0/../x', /expected auto, or the name of an interface/],
    ['interface', 'p2p dev', /expected auto, or the name of an interface/],
    ['interface', '..', /expected auto, or the name of an interface/],
    ['ctrl_interface', 'run/wpa', /expected the absolute path.*, got "run\/wpa"$/],
    ['ssid_postfix', 42, /expected a text in quotes/],
    ['ssid_postfix', 'ä'.repeat(12), /expected at most 23 bytes/],
    ['ssid_postfix', '-x\ny', /expected a text without control characters.*, got a text of 4 characters$/],
    ['p2p_group_add_opts', 'freq=2\nTERMINATE', /expected a text without control characters/],
    ['p2p_connect_opts', 'a\u0000b', /expected a text without control characters/],
    [
      'p2p_group_add_opts',
      'freq=2.4',
      /expected freq=2, freq=5, freq=acs or freq=<whole MHz.*, got "freq=2\.4"$/,
    ],
    ['p2p_group_add_opts', 'ht40 freq=2411', /expected .* from 2412 to 7115/],
    ['p2p_group_add_opts', 'freq=7116', /expected .* from 2412 to 7115/],
    ['p2p_group_add_opts', 'freq=', /expected freq=2/],
    ['p2p_group_add_opts', 'freq=2437 freq=6x', /expected freq=2/],
    ['p2p_group_add_opts', 'ht-40', /expected options of P2P_GROUP_ADD \(freq, .*ht40.*\), got "ht-40"$/],
    ['p2p_group_add_opts', 'freq=2 HT40', /got "HT40"$/],
    ['p2p_group_add_opts', 'freq2', /got "freq2"$/],
    ['p2p_group_add_opts', 'ht40=1', /got "ht40=1"$/],
    ['p2p_group_add_opts', 'go_bssid=02-00-00-00-01-00', /got "go_bssid=02-00-00-00-01-00"$/],
    ['p2p_group_add_opts', 'freq=2,ht40', /expected freq=2, freq=5, freq=acs or freq=<whole MHz/],
    ['p2p_group_add_opts', 'constructor', /got "constructor"$/],
    [
      'p2p_connect_opts',
      'freq=2.4',
      /expected freq=<whole MHz from 2412 to 7115> \(P2P_CONNECT takes no band\), got "freq=2\.4"$/,
    ],
    ['p2p_connect_opts', 'freq=2411', /expected freq=<whole MHz/],
    ['p2p_connect_opts', 'freq=7116', /expected freq=<whole MHz/],
    ['pin_module', '/etc/pin.py', /expected the path of a JavaScript module.*, got "\/etc\/pin\.py"$/],
    ['pin_module', '', /expected the path of a JavaScript module/],
    ['state_folder', 'state', /expected the absolute path of a folder.*, got "state"$/],
    ['state_folder', '/var/lib\n/x', /expected a text without control characters/],
    ['pbc_white_list', [''], /^hostp2pd\.pbc_white_list\[0\]: expected a device address such as.*, got ""$/],
    ['pbc_white_list', ['phone', 'ä'.repeat(17)], /pbc_white_list\[1\]: .*device name of 1 to 32 bytes/],
    ['network_parms', 'ssid x', /expected a list of texts/],
    [
      'network_parms',
      ['ssid "DIRECT-ab"', 'psk'],
      /^hostp2pd\.network_parms\[1\]: expected a line "key value"/,
    ],
    ['network_parms', ['ssid "a"\nTERMINATE'], /expected a text without control characters/],
    ['config_parms', ['update_config 1'], /expected a map.*, got a list$/],
    [
      'config_parms',
      { update_config: true },
      /^hostp2pd\.config_parms\.update_config: expected .*1 for yes.*, got true$/,
    ],
    ['config_parms', { update_config: null }, /expected a text or a number.*, got nothing$/],
    ['config_parms', { device_name: 'a\nTERMINATE' }, /expected a text without control characters/],
    [
      'config_parms',
      { 'a b': '1' },
      /^hostp2pd\.config_parms\.\(a key of 3 characters\): expected the name of a parameter/,
    ],
    ['pbc_white_list', [5], /^hostp2pd\.pbc_white_list\[0\]: expected a text in quotes.*, got 5$/],
  ];
  for (const [key, value, report] of WRONG) {
    test(`${key} rejects ${JSON.stringify(value) ?? String(value)}`, () => {
      assert.match(problemOf(key, value), report);
    });
  }

  test('all problems are reported together, one line each', () => {
    const report = formatProblems(validate({ pin: 0, nonsense: 1, max_scan_polling: -1 }).problems);
    assert.equal(report.split('\n').length, 3);
  });

  test('a section that is a list is a problem', () => {
    assert.match(formatProblems(validate([]).problems), /^hostp2pd: expected a map.*, got an empty list$/);
  });
});

describe('options of P2P commands that are refused', () => {
  const CASES: readonly [key: string, given: string, sent: string, warning: RegExp][] = [
    [
      'p2p_connect_opts',
      'freq=2',
      '',
      /freq=2 is not sent: P2P_CONNECT takes no band; name a channel .*e\.g\. freq=2437/,
    ],
    ['p2p_connect_opts', 'go_intent=9 freq=5', 'go_intent=9', /freq=5 is not sent/],
    ['p2p_connect_opts', 'freq=acs ht40', 'ht40', /freq=acs is not sent/],
    ['p2p_connect_opts', 'ht-40', 'ht-40', /P2P_CONNECT has no option "ht-40" and ignores it/],
    [
      'p2p_group_add_opts',
      'persistent=7 ht40',
      'ht40',
      /"persistent=7" is not sent; use .*persistent_network_id instead/,
    ],
    ['p2p_group_add_opts', 'persistent', '', /activate_persistent_group/],
  ];
  for (const [key, given, sent, warning] of CASES) {
    test(`${key}: ${given}`, () => {
      assert.match(warningsOf({ [key]: given }), warning);
      assert.deepEqual(
        Object.entries(validate({ [key]: given }).settings).find(([name]) => name === key),
        [key, sent],
      );
    });
  }

  test("a placeholder of the Python program's example is no value for wpa_supplicant", () => {
    const section = { config_parms: { country: '<country ID>', device_name: 'DIRECT-<box>' } };
    assert.match(warningsOf(section), /^hostp2pd\.config_parms\.country: this placeholder is not sent/);
    assert.deepEqual(validate(section).settings.config_parms, { device_name: 'DIRECT-<box>' });
  });
});

describe('keys in the wrong place', () => {
  const CASES: readonly [key: string, place: RegExp][] = [
    ['password', /unknown setting; it was renamed to pin after/],
    ['white_list', /renamed to pbc_white_list after/],
    ['dynamic_gropus', /renamed to dynamic_group after/],
    ['psk', /unknown setting; write it as a line of network_parms: - psk …$/],
    ['ssid', /write it as a line of network_parms/],
    ['key_mgmt', /write it as a line of network_parms/],
    ['country', /unknown setting; move it into config_parms: it is a parameter of wpa_supplicant$/],
    ['device_name', /move it into config_parms/],
    ['Device-Name', /move it into config_parms/],
    ['p2p_go_intent', /move it into config_parms/],
    ['enroller', /move it into select_timeout_secs$/],
    ['handlers', /move it into the section logging$/],
    ['max_files', /move it into the section logging$/],
  ];
  for (const [key, place] of CASES) {
    test(`${key}: the problem says where it belongs, without its value`, () => {
      const report = problemOf(key, 'a-secret');
      assert.match(report, place);
      assert.doesNotMatch(report, /a-secret|did you mean/);
    });
  }

  test('a key of a network block in config_parms gives a warning', () => {
    const report = warningsOf({ config_parms: { psk: '"a secret"' } });
    assert.match(report, /^hostp2pd\.config_parms\.psk: .*write it as a line of network_parms/);
    assert.doesNotMatch(report, /a secret/);
  });
});

describe('unknown keys', () => {
  test('the nearest known key is suggested', () => {
    assert.match(problemOf('activate_persistant_group', true), /did you mean "activate_persistent_group"/);
    assert.match(problemOf('Save-Config-Enabled', true), /did you mean "save_config_enabled"/);
    const nested = formatProblems(validate({ select_timeout_secs: { norml: 1 } }).problems);
    assert.match(nested, /^hostp2pd\.select_timeout_secs\.norml: .*did you mean "normal"/);
  });

  test('no suggestion if no key is similar', () => {
    assert.equal(problemOf('colour', 1), 'hostp2pd.colour: unknown setting');
  });

  test('names of Object.prototype are unknown keys', () => {
    assert.match(problemOf('constructor', 1), /unknown setting/);
    assert.match(problemOf('toString', 1), /unknown setting/);
    assert.match(formatProblems(validate(JSON.parse('{"__proto__": 1}')).problems), /unknown setting/);
  });

  test('a line break in a key does not make another line of the report', () => {
    assert.equal(problemOf('x\nhostp2pd.pin', 1).split('\n').length, 1);
  });
});

describe('pin', () => {
  test('a number is a problem that says to quote it, without the PIN', () => {
    assert.match(problemOf('pin', 0), /expected a text in quotes \(YAML reads.*, got a number$/);
    assert.doesNotMatch(problemOf('pin', 87654321), /87654321/);
  });

  test('anything but 4 or 8 digits is a problem, without the text', () => {
    for (const pin of ['', '123', '12345', '1234567', '123456789', '1234567a', '１２３４']) {
      const report = problemOf('pin', pin);
      assert.match(report, /expected a text of 4 or 8 digits, or random/, pin);
      if (pin !== '') assert.ok(!report.includes(pin), pin);
    }
  });

  test('random is accepted, but is not itself a PIN', () => {
    assert.equal(validate({ pin: 'random' }).settings.pin, RANDOM_PIN);
    assert.ok('expected' in parsePin('random'));
    assert.match(problemOf('pin', 'Random'), /expected .* or random/);
  });

  test('a wrong WPS checksum is a warning; a right one and four digits are not', () => {
    assert.match(warningsOf({ pin: '12345678' }), /^hostp2pd\.pin: .*checksum/);
    for (const pin of ['12345670', '00000000', '1234', RANDOM_PIN])
      assert.equal(warningsOf({ pin }), '', pin);
  });
});

describe('forms that are accepted', () => {
  test('the boolean words of YAML 1.1', () => {
    for (const word of ['yes', 'Yes', 'on', 'True', 'TRUE', true]) {
      assert.equal(validate({ dynamic_group: word }).settings.dynamic_group, true);
    }
    for (const word of ['no', 'No', 'off', 'False', false]) {
      assert.equal(validate({ save_config_enabled: word }).settings.save_config_enabled, false);
    }
  });

  test('seconds: an integer or a fraction', () => {
    assert.equal(validate({ max_negotiation_time: 60 }).settings.max_negotiation_time, 60);
    assert.equal(validate({ max_negotiation_time: 1.5 }).settings.max_negotiation_time, 1.5);
  });

  test('a partial select_timeout_secs leaves the rest at the defaults', () => {
    const { select_timeout_secs } = validate({ select_timeout_secs: { long: 300, normal: null } }).settings;
    assert.deepEqual(select_timeout_secs, { normal: 10, connect: 90, long: 300, enroller: 600 });
  });

  test("ctrl_interface in wpa_supplicant's form gives its folder", () => {
    const folderOf = (text: string): string => validate({ ctrl_interface: text }).settings.ctrl_interface;
    assert.equal(folderOf('DIR=/var/run/wpa_supplicant GROUP=netdev'), '/var/run/wpa_supplicant');
    assert.equal(folderOf('DIR=/run/wpa'), '/run/wpa');
    assert.equal(folderOf('/run/wpa supplicant'), '/run/wpa supplicant');
  });

  test('addresses of the white list become lower case, names stay as they are', () => {
    const list = ['AA:bb:CC:00:11:22', 'Galaxy S24', 'ä'.repeat(16), 'AA:BB:CC', 'AA-BB:CC-00:11-22'];
    const { settings, problems } = validate({ pbc_white_list: list });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings.pbc_white_list, ['aa:bb:cc:00:11:22', ...list.slice(1)]);
  });

  test('bands, channels and the other options of P2P_GROUP_ADD', () => {
    for (const options of [
      'freq=2',
      'freq=5',
      'freq=acs',
      'freq=2412',
      'freq=7115',
      'ht40 freq2=5210 he',
      'vht max_oper_chwidth=80 edmg allow_6ghz go_bssid=02:00:00:00:01:00 p2p2 p2pmode=2',
      '',
    ]) {
      assert.equal(validate({ p2p_group_add_opts: options }).settings.p2p_group_add_opts, options);
      assert.equal(problemOf('p2p_group_add_opts', options), '');
    }
  });

  test('channels in p2p_connect_opts, whose words are separated by one blank', () => {
    for (const options of ['freq=2412', 'freq=7115', 'freq=5180 persistent', 'ht40', ''])
      assert.equal(problemOf('p2p_connect_opts', options), '');
    const { settings } = validate({ p2p_connect_opts: '  ht40   freq=2437 ' });
    assert.equal(settings.p2p_connect_opts, 'ht40 freq=2437');
  });

  test('each kind of JavaScript module, and a state folder', () => {
    for (const path of ['pin.js', '/etc/pin.mjs', './pin.cjs'])
      assert.equal(problemOf('pin_module', path), '');
    assert.equal(validate({ state_folder: '/srv/p2p' }).settings.state_folder, '/srv/p2p');
  });

  test('config_parms accept strings and numbers', () => {
    const { settings, problems } = validate({ config_parms: { update_config: 1, country: 'NO' } });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings.config_parms, { update_config: '1', country: 'NO' });
  });
});

test('an address of the white list may have any usual form', () => {
  const spellings = [
    ...['02:00:00:00:0a:bc', '02-00-00-00-0A-BC', '0200.0000.0abc', '020000000ABC', ' 02:00:00:00:0A:BC '],
    ...['02 00 00 00 0a bc', '02.00.00.00.0a.bc', '0200-0000-0abc', '020000-000abc'],
  ];
  const { settings, problems } = validate({ pbc_white_list: spellings });
  assert.deepEqual(problems, []);
  assert.deepEqual(new Set(settings.pbc_white_list), new Set(['02:00:00:00:0a:bc']));
});

describe('warnings', () => {
  const IGNORED: readonly [key: string, value: unknown, report: RegExp][] = [
    ['max_num_wpa_cli_failures', 3, /is ignored: hostp2pd keeps trying/],
    ['p2p_client', '/sbin/wpa_cli', /is ignored: there is no wpa_cli here/],
  ];
  for (const [key, value, report] of IGNORED) {
    test(`${key}: ${JSON.stringify(value)} is accepted with a warning`, () => {
      assert.match(warningsOf({ [key]: value }), report);
    });
  }

  test('no warning about a key that has an effect', () => {
    const section = {
      pin_module: '/etc/pin.mjs',
      pbc_in_use: false,
      pbc_white_list: ['phone'],
      dynamic_group: true,
      p2p_connect_opts: 'ht40',
      min_conn_delay: 10,
      max_num_failures: 5,
      wpa_supplicant_min_err_warn: 3,
      per_sta_psk: true,
      state_folder: '/srv/hostp2pd',
    };
    assert.equal(warningsOf(section), '');
  });

  test('false switches off what can be off', () => {
    const { settings, problems } = validate({ share_internet: false, handshake_range: false });
    assert.deepEqual([settings.share_internet, settings.handshake_range, problems], ['off', 'off', []]);
    assert.match(formatProblems(validate({ pin_module: false }).problems), /expected a text, got false/);
  });

  test('the push button without a white list gives a warning; with one it does not', () => {
    assert.match(warningsOf({ pbc_in_use: true }), /^hostp2pd\.pbc_in_use: .*any device nearby may press/);
    assert.equal(warningsOf({ pbc_in_use: true, pbc_white_list: ['phone'], pin: 'random' }), '');
    assert.equal(warningsOf({ pbc_in_use: null }), '');
  });

  test('a white list with the default PIN: a warning, because unlisted devices can use the PIN', () => {
    const list = { pbc_in_use: true, pbc_white_list: ['Mine'] };
    assert.match(warningsOf(list), /^hostp2pd\.pin: .*everybody knows/);
    assert.equal(warningsOf({ ...list, pin: '52107733' }), '');
    assert.equal(warningsOf({ ...list, pin: 'random' }), '');
  });

  test('both a persistent and an autonomous group: a warning, and the persistent one wins', () => {
    const section = { activate_persistent_group: true, activate_autonomous_group: true };
    assert.match(warningsOf(section), /activate_autonomous_group: .*the persistent group wins/);
    const { settings } = validate(section);
    assert.deepEqual(techniqueOf(settings), { persistent: true, alwaysUp: true, removedWhenEmpty: false });
  });

  test('an autonomous group with dynamic_group: a warning that dynamic_group wins', () => {
    const both = { activate_persistent_group: false, activate_autonomous_group: true, dynamic_group: true };
    assert.match(
      warningsOf(both),
      /^hostp2pd\.activate_autonomous_group: dynamic_group is true as well and wins/,
    );
    assert.equal(warningsOf({ ...both, dynamic_group: false }), '');
    // The persistent group wins over the autonomous one, so dynamic_group does not conflict.
    assert.doesNotMatch(warningsOf({ ...both, activate_persistent_group: true }), /dynamic_group/);
  });

  test('neither kind of group: no warning; a group is negotiated when a phone asks', () => {
    assert.equal(warningsOf({ activate_persistent_group: false }), '');
  });
});
