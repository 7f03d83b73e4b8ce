import { isRecord } from '../system/values.js';
import { keyPath } from './problem.js';
import { isNothing, shownName } from './table.js';

/** Keys of the Python program's `logging:` section (Python's logging.config.dictConfig), which ours does not have. */
export const DICT_CONFIG = [
  'version',
  'handlers',
  'root',
  'formatters',
  'loggers',
  'disable_existing_loggers',
];

export function isPythonLogging(section: unknown): section is Record<string, unknown> {
  return isRecord(section) && DICT_CONFIG.some((key) => Object.hasOwn(section, key));
}

interface Translated {
  /** The same with our keys, still to be validated. */
  readonly section: Record<string, unknown>;
  /** Path of our key → path in the file. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Translates what has a counterpart here: the level of `root`, name and rotation of the first handler with a file name,
 * and the level of the first stream handler. Without such a handler there is no such output.
 */
export function fromPythonLogging(given: Record<string, unknown>, path: string): Translated {
  const section: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  const take = (ours: string, value: unknown, origin: string): void => {
    if (value === undefined) return;
    section[ours] = value;
    origins.set(keyPath(path, ours), origin);
  };

  const root = given['root'];
  if (isRecord(root)) take('level', levelOf(root['level']), keyPath(path, 'root.level'));

  const handlers = isRecord(given['handlers']) ? Object.entries(given['handlers']) : [];
  const pathOf = (name: string, key: string): string => keyPath(path, `handlers.${shownName(name)}.${key}`);

  const [fileName, file] = handlers.find(([, handler]) => isRecord(handler) && 'filename' in handler) ?? [];
  if (fileName !== undefined && isRecord(file)) {
    take('file', file['filename'], pathOf(fileName, 'filename'));
    // Python's 0 means no limit, which is not possible here: the default limit holds then.
    if (file['maxBytes'] !== 0) take('max_size', file['maxBytes'], pathOf(fileName, 'maxBytes'));
    take('max_files', file['backupCount'], pathOf(fileName, 'backupCount'));
  } else {
    section['file'] = null;
  }

  const [streamName, stream] = handlers.find(([, handler]) => isStreamHandler(handler)) ?? [];
  if (streamName !== undefined && isRecord(stream)) {
    // A Python handler without a level passes everything that its logger passes.
    const level = isNothing(stream['level']) ? (section['level'] ?? 'info') : levelOf(stream['level']);
    take('console', level, pathOf(streamName, 'level'));
  } else {
    section['console'] = null;
  }
  return { section, origins };
}

function isStreamHandler(handler: unknown): boolean {
  const name = isRecord(handler) ? handler['class'] : undefined;
  return typeof name === 'string' && /(^|\.)StreamHandler$/.test(name);
}

const LEVELS: ReadonlyMap<string, string> = new Map([
  ...['CRITICAL', 'FATAL', 'ERROR'].map((name): [string, string] => [name, 'error']),
  ...['WARNING', 'WARN'].map((name): [string, string] => [name, 'warning']),
  ['INFO', 'info'],
  ...['DEBUG', 'NOTSET'].map((name): [string, string] => [name, 'debug']),
]);

/** Our level for the name or number of a Python level. Anything else stays as it is, to be reported. */
function levelOf(level: unknown): unknown {
  if (typeof level === 'number') {
    if (level >= 40) return 'error';
    if (level >= 30) return 'warning';
    return level >= 20 ? 'info' : 'debug';
  }
  return typeof level === 'string' ? (LEVELS.get(level.toUpperCase()) ?? level) : level;
}
