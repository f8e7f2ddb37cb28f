/**
 * What is said of a code that is gone. Expected: 97762 was deleted on January 1, 2018, and 97763 took its place (NCCI Policy Manual,
 * chapter XI, section P).
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { tell } from '../../assets/js/claim/gone.js';

const KNOWN = {
  97762: { by: ['97763'], since: '2018-01-01', say: 'Bill every later encounter with 97763.', sure: true },
  99217: { by: ['99238', '99239'], since: '2023-01-01', say: 'Discharge from observation is discharge from the hospital.', sure: false },
  99201: { last: 'RVU20D', first: 'RVU21D', from: '2021-10-01' },
};

/** What becomes of a finding. @param {string} code @param {string} [day] @param {string[]} [there] codes that the release of the day has */
async function told(code, day = '', there = ['97763', '99238', '99239']) {
  const finding = { say: `${code} is unknown.`, why: '', do: '', sources: [] };
  await tell([finding], { code: () => code, day, load: async () => KNOWN, there: async (codes) => codes.filter((one) => there.includes(one)) });
  return finding;
}

describe('a code that is gone', () => {
  it('is said to be deleted, since when, and what one code took its place: that may be put there', async () => {
    const { say, why, do: next, codes, instead, sources } = await told('97762');
    assert.equal(say, '97762 is deleted: not valid since January 1, 2018.');
    assert.deepEqual([why, next], ['Bill every later encounter with 97763.', 'Bill 97763 instead.']);
    assert.deepEqual([codes, instead], [['97763'], { old: '97762', now: '97763' }]);
    assert.deepEqual(sources, [['97762, no longer in use', '/codes/97762/']]);
  });
  it('of several that took its place none is put there; what no primary text says is marked', async () => {
    const { why, do: next, codes, instead } = await told('99217');
    assert.equal(next, 'Bill the one that fits instead: 99238 or 99239.');
    assert.match(why, /^Discharge .* not verified from a primary text/);
    assert.deepEqual([codes, instead], [['99238', '99239'], undefined]);
  });
  it('of those that its release lacks nothing is offered, and what is said of all of them is not said', async () => {
    const { why, do: next, instead } = await told('99217', '', ['99238']);
    assert.deepEqual([why, next, instead], ['', 'Bill 99238 instead.', undefined]);
  });
  it('without a day and a successor on record the releases tell between which it went', async () => {
    const { say, do: next, instead } = await told('99201');
    assert.equal(say, "99201 is deleted: in CMS's file until RVU20D, not since RVU21D.");
    assert.deepEqual([next, instead], ['Find the code that stands for the service, or take the line off.', undefined]);
  });
  it('on a day before it went, the finding stays as it was, with its page beside it', async () => {
    assert.deepEqual((await told('97762', '2017-12-31')).say, '97762 is unknown.');
    assert.deepEqual((await told('97762', '2018-01-01')).do, 'Bill 97763 instead.');
    assert.deepEqual((await told('99201', '2021-09-30')).say, '99201 is unknown.');
    assert.equal((await told('97762', '2017-12-31')).sources.length, 1);
  });
  it('a code that never was is left alone', async () => {
    assert.deepEqual(await told('00009'), { say: '00009 is unknown.', why: '', do: '', sources: [] });
  });
});
