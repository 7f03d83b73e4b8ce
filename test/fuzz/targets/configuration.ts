import assert from 'node:assert/strict';
import { addressPlan } from '#src/config/address-plan.js';
import { type ConfigurationReview, reviewConfiguration, reviewValues } from '#src/config/load.js';
import { type ConfigProblem, formatProblems } from '#src/config/problem.js';
import type { Settings } from '#src/config/schema.js';
import { secretsIn } from '#src/config/secret-values.js';
import { programPath } from '#src/hooks/program-check.js';
import { LONGEST_TIMER_MS } from '#src/system/clock.js';
import { HostP2pError } from '#src/system/errors.js';
import { hasControlCharacter } from '#src/system/names.js';
import { checkCommand, groupAddProfile, p2pConnect, p2pSet, set, setNetwork } from '#src/wpa/command.js';
import { PEER } from '../printed.js';

/** Any bytes as a configuration: they are refused in words, or the rest of the program can rely on the settings. */
export async function fuzz(data: Uint8Array): Promise<void> {
  const review = await read(data);
  if (!review) return;
  const { configuration, problems } = review;
  for (const problem of [...problems, ...configuration.warnings]) inWords(problem);
  for (const { text } of problems)
    assert.match(text, /^(?:expected .+, got .+|unknown (?:setting|section))$/s);
  if (problems.length > 0) return;
  const { settings, logging, source } = configuration;
  usable(settings);
  // They are validated again with the options of the program, and when they are read from a recording.
  const again = reviewValues(settings, logging, source);
  assert.deepEqual(again.problems, []);
  assert.deepEqual([again.configuration.settings, again.configuration.logging], [settings, logging]);
}

async function read(data: Uint8Array): Promise<ConfigurationReview | null> {
  async function* stdin() {
    yield data;
  }
  try {
    return await reviewConfiguration({ file: '-', stdin: stdin() });
  } catch (error) {
    assert.ok(error instanceof HostP2pError && error.code === 'CONFIG_UNREADABLE', String(error));
    assert.ok(!hasControlCharacter(error.message), error.message);
    return null;
  }
}

/** They end up in logs and on terminals. */
function inWords(problem: ConfigProblem): void {
  assert.ok(!hasControlCharacter(formatProblems([problem])), JSON.stringify(problem));
}

/** What the rest of the program relies on. */
function usable(settings: Settings): void {
  const { network_parms, config_parms, p2p_group_add_opts, p2p_connect_opts, ssid_postfix } = settings;
  const commands = [
    ...network_parms.map((line) => setNetwork(65_535, line)),
    ...Object.entries(config_parms).map(([name, value]) => set(name, value)),
    groupAddProfile(65_535, p2p_group_add_opts),
    p2pConnect(PEER, { method: 'keypad', pin: '12345670' }, 65_535, p2p_connect_opts),
    p2pSet('ssid_postfix', ssid_postfix ?? ''),
  ];
  for (const command of commands) checkCommand(command);
  assert.match(settings.pin, /^(?:\d{4}|\d{8}|random)$/);
  for (const seconds of [
    settings.hook_timeout_secs,
    settings.lease_time,
    settings.max_negotiation_time,
    settings.min_conn_delay,
    ...Object.values(settings.select_timeout_secs),
  ])
    assert.ok(seconds >= 0 && seconds * 1000 <= LONGEST_TIMER_MS, String(seconds));
  const { subnet, leased, handshake } = addressPlan(settings);
  for (const range of [leased, handshake]) {
    if (!range) continue;
    assert.ok(range.start <= range.end);
    assert.ok(subnet.address < range.start || subnet.address > range.end);
  }
  secretsIn(settings);
  programPath(settings.run_program, undefined);
}
