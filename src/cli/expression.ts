import { Console } from 'node:console';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { inspect, types } from 'node:util';
import { type Context, createContext, Script } from 'node:vm';
import type { HostP2pD } from '../host/host.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';

/** Time limit of an expression until its first `await`: for that time it blocks the session. */
const MOST_MS = 5_000;
/** Time limit of reading a property, which may be a getter. */
const PEEK_MS = 1_000;
/** The file name of typed code, by which the stack of an error shows its origin. */
const FILE = 'CMD';
const MOST_CHARACTERS = 32_768;
/** Words of the language that could also be names. */
const WORDS: ReadonlySet<string> = new Set(['async', 'await', 'let', 'static', 'yield']);
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

interface EvaluatorOptions {
  readonly hostp2pd: HostP2pD;
  /** Gets the output of `console.log`. */
  readonly output: Writable;
  /** Reports an uncaught error of typed code. */
  readonly tell: (text: string) => void;
}

/**
 * Evaluates typed JavaScript in a lasting scope: `hostp2pd` is the session, variables persist, `await` works, and a
 * resulting promise is awaited. It is no sandbox: the user of the prompt owns the process anyway.
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
    return await this.#scope.run(code);
  }

  /** Whether the name is a variable or a word of the language. */
  defines(name: string): boolean {
    try {
      return WORDS.has(name) || !compiles(`(${name})`) || this.#scope.peek(`typeof ${name}`) !== 'undefined';
    } catch {
      // It was declared, but its declaration failed.
      return true;
    }
  }

  /**
   * Names for completion: the properties of an object, or the variables.
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

  /** Made with the first expression. */
  get #scope(): Scope {
    this.#made ??= new Scope(this.#options);
    return this.#made;
  }
}

/** The scope of the variables. */
class Scope {
  readonly #context: Context;
  /** `Error` and `Promise` of typed code. */
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

  /** Adds a global of Node, by a getter because some depend on their receiver; typed code can replace it. */
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

  /** The session handles its own errors: an uncaught one comes from a promise that typed code has dropped. */
  #isTyped(error: unknown, promise: unknown): boolean {
    if (error instanceof HostP2pError) return true;
    if (this.#realm.some((type) => error instanceof type || promise instanceof type)) return true;
    return error instanceof Error && new RegExp(`[ (]${FILE}:\\d+`).test(error.stack ?? '');
  }
}

interface Form {
  readonly code: string;
  /** Variables to declare first. */
  readonly hoisted: readonly string[];
}

/** The code to run for a source: a script cannot `await`, and reads an object as a block. */
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

/** Of a name, or of a pattern without another pattern in it. */
const DECLARATION =
  /^\s*(?:const|let|var)\s+([A-Za-z_$][\w$]*|\{[^{}[\]=]*\}|\[[^{}[\]=]*\])\s*=(?![=>])([\s\S]+)$/;

/** `{ a, b: c, ...d }` → a, c, d */
function namesIn(pattern: string): readonly string[] {
  const parts = pattern.replace(/^[{[]|[}\]]$/g, '').split(',');
  return parts.map((part) => part.replace(/^.*[:.]/, '').trim()).filter((name) => IDENTIFIER.test(name));
}

/** Whether there is an `await` outside of all functions. A script reads `await (x)` as a call. */
function awaits(source: string): boolean {
  if (!/\bawait\b/.test(source)) return false;
  // In a static block `await` is allowed only inside a function.
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

/** Names of properties that can be typed after a dot. */
function propertiesOf(value: unknown): readonly string[] {
  const names = new Set<string>();
  for (
    let object: unknown = Object(value ?? {});
    typeof object === 'object' || typeof object === 'function';
  ) {
    if (object === null) break;
    const next: unknown = Object.getPrototypeOf(object);
    // The properties of every object are noise, unless there are no others.
    if (next === null && names.size > 0) break;
    for (const name of Object.getOwnPropertyNames(object)) {
      if (IDENTIFIER.test(name) && !name.startsWith('_') && name !== 'constructor') names.add(name);
    }
    object = next;
  }
  return [...names];
}

/** A value as text, limited in depth and length; empty for undefined. */
export function valueText(value: unknown, { colors, columns }: { colors: boolean; columns: number }): string {
  if (value === undefined) return '';
  const text = inspect(value, {
    depth: 4,
    maxArrayLength: 100,
    maxStringLength: 4_096,
    breakLength: columns,
    colors,
  });
  // Names of devices may hold marks that change the direction of text; inspect escapes the rest.
  const safe = text.replace(/[\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '_');
  return safe.length > MOST_CHARACTERS
    ? `${safe.slice(0, MOST_CHARACTERS)}${colors ? '\x1b[0m' : ''}…`
    : safe;
}

/** An error, of the session or of typed code, in one line. */
export function errorText(error: unknown): string {
  if (error instanceof HostP2pError) return oneLine(error.message);
  if (!types.isNativeError(error))
    return oneLine(`thrown: ${inspect(error, { depth: 1, breakLength: Infinity })}`);
  return oneLine(`${error.name}: ${error.message}`);
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' '));
}

type Stray = (error: unknown, origin: unknown) => void;

/**
 * Takes uncaught errors of code that an operator typed, which must not end the session. The listeners that were there
 * before get the others.
 * @param ours decides by the error and, for a rejection, the promise
 * @returns a function that restores the listeners
 */
function takeStrayErrors(
  ours: (error: unknown, promise: unknown) => boolean,
  tell: (error: unknown) => void,
): () => void {
  const releases = (['uncaughtException', 'unhandledRejection'] as const).map((event) => {
    // There is no other way to get an error before a listener that ends the process.
    const others = process.listeners(event as 'uncaughtException') as unknown as readonly Stray[];
    const take: Stray = (error, promise) => {
      if (ours(error, promise)) tell(error);
      else if (others.length === 0) throw error;
      else for (const other of others) other(error, promise);
    };
    process.removeAllListeners(event);
    process.on(event, take);
    return () => {
      process.off(event, take);
      for (const other of others) process.on(event, other);
    };
  });
  return () => {
    for (const release of releases) release();
  };
}
