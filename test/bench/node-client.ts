/**
 * The same as bare-client.c, in JavaScript with the same native addon as hostp2pd: what Node.js itself costs.
 * Arguments: the folder of the control sockets, a folder for its own.
 */
import { join } from 'node:path';
import { loadAddon } from '#src/wpa/native-addon.js';

const { socket, bind, sendto, AF_UNIX, SOCK_DGRAM } = loadAddon();
const [, , control = '', own = ''] = process.argv;
const device = join(control, 'p2p-dev-wlan0');
const group = join(control, 'p2p-wlan0-0');

/** @returns the file descriptor */
function open(name: string, received: (text: string) => void): number {
  const listener = (_status: number, data: Buffer | null) => {
    if (data !== null) received(data.toString());
  };
  const fd = socket(AF_UNIX, SOCK_DGRAM, 0, listener, () => {});
  if (bind(fd, join(own, name)) < 0) process.exit(2);
  return fd;
}

function request(fd: number, command: string, to: string): void {
  const data = Buffer.from(command);
  if (sendto(fd, data, 0, data.length, to) < 0) process.exit(1);
}

const onGroup = open('grp', (text) => {
  if (!text.startsWith('<3>WPS-PIN-NEEDED ')) return;
  request(onGroup, `WPS_PIN ${text.split(' ')[2]} 12345670 120`, group);
});
let wanted: 'attached' | 'group' | 'nothing' = 'attached';
const onDevice = open('dev', (text) => {
  if (wanted === 'attached' && text === 'OK\n') {
    wanted = 'group';
    request(onDevice, 'P2P_GROUP_ADD persistent=0', device);
  } else if (wanted === 'group' && text.includes('P2P-GROUP-STARTED')) {
    wanted = 'nothing';
    request(onGroup, 'ATTACH', group);
  }
});
request(onDevice, 'ATTACH', device);
