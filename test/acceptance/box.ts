import { readFileSync, readlinkSync } from 'node:fs';
import type { JsonValue } from '#src/commands/command.js';
import { parseConfigurationInForce } from '#src/commands/configuration-in-force.js';
import { JOURNAL_ENTRIES } from '#src/commands/journal.js';
import { RemoteTarget } from '#src/control/client.js';
import { findControlSocket } from '#src/control/find-socket.js';
import type { RunningConfiguration } from '#src/doctor/gather/configuration-in-use.js';
import { HostP2pError } from '#src/system/errors.js';
import { processIds, readProcess } from '#src/system/processes.js';
import { runProgram } from '#src/system/programs.js';
import { secrets } from '#src/system/secrets.js';
import type { SeenEvent } from './steps.js';

/** An event, and when it came. */
export interface BoxEvent {
  readonly event: SeenEvent;
  /** A sentence. */
  readonly text: string;
  readonly at: number;
}

export interface BoxStatus {
  readonly interface: string;
  readonly pid: number;
  readonly version: string;
  readonly logLevel: string;
  readonly group: { readonly interface: string; readonly frequency: number | null } | null;
  /** Why there is none (`noGroup.cause`). */
  readonly noGroup: string | null;
  readonly givesAddresses: boolean;
}

interface BoxStation {
  readonly deviceAddress: string | null;
  readonly ip: string | null;
}

const RECONNECT_MS = 250;

/** The running hostp2pd, through its control socket. It may be restarted meanwhile. */
export class Box {
  readonly #path: string;
  readonly #events: BoxEvent[] = [];
  #daemon: RemoteTarget;
  #stopFollowing: () => void = () => {};
  #closed = false;

  private constructor(path: string, daemon: RemoteTarget) {
    this.#path = path;
    this.#daemon = daemon;
    this.#follow(0);
  }

  /** @throws {HostP2pError} NOT_RUNNING, CONTROL_DENIED; USAGE where several daemons run and none is named */
  static async connect(interfaceName: string | undefined): Promise<Box> {
    const path = await findControlSocket(interfaceName);
    return new Box(path, await RemoteTarget.connect(path));
  }

  close(): void {
    this.#closed = true;
    this.#stopFollowing();
  }

  /** Events since a position, which is the length at that time. */
  events(since: number): readonly BoxEvent[] {
    return this.#events.slice(since);
  }

  get eventCount(): number {
    return this.#events.length;
  }

  async status(): Promise<BoxStatus> {
    const status = fields(await this.#daemon.get('/v1/status'));
    const group = status['group'] === null ? null : fields(status['group']);
    return {
      interface: String(status['interface'] ?? ''),
      pid: Number(status['pid']),
      version: String(status['version']),
      logLevel: String(status['logLevel']),
      group: group && {
        interface: String(group['interface']),
        frequency: typeof group['frequency'] === 'number' ? group['frequency'] : null,
      },
      noGroup: status['noGroup'] === null ? null : String(fields(status['noGroup'])['cause']),
      givesAddresses: status['addresses'] !== null,
    };
  }

  async stations(): Promise<readonly BoxStation[]> {
    const stations = await this.#daemon.get('/v1/stations');
    return (Array.isArray(stations) ? stations : []).map((station) => {
      const { deviceAddress, ip } = fields(station);
      return {
        deviceAddress: typeof deviceAddress === 'string' ? deviceAddress : null,
        ip: typeof ip === 'string' ? ip : null,
      };
    });
  }

  async configuration(): Promise<RunningConfiguration | undefined> {
    return parseConfigurationInForce(await this.#daemon.get('/v1/configuration')) ?? undefined;
  }

  /** A command of hostp2pd. @throws {HostP2pError} with the reason of a refusal */
  async command(
    name: string,
    ...words: readonly string[]
  ): Promise<{ readonly text: string; readonly value: JsonValue }> {
    const output = await this.#daemon.execute(name, words);
    for (const key of ['passphrase', 'pin']) remember(fields(output.value)[key]);
    remember(fields(fields(output.value)['pairing'])['pin']);
    return output;
  }

  /** A request to wpa_supplicant; `group` in front sends it to the interface of the group. */
  async wpa(...words: readonly string[]): Promise<string> {
    return (await this.command('wpa', ...words)).text;
  }

  /** @param last how many earlier events are wanted */
  #follow(last: number): void {
    const daemon = this.#daemon;
    // Those of the same process, if only the connection was lost.
    const known = last === 0 ? 0 : (this.#events.at(-1)?.at ?? 0);
    this.#stopFollowing = daemon.follow(({ entry, text }) => {
      const at = Date.parse(entry.time);
      if (at <= known) return;
      remember(entry.event['pin']);
      this.#events.push({ event: entry.event, text, at });
    }, last);
    void daemon.ended.then(() => this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    while (!this.#closed) {
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      try {
        this.#daemon = await RemoteTarget.connect(this.#path);
        if (!this.#closed) this.#follow(JOURNAL_ENTRIES);
        return;
      } catch (error) {
        if (!(error instanceof HostP2pError)) throw error;
      }
    }
  }
}

/** Secrets that the report must not contain. */
function remember(secret: unknown): void {
  if (typeof secret === 'string') secrets.remember(secret);
}

type Fields = Readonly<Record<string, JsonValue>>;

/** The fields of an object; none of anything else. */
function fields(value: JsonValue | undefined): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The systemd service that a process belongs to; null: none, or another kind of control group. */
export function serviceOf(pid: number, proc = '/proc'): string | null {
  try {
    const groups = readFileSync(`${proc}/${pid}/cgroup`, 'utf8');
    return /\/([^/\n]+\.service)$/m.exec(groups)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** The wpa_supplicant of this machine; null: none, or several. */
export function supplicantPid(): number | null {
  const found = processIds().filter((pid) => readProcess(pid)?.name === 'wpa_supplicant');
  return found.length === 1 ? (found[0] ?? null) : null;
}

export async function restartService(unit: string): Promise<void> {
  await runProgram('systemctl', ['restart', unit], { limitMs: 60_000 });
}

/** The program that a process runs. */
export function executableOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}
