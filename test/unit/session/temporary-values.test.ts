import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseValue,
  readNote,
  UNSET,
  VALUE_KEYS,
  type Values,
  withNote,
} from '#src/session/temporary-values.js';
import { parseConfigMethods } from '#src/wpa/reply.js';

const USER: Values = {
  config_methods: 'virtual_push_button display',
  update_config: '1',
  persistent_reconnect: '0',
  ip_addr_go: '10.0.0.1',
  ip_addr_mask: '255.0.0.0',
  ip_addr_start: '10.0.0.2',
  ip_addr_end: '10.0.0.9',
};

test("the note keeps the user's values, whatever they are", () => {
  for (const config_methods of [
    '',
    'keypad',
    USER.config_methods,
    'virtual_display,virtual_push_button,p2ps',
  ])
    for (const values of [
      { ...USER, config_methods },
      { ...UNSET, config_methods },
    ])
      assert.deepEqual(readNote(withNote('keypad', values)), values);
});

test('the note contains no config method, for wpa_supplicant searches for them as substrings', () => {
  const words = [
    'usba',
    'ethernet',
    'label',
    'display',
    'nfc_token',
    'nfc_interface',
    'push_button',
    'keypad',
    'p2ps',
  ];
  const note = withNote('x', { ...USER, config_methods: words.join(' ') }).slice(1);
  for (const word of words) assert.ok(!note.includes(word), word);
  const shown = parseConfigMethods(withNote('keypad', USER));
  assert.deepEqual([shown?.keypad, shown?.pushButton], [true, false]);
});

test('unset config_methods are restored as unset, not as an empty value', () => {
  assert.match(withNote('', UNSET), /^display keypad .*hostp2pd:,0,0,/);
});

test('it fits into a line of a configuration file', () => {
  const long = { ...USER, config_methods: 'virtual_push_button '.repeat(50) };
  assert.ok(`config_methods=${withNote('virtual_push_button', long)}`.length < 511);
});

test('any other text is not taken for a note', () => {
  for (const text of ['', 'keypad', 'FAIL', 'keypad hostp2pd:', 'keypad hostp2pd:KEYPAD,1'])
    assert.equal(readNote(text), null, text);
});

test('a value that is unset, or unknown to wpa_supplicant, is kept as unset', () => {
  for (const key of VALUE_KEYS)
    for (const reply of ['FAIL\n', 'UNKNOWN COMMAND\n']) assert.equal(parseValue(key, reply), UNSET[key]);
  assert.equal(parseValue('ip_addr_go', '10.0.0.1'), '10.0.0.1');
});
