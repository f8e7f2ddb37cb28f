// @ts-check
/** Runs the claim desk: reads lines, keeps them in the address behind its `#`, fetches what they need, shows what was found. Nothing is sent anywhere. */

import { el, hint, write } from '../calculator/result.js';
import { placeOf } from '../calculator/places.js';
import { check } from './check.js';
import { gather, load } from './data.js';
import { formOf, takeIn, timed } from './fields.js';
import { lined } from './lines.js';
import { rowsOf } from './rows.js';
import { billed, inAddress, present, table } from './show.js';
import { stored } from './storage.js';

/** @typedef {import('./read.js').Line} Line */
/** @typedef {HTMLElement & HTMLInputElement & HTMLSelectElement} Field what a selector is known to find */

/** Names of the fields beside the lines, as the address has them. */
const FIELDS = ['pos', 'loc', 'dos', 'who', 'par', 'qp'];
const KEPT = 'claim';
/** So many ms without a key, and the typing rests. */
const REST = 100;
/** So many ms a shown result may stand while another one is fetched, before the page says that it waits. */
const PATIENCE = 300;

/** @param {number} number */
const linesOf = (number) => `${number} line${number === 1 ? '' : 's'}`;
/** What reads a text: fetched when one is about to come. */
const reader = () => Promise.all([import('./read.js'), import('./told.js')]);

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
  const [box, heard, body, status, note, result, locality, zip] = ['#k-text', '#k-heard', '#k-lines tbody', '.visually-hidden[role=status]', '#k-note', '.desk-result', '#k-loc', '#k-zip'].map(the);
  const where = the('#k-where');
  const [pos, next, fresh, undo, see] = ['#k-pos', '#k-next', '#k-fresh', '#k-undo', '#k-see'].map(the);
  const numbers = Object.keys(book.places).sort();
  const modifiers = new Set([...Object.keys(book.modifiers), ...book.anatomic.codes, ...book.reporting.codes]);
  /** @type {Line[]} */
  let lines = [];
  /** Counts questions, so that a late answer to an earlier one is left. */
  let turn = 0;
  /** @type {import('./show.js').Shown | undefined} */
  let last;
  let timer = 0;
  let typing = 0;
  let waiting = 0;
  /** What became of the ZIP code, to be read aloud with the next result. */
  let placed = '';

  const announce = (/** @type {string} */ words) => {
    clearTimeout(timer);
    timer = setTimeout(() => (status.textContent = words), 600);
  };
  const known = (/** @type {string} */ modifier) => modifiers.has(modifier);
  const placeNamed = (/** @type {string} */ number) => (book.places[number] ? `${number} ${book.places[number].name}` : number);
  /** The words of a choice that was made. @param {string} name */
  const chosen = (name) => {
    const { value: made, selectedOptions } = /** @type {Field} */ (form.elements.namedItem(name));
    return made ? [selectedOptions[0].text] : [];
  };
  const value = (/** @type {string} */ name) => form.elements.namedItem(name) && /** @type {Field} */ (form.elements.namedItem(name)).value.trim();

  /** Take lines in, as many as a claim holds, and say what was made of the text. @param {Line[]} all @param {import('./read.js').Read} [read] @param {typeof import('./told.js').sentences} [sentences] */
  function take(all, read, sentences) {
    const before = lines.length;
    const room = Math.max(0, most - before);
    const more = all.slice(0, room);
    lines = [...lines, ...more];
    const [place, another] = read?.places ?? [];
    const known = place && !another && book.places[place];
    if (known) pos.value = placeNamed(place);
    const words = [
      `${linesOf(more.length)} read` + (before && more[0] ? `, added to the ${before} here.` : '.'),
      ...(known ? [`Place of service ${place}, as in the rows.`] : []),
      ...(read && sentences ? sentences(read, before, room) : []),
    ];
    hint(heard, words.join(' '), !more[0] || more.length < all.length || Boolean(read?.refused[0]));
    fresh.hidden = !before || !more[0];
    fresh.onclick = () => {
      fresh.hidden = true;
      alter(lines.slice(before), `${linesOf(before)} removed.`);
      box.focus();
    };
    undo.hidden = true;
    next.hidden = !read && fresh.hidden;
    draw();
    answer();
    // On a phone it stands below the screen, and an emptied box alone says nothing.
    if (read) heard.scrollIntoView({ block: 'nearest' });
  }

  /** Read what stands in the box, and empty it: a pasted list may hold what nobody should see again. */
  async function readBox() {
    const { value: text } = box;
    box.value = '';
    if (!text.trim()) return;
    try {
      const [{ readLines }, { sentences }] = await reader();
      const read = readLines(text, known);
      take(read.lines, read, sentences);
    } catch {
      box.value = text;
      hint(heard, note.dataset.fail ?? '', true);
    }
  }

  /** A row of the table for each line. */
  function draw() {
    body.replaceChildren(...rowsOf(lines, { change, left, remove }));
    the('#k-lines').hidden = the('#k-empty').hidden = !lines[0];
  }

  /** What cannot stand in a field goes when it is left. @param {number} at @param {string} name @param {HTMLInputElement} input */
  function left(at, name, input) {
    if (!input.hasAttribute('aria-invalid')) return;
    input.removeAttribute('aria-invalid');
    const kept = lines[at]?.[/** @type {'code'} */ (name)] ?? '';
    input.value = Array.isArray(kept) ? kept.join(' ') : kept;
    hint(heard, `Line ${at + 1}: ${formOf(name)}. It stays ${input.value || 'blank'}.`, true);
  }

  /** Put other lines in the place of these, say so, and offer these again. @param {Line[]} others @param {string} words */
  function alter(others, words) {
    const before = lines;
    lines = others;
    fresh.hidden = true;
    undo.hidden = next.hidden = false;
    undo.onclick = () => {
      lines = before;
      undo.hidden = true;
      hint(heard, `Undone: ${linesOf(before.length)} as before.`);
      draw();
      answer();
      box.focus();
    };
    hint(heard, words);
    draw();
    answer();
  }

  /** @param {number} at */
  function remove(at) {
    alter(lines.filter((_, other) => other !== at), `Line ${at + 1}, ${billed(lines[at])}, removed.`);
    (/** @type {HTMLElement | undefined} */ (body.querySelectorAll('button')[Math.min(at, lines.length - 1)]) ?? box).focus();
  }

  /** Take in a change of one field. @param {number} at @param {string} name @param {string} text @param {HTMLInputElement} input */
  function change(at, name, text, input) {
    const before = timed(lines[at].code);
    const fits = takeIn(lines[at], name, text);
    input.removeAttribute('aria-invalid');
    if (!fits) return input.setAttribute('aria-invalid', 'true');
    undo.hidden = true;
    if (timed(lines[at].code) !== before) {
      draw();
      /** @type {HTMLElement | undefined} */ (body.querySelectorAll('[data-field=code]')[at])?.focus();
    }
    // A whole claim takes longer than a key may, and the address longer than one would think: both wait until the typing rests.
    clearTimeout(typing);
    typing = setTimeout(answer, REST);
  }

  /** Write the state behind the `#`, where no host sees it. */
  function remember() {
    const state = new URLSearchParams();
    if (lines[0]) state.set('l', inAddress(lines));
    for (const name of FIELDS) {
      const text = name === 'pos' ? placeOf(pos.value.trim(), book.places)[0] : value(name);
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
    typing = 0;
    remember();
    const mine = (turn += 1);
    const day = value('dos') ?? '';
    /** The codes that the release of the day has; of the newest it is known. @param {string[]} codes */
    const there = async (codes) => (day ? codes.filter((await /** @type {any} */ (gather(day, codes, files))).facts.rows) : codes);
    const say = (/** @type {string} */ words, asks = false) => {
      clearTimeout(waiting);
      note.toggleAttribute('hidden', !hint(note, words, asks));
    };
    const wait = () => say((note.dataset.wait ?? '').replace('#', String(lines.length)));
    // `hidden` itself, set to what it is, has the browser work out the styles of the whole desk.
    the('#k-again').toggleAttribute('hidden', true);
    if (!lines[0]) {
      say(note.dataset.none ?? '');
      result.hidden = see.hidden = true;
      return;
    }
    clearTimeout(waiting);
    if (result.hidden) wait();
    else waiting = setTimeout(wait, PATIENCE);
    /** @type {any} */
    let found;
    try {
      found = await gather(day, lines.map(({ code }) => code), files);
    } catch {
      if (mine !== turn) return;
      say(note.dataset.fail ?? '', true);
      the('#k-again').hidden = false;
      result.hidden = true;
      return announce(note.dataset.fail ?? '');
    }
    if (mine !== turn) return;
    if (typeof found === 'string') {
      say((note.dataset.days ?? '').replace('#', found), true);
      result.hidden = true;
      return announce(note.textContent ?? '');
    }
    found.day = day;
    const qp = value('qp');
    const kinds = 'all' in found.book.factors ? ['all'] : qp ? [qp] : ['non_qp', 'qp'];
    const key = locality.value.replace('-', '/') || '00000/00';
    const [place, unplaced] = placeOf(pos.value.trim(), book.places);
    const claim = { lines: lines.map((line) => ({ ...line })), day, pos: place, locality: key, practitioner: value('who'), participation: value('par') };
    const made = check({ claim, kinds, facts: found.facts, book: found.book, desk: found.desk, editions: found.editions, tables: found.tables, unplaced });
    const gone = made.findings.filter(({ name, lines: [at] }) => name === 'refused' && made.answers[0][at - 1]?.answer === 'code_unknown');
    // What cannot be had of these leaves the finding as it is.
    if (gone[0]) await import('./gone.js').then(({ tell }) => tell(gone, { code: ({ lines: [at] }) => claim.lines[at - 1].code, day, load, there })).catch(() => {});
    // A key that came meanwhile goes first, and asks again.
    await new Promise((done) => setTimeout(done));
    if (mine !== turn || typing) return;
    const about = [`${lines.length} line${lines.length === 1 ? '' : 's'}`, ...(day ? [day] : []), book.places[place] ? placeNamed(place) : 'no place of service', key === '00000/00' ? 'national' : `${found.places[key]?.name ?? ''} (${key})`, ...['who', 'par'].flatMap(chosen)].join(', ');
    last = { lines: lines.map((line) => ({ ...line })), kinds, answer: made, found, about };
    present(result, last);
    say('');
    result.toggleAttribute('hidden', false);
    const count = result.querySelector('[data-part=count]')?.textContent ?? '';
    write(see, `${count.slice(0, -1)}: see findings`);
    see.hidden = false;
    announce(`${placed} ${unplaced} ${count} Total ${result.querySelector('tfoot .n')?.textContent}.`);
  }

  /** Choose a ZIP code's locality in the list. */
  async function look() {
    const { value: typed } = zip;
    const say = (/** @type {string} */ name, text = typed) => {
      hint(where, (where.dataset[name] ?? '').replace('#', text), /form|fail|split|none/.test(name));
      if (!locality.value && /form|fail|split|none/.test(name)) {
        where.append(' Amounts are national till then.');
        placed = where.textContent ?? '';
        answer();
      }
    };
    // The locality of the ZIP code before is not that of this one.
    if (locality.value) {
      locality.value = '';
      answer();
    }
    placed = '';
    if (!/^\d{5}$/.test(typed)) {
      stored('localStorage', 'locality', '');
      if (/\D/.test(typed)) say('form');
      else where.textContent = '';
      return;
    }
    say('wait');
    const shard = await load(`/data/v1/zip/${typed.slice(0, 3)}.json`, { zips: {}, split: {} }).catch(() => null);
    if (zip.value !== typed) return;
    const found = shard?.zips[typed];
    if (!shard) return say('fail');
    stored('localStorage', 'locality', found || shard.split[typed] ? `zip=${typed}` : '');
    if (!found) return say(shard.split[typed] ? 'split' : 'none');
    locality.value = found.replace('/', '-');
    say('found', `${places[found]?.name} (${found})`);
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
  box.onfocus = () => void reader().catch(() => {});
  box.onpaste = () => setTimeout(readBox);
  form.onsubmit = () => {
    readBox();
    return false;
  };
  form.onchange = ({ target }) => {
    if (target === locality) {
      where.textContent = placed = zip ? (zip.value = '') : '';
      stored('localStorage', 'locality', locality.value && `loc=${locality.value}`);
    }
    if (target === pos) {
      const [place] = placeOf(pos.value.trim(), book.places);
      if (book.places[place]) pos.value = placeNamed(place);
    }
    if (target === zip && zip.value && zip.value.length < 5) hint(where, where.dataset.form ?? '', true);
    if (target !== zip && /** @type {Element} */ (target).closest('[data-once]')) answer();
  };
  if (zip) {
    zip.oninput = () => void look();
    // The one that is remembered stands there whole: it is typed over. Later, since a click sets the cursor after this.
    zip.onfocus = () => setTimeout(() => zip.select());
  }
  the('#k-again').onclick = () => void answer();
  see.onclick = () => {
    const [head] = result.querySelectorAll('h2');
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
    head.scrollIntoView();
  };
  the('#k-empty').onclick = the('#k-clear').onclick = () => {
    alter([], `${linesOf(lines.length)} removed.`);
    stored('sessionStorage', KEPT, '');
    box.focus();
  };
  result.onclick = ({ target }) => {
    const { old, now } = /** @type {HTMLElement} */ (target).dataset;
    if (!old || !now) return;
    const on = lines.flatMap(({ code }, at) => (code === old ? [at + 1] : []));
    const why = last?.answer.findings.find(({ instead }) => instead?.old === old)?.why;
    // What it says of units is still to be done.
    alter(lines.map((line) => ({ ...line, code: line.code === old ? now : line.code })), `Line${on[1] ? 's' : ''} ${on.join(', ')}: ${now} in the place of ${old}. ${why}`);
    undo.focus();
  };
  const told = the('#k-told');
  const tell = (/** @type {string} */ words) => announce((told.textContent = words));
  the('#k-copy').onclick = () => Promise.resolve(navigator.clipboard?.writeText(location.href) ?? Promise.reject()).then(() => tell('Copied'), () => tell('Not allowed here'));
  // A sheet shows everything.
  onbeforeprint = () => {
    for (const fold of result.querySelectorAll('details')) {
      fold.open = true;
      fold.dispatchEvent(new Event('toggle')); // that of the browser comes when the sheet is made
    }
  };
  the('#k-print').onclick = () => print();
  the('#k-csv').onclick = () => {
    if (!last) return;
    const link = el('a', { href: URL.createObjectURL(new Blob([table(last)], { type: 'text/csv' })), download: `claim-${last.found.release}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a phone asks first whether it may load the file
  };
  // Whoever leaves the window may copy its address.
  onblur = onpagehide = () => typing && remember();
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
  if (added[0]) take(added);
  else {
    draw();
    answer();
  }
}
