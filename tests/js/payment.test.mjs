/**
 * What is special to JavaScript in the payment engine: names of its own prototypes, values that are not text, and numbers that are
 * no BigInt. That its answers are the Python engine's is shown by tests/test_engines.py.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

import { priceClaim } from '../../assets/js/payment/claim.js';

const FOLDER = fileURLToPath(new URL('../../assets/js/payment/', import.meta.url));
const SCRIPTS = readdirSync(FOLDER).map((name) => FOLDER + name);
const PROTOTYPE = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf', '__defineGetter__'];
const NO_TEXT = [0, 1, 11, true, false, [], ['11'], {}, 1.5];

const invalid = { result: 'INVALID_INPUT', say: 'Not read.' };
const refused = Object.fromEntries(['text_form', 'choice_form', 'place_unknown', 'place_missing', 'units_form', 'charge_form', 'minutes_form', 'base_units_form', 'days_form', 'too_many_lines'].map((name) => [name, invalid]));

/** A rule book of one modifier, one place, one practitioner, as medpayiq/rulebook.py would write it. */
const BOOK = {
  fields: ['status', 'not_used', 'work', 'pe_nonfacility', 'na_nonfacility', 'pe_facility', 'na_facility', 'mp', 'pctc', 'glob', 'pre', 'intra', 'post', 'mult', 'bilat', 'asst', 'cosurg', 'team', 'endo_base', 'opps_pe_nonfacility', 'opps_pe_facility', 'opps_mp'],
  factors: { non_qp: '33.4009', qp: '33.5675' },
  percentages: { medicare_share: '80', sequestration: '2', therapy_assistant: '85', both_sides: '150', two_sides: '200', nonparticipating: '95', limiting_charge: '109.25' },
  modifiers: { 50: { group: 'side', effect: 'changes' } },
  anatomic: { codes: ['LM'] },
  reporting: { codes: [] },
  refused: [],
  refusals: {
    ...refused,
    code_form: { result: 'UNKNOWN_CODE', say: 'No code.' },
    code_unknown: { result: 'UNKNOWN_CODE', say: '{code} is unknown.' },
    locality_unknown: { result: 'UNKNOWN_LOCALITY', say: 'No locality.' },
    factor_needed: { result: 'CF_REQUIRED', say: 'QP or not?' },
    modifier_form: { result: 'INVALID_MODIFIER', say: 'No modifier.' },
    modifier_unknown: { result: 'INVALID_MODIFIER', say: '{modifier} is unknown.' },
  },
  conditions: {},
  notes: { LIMITING_FROM_PAR: { say: 'From the amount for participants.' } },
  lists: { no_patient_share: [], no_time: [] },
  whole_tests: {},
  places: { 11: { name: 'Office', setting: 'nonfacility' } },
  practitioners: { MD: { physician: true } },
  flat_rate: [],
};
const ROWS = { 99213: { '': ['A', '', 130, 135, '', 57, '', 10, '0', 'XXX', 0, 0, 0, '0', '0', '0', '0', '0', '', 0, 0, 0] } };
const PLACES = { '00000/00': { gpci: [1000, 1000, 1000], anesthesia: {} } };
const FACTS = {
  rows: (code) => (Object.hasOwn(ROWS, code) ? ROWS[code] : undefined),
  place: (key) => (Object.hasOwn(PLACES, key) ? PLACES[key] : undefined),
};

/** The answer of a line, alone on a claim that could be paid but for what is given. */
function ask(line, claim = {}) {
  const answers = priceClaim({ locality: '00000/00', pos: '11', factor: 'non_qp', ...claim, lines: [line === undefined ? { code: '99213' } : line] }, FACTS, BOOK);
  assert.equal(answers.length, 1);
  whole(answers);
  return answers[0];
}

/** Nothing in an answer is lost on the way through JSON: no BigInt, no NaN, nothing undefined. */
function whole(answers) {
  assert.deepEqual(JSON.parse(JSON.stringify(answers)), answers);
  assert.doesNotMatch(JSON.stringify(answers), /NaN|undefined|Infinity|\[object/);
}

describe('priceClaim', () => {
  it('prices a visit, so that what is refused below is refused for its own sake', () => {
    const answer = ask();
    assert.equal(answer.result, 'AMOUNT');
    assert.equal(answer.allowed, '91.85'); // (1.30 + 1.35 + 0.10) × 33.4009 = 91.852475
    assert.equal(answer.share.medicare_paid, '72.01'); // 80% is 73.48, 2% of it 1.47
  });

  it('refuses names of the prototype by name, wherever they are typed', () => {
    for (const name of PROTOTYPE) {
      assert.equal(ask({ code: name }).answer, 'code_form', name);
      assert.match(ask({ code: '99213', modifiers: name }).answer, /^modifier_/, name);
      assert.equal(ask(undefined, { locality: name }).answer, 'locality_unknown', name);
      assert.equal(ask(undefined, { pos: name }).answer, 'place_unknown', name);
      for (const field of ['practitioner', 'factor', 'participation', 'other_service', 'five_percent']) assert.equal(ask(undefined, { [field]: name }).answer, 'choice_form', `${field} ${name}`);
      assert.equal(ask(undefined, { pos: '', setting: name }).answer, 'choice_form', name);
      assert.equal(ask({ code: '99213', units: name }).answer, 'units_form', name);
      assert.equal(ask({ code: '99213', charge: name }).answer, 'charge_form', name);
    }
  });

  it('takes no notice of fields that it does not know, not even those of the prototype', () => {
    const line = JSON.parse(`{"code": "99213", ${PROTOTYPE.map((name) => `"${name}": 1`).join(', ')}}`);
    assert.equal(ask(line).result, 'AMOUNT');
    assert.equal(ask(undefined, JSON.parse('{"__proto__": {"factor": 1}, "constructor": [], "toString": 1}')).result, 'AMOUNT');
  });

  it('refuses what is not text as input that cannot be read', () => {
    for (const value of NO_TEXT) {
      for (const field of ['pos', 'setting', 'locality', 'factor', 'practitioner', 'participation', 'deductible', 'other_service', 'five_percent']) {
        assert.equal(ask(undefined, { [field]: value }).answer, 'text_form', `${field} ${value}`);
      }
      for (const field of ['code', 'modifiers', 'units', 'charge', 'net_charge', 'base_units', 'minutes', 'induction', 'days', 'documented', 'other_surgeon']) {
        assert.equal(ask({ code: '99213', [field]: value }).answer, 'text_form', `${field} ${value}`);
      }
    }
    for (const line of [null, 1, 'text', true, [], [{ code: '99213' }]]) assert.equal(ask(line).answer, 'text_form', JSON.stringify(line));
    assert.equal(ask(undefined, { factor: null }).answer, 'factor_needed');
  });

  it('gives no answers without lines, and one for each of too many', () => {
    for (const lines of [undefined, null, 'text', 1, {}]) assert.deepEqual(priceClaim({ lines }, FACTS, BOOK), []);
    const many = priceClaim({ lines: Array(51).fill({ code: '99213' }) }, FACTS, BOOK);
    whole(many);
    assert.deepEqual(new Set(many.map((one) => one.answer)), new Set(['too_many_lines']));
    assert.equal(many.length, 51);
  });

  it('raises capitals of ASCII alone: no other letter becomes a code or a modifier', () => {
    assert.equal(ask({ code: '99213', modifiers: 'lm' }).result, 'AMOUNT');
    for (const code of ['9921ß', '9921ſ', '9921ı', '٩٩٢١٣', '９９２１３', '99213\n', '\u200b99213']) assert.equal(ask({ code }).answer, 'code_form', code);
    for (const units of ['١', '1 ', '1e0', '0x1', '1_0', '+1', '-1', '1.0', '']) assert.equal(ask({ code: '99213', units }).answer, units ? 'units_form' : '', units);
  });

  it('throws what is not a refusal: a broken rule book is not hidden', () => {
    assert.throws(() => priceClaim({ locality: '00000/00', pos: '11', lines: [{ code: '99213' }] }, FACTS, { ...BOOK, lists: undefined, places: undefined }), TypeError);
  });
});

describe('the scripts of the engine', () => {
  it('hold none of the tools by which a float comes near money', () => {
    for (const path of SCRIPTS) {
      const text = readFileSync(path, 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '');
      assert.doesNotMatch(text, /\b(?:Math|Number|parseFloat|parseInt|toFixed|toPrecision|Intl)\b|\btoLocale|\b\d+\.\d/, path);
    }
  });

  it('multiply and divide BigInts alone, as TypeScript sees their types', () => {
    const program = ts.createProgram(SCRIPTS, { allowJs: true, checkJs: true, noEmit: true, strict: true, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] });
    const checker = program.getTypeChecker();
    const { AsteriskToken, SlashToken, PercentToken, AsteriskAsteriskToken, AsteriskEqualsToken, SlashEqualsToken, PercentEqualsToken } = ts.SyntaxKind;
    const operators = [AsteriskToken, SlashToken, PercentToken, AsteriskAsteriskToken, AsteriskEqualsToken, SlashEqualsToken, PercentEqualsToken];
    let seen = 0;
    const visit = (node) => {
      if (ts.isBinaryExpression(node) && operators.includes(node.operatorToken.kind)) {
        seen++;
        for (const side of [node.left, node.right]) {
          const type = checker.getTypeAtLocation(side);
          assert.ok(type.flags & ts.TypeFlags.BigIntLike, `${side.getText()} in ${node.getText()} is ${checker.typeToString(type)}`);
        }
      }
      ts.forEachChild(node, visit);
    };
    for (const path of SCRIPTS) visit(program.getSourceFile(path));
    assert.ok(seen > 20, `${seen} operations seen`);
  });
});
