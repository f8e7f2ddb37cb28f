// @ts-check
/** Makes the fee schedule of one locality beside the page: a message asks, others say how far it is, the last one has the file. */

import { fetched } from '../compare/fetched.js';
import { safe } from '../compare/safe.js';
import { COLUMNS, filler, keysOf } from './schedule.js';

/** So many ms between two messages on how far it is. */
const PACE = 1000;

addEventListener('message', async ({ data: { files, release, locality } }) => {
  try {
    const [rates, book, places] = await Promise.all(files.map(fetched));
    // The file of rows keeps its address from one release to the next, the rules do not: they belong to the page's.
    if (rates.release !== release) return postMessage({ outdated: true });
    const world = { release, rows: rates.rows, book, places };
    const keys = keysOf(world);
    const fill = filler(world, locality);
    postMessage({ rows: keys.length, done: 0 });
    let next = performance.now() + PACE;
    const lines = [COLUMNS, ...keys.map(([code, modifier], done) => {
      if (performance.now() > next) {
        next = performance.now() + PACE;
        postMessage({ rows: keys.length, done });
      }
      return fill(code, modifier);
    })];
    postMessage({ rows: keys.length, file: new Blob([lines.map((cells) => `${cells.map(safe).join(',')}\r\n`).join('')], { type: 'text/csv' }) });
  } catch (problem) {
    postMessage({ problem: String(problem) });
  }
});
