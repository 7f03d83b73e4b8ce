import assert from 'node:assert/strict';
import type { Effect, HookName, Input, OperatorTag, Tag, TimerName } from '#src/session/messages.js';
import type { LinkName, PhaseName } from '#src/session/model.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import type { EventName } from '#src/wpa/event.js';
import { parseEvent } from '#src/wpa/event.js';
import { LINES } from '../wpa/event-samples.js';
import { DEVICE, Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

/**
 * Every input in every phase: either something happens, or it is ignored on purpose. The tables are typed by the unions, so
 * a new phase, input, event, reply, timer, command, hook or effect does not compile until it has a line here.
 */
export const phone = new Phone(1, 'A');

export const PHASES: Record<PhaseName, () => Dialogue> = {
  detached: () => new Dialogue().give({ type: 'start' }),
  inspecting: () => new Dialogue().up('device'),
  adopting: () => new Dialogue().up('device').reply('INTERFACES', `${GROUP}\n`),
  choosing: () => new Dialogue().toChoosing(),
  storing: () =>
    new Dialogue({ network_parms: ['ssid "DIRECT-xy"'] })
      .toChoosing()
      .reply('LIST_NETWORKS', '')
      .reply('ADD_NETWORK', '1\n'),
  announcing: () => new Dialogue().toChoosing().reply('LIST_NETWORKS', ''),
  forming: () => new Dialogue().toChoosing().reply('LIST_NETWORKS', '').hookDone('start_group'),
  running: () => new Dialogue().toRunning(),
  backoff: () => new Dialogue().toRunning().event('device', REMOVED),
  idle: () => new Dialogue({ activate_persistent_group: false }).toIdle(),
  stopping: () => new Dialogue().toRunning().give({ type: 'stop' }),
  ended: () => new Dialogue().toRunning().give({ type: 'stop' }).timer('stopping'),
};

const LIVE: readonly PhaseName[] = [
  'detached',
  'inspecting',
  'adopting',
  'choosing',
  'storing',
  'announcing',
  'forming',
  'running',
  'backoff',
  'idle',
];
export const ATTACHED = LIVE.filter((phase) => phase !== 'detached');
const NOWHERE: readonly PhaseName[] = [];

/** An input, and the phases in which it does something; everywhere else it is ignored on purpose. */
type Case<I extends Input = Input> = readonly [input: I, handled: readonly PhaseName[]];
type InputOf<T extends Input['type']> = Extract<Input, { readonly type: T }>;
type TagOf<K extends Tag['kind']> = Extract<Tag, { readonly kind: K }>;
type CommandOf<K extends OperatorCommand['kind']> = Extract<OperatorCommand, { readonly kind: K }>;

const UUID = '572cf82f-c957-5653-9b16-b5cfb298abf1';
const FOUND =
  `P2P-DEVICE-FOUND ${phone.device} p2p_dev_addr=${phone.device} pri_dev_type=10-0050F204-5 name='A' ` +
  'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1';

export function event(link: LinkName, text: string): InputOf<'event'> {
  return { type: 'event', link, event: parseEvent(text) };
}

/** For an event that every phase ignores, its recorded samples are used. */
const EVENTS: { readonly [E in EventName]: readonly Case<InputOf<'event'>>[] | 'ignored' } = {
  'P2P-DEVICE-FOUND': [[event('device', FOUND), LIVE]],
  'P2P-DEVICE-LOST': 'ignored',
  'P2P-FIND-STOPPED': [[event('device', 'P2P-FIND-STOPPED '), ['idle']]],
  'P2P-PROV-DISC-SHOW-PIN': [[event('device', phone.asksByPin), LIVE]],
  'P2P-PROV-DISC-ENTER-PIN': [[event('device', phone.asksShowingPin), LIVE]],
  'P2P-PROV-DISC-PBC-REQ': [[event('device', phone.asksByButton), LIVE]],
  'P2P-PROV-DISC-PBC-RESP': 'ignored',
  'P2P-PROV-DISC-FAILURE': 'ignored',
  'P2P-GO-NEG-REQUEST': [[event('device', phone.negotiates(1)), LIVE]],
  'P2P-GO-NEG-SUCCESS': [
    // The group that is forming in this table is not negotiated.
    [event('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${phone.device}`), NOWHERE],
  ],
  'P2P-GO-NEG-FAILURE': [[event('device', 'P2P-GO-NEG-FAILURE status=-1'), NOWHERE]],
  'P2P-GROUP-FORMATION-SUCCESS': 'ignored',
  'P2P-GROUP-FORMATION-FAILURE': [[event('device', 'P2P-GROUP-FORMATION-FAILURE '), NOWHERE]],
  'P2P-GROUP-STARTED': [[event('device', STARTED), LIVE]],
  'P2P-GROUP-REMOVED': [
    // The number of its interface is noted.
    [event('device', REMOVED), LIVE.filter((phase) => phase !== 'backoff')],
  ],
  'P2P-INVITATION-RECEIVED': [
    [event('device', `P2P-INVITATION-RECEIVED sa=${phone.device} persistent=0`), LIVE],
  ],
  'P2P-INVITATION-ACCEPTED': [
    [event('device', `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`), LIVE],
  ],
  'P2P-INVITATION-RESULT': [[event('device', 'P2P-INVITATION-RESULT status=0'), NOWHERE]],
  'P2P-PERSISTENT-PSK-FAIL': 'ignored',
  'P2P-REMOVE-AND-REFORM-GROUP': [[event('device', 'P2P-REMOVE-AND-REFORM-GROUP '), ['running']]],
  'P2P-CROSS-CONNECT-ENABLE': 'ignored',
  'P2P-CROSS-CONNECT-DISABLE': 'ignored',
  'P2P-SERV-DISC-REQ': 'ignored',
  'P2P-SERV-DISC-RESP': 'ignored',
  'P2P-FALLBACK-TO-GO-NEG': 'ignored',
  'AP-ENABLED': 'ignored',
  'AP-DISABLED': [[event('group', 'AP-DISABLED '), ['running']]],
  'AP-STA-CONNECTED': [
    [event('group', phone.joins), ['running']],
    // While the link to the group is up, the copy on that link counts.
    [event('device', phone.joins), NOWHERE],
  ],
  'AP-STA-DISCONNECTED': [[event('group', phone.leaves), ['running']]],
  'AP-REJECTED-MAX-STA': [[event('group', `AP-REJECTED-MAX-STA ${phone.station}`), ['running']]],
  'AP-REJECTED-BLOCKED-STA': [[event('group', `AP-REJECTED-BLOCKED-STA ${phone.station}`), ['running']]],
  'AP-STA-POSSIBLE-PSK-MISMATCH': [
    [event('group', `AP-STA-POSSIBLE-PSK-MISMATCH ${phone.station}`), ['running']],
  ],
  'AP-STA-POLL-OK': 'ignored',
  'AP-CSA-FINISHED': 'ignored',
  'EAPOL-4WAY-HS-COMPLETED': 'ignored',
  'WPS-ENROLLEE-SEEN': [[event('group', phone.seen), ['running']]],
  'WPS-PIN-NEEDED': [[event('group', `WPS-PIN-NEEDED ${UUID} ${phone.station} []`), ['running']]],
  'WPS-REG-SUCCESS': [[event('group', `WPS-REG-SUCCESS ${phone.station} ${UUID}`), NOWHERE]],
  'WPS-SUCCESS': 'ignored',
  'WPS-FAIL': [[event('group', 'WPS-FAIL msg=8 config_error=18'), ['running']]],
  'WPS-M2D': 'ignored',
  'WPS-PBC-ACTIVE': [[event('group', 'WPS-PBC-ACTIVE '), ['running']]],
  'WPS-PBC-DISABLE': [[event('group', 'WPS-PBC-DISABLE '), NOWHERE]],
  'WPS-PIN-ACTIVE': 'ignored',
  'WPS-TIMEOUT': [[event('group', 'WPS-TIMEOUT '), NOWHERE]],
  'WPS-OVERLAP-DETECTED': 'ignored',
  'WPS-CANCEL': 'ignored',
  'WPS-AP-SETUP-LOCKED': 'ignored',
  'WPS-AP-SETUP-UNLOCKED': 'ignored',
  'CTRL-EVENT-CONNECTED': 'ignored',
  'CTRL-EVENT-DISCONNECTED': 'ignored',
  'CTRL-EVENT-ASSOC-REJECT': 'ignored',
  'CTRL-EVENT-AUTH-REJECT': 'ignored',
  'CTRL-EVENT-SSID-TEMP-DISABLED': 'ignored',
  'CTRL-EVENT-SSID-REENABLED': 'ignored',
  'CTRL-EVENT-NETWORK-NOT-FOUND': 'ignored',
  'INTERFACE-ENABLED': 'ignored',
  'INTERFACE-DISABLED': 'ignored',
  'CTRL-EVENT-EAP-STARTED': [[event('group', `CTRL-EVENT-EAP-STARTED ${phone.station}`), NOWHERE]],
  'CTRL-EVENT-EAP-PROPOSED-METHOD': 'ignored',
  'CTRL-EVENT-EAP-RETRANSMIT': 'ignored',
  'CTRL-EVENT-EAP-RETRANSMIT2': 'ignored',
  'CTRL-EVENT-EAP-SUCCESS': 'ignored',
  'CTRL-EVENT-EAP-SUCCESS2': 'ignored',
  'CTRL-EVENT-EAP-FAILURE': 'ignored',
  'CTRL-EVENT-EAP-FAILURE2': 'ignored',
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE': 'ignored',
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE2': 'ignored',
  'CTRL-EVENT-STARTED-CHANNEL-SWITCH': 'ignored',
  'CTRL-EVENT-CHANNEL-SWITCH': [[event('group', 'CTRL-EVENT-CHANNEL-SWITCH freq=2462 dfs=0'), ['running']]],
  'CTRL-EVENT-REGDOM-CHANGE': 'ignored',
  'CTRL-EVENT-AVOID-FREQ': 'ignored',
  'CTRL-EVENT-DSCP-POLICY': 'ignored',
  'CTRL-EVENT-SCAN-STARTED': 'ignored',
  'CTRL-EVENT-SCAN-RESULTS': 'ignored',
  'CTRL-EVENT-SCAN-FAILED': 'ignored',
  'CTRL-EVENT-NETWORK-ADDED': 'ignored',
  'CTRL-EVENT-NETWORK-REMOVED': 'ignored',
  'CTRL-EVENT-BSS-ADDED': 'ignored',
  'CTRL-EVENT-BSS-REMOVED': 'ignored',
  'CTRL-EVENT-TERMINATING': [[event('device', 'CTRL-EVENT-TERMINATING '), ATTACHED]],
  'RX-PROBE-REQUEST': 'ignored',
};

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
  'group-sharing': { tag: { kind: 'group-sharing' }, reply: '1', handled: LIVE, unanswered: NOWHERE },
  value: {
    tag: { kind: 'value', key: 'config_methods' },
    reply: 'keypad',
    handled: LIVE,
    unanswered: NOWHERE,
  },
  driver: { tag: { kind: 'driver' }, reply: 'capa.flags=0x0\n', handled: LIVE, unanswered: NOWHERE },
  'station-use': {
    tag: { kind: 'station-use', call: 1 },
    reply: '',
    handled: ['announcing'],
    unanswered: ['announcing'],
  },
  // Of a persistent group: in this table one that runs, or has run before `resting`.
  'file-clients': {
    tag: { kind: 'file-clients', networkId: 0 },
    reply: phone.device,
    handled: ['running', 'backoff'],
    unanswered: NOWHERE,
  },
  // Without a reply the interfaces are requested again.
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
    tag: { kind: 'channels', failure: { kind: 'timed-out', detail: '', text: 'x' }, wanted: '2' },
    reply: '',
    handled: ['forming'],
    unanswered: ['forming'],
  },
  'radio-use': {
    tag: { kind: 'radio-use', failure: { kind: 'timed-out', detail: '', text: 'x' }, wanted: '2' },
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
    tag: { kind: 'noted', level: 'warning', what: 'x' },
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
  backoff: ['inspecting', 'backoff'],
  // No group is held.
  held: NOWHERE,
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
  'link-deaf': [
    [{ type: 'link-deaf', link: 'device', reason: 'x' }, LIVE],
    [{ type: 'link-deaf', link: 'group', reason: 'x' }, LIVE],
  ],
  'link-waiting': [
    [{ type: 'link-waiting', link: 'device', code: 'CONTROL_UNAVAILABLE', reason: 'x' }, LIVE],
    [
      { type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason: 'x' },
      ['adopting', 'running'],
    ],
  ],
  event: [
    ...Object.entries(EVENTS).flatMap(([name, cases]) => (cases === 'ignored' ? samplesOf(name) : cases)),
    [event('device', 'SOMETHING-NEW a=b'), NOWHERE],
  ],
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
  operator: Object.values(COMMANDS).map((command) => [
    { type: 'operator', id: 0, command },
    [...LIVE, 'stopping'],
  ]),
  // No command is waiting.
  'operator-gone': [[{ type: 'operator-gone', id: 0 }, NOWHERE]],
  configure: [[{ type: 'configure' }, LIVE]],
  pulse: [[{ type: 'pulse' }, [...LIVE, 'stopping']]],
  stop: [[{ type: 'stop' }, LIVE]],
};

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(table).filter((key): key is K => Object.hasOwn(table, key));
}

function samplesOf(name: string): Case<InputOf<'event'>>[] {
  const lines = LINES.filter((line) => line.name === name);
  assert.ok(lines.length > 0, name);
  return lines.flatMap(({ text }): Case<InputOf<'event'>>[] => [
    [event('device', text), NOWHERE],
    [event('group', text), NOWHERE],
  ]);
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
