// @ts-check
/** Puts what the engine answers for one line into the places that the page has for it. */

const NAMES = /** @type {{[kind: string]: string}} */ ({ non_qp: 'non-QP', qp: 'QP' });
/** The first step after the allowed amount. */
const SHARES = /^(deductible|medicare)$/;

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<HTMLElementTagNameMap[T]>} properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * Write a text where another one stands: one that says the same stays as it is, and costs no layout.
 * @param {Node} at
 * @param {string} text
 */
export function write(at, text) {
  if (at.textContent !== text) at.textContent = text;
  return text;
}

/**
 * Say something at its place; what asks for something stands out.
 * @param {Element} at
 * @param {string} words
 * @param {boolean} [asks]
 */
export function hint(at, words, asks = false) {
  at.classList.toggle('ask', asks);
  return write(at, words);
}

/** @param {string | null | undefined} amount */
export const dollars = (amount) => (amount ? `$${amount.replace(/\B(?=(\d{3})+\.)/g, ',')}` : '');

/** @param {string} amount */
export const figure = (amount) => el('td', { className: 'n' }, amount);

/**
 * Words with the links to their sources, or with what to say where there is none.
 * @param {any} book
 * @param {string[]} sources
 * @param {string} none
 * @param {...(Node | string)} words
 */
export const cited = (book, sources, none, ...words) => [...words, ...(sources[0] ? [el('small', {}, ' Source: ', ...sources.flatMap((one, at) => [at ? ', ' : '', el('a', { href: book.cites[one][1] }, book.cites[one][0])]))] : [el('small', {}, none)])];

/**
 * The rows of the arithmetic.
 * @param {any} book
 * @param {any} answer
 */
export function steps(book, { trace, allowed, share }) {
  /**
   * @param {string} label
   * @param {string} how
   * @param {string} after
   * @param {string[]} [sources] none for a sum of what stands above
   */
  const row = (label, how, after, sources) => el('tr', {}, el('th', { scope: 'row' }, ...cited(book, sources ?? [], sources ? ' Not verified from a primary text.' : '', how ? `${label}: ` : label, el('span', {}, how))), figure(after));
  const made = trace.map((/** @type {any} */ { step, how, after }) => row(book.steps[step].label, how, after, book.steps[step].sources));
  made.splice(trace.findIndex((/** @type {any} */ { step }) => SHARES.test(step)), 0, Object.assign(row('Allowed amount', '', allowed), { className: 'sum' }));
  return [...made, row('Patient pays', `deductible ${share.deductible} + coinsurance ${share.coinsurance}`, share.patient)];
}

/**
 * The places of a result, found once: each key fills them.
 * @param {HTMLElement} box
 */
export function slots(box) {
  const all = (/** @type {string} */ selector) => /** @type {HTMLElement[]} */ ([...box.querySelectorAll(selector)]);
  const rows = all('[data-row]').map((row) => ({ row, puts: all('[data-put]').filter((put) => row.contains(put)) }));
  const first = new Set(all('.refusal, .answer, .answer *'));
  /** @param {boolean} at whether they stand in a key's own picture */
  const part = (at) => ({ puts: all('[data-put]').filter((put) => first.has(put) === at), rows: rows.filter(({ row }) => first.has(row) === at) });
  const [[refusal], [list], bodies] = ['.refusal', '.notes', '.steps tbody'].map(all);
  return { first: part(true), then: part(false), refusal, list, bodies };
}

/**
 * Show one answer for each conversion factor, or nothing: the allowed amounts or the refusal at once; who pays them, the arithmetic and the notes by what is returned.
 * @param {ReturnType<typeof slots>} at
 * @param {any} book
 * @param {string[]} kinds
 * @param {any[]} answers
 * @param {string} about the line and its circumstances
 */
export function show({ first, then, refusal, list, bodies }, book, kinds, answers, about) {
  /** @type {{[name: string]: string}} */
  const texts = { typical: book.notes.TYPICAL.say };
  const { answer: refused, say, result = '', conditions, notes } = answers[0] ?? { conditions: [], notes: [] };
  if (refused) texts.say = [say, ...answers.slice(1).flatMap((one) => (one.say === say ? [] : [`For a QP: ${one.say}`]))].join(' ');
  else {
    answers.forEach((answer, at) => {
      const kind = NAMES[kinds[at]] ?? '';
      Object.assign(texts, { [`kind${at}`]: kind, [`head${at}`]: kind || 'Dollars', [`about${at}`]: `${about} ${kind}` });
      for (const [name, amount] of Object.entries({ allowed: answer.allowed, ...answer.share })) texts[name + at] = dollars(amount);
    });
  }
  /** @param {typeof first} part */
  const put = ({ puts, rows }) => {
    for (const one of puts) one.hidden = !write(one, texts[String(one.dataset.put)] ?? '');
    for (const { row, puts: within } of rows) row.hidden = !within.some((one) => one.textContent);
  };
  put(first);
  if (refused) refusal.replaceChildren(...cited(book, book.refusals[refused].sources, '', texts.say));
  refusal.dataset.result = result;
  return () => {
    put(then);
    if (!refused) answers.forEach((answer, at) => bodies[at].replaceChildren(...steps(book, answer)));
    list.replaceChildren(...conditions.map((/** @type {string[]} */ [, one]) => el('li', { className: 'ask' }, one)), ...notes.map((/** @type {string[]} */ [, one]) => el('li', {}, one)));
  };
}

/**
 * What is shown, a line a row: for the clipboard and to be read aloud.
 * @param {HTMLElement} box
 * @param {string} selector
 */
export const lines = (box, selector = '.refusal, .allowed div, #c-over, caption, tbody tr, .notes li, .fine') =>
  [...box.querySelectorAll(selector)]
    .filter((one) => !one.closest('[hidden], .all'))
    .map((one) => (one.matches('tr, div') ? [...one.children].filter((/** @type {any} */ cell) => !cell.hidden) : [one]).map((cell) => cell.textContent).join('; '));
