import type { Logger } from '../logging/logger.js';
import type { PinModule, PinModuleOptions, PinStation } from './pin-module.js';

/** Errors of one module that are worth a line each. */
const MOST_TOLD = 20;

/** The PINs of phones: from the user's `pin_module`, whose code is loaded only where one is set, else that of the settings. */
export class PinSource {
  readonly #logger: Logger;
  #module: Promise<PinModule> | null = null;
  #originOfStrayError: () => PinModule | undefined = () => undefined;
  /** Errors that are in the log: a timer of the module may throw the same ones every second. */
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Another module, or the same file as it is now, from the next phone on; null: none. */
  configure(module: PinModuleOptions | null): void {
    this.#told.clear();
    this.#module =
      module &&
      import('./pin-module.js').then(({ PinModule, originOfStrayError }) => {
        this.#originOfStrayError = originOfStrayError;
        return new PinModule(module);
      });
    // Told when the first phone asks.
    this.#module?.catch(() => {});
  }

  /** @throws {HostP2pError} PIN_MODULE */
  async ask(pin: string, station: PinStation): Promise<string> {
    return (await this.#module)?.getPin(pin, station) ?? pin;
  }

  /** See {@link HostP2pD.takeStrayError}. */
  takeStrayError(error: unknown): boolean {
    const module = this.#originOfStrayError();
    if (!module) return false;
    const text = module.describeStray(error);
    const again = this.#told.has(text) || this.#told.size >= MOST_TOLD;
    this.#logger.log(again ? 'debug' : 'error', text);
    if (!again) this.#told.add(text);
    return true;
  }
}
