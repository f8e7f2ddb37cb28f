// @ts-check
/**
 * The closed lists of a report, out of the schema that the form and the build share: what can be counted, and by which keys.
 */

import schema from '../../../schema/report.schema.json' with { type: 'json' };

export { schema };

/** @typedef {'reasons' | 'payers' | 'outcomes' | 'worked'} Part */

/** What is counted of a code's reports, in the order in which it is published. @type {readonly Part[]} */
export const PARTS = ['reasons', 'payers', 'outcomes', 'worked'];

const properties = schema.properties;

/** Every key that a part can have. @type {Readonly<Record<Part, readonly string[]>>} */
export const LISTS = {
  reasons: properties.reason.enum,
  payers: schema.allOf.flatMap((rule) => rule.then.properties.payer.enum.map((payer) => `${rule.if.properties.payer_class.const}/${payer}`)),
  outcomes: properties.outcome.enum,
  worked: properties.worked.items.enum,
};

/** How many strategies one report may name. */
export const MOST_WORKED = properties.worked.maxItems;

/** Fields of a report, and whether each may be left out. */
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
