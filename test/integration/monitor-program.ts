import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { runMonitor } from '#src/cli/monitor.js';
import { MONITOR_TIMING } from '#src/control/monitor-feed.js';
import { FakeSource } from '../fakes/monitor-source.js';
import type { Order } from './monitor-orders.js';

/** The monitor as a program, with a fake daemon: a test says over a socket what happens. */

const [path = '', giveUp = ''] = process.argv.slice(2);
const source = new FakeSource();

function obey(order: Order): void {
  switch (order.kind) {
    case 'status':
      source.current = order.status;
      break;
    case 'stations':
      source.on = order.stations;
      break;
    case 'event':
      source.emit(order.line);
      break;
    case 'down':
      source.goDown(order.reason);
      break;
    case 'up':
      source.down = null;
      break;
    case 'silence':
      source.silent = true;
      break;
    case 'fault':
      throw new Error('a fault elsewhere');
  }
}

const server = createServer((connection) => {
  // Only handles that the monitor leaves open may keep this program running.
  connection.unref();
  const orders = createInterface({ input: connection });
  orders.on('line', (line) => {
    const order: Order = JSON.parse(line);
    obey(order);
  });
});
server.listen(path).unref();
const { stdin: input, stdout: output, stderr: errors } = process;
const colour = process.env['NO_COLOR'] === undefined;
const timing = { ...MONITOR_TIMING, giveUp: Number(giveUp) };
process.exitCode = await runMonitor(source, { input, output, errors, process, colour }, timing);
