import type { ErrorCode } from '../system/errors.js';
import { isHalted } from './halt.js';
import type { GroupOrder } from './model.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/** Operators who wait for the group to be there, or gone: each is answered once, and in bounded time. */

/** How long an operator waits beyond the hook `start_group`, which has its own limit. */
const ORDER_LIMIT_MS = 60_000;

export function order(turn: Turn, operator: number, wants: GroupOrder['wants']): void {
  const until = turn.world.now + ORDER_LIMIT_MS + turn.settings.hook_timeout_secs * 1000;
  turn.update({ groupOrders: [...turn.state.groupOrders, { operator, wants, until }] });
  scheduleOrders(turn);
}

function scheduleOrders(turn: Turn): void {
  const { groupOrders } = turn.state;
  if (groupOrders.length === 0) turn.cancel('orders');
  else turn.timer('orders', Math.max(1, Math.min(...groupOrders.map(({ until }) => until)) - turn.world.now));
}

/** The time of the oldest orders is over. What they wanted may still come. */
export function ordersTimedOut(turn: Turn): void {
  const { now } = turn.world;
  for (const { operator, wants } of take(turn, ({ until }) => until <= now)) {
    const what = wants === 'up' ? 'no group has come up' : 'the group has not ended';
    turn.refuse(operator, 'COMMAND_REFUSED', `${what} in time; see "status" for the reason`);
  }
}

/** The operator no longer waits for an answer. */
export function dropOrders(turn: Turn, operator: number): void {
  for (const { operator: id } of take(turn, (groupOrder) => groupOrder.operator === operator))
    turn.refuse(id, 'CONTROL_CLOSED', 'the client has gone');
}

export function isOrdered(turn: Turn, wants: GroupOrder['wants']): boolean {
  return turn.state.groupOrders.some((groupOrder) => groupOrder.wants === wants);
}

/** Whether the group is to be there without a phone that asks for it: by the settings, or for an operator. */
export function isWanted(turn: Turn): boolean {
  return !isHalted(turn) && (techniqueOf(turn.settings).standing || isOrdered(turn, 'up'));
}

export function fulfil(turn: Turn, wants: GroupOrder['wants']): void {
  for (const { operator } of take(turn, (groupOrder) => groupOrder.wants === wants)) turn.done(operator);
}

/** @param wants null for all */
export function refuseOrders(
  turn: Turn,
  wants: GroupOrder['wants'] | null,
  code: ErrorCode,
  message: string,
): void {
  for (const { operator } of take(turn, (groupOrder) => wants === null || groupOrder.wants === wants))
    turn.refuse(operator, code, message);
}

function take(turn: Turn, fits: (groupOrder: GroupOrder) => boolean): readonly GroupOrder[] {
  const { groupOrders } = turn.state;
  const taken = groupOrders.filter(fits);
  if (taken.length > 0) {
    turn.update({ groupOrders: groupOrders.filter((groupOrder) => !taken.includes(groupOrder)) });
    scheduleOrders(turn);
  }
  return taken;
}
