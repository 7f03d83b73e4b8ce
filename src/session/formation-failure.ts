import { GET_CHANNELS, STATUS } from '../wpa/command.js';
import { parentOf } from '../wpa/group-interface.js';
import { parseChannels, parseStationUse, type StationUse, stationUseText } from '../wpa/reply.js';
import { refusalText } from '../wpa/status-words.js';
import { FORMING_LIMIT_MS, fail, refusal } from './attempt.js';
import type { Failure } from './model.js';
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
  fail(t, { kind: 'refused', detail: line, text: `wpa_supplicant could not start the group: ${line}` });
}

/** The command was refused, perhaps for its options, which the setting `key` gives. */
export function formationRefused(
  t: Transition,
  command: 'P2P_GROUP_ADD' | 'P2P_CONNECT',
  key: 'p2p_group_add_opts' | 'p2p_connect_opts',
  reply: string,
): void {
  const options = t.settings[key];
  const hint = options ? ` (check ${key}: ${options})` : '';
  const text = `${command} was refused: ${refusalText(reply)}${hint}`;
  failForChannel(t, refusal(command, reply, text), frequencyIn(options));
}

export function addTimedOut(t: Transition): void {
  t.setAttempts({ leftover: true });
  const text = `the group did not come up within ${FORMING_LIMIT_MS / 1000} s of P2P_GROUP_ADD`;
  failForChannel(t, { kind: 'timed-out', detail: '', text }, frequencyIn(t.settings.p2p_group_add_opts));
}

/** What the options ask for: MHz, or a band (`2`, `5`) or `acs`. */
function frequencyIn(options: string | null): string | null {
  return /(?:^|\s)freq=(\S+)/.exec(options ?? '')?.[1] ?? null;
}

/** Where the options ask for a channel, the channels are part of the reason. */
function failForChannel(t: Transition, failure: Failure, wanted: string | null): void {
  if (wanted === null) {
    fail(t, failure);
    return;
  }
  extend(t);
  t.request('device', GET_CHANNELS, { kind: 'channels', failure, wanted });
}

/** One more question: the attempt gets time for the answer. */
function extend(t: Transition): void {
  const { phase } = t.state;
  if (phase.name === 'forming') t.amend({ ...phase, until: t.world.now + FORMING_LIMIT_MS });
}

/** The channels that a group owner may use; null where no answer came. */
export function channelsTold(t: Transition, failure: Failure, wanted: string, reply: string | null): void {
  const channels = reply === null ? [] : parseChannels(reply);
  const allowed = channels.length === 0 ? '' : `; frequencies allowed here: ${channels.join(', ')} MHz`;
  const withChannels = { ...failure, text: `${failure.text}${allowed}` };
  if (channels.some((frequency) => fits(wanted, frequency))) {
    // It is allowed, and was refused all the same: perhaps for what the radio does already.
    extend(t);
    t.request('radio', STATUS, { kind: 'radio-use', failure: withChannels, wanted });
  } else fail(t, withChannels);
}

/** The reply to `STATUS` of the radio's own interface; null where none came. */
export function radioUseTold(t: Transition, failure: Failure, wanted: string, reply: string | null): void {
  const use = reply === null ? null : parseStationUse(reply);
  const elsewhere = use !== null && use.frequency !== null && !fits(wanted, use.frequency);
  fail(t, elsewhere ? { ...failure, text: `${failure.text}; ${conflictText(t, use)}` } : failure);
}

function conflictText(t: Transition, use: StationUse): string {
  return (
    `${parentOf(t.world.deviceInterface)} ${stationUseText(use)}, and a radio that uses one channel at a time can ` +
    `have the group only there: leave freq= out, or use freq=${use.frequency}`
  );
}

/** Whether a channel is what `freq=` asks for. */
function fits(wanted: string, frequency: number): boolean {
  if (wanted === 'acs') return true;
  if (wanted === '2') return frequency < 4_000;
  return wanted === '5' ? frequency > 4_000 && frequency < 5_925 : Number(wanted) === frequency;
}
