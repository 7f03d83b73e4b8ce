import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_PIN } from '../config/known-pins.js';
import { type Configuration, defaultConfiguration, loadConfiguration } from '../config/load.js';
import { formatProblems } from '../config/problem.js';
import type { Settings } from '../config/schema.js';
import { RANDOM_PIN } from '../config/text-values.js';
import { hasWellKnownPin, validate, wellKnownText } from '../config/validate.js';
import { programPath } from '../hooks/program-check.js';
import type { Logger } from '../logging/logger.js';
import type { PairingMethod } from '../session/model.js';
import { HostP2pError } from '../system/errors.js';
import type { Problems } from '../system/problems.js';
import type { PinModuleOptions } from './pin-module.js';

/** All are optional, and override the configuration file, also after a reload. */
export interface HostP2pDOptions {
  /** Path of the YAML file; `-` reads standard input. Default: `HOSTP2PD_CFG`, else `./hostp2pd.yaml`, else `/etc/hostp2pd.yaml`, else none. */
  readonly configFile?: string | undefined;
  /** Keys of the `hostp2pd:` section, as in the file. Without `configFile` no file is read then. */
  readonly config?: Readonly<Partial<Settings>> | undefined;
  /** P2P device interface such as `p2p-dev-wlan0`; `auto` takes the first one, or a radio that has none. */
  readonly interface?: string | undefined;
  /** Program to call at events. */
  readonly runProgram?: string | undefined;
  /** True logs everything, including debug messages. */
  readonly forceLogging?: boolean | undefined;
  /** Devices that may use the push button, by P2P device address or by name; with an empty list any device may. */
  readonly pbcWhiteList?: readonly string[] | undefined;
  /** True: a configuration with the default PIN, 00000000, is an error. Otherwise, and for other PINs that everybody tries first, the log has a warning. */
  readonly refuseDefaultPin?: boolean | undefined;
  /** PIN that a person types on the phone: 4 or 8 digits; `random` makes a new one for each phone. */
  readonly pin?: string | undefined;
  /**
   * Folder that relative names start from: of the configuration file, and in it of `run_program` and `pin_module`.
   * Default: the working directory.
   */
  readonly folder?: string | undefined;
  /** Where the session writes its log. Default: nowhere. */
  readonly logger?: Logger | undefined;
  /** Called once the configuration is known, before anything is begun. If it rejects, `start` rejects with the same error. */
  readonly beforeStart?: ((configuration: Configuration) => Promise<void>) | undefined;
  /** Called once the interface is known, before anything is bound to it. If it rejects, the error ends the session. */
  readonly beforeAttach?: ((interfaceName: string) => Promise<void>) | undefined;
  /** File in which every input and effect of the session is recorded, without secrets: see the setting `record`. */
  readonly record?: string | undefined;
  /** Takes what the session cannot do, and has what the process around it cannot do: the status shows both. */
  readonly problems?: Problems | undefined;
  /** Called every 10 s while attached, when the process is awake anyway for a heartbeat of the link. */
  readonly onHeartbeat?: (() => void) | undefined;
}

/** How the pairing window is opened. */
export interface PairOptions {
  /** Default: the push button where it is in use, else the PIN. */
  readonly method?: PairingMethod | undefined;
  /** For method `pin`: the PIN to type on the phone, or the one that a device without a keypad shows. Default: a new one. */
  readonly pin?: string | undefined;
  /** P2P device address. Default: any device, the first one to come. */
  readonly deviceAddress?: string | undefined;
}

/**
 * Loads the configuration, and applies the options to it.
 * @param file a file to read instead of the one in the options; `reset` stands for the defaults
 * @param found that file was found at the start, and not named by anybody
 * @param signal ends the wait for a text from a pipe
 * @throws HostP2pError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function configurationOf(
  options: HostP2pDOptions,
  place: { readonly file?: string | undefined; readonly found?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Configuration> {
  const { found = false, signal } = place;
  const wanted = place.file ?? options.configFile;
  const inlineOnly = wanted === undefined && options.config !== undefined;
  const cwd = options.folder === undefined ? {} : { cwd: options.folder };
  const surroundings = { file: wanted, found, signal, ...cwd };
  const base =
    wanted === 'reset' || inlineOnly ? defaultConfiguration() : await loadConfiguration(surroundings);
  const overrides = { ...(wanted === 'reset' ? {} : options.config), ...given(options) };
  if (Object.keys(overrides).length === 0) return checked(base, options, wanted);
  const { settings, problems, warnings } = validate({ ...base.settings, ...overrides }, 'options');
  if (problems.length > 0) throw new HostP2pError('CONFIG_INVALID', `options:\n${formatProblems(problems)}`);
  // The warnings of the file, and those that are new with the options: also one about a pair of keys, of which the file
  // has one and the options the other.
  const known = validate(base.settings, 'options').warnings;
  const own = warnings.filter((warning) => !known.some((other) => isDeepStrictEqual(other, warning)));
  const configuration = { ...base, settings, given: Object.keys(overrides) };
  return checked({ ...configuration, warnings: [...base.warnings, ...own] }, options, wanted);
}

const BETTER_PIN = 'write "pin: random", a new PIN for each phone, or eight digits of your own in quotes';

/**
 * The configuration with a warning about a PIN that everybody knows or tries first.
 * @throws HostP2pError CONFIG_INVALID for the default PIN, if it is refused
 */
function checked(
  configuration: Configuration,
  { refuseDefaultPin = false }: HostP2pDOptions,
  file: string | undefined,
): Configuration {
  if (!hasWellKnownPin(configuration.settings)) return configuration;
  const { pin } = configuration.settings;
  // The others may be in files of people whose phones join with them.
  if (!refuseDefaultPin || pin !== DEFAULT_PIN) return warnedOfPin(configuration);
  const known = wellKnownText(configuration.settings);
  throw new HostP2pError(
    'CONFIG_INVALID',
    file === 'reset'
      ? `reset: expected a PIN of your own, got ${known}, with the other default settings; reload a configuration file instead`
      : `hostp2pd.pin: expected a PIN of your own, got ${known}; ${BETTER_PIN}`,
  );
}

/** The configuration of the Python program goes on to work, and people have it from there. */
function warnedOfPin(configuration: Configuration): Configuration {
  const { settings, warnings } = configuration;
  // If any device may use the button, no phone is asked for the PIN.
  if (settings.pbc_in_use && settings.pbc_white_list.length === 0) return configuration;
  // A list of devices that may use the button has such a warning already.
  if (warnings.some(({ path }) => path.endsWith('.pin'))) return configuration;
  const text = `any device nearby can get in with ${wellKnownText(settings)}`;
  return { ...configuration, warnings: [...warnings, { path: 'hostp2pd.pin', text, fix: BETTER_PIN }] };
}

/** The file of `record`; null for none. */
export function recordFileOf({ settings }: Configuration, { folder }: HostP2pDOptions): string | null {
  return settings.record && resolve(folder ?? '', settings.record);
}

/** The program of `run_program`; null for none. */
export function hookProgramOf(
  { settings }: Configuration,
  { folder }: HostP2pDOptions,
): { path: string; timeoutMs: number } | null {
  const path = programPath(settings.run_program, folder);
  return path === null ? null : { path, timeoutMs: settings.hook_timeout_secs * 1000 };
}

/** The module of `pin_module`; null for none. */
export function pinModuleOf(
  { settings }: Configuration,
  { folder }: HostP2pDOptions,
): PinModuleOptions | null {
  const { pin_module, hook_timeout_secs, pin } = settings;
  if (pin_module === null) return null;
  const path = folder === undefined ? pin_module : resolve(folder, pin_module);
  return { path, timeoutMs: hook_timeout_secs * 1000, shown: pin === RANDOM_PIN };
}

function given(options: HostP2pDOptions): Record<string, unknown> {
  const { interface: name, runProgram, forceLogging, pbcWhiteList, pin, record } = options;
  const values = {
    interface: name,
    run_program: runProgram,
    force_logging: forceLogging,
    pbc_white_list: pbcWhiteList,
    pin,
    record,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
