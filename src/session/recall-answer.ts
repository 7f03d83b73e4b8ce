import type { ErrorCode } from '../errors.js';
import type { Turn } from './turn.js';

/**
 * Answers the operator who has called a phone back, once: when the phone has taken the invitation or the group is up,
 * and else when the attempt ends, however it does.
 */
export function answerRecall(
  turn: Turn,
  failure: { readonly code: ErrorCode; readonly message: string } | null,
): void {
  const { phase } = turn.state;
  if (phase.name !== 'announcing' && phase.name !== 'forming') return;
  const { occasion } = phase;
  if (occasion.kind !== 'recall' || occasion.operator === null) return;
  if (failure) turn.refuse(occasion.operator, failure.code, failure.message);
  else turn.done(occasion.operator);
  turn.enter({ ...phase, occasion: { ...occasion, operator: null } });
}
