import type { EventOf } from '../wpa/event.js';
import { phoneLabel } from './enrolment.js';
import { deviceLabel } from './facts.js';
import type { Turn } from './turn.js';

/** Stations that wpa_supplicant turned away without a word to them. A phone shows its user no reason either. */

type Rejection = EventOf<'AP-REJECTED-MAX-STA' | 'AP-REJECTED-BLOCKED-STA' | 'AP-STA-POSSIBLE-PSK-MISMATCH'>;

const REASONS: Readonly<Record<Rejection['type'], string>> = {
  'AP-REJECTED-MAX-STA':
    'the group is full; another station has to leave, or max_num_sta in config_parms has to be higher when the group starts',
  'AP-REJECTED-BLOCKED-STA':
    'it is blocked by an access list of wpa_supplicant ("hostp2pd wpa group DENY_ACL SHOW", or ACCEPT_ACL SHOW)',
  'AP-STA-POSSIBLE-PSK-MISMATCH':
    'wrong passphrase, or it knows a group that is no more; have the device forget the network, then join again',
};
/** A device tries again and again by itself. */
const AGAIN_MS = 60_000;
const MAX_REMEMBERED = 64;
/** More devices than this are not turned away within {@link AGAIN_MS}: somebody makes up addresses. */
const MAX_TOLD = 20;

export function stationRejected(turn: Turn, { type, address }: Rejection): void {
  const key = `${type} ${address}`;
  const told = turn.state.rejections.get(key);
  const isRecent = (at: number) => turn.world.now - at < AGAIN_MS;
  if (told !== undefined && isRecent(told)) return;
  if ([...turn.state.rejections.values()].filter(isRecent).length >= MAX_TOLD) return;
  const rejections = new Map(turn.state.rejections);
  rejections.delete(key);
  rejections.set(key, turn.world.now);
  const [oldest] = rejections.keys();
  if (rejections.size > MAX_REMEMBERED && oldest !== undefined) rejections.delete(oldest);
  turn.update({ rejections });
  const enrolment = turn.state.enrolments.find(({ stationAddress }) => stationAddress === address);
  const reason = REASONS[type];
  const label = enrolment ? phoneLabel(turn, enrolment.deviceAddress) : deviceLabel(address, null);
  turn.log('warning', `${label} was turned away: ${reason}`);
  turn.emit({
    type: 'stationRejected',
    address,
    deviceAddress: enrolment?.deviceAddress ?? null,
    name: enrolment?.name ?? null,
    reason,
  });
}
