import type { Logger } from '../logging/logger.js';
import { samePlace } from '../system/folders.js';

/** wpa_supplicant has a few names at most. The limit keeps a sender that invents names from filling memory and log. */
const MAX_NAMES = 64;

/** Which datagrams come from the control socket of wpa_supplicant: any process that reaches our socket can send one. */
export class TrustedSenders {
  readonly #server: string;
  readonly #logger: Logger;
  readonly #trusted = new Set<string>();
  readonly #distrusted = new Set<string>();

  /** @param server path of the control socket */
  constructor(server: string, logger: Logger) {
    this.#server = server;
    this.#logger = logger;
  }

  /** wpa_supplicant's own path, or another spelling of it such as /var/run for /run. Others are logged once. */
  trusts(sender: string | null): boolean {
    if (sender === this.#server) return true;
    const key = sender ?? '';
    if (this.#trusted.has(key)) return true;
    // Distrust is checked again each time: while the folder of wpa_supplicant is missing, its other names cannot be resolved.
    const trusted = sender !== null && samePlace(sender, this.#server);
    const seen = trusted ? this.#trusted : this.#distrusted;
    if (seen.has(key) || seen.size >= MAX_NAMES) return trusted;
    seen.add(key);
    if (!trusted) {
      const from = sender ?? 'an unnamed socket';
      this.#logger.log('warning', `ignored a datagram from ${from}: expected one from ${this.#server}`);
    }
    return trusted;
  }
}
