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
}
