import { validate } from '#src/config/validate.js';
import { limitsOf } from '#src/host/limits.js';
import { noGroup } from '#src/host/no-group.js';
import type { SessionState } from '#src/session/model.js';
import type { Problem } from '#src/system/problems.js';

const { settings } = validate({});

/** A new group has this time until its link is attached. */
const LINK_MS = 2_000;

/** What is not said of this state although the session cannot do everything now; null: all is said. */
export function unsaid(state: SessionState, now: number): string | null {
  const { phase, operator, supplicant } = state;
  const limits = limitsOf(state, now);
  const none = noGroup(state, settings, null);
  if (phase.name === 'running') {
    const { removal, linkUp, since } = phase.group;
    const removing = removal?.stage === 'requested' || (removal !== null && now < removal.until);
    const usable = !removing && (linkUp || now - since < LINK_MS);
    if (none !== null) return 'a group is up, and the status says that there is none';
    if (!usable && limits.group === null) return 'a group that cannot be used has no problem';
  } else if (none === null) return 'there is no group, and the status does not say so';
  if (operator.paused && limits.admission === null) return 'paused, and no problem says so';
  const heldBack = supplicant.heldBack.device ?? supplicant.heldBack.group;
  if (heldBack !== null && limits.events === null) return 'events are held back, and no problem says so';
  const wrong = [none, limits.group, limits.events, limits.admission].filter(
    (problem) => problem !== null && !isComplete(problem, now),
  );
  return wrong.length === 0 ? null : `no reason, or nothing to wait for: ${JSON.stringify(wrong)}`;
}

function isComplete({ reason, waitsFor, nextTryAt }: Problem, now: number): boolean {
  const ends = waitsFor === null ? nextTryAt !== null && nextTryAt >= now : waitsFor.trim() !== '';
  return reason.trim() !== '' && ends;
}
