/** What the claim desk reads out of pasted tables and sentences, and what it never takes for a code or for units. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { placeOf } from '../../assets/js/calculator/places.js';
import { lined, written } from '../../assets/js/claim/lines.js';
import { readLines } from '../../assets/js/claim/read.js';
import { sentences } from '../../assets/js/claim/told.js';

const MODIFIERS = new Set(['22', '24', '25', '26', '50', '57', '59', '95', 'GP', 'KX', 'LT', 'MG', 'QX', 'RT', 'TA', 'XE', 'XU']);
const known = (modifier) => MODIFIERS.has(modifier);

/** Rows of what was typed, the lines that it says, and how many of its words are none of them. */
const CASES = [
  // Codes with what is attached to them, as the address and other programs write them.
  ['97110-GPx2', ['97110-GPx2'], 0],
  ['20610-RT-LTx2', ['20610-RT-LTx2'], 0],
  ['97530-GP-XUx3', ['97530-GP-XUx3'], 0],
  ['0446TGP', ['0446T-GPx1'], 0],
  ['J1100RT x2', ['J1100-RTx2'], 0],
  ['CPT:99213-25', ['99213-25x1'], 0],
  ['99213 -25', ['99213-25x1'], 0],
  ['45385 - 59 x 1', ['45385-59x1'], 0],
  ['97110 GP 2.0', ['97110-GPx2'], 0],
  // Signs that word processors put in the place of a hyphen and an x.
  ['45385\u201359\u00d72', ['45385-59x2'], 0],
  ['45385\u221259\u27152', ['45385-59x2'], 0],
  // Several codes in a sentence.
  ['CPT: 99213, 20610.', ['99213x1', '20610x1'], 0],
  ['99213 and 20610 RT', ['99213x1', '20610-RTx1'], 0],
  // Tables without a head.
  ['1,99213,25,1', ['99213-25x1'], 1],
  ['10001,Oak,99213,25,1', ['99213-25x1'], 2],
  ['"Oak, Wren",99213,25,1,125.00', ['99213-25x1'], 3],
  ['A1234 Oak 99213 25', ['99213-25x1'], 2],
  // Tables with one: what separates cells may stand in quotes, and a comma in a cell of a table with tabs.
  ['CPT,Patient,Mods,Units\n99213,"Oak, Wren","25,59",2', ['99213-25-59x2'], 1],
  ['Patient,CPT,Units\n"Oak ""Ox"", Wren",99213,2', ['99213x2'], 1],
  ['Patient\tCode\tMod\tQty\nRoe, Wren\t99213\t25\t1', ['99213-25x1'], 1],
  ['Code;Units\n"99213-25";"2.00"', ['99213-25x2'], 0],
  ['Date,CPT,Mod1,Mod2,Units\n08/03/2026,97110,GP,59,3', ['97110-GP-59x3'], 1],
  ['Units|Modifier|Procedure code\n3|GP|97110', ['97110-GPx3'], 0],
  // A number that a word calls something else, or that follows a word that was dropped.
  ['MRN 55512 99213', ['99213x1'], 2],
  ['MRN: 55512\n99213', ['99213x1'], 2],
  ['acct 55512', [], 2],
  ['ZIP 13202', [], 2],
  ['NY 13202 99213', ['99213x1'], 2],
  ['99213 Elm 10001', ['99213x1'], 2],
  ['99213 age 67 25', ['99213-25x1'], 2],
  // Telephone numbers and dates in words are not units.
  ['99213 (315) 555-1234', ['99213x1'], 1],
  ['99213 315-555-1234', ['99213x1'], 1],
  ['99213 315 555 1234', ['99213x1'], 1],
  ['99213 Aug 3, 2026', ['99213x1'], 1],
  ['99213 3 August 1950 25', ['99213-25x1'], 1],
  ['99213 DOB 3 Aug 1950', ['99213x1'], 2],
  ['May 99213 25', ['99213-25x1'], 1],
  // What a sentence measures is no units and no modifier: one unit may stand for 15 minutes, for 10 mg or for 20 square cm. Minutes and
  // base units of anesthesia are what its line is paid by (chapter 12, section 50).
  ['99214 30 minutes', ['99214x1'], 1],
  ['97110 GP 45 min', ['97110-GPx1'], 1],
  ['97110 GP 3 units (45 min), 97140 GP 1 unit (15 min)', ['97110-GPx3', '97140-GPx1'], 2],
  ['97110 3 units GP, 97140 units 2', ['97110-GPx3', '97140x2'], 0],
  ['J3301 40 mg x 4', ['J3301x4'], 1],
  ['11042 20 sq cm', ['11042x1'], 1],
  ['70553 26 MG', ['70553-26-MGx1'], 0],
  ['00840-QX 95 min', ['00840-QXx1m95'], 0],
  ['00840 QX 120min 6 base units', ['00840-QXx1b6m120'], 0],
  ['time 30 min 99214', ['99214x1'], 2],
  // Diagnosis codes, and letters that begin no code.
  ['M17.11 20610 RT', ['20610-RTx1'], 1],
  ['Z1234 99213', ['99213x1'], 1],
  ['W9999', [], 1],
  ['99213-25-1', [], 1],
];

describe('what is read out of pasted text', () => {
  for (const [typed, lines, dropped] of CASES) {
    it(`${JSON.stringify(typed)}: ${lines.join(', ') || 'nothing'}`, () => {
      const found = readLines(typed, known);
      assert.deepEqual([found.lines.map(written), found.dropped], [lines, dropped]);
    });
  }

  it('what the address has is read back as the same lines', () => {
    const text = '97110-GPx2,20610-RT-LTx2,0446T-GPx1,J1100-XUx3,99213-25x1';
    assert.deepEqual(readLines(text.replaceAll(',', '\n'), known).lines.map(written), text.split(','));
    assert.deepEqual(lined(text).map(written), text.split(','));
  });

  it('is fetched by itself: a module that it imported would be inside another script, and not there', () => {
    assert.doesNotMatch(readFileSync(new URL('../../assets/js/claim/read.js', import.meta.url), 'utf8'), /^import /m);
  });

  it('takes in a row of any length', () => {
    assert.equal(readLines('99213 '.repeat(200000), known).lines.length, 200000);
    const { lines, dropped } = readLines('9'.repeat(300000), known);
    assert.deepEqual({ lines, dropped }, { lines: [], dropped: 1 });
  });

  it('words that follow a code never become modifiers unless they are one', () => {
    assert.deepEqual(readLines('99213 JO LI TA', known).lines.map(written), ['99213-TAx1']);
  });
});

describe('what is said of a text', () => {
  /** Rows that were pasted, the lines that are read, and every sentence about them; a claim is empty and takes 25 lines. */
  const LAYOUTS = {
    'the wording of CMS-1500: units under "Days or Units", one place in all rows': [
      '24A. Date(s) of service\t24B. Place of service\t24D. Procedures\tModifier\t24G. Days or Units\n08/03/2026\t22\t97110\tGP\t3\n8/3/26\t22\t97140\tGP 59\t2',
      ['97110-GPx3', '97140-GP-59x2'],
      ['The date in the rows is not kept: set it below.', '2 words were no code, modifier or number, and dropped.'],
      ['22'],
    ],
    'a price a unit is not units': ['CPT,Unit price,Units\n99213,95.19,2', ['99213x2'], ['1 word was no code, modifier or number, and dropped.']],
    'no column of units': ['CPT,Mod\n97110,GP\n97140,GP', ['97110-GPx1', '97140-GPx1'], ['No column of units: each line has 1.']],
    'no column of units, and units attached': ['CPT\n97110-GPx2', ['97110-GPx2'], []],
    'blank units': ['CPT;Units\n97110;\n97140;2', ['97110x1', '97140x2'], ['No units in row 2: 1 each.']],
    'half a unit and none': ['CPT,Units\n97110,1.00\n97140,2.5\n97530,0\n97761,1000', ['97110x1'], ['Rows 3, 4 and 5 left out: units are a whole number, 1 to 999.']],
    'half a unit and none, without a head': ['97110 GP 2\n97140 2.5\n97530 x0\n97761-GPx1.5\n97112 units 0.5\n97116 0', ['97110-GPx2'], ['Rows 2, 3, 4, 5 and 6 left out: units are a whole number, 1 to 999.']],
    'one line with half a unit': ['97140 2.5', [], ['Left out: units are a whole number, 1 to 999.']],
    'a price after the units, and one without': ['97110,GP,2,58.50\n97140,GP,28.00', ['97110-GPx2', '97140-GPx1'], ['2 words were no code, modifier or number, and dropped.']],
    // 22 is a place, and a modifier of surgery; 95 a charge, and a modifier of telehealth.
    'rows of a spreadsheet without a head: code, modifiers, units, charge, place, date': [
      '97110\tGP\t2\t120.00\t22\t08/03/2026\n97140\tGP 59\t1\t60.00\t22\t08/03/2026\n99213\t\t1\t$95.00\t22\t08/03/2026',
      ['97110-GPx2', '97140-GP-59x1', '99213x1'],
      ['The date in the rows is not kept: set it below.', '6 words were no code, modifier or number, and dropped.'],
      ['22'],
    ],
    'the same with commas, a cell for each modifier, the place before the charge': ['97140,GP,59,1,22,60.00,08/03/2026', ['97140-GP-59x1'], ['The date in the rows is not kept: set it below.', '2 words were no code, modifier or number, and dropped.'], ['22']],
    'a charge of whole dollars beside a place': [
      '99213\t\t1\t95\t22\n97110\tGP\t2\t60',
      ['99213x1', '97110-GPx2'],
      ['No head says which number is the place of service: set it below.', '3 words were no code, modifier or number, and dropped.'],
    ],
    'units right behind the code, the modifier behind them': ['20610\t1\t50', ['20610-50x1'], []],
    'two places': ['CPT,POS,Units\n99213,11,1\n97110,22,2', ['99213x1', '97110x2'], ['The rows have 2 places of service, and the desk takes one: set it below.'], ['11', '22']],
    'a place with its name': ['CPT,POS,Units\n99213,2 - Telehealth,1', ['99213x1'], [], ['02']],
    'a place of service in a sentence, which is no units': ['99213 95 POS 10', ['99213-95x1'], [], ['10']],
    'one in words, with a day': ['08/03/2026 place of service: 2, 99213-95 x1', ['99213-95x1'], ['The date in the rows is not kept: set it below.', '1 word was no code, modifier or number, and dropped.'], ['02']],
    'two days under a head': ['DOS,CPT,Units\n2026-08-03,97110,2\n08/04/2026,97140,1\n8/3/2026,97530,1', ['97110x2', '97140x1', '97530x1'], ['The rows have 2 dates, and the desk checks one day: leave one. Not of the first: line 2.', '3 words were no code, modifier or number, and dropped.']],
    'two days without a head': ['08/03/2026 97110 GP 2\n08/04/2026 97140 GP 1', ['97110-GPx2', '97140-GPx1'], ['The rows have 2 dates, and the desk checks one day: leave one. Not of the first: line 2.', '2 words were no code, modifier or number, and dropped.']],
    'one day, written in two ways, with the day of birth': ['DOB 01/02/1950 08/03/2026 97110 GP 2\n2026-08-03 97140 GP 1', ['97110-GPx2', '97140-GPx1'], ['The date in the rows is not kept: set it below.', '4 words were no code, modifier or number, and dropped.']],
    'a row whose day of birth stands in its own column': ['DOB,Date of service,CPT,Units\n1/2/1950,8/3/2026,97110,2\n3/4/1960,8/3/2026,97140,1', ['97110x2', '97140x1'], ['The date in the rows is not kept: set it below.', '4 words were no code, modifier or number, and dropped.']],
    'codes with a digit too few': ['CPT,Units\n97110,2\n9921,1\n,\n97140,1', ['97110x2', '97140x1'], ['Rows 3 and 4 have no code.', '2 words were no code, modifier or number, and dropped.']],
    'one code with a digit too few': ['9921', [], ['No code in it: a code has five characters, such as 99213.', '1 word was no code, modifier or number, and dropped.']],
    'a modifier that is none, without a head': ['97110 GP 2\n97140 ZZ 1', ['97110-GPx2', '97140x1'], ['No such modifier in row 2.', '1 word was no code, modifier or number, and dropped.']],
  };
  for (const [name, [typed, lines, said, places = []]] of Object.entries(LAYOUTS)) {
    it(name, () => {
      const read = readLines(typed, known);
      assert.deepEqual(read.lines.map(written), lines);
      assert.deepEqual(sentences(read, 0, 25), said);
      assert.deepEqual(read.places, places);
    });
  }

  it('counts the lines of another day after those that the claim has, and only those it takes', () => {
    const read = readLines('8/3/2026 97110\n8/4/2026 97140\n8/4/2026 97530', known);
    assert.match(sentences(read, 3, 25).join(' '), /Not of the first: lines 5 and 6\./);
    assert.match(sentences(read, 23, 2).join(' '), /Not of the first: line 25\. .* 1 left out: a claim here has up to 25 lines\./);
  });

  it('holds no word, name or date of the text', () => {
    const text = 'Patient,DOS,POS,CPT,Units\n"Elm, Wren",08/03/2026,11,97110,2.5\n"Elm, Wren",08/04/2026,Heron,9921,1\n"Elm, Wren",08/05/2026,22,97140,1';
    const read = readLines(text, known);
    assert.doesNotMatch(JSON.stringify([read, sentences(read, 0, 25)]), /elm|wren|heron|2026|26-|08|\b9921\b/i);
  });
});

describe('which place of service is meant', () => {
  const PLACES = Object.fromEntries([['04', 'Homeless shelter'], ['12', 'Home'], ['19', 'Hospital outpatient, off campus'], ['21', 'Hospital inpatient'], ['22', 'Hospital outpatient, on campus'], ['23', 'Emergency room'], ['62', 'Outpatient rehabilitation facility']].map(([number, name]) => [number, { name }]));
  for (const [typed, number, problem] of [
    ['', '', ''],
    ['2', '02', ''],
    ['22 Hospital outpatient, on campus', '22', ''],
    ['97', '97', ''],
    ['home', '12', ''],
    ['Emergency', '23', ''],
    ['inpatient', '21', ''],
    ['hospital', 'hospital', 'Several places fit: 19, 21, 22. Type the number.'],
    ['outpatient', 'outpatient', 'Several places fit: 19, 22, 62. Type the number.'],
    ['Heron', 'Heron', 'No place of service has this name.'],
    ['o', 'o', 'Several places fit: 04, 12, 19, 21, 22, 23, 62. Type the number.'],
  ]) it(`${JSON.stringify(typed)}: ${number || 'none'}`, () => assert.deepEqual(placeOf(typed, PLACES), [number, problem]));
});
