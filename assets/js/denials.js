// @ts-check
/**
 * The page /denials/: goes to the page of the reason that its address names (`#97`, `#CO-97`), and says of a number that is not there that it has no words.
 */

const place = /** @type {HTMLElement | null} */ (document.querySelector('#unknown > span'));
const before = place?.textContent ?? '';

function look() {
  const asked = /^#?(?:(?:CO|PR|OA|PI|CR)[\s_-]?)?([A-Z]?\d{1,3})$/iu.exec(decoded(location.hash));
  const number = asked?.[1].replace(/^0+(?=\d)/u, '').toUpperCase() ?? '';
  const way = /** @type {HTMLAnchorElement | null | undefined} */ (number === '' ? null : document.getElementById(number)?.querySelector('a'));
  // Whoever goes back comes to where he was before this page.
  if (way) location.replace(way.href);
  else if (place) place.textContent = number === '' ? before : (place.dataset.say ?? '').replace('#', number);
}

/** @param {string} hash */
function decoded(hash) {
  try {
    return decodeURIComponent(hash);
  } catch {
    return '';
  }
}

window.addEventListener('hashchange', look);
look();
