import type { ErrorCode } from '../errors.js';
import { isHalted } from './halt.js';
import type { GroupOrder } from './model.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/** Operators who wait for the group to be there, or gone: each is answered once. */

export function order(turn: Turn, groupOrder: GroupOrder): void {
  turn.update({ groupOrders: [...turn.state.groupOrders, groupOrder] });
}

export function isOrdered(turn: Turn, wants: GroupOrder['wants']): boolean {
  return turn.state.groupOrders.some((groupOrder) => groupOrder.wants === wants);
}

/** Whether the group is to be there without a phone that asks for it: by the settings, or for an operator. */
export function isWanted(turn: Turn): boolean {
  return !isHalted(turn) && (techniqueOf(turn.settings).standing || isOrdered(turn, 'up'));
}

export function fulfil(turn: Turn, wants: GroupOrder['wants']): void {
  for (const { operator } of take(turn, wants)) turn.done(operator);
}

/** @param wants null for all */
export function refuseOrders(
  turn: Turn,
  wants: GroupOrder['wants'] | null,
  code: ErrorCode,
  message: string,
): void {
  for (const { operator } of take(turn, wants)) turn.refuse(operator, code, message);
}

function take(turn: Turn, wants: GroupOrder['wants'] | null): readonly GroupOrder[] {
  const { groupOrders } = turn.state;
  const taken = groupOrders.filter((groupOrder) => wants === null || groupOrder.wants === wants);
  if (taken.length > 0)
    turn.update({ groupOrders: groupOrders.filter((groupOrder) => !taken.includes(groupOrder)) });
  if (taken.some((groupOrder) => groupOrder.wants === 'gone')) turn.cancel('removal');
  return taken;
}
