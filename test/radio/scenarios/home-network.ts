import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { comesBack, groupOf, isGone, isStation, startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'home-network',
  title:
    "wpa_supplicant.conf: the user's networks and settings stay, whatever we start, restart, save, and whichever phone joins",
  suite: 'full',
  timeoutSeconds: 400,
  async run(lab) {
    const [phone, other] = await Promise.all([
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      lab.startAndroid({ number: 2, deviceName: 'Stranger' }),
    ]);

    lab.note('one file for wlan0 and its P2P device, the usual setup');
    const box = await lab.startBox({ group: LAB_GROUP, settings: { persistent_reconnect: '0' } });
    await saveNetwork(box, 'home-1');
    const host = await startSession(lab);
    await groupOf(lab, host);
    assertHas(box, 'home-1');
    await saveNetwork(box, 'home-2');
    await phone.joinWithPin(box.address, PIN);
    await isStation(lab, host, phone.address);
    await lab.until('its client', 10, async () => (await host.clients()).length === 1);
    assertHas(box, 'home-1', 'home-2');
    await host.stop();
    const again = await startSession(lab);
    await isStation(lab, again, phone.address);
    await saveNetwork(box, 'home-3');
    await phone.leave();
    await isGone(lab, again, phone.address);
    await phone.lookAnew();
    await phone.rejoin(box.address);
    await isStation(lab, again, phone.address);
    await again.reload();
    await again.pair({ method: 'pbc' });
    await other.joinWithButton(box.address);
    await isStation(lab, again, other.address);
    assertHas(box, 'home-1', 'home-2', 'home-3');
    const settings = fileOf(box).split('network={')[0] ?? '';
    assert.match(settings, /^config_methods=keypad$/m);
    assert.doesNotMatch(settings, /persistent_reconnect|ip_addr|hostp2pd:/);

    lab.note('power cut: both phones are known afterwards, but not the forgotten one');
    await again.forget(other.address);
    await box.kill();
    await again.stop();
    await box.start();
    await phone.lookAnew();
    await using after = await startSession(lab);
    await groupOf(lab, after);
    assert.equal(after.status.group?.ssid, LAB_GROUP.ssid);
    assert.deepEqual(
      (await after.clients()).map(({ deviceAddress }) => deviceAddress),
      [phone.address],
    );
    await comesBack(lab, after, phone, box.address);
    assert.equal(after.statistics.enrolmentsRequested, 0);
    await after.stop();
    await phone.leave();
    await Promise.all([phone.forget(), other.forget()]);
    await box.stop();
    rmSync(box.configFile);

    lab.note('a separate file for the P2P device: it keeps the group and the passphrase of each phone');
    const own = await lab.startBox({
      group: LAB_GROUP,
      deviceFile: true,
      settings: { persistent_reconnect: '0' },
    });
    const strict = await startSession(lab, { per_sta_psk: true, state_folder: `${lab.scratch}/own` });
    await groupOf(lab, strict);
    await saveNetwork(own, 'home-4');
    await strict.pair({ method: 'pbc' });
    await phone.joinWithButton(own.address);
    await isStation(lab, strict, phone.address);
    await lab.until('the saved file', 10, () =>
      readFileSync(own.deviceConfigFile, 'utf8').includes('psk_list='),
    );
    const saved = readFileSync(own.deviceConfigFile, 'utf8');
    assert.match(saved, new RegExp(`p2p_client_list=.*${phone.address}`));
    assert.match(saved, /^config_methods=keypad$/m);
    assert.match(saved, /^update_config=1$/m);
    assert.doesNotMatch(saved, /persistent_reconnect|ip_addr|hostp2pd:|home-4/);
    assertHas(own, 'home-4');
    await strict.reload();
    await lab.until('the answer after the reload', 10, async () => (await strict.clients()).length === 1);
    assert.ok(
      own.sockets().includes('p2p-dev-wlan0'),
      'the file and -O name the same folder for the sockets',
    );
    await own.kill();
    await lab.until('the loss of the group', 20, () => strict.status.group === null);
    await own.start();
    await groupOf(lab, strict);
    await comesBack(lab, strict, phone, own.address);
    await strict.stop();
    await own.stop();
    rmSync(own.configFile);

    lab.note('the method is the button; a device that may not use it needs a PIN; power cut');
    await Promise.all([phone.forget(), other.forget()]);
    const button = await lab.startBox({
      group: LAB_GROUP,
      settings: { config_methods: 'virtual_push_button' },
    });
    const list = ['  pbc_white_list: ["Pixel"]'];
    const daemon = startHostP2pD(lab, { settings: list });
    await groupIsUp(daemon);
    await assert.rejects(other.joinWithButton(button.address, { attempts: 1, seconds: 15 }));
    await other.typePin(PIN, 60);
    await other.connected();
    await daemon.waitOutput(/station connected: \S+ "Stranger"/, 20);
    daemon.signal('SIGKILL');
    await button.kill();
    await button.start();
    const restarted = startHostP2pD(lab, { settings: list });
    await restarted.waitOutput(/WPS method: push button/, 30);
    await groupIsUp(restarted);
    assert.match(fileOf(button), /^config_methods=virtual_push_button$/m);

    lab.note(
      'only hostp2pd is killed while the PIN is offered: the next one knows that the method is the button',
    );
    // It may still look for the group of before, on the channel of that.
    if (other.joined) await other.leave();
    await other.forget();
    await assert.rejects(other.joinWithButton(button.address, { attempts: 1, seconds: 15 }));
    const p2p = await button.p2p();
    assert.match(await p2p.request('GET config_methods'), /^keypad /);
    restarted.signal('SIGKILL');
    await restarted.waitExit(10);
    const last = startHostP2pD(lab, { settings: list });
    await last.waitOutput(/WPS method: push button/, 30);
    await last.stop();
  },
};

/** As wpa_gui or raspi-config do. */
async function saveNetwork(box: Box, ssid: string): Promise<void> {
  const wlan0 = await box.on('wlan0');
  const id = (await wlan0.request('ADD_NETWORK')).trim();
  await wlan0.command(`SET_NETWORK ${id} ssid "${ssid}"`);
  await wlan0.command(`SET_NETWORK ${id} psk "a long passphrase"`);
  await wlan0.command('SAVE_CONFIG');
}

function fileOf(box: Box): string {
  return readFileSync(box.configFile, 'utf8');
}

function assertHas(box: Box, ...names: readonly string[]): void {
  for (const name of names) assert.ok(fileOf(box).includes(`ssid="${name}"`), `${name} is in the file`);
}

export default scenario;
