/** How the page that compares rates reads a table: its text, its columns, its cells; and how it writes one that no spreadsheet runs. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { amountIn, codeIn, commas, dayIn, localityIn, modifiersIn, placeIn, unitsIn } from '../../assets/js/compare/cells.js';
import { columnsOf, isPaid, refusedFor, worthOf } from '../../assets/js/compare/columns.js';
import { decoded, evened, separated, sheet } from '../../assets/js/compare/csv.js';
import { exported } from '../../assets/js/compare/export.js';
import { Comparer, ranked, share, totalled } from '../../assets/js/compare/rates.js';
import { safe } from '../../assets/js/compare/safe.js';
import { Session } from '../../assets/js/compare/session.js';

const says = (made) => (typeof made === 'object' && made !== null && 'say' in made ? made.say : `not refused: ${made}`);
const rows = (text, between = ',') => [...sheet(evened(text), between)];

describe('a text becomes rows', () => {
  it('quotes, doubled quotes, signs and line breaks inside them, and the line on which each row begins', () => {
    assert.deepEqual(rows('a,b\r\n"x, y","say ""no"""\r"two\nlines",2\n\nlast,'), [
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['x, y', 'say "no"'] },
      { line: 3, cells: ['two\nlines', '2'] },
      { line: 5, cells: [''] },
      { line: 6, cells: ['last', ''] },
    ]);
  });

  it('a quote that does not close is a fault of its own line; what follows is read', () => {
    assert.deepEqual(rows('99213,"80\n99214,90\n"99215"x,1\n99203,70').map(({ line, fault }) => [line, Boolean(fault)]), [[1, true], [2, false], [3, true], [4, false]]);
  });

  it('a quote forgotten in one row and one far below swallow nothing between them', () => {
    const between = Array.from({ length: 40 }, () => '99213,80');
    const read = rows(['99213,"80', ...between, '99214,90"'].join('\n'));
    assert.equal(read.length, 42);
    assert.equal(read.filter(({ fault }) => fault).length, 1);
  });

  it('a quote inside a cell that does not begin with one is part of its text', () => {
    assert.deepEqual(rows('5" tube,1'), [{ line: 1, cells: ['5" tube', '1'] }]);
  });

  it('blanks around quotes are no part of a cell, and a line without text is a row of its own', () => {
    assert.deepEqual(rows('\n"a" , "b, c"   ,d \n "e"'), [{ line: 1, cells: [''] }, { line: 2, cells: ['a', 'b, c', 'd '] }, { line: 3, cells: ['e'] }]);
  });

  it('the sign between cells is the one by which the first row names columns; `sep=` says it', () => {
    for (const [text, sign] of [['code,amount\n1,2', ','], ['code;amount\n1;2,5', ';'], ['code\tamount\n', '\t'], ['code|amount', '|'], ['99213;95,19', ';'], ['99213;1,234,567.00', ';'], ['99213,95.19', ',']]) assert.equal(separated(text, worthOf).between, sign, text);
    assert.deepEqual(separated('sep=;\ncode;amount', worthOf), { between: ';', text: 'code;amount', before: 1 });
  });

  it('bytes are UTF-8 with or without a mark, UTF-16 with one, else Windows-1252; a workbook is refused by what it is', () => {
    const text = (bytes) => evened(decoded(Uint8Array.from(bytes)).text);
    assert.equal(text([0xef, 0xbb, 0xbf, 0x43]), 'C');
    assert.equal(text([0xc3, 0xa9]), 'é');
    assert.equal(text([0xe9, 0x31]), 'é1');
    assert.equal(text([0xff, 0xfe, 0x43, 0x00]), 'C');
    assert.equal(text([0xfe, 0xff, 0x00, 0x43]), 'C');
    assert.match(decoded(Uint8Array.from([0x50, 0x4b, 3, 4])).refused, /Save the sheet as CSV/);
    assert.match(decoded(Uint8Array.from([0x25, 0, 0x44])).refused, /no text file/);
  });
});

describe('columns are known by their names', () => {
  const roles = (...names) => columnsOf(names).roles;

  it('as exports of practices and contracts write them; the more exact name of two counts, of modifiers all', () => {
    assert.deepEqual(roles('CPT/HCPCS', 'Mod 1', 'Mod 2', 'Contract Rate', 'Units', 'POS', 'MAC', 'Locality', 'Date of Service'), ['code', 'modifiers', 'modifiers', 'amount', 'units', 'pos', 'carrier', 'locality', 'date']);
    assert.deepEqual(roles('ProcedureCode', 'Modifier', 'Billed', 'Allowed Amt', 'Paid Amt', 'Paid Date'), ['code', 'modifiers', '', 'amount', '', '']);
    assert.deepEqual(roles('code', 'description', 'amount'), ['code', '', 'amount']);
    assert.deepEqual(roles(' CPT® ', 'Rate ($)', '"Mod"'), ['code', 'amount', 'modifiers']);
    const long = 'What the contract of the third year says of it'; // 46 letters, of which 39 are shown
    assert.deepEqual(columnsOf(['code', '', ' Rate ', long]).names, ['code', 'Column 2', 'Rate', 'What the contract of the third year say…']);
    assert.equal(columnsOf(['code', long.slice(0, 40)]).names[1], 'What the contract of the third year says');
  });

  it('a first row with a code is a row: its columns have no names, and only the code is known', () => {
    assert.deepEqual(columnsOf(['99213', '25', '80.00']), { named: false, names: ['Column 1, such as 99213', 'Column 2, such as 25', 'Column 3, such as 80.00'], roles: ['code', '', ''] });
    assert.deepEqual(columnsOf(['99213', '2', '80.00']).names, ['Column 1, such as 99213', 'Column 2, such as 2', 'Column 3, such as 80.00']);
    assert.deepEqual(columnsOf(['="99213"', '80.00']).roles, ['code', '']);
    assert.deepEqual(columnsOf(['99213', 'Oak Street', '']).names, ['Column 1, such as 99213', 'Column 2', 'Column 3']); // words are not repeated
    assert.equal(columnsOf(['Oak', 'Elm']).named, true);
    assert.deepEqual(['Paid', 'Payment Amount', 'Insurance Paid', 'PmtAmt', 'Allowed', 'Contract rate'].map(isPaid), [true, true, true, true, false, false]);
  });

  it('what looks like patient information is refused by its name', () => {
    for (const name of ['Name', 'Patient', 'PatientName', 'patient_id', 'Pt Name', 'Last', 'First Name', 'LASTNAME', 'DOB', 'Date of Birth', 'Birthdate', 'MRN', 'SSN', 'Member ID', 'memberid', 'Subscriber', 'MBI', 'Account #', 'Acct', 'Chart No', 'Phone', 'E-mail', 'Address 1', 'Insured'])
      assert.match(refusedFor(['code', name, 'amount'], ''), /looks like patient information\. Take it out/, name);
  });

  it('it is named as it stands in the table, without the blanks around it', () => {
    assert.match(refusedFor(['code', ' Birth Date ', 'amount'], ''), /^The column “Birth Date” looks/);
  });

  it('what is about money, payers or services is not', () => {
    for (const name of ['Payer Name', 'Plan name', 'Provider Name', 'Patient Responsibility', 'Pt Resp', 'Member Liability', 'Procedure Name', 'Claim No', 'Description', 'Department', 'NPI']) assert.equal(refusedFor(['code', name, 'amount'], ''), '', name);
  });

  it('a social security number in a cell refuses the table; a date or an amount does not', () => {
    assert.match(refusedFor(['code', 'x'], 'code,x\n99213,123-45-6789\n'), /social security number/);
    assert.equal(refusedFor(['code', 'x'], 'code,x\n99213,2026-07-15\n99214,12-45\n'), '');
  });
});

describe('cells', () => {
  it('amounts: dollar sign, thousands, cents, exact; longer zeros', () => {
    for (const [text, cents] of [['95.19', 9519n], ['$1,234.50', 123450n], [' 1,234,567.8 ', 123456780n], ['USD 80', 8000n], ['.5', 50n], ['95.1900', 9519n], ['7', 700n], ['1,234', 123400n], ['9,999,999.99', 999999999n]]) assert.equal(amountIn(text, false), cents, text);
  });

  it('amounts that are none, each with what to do', () => {
    for (const [text, words] of [['', /^No amount\. Enter/], ['n/a', /no amount\. Enter/], ['95,19', /“95,19” has a comma where cents begin\. Write/], ['1.234,50', /comma where cents begin/], ['1,23,4.00', /no amount/], ['-12.00', /below zero.*Take the row out/], ['(12.00)', /below zero/], ['$-12', /below zero/], ['12.00-', /below zero/], ['0.00', /zero: a denial is no rate\. Look up/], ['12.345', /finer than a cent\. Round/], ['10000000.00', /above what a line can be, 9,999,999\.99\. Correct/], ['=1+2', /^What stands there is no amount/], ['1e5', /no amount/], ['Wren', /^What stands there/]])
      assert.match(says(amountIn(text, false)), words, text);
  });

  it('cents after a comma only where the column is certain, and not where a value can be two things', () => {
    assert.equal(commas(['95,19', '1.234,50', '7']), true);
    assert.equal(commas(['95,19', '95.19']), false);
    assert.equal(commas(['1,234', '95']), false);
    assert.equal(commas(['95,19', '1,234.50']), false);
    for (const [text, cents] of [['95,19', 9519n], ['1.234,50', 123450n], ['7', 700n], ['1.234.567,8', 123456780n]]) assert.equal(amountIn(text, true), cents, text);
    assert.match(says(amountIn('1,234', true)), /thousands or decimals/);
    assert.match(says(amountIn('1.234', true)), /thousands or decimals/);
  });

  it('days: ISO and the American order; every other form and days that are none get a sentence', () => {
    for (const [text, day] of [['2026-07-05', '2026-07-05'], ['2026-7-5 00:00:00', '2026-07-05'], ['2026-07-05T08:15:00Z', '2026-07-05'], ['20260705', '2026-07-05'], ['2026/7/5', '2026-07-05'], ['7/5/2026', '2026-07-05'], ['07-05-2026', '2026-07-05'], ['7/5/26', '2026-07-05'], ['2/29/2024', '2024-02-29'], ['03-AUG-2026', '2026-08-03'], ['3 Aug 2026', '2026-08-03'], ['', '']]) assert.equal(dayIn(text), day, text);
    for (const [text, words] of [['2/29/2026', /no day of the calendar\./], ['15/07/2026', /no day of the calendar with the month first\. Write/], ['5.7.2026', /no date that is read here\. Write/], ['46208', /format the column as a date/], ['July 5', /^What stands there is no date/], ['2026-13-01', /no day of the calendar/], ['31-JUN-2026', /no day of the calendar/], ['03-XYZ-2026', /no date that is read here/]]) assert.match(says(dayIn(text)), words, text);
  });

  it('codes, with modifiers behind them; zeros that a spreadsheet dropped are told', () => {
    assert.deepEqual(codeIn('99213-25-GC'), { code: '99213', modifiers: ['25', 'GC'] });
    assert.deepEqual(codeIn(' j1100 '), { code: 'J1100', modifiers: [] });
    assert.deepEqual(codeIn('99213.0'), { code: '99213', modifiers: [] });
    for (const text of ['="99213"', "'99213"]) assert.deepEqual(codeIn(text), { code: '99213', modifiers: [] }, text);
    assert.match(says(codeIn('100')), /“100” is no code.*drops zeros/);
    assert.match(says(codeIn('')), /^No code\. Enter/);
    assert.match(says(codeIn('Robin')), /^What stands there is no code/);
  });

  it('modifiers apart and in one piece, units, places, localities', () => {
    for (const text of ['59 RT', '59,RT', '59-RT', '59RT']) assert.deepEqual(modifiersIn(text), ['59', 'RT'], text);
    for (const text of ['25.0 59.0', '="25" ="59"', "'25 '59"]) assert.deepEqual(modifiersIn(text), ['25', '59'], text);
    assert.match(says(modifiersIn('5')), /“5” is no modifier.*Correct/);
    assert.match(says(modifiersIn('Wren')), /^What stands there is no modifier.*write several apart/);
    assert.deepEqual([unitsIn('2.0'), unitsIn(''), unitsIn('007')], ['2', '', '7']);
    assert.match(says(unitsIn('1.5')), /no number of units\. Enter/);
    assert.match(says(unitsIn('0')), /no number of units/);
    assert.deepEqual([placeIn('11'), placeIn('2'), placeIn('21 - Inpatient'), placeIn('Facility'), placeIn('')], [{ pos: '11', setting: '' }, { pos: '02', setting: '' }, { pos: '21', setting: '' }, { pos: '', setting: 'facility' }, { pos: '', setting: '' }]);
    assert.match(says(placeIn('somewhere')), /no place of service\. Enter/);
    for (const text of ['01112-05', '1112-5', '01112/05', '0111205', '111205', '01112 05']) assert.equal(localityIn(text, ''), '01112/05', text);
    assert.equal(localityIn('5', '1112'), '01112/05');
    assert.equal(localityIn('', ''), '');
    assert.match(says(localityIn('20001', '')), /ZIP codes are not read here\. Write/);
    assert.match(says(localityIn('', '01112')), /names no locality/);
  });
});

describe('a row', () => {
  const roles = ['code', 'modifiers', 'amount', 'units', 'date', 'pos', 'locality'];
  const comparer = (given = {}) => new Comparer(/** @type {any} */ ({ roles, comma: false, pos: '11', day: '2026-08-03', locality: '00000/00', target: 10_000n, ...given }), (day) => `Asked for ${day}.`);
  const good = ['99213', '25', '80.00', '1', '2026-07-15', '11', '01112-05'];

  it('with a cell that cannot be read is left, with what is wrong with each of them', () => {
    assert.deepEqual(comparer().row(7, good), { line: 7, say: 'Asked for 2026-07-15.' });
    for (const [at, cell, words] of [[0, '9921', /is no code/], [1, '5', /is no modifier/], [2, '', /^No amount/], [3, '0', /no number of units/], [4, '2026-13-01', /no day of the calendar/], [5, 'there', /no place of service/], [6, '20001', /names no locality/]]) {
      const made = comparer().row(7, good.with(at, cell));
      assert.equal(made.line, 7);
      assert.match(made.say, words, cell);
      assert.doesNotMatch(made.say, /Asked/);
    }
    assert.match(comparer().row(7, good.with(0, 'x').with(4, 'y')).say, /is no code.*is no date/);
  });

  it('without a day has that of all rows, and each day is asked for once', () => {
    const days = [];
    const one = new Comparer(/** @type {any} */ ({ roles, comma: false, day: '2026-08-03' }), (day) => (days.push(day), 'None.'));
    for (const day of ['', '2026-07-15', '', '7/15/2026']) one.row(1, good.with(4, day));
    assert.deepEqual(days, ['2026-08-03', '2026-07-15']);
  });

  it('with one cell more than the table has columns is left, as an amount with a comma does; a blank one is nothing', () => {
    const two = comparer({ roles: ['code', 'amount'] });
    assert.match(two.row(3, ['99213', '1', '234.50']).say, /^The row has 3 cells and the table 2 columns\./);
    assert.equal(two.row(3, ['99213', '80', ' ', '']).say, 'Asked for 2026-08-03.');
  });
});

describe('what comes out', () => {
  const rate = (line, amount, allowed) => ({ line, code: '99213', modifiers: [], units: '1', place: '11', locality: '00000/00', day: '', release: 'RVU26C', amount, allowed, measure: allowed, remarks: [] });

  it('a percentage is exact and shown to a tenth, halves up', () => {
    // 40.00 ÷ 103.22 = 0.38752...; 1 ÷ 8 = 0.125; 2.5 cents in 10.00: 0.0025 is 0.25%, shown as 0.3.
    assert.deepEqual([share(4000n, 10322n), share(1n, 8n), share(25n, 10_000n), share(9007199254740993n, 9007199254740993n)], ['38.8', '12.5', '0.3', '100.0']);
  });

  it('ranks by the gap in dollars, or in percent, ties by line; totals what is below, above and as much', () => {
    const all = [rate(2, 90n, 100n), rate(3, 700n, 1000n), rate(4, 120n, 100n), rate(5, 50n, 50n), rate(6, 90n, 100n)];
    assert.deepEqual(ranked(all, 'gap', false, '').map(({ line }) => line), [3, 2, 6, 5, 4]);
    assert.deepEqual(ranked(all, 'share', true, 'under').map(({ line }) => line), [2, 6, 3]);
    assert.deepEqual(ranked(all, 'gap', false, 'over').map(({ line }) => line), [4]);
    assert.deepEqual(totalled(all), { count: 5, amount: 1050n, allowed: 1350n, measure: 1350n, under: 3, short: 320n, over: 1, beyond: 20n, equal: 1 });
  });

  it('no cell of the CSV begins a formula, whatever stood in the table', () => {
    for (const text of ['=1+2', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '\n=1', '|x', '%x']) assert.match(safe(text), /^"'/, JSON.stringify(text));
    assert.equal(safe('say "no", twice'), '"say ""no"", twice"');
    const csv = exported(['=about'], '100', [{ ...rate(2, 90n, 100n), locality: '@x', remarks: ['+1'] }], [{ line: 3, say: '=HYPERLINK("x")' }]);
    for (const cell of csv.replace(/^\ufeff/, '').split(/,|\r\n/)) assert.doesNotMatch(cell, /^"?[=+\-@]/);
    assert.match(csv, /"0\.90","1\.00","90\.0","0\.10",""/);
  });

  it('the CSV says by how much a row is below or above, neither where it is as much; a row that was left has its line and why', () => {
    const lines = exported(['About'], '100', [rate(2, 90n, 100n), rate(3, 120n, 100n), rate(4, 100n, 100n)], [{ line: 5, say: 'Why.' }]).trim().split('\r\n').slice(2).map((line) => line.split(','));
    assert.deepEqual(lines.map((cells) => cells.slice(-5).join()), ['"90.0","0.10","","",""', '"120.0","","0.20","",""', '"100.0","","","",""', '"","","","","Why."']);
    assert.deepEqual(lines.map((cells) => cells.length), [15, 15, 15, 15]);
    assert.deepEqual(lines.map(([line]) => line), ['"2"', '"3"', '"4"', '"5"']);
  });

  it('a row keeps its line in the file, under blank lines and one that says the sign between cells', () => {
    const session = new Session(/** @type {any} */ ({}), 10);
    session.take('\n ;\nsep=;\ncode;amount\n99213;80\n\n99214;90');
    assert.deepEqual([...session.rows()].map(({ line, cells }) => [line, cells[0]]), [[5, '99213'], [6, ''], [7, '99214']]);
  });

  it('as many rows as are compared at a time are taken, whether or not a line end stands behind the last', () => {
    for (const end of ['', '\n', '\r\n\r\n']) {
      const session = new Session(/** @type {any} */ ({}), 3);
      assert.ok(!('refused' in session.take(`code,amount\n99213,1\n99213,2\n99213,3${end}`)), JSON.stringify(end));
      assert.match(session.take(`code,amount\n99213,1\n99213,2\n99213,3\n99213,4${end}`).refused, /^It has 5 lines; up to 3 rows/);
    }
  });

  it('compared rows are given a page at a time, with how many there are; so are those that were left', async () => {
    const session = new Session(/** @type {any} */ ({}), 10);
    session.rates = [1, 2, 3, 4, 5].map((line) => rate(line, BigInt(100 + line), 102n));
    session.left = [6, 7, 8].map((line) => ({ line, say: 'Why.' }));
    const page = (asked) => session.page({ by: 'line', backwards: false, side: '', from: 0, count: 2, ...asked });
    assert.deepEqual([page({}).total, page({}).rows.map(({ line }) => line), page({ from: 3, count: 5 }).rows.map(({ line }) => line)], [5, [1, 2], [4, 5]]);
    assert.deepEqual(page({ count: 3, from: 0 }).rows.map(({ amount, allowed, gap, side, share }) => [amount, allowed, gap, side, share]), [['1.01', '1.02', '0.01', 'under', '99.0'], ['1.02', '1.02', '0.00', '', '100.0'], ['1.03', '1.02', '0.01', 'over', '101.0']]);
    assert.deepEqual([page({ side: 'over' }).total, page({ backwards: true }).rows[0].line], [3, 5]);
    assert.deepEqual([session.listed(1, 5).total, session.listed(1, 1).rows.map(({ line }) => line)], [3, [7]]);
  });

  it('nothing of a table that is refused is kept', () => {
    const session = new Session(/** @type {any} */ ({}), 10);
    assert.match(session.take('code,dob,amount\n99213,1950-01-02,80').refused, /“dob”/);
    assert.equal(session.text, '');
    assert.equal([...session.rows()].length, 0);
    assert.match(session.take(`code,amount\n${'99213,1\n'.repeat(11)}`).refused, /up to 10 rows/);
    assert.match(session.take('code\n99213').refused, /one cell alone/);
    assert.match(session.take('\n\n').refused, /nothing in it/);
  });
});
