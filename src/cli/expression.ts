import { Console } from 'node:console';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { inspect, types } from 'node:util';
import { type Context, createContext, Script } from 'node:vm';
import type { HostP2pD } from '../host/host.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { takeStrayErrors } from './stray-errors.js';

/** For the part of an expression that holds up the session: until its first `await`. */
const MOST_MS = 5_000;
/** For a look at what may be a getter. */
const PEEK_MS = 1_000;
/** In the stack of an error it tells that a person typed that. */
const FILE = 'CMD';
const MOST_CHARACTERS = 32_768;
/** Words of the language that are names elsewhere. */
const WORDS: ReadonlySet<string> = new Set(['async', 'await', 'let', 'static', 'yield']);
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

export interface EvaluatorOptions {
  readonly hostp2pd: HostP2pD;
  /** Where `console.log` goes. */
  readonly output: Writable;
  /** Takes an error of code that was typed and that nobody waits for. */
  readonly tell: (text: string) => void;
}

/**
 * Evaluates what is typed as JavaScript, in a scope that lasts: `hostp2pd` is the session, variables survive, `await`
 * works, and a promise that comes out is waited for. It is no sandbox: who types here owns the process.
 */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  #made: Scope | null = null;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** @throws whatever the code throws */
  async evaluate(source: string): Promise<unknown> {
    const { code, hoisted } = formOf(source);
    if (hoisted.length > 0) this.#scope.run(`var ${hoisted.join(', ')};`);
    // A promise of either realm.
    return await this.#scope.run(code);
  }

  /** Whether there is a variable of that name, or it is a word of the language. */
  defines(name: string): boolean {
    try {
      return WORDS.has(name) || !compiles(`(${name})`) || this.#scope.peek(`typeof ${name}`) !== 'undefined';
    } catch {
      // Declared, but its declaration failed.
      return true;
    }
  }

  /**
   * Names for TAB: the properties of an object, or the variables.
   * @param chain such as `hostp2pd.status`; null for variables
   */
  names(chain: string | null): readonly string[] {
    try {
      return chain === null ? this.#scope.variables() : propertiesOf(this.#scope.peek(chain));
    } catch {
      return [];
    }
  }

  close(): void {
    this.#made?.close();
    this.#made = null;
  }

  /** Made for whoever types an expression, and for nobody else. */
  get #scope(): Scope {
    this.#made ??= new Scope(this.#options);
    return this.#made;
  }
}

/** Where the variables live. */
class Scope {
  readonly #context: Context;
  /** An error and a promise of code that was typed. */
  readonly #realm: readonly (new () => unknown)[];
  readonly #lent: ReadonlySet<string>;
  readonly close: () => void;

  constructor({ hostp2pd, output, tell }: EvaluatorOptions) {
    this.#context = createContext({}, { name: FILE });
    this.#realm = this.#list('[Error, Promise]');
    const native = new Set(['global', ...this.#list<string>('Object.getOwnPropertyNames(globalThis)')]);
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (!native.has(name)) this.#lend(name);
    }
    Object.assign(this.#context, {
      console: new Console({ stdout: output, stderr: output }),
      require: createRequire(join(process.cwd(), FILE)),
      hostp2pd,
    });
    this.#lent = new Set(Object.getOwnPropertyNames(this.#context));
    this.close = takeStrayErrors(
      (error, promise) => this.#isTyped(error, promise),
      (error) => tell(errorText(error)),
    );
  }

  run(code: string): unknown {
    return new Script(code, { filename: FILE }).runInContext(this.#context, {
      timeout: MOST_MS,
      breakOnSigint: true,
      displayErrors: false,
    });
  }

  peek(code: string): unknown {
    return new Script(code).runInContext(this.#context, { timeout: PEEK_MS, displayErrors: false });
  }

  variables(): readonly string[] {
    const typed = Object.getOwnPropertyNames(this.#context).filter((name) => !this.#lent.has(name));
    return ['hostp2pd', ...typed.filter((name) => IDENTIFIER.test(name))];
  }

  #list<T>(code: string): readonly T[] {
    const list: unknown = this.run(code);
    return Array.isArray(list) ? list : [];
  }

  /** A global of Node. Some of them look who asks, and all can be replaced. */
  #lend(name: string): void {
    const context = this.#context;
    const settings = { configurable: true, enumerable: false };
    Object.defineProperty(context, name, {
      ...settings,
      get: () => Reflect.get(globalThis, name),
      set: (value: unknown) =>
        void Object.defineProperty(context, name, { ...settings, writable: true, value }),
    });
  }

  /** The session deals with its own errors: one of them that strays was let go by what was typed. */
  #isTyped(error: unknown, promise: unknown): boolean {
    if (error instanceof HostP2pError) return true;
    if (this.#realm.some((type) => error instanceof type || promise instanceof type)) return true;
    return error instanceof Error && new RegExp(`[ (]${FILE}:\\d+`).test(error.stack ?? '');
  }
}

interface Form {
  readonly code: string;
  /** Variables to be declared before. */
  readonly hoisted: readonly string[];
}

/** What is run for a source: a script knows no `await`, and takes an object for a block. */
function formOf(source: string): Form {
  const text = source.replace(/[;\s]+$/, '');
  const plain = (code: string): Form => ({ code, hoisted: [] });
  if (/^\s*\{/.test(source) && text === source.trimEnd() && compiles(`(${text}\n)`))
    return plain(`(${text}\n)`);
  if (!awaits(source)) return plain(source);
  const declaration = DECLARATION.exec(text);
  if (declaration) {
    const [, pattern = '', value = ''] = declaration;
    const code = `(async () => void (${pattern} = ${value}\n))()`;
    if (compiles(code)) return { code, hoisted: namesIn(pattern) };
  }
  const expression = `(async () => (${text}\n))()`;
  return plain(compiles(expression) ? expression : `(async () => {${source}\n})()`);
}

/** Of a name, or of a pattern in which no other stands. */
const DECLARATION =
  /^\s*(?:const|let|var)\s+([A-Za-z_$][\w$]*|\{[^{}[\]=]*\}|\[[^{}[\]=]*\])\s*=(?![=>])([\s\S]+)$/;

/** `{ a, b: c, ...d }` → a, c, d */
function namesIn(pattern: string): readonly string[] {
  const parts = pattern.replace(/^[{[]|[}\]]$/g, '').split(',');
  return parts.map((part) => part.replace(/^.*[:.]/, '').trim()).filter((name) => IDENTIFIER.test(name));
}

/** Whether there is an `await` outside of all functions. As a call, `await (x)`, it is none to a script. */
function awaits(source: string): boolean {
  if (!/\bawait\b/.test(source)) return false;
  // In a static block it may stand in a function only.
  return [source, `(${source}\n)`].some(
    (code) => compiles(`(async () => {${code}\n})`) && !compiles(`(class { static {${code}\n} })`),
  );
}

function compiles(code: string): boolean {
  try {
    return new Script(code) !== undefined;
  } catch {
    return false;
  }
}

/** Names of properties as they can be typed behind a dot. */
function propertiesOf(value: unknown): readonly string[] {
  const names = new Set<string>();
  for (
    let object: unknown = Object(value ?? {});
    typeof object === 'object' || typeof object === 'function';
  ) {
    if (object === null) break;
    const next: unknown = Object.getPrototypeOf(object);
    // What every object has is noise, unless there is nothing else.
    if (next === null && names.size > 0) break;
    for (const name of Object.getOwnPropertyNames(object)) {
      if (IDENTIFIER.test(name) && !name.startsWith('_') && name !== 'constructor') names.add(name);
    }
    object = next;
  }
  return [...names];
}

/** A value for a person: bounded in depth and length; empty where there is none. */
export function valueText(value: unknown, { colors, columns }: { colors: boolean; columns: number }): string {
  if (value === undefined) return '';
  const text = inspect(value, {
    depth: 4,
    maxArrayLength: 100,
    maxStringLength: 4_096,
    breakLength: columns,
    colors,
  });
  // Names of devices may hold marks that turn the direction of the text; inspect takes care of the rest.
  const safe = text.replace(/[\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '_');
  return safe.length > MOST_CHARACTERS
    ? `${safe.slice(0, MOST_CHARACTERS)}${colors ? '\x1b[0m' : ''}…`
    : safe;
}

/** An error of whatever realm in one line. */
export function errorText(error: unknown): string {
  if (error instanceof HostP2pError) return oneLine(error.message);
  if (!types.isNativeError(error))
    return oneLine(`thrown: ${inspect(error, { depth: 1, breakLength: Infinity })}`);
  return oneLine(`${error.name}: ${error.message}`);
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' '));
}
