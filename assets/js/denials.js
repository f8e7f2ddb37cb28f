// @ts-check
/**
 * The page /denials/: finds the reason that its address names (`#97`, `#CO-97`), and says of a number that is not there that it has no words.
 */

const place = /** @type {HTMLElement | null} */ (document.querySelector('#unknown > span'));
const before = place?.textContent ?? '';

function look() {
  const asked = /^#?(?:(?:CO|PR|OA|PI|CR)[\s_-]?)?([A-Z]?\d{1,3})$/iu.exec(decoded(location.hash));
  const number = asked?.[1].replace(/^0+(?=\d)/u, '').toUpperCase() ?? '';
  const there = number === '' ? null : document.getElementById(number);
  if (place) place.textContent = number === '' || there ? before : (place.dataset.say ?? '').replace('#', number);
  // The browser has gone to an id that is the address's own already.
  if (there && location.hash !== `#${number}`) there.scrollIntoView();
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
