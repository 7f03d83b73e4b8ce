import { parentOf } from '../system/interface-names.js';
import { GET_CHANNELS, STATUS } from '../wpa/command.js';
import { frequencyIn, includesFrequency } from '../wpa/frequency.js';
import { parseChannels, parseStationUse } from '../wpa/reply.js';
import { FORMING_LIMIT_MS, fail } from './attempt.js';
import type { Failure } from './reasons.js';
import type { Transition } from './transition.js';

/** Why no group came of an attempt: what wpa_supplicant answered, what it said in words, and the channels. */

/** Lines of words that are kept for the reason of a failure; a driver may repeat itself. */
const MAX_LINES = 3;
const MAX_LINE_LENGTH = 200;

/** `CTRL-EVENT-…`, `RX-PROBE-REQUEST`: the name of an event, where words would begin in another way. */
const EVENT_NAME = /^[A-Z0-9]+(?:-[A-Z0-9]+)+(?:\s|$)/;
const TROUBLE =
  /fail|error|unable|cannot|could not|can't|not allowed|denied|invalid|mismatch|no common|no free/i;
/**
 * After these no group comes (ap.c, wpa_supplicant_create_ap; p2p_supplicant.c, wpas_p2p_get_group_iface), and no event
 * says so.
 */
const CERTAIN = /Failed to (?:start AP functionality|(?:add|initialize) group interface)/;

/**
 * Takes note of a line that is no event.
 * @returns the line, where no group comes after it
 */
export function noteWords(t: Transition, line: string): string | null {
  const { said } = t.state.attempts;
  const text = line.trim().slice(0, MAX_LINE_LENGTH);
  if (EVENT_NAME.test(text) || !TROUBLE.test(text)) return null;
  if (!said.includes(text)) t.setAttempts({ said: [...said, text].slice(-MAX_LINES) });
  return CERTAIN.test(text) ? text : null;
}

/** wpa_supplicant has said that it cannot start the group. */
export function startFailed(t: Transition, line: string): void {
  // The interface may have been made, and stays without a group on it.
  t.setAttempts({ leftover: true });
  fail(t, { kind: 'refused', request: null, reply: line });
}

/** The command was refused, perhaps for its options. */
export function formationRefused(
  t: Transition,
  request: 'P2P_GROUP_ADD' | 'P2P_CONNECT',
  options: string | null,
  reply: string,
): void {
  failForChannel(t, { kind: 'refused', request, reply, options }, frequencyIn(options));
}

export function addTimedOut(t: Transition): void {
  t.setAttempts({ leftover: true });
  const failure: Failure = { kind: 'timed-out', seconds: FORMING_LIMIT_MS / 1000 };
  failForChannel(t, failure, frequencyIn(t.settings.p2p_group_add_opts));
}

/** Where the options ask for a channel, the channels are part of the reason. */
function failForChannel(t: Transition, failure: Failure, wanted: string | null): void {
  if (wanted === null) {
    fail(t, failure);
    return;
  }
  extend(t);
  t.question('device', GET_CHANNELS, { kind: 'channels', failure, wanted });
}

/** One more question: the attempt gets time for the answer. */
function extend(t: Transition): void {
  const { phase } = t.state;
  if (phase.name === 'forming') t.amend({ ...phase, until: t.world.now + FORMING_LIMIT_MS });
}

/** The channels that a group owner may use; null where no answer came. */
export function channelsReceived(
  t: Transition,
  failure: Failure,
  wanted: string,
  reply: string | null,
): void {
  const allowed = reply === null ? [] : parseChannels(reply);
  const withChannels = { ...failure, allowed };
  if (allowed.some((frequency) => includesFrequency(wanted, frequency))) {
    // It is allowed, and was refused all the same: perhaps for what the radio does already.
    extend(t);
    t.question('radio', STATUS, { kind: 'radio-use', failure: withChannels, wanted });
  } else fail(t, withChannels);
}

/** The reply to `STATUS` of the radio's own interface; null where none came. */
export function radioUseReceived(
  t: Transition,
  failure: Failure,
  wanted: string,
  reply: string | null,
): void {
  const use = reply === null ? null : parseStationUse(reply);
  const elsewhere = use !== null && use.frequency !== null && !includesFrequency(wanted, use.frequency);
  const radio = parentOf(t.world.deviceInterface);
  fail(t, elsewhere ? { ...failure, conflict: { radio, use } } : failure);
}
