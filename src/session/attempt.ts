import type { LogLevel } from '../logging/logger.js';
import { type Backoff, backoff } from '../system/clock.js';
import { frequencyIn } from '../wpa/frequency.js';
import type { LossReport } from './messages.js';
import { refuseOrders } from './orders.js';
import type { Group, GroupPlan, Occasion } from './phase.js';
import { type Failure, failureKey, type GroupEnd, type Refusal } from './reasons.js';
import { attemptPhase, isHalted, isWanted, techniqueOf } from './selectors.js';
import type { Transition } from './transition.js';

/** An attempt to form a group: how it begins, how it fails, and the wait before the next one. */

/** The waits between attempts while no phone asks for the group. */
const RETRY_WAIT: Backoff = { firstMs: 1_000, longestMs: 60_000 };
/** Failures that are remembered as logged. */
const MAX_LOGGED = 32;

/** No group is up. Forms one, or prepares one, as the settings and operators want it; else waits. */
export function formWanted(t: Transition): void {
  begin(t, isWanted(t) ? { kind: 'wanted' } : null);
}

/** @param occasion null: only finds out how a group would be formed */
export function begin(t: Transition, occasion: Occasion | null): void {
  if (isHalted(t)) t.enter({ name: 'idle' });
  else if (techniqueOf(t.settings).persistent)
    t.enter({ name: 'choosing', occasion, profiles: [], candidates: null });
  else proceed(t, occasion, { kind: 'autonomous' });
}

/** It is known how a group would be formed. If one is still to be formed, it is. */
export function proceed(t: Transition, occasion: Occasion | null, plan: GroupPlan): void {
  if (occasion === null || isHalted(t)) t.enter({ name: 'idle' });
  else if (mayAwaitStation(t, occasion))
    t.enter({ name: 'awaiting', occasion, plan, until: null, askAt: null });
  else announce(t, occasion, plan);
}

export function announce(t: Transition, occasion: Occasion, plan: GroupPlan): void {
  t.enter({ name: 'announcing', occasion, plan, missed: false, call: t.state.calls.startGroup + 1 });
}

/**
 * Whether the channel of the group depends on the radio's own connection, and that may still come. A frequency in the options
 * has been decided by the user; then there is a wait only after that connection has ended a group.
 */
function mayAwaitStation(t: Transition, { kind }: Occasion): boolean {
  const { p2p_connect_opts, p2p_group_add_opts, keep_station } = t.settings;
  const { sharesChannel, sharesInterface, station } = t.state.supplicant;
  const options = { request: p2p_connect_opts, wanted: p2p_group_add_opts, recall: null, reinvocation: null };
  const decided = /^\d{4,}$/.test(frequencyIn(options[kind]) ?? '');
  const mayCome = decided ? station === 'coming' : station !== 'absent' && station !== 'given-up';
  return keep_station && sharesChannel && !sharesInterface && mayCome;
}

/**
 * An access point that cannot be set up makes no event at all (p2p_supplicant.c), so the start is bounded.
 * wpa_supplicant's own simulated-radio tests wait 5 s; a busy radio may need more.
 */
export const FORMING_LIMIT_MS = 10_000;
/**
 * From `P2P_CONNECT` to the end of the negotiation, which takes a second or two. Another phone's request in that moment
 * can stop it for good and without an event (seen in the radio lab): cancelled and requested again, it goes on.
 */
const NEGOTIATION_LIMIT_MS = 12_000;
/** wpa_supplicant gives up an invitation after some seconds and says so; this is for the case that it does not. */
export const INVITATION_LIMIT_MS = 20_000;
/** From the negotiation to the group: wpa_supplicant gives up after 15 s by itself. */
export const WPS_LIMIT_MS = 30_000;

/** wpa_supplicant ends a formation that takes longer (P2P_MAX_INITIAL_CONN_WAIT_GO, p2p_supplicant.c). */
export const FORMATION_MS = 15_000;

const LIMIT_MS: Readonly<Record<Occasion['kind'], number>> = {
  wanted: FORMING_LIMIT_MS,
  request: NEGOTIATION_LIMIT_MS,
  reinvocation: WPS_LIMIT_MS,
  recall: INVITATION_LIMIT_MS,
};

export function enterForming(t: Transition, occasion: Occasion, plan: GroupPlan): void {
  const { phase } = t.state;
  // Events were lost, or it was still being asked whether there is a group.
  const missed = phase.name === 'inspecting' || (phase.name === 'announcing' && phase.missed);
  const limit = LIMIT_MS[occasion.kind];
  const until = t.world.now + (missed ? Math.min(limit, FORMATION_MS) : limit);
  t.enter({ name: 'forming', occasion, plan, missed, until });
}

/** Calls the hook `start_group` for an attempt. @param call null: its end is not waited for */
export function callStartGroup(t: Transition, plan: GroupPlan, call: number | null): void {
  withdrawAnnouncement(t);
  t.setAttempts({ said: [] });
  const { networkId, ssid } = plan.kind === 'profile' ? plan : { networkId: null, ssid: null };
  t.hook({ hook: 'start_group', group: { networkId, ssid } }, call);
}

/**
 * A group is up. If the last call of the hook was `stop_group`, it is called now: the group may come from an attempt that ended when
 * the link was lost, or from another program. A group that was up at the start of the session may be known from an earlier one.
 */
export function announceFound(t: Transition, { networkId, ssid }: Pick<Group, 'networkId' | 'ssid'>): void {
  if (t.state.attempts.lastHook !== 'stop_group') return;
  t.hook({ hook: 'start_group', group: { networkId, ssid } });
}

/** `start_group` was called for a group that did not come: its `stop_group` must follow. */
export function withdrawAnnouncement(t: Transition): void {
  if (t.state.attempts.lastHook !== 'start_group') return;
  t.hook({ hook: 'stop_group', group: null });
}

/**
 * Answers the operator who invites a phone back, once: when the phone has accepted or the group is up, and else when the
 * attempt ends, however it does.
 */
export function answerRecall(t: Transition, failure: Refusal | null): void {
  const phase = attemptPhase(t.state);
  const occasion = phase?.occasion;
  if (!phase || occasion?.kind !== 'recall' || occasion.operator === null) return;
  if (failure) t.refuse(occasion.operator, failure.code, failure.reason);
  else t.done(occasion.operator);
  t.amend({ ...phase, occasion: { ...occasion, operator: null } });
}

/** The attempt has failed: withdraws the announcement and waits before the next one. */
export function fail(t: Transition, cause: Failure, level: 'error' | 'warning' | 'info' = 'error'): void {
  const { said } = t.state.attempts;
  // With the radio off wpa_supplicant accepts P2P_GROUP_ADD all the same; what follows, an end with reason=REQUESTED or
  // nothing at all, does not name the cause.
  const radioBlock = level === 'error' ? (t.world.radioBlock?.() ?? null) : null;
  const failure: Failure = {
    ...cause,
    ...(said.length > 0 && { said }),
    ...(radioBlock !== null && { radioBlock }),
  };
  // A lasting cause would fill the log; the failure of one phone is news each time.
  t.setAttempts({ last: failure, said: [] });
  const refusal: Refusal = { code: 'COMMAND_REFUSED', reason: { cause: 'not-formed', failure } };
  answerRecall(t, refusal);
  withdrawAnnouncement(t);
  const { phase } = t.state;
  const occasion = 'occasion' in phase ? phase.occasion : undefined;
  // A phone's failure does not concern a group that is formed without it.
  if (occasion?.kind === 'wanted') refuseOrders(t, 'up', refusal);
  const logged = level === 'error' ? levelOnce(t, level, failureKey(failure)) : level;
  const ms = retryLater(t, failure, occasion === null);
  t.emit({ type: 'groupFailed', failure, retrySeconds: ms / 1000 }, logged);
}

/** What removed the group, and whether its interface is still in the way of the next one. */
export function noteLoss(t: Transition, { culprit, leftover }: LossReport): Failure {
  const failure: Failure = { kind: 'vanished', culprit };
  // While the cause lasts it happens to each group.
  const level = levelOnce(t, 'error', failureKey(failure));
  t.log(level, { type: 'failure', failure });
  t.setAttempts({ last: failure });
  if (leftover !== null)
    t.log(level === 'error' ? 'warning' : 'debug', { type: 'leftover', reason: leftover });
  return failure;
}

/** A group that was up has ended. The first time it may have been a person; what goes on removing it keeps the group down. */
export function retryAfterEnd(t: Transition, end: GroupEnd): void {
  const failure: Failure = { kind: 'removed', end };
  if (end.cause === 'removed' && t.state.attempts.failures > 0)
    t.log(levelOnce(t, 'warning', failureKey(failure)), { type: 'failure', failure });
  retryLater(t, failure);
}

/**
 * Waits before the next look: 1 s, and twice as long each time up to a minute where no phone asks for the group.
 * @param failure why there is no group; the status shows it until the next attempt
 * @param alone nobody had asked for a group
 * @returns milliseconds until the next attempt
 */
export function retryLater(t: Transition, failure: Failure, alone = false): number {
  const counts = isWanted(t) || alone;
  const { failures } = t.state.attempts;
  const ms = counts ? backoff(failures, RETRY_WAIT) : RETRY_WAIT.firstMs;
  t.enter({ name: 'backoff', failure, until: t.world.now + ms });
  if (counts) {
    t.setAttempts({ failures: failures + 1 });
    t.log(failures === 0 ? 'info' : 'debug', { type: 'next-attempt', ms });
  }
  return ms;
}

/**
 * The level at which a failure is logged: the given one the first time, `debug` when it comes again. Several causes can
 * take turns, so all of them are remembered until a group lasts.
 */
export function levelOnce(t: Transition, level: LogLevel, key: string): LogLevel {
  const { logged } = t.state.attempts;
  if (logged.has(key)) return 'debug';
  t.setAttempts({ logged: new Set([...logged, key].slice(-MAX_LOGGED)) });
  return level;
}
