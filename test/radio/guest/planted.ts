import { readFileSync, writeFileSync } from 'node:fs';
import { examine } from '#src/doctor/examine.js';
import { reportText } from '#src/doctor/report.js';
import type { Lab } from './lab.js';
import { LabError } from './wait.js';

/** A finding of the doctor, or of its `--json`. */
interface Found {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly fix?: string | undefined;
}

/** A fault that is planted on a host. */
export interface Fault {
  readonly name: string;
  readonly plant: () => unknown;
  /** The check that finds it, and what its message says. */
  readonly check: string | RegExp;
  readonly message: RegExp;
  /** What a person does where the fix is no command: the words of the fix, and the act. */
  readonly byHand?: readonly [words: RegExp, act: (match: RegExpExecArray) => unknown] | undefined;
  /** Its fix gives the home network up. */
  readonly endsHome?: boolean;
  /** `doctor --fix --yes` has to repair it. */
  readonly byDoctor?: true;
  /** Where the doctor runs in another way than on the host itself: its findings. Only those of `check` then count. */
  readonly examine?: () => Promise<readonly Found[]>;
}

/**
 * Plants faults one by one: the doctor has to find each, and the fix that it prints, carried out literally, has to make the
 * finding go away and to leave the box in its home network.
 */
export class PlantedFaults {
  readonly #lab: Lab;
  readonly #keepsHome: () => Promise<void>;
  #planted = 0;
  #found = 0;
  #byCommand = 0;
  #byHand = 0;
  #byDoctor = 0;

  /** @param keepsHome waits until the box is in its home network, and throws if it is not */
  constructor(lab: Lab, keepsHome: () => Promise<void>) {
    this.#lab = lab;
    this.#keepsHome = keepsHome;
  }

  /** The findings of the doctor that are not ok. */
  async findings(): Promise<readonly Found[]> {
    const report = await examine({});
    this.#lab.note(reportText(report));
    return report.findings.filter(({ level }) => level !== 'ok');
  }

  /** Waits until the doctor finds nothing. */
  async allOk(seconds: number, look = () => this.findings()): Promise<void> {
    let last: readonly Found[] = [];
    try {
      await this.#lab.until('no finding of the doctor', seconds, async () => {
        last = await look();
        return last.length === 0;
      });
    } catch {
      throw new LabError(`expected no finding, got ${last.map(textOf).join('; ')}`);
    }
  }

  /** Throws at the first that is not found or not repaired: it would be found again after each that follows. */
  async plant(fault: Fault): Promise<void> {
    const { name, plant, check, message, byHand, byDoctor, examine: elsewhere } = fault;
    this.#lab.note(`planted: ${name}`);
    await plant();
    this.#planted += 1;
    this.#count();
    const finding = await this.#find(check, message, elsewhere);
    this.#found += 1;
    this.#count();
    if (byDoctor) {
      await doctorFix(this.#lab, finding);
    } else if (byHand === undefined) {
      await carryOut(this.#lab, finding.fix ?? '');
    } else {
      const [words, act] = byHand;
      const match = words.exec(finding.fix ?? '');
      if (match === null) throw new LabError(`expected the fix ${words}, got: ${finding.fix}`);
      await act(match);
    }
    await this.allOk(60, elsewhere && (async () => (await elsewhere()).filter((one) => isOf(one, check))));
    if (!fault.endsHome) await this.#keepsHome();
    if (byDoctor) this.#byDoctor += 1;
    else if (byHand === undefined) this.#byCommand += 1;
    else this.#byHand += 1;
    this.#count();
  }

  #count(): void {
    const { figures } = this.#lab;
    figures['faults planted'] = String(this.#planted);
    figures['found'] = String(this.#found);
    figures['fixed by the printed command'] = String(this.#byCommand);
    figures['by hand, as printed'] = String(this.#byHand);
    if (this.#byDoctor > 0) figures['fixed by doctor --fix'] = String(this.#byDoctor);
  }

  async #find(check: string | RegExp, message: RegExp, look = () => this.findings()): Promise<Found> {
    let last: readonly Found[] = [];
    let before: Found | undefined;
    try {
      // Twice the same: a daemon that is just being started again may look like another fault.
      return await this.#lab.until(`the finding ${check}`, 120, async () => {
        last = await look();
        const found = last.find((finding) => isOf(finding, check) && message.test(finding.message));
        const isStable = found !== undefined && found.fix === before?.fix;
        before = found;
        return isStable && found;
      });
    } catch {
      throw new LabError(`expected ${check} ${message}, got ${last.map(textOf).join('; ') || 'no finding'}`);
    }
  }
}

/** The findings of the installed program that are not ok. It asks the running service what it uses. */
export async function runDoctor(
  lab: Lab,
  command = 'hostp2pd',
  ...args: readonly string[]
): Promise<readonly Found[]> {
  const { stdout } = await lab.run(
    { name: 'doctor', command, args: args.length > 0 ? args : ['doctor', '--json'] },
    90,
  );
  const { findings }: { findings: (Omit<Found, 'fix'> & { cure?: string })[] } = JSON.parse(stdout);
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ cure, ...found }) => ({ ...found, fix: cure }));
}

function isOf(found: Found, check: string | RegExp): boolean {
  return typeof check === 'string' ? found.check === check : check.test(found.check);
}

function textOf({ check, level, message, fix }: Found): string {
  return `${check} (${level}): ${message} [fix: ${fix ?? '-'}]`;
}

/** Runs the installed program, which has to say what it runs: the fix that it printed. */
async function doctorFix(lab: Lab, { check, fix = '' }: Found): Promise<void> {
  const args = ['doctor', '--fix', '--yes', check];
  const { stdout, stderr } = await lab.run({ name: 'fix', command: 'hostp2pd', args }, 120);
  for (const command of fix.split('; '))
    if (!stderr.includes(`run: ${command}`))
      throw new LabError(`expected ${command}, got ${stderr}\n${stdout}`);
}

/** The commands and edits at the beginning of a fix, up to other words. */
async function carryOut(lab: Lab, fix: string): Promise<void> {
  const starts = COMMAND.test(fix) || fix.startsWith('write ');
  // `with the two letters of your country, such as DE: write …`
  const steps = (starts ? fix : fix.slice(fix.indexOf(': ') + 2)).split(/; (?:then |and )?|, then /);
  const count = steps.findIndex((step) => !COMMAND.test(step) && !EDIT.test(step));
  const wanted = count < 0 ? steps : steps.slice(0, count);
  if (wanted.length === 0) throw new LabError(`expected a command, got: ${fix}`);
  for (const step of wanted) {
    const [, line, path] = EDIT.exec(step) ?? [];
    if (line !== undefined && path !== undefined) edit(path, line.replace(/^"(.*)"$/, '$1'));
    else await command(lab, step);
  }
}

const COMMAND = /^(?:sudo|printf|echo|kill|rm|wpa_cli|hostp2pd|systemctl) /;
const EDIT = /^write (.+?) into (\/\S+)$/;

async function command(lab: Lab, text: string): Promise<void> {
  const { code, stdout, stderr } = await lab.run(
    { name: 'fix', command: 'bash', args: ['-euo', 'pipefail', '-c', text] },
    120,
  );
  if (code !== 0) throw new LabError(`exit ${code} of ${text}\n${stdout}${stderr}`);
}

/** Replaces the line with the same key, or puts the line at the head, where wpa_supplicant.conf has its settings. */
function edit(path: string, line: string): void {
  const text = readFileSync(path, 'utf8');
  const [key = ''] = line.split('=', 1);
  const old = new RegExp(`^${key}=.*$`, 'm');
  writeFileSync(path, old.test(text) ? text.replace(old, () => line) : `${line}\n${text}`);
}
