import type { GroupOrder } from './model.js';
import type { GroupWish, Refusal } from './reasons.js';
import type { Transition } from './transition.js';

/** Operators who wait for the group to be up, or gone: each is answered once, and in bounded time. */

/** How long an operator waits beyond the hook `start_group`, which has its own limit. */
const ORDER_LIMIT_MS = 60_000;

/** An operator's command waits for the group to be up, or gone. */
export function order(t: Transition, operator: number, wants: GroupWish): void {
  const until = t.world.now + ORDER_LIMIT_MS + t.settings.hook_timeout_secs * 1000;
  t.setOperator({ orders: [...t.state.operator.orders, { operator, wants, until }] });
}

/** The time of the oldest orders is over. What they wanted may still come. */
export function ordersTimedOut(t: Transition): void {
  for (const { operator, wants } of take(t, ({ until }) => until <= t.world.now)) {
    t.refuse(operator, 'COMMAND_REFUSED', { cause: 'overdue', wants });
  }
}

/** The client that sent the command has gone. */
export function dropOrders(t: Transition, operator: number): void {
  for (const one of take(t, (order) => order.operator === operator))
    t.refuse(one.operator, 'CONTROL_CLOSED', { cause: 'client-gone' });
}

/** The group is up, or gone: answers those who wait for that. */
export function fulfil(t: Transition, wants: GroupWish): void {
  for (const { operator } of take(t, (order) => order.wants === wants)) t.done(operator);
}

/** What they wait for will not come. @param wants null: whatever they wait for */
export function refuseOrders(t: Transition, wants: GroupWish | null, { code, reason }: Refusal): void {
  for (const { operator } of take(t, (order) => wants === null || order.wants === wants))
    t.refuse(operator, code, reason);
}

function take(t: Transition, fits: (order: GroupOrder) => boolean): readonly GroupOrder[] {
  const { orders } = t.state.operator;
  if (orders.length === 0) return orders;
  const taken = orders.filter(fits);
  if (taken.length > 0) t.setOperator({ orders: orders.filter((order) => !taken.includes(order)) });
  return taken;
}
