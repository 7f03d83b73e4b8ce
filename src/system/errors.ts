/**
 * Every error that this package throws or reports: one class, a stable code, the cause, and whether trying
 * again can help. packaging/docs/library.md lists the codes; a test compares that list with this table.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: { retryable: false, meaning: 'the configuration has problems; each is listed' },
  CONFIG_UNREADABLE: { retryable: false, meaning: 'the configuration file cannot be read or is not YAML' },
  CONTROL_UNAVAILABLE: { retryable: true, meaning: 'wpa_supplicant does not serve this interface (yet)' },
  CONTROL_DENIED: { retryable: true, meaning: 'this user may not open the control socket' },
  CONTROL_TIMEOUT: { retryable: true, meaning: 'wpa_supplicant did not answer a request in time' },
  CONTROL_CLOSED: { retryable: false, meaning: 'the link was closed while a request was pending' },
  SOCKET_PATH: { retryable: false, meaning: 'a socket path is too long or its folder cannot be used' },
  INTERFACE_WRONG: { retryable: false, meaning: 'the interface is not a P2P device' },
  DEVICE_UNKNOWN: { retryable: false, meaning: 'no device with that address is known or connected' },
  COMMAND_REFUSED: { retryable: true, meaning: 'wpa_supplicant or the device refused the command' },
  FAILURE_EVENT: { retryable: true, meaning: 'an event that was named as a failure came first' },
  ABORTED: { retryable: true, meaning: 'an AbortSignal has ended the wait' },
  COMMAND_INVALID: { retryable: false, meaning: 'a value cannot be sent over the control interface' },
  ADDON: {
    retryable: false,
    meaning: 'the native module cannot be loaded, for example after another version of Node.js was installed',
  },
  PIN_MODULE: { retryable: true, meaning: 'the module in pin_module gave no PIN for a phone' },
  ALREADY_RUNNING: { retryable: false, meaning: 'another hostp2pd serves this interface' },
  PID_FILE: {
    retryable: false,
    meaning: 'the PID file cannot be written, or something else is in its place',
  },
  NOT_RUNNING: { retryable: true, meaning: 'no hostp2pd is running for this interface' },
  USAGE: { retryable: false, meaning: 'the command is unknown, or its arguments are wrong' },
  BUSY: { retryable: true, meaning: 'too many clients or commands at once' },
  INTERNAL: { retryable: false, meaning: 'an error in hostp2pd itself; see its log' },
  STATE: { retryable: false, meaning: 'the call is not possible in the current state' },
} as const satisfies Record<string, { retryable: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Base class of all errors of this package. */
export class HostP2pError extends Error {
  override readonly name = 'HostP2pError';
  /** Stable word for programs; see {@link ERROR_CODES}. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whether the same call may succeed later without a change by a person. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** What the errors of system calls mean for a person (errno(3)). The caller adds the path. */
const SYSTEM_ERRORS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EADDRINUSE', 'another program uses that address'],
  ['EBUSY', 'it is in use'],
  ['ECONNREFUSED', 'no program answers there'],
  ['EDQUOT', 'the disk quota of this user is used up'],
  ['EEXIST', 'something else is in its place'],
  ['EFBIG', 'the file would be too large'],
  ['EIO', 'the disk or device reports an error'],
  ['EISDIR', 'expected a file, got a folder'],
  ['ELOOP', 'expected a file, got a symbolic link'],
  ['EMFILE', 'this process has too many open files'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENFILE', 'the system has too many open files'],
  ['ENOENT', 'there is no such file or folder'],
  ['ENOSPC', 'no space is left on the disk'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['ENXIO', 'no program reads from that FIFO'],
  ['EPERM', 'not permitted'],
  ['EPIPE', 'the other end has been closed'],
  ['EROFS', 'the file system is read-only'],
  ['ETXTBSY', 'the program is being written'],
]);

/** The message of what was thrown, which need not be an Error. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An error of a system call, not another one that happens to have such a code.
  return ('syscall' in error ? SYSTEM_ERRORS.get(codeOf(error) ?? '') : undefined) ?? error.message;
}

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * A reason without the numbers of interfaces, processes and sockets: two reasons with the same result have the same cause,
 * and the second one is not reported again.
 */
export function causeOf(reason: string): string {
  return reason.replace(/\d+/g, '#');
}

const SPACE = 'free some space';
/** Advice for any file. */
const SYSTEM_FIXES: ReadonlyMap<string, string> = new Map([
  ['EDQUOT', SPACE],
  ['EFBIG', SPACE],
  ['EIO', 'look into the log of the kernel, and check the disk'],
  ['EMFILE', 'restart hostp2pd, and report this'],
  ['ENFILE', 'look for the program that opens them'],
  ['ENOSPC', SPACE],
  ['EROFS', 'mount it for writing, or choose another place'],
]);

/** What a person can do about a system error; null if that depends on the file. */
export function fixOf(error: unknown): string | null {
  return SYSTEM_FIXES.get(codeOf(error) ?? '') ?? null;
}

/** What is wrong, and what a person can do. @param otherwise the advice if it depends on the file */
export function failureWithFix(error: unknown, otherwise?: string): string {
  const fix = fixOf(error) ?? otherwise;
  return fix === undefined ? messageOf(error) : `${messageOf(error)}; ${fix}`;
}
