// @ts-check
/**
 * Makes a search form a combobox: matching codes while typing, Enter to go there. Without this script the form still works.
 *
 * Follows the editable combobox with list autocomplete of the ARIA Authoring Practices: the cursor stays in the text,
 * `aria-activedescendant` says which option is meant.
 */

import { load, loadWhole, PROBLEM } from './index.js';
import { prepared } from './naming.js';
import { byWords, destination, hitUrl, matches, normalise, offers } from './query.js';

/** @typedef {import('./query.js').CodeIndex} CodeIndex */
/** @typedef {import('./query.js').Hit} Hit */

const LIMIT = 8;
/** A screen reader that is still speaking the key would swallow a count announced at once. */
const ANNOUNCE_AFTER = 600;
/** An index that comes sooner than this needs no "Loading". */
const PATIENCE = 300;

let count = 0;

/**
 * Attach to `<form data-search>` with an input named `q`. Does nothing the second time.
 * @param {HTMLFormElement} form
 */
export function attach(form) {
  // On the search page the results below the box are the list: a second one on top would say everything twice.
  if (form.dataset.box !== undefined || document.getElementById('results')) return;
  form.dataset.box = '';
  new Box(form);
}

class Box {
  /** @type {CodeIndex | null} */
  #index = null;
  /** @type {Hit[]} */
  #hits = [];
  #selected = -1;
  /** Grows with every change of the text: an answer for an older text is dropped. */
  #turn = 0;
  #composing = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #announcing;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    const input = form.querySelector('input[name="q"]');
    if (!(input instanceof HTMLInputElement)) throw new TypeError('A search form needs an input named q.');
    const id = `hits-${++count}`;
    this.form = form;
    this.input = input;
    this.list = make('ul', 'hits', { id, role: 'listbox', 'aria-label': 'Matches', hidden: '' });
    this.note = make('p', 'hits-note', { hidden: '' });
    this.status = make('p', 'visually-hidden', { role: 'status' });
    form.append(this.list, this.note, this.status);
    for (const [name, value] of Object.entries({
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-controls': id,
      'aria-expanded': 'false',
      autocomplete: 'off',
      autocapitalize: 'none',
      spellcheck: 'false',
    })) {
      input.setAttribute(name, value);
    }
    this.#listen();
    if (document.activeElement === input) {
      // The module came because the box got focus: by now something may have been typed.
      this.#prepare();
      if (input.value.trim() !== '') this.#refresh();
    }
  }

  get #open() {
    return !this.list.hidden;
  }

  #listen() {
    const { form, input, list } = this;
    input.addEventListener('focus', () => this.#prepare());
    input.addEventListener('blur', () => this.#close());
    input.addEventListener('input', () => {
      if (!this.#composing) this.#refresh();
    });
    input.addEventListener('compositionstart', () => {
      this.#composing = true;
    });
    input.addEventListener('compositionend', () => {
      this.#composing = false;
      this.#refresh();
    });
    input.addEventListener('keydown', (event) => this.#key(event));
    form.addEventListener('submit', (event) => this.#submit(event));
    // Moving the focus is what a press does by default; the click that follows still comes.
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => {
      const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
      if (option) this.#go(this.#hits[[...list.children].indexOf(option)]);
    });
    // A page that comes back from the browser's memory comes back with its list.
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) this.#close();
    });
  }

  /** Begin to load, so that the first key finds the index there, and its names made ready. */
  #prepare() {
    load().then((index) => setTimeout(() => prepared(index))).catch(() => {
      // The text that is typed asks again, and says so if it fails again.
    });
  }

  async #refresh() {
    const turn = ++this.#turn;
    const text = this.input.value;
    if (normalise(text) === '') {
      this.#close();
      return;
    }
    const waiting = setTimeout(() => {
      if (turn === this.#turn) this.#say('Loading codes…', false);
    }, PATIENCE);
    try {
      this.#index ??= await load();
      const more = byWords(text) && !this.#index.phrases;
      await this.#answer(text, turn, more);
      if (!more) return;
      this.#index = await loadWhole();
      // Whoever has chosen from what was found by names keeps it.
      if (this.#selected === -1) await this.#answer(text, turn, false);
    } catch {
      if (turn === this.#turn) this.#say(PROBLEM, true);
    } finally {
      clearTimeout(waiting);
    }
  }

  /**
   * List what a text finds, if it is still the latest, and somebody is there to read it.
   * @param {string} text
   * @param {number} turn
   * @param {boolean} more whether more is on its way: then nothing is not the answer yet
   */
  async #answer(text, turn, more) {
    // What was typed stands there first: the list takes longer, and comes right after it.
    await painted();
    if (turn !== this.#turn || document.activeElement !== this.input || !this.#index) return;
    const hits = [...offers(this.#index, text), ...matches(this.#index, text, LIMIT)];
    if (hits.length > 0 || !more) this.#show(hits);
  }

  /** @param {Hit[]} hits */
  #show(hits) {
    if (hits.length === 0) {
      this.#say('No code matches. Press Enter to search all pages.', true);
      return;
    }
    this.#hits = hits;
    this.note.hidden = true;
    this.list.replaceChildren(...hits.map((hit, place) => option(hit, `${this.list.id}-${place}`)));
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.#select(-1);
    this.#announce(counted(hits));
  }

  /**
   * A sentence in place of the list.
   * @param {string} text
   * @param {boolean} aloud
   */
  #say(text, aloud) {
    this.#clear();
    this.note.textContent = text;
    this.note.hidden = false;
    this.#announce(aloud ? text : '');
  }

  /** Close whatever is open and forget answers that are still under way. */
  #close() {
    this.#turn++;
    this.#clear();
    this.note.hidden = true;
    this.#announce('');
  }

  #clear() {
    this.#hits = [];
    this.#select(-1);
    this.list.hidden = true;
    this.list.replaceChildren();
    this.input.setAttribute('aria-expanded', 'false');
  }

  /**
   * The visible note is no live region and this one is not visible, so that everything is said once.
   * @param {string} text
   */
  #announce(text) {
    clearTimeout(this.#announcing);
    if (text === '') {
      this.status.textContent = '';
      return;
    }
    this.#announcing = setTimeout(() => {
      if (this.status.textContent !== text) this.status.textContent = text;
    }, ANNOUNCE_AFTER);
  }

  /** @param {number} place -1 for none */
  #select(place) {
    this.list.children[this.#selected]?.setAttribute('aria-selected', 'false');
    this.#selected = place;
    const chosen = this.list.children[place];
    if (!chosen) {
      this.input.removeAttribute('aria-activedescendant');
      return;
    }
    chosen.setAttribute('aria-selected', 'true');
    chosen.scrollIntoView({ block: 'nearest' });
    this.input.setAttribute('aria-activedescendant', chosen.id);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Keys that belong to an input method (229 in browsers that do not say isComposing) or to the browser.
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const last = this.#hits.length - 1;
    const chosen = this.#hits[this.#selected];
    if (event.key === 'ArrowDown' && !this.#open) this.#refresh();
    // Past either end lies the text itself, so that one can always get back to it.
    else if (event.key === 'ArrowDown') this.#select(this.#selected === last ? -1 : this.#selected + 1);
    else if (event.key === 'ArrowUp' && this.#open) this.#select(this.#selected === -1 ? last : this.#selected - 1);
    else if (event.key === 'Home' && chosen) this.#select(0);
    else if (event.key === 'End' && chosen) this.#select(last);
    else if (event.key === 'Enter' && chosen) this.#go(chosen);
    else if (event.key === 'Escape' && (this.#open || !this.note.hidden)) this.#close();
    else if (event.key === 'Escape' && this.input.value !== '') {
      this.input.value = '';
      this.#close();
    } else return;
    event.preventDefault();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    if (event.defaultPrevented) return;
    const text = this.input.value;
    if (normalise(text) === '') {
      event.preventDefault();
      this.input.focus();
      return;
    }
    // Without the index the search page finds out whether the text is a code.
    const url = destination(this.#index, text);
    if (url.startsWith('/search/')) return;
    event.preventDefault();
    this.#close();
    location.assign(url);
  }

  /** @param {Hit | undefined} chosen */
  #go(chosen) {
    if (!chosen) return;
    if (!chosen.url) this.input.value = chosen.code;
    this.#close();
    location.assign(hitUrl(chosen));
  }
}

/**
 * What a list holds, in words.
 * @param {Hit[]} hits
 */
function counted(hits) {
  const codes = hits.filter((hit) => !hit.url).length;
  const rest = hits.length - codes;
  return [rest && `${rest} suggestion${rest === 1 ? '' : 's'}`, codes && `${codes} code${codes === 1 ? '' : 's'}`].filter(Boolean).join(', ');
}

/** Resolves right after the next picture. @returns {Promise<void>} */
const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

/**
 * @param {Hit} hit
 * @param {string} id
 */
function option(hit, id) {
  const item = make('li', '', { id, role: 'option', 'aria-selected': 'false' });
  item.append(...describe(hit));
  return item;
}

/**
 * Code, name and label of a hit, with blanks between so that they are read as words.
 * @param {Hit} hit
 * @returns {(Node | string)[]}
 */
export function describe(hit) {
  const code = make('b');
  code.textContent = hit.code;
  const name = make('span');
  name.textContent = hit.name;
  const label = make('span', 'amt');
  label.textContent = hit.label;
  return [code, ' ', name, ' ', label];
}

/**
 * @param {string} tag
 * @param {string} [className]
 * @param {Record<string, string>} [attributes]
 */
function make(tag, className = '', attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
