import type { CommandSpec, SessionCommand } from './command.js';
import { doctor } from './doctor.js';
import { INFORMATION } from './information.js';
import { LETTING_IN } from './letting-in.js';
import { qr } from './qr.js';
import { RUNNING } from './running.js';

/** Commands on a session, in the order of the help. */
export const SESSION_COMMANDS: readonly SessionCommand[] = [
  ...INFORMATION,
  qr,
  ...LETTING_IN,
  ...RUNNING,
  doctor,
];

/** Commands that each face carries out itself. */
export const FACE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'help',
    arguments: [{ name: 'command', optional: true, completes: 'command' }],
    summary: 'list the commands, or explain one',
    faces: ['prompt', 'batch', 'shell'],
  },
  {
    name: 'wait',
    arguments: [{ name: 'seconds', optional: true, completes: 'text' }],
    summary: 'wait before the next command; 10 s unless said',
    faces: ['prompt', 'batch', 'shell'],
  },
  {
    name: 'echo',
    arguments: [{ name: 'text', optional: true, rest: true, completes: 'text' }],
    summary: 'print the text',
    faces: ['prompt', 'batch'],
  },
  {
    name: 'history',
    arguments: [{ name: 'n', optional: true, words: ['clear'], completes: 'text' }],
    summary: 'print the last 20, or n, lines of the history; or clear it',
    faces: ['prompt'],
  },
  {
    name: 'prompt',
    arguments: [{ name: 'text', optional: true, rest: true, completes: 'text' }],
    summary: 'switch the prompt off or on, or change it',
    faces: ['prompt'],
  },
  { name: 'color', arguments: [], summary: 'switch colours off or on', faces: ['prompt'] },
  {
    name: 'quit',
    arguments: [],
    summary: 'end; also Ctrl-D and, on an empty line, Ctrl-C',
    faces: ['prompt', 'batch'],
  },
  {
    name: 'monitor',
    arguments: [],
    summary: 'a live view of the group, the pairing window, the stations and the last events',
    faces: ['shell'],
  },
  {
    name: 'completion',
    arguments: [{ name: 'bash|zsh', optional: true, words: ['bash', 'zsh'] }],
    summary: 'print a script for TAB in the shell: source <(hostp2pd completion)',
    faces: ['shell'],
  },
];

export const COMMANDS: readonly CommandSpec[] = [...SESSION_COMMANDS, ...FACE_COMMANDS];
