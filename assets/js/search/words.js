// @ts-check
/** Asks Pagefind, which knows the words of all pages. It is fetched with the first text. */

/** @typedef {{ url: string, excerpt: string, meta: Record<string, string> }} Page */
/** @typedef {{ data: () => Promise<Page> }} Result */
/** @typedef {{ options: (options: object) => Promise<void>, search: (text: string) => Promise<{ results: Result[] }> }} Pagefind */

const PAGEFIND = '/pagefind/pagefind.js';
/** So many pages are looked at for codes, and at once. */
const LOOKED_AT = 24;
const OF_CODE = /\/codes\/([\dA-Z]{5})\//;

/** @type {Promise<Pagefind> | null} */
let pagefind = null;
let tries = 0;

/** Pagefind, loaded with the first text; after a failure asked for again under another address, since browsers remember failed modules. */
export function loadPagefind() {
  pagefind ??= import(tries++ === 0 ? PAGEFIND : `${PAGEFIND}?again=${tries}`).then(
    async (/** @type {Pagefind} */ module) => {
      await module.options({ baseUrl: '/', excerptLength: 24 });
      return module;
    },
  );
  pagefind.catch(() => {
    pagefind = null;
  });
  return pagefind;
}

/**
 * @param {string} text
 * @returns {Promise<Result[]>}
 */
export async function pagesFor(text) {
  const module = await loadPagefind();
  return (await module.search(text)).results;
}

/**
 * The codes whose pages have the words, the best first, as far as they are among the first pages that do.
 * @param {string} text
 */
export async function codesFor(text) {
  const pages = await Promise.all((await pagesFor(text)).slice(0, LOOKED_AT).map((result) => result.data()));
  return pages.flatMap(({ url }) => OF_CODE.exec(url)?.[1] ?? []);
}
