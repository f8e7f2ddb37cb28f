// @ts-check
/** Asks Pagefind, which knows the words of all pages. It is fetched with the first text. */

/** @typedef {{ url: string, excerpt: string, meta: Record<string, string> }} Page */
/** @typedef {{ data: () => Promise<Page> }} Result */
/** @typedef {{ options: (options: object) => Promise<void>, search: (text: string) => Promise<{ results: Result[] }> }} Pagefind */

const PAGEFIND = '/pagefind/pagefind.js';

/** @type {Promise<Pagefind> | null} */
let pagefind = null;
let tries = 0;

/** Pagefind, loaded with the first text; after a failure asked for again under another address, since browsers remember failed modules. */
function loadPagefind() {
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
