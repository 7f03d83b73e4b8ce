import type { HookEvent } from '../hooks/contract.js';
import type { LogLevel } from '../logging/logger.js';
import type { ErrorCode } from '../system/errors.js';
import type { Effect, RequestTarget, Tag, TimerName, World } from './messages.js';
import type { Discovery, Enrolment, Group, LinkName, Phase, SessionState } from './model.js';
import type { OperatorAnswer } from './operator-command.js';
import type { SessionEvent } from './session-event.js';

export type Leave = (turn: Turn, next: Phase) => void;

/**
 * One step of the machine under way: the state as it will be, and the effects so far. It lives for the length of
 * one call of `transition` and never leaves it, so from outside the step is a pure function.
 */
export class Turn {
  readonly world: World;
  readonly effects: Effect[] = [];
  readonly #leave: Leave;
  #state: SessionState;

  /** @param leave is called before each change of phase: settles what the next phase would forget */
  constructor(state: SessionState, world: World, leave: Leave) {
    this.#state = state;
    this.world = world;
    this.#leave = leave;
  }

  get state(): SessionState {
    return this.#state;
  }

  get settings(): World['settings'] {
    return this.world.settings;
  }

  enter(phase: Phase): void {
    this.#leave(this, phase);
    this.#state = { ...this.#state, phase };
  }

  /** The group has ended and that has been reported: from now on no phase holds it. */
  release(): void {
    const name = this.#state.phase.name === 'detached' ? 'detached' : 'inspecting';
    this.#state = { ...this.#state, phase: { name, held: null } };
  }

  update(part: Partial<Omit<SessionState, 'phase'>>): void {
    this.#state = { ...this.#state, ...part };
  }

  setDiscovery(discovery: Discovery): void {
    this.update({ discovery });
  }

  setEnrolments(enrolments: readonly Enrolment[]): void {
    this.update({ enrolments });
  }

  /** The running group, changed. */
  setGroup(group: Group): void {
    this.enter({ name: 'running', group });
  }

  request(link: RequestTarget, command: string, tag: Tag | null = null): void {
    this.effects.push({ type: 'request', link, command, tag });
  }

  /** A request whose refusal is worth a line and nothing more. */
  ask(link: LinkName, command: string, what: string, level: LogLevel = 'warning'): void {
    this.request(link, command, { kind: 'noted', level, what });
  }

  timer(timer: TimerName, ms: number): void {
    this.effects.push({ type: 'timer', timer, ms });
  }

  cancel(...timers: readonly TimerName[]): void {
    for (const timer of timers) this.effects.push({ type: 'cancel', timer });
  }

  hook(event: HookEvent, call: number | null = null): void {
    this.effects.push({ type: 'hook', event, call });
  }

  /** Takes note of a peer. An empty name is none. @returns the name that was told */
  remember(peer: { deviceAddress: string; name: string | null; deviceType: string | null }): string | null {
    const name = peer.name || null;
    this.effects.push({ type: 'remember', address: peer.deviceAddress, name, deviceType: peer.deviceType });
    return name;
  }

  /** Ends an operator's command well. */
  done(id: number, clients: Extract<OperatorAnswer, { ok: true }>['clients'] = []): void {
    this.effects.push({ type: 'answer', id, answer: { ok: true, clients } });
  }

  /** Ends an operator's command with an error. */
  refuse(id: number, code: ErrorCode, message: string): void {
    this.effects.push({ type: 'answer', id, answer: { ok: false, code, message } });
  }

  emit(event: SessionEvent): void {
    this.effects.push({ type: 'emit', event });
  }

  log(level: LogLevel, message: string): void {
    this.effects.push({ type: 'log', level, message });
  }
}
