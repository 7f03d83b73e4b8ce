/** What clients may have of the control server; who wants more is refused, and the others and the radio do not notice. */
export interface Limits {
  /** Connections at a time; for one more, the one that has kept the server waiting longest is closed. */
  readonly connections: number;
  /** Streams of events among them. */
  readonly streams: number;
  /** Commands that are being carried out. One that waits for something ends when its client goes. */
  readonly commands: number;
  /** Of a request. */
  readonly bodyBytes: number;
  /** Of a request, its first line included. */
  readonly headerBytes: number;
  /** Until the headers of a request are there. */
  readonly headersMs: number;
  /** From there until its body is there. */
  readonly requestMs: number;
  /** Until the client has read its answer. */
  readonly answerMs: number;
  /** Between two requests on one connection. */
  readonly idleMs: number;
  /** What may wait for a reader of events that does not read. */
  readonly waitingBytes: number;
  /** For the answers that are under way when the server closes. */
  readonly closingMs: number;
}

export const LIMITS: Limits = {
  connections: 32,
  streams: 16,
  commands: 16,
  bodyBytes: 65_536,
  headerBytes: 8_192,
  headersMs: 5_000,
  requestMs: 10_000,
  answerMs: 10_000,
  idleMs: 5_000,
  waitingBytes: 262_144,
  closingMs: 1_000,
};
