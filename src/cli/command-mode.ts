import { setTimeout as delay } from 'node:timers/promises';
import type { CommandSpec, Output } from '../commands/command.js';
import { checkArguments, parseCount, parseSeconds } from '../commands/command.js';
import { parseHandover } from '../commands/handover.js';
import { type QrValue, qrContent, qrText, qrValue, qrValueOf, saveQr } from '../commands/qr.js';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import { EXIT } from '../daemon/exit.js';
import type { ExamineOptions } from '../doctor/gather/configuration-in-use.js';
import type { ReportFormat } from '../doctor/report.js';
import { showsColours, styled } from '../system/colours.js';
import { HostP2pError } from '../system/errors.js';
import { inQuotes, nearestName } from '../system/values.js';
import { version } from '../system/version.js';
import type { CommandArguments } from './arguments.js';
import { commandsOf, helpText } from './help.js';
import { withAbsolutePath } from './line.js';
import { COMMAND_OPTIONS, goesWith, type OptionSpec } from './options.js';
import { complain } from './outputs.js';

/** Earlier events that `events -f` prints first, as `tail -f` does. */
const FOLLOW_LAST = 10;
const WAIT_SECONDS = 10;
const WAIT_MOST_SECONDS = 86_400;

/**
 * `hostp2pd <command>`: has the running daemon carry it out, and prints the result.
 * @returns the exit code
 * @throws {HostP2pError}
 */
export async function runCommand(args: CommandArguments): Promise<number> {
  const { name, words } = args;
  const command = specOf(name);
  if (args.help) return help(command);
  checkOptions(args);
  // The names of checks.
  if (!args.own.has('fix')) checkArguments(command, words);
  switch (name) {
    case 'help':
      return help(words[0] === undefined ? undefined : specOf(words[0]));
    case 'completion': {
      const { printCompletionScript } = await import('./completion.js');
      await printCompletionScript(words[0]);
      return EXIT.ok;
    }
    case 'wait':
      await delay(parseSeconds('wait', words[0], WAIT_SECONDS, WAIT_MOST_SECONDS) * 1000);
      print({ value: null, text: '' }, args.json);
      return EXIT.ok;
    case 'doctor': {
      const { runDoctor } = await import('../commands/doctor.js');
      const format = {
        all: args.all,
        columns: process.stdout.isTTY ? process.stdout.columns : undefined,
        paint: showsColours(process.stdout) ? styled : undefined,
      };
      const report = args.own.has('fix')
        ? await fix(args, format)
        : await runDoctor(await examineOptions(args), format);
      print(report, args.json);
      return report.exitCode;
    }
    case 'report': {
      const { report } = await import('../report/report-command.js');
      const announce = (text: string) => args.json || process.stdout.write(`${text}\n`);
      print(await report(words[0], await examineOptions(args), announce), args.json);
      return EXIT.ok;
    }
    case 'setup': {
      const { runSetup } = await import('../setup/setup-command.js');
      const colour = showsColours(process.stdout);
      const columns = process.stdout.isTTY ? process.stdout.columns : undefined;
      return runSetup(
        { flags: args.own, interface: args.interface },
        {
          print: (text) => process.stdout.write(`${text}\n`),
          paint: colour ? styled : undefined,
          report: { columns, paint: colour ? styled : undefined },
          colour,
          columns,
          terminal:
            process.stdin.isTTY && process.stdout.isTTY
              ? { input: process.stdin, output: process.stdout }
              : null,
        },
      );
    }
    case 'replay': {
      const { replay } = await import('../replay/replay-command.js');
      const result = await replay(words[0] ?? '', args);
      for (const note of result.notes) complain(note);
      print(result, args.json);
      return result.exitCode;
    }
    case 'monitor':
      return monitor(args);
    case 'panel':
      return panel(args);
    case 'version':
      print({ value: { version: version() }, text: `hostp2pd ${version()}` }, args.json);
      return EXIT.ok;
  }
  const daemon = new RemoteTarget(await findControlSocket(args.interface));
  if (name === 'handover') return handOver(daemon, args);
  const { stdout } = process;
  const columns = stdout.isTTY ? stdout.columns : undefined;
  if (args.follow) return follow(daemon, parseCount('events', words[0], FOLLOW_LAST), args.json);
  const paths = words.map((word, place) => withAbsolutePath(command.arguments[place], word));
  const paint = showsColours(stdout) ? styled : undefined;
  const output = await daemon.execute(name, paths, { signal: interruption(), columns, paint });
  const qr = name === 'qr' ? qrValueOf(output.value) : null;
  if (qr) return showQr(qr, args);
  print(output, args.json);
  return EXIT.ok;
}

/** @throws {HostP2pError} USAGE with the nearest command */
function specOf(name: string): CommandSpec {
  const commands = commandsOf('shell');
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const nearest = nearestName(
    name,
    commands.map((other) => other.name),
  );
  const hint = nearest === undefined ? '; see hostp2pd --help' : `; did you mean ${nearest}?`;
  throw new HostP2pError('USAGE', `unknown command: ${inQuotes(name)}${hint}`);
}

/** `doctor --fix`. Questions and what is run go to standard error: standard output has the report. */
async function fix(
  args: CommandArguments,
  format: ReportFormat,
): Promise<Output & { readonly exitCode: 0 | 1 | 2 }> {
  const { runDoctorFix } = await import('../setup/doctor-fix.js');
  const { stdin: input, stderr: output } = process;
  return runDoctorFix(await examineOptions(args), format, {
    checks: args.words,
    yes: args.own.has('yes'),
    terminal: input.isTTY && output.isTTY ? { input, output } : null,
    print: (text) => output.write(`${text}\n`),
  });
}

/** What the doctor examines: a file that was named, and not the configuration of the daemon; else that. */
async function examineOptions({
  interface: interfaceName,
  configFile,
}: CommandArguments): Promise<ExamineOptions> {
  const named = configFile !== undefined || Boolean(process.env['HOSTP2PD_CFG']);
  const running = named ? undefined : await runningConfiguration(interfaceName);
  return { interface: interfaceName, configFile, running };
}

/**
 * The configuration of the running daemon.
 * @returns undefined where no daemon runs
 * @throws {HostP2pError} USAGE where several run and none is named
 */
async function runningConfiguration(interfaceName: string | undefined): Promise<ExamineOptions['running']> {
  const problem = (error: unknown) => {
    if (!(error instanceof HostP2pError)) throw error;
    return error.code === 'NOT_RUNNING' ? undefined : { problem: error.message };
  };
  let path: string;
  try {
    path = await findControlSocket(interfaceName);
  } catch (error) {
    if (error instanceof HostP2pError && error.code === 'USAGE') throw error;
    return problem(error);
  }
  try {
    const daemon = await RemoteTarget.connect(path);
    const answer = await daemon.get('/v1/configuration');
    const { parseConfigurationInForce } = await import('../commands/configuration-in-force.js');
    return parseConfigurationInForce(answer) ?? { problem: `${path}: hostp2pd is of another version` };
  } catch (error) {
    return problem(error);
  }
}

/** What `handover` prints. */
const HANDOVER_FORMS: readonly string[] = ['json', 'wifi', 'qr', 'ndef'];

/** Commands whose output is only for a terminal or a shell. */
const WITHOUT_JSON: ReadonlySet<string> = new Set(['help', 'completion', 'monitor', 'panel', 'setup']);

/** @throws {HostP2pError} USAGE for an option that does not go with the command */
function checkOptions(args: CommandArguments): void {
  if (args.json && WITHOUT_JSON.has(args.name)) {
    const instead = args.name === 'monitor' ? '; see events -f --json' : '';
    throw new HostP2pError('USAGE', `${args.name} does not take --json${instead}`);
  }
  if (args.name === 'doctor' && args.own.has('yes') && !args.own.has('fix'))
    throw new HostP2pError('USAGE', 'doctor: --yes goes with --fix only');
  for (const name of args.own.keys()) {
    const spec = Object.entries<OptionSpec>(COMMAND_OPTIONS).find(([known]) => known === name)?.[1];
    if (spec && !goesWith(spec, args.name)) {
      const commands = [spec.command ?? []].flat().join(' and ');
      throw new HostP2pError('USAGE', `${args.name}: --${name} goes with ${commands} only`);
    }
  }
}

/** The first Ctrl-C ends what the daemon does for us, such as a search; the second one ends this process. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  return interrupted.signal;
}

async function showQr(value: QrValue, { svg, png, json }: CommandArguments): Promise<number> {
  const files = [
    ['svg', svg],
    ['png', png],
  ] as const;
  const piped = files.filter(([, file]) => file === '-');
  if (piped.length > (json ? 0 : 1)) {
    throw new HostP2pError('USAGE', 'qr: standard output takes one of --svg -, --png - and --json');
  }
  for (const [kind, file] of files) {
    if (file === '-') process.stdout.write(await qrContent(value, kind));
    else if (file !== undefined) await saveQr(value, kind, file);
  }
  if (json) print({ value: { ...value }, text: '' }, true);
  else if (svg === undefined && png === undefined) {
    const { stdout } = process;
    const text = await qrText(value, showsColours(process.stdout), stdout.isTTY ? stdout.columns : undefined);
    stdout.write(`${text}\n`);
  }
  return EXIT.ok;
}

async function handOver(daemon: RemoteTarget, args: CommandArguments): Promise<number> {
  const form = String(args.own.get('format') ?? 'json');
  if (!HANDOVER_FORMS.includes(form)) {
    const forms = HANDOVER_FORMS.join(', ');
    throw new HostP2pError('USAGE', `handover: --format: expected one of ${forms}, got ${inQuotes(form)}`);
  }
  const { stdout } = process;
  if (args.json && form !== 'json')
    throw new HostP2pError('USAGE', `handover: --json and --format ${form} do not go together`);
  if (form === 'ndef' && stdout.isTTY)
    throw new HostP2pError('USAGE', 'handover: NDEF is not text; expected a file or a pipe, got a terminal');
  const value = parseHandover(await daemon.get('/v1/handover'));
  if (value === null) throw new HostP2pError('NOT_RUNNING', 'handover: the daemon is of another version');
  if (form === 'json') print({ value: { ...value }, text: '' }, true);
  else if (form === 'ndef') stdout.write((await import('../commands/ndef.js')).ndefMessage(value));
  else if (form === 'wifi') stdout.write(`${(await qrValue(value)).text}\n`);
  else return showQr(await qrValue(value), args);
  return EXIT.ok;
}

/**
 * Prints the last events, then new ones when they arrive, until the daemon ends or the user quits.
 * @param last how many earlier events
 */
async function follow(daemon: RemoteTarget, last: number, json: boolean): Promise<number> {
  const stop = daemon.follow(({ entry, text }) => {
    process.stdout.write(
      json ? `${JSON.stringify({ time: entry.time, text, ...entry.event })}\n` : `${text}\n`,
    );
  }, last);
  const quit = new Promise<null>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done(null));
    // The reader has closed the pipe, such as head(1).
    process.stdout.once('error', () => done(null));
  });
  const end = await Promise.race([daemon.ended, quit]);
  stop();
  if (end === null) return EXIT.ok;
  complain(end.message);
  return EXIT.failure;
}

async function monitor(args: CommandArguments): Promise<number> {
  const [{ runMonitor }, { remoteSource }] = await Promise.all([
    import('./monitor.js'),
    import('../control/monitor-data.js'),
  ]);
  const open = async () => RemoteTarget.connect(await findControlSocket(args.interface));
  const { stdin: input, stdout: output, stderr: errors } = process;
  const code = await runMonitor(remoteSource(open), {
    input,
    output,
    errors,
    process,
    colour: showsColours(process.stdout),
  });
  // A pending answer must not delay the end.
  process.exit(code);
}

async function panel({ interface: interfaceName, own }: CommandArguments): Promise<number> {
  const { runPanel } = await import('../panel/panel.js');
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  const say = (line: string) => process.stdout.write(`hostp2pd: ${line}\n`);
  await runPanel(interfaceName, own, { say, complain, end: end.signal });
  return EXIT.ok;
}

async function help(command: CommandSpec | undefined): Promise<number> {
  process.stdout.write(`${await helpText(command)}\n`);
  return EXIT.ok;
}

function print({ value, text }: Output, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  else if (text !== '') process.stdout.write(`${text}\n`);
}
