import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limitsOf } from '#src/host/limits.js';
import { Dialogue, FILE_VALUES, VALUE_QUESTIONS } from './dialogue.js';

/** Another program changes our settings in wpa_supplicant, and no event says so. */

const NAMED = { config_parms: { device_name: 'Box', country: 'IT' }, ssid_postfix: '-box' };
const MINUTE = 60_000;

const running = (section: Readonly<Record<string, unknown>> = NAMED): Dialogue =>
  new Dialogue(section).toRunning();

/** A minute later the settings are looked at. @param others what wpa_supplicant has in place of what we have set */
function look(d: Dialogue, others: Readonly<Record<string, string>> = {}): Dialogue {
  d.now += MINUTE;
  d.give({ type: 'settings-due' });
  for (const [key, wanted] of d.state.supplicant.look?.wanted ?? [])
    d.answer({ kind: 'setting', key }, others[key] ?? wanted);
  return d;
}

const problem = (d: Dialogue) => limitsOf(d.state, d.now).settings;
const asked = (d: Dialogue): string[] => d.give({ type: 'settings-due' }).commands();

describe('what is looked at', () => {
  test('the device name of the settings, and the values that differ from those of the user', () => {
    assert.deepEqual(asked(running()), ['GET device_name', 'GET update_config', 'GET config_methods']);
    assert.deepEqual(asked(running({})), ['GET update_config', 'GET config_methods']);
    const all = { ...NAMED, addressing: 'dnsmasq' };
    assert.deepEqual(asked(running(all).values({ persistent_reconnect: '0' })), [
      'GET device_name',
      ...VALUE_QUESTIONS,
    ]);
  });

  test('values in config_parms as well; not a name that wpa_supplicant has refused', () => {
    assert.deepEqual(asked(running({ config_parms: { persistent_reconnect: 1 } })), [
      'GET update_config',
      'GET persistent_reconnect',
      'GET config_methods',
    ]);
    const d = new Dialogue(NAMED).up('device').reply('SET device_name Box', 'FAIL\n').values();
    assert.ok(!asked(d).includes('GET device_name'));
    const value = new Dialogue({ config_parms: { persistent_reconnect: 'yes' } }).up('device').values();
    value.reply('SET persistent_reconnect yes', 'FAIL\n');
    assert.ok(!asked(value).includes('GET persistent_reconnect'));
  });

  test('nothing while a look is under way, nor without a link', () => {
    const d = running();
    d.give({ type: 'settings-due' });
    assert.deepEqual(asked(d), []);
    assert.deepEqual(asked(running().down('device')), []);
  });
});

test('settings that are still ours: nothing happens', () => {
  const d = look(running());
  assert.deepEqual([d.effects, problem(d), d.state.supplicant.look], [[], null, null]);
});

test('the device name is changed: it is set again, with one warning', () => {
  const d = running();
  look(d, { device_name: 'raspberrypi' });
  // The last reply of a look is that of config_methods.
  assert.deepEqual(d.commands(), ['SET device_name Box']);
  assert.equal(d.logs('warning').length, 1);
  assert.match(d.logs('warning')[0] ?? '', /device_name to "raspberrypi".*wifi-p2p\.device-name=Box/);
  assert.equal(problem(d), null);
  assert.deepEqual(look(d).effects, []);
});

test('wpa_supplicant has read its file again: all that it has forgotten is sent, also what cannot be read', () => {
  const d = running();
  look(d, { device_name: 'FAIL\n', update_config: '1', config_methods: FILE_VALUES.config_methods });
  assert.deepEqual(d.commands(), [
    'SET device_name Box',
    'SET country IT',
    'P2P_SET ssid_postfix -box',
    'SET config_methods keypad',
    'SET update_config 0',
    'WFD_SUBELEM_SET 10 ',
  ]);
  assert.deepEqual(d.logs('warning'), [
    'another program has changed update_config, config_methods, or let wpa_supplicant read its file again; they are set again',
  ]);
  assert.deepEqual(look(d).effects, []);
});

test('the method is changed while a window is open: that of the window comes back', () => {
  const d = running().operate({ kind: 'pair', method: 'pbc', pin: null, deviceAddress: null });
  d.now += 1_000;
  d.give({ type: 'settings-due' });
  d.answer({ kind: 'setting', key: 'device_name' }, 'Box');
  d.answer({ kind: 'setting', key: 'update_config' }, '0');
  d.answer({ kind: 'setting', key: 'config_methods' }, 'display');
  assert.ok(d.commands().includes('SET config_methods virtual_push_button'));
});

describe('a program that does it again and again', () => {
  const fought = (): Dialogue => {
    const d = running();
    for (let n = 0; n < 3; n++) {
      look(d, { device_name: 'raspberrypi' });
      assert.deepEqual(d.commands(), ['SET device_name Box']);
      assert.equal(d.logs('warning').length, n === 0 ? 1 : 0, 'one warning');
      assert.equal(problem(d), null);
    }
    return look(d, { device_name: 'raspberrypi' });
  };

  test('gets its way after three times, with another warning; the status says what phones see', () => {
    const d = fought();
    assert.deepEqual(d.commands(), []);
    assert.match(d.logs('warning').join(), /again and again; it is left so, and phones see that name/);
    assert.deepEqual(problem(d), {
      reason: 'phones see "raspberrypi", not "Box": another program changes device_name',
      waitsFor:
        'that program to leave it; NetworkManager needs wifi-p2p.device-name=Box in a [device] section in ' +
        '/etc/NetworkManager/conf.d',
      nextTryAt: null,
    });
  });

  test('is not fought later either, nor told again; another name is shown', () => {
    const d = fought();
    for (let hour = 0; hour < 5; hour++) {
      d.now += 60 * MINUTE;
      look(d, { device_name: 'other' });
      assert.deepEqual([d.commands(), d.logs()], [[], []]);
    }
    assert.match(problem(d)?.reason ?? '', /phones see "other"/);
  });

  test('ends: the problem is over, and a later change is set back again', () => {
    const d = look(fought());
    assert.equal(problem(d), null);
    d.now += 10 * MINUTE;
    look(d, { device_name: 'raspberrypi' });
    assert.deepEqual(d.commands(), ['SET device_name Box']);
  });

  for (const [what, again] of [
    ['a reload', (d: Dialogue) => d.configure(NAMED).values()],
    ['a new attachment', (d: Dialogue) => d.down('device').up('device').values()],
  ] as const) {
    test(`begins anew with ${what}`, () => {
      const d = again(fought());
      assert.equal(problem(d), null);
      look(d, { device_name: 'raspberrypi' });
      assert.deepEqual(d.commands(), ['SET device_name Box']);
    });
  }

  test('other settings are still set back', () => {
    const d = look(fought(), { device_name: 'raspberrypi', update_config: '1' });
    assert.deepEqual(d.commands(), ['SET update_config 0']);
  });

  test('for several settings the status names them all', () => {
    const d = running();
    for (let n = 0; n < 4; n++) look(d, { device_name: 'x', config_methods: 'display' });
    const { reason, waitsFor } = problem(d) ?? {};
    assert.equal(reason, 'phones see "x", not "Box": another program changes device_name, config_methods');
    assert.equal(waitsFor, 'that program to leave it');
  });
});

test('changes that are hours apart are set back each time, with a warning each time', () => {
  const d = running();
  for (let n = 0; n < 10; n++) {
    d.now += 60 * MINUTE;
    look(d, { device_name: 'raspberrypi' });
    assert.deepEqual([d.commands(), d.logs('warning').length], [['SET device_name Box'], 1]);
  }
});

describe('an answer says nothing', () => {
  test('of a setting that we have changed since it was asked for', () => {
    const d = running();
    d.give({ type: 'settings-due' });
    d.use({ ...NAMED, config_parms: { device_name: 'New' } });
    for (const [key, reply] of [
      ['device_name', 'Box'],
      ['update_config', '0'],
      ['config_methods', d.state.supplicant.values?.inForce.config_methods ?? ''],
    ] as const)
      d.answer({ kind: 'setting', key }, reply);
    assert.deepEqual([d.commands(), d.logs()], [[], []]);
  });

  test('where one of them is missing: the next look asks again', () => {
    const d = running();
    d.give({ type: 'settings-due' });
    const missing = { code: 'CONTROL_TIMEOUT', reason: 'x' } as const;
    d.give({ type: 'no-reply', tag: { kind: 'setting', key: 'device_name' }, ...missing });
    d.answer({ kind: 'setting', key: 'config_methods' }, 'display');
    assert.deepEqual([d.commands(), d.logs()], [[], []]);
    assert.equal(d.state.supplicant.look, null);
    assert.ok(look(d, { device_name: 'x' }).commands().includes('SET device_name Box'));
  });

  test('after a new attachment to a question from before', () => {
    const d = running();
    d.give({ type: 'settings-due' });
    d.down('device').up('device').values();
    assert.deepEqual(d.answer({ kind: 'setting', key: 'config_methods' }, 'display').effects, []);
    assert.ok(asked(d).includes('GET device_name'));
  });
});

test('what another program insists on is left so at the end, too', () => {
  const d = running();
  for (let n = 0; n < 4; n++) look(d, { config_methods: 'display' });
  assert.match(problem(d)?.reason ?? '', /config_methods/);
  d.give({ type: 'stop' });
  assert.ok(!d.commands().some((command) => command.startsWith('SET config_methods')));
  assert.deepEqual(d.give({ type: 'settings-due' }).effects, []);
});
