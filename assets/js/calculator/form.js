// @ts-check
/** Runs a page's calculator: reads the form, asks the engine, keeps the state in the address and the locality in this browser. What holds on another day comes from day.js. */

import { priceClaim } from '../payment/claim.js';
import { placeOf } from './places.js';
import { dollars, el, figure, hint, lines, show, slots, write } from './result.js';

/** @typedef {{name: string, state: string, gpci: number[], anesthesia: {[kind: string]: number}}} Place */
/** @typedef {{[name: string]: string}} Texts */
/** @typedef {{zips: Texts, split: {[zip: string]: string[]}}} Shard the ZIP codes of one beginning: their locality, or localities */
/** @typedef {HTMLElement & HTMLInputElement & HTMLButtonElement & HTMLDetailsElement & HTMLScriptElement} Any what a selector is known to find */

const NATION = '00000/00';
/** So many ms without a key, and the typing rests: a screen reader that is still speaking the key would swallow what is said before. */
const REST = 600;
/** A processor on which the first result takes longer than so many ms is slow. */
const SLOW = 25;

/** @param {any} url */
const get = (url) => fetch(url).then((answer) => answer.json());

/**
 * Remember the locality as part of an address, or read it; blank where the browser forbids that.
 * @param {string} [text]
 */
export function memory(text) {
  try {
    if (text !== undefined) localStorage.setItem('locality', text);
    return localStorage.getItem('locality') ?? '';
  } catch {
    return '';
  }
}

/**
 * Load what the calculator needs, then run it; rejects where something cannot be loaded.
 * @param {HTMLElement} section
 */
export async function attach(section) {
  /** @param {string} selector */
  const all = (selector) => /** @type {Any[]} */ ([...section.querySelectorAll(selector)]);
  const [form] = /** @type {HTMLFormElement[]} */ (/** @type {unknown} */ (all('form')));
  const names = ['#c-day', '#c-dos', '#c-where', '#c-kept', '.result', '.split', '[role=status]', '#c-loc', '.all', 'datalist', '.known', '.tools', '.tools span', 'script', '#c-zip', '#c-days', '.release', '#c-over'];
  const [dayNote, dos, where, kept, box, split, status, locality, details, datalist, known, copy, told, script, zip, days, shown, over] = names.map((name) => all(name)[0]);
  const { code, rules, places: table, release = '', words = '' } = section.dataset;
  const [book, /** @type {{[key: string]: Place}} */ places] = await Promise.all([get(rules), get(table)]);
  const now = { release, words, book, places, rows: JSON.parse(script.text), moved: /** @type {string[]} */ ([]), missing: '' };
  /** The release that answers. */
  let at = now;
  /** The day of service for which `held` was looked up: its release, the days that have one where it has none, null where it could not be had. */
  let day = '';
  /** @type {typeof now | string | null} */
  let held = now;
  /** What the address says of the form, behind its `#`: a host never sees that. Asked for when somebody reads it. */
  let state = () => '';
  /** A locality that was asked for on another day. */
  let wanted = '';
  const facts = { rows: (/** @type {string} */ one) => at.rows[one], place: (/** @type {string} */ key) => at.places[key] };
  const numbers = Object.keys(book.places).sort();
  const offered = all('[name=mod][value]').map(({ value }) => value);
  /** @type {{[start: string]: Shard | null}} null where it could not be had */
  const shards = {};
  /** Whether what stands in the ZIP field is meant to be whole. */
  let settled = true;
  /** Whether somebody changed the form: what is only remembered does not take the place of an anchor in the address. */
  let touched = false;
  /** What is to be read aloud, asked for when the typing rests. */
  let heard = () => '';
  /** Lists the line in all localities. */
  let everywhere = () => {};
  let timer = 0;
  /** Whether a key shows itself first, and its result in the picture after. */
  let slow = false;
  /** Whether the place of the next result was chosen here. */
  let chose = false;
  /** What is still to be done of the last key. */
  let due = /** @type {(() => void) | undefined} */ (undefined);
  const put = slots(box);
  const fields = all('form [name]');
  const [place] = all('[name=pos]');
  /** The way from the first screen to the form, which says the amount where the place is known. */
  const jump = document.querySelector('.jump a');
  const asks = jump?.textContent ?? '';

  /** @param {string} key */
  const named = (key) => (key === NATION ? 'National' : `${at.places[key]?.name} (${key})`);
  /** @param {string} number */
  const placeNamed = (number) => `${number} ${book.places[number]?.name ?? ''}`;

  /**
   * What the form says, or said as the page came, by name; all modifiers in one text.
   * @returns {Texts}
   */
  const said = (initial = false) => {
    /** @type {Texts} */
    const texts = { mod: '' };
    for (const one of fields) {
      const picked = /box|radio/.test(one.type);
      if (one.disabled || (picked && !(initial ? one.defaultChecked : one.checked))) continue;
      const text = (initial && !picked ? (one.defaultValue ?? '') : one.value).trim();
      if (one.name === 'mod') texts.mod = `${texts.mod} ${text}`.trim().toUpperCase();
      else texts[one.name] = /^(charge|ded)$/.test(one.name) ? text.replace(/[$,]/g, '') : text;
    }
    return { ...texts, pos: placeOf(texts.pos, book.places)[0] };
  };
  const untouched = said(true);

  /** What a key need not wait for is done when the typing rests, or the window is left, whose address people copy: the address, all localities, what is read aloud. */
  function rest() {
    clearTimeout(timer);
    timer = setTimeout(settle, REST);
  }
  function settle() {
    catchUp();
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    try {
      history.replaceState(null, '', location.pathname + (location.hash.includes('=') || touched || !location.hash ? state() : location.hash));
    } catch {
      // A browser that takes no more addresses for a while still shows the result.
    }
    everywhere();
    status.textContent = heard();
  }

  /** Do something right after the next picture; what was due till then followed from an older state of the form. @param {() => void} what */
  function later(what) {
    due = what;
    requestAnimationFrame(() => setTimeout(catchUp));
  }
  /** Do at once what is due: before what stands there is read, copied or printed. */
  function catchUp() {
    while (due) {
      const what = due;
      due = undefined;
      what();
    }
  }

  function update() {
    due = undefined;
    const chosen = chose;
    chose = false;
    if (days) days.disabled = /** @type {HTMLElement} */ (days.parentElement).hidden = !said().mod.split(' ').includes('55');
    const texts = said();
    const { mod, pos, qp, loc } = texts;
    write(told, '');

    // Where: a choice, a ZIP code in one locality, or several to choose from.
    const { zip: typed = '' } = texts;
    const whole = /^\d{5}$/.test(typed);
    const shard = loc || !whole ? undefined : shards[typed.slice(0, 3)];
    const found = shard?.zips[typed];
    const several = shard?.split[typed] ?? [];
    const moved = [found ?? '', ...several].some((one) => at.moved.includes(one));
    // Those first that its neighbours lie in: the list has every locality of a state.
    const near = new Set(Object.values(shard?.zips ?? {}));
    const among = moved ? [] : [...several].sort((one, other) => Number(near.has(other)) - Number(near.has(one)));
    const [waits] = among;
    const lost = wanted && !loc && !typed;
    const say = lost ? 'lost' : loc || !typed ? '' : !whole ? (settled || /\D/.test(typed) ? 'form' : '') : shard === null ? 'fail' : !shard ? 'wait' : moved ? 'moved' : found ? 'found' : waits ? (among[1] ? 'split' : 'part') : 'none';
    const key = loc.replace('-', '/') || found || NATION;
    write(/** @type {HTMLElement} */ (locality.firstElementChild), found ? 'By ZIP code' : 'National');
    zip?.setAttribute('aria-invalid', String(/form|none/.test(say)));
    hint(where, (where.dataset[say] ?? '').replace('#', lost ? wanted : say === 'found' ? named(key) : typed).replace('%', at.release), !/^(found|wait)?$/.test(say));

    // When: the release of the day of service, or the days that can be answered.
    const { dos = '' } = texts;
    const open = dos !== day;
    const none = open || held !== at;
    hint(dayNote, (dayNote.dataset[open ? 'wait' : held === null ? 'fail' : none ? 'none' : dos && (at.missing ? 'missing' : 'found')] ?? '').replace('#', none ? String(held) : `${at.release}, ${at.words}`).replace('%', at.missing), !open && (none || Boolean(dos && at.missing)));
    write(shown, `${at.release}, ${at.words}`);
    const silent = none || waits || lost || (moved && !loc);

    // The nation is said where this browser would otherwise put in what it remembers.
    const asked = () => Object.entries(lost ? { ...texts, loc: wanted } : texts).filter(([name, text]) => text !== (untouched[name] ?? '') || (name === 'loc' && key === NATION && (memory() || chosen)));
    state = () => String(new URLSearchParams(asked())).replace(/^(?=.)/, '#');
    if (chosen) memory(loc ? `loc=${loc}` : found || waits ? `zip=${typed}` : '');
    kept.hidden = !memory();

    const { book } = at;
    const kinds = 'all' in book.factors ? ['all'] : qp ? [qp] : ['non_qp', 'qp'];
    const line = { code, modifiers: mod, units: texts.units, charge: texts.charge, base_units: texts.base, minutes: texts.min, induction: texts.ind, days: texts.days };
    const claim = { pos, practitioner: texts.who, participation: texts.par, deductible: texts.ded, lines: [line] };
    /** @param {string} at */
    const run = (at) =>
      kinds.map((factor) => {
        const [answer] = priceClaim({ ...claim, locality: at, factor }, facts, book);
        // What was typed may be the name of several places: that is said, not that there is none of the number.
        return { ...answer, say: placeOf(pos, book.places)[1] || answer.say };
      });
    const circumstances = `${[code, mod].join(' ').trim()}${texts.units ? ' × ' + texts.units : ''}, ${dos && dos + ', '}${placeNamed(pos)}`;

    split.hidden = !waits;
    split.firstElementChild?.replaceChildren(
      ...among.map((one) => {
        const amounts = run(one).map(({ allowed }) => dollars(allowed));
        return el('li', {}, el('button', { type: 'button', value: one.replace('/', '-') }, named(one), ' ', el('b', {}, amounts.join(', QP '))));
      }),
    );
    const answers = silent ? [] : run(key);
    const amount = dollars(answers[0]?.allowed);
    const follow = show(put, book, kinds, answers, `${circumstances}, ${named(key)}`);
    if (over) over.hidden = Boolean(silent) || at !== now || Number(texts.units) <= Number(over.dataset.limit);
    const first = key === NATION || !amount ? asks : `In ${at.places[key].name}: ${amount}. Change`;
    const after = () => {
      if (jump) write(jump, first);
      follow();
    };
    // The allowed amount stands in the next picture; what follows from it takes longer, and comes right after it.
    if (box.hidden) after();
    else later(after);
    heard = () => [none ? dayNote.innerText : '', /form|fail|none|split|part|moved|lost/.test(say) ? where.innerText : '', ...(silent ? [] : [named(key), ...lines(box, '.refusal, .allowed div, #c-over, .pays tbody tr, .ask')])].filter(Boolean).join('. ').replaceAll('..', '.');
    rest();
    details.hidden = Boolean(none);
    const { places, release } = at;
    everywhere = () => !details.open || none || import('./all.js').then(({ fill }) => fill(details, places, run, circumstances, `${code}-${release}-localities.csv`, { el, figure, dollars }));
  }

  /** Fetch the ZIP code's beginning where it is not here yet. */
  function look(chosen = false) {
    const { zip: typed = '' } = said();
    const start = typed.slice(0, 3);
    if (!/^\d{5}$/.test(typed) || shards[start]) return;
    get(`/data/v1/zip/${start}.json`)
      .catch(() => null)
      .then((shard) => {
        shards[start] = shard;
        chose ||= said().zip === typed && chosen;
        update();
      });
  }

  /** Go to the release of the day of service that is typed. */
  function turn() {
    const { dos: typed } = said();
    if (typed === day && held) return;
    (typed ? import('./day.js').then(({ on }) => on(typed, section.dataset, now.rows)) : Promise.resolve(now))
      .catch(() => null)
      .then((found) => {
        if (said().dos !== typed) return;
        day = typed;
        held = found;
        if (found && typeof found === 'object') {
          at = found;
          list();
        }
        update();
      });
  }

  /** List the localities of the release, by state. */
  function list() {
    wanted ||= locality.value;
    locality.replaceChildren(/** @type {Element} */ (locality.firstElementChild));
    for (const [key, { state }] of Object.entries(at.places).slice(1)) {
      let group = /** @type {any} */ (locality.lastElementChild);
      if (group.label !== state) locality.append((group = el('optgroup', { label: state })));
      group.append(el('option', { value: key.replace('/', '-') }, named(key)));
    }
    locality.value = wanted;
    locality.value ||= '';
  }

  /** @param {string} text */
  function setLocality(text) {
    touched = true;
    locality.value = wanted = text;
    chose = true;
    update();
    locality.focus();
  }

  // The lists: localities by state, places of service, and, once it is opened, every other modifier.
  list();
  datalist.append(...numbers.map((one) => el('option', { value: placeNamed(one) })));
  const fold = /** @type {HTMLDetailsElement} */ (known.parentElement);
  fold.ontoggle = () => known.firstChild || get(section.dataset.modifiers).then((all) => known.replaceChildren(...Object.keys(all).flatMap((name) => (offered.includes(name) ? [] : [el('div', {}, el('dt', {}, name), el('dd', {}, all[name]))]))), () => {});

  // What the address says, or this browser remembers.
  const given = new URLSearchParams(location.hash.includes('=') ? location.hash.slice(1) : location.search);
  if (!given.has('zip') && !given.has('loc')) for (const [name, text] of new URLSearchParams(memory())) given.set(name, text);
  for (const one of fields) {
    if (!given.has(one.name)) continue;
    const text = given.getAll(one.name).join(' ');
    const each = text.split(/[\s,]+/);
    const picked = /box|radio/.test(one.type);
    if (picked) one.checked = each.includes(one.value);
    else one.value = one.name === 'mod' ? each.filter((name) => !offered.includes(name)).join(' ') : one.name === 'pos' ? placeNamed(text) : text;
    const fold = one.closest('details');
    if (fold && (picked ? one.checked : one.value)) fold.open = true;
  }

  // An address or a memory may name a locality that the release does not have; that of the day of service may.
  if (dos.value) wanted = given.get('loc') ?? '';
  locality.value ||= '';
  form.oninput = ({ target }) => {
    touched = true;
    settled = target !== zip;
    if (target === zip || target === locality) {
      chose = true;
      wanted = '';
    }
    if (target === zip) {
      locality.value = '';
      look(true);
    }
    turn();
    if (slow) later(update);
    else update();
  };
  form.onchange = ({ target }) => {
    const { pos } = said();
    if (target === place && book.places[pos]) place.value = placeNamed(pos);
    // Only then: a list made anew between press and release would swallow the click.
    if (settled || zip.value.trim().length > 4) return;
    settled = true;
    update();
  };
  // The one that is remembered stands there whole: it is typed over. Later, since a click sets the cursor after this; not what was typed meanwhile.
  if (zip)
    zip.onfocus = () => {
      const { value } = zip;
      setTimeout(() => zip.value === value && zip.select());
    };
  form.onsubmit = () => {
    settled = true;
    update();
    // What is wrong with a ZIP code stands below its field.
    if (zip?.ariaInvalid === 'true') zip.focus();
    else form.lastElementChild?.scrollIntoView();
    return false;
  };
  split.onclick = ({ target }) => {
    const pick = /** @type {HTMLElement} */ (target).closest('button');
    if (pick) setLocality(pick.value);
  };
  /** @type {HTMLElement} */ (kept.lastElementChild).onclick = () => {
    if (zip) zip.value = '';
    setLocality('');
    memory('');
  };
  details.ontoggle = () => {
    catchUp();
    everywhere();
  };
  copy.onclick = ({ target }) => {
    const button = /** @type {HTMLButtonElement} */ (target);
    catchUp();
    /** @param {string} words */
    const tell = (words) => {
      heard = () => write(told, words);
      heard();
      rest();
    };
    const text = [...(button.value ? lines(box) : []), location.origin + location.pathname + state()].join('\n');
    if (button.type) Promise.resolve(navigator.clipboard?.writeText(text) ?? Promise.reject()).then(() => tell('Copied'), () => tell('Not allowed here'));
  };
  // Another state for this page, as a link that is pasted: it is read as the page is loaded.
  onhashchange = () => {
    timer = 0;
    if (location.hash.includes('=')) location.reload();
  };
  onbeforeprint = catchUp;
  onblur = onpagehide = document.onvisibilitychange = document.documentElement.onmouseleave = settle;
  // A page that is loaded again has the address it had before: while it is left is too late. So the keys that do it settle, as does the way to the button.
  onkeydown = ({ key, ctrlKey, metaKey }) => {
    if (key === 'F5' || ctrlKey || metaKey) settle();
  };
  turn();
  look(!given.has('zip')); // typed before this ran, it is as chosen as any
  const begun = performance.now();
  update();
  slow = performance.now() - begun > SLOW;
  box.hidden = false;
  // The amount comes to stand at the lower edge, over a field that was touched there.
  if (form.contains(document.activeElement)) document.activeElement?.scrollIntoView({ block: 'nearest' });
}
