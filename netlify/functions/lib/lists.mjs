// @ts-check
/**
 * The closed lists of a report, out of the schema that the form and the build share: what can be counted, and by which keys.
 */

import schema from '../../../schema/report.schema.json' with { type: 'json' };
import came from './keys.json' with { type: 'json' };

export { schema };

/** @typedef {'reasons' | 'payers' | 'outcomes' | 'worked'} Part */

/** What is counted of a code's reports, in the order in which it is published. @type {readonly Part[]} */
export const PARTS = ['reasons', 'payers', 'outcomes', 'worked'];

/** Those of which every report has one key. @type {readonly Part[]} */
export const SINGLE = ['reasons', 'payers', 'outcomes'];

const properties = schema.properties;

/** @type {Readonly<Record<Part, readonly string[]>>} */
const known = {
  reasons: properties.reason.enum,
  payers: schema.allOf.flatMap((rule) => rule.then.properties.payer.enum.map((payer) => `${rule.if.properties.payer_class.const}/${payer}`)),
  outcomes: properties.outcome.enum,
  worked: properties.worked.items.enum,
};

/**
 * Every key that a part can have, in the order in which they came into the lists (keys.json): so the length of a list says which
 * keys were in it. A reader knows that a key had no report before it was there, and safety.mjs has to know it too.
 *
 * @type {Readonly<Record<Part, readonly string[]>>}
 */
export const LISTS = came;

for (const part of PARTS) {
  const [here, there] = [new Set(LISTS[part]), new Set(known[part])];
  for (const key of there) if (!here.has(key)) throw new Error(`${key} is new among ${part}: put it at the end of that list in netlify/functions/lib/keys.json`);
  for (const key of here) if (!there.has(key)) throw new Error(`${key} is gone from ${part}: reports may hold it; put it back into content/field.yml and run build.py schema`);
}

/**
 * Which strategies a report may name, by its outcome; `most`: how many.
 *
 * @typedef {{outcomes: readonly string[], worked: readonly string[], most: number}} Pair
 */

/** @type {readonly Pair[]} */
export const PAIRS = schema.then.allOf.map((rule) => {
  const worked = rule.then.properties.worked.items.enum;
  return { outcomes: rule.if.properties.outcome.enum, worked, most: Math.min(properties.worked.maxItems, worked.length) };
});

for (const [part, keys] of /** @type {const} */ ([['outcomes', PAIRS.flatMap((pair) => pair.outcomes)], ['worked', PAIRS.flatMap((pair) => pair.worked)]])) {
  if ([...keys].sort().join() !== [...known[part]].sort().join()) throw new Error(`the schema of a report does not name each of ${part} once where it says what goes with what`);
}

/** How many strategies one report may name. */
export const MOST_WORKED = properties.worked.maxItems;

/** Fields of a report. */
export const FIELDS = Object.keys(properties);

/**
 * One report as it is stored: what was chosen, and the quarter in which it came.
 *
 * @typedef {{
 *   code: string, payer_class: string, payer: string, reason: string, modifier: string, outcome: string,
 *   worked: string[], state?: string, role: string,
 * }} Report
 * @typedef {Report & {quarter: string}} Stored
 */

/** CPT and HCPCS codes have one of three forms; five letters are a word, perhaps somebody's name. */
export const CODE = /^(?:[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$/;

/** The name of a report. */
export const NAME = /^[0-9a-f]{32}$/;

/** A quarter, such as 2026Q4. */
export const QUARTER = /^20[0-9]{2}Q[1-4]$/;

/**
 * Return the quarter of a moment.
 *
 * @param {Date} when
 */
export function quarterOf(when) {
  return `${when.getUTCFullYear()}Q${Math.floor(when.getUTCMonth() / 3) + 1}`;
}
