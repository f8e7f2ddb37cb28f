/**
 * Keys of the closed lists stay: reports hold them, and their order says which were in a list when something was shown.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { LISTS, PAIRS, PARTS, schema } from '../../netlify/functions/lib/lists.mjs';

/** The keys as they were when this was written; where a key came since, it may be added here, at the end of its list. */
const pinned = JSON.parse(await readFile(new URL('keys.json', import.meta.url), 'utf8'));

describe('the keys of content/field.yml', () => {
  for (const part of PARTS) {
    it(`are all there among ${part}, in the order in which they came; new ones stand behind them`, () => {
      assert.ok(pinned[part].length > 4);
      assert.deepEqual(LISTS[part].slice(0, pinned[part].length), pinned[part], 'a key was taken out, renamed or moved: put it back into content/field.yml and netlify/functions/lib/keys.json');
      assert.equal(new Set(LISTS[part]).size, LISTS[part].length);
    });
  }

  it('that are not counted are never taken out either', () => {
    const { modifier, role, state } = schema.properties;
    for (const key of ['none', 'other', '25', '59', 'XE', 'GP']) assert.ok(modifier.enum.includes(key), key);
    assert.deepEqual(role.enum.slice(0, 5), ['biller', 'coder', 'practitioner', 'manager', 'other']);
    assert.ok(state.enum.length >= 56);
  });

  it('say for every outcome what may be named with it: what worked where the claim was paid, else that nothing did', () => {
    assert.deepEqual(PAIRS.map(({ outcomes, most }) => [outcomes, most]), [[['paid_corrected', 'paid_appeal'], 3], [['upheld', 'written_off', 'pending'], 1]]);
    assert.deepEqual(PAIRS[1].worked, ['nothing_worked']);
    assert.equal(PAIRS[0].worked.length, LISTS.worked.length - 1);
  });
});
