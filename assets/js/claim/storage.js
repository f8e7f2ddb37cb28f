// @ts-check
/** What the desk keeps: the claim in the tab, the locality in the browser. */

/** Read or keep a text in the tab's or the browser's storage; blank where that is forbidden. @param {'localStorage' | 'sessionStorage'} where @param {string} name @param {string} [text] */
export function stored(where, name, text) {
  try {
    if (text === '') window[where].removeItem(name);
    else if (text !== undefined) window[where].setItem(name, text);
    return window[where].getItem(name) ?? '';
  } catch {
    return '';
  }
}
