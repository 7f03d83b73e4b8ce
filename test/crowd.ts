import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const CROWD = 1_000;

/** How clients hold a connection of the control socket, and what they have sent. */
export const WAYS_TO_HOLD: readonly [how: string, request: string][] = [
  ['say nothing', ''],
  ['have sent half a request line', 'GET /v1/st'],
  ['have sent half their headers', 'GET /v1/status HTTP/1.1\r\nHost: x\r\nX: '],
  ['have sent half a body', 'POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'],
  ['keep their connection', 'GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['do not read their events', 'GET /v1/events?last=200&wpa=true HTTP/1.1\r\nHost: x\r\n\r\n'],
];

/** Starts a process with a thousand clients. Each one connects again as soon as it is turned away. The caller ends the process. */
export async function startCrowd(path: string, request: string): Promise<ChildProcess> {
  const script = `
    const { createConnection } = require('node:net');
    const join = () => {
      const socket = createConnection(${JSON.stringify(path)}, () => { socket.pause(); socket.write(${JSON.stringify(request)}); });
      socket.on('error', () => {});
      socket.on('close', () => setTimeout(join, 100));
    };
    for (let n = 0; n < ${CROWD}; n++) join();
    setTimeout(() => process.stdout.write('.'), 300);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}
