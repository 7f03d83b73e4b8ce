/** wpa_supplicant keeps as many clients of a persistent group (P2P_MAX_STORED_CLIENTS in config_ssid.h). */
export const MAX_CLIENTS = 100;

/** What must be kept of a persistent group so that it can be made again, the same for the phones that know it. */
export interface StoredGroup {
  /** SSID: 1 to 32 bytes in hexadecimal, for it need not be text. */
  readonly ssidHex: string;
  readonly passphrase: string | null;
  /** 64 hexadecimal digits, where there is no passphrase. */
  readonly psk: string | null;
  /** P2P device addresses of the phones that have joined it, most recent first. */
  readonly clients: readonly string[];
  /**
   * Those that were forgotten and have not joined again. A configuration file that we do not write may still have them,
   * and their passphrases.
   */
  readonly forgotten: readonly string[];
}

/** With these clients: who has joined is not forgotten any more. */
export function withClients(stored: StoredGroup, clients: readonly string[]): StoredGroup {
  const forgotten = stored.forgotten.filter((address) => !clients.includes(address));
  return { ...stored, clients: clients.slice(0, MAX_CLIENTS), forgotten };
}

export function withoutClient(stored: StoredGroup, address: string): StoredGroup {
  const others = (list: readonly string[]) => list.filter((one) => one !== address);
  return {
    ...stored,
    clients: others(stored.clients),
    forgotten: [address, ...others(stored.forgotten)].slice(0, MAX_CLIENTS),
  };
}
