import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseRecording } from '#src/recording/format.js';
import { play } from '#src/replay/playback.js';
import type { Input } from '#src/session/messages.js';
import type { SessionState } from '#src/session/model.js';
import { Dialogue } from './dialogue.js';
import { ALL } from './every-input.js';
import { PHASES, phone } from './every-phase.js';

/**
 * The state diagram of native-notes/architecture.md is made from what the phases do: with every input in every phase, and in
 * the recorded dialogues. `HOSTP2PD_DIAGRAM=write` in the environment writes it into the document.
 */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const DOCUMENT = join(ROOT, 'native-notes/architecture.md');
const DIALOGUES = join(ROOT, 'test/fixtures/dialogues');
const BEGIN = '<!-- test/unit/session/diagram.test.ts: begin -->\n';
const END = '<!-- test/unit/session/diagram.test.ts: end -->';
/** An input that leads from this many phases to the same one is drawn once, for all of them. */
const COMMON = 5;

type Step = Dialogue['steps'][number];

/** The name of an input in the diagram. */
function labelOf(input: Input): string {
  switch (input.type) {
    case 'event':
      return input.event.type;
    case 'reply':
      return `reply to ${input.tag.kind}`;
    case 'timer':
      return `timer ${input.timer}`;
    case 'operator':
      return `command ${input.command.kind}`;
    default:
      return input.type;
  }
}

function tableSteps(): Step[] {
  return Object.values(PHASES).flatMap((make) => ALL.flatMap(([input]) => make().give(input).steps));
}

/** A phone that makes a request while there is no group: the table has no input for that. */
function demandSteps(): Step[] {
  return [
    { dynamic_group: true },
    { activate_persistent_group: false },
    { activate_persistent_group: false, dynamic_group: true },
  ].flatMap((settings) => new Dialogue(settings).toIdle().event('device', phone.negotiates(1)).steps);
}

function recordedSteps(): Step[] {
  return readdirSync(DIALOGUES).flatMap((file) => {
    const { segments } = parseRecording(readFileSync(join(DIALOGUES, file), 'utf8'));
    return segments.flatMap((segment) =>
      [...play(segment)].map(({ step, before, after }) => ({ before, after, input: step.input })),
    );
  });
}

type Edges = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** The labels of all steps that change the result of `nameOf`, by target and source. */
function edgesOf(steps: readonly Step[], nameOf: (state: SessionState) => string): Edges {
  const all = new Map<string, Map<string, Set<string>>>();
  for (const { before, after, input } of steps) {
    const [from, to] = [nameOf(before), nameOf(after)];
    if (from === to) continue;
    const sources = all.get(to) ?? new Map<string, Set<string>>();
    all.set(to, sources.set(from, (sources.get(from) ?? new Set()).add(labelOf(input))));
  }
  return all;
}

/** Labels that lead from many states to the same one. */
function commonLabels(sources: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const counts = new Map<string, number>();
  for (const label of [...sources.values()].flatMap((labels) => [...labels]))
    counts.set(label, (counts.get(label) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count >= COMMON).map(([label]) => label));
}

function mermaid(first: string, lines: readonly string[]): string[] {
  return ['```mermaid', 'stateDiagram-v2', `    [*] --> ${first}`, ...lines, '```', ''];
}

function phaseDiagram(steps: readonly Step[]): string[] {
  const names = Object.keys(PHASES);
  const lines: string[] = [];
  const rows: string[] = [];
  for (const [to, sources] of edgesOf(steps, ({ phase }) => phase.name)) {
    const common = commonLabels(sources);
    if (common.size > 0)
      rows.push(
        `| ${[...common]
          .sort()
          .map((one) => `\`${one}\``)
          .join(', ')} | ${to} |`,
      );
    for (const [from, labels] of sources) {
      const own = [...labels].filter((label) => !common.has(label)).sort();
      if (own.length > 0) lines.push(`    ${from} --> ${to}: ${own.join(', ')}`);
    }
  }
  const order = (line: string) => names.indexOf(line.trim().split(' ')[0] ?? '');
  lines.sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  return [
    ...mermaid('detached', [...lines, '    ended --> [*]']),
    ...['In most phases these inputs lead to the same phase:', '', '| input | next phase |', '| --- | --- |'],
    ...[...rows.sort(), ''],
  ];
}

/** The steps within the phase `running`. */
function registrarDiagram(steps: readonly Step[]): string[] {
  const running = steps.filter(({ before, after }) =>
    [before, after].every(({ phase }) => phase.name === 'running'),
  );
  const edges = edgesOf(running, ({ registrar }) => registrar.holds.replaceAll(' ', '_'));
  const lines = [...edges].flatMap(([to, sources]) =>
    [...sources].map(([from, labels]) => `    ${from} --> ${to}: ${[...labels].sort().join(', ')}`),
  );
  return [
    'While a group is running, the registrar holds nothing, a PIN or an open button:',
    '',
    ...mermaid('nothing', lines.sort()),
  ];
}

test('the table of phases in the notes names all of them', () => {
  const notes = readFileSync(join(ROOT, 'native-notes/session.md'), 'utf8');
  const table = notes.slice(notes.indexOf('| phase |'), notes.indexOf('\n## '));
  const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(named, Object.keys(PHASES));
});

test('the state diagrams in the notes are what the phases do', () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [begin, end] = [document.indexOf(BEGIN) + BEGIN.length, document.indexOf(END)];
  assert.ok(begin >= BEGIN.length && end >= begin);
  const steps = [...tableSteps(), ...demandSteps(), ...recordedSteps()];
  const expected = [...phaseDiagram(steps), ...registrarDiagram(steps)].join('\n');
  if (process.env['HOSTP2PD_DIAGRAM'] === 'write')
    writeFileSync(DOCUMENT, document.slice(0, begin) + expected + document.slice(end));
  else assert.equal(document.slice(begin, end), expected);
});
