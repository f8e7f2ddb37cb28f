/** The claim desk's reading of text, its choice of editions, and the list of edits: pure functions, without a page. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { lined, written } from '../../assets/js/claim/lines.js';
import { readLines } from '../../assets/js/claim/read.js';
import { choose, edit, holds } from '../../assets/js/claim/sets.js';
import { fitting, ordered, parse } from '../../assets/js/edits/rows.js';

const MODIFIERS = new Set(['24', '25', '26', '50', '57', '59', '76', '80', 'GA', 'GO', 'GP', 'KX', 'LT', 'RT', 'TC', 'XE', 'XS', 'XU']);
const known = (modifier) => MODIFIERS.has(modifier);
const read = (text) => readLines(text, known).lines.map(written);

describe('what people type', () => {
  for (const [typed, lines] of [
    ['45385-59 x1', ['45385-59x1']],
    ['45385', ['45385x1']],
    ['97110 GP 2', ['97110-GPx2']],
    ['97110-GP x 2', ['97110-GPx2']],
    ['97110GPx2', ['97110-GPx2']],
    ['97530GP-59', ['97530-GP-59x1']],
    ['97530-GP-59x2', ['97530-GP-59x2']],
    ['99213,25', ['99213-25x1']],
    ['99213;25;1', ['99213-25x1']],
    ['99213\t25\t2', ['99213-25x2']],
    ['1. 97530GP×3', ['97530-GPx3']],
    ['2) 97140 gp 59 2 units', ['97140-GP-59x2']],
    ['20610 RT LT x 2 units', ['20610-RT-LTx2']],
    ['j1100 x4', ['J1100x4']],
    ['0446T', ['0446Tx1']],
    ['G0439', ['G0439x1']],
    ['９９２１３　２５', ['99213-25x1']],
    ['97112 units 3', ['97112x3']],
    ['97140 qty: 3', ['97140x3']],
    ['99213\u00a025', ['99213-25x1']],
    ['45385 45380-59 45378', ['45385x1', '45380-59x1', '45378x1']],
    ['45385\r\n45380-59\n\n45378', ['45385x1', '45380-59x1', '45378x1']],
    ['97110 GP 10', ['97110-GPx10']],
    ['97110 x 25', ['97110x25']],
  ]) {
    it(`${JSON.stringify(typed)} is ${lines.join(', ')}`, () => assert.deepEqual(read(typed), lines));
  }

  it('a table with named columns takes code, modifiers and units out of it, and nothing else', () => {
    const table = 'Claim,Patient,CPT,Mod 1,Mod 2,Units,Charge\n10001,Oak,99213,25,,1,125.00\n10002,Elm,20610,RT,59,2,200.00\n';
    const { lines, dropped } = readLines(table, known);
    assert.deepEqual({ lines, dropped }, { lines: lined('99213-25x1,20610-RT-59x2').map((line) => ({ code: line.code, modifiers: line.modifiers, units: line.units })), dropped: 6 });
  });

  for (const [typed, lines] of [
    ['Heron, Lark 99213 25 1', ['99213-25x1']],
    ['99213 25 DOB 01/02/1950 MRN 1234567 $125.00', ['99213-25x1']],
    ['1234567', []],
    ['12345-6789', []],
    ['123-45-6789', []],
    ['555-123-4567 99213', ['99213x1']],
    ['99213.00', []],
    ['$99213', []],
    ['2026-08-03', []],
    ['19500102', []],
    ['HERON FINCH', []],
    ['99213 10001 Elm', ['99213x1']],
    ['2061050', []],
    ['<img src=x onerror=alert(1)>99213', []],
    ['lark.elm@99213.example', []],
    ['1EG4-TE5-MK73 99214', ['99214x1']],
  ]) {
    it(`of ${JSON.stringify(typed)} only codes, modifiers and numbers stay`, () => assert.deepEqual(read(typed), lines));
  }

  it('says how many words were dropped, and never which', () => {
    const found = readLines('Oak 99213 25 born 1950', known);
    assert.equal(found.dropped, 3);
    assert.doesNotMatch(JSON.stringify(found), /Oak|OAK|born|1950/i);
  });

  it('an address gives back the lines it was made of, and nothing that is none', () => {
    const text = '45385-59x2,01402-AAx1b7m60,97110x1';
    assert.equal(lined(text).map(written).join(','), text);
    assert.deepEqual(lined('Heron,<b>,99213,45385-59x0,1234567,../x,97110x2').map(written), ['99213x1', '97110x2']);
  });

  it('reads any text without failing, into nothing but codes, modifiers and numbers', () => {
    let seed = 7;
    const draw = (most) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
    const parts = ['99213', '25', 'x', '-', ' ', ',', '\n', '"', 'Elm', '1950', '/', 'GP', '00', '×', '\u202e', '{', 'J1100', '\t', ';', '999', 'A1', '5'];
    for (let turn = 0; turn < 3000; turn++) {
      const text = Array.from({ length: 1 + draw(12) }, () => parts[draw(parts.length)]).join('');
      for (const line of readLines(text, known).lines) {
        assert.match(written(line), /^(\d{4}[\dA-Z]|[A-Z]\d{4})(-[\dA-Z]{2})*x[1-9]\d{0,2}$/, text);
        assert.equal(written(lined(written(line))[0]), written(line));
      }
    }
  });
});

const edition = (quarter, first, last) => ({ quarter, version: '', first, last });
const SETS = [
  { release: 'RVU24C', folder: '/a/', ptp: edition('2024 Q3', '2024-07-01', '2024-09-30'), mue: null, aoc: null },
  { release: 'RVU26C', folder: '/b/', ptp: edition('2026 Q3', '2026-07-01', '2026-09-30'), mue: edition('2026 Q2', '2026-04-01', '2026-06-30'), aoc: null },
];

describe('which edition answers', () => {
  for (const [day, quarter, relation, judged] of [
    ['2024-08-15', '2024 Q3', 'in_force', '2024-08-15'],
    ['2024-07-01', '2024 Q3', 'in_force', '2024-07-01'],
    ['2024-10-01', '2026 Q3', 'newer_only', '2024-10-01'],
    ['2020-01-01', '2024 Q3', 'newer_only', '2020-01-01'],
    ['2026-11-25', '2026 Q3', 'older_only', '2026-09-30'],
    ['', '2026 Q3', 'newest', '2026-09-30'],
  ]) {
    it(`${day || 'no day'}: ${quarter}, ${relation}`, () => {
      const { edition: found, relation: how, day: at } = choose(SETS, 'ptp', day);
      assert.deepEqual([found.quarter, how, at], [quarter, relation, judged]);
    });
  }

  it('each table has its own', () => {
    assert.equal(choose(SETS, 'mue', '2024-08-15').relation, 'newer_only');
    assert.equal(choose(SETS, 'aoc', '2024-08-15'), null);
  });

  it('a row holds from its first to its last day; what is not known does not end it', () => {
    assert.deepEqual(
      [['2024-01-01', '2024-06-30', '2024-06-30'], ['2024-01-01', '2024-06-30', '2024-07-01'], ['2024-01-02', '*', '2024-01-01'], ['', '*', '2024-01-01'], ['', '', '2024-01-01']].map((row) => holds(...row)),
      [true, false, false, true, true],
    );
  });

  const on = (groups, day) => edit(groups, '97597', choose(SETS, 'ptp', day));
  it('of several rows the one with the latest first day counts', () => {
    const groups = [['1', '2010-01-01', '*', '', '97597'], ['0', '2016-01-01', '*', '', '97597']];
    assert.equal(on(groups, '2024-08-15').indicator, '0');
    assert.equal(on([...groups].reverse(), '2024-08-15').indicator, '0');
  });
  it('of rows without a first day the one that ends first, among those that have not ended', () => {
    const groups = [['0', '', '*', '', '97597'], ['1', '', '2024-12-31', '', '97597'], ['0', '', '2019-12-31', '', '97597']];
    assert.equal(on(groups, '2024-08-15').indicator, '1');
    assert.equal(on([...groups].reverse(), '2024-08-15').indicator, '1');
    assert.equal(on(groups.slice(0, 1), '2024-08-15').dated, true);
  });
  it('the order of rows that are alike in their days decides nothing: a denial that no modifier lifts is not missed', () => {
    const groups = [['1', '2010-01-01', '*', '', '97597'], ['0', '2010-01-01', '*', '', '97597']];
    assert.deepEqual([groups, [...groups].reverse()].map((rows) => on(rows, '2024-08-15').indicator), ['0', '0']);
  });
  it('a row that was taken back, or has ended, is none', () => {
    assert.equal(on([['9', '2010-01-01', '2010-01-01', '', '97597'], ['1', '2010-01-01', '2015-12-31', '', '97597']], '2024-08-15'), null);
  });
  it('a code is found whole, never across two', () => {
    assert.equal(on([['1', '', '*', '', '19759 79999']], '2024-08-15'), null);
  });
  it('a row without a first day is doubtful for a day before its set', () => {
    assert.equal(on([['1', '', '*', '', '97597']], '2025-05-01').dated, false);
    assert.equal(on([['1', '2020-01-01', '*', '', '97597']], '2025-05-01').dated, true);
  });
});

describe('the list of edits', () => {
  const csv = ['Column 1,Column 2,Modifier indicator,a,b,c,d', '97761,36000,0,2020-01-01,none,"One, ""two""",yes', '97761,97110,1,,none,,yes', '97761,97150,9,2019-01-01,2019-01-01,Reason,no', '0213T,97761,1,,none,,yes', ''].join('\r\n');
  const rows = parse(csv, '97761', new Map([['97110', 'Exercise']]));

  it('keeps the columns apart and quoted commas together', () => {
    assert.deepEqual(rows.map(({ one, other, held }) => [one, other, held]), [[true, '36000', true], [true, '97110', true], [true, '97150', false], [false, '0213T', true]]);
    assert.equal(rows[0].rationale, 'One, "two"');
    assert.equal(rows[1].name, 'Exercise');
  });
  it('filters by the beginning of a code, by words of name and reason, by indicator; ended ones only when asked for', () => {
    const found = (words, indicator = '', ended = false) => fitting(rows, { words, indicator, ended }).map(({ other }) => other);
    assert.deepEqual(found('97'), ['97110']);
    assert.deepEqual(found('exer'), ['97110']);
    assert.deepEqual(found('two one'), ['36000']);
    assert.deepEqual(found('', '1'), ['97110', '0213T']);
    assert.deepEqual(found('', '9', true), ['97150']);
    assert.deepEqual(found('', '', true).length, 4);
    assert.deepEqual(found('nothing'), []);
  });
  it('orders by any column, then by code', () => {
    assert.deepEqual(ordered(rows, 'indicator', false).map(({ other }) => other), ['36000', '0213T', '97110', '97150']);
    assert.deepEqual(ordered(rows, 'other', true).map(({ other }) => other), ['97150', '97110', '36000', '0213T']);
  });
});
