import type { HookEvent } from '../hooks/contract.js';
import type { LogLevel } from '../logging/logger.js';
import type { ErrorCode } from '../system/errors.js';
import type { Effect, Input, PhaseQuestion, RequestTarget, Tag, World } from './messages.js';
import type {
  Attempts,
  Deadlines,
  Enrolment,
  LinkName,
  Operator,
  Repeats,
  SessionState,
  Supplicant,
} from './model.js';
import type { Notice } from './notice.js';
import type { Group, Phase, PhaseName, PhaseOf } from './phase.js';
import type { RefusalReason } from './reasons.js';
import type { CoreEvent, OperatorAnswer } from './session-event.js';

/** What one phase does. Its functions name the next phase by {@link Transition.enter}; they call no other phase's. */
export interface PhaseRules<N extends PhaseName> {
  /** What begins with the phase. */
  readonly entered?: (t: Transition, phase: PhaseOf<N>) => void;
  /** Takes an input in the phase's own way. @returns false: the rules for all phases apply */
  readonly input: (t: Transition, phase: PhaseOf<N>, input: Input) => boolean;
  /** An operator wants a group now. */
  readonly wanted?: (t: Transition, phase: PhaseOf<N>) => void;
  /** No group should come of what is under way. @returns the phase after it was taken back; null: it ends by itself */
  readonly abandon?: (t: Transition, phase: PhaseOf<N>) => Phase | null;
  /** The session is no longer paused; much may have changed meanwhile. */
  readonly resumed?: (t: Transition, phase: PhaseOf<N>) => void;
  /** New settings are in force, and have been sent to wpa_supplicant. */
  readonly configured?: (t: Transition, phase: PhaseOf<N>) => void;
  /** When the phase's own timers are due. */
  readonly dueAt?: (t: Transition, phase: PhaseOf<N>) => DueTimes;
}

export type DueTimes = Partial<Deadlines>;

/** The rules of all phases, and what is settled before each change of phase. */
export interface Machine {
  readonly leave: (t: Transition, next: Phase) => void;
  readonly rulesOf: (phase: Phase) => PhaseRules<PhaseName>;
}

/**
 * One step of the machine under way: the state as it will be, and the effects so far. It lives for the length of one call
 * of `transition` and never leaves it, so from outside the step is a pure function.
 */
export class Transition {
  readonly world: World;
  /** The state before the step. */
  readonly before: SessionState;
  readonly effects: Effect[] = [];
  readonly #machine: Machine;
  #state: SessionState;

  constructor(state: SessionState, world: World, machine: Machine) {
    this.before = state;
    this.#state = state;
    this.world = world;
    this.#machine = machine;
  }

  get state(): SessionState {
    return this.#state;
  }

  get settings(): World['settings'] {
    return this.world.settings;
  }

  /** What the present phase does. */
  get rules(): PhaseRules<PhaseName> {
    return this.#machine.rulesOf(this.#state.phase);
  }

  /** Changes the phase: the one line that does. The rules of the next phase begin it. */
  enter(phase: Phase): void {
    this.#machine.leave(this, phase);
    this.#state = { ...this.#state, phase, phaseNumber: this.#state.phaseNumber + 1 };
    this.rules.entered?.(this, phase);
  }

  /** Changes what the present phase knows. */
  amend(phase: Phase): void {
    this.#state = { ...this.#state, phase };
  }

  /** The running group, changed. */
  setGroup(group: Group): void {
    this.amend({ name: 'running', group });
  }

  update(part: Partial<Omit<SessionState, 'phase' | 'enrolments'>>): void {
    this.#state = { ...this.#state, ...part };
  }

  /** Only for enrolments.ts. */
  setEnrolments(enrolments: readonly Enrolment[]): void {
    this.#state = { ...this.#state, enrolments };
  }

  setOperator(part: Partial<Operator>): void {
    this.update({ operator: { ...this.#state.operator, ...part } });
  }

  setAttempts(part: Partial<Attempts>): void {
    this.update({ attempts: { ...this.#state.attempts, ...part } });
  }

  setSupplicant(part: Partial<Supplicant>): void {
    this.update({ supplicant: { ...this.#state.supplicant, ...part } });
  }

  setRepeats(part: Partial<Repeats>): void {
    this.update({ repeats: { ...this.#state.repeats, ...part } });
  }

  request(link: RequestTarget, command: string, tag: Tag | null = null): void {
    this.effects.push({ type: 'request', link, command, tag });
  }

  /** A question of the present phase: the reply counts only while it lasts. */
  question(link: RequestTarget, command: string, question: PhaseQuestion): void {
    this.request(link, command, { ...question, phaseNumber: this.#state.phaseNumber });
  }

  /** A request whose refusal is worth a log line and nothing more. */
  ask(link: LinkName, command: string, purpose: string, level: LogLevel = 'warning'): void {
    this.request(link, command, { kind: 'noted', level, purpose });
  }

  /** Calls the hook program. @param call not null: the machine waits for `hook-done` with that number */
  hook(event: HookEvent, call: number | null = null): void {
    const { hook } = event;
    if (hook === 'start_group' || hook === 'stop_group') this.setAttempts({ lastHook: hook });
    this.effects.push({ type: 'hook', event, call });
  }

  /** Takes note of a peer. An empty name is none. @returns its name */
  remember(peer: { deviceAddress: string; name: string | null; deviceType: string | null }): string | null {
    const name = peer.name || null;
    this.effects.push({ type: 'remember', address: peer.deviceAddress, name, deviceType: peer.deviceType });
    return name;
  }

  /** Ends an operator's command with success. */
  done(id: number, clients: Extract<OperatorAnswer, { ok: true }>['clients'] = []): void {
    this.effects.push({ type: 'answer', id, answer: { ok: true, clients } });
  }

  /** Ends an operator's command with an error. */
  refuse(id: number, code: ErrorCode, reason: RefusalReason): void {
    this.effects.push({ type: 'answer', id, answer: { ok: false, code, reason } });
  }

  /** Reports an event. @param level the level of its line in the log; null: none, since another line says it */
  emit(event: CoreEvent, level: LogLevel | null = 'info'): void {
    this.effects.push({ type: 'emit', event, level });
  }

  log(level: LogLevel, notice: Notice): void {
    this.effects.push({ type: 'log', level, notice });
  }
}
