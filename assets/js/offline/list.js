// @ts-check
/** Lists the pages that this browser keeps for days without connection, and lets go of them when asked to. */

/** The heading of a kept page, with its own parts set apart. @param {Document} page */
const nameOf = (page) => [...(page.querySelector('h1')?.childNodes ?? [])].map((one) => one.textContent?.trim()).filter(Boolean).join(' ');

/**
 * Every kept page of the release: its path, its name, the day it is of.
 * @param {string} release @returns {Promise<{path: string, name: string, day: string}[]>}
 */
async function pages(release) {
  const parser = new DOMParser();
  const made = [];
  for (const name of (await caches.keys()).filter((one) => one.startsWith(`pages ${release} `))) {
    const store = await caches.open(name);
    for (const { url } of await store.keys()) {
      const page = await store.match(url);
      if (!page) continue; // removed meanwhile
      const day = new Date(page.headers.get('date') ?? '');
      const path = new URL(url).pathname;
      made.push({
        path,
        name: nameOf(parser.parseFromString(await page.text(), 'text/html')) || path,
        day: Number.isNaN(day.getTime()) ? '' : day.toLocaleDateString('en-US', { dateStyle: 'long' }),
      });
    }
  }
  return made.sort((one, other) => one.path.localeCompare(other.path));
}

/**
 * Fill the lists, code pages first.
 * @param {HTMLElement} box
 */
export async function show(box) {
  const all = await pages(document.querySelector('header')?.dataset.keep ?? '');
  const none = /** @type {HTMLElement} */ (box.querySelector('[data-part=none]'));
  none.hidden = all.length > 0;
  for (const [part, codes] of /** @type {const} */ ([['codes', true], ['others', false]])) {
    const place = /** @type {HTMLElement} */ (box.querySelector(`[data-part=${part}]`));
    const lines = all.filter(({ path }) => path.startsWith('/codes/') === codes).map(({ path, name, day }) => {
      const line = document.createElement('li');
      line.append(Object.assign(document.createElement('a'), { href: path, textContent: name }), ' ', Object.assign(document.createElement('small'), { textContent: day }));
      return line;
    });
    /** @type {HTMLElement} */ (place.querySelector('ul')).replaceChildren(...lines);
    place.hidden = lines.length === 0;
  }
  const button = /** @type {HTMLButtonElement} */ (box.querySelector('button'));
  button.hidden = all.length === 0;
  button.onclick = async () => {
    const names = (await caches.keys()).filter((name) => !name.startsWith('shell '));
    await Promise.all(names.map((name) => caches.delete(name)));
    await show(box);
    none.focus();
  };
}
