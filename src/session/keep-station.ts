import { STATUS, STATUS_DRIVER } from '../wpa/command.js';
import { parseKeyValues, parseStationUse, stationUseText } from '../wpa/reply.js';
import { fail, form } from './formation.js';
import { parentOf } from './group-name.js';
import { mustKeepStation } from './halt.js';
import { sendRecall } from './recall.js';
import { syncValues } from './supplicant-values.js';
import type { Turn } from './turn.js';

/**
 * A group that runs on the radio's own interface ends what that is used for: the connection to the home network. With
 * the setting `keep_station` no group is formed then.
 */

/** Drivers that can have an interface for the group beside the radio's own say so (driver.h). */
const P2P_CONCURRENT = 0x200;
/**
 * How long after we attached an interface that only searches counts as in use: at boot wpa_supplicant has just begun to
 * look for the home network. A network that is out of reach must not stand in the way for ever.
 */
const SEARCHING_MS = 30_000;

/** The reply to `GET p2p_no_group_iface`: is the group to run on the interface that is there already? */
export function groupSharing(turn: Turn, reply: string): void {
  const shares = reply.trim() === '1';
  share(turn, shares);
  const { deviceInterface } = turn.world;
  // Without a P2P device the driver decides (p2p_supplicant.c, wpas_p2p_create_iface).
  if (!shares && deviceInterface === parentOf(deviceInterface))
    turn.request('device', STATUS_DRIVER, { kind: 'driver' });
}

/** The reply to `STATUS-DRIVER`. One without the flags says nothing. */
export function driverTold(turn: Turn, reply: string): void {
  const flags = Number(parseKeyValues(reply).get('capa.flags') ?? Number.NaN);
  // Bits above the 31st come in newer versions, and JavaScript's & sees 32.
  const concurrent = Math.floor(flags / P2P_CONCURRENT) % 2 === 1;
  if (Number.isSafeInteger(flags) && !concurrent) share(turn, true);
}

function share(turn: Turn, sharesInterface: boolean): void {
  turn.update({ sharesInterface });
  // A phone that started the persistent group by itself would not be asked for leave.
  syncValues(turn);
}

/** The hook `start_group` has ended; it may have freed the radio, so only now is the radio looked at. */
export function hookEnded(turn: Turn, call: number): void {
  if (mustKeepStation(turn)) turn.request('radio', STATUS, { kind: 'station-use', call });
  else formNow(turn);
}

/** @param reply to `STATUS` of the radio's own interface; null where none came */
export function stationUseTold(turn: Turn, call: number, reply: string | null): void {
  const { phase } = turn.state;
  if (phase.name !== 'announcing' || phase.call !== call) return;
  const refusal = refusalFor(turn, reply);
  if (refusal === null) formNow(turn);
  else fail(turn, { kind: 'station', detail: '', text: refusal });
}

function formNow(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.name !== 'announcing') return;
  if (phase.occasion.kind === 'recall') sendRecall(turn, phase.occasion, phase.plan);
  else form(turn, phase.occasion, phase.plan);
}

/** Why the group may not take the radio's own interface; null where it may. */
function refusalFor(turn: Turn, reply: string | null): string | null {
  const radio = parentOf(turn.world.deviceInterface);
  if (reply === null)
    return `the group would take ${radio}, and wpa_supplicant does not tell what that is used for (keep_station)`;
  const use = parseStationUse(reply);
  const justBegun = turn.world.now - turn.state.attachedAt < SEARCHING_MS;
  if (use === null || (use.state === 'searching' && !justBegun)) return null;
  return (
    `the group would take ${radio}, which ${stationUseText(use)}; disconnect it, or set keep_station: false ` +
    'and the group ends that connection'
  );
}
