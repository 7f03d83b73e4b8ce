import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from './supplicant.js';
import { LabError, until } from './wait.js';

const SOCKET = '/run/dbus/system_bus_socket';
const SUPPLICANT = 'fi.w1.wpa_supplicant1';
const SECONDS = 20;

/** Starts a D-Bus system bus with Debian's configuration, one for each scenario. */
export async function startSystemBus(surroundings: Surroundings): Promise<void> {
  if (existsSync(SOCKET)) return;
  mkdirSync('/run/dbus', { recursive: true });
  const log = openSync(join(surroundings.scratch, 'dbus-daemon.log'), 'a');
  spawn('dbus-daemon', ['--system', '--nofork', '--nopidfile'], { stdio: ['ignore', log, log] });
  closeSync(log);
  await until(surroundings.timeline, SOCKET, SECONDS, () => existsSync(SOCKET));
}

/** What NetworkManager does to use a radio. */
export async function createInterface(surroundings: Surroundings, ifname: string): Promise<void> {
  // Wait first: a call to a name without an owner would start a second wpa_supplicant.
  await gdbus(surroundings, ['wait', '--system', `--timeout=${SECONDS}`, SUPPLICANT]);
  const settings = `{'Ifname': <'${ifname}'>, 'Driver': <'nl80211'>}`;
  const object = `/${SUPPLICANT.replaceAll('.', '/')}`;
  const call = ['call', '--system', '-d', SUPPLICANT, '-o', object, '-m', `${SUPPLICANT}.CreateInterface`];
  await gdbus(surroundings, [...call, settings]);
}

/** What NetworkManager does from 1.60 on as soon as there is a P2P device: phones see that name. */
export async function setDeviceName(surroundings: Surroundings, name: string): Promise<void> {
  const object = `/${SUPPLICANT.replaceAll('.', '/')}/Interfaces/0`;
  const set = ['-m', 'org.freedesktop.DBus.Properties.Set', `${SUPPLICANT}.Interface.P2PDevice`];
  const value = `<{'DeviceName': <'${name}'>}>`;
  const call = ['call', '--system', '-d', SUPPLICANT, '-o', object, ...set, 'P2PDeviceConfig', value];
  await gdbus(surroundings, call);
}

function gdbus(surroundings: Surroundings, args: readonly string[]): Promise<void> {
  surroundings.timeline.add('D-Bus', `gdbus ${args.join(' ')}`);
  const child = spawn('gdbus', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      surroundings.timeline.add('D-Bus', output.trim());
      if (code === 0) resolve();
      else reject(new LabError(`gdbus ${args[0]}: ${output.trim()}`));
    });
  });
}
