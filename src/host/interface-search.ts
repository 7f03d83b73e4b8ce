import type { Settings } from '../config/schema.js';
import type { Logger } from '../logging/logger.js';
import type { SessionEvent } from '../session/session-event.js';
import type { Clock, Timer } from '../transport/clock.js';
import type { FolderWatch, WatchFolder } from '../transport/folder-watch.js';
import { RETRY_FIRST_MS, RETRY_LAST_MS } from '../wpa/link.js';
import { findInterface } from './waiting.js';

interface SearchParts {
  readonly clock: Clock;
  readonly watch: WatchFolder;
  readonly logger: Logger;
  readonly found: (interfaceName: string) => void;
  readonly emit: (event: SessionEvent) => void;
}

/** Which interface to bind: the one that was named, or with `auto` the first P2P device that turns up. */
export class InterfaceSearch {
  readonly #settings: Settings;
  readonly #parts: SearchParts;
  #retryMs = RETRY_FIRST_MS;
  #timer: Timer | null = null;
  #watch: FolderWatch | null = null;
  #lastReason = '';
  #over = false;

  constructor(settings: Settings, parts: SearchParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  start(): void {
    const { interface: wanted } = this.#settings;
    if (wanted === 'auto') this.#look();
    else this.#end(wanted);
  }

  close(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#watch?.close();
  }

  #end(name: string): void {
    this.close();
    this.#parts.found(name);
  }

  #look(): void {
    if (this.#over) return;
    const { clock, logger, emit, watch } = this.#parts;
    const folder = this.#settings.ctrl_interface;
    this.#timer?.cancel();
    const result = findInterface(folder);
    if ('interface' in result) {
      const others = result.others.length > 0 ? ` (there are also: ${result.others.join(', ')}; see -i)` : '';
      logger.log('info', `interface ${result.interface} found${others}`);
      this.#end(result.interface);
      return;
    }
    const { code, message } = result.error;
    if (message !== this.#lastReason) {
      this.#lastReason = message;
      logger.log(code === 'CONTROL_UNAVAILABLE' ? 'warning' : 'error', `${message}; waiting`);
      emit({ type: 'waiting', code, reason: message });
    }
    this.#watch?.close();
    this.#watch = watch(folder, () => this.#look());
    this.#timer = clock.after(this.#retryMs, () => this.#look());
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LAST_MS);
  }
}
