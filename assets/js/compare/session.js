// @ts-check
/** One table from its text to its answers: which columns it has, its rows compared in portions, pages of the result, the CSV. */

import { commas } from './cells.js';
import { columnsOf, refusedFor, worthOf } from './columns.js';
import { decoded, evened, separated, sheet } from './csv.js';
import { exported } from './export.js';
import { Comparer, money, ranked, share, totalled } from './rates.js';

/** @typedef {import('./columns.js').Role} Role */
/** @typedef {import('./rates.js').Terms} Terms */
/** @typedef {import('./rates.js').Rate} Rate */
/** @typedef {import('./rates.js').Left} Left */
/** @typedef {import('./rates.js').Order} Order */
/** @typedef {{named: boolean, names: string[], roles: Role[], between: string}} Columns */
/** @typedef {{rows: number, compared: number, left: number, blank: number, comma: boolean, stopped: boolean, releases: string[], text: {[name: string]: string}, under: number, over: number, equal: number}} Outcome amounts as text */
/** @typedef {{line: number, code: string, modifiers: string[], units: string, place: string, locality: string, day: string, release: string, amount: string, allowed: string, share: string, gap: string, side: '' | 'under' | 'over', remarks: string[]}} Shown */

/** Rows between two looks at what else is asked of it. */
const PORTION = 250;

/** Rows as they come, until there is another table. */
export class Session {
  /**
   * @param {import('./releases.js').Releases} releases
   * @param {number} most rows of a table
   */
  constructor(releases, most) {
    this.releases = releases;
    this.most = most;
    this.text = '';
    /** Lines before the first row of the table. */
    this.before = 0;
    /** @type {Columns | undefined} */
    this.columns = undefined;
    /** @type {Rate[]} */
    this.rates = [];
    /** @type {Left[]} */
    this.left = [];
    /** @type {string[]} */
    this.about = [];
    this.target = '100';
    /** @type {{key: string, rows: Rate[]} | undefined} */
    this.sorted = undefined;
  }

  /** Keep nothing of a table. */
  forget() {
    this.text = '';
    this.before = 0;
    this.columns = this.sorted = undefined;
    this.rates = [];
    this.left = [];
  }

  /**
   * Take a table in: its columns, or why it is refused, of which nothing is kept.
   * @param {Uint8Array | string} source
   * @returns {Columns | {refused: string}}
   */
  take(source) {
    this.forget();
    const read = typeof source === 'string' ? { text: source } : decoded(source);
    if ('refused' in read) return read;
    const whole = evened(read.text).replace(/^(?:[\s,;|]*\n)+/, (lines) => {
      this.before = lines.split('\n').length - 1;
      return '';
    });
    const { between, text, before } = separated(whole, worthOf);
    const [first] = sheet(text, between);
    if (!first || !first.cells.some((cell) => cell.trim())) return { refused: 'There is nothing in it. Choose a table with a row a code.' };
    if (first.fault) return { refused: 'The quotes of the first line do not close. Save the sheet as CSV anew, and choose that file.' };
    const refused = refusedFor(first.cells, text);
    if (refused) return { refused };
    if (first.cells.length < 2) return { refused: 'The first line has one cell alone. A table has a column of codes and one of amounts, with a comma, a semicolon or a tab between them.' };
    const lines = text.trimEnd().split('\n').length;
    if (lines > this.most + 1) return { refused: `It has ${lines.toLocaleString('en-US')} lines; up to ${this.most.toLocaleString('en-US')} rows are compared at a time. Cut it into parts, each with the first line.` };
    this.text = text;
    this.before += before;
    this.columns = { ...columnsOf(first.cells), between };
    return this.columns;
  }

  /** The rows of the table with what is in them, each with its line in the file. */
  *rows() {
    const { columns } = this;
    if (!columns) return;
    let first = columns.named;
    for (const { line, cells, fault } of sheet(this.text, columns.between)) {
      if (!first) yield { line: line + this.before, cells, fault };
      first = false;
    }
  }

  /**
   * Compare all rows; undefined where another question came in between.
   * @param {Terms & {about: string[], targetText: string}} terms
   * @param {(done: number, line: number) => Promise<'on' | 'stop' | 'leave'>} pause called after each portion
   * @returns {Promise<Outcome | undefined>}
   */
  async compare(terms, pause) {
    const amounts = terms.roles.indexOf('amount');
    const cells = function* (/** @type {Session} */ session) {
      for (const row of session.rows()) yield row.cells[amounts] ?? '';
    };
    const comma = commas(cells(this));
    const comparer = new Comparer({ ...terms, comma }, (day) => this.releases.on(day));
    /** @type {Rate[]} */
    const rates = [];
    /** @type {Left[]} */
    const left = [];
    let blank = 0;
    let done = 0;
    let stopped = false;
    for (const { line, cells: row, fault } of this.rows()) {
      if (!fault && !row.some((cell) => cell.trim())) {
        blank += 1;
        continue;
      }
      done += 1;
      if (stopped) left.push({ line, say: 'Not reached: you stopped before it. Compare again.' });
      else if (fault) left.push({ line, say: 'A quote opens here and does not close as it should. Take it out, or write "" for a quote inside a cell.' });
      else {
        const made = comparer.row(line, row);
        if ('say' in made) left.push(made);
        else rates.push(made);
        if (done % PORTION) continue;
        const next = await pause(done, line);
        if (next === 'leave') return undefined;
        stopped = next === 'stop';
      }
    }
    this.rates = rates;
    this.left = left;
    this.about = terms.about;
    this.target = terms.targetText;
    this.sorted = undefined;
    const sums = totalled(rates);
    const text = { ...Object.fromEntries(['amount', 'allowed', 'measure', 'short', 'beyond'].map((name) => [name, money(sums[/** @type {'amount'} */ (name)])])), share: sums.allowed ? share(sums.amount, sums.allowed) : '' };
    return { rows: done, compared: rates.length, left: left.length, blank, comma, stopped, releases: [...new Set(rates.map(({ release }) => release))].sort(), text, under: sums.under, over: sums.over, equal: sums.equal };
  }

  /** Rows in an order, kept for the next page of them. @param {Order} by @param {boolean} backwards @param {'' | 'under' | 'over'} side */
  ranked(by, backwards, side) {
    const key = [by, backwards, side].join();
    if (this.sorted?.key !== key) this.sorted = { key, rows: ranked(this.rates, by, backwards, side) };
    return this.sorted.rows;
  }

  /**
   * A page of compared rows.
   * @param {{by: Order, backwards: boolean, side: '' | 'under' | 'over', from: number, count: number}} asked
   */
  page({ by, backwards, side, from, count }) {
    const all = this.ranked(by, backwards, side);
    /** @type {Shown[]} */
    const rows = all.slice(from, from + count).map(({ amount, allowed, measure, ...rest }) => ({
      ...rest,
      amount: money(amount),
      allowed: money(allowed),
      share: share(amount, allowed),
      gap: money(amount < measure ? measure - amount : amount - measure),
      side: amount < measure ? 'under' : amount > measure ? 'over' : '',
    }));
    return { total: all.length, rows };
  }

  /** A page of rows that were not compared. @param {number} from @param {number} count */
  listed(from, count) {
    return { total: this.left.length, rows: this.left.slice(from, from + count) };
  }

  /** Everything as CSV, in the order that is shown. @param {Order} by @param {boolean} backwards */
  csv(by, backwards) {
    return exported(this.about, this.target, this.ranked(by, backwards, ''), this.left);
  }
}
