import assert from 'node:assert/strict';
import type { HostP2pD } from '#src/index.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isStation, startSession } from '../guest/session.js';
import { HOME, startHomeNetwork } from './home-access-point.js';

const scenario: Scenario = {
  name: 'channels',
  title:
    'the configured frequency is used, a channel switch is followed, the error for a forbidden one names the allowed ones, and after a restart wlan0 comes first, and a group makes way for its connection',
  timeoutSeconds: 300,
  async run(lab) {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
    ]);
    // A group that is requested during a scan comes up nevertheless.
    await (await box.on('wlan0')).command('SCAN');
    const host = await startSession(lab, { p2p_group_add_opts: 'freq=2412' });
    const group = await groupOf(lab, host);
    assert.equal(host.status.group?.frequency, 2412);
    await phone.joinWithPin(box.address, PIN);
    await isStation(lab, host, phone.address);
    await box.switchChannel(group, 2462);
    await lab.until('the switch', 20, () => host.status.group?.frequency === 2462);
    assert.equal(host.stations.length, 1, 'the station stays');
    await (await box.p2p()).command('P2P_SET disallow_freq 2462');
    await lab.until('the move', 20, () => host.status.group?.frequency !== 2462);
    await host.stop();
    await (await box.p2p()).command('P2P_GROUP_REMOVE *');

    // This channel needs radar detection first, and the radio of the lab has no country.
    const errors: string[] = [];
    const { HostP2pD } = await import('#src/index.js');
    await using refused = new HostP2pD({
      config: { state_folder: `${lab.scratch}/state`, p2p_group_add_opts: 'freq=5500' },
      logger: {
        log: (level, message) => {
          lab.timeline.add('hostp2pd', `${level} ${message}`);
          if (level === 'error') errors.push(message);
        },
        wants: () => true,
      },
    });
    await refused.start();
    const [error = ''] = await lab.until('the error', 30, () => (errors.length > 0 ? errors : undefined));
    assert.match(error, /P2P_GROUP_ADD was refused: FAIL .*freq=5500.*allowed here: 2412, 2417, .*2462 MHz$/);
    assert.doesNotMatch(error, /2484|5180/);
    await refused.stop();
    await sharesChannel(lab, box);
  },
};

/** The radio of the lab supports one channel at a time: while wlan0 is connected, the group must use its channel. */
async function sharesChannel(lab: Lab, box: Box): Promise<void> {
  lab.note('connected at 2437 MHz, and the group is wanted at 2462 MHz');
  const home = await startHomeNetwork(lab);
  const wlan0 = await box.on('wlan0');
  const id = (await wlan0.command('ADD_NETWORK')).trim();
  for (const line of [`ssid "${HOME.ssid}"`, `psk "${HOME.passphrase}"`])
    await wlan0.command(`SET_NETWORK ${id} ${line}`);
  await wlan0.command(`ENABLE_NETWORK ${id}`);
  await lab.until('the connection', 30, async () => {
    return (await wlan0.fields('STATUS')).get('wpa_state') === 'COMPLETED';
  });
  const host = await startSession(lab, { p2p_group_add_opts: 'freq=2462' });
  const reason = await lab.until('the refusal', 30, () => {
    const { cause, reason: text } = host.status.noGroup ?? {};
    return cause === 'refused' ? text : undefined;
  });
  assert.match(
    reason,
    /wlan0 is connected to "home" at 2437 MHz, and a radio that uses one channel .*freq=2437$/,
  );
  await host.stop();
  await wlan0.command('SAVE_CONFIG');
  await radioComesFirst(lab, box, home);
}

/** After a crash of wpa_supplicant the group waits for the radio's own connection, unless that does not come. */
async function radioComesFirst(lab: Lab, box: Box, home: Phone): Promise<void> {
  const host = await startSession(lab);
  await groupOf(lab, host);
  assert.equal(host.status.group?.frequency, 2437);
  /** Whether the group waited, and after how many seconds it was there. */
  const crash = async (): Promise<{ waited: boolean; seconds: number }> => {
    await box.kill();
    await lab.until('the loss of the group', 20, () => host.status.group === null);
    await box.start();
    const began = lab.now();
    let waited = false;
    await lab.until('the group', 40, () => {
      waited ||= host.status.noGroup?.cause === 'awaiting-station';
      return host.status.group !== null;
    });
    return { waited, seconds: lab.now() - began };
  };

  lab.note('wpa_supplicant crashes: wlan0 is connected again before the group is there');
  const after = await crash();
  assert.equal(host.status.group?.frequency, 2437);
  assert.equal((await (await box.on('wlan0')).fields('STATUS')).get('wpa_state'), 'COMPLETED');
  assert.ok(after.waited);

  lab.note('the home network is out of reach: the group waits for it once');
  await home.control.command('IFNAME=wlan2 DISABLE_NETWORK 0');
  const without = await crash();
  assert.ok(without.waited);
  const again = await crash();
  assert.ok(!again.waited);
  await comesLater(lab, box, home, host);
  const figures = { after, without, again };
  lab.report = Object.entries(figures)
    .map(([what, { seconds }]) => `${what}: ${seconds.toFixed(1)} s`)
    .join('\n');
  await host.stop();
}

/** The home network comes when the group has a channel of its own: the group makes way for it, and follows it. */
async function comesLater(lab: Lab, box: Box, home: Phone, host: HostP2pD): Promise<void> {
  const group = await groupOf(lab, host);
  lab.note(`the group is at ${host.status.group?.frequency} MHz`);
  if (host.status.group?.frequency === 2437) {
    await box.switchChannel(group, 2462);
    await lab.until('the switch', 20, () => host.status.group?.frequency === 2462);
  }
  await home.control.command('IFNAME=wlan2 ENABLE_NETWORK 0');
  const wlan0 = await box.on('wlan0');
  await lab.until('the connection', 120, async () => {
    return (await wlan0.fields('STATUS')).get('wpa_state') === 'COMPLETED';
  });
  await lab.until('the group on its channel', 60, () => host.status.group?.frequency === 2437);
  assert.equal((await wlan0.fields('STATUS')).get('wpa_state'), 'COMPLETED');
}

export default scenario;
