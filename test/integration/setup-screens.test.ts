import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { reasonToSkip, Terminal } from './terminal.js';

/** The screens of `hostp2pd setup` in a real terminal, as a person reads them. */

const PROGRAM = fileURLToPath(new URL('setup-conversation.js', import.meta.url));
const skip = reasonToSkip();

for (const columns of [60, 80])
  test(`the conversation in ${columns} columns: no word is broken`, { skip }, async (t) => {
    const terminal = new Terminal(t, [process.execPath, PROGRAM], { columns, rows: 90 });
    await terminal.shows(/Name of the box/);
    assert.match(
      terminal.text,
      /^The radio is wlan0: NetworkManager manages it\. Wi-Fi Direct\s+uses\s+p2p-dev-wlan0\./,
    );
    terminal.press('Enter');
    await terminal.shows(/How do phones join\?/);
    assert.match(terminal.text, /● With a new PIN for each phone \(recommended\)\n.*○ With one PIN/);
    terminal.press('Down', 'Enter');
    await terminal.shows(/Your PIN/);
    terminal.enter('00000000');
    await terminal.shows(/everybody tries first/);
    terminal.press('C-u');
    terminal.enter('52107733');
    await terminal.shows(/Give phones IP addresses\? \(recommended\)/);
    terminal.press('Enter');
    await terminal.shows(/Your country/);
    terminal.enter('DE');
    await terminal.shows(/Share the internet/);
    terminal.press('Enter');
    await terminal.shows(/Make these changes\?\n.*● Yes/);
    const plan = terminal.rows.filter((row) => /^\d\. /.test(row));
    assert.equal(plan.length, 3);
    assert.match(terminal.text, /^2\. NetworkManager is restarted, so that wlan0 keeps its\saddress/m);
    assert.match(terminal.text, /^ {5}\+ {2}pin: "52107733"$/m);
    assert.match(terminal.text, /^ {3}run systemctl enable --now hostp2pd@p2p-dev-wlan0$/m);
    terminal.press('Enter');
    assert.equal(await terminal.ended(), 0);
    assert.match(
      terminal.text,
      /^Android {2}Settings, Wi-Fi, Wi-Fi Direct: choose box, and type\s+the PIN 52107733\.$/m,
    );
    assert.match(terminal.text, /^Windows {2}Settings, Network, Wi-Fi: choose the network, and/m);
    const text = terminal.rows.map((row) => row.trim()).join(' ');
    for (const sentence of [
      'Wi-Fi Direct uses p2p-dev-wlan0. You are logged in over wlan0; that connection stays, or comes back by itself. Nothing is changed before you have seen all changes and agreed.',
      '1. NetworkManager keeps wlan0 and its connection, and may not remove groups.',
      '2. NetworkManager is restarted, so that wlan0 keeps its address during scans. Its Wi-Fi connections end for some seconds.',
      'Windows Settings, Network, Wi-Fi: choose the network, and type the passphrase.',
    ])
      assert.ok(text.replace(/ +/g, ' ').includes(sentence), `${sentence}\n${terminal.text}`);
  });

test('a person who does not agree: nothing is changed', { skip }, async (t) => {
  const terminal = new Terminal(t, [process.execPath, PROGRAM], { rows: 90 });
  await terminal.shows(/Name of the box/);
  terminal.press('C-c');
  assert.equal(await terminal.ended(), 0);
  assert.match(terminal.text, /^not agreed$/m);
});
