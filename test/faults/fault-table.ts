import { basename } from 'node:path';
import { FAULTS, type Fault, type FaultName, faultNames, faultOf, isFaultName } from './fault-list.js';
import type { Outcome } from './outcome.js';

const START = '<!-- npm run faults -->\n';
const END = '\n<!-- end -->';
const HEADINGS = ['fault', 'lost', 'seconds', 'at most', 'played by'];

/** The cells of a fault's row: the first three are the outcome, the others are of the list. */
export function cellsOf(name: FaultName, lost: string, seconds: string): readonly string[] {
  const fault = faultOf(name);
  return [name, lost, seconds, fault.most === undefined ? '' : String(fault.most), playerText(fault)];
}

function playerText({ player }: Fault): string {
  if ('not' in player) return player.not;
  return 'scenario' in player ? `scenario ${player.scenario}` : basename(player.test);
}

/** The rows of the document's tables, by fault. */
export function rowsIn(document: string): ReadonlyMap<string, readonly string[]> {
  const block = document.slice(document.indexOf(START), document.indexOf(END));
  const rows = block
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, ...cells]) => cells.slice(0, HEADINGS.length))
    .filter(([name = '']) => isFaultName(name));
  return new Map(rows.map((cells) => [cells[0] ?? '', cells]));
}

/** Puts the outcomes into the tables of a document. A fault that was not played now keeps its row. */
export function replaceRows(document: string, outcomes: readonly Outcome[]): string {
  const [from, to] = [document.indexOf(START), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document has no place for the tables: ${START}`);
  const former = rowsIn(document);
  const rowOf = (name: FaultName): readonly string[] | undefined => {
    const now = outcomes.find(({ fault }) => fault === name);
    if (now !== undefined) return cellsOf(name, now.lost, secondsText(now.seconds));
    if ('not' in faultOf(name).player) return cellsOf(name, '', '');
    const [, lost, seconds] = former.get(name) ?? [];
    return lost === undefined || seconds === undefined ? undefined : cellsOf(name, lost, seconds);
  };
  const tables = Object.entries(FAULTS).map(([group, faults]) => {
    const rows = Object.keys(faults).filter(isFaultName).map(rowOf);
    const lines = [HEADINGS, HEADINGS.map(() => '---'), ...rows.filter((row) => row !== undefined)];
    return `## Faults of ${group}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
  });
  return `${document.slice(0, from)}${START}\n${tables.join('\n')}${document.slice(to)}`;
}

function secondsText(seconds: number): string {
  return seconds < 0.05 ? '0' : seconds.toFixed(1);
}

/** For a terminal. */
export function outcomesText(outcomes: readonly Outcome[]): string {
  const order = faultNames();
  return outcomes
    .toSorted((a, b) => order.indexOf(a.fault) - order.indexOf(b.fault))
    .map(({ fault, lost, seconds }) => `${secondsText(seconds).padStart(6)} s  ${fault}; lost: ${lost}`)
    .join('\n');
}
