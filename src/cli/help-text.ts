import { type CommandSpec, type Frontend, usage } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';

/** The commands of a frontend, in the order of the tables. */
export function commandsOf(frontend: Frontend): readonly CommandSpec[] {
  return COMMANDS.filter(({ frontends }) => frontends.includes(frontend));
}

/** What `help` prints: the commands, each with what it does beside it. */
export function helpList(commands: readonly CommandSpec[], columns: number): string {
  const usages = commands.map(usage);
  const indent = Math.max(...usages.map(({ length }) => length)) + 4;
  return commands
    .map(({ summary }, place) => {
      const [first = '', ...others] = wrap(summary, columns - indent);
      const start = `  ${usages[place]}`.padEnd(indent);
      return [start + first, ...others.map((line) => ' '.repeat(indent) + line)].join('\n');
    })
    .join('\n');
}

/** What `help NAME` prints. */
export function helpFor(command: CommandSpec, columns: number): string {
  const { summary, details } = command;
  const lines = [summary, ...(details === undefined ? [] : [details])].flatMap((text) => wrap(text, columns));
  return [`usage: ${usage(command)}`, ...lines].join('\n');
}

const LEAST_COLUMNS = 20;

/** Lines of whole words, in so many columns. */
export function wrap(text: string, columns: number): readonly string[] {
  const width = Math.max(columns, LEAST_COLUMNS);
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
    return lines;
  }, []);
}
