import { join, resolve } from 'node:path';
import { secretsIn } from '../config/secret-values.js';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import { examinedText } from '../doctor/checks/configuration.js';
import { judgeAll } from '../doctor/checks.js';
import { gather } from '../doctor/examine.js';
import type { Facts } from '../doctor/facts.js';
import { type ExamineOptions, sessionOf } from '../doctor/gather/configuration-in-use.js';
import { type Sources, textOf } from '../doctor/gather/sources.js';
import { reportOf, reportText } from '../doctor/report.js';
import { parseGroupFile } from '../host/group-store.js';
import { logFileNames, rotatedFiles } from '../logging/log-file.js';
import { messageOf } from '../system/errors.js';
import { endOfFile } from '../system/files.js';
import { stateFolderOf } from '../system/folders.js';
import { known } from '../system/missing.js';
import { secrets } from '../system/secrets.js';
import { version } from '../system/version.js';
import { within } from '../system/within.js';
import { ReportMask } from './report-mask.js';

/** What a report for an issue contains. */

/** A file of the archive. */
export interface Part {
  readonly name: string;
  readonly what: string;
  readonly text: string;
}

export interface Contents {
  readonly parts: readonly Part[];
  /** What could not be had, and why. */
  readonly missing: readonly string[];
}

/** How long a part may take: a program that hangs must not keep the others out. */
const PART_LIMIT_MS = 20_000;
const LAST_EVENTS = 500;
/** The newest file, and the one before it. */
const FILES = 2;
const LOG_BYTES = 1_000_000;
/** A file of a recording is not longer. Without its beginning it could not be played back. */
const RECORDING_BYTES = 4_000_000;

/** The services that have to do with the radio. A pattern matches those that systemd has loaded. */
const SERVICES = [
  'hostp2pd*',
  'wpa_supplicant*',
  'NetworkManager.service',
  'dhcpcd*',
  'systemd-networkd.service',
  'dnsmasq.service',
  'hostapd*',
  'iwd.service',
  'connman.service',
];
const PROPERTIES = [
  ...['Id', 'LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'Result', 'NRestarts'],
  ...['ExecMainCode', 'ExecMainStatus', 'ActiveEnterTimestamp', 'InactiveEnterTimestamp', 'StatusText'],
];

/** Collects everything. Never rejects: what fails, or takes too long, is listed as missing. */
export async function gatherContents(
  options: ExamineOptions,
  sources: Sources,
  limitMs = PART_LIMIT_MS,
): Promise<Contents> {
  const parts: Part[] = [];
  const missing: string[] = [];
  const mask = new ReportMask();
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await within(limitMs, work(), () => {
        throw new Error(`no answer within ${limitMs / 1000} s`);
      });
    } catch (error) {
      missing.push(mask.text(`${what}: ${messageOf(error)}`));
      return undefined;
    }
  };
  const add = async (name: string, what: string, text: () => Promise<string>): Promise<void> => {
    const content = await attempt(name, text);
    if (content !== undefined) parts.push({ name, what, text: content });
  };

  const said: string[] = [];
  const facts = await attempt('doctor', () => gather(options, noted(sources, said)));
  // From here on, these secrets are hidden wherever they stand.
  if (facts) await attempt('secrets', () => rememberSecrets(facts, sources));
  const daemon = await attempt('the running hostp2pd', async () => {
    return new RemoteTarget(await findControlSocket(options.interface));
  });
  const ask = (path: string) => async () => mask.json(await daemon?.get(path));
  const run = async (program: string, args: readonly string[]): Promise<string> => {
    const answer = await sources.run(program, args);
    if (typeof answer === 'string') return answer;
    throw new Error(answer.missing.replace(`${[program, ...args].join(' ')}: `, ''));
  };
  const units = ['show', '--no-pager', `--property=${PROPERTIES.join()}`, ...SERVICES];
  await Promise.all([
    add('versions.txt', 'versions of the programs and of the system', async () =>
      mask.text(versions(sources, facts, await sources.run('wpa_supplicant', ['-v']))),
    ),
    ...(facts
      ? [
          add('doctor.txt', 'what hostp2pd doctor --all says', async () => mask.text(doctorText(facts))),
          add('configuration.json', 'the configuration without secrets', async () =>
            mask.json(configurationIn(facts)),
          ),
          ...filesOf(facts, options).map(async ({ what, file, bytes, clean }) => {
            const names = await attempt(what, async () => rotatedFiles(logFileNames(file)));
            const newest = names?.slice(-FILES) ?? [];
            if (names && newest.length === 0)
              missing.push(mask.text(`${what}: there is no file of ${file} yet`));
            await Promise.all(
              newest.map((path) =>
                add(`${what}/${path.slice(path.lastIndexOf('/') + 1)}`, `the end of the ${what}`, async () =>
                  clean(mask, (await endOfFile(path, bytes)).toString()),
                ),
              ),
            );
          }),
        ]
      : []),
    ...(daemon
      ? [
          add('status.json', 'the state of the session', ask('/v1/status')),
          add('stations.json', 'the connected stations', ask('/v1/stations')),
          add('statistics.json', 'counters', ask('/v1/statistics')),
          add('events.txt', 'the last events', async () => {
            const events = await daemon.events(LAST_EVENTS);
            return mask.text(events.map(({ text }) => text).join('\n'));
          }),
        ]
      : []),
    add('services.txt', 'the states of services, by systemctl', async () =>
      mask.text(await run('systemctl', units)),
    ),
  ]);
  if (said.length > 0)
    parts.push({
      name: 'answers.txt',
      what: 'what iw, nmcli and wpa_supplicant answered to the doctor',
      text: mask.text(said.toSorted().join('\n')),
    });
  return { parts: parts.toSorted((one, other) => (one.name < other.name ? -1 : 1)), missing };
}

/** The same sources; `into` gets each program and request, with its answer. */
function noted(sources: Sources, into: string[]): Sources {
  return {
    ...sources,
    run: async (program, args) => {
      const output = await sources.run(program, args);
      // Firewall tables are others' affairs, and long; doctor.txt names the rules that matter.
      if (program !== 'nft') into.push(`$ ${[program, ...args].join(' ')}\n${answerText(output)}\n`);
      return output;
    },
    ask: async (folder, name, commands) => {
      const outcomes = await sources.ask(folder, name, commands);
      for (const [place, command] of commands.entries()) {
        const outcome = outcomes[place];
        const answer = outcome && 'reply' in outcome ? outcome.reply : `(${outcome?.error.message})`;
        into.push(`${name} ← ${command}\n${answer}\n`);
      }
      return outcomes;
    },
  };
}

function answerText(output: Awaited<ReturnType<Sources['run']>>): string {
  return typeof output === 'string' ? output : `(${output.missing})`;
}

/** The secrets that may stand in a text without a known form. */
async function rememberSecrets({ configuration, device }: Facts, sources: Sources): Promise<void> {
  const { settings } = configuration;
  secrets.register(...secretsIn(settings));
  const folder = stateFolderOf(settings.state_folder, sources.environment, sources.user.uid);
  const file = join(folder, `${device.name ?? settings.interface}.json`);
  const parsed = parseGroupFile((await textOf(sources.root, file)) ?? '');
  if (!('group' in parsed)) return;
  for (const secret of [parsed.group.passphrase, parsed.group.psk])
    if (secret !== null) secrets.register(secret);
}

function versions({ nodeVersion }: Sources, facts: Facts | undefined, installed: string | object): string {
  const { machine, device } = facts ?? {};
  return [
    `hostp2pd: ${version()}`,
    `Node.js: ${nodeVersion} (${process.arch})`,
    `wpa_supplicant, running: ${(device && known(device.reported)?.version) ?? 'unknown'}`,
    `wpa_supplicant, installed: ${typeof installed === 'string' ? installed.split('\n', 1)[0] : 'unknown'}`,
    `kernel: ${machine?.kernel ?? 'unknown'}`,
    `distribution: ${machine?.system ?? 'unknown'}`,
    `machine: ${machine?.model ?? 'unknown'}`,
    `container: ${machine?.container?.kind ?? 'no'}`,
    ...[...(machine?.firmware ?? [])].map(([name, text]) => `firmware of ${name}: ${text}`),
    '',
  ].join('\n');
}

function doctorText(facts: Facts): string {
  const report = reportOf(judgeAll(facts), examinedText(facts.configuration));
  return `${reportText(report, { all: true })}\n`;
}

function configurationIn({ configuration }: Facts): object {
  const { source, settings, logging, unreadable } = configuration;
  return { source, ...(unreadable === null ? {} : { unreadable }), hostp2pd: settings, logging };
}

interface File {
  readonly what: string;
  /** The link to the newest one. */
  readonly file: string;
  readonly bytes: number;
  readonly clean: (mask: ReportMask, text: string) => string;
}

function filesOf({ configuration }: Facts, options: ExamineOptions): File[] {
  const { logging, settings } = configuration;
  const folder = sessionOf(options)?.folder ?? process.cwd();
  const at = (file: string | null): string[] => (file === null ? [] : [resolve(folder, file)]);
  return [
    ...at(logging.file).map((file) => {
      return {
        what: 'log',
        file,
        bytes: LOG_BYTES,
        clean: (mask: ReportMask, text: string) => mask.text(text),
      };
    }),
    ...at(settings.record).map((file) => {
      const clean = (mask: ReportMask, text: string) => mask.recording(text);
      return { what: 'recording', file, bytes: RECORDING_BYTES, clean };
    }),
  ];
}
