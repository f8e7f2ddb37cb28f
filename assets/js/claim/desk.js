// @ts-check
/** Runs the claim desk: reads lines, keeps them in the address behind its `#`, fetches what they need, shows what was found. Nothing is sent anywhere. */

import { el } from '../calculator/result.js';
import { check } from './check.js';
import { gather, load } from './data.js';
import { CODE, lined, readLines } from './read.js';
import { billed, inAddress, present, table } from './show.js';

/** @typedef {import('./read.js').Line} Line */
/** @typedef {HTMLElement & HTMLInputElement & HTMLSelectElement} Field what a selector is known to find */

/** Names of the fields beside the lines, as the address has them. */
const FIELDS = ['pos', 'loc', 'dos', 'who', 'par', 'qp'];
const KEPT = 'claim';
/** So many ms without a key, and the typing rests. */
const REST = 100;

/** Read or keep a text in the tab's or the browser's storage; blank where that is forbidden. @param {'localStorage' | 'sessionStorage'} where @param {string} name @param {string} [text] */
function stored(where, name, text) {
  try {
    if (text === '') window[where].removeItem(name);
    else if (text !== undefined) window[where].setItem(name, text);
    return window[where].getItem(name) ?? '';
  } catch {
    return '';
  }
}

/**
 * Load what the desk needs, then run it; rejects where something cannot be loaded.
 * @param {HTMLElement} section
 */
export async function attach(section) {
  const the = (/** @type {string} */ selector) => /** @type {Field} */ (section.querySelector(selector));
  const form = /** @type {HTMLFormElement} */ (/** @type {unknown} */ (the('form')));
  const { claims = '', rules = '', places: table_ = '', releases = '' } = section.dataset;
  const files = { claims, rules, places: table_, releases };
  const [book, places] = await Promise.all([load(rules), load(table_)]);
  const most = Number(section.dataset.most);
  const [box, paste, heard, body, status, note, result, locality, zip] = ['#k-text', '#k-read', '#k-heard', '#k-lines tbody', '.visually-hidden[role=status]', '#k-note', '.desk-result', '#k-loc', '#k-zip'].map(the);
  const where = the('#k-where');
  const numbers = Object.keys(book.places).sort();
  const modifiers = new Set([...Object.keys(book.modifiers), ...book.anatomic.codes, ...book.reporting.codes]);
  /** @type {Line[]} */
  let lines = [];
  /** Counts questions, so that a late answer to an earlier one is left. */
  let turn = 0;
  /** @type {import('./show.js').Shown | undefined} */
  let last;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  /** @type {ReturnType<typeof setTimeout>} */
  let typing;

  /** Anesthesia: paid by base units and minutes. */
  const timed = (/** @type {string} */ code) => /^0[01]\d{3}$/.test(code);
  const announce = (/** @type {string} */ words) => {
    clearTimeout(timer);
    timer = setTimeout(() => (status.textContent = words), 600);
  };
  const known = (/** @type {string} */ modifier) => modifiers.has(modifier);
  const placeNamed = (/** @type {string} */ number) => (book.places[number] ? `${number} ${book.places[number].name}` : number);
  const numberOf = (/** @type {string} */ typed) => /^\d+/.exec(typed)?.[0].padStart(2, '0') ?? (typed && numbers.find((one) => book.places[one].name.toLowerCase().startsWith(typed.toLowerCase()))) ?? typed;
  /** The words of a choice that was made. @param {string} name */
  const chosen = (name) => {
    const { value: made, selectedOptions } = /** @type {Field} */ (form.elements.namedItem(name));
    return made ? [selectedOptions[0].text] : [];
  };
  const value = (/** @type {string} */ name) => form.elements.namedItem(name) && /** @type {Field} */ (form.elements.namedItem(name)).value.trim();

  /** Take lines in, as many as a claim holds. @param {Line[]} more @param {number} dropped */
  function take(more, dropped) {
    const room = Math.max(0, most - lines.length);
    lines = [...lines, ...more.slice(0, room)];
    const left = more.length - Math.min(more.length, room);
    heard.textContent = [
      `${more.length - left} line${more.length - left === 1 ? '' : 's'} read.`,
      ...(dropped ? [`${dropped} word${dropped === 1 ? ' was' : 's were'} no code, modifier or number, and dropped.`] : []),
      ...(left ? [`${left} left out: a claim here has up to ${most} lines.`] : []),
    ].join(' ');
    draw();
    answer();
  }

  /** Read what stands in the box, and empty it: a pasted list may hold what nobody should see again. */
  function readBox() {
    const { value: text } = box;
    box.value = '';
    if (!text.trim()) return;
    const { lines: more, dropped } = readLines(text, known);
    take(more, dropped);
  }

  /** A row of the table for each line. */
  function draw() {
    /** @param {number} at @param {string} name @param {string} label @param {string} text @param {number} size @param {(text: string) => string} clean */
    const field = (at, name, label, text, size, clean) => {
      const input = el('input', { type: 'text', value: text, maxLength: size, size, autocapitalize: 'characters', spellcheck: false, autocomplete: 'off' });
      input.setAttribute('aria-label', `${label}, line ${at + 1}`);
      input.dataset.field = name;
      input.oninput = () => {
        const place = input.selectionStart;
        const kept = clean(input.value.toUpperCase());
        if (kept !== input.value) {
          input.value = kept;
          input.setSelectionRange(place, place);
        }
        change(at, name, kept, input);
      };
      // What cannot stand there goes when the field is left.
      input.onblur = () => {
        if (!input.hasAttribute('aria-invalid')) return;
        input.removeAttribute('aria-invalid');
        const kept = lines[at]?.[/** @type {'code'} */ (name)] ?? '';
        input.value = Array.isArray(kept) ? kept.join(' ') : kept;
      };
      return input;
    };
    const cell = (/** @type {Parameters<typeof field>} */ ...all) => el('td', {}, field(...all));
    const digits = (/** @type {string} */ text) => text.replace(/\D/g, '');
    body.replaceChildren(
      ...lines.flatMap((line, at) => {
        const remove = el('button', { type: 'button', className: 'quiet', title: 'Remove the line' }, '✕');
        remove.setAttribute('aria-label', `Remove line ${at + 1}, ${billed(line)}`);
        remove.onclick = () => {
          lines.splice(at, 1);
          draw();
          answer();
          (/** @type {HTMLElement | undefined} */ (body.querySelectorAll('button')[Math.min(at, lines.length - 1)]) ?? box).focus();
        };
        const row = el(
          'tr',
          {},
          el('th', { scope: 'row' }, String(at + 1)),
          cell(at, 'code', 'Code', line.code, 5, (text) => /^(\d{0,4}[\dA-Z]?|[A-Z]\d{0,4})/.exec(text)?.[0] ?? ''),
          cell(at, 'modifiers', 'Modifiers', line.modifiers.join(' '), 14, (text) => text.replace(/[^\dA-Z ,-]/g, '')),
          cell(at, 'units', 'Units', line.units, 3, digits),
          el('td', {}, remove),
        );
        if (!timed(line.code)) return [row];
        const more = el('td', { colSpan: 4 }, el('label', {}, 'Base units ', field(at, 'base_units', 'Base units', line.base_units ?? '', 2, digits)), ' ', el('label', {}, 'Minutes ', field(at, 'minutes', 'Minutes', line.minutes ?? '', 4, digits)));
        return [row, el('tr', { className: 'timed' }, el('td', {}), more)];
      }),
    );
    the('#k-lines').hidden = !lines[0];
  }

  /** Take in a change of one field. @param {number} at @param {string} name @param {string} text @param {HTMLInputElement} input */
  function change(at, name, text, input) {
    const line = lines[at];
    input.removeAttribute('aria-invalid');
    if (name === 'code') {
      if (!CODE.test(text)) return input.setAttribute('aria-invalid', 'true');
      const before = timed(line.code);
      line.code = text;
      if (timed(text) !== before) {
        line.base_units = line.minutes = undefined;
        draw();
        /** @type {HTMLElement | undefined} */ (body.querySelectorAll('[data-field=code]')[at])?.focus();
      }
    } else if (name === 'modifiers') {
      const all = text.split(/[ ,-]+/).filter(Boolean);
      if (all.some((one) => one.length !== 2)) return input.setAttribute('aria-invalid', 'true');
      line.modifiers = all;
    } else if (name === 'units') {
      if (!Number(text)) return input.setAttribute('aria-invalid', 'true');
      line.units = String(Number(text));
    } else line[/** @type {'minutes'} */ (name)] = text;
    // A whole claim takes longer than a key may: it is answered once the typing rests.
    remember();
    clearTimeout(typing);
    typing = setTimeout(answer, REST);
  }

  /** Write the state behind the `#`, where no host sees it. */
  function remember() {
    const state = new URLSearchParams();
    if (lines[0]) state.set('l', inAddress(lines));
    for (const name of FIELDS) {
      const text = name === 'pos' ? numberOf(value(name) ?? '') : value(name);
      // Words that somebody typed go nowhere: a place of service is a number, a locality two.
      if (text && /^(\d\d|\d{5}-\d\d|\d{4}-\d\d-\d\d|[a-z_]+)$/.test(text)) state.set(name, text);
    }
    stored('sessionStorage', KEPT, inAddress(lines));
    try {
      history.replaceState(null, '', location.pathname + (String(state) && '#' + String(state).replace(/%2C/g, ',')));
    } catch {
      // A browser that takes no more addresses for a while still shows the result.
    }
  }

  /** Fetch what the claim needs and show what is found. */
  async function answer() {
    remember();
    const mine = (turn += 1);
    const day = value('dos') ?? '';
    note.hidden = false;
    the('#k-again').hidden = true;
    if (!lines[0]) {
      note.textContent = note.dataset.none ?? '';
      result.hidden = true;
      return;
    }
    note.textContent = (note.dataset.wait ?? '').replace('#', String(lines.length));
    /** @type {any} */
    let found;
    try {
      found = await gather(day, lines.map(({ code }) => code), files);
    } catch {
      if (mine !== turn) return;
      note.textContent = note.dataset.fail ?? '';
      the('#k-again').hidden = false;
      result.hidden = true;
      return announce(note.textContent);
    }
    if (mine !== turn) return;
    if (typeof found === 'string') {
      note.textContent = (note.dataset.days ?? '').replace('#', found);
      result.hidden = true;
      return announce(note.textContent);
    }
    found.day = day;
    const qp = value('qp');
    const kinds = 'all' in found.book.factors ? ['all'] : qp ? [qp] : ['non_qp', 'qp'];
    const key = locality.value.replace('-', '/') || '00000/00';
    const pos = numberOf(value('pos') ?? '');
    const claim = { lines: lines.map((line) => ({ ...line })), pos, locality: key, practitioner: value('who'), participation: value('par') };
    const made = check({ claim, kinds, facts: found.facts, book: found.book, desk: found.desk, editions: found.editions, tables: found.tables });
    const about = [`${lines.length} line${lines.length === 1 ? '' : 's'}`, ...(day ? [day] : []), book.places[pos] ? placeNamed(pos) : 'no place of service', key === '00000/00' ? 'national' : `${found.places[key]?.name ?? ''} (${key})`, ...['who', 'par'].flatMap(chosen)].join(', ');
    last = { lines: lines.map((line) => ({ ...line })), kinds, answer: made, found, about };
    note.hidden = true;
    result.hidden = false;
    present(result, last);
    announce(`${result.querySelector('[data-part=count]')?.textContent} Total ${result.querySelector('tfoot .n')?.textContent}.`);
  }

  /** Choose a ZIP code's locality in the list. */
  async function look() {
    const { value: typed } = zip;
    const say = (/** @type {string} */ name, text = typed) => (where.textContent = (where.dataset[name] ?? '').replace('#', text));
    if (!/^\d{5}$/.test(typed)) return typed.length < 5 ? (where.textContent = '') : say('form');
    say('wait');
    const shard = await load(`/data/v1/zip/${typed.slice(0, 3)}.json`, { zips: {}, split: {} }).catch(() => null);
    if (zip.value !== typed) return;
    const found = shard?.zips[typed];
    if (!shard) return say('fail');
    if (!found) return shard.split[typed] ? say('split') : say('none');
    locality.value = found.replace('/', '-');
    say('found', `${places[found]?.name} (${found})`);
    stored('localStorage', 'locality', `zip=${typed}`);
    answer();
  }

  // The lists: localities by state, places of service.
  for (const [key, { name, state }] of Object.entries(places).slice(1)) {
    let group = /** @type {any} */ (locality.lastElementChild);
    if (group.label !== state) locality.append((group = el('optgroup', { label: state })));
    group.append(el('option', { value: key.replace('/', '-') }, `${name} (${key})`));
  }
  the('datalist').append(...numbers.map((one) => el('option', { value: placeNamed(one) })));

  box.onkeydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    readBox();
  };
  box.onpaste = () => setTimeout(readBox);
  paste.onclick = readBox;
  form.onsubmit = () => false;
  form.onchange = ({ target }) => {
    if (target === locality) {
      where.textContent = zip ? (zip.value = '') : '';
      stored('localStorage', 'locality', locality.value && `loc=${locality.value}`);
    }
    if (target !== zip && /** @type {Element} */ (target).closest('[data-once]')) answer();
  };
  if (zip) zip.oninput = () => void look();
  the('#k-again').onclick = () => void answer();
  the('#k-clear').onclick = () => {
    lines = [];
    heard.textContent = '';
    draw();
    answer();
    stored('sessionStorage', KEPT, '');
    box.focus();
  };
  const told = the('#k-told');
  const tell = (/** @type {string} */ words) => announce((told.textContent = words));
  the('#k-copy').onclick = () => Promise.resolve(navigator.clipboard?.writeText(location.href) ?? Promise.reject()).then(() => tell('Copied'), () => tell('Not allowed here'));
  // A sheet shows everything.
  onbeforeprint = () => {
    for (const fold of result.querySelectorAll('details')) fold.open = true;
  };
  the('#k-print').onclick = () => print();
  the('#k-csv').onclick = () => {
    if (!last) return;
    const link = el('a', { href: URL.createObjectURL(new Blob([table(last)], { type: 'text/csv' })), download: `claim-${last.found.release}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  onhashchange = () => {
    if (location.hash.includes('=')) location.reload();
  };

  // What the address says; a code page adds one line to the claim that this tab holds.
  const given = new URLSearchParams(location.hash.slice(1));
  for (const name of FIELDS) {
    const one = /** @type {Field | null} */ (form.elements.namedItem(name));
    const text = given.get(name);
    if (one && text) one.value = name !== 'pos' ? text : book.places[text] ? placeNamed(text) : one.value;
    const fold = text && one?.closest('details');
    if (fold) fold.open = true;
  }
  if (!given.get('loc')) {
    const kept = new URLSearchParams(stored('localStorage', 'locality'));
    if (kept.get('loc')) locality.value = kept.get('loc') ?? '';
    else if (zip && kept.get('zip')) {
      zip.value = kept.get('zip') ?? '';
      look();
    }
  }
  locality.value ||= '';
  const added = lined(given.get('add') ?? '');
  lines = (given.has('l') ? lined(given.get('l') ?? '') : lined(stored('sessionStorage', KEPT))).slice(0, most);
  form.hidden = false;
  if (added[0]) take(added, 0);
  else {
    draw();
    answer();
  }
}
