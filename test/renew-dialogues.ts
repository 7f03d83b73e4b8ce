import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encoded, parseRecording, plainHead, plainStep, type Readings } from '#src/recording/format.js';
import { firstDifference, play } from '#src/replay/playback.js';
import type { StoredGroup } from '#src/session/model.js';

/**
 * After a wanted change of the session: writes the recorded dialogues with the effects of this version. Look at the
 * difference before committing it. `node test/.build/renew-dialogues.js`
 */
const FOLDER = fileURLToPath(new URL('../fixtures/dialogues/', import.meta.url));

for (const name of readdirSync(FOLDER)) {
  const { segments, notes } = parseRecording(readFileSync(join(FOLDER, name), 'utf8'));
  const lines = segments.flatMap((segment) => {
    const difference = firstDifference(segment);
    if (difference) console.log(name, 'line', difference.step.line, difference.recorded, '→', difference.got);
    const head = JSON.stringify(plainHead(segment.head), (_key, value: unknown) => encoded(value));
    let saved: StoredGroup | undefined;
    const steps = [...play(segment)].map(({ step, before, after, effects, thrown }) => {
      if (thrown !== null) throw new Error(`${name} line ${step.line}: ${thrown}`);
      const { phase: _, world: recorded = {}, ...rest } = step;
      const phase = after.phase.name === before.phase.name ? {} : { phase: after.phase.name };
      // What was saved is what the next step finds.
      const world: Readings = { ...recorded, ...(saved && { stored: saved }) };
      saved = undefined;
      for (const effect of effects) if (effect.type === 'store') saved = effect.group;
      const written = plainStep({
        ...rest,
        ...phase,
        effects,
        ...(Object.keys(world).length > 0 && { world }),
      });
      return JSON.stringify(written, (_key, value: unknown) => encoded(value));
    });
    return [head, ...steps];
  });
  writeFileSync(join(FOLDER, name), `${lines.join('\n')}\n`);
  for (const note of notes) console.log(name, note);
}
