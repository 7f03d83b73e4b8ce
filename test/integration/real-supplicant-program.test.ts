import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { Program } from './program.js';
import { INTERFACE, reasonToSkip, Supplicant } from './real-supplicant.js';

const skip = reasonToSkip();

function supplicant(t: TestContext): Supplicant {
  const real = new Supplicant(temporaryFolder(t));
  t.after(() => real.end('SIGKILL'));
  return real;
}

const config = ({ controlFolder }: Supplicant) =>
  `logging: { file: null }\nhostp2pd: { ctrl_interface: ${controlFolder} }\n`;

test('an interface without Wi-Fi Direct: the error says how to find the right one, exit code 1', {
  skip,
}, async (t) => {
  const real = supplicant(t);
  await real.started();
  const program = new Program(t, ['-i', INTERFACE, '-b', '-', '-d', '-c', '-'], config(real));
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.match(program.stdout, /error lo is no P2P device\. Expected .*p2p-dev-wlan0.*wpa_cli interface/);
});

test('auto without any interface for Wi-Fi Direct: waits, and says why each is not used', {
  skip,
}, async (t) => {
  const real = supplicant(t);
  await real.started();
  const program = new Program(t, ['-b', '-', '-d', '-c', '-'], config(real));
  await program.wrote(
    /no interface for Wi-Fi Direct in .* \(lo has no Wi-Fi Direct: no P2P device address in its STATUS\).*waiting/,
  );
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});
