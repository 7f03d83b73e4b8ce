import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { examine } from '#src/doctor/examine.js';
import type { ExamineOptions } from '#src/doctor/gather/configuration-in-use.js';
import type { Finding } from '#src/doctor/report.js';
import { exitCodeOf, type Report, reportText } from '#src/doctor/report.js';
import type { Lab } from './lab.js';

/** A PIN that is not easily guessed, with its checksum. */
const OWN_PIN = '52107733';

/** The lab may lack the package wireless-regdb: then no country gets into the kernel, of which the doctor warns. */
const UNAVOIDABLE = existsSync('/lib/firmware/regulatory.db')
  ? null
  : { check: 'country', message: /^wpa_supplicant has country IT, and the kernel 00/, fix: /wireless-regdb/ };

function isUnavoidable({ check, message, fix }: Finding): boolean {
  return (
    UNAVOIDABLE !== null &&
    check === UNAVOIDABLE.check &&
    UNAVOIDABLE.message.test(message) &&
    UNAVOIDABLE.fix.test(fix ?? '')
  );
}

/** Plants an error; what it returns repairs it. */
type Plant = () => Promise<(() => Promise<void> | void) | undefined> | undefined;

/** Examines a box as `hostp2pd doctor` does, and compares the report with the errors that were caused. */
export class Examination {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** A configuration without errors, with additional lines. */
  configuration(lines: readonly string[] = [], { mode = 0o600, logging = 'level: info' } = {}): string {
    const pin = lines.some((line) => line.startsWith('pin:')) ? [] : [`pin: "${OWN_PIN}"`];
    const section = [...pin, ...lines].map((line) => `  ${line}`);
    const text = ['hostp2pd:', ...section, 'logging:', `  ${logging}`, ''].join('\n');
    return this.#lab.file(`examined-${this.#lab.now().toFixed(3)}.yaml`, text, mode);
  }

  async examine(options: ExamineOptions = {}): Promise<Report> {
    const report = await examine({ configFile: this.configuration(), ...options });
    this.#lab.note(reportText(report, { all: true }));
    return report;
  }

  /** Expects no findings, except those that the scenario cannot avoid. */
  async isHealthy(options: ExamineOptions = {}): Promise<void> {
    const report = await this.examine(options);
    assert.deepEqual(
      report.findings.filter((finding) => finding.level !== 'ok' && !isUnavoidable(finding)),
      [],
    );
    assert.equal(exitCodeOf(report), report.findings.some(isUnavoidable) ? 1 : 0);
  }

  /**
   * Plants errors and expects exactly those to be found, each with a fix; then repairs them and expects a healthy box.
   * @param wanted check → what its message says
   */
  async finds(
    wanted: Readonly<Record<string, RegExp>>,
    plant: Plant,
    options: () => ExamineOptions = () => ({}),
  ): Promise<void> {
    const names = Object.keys(wanted).join(', ');
    this.#lab.note(`planted: ${names}`);
    const repair = await plant();
    const report = await this.examine(options());
    this.shows(report, wanted);
    await repair?.();
    this.#lab.note(`repaired: ${names}`);
    if (repair) await this.becomesHealthy();
  }

  /** The same with an error in the configuration, where nothing else has to be repaired. */
  async findsInConfiguration(
    wanted: Readonly<Record<string, RegExp>>,
    ...configuration: Parameters<Examination['configuration']>
  ): Promise<void> {
    const configFile = this.configuration(...configuration);
    await this.finds(
      wanted,
      async () => undefined,
      () => ({ configFile }),
    );
  }

  /** Exactly these findings are warnings or errors, and all have a fix. */
  shows(report: Report, wanted: Readonly<Record<string, RegExp>>): void {
    const bad = report.findings.filter(isBad);
    assert.deepEqual([...new Set(bad.map(({ check }) => check))].sort(), Object.keys(wanted).sort());
    for (const { check, message, fix } of bad) {
      assert.match(message, wanted[check] ?? /^$/);
      assert.match(fix ?? '', /^\S.*$/, check);
    }
    assert.equal(exitCodeOf(report), bad.some(({ level }) => level === 'error') ? 2 : 1);
  }

  /** After a repair wpa_supplicant may take a moment. */
  async becomesHealthy(): Promise<void> {
    await this.#lab.until('a healthy box', 10, async () => !(await this.examine()).findings.some(isBad));
    await this.isHealthy();
  }
}

function isBad(finding: Finding): boolean {
  const { level } = finding;
  return (level === 'warning' || level === 'error') && !isUnavoidable(finding);
}
