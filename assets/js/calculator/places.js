// @ts-check
/** Which place of service somebody means: the calculator and the claim desk ask alike, and neither guesses. */

/**
 * The number of a place: the number itself, the place with exactly this name, or the only one whose name has it in it.
 * @param {string} typed
 * @param {{[number: string]: {name: string}}} places
 * @returns {[number: string, problem: string]} what was typed where it is no place or several, and in these cases which
 */
export function placeOf(typed, places) {
  const number = /^\d+/.exec(typed)?.[0].padStart(2, '0');
  if (number || !typed) return [number ?? '', ''];
  const words = typed.toLowerCase();
  /** @param {string} one */
  const name = (one) => places[one].name.toLowerCase();
  const fit = Object.keys(places).filter((one) => name(one).includes(words)).sort();
  const same = fit[1] ? fit.find((one) => name(one) === words) : fit[0];
  if (same) return [same, ''];
  return [typed, fit[0] ? `Several places fit: ${fit.join(', ')}. Type the number.` : 'No place of service has this name.'];
}
