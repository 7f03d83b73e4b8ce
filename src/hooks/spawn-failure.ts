import { stat } from 'node:fs/promises';
import { messageOf } from '../errors.js';

/** Why a program could not be started, and the cure, in words. */
export async function explainSpawnFailure(program: string, error: unknown): Promise<string> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const file = await stat(program).catch(() => undefined);
  if (file?.isDirectory()) return 'it is a folder; name the program in it';
  if (code === 'ENOENT') {
    if (!program.includes('/')) {
      return `it is not in PATH; write its full path${file === undefined ? '' : `, or ./${program}`}`;
    }
    if (file !== undefined) {
      return 'its first line (#!) names an interpreter that does not exist, or ends in a carriage return; correct that line';
    }
    const [first = '', ...others] = program.trim().split(/\s+/);
    if (others.length > 0 && (await stat(first).catch(() => undefined)) !== undefined) {
      return `there is no such file; run_program takes no arguments: put "${program}" into a script and name that`;
    }
    return 'there is no such file; correct run_program';
  }
  if (code === 'EACCES') return `it may not be executed; chmod +x ${program}`;
  if (code === 'ENOEXEC') return 'it is no program; a script needs a first line such as #!/bin/sh';
  return messageOf(error);
}
