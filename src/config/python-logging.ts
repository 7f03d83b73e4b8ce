import { freeName, isNothing, isRecord, keyPath } from './value.js';

/** Words by which the original's `logging:` section is told from ours (Python's logging.config.dictConfig). */
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

export interface Translated {
  /** The same in our words, still to be validated. */
  readonly section: Record<string, unknown>;
  /** Where our keys come from: path of ours → path in the file. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Takes over what has a counterpart here: the level of `root`, name and rotation of the first handler with a
 * file name, the level of the first stream handler. Where there is no such handler, there is no such output.
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
  const rootPath = keyPath(path, 'root');
  if (isRecord(root)) take('level', levelOf(root['level']), keyPath(rootPath, 'level'));

  const handlers = isRecord(given['handlers']) ? Object.entries(given['handlers']) : [];
  const pathOf = (name: string): string => keyPath(keyPath(path, 'handlers'), freeName(name));

  const [fileName, file] = handlers.find(([, handler]) => isRecord(handler) && 'filename' in handler) ?? [];
  if (fileName !== undefined && isRecord(file)) {
    take('file', file['filename'], keyPath(pathOf(fileName), 'filename'));
    // Python's 0 means a file without bounds, which is not on offer: the default bound holds then.
    if (file['maxBytes'] !== 0) take('max_size', file['maxBytes'], keyPath(pathOf(fileName), 'maxBytes'));
    take('max_files', file['backupCount'], keyPath(pathOf(fileName), 'backupCount'));
  } else {
    section['file'] = null;
  }

  const [streamName, stream] = handlers.find(([, handler]) => isStreamHandler(handler)) ?? [];
  if (streamName !== undefined && isRecord(stream)) {
    // A Python handler without a level passes everything its logger lets through.
    const level = isNothing(stream['level']) ? (section['level'] ?? 'info') : levelOf(stream['level']);
    take('console', level, keyPath(pathOf(streamName), 'level'));
  } else {
    section['console'] = null;
  }
  return { section, origins };
}

function isStreamHandler(handler: unknown): boolean {
  const name = isRecord(handler) ? handler['class'] : undefined;
  return typeof name === 'string' && /(^|\.)StreamHandler$/.test(name);
}

/** Our word for a Python level, by name or number; what is neither stays as it is, to be reported. */
function levelOf(level: unknown): unknown {
  if (typeof level === 'number') {
    if (level >= 40) return 'error';
    if (level >= 30) return 'warning';
    return level >= 20 ? 'info' : 'debug';
  }
  switch (typeof level === 'string' ? level.toUpperCase() : undefined) {
    case 'CRITICAL':
    case 'FATAL':
    case 'ERROR':
      return 'error';
    case 'WARNING':
    case 'WARN':
      return 'warning';
    case 'INFO':
      return 'info';
    case 'DEBUG':
    case 'NOTSET':
      return 'debug';
    default:
      return level;
  }
}
