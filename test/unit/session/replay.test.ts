import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { validate } from '#src/config/validate.js';
import { PeerRegister } from '#src/host/registers.js';
import { transition } from '#src/session/machine.js';
import type { StoredGroup } from '#src/session/model.js';
import { INITIAL, type SessionState } from '#src/session/model.js';
import { parseDialogue } from '../../dialogue-file.js';
import { FRESH_PIN } from './dialogue.js';

/** Recorded dialogues of real runs: the same inputs must give the same effects, step by step. */
const FOLDER = fileURLToPath(new URL('../../../fixtures/dialogues/', import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));

test('there are recorded dialogues', () => {
  assert.ok(files.length > 0);
});

for (const file of files) {
  test(`${file}: the same inputs give the same effects`, () => {
    const { head, steps } = parseDialogue(readFileSync(FOLDER + file, 'utf8'));
    assert.ok(steps.length > 20);
    const { settings, problems } = validate(head.settings);
    assert.deepEqual(problems, []);
    const peers = new PeerRegister();
    let state: SessionState = INITIAL;
    let stored: StoredGroup | null = null;
    for (const [number, { at, input, effects }] of steps.entries()) {
      const world = {
        now: at,
        settings,
        deviceInterface: number === 0 ? '' : head.deviceInterface,
        configFile: () => 'shared' as const,
        freshPin: () => FRESH_PIN,
        peerName: (address: string) => peers.name(address),
        stored,
      };
      const step = transition(state, input, world);
      // Through JSON, like the recorded ones.
      assert.deepEqual(
        JSON.parse(JSON.stringify(step.effects)),
        effects,
        `line ${number + 2}: ${JSON.stringify(input)}`,
      );
      state = step.state;
      for (const effect of effects) {
        if (effect.type === 'remember') peers.remember(effect.address, effect.name, effect.deviceType);
        else if (effect.type === 'store') stored = effect.group;
      }
    }
    assert.equal(state.phase.name, 'ended');
  });
}
