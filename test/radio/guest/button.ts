import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.js';
import { Program } from './program.js';

const HARDWARE = fileURLToPath(new URL('../../../radio/guest/button.pl', import.meta.url));
const MODULES = '/lab/modules';
/** How often the LED has to change, to be seen blinking. */
const CHANGES = 4;

/** Loads modules of the kernel, if it does not have them. */
async function loadModules(lab: Lab, ...names: readonly string[]): Promise<void> {
  for (const name of names.filter((each) => !existsSync(`/sys/module/${each}`)))
    await lab.run({ command: '/lab/busybox', args: ['insmod', `${MODULES}/${name}.ko`] });
}

/** A push button (KEY_WPS_BUTTON) and an LED, as the kernel has those at the pins of a Raspberry Pi. */
export class Button {
  readonly #lab: Lab;
  readonly #program: Program;
  readonly #input: string;

  private constructor(lab: Lab, program: Program, input: string) {
    this.#lab = lab;
    this.#program = program;
    this.#input = input;
  }

  static async plugIn(lab: Lab): Promise<Button> {
    await loadModules(lab, 'evdev', 'uinput');
    const program = new Program(lab, { name: 'button', command: HARDWARE, input: true });
    const { text } = await program.waitOutput(/^input\d+$/, 20);
    return new Button(lab, program, text);
  }

  async unplug(): Promise<void> {
    this.#program.endInput();
    await this.#program.waitExit(20);
  }

  /** Its name in /dev/input. */
  get event(): string {
    const names = readdirSync(`/sys/class/input/${this.#input}`);
    const name = names.find((each) => /^event\d+$/.test(each));
    if (name === undefined) throw new Error(`expected a device in /dev/input, got ${names.join(', ')}`);
    return name;
  }

  /** The folder of the LED. */
  get led(): string {
    return join('/sys/class/leds', `${this.#input}::misc`);
  }

  /** Its contact closes and opens, once for each number: milliseconds for which it is closed. */
  async press(...closed: readonly number[]): Promise<void> {
    for (const ms of closed) {
      this.#program.write('1\n');
      await delay(ms);
      this.#program.write('0\n');
    }
  }

  /** Waits until the LED is dark, lit or blinking, as a person sees it. */
  async shows(look: 'dark' | 'lit' | 'blinking', seconds = 60): Promise<void> {
    const mark = this.#program.mark();
    await this.#lab.until(`the LED to be ${look}`, seconds, () => {
      const timer = readFileSync(join(this.led, 'trigger'), 'utf8').includes('[timer]');
      if (look === 'blinking') return timer && this.#program.mark() - mark >= CHANGES;
      return !timer && this.#isOn() === (look === 'lit');
    });
  }

  #isOn(): boolean {
    return this.#program.output.findLast(({ text }) => text.startsWith('led '))?.text === 'led 1';
  }
}
