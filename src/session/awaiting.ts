import { parentOf } from '../system/interface-names.js';
import { listNetworks, STATUS } from '../wpa/command.js';
import { parseNetworks, parseStationUse, parseStatus } from '../wpa/reply.js';
import { announce } from './attempt.js';
import type { Input } from './messages.js';
import { INSPECTING, type PhaseOf } from './phase.js';
import { preferOnChannel } from './supplicant-settings.js';
import type { PhaseRules, Transition } from './transition.js';

/**
 * The phase `awaiting`: on a radio that uses one channel at a time, its own connection gets some time to come before the
 * group does. A group that is there first takes a channel of its own, and is removed if wlan0 then finds its access point on
 * another one (native-notes/hosts.md). A network that is out of reach delays the group once, and does not prevent it.
 */

/** In the radio lab wlan0 was connected after 6 to 7 s, on a busy machine after 13 s. */
export const STATION_LIMIT_MS = 20_000;
/**
 * If a group has made way for it: its access point is there, and once it is given up, wpa_supplicant disables its network at
 * the next conflict. In the radio lab the group was away for 12 s on a busy machine.
 */
export const COMING_LIMIT_MS = 60_000;
/** We are not attached to the radio's own interface, so its state is asked for. */
const ASK_AGAIN_MS = 500;

type Awaiting = PhaseOf<'awaiting'>;

export const awaiting: PhaseRules<'awaiting'> = {
  entered: askStation,

  input(t, phase, input) {
    switch (input.type) {
      case 'reply':
        if (input.tag.kind === 'station') stationStatusReceived(t, phase, input.reply);
        else if (input.tag.kind === 'station-networks') networksReceived(t, phase, input.reply);
        else return false;
        return true;
      case 'no-reply':
        // wpa_supplicant does not have the interface.
        if (input.tag.kind !== 'station' && input.tag.kind !== 'station-networks') return false;
        goOn(t, phase);
        return true;
      case 'timer':
        if (input.timer !== 'backoff') return false;
        t.amend({ ...phase, askAt: null });
        askStation(t);
        return true;
      default:
        return false;
    }
  },

  /** Another group may be up, as in `announcing`. */
  abandon: () => INSPECTING,
  dueAt: (_, { askAt }) => ({ backoff: askAt }),
};

/** wpa_supplicant removes a group because the radio's own connection needs another channel: the next group waits for that. */
export function noteStationComing(t: Transition, input: Input): void {
  if (input.type !== 'event' || input.event.type !== 'P2P-GROUP-REMOVED') return;
  if (input.event.reason === 'FREQ_CONFLICT') t.setSupplicant({ station: 'coming' });
}

function askStation(t: Transition): void {
  t.question('radio', STATUS, { kind: 'station' });
}

/** A group is up: is the radio connected as well? Whether it ever was decides whether the next group waits for it. */
export function lookAtStation(t: Transition): void {
  const { sharesChannel, station } = t.state.supplicant;
  if (sharesChannel && station !== 'seen') askStation(t);
}

/** The answer to {@link lookAtStation}. */
export function stationSeen(t: Transition, reply: string): void {
  if (parseStationUse(reply)?.state === 'connected') noteConnected(t);
  else if (t.state.supplicant.station !== 'given-up') t.setSupplicant({ station: 'absent' });
}

/** It has come. If it was given up, it was for a reason that is over, so groups make way for it again. */
function noteConnected(t: Transition): void {
  if (t.state.supplicant.station === 'given-up' && t.settings.keep_station) preferOnChannel(t, 'sta');
  t.setSupplicant({ station: 'seen' });
}

/** The reply to `STATUS` of the radio's own interface. */
function stationStatusReceived(t: Transition, phase: Awaiting, reply: string): void {
  const use = parseStationUse(reply);
  if (use?.state === 'connected') {
    noteConnected(t);
    if (phase.until !== null) t.log('info', { type: 'station-wait-over', radio: radioOf(t), use });
    goOn(t, phase);
    return;
  }
  const { state, mode } = parseStatus(reply);
  const on = state !== null && state !== 'INTERFACE_DISABLED' && !t.world.radioBlock?.();
  const usable = on && (mode === null || mode === 'station');
  if (!usable) goOn(t, phase);
  else if (phase.until !== null) waitOn(t, phase, phase.until);
  // NetworkManager gives wpa_supplicant its network only when it has seen that: until then there is none.
  else if (use !== null || t.state.supplicant.station !== 'unknown') beginWait(t, phase);
  else t.question('radio', listNetworks(null), { kind: 'station-networks' });
}

/** The networks of the radio: between two scans wpa_supplicant has no state that says whether there are any. */
function networksReceived(t: Transition, phase: Awaiting, reply: string): void {
  if (phase.until !== null) return;
  if (parseNetworks(reply).some(({ disabled, persistent }) => !disabled && !persistent)) beginWait(t, phase);
  else goOn(t, phase);
}

function beginWait(t: Transition, phase: Awaiting): void {
  const limit = t.state.supplicant.station === 'coming' ? COMING_LIMIT_MS : STATION_LIMIT_MS;
  t.log('info', { type: 'station-awaited', radio: radioOf(t), seconds: limit / 1000 });
  waitOn(t, phase, t.world.now + limit);
}

function waitOn(t: Transition, phase: Awaiting, until: number): void {
  const { now } = t.world;
  if (now < until) {
    t.amend({ ...phase, until, askAt: Math.min(until, now + ASK_AGAIN_MS) });
    return;
  }
  // A wrong passphrase, for example: each further attempt of wlan0 would end the group again.
  const ends = t.state.supplicant.station === 'coming';
  if (ends) preferOnChannel(t, 'p2p');
  t.setSupplicant({ station: ends ? 'given-up' : 'absent' });
  t.log('warning', { type: 'station-wait-over', radio: radioOf(t), use: null });
  goOn(t, phase);
}

function goOn(t: Transition, { occasion, plan }: Awaiting): void {
  announce(t, occasion, plan);
}

function radioOf(t: Transition): string {
  return parentOf(t.world.deviceInterface);
}
