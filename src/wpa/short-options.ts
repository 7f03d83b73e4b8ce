/** A command line as getopt(3) reads it, in the order of the words. */
export interface ShortOptions {
  readonly options: readonly { readonly letter: string; readonly value: string }[];
  readonly words: readonly string[];
}

/**
 * Reads the command line of another program.
 * @param args without the name of the program
 * @param withValue the letters that take a value
 */
export function parseShortOptions(args: readonly string[], withValue: string): ShortOptions {
  const options: { letter: string; value: string }[] = [];
  const words: string[] = [];
  for (let place = 0; place < args.length; place += 1) {
    const arg = args[place] ?? '';
    if (arg === '--') {
      words.push(...args.slice(place + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at += 1) {
      const letter = arg.charAt(at);
      if (!withValue.includes(letter)) {
        options.push({ letter, value: '' });
        continue;
      }
      const attached = arg.slice(at + 1);
      if (attached === '') place += 1;
      options.push({ letter, value: attached === '' ? (args[place] ?? '') : attached });
      break;
    }
  }
  return { options, words };
}
