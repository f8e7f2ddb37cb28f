// @ts-check
/** Shows what the claim desk found: findings, amounts with their arithmetic, which editions answered; and the same as CSV. */

import { dollars, el, figure, steps, write } from '../calculator/result.js';
import { setOf } from './check.js';
import { leading } from './leading.js';
import { written } from './lines.js';
import { edit } from './sets.js';

/** @typedef {import('./check.js').Finding} Finding */
/** @typedef {import('./read.js').Line} Line */
/** @typedef {{lines: Line[], kinds: string[], answer: import('./check.js').Answer, found: any, about: string}} Shown */

const KINDS = /** @type {{[kind: string]: string}} */ ({ non_qp: 'non-QP', qp: 'QP', all: '' });
const TABLES = /** @type {['ptp' | 'mue' | 'aoc', string][]} */ ([['ptp', 'Bundling edits'], ['mue', 'Unit limits'], ['aoc', 'Add-on code edits']]);
const WORDS = { deny: 'Denied', check: 'Check', note: 'Note' };

/** A line as a biller writes it: `45385-59 × 2`. @param {Line} line */
export const billed = ({ code, modifiers, units }) => `${[code, ...modifiers].join('-')} × ${units}`;

/** Cents of an amount as text. @param {string | null | undefined} amount */
const centsOf = (amount) => BigInt((amount ?? '0').replace('.', ''));

/** @param {bigint} sum */
const amountOf = (sum) => `${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`;

/** @param {Finding} finding */
function shown({ severity, lines, say, why, do: next, sources, codes = [], instead }) {
  const button = el('button', { type: 'button', className: 'quiet' }, `Put ${instead?.now} in its place`);
  Object.assign(button.dataset, instead);
  const links = sources.filter(Boolean).flatMap(([words, url], at) => [at ? ', ' : '', el('a', { href: url }, words)]);
  return el(
    'li',
    { className: severity },
    el('p', {}, el('b', {}, WORDS[severity]), lines[0] ? el('span', { className: 'on' }, ` Line${lines[1] ? 's' : ''} ${lines.join(', ')}`) : '', ' ', el('span', { className: 'say' }, say)),
    ...(next ? [el('p', { className: 'next' }, ...leading(next, codes), ...(instead ? [' ', button] : []))] : []),
    ...(why || links.length ? [el('p', { className: 'fine' }, why, ...(links.length ? [' Source: ', ...links] : []))] : []),
  );
}

/** What stands in the place of a line's amount. @param {Shown} all @param {number} at @param {number} kind */
function amount({ answer: { answers, denied } }, at, kind) {
  if (denied[at]) return 'denied';
  const { allowed, answer, result } = answers[kind][at] ?? {};
  return allowed ? dollars(allowed) : answer ? (/^(NO_NATIONAL_RULE|NOT_PFS|NEEDS_ANESTHESIA_INPUT)$/.test(result) ? 'not priced here' : 'not paid') : '';
}

/** Sums over the lines that have an amount. @param {Shown} all @param {number} kind */
function totals({ answer: { answers } }, kind) {
  const paid = answers[kind].filter((one) => one?.allowed);
  /** @param {(one: any) => string} of */
  const sum = (of) => amountOf(paid.reduce((so, one) => so + centsOf(of(one)), 0n));
  return { allowed: sum(({ allowed }) => allowed), medicare: sum(({ share }) => share.medicare_paid), patient: sum(({ share }) => share.patient) };
}

/**
 * Give an element the children that were made, and let stand those that are there already. They have no listeners of their own.
 * @param {Element} parent
 * @param {Element[]} made
 */
function renew(parent, made) {
  const old = [...parent.children];
  made.forEach((one, at) => {
    if (!old[at]) parent.append(one);
    else if (!old[at].isEqualNode(one)) old[at].replaceWith(one);
  });
  for (const one of old.slice(made.length)) one.remove();
}

/**
 * Fill the result; what it says already stays as it is, since most of a claim is the same after a key.
 * @param {HTMLElement} box
 * @param {Shown} all
 */
export function present(box, all) {
  const { lines, kinds, answer, found } = all;
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (box.querySelector(`[data-part=${name}]`));
  const of = (/** @type {Finding['severity']} */ severity) => answer.findings.filter((one) => one.severity === severity).length;
  const count = (/** @type {number} */ number, /** @type {string} */ word) => (number ? [`${number} ${word}`] : []);
  const denials = of('deny') ? count(of('deny'), of('deny') === 1 ? 'denial' : 'denials') : ['No denial found'];
  write(part('count'), [...denials, ...count(of('check'), 'to check'), ...count(of('note'), of('note') === 1 ? 'note' : 'notes')].join(', ') + '.');
  renew(part('findings'), answer.findings.map(shown));

  const heads = [...kinds.map((kind) => `Allowed ${KINDS[kind]}`.trim()), ...['Medicare', 'Patient'].map((text) => (kinds[1] ? `${text} ${KINDS[kinds[0]]}` : text))];
  const head = el('tr', {}, el('th', { scope: 'col' }, 'Line'), el('th', { scope: 'col' }, 'Billed'), ...heads.map((text) => el('th', { scope: 'col', className: 'n' }, ...text.split(' ').flatMap((word, at) => (at ? [' ', el('span', {}, word)] : [word])))));
  const body = lines.map((line, at) => {
    const share = answer.denied[at] ? undefined : answer.answers[0][at]?.share;
    const cells = [...kinds.map((_, kind) => figure(amount(all, at, kind))), figure(dollars(share?.medicare_paid)), figure(dollars(share?.patient))];
    const row = el('tr', {}, el('td', {}, String(at + 1)), el('th', { scope: 'row' }, billed(line)), ...cells);
    if (answer.denied[at]) row.className = 'denied';
    return row;
  });
  const sums = kinds.map((_, kind) => totals(all, kind));
  const foot = el('tr', { className: 'sum' }, el('td', {}), el('th', { scope: 'row' }, 'Total'), ...sums.map(({ allowed }) => figure(dollars(allowed))), figure(dollars(sums[0].medicare)), figure(dollars(sums[0].patient)));
  const table = part('amounts');
  if (!table.firstChild) table.append(...['thead', 'tbody', 'tfoot'].map((name) => document.createElement(name)));
  [[head], body, [foot]].forEach((rows, at) => renew(table.children[at], rows));
  const without = lines.flatMap((_, at) => (!answer.denied[at] && !answer.answers[0][at]?.allowed ? [at + 1] : []));
  write(part('without'), without[0] ? `The totals are without line${without[1] ? 's' : ''} ${without.join(', ')}.` : '');

  renew(
    part('steps'),
    lines.flatMap((line, at) => {
      const priced = answer.denied[at] ? undefined : answer.answers[0][at];
      if (!priced?.allowed) return [];
      const table = el('table', { className: 'steps' }, el('caption', {}, `Line ${at + 1}: ${billed(line)} ${KINDS[kinds[0]]}`), el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'How it is worked out'), el('th', { scope: 'col', className: 'n' }, 'Dollars'))), el('tbody', {}, ...steps(found.book, priced)));
      const notes = priced.notes.map((/** @type {string[]} */ [, text]) => el('li', {}, text));
      return notes[0] ? [table, el('ul', { className: 'notes' }, ...notes)] : [table];
    }),
  );
  // Asked for seldom, and as many as there are pairs: worked out once it is unfolded.
  const fold = /** @type {HTMLDetailsElement} */ (part('free').parentElement);
  const list = () => fold.open && renew(part('free'), free(lines, found).map((text) => el('li', {}, text)));
  fold.hidden = !found.editions.ptp || new Set(lines.map(({ code }) => code)).size < 2;
  fold.ontoggle = list;
  list();
  renew(part('sets'), editions(found).map((text) => el('li', {}, text)));
  write(part('about'), `${all.about}. Release ${found.release}, ${found.words}.` + (found.missing ? ` CMS put ${found.missing} in its place, which is not loaded here: what it changed is not in these amounts.` : ''));
}

/** The pairs of codes on a claim without an edit in either order, in sentences, each code with those after it. @param {Line[]} lines @param {any} found */
function free(lines, { editions: { ptp }, tables }) {
  const codes = [...new Set(lines.map(({ code }) => code))];
  const clear = (/** @type {string} */ one, /** @type {string} */ two) => !edit(tables.ptp(one), two, ptp) && !edit(tables.ptp(two), one, ptp);
  const said = codes.flatMap((one, at) => {
    const others = codes.slice(at + 1).filter((two) => clear(one, two));
    return others[0] ? [`No edit between ${one} and ${others[1] ? 'any of ' : ''}${others.join(', ')} in ${setOf(ptp)}.`] : [];
  });
  return said[0] ? said : [`Every pair of codes here has an edit in ${setOf(ptp)}.`];
}

/** Which editions answered, in sentences. @param {any} found */
function editions({ desk, editions: chosen, day }) {
  return TABLES.map(([table, what]) => {
    const one = chosen[table];
    /** @type {{[name: string]: string}} */
    const fill = { what, quarter: one ? setOf(one) : '', day };
    return desk.say[one ? one.relation : 'none'].replace(/{(\w+)}/g, (/** @type {string} */ _, /** @type {string} */ key) => fill[key] ?? '');
  });
}

/**
 * The result as CSV: the lines with their amounts, then the findings.
 * @param {Shown} all
 */
export function table(all) {
  const { lines, kinds, answer, found, about } = all;
  const quoted = (/** @type {(string | number | undefined)[]} */ row) => row.map((cell) => `"${String(cell ?? '').replace(/"/g, '""')}"`).join(',') + '\r\n';
  const of = (/** @type {number} */ at, /** @type {number} */ kind) => (answer.denied[at] ? undefined : answer.answers[kind][at]);
  return [
    ['Claim', about, `Release ${found.release}`, ...editions(found)],
    ['Line', 'Code', 'Modifiers', 'Units', ...kinds.flatMap((kind) => [`Allowed ${KINDS[kind]}`.trim(), `Medicare ${KINDS[kind]}`.trim(), `Patient ${KINDS[kind]}`.trim()]), 'Denied by'],
    ...lines.map((line, at) => [at + 1, line.code, line.modifiers.join(' '), line.units, ...kinds.flatMap((_, kind) => [of(at, kind)?.allowed, of(at, kind)?.share.medicare_paid, of(at, kind)?.share.patient]), answer.findings.find(({ name, lines: on }) => name === answer.denied[at] && on.includes(at + 1))?.say]),
    ['Severity', 'Lines', 'Finding', 'Why', 'What to do', 'Source'],
    ...answer.findings.map(({ severity, lines: on, say, why, do: next, sources }) => [WORDS[severity], on.join(' '), say, why, next, sources.filter(Boolean).map(([words]) => words).join('; ')]),
  ].map(quoted).join('');
}

/** Lines as the address has them. @param {Line[]} lines */
export const inAddress = (lines) => lines.map(written).join(',');
