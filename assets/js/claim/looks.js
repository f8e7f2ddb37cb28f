// @ts-check
/** Looks at the lines of a claim as they stand together, for what asks for a second look and denies none of them. */

/** @typedef {import('./read.js').Line} Line */
/** @typedef {(name: string, on: number[], fill: {[name: string]: string}) => void} Find takes down a finding about lines, counted from 0 */

/** Whether a code is in one of the ranges. @param {string[][]} ranges @param {string} code */
export const within = (ranges, code) => ranges.some(([low, high = low]) => low <= code && code <= high);

/** Whether a line carries one of the modifiers. @param {Line} line @param {...string} modifiers */
export const carries = (line, ...modifiers) => modifiers.some((one) => line.modifiers.includes(one));

/**
 * What adds to an office visit and goes with none that carries 25 (chapter 12, section 30.6.7.F).
 * @param {Line[]} lines
 * @param {string[]} denied
 * @param {{codes: string[][], visits: string[][]}} lists
 * @param {Find} find
 */
export function complexity(lines, denied, { codes, visits: beside }, find) {
  const visit = lines.find((line, at) => !denied[at] && carries(line, '25') && within(beside, line.code));
  if (!visit) return;
  lines.forEach(({ code }, at) => {
    if (!denied[at] && within(codes, code)) find('complexity_25', [at], { code, other: visit.code });
  });
}

/**
 * Lines that say telehealth at a place that is none of it, and lines at such a place that do not say it (chapter 26, section 10.5).
 * @param {{lines: Line[], [field: string]: unknown}} claim
 * @param {string[]} denied
 * @param {{modifiers: string[], others: string[], places: string[], from: string}} lists
 * @param {Find} find
 */
export function telehealth({ lines, pos, day }, denied, { modifiers, others, places, from }, find) {
  if (day && String(day) < from) return;
  const paid = lines.map((_, at) => at).filter((at) => !denied[at]);
  if (places.includes(String(pos))) {
    const without = paid.filter((at) => !carries(lines[at], ...modifiers, ...others));
    if (without[0] !== undefined) find('telehealth_modifier', without, { what: String(pos), codes: [...new Set(without.map((at) => lines[at].code))].join(', ') });
    return;
  }
  for (const at of paid) {
    const modifier = modifiers.find((one) => carries(lines[at], one));
    if (modifier) find('telehealth_place', [at], { code: lines[at].code, modifier });
  }
}

/** Lines that are alike in code and modifiers (Claims Processing Manual, chapter 1, section 120). @param {Line[]} lines @param {Find} find */
export function duplicates(lines, find) {
  /** @type {{[key: string]: number[]}} */
  const alike = {};
  lines.forEach(({ code, modifiers }, at) => (alike[[code, ...[...modifiers].sort()].join()] ??= []).push(at));
  for (const on of Object.values(alike)) if (on[1] !== undefined) find('duplicate', on, { code: lines[on[0]].code, lines: on.map((at) => at + 1).join(' and ') });
}
