import type { Effect, HookName, Input, OperatorTag, Tag } from '#src/session/messages.js';
import type { TimerName } from '#src/session/model.js';
import type { PhaseName } from '#src/session/phase.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import { type AnyTag, DEVICE } from './dialogue.js';
import { EVENT_CASES } from './every-event.js';
import { ATTACHED, type Case, type InputOf, LIVE, NOWHERE, phone } from './every-phase.js';

/**
 * Every input in every phase: either something happens, or it is ignored on purpose. The tables are typed by the unions, so
 * a new phase, input, event, reply, timer, command, hook or effect does not compile until it has a line here.
 */
type TagOf<K extends Tag['kind']> = Extract<AnyTag, { readonly kind: K }>;
type CommandOf<K extends OperatorCommand['kind']> = Extract<OperatorCommand, { readonly kind: K }>;

/** A reply that changes something in the phase that waits for it, and the phases that handle a missing reply. */
const REPLIES: {
  readonly [K in Tag['kind']]: {
    readonly tag: TagOf<K>;
    readonly reply: string;
    readonly handled: readonly PhaseName[];
    readonly unanswered: readonly PhaseName[];
  };
} = {
  'device-status': {
    tag: { kind: 'device-status' },
    reply: `p2p_device_address=${phone.device}\n`,
    handled: LIVE,
    unanswered: NOWHERE,
  },
  // No look at the settings is under way.
  setting: {
    tag: { kind: 'setting', key: 'config_methods' },
    reply: 'keypad',
    handled: NOWHERE,
    unanswered: NOWHERE,
  },
  'group-sharing': { tag: { kind: 'group-sharing' }, reply: '1', handled: LIVE, unanswered: NOWHERE },
  value: {
    tag: { kind: 'value', key: 'config_methods' },
    reply: 'keypad',
    handled: LIVE,
    unanswered: NOWHERE,
  },
  driver: {
    tag: { kind: 'driver' },
    reply: 'capa.num_multichan_concurrent=1\n',
    // There it is known.
    handled: LIVE.filter((phase) => phase !== 'awaiting'),
    unanswered: NOWHERE,
  },
  station: {
    tag: { kind: 'station' },
    reply: 'wpa_state=SCANNING\n',
    handled: LIVE,
    unanswered: ['awaiting'],
  },
  'station-networks': {
    tag: { kind: 'station-networks' },
    reply: '',
    handled: ['awaiting'],
    unanswered: ['awaiting'],
  },
  'station-use': {
    tag: { kind: 'station-use' },
    reply: '',
    handled: ['announcing'],
    unanswered: ['announcing'],
  },
  // Of a persistent group. In this table one runs, or ran before `resting`.
  'file-clients': {
    tag: { kind: 'file-clients', networkId: 0 },
    reply: phone.device,
    handled: ['running', 'backoff'],
    unanswered: NOWHERE,
  },
  // Without a reply the session sends INTERFACES again.
  interfaces: {
    tag: { kind: 'interfaces' },
    reply: `${DEVICE}\n`,
    handled: ['inspecting'],
    unanswered: ['inspecting'],
  },
  adoption: {
    tag: { kind: 'adoption' },
    reply: 'mode=P2P GO\n',
    handled: ['adopting'],
    unanswered: ['adopting'],
  },
  networks: { tag: { kind: 'networks' }, reply: '', handled: ['choosing'], unanswered: ['choosing'] },
  'add-network': {
    tag: { kind: 'add-network' },
    reply: '1\n',
    handled: ['storing'],
    unanswered: ['storing'],
  },
  'set-network': {
    tag: { kind: 'set-network', line: 'disabled 2' },
    reply: 'OK\n',
    handled: ['storing'],
    unanswered: ['storing'],
  },
  // The choosing of this table has no candidate to ask about.
  'profile-mode': {
    tag: { kind: 'profile-mode' },
    reply: '3',
    handled: NOWHERE,
    unanswered: ['choosing'],
  },
  'group-add': { tag: { kind: 'group-add' }, reply: 'FAIL\n', handled: ['forming'], unanswered: NOWHERE },
  channels: {
    tag: { kind: 'channels', failure: { kind: 'timed-out', seconds: 10 }, wanted: '2' },
    reply: '',
    handled: ['forming'],
    unanswered: ['forming'],
  },
  'radio-use': {
    tag: { kind: 'radio-use', failure: { kind: 'timed-out', seconds: 10 }, wanted: '2' },
    reply: '',
    handled: ['forming'],
    unanswered: ['forming'],
  },
  'unused-profile': {
    tag: { kind: 'unused-profile', profile: { id: 1, ssid: 'DIRECT-xy', persistent: false, disabled: true } },
    reply: '2',
    handled: LIVE,
    unanswered: NOWHERE,
  },
  'group-remove': {
    tag: { kind: 'group-remove' },
    reply: 'FAIL\n',
    handled: ['running'],
    unanswered: NOWHERE,
  },
  'group-status': {
    tag: { kind: 'group-status' },
    reply: 'wpa_state=DISCONNECTED\n',
    handled: ['running'],
    unanswered: NOWHERE,
  },
  // The walk is over, so nothing waits for the reply.
  walk: { tag: { kind: 'walk' }, reply: phone.entry, handled: NOWHERE, unanswered: NOWHERE },
  // The phone is not on the group.
  'station-name': {
    tag: { kind: 'station-name', address: phone.station },
    reply: phone.entry,
    handled: NOWHERE,
    unanswered: NOWHERE,
  },
  'group-check': {
    tag: { kind: 'group-check', reason: null },
    reply: `${DEVICE}\n`,
    handled: ['running'],
    unanswered: NOWHERE,
  },
  arm: { tag: { kind: 'arm', address: phone.station }, reply: 'FAIL\n', handled: LIVE, unanswered: NOWHERE },
  // The button is not open.
  button: {
    tag: { kind: 'button', deviceAddress: phone.device },
    reply: 'FAIL\n',
    handled: NOWHERE,
    unanswered: NOWHERE,
  },
  invite: { tag: { kind: 'invite' }, reply: 'FAIL\n', handled: NOWHERE, unanswered: NOWHERE },
  'group-profile': {
    tag: { kind: 'group-profile', before: [] },
    reply: '0\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n',
    handled: ['running'],
    unanswered: NOWHERE,
  },
  'group-profile-mode': {
    tag: { kind: 'group-profile-mode' },
    reply: 'FAIL\n',
    handled: ['running'],
    unanswered: NOWHERE,
  },
  'group-passphrase': {
    tag: { kind: 'group-passphrase' },
    reply: 'secret12',
    handled: ['running'],
    unanswered: NOWHERE,
  },
  'group-clients': {
    tag: { kind: 'group-clients' },
    reply: phone.device,
    handled: ['running'],
    unanswered: NOWHERE,
  },
  // No profile is being restored in this table.
  'restore-profile': {
    tag: { kind: 'restore-profile' },
    reply: '4\n',
    handled: ['running'],
    unanswered: NOWHERE,
  },
  save: { tag: { kind: 'save' }, reply: 'FAIL\n', handled: LIVE, unanswered: NOWHERE },
  operator: operatorReply({ kind: 'disconnect' }),
  farewell: {
    tag: { kind: 'farewell' },
    reply: 'OK\n',
    handled: ['stopping'],
    unanswered: ['stopping'],
  },
  noted: {
    tag: { kind: 'noted', level: 'warning', purpose: 'x' },
    reply: 'FAIL\n',
    handled: LIVE,
    unanswered: NOWHERE,
  },
};

/** An operator gets an answer in every phase. */
function operatorReply(what: OperatorTag) {
  const tag = { kind: 'operator', id: 0, what } as const;
  return { tag, reply: 'OK\n', handled: LIVE, unanswered: LIVE };
}

const OPERATOR_REPLIES: { readonly [K in OperatorTag['kind']]: Extract<OperatorTag, { readonly kind: K }> } =
  {
    clients: { kind: 'clients' },
    disconnect: { kind: 'disconnect' },
    forget: { kind: 'forget', deviceAddress: phone.device },
    find: { kind: 'find' },
  };
const ALL_REPLIES = [...Object.values(REPLIES), ...Object.values(OPERATOR_REPLIES).map(operatorReply)];

const TIMERS: { readonly [T in TimerName]: readonly PhaseName[] } = {
  // The group of this table has no station.
  address: NOWHERE,
  discovery: ['running', 'idle'],
  // No request is open.
  enrolment: NOWHERE,
  forming: ['forming'],
  backoff: ['inspecting', 'awaiting', 'backoff'],
  // There is no group.
  'kept-group': NOWHERE,
  'group-check': ['running'],
  adopting: ['adopting'],
  // Nothing waits for the button, and the configured method is shown.
  button: NOWHERE,
  unused: NOWHERE,
  invitation: NOWHERE,
  method: NOWHERE,
  // No window is open, no group is being removed, and no operator waits for one.
  pairing: NOWHERE,
  removal: NOWHERE,
  orders: NOWHERE,
  stopping: ['stopping'],
};

/** An operator's command gets an answer in every phase, or later. After the end there are no commands. */
const COMMANDS: { readonly [K in OperatorCommand['kind']]: CommandOf<K> } = {
  'enter-pin': { kind: 'enter-pin', deviceAddress: phone.device, pin: '12345670' },
  clients: { kind: 'clients' },
  invite: { kind: 'invite', deviceAddress: phone.device },
  disconnect: { kind: 'disconnect', address: phone.device },
  forget: { kind: 'forget', deviceAddress: phone.device },
  pair: { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null },
  'stop-pairing': { kind: 'stop-pairing' },
  'start-group': { kind: 'start-group' },
  'stop-group': { kind: 'stop-group' },
  pause: { kind: 'pause' },
  resume: { kind: 'resume' },
  find: { kind: 'find', seconds: 5 },
};

const HOOKS: { readonly [H in HookName]: readonly PhaseName[] } = {
  started: NOWHERE,
  start_group: ['announcing'],
  stop_group: NOWHERE,
  connect: NOWHERE,
  disconnect: NOWHERE,
  address: NOWHERE,
  show_pin: NOWHERE,
  enter_pin: NOWHERE,
  terminated: ['stopping'],
};

const CASES: { readonly [T in Input['type']]: readonly Case<InputOf<T>>[] } = {
  start: [[{ type: 'start' }, LIVE]],
  'link-up': [
    [{ type: 'link-up', link: 'device' }, LIVE],
    [{ type: 'link-up', link: 'group' }, ['adopting', 'running']],
  ],
  'link-down': [
    [{ type: 'link-down', link: 'device', reason: 'x' }, LIVE],
    [{ type: 'link-down', link: 'group', reason: 'x' }, ['adopting', 'running']],
  ],
  'link-missed': [
    [{ type: 'link-missed', link: 'device' }, LIVE],
    [{ type: 'link-missed', link: 'group' }, ['running']],
  ],
  'link-held-back': [
    [{ type: 'link-held-back', link: 'device', reason: 'x' }, LIVE],
    [{ type: 'link-held-back', link: 'group', reason: 'x' }, LIVE],
  ],
  'link-waiting': [
    [{ type: 'link-waiting', link: 'device', code: 'CONTROL_UNAVAILABLE', reason: 'x' }, LIVE],
    [
      { type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason: 'x' },
      ['adopting', 'running'],
    ],
  ],
  event: EVENT_CASES,
  reply: ALL_REPLIES.map(({ tag, reply, handled }) => [{ type: 'reply', tag, reply }, handled]),
  'no-reply': ALL_REPLIES.map(({ tag, unanswered }) => [
    { type: 'no-reply', tag, code: 'CONTROL_TIMEOUT', reason: 'x' },
    unanswered,
  ]),
  timer: keysOf(TIMERS).map((timer) => [{ type: 'timer', timer }, TIMERS[timer]]),
  'hook-done': [
    ...keysOf(HOOKS).map(
      (hook): Case<InputOf<'hook-done'>> => [{ type: 'hook-done', hook, call: 1 }, HOOKS[hook]],
    ),
    // The result of an earlier call.
    [{ type: 'hook-done', hook: 'start_group', call: 0 }, NOWHERE],
  ],
  pin: [[{ type: 'pin', deviceAddress: phone.device, call: 1, pin: '12345670', reason: '' }, NOWHERE]],
  'loss-investigated': [[{ type: 'loss-investigated', culprit: null, leftover: null }, LIVE]],
  leases: [
    [
      { type: 'leases', leases: new Map([[phone.station, { ip: '192.168.49.2', end: 1, expires: 1 }]]) },
      LIVE,
    ],
  ],
  // The phone of this table has an address, or is not there.
  'no-address': [[{ type: 'no-address', address: phone.station }, NOWHERE]],
  'address-confirmed': [[{ type: 'address-confirmed', address: phone.station, ip: '192.168.49.2' }, NOWHERE]],
  'ipv6-confirmed': [[{ type: 'ipv6-confirmed', address: phone.station, ipv6: 'fe80::1%wlan0' }, NOWHERE]],
  operator: Object.values(COMMANDS).map((command) => [
    { type: 'operator', id: 0, command },
    [...LIVE, 'stopping'],
  ]),
  // No command is waiting.
  'operator-gone': [[{ type: 'operator-gone', id: 0 }, NOWHERE]],
  configure: [[{ type: 'configure' }, LIVE]],
  // In the phases before, the values are not known yet.
  'settings-due': [
    [{ type: 'settings-due' }, ATTACHED.filter((phase) => phase !== 'inspecting' && phase !== 'adopting')],
  ],
  pulse: [[{ type: 'pulse' }, [...LIVE, 'stopping']]],
  stop: [[{ type: 'stop' }, LIVE]],
};

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(table).filter((key): key is K => Object.hasOwn(table, key));
}

export const ALL: readonly Case[] = Object.values(CASES).flat();

/** Whether an input of these tables has that effect in some phase. The others need settings or a history of their own. */
export const EFFECTS: { readonly [E in Effect['type']]: boolean } = {
  request: true,
  'open-group': true,
  'close-group': true,
  'investigate-loss': true,
  'serve-addresses': false,
  'withdraw-addresses': false,
  'expect-lease': false,
  'note-address': false,
  'confirm-address': false,
  'seek-address': false,
  timer: true,
  cancel: true,
  hook: true,
  remember: true,
  'ask-pin': false,
  store: true,
  answer: true,
  pulse: true,
  log: true,
  emit: true,
  fail: false,
  end: true,
};
