import { causeOf, type ErrorCode } from '../system/errors.js';
import { answerRecall } from './attempt.js';
import { loseSight } from './enrolments.js';
import { endGroup } from './group.js';
import { abandonInvitation } from './invitations.js';
import type { Input } from './messages.js';
import type { LinkName } from './model.js';
import { refuseOrders } from './orders.js';
import { forgetConnecting } from './pairing.js';
import type { Refusal } from './reasons.js';
import { registrarEmptied } from './registrar.js';
import { groupIn, isAttached, isEnding, KEEP_GROUP_MS, runningGroup } from './selectors.js';
import type { OperatorCommand } from './session-event.js';
import { inspect } from './supplicant-settings.js';
import type { PhaseRules, Transition } from './transition.js';

/** The phase `detached`, without a link to wpa_supplicant; and what the links report in any phase. */

const LOST: Refusal = { code: 'CONTROL_UNAVAILABLE', reason: { cause: 'link-lost' } };

export const detached: PhaseRules<'detached'> = {
  /** Without wpa_supplicant nothing comes of earlier requests. */
  entered(t, { keptGroup }) {
    registrarEmptied(t);
    t.setSupplicant({ values: null });
    abandonInvitation(t, LOST);
    refuseOrders(t, null, LOST);
    forgetConnecting(t);
    loseSight(t);
    t.effects.push({ type: 'close-group' });
    if (keptGroup?.lostAt != null && t.world.now - keptGroup.lostAt >= KEEP_GROUP_MS)
      endGroup(t, keptGroup, { cause: 'supplicant-gone' });
  },

  input(t, { keptGroup }, input) {
    switch (input.type) {
      case 'link-up':
        if (input.link !== 'device') return false;
        attached(t);
        return true;
      case 'timer':
        if (input.timer !== 'kept-group') return false;
        if (keptGroup) endGroup(t, keptGroup, { cause: 'supplicant-gone' });
        return true;
      case 'operator':
        if (WITHOUT_LINK.has(input.command.kind)) return false;
        t.refuse(input.id, 'CONTROL_UNAVAILABLE', { cause: 'no-link' });
        return true;
      case 'configure':
        // The settings are sent with the next link.
        t.emit({ type: 'reloaded' }, null);
        return true;
      default:
        return false;
    }
  },

  dueAt: (_, { keptGroup }) => ({
    'kept-group': keptGroup?.lostAt == null ? null : keptGroup.lostAt + KEEP_GROUP_MS,
  }),
};

/** The commands that do not need wpa_supplicant. */
const WITHOUT_LINK: ReadonlySet<OperatorCommand['kind']> = new Set(['pause', 'resume', 'stop-pairing']);

/** The device link is attached. */
export function attached(t: Transition): void {
  t.emit({ type: 'attached', interface: t.world.deviceInterface });
  t.setSupplicant({ linkErrors: 0, attachedAt: t.world.now });
  inspect(t);
}

/** The device link is lost. The running group is kept for a moment. */
export function linkLost(t: Transition, reason: string): void {
  t.emit({ type: 'detached', reason }, countLinkError(t) ? 'warning' : 'info');
  answerRecall(t, LOST);
  const group = groupIn(t.state.phase);
  const { now } = t.world;
  const lostAt = group?.lostAt ?? now;
  const keptGroup = group && { ...group, linkUp: false, walk: null, restoring: false, checkAt: null, lostAt };
  t.enter({ name: 'detached', keptGroup, since: now });
}

/** A try to attach has failed; the link goes on trying. */
export function linkWaiting(t: Transition, code: ErrorCode, reason: string): void {
  const level = code === 'CONTROL_UNAVAILABLE' ? 'warning' : 'error';
  t.emit({ type: 'waiting', code, reason }, countLinkError(t) ? level : 'info');
}

/** @returns whether it is worth a warning: `wpa_supplicant_min_err_warn` errors in a row are not */
function countLinkError(t: Transition): boolean {
  const linkErrors = t.state.supplicant.linkErrors + 1;
  t.setSupplicant({ linkErrors });
  return linkErrors > (t.settings.wpa_supplicant_min_err_warn ?? 0);
}

/** Whether wpa_supplicant holds back events is known of each link, whatever the phase. */
export function noteHeldBackEvents(t: Transition, input: Input): void {
  if (isEnding(t.state.phase)) return;
  if (input.type === 'link-held-back') eventsHeldBack(t, input.link, input.reason);
  else if (input.type === 'link-missed' || input.type === 'link-down')
    eventsResumed(t, input.link, input.type === 'link-missed');
}

/**
 * wpa_supplicant holds back its events from all clients while one does not read, and still answers. Until that ends, the
 * session asks for everything with each heartbeat, and the PIN is armed for any device.
 * @param reason which client does not read, in words
 */
function eventsHeldBack(t: Transition, link: LinkName, reason: string): void {
  const { heldBack } = t.state.supplicant;
  if (heldBack[link] === reason) return;
  t.setSupplicant({ heldBack: { ...heldBack, [link]: reason } });
  // Programs that attach for a moment come and go, with other numbers each time.
  const again = heldBack[link] !== null && causeOf(heldBack[link]) === causeOf(reason);
  t.log(again ? 'debug' : 'warning', { type: 'events-held-back', interface: interfaceOf(t, link), reason });
}

/** Events are received again, or the link is gone. */
function eventsResumed(t: Transition, link: LinkName, again: boolean): void {
  const { heldBack } = t.state.supplicant;
  if (heldBack[link] === null) return;
  t.setSupplicant({ heldBack: { ...heldBack, [link]: null } });
  if (again) t.log('info', { type: 'events-held-back', interface: interfaceOf(t, link), reason: null });
}

function interfaceOf(t: Transition, link: LinkName): string | null {
  return link === 'device' ? t.world.deviceInterface : (runningGroup(t)?.interface ?? null);
}

/** wpa_supplicant announces its end: the group ends with it, without delay. */
export function terminating(t: Transition): void {
  const ended: Refusal = { code: 'CONTROL_UNAVAILABLE', reason: { cause: 'supplicant-ended' } };
  answerRecall(t, ended);
  const keptGroup = groupIn(t.state.phase);
  if (keptGroup) endGroup(t, keptGroup, { cause: 'supplicant-ended' });
  refuseOrders(t, null, ended);
  if (isAttached(t)) t.enter({ name: 'detached', keptGroup: null, since: t.world.now });
}
