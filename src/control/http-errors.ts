import { type ErrorCode, HostP2pError } from '../system/errors.js';
import { secrets } from '../system/secrets.js';

/** The HTTP status of each error code. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 400,
  CONFIG_UNREADABLE: 400,
  CONTROL_UNAVAILABLE: 503,
  CONTROL_DENIED: 503,
  CONTROL_TIMEOUT: 504,
  CONTROL_CLOSED: 503,
  SOCKET_PATH: 500,
  INTERFACE_WRONG: 500,
  DEVICE_UNKNOWN: 404,
  COMMAND_REFUSED: 502,
  FAILURE_EVENT: 502,
  ABORTED: 503,
  COMMAND_INVALID: 400,
  PIN_MODULE: 500,
  PID_FILE: 500,
  ALREADY_RUNNING: 409,
  NOT_RUNNING: 500,
  USAGE: 400,
  BUSY: 503,
  INTERNAL: 500,
  ADDON: 500,
  STATE: 409,
};

/** A wrong request for which HTTP has its own status. */
export class HttpError extends HostP2pError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super('USAGE', message);
    this.status = status;
    this.headers = headers;
  }
}

/** Status, headers and body of every answer that is not a success. */
interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly error: { readonly code: ErrorCode; readonly message: string; readonly retryable: boolean };
  };
}

/** @param error anything that was thrown; the details of an error that is not ours stay in the log */
export function httpAnswerFor(error: unknown): ErrorAnswer {
  const known =
    error instanceof HostP2pError
      ? error
      : new HostP2pError('INTERNAL', 'an error in hostp2pd itself; see its log');
  const { code, message, retryable } = known;
  const { status, headers } = known instanceof HttpError ? known : { status: HTTP_STATUS[code], headers: {} };
  return { status, headers, body: { error: { code, message: secrets.redact(message), retryable } } };
}
