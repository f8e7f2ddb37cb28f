/** What the claim desk reads out of pasted tables and sentences, and what it never takes for a code or for units. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { lined, readLines, written } from '../../assets/js/claim/read.js';

const MODIFIERS = new Set(['24', '25', '26', '50', '57', '59', 'GP', 'KX', 'LT', 'RT', 'TA', 'XE', 'XU']);
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

  it('takes in a row of any length', () => {
    assert.equal(readLines('99213 '.repeat(200000), known).lines.length, 200000);
    assert.deepEqual(readLines('9'.repeat(300000), known), { lines: [], dropped: 1 });
  });

  it('words that follow a code never become modifiers unless they are one', () => {
    assert.deepEqual(readLines('99213 JO LI TA', known).lines.map(written), ['99213-TAx1']);
  });
});
