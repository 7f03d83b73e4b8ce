import { type ChildProcess, spawn } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import type { Subnet } from '../config/ipv4.js';
import type { Logger } from '../logging/logger.js';
import type { Clock, Timer } from '../system/clock.js';
import { messageOf } from '../system/errors.js';
import type { ReportProblem } from '../system/problems.js';
import { programEnvironment, type RunOptions, runProgram, wasKilled } from '../system/programs.js';
import { forwardBlockers } from './forward-blockers.js';
import { Forwarding } from './forwarding.js';
import { sharingNote, TAKE_OVER_MS } from './left-over.js';
import { isThere, lookUp } from './network-interface.js';
import {
  interfaceOfRoute,
  ROUTE_TO_THE_INTERNET,
  rulesText,
  tableName,
  withoutTable,
} from './sharing-rules.js';

/** Loaded only if the internet is shared, or an earlier instance that was killed has shared it. */

export interface SharingRequest {
  readonly owner: string;
  readonly group: string;
  readonly subnet: Subnet;
  /** An interface, or auto. */
  readonly uplink: string;
}

interface SharingState {
  /** The interface whose connection phones use now; null: none. */
  readonly uplink: string | null;
  /** Why phones do not reach the internet, and what to do. */
  readonly problem: string | null;
}

interface SharingParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly stateFolder: string;
  /** Takes that something of ours is still in force; why phones do not reach the internet is in the state. */
  readonly onProblem?: ReportProblem;
  /** Default: the real ones. */
  readonly run?: (program: string, args: readonly string[], options: RunOptions) => Promise<string>;
  readonly follow?: (changed: () => void) => Follower;
  readonly lookUp?: typeof lookUp;
  readonly isThere?: typeof isThere;
  readonly forwarding?: Forwarding;
}

interface Follower {
  /** False if it has ended by itself. */
  readonly running: boolean;
  close(): void;
}

/** Several routes change at once when a connection comes or goes. */
const SETTLED_MS = 500;
/**
 * Changes of routes are reported, but not that a firewall has been loaded again (nftables.service begins with `flush
 * ruleset`), and not the loss of a route because its interface went down.
 */
const LOOK_MS = 60_000;

/** Lets the phones of a group use the internet connection of this machine. One change at a time, each a step of its own. */
export class InternetSharing {
  readonly #parts: SharingParts;
  readonly #run: NonNullable<SharingParts['run']>;
  readonly #forwarding: Forwarding;
  readonly #owner: string;
  #wanted: SharingRequest | null = null;
  #state: SharingState = { uplink: null, problem: null };
  /** Our table may be there. */
  #hasTable = false;
  /** What it was made from, and how nft lists that. */
  #rules: { readonly text: string; readonly listed: string } | null = null;
  #work: Promise<void> = Promise.resolve();
  #due = false;
  /** Until the next regular look. */
  #timer: Timer | null = null;
  /** A change was reported. */
  #settling: Timer | null = null;
  #follower: Follower | null = null;
  /** Why the last attempt to undo has failed. */
  #undoProblem: string | null = null;
  #closing = false;

  constructor(owner: string, parts: SharingParts) {
    this.#owner = owner;
    this.#parts = parts;
    this.#run = parts.run ?? runProgram;
    this.#forwarding = parts.forwarding ?? new Forwarding(sharingNote(parts.stateFolder, owner));
  }

  /** Null if the internet is not shared. */
  get state(): SharingState | null {
    return this.#wanted && this.#state;
  }

  /**
   * Removes what an earlier instance, which was killed, has left behind; unless the internet is shared again soon, as with a group
   * that has stayed up: then phones keep their connections.
   */
  clearLeftOver(): void {
    if (!this.#forwarding.noted || this.#wanted !== null) return;
    this.#hasTable = true;
    this.#forwarding.load();
    this.#timer = this.#parts.clock.after(TAKE_OVER_MS, () => this.#go());
  }

  share(request: SharingRequest): void {
    if (isDeepStrictEqual(request, this.#wanted)) return;
    this.#wanted = request;
    this.#go();
  }

  withdraw(): void {
    this.#wanted = null;
    this.#go();
  }

  /** Settles when nothing of ours is in force any more, or one more attempt to undo it has failed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.withdraw();
    await this.#work;
  }

  #go(): void {
    if (this.#due) return;
    this.#due = true;
    this.#work = this.#work.then(() => this.#step());
  }

  async #step(): Promise<void> {
    this.#due = false;
    this.#timer?.cancel();
    this.#settling?.cancel();
    const request = this.#wanted;
    if (request === null) {
      this.#follower?.close();
      this.#follower = null;
      this.#state = { uplink: null, problem: null };
      await this.#undo();
      if (this.#undoProblem !== null && !this.#closing)
        this.#timer = this.#parts.clock.after(LOOK_MS, () => this.#go());
      return;
    }
    if (!this.#follower?.running) this.#follower = (this.#parts.follow ?? followRoutes)(() => this.#soon());
    try {
      const uplink = await this.#apply(request);
      // What could not be undone is wanted again.
      this.#noteUndo(null);
      this.#report(request, { uplink, problem: await this.#firewallProblem(request.group, uplink) });
    } catch (error) {
      await this.#undo();
      this.#report(request, { uplink: null, problem: messageOf(error) });
    }
    this.#timer = this.#parts.clock.after(LOOK_MS, () => this.#go());
  }

  #soon(): void {
    this.#settling?.cancel();
    if (this.#wanted) this.#settling = this.#parts.clock.after(SETTLED_MS, () => this.#go());
  }

  /** Puts the rules in force, also if they are already. @throws {Error} with the reason, for a person */
  async #apply(request: SharingRequest): Promise<string> {
    const { group, owner, subnet } = request;
    const carrier = (this.#parts.lookUp ?? lookUp)(group).interface;
    if (carrier !== group)
      throw new Error(
        `${group} belongs to the bridge ${carrier}, which has other devices too; set share_internet to off and share there`,
      );
    const uplink = await this.#uplink(request);
    const uplinkIsOurs = this.#forwarding.isOurs(uplink);
    await this.#forwarding.begin();
    const text = rulesText({ owner, group, subnet, uplink, uplinkIsOurs });
    // A table that is replaced loses packets.
    if (this.#rules?.text !== text || this.#rules.listed !== (await this.#listed())) {
      this.#rules = null;
      await this.#nft(text);
      this.#hasTable = true;
      const listed = await this.#listed();
      if (listed !== null) this.#rules = { text, listed };
    }
    await this.#forwarding.use(group, uplink);
    return uplink;
  }

  async #uplink({ group, uplink: wanted }: SharingRequest): Promise<string> {
    if (wanted !== 'auto') {
      if (wanted === group) throw new Error(`${wanted} is the interface of the group itself`);
      if ((this.#parts.isThere ?? isThere)(wanted)) return wanted;
      throw new Error(`there is no interface ${wanted} (share_internet)`);
    }
    const options = { debianPackage: 'iproute2' };
    const answer = await this.#run('ip', ROUTE_TO_THE_INTERNET, options).catch((error: unknown) => {
      if (/unreachable/i.test(messageOf(error))) return '';
      throw error;
    });
    const found = interfaceOfRoute(answer);
    if (found !== null && found !== group) return found;
    throw new Error('this machine has no route to the internet itself; connect it, or name the interface');
  }

  /** Which firewall is in the way, and what to do; null: none that is known. */
  async #firewallProblem(group: string, uplink: string): Promise<string | null> {
    try {
      const run = (args: readonly string[]) => this.#run('nft', args, { debianPackage: 'nftables' });
      const blockers = await forwardBlockers(run, { group, uplink });
      return blockers.map(({ text, fix }) => `${text}: ${fix}`).join('; ') || null;
    } catch (error) {
      this.#parts.logger.log('debug', `firewalls are unknown: ${messageOf(error)}`);
      return null;
    }
  }

  /** Forwarding first: then no packet passes without our rules. The note stays if a part fails. Never rejects. */
  async #undo(): Promise<void> {
    const former = this.#undoProblem;
    this.#noteUndo(null);
    if (!this.#forwarding.noted) return;
    try {
      this.#forwarding.restore();
      this.#rules = null;
      if (this.#hasTable) await this.#nft(withoutTable(this.#owner));
      this.#hasTable = false;
      await this.#forwarding.forget();
    } catch (error) {
      const reason = `sharing the internet cannot be undone: ${messageOf(error)}`;
      this.#noteUndo(reason);
      this.#parts.logger.log(reason === former ? 'debug' : 'warning', reason);
    }
  }

  /** @param reason why something of ours is still in force against our will; null: nothing is */
  #noteUndo(reason: string | null): void {
    this.#undoProblem = reason;
    const nextTryAt = this.#parts.clock.now() + LOOK_MS;
    this.#parts.onProblem?.(reason === null ? null : { reason, waitsFor: null, nextTryAt });
  }

  /** Our table, as nft lists it; null if it cannot, as where there is none. */
  async #listed(): Promise<string | null> {
    const args = ['--stateless', 'list', 'table', 'ip', tableName(this.#owner)];
    return await this.#run('nft', args, { debianPackage: 'nftables' }).catch(() => null);
  }

  /** @throws {Error} with the words of nft, whose last line only marks the place */
  async #nft(input: string): Promise<void> {
    try {
      await this.#run('nft', ['-f', '-'], { debianPackage: 'nftables', input });
    } catch (cause) {
      // It may have done its work.
      if (wasKilled(cause)) this.#hasTable = true;
      const whole = cause instanceof Error ? messageOf(cause.cause) : '';
      const reason = /Error: (.*)/.exec(whole)?.[1];
      throw reason === undefined ? cause : new Error(`nft: ${reason}`, { cause });
    }
  }

  #report({ group }: SharingRequest, state: SharingState): void {
    const former = this.#state;
    this.#state = state;
    if (isDeepStrictEqual(former, state)) return;
    const { logger } = this.#parts;
    const { uplink, problem } = state;
    if (problem === null) logger.log('info', `${group}: phones use the internet connection of ${uplink}`);
    else logger.log('warning', `${group}: phones do not reach the internet: ${problem}`);
  }
}

/** Reports changes of routes, of rules for them, and of forwarding, which other programs may switch off. */
function followRoutes(changed: () => void): Follower {
  const child: ChildProcess = spawn('ip', ['-4', 'monitor', 'route', 'rule', 'netconf'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: programEnvironment(),
    cwd: '/',
  });
  let running = true;
  const ended = (): void => {
    running = false;
  };
  child.on('error', ended);
  child.on('exit', ended);
  child.stdout?.on('data', changed);
  return {
    get running() {
      return running;
    },
    close: () => child.kill(),
  };
}
