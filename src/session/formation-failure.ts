import { GET_CHANNELS, STATUS } from '../wpa/command.js';
import { parseChannels, parseStationUse, type StationUse, stationUseText } from '../wpa/reply.js';
import { refusalText } from '../wpa/status-words.js';
import type { Failure } from './failure.js';
import { FORMING_LIMIT_MS, fail, refusal } from './formation.js';
import { parentOf } from './group-name.js';
import type { Turn } from './turn.js';

/** Why no group came of an attempt: what wpa_supplicant answered, what it said in words, and the channels. */

/** Lines of words that are kept for the reason of a failure; a driver may repeat itself. */
const MOST_LINES = 3;
const LONGEST_LINE = 200;

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
 * Takes in a line that is no event: while a group is formed it may be the reason why none comes.
 * @returns the line, where no group comes after it
 */
export function heardWords(turn: Turn, line: string): string | null {
  const { phase, said } = turn.state;
  const text = line.trim().slice(0, LONGEST_LINE);
  if (phase.name !== 'forming' || EVENT_NAME.test(text) || !TROUBLE.test(text)) return null;
  if (!said.includes(text)) turn.update({ said: [...said, text].slice(-MOST_LINES) });
  return CERTAIN.test(text) ? text : null;
}

/** wpa_supplicant has said that it cannot start the group. */
export function startFailed(turn: Turn, line: string): void {
  // The interface may have been made, and stays without a group on it.
  turn.update({ leftover: true });
  fail(turn, { kind: 'refused', detail: line, text: `wpa_supplicant could not start the group: ${line}` });
}

/** The command was refused, perhaps for its options, which the setting `key` gives. */
export function formationRefused(
  turn: Turn,
  command: 'P2P_GROUP_ADD' | 'P2P_CONNECT',
  key: 'p2p_group_add_opts' | 'p2p_connect_opts',
  reply: string,
): void {
  const options = turn.settings[key];
  const hint = options ? ` (check ${key}: ${options})` : '';
  const text = `${command} was refused: ${refusalText(reply)}${hint}`;
  failForChannel(turn, refusal(command, reply, text), frequencyIn(options));
}

export function groupAddTimedOut(turn: Turn): void {
  turn.update({ leftover: true });
  const text = `the group did not come up within ${FORMING_LIMIT_MS / 1000} s of P2P_GROUP_ADD`;
  const failure: Failure = { kind: 'timed-out', detail: '', text };
  failForChannel(turn, failure, frequencyIn(turn.settings.p2p_group_add_opts));
}

/** What the options ask for: MHz, or a band (`2`, `5`) or `acs`. */
function frequencyIn(options: string | null): string | null {
  return /(?:^|\s)freq=(\S+)/.exec(options ?? '')?.[1] ?? null;
}

/** Where the options ask for a channel, the channels are part of the reason. */
function failForChannel(turn: Turn, failure: Failure, wanted: string | null): void {
  if (wanted === null) {
    fail(turn, failure);
    return;
  }
  turn.timer('forming', FORMING_LIMIT_MS);
  turn.request('device', GET_CHANNELS, { kind: 'channels', failure, wanted });
}

/** The reply to the question for the channels that a group owner may use; null where none came. */
export function channelsTold(turn: Turn, failure: Failure, wanted: string, reply: string | null): void {
  const channels = reply === null ? [] : parseChannels(reply);
  const allowed = channels.length === 0 ? '' : `; frequencies allowed here: ${channels.join(', ')} MHz`;
  const told = { ...failure, text: `${failure.text}${allowed}` };
  if (channels.some((frequency) => fits(wanted, frequency))) {
    // It is allowed, and was refused all the same: perhaps for what the radio does already.
    turn.timer('forming', FORMING_LIMIT_MS);
    turn.request('radio', STATUS, { kind: 'radio-use', failure: told, wanted });
  } else fail(turn, told);
}

/** The reply to `STATUS` of the radio's own interface; null where none came. */
export function radioUseTold(turn: Turn, failure: Failure, wanted: string, reply: string | null): void {
  const use = reply === null ? null : parseStationUse(reply);
  const elsewhere = use !== null && use.frequency !== null && !fits(wanted, use.frequency);
  fail(turn, elsewhere ? { ...failure, text: `${failure.text}; ${conflictText(turn, use)}` } : failure);
}

function conflictText(turn: Turn, use: StationUse): string {
  return (
    `${parentOf(turn.world.deviceInterface)} ${stationUseText(use)}, and a radio that does one channel at a time can ` +
    `have the group only there: leave freq= out, or use freq=${use.frequency}`
  );
}

/** Whether a channel is what `freq=` asks for. */
function fits(wanted: string, frequency: number): boolean {
  if (wanted === 'acs') return true;
  if (wanted === '2') return frequency < 4_000;
  return wanted === '5' ? frequency > 4_000 && frequency < 5_925 : Number(wanted) === frequency;
}
