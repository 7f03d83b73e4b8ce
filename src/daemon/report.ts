/** What the detached process tells the one that has started it, over a pipe; then the pipe is closed. */
export type Report =
  /** The configuration is read: from now on it is bounded how long the rest takes. */
  | { readonly kind: 'configured' }
  | {
      readonly kind: 'ready';
      /** In words, behind "daemon started, pid N". */
      readonly message: string;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'failed'; readonly message: string; readonly code: number };

/** The child's descriptor of the pipe. */
export const REPORT_DESCRIPTOR = 3;

/** Tells the child that it is one; it takes the variable out of its environment. */
export const CHILD_VARIABLE = 'HOSTP2PD_DAEMON_CHILD';

/** What the child is told of its parent. */
export interface Handover {
  /** The working directory of whoever called. */
  readonly folder: string;
}

export function parseReport(line: string): Report | null {
  const value = parseJson(line);
  if (!isRecord(value)) return null;
  const { kind, message, code, warnings } = value;
  if (kind === 'configured') return { kind };
  if (typeof message !== 'string') return null;
  if (kind === 'failed' && typeof code === 'number') return { kind, message, code };
  if (kind === 'ready' && Array.isArray(warnings)) return { kind, message, warnings: warnings.map(String) };
  return null;
}

export function parseHandover(text: string): Handover | null {
  const value = parseJson(text);
  return isRecord(value) && typeof value['folder'] === 'string' ? { folder: value['folder'] } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
