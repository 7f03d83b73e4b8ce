import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { DEVICE, FakeSupplicant, GROUP, LINES } from './fake-supplicant.js';
import { eventually, next, ownSockets, session } from './support.js';

const PLAIN = 'wpa_state=DISCONNECTED\naddress=02:00:00:00:00:00\n';

/** A wpa_supplicant on a driver without a P2P device interface. */
function withoutDevice(t: TestContext, ...interfaces: readonly string[]): FakeSupplicant {
  const fake = new FakeSupplicant().serve(...interfaces);
  t.after(() => fake.close());
  return fake;
}

/** A socket file as a crash leaves it: no process serves it. */
function leave(fake: FakeSupplicant, name: string): void {
  const socket = openUnixDatagram(join(fake.folder, 'dying'), () => {});
  linkSync(join(fake.folder, 'dying'), join(fake.folder, name));
  socket.close();
}

test('auto without a P2P device interface: the session runs on the interface whose STATUS shows the address', async (t) => {
  const fake = withoutDevice(t, 'wlan0');
  leave(fake, DEVICE);
  leave(fake, 'lan0');
  const { host, log } = await session(t, fake);
  await fake.saw(/^wlan0 P2P_GROUP_ADD/);
  const started = next(host, 'groupStarted');
  fake.emit('wlan0', LINES.groupStarted);
  assert.equal((await started).group.interface, GROUP);
  assert.equal(host.status.interface, 'wlan0');
  assert.equal(log.matching(/interface wlan0 found; it has no P2P device interface of its own/).length, 1);
  await host.stop();
  assert.deepEqual(ownSockets(), []);
});

test('auto with two interfaces with Wi-Fi Direct takes the first and names the other', async (t) => {
  const fake = withoutDevice(t, 'wlan1', 'wlan0');
  fake.behave((command, name) =>
    command === 'STATUS' && name === 'wlan1'
      ? 'wpa_state=DISCONNECTED\np2p_device_address=42:00:00:00:01:00\naddress=42:00:00:00:01:00\n'
      : undefined,
  );
  const { host, log } = await session(t, fake);
  await fake.saw(/^wlan0 ATTACH/);
  assert.equal(host.status.interface, 'wlan0');
  assert.equal(log.matching(/interface wlan0 found.*there are also: wlan1; see -i/).length, 1);
});

test('a wpa_supplicant that is starting: its P2P device interface appears before the reply, and is taken', async (t) => {
  const fake = withoutDevice(t, 'wlan0');
  let asked = 0;
  fake.behave((command, name) => {
    if (command === 'STATUS' && name === 'wlan0' && asked++ === 0) fake.serve(DEVICE);
    return undefined;
  });
  const { host } = await session(t, fake);
  await next(host, 'groupStarted');
  assert.equal(asked, 1);
  assert.equal(host.status.interface, DEVICE);
});

test('auto without Wi-Fi Direct waits, says why, and goes on when a P2P device appears', async (t) => {
  const fake = withoutDevice(t, 'wlan0');
  fake.behave((command, name) => (command === 'STATUS' && name === 'wlan0' ? PLAIN : undefined));
  const { host, log } = await session(t, fake);
  await fake.saw('wlan0 STATUS', 3);
  assert.equal(
    log.matching(/wlan0 has no Wi-Fi Direct: no P2P device address in its STATUS.*waiting/).length,
    1,
    log.lines.join('\n'),
  );
  assert.equal(host.status.interface, null);
  const started = next(host, 'groupStarted');
  fake.serve(DEVICE);
  await started;
  assert.equal(host.status.interface, DEVICE);
});

test('the session ends during a request to an interface: no socket is left', async (t) => {
  const fake = withoutDevice(t, 'wlan0');
  fake.behave(() => null);
  const { host } = await session(t, fake);
  await fake.saw('wlan0 STATUS');
  assert.equal(ownSockets().length, 1);
  await host.stop();
  assert.deepEqual(ownSockets(), []);
});

test('an interface that does not answer does not keep the session from another one', async (t) => {
  const fake = withoutDevice(t, 'wlan0', 'wlan1');
  fake.behave((_command, name) => (name === 'wlan0' ? null : undefined));
  const { host } = await session(t, fake);
  await eventually(
    () => host.status.interface === 'wlan1',
    () => JSON.stringify(host.status),
  );
});
