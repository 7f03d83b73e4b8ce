import { HostP2pError } from '../system/errors.js';
import { inQuotes } from '../system/values.js';
import { ADMISSION } from './admission.js';
import {
  type CommandContext,
  type CommandSpec,
  checkArguments,
  type Output,
  type RunOptions,
  type SessionCommand,
} from './command.js';
import { doctor } from './doctor.js';
import { INFORMATION } from './information.js';
import { qr } from './qr.js';
import { SESSION_CONTROL } from './session-control.js';

/** Commands on a session, in the order of the help. */
export const SESSION_COMMANDS: readonly SessionCommand[] = [
  ...INFORMATION,
  qr,
  ...ADMISSION,
  ...SESSION_CONTROL,
  doctor,
];

/** Commands that each frontend carries out itself, without a session. */
export const FRONTEND_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'help',
    arguments: [{ name: 'command', optional: true, completes: 'command' }],
    summary: 'list the commands, or explain one',
    frontends: ['prompt', 'batch', 'shell'],
  },
  {
    name: 'wait',
    arguments: [{ name: 'seconds', optional: true, completes: 'text' }],
    summary: 'wait before the next command: 10 s, or the given seconds',
    frontends: ['prompt', 'batch', 'shell'],
  },
  {
    name: 'echo',
    arguments: [{ name: 'text', optional: true, rest: true, completes: 'text' }],
    summary: 'print the text',
    frontends: ['prompt', 'batch'],
  },
  {
    name: 'history',
    arguments: [{ name: 'n', optional: true, words: ['clear'], completes: 'text' }],
    summary: 'print the last 20, or n, lines of the history, or clear it',
    frontends: ['prompt'],
  },
  {
    name: 'prompt',
    arguments: [{ name: 'text', optional: true, rest: true, completes: 'text' }],
    summary: 'hide or show the prompt, or change its text',
    frontends: ['prompt'],
  },
  { name: 'color', arguments: [], summary: 'switch colours on or off', frontends: ['prompt'] },
  {
    name: 'quit',
    arguments: [],
    summary: 'end the program; so do Ctrl-D and, on an empty line, Ctrl-C',
    frontends: ['prompt', 'batch'],
  },
  {
    name: 'handover',
    arguments: [],
    summary: 'print what a phone or an app needs to join the group, as JSON, as a QR code, or for an NFC tag',
    details:
      'As JSON: name, passphrase, BSSID, frequency in MHz and band of the group, and the address of the panel if its service runs at an address that phones reach. With --format wifi it prints the text of the QR code, with qr the code, and with ndef the bytes of an NDEF message for an NFC tag. Whoever gets any of these can join.',
    frontends: ['shell'],
  },
  {
    name: 'setup',
    arguments: [],
    summary: 'set this machine up: from the installed package to a group that phones join',
    details:
      'Finds the radio and the program that serves it, shows the files and commands, and carries them out: settings in /etc/hostp2pd.yaml, what other network programs need so that they leave the group alone, and the service, now and at each boot. The connection of the radio to your own network stays where it is. It asks for what no option has answered; with --yes it asks nothing. --dry-run shows the plan only. --undo puts back every file and service. Running it again changes only what differs.',
    frontends: ['shell'],
  },
  {
    name: 'monitor',
    arguments: [],
    summary: 'show the group, the pairing window, the stations and the last events, live',
    frontends: ['shell'],
  },
  {
    name: 'panel',
    arguments: [],
    summary: 'serve a web page with the QR code, the PIN to type, and who is connected',
    details:
      'Needs no rights but those of the control socket. / is for a phone or a laptop, /kiosk for a small screen beside the box. Everyone who reaches the address sees the passphrase and the PIN, unless --private is given. To let devices in, disconnect and forget them, the page asks for a token: the one in --token-file, else a fresh one that is printed.',
    frontends: ['shell'],
  },
  {
    name: 'replay',
    arguments: [{ name: 'file', completes: 'file' }],
    summary: 'play a recorded session back (setting record), or show it',
    details:
      'Gives the recorded inputs to the session of this version, and prints the first step in which it acts in another way: exit code 1; without a difference 0. --as timeline prints what happened, line by line; --as svg a sequence diagram. --from and --to choose a part of it, in seconds since the beginning. Needs no daemon and no radio.',
    frontends: ['shell'],
  },
  {
    name: 'report',
    arguments: [{ name: 'file', optional: true, completes: 'file' }],
    summary: 'write an archive for an issue report: doctor, state, versions, log, recording, configuration',
    details:
      'Lists what is in the archive, and what could not be had and why; then writes it: a new .tar.gz file, by default in this folder. PINs, passphrases and keys are hidden, and MAC addresses replaced. Names of phones and networks stay in it. Works without a daemon and without root, with less in it then.',
    frontends: ['shell'],
  },
  {
    name: 'completion',
    arguments: [{ name: 'bash|zsh', optional: true, words: ['bash', 'zsh'] }],
    summary: 'print the completion script for the shell: source <(hostp2pd completion)',
    frontends: ['shell'],
  },
];

export const COMMANDS: readonly CommandSpec[] = [...SESSION_COMMANDS, ...FRONTEND_COMMANDS];

/**
 * Carries out a command on a session.
 * @param words its arguments
 * @throws {HostP2pError} USAGE, and what the command throws
 */
export async function execute(
  context: CommandContext,
  name: string,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  const command = findSessionCommand(name);
  if (!command) throw new HostP2pError('USAGE', `unknown command: ${inQuotes(name)}; try "help"`);
  checkArguments(command, words);
  return command.run(context, words, options);
}

export function findSessionCommand(name: string): SessionCommand | undefined {
  return SESSION_COMMANDS.find((command) => command.name === name);
}
