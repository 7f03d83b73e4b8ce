import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OPERATOR_EVENTS } from '#src/commands/journal.js';
import { documentOf } from '#src/panel/document.js';
import { languageOf, textsOf } from '#src/panel/language.js';
import { LANGUAGES, TEXTS } from '#src/panel/texts.js';

const PAGE = fileURLToPath(new URL('../../../../src/panel/page', import.meta.url));

function places(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort();
}

test('every text exists in every language, with the same values', () => {
  for (const [key, row] of Object.entries(TEXTS)) {
    assert.deepEqual(Object.keys(row).sort(), [...LANGUAGES].sort(), key);
    for (const text of Object.values(row)) {
      assert.ok(text.trim() === text && text !== '', key);
      assert.deepEqual(places(text), places(row.en), `${key}: ${text}`);
    }
  }
});

test('every event has a text, and every text is used', () => {
  const sources = readdirSync(PAGE)
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(PAGE, name), 'utf8'));
  const own = readFileSync(join(PAGE, '../document.ts'), 'utf8');
  const used = new Set(
    [...[...sources, own].join('\n').matchAll(/'(\w+)'|texts\.(\w+)/g)].flatMap(([, a, b]) => [a, b]),
  );
  const events = new Set<string>(OPERATOR_EVENTS);
  for (const event of events) assert.ok(Object.hasOwn(TEXTS, event), event);
  for (const key of Object.keys(TEXTS)) assert.ok(used.has(key) || events.has(key), `${key} is not used`);
});

test('the language is the best one that the browser accepts', () => {
  for (const [accepted, language] of [
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['ja,fr;q=0.5,es;q=0.7', 'es'],
    ['fr;q=0,es;q=0.1', 'es'],
    ['ja,zh', 'en'],
    ['EN-us', 'en'],
    ['FR', 'fr'],
    ['de;q=x,es', 'de'],
    ['*', 'en'],
    [',;=,;q=,', 'en'],
    ['__proto__,de;q=0.1', 'de'],
  ] as const)
    assert.equal(languageOf(accepted), language, String(accepted));
});

test('the document has the texts of its language, and no text can end the block of data', () => {
  for (const language of LANGUAGES) {
    const html = documentOf({ kind: 'panel', language, version: '1.2.3', locked: false });
    assert.match(html, new RegExp(`<html lang="${language}">`));
    const [, data = ''] = /<script type="application\/json" id="setup">(.*)<\/script>/.exec(html) ?? [];
    assert.doesNotMatch(data, /</);
    assert.deepEqual(JSON.parse(data).texts, textsOf(language));
  }
});
