import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { loadConfiguration } from '#src/config/load.js';
import { formatProblems } from '#src/config/problem.js';
import { seeded } from '../../fakes/seeded.js';

/** Messages about a wrong configuration must not contain its PIN or passphrase, because they end up in logs. */

const PIN = '87654325';
const PASSPHRASE = 'geheimgeheim';

/** The message about a text: the error, or the warnings. */
async function said(text: string): Promise<string> {
  try {
    const { warnings } = await loadConfiguration({ file: '-', stdin: Readable.from([Buffer.from(text)]) });
    return formatProblems(warnings);
  } catch (error) {
    assert.ok(error instanceof Error);
    return `${error.message}\n${String(error.cause ?? '')}`;
  }
}

const SLIPS = [
  `pin ${PIN}`,
  `hostp2pd:\n  pin ${PIN}`,
  `hostp2pd:\n  pin ${PIN}\n  pbc_in_use: true`,
  `hostp2pd:\n  pbc_in_use: true\n  pin ${PIN}`,
  `hostp2pd:\n  interface: auto\n    pin ${PIN}\n`,
  `hostp2pd:\n  interface: auto\n    psk "${PASSPHRASE}"\n`,
  `hostp2pd:\n  pbc_in_use: true\n    pin ${PIN}\n`,
  `hostp2pd:\n  p2p_group_add_opts: freq=2\n    pin ${PIN}\n`,
  `hostp2pd:\n  p2p_connect_opts: freq=2437\n    psk ${PASSPHRASE}\n`,
  `hostp2pd:\n  state_folder: x\n    pin ${PIN}\n`,
  `hostp2pd:\n  ssid_postfix: -a\n    some more psk ${PASSPHRASE}\n`,
  `hostp2pd: ${PASSPHRASE}`,
  `hostp2pd: ${PIN}`,
  `hostp2pd: [${PIN}]`,
  `hostp2pd: {pin ${PIN}: true}`,
  `hostp2pd: {"pin ${PIN}": true}`,
  `hostp2pd: {${PIN}: pin}`,
  `hostp2pd: {pin${PIN}: true}`,
  `hostp2pd: {pin=${PIN}: true}`,
  `hostp2pd: {${PASSPHRASE}: psk}`,
  `hostp2pd: {psk: ${PASSPHRASE}, pinn: ${PIN}}`,
  `hostp2pd: {pin: ${PIN}}`,
  `hostp2pd: {pin: "${PIN}0"}`,
  `hostp2pd: {pin: [${PIN}]}`,
  `hostp2pd: {pin: *${PIN}}`,
  `hostp2pd: {pin: &${PIN} [x]}`,
  `hostp2pd: {pin: !${PIN} x}`,
  `hostp2pd: {pin: !!${PIN} x}`,
  `hostp2pd: {pin: !<${PIN}> x}`,
  `hostp2pd: {pin: !a!${PIN} x}`,
  `hostp2pd: {pin: @${PIN}}`,
  `hostp2pd: {pin: \`${PIN}}`,
  `hostp2pd: {pin: %${PIN}}`,
  `hostp2pd: {pin: "${PIN}}`,
  `hostp2pd: {pin: '${PIN}'${PIN}'}`,
  `hostp2pd: {pin: "\\${PIN}"}`,
  `%TAG ${PIN}\n---\n`,
  `%TAG !${PASSPHRASE}! x\n%TAG !${PASSPHRASE}! x\n---\n`,
  `hostp2pd:\n\tpin: ${PIN}`,
  `hostp2pd:\n  pin: ${PIN}\n pbc_in_use: true`,
  `hostp2pd:\n  pin:${PIN}\n  pbc_in_use: true`,
  `hostp2pd: {interface: ${PIN}, pin_module: ${PIN}, pbc_in_use: ${PIN}, addressing: ${PIN}}`,
  `hostp2pd: {pbc_white_list: pin ${PIN}}`,
  `hostp2pd: {pbc_white_list: [${PIN}, "${PASSPHRASE}${PASSPHRASE}${PASSPHRASE} x"]}`,
  `hostp2pd: {network_parms: psk "${PASSPHRASE}"}`,
  `hostp2pd: {network_parms: [psk=${PASSPHRASE}]}`,
  `hostp2pd: {network_parms: [{psk: ${PASSPHRASE}}]}`,
  `hostp2pd: {network_parms: {psk: ${PASSPHRASE}}}`,
  `hostp2pd: {config_parms: pin ${PIN}}`,
  `hostp2pd: {config_parms: {"pin ${PIN}": 1}}`,
  `hostp2pd: {config_parms: {pin: [${PIN}]}}`,
  `hostp2pd: {config_parms: {sae_password: [${PASSPHRASE}]}}`,
  `hostp2pd: {select_timeout_secs: pin ${PIN}}`,
  `hostp2pd: {select_timeout_secs: {"pin ${PIN}": 1}}`,
  `hostp2pd: {p2p_client: pin ${PIN}}`,
  `hostp2pd: {}\nlogging: ${PASSPHRASE}`,
  `hostp2pd: {}\nlogging: {pin ${PIN}: 1}`,
  `hostp2pd: {}\nlogging: {level: ${PIN}, file: ${PIN}, console: ${PIN}}`,
  `hostp2pd: {}\nlogging: {version: 1, handlers: {"pin ${PIN}": {filename: 3}}}`,
  `hostp2pd: {}\npin ${PIN}: x`,
  `hostp2pd: {}\n${PASSPHRASE}: x`,
];

describe('a message about a wrong configuration does not show its secrets', () => {
  for (const text of SLIPS) {
    test(JSON.stringify(text), async () => {
      const message = await said(text);
      assert.notEqual(message, '', 'no message');
      assert.doesNotMatch(message, new RegExp(`${PIN}|${PASSPHRASE}`));
    });
  }

  test('nor does one about a configuration with a few characters removed or added', async () => {
    const whole =
      `hostp2pd:\n  pin: "${PIN}"\n  pbc_in_use: false\n  network_parms:\n    - ssid "DIRECT-ab"\n    - psk "${PASSPHRASE}"\n` +
      `  config_parms:\n    sae_password: ${PASSPHRASE}\n    country: DE\nlogging:\n  level: info\n`;
    const random = seeded(26);
    const marks = [...':"\'\n #&*!|>{}[],?-%@`\\\t'];
    for (let round = 0; round < 3_000; round++) {
      let text = whole;
      for (let slips = 1 + Math.floor(random() * 3); slips > 0; slips--) {
        const at = Math.floor(random() * text.length);
        const mark = random() < 0.5 ? '' : (marks[Math.floor(random() * marks.length)] ?? '');
        // A change within the secret makes it another secret.
        if (text.slice(at, at + 1).match(/[\da-z]/) && mark !== '') continue;
        text = text.slice(0, at) + mark + text.slice(at + (random() < 0.5 ? 1 : 0));
      }
      const message = await said(text);
      assert.doesNotMatch(message, /8765|4325|geheim/, `${text}\n${message}`);
    }
  });
});

test('a key that is not shown is named by its line', async () => {
  const message = await said(`hostp2pd:\n  pbc_in_use: true\n  "pin ${PIN}": true\n  colour: 1\n`);
  assert.match(message, /^hostp2pd\.\(a key of 12 characters, line 3\): unknown setting/m);
  assert.match(message, /^hostp2pd\.colour: unknown setting/m);
});

test('every error of the YAML parser has its own text here: its messages quote the file', async () => {
  const parser = readFileSync(new URL(import.meta.resolve('js-yaml')), 'utf8');
  const reasons = [...parser.matchAll(/throwError(?:\$1)?\(state, (["`])(.*?)\1\)/g)].map(
    ([, , text]) => text ?? '',
  );
  assert.ok(reasons.length > 40, `${reasons.length} reasons`);
  const { inWords } = await import('#src/config/yaml.js');
  const without = reasons.filter((reason) => inWords(reason) === 'not valid YAML');
  // Directives, which no configuration has, and internal errors.
  for (const reason of without)
    assert.match(reason, /directive|chomping|block scalar|event stream|line break|YAML/i, reason);
});
