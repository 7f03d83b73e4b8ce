import assert from 'node:assert/strict';
import { HOSTP2PD } from '../../shipped-program.js';
import { LAB_GROUP } from '../guest/box.js';
import type { Scenario } from '../guest/scenario.js';

const scenario: Scenario = {
  name: 'not-permitted',
  title:
    'no permission for the socket: the error names the needed group; a wrong interface: it names the right one',
  async run(lab) {
    await lab.startBox({
      group: LAB_GROUP,
      settings: { ctrl_interface: 'DIR=/run/wpa_supplicant GROUP=netdev' },
    });
    const config = lab.file('plain.yaml', 'logging: { file: null }\n', 0o644);
    const stranger = lab.startDaemon({
      name: 'stranger',
      command: 'setpriv',
      args: [
        ...['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, HOSTP2PD],
        ...['-i', 'p2p-dev-wlan0', '-b', '-', '-d', '-c', config],
      ],
      env: { XDG_RUNTIME_DIR: undefined, HOME: '/' },
    });
    await stranger.waitOutput(/error .*permission denied.*group netdev/, 20, 0);
    assert.equal((await stranger.stop()).code, 0);

    const wrong = lab.startDaemon({ name: 'wrong', args: ['-i', 'wlan0', '-b', '-', '-d', '-c', config] });
    assert.equal((await wrong.waitExit(20)).code, 1);
    assert.match(wrong.stdout + wrong.stderr, /wlan0 .*Expected p2p-dev-wlan0/);
  },
};

export default scenario;
