import fc from 'fast-check';
import type { OperatorCommand } from '#src/session/session-event.js';
import { FaultyWorld, PHONES } from './faulty-world.js';

/** Random stories of phones, faults and operators; each must leave the session in agreement with wpa_supplicant. */

/** One thing that happens in a story. The number of a phone is its place in `PHONES`. */
type Deed =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'phone'; readonly phone: number; readonly does: PhoneDeed }
  | { readonly kind: 'accepted'; readonly phone: number; readonly groupMs: number | null }
  | { readonly kind: 'group-removed'; readonly quiet: boolean }
  | { readonly kind: 'group-appears' }
  | { readonly kind: 'link-lost'; readonly link: 'device' | 'group' }
  | { readonly kind: 'restart'; readonly ms: number }
  | { readonly kind: 'held-back' }
  | { readonly kind: 'hears' }
  | { readonly kind: 'missed'; readonly link: 'device' | 'group' }
  /** Another program changes a setting of wpa_supplicant; null: it lets it read its file again. */
  | { readonly kind: 'settings-changed'; readonly setting: number | null }
  /** The client of the oldest command without an answer goes. */
  | { readonly kind: 'operator-gone' }
  | { readonly kind: 'reload'; readonly settings: number }
  | { readonly kind: 'command'; readonly command: number; readonly gone: boolean };

const PHONE_DEEDS = [
  'comes-or-goes',
  'asks-by-pin',
  'asks-by-button',
  'asks-showing-pin',
  'negotiates-by-pin',
  'negotiates-by-button',
  'is-seen',
  'needs-pin',
  'has-enrolled',
  'fails-to-enrol',
] as const;
type PhoneDeed = (typeof PHONE_DEEDS)[number];

const CHANGES: readonly (readonly [key: string, value: string])[] = [
  ['device_name', 'raspberrypi'],
  ['config_methods', 'display'],
  ['update_config', '1'],
  ['persistent_reconnect', '0'],
];

const COMMANDS: readonly OperatorCommand[] = [
  { kind: 'resume' },
  { kind: 'start-group' },
  { kind: 'stop-group' },
  { kind: 'pause' },
  { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null },
  { kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: null },
  { kind: 'stop-pairing' },
  { kind: 'invite', deviceAddress: PHONES[0].device },
  { kind: 'disconnect', address: PHONES[0].device },
  { kind: 'forget', deviceAddress: PHONES[1].device },
  { kind: 'enter-pin', deviceAddress: PHONES[2].device, pin: '12345670' },
  { kind: 'clients' },
  { kind: 'find', seconds: 5 },
];

const SETTINGS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { dynamic_group: true },
  { activate_persistent_group: false },
  { activate_persistent_group: false, dynamic_group: true },
  { pin: '12345670' },
  { pin: 'random' },
  { pin: '12345670', dynamic_group: true },
  { config_parms: { device_name: 'Box' } },
  { pbc_in_use: true, pbc_white_list: PHONES.slice(0, 2).map(({ device }) => device) },
];

const phone = fc.nat(PHONES.length - 1);
const always = <T extends Deed>(deed: T) => fc.constant(deed);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(200) }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(8_000) }) },
  {
    weight: 25,
    arbitrary: fc.record({
      kind: fc.constant('phone' as const),
      phone,
      does: fc.constantFrom(...PHONE_DEEDS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('accepted' as const),
      phone,
      groupMs: fc.option(fc.nat(5_000)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('group-removed' as const), quiet: fc.boolean() }),
  },
  { weight: 1, arbitrary: always({ kind: 'group-appears' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('link-lost' as const),
      link: fc.constantFrom('device' as const, 'group' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), ms: fc.nat(6_000) }) },
  { weight: 2, arbitrary: always({ kind: 'held-back' }) },
  { weight: 3, arbitrary: always({ kind: 'hears' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('missed' as const),
      link: fc.constantFrom('device' as const, 'group' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settings-changed' as const),
      setting: fc.option(fc.nat(CHANGES.length - 1)),
    }),
  },
  { weight: 2, arbitrary: always({ kind: 'operator-gone' }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('reload' as const), settings: fc.nat(SETTINGS.length - 1) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      command: fc.nat(COMMANDS.length - 1),
      gone: fc.boolean(),
    }),
  },
);

/** Where the numbers are used up, no more faults happen. 0 stands for no fault, so that a shorter list is a simpler story. */
const chances = fc.array(fc.nat(999), { maxLength: 400, size: 'max' });
const deeds = fc.array(deed, { maxLength: 80, size: 'max' });

/** For `fc.assert`: throws for a story that breaks a rule, with the last steps. */
export const stories = fc.property(fc.nat(SETTINGS.length - 1), deeds, chances, play);

function play(settings: number, all: readonly Deed[], numbers: readonly number[]): void {
  let next = 0;
  const chance = () => 1 - (numbers[next++] ?? 0) / 1000;
  let section = SETTINGS[settings] ?? {};
  const world = new FaultyWorld(section, chance);
  for (const one of all) {
    if (one.kind === 'reload') section = SETTINGS[one.settings] ?? {};
    happen(world, one);
  }
  world.calm();
  world.supplicant.pass(30_000);
  world.groupIsKnown();
  world.supplicant.pass(120_000);
  world.compare(!('dynamic_group' in section) && !('activate_persistent_group' in section));
  world.stop();
}

function happen(world: FaultyWorld, one: Deed): void {
  const { d, supplicant } = world;
  const [group] = supplicant.groups.keys();
  switch (one.kind) {
    case 'pass':
      return supplicant.pass(one.ms);
    case 'phone':
      return act(world, one.phone, one.does);
    case 'accepted': {
      if (group) return;
      const { device } = PHONES[one.phone] ?? PHONES[0];
      supplicant.say('device', `P2P-INVITATION-ACCEPTED sa=${device} persistent=0`);
      if (one.groupMs !== null) supplicant.startSoon(one.groupMs);
      return;
    }
    case 'group-removed':
      if (group) supplicant.remove(group, one.quiet);
      return;
    case 'group-appears':
      world.secondGroup ||= group !== undefined || d.phase === 'announcing' || d.phase === 'forming';
      return supplicant.start();
    case 'link-lost':
      return one.link === 'group' ? supplicant.loseGroup() : supplicant.loseDevice();
    case 'restart':
      return supplicant.restart(one.ms);
    case 'held-back':
      supplicant.heldBack = true;
      return;
    case 'hears':
      return supplicant.hears();
    case 'missed':
      return supplicant.missed(one.link);
    case 'settings-changed': {
      const [key, value] = CHANGES[one.setting ?? CHANGES.length] ?? [];
      if (key === undefined || value === undefined) supplicant.readFile();
      else supplicant.settings.set(key, value);
      return;
    }
    case 'operator-gone': {
      const [id] = supplicant.unanswered.keys();
      if (id !== undefined) supplicant.give({ type: 'operator-gone', id });
      return;
    }
    case 'reload':
      d.use(SETTINGS[one.settings] ?? {});
      return supplicant.give({ type: 'configure' });
    case 'command': {
      const id = supplicant.operate(COMMANDS[one.command] ?? { kind: 'resume' });
      if (one.gone && supplicant.unanswered.has(id)) supplicant.give({ type: 'operator-gone', id });
      return;
    }
    default:
      one satisfies never;
  }
}

function act({ supplicant }: FaultyWorld, number: number, does: PhoneDeed): void {
  const phone = PHONES[number] ?? PHONES[0];
  const [group] = supplicant.groups.keys();
  const toDevice = (text: string) =>
    supplicant.say(
      'device',
      group ? text.replace(/ group=\S+$/, ` group=${group}`) : text.replace(/ group=\S+$/, ''),
    );
  const toGroup = (text: string) => (group ? supplicant.sayOf(group, text) : undefined);
  switch (does) {
    case 'comes-or-goes': {
      const stations = supplicant.groups.get(group ?? '');
      if (stations?.delete(phone)) toGroup(phone.leaves);
      else {
        stations?.add(phone);
        toGroup(phone.joins);
      }
      return;
    }
    case 'asks-by-pin':
      return toDevice(phone.asksByPin);
    case 'asks-by-button':
      return toDevice(phone.asksByButton);
    case 'asks-showing-pin':
      return toDevice(phone.asksShowingPin);
    case 'negotiates-by-pin':
      return toDevice(phone.negotiates(1));
    case 'negotiates-by-button':
      return toDevice(phone.negotiates(4));
    case 'is-seen':
      return toGroup(phone.seen);
    case 'needs-pin':
      return toGroup(phone.needsPin);
    case 'has-enrolled':
      return toGroup(`WPS-REG-SUCCESS ${phone.station} 572cf82f-c957-5653-9b16-b5cfb298abf1`);
    case 'fails-to-enrol':
      return toGroup('WPS-FAIL msg=8 config_error=18');
    default:
      does satisfies never;
  }
}
