// @ts-check
/**
 * What the parts of the engine share: exact money (medpayiq/payment/money.py), a line on its way to an amount and its steps
 * (model.py).
 *
 * The calculator may weigh 14 kB, and no name is shortened on delivery: that is why names are short here, and the same
 * everywhere. `c` is the claim: the rule book and what holds for every line; `w` a line on its way to an amount ("work"), `w.$`
 * the amount; `r` a row of CMS's file; `i` an item, a service that the rules for several services look at, `i.ps` its parts;
 * `p` a percentage, as text; `a`, `b` amounts; `n` a name or a number; `x` any one of several.
 *
 * Amounts are BigInt: cents, and RVUs in hundredths. A refusal is a list: its name in rules/answers.yml, and what its sentence
 * names; while a line is read and admitted it is thrown.
 */

/** @typedef {{[name: string]: any}} Book the rules in force on one day, as medpayiq/rulebook.py makes them */
/** @typedef {{[modifier: string]: (string | number)[]}} Packed the rows of a code, each in the order of book.fields */
/** @typedef {{gpci: number[], anesthesia: {[kind: string]: number}}} Place indices in thousandths, factors in millionths of a dollar */
/** @typedef {{rows: (code: string) => Packed | undefined, place: (key: string) => Place | undefined}} Facts what a release says */
/** @typedef {'code' | 'modifier' | 'status' | 'not_used' | 'na_nonfacility' | 'na_facility' | 'pctc' | 'glob' | 'mult' | 'bilat' | 'endo_base'} Texts */
/** @typedef {'work' | 'pe_nonfacility' | 'pe_facility' | 'mp' | 'pre' | 'intra' | 'post' | 'opps_mp'} Numbers */
/** @typedef {Record<Texts, string> & Record<Numbers, bigint> & {[field: string]: any}} Row */
/** @typedef {{[modifier: string]: Row}} Rows */
/**
 * One claim line, read and in bounds; amounts in cents.
 * @typedef {object} Line
 * @property {number} at its place on the claim, from 1
 * @property {string} code
 * @property {string[]} modifiers
 * @property {bigint} units
 * @property {bigint | null} charge
 * @property {bigint | null} net_charge
 * @property {bigint | null} base_units
 * @property {bigint | null} minutes
 * @property {bigint | null} days
 * @property {string} induction yes, no or blank, as the next two
 * @property {string} documented
 * @property {string} other_surgeon
 */
/**
 * What holds for every line of a claim, beside the rule book and the fields as they were typed.
 * @typedef {object} Common
 * @property {(code: string) => Rows | undefined} rows
 * @property {Place} locality
 * @property {bigint} rate the conversion factor in ten-thousandths of a dollar; 0 without a choice
 * @property {any} who the practitioner; empty where nothing was said
 * @property {{[rule: string]: string}} p the percentages
 */
/** @typedef {Common & Book} Claim */
/** @typedef {string[]} Said a refusal or note of rules/answers.yml and the {modifier}, and the {other} or {line}, of its sentence */
/** @typedef {{step: string, before: string | null, after: string, how: string}} Step */
/**
 * A line on its way to an amount.
 * @typedef {object} Progress
 * @property {Row} r the row of CMS's file that prices it; empty on a line that is not admitted
 * @property {string} paying its modifiers that move money, in order
 * @property {string} same what lines that share one procedure have in common
 * @property {string} [site] its first modifier that names a side or a site of the body
 * @property {Said | undefined} why it is refused
 * @property {bigint} $ what has been worked out so far
 * @property {string | null} floor least amount of a line that is priced by report
 * @property {string | null} cap on a price that the MAC sets
 * @property {string[]} conditions names in rules/answers.yml
 * @property {{[key: string]: Said}} notes
 * @property {Step[]} trace
 * @property {{[name: string]: string}} share the patient's and Medicare's
 * @property {Work} [o] the line of the other side, where RT and LT are two lines
 * @property {boolean} [two] whether it is the second of them, paid what the first leaves of both sides
 * @property {bigint} due what the rules come to before the line's charge
 * @property {bigint} paid sum of its items while a step is put together, and
 * @property {string[]} how their arithmetic
 * @property {bigint[]} ct what it would be with the CT cut after the imaging cap, and before it
 */
/** @typedef {Line & Progress} Work */
/** @typedef {{pc: bigint, tc: bigint, cap: bigint}} Parts professional part, technical part and its cap, in cents times EXACT */
/**
 * One service of the claim: a unit of a line, or both sides of a pair of lines. Amounts in cents.
 * @typedef {object} Item
 * @property {Work[]} of the line, or the RT and the LT line of a pair
 * @property {Row} r
 * @property {bigint} fee fee schedule amount after sides, before any cap; what it brings to an endoscopic family
 * @property {string} sides percent of one side's amount: 100, or what both sides are paid
 * @property {Parts | null} ps its parts
 * @property {bigint} cap on the whole service
 * @property {boolean} cut film, plate or CT cut the technical part, so that the amount is the sum of the parts
 * @property {bigint} paid
 * @property {string[]} how
 */
/** @typedef {{all: Item[], total: bigint, apart?: boolean}} Ranked one place in the ranking, the highest first; with `apart` each is paid for itself */
/** @typedef {(bigint | number | string)[]} Key what things are ordered by */
/**
 * What the engine answers for one line; amounts are text with two decimals.
 * @typedef {object} Result
 * @property {string} result a name of the payment spec, section 0, or INVALID_INPUT
 * @property {string} answer the refusal of rules/answers.yml; blank where there is an amount
 * @property {string} say
 * @property {string | null} allowed
 * @property {string} row code and modifier of the row used, `70496-TC`
 * @property {string[][]} conditions name in rules/answers.yml and sentence
 * @property {string[][]} notes the same of notes
 * @property {Step[]} trace
 * @property {string | null} floor
 * @property {string | null} cap
 * @property {{[name: string]: string}} share
 */

/** Scale of an amount that is not rounded yet: cents times this. */
export const E = 10n ** 8n;

/** A fraction rounded to a whole number, halves up. @type {(a: bigint, b: bigint) => bigint} */
export const half = (a, b) => (2n * a + b) / (2n * b);

/** Cents of an amount that is not rounded. @type {(a: bigint) => bigint} */
export const cents = a => half(a, E);

/** A percentage (text such as `62.5`) of an amount that is not rounded. @type {(a: bigint, p: string) => bigint} */
export const part = (a, p) => {
  const [x, b = ''] = p.split('.');
  return (a * BigInt(x + b)) / 10n ** BigInt(b.length + 2);
};

/** A percentage of an amount in cents, rounded to the cent. @type {(a: bigint, p: string) => bigint} */
export const pct = (a, p) => cents(part(a * E, p));

/** A scaled integer as text, cents for one: `$(334009n, 4)` is `33.4009`. @type {(a: bigint | number, places?: number) => string} */
export const $ = (a, places = 2) => {
  const x = `${a}`.padStart(places + 1, '0');
  return x.slice(0, -places) + '.' + x.slice(-places);
};

/** The same with the decimals it needs, two at least; an exact amount for one. @type {(a: bigint, places?: number) => string} */
export const ex = (a, places = 10) => $(a, places).replace(/(\.\d\d\d*?)0+$/, '$1');

/** Arithmetic for a person with a hand calculator: a template whose BigInts are cents. @type {(raw: TemplateStringsArray, ...values: (bigint | string)[]) => string} */
export const sum = (raw, ...values) => String.raw({ raw }, ...values.map(x => (typeof x === 'bigint' ? $(x) : x)));

/** @type {(a: bigint | string, p: string, b: bigint | string) => string} */
export const percent = (a, p, b) => sum`${a} × ${p}% = ${b}`;

/** A line without a row yet, or one that begins anew. @type {(line: Line) => Work} */
export const begin = line => ({ ...line, r: /** @type {any} */ ({}), paying: '', same: '', why: undefined, $: 0n, floor: null, cap: null, conditions: [], notes: {}, trace: [], share: {}, due: 0n, paid: 0n, how: [], ct: [0n, 0n] });

/** The first of these modifiers that stands on the line. @type {(w: Line, ...modifiers: string[]) => string | undefined} */
export const has = (w, ...modifiers) => modifiers.find(x => w.modifiers.includes(x));

/** The line itself, or the lines of an item. @type {(w: Work | Item) => Work[]} */
const each = w => ('of' in w ? w.of : [w]);

/** Refuse the line, or the lines of an item, unless refused already. @type {(w: Work | Item, ...why: Said) => void} */
export const stop = (w, ...why) => {
  for (const x of each(w)) x.why ??= why;
};

/** Add a note once to the line, or to the lines of an item. @type {(w: Work | Item, ...note: Said) => void} */
export const note = (w, ...said) => {
  for (const x of each(w)) x.notes[`${said}`] = said;
};

/** Take one step: the amount becomes `a`. @type {(w: Work, step: string, a: bigint, how: string) => void} */
export const step = (w, step, a, how) => {
  w.trace.push({ step, before: w.trace[0] ? $(w.$) : null, after: $(a), how });
  w.$ = a;
};

/** Take one step whose arithmetic ends in its result. @type {(w: Work, n: string, a: bigint, how: string) => void} */
export const eq = (w, n, a, how) => step(w, n, a, sum`${how} = ${a}`);

/** Take a percentage of the amount. @type {(w: Work, n: string, p: string) => void} */
export const take = (w, n, p) => eq(w, n, pct(w.$, p), sum`${w.$} × ${p}%`);

/** Order by a tuple of numbers and ASCII texts. @type {<T>(list: T[], key: (x: T) => Key) => T[]} */
export const by = (list, key) =>
  [...list].sort((a, b) => {
    const other = key(b);
    const at = key(a).findIndex((x, at) => x !== other[at]);
    return at < 0 ? 0 : key(a)[at] < other[at] ? -1 : 1;
  });

/** What orders lines of equal amount: charge, highest first (chapter 12, section 40.6.C.15), what else a line is paid by (care without its days is that of all 90; its side says nothing), place on the claim. @type {(w: Work) => Key} */
export const tie = w => [-(w.charge ?? -1n), w.paying, -(w.days ?? 90n), -w.units, w.modifiers.filter(x => !/[RL]T/.test(x)).sort().join(), w.code, w.net_charge ?? -1n, +(w.documented === 'no'), w.at];
