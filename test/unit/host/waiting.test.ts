import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readControlFolder } from '#src/host/control-folder.js';
import { explain, explainNone, neededRights } from '#src/host/waiting.js';
import { HostP2pError } from '#src/system/errors.js';

function folderOf(t: TestContext, ...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-waiting-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) writeFileSync(join(folder, name), '');
  return folder;
}

test('a folder that is not there: wpa_supplicant does not run, or serves elsewhere', (t) => {
  const folder = join(folderOf(t), 'none');
  const found = readControlFolder(folder);
  assert.ok('error' in found);
  assert.equal(found.error.code, 'CONTROL_UNAVAILABLE');
  assert.match(found.error.message, /not running.*ctrl_interface/);
  const error = new HostP2pError('CONTROL_UNAVAILABLE', 'x');
  assert.match(explain(error, folder, 'p2p-dev-wlan0').message, /not running/);
});

test('a missing socket: the others in the folder are named', (t) => {
  const folder = folderOf(t, 'p2p-dev-wlan1', 'wlan1');
  const told = explain(new HostP2pError('CONTROL_UNAVAILABLE', 'nobody answers'), folder, 'p2p-dev-wlan0');
  assert.match(told.message, /nobody answers; in .* there are: p2p-dev-wlan1, wlan1/);
});

test('no permission: user and group that the socket asks for are named', (t) => {
  const folder = folderOf(t);
  const socket = join(folder, 'p2p-dev-wlan0');
  mkdirSync(socket);
  chmodSync(socket, 0o770);
  const told = explain(new HostP2pError('CONTROL_DENIED', 'x'), folder, 'p2p-dev-wlan0');
  assert.match(told.message, new RegExp(`${socket}: permission denied; .*is for user`));
  assert.match(neededRights(join(folder, 'none')), /run as root/);
});

test('auto finds none: what is known of each socket, and what is wanted', () => {
  const silent = new HostP2pError('CONTROL_TIMEOUT', '/ctrl/wlan1: no reply within 2 s');
  const unfit = new Map<string, string | HostP2pError>([
    ['wlan0', 'does none'],
    ['wlan1', silent],
  ]);
  const told = explainNone('/ctrl', unfit);
  assert.equal(told.code, 'CONTROL_UNAVAILABLE');
  assert.match(
    told.message,
    /in \/ctrl \(wlan0 does none; \/ctrl\/wlan1: no reply within 2 s\); wanted: .*p2p-dev-\*.*P2P-device.*p2p_device_address/,
  );
  assert.match(explainNone('/ctrl', new Map()).message, /in \/ctrl \(there is nothing\)/);
});

test('auto finds none, and one may not be asked: the permission is what is waited for', (t) => {
  const folder = folderOf(t, 'wlan0');
  const denied = new HostP2pError('CONTROL_DENIED', 'x');
  const unfit = new Map<string, string | HostP2pError>([
    ['lo', 'does none'],
    ['wlan0', denied],
  ]);
  const told = explainNone(folder, unfit);
  assert.equal(told.code, 'CONTROL_DENIED');
  assert.match(told.message, /lo does none; .*\/wlan0: permission denied; .*is for user/);
});
