import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SHARE } from '../protocol.js';

/** Radio noise: dozens of lines a second that do not help to find an error. The kept file has them. */
const NOISE =
  / (CTRL-EVENT-(SCAN-(STARTED|RESULTS)|BSS-(ADDED|REMOVED)|DSCP-POLICY|SUBNET-STATUS-UPDATE|EAP-)|RX-PROBE-REQUEST|WPS-AP-AVAILABLE)/;

const LOG_LINES = 40;

/** The timeline and the ends of the logs of a scenario, to find out why it failed. */
export async function scenarioLog(results: string): Promise<string> {
  const names = await readdir(results).catch(() => []);
  const sections: string[] = [];
  for (const name of names.sort(timelineFirst)) {
    if (name === SHARE.timeline) {
      const lines = (await readFile(join(results, name), 'utf8')).trimEnd().split('\n');
      sections.push(
        section(
          name,
          lines.filter((line) => !NOISE.test(line)),
        ),
      );
    } else if (name.endsWith('.log')) {
      const lines = (await readFile(join(results, name), 'utf8')).trimEnd().split('\n');
      sections.push(section(`${name}, last lines`, lines.slice(-LOG_LINES)));
    }
  }
  return sections.join('');
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0 || (lines.length === 1 && lines[0] === '')) return '';
  return `  -- ${title}\n${lines.map((line) => `     ${line}\n`).join('')}`;
}

function timelineFirst(a: string, b: string): number {
  return Number(b === SHARE.timeline) - Number(a === SHARE.timeline) || a.localeCompare(b);
}
