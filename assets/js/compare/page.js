// @ts-check
/** The page that compares a table with Medicare: takes the table in, shows its columns, asks a worker, shows what it answers. */

import { el } from '../calculator/result.js';
import { isPaid, ROLES } from './columns.js';
import { fetched } from './fetched.js';
import { COUNT, counted, counts, listed, pager, rates, sums } from './show.js';

/** @typedef {import('./columns.js').Role} Role */
/** @typedef {import('./session.js').Columns} Columns */
/** @typedef {import('./session.js').Outcome} Outcome */
/** @typedef {import('./rates.js').Order} Order */
/** @typedef {HTMLElement & HTMLInputElement & HTMLSelectElement} Field what a selector is known to find */

/** Names of the signs between cells, for people. @type {{[sign: string]: string}} */
const SIGNS = { '\t': 'tab', ';': 'semicolon', ',': 'comma', '|': 'bar' };
/** Roles that one column alone can have. */
const SINGLE = ROLES.map(([role]) => role).filter((role) => role && role !== 'modifiers');

/** A worker that answers questions, each with a number of its own, until it is ended. */
function asking() {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  /** @type {Map<number, {done: (answer: any) => void, fail: (problem: Error) => void, progress?: (at: {done: number, line: number}) => void}>} */
  const open = new Map();
  let last = 0;
  worker.onmessage = ({ data: { turn, answer, problem, progress } }) => {
    const one = open.get(turn);
    if (progress) return one?.progress?.(progress);
    open.delete(turn);
    if (problem) one?.fail(new Error(problem));
    else one?.done(answer);
  };
  worker.onerror = () => {
    for (const one of open.values()) one.fail(new Error('worker'));
    open.clear();
  };
  /** @param {string} ask @param {{[field: string]: any}} [fields] @param {(at: {done: number, line: number}) => void} [progress] @returns {Promise<any>} */
  const ask = (ask, fields, progress) =>
    new Promise((done, fail) => {
      last += 1;
      open.set(last, { done, fail, progress });
      worker.postMessage({ ...fields, ask, turn: last });
    });
  return { ask, end: () => worker.terminate() };
}

/** Run the page. @param {HTMLElement} section */
function run(section) {
  const the = (/** @type {string} */ selector) => /** @type {Field} */ (section.querySelector(selector));
  const part = (/** @type {string} */ name) => the(`[data-part=${name}]`);
  const { rates: address = '', older = '', rules = '', places: table = '', releases = '', most, now = '' } = section.dataset;
  const files = { rates: address, older, rules, places: table, releases };
  const [form, note, again, refused, columnsBox, progress, halt, status, result, target, targetNote, file, paste] = ['form', '#u-note', '#u-again', '#u-refused', '#u-columns', '#u-progress', '#u-stop', '#u-status', '.compare-result', '#u-target', '#u-target-note', '#u-file', '#u-text'].map(the);
  const hint = targetNote.textContent;
  /** The worker, from the first question on. @type {ReturnType<typeof asking> | undefined} */
  let worker;
  /** @type {ReturnType<typeof asking>['ask']} */
  const ask = (...question) => (worker ??= asking()).ask(...question);
  /** @type {Columns | undefined} */
  let columns;
  /** @type {{by: Order, backwards: boolean, side: '' | 'under' | 'over'}} */
  let order = { by: 'gap', backwards: false, side: '' };
  /** @type {any} */
  let terms;
  /** Counts tables and questions, so that a late answer to an earlier one is left. */
  let turn = 0;
  /** Whether the amounts are here, once somebody turned to the form. @type {Promise<boolean> | undefined} */
  let amounts;

  /** Fill the form. The worker and the amounts of all codes weigh more than the page, and who only reads it does without. */
  async function begin() {
    again.hidden = true;
    note.textContent = note.dataset.wait ?? '';
    try {
      const [{ factors, places: numbers }, places] = await Promise.all([rules, table].map(fetched));
      the('#u-pos').replaceChildren(...Object.entries(numbers).sort().flatMap(([number, { name, setting }]) => (setting === 'unused' ? [] : [el('option', { value: number, selected: number === '11' }, `${number} ${name}`)])));
      const locality = the('#u-loc');
      for (const [key, { name, state }] of Object.entries(places).slice(1)) {
        let group = /** @type {any} */ (locality.lastElementChild);
        if (group.label !== state) locality.append((group = el('optgroup', { label: state })));
        group.append(el('option', { value: key }, `${name} (${key.replace('/', '-')})`));
      }
      const qp = the('#u-qp');
      if (qp && 'all' in factors) /** @type {HTMLElement} */ (qp.parentElement).hidden = !older;
      form.hidden = false;
      note.textContent = note.dataset.form ?? '';
    } catch {
      failed();
    }
  }

  function failed() {
    note.textContent = note.dataset.fail ?? '';
    again.hidden = false;
  }

  /** Load the amounts, unless they are here or on their way; whether they are. */
  const ready = () => (amounts ??= loaded());

  async function loaded() {
    again.hidden = true;
    note.textContent = note.dataset.wait ?? '';
    try {
      await ask('begin', { files, most: Number(most) });
      note.textContent = note.dataset.ready ?? '';
      return true;
    } catch {
      failed();
      worker?.end();
      worker = amounts = undefined;
      return false;
    }
  }

  /** Take a table in. @param {File | string} source */
  async function take(source) {
    const mine = (turn += 1);
    columns = undefined;
    refused.textContent = '';
    columnsBox.hidden = result.hidden = halt.hidden = true;
    progress.textContent = 'Reading the table…';
    /** @type {Columns | {refused: string}} */
    let found;
    try {
      found = (await ready()) ? await ask('take', { source }) : { refused: 'The table was not read, since the amounts could not be loaded. Choose it again when you are online.' };
    } catch {
      found = { refused: 'The file could not be read. Choose it again.' };
    }
    if (mine !== turn) return;
    progress.textContent = '';
    if ('refused' in found) refused.textContent = found.refused;
    else {
      columns = found;
      draw();
      await compare();
    }
    // Where the page has one column, what became of the table stands below the screen.
    if (result.hidden) return refused.scrollIntoView({ block: columnsBox.hidden ? 'nearest' : 'start' });
    const [head] = result.children;
    const { top, bottom } = head.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) head.scrollIntoView();
  }

  /** Show the columns and what each is read as. */
  function draw() {
    if (!columns) return;
    const { names, roles, named, between } = columns;
    const read = roles.flatMap((role, at) => (role ? [`${(ROLES.find(([one]) => one === role) ?? ROLES[0])[1].toLowerCase()} from “${names[at]}”`] : []));
    const left = names.filter((_, at) => !roles[at]);
    const more = left[5] ? ` and ${left.length - 5} more` : '';
    const rest = left[0] ? ` Not read: ${left.slice(0, 5).join(', ')}${more}.` : '';
    the('#u-columns summary span').textContent = `${read.join(', ') || 'none is known'}.${rest} Change`;
    part('paid').hidden = !roles.some((role, at) => role === 'amount' && isPaid(names[at]));
    the('#u-columns tbody').replaceChildren(
      ...names.map((name, at) => {
        const select = el('select', {}, ...ROLES.map(([value, label]) => el('option', { value, selected: value === roles[at] }, label)));
        select.setAttribute('aria-label', `“${name}” is read as`);
        select.onchange = () => {
          const role = /** @type {Role} */ (select.value);
          // A column of this kind that was chosen before is no longer read.
          if (SINGLE.includes(role)) roles.forEach((one, other) => one === role && (roles[other] = ''));
          roles[at] = role;
          draw();
          /** @type {HTMLElement | undefined} */ (section.querySelectorAll('#u-columns select')[at])?.focus();
          compare();
        };
        return el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, select));
      }),
    );
    the('#u-columns caption').textContent = `Columns of your table, cut at each ${SIGNS[between] ?? between}; ${named ? 'the first line names them' : 'the first line is a row'}`;
    columnsBox.hidden = false;
  }

  /** What holds for rows that do not say otherwise; undefined where the percentage is none. */
  function said() {
    const typed = target.value.trim().replace(/\s*%$/, '');
    const found = /^([1-9]\d{0,2})(?:\.(\d{1,2}))?$/.exec(typed);
    target.toggleAttribute('aria-invalid', !found);
    targetNote.classList.toggle('refused', !found);
    targetNote.textContent = found ? hint : (targetNote.dataset.form ?? '');
    if (!found || !columns) return undefined;
    const [pos, locality, day, practitioner] = ['#u-pos', '#u-loc', '#u-dos', '#u-who'].map((one) => the(one).value);
    const factor = the('#u-qp')?.value ?? '';
    const words = ['#u-pos', '#u-loc', '#u-who', '#u-qp'].flatMap((one) => (the(one) ? [the(one).selectedOptions[0].text] : []));
    const about = [`Measured by ${typed}% of what Medicare allows.`, `Where a row does not say otherwise: ${[...words, day || now].join('; ')}.`];
    return { roles: columns.roles, comma: false, pos, locality: locality || '00000/00', day, practitioner, factor, target: BigInt(found[1] + (found[2] ?? '').padEnd(2, '0')), targetText: typed, about };
  }

  /** Compare the rows, and show what comes out. */
  async function compare() {
    const asked = said();
    if (!columns || !asked) return;
    const mine = (turn += 1);
    const missing = /** @type {Role[]} */ (['code', 'amount']).filter((role) => !columns?.roles.includes(role));
    refused.textContent = missing[0] ? `Which column is the ${missing.join(', and which the ')}? Choose it under Columns.` : '';
    if (missing[0]) {
      columnsBox.setAttribute('open', '');
      result.hidden = true;
      return;
    }
    halt.hidden = false;
    progress.textContent = status.textContent = 'Comparing…';
    /** @type {Outcome | undefined} */
    let outcome;
    try {
      outcome = await ask('compare', { terms: asked }, ({ done, line }) => mine === turn && (progress.textContent = `Comparing… ${counted(done, 'row')} done, line ${line.toLocaleString('en-US')} of the file.`));
    } catch {
      if (mine === turn) refused.textContent = 'The table could not be compared to its end. Reload the page, and choose it again.';
    }
    if (mine !== turn) return;
    halt.hidden = true;
    progress.textContent = '';
    if (!outcome) return;
    terms = asked;
    part('count').textContent = status.textContent = counts(outcome);
    sums(part('sums'), outcome, asked.targetText);
    part('about').textContent = [...asked.about, asked.roles.includes('locality') || asked.locality !== '00000/00' ? '' : 'No row says where: all are measured by the national amount. Choose your locality above.', outcome.releases[0] ? `Releases: ${outcome.releases.join(', ')}.` : '', outcome.comma ? 'Amounts are read with cents after a comma: 12,50 is $12.50.' : '', 'Totals are over the rows that were compared.'].filter(Boolean).join(' ');
    part('left-all').hidden = !outcome.left;
    result.hidden = false;
    await Promise.all([page(0), rest(0)]);
  }

  /** Show a page of ranked rows. @param {number} from */
  async function page(from) {
    const mine = turn;
    const { total, rows } = await ask('page', { ...order, from, count: COUNT });
    if (mine !== turn) return;
    const held = [...part('rates').querySelectorAll('thead button')].findIndex((one) => one === document.activeElement);
    rates(/** @type {any} */ (part('rates')), {
      ...order,
      rows,
      terms,
      sort: (by) => {
        order = { ...order, by, backwards: order.by === by && !order.backwards };
        void page(0);
      },
    });
    if (held >= 0) /** @type {HTMLElement} */ (part('rates').querySelectorAll('thead button')[held]).focus();
    pager(part('rates-pager'), 'rows that were compared', { from, total }, (to) => void page(to));
  }

  /** Show a page of the rows that were not compared. @param {number} from */
  async function rest(from) {
    const mine = turn;
    const { total, rows } = await ask('listed', { from, count: COUNT });
    if (mine !== turn) return;
    listed(/** @type {any} */ (part('left')), rows);
    pager(part('left-pager'), 'rows that were not compared', { from, total }, (to) => void rest(to));
  }

  form.onsubmit = () => {
    const text = paste.value;
    paste.value = ''; // what was pasted stands nowhere afterwards
    if (text.trim()) void take(text);
    return false;
  };
  form.onchange = ({ target: changed }) => {
    if (changed !== file && changed !== paste) void compare();
  };
  file.onchange = () => {
    const [chosen] = file.files ?? [];
    if (chosen) void take(chosen);
    file.value = ''; // the same file can be chosen again once it was corrected
  };
  const drop = the('.drop');
  section.ondragover = (event) => {
    event.preventDefault();
    drop.classList.add('over');
  };
  section.ondragleave = () => drop.classList.remove('over');
  section.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    const [dropped] = event.dataTransfer?.files ?? [];
    if (dropped && !form.hidden) void take(dropped);
  };
  halt.onclick = () => void ask('stop');
  again.onclick = () => void (form.hidden ? begin() : ready());
  // Once: where the amounts cannot be had, a table or the button asks for them again, not each movement.
  const turned = new AbortController();
  for (const kind of ['pointerover', 'focusin', 'dragenter']) {
    (kind === 'dragenter' ? section : form).addEventListener(kind, () => (turned.abort(), void ready()), { signal: turned.signal });
  }
  the('#u-side').onchange = ({ target: changed }) => {
    order = { ...order, side: /** @type {any} */ (changed).value };
    void page(0);
  };
  const load = the('#u-older');
  if (load) {
    const said = the('#u-older-note');
    load.onclick = async () => {
      load.disabled = true;
      said.textContent = said.dataset.wait ?? '';
      try {
        if (!(await ready())) throw new Error('no amounts');
        await ask('older', { files });
        said.textContent = status.textContent = said.dataset.ready ?? '';
        load.hidden = true;
        void compare();
      } catch {
        said.textContent = status.textContent = said.dataset.fail ?? '';
        load.disabled = false;
      }
    };
  }
  the('#u-csv').onclick = async () => {
    const blob = await ask('csv', { by: order.by, backwards: order.backwards });
    const link = el('a', { href: URL.createObjectURL(blob), download: 'compared-with-medicare.csv' });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a phone asks first whether it may load the file
  };
  the('#u-print').onclick = () => print();
  the('#u-clear').onclick = () => {
    turn += 1;
    columns = undefined;
    columnsBox.hidden = result.hidden = true;
    progress.textContent = refused.textContent = status.textContent = '';
    void ask('forget');
    file.focus();
  };
  void begin();
}

const section = document.getElementById('compare');
if (section) run(section);
