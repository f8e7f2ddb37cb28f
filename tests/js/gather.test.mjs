/** What the sheet of one's own codes says of each, put together from the files of a site that is written out here. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { sheetOf } from '../../assets/js/mycodes/gather.js';

const edition = { quarter: '2026 Q3', version: 'v322r0', first: '2026-07-01', last: '2026-09-30' };
const FILES = {
  // 00099, which is deleted, 27447, 97760, 97761, and 97762, which is deleted.
  '/index.json': { v: 1, codes: '0000990274470977604142', names: ['', 'Knee', 'Training'], name: '0,1,2*2,0', labels: ['Deleted'], label: '-1,1,2*2,-1', kinds: ['code', 'deleted'], kind: '1,0*3,1' },
  '/book.json': { against: 'RVU26B', modifiers: ['26 TC', '50'], of: { 97760: 0, 27447: 1 }, added: ['97760'], changed: { 97761: ['Of the book.'], 27447: ['Status A to C.'] } },
  '/desk.json': { sets: [{ folder: '/claims/rvu26c/', ptp: edition }, { folder: '/claims/rvu24c/', ptp: { ...edition, first: '2024-07-01', last: '2024-09-30' } }], indicators: { 0: 'never', 1: 'may' } },
  // 97761 with 27447 ended in January; 97760 with 97761 stands, and a row that was taken back does not.
  '/claims/rvu26c/977.json': { ptp: { 97760: [['1', '', '*', 'R', '97761 97763'], ['9', '', '*', 'R', '27447']], 97761: [['0', '', '2026-01-31', 'R', '27447']] } },
  '/data/v1/codes/27447.json': { name: 'Knee replacement' },
  '/data/v1/codes/97760.json': { name: 'Orthotic training' },
  '/data/v1/codes/97761.json': { name: 'Prosthetic training', changes: { lines: [{ text: 'Of its page.' }, 'As text.'] } },
  '/data/v1/claims/gone.json': { 97762: { by: ['97763', '97761'], say: 'Bill 97763.' } },
  '/book-alone.json': { against: '', modifiers: [], of: {}, added: [], changed: {} },
  '/desk-without.json': { sets: [], indicators: {} },
  '/desk-plain.json': { sets: [{ folder: '/claims/rvu26c/', ptp: { ...edition, version: '' } }], indicators: {} },
};

before(() => {
  globalThis.document = /** @type {any} */ ({ documentElement: { dataset: { codes: '/index.json' } } });
  globalThis.fetch = /** @type {any} */ (async (url) => (url in FILES ? { ok: true, status: 200, json: async () => FILES[url] } : { ok: false, status: 404, statusText: 'Not Found' }));
});
after(() => {
  delete globalThis.document;
});

describe("the sheet of one's own codes", () => {
  it('has name, modifiers, what changed and the number of edits of each code; its own page knows more than the book', async () => {
    const { lines, pairs, set, indicators, against } = await sheetOf(['97760', '97761', '27447'], { book: '/book.json', claims: '/desk.json', release: 'RVU26C' });
    assert.deepEqual(lines.map(({ twin, ...rest }) => ({ ...rest, there: Boolean(twin) })), [
      { code: '97760', there: true, gone: '', by: [], name: 'Orthotic training', modifiers: '26 TC', changed: ['New: it is not in RVU26B.'], edits: 1 },
      { code: '97761', there: true, gone: '', by: [], name: 'Prosthetic training', modifiers: '', changed: ['Of its page.', 'As text.'], edits: 1 },
      { code: '27447', there: true, gone: '', by: [], name: 'Knee replacement', modifiers: '50', changed: ['Status A to C.'], edits: 0 },
    ]);
    assert.deepEqual(pairs, [{ one: '97760', two: '97761', indicator: '1' }]);
    assert.deepEqual([set, indicators, against], ['2026 Q3 (v322r0)', { 0: 'never', 1: 'may' }, 'RVU26B']);
  });

  it('says of a deleted code what stands in its place, and of an unknown one where else it may be paid', async () => {
    const { lines } = await sheetOf(['97762', '00099', 'K1234', '0001U', '99999'], { book: '/book.json', claims: '/desk.json', release: 'RVU26C' });
    assert.deepEqual(lines.map(({ gone }) => gone), [
      'Deleted, not in RVU26C: see 97763 or 97761. Bill 97763.',
      'Deleted, not in RVU26C.',
      'Not a code of RVU26C: look at how it is written. Laboratory, equipment, and hospital codes have other fee schedules.',
      'Not a code of RVU26C: look at how it is written. Laboratory, equipment, and hospital codes have other fee schedules.',
      'Not a code of RVU26C: look at how it is written.',
    ]);
    assert.deepEqual(lines.map(({ twin, by, changed, edits }) => [twin, by.length, changed, edits]), [[null, 2, null, 0], [null, 0, null, 0], [null, 0, null, 0], [null, 0, null, 0], [null, 0, null, 0]]);
  });

  it('without a release before it or a set of edits says nothing of them; a set without a version is its quarter', async () => {
    const alone = await sheetOf(['97760'], { book: '/book-alone.json', claims: '/desk-without.json', release: 'RVU26C' });
    assert.deepEqual([alone.lines[0].changed, alone.pairs, alone.set, alone.indicators, alone.against], [null, [], '', {}, '']);
    assert.equal((await sheetOf(['97760'], { book: '/book.json', claims: '/desk-plain.json', release: 'RVU26C' })).set, '2026 Q3');
  });
});
