import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { FAULTS, faultNames, faultOf, isFaultName } from '../faults/fault-list.js';
import { cellsOf, replaceRows, rowsIn } from '../faults/fault-table.js';
import { OUTCOMES_VARIABLE, overcome, readOutcomes } from '../faults/outcome.js';

const TESTS = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENT = readFileSync(join(TESTS, '../packaging/docs/faults.md'), 'utf8');

describe('packaging/docs/faults.md agrees with the list of faults', () => {
  const rows = rowsIn(DOCUMENT);

  test('it has each fault of the list, and no other', () => {
    assert.deepEqual([...rows.keys()], faultNames());
    for (const group of Object.keys(FAULTS)) assert.ok(DOCUMENT.includes(`\n## Faults of ${group}\n`), group);
  });

  test('limit and test are those of the list, and no limit is exceeded', () => {
    for (const [name, [, lost = '', seconds = '', most, player]] of rows) {
      assert.ok(isFaultName(name), name);
      assert.deepEqual([name, lost, seconds, most, player], cellsOf(name, lost, seconds));
      const fault = faultOf(name);
      if ('not' in fault.player) continue;
      assert.ok(lost !== '' && seconds !== '', `${name}: lost and seconds`);
      if (fault.most !== undefined) assert.ok(Number(seconds) <= fault.most, name);
    }
  });
});

test('each fault is reported by the test or scenario that the list names', () => {
  const sources = new Map(
    readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('.build'))
      .map((file) => [file, readFileSync(join(TESTS, file), 'utf8')]),
  );
  for (const name of faultNames()) {
    const { player } = faultOf(name);
    if ('not' in player) continue;
    const file = 'scenario' in player ? `radio/scenarios/${player.scenario}.ts` : player.test;
    const text = sources.get(file) ?? '';
    // Faults that are played with two signals have a name with a placeholder.
    const written = [`'${name}'`, `{signal}${name.replace(/^SIG(?:TERM|KILL)/, '')}\``];
    assert.ok(
      written.some((one) => text.includes(one)),
      `${file} reports ${name}`,
    );
    if ('title' in player)
      assert.ok(
        ['test', 'describe'].some((kind) => text.includes(`${kind}('${player.title}'`)),
        `${file}: ${player.title}`,
      );
  }
});

describe('outcomes', () => {
  const FAST = 'a hook crashes';
  const SLOW = 'a hook hangs';
  const LIMITED = 'SIGKILL while the group is formed';
  const EMPTY = 'Text\n<!-- npm run faults -->\n\n<!-- end -->\nMore\n';

  test('the longest time of a fault is put into its row, and the other rows stay', () => {
    const one = replaceRows(EMPTY, [{ fault: SLOW, lost: 'a call', seconds: 3.25 }]);
    assert.deepEqual(rowsIn(one).get(SLOW)?.slice(1, 3), ['a call', '3.3']);
    const two = replaceRows(one, [{ fault: FAST, lost: 'nothing', seconds: 0.01 }]);
    assert.deepEqual(rowsIn(two).get(FAST)?.slice(1, 3), ['nothing', '0']);
    assert.deepEqual(rowsIn(two).get(SLOW), rowsIn(one).get(SLOW));
    assert.match(two, /^Text\n[\s\S]*\nMore\n$/);
    assert.throws(() => replaceRows('Text', []), /no place for the tables/);
  });

  test('a test that reports more than the limit fails; what it reports is appended to the file', (t) => {
    const file = join(temporaryFolder(t), 'outcomes');
    const former = process.env[OUTCOMES_VARIABLE];
    process.env[OUTCOMES_VARIABLE] = file;
    t.after(() => {
      if (former === undefined) delete process.env[OUTCOMES_VARIABLE];
      else process.env[OUTCOMES_VARIABLE] = former;
    });
    const { most } = faultOf(LIMITED);
    overcome(LIMITED, 'nothing', most ?? 0);
    overcome(LIMITED, 'nothing', 1);
    assert.throws(() => overcome(LIMITED, 'nothing', (most ?? 0) + 1), /expected at most 5 s, got 6\.0/);
    assert.deepEqual(readOutcomes(file), [{ fault: LIMITED, lost: 'nothing', seconds: most }]);
  });
});
