import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { HTTP_STATUS } from '#src/control/http-errors.js';
import { openControlServer } from '#src/control/server.js';
import { HostP2pD } from '#src/host/host.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { commandContext } from '../../fakes/command-context.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** A session that has not been started: every command gets its arguments, and nothing on this machine changes. */
const log = new CapturedLog();
const server = await openControlServer(commandContext(new HostP2pD({ config: {} })), {
  interface: 'p2p-dev-wlan0',
  controlFolder: '/nonexistent',
  environment: { HOSTP2PD_RUNTIME_DIR: temporaryFolder() },
  logger: log,
});

/** What HTTP itself has statuses for, and the errors of the program other than those inside it. */
const STATUSES: ReadonlySet<number> = new Set([
  ...[200, 400, 404, 405, 408, 413, 415, 417, 431],
  ...Object.values(HTTP_STATUS).filter((status) => status !== 500),
]);
/** For a request whose headers promise more than comes: then the client hangs up. */
const GIVE_UP_MS = 30;

/**
 * Any bytes as a request: the target and headers, an empty line, and the body, whose length is added. It gets one complete
 * answer, or the connection ends.
 */
export async function fuzz(data: Uint8Array): Promise<void> {
  const text = Buffer.from(data).toString('latin1');
  const [head = '', ...rest] = text.split('\n\n');
  const [line = '', ...headers] = head.split('\n');
  const body = Buffer.from(rest.join('\n\n'), 'latin1');
  const length = body.length > 0 ? [`content-length: ${body.length}`] : [];
  const lines = [`${line} HTTP/1.1`, 'host: x', ...headers, ...length].map((one) => `${one}\r\n`);
  const answer = await exchange(Buffer.concat([Buffer.from(`${lines.join('')}\r\n`, 'latin1'), body]));
  if (answer !== '') checkAnswer(answer);
  // What goes wrong inside the program is in its log.
  const errors = log.lines.filter((entry) => entry.startsWith('error'));
  assert.deepEqual(errors, []);
}

export const close = () => server.close();

function checkAnswer(answer: string): void {
  const [, status = ''] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
  assert.ok(STATUSES.has(Number(status)), answer);
  const [head = '', content = ''] = answer.split('\r\n\r\n');
  if (!/\r\ncontent-type: application\/json\r\n/i.test(head)) return;
  const value: unknown = JSON.parse(content);
  if (status !== '200') assert.match(JSON.stringify(value), /^\{"error":\{"code":"[A-Z_]+","message":"/);
}

/** What comes back; empty where the connection ends without an answer. */
function exchange(request: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = createConnection(server.path);
    const giveUp = setTimeout(() => socket.destroy(), GIVE_UP_MS);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      answer = `${answer}${chunk}`.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
      if (isComplete(answer)) socket.destroy();
    });
    // The server has closed first.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(giveUp);
      resolve(isComplete(answer) ? answer : '');
    });
    socket.write(request);
  });
}

function isComplete(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(answer.slice(0, end + 2)) ?? [];
  return end >= 0 && (length === undefined || Buffer.byteLength(answer.slice(end + 4)) >= Number(length));
}
