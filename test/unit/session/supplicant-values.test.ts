import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Input } from '#src/session/messages.js';
import type { ConfigFile } from '#src/session/model.js';
import { readNote, UNSET, type ValueKey, type Values } from '#src/session/temporary-values.js';
import { seeded } from '../../fakes/seeded.js';
import { DEVICE, Dialogue, FILE_VALUES, GROUP, OWN_ADDRESS, Phone, REMOVED, STARTED } from './dialogue.js';

/** The settings of wpa_supplicant that a session changes temporarily, and the configuration file that it writes. */

const phone = new Phone(1, 'A');
const stranger = new Phone(2, 'B');
const PAIR = { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null } as const;

function at(configFile: ConfigFile, section: Readonly<Record<string, unknown>> = {}): Dialogue {
  const d = new Dialogue(section, configFile === 'radio' ? 'wlan0' : DEVICE);
  d.configFile = configFile;
  return d;
}

const raw = (d: Dialogue): string[] =>
  d
    .all('request')
    .filter(({ link }) => link === 'device')
    .map(({ command }) => command);
const saves = (d: Dialogue): boolean => raw(d).includes('SAVE_CONFIG');

/** A phone has joined: wpa_supplicant has put it on the list of the group's clients. */
function joined(d: Dialogue): Dialogue {
  d.event('device', phone.asksByPin).event('group', phone.joins);
  return d.reply('GET_NETWORK 0 p2p_client_list', phone.device);
}

/** The values and the configuration file of wpa_supplicant, which writes the file by itself at any time. */
class Supplicant {
  file: Values;
  values: Values;
  /** What was written so far. */
  readonly written: Values[] = [];

  constructor(file: Values) {
    this.file = file;
    this.values = file;
  }

  take(command: string): string {
    const [verb = '', key = '', ...rest] = command.split(' ');
    if (verb === 'SAVE_CONFIG') return this.write() ? 'OK\n' : 'FAIL\n';
    if (verb === 'RECONFIGURE') this.values = this.file;
    const known = (name: string): name is ValueKey => name in UNSET;
    if (verb === 'GET' && known(key)) return this.values[key] || 'FAIL\n';
    if (verb === 'SET' && known(key)) this.values = { ...this.values, [key]: rest.join(' ') };
    return 'OK\n';
  }

  /** A phone joins, a group is formed, another program saves. */
  write(): boolean {
    if (this.values.update_config === '0') return false;
    this.written.push(this.values);
    this.file = this.values;
    return true;
  }

  restart(): void {
    this.values = this.file;
  }
}

describe('a file that the P2P device shares with the radio', () => {
  test('is never written: not at the start, nor after a join, a reload, a forgotten phone, or the end of the session', () => {
    const d = at('shared', { config_parms: { country: 'IT', update_config: 1 }, per_sta_psk: true });
    d.give({ type: 'start' }).up('device').values();
    assert.equal(d.commands()[1], 'SET update_config 0');
    const all: string[] = [];
    const note = (): void => void all.push(...raw(d));
    d.answer({ kind: 'device-status' }, `p2p_device_address=${OWN_ADDRESS}\n`);
    d.answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']).hookDone('start_group');
    d.event('device', STARTED).up('group');
    note();
    joined(d);
    note();
    d.operate({ kind: 'forget', deviceAddress: phone.device }).answer(
      { kind: 'operator', id: 1, what: { kind: 'forget', deviceAddress: phone.device } },
      'OK\n',
    );
    note();
    d.configure({}).values();
    note();
    d.give({ type: 'stop' });
    note();
    assert.ok(!all.some((command) => command === 'SAVE_CONFIG' || command === 'SET update_config 1'));
  });

  test('keeps update_config 0 after the end of the session; the other values are restored, and the note stays', () => {
    const d = at('shared').toRunning().values({ persistent_reconnect: '0' }).give({ type: 'stop' });
    assert.deepEqual(raw(d), ['SET persistent_reconnect 0', 'P2P_STOP_FIND']);
    assert.equal(d.state.supplicant.values?.inForce.update_config, '0');
    assert.equal(readNote(d.state.supplicant.values?.inForce.config_methods ?? '')?.update_config, '1');
  });

  test('is left alone if the user has set update_config=0', () => {
    const d = at('shared').up('device').values({ update_config: '0' });
    assert.deepEqual(raw(d), [], 'nothing has to be restored');
  });
});

describe("a file of the P2P device's own", () => {
  test("holds the user's values: they are set while it is saved, and update_config is 1 only then", () => {
    const d = at('own').toRunning().values({ persistent_reconnect: '0' });
    assert.ok(raw(d).includes('SET persistent_reconnect 1'));
    joined(d);
    const place = raw(d).indexOf('SAVE_CONFIG');
    assert.deepEqual(raw(d).slice(0, place), [
      'SET persistent_reconnect 0',
      'SET update_config 1',
      'SET config_methods keypad',
    ]);
    const [noted, closed, ...rest] = raw(d).slice(place + 1);
    assert.match(noted ?? '', /^SET config_methods keypad hostp2pd:KEYPAD,1,0,/);
    assert.equal(closed, 'SET update_config 0');
    assert.deepEqual(rest, ['SET persistent_reconnect 1']);
  });

  test('is saved when a group is new, or a phone joins, is forgotten or gets its own passphrase', () => {
    const made = at('own').toChoosing().profiles().hookDone('start_group').event('device', STARTED);
    assert.ok(saves(made));
    assert.ok(saves(joined(at('own').toRunning())));
    const again = joined(at('own').toRunning());
    again.event('group', phone.leaves).event('group', phone.joins);
    assert.ok(!saves(again.answer({ kind: 'group-clients' }, phone.device)), 'nothing new');
    assert.ok(saves(again.configure({ per_sta_psk: true }).answer({ kind: 'group-clients' }, phone.device)));
    again.operate({ kind: 'forget', deviceAddress: phone.device });
    again.answer({ kind: 'operator', id: 1, what: { kind: 'forget', deviceAddress: phone.device } }, 'OK\n');
    assert.ok(saves(again));
  });

  test('is not saved if the settings or its own update_config forbid it, nor before that is known', () => {
    assert.ok(!saves(joined(at('own', { save_config_enabled: false }).toRunning())));
    const closed = at('own').toRunning().values({ update_config: '0' });
    assert.ok(!saves(joined(closed)));
    assert.deepEqual(closed.logs('warning'), []);
    const asked = at('own').toRunning().down('device').up('device');
    assert.ok(!saves(asked.answer({ kind: 'group-clients' }, phone.device)));
  });

  test('a refused SAVE_CONFIG is one warning and no error', () => {
    const d = joined(at('own').toRunning()).reply('SAVE_CONFIG', 'FAIL\n');
    assert.equal(d.logs('warning').length, 1);
    assert.equal(d.phase, 'running');
    d.answer({ kind: 'save' }, 'FAIL\n');
    assert.deepEqual(d.logs('warning'), [], 'no second warning');
  });

  test("config_parms count as the user's values and are saved", () => {
    const d = at('own', { config_parms: { persistent_reconnect: 1, config_methods: 'display' } }).toRunning();
    d.values({ persistent_reconnect: '0' });
    joined(d);
    const saved = raw(d).slice(0, raw(d).indexOf('SAVE_CONFIG'));
    assert.deepEqual(
      saved.filter((command) => !command.includes('hostp2pd:')),
      ['SET update_config 1', 'SET config_methods display'],
    );
  });
});

test('the user can still save networks in the file of the radio, and it is cleaned after a join', () => {
  const d = at('radio').toChoosing('wlan0\n').profiles([0, 'DIRECT-PP']).hookDone('start_group');
  d.event('device', STARTED).up('group').values({ persistent_reconnect: '0' });
  assert.ok(!raw(d).some((command) => command.startsWith('SET update_config')));
  joined(d);
  const place = raw(d).indexOf('SAVE_CONFIG');
  assert.deepEqual(raw(d).slice(0, place), ['SET persistent_reconnect 0', 'SET config_methods keypad']);
  assert.deepEqual(raw(d.give({ type: 'stop' })), [
    'SET persistent_reconnect 0',
    'SET config_methods keypad',
    'P2P_STOP_FIND',
  ]);
});

describe("a temporary value is not taken for the user's", () => {
  for (const [user, shows] of [
    ['keypad', 'virtual_push_button'],
    ['virtual_push_button', 'keypad'],
  ] as const) {
    test(`${shows} set, session killed: the next session knows that ${user} is the user's value`, () => {
      const d = at('shared', { pbc_white_list: ['A'] })
        .toRunning()
        .values({ config_methods: user });
      if (user === 'keypad') d.operate(PAIR);
      else d.event('device', stranger.asksByButton);
      const inForce = d.state.supplicant.values?.inForce;
      assert.ok(inForce?.config_methods.startsWith(`${shows} `));
      const next = at('shared', { pbc_white_list: ['A'] })
        .up('device')
        .values(inForce);
      assert.equal(next.state.method.used, user === 'keypad' ? 'pin' : 'pbc');
      assert.ok(next.commands().includes(`SET config_methods ${user}`));
    });
  }

  test("wpa_supplicant was restarted since: its file has the user's values, also new ones", () => {
    const d = at('shared').toRunning().operate(PAIR);
    d.down('device').up('device').values({ config_methods: 'virtual_push_button' });
    assert.equal(d.state.method.used, 'pbc');
  });
});

describe('whatever happens', () => {
  const FILES: readonly Values[] = [
    FILE_VALUES,
    { ...FILE_VALUES, config_methods: 'virtual_push_button display', persistent_reconnect: '0' },
    { ...UNSET, update_config: '1', ip_addr_go: '10.0.0.1' },
    UNSET,
  ];
  const SECTIONS = [
    {},
    { addressing: 'dnsmasq', pbc_white_list: ['A'] },
    { dynamic_group: true, per_sta_psk: true },
    { activate_persistent_group: false, pbc_in_use: true },
    { config_parms: { ip_addr_mask: '255.0.0.0', country: 'IT' } },
  ];
  const inputs = (d: Dialogue): readonly (() => unknown)[] => [
    () => d.operate(PAIR, d.now),
    () => d.operate({ kind: 'stop-pairing' }, d.now),
    () => d.operate({ kind: 'pause' }, d.now),
    () => d.operate({ kind: 'resume' }, d.now),
    () => d.operate({ kind: 'start-group' }, d.now),
    () => d.operate({ kind: 'stop-group' }, d.now),
    () => d.operate({ kind: 'forget', deviceAddress: phone.device }, d.now),
    () => d.event('device', phone.asksByPin),
    () => d.event('device', phone.asksByButton),
    () => d.event('device', stranger.asksByButton),
    () => d.event('group', phone.joins),
    () => d.event('group', phone.leaves),
    () => d.event('device', STARTED),
    () => d.event('device', REMOVED),
    () => d.up('group'),
    () => d.down('group'),
    () => d.hookDone('start_group'),
    () => d.timer('method'),
    () => d.timer('pairing', 200_000),
    () => d.timer('backoff'),
    () => d.give({ type: 'link-missed', link: 'device' }),
  ];

  /** @returns how many times the session has saved */
  function play(
    configFile: ConfigFile,
    file: Values,
    section: (typeof SECTIONS)[number],
    seed: number,
  ): number {
    const random = seeded(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const supplicant = new Supplicant(file);
    // The values of config_parms count as the user's.
    const parms = (section as { config_parms?: Record<string, string> }).config_parms ?? {};
    const user: Values = {
      ...file,
      ...('ip_addr_mask' in parms ? { ip_addr_mask: parms['ip_addr_mask'] } : {}),
    };
    let d = at(configFile, section);
    let known = false;
    let owed: Extract<Input, { type: 'reply' }>[] = [];
    let saved = 0;

    const check = (what: string): void => {
      const context = `${what}; ${configFile}, seed ${seed}`;
      const noted = readNote(supplicant.values.config_methods);
      const open = supplicant.values.update_config !== '0';
      if (configFile === 'shared' && known) assert.ok(!open, context);
      if (configFile === 'own' && known && open) {
        // The note alone may get into the file if all other values are the user's: it changes nothing.
        const { config_methods, ...others } = supplicant.values;
        const plain = config_methods.replace(/ hostp2pd:.*$/, '');
        const methods = noted && user.config_methods === '' ? user.config_methods : plain;
        assert.deepEqual({ ...others, config_methods: methods }, user, context);
      }
      if (configFile === 'radio') assert.equal(supplicant.values.update_config, user.update_config, context);
      if (known && noted) assert.deepEqual(noted, user, context);
    };
    /** Carries out the requests of the last step, or only the first ones: a kill may come in between. */
    const carryOut = (least = 0): void => {
      for (const { command, tag, link } of d.all('request')) {
        if (least > 0 && random() < least) return;
        const before = supplicant.written.length;
        const reply = supplicant.take(command);
        if (command === 'SET update_config 0') known = true;
        check(command);
        if (command === 'SAVE_CONFIG') {
          assert.deepEqual(
            supplicant.values,
            configFile === 'radio' ? { ...user } : user,
            `saved; seed ${seed}`,
          );
          saved += supplicant.written.length - before;
        }
        if (link === 'device' && tag?.kind === 'value') owed.push({ type: 'reply', tag, reply });
        else if (tag?.kind === 'group-clients')
          owed.push({ type: 'reply', tag, reply: pick(['', phone.device]) });
        else if (tag?.kind === 'interfaces')
          owed.push({ type: 'reply', tag, reply: pick(['', `${GROUP}\n`]) });
      }
    };
    const attach = (): void => {
      known = supplicant.values.update_config === '0';
      d.give({ type: 'start' }).up('device');
      carryOut();
    };

    attach();
    for (let step = 0; step < 120; step += 1) {
      const next = owed.shift();
      const killed = next !== undefined && known && random() < 0.1;
      if (next) d.give(next);
      if (next && !killed) {
        carryOut();
        continue;
      }
      const fate = killed ? 0 : random();
      if (fate < 0.03) {
        // `kill -9` of the session at the worst moment; the next one starts.
        if (!killed) pick(inputs(d))();
        carryOut(0.3);
        owed = [];
        d = at(configFile, section);
        attach();
      } else if (fate < 0.06) {
        // Power cut: both programs start again, and the file must have the user's values.
        if (configFile !== 'radio') supplicant.write();
        supplicant.restart();
        owed = [];
        d = at(configFile, section);
        attach();
      } else if (fate < 0.09) {
        d.down('device');
        carryOut();
        owed = [];
        d.up('device');
        carryOut();
      } else if (fate < 0.11) {
        d.give({ type: 'stop' });
        carryOut();
        if (configFile !== 'shared' && d.state.supplicant.values)
          assert.deepEqual(supplicant.values, user, `end; seed ${seed}`);
        owed = [];
        d = at(configFile, section);
        attach();
      } else if (known || configFile === 'radio') {
        d.now += 1000;
        pick(inputs(d))();
        carryOut();
      }
    }
    return saved;
  }

  for (const configFile of ['shared', 'own', 'radio'] as const) {
    test(`no save while a temporary value is set: ${configFile}`, () => {
      let saved = 0;
      for (const [number, file] of FILES.entries())
        for (const [other, section] of SECTIONS.entries())
          for (let seed = 0; seed < 6; seed += 1)
            saved += play(configFile, file, section, 1000 * number + 100 * other + seed);
      if (configFile === 'shared') assert.equal(saved, 0);
      else assert.ok(saved > 20, `${saved} saves`);
    });
  }
});
