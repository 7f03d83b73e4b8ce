import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { readQr } from '../fakes/qr-reader.js';
import { addresses, PASSPHRASE, PlayedPanel, SSID } from './panel-support.js';
import { eventually } from './support.js';

/**
 * The panel in a real browser. HOSTP2PD_SCREENSHOTS names a folder for pictures of it, which a person should look at after a
 * change of its look.
 */

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const skip = PROGRAM === undefined ? 'chromium is not installed (Debian: apt install chromium)' : false;
const PICTURES = process.env['HOSTP2PD_SCREENSHOTS'];

interface Opened {
  readonly browser: Browser;
  readonly page: Page;
  /** What the browser complained about: errors of scripts, and what the security policy refused. */
  readonly complaints: readonly string[];
}

async function open(
  t: TestContext,
  url: string,
  {
    width = 390,
    height = 844,
    locale = 'en',
    dark = false,
  }: { width?: number; height?: number; locale?: string; dark?: boolean } = {},
): Promise<Opened> {
  const browser = await chromium.launch({ executablePath: PROGRAM ?? '', args: ['--no-sandbox'] });
  t.after(() => browser.close());
  const page = await browser.newPage({
    viewport: { width, height },
    locale,
    colorScheme: dark ? 'dark' : 'light',
  });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { browser, page, complaints };
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

test('a first visit: name, code, how to join; eight stations; what happens is shown as it happens', {
  skip,
}, async (t) => {
  const played = await PlayedPanel.start(t);
  const { page, complaints } = await open(t, played.url);
  await page.getByRole('heading', { name: SSID }).waitFor();
  await page.getByRole('img', { name: `QR code of the network ${SSID}` }).waitFor();
  await page.getByText('No device is connected.').waitFor();
  await picture(page, 'panel-empty');
  for (let number = 1; number <= 8; number++) played.appears(number);
  await page.getByText('Phone 8 is nearby.').waitFor();
  for (let number = 1; number <= 8; number++) played.connect(number);
  for (let number = 1; number <= 8; number++)
    await page.getByText(`Phone ${number}`, { exact: true }).waitFor();
  await page.getByText('Phone 8 is connected.').waitFor();
  await page
    .getByRole('img', { name: /^Signal from -\d+ to -\d+ dBm/ })
    .first()
    .waitFor();
  await page.getByText('iPhone, iPad').click();
  await page.getByText(`choose ${SSID} and enter the password`).first().waitFor();
  await page.waitForTimeout(8000);
  await picture(page, 'panel-eight');
  await page.screenshot({ path: join(PICTURES ?? '/tmp', 'panel-full.png'), fullPage: true });
  assert.deepEqual(complaints, []);
});

test('the kiosk: the PIN of the phone that asks, counting down; three sizes without scrolling', {
  skip,
}, async (t) => {
  const played = await PlayedPanel.start(t);
  const { page, complaints } = await open(t, `${played.url}/kiosk`, { width: 480, height: 320 });
  await page.getByRole('heading', { name: SSID }).waitFor();
  await page.getByRole('img').waitFor();
  const sizes = [
    [480, 320],
    [800, 480],
    [1920, 1080],
    [600, 1024],
  ] as const;
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await picture(page, `kiosk-${width}x${height}`);
  }
  played.asksForPin(1, 'Galaxy S24');
  await page.getByText('Enter this PIN on Galaxy S24').waitFor();
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await picture(page, `kiosk-pin-${width}x${height}`);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'kiosk-pin-dark');
  assert.deepEqual(complaints, []);
});
void [readQr, addresses, PASSPHRASE, eventually];
