// @ts-check
/**
 * Unfolds the form of /contribute/ on a code page: one form for all pages, and none carries it, since its lists, compressed, are more than a third
 * of what a page is without it. Where it cannot be fetched, the link is followed; without a script the link alone is there, and names the code.
 */
import { attach } from './form.js';

/**
 * Puts a part that folds in the place of the link.
 * @param {HTMLAnchorElement} link
 * @param {string} code
 */
export function fold(link, code) {
  const details = document.createElement('details');
  const summary = Object.assign(document.createElement('summary'), { textContent: link.textContent });
  details.append(summary);
  details.addEventListener('toggle', async () => {
    if (!details.open || details.childElementCount > 1) return;
    try {
      const form = await fetched(new URL(link.href).pathname);
      if (details.childElementCount > 1) return;
      details.append(form);
      attach(form, code);
    } catch {
      location.href = link.href;
    }
  });
  const box = document.createElement('div');
  box.className = 'report-link';
  box.append(details);
  const focused = document.activeElement === link;
  link.closest('p')?.replaceWith(box);
  if (focused) summary.focus();
}

/**
 * @param {string} url
 * @returns {Promise<HTMLFormElement>}
 */
async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(String(answer.status));
  const form = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('form#report');
  if (!(form instanceof HTMLFormElement)) throw new Error('no form');
  // Its address is the page's own.
  return document.adoptNode(form);
}
