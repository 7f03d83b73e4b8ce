import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { wifiText } from '#src/commands/qr-code.js';
import { readQr } from '../fakes/qr-reader.js';
import { PASSPHRASE, PlayedPanel, SSID } from './panel-support.js';

/**
 * The panel in a real browser. HOSTP2PD_SCREENSHOTS names a folder for pictures of it: look at them after a change of its
 * look.
 */

const PROGRAM = ['/usr/bin/chromium'].find((path) => existsSync(path));
const skip =
  PROGRAM === undefined
    ? 'chromium is not installed (Debian: apt install chromium)'
    : process.env['HOSTP2PD_TEST_OTHER_NODE'] === '1' &&
      'the browser is the same with every version of Node.js, and large: one run is enough';
const PICTURES = process.env['HOSTP2PD_SCREENSHOTS'];

let browser: Browser | undefined;

before(async () => {
  if (PROGRAM === undefined || skip) return;
  // Its sandbox cannot be used by root; it only shows our own page.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  browser = await chromium.launch({ executablePath: PROGRAM, args });
});

after(() => browser?.close());

/** A page that must not complain: no error of a script, nothing that the security policy refuses. */
async function open(t: TestContext, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  assert.ok(browser);
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: 'en',
    ...options,
  });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    // A refused token and a lost connection are answers that the page expects.
    const expected = /status of (?:401|429|50\d)|ERR_(?:CONNECTION|INCOMPLETE|NETWORK)/.test(message.text());
    if (message.type() === 'error' && !expected) complaints.push(message.text());
  });
  t.after(() => assert.deepEqual(complaints, []));
  await page.goto(url);
  return page;
}

/** What a camera reads in the code on the screen. */
async function codeOn(page: Page): Promise<string | null> {
  const { data, width, height } = PNG.sync.read(await page.locator('.code').screenshot());
  const isDark = (x: number, y: number) => (data[(y * width + x) * 4] ?? 0) < 128;
  return readQr(
    Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => isDark(x, y))),
  );
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

async function assertFits(page: Page, what: string): Promise<void> {
  const outside = await page.evaluate(
    `[...document.querySelectorAll('main *')].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1;
    }).map((one) => one.outerHTML.slice(0, 60))`,
  );
  assert.deepEqual(outside, [], what);
}

test('a first visit, then eight stations with signal and traffic, and a reload', { skip }, async (t) => {
  const played = await PlayedPanel.start(t);
  const page = await open(t, played.url);
  await page.getByRole('heading', { name: SSID }).waitFor();
  const code = page.getByRole('img', { name: `QR code of the network ${SSID}` });
  await code.waitFor();
  assert.equal(await codeOn(page), wifiText(SSID, PASSPHRASE));
  await page.getByText('No device is connected.').waitFor();
  await page.getByText('iPhone, iPad').click();
  await page.getByText(`choose ${SSID} and enter the password`).waitFor();
  await picture(page, 'panel-first-visit');

  for (let number = 1; number <= 8; number++) played.appears(number);
  await page.getByText('Phone 8 is nearby.').waitFor();
  for (let number = 1; number <= 8; number++) played.connect(number);
  await page.getByText('Phone 8 is connected.').waitFor();
  for (let number = 1; number <= 8; number++)
    await page.getByText(`Phone ${number}`, { exact: true }).waitFor();
  const charts = page.getByRole('img', { name: /^Signal from -\d+ to -\d+ dBm in the last minutes$/ });
  await charts.nth(7).waitFor();
  assert.match(await page.getByRole('list').first().innerText(), /From device\s+[\d.]+ [kM]B/);
  await page.reload();
  await charts.nth(7).waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  await picture(page, 'panel-eight-stations');
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'panel-dark');
});

test('the kiosk: the PIN of the phone that asks, counting down; every size without scrolling', {
  skip,
}, async (t) => {
  const sizes = [
    { width: 480, height: 320 },
    { width: 800, height: 480 },
    { width: 1920, height: 1080 },
    { width: 600, height: 1024 },
  ];
  const played = await PlayedPanel.start(t);
  const page = await open(t, `${played.url}/kiosk`, { viewport: { width: 480, height: 320 } });
  await page.getByRole('heading', { name: SSID }).waitFor();
  for (const size of sizes) {
    await page.setViewportSize(size);
    // The picture of a large screen takes long to read.
    if (size.height <= 480) assert.equal(await codeOn(page), wifiText(SSID, PASSPHRASE));
    await assertFits(page, JSON.stringify(size));
    await picture(page, `kiosk-${size.width}x${size.height}`);
  }
  played.asksForPin(1, 'Galaxy S24 of Maximilian');
  await page.getByText('Enter this PIN on Galaxy S24 of Maximilian').waitFor();
  const pin = page.locator('.pin');
  assert.match((await pin.innerText()).replace(/\s/g, ''), /^\d{8}$/);
  const left = async () => Number(/(\d+) s left/.exec(await page.locator('.left').innerText())?.[1]);
  const first = await left();
  await page.getByText(`${first - 2} s left`).waitFor();
  for (const size of sizes) {
    await page.setViewportSize(size);
    // The picture of a large screen takes long to read.
    if (size.height <= 480) assert.equal(await codeOn(page), wifiText(SSID, PASSPHRASE));
    await assertFits(page, JSON.stringify(size));
    const figures = await pin.locator('span').first().boundingBox();
    assert.ok(
      (figures?.height ?? 0) > Math.min(size.width, size.height) / 5,
      `figures of ${figures?.height} at ${size.height}`,
    );
    await picture(page, `kiosk-pin-${size.width}x${size.height}`);
  }
  await page.setViewportSize({ width: 800, height: 480 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'kiosk-pin-dark');
  played.connect(1);
  await page.getByText('Connected devices: 1').waitFor();
  assert.equal(await pin.count(), 0);
});

test('with the keyboard: a wrong token, the right one, letting in by button, and a PIN that a phone shows', {
  skip,
}, async (t) => {
  const played = await PlayedPanel.start(t);
  const page = await open(t, played.url);
  const field = page.getByLabel('Token');
  await field.fill('wrong-token-of-somebody');
  await page.keyboard.press('Enter');
  await page.getByText('Wrong token.').waitFor();
  await picture(page, 'panel-wrong-token');
  await field.fill(played.token);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const button = page.getByRole('button', { name: 'By button' });
  await button.press('Enter');
  await page.getByText('Press the button on your phone now').waitFor();
  await page.getByText('A device may connect now.').waitFor();
  await page.getByRole('button', { name: 'Stop' }).press(' ');
  await page.getByText('The time to connect is over.').waitFor();

  await page.reload();
  await button.waitFor();
  assert.ok(!page.url().includes(played.token), 'the token is not in the address');
  played.showsPin(1, 'Printer');
  const pin = page.getByLabel('PIN that Printer shows');
  await pin.pressSequentially('1234');
  // A new view leaves the field as it is.
  played.appears(3);
  await page.getByText('Phone 3 is nearby.').waitFor();
  assert.equal(await pin.inputValue(), '1234');
  await pin.pressSequentially('5670');
  await page.keyboard.press('Enter');
  await page.getByText('Done.').waitFor();
  played.appears(2);
  await page.getByText('Phone 2 is nearby.').waitFor();
  played.connect(2);
  await page.getByRole('button', { name: 'Disconnect Phone 2' }).click();
  await played.fake.saw(/46:00:00:00:01:02/, 1);
  await picture(page, 'panel-operator');
  await page.getByRole('button', { name: 'Log out' }).click();
  await field.waitFor();
  assert.equal(await button.count(), 0);
});

test('a restart of the daemon, then of the panel: the page recovers by itself', { skip }, async (t) => {
  const played = await PlayedPanel.start(t);
  const page = await open(t, played.url);
  const code = page.getByRole('img', { name: /^QR code/ });
  await code.waitFor();
  await played.endDaemon();
  await page.getByText('hostp2pd does not answer. This page recovers by itself.').waitFor();
  assert.equal(await code.count(), 0, 'a code that may be outdated is not shown');
  await picture(page, 'panel-lost');
  await played.startDaemon();
  await code.waitFor();
  const offline = page.getByText('No connection to the panel. Trying again.');
  await played.restart(() => offline.waitFor());
  await offline.waitFor({ state: 'hidden' });
  await code.waitFor();
});

test('the language of the browser; --private shows nothing without the token', { skip }, async (t) => {
  const played = await PlayedPanel.start(t, { options: ['--private'] });
  for (const [locale, text] of [
    ['de-DE', 'Diese Anzeige ist nur mit dem Token zu sehen.'],
    ['es', 'Este panel solo puede verse con el token.'],
    ['fr-CA', 'Ce panneau n’est visible qu’avec le jeton.'],
  ] as const) {
    const page = await open(t, `${played.url}/kiosk`, { locale });
    await page.getByText(text).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
  }
  const page = await open(t, played.url, { locale: 'de' });
  await page.getByLabel('Token').fill(played.token);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: `QR-Code des Netzes ${SSID}` }).waitFor();
  await page.getByText('Kein Gerät ist verbunden.').waitFor();
});
