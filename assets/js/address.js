// @ts-check

/**
 * The address of a code page in capitals, where somebody typed or linked it in small letters.
 * @param {string} path the path of an address that the host does not know
 * @returns {string | null} the path to try instead
 */
export function inCapitals(path) {
  const found = /^\/codes\/([0-9A-Za-z]{5})\/?$/.exec(path);
  if (!found) return null;
  const code = found[1].toUpperCase();
  return code === found[1] ? null : `/codes/${code}/`;
}
