import type { ErrorCode } from '../system/errors.js';
import type { Occasion } from './model.js';
import type { Turn } from './turn.js';

export type Recall = Extract<Occasion, { kind: 'recall' }>;

/** The phone that the operator calls back, while that is under way. */
export function recallOf(turn: Turn): Recall | null {
  const { phase } = turn.state;
  const waiting = phase.name === 'announcing' || phase.name === 'forming';
  return waiting && phase.occasion.kind === 'recall' ? phase.occasion : null;
}

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
