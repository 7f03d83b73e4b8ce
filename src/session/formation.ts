import type { LogLevel } from '../logging/logger.js';
import { type Backoff, backoff } from '../system/clock.js';
import { causeOf } from '../system/errors.js';
import { groupAdd, groupAddPersistent, groupAddProfile, p2pConnect } from '../wpa/command.js';
import { enrolmentOf, howOf } from './enrolment.js';
import type { Failure, RadioBlock } from './failure.js';
import { isWanted, refuseOrders } from './group-orders.js';
import type { GroupPlan, Occasion } from './model.js';
import { answerRecall } from './recall-answer.js';
import type { Turn } from './turn.js';

/** How a group comes into being: the hook before it, the command, and the rest after a failure. */

/**
 * An access point that cannot be set up makes no event at all (p2p_supplicant.c), so the start is bounded.
 * wpa_supplicant's own simulated-radio tests wait 5 s; a busy radio may need more.
 */
export const FORMING_LIMIT_MS = 10_000;
/**
 * From `P2P_CONNECT` to the end of the negotiation, which takes a second or two. Another phone's request in that moment
 * can stop it for good and without an event (seen in the radio lab): cancelled and asked for again, it goes on.
 */
const NEGOTIATION_LIMIT_MS = 12_000;
/** From the negotiation to the group: wpa_supplicant gives up after 15 s by itself. */
const WPS_LIMIT_MS = 30_000;
const REST: Backoff = { firstMs: 1_000, lastMs: 60_000 };

/** The hook comes before the group, so that it can free the radio; it is waited for. */
export function announce(turn: Turn, occasion: Occasion, plan: GroupPlan): void {
  const call = turn.state.calls + 1;
  turn.enter({ name: 'announcing', occasion, plan, call });
  turn.update({ calls: call, said: [] });
  callStartGroup(turn, plan, call);
}

function callStartGroup(turn: Turn, plan: GroupPlan, call: number | null): void {
  withdrawAnnouncement(turn);
  turn.update({ groupAnnounced: true });
  const { networkId, ssid } = plan.kind === 'profile' ? plan : { networkId: null, ssid: null };
  turn.hook({ hook: 'start_group', group: { networkId, ssid } }, call);
}

/** The hook has ended, well or not. */
export function form(turn: Turn, occasion: Occasion, plan: GroupPlan): void {
  if (occasion.kind === 'request') {
    connect(turn, occasion, plan);
    return;
  }
  turn.enter({ name: 'forming', occasion, plan });
  turn.timer('forming', FORMING_LIMIT_MS);
  turn.request('device', groupAddCommand(plan, turn.settings.p2p_group_add_opts), { kind: 'group-add' });
}

function groupAddCommand(plan: GroupPlan, options: string | null): string {
  if (plan.kind === 'profile') return groupAddProfile(plan.networkId, options);
  return plan.kind === 'new-persistent' ? groupAddPersistent(options) : groupAdd(options);
}

function connect(turn: Turn, occasion: Extract<Occasion, { kind: 'request' }>, plan: GroupPlan): void {
  turn.enter({ name: 'forming', occasion, plan });
  const enrolment = enrolmentOf(turn, occasion.deviceAddress);
  const how = enrolment && howOf(enrolment);
  if (!how) {
    fail(turn, phoneFailure(`${occasion.deviceAddress} no longer waits for a group`), 'info');
    return;
  }
  const persistent =
    plan.kind === 'profile' ? plan.networkId : plan.kind === 'new-persistent' ? ('new' as const) : null;
  const command = p2pConnect(occasion.deviceAddress, how, persistent, turn.settings.p2p_connect_opts);
  turn.timer('forming', NEGOTIATION_LIMIT_MS);
  turn.request('device', command, { kind: 'group-add' });
}

/** The negotiation is over and we own the group: what is left is WPS. */
export function negotiated(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.name !== 'forming') return;
  if (phase.occasion.kind === 'request')
    turn.enter({ ...phase, occasion: { ...phase.occasion, negotiated: true } });
  turn.timer('forming', WPS_LIMIT_MS);
}

/** A phone that knows the persistent group starts it by itself; the hook can only be told. */
export function reinvoked(turn: Turn, deviceAddress: string, networkId: number): void {
  const plan: GroupPlan = { kind: 'profile', networkId, ssid: null };
  turn.cancel('discovery');
  turn.enter({ name: 'forming', occasion: { kind: 'reinvocation', deviceAddress }, plan });
  turn.update({ said: [] });
  callStartGroup(turn, plan, null);
  turn.timer('forming', WPS_LIMIT_MS);
}

/** The reply may say more than its word; the word alone tells one refusal from another. */
export function refusal(request: string, reply: string, text: string): Failure {
  return { kind: 'refused', detail: `${request} ${reply.trim().split(/\s/, 1)[0] ?? ''}`, text };
}

/** What one phone failed of. */
export function phoneFailure(text: string): Failure {
  return { kind: 'phone', detail: '', text };
}

/** An attempt failed: undo the announcement and try again after a rest. */
export function fail(turn: Turn, cause: Failure, level: 'error' | 'warning' | 'info' = 'error'): void {
  const told = { ...cause, text: withSaid(turn, cause.text) };
  const failure = level === 'error' ? withRadioBlock(turn, told) : told;
  const { text } = failure;
  // A lasting cause would fill the log for ever; what one phone failed of is news each time.
  turn.log(level === 'error' ? levelOnce(turn, level, failure) : level, text);
  turn.update({ lastFailure: failure, said: [] });
  turn.cancel('forming');
  answerRecall(turn, { code: 'COMMAND_REFUSED', message: text });
  withdrawAnnouncement(turn);
  const { phase } = turn.state;
  // What a phone's attempt failed of need not stand in the way of one without it.
  if ('occasion' in phase && phase.occasion?.kind === 'standing')
    refuseOrders(turn, 'up', 'COMMAND_REFUSED', text);
  const ms = rest(turn, failure, 'occasion' in phase && phase.occasion === null);
  turn.emit({ type: 'groupFailed', reason: text, retrySeconds: ms / 1000 });
}

/** Failures that are remembered as told. */
const MAX_TOLD = 32;

/**
 * The level at which a failure is logged: the one given the first time, `debug` when it comes again. Several causes can
 * take turns, so all of them are remembered until a group lasts. Numbers do not matter: the interface of each attempt has
 * another one.
 */
export function levelOnce(
  turn: Turn,
  level: LogLevel,
  { kind, detail }: Pick<Failure, 'kind' | 'detail'>,
): LogLevel {
  const key = causeOf(`${kind} ${detail}`);
  const { toldFailures } = turn.state;
  if (toldFailures.has(key)) return 'debug';
  turn.update({ toldFailures: new Set([...toldFailures, key].slice(-MAX_TOLD)) });
  return level;
}

/** What wpa_supplicant has said in words meanwhile belongs to the reason. */
export function withSaid(turn: Turn, reason: string): string {
  const said = turn.state.said.filter((line) => !reason.includes(line));
  return said.length === 0 ? reason : `${reason}; wpa_supplicant said: ${said.join('; ')}`;
}

/**
 * With the radio off wpa_supplicant takes P2P_GROUP_ADD all the same; what comes of it, an end with reason=REQUESTED or
 * nothing at all, does not name the cause.
 */
function withRadioBlock(turn: Turn, failure: Failure): Failure {
  const block = turn.world.radioBlock?.() ?? null;
  if (block === null) return failure;
  return { kind: 'radio-off', detail: block, text: `${failure.text}; ${RADIO_OFF[block]}` };
}

/** What to do about a radio that is off. */
export const RADIO_OFF: Readonly<Record<RadioBlock, string>> = {
  software: 'the radio is switched off by software (rfkill); "rfkill unblock wlan" switches it on',
  hardware: 'the radio is switched off by a switch or key of the machine (rfkill)',
};

/** `start_group` was called for a group that did not come: its `stop_group` must follow. */
export function withdrawAnnouncement(turn: Turn): void {
  if (!turn.state.groupAnnounced) return;
  turn.update({ groupAnnounced: false });
  turn.hook({ hook: 'stop_group', group: null });
}

/**
 * Waits before the next look: 1 s, and twice as long each time up to a minute where nobody but ourselves would try again.
 * @param failure why there is no group; the status shows it until the next attempt
 * @param alone nobody had asked for a group
 * @returns milliseconds until the next attempt
 */
export function rest(turn: Turn, failure: Failure, alone = false): number {
  const counts = isWanted(turn) || alone;
  const { failures } = turn.state;
  const ms = counts ? backoff(failures, REST) : REST.firstMs;
  turn.enter({ name: 'resting', failure, until: turn.world.now + ms });
  turn.timer('resting', ms);
  if (counts) {
    turn.update({ failures: failures + 1 });
    turn.log(failures === 0 ? 'info' : 'debug', `the group is started again in ${ms / 1000} s`);
  }
  return ms;
}
