import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultName } from '../../faults/fault-list.js';
import { type Outcome, overcome } from '../../faults/outcome.js';
import { type AndroidOptions, AndroidPhone } from './android-phone.js';
import { BOX_CONTROL_DIRECTORY, Box, type BoxOptions } from './box.js';
import { HookLog, type HookOptions } from './hook-log.js';
import { Phone } from './phone.js';
import type { PhoneOptions } from './phone-device.js';
import { type Ending, Program, type ProgramOptions } from './program.js';
import { Recorder } from './recorder.js';
import type { Surroundings } from './supplicant.js';
import type { Timeline } from './timeline.js';
import { Units } from './units.js';
import { patient, until } from './wait.js';

/** What a scenario gets: the box, phones, the program under test, and a clock. */
export class Lab implements Surroundings {
  readonly timeline: Timeline;
  readonly scratch: string;
  /** Files in this folder are kept when the machine ends. */
  readonly results: string;
  /** What the scenario has counted or measured, for the table that is printed at the end. */
  readonly figures: Record<string, string> = {};
  /** The faults that the scenario has injected. */
  readonly faults: Outcome[] = [];
  /** Printed with the result of the scenario. */
  report: string | undefined;
  #units: Units | undefined;

  constructor(timeline: Timeline, scratch: string, results: string) {
    this.timeline = timeline;
    this.scratch = scratch;
    this.results = results;
  }

  /** Starts the box's wpa_supplicant. */
  async startBox(options: BoxOptions = {}): Promise<Box> {
    const box = new Box(this, options);
    await box.start();
    return box;
  }

  /** Switches a phone on. Start several of them and the box at once with Promise.all, because an emulated start is slow. */
  async startPhone(options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(this, options);
    await phone.start();
    return phone;
  }

  /** Switches a phone on that behaves as Android does. */
  async startAndroid(options: AndroidOptions): Promise<AndroidPhone> {
    const phone = new AndroidPhone(this, options);
    await phone.start();
    return phone;
  }

  /** Starts the program under test. The scenario waits for its effects. */
  startDaemon(options: ProgramOptions = {}): Program {
    return new Program(this, options);
  }

  /** Runs a program until it ends: hostp2pd as a client of its daemon, or (with `command`) another program. */
  async run(
    options: ProgramOptions,
    seconds = 20,
  ): Promise<Ending & { readonly stdout: string; readonly stderr: string }> {
    const program = new Program(this, { name: 'command', ...options });
    const ending = await program.waitExit(seconds);
    return { ...ending, stdout: program.stdout, stderr: program.stderr };
  }

  /** A hook script and the record of its calls. */
  hookLog(name?: string, options?: HookOptions): HookLog {
    return new HookLog(this, name, options);
  }

  /** Records all events of the box into `<name>.jsonl` in the results. */
  record(name: string): Recorder {
    return new Recorder(this.timeline, BOX_CONTROL_DIRECTORY, join(this.results, `${name}.jsonl`));
  }

  /** Writes a file (a configuration) and returns its path. */
  file(name: string, text: string, mode = 0o644): string {
    const path = join(this.scratch, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** A fault was injected, and everything works again; see {@link Outcome}. */
  overcome(fault: FaultName, lost: string, seconds: number): void {
    this.note(`${fault}: lost: ${lost}; everything works after ${seconds.toFixed(1)} s`);
    this.faults.push(overcome(fault, lost, seconds));
  }

  /** A remark in the timeline. */
  note(text: string): void {
    this.timeline.add('scenario', text);
  }

  /** Seconds since the scenario's start. */
  now(): number {
    return this.timeline.now();
  }

  /** systemd, on a machine that has it. */
  get units(): Units {
    this.#units ??= new Units(this);
    return this.#units;
  }

  /** Checks a condition repeatedly until it returns something other than undefined or false, for at most `seconds` ({@link patient}). */
  until<T>(
    what: string,
    seconds: number,
    look: () => T | undefined | false | Promise<T | undefined | false>,
  ): Promise<T> {
    return until(this.timeline, what, patient(seconds), look);
  }
}
