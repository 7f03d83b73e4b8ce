import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The inputs that the fuzzer has found worth keeping, one file for each target. */

export const TARGETS = ['event', 'reply', 'printed', 'configuration', 'http', 'recording'] as const;
export type TargetName = (typeof TARGETS)[number];

export interface Target {
  /** Throws, or rejects, for an input that breaks a rule. */
  readonly fuzz: (data: Uint8Array) => void | Promise<void>;
  /** Closes what keeps the process alive. */
  readonly close?: () => Promise<void>;
}

export function loadTarget(name: TargetName): Promise<Target> {
  return import(`./targets/${name}.js`);
}

function fileOf(name: TargetName | 'findings'): string {
  return fileURLToPath(new URL(`../../fixtures/corpus/${name}.jsonl`, import.meta.url));
}

function linesOf(name: TargetName | 'findings'): string[] {
  return readFileSync(fileOf(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function bytesOf(input: unknown): Buffer {
  return Buffer.from(String(input), 'latin1');
}

/** Inputs that together reach all code that the fuzzer has reached: one on each line, as JSON; each character is one byte. */
export function readCorpus(name: TargetName): Buffer[] {
  return linesOf(name).map((line) => bytesOf(JSON.parse(line)));
}

export function writeCorpus(name: TargetName, inputs: readonly Buffer[]): void {
  writeFileSync(fileOf(name), inputs.map((input) => `${asLine(input)}\n`).join(''));
}

/** Inputs that broke a rule once. */
export function findingsOf(name: TargetName): Buffer[] {
  const findings = linesOf('findings').map((line) => JSON.parse(line));
  return findings.filter(({ target }) => target === name).map(({ input }) => bytesOf(input));
}

export function asLine(input: Buffer): string {
  return JSON.stringify(input.toString('latin1')).replace(
    /[\u007f-\u009f]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
