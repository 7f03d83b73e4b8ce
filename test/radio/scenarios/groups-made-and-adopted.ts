import assert from 'node:assert/strict';
import { GROUP, groupIsUp, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';

const SSID = 'DIRECT-mk-made';
const PASSPHRASE = 'made by hostp2pd';

const scenario: Scenario = {
  name: 'groups-made-and-adopted',
  title:
    'a group from network_parms, adopted after a crash of hostp2pd; then one with a random name, and an autonomous one',
  timeoutSeconds: 240,
  async run(lab) {
    const hook = lab.hookLog();
    const [box, laptop] = await Promise.all([
      lab.startBox(),
      lab.startPhone({ number: 1, deviceName: 'Laptop' }),
    ]);
    const p2p = await box.p2p();
    const made = [
      'network_parms:',
      `  - 'ssid "${SSID}"'`,
      `  - 'psk "${PASSPHRASE}"'`,
      '  - proto RSN',
      '  - key_mgmt WPA-PSK',
      '  - pairwise CCMP',
    ].map((line) => `  ${line}`);
    let daemon = startHostP2pD(lab, { hook, settings: [...made, '  p2p_group_add_opts: freq=2412'] });
    await groupIsUp(daemon);
    const status = await (await box.on(GROUP)).fields('STATUS');
    assert.equal(status.get('ssid'), SSID);
    assert.equal(status.get('freq'), '2412');

    lab.note('a station without Wi-Fi Direct joins by the passphrase');
    await laptop.joinByPassphrase(SSID, PASSPHRASE);
    const joined = await hook.waitCall(({ args }) => args[0] === 'connect', 10);
    assert.deepEqual(joined.args.slice(2), ['[unknown]', GROUP]);
    assert.equal(joined.environment['HOSTP2PD_STATION_KIND'], 'legacy');
    const address = joined.args[1] ?? '';
    assert.deepEqual(await box.stations(GROUP), [address]);

    lab.note('hostp2pd is killed and started again: it finds the group and the station');
    await daemon.stop(10, 'SIGKILL');
    const mark = hook.mark();
    daemon = startHostP2pD(lab, { hook, settings: made });
    await daemon.waitOutput(/already up/, 30, 0);
    await hook.expect(['connect', address, '[unknown]', GROUP], 10, mark);
    assert.ok(!daemon.output.some(({ text }) => text.includes('P2P_GROUP_ADD')), 'no second group');
    assert.deepEqual((await daemon.stop()).code, 0);
    await laptop.leaveByPassphrase();
    await p2p.command(`P2P_GROUP_REMOVE ${GROUP}`);

    lab.note('its profile is lost: created again from the state file');
    await p2p.command('REMOVE_NETWORK all');
    daemon = startHostP2pD(lab);
    await groupIsUp(daemon);
    const [kept = ''] = box.groupInterfaces();
    assert.equal((await (await box.on(kept)).fields('STATUS')).get('ssid'), SSID);
    assert.deepEqual((await daemon.stop()).code, 0);
    await p2p.command(`P2P_GROUP_REMOVE ${kept}`);

    lab.note(
      'no profile, no network_parms and no state file: wpa_supplicant makes up the name, with our postfix',
    );
    await p2p.command('REMOVE_NETWORK all');
    daemon = startHostP2pD(lab, { settings: ['  ssid_postfix: -box', `  state_folder: ${lab.scratch}/new`] });
    await groupIsUp(daemon);
    const [second = ''] = box.groupInterfaces();
    assert.match((await (await box.on(second)).fields('STATUS')).get('ssid') ?? '', /^DIRECT-..-box$/);
    assert.match(await p2p.request('LIST_NETWORKS'), /DIRECT-..-box\t.*\[P2P-PERSISTENT\]/);
    assert.deepEqual((await daemon.stop()).code, 0);
    await p2p.command(`P2P_GROUP_REMOVE ${second}`);

    lab.note('an autonomous group, which leaves no profile; its passphrase has the length in config_parms');
    await p2p.command('REMOVE_NETWORK all');
    daemon = startHostP2pD(lab, {
      settings: [
        '  activate_persistent_group: false',
        '  activate_autonomous_group: true',
        '  config_parms:',
        '    p2p_passphrase_len: 13',
      ],
    });
    await groupIsUp(daemon);
    const [third = ''] = box.groupInterfaces();
    const group = await box.on(third);
    const passphrase = await group.request('P2P_GET_PASSPHRASE');
    assert.equal(passphrase.length, 13);
    await laptop.joinByPassphrase((await group.fields('STATUS')).get('ssid') ?? '', passphrase);
    assert.doesNotMatch(await p2p.request('LIST_NETWORKS'), /P2P-PERSISTENT/);
    assert.deepEqual((await daemon.stop()).code, 0);
  },
};

export default scenario;
