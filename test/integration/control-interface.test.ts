import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ControlInterface, command, parseNetworks, parseStatus } from 'hostp2pd/wpa';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { PATIENCE_MS, within } from '../fakes/within.js';
import { INTERFACE, reasonToSkip, Supplicant } from './real-supplicant.js';

const EXAMPLE = fileURLToPath(new URL('../examples/wait-for-connection.js', import.meta.url));

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test('it loads nothing of the session, and shares the classes of its errors with the whole library', async () => {
  const script = `
    const wpa = require('hostp2pd/wpa');
    const { basename } = require('node:path');
    const loaded = Object.keys(require.cache).map((file) => basename(file)).filter((name) => name.endsWith('.cjs'));
    const { HostP2pD, HostP2pError } = require('hostp2pd');
    const error = new wpa.CommandRefusedError('PING', 'FAIL', 'FAIL');
    console.log(JSON.stringify([loaded.sort(), error instanceof HostP2pError, wpa.HostP2pError === HostP2pError]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: ROOT });
  assert.deepEqual(JSON.parse(stdout), [['program.cjs', 'wpa.cjs'], true, true]);
});

/** The wired driver connects at once to a network without keys. */
describe('the control-interface library on a real wpa_supplicant', { skip: reasonToSkip() }, () => {
  async function started(t: TestContext): Promise<Supplicant> {
    const supplicant = new Supplicant(temporaryFolder(t));
    t.after(() => supplicant.end('SIGKILL'));
    await supplicant.started();
    return supplicant;
  }

  test('connects a station, as the example does', async (t) => {
    const { controlFolder } = await started(t);
    const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, INTERFACE, 'home'], {
      env: { ...process.env, CTRL_INTERFACE: controlFolder },
    });
    assert.equal(stdout, `${INTERFACE} is connected to 01:80:c2:00:00:03\n`);
    const control = await ControlInterface.open(INTERFACE, { controlFolder });
    t.after(() => control.close());
    const { state, ssid } = parseStatus(await control.request(command.STATUS));
    assert.deepEqual([state, ssid], ['COMPLETED', 'home']);
    assert.equal(parseNetworks(await control.request(command.listNetworks(null))).length, 1);
  });

  test('refusals and the end of the program reject', async (t) => {
    const supplicant = await started(t);
    const { controlFolder } = supplicant;
    const control = await ControlInterface.open(INTERFACE, { controlFolder });
    t.after(() => control.close());
    await assert.rejects(control.request('NONSENSE'), { refusal: 'UNKNOWN COMMAND' });
    const selecting = control.waitFor('CTRL-EVENT-CONNECTED', { command: command.selectNetwork(7) });
    await assert.rejects(selecting, { code: 'COMMAND_REFUSED', refusal: 'FAIL' });
    const added = control.waitFor('CTRL-EVENT-NETWORK-ADDED', { command: command.ADD_NETWORK });
    assert.equal((await added).id, 0);
    const waiting = control.waitFor('CTRL-EVENT-CONNECTED');
    await Promise.all([assert.rejects(waiting, { code: 'CONTROL_UNAVAILABLE' }), supplicant.end('SIGTERM')]);
  });
});

const NO_HOSTAPD = spawnSync('hostapd', ['-v']).error !== undefined && 'hostapd is not installed';

describe('the control-interface library on a real hostapd', { skip: reasonToSkip() || NO_HOSTAPD }, () => {
  test('events count from the first one on', async (t) => {
    const folder = temporaryFolder(t);
    const controlFolder = join(folder, 'ctrl');
    const file = join(folder, 'hostapd.conf');
    writeFileSync(file, `interface=${INTERFACE}\ndriver=none\nctrl_interface=${controlFolder}\nssid=x\n`);
    const hostapd = spawn('hostapd', [file], { stdio: 'ignore' });
    const ended = once(hostapd, 'exit');
    t.after(() => {
      hostapd.kill('SIGKILL');
      return ended;
    });
    await within(PATIENCE_MS, 'the control socket', () => existsSync(join(controlFolder, INTERFACE)));
    const told: string[] = [];
    const control = await ControlInterface.open(INTERFACE, {
      controlFolder,
      listener: { missed: () => told.push('missed'), heldBack: () => told.push('held back') },
    });
    t.after(() => control.close());
    await control.waitFor('AP-DISABLED', { command: 'DISABLE', failure: ['AP-ENABLED'] });
    await control.waitFor('AP-ENABLED', { command: 'ENABLE', failure: ['AP-DISABLED'] });
    await assert.rejects(control.request(command.selectNetwork(0)), { refusal: 'UNKNOWN COMMAND' });
    assert.deepEqual(told, []);
  });
});
