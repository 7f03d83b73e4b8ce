import { HostP2pError } from '../system/errors.js';
import type { ArgumentSpec, CommandSpec, Operated, Output, RunOptions, SessionCommand } from './command.js';
import { SESSION_COMMANDS } from './table.js';

/**
 * Carries out a command on a session.
 * @param words its arguments
 * @throws {HostP2pError} USAGE, and whatever the command throws
 */
export async function execute(
  operated: Operated,
  name: string,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  const command = findSessionCommand(name);
  if (!command) throw new HostP2pError('USAGE', `command: found ${JSON.stringify(name)}; try "help"`);
  checkArguments(command, words);
  return command.run(operated, words, options);
}

export function findSessionCommand(name: string): SessionCommand | undefined {
  return SESSION_COMMANDS.find((command) => command.name === name);
}

/** @throws {HostP2pError} USAGE where there are too few words, too many, or one that is not among those wanted */
export function checkArguments(command: CommandSpec, words: readonly string[]): void {
  const { arguments: specs } = command;
  const least = specs.filter(({ optional }) => !optional).length;
  const most = specs.some(({ rest }) => rest) ? Number.POSITIVE_INFINITY : specs.length;
  if (words.length < least || words.length > most) {
    throw new HostP2pError(
      'USAGE',
      `${command.name}: found ${counted(words.length)}, wanted: ${usage(command)}`,
    );
  }
  for (const [place, word] of words.entries()) {
    const spec = specs[Math.min(place, specs.length - 1)];
    if (spec?.words && spec.completes === undefined && !spec.words.includes(word)) {
      throw new HostP2pError(
        'USAGE',
        `${command.name}: found ${JSON.stringify(word)}, wanted ${spec.words.join(' or ')}`,
      );
    }
  }
}

/** `pair [pbc|pin] [PIN] [address]` */
export function usage(command: CommandSpec): string {
  return [command.name, ...command.arguments.map(argumentText)].join(' ');
}

function argumentText({ name, optional, rest }: ArgumentSpec): string {
  const text = rest ? `${name}…` : name;
  return optional ? `[${text}]` : `<${text}>`;
}

function counted(words: number): string {
  return words === 1 ? '1 argument' : `${words} arguments`;
}
