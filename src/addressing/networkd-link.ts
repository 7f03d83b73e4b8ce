import { textOfFile } from '../system/files.js';

/** How systemd-networkd sees an interface. */
interface NetworkdLink {
  /** It has not decided yet. */
  readonly isPending: boolean;
  /** The .network file that it uses; null: none. */
  readonly file: string | null;
}

/** Its notes about each interface (src/network/networkd-state-file.c), which it removes when it ends. */
const NOTES = '/run/systemd/netif/links';
/** Longer than any of them. */
const MAX_BYTES = 65_536;

/** @param index of the interface in the kernel @returns null if it does not run, or does not know the interface yet */
export async function networkdLink(index: number): Promise<NetworkdLink | null> {
  const note = await textOfFile(`${NOTES}/${index}`, MAX_BYTES);
  return note === null ? null : parseNetworkdLink(note);
}

export function parseNetworkdLink(note: string): NetworkdLink {
  return {
    isPending: /^ADMIN_STATE=(?:pending|initialized)$/m.test(note),
    file: /^NETWORK_FILE=(.+)$/m.exec(note)?.[1] ?? null,
  };
}
