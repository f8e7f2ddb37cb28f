// @ts-check
/**
 * The search page: reads `?q=`, jumps to a known code or a denial reason, else lists matching codes and Pagefind's full-text results.
 * Text from the query or the index only ever becomes a text node.
 */

import { describe } from './box.js';
import { load, loadWhole } from './index.js';
import { meant, words } from './naming.js';
import { byWords, destination, hitUrl, matches, normalise, offers } from './query.js';
import { pagesFor } from './words.js';

/** @typedef {import('./query.js').CodeIndex} CodeIndex */
/** @typedef {import('./query.js').Hit} Hit */
/** @typedef {import('./words.js').Page} Page */
/** @typedef {import('./words.js').Result} Result */

const CODES = 10;
const PAGES = 10;
const PAUSE = 250;

/**
 * Run the search page.
 * @param {HTMLElement} main holds `#results`
 */
export function run(main) {
  const place = main.querySelector('#results');
  if (!(place instanceof HTMLElement)) throw new TypeError('The search page needs an element #results.');
  new Search(place);
}

class Search {
  #title = document.title;
  /** The text as it was typed. */
  #text = '';
  /** Grows with every new text: an answer for an older one is dropped. */
  #turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  /** @type {Result[]} */
  #results = [];
  #shown = 0;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.status = make('p', 'search-status');
    // The only live region of the page; "Searching" is written beside it, for the eyes.
    this.status.setAttribute('role', 'status');
    this.loading = make('p', 'search-loading', 'Searching…');
    this.offers = section('Answers', make('ul', 'code-hits'));
    this.codes = section('Codes', make('ul', 'code-hits'));
    this.pages = section('Pages', make('ol', 'page-hits'));
    this.more = button('Show more', () => this.#showMore());
    this.again = button('Try again', () => this.#search(this.#text));
    // A live region around this one would say every result as well.
    place.removeAttribute('aria-live');
    place.replaceChildren(this.status, this.again, this.loading, this.offers.section, this.codes.section, this.pages.section, this.more);
    for (const part of [this.again, this.loading, this.more]) part.hidden = true;

    this.inputs = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('[data-search] input[name="q"]')]);
    this.#text = new URLSearchParams(location.search).get('q') ?? '';
    for (const input of this.inputs) {
      // Whoever was quicker than this script keeps what he typed.
      if (document.activeElement === input && input.value !== '') this.#typed(input.value);
      else input.value = this.#text;
      input.addEventListener('input', (event) => {
        if (!(/** @type {InputEvent} */ (event).isComposing)) this.#typed(input.value);
      });
      input.addEventListener('compositionend', () => this.#typed(input.value));
      input.form?.addEventListener('submit', (event) => {
        event.preventDefault();
        this.#submitted(input.value);
      });
    }
    this.#begin();
  }

  /** A link with a code or a denial reason in it leads there: nobody wants to click twice. */
  async #begin() {
    const text = this.#text;
    this.#search(text);
    if (text === '') return; // the index comes with the first letter
    const index = await load().catch(() => null);
    const url = destination(index, text);
    // By then another text may have been typed.
    if (!url.startsWith('/search/') && text === this.#text) location.replace(url);
  }

  /** @param {string} text */
  #typed(text) {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.#take(text), PAUSE);
  }

  /** @param {string} text */
  async #submitted(text) {
    // Enter on the same text asks again: the last answer may have been a failure.
    if (text === this.#text) this.#search(text);
    else this.#take(text);
    const index = await load().catch(() => null);
    const url = destination(index, text);
    if (!url.startsWith('/search/') && text === this.#text) location.assign(url);
  }

  /**
   * Make this the page's text, in the address too, without a new page.
   * @param {string} text
   */
  #take(text) {
    clearTimeout(this.#pause);
    if (text === this.#text) return;
    this.#text = text;
    for (const input of this.inputs) if (input.value !== text) input.value = text;
    const address = new URL(location.href);
    address.searchParams.set('q', text);
    if (text === '') address.searchParams.delete('q');
    history.replaceState(history.state, '', address);
    this.#search(text);
  }

  /** @param {string} text */
  async #search(text) {
    const turn = ++this.#turn;
    const wanted = normalise(text);
    document.title = wanted === '' ? this.#title : `${wanted} – ${this.#title}`;
    this.again.hidden = true;
    if (wanted === '') {
      this.#results = [];
      showHits(this.offers, []);
      showHits(this.codes, []);
      this.#showPages([]);
      this.#settle('Type a code, such as 97761, or words, such as knee injection.');
      return;
    }
    this.loading.hidden = false;
    // Codes first: on a slow network their files would else share it with the larger ones of the pages. The sentence above both is said once.
    const codes = await this.#findCodes(wanted, turn);
    const pages = turn === this.#turn ? await this.#findPages(wanted, turn) : null;
    if (turn !== this.#turn) return;
    this.again.hidden = codes !== null && pages !== null;
    this.#settle(summary(wanted, codes, pages, this.offers.list.childElementCount));
  }

  /**
   * @param {string} wanted
   * @param {number} turn
   * @returns {Promise<number | null>} how many codes match; null where the index could not load
   */
  async #findCodes(wanted, turn) {
    const index = await (byWords(wanted) ? loadWhole() : load()).catch(() => null);
    const hits = index && matches(index, wanted, CODES);
    if (turn === this.#turn) {
      showHits(this.offers, offers(index, wanted));
      showHits(this.codes, hits ?? []);
    }
    return hits && hits.length;
  }

  /**
   * @param {string} wanted
   * @param {number} turn
   * @returns {Promise<number | null>} how many pages match; null where Pagefind could not load
   */
  async #findPages(wanted, turn) {
    const results = await pagesOf(wanted).catch(() => null);
    const first = results && (await firstOf(results, 0));
    if (turn === this.#turn) {
      this.#results = (first && results) ?? [];
      this.#showPages(first ?? []);
    }
    return first && this.#results.length;
  }

  /** @param {string} text */
  #settle(text) {
    this.loading.hidden = true;
    this.status.textContent = text;
  }

  /** @param {Page[]} pages */
  #showPages(pages) {
    this.pages.section.hidden = pages.length === 0;
    this.pages.list.replaceChildren(...pages.map(pageItem));
    this.#shown = Math.min(PAGES, this.#results.length);
    this.more.hidden = this.#shown >= this.#results.length;
  }

  async #showMore() {
    const turn = this.#turn;
    const from = this.#shown;
    const pages = await firstOf(this.#results, from);
    // The text may have changed, or the button been pressed twice, while the pages came.
    if (turn !== this.#turn || from !== this.#shown) return;
    if (pages === null) {
      this.#settle('More results could not load. Try again.');
      return;
    }
    const items = pages.map(pageItem);
    this.pages.list.append(...items);
    this.#shown = Math.min(from + PAGES, this.#results.length);
    this.more.hidden = this.#shown >= this.#results.length;
    // The button stays under the finger; when it goes, the reader continues at the first new result.
    if (this.more.hidden) items[0]?.querySelector('a')?.focus();
    this.#settle(`${this.#shown} of ${this.#results.length} pages shown.`);
  }
}

/**
 * Pages that have all words of a text; if there are none, all but those that a question has and no page needs.
 * @param {string} wanted
 */
async function pagesOf(wanted) {
  const results = await pagesFor(wanted);
  const rest = meant(words(wanted)).join(' ');
  return results.length > 0 || rest === '' ? results : pagesFor(rest);
}

/**
 * @param {{ section: HTMLElement, list: HTMLElement }} place
 * @param {Hit[]} hits
 */
function showHits({ section, list }, hits) {
  section.hidden = hits.length === 0;
  list.replaceChildren(
    ...hits.map((hit) => {
      const link = make('a');
      link.setAttribute('href', hitUrl(hit));
      link.append(...describe(hit));
      return wrap('li', link);
    }),
  );
}

/**
 * What was found, in a sentence; null stands for a search that could not load.
 * @param {string} wanted
 * @param {number | null} codes
 * @param {number | null} pages
 * @param {number} [suggestions] pages of this site that answer the text
 */
export function summary(wanted, codes, pages, suggestions = 0) {
  if (pages === null && codes === null) return 'Search could not load. Check the connection and try again.';
  if (pages === null) {
    const offer = codes ? 'The codes below match.' : suggestions ? 'The suggestion below fits.' : `No code matches “${wanted}”. Try a five-character code.`;
    return `The full-text search could not load. ${offer}`;
  }
  const found = suggestions ? [plural(suggestions, 'suggestion')] : [];
  if (codes) found.push(codes < CODES ? plural(codes, 'code') : `${CODES} or more codes`);
  if (pages) found.push(plural(pages, 'page'));
  const missing = codes === null ? ' The list of codes could not load.' : '';
  if (found.length === 0) return `Nothing found for “${wanted}”. Try a code or a shorter word.${missing}`;
  const all = [found.slice(0, -1).join(', '), found[found.length - 1]].filter(Boolean).join(' and ');
  return `${all} found for “${wanted}”.${missing}`;
}

/**
 * Pagefind's excerpt, which is HTML with `<mark>` as its only element, as pieces of plain text.
 * Whatever else it holds stays text.
 * @param {string} html
 * @returns {{ text: string, mark: boolean }[]}
 */
export function excerptParts(html) {
  const parts = html.split(/<mark>(.*?)<\/mark>/su);
  return parts.map((part, place) => ({ text: decoded(part), mark: place % 2 === 1 })).filter((part) => part.text !== '');
}

/**
 * An excerpt without the title it begins with: the title stands above it already.
 * @param {{ text: string, mark: boolean }[]} parts
 * @param {string} title
 */
export function afterTitle(parts, title) {
  const whole = parts.map((part) => part.text).join('');
  if (title === '' || !whole.startsWith(title)) return parts;
  let left = title.length + (/^[.\s]*/.exec(whole.slice(title.length))?.[0].length ?? 0);
  const rest = [];
  for (const { text, mark } of parts) {
    if (text.length > left) rest.push({ text: text.slice(left), mark });
    left = Math.max(0, left - text.length);
  }
  return rest;
}

const ENTITIES = /** @type {Record<string, string>} */ ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", '#x27': "'", '#x2F': '/' });

/** @param {string} html */
function decoded(html) {
  return html.replace(/&(#?\w+);/gu, (whole, name) => ENTITIES[name] ?? whole);
}

/**
 * The next few pages of a result; null if they could not load.
 * @param {Result[]} results
 * @param {number} from
 * @returns {Promise<Page[] | null>}
 */
async function firstOf(results, from) {
  try {
    return await Promise.all(results.slice(from, from + PAGES).map((result) => result.data()));
  } catch {
    return null;
  }
}

/** @param {Page} page */
function pageItem(page) {
  const link = make('a', '', page.meta.title || page.url);
  // A page of this site and nothing else, whatever the index says.
  link.setAttribute('href', new URL(page.url, location.origin).pathname);
  const excerpt = make('p', 'excerpt');
  excerpt.append(...afterTitle(excerptParts(page.excerpt), page.meta.title ?? '').map(({ text, mark }) => (mark ? make('mark', '', text) : text)));
  return wrap('li', wrap('h3', link), excerpt);
}

/**
 * @param {string} heading
 * @param {HTMLElement} list
 */
function section(heading, list) {
  const part = wrap('section', make('h2', '', heading), list);
  part.hidden = true;
  return { section: part, list };
}

/**
 * @param {string} label
 * @param {() => void} press
 */
function button(label, press) {
  const made = /** @type {HTMLButtonElement} */ (make('button', 'search-button', label));
  made.type = 'button';
  made.addEventListener('click', press);
  return made;
}

/**
 * @param {string} tag
 * @param {...Node} children
 */
function wrap(tag, ...children) {
  const element = make(tag);
  element.append(...children);
  return element;
}

/**
 * @param {string} tag
 * @param {string} [className]
 * @param {string} [text]
 */
function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

/**
 * @param {number} number
 * @param {string} noun
 */
function plural(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
