/**
 * What the claim desk denies, over made-up rows and edits. Expected: Claims Processing Manual, chapter 23, sections 20.9.1.1 and
 * 20.9.3.2, and chapter 12, sections 30.6.6, 30.6.12.7 and 40.2; NCCI Policy Manual, chapter I, sections E, R, V and W. Every code
 * is priced at its work RVUs times a conversion factor of 10, in a locality whose indices are 1.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { check } from '../../assets/js/claim/check.js';
import { lined, written } from '../../assets/js/claim/lines.js';

const FIELDS = ['status', 'not_used', 'work', 'pe_nonfacility', 'na_nonfacility', 'pe_facility', 'na_facility', 'mp', 'pctc', 'glob', 'pre', 'intra', 'post', 'mult', 'bilat', 'asst', 'cosurg', 'team', 'endo_base', 'opps_pe_nonfacility', 'opps_pe_facility', 'opps_mp'];
const ANATOMIC = ['LT', 'RT', 'F1', 'F2', 'LC'];
const REPORTING = ['24', '25', '27', '57', '58', '59', '76', '78', '79', '91', 'XE', 'XS', 'XP', 'XU', 'KX', 'GC', 'FT', '54', '55', 'AS', '80', '22', '51', 'GP', 'GO', 'GN', '93', '95'];
const said = (result) => ({ result, say: `{code}: ${result}.`, sources: [] });
/** What medpayiq/rulebook.py would write of the rules that these claims touch. */
const BOOK = {
  fields: FIELDS,
  factors: { all: '10.0000' },
  percentages: { medicare_share: '80', sequestration: '2', both_sides: '150', two_sides: '200', therapy_pe: '50', assistant_npp: '13.6', nonparticipating: '95', limiting_charge: '109.25' },
  modifiers: { AS: { percent: 'assistant_npp' } },
  anatomic: { codes: ANATOMIC },
  reporting: { codes: REPORTING },
  refused: [],
  refusals: {
    code_unknown: said('UNKNOWN_CODE'),
    discipline_needed: said('MODIFIER_REQUIRED'),
    modifier_unknown: said('INVALID_MODIFIER'),
    not_alone: said('BUNDLED'),
    place_missing: said('INVALID_INPUT'),
    place_unknown: said('INVALID_INPUT'),
    status_b: said('BUNDLED'),
    status_c: said('NO_NATIONAL_RULE'),
    status_x: said('NOT_PFS'),
  },
  conditions: {},
  notes: Object.fromEntries(['LIMITING_FROM_PAR', 'ADD_ON', 'ONLY_WHEN_ALONE', 'UNPRICED_MAY_RANK', 'DISCIPLINE_NEEDED', 'LAST_CENT'].map((name) => [name, { say: name }])),
  lists: { visits: [['99202', '99499']], no_patient_share: [], no_time: [] },
  whole_tests: {},
  places: { '02': { name: 'Telehealth', setting: 'facility' }, 10: { name: 'Telehealth at home', setting: 'nonfacility' }, 11: { name: 'Office', setting: 'nonfacility' }, 22: { name: 'Hospital', setting: 'facility' } },
  practitioners: {},
  flat_rate: [],
  cites: {},
};
/** A row. @param {string} glob @param {number} work in hundredths @param {string} [status] @param {string} [mult] */
const row = (glob, work, status = 'A', mult = '0') => ({ '': [status, '', work, 0, '', 0, '', 0, '0', glob, 0, 0, 0, mult, '9', '0', '0', '0', '', 0, 0, 0] });
const ROWS = {
  99213: row('XXX', 100),
  99221: row('XXX', 100),
  G2211: row('ZZZ', 30),
  99291: row('XXX', 400),
  99292: row('ZZZ', 150),
  10010: row('010', 200),
  20000: row('000', 300),
  27000: row('090', 2000),
  70001: row('XXX', 110),
  70002: row('XXX', 120),
  70003: row('XXX', 130),
  70004: row('XXX', 140),
  77427: row('XXX', 150),
  11001: row('ZZZ', 50),
  11002: row('ZZZ', 60),
  90001: row('XXX', 0, 'B'),
  90002: row('XXX', 0, 'C'),
  90003: row('XXX', 0, 'X'),
  90004: row('XXX', 10, 'T'),
  97110: row('XXX', 40, 'A', '5'),
};
const SEVERITY = { deny: ['pair_denied', 'pair_needs_modifier', 'pair_same_site', 'pair_visit_59', 'pair_only_visit', 'units_line', 'units_day_policy', 'units_day_clinical', 'units_zero', 'add_on_alone', 'add_on_primary_denied', 'visit_minor', 'visit_major', 'refused', 'unpaid'], check: ['pair_behind', 'pair_undated', 'units_undated', 'add_on_some', 'add_on_colleague', 'add_on_contractor', 'visit_25_major', 'complexity_25', 'telehealth_place', 'telehealth_modifier', 'duplicate', 'priced_by_mac', 'elsewhere', 'conditional'], note: ['pair_bypassed', 'units_none', 'add_on_unlisted', 'visit_add', 'remark', 'therapy_check', 'clean'] };
/** The desk's book: medpayiq/claims.py makes it of rules/ncci.yml. */
const DESK = {
  bypass: { anatomic: ANATOMIC, global: ['24', '25', '57', '58', '78', '79'], other: ['27', '59', '91', 'XE', 'XS', 'XP', 'XU'], only_on_visits: ['24', '25', '57'], never_on_visits: ['59', 'XE', 'XS', 'XP', 'XU'], never_on: [['77427']] },
  colleagues: [['99292']],
  complexity: { codes: [['G2211']], visits: [['99202', '99205'], ['99211', '99215']] },
  telehealth: { modifiers: ['93', '95'], others: ['GT', 'GQ'], places: ['02', '10'], from: '2024-01-01' },
  modifiers: Object.fromEntries(['anatomic', ...['FT', '24', '25', '27', '57', '58', '59', '78', '79', '91', 'XE', 'XS', 'XP', 'XU']].map((name) => [name, { record: `${name} is in the record.` }])),
  rationales: {},
  conditions: { first_bill: { sources: ['cpm12 40.8'] } },
  remarks: { UNPRICED_MAY_RANK: { sources: ['cpm12 40.6'] } },
  findings: Object.fromEntries(Object.entries(SEVERITY).flatMap(([severity, names]) => names.map((name) => [name, { severity, say: '{code} {other} {modifier} {units} {limit} {codes}', why: '{what}', do: '', sources: [] }]))),
  cites: {},
};
DESK.findings.units_undated.why = 'It may not have been in force.';
const CHOSEN = { folder: '/', edition: { quarter: '2026 Q3', version: 'v1', first: '2026-07-01', last: '2026-09-30' }, relation: 'newest', day: '2026-09-30' };
const EDITIONS = { ptp: CHOSEN, mue: CHOSEN, aoc: CHOSEN };
const PLACES = { '00000/00': { gpci: [1000, 1000, 1000], anesthesia: {} } };

/**
 * Ask about a claim. `edits` are column 1 to pairs of column 2 and indicator, `limits` codes to units and indicator, `addOns` codes to
 * type and primaries.
 */
function ask(text, { edits = {}, limits = {}, addOns = {}, editions = EDITIONS, ...more } = {}) {
  const lines = lined(text);
  assert.equal(lines.length, text ? text.split(',').length : 0);
  const tables = {
    ptp: (code) => Object.entries(edits[code] ?? {}).map(([two, indicator]) => [indicator, '2020-01-01', '*', '', two]),
    mue: (code) => limits[code],
    aoc: (code) => (addOns[code] ? [[addOns[code][0], '2020-01-01', '', addOns[code][1]]] : []),
  };
  const facts = { rows: (code) => ROWS[code], place: (key) => PLACES[key] };
  const answer = check({ claim: { lines, pos: '11', locality: '00000/00', ...more }, kinds: ['all'], facts, book: BOOK, desk: DESK, editions, tables });
  const denied = Object.fromEntries(answer.denied.flatMap((name, at) => (name ? [[at + 1, name]] : [])));
  const found = answer.findings.map(({ name, lines: on }) => [name, ...on].join(' '));
  return { ...answer, lines, by: denied, found, amounts: answer.answers[0].map((one) => one?.allowed ?? null) };
}

describe('pairs of edits', () => {
  const edits = { 70001: { 70002: '1', 70003: '0', 99213: '1' }, 99213: { 77427: '1' }, 77427: { 70004: '1' } };
  for (const [claim, denied, why] of [
    ['70001x1,70002x1', { 2: 'pair_needs_modifier' }, 'column 2 is denied'],
    ['70002x1,70001x1', { 1: 'pair_needs_modifier' }, 'whichever line comes first'],
    ['70001x1,70003-59x1', { 2: 'pair_denied' }, 'indicator 0 is never bypassed'],
    ['70001x1,70002-59x1', {}, '59 on column 2'],
    ['70001-XSx1,70002x1', {}, 'a modifier on column 1'],
    ['70001x1,70002-RTx1', {}, 'a site on one'],
    ['70001-LTx1,70002-RTx1', {}, 'other sites'],
    ['70001-RTx1,70002-RTx1', { 2: 'pair_same_site' }, 'one site'],
    ['70001-RTx1,70002-RT-59x1', {}, 'one site, and another modifier'],
    ['70001-RT-F1x1,70002-F1-RTx1', { 2: 'pair_same_site' }, 'the same two sites, in another order'],
    ['70001-RTx1,70002-RT-F1x1', {}, 'a further site on one'],
    ['70001x1,70002-58x1', {}, '58'],
    ['70001x1,70002-78x1', {}, '78'],
    ['70001x1,70002-79x1', {}, '79'],
    ['70001x1,70002-91x1', {}, '91'],
    ['70001x1,70002-27x1', {}, '27'],
    ['70001x1,70002-76x1', { 2: 'pair_needs_modifier' }, '76 is not on the list'],
    ['70001x1,70002-22x1', { 2: 'pair_needs_modifier' }, '22 is not on the list'],
    ['70001x1,70002-51x1', { 2: 'pair_needs_modifier' }, '51 is not on the list'],
    ['70001x1,70002-25x1', { 2: 'pair_only_visit' }, '25 counts on visits alone'],
    ['70001-57x1,70002x1', { 2: 'pair_only_visit' }, '57 counts on visits alone'],
    ['70001x1,99213-25x1', {}, '25 on the visit'],
    ['70001x1,99213-24x1', {}, '24 on the visit'],
    ['70001x1,99213-59x1', { 2: 'pair_visit_59' }, '59 does not count on a visit'],
    ['70001x1,99213-XUx1', { 2: 'pair_visit_59' }, 'nor do XE, XS, XP, XU'],
    ['70001-59x1,99213x1', {}, '59 on the procedure counts'],
    ['77427-59x1,70004x1', { 2: 'pair_visit_59' }, '59 does not count on 77427'],
    ['77427x1,70004-59x1', {}, '59 on the code beside 77427 counts'],
  ]) {
    it(`${claim}: ${why}`, () => assert.deepEqual(ask(claim, { edits }).by, denied));
  }

  it('a denial names the modifier that does not count there, or the site that both lines have', () => {
    const named = (claim) => ask(claim, { edits }).findings.filter(({ severity }) => severity === 'deny').map(({ say }) => say.trim());
    assert.deepEqual(named('70001x1,99213-59x1'), ['99213 70001 59']);
    assert.deepEqual(named('70001x1,70002-25x1'), ['70002 70001 25']);
    assert.deepEqual(named('70001-RTx1,70002-RTx1'), ['70002 70001 RT']);
  });

  it('a bypass is said with what the record must show', () => {
    const { findings } = ask('70001x1,70002-59x1', { edits });
    assert.deepEqual(findings.filter(({ name }) => name === 'pair_bypassed').map(({ severity, lines, why }) => [severity, lines, why.split('.')[0]]), [['note', [2], '59 is in the record']]);
  });

  it('every line of column 2 is judged by its own modifiers', () => {
    assert.deepEqual(ask('70001x1,70002x1,70002-59x1', { edits }).by, { 2: 'pair_needs_modifier' });
  });

  it('what is denied is not priced, and the rest is', () => {
    assert.deepEqual(ask('70001x1,70002x1,70004x2', { edits }).amounts, ['11.00', null, '28.00']);
  });

  it('without an edit set nothing is denied', () => {
    assert.deepEqual(ask('70001x1,70002x1', { edits, editions: { ptp: null, mue: null, aoc: null } }).by, {});
  });

  it('a line that is denied, or not paid, denies nobody', () => {
    const chain = { 70001: { 70002: '0' }, 70002: { 70003: '0' } };
    assert.deepEqual(ask('70001x1,70002x1,70003x1', { edits: chain }).by, { 2: 'pair_denied' });
    assert.deepEqual(ask('90001x1,70003x1', { edits: { 90001: { 70003: '0' } } }).by, {});
  });

  it('behind a line that can be corrected the edit is a check; behind one that is never paid it is nothing', () => {
    const behind = { 97110: { 70003: '0' }, 90001: { 70003: '0' } };
    assert.deepEqual(ask('97110x1,70003x1', { edits: behind }).found.filter((one) => /^pair/.test(one)), ['pair_behind 2']);
    assert.deepEqual(ask('90001x1,70003x1', { edits: behind }).found.filter((one) => /^pair/.test(one)), []);
  });

  it('what another payer or the MAC prices stands, and denies', () => {
    assert.deepEqual(ask('90002x1,70003x1', { edits: { 90002: { 70003: '0' } } }).by, { 2: 'pair_denied' });
    assert.deepEqual(ask('90003x1,70003x1', { edits: { 90003: { 70003: '0' } } }).by, { 2: 'pair_denied' });
  });

  it('a bundled status T denies nobody, and can be denied', () => {
    const both = { 90004: { 70003: '0' }, 70001: { 90004: '0' } };
    assert.deepEqual(ask('90004x1,70003x1', { edits: both }).by, {});
    assert.deepEqual(ask('90004x1,70001x1', { edits: both }).by, { 1: 'pair_denied' });
  });

  it('two codes that are each column 2 to the other: one is paid, the same in either order', () => {
    const ring = { 70001: { 70002: '0' }, 70002: { 70001: '0' } };
    assert.deepEqual(ask('70001x1,70002x1', { edits: ring }).by, { 2: 'pair_denied' });
    assert.deepEqual(ask('70002x1,70001x1', { edits: ring }).by, { 1: 'pair_denied' });
  });

  it('in a ring of three no denied line denies', () => {
    const ring = { 70001: { 70002: '0' }, 70002: { 70003: '0' }, 70003: { 70001: '0' } };
    assert.deepEqual(ask('70003x1,70002x1,70001x1', { edits: ring }).by, { 2: 'pair_denied' });
  });
});

describe('units', () => {
  for (const [claim, limit, denied, why] of [
    ['70001x4', [3, '1'], { 1: 'units_line' }, 'indicator 1: above the limit on one line'],
    ['70001x3,70001-59x3', [3, '1'], {}, 'indicator 1: each line by itself'],
    ['70001x3,70001-59x4', [3, '1'], { 2: 'units_line' }, 'indicator 1: the line above it alone'],
    ['70001x3', [3, '2'], {}, 'indicator 2: up to the limit'],
    ['70001x2,70001-59x2', [3, '2'], { 1: 'units_day_policy', 2: 'units_day_policy' }, 'indicator 2: all lines of the day together, and all of them'],
    ['70001x2,70001-76x2', [3, '3'], { 1: 'units_day_clinical', 2: 'units_day_clinical' }, 'indicator 3: all lines of the day together'],
    ['70001x1', [0, '2'], { 1: 'units_zero' }, 'a limit of 0'],
  ]) {
    it(`${claim} against ${limit[0]}, ${why}`, () => assert.deepEqual(ask(claim, { limits: { 70001: limit } }).by, denied));
  }
  it('codes without a limit are named once; a code that is not in the release is not among them', () => {
    const { findings } = ask('70002x9,70001x9,70001-59x9,00009x1');
    assert.deepEqual(findings.filter(({ name }) => name === 'units_none').map(({ severity, say }) => [severity, say.trim()]), [['note', '70001, 70002']]);
  });
  it('a line denied for its units denies nobody; once its units are right the edit acts', () => {
    const { by, found } = ask('70001x4,70002x1', { edits: { 70001: { 70002: '1' } }, limits: { 70001: [3, '3'] } });
    assert.deepEqual(by, { 1: 'units_day_clinical' });
    assert.ok(found.includes('pair_behind 2'));
    assert.ok(!ask('70001x1,70002x1', { edits: { 70001: { 70002: '1' } }, limits: { 70001: [0, '2'] } }).found.includes('pair_behind 2'));
  });
});

describe('visits beside procedures', () => {
  for (const [claim, denied, found] of [
    ['99213x1,10010x1', { 1: 'visit_minor' }, 'visit_minor 1'],
    ['99213x1,20000x1', { 1: 'visit_minor' }, 'visit_minor 1'],
    ['99213-57x1,20000x1', { 1: 'visit_minor' }, 'visit_minor 1'],
    ['99213-25x1,20000x1', {}, 'visit_add 1'],
    ['99213x1,27000x1', { 1: 'visit_major' }, 'visit_major 1'],
    ['99213-57x1,27000x1', {}, 'visit_add 1'],
    ['99213-25x1,27000x1', {}, 'visit_25_major 1'],
    ['99213-25-57x1,27000x1', {}, 'visit_add 1'],
    ['99291-FTx1,27000x1', {}, 'visit_add 1'],
    ['99213x1,27000-55x1', {}, ''],
    ['99213x1,27000-54x1', {}, ''],
    ['99213x1,27000-ASx1', {}, ''],
    ['99213x1,70001x1', {}, ''],
    ['99213x1,27000x9', {}, ''],
  ]) {
    it(`${claim}: ${found || 'nothing'}`, () => {
      const answer = ask(claim, { limits: { 27000: [8, '3'] } });
      assert.deepEqual(Object.fromEntries(Object.entries(answer.by).filter(([, name]) => name.startsWith('visit'))), denied);
      assert.deepEqual(answer.found.filter((one) => /^visit/.test(one) && answer.findings.some(({ name, severity }) => one.startsWith(name) && (severity !== 'check' || name === 'visit_25_major'))), found ? [found] : []);
    });
  }
  it('the rule and an edit of the same two lines are told once', () => {
    assert.deepEqual(ask('99213x1,20000x1', { edits: { 20000: { 99213: '1' } } }).found.filter((one) => /^(visit|pair)/.test(one)), ['visit_minor 1']);
  });
  it('an edit that no modifier bypasses is told beside the rule that asks for one: 25 alone would not have the visit paid (chapter 23, section 20.9.1.1)', () => {
    const { by, found } = ask('99213x1,20000x1', { edits: { 20000: { 99213: '0' } } });
    assert.deepEqual([by, found.filter((one) => /^(visit|pair)/.test(one))], [{ 1: 'visit_minor' }, ['visit_minor 1', 'pair_denied 1']]);
  });
  it('an edit denies what the rule lets pass: FT bypasses no edit, and indicator 0 knows no 25', () => {
    assert.deepEqual(ask('99291-FTx1,27000x1', { edits: { 27000: { 99291: '1' } } }).found.filter((one) => /^(visit|pair)/.test(one)), ['pair_needs_modifier 1']);
    assert.deepEqual(ask('99213-25x1,20000x1', { edits: { 20000: { 99213: '0' } } }).found.filter((one) => /^(visit|pair)/.test(one)), ['pair_denied 1']);
  });
});

describe('add-on codes', () => {
  const addOns = { 11001: ['1', '70001 70002'], 11002: ['1', '11001'] };
  it('type 1 alone is denied, beside a listed primary it is paid', () => {
    assert.deepEqual(ask('11001x1', { addOns }).by, { 1: 'add_on_alone' });
    assert.deepEqual(ask('11001x1,70003x1', { addOns }).by, { 1: 'add_on_alone' });
    assert.deepEqual(ask('11001x1,70002x1', { addOns }).by, {});
  });
  it('it goes where its primary goes, and so does what is added to it', () => {
    const edits = { 70003: { 70001: '0' } };
    assert.deepEqual(ask('11002x1,11001x1,70001x1,70003x1', { addOns, edits }).by, { 1: 'add_on_primary_denied', 2: 'add_on_primary_denied', 3: 'pair_denied' });
    assert.deepEqual(ask('11001x1,70001x1,70002x1,70003x1', { addOns, edits }).by, { 2: 'pair_denied' });
  });
  it('a denied add-on denies nobody', () => {
    assert.deepEqual(ask('11001x1,70003x1', { addOns, edits: { 11001: { 70003: '0' } } }).by, { 1: 'add_on_alone' });
  });
  it('an add-on whose primary is in a ring goes with the ring', () => {
    const edits = { 70001: { 70003: '0' }, 70003: { 70001: '0' }, 11001: { 70004: '0' } };
    assert.deepEqual(ask('11001x1,70003x1,70001x1,70004x1', { addOns, edits }).by, { 2: 'pair_denied', 4: 'pair_denied' });
  });
  it('types 2 and 3 are the contractor’s: a check, never a denial', () => {
    assert.deepEqual(ask('11001x1,70003x1', { addOns: { 11001: ['3', '70001 CCCCC'] } }).found.filter((one) => /^add/.test(one)), ['add_on_some 1']);
    assert.deepEqual(ask('11001x1,70001x1', { addOns: { 11001: ['3', '70001 CCCCC'] } }).found.filter((one) => /^add/.test(one)), []);
    assert.deepEqual(ask('11001x1', { addOns: { 11001: ['2', 'CCCCC'] } }).found.filter((one) => /^add/.test(one)), ['add_on_contractor 1']);
    assert.deepEqual(ask('11001x1,70001x1', { addOns: { 11001: ['2', 'CCCCC'] } }).by, {});
  });
  it('99292 may go with a colleague’s 99291: a check, and paid', () => {
    const { by, found } = ask('99292x1,70001x1', { addOns: { 99292: ['1', '99291'] } });
    assert.deepEqual([by, found.filter((one) => /^add/.test(one))], [{}, ['add_on_colleague 1']]);
    assert.deepEqual(ask('99292x1,99291x1', { addOns: { 99292: ['1', '99291'] } }).found.filter((one) => /^add/.test(one)), []);
  });
  it('a ZZZ code that is not in the file is a note', () => {
    assert.deepEqual(ask('11001x1,70001x1').found.filter((one) => /^add/.test(one)), ['add_on_unlisted 1']);
  });
});

describe('the rest', () => {
  it('therapy without its discipline is refused without a locality too', () => {
    const { findings, amounts } = ask('97110x1,70001x1');
    assert.deepEqual(findings.filter(({ severity }) => severity === 'deny').map(({ name, lines }) => [name, lines]), [['refused', [1]]]);
    assert.deepEqual(amounts, [null, '11.00']);
    assert.deepEqual(ask('97110-GPx1').amounts, ['4.00']);
  });
  it('a code without a row that has a unit limit on the day is one of another fee schedule: to be checked, and it stands', () => {
    const limits = { '0001U': [1, '2'] };
    assert.deepEqual(ask('0001Ux1', { limits }).found, ['elsewhere 1']);
    assert.deepEqual(ask('0001Ux1').found, ['refused 1']);
    // Above the limit it is denied for that alone.
    assert.deepEqual(ask('0001Ux2', { limits }).by, { 1: 'units_day_policy' });
    assert.deepEqual(ask('0001Ux1,70002x1', { limits, edits: { '0001U': { 70002: '1' } } }).by, { 2: 'pair_needs_modifier' });
    // Limits of another time do not say that the code was in use on the day.
    assert.deepEqual(ask('0001Ux1', { limits, editions: { ...EDITIONS, mue: { ...EDITIONS.mue, relation: 'newer_only' } } }).found, ['refused 1']);
  });
  it('a unit limit of a later quarter is told with the doubt that it is not retroactive (chapter 23, section 20.9.3.2), one of the day without it', () => {
    const why = (relation) => ask('70001x3', { limits: { 70001: [2, '3'] }, editions: { ...EDITIONS, mue: { ...EDITIONS.mue, relation } } }).findings[0].why;
    for (const [relation, doubt] of [['newer_only', true], ['in_force', false], ['older_only', false], ['newest', false]]) assert.equal(/may not have been in force/.test(why(relation)), doubt, relation);
  });
  it('of a visit that CMS no longer has nothing is said beyond that', () => {
    assert.deepEqual(ask('99300-25x1,20000x1').found.filter((one) => / 1$/.test(one)), ['refused 1']);
  });
  it('G2211 beside an office visit with 25 is a check, and stays paid: the list of preventive services is not held (chapter 12, section 30.6.7.F)', () => {
    const addOns = { G2211: ['1', '99213 99221'] };
    const { found, amounts } = ask('99213-25x1,G2211x1', { addOns });
    assert.deepEqual(found.filter((one) => one.startsWith('complexity')), ['complexity_25 2']);
    assert.ok(amounts[1]);
    for (const without of ['99213x1,G2211x1', '99221-25x1,G2211x1', '99213-24x1,G2211x1', '99213-25x1,11001x1']) assert.ok(!ask(without, { addOns }).found.some((one) => one.startsWith('complexity')), without);
    // Denied with its visit, it is told that alone.
    assert.deepEqual(ask('99213-25x5,G2211x1', { addOns, limits: { 99213: [1, '2'] } }).by, { 1: 'units_day_policy', 2: 'add_on_primary_denied' });
    assert.ok(!ask('99213-25x5,G2211x1', { addOns, limits: { 99213: [1, '2'] } }).found.some((one) => one.startsWith('complexity')));
  });
  it('telehealth by modifier at a place other than 02 and 10 is a check, and stays paid (chapter 26, section 10.5)', () => {
    const said = (text, more) => ask(text, more).found.filter((one) => one.startsWith('telehealth'));
    assert.deepEqual(said('99213-95x1,70001x1'), ['telehealth_place 1']);
    assert.deepEqual(said('70001x1,99213-93x1', { pos: '22' }), ['telehealth_place 2']);
    assert.ok(ask('99213-95x1').amounts[0]);
    for (const pos of ['02', '10']) assert.deepEqual(said('99213-95x1', { pos }), [], pos);
    // Nothing is said where no place is known, of a line without the modifier, and of one that is denied for something else.
    assert.deepEqual([said('99213-95x1', { pos: '' }), said('99213x1'), said('99213-95x5', { limits: { 99213: [1, '2'] } })], [[], [], []]);
    assert.deepEqual(said('99213-95x1', { pos: '97' }), []);
  });
  it('place 02 or 10 without 93 or 95 is a check of all lines at once, and stays paid; another modifier of telehealth will do (chapter 26, section 10.5)', () => {
    const said = (text, more) => ask(text, more).found.filter((one) => one.startsWith('telehealth'));
    for (const pos of ['02', '10']) assert.deepEqual(said('99213x1,70001-95x1,70002x1', { pos }), ['telehealth_modifier 1 3'], pos);
    const { findings, amounts } = ask('99213x1,70002x1', { pos: '10' });
    assert.match(findings[0].say, /99213, 70002/);
    assert.ok(amounts[0]);
    assert.deepEqual([said('99213-GTx1', { pos: '02' }), said('99213x5', { pos: '10', limits: { 99213: [1, '2'] } })], [[], []]);
  });
  it('before 2024 neither is asked: telehealth was billed with the place of a visit in person', () => {
    const said = (text, day, pos) => ask(text, { day, pos }).found.filter((one) => one.startsWith('telehealth'));
    assert.deepEqual([said('99213-95x1', '2023-12-31', '11'), said('99213x1', '2023-12-31', '02')], [[], []]);
    assert.deepEqual([said('99213-95x1', '2024-01-01', '11'), said('99213x1', '2024-01-01', '02')], [['telehealth_place 1'], ['telehealth_modifier 1']]);
  });
  it('lines alike in code and modifiers are a check, whatever the order of their modifiers', () => {
    assert.ok(ask('70001-59-RTx1,70001-RT-59x2').found.includes('duplicate 1 2'));
    assert.ok(!ask('70001-RTx1,70001-LTx1').found.some((one) => one.startsWith('duplicate')));
  });
  it('a clean claim says so; one with a denial or a check does not', () => {
    assert.ok(ask('70001x1').found.includes('clean'));
    assert.ok(!ask('70001x1,70001x1').found.includes('clean'));
    assert.ok(!ask('90001x1').found.includes('clean'));
  });
  it('findings come by severity, then by line', () => {
    const { findings } = ask('70001x1,70002-59x1,70003x1,99213x1,70001x1', { edits: { 70001: { 70002: '1', 70003: '0', 99213: '1' } } });
    assert.deepEqual(findings.map(({ severity }) => severity), ['deny', 'deny', 'check', 'note', 'note']);
    assert.deepEqual(findings.slice(0, 2).map(({ lines }) => lines[0]), [3, 4]);
    // What no modifier bypasses is found first, and is told in its place all the same.
    assert.deepEqual(ask('70001x1,70002x1,70003x1', { edits: { 70001: { 70002: '1', 70003: '0' } } }).found.filter((one) => /^pair/.test(one)), ['pair_needs_modifier 2', 'pair_denied 3']);
  });
});

describe('random claims', () => {
  let seed = 11;
  const draw = (most) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
  const pick = (all) => all[draw(all.length)];
  const CODES = Object.keys(ROWS);
  const MODIFIERS = ['', '', '', '', '-59', '-25', '-57', '-RT', '-LT', '-XS', '-GP', '-58'];
  /** Edits from a code to others, limits, add-on codes: as many rings as chance makes, or none. */
  const rules = (rings) => {
    const edits = Object.fromEntries(CODES.map((one) => [one, Object.fromEntries(CODES.filter((two) => (rings ? one !== two : one < two) && !draw(4)).map((two) => [two, pick(['0', '1', '1'])]))]));
    const limits = Object.fromEntries(CODES.filter(() => draw(2)).map((one) => [one, [draw(4), pick(['1', '2', '3'])]]));
    return { edits, limits, addOns: { 11001: ['1', '70001 20000'], 11002: [pick(['1', '2', '3']), '70002 27000'] } };
  };
  const claim = () => Array.from({ length: 2 + draw(7) }, () => `${pick(CODES)}${pick(MODIFIERS)}x${1 + draw(3)}`);
  const outcome = ({ lines, denied, amounts }) => lines.map((line, at) => `${written(line)} ${denied[at]} ${amounts[at]}`);
  const found = ({ findings, lines }) => findings.map(({ name, lines: on, say }) => `${name} ${say} ${on.map((at) => written(lines[at - 1])).sort()}`).sort();

  it('the order of lines changes nothing', () => {
    let denials = 0;
    for (let turn = 0; turn < 400; turn++) {
      const all = rules(true);
      const lines = claim();
      const one = ask(lines.join(), all);
      const other = ask([...lines].reverse().join(), all);
      assert.deepEqual(outcome(one).sort(), outcome(other).sort(), lines.join());
      // A therapy unit that is not reduced may be on either of two lines alike: their findings are the same.
      assert.deepEqual(found(one), found(other), lines.join());
      denials += Object.keys(one.by).length;
    }
    assert.ok(denials > 400);
  });

  it('a modifier that only reports changes no denial and no money', () => {
    for (let turn = 0; turn < 300; turn++) {
      const all = rules(true);
      const lines = claim();
      const at = draw(lines.length);
      const marked = lines.map((line, place) => (place === at ? line.replace('x', `-${pick(['KX', 'GC'])}x`) : line));
      // Of lines that are alike either may be the one that is denied.
      const [one, other] = [lines, marked].map((some) => ask(some.join(), all)).map(({ denied, amounts }) => lines.map((line, place) => [line, denied[place], amounts[place]].join(' ')).sort());
      assert.deepEqual(one, other, lines.join());
    }
  });

  it('a denied line taken away leaves the others as they were', () => {
    let taken = 0;
    for (let turn = 0; turn < 400; turn++) {
      const all = rules(false);
      const lines = claim();
      const one = ask(lines.join(), all);
      one.denied.forEach((name, at) => {
        if (!name || ROWS[one.lines[at].code][''][0] === 'T') return;
        // Units of a day are denied together, so they are taken away together.
        const gone = (place) => (/^units_(day|zero)/.test(name) ? one.lines[place].code === one.lines[at].code : place === at);
        const left = lines.filter((_, place) => !gone(place));
        if (!left[0]) return;
        const rest = ask(left.join(), all);
        // An add-on code whose denied primary is taken away is denied as one that stands alone.
        const paid = ({ denied, amounts }) => denied.map((why, place) => [Boolean(why), amounts[place]]);
        assert.deepEqual(paid(rest), paid(one).filter((_, place) => !gone(place)), `${lines.join()} without ${at + 1}`);
        taken += 1;
      });
    }
    assert.ok(taken > 300);
  });
});
