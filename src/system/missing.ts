/**
 * A question to the host that got no answer. "No" and "not known" are two answers: on a busy machine a program answers late, and
 * a user may not read every file. Nothing is changed because of an answer that did not come.
 */
export interface Missing {
  /** Why it is not known, in words. */
  readonly missing: string;
}

export function isMissing(answer: unknown): answer is Missing {
  return typeof answer === 'object' && answer !== null && 'missing' in answer;
}

/** The answer, or null if it is missing. Use it only where nothing is changed, because null can also be an answer. */
export function known<T>(answer: T | Missing): T | null {
  return isMissing(answer) ? null : answer;
}
