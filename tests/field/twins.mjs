/**
 * Twins: for what was shown of a code, another history that shows the same every time and in which a hidden number is another one.
 */

import { POLICY, nothing, rangeOf, shown } from '../../netlify/functions/lib/counting.mjs';
import { PARTS } from '../../netlify/functions/lib/lists.mjs';
import { advanced } from '../../netlify/functions/lib/publishing.mjs';
import { laid } from '../../netlify/functions/lib/safety.mjs';

/** Numbers from a seed, the same every time (mulberry32). */
export function random(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A chooser from a list that prefers some keys: the greater `taste`, the fewer. */
function chooser(list, taste, chance) {
  const shift = Math.floor(chance() * list.length);
  return () => list[(shift + Math.floor(list.length * chance() ** taste)) % list.length];
}

/** A code's reports as they come in, batch by batch, over some quarters. */
export function history(seed) {
  const chance = random(seed);
  const choose = Object.fromEntries(PARTS.map((part) => [part, chooser(POLICY.lists[part], 1 + 12 * chance(), chance)]));
  const most = [6, 9, 14, 30][Math.floor(4 * chance())];
  const days = 1 + Math.floor(9 * chance());
  return Array.from({ length: days }, (_, day) =>
    Array.from({ length: Math.floor(most * chance()) }, () => {
      const [payer_class, payer] = choose.payers().split('/');
      const worked = [...new Set(Array.from({ length: Math.floor(4 * chance()) }, choose.worked))];
      return { code: '97761', payer_class, payer, reason: choose.reasons(), modifier: 'none', outcome: choose.outcomes(), worked, role: 'biller', quarter: `202${6 + Math.floor(day / 4)}Q${1 + (day % 4)}` };
    }),
  );
}

/** Publish a history: what was shown at each change, the last views, the sums, and how often a batch had to wait. */
export function published(days) {
  let state = { sums: nothing(), views: [] };
  let waiting = [];
  let held = 0;
  let tries = 0;
  for (const day of days) {
    waiting = [...waiting, ...day];
    if (waiting.length < POLICY.batch) continue;
    tries += 1;
    const next = advanced(state, waiting);
    if (next) {
      state = next;
      waiting = [];
    } else held += 1;
  }
  return { ...state, held, tries, waiting: waiting.length };
}

export const looks = (views) => views.map((view) => JSON.stringify(shown('97761', view)));

/** Rows of numbers for cells that sum to `totals`: those that must be reached soonest first. Null where they do not fit. */
function filled(cells, totals) {
  const now = cells.map(() => 0);
  const rows = [];
  for (const [at, total] of totals.entries()) {
    let room = total - now.reduce((sum, one) => sum + one, 0);
    for (let until = at; until <= totals.length && room > 0; until += 1) {
      cells.forEach((cell, place) => {
        const aim = until < totals.length ? Math.min(cell.low[until], cell.high[at]) : cell.high[at];
        const by = Math.max(0, Math.min(room, aim - now[place]));
        now[place] += by;
        room -= by;
      });
    }
    if (room !== 0 || cells.some((cell, place) => now[place] < cell.low[at])) return null;
    rows.push([...now]);
  }
  return rows;
}

/** Every cell by its key, with one of them held to a value. */
function cellsOf(views, part, forced) {
  return POLICY.lists[part].map((key) => {
    const ranges = views.map((view) => rangeOf(view.cells[part][key] ?? -1, POLICY));
    const low = ranges.map(([one]) => one);
    const high = ranges.map(([, one]) => one);
    if (forced?.part !== part || forced.key !== key) return { times: 1, low, high };
    return { times: 1, low: low.map((one, at) => (at === low.length - 1 ? forced.value : one)), high: high.map((one) => Math.min(one, forced.value)) };
  });
}

/** Totals that rise as little as the cells let them, or somewhat more from the first moment on. */
function* totalsFor(views, forced) {
  const parts = Object.fromEntries(PARTS.map((part) => [part, cellsOf(views, part, forced)]));
  const reports = (part, by) => {
    const grown = parts[part].map(by);
    return part === 'worked' ? Math.max(...grown, Math.ceil(grown.reduce((sum, one) => sum + one, 0) / POLICY.most.worked)) : grown.reduce((sum, one) => sum + one, 0);
  };
  for (const more of [0, 1, 2, 3, 4]) {
    const totals = [];
    for (const [at, view] of views.entries()) {
      const own = Math.max(POLICY.limits[view.total], ...PARTS.map((part) => reports(part, (cell) => cell.low[at])));
      const since = totals.map((total, from) => total + Math.max(POLICY.batch, ...PARTS.map((part) => reports(part, (cell) => Math.max(0, cell.low[at] - cell.high[from])))));
      totals.push(Math.max(own + (at === 0 ? more : 0), ...since));
    }
    yield totals;
  }
}

/** A history that the function publishes with exactly these views, and in which a cell has another value; or null. */
export function twin(views, part, key, truth) {
  for (let value = 0; value <= rangeOf(-1, POLICY)[1]; value += 1) {
    if (value === truth) continue;
    for (const totals of totalsFor(views, { part, key, value })) {
      const made = built(views, totals, { part, key, value });
      if (made && looks(published(made).views).join() === looks(views).join()) return made;
    }
  }
  return null;
}

function built(views, totals, forced) {
  const increments = {};
  for (const part of PARTS) {
    const cells = cellsOf(views, part, forced);
    const rows = part === 'worked' ? fewest(cells, totals) : filled(cells, totals);
    if (!rows) return null;
    increments[part] = rows.map((row, at) => row.flatMap((count, place) => Array.from({ length: count - (rows[at - 1]?.[place] ?? 0) }, () => POLICY.lists[part][place])));
  }
  return totals.map((total, at) => {
    const count = total - (totals[at - 1] ?? 0);
    return Array.from({ length: count }, (_, place) => {
      const [payer_class, payer] = increments.payers[at][place].split('/');
      const worked = increments.worked[at].filter((_key, turn) => turn % count === place);
      const quarter = at === 0 && place === 0 ? views[0].from : views[at].to;
      return { code: '97761', payer_class, payer, reason: increments.reasons[at][place], modifier: 'none', outcome: increments.outcomes[at][place], worked, role: 'biller', quarter };
    });
  });
}

function fewest(cells, totals) {
  const done = laid(cells, totals, POLICY.most.worked);
  if (!done) return null;
  return done.rows.map((row) => cells.map((cell) => row[done.cells.indexOf(cell)] ?? 0));
}
