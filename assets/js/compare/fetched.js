// @ts-check
/** Fetches a file of the site as JSON. */

/** @param {string} url @returns {Promise<any>} rejected where the host does not give it */
export async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}
