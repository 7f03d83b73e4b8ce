import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UNPRINTABLE } from '#src/system/names.js';
import { describe as described, inQuotes } from '#src/system/values.js';

describe('texts from outside in messages', () => {
  test('in quotes, no character is left that a terminal acts on, and the text can be read back', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      const shown = inQuotes(text);
      assert.doesNotMatch(shown, new RegExp(UNPRINTABLE.source, 'u'), `U+${code.toString(16)}`);
      assert.equal(JSON.parse(shown), text);
    }
  });

  test('a value is described in the same way', () => {
    assert.equal(described('N\u007fne'), String.raw`"N\u007fne"`);
    assert.equal(described('none'), '"none"');
  });
});
