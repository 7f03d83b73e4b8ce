import { type Output, output } from '../commands/command.js';
import { CHECKS } from '../doctor/checks.js';
import { examine } from '../doctor/examine.js';
import type { ExamineOptions } from '../doctor/gather/configuration-in-use.js';
import {
  exitCodeOf,
  type Finding,
  type Report,
  type ReportFormat,
  reportJson,
  reportText,
} from '../doctor/report.js';
import { type Commands, typedCommands } from '../system/commands.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import { printable } from '../system/names.js';
import { runProgram } from '../system/programs.js';
import { inQuotes, nearestName } from '../system/values.js';
import type { Terminal } from './dialogue.js';
import { COMMAND_LIMIT_MS } from './machine.js';

/** `hostp2pd doctor --fix`: carries out the fixes that are safe, and examines again. */

export interface FixOptions {
  /** Ids of checks; empty: all. */
  readonly checks: readonly string[];
  /** Without questions, and so without what installs packages. */
  readonly yes: boolean;
  readonly uid: number;
  readonly examine: () => Promise<Report>;
  /** Runs a program. @throws {Error} with the reason */
  readonly run: (program: string, args: readonly string[]) => Promise<unknown>;
  /** Asks for a yes or no; null: there is no terminal. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  readonly print: (text: string) => void;
}

/**
 * @returns the report of the examination afterwards; null if all the checks that were named are ok
 * @throws {HostP2pError} USAGE for an unknown check, without root, or without a terminal to ask at
 */
export async function fixFindings(options: FixOptions): Promise<Report | null> {
  const { checks, yes, uid, examine, run, ask, print } = options;
  const unknown = checks.find((name) => !CHECKS.some(({ id }) => id === name));
  if (unknown !== undefined) throw new HostP2pError('USAGE', `doctor --fix: ${unknownCheck(unknown)}`);
  if (uid !== 0)
    throw new HostP2pError(
      'USAGE',
      'doctor --fix changes the system: run it as root (sudo hostp2pd doctor --fix)',
    );
  if (!yes && ask === null)
    throw new HostP2pError('USAGE', 'doctor --fix asks before each fix: run it in a terminal, or with --yes');
  const report = await examine();
  const wanted = report.findings.filter(({ check }) => checks.length === 0 || checks.includes(check));
  if (checks.length > 0 && wanted.every(({ level }) => level === 'ok')) {
    for (const name of checks) print(`${name} is ok: nothing to fix`);
    return null;
  }
  const safe = wanted.filter(isSafe);
  if (safe.length === 0) {
    print('No fix can be carried out without you.');
    return report;
  }
  for (const { check, message, commands, installs } of safe) {
    const text = typedCommands(commands);
    const title = printable(`${check}: ${message}`);
    if (yes && installs) {
      print(`${title}\n  left to you, because it installs packages: ${printable(text)}`);
      continue;
    }
    if (!yes && !(await ask?.(`${title}. Run "${printable(text)}"?`))) continue;
    print(title);
    // A group, or a socket, that was left over may be in use now: it has the same name.
    if (!isFound(await examine(), text)) {
      print('  no longer needed');
      continue;
    }
    try {
      for (const [program = '', ...args] of commands) {
        print(`  run: ${printable(typedCommands([[program, ...args]]))}`);
        await run(program, args);
      }
    } catch (error) {
      print(`  failed: ${messageOf(error)}`);
    }
  }
  return examine();
}

function unknownCheck(name: string): string {
  const ids = CHECKS.map(({ id }) => id);
  const nearest = nearestName(name, ids);
  const hint = nearest === undefined ? 'hostp2pd doctor --all lists them' : `did you mean ${nearest}?`;
  return `expected the id of a check, got ${inQuotes(name)}; ${hint}`;
}

function isFound({ findings }: Report, text: string): boolean {
  return findings.filter(isSafe).some(({ commands }) => typedCommands(commands) === text);
}

type SafeFinding = Extract<Finding, { fix: string }> & { readonly commands: Commands };

function isSafe(finding: Finding): finding is SafeFinding {
  return finding.commands !== undefined;
}

interface Person {
  readonly checks: readonly string[];
  readonly yes: boolean;
  readonly terminal: Terminal | null;
  readonly print: (text: string) => void;
}

/** Packages come over a network that may be slow, and an apt-get that is killed leaves them half installed. */
const INSTALL_LIMIT_MS = 3_600_000;

function runFix(program: string, args: readonly string[]): Promise<string> {
  return runProgram(program, args, { limitMs: program === 'apt-get' ? INSTALL_LIMIT_MS : COMMAND_LIMIT_MS });
}

/** The same on this machine. */
export async function runDoctorFix(
  options: ExamineOptions,
  format: ReportFormat,
  { terminal, ...person }: Person,
): Promise<Output & { readonly exitCode: 0 | 1 | 2 }> {
  const report = await fixFindings({
    ...person,
    uid: process.geteuid?.() ?? -1,
    examine: () => examine(options),
    run: runFix,
    ask: terminal && (async (question) => (await import('./dialogue.js')).askConsent(terminal, question)),
  });
  if (report === null) return { ...output({ findings: [] }, ''), exitCode: 0 };
  return { ...output(reportJson(report), reportText(report, format)), exitCode: exitCodeOf(report) };
}
