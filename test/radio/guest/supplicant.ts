import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlClient } from './control-client.js';
import { moveRadio } from './network.js';
import { createInterface, startSystemBus } from './system-bus.js';
import type { Timeline } from './timeline.js';
import { LabError, until } from './wait.js';

export const BOX_RADIO = 'wlan0';
/** The root directory of the system whose wpa_supplicant the phones use, if it is not the box's (see init.sh). */
const PHONES_ROOT = '/lab/phones';
const PHONES_LIBRARIES = join(PHONES_ROOT, 'usr/lib/x86_64-linux-gnu');

/** The folders of a scenario and its clock. */
export interface Surroundings {
  readonly timeline: Timeline;
  /** Logs, configuration files and hook records of this scenario. */
  readonly scratch: string;
}

interface SupplicantOptions {
  /** Its name in the timeline and in file names. */
  readonly name: string;
  /** `wlan0` … */
  readonly radio: string;
  readonly controlDirectory: string;
  /** Text of the configuration file; without it, wpa_supplicant gets only a control folder (`-C`). */
  readonly config?: string;
  /** Text of a configuration file for the P2P device alone (`-m`). */
  readonly deviceConfig?: string;
  /** Path of a global control socket (`-g`). */
  readonly globalSocket?: string;
  /** Debug messages in its log (`-dd`); slows the emulated machine down. */
  readonly debug?: boolean;
  /** Name of a network namespace that is made for it, with the radio in it. */
  readonly network?: string;
  /** As Debian's service runs it: on the system bus, on which the radio is added; no configuration file, no log. */
  readonly service?: boolean;
}

/** One wpa_supplicant process on one radio. */
export class Supplicant {
  readonly name: string;
  readonly options: SupplicantOptions;
  readonly logFile: string;
  readonly configFile: string;
  readonly deviceConfigFile: string;
  protected readonly timeline: Timeline;
  readonly #surroundings: Surroundings;
  #process: ChildProcess | undefined;

  constructor(surroundings: Surroundings, options: SupplicantOptions) {
    this.#surroundings = surroundings;
    this.timeline = surroundings.timeline;
    this.options = options;
    this.name = options.name;
    this.logFile = join(surroundings.scratch, `${options.name}.wpa_supplicant.log`);
    this.configFile = join(surroundings.scratch, `${options.name}.conf`);
    this.deviceConfigFile = join(surroundings.scratch, `${options.name}-p2p.conf`);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get running(): boolean {
    return (
      this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  /** Starts it and waits until it answers on its radio's control socket. The configuration file of an earlier start, which it may have changed, is kept. */
  async start(): Promise<void> {
    if (this.running) throw new LabError(`${this.name}: wpa_supplicant is already running`);
    const { radio, controlDirectory, config, deviceConfig, service } = this.options;
    if (service) await startSystemBus(this.#surroundings);
    else mkdirSync(controlDirectory, { recursive: true });
    if (config !== undefined && !existsSync(this.configFile)) writeFileSync(this.configFile, config);
    if (deviceConfig !== undefined && !existsSync(this.deviceConfigFile))
      writeFileSync(this.deviceConfigFile, deviceConfig);
    const args = service ? ['-u', '-s', '-O', `DIR=${controlDirectory} GROUP=netdev`] : this.#arguments();
    this.#note(`wpa_supplicant ${args.join(' ')}`);
    const log = openSync(this.logFile, 'a');
    const [command = '', ...words] = [...this.#inNetwork(), ...this.#program(), ...args];
    const child = spawn(command, words, {
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        ...(this.#ofPhones ? { OPENSSL_MODULES: join(PHONES_LIBRARIES, 'ossl-modules') } : {}),
      },
    });
    closeSync(log);
    child.on('error', (error) => this.#note(`wpa_supplicant: ${error.message}`));
    child.on('exit', (code, signal) => this.#note(`wpa_supplicant ended: ${signal ?? `exit ${code}`}`));
    this.#process = child;
    if (service) await createInterface(this.#surroundings, radio);
    const client = await this.client(radio, { attach: false });
    client.close();
  }

  /** Ends it (SIGTERM): it informs its monitors and removes its sockets. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends it like a crash: no event, and its sockets and interfaces stay. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#end(signal);
    await this.start();
  }

  /** Freezes it (SIGSTOP), so that it does not answer, or continues it (SIGCONT). */
  signal(signal: NodeJS.Signals): void {
    this.#note(`${signal} to wpa_supplicant`);
    this.#process?.kill(signal);
  }

  /** A client on the socket of an interface; waits for the socket. */
  client(ifname: string, options: { seconds?: number; attach?: boolean } = {}): Promise<ControlClient> {
    const path = join(this.options.controlDirectory, ifname);
    return ControlClient.open(path, `${this.name} ${ifname}`, this.timeline, options);
  }

  /** Names of the existing control sockets. */
  sockets(): string[] {
    return existsSync(this.options.controlDirectory) ? readdirSync(this.options.controlDirectory).sort() : [];
  }

  /** The prefix of a command that has to run in the radio's network namespace. */
  #inNetwork(): string[] {
    const { network, radio } = this.options;
    if (network === undefined) return [];
    moveRadio(radio, network);
    return ['ip', 'netns', 'exec', network];
  }

  get #ofPhones(): boolean {
    return this.options.radio !== BOX_RADIO && existsSync(PHONES_ROOT);
  }

  /** Another system's program needs that system's loader and libraries. */
  #program(): string[] {
    if (!this.#ofPhones) return ['wpa_supplicant'];
    const loader = join(PHONES_LIBRARIES, 'ld-linux-x86-64.so.2');
    return [loader, '--library-path', PHONES_LIBRARIES, join(PHONES_ROOT, 'usr/sbin/wpa_supplicant')];
  }

  #arguments(): string[] {
    const { radio, controlDirectory, config, deviceConfig, globalSocket, debug } = this.options;
    return [
      ...['-Dnl80211', '-i', radio, '-t', ...(debug ? ['-dd'] : [])],
      ...(config === undefined ? ['-C', controlDirectory] : ['-c', this.configFile]),
      // With -m the P2P device gets a control socket only by -O (wpa_supplicant.c, wpa_supplicant_init_iface).
      ...(deviceConfig === undefined ? [] : ['-m', this.deviceConfigFile, '-O', `DIR=${controlDirectory}`]),
      ...(globalSocket === undefined ? [] : ['-g', globalSocket]),
    ];
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    this.signal(signal);
    await until(this.timeline, `the end of ${this.name}'s wpa_supplicant`, 10, () => !this.running);
  }

  #note(text: string): void {
    this.timeline.add(this.name, text);
  }
}
