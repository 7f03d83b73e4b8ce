import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { LAB_GROUP } from '../guest/box.js';
import { Examination } from '../guest/examination.js';
import type { Scenario } from '../guest/scenario.js';

const scenario: Scenario = {
  name: 'doctor-no-p2p-device',
  title: 'doctor reports no error for a driver without a P2P device, and finds errors there',
  radios: { p2pDevice: false },
  async run(lab) {
    const doctor = new Examination(lab);
    const box = await lab.startBox({ group: LAB_GROUP, settings: { country: 'IT' } });
    const wlan0 = await box.p2p();
    await doctor.isHealthy();
    const { findings } = await doctor.examine({ interface: 'wlan0' });
    assert.match(findings.find(({ check }) => check === 'p2p-device')?.message ?? '', /the radio itself/);
    for (const shared of ['0', '1']) {
      await wlan0.command(`SET p2p_no_group_iface ${shared}`);
      await box.startGroup();
      await doctor.isHealthy();
      await wlan0.command('P2P_GROUP_REMOVE *');
    }
    await wlan0.command('SET p2p_no_group_iface 0');
    await doctor.becomesHealthy();

    await doctor.finds({ 'random-address': /mac_addr=1: wlan0/ }, async () => {
      await wlan0.command('SET mac_addr 1');
      return async () => void (await wlan0.command('SET mac_addr 0'));
    });
    await doctor.findsInConfiguration({ 'interface-name': /no interface p2p-dev-wlan0/ }, [
      'interface: p2p-dev-wlan0',
    ]);
    await box.stop();

    lab.note('Wi-Fi Direct is switched off from the start');
    rmSync(box.configFile);
    const off = await lab.startBox({ settings: { country: 'IT', p2p_disabled: '1' } });
    doctor.shows(await doctor.examine(), { 'p2p-device': /p2p_disabled=1/ });
    await off.stop();

    lab.note('a wpa_supplicant with only a wired interface');
    const wired = lab.startDaemon({
      name: 'wired',
      command: 'wpa_supplicant',
      args: ['-Dwired', '-ilo', '-C', '/run/wpa_supplicant'],
    });
    await wired.waitOutput(/Successfully initialized/, 20);
    doctor.shows(await doctor.examine(), { 'p2p-device': /STATUS of lo shows/, country: /no country/ });
    await wired.stop();

    lab.note('a long interface name is no error without a P2P device');
    execFileSync('ip', ['link', 'set', 'wlan0', 'down']);
    execFileSync('ip', ['link', 'set', 'wlan0', 'name', 'wlx00c0caaabbcc']);
    const long = lab.startDaemon({
      name: 'long',
      command: 'wpa_supplicant',
      args: ['-Dnl80211', '-i', 'wlx00c0caaabbcc', '-c', lab.file('long.conf', LONG)],
    });
    await long.waitOutput(/Successfully initialized/, 20);
    await doctor.becomesHealthy();
    await long.stop();
  },
};

const LONG = 'ctrl_interface=/run/wpa_supplicant\ncountry=IT\n';

export default scenario;
