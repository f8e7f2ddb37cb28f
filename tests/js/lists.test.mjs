/** Lists that scripts read and put in order: edits of a code, what changed, one's own codes. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import * as changes from '../../assets/js/changes/rows.js';
import * as edits from '../../assets/js/edits/rows.js';
import { address, asked, join, keep, kept, named, read } from '../../assets/js/mycodes/list.js';

describe('the edits of a code', () => {
  const csv = ['Column 1,Column 2,Modifier indicator,Effective,Deleted,Rationale,In force', '11042,97597,0,2016-01-01,none,Standards of practice,yes', '11042,97602,1,2010-01-01,2015-12-31,"One, two ""three""",no', '11042,97602,1,2020-01-01,none,Misuse,yes', '10060,11042,1,,none,Standards of practice,yes', ''].join('\r\n');
  const rows = edits.parse(csv, '11042', new Map([['97597', 'Wound care']]));
  const seen = (some) => some.map(({ other, effective }) => `${other} ${effective}`.trim());
  const fits = (filter) => seen(edits.fitting(rows, { words: '', indicator: '', ended: true, ...filter }));

  it('each row says which side the code is on, the other code with its name, and whether it is in force', () => {
    assert.equal(rows.length, 4);
    assert.deepEqual(rows[0], { one: true, other: '97597', indicator: '0', effective: '2016-01-01', deleted: 'none', rationale: 'Standards of practice', held: true, name: 'Wound care', text: '97597 wound care standards of practice' });
    assert.deepEqual([rows[1].rationale, rows[1].held, rows[1].deleted, rows[1].name], ['One, two "three"', false, '2015-12-31', '']);
    assert.deepEqual([rows[3].one, rows[3].other, rows[3].effective], [false, '10060', '']);
  });

  it('ended ones are left out unless asked for; an indicator is that one alone', () => {
    assert.deepEqual(fits({ ended: false }), ['97597 2016-01-01', '97602 2020-01-01', '10060']);
    assert.deepEqual(fits({ indicator: '0' }), ['97597 2016-01-01']);
    assert.deepEqual(fits({ indicator: '1', ended: false }), ['97602 2020-01-01', '10060']);
    assert.equal(fits({}).length, 4);
  });

  it('each word must stand in a row, whatever its case; digits are the beginning of the other code', () => {
    assert.deepEqual(fits({ words: ' WOUND practice ' }), ['97597 2016-01-01']);
    assert.deepEqual(fits({ words: '976' }), ['97602 2010-01-01', '97602 2020-01-01']);
    assert.deepEqual(fits({ words: '7602' }), []);
    assert.deepEqual(fits({ words: '976 misuse' }), ['97602 2020-01-01']);
  });

  it('in order of a field, forth and back; what is alike by code, then by day', () => {
    assert.deepEqual(seen(edits.ordered(rows, 'other', false)), ['10060', '97597 2016-01-01', '97602 2010-01-01', '97602 2020-01-01']);
    assert.deepEqual(seen(edits.ordered(rows, 'other', true)), ['97602 2010-01-01', '97602 2020-01-01', '97597 2016-01-01', '10060']);
    assert.deepEqual(seen(edits.ordered(rows, 'indicator', true)), ['10060', '97602 2010-01-01', '97602 2020-01-01', '97597 2016-01-01']);
    assert.deepEqual(seen(edits.ordered(rows, 'effective', true)), ['97602 2020-01-01', '97597 2016-01-01', '97602 2010-01-01', '10060']);
    assert.deepEqual(seen(edits.ordered([...rows].reverse(), 'indicator', false)), ['97597 2016-01-01', '10060', '97602 2010-01-01', '97602 2020-01-01']);
  });
});

describe('what changed', () => {
  it('CSV with quotes, doubled quotes, signs and line breaks inside them, blank cells and any line end', () => {
    assert.deepEqual(changes.parse('a,b,c\r\n"x, y","say ""no""",\r\n"two\nlines",,3\n'), [['a', 'b', 'c'], ['x, y', 'say "no"', ''], ['two\nlines', '', '3']]);
    assert.deepEqual(changes.parse('a,""\n"",b'), [['a', ''], ['', 'b']]);
    assert.deepEqual(changes.parse(''), []);
  });

  it('money has its dollar sign, a change its own sign before it; text, figures and blanks stay', () => {
    for (const [cell, kind, text] of [['20.00', 'change', '+$20.00'], ['-1234.50', 'change', '−$1,234.50'], ['0.00', 'change', '$0.00'], ['1234567.00', 'money', '$1,234,567.00'], ['999.99', 'money', '$999.99'], ['1.010', 'number', '1.010'], ['', 'money', ''], ['26', 'text', '26']]) assert.equal(changes.shown(cell, kind), text, `${cell} ${kind}`);
  });

  it('rows hold every word, each in some cell', () => {
    const rows = [['99213', 'Office visit'], ['97761', 'Prosthetic training'], ['99214', 'Office visit, longer']];
    assert.deepEqual(changes.fitting(rows, ' OFFICE  992 '), [rows[0], rows[2]]);
    assert.deepEqual(changes.fitting(rows, 'office 97761'), []);
    assert.deepEqual(changes.fitting(rows, ' '), rows);
  });

  it('figures are ordered by their size, text by letter; blanks last either way, equals as they stood', () => {
    const rows = [['a', '−$9.00'], ['b', ''], ['c', '+$1,000.00'], ['d', '+$20.00'], ['e', '+$20.00'], ['f', '']];
    const order = (...by) => changes.ordered(rows, ...by).map(([name]) => name).join('');
    assert.equal(order(1, 'change', false), 'adecbf');
    assert.equal(order(1, 'change', true), 'cdeabf');
    assert.equal(order(0, 'code', true), 'fedcba');
    assert.equal(changes.ordered([['9'], ['10'], ['-2.5']], 0, 'number', false).join(), '-2.5,9,10');
    assert.equal(changes.ordered([['9'], ['10']], 0, 'text', false).join(), '10,9');
    for (const backwards of [false, true]) assert.equal(changes.ordered([['x', 2], ['x', 1], ['x', 3]], 0, 'text', backwards).join(), 'x,2,x,1,x,3');
  });
});

describe("one's own codes", () => {
  afterEach(() => {
    delete globalThis.localStorage;
  });

  it('codes are read out of any text, each once; words beside them that say nothing of a code are counted', () => {
    assert.deepEqual(read('97110, 97110-GP x2\nj1100; 0042t ９９２１３'), { codes: ['97110', 'J1100', '0042T', '99213'], words: 0 });
    assert.deepEqual(read('CPT codes 59 units 99213 evaluation W1234 1234 123456'), { codes: ['99213'], words: 4 });
    assert.deepEqual(read(''), { codes: [], words: 0 });
  });

  it('a list takes codes as far as there is room, and says which it had and which it did not take', () => {
    assert.deepEqual(join(['A0001', 'A0002'], ['A0002', 'A0003', 'A0004'], 3), { list: ['A0001', 'A0002', 'A0003'], added: ['A0003'], already: ['A0002'], left: ['A0004'] });
    assert.deepEqual(join(['A0001', 'A0002'], ['A0003'], 1), { list: ['A0001', 'A0002'], added: [], already: [], left: ['A0003'] });
  });

  it('an address names a list, or codes to add, and is written so', () => {
    assert.deepEqual(named('?codes=97110,99213&x=1'), { codes: ['97110', '99213'], words: 0 });
    assert.deepEqual(named('?codes='), { codes: [], words: 0 });
    assert.equal(named('?x=97110'), null);
    assert.deepEqual([asked('#add=97110'), asked('#list'), asked('')], [['97110'], [], []]);
    assert.deepEqual([address(['97110', '99213']), address([])], ['?codes=97110,99213', '']);
  });

  it('a browser keeps a list, or takes an empty one away; where it forbids storage nothing fails', () => {
    const held = new Map();
    globalThis.localStorage = { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => held.set(key, value), removeItem: (key) => held.delete(key) };
    assert.equal(keep(['97110', '99213']), true);
    assert.deepEqual([...held.values()], ['97110,99213']);
    assert.deepEqual([kept(5), kept(1)], [['97110', '99213'], ['97110']]);
    assert.equal(keep([]), true);
    assert.equal(held.size, 0);
    assert.deepEqual(kept(5), []);
    globalThis.localStorage = { getItem() { throw new Error('no'); }, setItem() { throw new Error('no'); } };
    assert.deepEqual([kept(5), keep(['97110'])], [[], false]);
  });
});
