/** What a table of configuration keys is made of, and the types that follow from such a table. */

/**
 * A text as the program uses it, with a remark where a part of it is not used (what should stand there, as a
 * warning), or what should have stood there instead.
 */
export type ParsedText = { readonly text: string; readonly remark?: string } | { readonly wanted: string };

interface About {
  /** For the manual: one or two sentences. */
  readonly meaning: string;
  /** Why a key has no effect. It is accepted, and a warning says so where it is used. */
  readonly ignoredBecause?: string;
  /** The value is, or may hold, a secret. */
  readonly secret?: true;
}

/**
 * Null is allowed for every key. It stands for the default unless `nullMeans` gives it a meaning of its own;
 * only then can the setting be null.
 */
type Default<Value> =
  | { readonly default: Value; readonly nullMeans?: never }
  | { readonly default: Value | null; readonly nullMeans: string };

interface TextLimits {
  /** Longest text, in bytes of UTF-8. */
  readonly maxBytes?: number;
  readonly parse?: (text: string) => ParsedText;
}

interface NumberLimits {
  readonly min: number;
  readonly max: number;
}

export type KeySpec =
  | (About & Default<string> & TextLimits & { readonly type: 'string' })
  | (About & Default<boolean> & { readonly type: 'boolean' })
  | (About & Default<number> & NumberLimits & { readonly type: 'integer' })
  | (About & Default<number> & NumberLimits & { readonly type: 'seconds' })
  | (About & Default<readonly string[]> & TextLimits & { readonly type: 'strings' })
  | (About & Default<Readonly<Record<string, string>>> & { readonly type: 'parameters' })
  | (About & Default<string> & { readonly type: 'choice'; readonly options: readonly string[] })
  | (About & { readonly type: 'object'; readonly keys: Table });

export type Table = { readonly [key: string]: KeySpec };

type Plain<Spec> = Spec extends { type: 'string' }
  ? string
  : Spec extends { type: 'boolean' }
    ? boolean
    : Spec extends { type: 'integer' | 'seconds' }
      ? number
      : Spec extends { type: 'strings' }
        ? readonly string[]
        : Spec extends { type: 'parameters' }
          ? Readonly<Record<string, string>>
          : Spec extends { type: 'choice'; options: readonly (infer Option)[] }
            ? Option
            : Spec extends { type: 'object'; keys: infer Keys }
              ? ValuesOf<Keys>
              : never;

/** The settings that a table describes. */
export type ValuesOf<T> = {
  readonly [Key in keyof T]: T[Key] extends { nullMeans: string } ? Plain<T[Key]> | null : Plain<T[Key]>;
};
