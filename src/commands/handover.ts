import type { HostP2pD } from '../host/host.js';
import { HostP2pError } from '../system/errors.js';
import { textOfFile } from '../system/files.js';
import { panelUrlFile } from '../system/folders.js';
import { parseAddress } from '../system/mac-address.js';
import { isRecord } from '../system/values.js';
import { parseKeyValues } from '../wpa/reply.js';
import type { JsonValue } from './command.js';
import { channelOf } from './status-text.js';

/** What a phone, or an app on it, needs to join the group. */

/** The network as any station joins it. */
export interface Network {
  readonly ssid: string;
  readonly passphrase: string;
}

export interface Handover extends Network {
  /** Interface address of the group. With it Android does not join another network of that name. */
  readonly bssid: string | null;
  /** MHz */
  readonly frequency: number | null;
  /** `2.4 GHz` */
  readonly band: string | null;
  /** URL of the panel; null unless its service runs, at an address that phones may reach. */
  readonly panel: string | null;
}

/**
 * @throws {HostP2pError} STATE if no group is running, or its name cannot be written as text; COMMAND_REFUSED if the group
 * has no passphrase; CONTROL_UNAVAILABLE
 */
export async function networkOf(host: HostP2pD): Promise<Network> {
  const passphrase = await host.passphrase();
  const ssid = host.status.group?.ssid ?? null;
  if (ssid === null) throw new HostP2pError('STATE', 'the name of the group is not known');
  if (ssid.includes('\ufffd'))
    throw new HostP2pError('STATE', 'the name of the group is no UTF-8 text, so it cannot be handed over');
  return { ssid, passphrase };
}

/** @throws {HostP2pError} as {@link networkOf} */
export async function handoverOf(host: HostP2pD): Promise<Handover> {
  const network = await networkOf(host);
  const [status, panel] = await Promise.all([host.wpa('STATUS', 'group'), panelUrl()]);
  const frequency = host.status.group?.frequency ?? null;
  return {
    ...network,
    bssid: parseAddress(parseKeyValues(status).get('bssid')),
    frequency,
    band: frequency === null ? null : (channelOf(frequency)?.band ?? null),
    panel,
  };
}

const MAX_URL_BYTES = 200;

async function panelUrl(): Promise<string | null> {
  const url = (await textOfFile(panelUrlFile(), MAX_URL_BYTES))?.trim() ?? '';
  return /^http:\/\/[\w.:[\]]+\/$/.test(url) ? url : null;
}

/** The answer of `GET /v1/handover`; null where it is something else. */
export function parseHandover(value: JsonValue): Handover | null {
  if (!isRecord(value)) return null;
  const { ssid, passphrase, bssid, frequency, band, panel } = value;
  return typeof ssid === 'string' &&
    typeof passphrase === 'string' &&
    (bssid === null || typeof bssid === 'string') &&
    (frequency === null || typeof frequency === 'number') &&
    (band === null || typeof band === 'string') &&
    (panel === null || typeof panel === 'string')
    ? { ssid, passphrase, bssid, frequency, band, panel }
    : null;
}
