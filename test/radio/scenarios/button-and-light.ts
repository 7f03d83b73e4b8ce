import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AndroidPhone } from '../guest/android-phone.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { Button } from '../guest/button.js';
import { GROUP } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import { Program } from '../guest/program.js';
import { blockIn, Reader } from '../guest/reader.js';
import type { Scenario } from '../guest/scenario.js';
import { changeText, shell } from './hosts.js';
import { ask, CONFIG, installService, startedAnew } from './service-units.js';

const DOCUMENT = 'button-and-light.md';
const LED = 'hostp2pd-led.service';
/** How long a nervous user presses. */
const NERVOUS_SECONDS = 15;

const scenario: Scenario = {
  name: 'button-and-light',
  title:
    'a person follows button-and-light.md: a button lets phones in, an LED shows it, a screen shows the PIN',
  timeoutSeconds: 1200,
  suite: 'by-name',
  system: 'debian',
  async run(lab) {
    const host = await install(await prepare(lab));
    await letsPhonesIn(host);
    await oddPresses(host);
    await daemonEnds(host);
    await machineStarts(host);
    await showsPin(host);
  },
};

interface Host {
  readonly lab: Lab;
  readonly box: Box;
  readonly pixel: AndroidPhone;
  readonly galaxy: AndroidPhone;
  readonly reader: Reader;
  /** That of hostp2pd. */
  readonly unit: string;
  button: Button;
  buttonUnit: string;
}

async function prepare(lab: Lab): Promise<Omit<Host, 'button' | 'buttonUnit'>> {
  await prepareDebian(lab);
  const [box, pixel, galaxy] = await Promise.all([
    // As Debian's service runs it.
    lab.startBox({ group: LAB_GROUP, settings: { ctrl_interface: 'DIR=/run/wpa_supplicant GROUP=netdev' } }),
    lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
    lab.startAndroid({ number: 2, deviceName: 'Galaxy' }),
  ]);
  const unit = await installService(lab, 'hostp2pd');
  await lab.units.start(unit);
  await lab.until('the group', 60, () => box.groupInterfaces().includes(GROUP));
  return { lab, box, pixel, galaxy, reader: new Reader(lab, DOCUMENT), unit };
}

async function install(prepared: Omit<Host, 'button' | 'buttonUnit'>): Promise<Host> {
  const { lab, reader } = prepared;
  lab.note('the button: its unit is installed before the machine has one');
  await reader.follow('The button');
  await noTriggerhappy(lab);
  const button = await Button.plugIn(lab);
  const buttonUnit = await activeUnit(lab, button);
  lab.note('the LED: its unit waits for the folder');
  await reader.follow('The LED');
  await complains(lab, LED, /expected an LED that may be written/);
  await putFolder(lab, button);
  await button.shows('lit');
  return { ...prepared, button, buttonUnit };
}

async function letsPhonesIn({ lab, box, pixel, button }: Host): Promise<void> {
  lab.note('a press is seen, and opens a window; a phone joins by its button');
  await dump(lab, button);
  await button.shows('blinking');
  await isOpen(lab);
  await pixel.joinWithButton(box.address);
  await lab.until('the station', 30, async () => (await ask(lab, 'stations')).includes('Pixel'));
  await button.shows('lit');
  await pixel.leave();
}

async function oddPresses({ lab, box, galaxy, button }: Host): Promise<void> {
  lab.note('held, and repeated by the kernel: one window');
  let before = await opened(lab);
  await button.press(2_000);
  await button.shows('blinking');
  assert.equal(await opened(lab), before + 1);
  await close(lab, button);

  lab.note('a contact that bounces: one window');
  before = await opened(lab);
  await button.press(20, 20, 20, 20, 20);
  await button.shows('blinking');
  assert.equal(await opened(lab), before + 1);
  await close(lab, button);

  lab.note('pressed again and again while a phone joins');
  await button.press(100);
  await button.shows('blinking');
  before = await opened(lab);
  const joining = galaxy.joinWithButton(box.address);
  let presses = 0;
  for (const began = lab.now(); lab.now() - began < NERVOUS_SECONDS; presses++) {
    await button.press(100);
    await delay(400);
  }
  await joining;
  await lab.until('the station', 30, async () => (await ask(lab, 'stations')).includes('Galaxy'));
  lab.figures['windows opened by presses while a phone joins'] =
    `${(await opened(lab)) - before} by ${presses}`;
  await ask(lab, 'pair', 'stop');
  await button.shows('lit');
  await galaxy.leave();
}

async function daemonEnds({ lab, unit, button, buttonUnit }: Host): Promise<void> {
  const { units } = lab;
  lab.note('hostp2pd is restarted, and ended by force');
  const thd = await units.mainPid(buttonUnit);
  await units.restart(unit);
  await button.shows('lit');
  const former = await units.mainPid(unit);
  process.kill(former, 'SIGKILL');
  await startedAnew(lab, unit, former, 60);
  await button.shows('lit');
  await press(lab, button);
  lab.note('it does not run: dark, and a press says so');
  await units.stop(unit);
  await button.shows('dark');
  await button.press(100);
  await complains(lab, buttonUnit, /no hostp2pd is running/);
  assert.equal(await units.mainPid(buttonUnit), thd);
  assert.equal(await units.property(LED, 'NRestarts'), '0');
}

async function machineStarts(host: Host): Promise<void> {
  const { lab, unit } = host;
  const { units } = lab;
  lab.note('unplugged; the machine starts; the button and the LED come later, and hostp2pd last');
  await host.button.unplug();
  await units.until(host.buttonUnit, 'ActiveState', /^inactive$/);
  await units.stop(LED);
  await units.start('multi-user.target');
  await noTriggerhappy(lab);
  await units.until(LED, 'NRestarts', /^[1-9]/, 60);
  host.button = await Button.plugIn(lab);
  host.buttonUnit = await activeUnit(lab, host.button);
  await putFolder(lab, host.button);
  await units.start(unit);
  await host.button.shows('lit');
  await press(lab, host.button);
}

async function showsPin({ lab, box, galaxy, reader, unit }: Host): Promise<void> {
  lab.note('the display');
  await followDisplay(reader);
  await lab.units.reload(unit);
  await galaxy.forget();
  await galaxy.joinWithPin(box.address, async () => {
    const shows = () => /Galaxy\s+(\d{4}) (\d{4})/.exec(screen()) ?? undefined;
    const [, first, second] = await lab.until('the PIN on the screen', 60, shows);
    return `${first}${second}`;
  });
  await lab.until('an empty screen', 60, () => screen().trim() === '');

  lab.note('it changes quickly: the last text is shown');
  for (let time = 1; time <= 12; time++) await shell(lab, `echo ${time}0000 > /run/hostp2pd-display`);
  await lab.until('the last text', 60, () => screen().trim() === '120000');
  await lab.units.until('pin-display.path', 'ActiveState', /^active$/);
}

/** The reader agrees to what apt wants to install; and what every usual installation has. */
async function prepareDebian(lab: Lab): Promise<void> {
  lab.units.place('/etc/apt/apt.conf.d/agree', 'APT::Get::Assume-Yes "true";\n');
  mkdirSync('/etc/udev/rules.d', { recursive: true });
  appendFileSync('/etc/hosts', `127.0.1.1 ${hostname()}\n`);
  // Of kmod.
  const insmod = 'for name; do :; done\nexec /lab/busybox insmod "/lab/modules/$(echo "$name" | tr - _).ko"';
  lab.units.place('/usr/sbin/modprobe', `#!/bin/sh\n${insmod}\n`, 0o755);
  await shell(lab, 'apt-get update');
  await lab.units.start('systemd-udevd.service');
}

/** The unit of its device, when it is active. */
async function activeUnit(lab: Lab, button: Button): Promise<string> {
  const unit = `hostp2pd-button@${button.event}.service`;
  await lab.units.until(unit, 'ActiveState', /^active$/, 60);
  return unit;
}

/** As the document says: the folder of another LED goes into the unit. */
async function putFolder(lab: Lab, button: Button): Promise<void> {
  changeText(`/etc/systemd/system/${LED}`, (text) => text.replace(/\/sys\/class\/leds\/\S+/, button.led));
  await lab.units.systemctl('daemon-reload');
  await lab.units.restart(LED);
}

/** The command of the document that shows events, until it has shown a press. */
async function dump(lab: Lab, button: Button): Promise<void> {
  const [command = ''] = blockIn(DOCUMENT, 'The button', 'shell', 1).split('\n');
  assert.match(command, /thd --dump/);
  const program = new Program(lab, { name: 'dump', command: 'bash', args: ['-c', `exec ${command}`] });
  await lab.until('a second reader of the button', 60, () => readersOf(`/dev/input/${button.event}`) > 1);
  await button.press(100);
  await program.waitOutput(new RegExp(`^EV_KEY\\tKEY_WPS_BUTTON\\t1\\t/dev/input/${button.event}$`), 20);
  await program.stop();
}

/** How many processes of triggerhappy have opened a device. */
function readersOf(device: string): number {
  const isOpen = (link: string) => {
    try {
      return readlinkSync(link) === device;
    } catch {
      return false;
    }
  };
  const { length } = readdirSync('/proc').filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/comm`, 'utf8');
      return (
        command === 'thd\n' && readdirSync(`/proc/${pid}/fd`).some((fd) => isOpen(`/proc/${pid}/fd/${fd}`))
      );
    } catch {
      return false;
    }
  });
  return length;
}

/** A press opens a window, which is then closed. */
async function press(lab: Lab, button: Button): Promise<void> {
  await button.press(100);
  await button.shows('blinking');
  await isOpen(lab);
  await close(lab, button);
}

async function isOpen(lab: Lab): Promise<void> {
  const status: { readonly pairing: unknown } = JSON.parse(await ask(lab, 'status', '--json'));
  assert.match(JSON.stringify(status.pairing), /"method":"pbc"/);
}

async function close(lab: Lab, button: Button): Promise<void> {
  await ask(lab, 'pair', 'stop');
  await button.shows('lit');
}

async function noTriggerhappy(lab: Lab): Promise<void> {
  for (const unit of ['triggerhappy.service', 'triggerhappy.socket'])
    assert.equal(await lab.units.isActive(unit), false, unit);
}

function complains(lab: Lab, unit: string, line: RegExp): Promise<true> {
  return lab.until(
    `${line} in the journal of ${unit}`,
    60,
    async () => (await lab.units.journal(unit)).some((each) => line.test(each)) || undefined,
  );
}

/** How many pairing windows were opened so far. */
async function opened(lab: Lab): Promise<number> {
  return (await ask(lab, 'events', '200', '--json')).match(/"pairingOpened"/g)?.length ?? 0;
}

async function followDisplay(reader: Reader): Promise<void> {
  await reader.follow('The display');
  const [, ...files] = blockIn(DOCUMENT, 'The display', 'ini').split(/^# (\/\S+)$/m);
  for (let at = 0; at < files.length; at += 2) reader.write(files[at] ?? '', files[at + 1] ?? '');
  await reader.follow('The display', {}, 1);
  reader.write('/usr/local/lib/hostp2pd/draw', blockIn(DOCUMENT, 'The display', 'shell', 2), 0o755);
  writeFileSync(CONFIG, blockIn(DOCUMENT, 'The display', 'yaml'));
}

/** What the screen at the first console shows. */
function screen(): string {
  return readFileSync('/dev/vcs1', 'latin1');
}

export default scenario;
