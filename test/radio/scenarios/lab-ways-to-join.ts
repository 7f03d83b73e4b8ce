import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';

/** The lab's phones join a running group in every way; the box runs without hostp2pd. */
const scenario: Scenario = {
  name: 'lab-ways-to-join',
  suite: 'facts',
  title:
    'phones join a running group by push button, by a PIN that the phone shows, by passphrase and by invitation',
  timeoutSeconds: 180,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: 'Pixel 7' }),
      lab.startPhone({ number: 2, deviceName: 'iPhone' }),
    ]);
    const recorder = lab.record('ways-to-join');
    const ifname = await box.startGroup();
    const [p2p, group] = await Promise.all([box.p2p(), box.on(ifname)]);
    const comesIn = (mark: number) =>
      group.waitEvent(new RegExp(`^AP-STA-CONNECTED \\S+ p2p_dev_addr=${phone.address}`), 10, mark);
    const goesAway = async (): Promise<void> => {
      const mark = group.mark();
      await phone.leave();
      await group.waitEvent('AP-STA-DISCONNECTED', 10, mark);
      await phone.forget();
    };
    const invite = async (): Promise<string | undefined> => {
      const before = p2p.mark();
      await p2p.command(`P2P_INVITE group=${ifname} peer=${phone.address}`);
      const result = await p2p.waitEvent(/^P2P-INVITATION-RESULT status=(-?\d+)/, 20, before);
      return result.groups[0];
    };

    recorder.comment('push button');
    let mark = group.mark();
    const pressed = p2p.waitEvent(`P2P-PROV-DISC-PBC-REQ ${phone.address}`, 60);
    const [, byButton] = await Promise.all([
      pressed.then(() => group.command(`WPS_PBC p2p_dev_addr=${phone.address}`)),
      phone.joinWithButton(box.address),
    ]);
    assert.match(byButton.event, /go_dev_addr=42:00:00:00:00:00/);
    await comesIn(mark);
    await goesAway();
    assert.equal(phone.joined, undefined);

    recorder.comment('the phone shows a PIN');
    mark = group.mark();
    const asked = p2p.waitEvent(`P2P-PROV-DISC-ENTER-PIN ${phone.address}`, 60);
    await phone.joinShowingPin(box.address, async (pin) => {
      await asked;
      await group.command(`WPS_PIN any ${pin}`);
    });
    await comesIn(mark);
    await goesAway();

    recorder.comment('name and passphrase, no Wi-Fi Direct');
    mark = group.mark();
    await other.joinByPassphrase(LAB_GROUP.ssid, LAB_GROUP.passphrase);
    const legacy = await group.waitEvent(/^AP-STA-CONNECTED (\S+)(.*)/, 10, mark);
    assert.deepEqual(legacy.groups, ['02:00:00:00:02:00', '']);
    await other.leaveByPassphrase();
    await group.waitEvent('AP-STA-DISCONNECTED 02:00:00:00:02:00', 10, mark);

    recorder.comment('name and a wrong passphrase');
    await assert.rejects(other.joinByPassphrase(LAB_GROUP.ssid, 'wrong horse'), /WRONG_KEY/);
    await group.waitEvent('AP-STA-POSSIBLE-PSK-MISMATCH 02:00:00:00:02:00', 10, mark);
    await other.control.command('IFNAME=wlan2 REMOVE_NETWORK all');

    recorder.comment('the box invites');
    mark = group.mark();
    const found = p2p.waitEvent(new RegExp(`^P2P-DEVICE-FOUND \\S+ p2p_dev_addr=${phone.address} `), 30);
    await phone.control.command('P2P_LISTEN 60');
    await p2p.command('P2P_FLUSH');
    await p2p.command('P2P_FIND');
    await found;
    await group.command(`WPS_PIN any ${PIN}`);
    const accepting = phone.acceptInvitation(PIN);
    accepting.catch(() => {});
    // Its stored group still lists the phone as a client, so the box invites it to a group that the phone does not know.
    assert.equal(await invite(), '8');
    // That removed it from the list; now the phone asks its user.
    assert.equal(await invite(), '1');
    await accepting;
    await comesIn(mark);
    recorder.close();
  },
};

export default scenario;
