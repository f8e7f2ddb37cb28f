// @ts-check
/**
 * Prices a claim as medpayiq/payment does, with the same answers and the same traces: reads its lines, admits them, takes every
 * step in order, answers each line with an amount or a refusal. Each part below says which Python module it mirrors.
 *
 * The whole calculator may weigh 12 kB, and a small file compresses badly: that is why this is one file with short names.
 * `c` is the claim: the rule book and what holds for every line; `w` a line on its way to an amount ("work"), `w.$` the amount; `r`
 * a row of CMS's file; `i` an item, a service that the rules for several services look at, `i.ps` its parts; `p` a percentage, as
 * text; `a`, `b` amounts; `n` a name or a number; `x` any one of several. rjsmin must be able to read it: no template in a template.
 * Amounts are BigInt: cents, and RVUs in hundredths. A refusal is a list: its name in rules/answers.yml, and what its sentence
 * names. While a line is read and admitted it is thrown.
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
 * @property {string[]} conditions
 * @property {{[key: string]: Said}} notes
 * @property {Step[]} trace
 * @property {{[name: string]: string}} share the patient's and Medicare's
 * @property {bigint} paid sum of its items while a step is put together, and
 * @property {string[]} how their arithmetic
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
 * @property {string[]} conditions sentences
 * @property {string[][]} notes name and sentence
 * @property {Step[]} trace
 * @property {string | null} floor
 * @property {string | null} cap
 * @property {{[name: string]: string}} share
 */

// -- money.py: whole cents, one rounding, half up; no float comes near an amount ---------------------------------------

/** Scale of an amount that is not rounded yet: cents times this. */
const E = 10n ** 8n;

/** A fraction rounded to a whole number, halves up. @type {(a: bigint, b: bigint) => bigint} */
const half = (a, b) => (2n * a + b) / (2n * b);

/** Cents of an amount that is not rounded. @type {(a: bigint) => bigint} */
const cents = a => half(a, E);

/** A percentage (text such as `62.5`) of an amount that is not rounded. @type {(a: bigint, p: string) => bigint} */
const part = (a, p) => {
  const [x, b = ''] = p.split('.');
  return (a * BigInt(x + b)) / 10n ** BigInt(b.length + 2);
};

/** A percentage of an amount in cents, rounded to the cent. @type {(a: bigint, p: string) => bigint} */
const pct = (a, p) => cents(part(a * E, p));

/** A scaled integer as text, cents for one: `$(334009n, 4)` is `33.4009`. @type {(a: bigint | number, places?: number) => string} */
const $ = (a, places = 2) => {
  const x = `${a}`.padStart(places + 1, '0');
  return x.slice(0, -places) + '.' + x.slice(-places);
};

/** The same with the decimals it needs, two at least; an exact amount for one. @type {(a: bigint, places?: number) => string} */
const ex = (a, places = 10) => $(a, places).replace(/(\.\d\d\d*?)0+$/, '$1');

/** Arithmetic for a person with a hand calculator: a template whose BigInts are cents. @type {(raw: TemplateStringsArray, ...values: (bigint | string)[]) => string} */
const sum = (raw, ...values) => String.raw({ raw }, ...values.map(x => (typeof x === 'bigint' ? $(x) : x)));

/** @type {(a: bigint | string, p: string, b: bigint | string) => string} */
const percent = (a, p, b) => sum`${a} × ${p} % = ${b}`;

// -- model.py ----------------------------------------------------------------------------------------------------------

/** A line without a row yet, or one that begins anew. @type {(line: Line) => Work} */
const begin = line => ({ ...line, r: /** @type {any} */ ({}), paying: '', same: '', why: undefined, $: 0n, floor: null, cap: null, conditions: [], notes: {}, trace: [], share: {}, paid: 0n, how: [] });

/** The first of these modifiers that stands on the line. @type {(w: Line, ...modifiers: string[]) => string | undefined} */
const has = (w, ...modifiers) => modifiers.find(x => w.modifiers.includes(x));

/** The line itself, or the lines of an item. @type {(w: Work | Item) => Work[]} */
const each = w => ('of' in w ? w.of : [w]);

/** Refuse the line, or the lines of an item, unless refused already. @type {(w: Work | Item, ...why: Said) => void} */
const stop = (w, ...why) => {
  for (const x of each(w)) x.why ??= why;
};

/** Add a note once to the line, or to the lines of an item. @type {(w: Work | Item, ...note: Said) => void} */
const note = (w, ...said) => {
  for (const x of each(w)) x.notes[`${said}`] = said;
};

/** Take one step: the amount becomes `a`. @type {(w: Work, step: string, a: bigint, how: string) => void} */
const step = (w, step, a, how) => {
  w.trace.push({ step, before: w.trace[0] ? $(w.$) : null, after: $(a), how });
  w.$ = a;
};

/** Take one step whose arithmetic ends in its result. @type {(w: Work, n: string, a: bigint, how: string) => void} */
const eq = (w, n, a, how) => step(w, n, a, sum`${how} = ${a}`);

/** Take a percentage of the amount. @type {(w: Work, n: string, p: string) => void} */
const take = (w, n, p) => eq(w, n, pct(w.$, p), sum`${w.$} × ${p} %`);

/** Order by a tuple of numbers and ASCII texts. @type {<T>(list: T[], key: (x: T) => Key) => T[]} */
const by = (list, key) =>
  [...list].sort((a, b) => {
    const other = key(b);
    const at = key(a).findIndex((x, at) => x !== other[at]);
    return at < 0 ? 0 : key(a)[at] < other[at] ? -1 : 1;
  });

/** What orders lines of equal amount: charge, highest first (chapter 12, section 40.6.C.15), paying modifiers, place on the claim. @type {(w: Work) => Key} */
const tie = w => [-(w.charge ?? 0n), w.paying, w.at];

// -- reading.py: whatever does not fit is thrown as what is said of it ---------------------------------------------------

/** @type {(...why: Said) => never} */
const no = (...why) => {
  throw why;
};

/** Read the named fields: first all are text, blank where absent, then each is what its function makes of it. @type {(raw: any, fields: {[n: string]: (x: string, n: string, made: any) => unknown}) => any} */
const read = (raw, fields) => {
  /** @type {any} */
  const made = {};
  if (Object(raw) !== raw || Array.isArray(raw)) no('text_form');
  for (const n in fields) {
    made[n] = raw[n] ?? '';
    if (typeof made[n] !== 'string') no('text_form');
  }
  for (const n in fields) made[n] = fields[n](made[n], n, made);
  return made;
};

/** Capitals, of ASCII alone. @type {(x: string) => string} */
const caps = x => x.replace(/[a-z]/g, x => x.toUpperCase());

/** One of the choices, or blank. @type {(...choices: string[]) => (x: string, n: string) => string} */
const pick = (...choices) => (x, n) => (!x || choices.includes(x) ? x : no('choice_form', n));
const yesNo = pick('yes', 'no');

/** A whole number up to `most`; null for blank. @type {(most: bigint) => (x: string, n: string) => bigint | null} */
const whole = most => (x, n) => {
  const a = /^\d{1,4}$/.test(x) ? BigInt(x) : 0n;
  return !x ? null : a && a <= most ? a : no(n + '_form');
};

/** An amount in cents; null for blank. @type {(x: string) => bigint | null} */
const usd = x => {
  if (!x) return null;
  const [, a, b = ''] = /^(\d{1,7})(?:\.(\d\d?))?$/.exec(x) ?? no('charge_form');
  return BigInt(a + b.padEnd(2, '0'));
};

/** Read what holds for the whole claim: fields as medpayiq/payment/reading.py names them. @type {(raw: any, facts: Facts, book: Book, rows: Common['rows']) => Claim} */
const common = (raw, facts, b, rows) => {
  const c = read(raw, {
    locality: x => facts.place(x) ?? no('locality_unknown'),
    pos: x => (x && (b.places[x]?.setting ?? no('place_unknown')) === 'unused' ? no('place_unused') : x),
    setting: (x, n, { pos }) => (pos ? b.places[pos].setting : pick('facility', 'nonfacility')(x || no('place_missing'), n)),
    factor: (x, n) => (b.factors.all ? 'all' : pick(...Object.keys(b.factors))(x, n)),
    practitioner: pick(...Object.keys(b.practitioners)),
    participation: pick('par', 'nonpar'),
    other_service: yesNo,
    five_percent: yesNo,
    deductible: usd,
  });
  return { ...b, ...c, rows, p: b.percentages, who: b.practitioners[c.practitioner] ?? {}, rate: BigInt((b.factors[c.factor] ?? '0').replace('.', '')), national: raw.locality === '00000/00' };
};

/** Read one line. @type {(raw: unknown, at: number) => Line} */
const line = (raw, at) => ({
  at,
  ...read(raw, {
    code: x => /^[0-9A-Z]{5}$/.exec(caps(x))?.[0] ?? no('code_form'),
    modifiers: x =>
      caps(x)
        .split(/[ ,;\t\r\n]+/)
        .filter(x => x && (/^[0-9A-Z]{2}$/.test(x) || no('modifier_form'))),
    units: (x, n) => whole(999n)(x || '1', n),
    charge: usd,
    net_charge: usd,
    base_units: whole(99n),
    minutes: whole(1440n),
    days: whole(90n),
    induction: yesNo,
    documented: yesNo,
    other_surgeon: yesNo,
  }),
});

// -- amount.py ---------------------------------------------------------------------------------------------------------

/** Billionths of a dollar, which is what RVU hundredths, GPCI thousandths and ten-thousandths of the factor make, down to cents. @type {(a: bigint) => bigint} */
const down = a => half(a, 10n ** 7n);

/** No cap: one that nothing reaches. */
const N = E ** 4n;

/** `(work x GPCI + PE x GPCI + MP x GPCI) x CF`, unrounded. @type {(c: Claim, ...rvus: bigint[]) => bigint} */
const mul = (c, ...rvus) => rvus.reduce((a, b, at) => a + b * BigInt(c.locality.gpci[at]), 0n) * c.rate;

/** The RVUs of the setting: work, practice expense, malpractice; therapy has the office's everywhere (chapter 12, section 20.4.2). @type {(c: Claim, r: Row) => bigint[]} */
const rvus = (c, r) => [r.work, r.mult === '5' ? r.pe_nonfacility : r[`pe_${c.setting}`], r.mp];

/** The fee schedule amount of a row, or of several together, before the imaging cap; rounded once, half up, at the end. @type {(c: Claim, ...rows: Row[]) => bigint} */
const fees = (c, ...rows) => down(rows.reduce((a, r) => a + mul(c, ...rvus(c, r)), 0n));

/** Whether the row's RVUs are used for payment: status A, R or T, RVUs that are not all zero, no `+`. @type {(r: Row) => unknown} */
const priced = r => /[ART]/.test(r.status) && !r.not_used && (r.work || r.pe_nonfacility || r.pe_facility || r.mp);

/** The imaging cap (Social Security Act 1848(b)(4)). @type {(c: Claim, r: Row) => bigint} */
const opps = (c, r) => {
  const pe = r[`opps_pe_${c.setting}`];
  return pe || r.opps_mp ? down(mul(c, r.work, pe, r.opps_mp)) : N;
};

// -- admission.py: whether a line can be priced; the reason why not is thrown ---------------------------------------------

/** Whether a code is in one of the ranges; undefined where there are none. @type {(w: Line, ranges?: string[][]) => boolean | undefined} */
const hit = ({ code }, ranges) => ranges?.some(([a, b = a]) => a <= code && code <= b);

/** The shares of the package, where CMS publishes them. @type {(r: Row) => bigint} */
const pack = r => r.pre + r.intra + r.post;

/** Refuse a status without a national amount (chapter 23, section 30.2.2). @type {(r: Row) => unknown} */
const unpaid = r => {
  const { status } = r;
  if (/[DFGH]/.test(status)) no('code_deleted');
  return status === 'J' || priced(r) || no('status_' + (status === 'T' ? 'a' : status.toLowerCase()));
};

/** Make the line ready for pricing (payment spec, section 14, step 1). @type {(c: Claim, w: Work, rows: Rows) => unknown} */
const admit = (c, w, rows) => {
  const { who, pos, lists, practitioner } = c;
  const fac = c.setting === 'facility';
  const { modifiers } = w;

  // Modifiers that are not known, and those that exclude each other on one line.
  for (const x of modifiers) if (![...c.anatomic.codes, ...c.reporting.codes].includes(x) && (c.modifiers[x] ?? no('modifier_unknown', x)).late) no('modifier_late', x);
  modifiers.forEach((x, at) => modifiers.indexOf(x) < at && no('modifier_twice', x));
  if (modifiers[4]) no('too_many_modifiers');
  for (const { among, with: others = among, except = [], answer } of c.refused) {
    for (const a of among) for (const b of others) if (a !== b && has(w, a) && has(w, b) && !except.some((/** @type {string[]} */ x) => x.includes(a) && x.includes(b))) no(answer, a, b);
  }
  for (const x of modifiers) {
    const { needs = modifiers, missing } = c.modifiers[x] ?? {};
    if (!has(w, ...needs)) no(missing, x);
  }

  // The row that prices the line (payment spec, section 2), and its status (chapter 23, section 30.2.2).
  let r = rows[''];
  for (const x of ['53', 'TC', '26']) {
    if (!has(w, x) || (x === '53' && !rows[x])) continue;
    if (!rows[x]) {
      if (x === 'TC' && rows['26']) no('no_technical', x);
      if (r && !rows.TC) unpaid(r); // what is on no fee schedule is no question of parts
      no('no_parts', x);
    }
    r = rows[x];
  }
  const { status, pctc, glob, modifier } = r ?? no('reading_needed');
  const j = status === 'J';
  unpaid(r);

  // Modifiers that the row's indicators do not admit, and modifiers that are missing.
  w.r = r;
  const sites = ['RT', 'LT', ...c.anatomic.codes];
  const pays = modifiers.filter(x => c.modifiers[x]?.effect === 'changes').sort();
  w.paying = pays.join(' ');
  w.site = has(w, ...sites);
  w.same = [w.code, ...modifiers.filter(x => (pays.includes(x) || sites.includes(x)) && !/54|55|26|TC/.test(x)).sort()].join();
  for (const x of modifiers) {
    const rule = c.modifiers[x] ?? {};
    if (rule.group === 'anesthesia' && rule.effect === 'changes' && !j) no('not_anesthesia', x);
    if (rule.group === 'visit' && rule.by && !hit(w, lists.visits)) note(w, 'ON_VISITS', x);
    if (hit(w, lists[rule.list]) === false) no(rule.unlisted, x);
    if (hit(w, lists[rule.never])) no(rule.listed, x);
    let n = rule.values?.[r[rule.by]];
    if (c.conditions[n]) {
      if (w.other_surgeon === 'yes' && n === 'first_bill') no('other_surgeon', x);
      w.conditions.push(n);
      n = '';
    } else if (x === '55' && has(w, 'FT')) n = ''; // critical care after a full transfer (section 30.6.12.7)
    for (const a of [n, modifier !== x && rule.answer]) {
      // Without documents 22 is paid as if it were not there (chapter 12, section 40.4.A).
      if (!a || (a === 'increased' && w.documented === 'no')) continue;
      if (c.refusals[a].result !== 'NO_NATIONAL_RULE') no(a, x);
      stop(w, a, x); // a line that the MAC prices by report stays on the claim, where it still takes its rank
    }
    if (rule.share && glob !== 'XXX' && !pack(r) && (x !== '78' || glob !== '000')) stop(w, 'split_unknown', x);
  }
  if (has(w, '50') && w.units > 1n) no('bilateral_units', '50');
  if (has(w, '55') && /0.0/.test(glob) && w.days && w.days > BigInt(glob)) no('days_form');

  // Assistants: 80 to 82 are physicians', AS is for PA, NP and CNS (sections 110.2, 120.1).
  const assistant = practitioner && has(w, ...(who.npp ? ['80', '81', '82'] : ['AS']));
  if (assistant) no(who.npp ? 'assistant_by_npp' : 'assistant_not_npp', assistant);

  // Therapy: its discipline, and evaluations that belong to one (chapter 5, sections 20.1, 20.2).
  if (r.mult === '5') {
    const given = has(w, 'GP', 'GO', 'GN');
    if (!given) c.national ? note(w, 'DISCIPLINE_NEEDED') : no('discipline_needed');
    else for (const [x, n] of [['GP', 'pt'], ['GO', 'ot'], ['GN', 'slp']]) if (given !== x && hit(w, lists['evaluation_' + n])) no('discipline_bound', given, x);
  }
  const aide = has(w, 'CQ', 'CO');
  if (aide && practitioner && !who.therapist) no('therapist_only', aide);
  if (pctc === '7' && who.therapist && pos && c.places[pos].therapists === false) no('therapist_in_hospital');

  if (j) return w.units > 1n && no('anesthesia_units');
  // The setting (chapter 12, section 20.4.2; chapter 23, Addendum, fields 20 and 29), and practitioners whom Medicare pays for some codes alone.
  if (pctc === '8' && (!fac || (pos && pos !== '21'))) no('inpatients_only');
  if (fac && /[345]/.test(pctc)) no('facility_costs');
  if (fac && r.na_facility && pctc !== '7') no('facility_' + (pctc !== '1' ? 'na' : modifier ? 'costs' : 'reading'));
  if (hit(w, lists[who.list]) === false) no('practitioner_codes');
};

// -- items.py: single services that the claim-level rules rank: units, sides, the parts of tests --------------------------

/** The fee schedule amount of one unit of the row (payment spec, section 1.1). @type {(c: Claim, w: Work) => void} */
const base = (c, w) => {
  const all = rvus(c, w.r);
  const how = all.map((x, at) => sum`${x} × ${$(c.locality.gpci[at], 3)}`).join(' + ');
  step(w, 'base', fees(c, w.r), `(${how}) × ${$(c.rate, 4)} = ${$(mul(c, ...all), 9).replace(/\.?0+$/, '')}`);
};

/**
 * The professional and technical part of one unit; null where CMS's file does not tell them apart.
 *
 * A test in two parts has a row for each; what is technical alone (PC/TC 3) or a reading alone (2) is one part; of a whole
 * test (4) the parts are codes of their own (rules/lists.yml).
 * @type {(c: Claim, r: Row) => Parts | null}
 */
const partsOf = (c, r) => {
  const test = c.whole_tests[r.code];
  const rows = c.rows(r.code) ?? {};
  let pc = [rows['26']];
  let tc = [rows.TC];
  if (test) [pc, tc] = [test.professional, test.technical].map(x => x.map((/** @type {string} */ x) => c.rows(x)?.['']));
  if (r.modifier === '26' || r.pctc === '2') [pc, tc] = [[r], []];
  else if (r.modifier === 'TC' || r.pctc === '3') [pc, tc] = [[], [r]];
  for (const x of [...pc, ...tc]) if (!x || (test && !priced(x))) return null;
  return { pc: E * fees(c, ...pc), tc: E * fees(c, ...tc), cap: test || !tc[0] ? N : E * opps(c, tc[0]) };
};

/** Cut the technical part to a percentage; the sum of the parts then, and the arithmetic. @type {(parts: Parts, p: string) => [bigint, string]} */
const cutTc = (ps, p) => {
  const { pc, tc } = ps;
  const a = (ps.tc = part(tc, p));
  const how = percent(ex(tc), p, ex(a));
  return [cents(pc + a), pc ? sum`${ex(pc)} + (${how}) = ${cents(pc + a)}` : how];
};

/** The services of all lines but therapy's and anesthesia's, film cuts and sides applied (payment spec, sections 6, 13). @type {(c: Claim, works: Work[]) => Item[]} */
const items = (c, all) => {
  const pairs = pair(all);
  /** @type {Item[]} */
  const made = [];
  for (const w of all) {
    const { r, units } = w;
    const ps = partsOf(c, r);
    const o = pairs.get(w);

    // Film (FX) or plate (FY) cuts the technical part, before every other rule (Social Security Act 1848(b)(9); chapter 13, section 20.2.6).
    const x = has(w, 'FX', 'FY');
    const reads = r.modifier === '26';
    const cut = x ? !reads && !!ps : !!has(w, 'CT');
    if (x && reads) note(w, 'NO_EFFECT_ON_READING', x);
    else if (x && ps) step(w, 'film', ...cutTc(ps, c.p[c.modifiers[x].percent]));
    else if (x) stop(w, 'parts_unknown');
    if (o && o.at < w.at) continue; // the first line of the pair holds the item

    const a = w.$;
    let fee = a * units;
    let p = `${units}00`;
    let sides = '100';
    let n = 1n;
    const both = has(w, '50');
    const back = has(w, '78');
    if (back && both) note(w, 'NOT_ON_RETURN');
    // Both sides are 50, an RT and an LT line, or two units that name no site (chapter 23, Addendum, field 22).
    if (!back && (both || o || (units === 2n && /[123]/.test(r.bilat) && !w.site))) {
      p = sides = r.bilat === '1' ? c.p.both_sides : r.bilat === '3' ? c.p.two_sides : '100';
      fee = pct(a, p);
      if (r.bilat === '1' && !both) note(w, 'BILL_AS_50');
      if (o) {
        step(w, 'sides', a, sum`${percent(a, p, fee)}; this side ${a}`);
        eq(o, 'sides', fee - a, sum`${fee} − ${a}`);
        if (fee === a) note(o, 'SIDES_ONCE');
      } else take(w, 'sides', p);
    } else {
      if (units > 1n) eq(w, 'units', fee, sum`${a} × ${units + ''}`);
      // Services that are ranked are ranked one by one; others are paid alike.
      if (/[23467]/.test(r.mult)) {
        fee = a;
        p = '100';
        n = units;
      }
    }
    for (; n; n--) made.push({ of: o ? [w, o] : [w], r, fee, paid: fee, sides, ps: ps && { pc: part(ps.pc, p), tc: part(ps.tc, p), cap: part(ps.cap, p) }, cap: pct(opps(c, r), p), cut, how: [] });
  }
  return made;
};

/** Match each RT line with an LT line of the same code and the same paying modifiers. @type {(works: Work[]) => Map<Work, Work>} */
const pair = all => {
  const made = new Map();
  const rest = all.filter(w => w.units === 1n && /[0123]/.test(w.r.bilat) && !has(w, '78'));
  for (const w of rest) {
    const o = has(w, 'RT') && rest.find(x => has(x, 'LT') && !made.has(x) && x.code === w.code && x.paying === w.paying);
    if (o) made.set(w, o).set(o, w);
  }
  return made;
};

// -- multiple.py: several services of one day ----------------------------------------------------------------------------

/** Whether it is ranked among procedures. @type {(w: Work) => boolean} */
const ranks = w => /[23]/.test(w.r.mult) && !has(w, '78');

/** Highest first. @type {(a: bigint, i: Item) => Key} */
const top = (a, i) => [-a, ...tie(i.of[0])];

/** @type {(items: Item[]) => Set<Work>} */
const held = all => new Set(all.flatMap(i => i.of));

/** Put the steps of the rules for several services, the imaging cap and the CT cut on the lines (payment spec, section 14, steps 5 and 6). @type {(c: Claim, items: Item[]) => void} */
const several = (c, all) => {
  const tests = all.filter(i => !ranks(i.of[0]));
  rank(c, all.filter(i => ranks(i.of[0])));
  // Technical parts are reduced, each family by itself (chapter 23, Addendum, field 21).
  for (const [x, n] of [['4', 'imaging'], ['6', 'cardiovascular'], ['7', 'ophthalmology']]) reduce(c, tests.filter(i => i.r.mult === x), n);
  settle(c, tests);
};

/** Rank procedures by fee schedule amount after sides: the first whole, the second to fifth at a percentage (section 40.6.C). @type {(c: Claim, items: Item[]) => void} */
const rank = (c, all) => {
  const p = c.p.second_procedure;
  const places = by(scopes(c, all), x => top(x.total, x.all[0]));
  places.forEach(({ all, total, apart }, at) => {
    let rest = pct(total, p);
    let [last] = all;
    for (const i of all) {
      i.paid = at ? pct(i.fee, p) : i.fee;
      rest -= i.paid;
      if (i.fee) last = i;
    }
    if (at && !apart) last.paid += rest; // the last line takes the odd cent (payment spec, section 5.2)
    for (const i of all) {
      if (places[1]) i.how.push(`rank ${at > 4 ? '6 and later' : at + 1}: ${at ? percent(i.fee, p, i.paid) : $(i.fee)}`);
      // From the sixth on they are by report (chapter 12, section 40.6.C).
      if (at > 4) stop(i, 'sixth_procedure');
    }
  });
  if (places[1]) put(all, 'ranking');
  for (const w of held(all)) {
    if (w.why?.[0] === 'sixth_procedure') w.why = ['sixth_procedure', '', (w.floor = $(w.$))];
    else if (w.why) for (const x of held(all)) if (x !== w) note(x, 'BY_REPORT_RANKS', '', `${w.at}`);
  }
};

/** @type {(all: Item[]) => bigint} */
const sums = all => all.reduce((a, i) => a + i.fee, 0n);

/**
 * The places of the ranking: endoscopic families, lines that share one procedure, single services.
 *
 * Endoscopies of one base are paid as one service: the highest whole, the others over the base, the base itself nothing (field
 * 21); their fee becomes what they bring to it.
 * @type {(c: Claim, items: Item[]) => Ranked[]}
 */
const scopes = (c, all) => {
  const is3 = (/** @type {Item} */ i) => i.r.mult === '3';
  /** @type {Map<string, Item[]>} */
  const bases = new Map(all.filter(is3).map(i => [i.r.endo_base, []]));
  bases.delete('');
  const alone = all.filter(i => {
    const family = bases.get(is3(i) ? i.r.endo_base : i.r.code);
    family?.push(i);
    return !family;
  });
  const made = shared(alone);
  for (const [n, all] of bases) {
    const r = c.rows(n)?.[''];
    const family = by(all, i => [+!is3(i), ...top(i.fee, i)]);
    family.forEach((i, at) => {
      const { how, fee } = i;
      if (!is3(i)) {
        i.fee = 0n;
        note(i, 'BASE_INCLUDED');
        how.push(`${n} is inside its family: 0.00`);
      } else if (at && r) {
        // The base as often as the member: both sides of a joint are both sides of its base.
        const a = pct(fees(c, r), i.sides);
        i.fee = fee > a ? fee - a : 0n;
        if (fee < a) note(i, 'NEGATIVE_DIFFERENCE');
        how.push(sum`${fee} − ${a} (${n}) = ${i.fee}`);
      } else if (at) stop(i, 'base_unknown', '', n);
      else if (family[1]) how.push(sum`highest of the family ${n}: ${fee}`);
      i.paid = i.fee;
    });
    put(family, 'endoscopy');
    made.push({ all: family, total: sums(family) });
  }
  return made;
};

/** Give one place to lines that share one procedure: 54 with 55 of one package (section 40.4.B), 26 with TC of one test. @type {(items: Item[]) => Ranked[]} */
const shared = all => {
  /** @type {Ranked[]} */
  const made = [];
  const left = new Set(all);
  for (const [a, b] of [['54', '55'], ['26', 'TC']]) {
    for (const i of left) {
      const [w] = i.of;
      const o = has(w, a) && [...left].find(({ of: [x] }) => has(x, b) && x.same === w.same);
      if (!o) continue;
      left.delete(i);
      left.delete(o);
      made.push({ all: by([i, o], x => top(x.fee, x)), total: a === '54' ? i.fee : i.fee + o.fee, apart: true });
    }
  }
  return [...made, ...[...left].map(i => ({ all: [i], total: i.fee }))];
};

/** Rank technical parts, and for scans professional parts apart, each by its uncapped amount; reduce all but the first. @type {(c: Claim, items: Item[], n: string) => void} */
const reduce = (c, all, n) => {
  if (!all[1]) return;
  for (const x of /** @type {('tc' | 'pc')[]} */ (['tc', 'pc'])) {
    const p = c.p[`${n}_${x}`];
    by(all.filter(i => p && i.ps?.[x]), i => top(i.ps?.[x] ?? 0n, i)).forEach(({ ps, how }, at) => {
      if (!at || !ps) return;
      const a = part(ps[x], p);
      how.push(`${x.toUpperCase()} ${percent(ex(ps[x]), p, ex(a))}`);
      ps[x] = a;
    });
  }
  for (const i of all) {
    const { ps, how } = i;
    if (!ps) stop(i, 'parts_unknown');
    else if (how[0]) {
      const { pc, tc } = ps;
      i.cut = true;
      i.paid = cents(pc + tc);
      if (pc && tc) how.push(sum`${ex(pc)} + ${ex(tc)} = ${i.paid}`);
      if (n === 'imaging') note(i, 'SAME_SESSION');
    }
  }
  put(all, n);
};

/** Cap imaging at the hospital price, after reductions, and then take the CT cut (payment spec, sections 1.8, 5.3, 13). @type {(c: Claim, items: Item[]) => void} */
const settle = (c, all) => {
  const p = c.p.ct_standard;
  for (const i of all) {
    const { ps, how, paid } = i;
    if (i.cut && ps) {
      const { pc, tc, cap } = ps;
      if (tc > cap && has(i.of[0], 'CT')) {
        const a = part(tc, p);
        stop(i, 'ct_and_cap', ...[part(cap, p), a < cap ? a : cap].map(a => $(cents(pc + a))));
      } else if (tc > cap) {
        ps.tc = cap;
        i.paid = cents(pc + cap);
        how.push(sum`technical part at most ${ex(cap)}: ${pc ? ex(pc) + ' + ' : ''}${ex(cap)} = ${i.paid}`);
      }
    } else if (paid > i.cap) {
      i.paid = i.cap;
      how.push(sum`lower of ${paid} and ${i.cap}`);
    }
    if (how[0]) note(i, 'OPPS_CAP');
  }
  put(all, 'cap');
  for (const i of all) {
    const [w] = i.of;
    if (!has(w, 'CT')) continue;
    if (i.r.modifier === '26') note(w, 'NO_EFFECT_ON_READING', 'CT');
    else if (i.ps) [i.paid, i.how[0]] = cutTc(i.ps, p); // chapter 13, section 20.2.4
    else stop(w, 'parts_unknown');
  }
  put(all, 'ct');
};

/** Put what was noted on items as one step on each of their lines; the second line of a pair takes the odd cent. @type {(items: Item[], n: string) => void} */
const put = (all, n) => {
  for (const { of, paid, sides, how } of all) {
    const a = of[1] ? half(paid * 100n, BigInt(sides)) : paid;
    for (const w of of) {
      w.paid += w === of[0] ? a : paid - a;
      w.how.push(...how);
    }
    how.length = 0;
  }
  for (const w of held(all)) {
    if (w.how[0]) step(w, n, w.paid, [...new Set(w.how)].join('; '));
    w.paid = 0n;
    w.how = [];
  }
};

// -- therapy.py ----------------------------------------------------------------------------------------------------------

/**
 * Of all units of the day the one with the highest practice expense is paid whole, on a tie the one with the higher amount; every
 * other at half of its practice expense, across lines and disciplines (chapter 5, section 10.7).
 * @type {(c: Claim, works: Work[]) => void}
 */
const therapy = (c, all) =>
  by(all, w => [-w.r.pe_nonfacility, -w.$, ...tie(w)]).forEach((w, at) => {
    const { r } = w;
    const n = w.units - (at ? 0n : 1n);
    const a = half(mul(c, 2n * r.work, r.pe_nonfacility, 2n * r.mp), 2n * 10n ** 7n);
    const b = a * n + (at ? 0n : w.$);
    const how = (at ? '' : sum`${w.$} + `) + $(a) + (n > 1n ? ` × ${n}` : '');
    if (n) step(w, 'therapy', b, at && n < 2n ? `half the practice expense: ${how}` : sum`${how} = ${b}`);
  });

// -- anesthesia.py -------------------------------------------------------------------------------------------------------

/**
 * (base units + time units) x the locality's anesthesia factor x the role's percentage; or the reason why there is none.
 *
 * Time units are minutes by 15, to one decimal, half up (sections 50.G, 140.5). The amount is rounded once; no text says that
 * the whole amount is rounded before the role's share is taken.
 * @type {(c: Claim, w: Work) => Said | undefined}
 */
const anesthesia = (c, w) => {
  const x = has(w, 'AA', 'AD', 'QK', 'QX', 'QY', 'QZ');
  // Supervised: three base units, and one more for being there at induction (section 50.D).
  const [units, minutes] = x === 'AD' ? [3n, w.induction === 'yes' ? 15n : 0n] : [w.base_units, hit(w, c.lists.no_time) ? 0n : w.minutes];
  if (!units || minutes === null) return ['anesthesia_input'];
  if (!x) return ['anesthesia_role'];
  if (!c.factor) return ['factor_needed'];
  const a = BigInt(c.locality.anesthesia[c.factor] ?? 0);
  if (!a) return ['anesthesia_factor'];
  const b = half(minutes * 10n, 15n);
  const p = c.p[c.modifiers[x].percent];
  const exact = (units * 10n + b) * a * BigInt(p);
  step(w, 'anesthesia', down(exact), `(${units} + ${$(b, 1)}) × ${ex(a, 6)}${p === '100' ? '' : ' × ' + p + ' %'} = ${ex(exact, 9)}`);
  if (has(w, 'AA') && has(w, 'QZ')) w.conditions.push('both_anesthetists');
};

// -- patient.py: what happens after the fee schedule amount is settled ---------------------------------------------------

/** The steps that act on one line: share of the package, role, practitioner, 95 %, charge (payment spec, section 14, steps 7 to 9). @type {(c: Claim, w: Work) => void} */
const adjust = (c, w) => {
  const { r, trace, days } = w;
  const { p, who } = c;
  const at = trace.length;

  // The share of the global package that 54, 55 or 78 stands for (chapter 12, section 40.4.B, C).
  const x = has(w, '54', '55', '78');
  if (x && pack(r)) {
    let a = 0n;
    for (const n of c.modifiers[x].share) a += r[n];
    eq(w, 'split', half(w.$ * a, 100n), sum`${w.$} × ${a}`);
    if (x === '78') note(w, 'NOT_ON_RETURN');
    if (x === '55' && !days) note(w, 'DAYS_ASSUMED');
    else if (x === '55' && days) {
      const b = BigInt(r.glob);
      eq(w, 'days', half(w.$ * days, b), sum`${w.$} × ${days + ''} ÷ ${b + ''}`);
    }
  }
  // One of two surgeons, or an assistant; where the rule for two surgeons does not apply, the first bill is paid in full.
  const role = has(w, '62', '80', '81', '82', 'AS');
  if (role && !w.conditions.includes('first_bill')) take(w, c.modifiers[role].percent, p[c.modifiers[role].percent]);
  if (who.percent && !has(w, 'AS')) take(w, 'practitioner', p[who.percent]); // the percentage of AS has it in it
  if (c.participation === 'nonpar') {
    const assigned = who.assignment || has(w, 'AS', 'QX', 'QZ');
    if (assigned) note(w, 'NPP_FIVE_PERCENT');
    else if (w.net_charge === null) {
      // A test under the anti-markup rule has no limiting charge (chapter 13, section 20.3).
      w.share.limiting_charge = $(pct(w.$, p.limiting_charge));
      note(w, 'LIMITING_FROM_PAR');
    }
    if (!assigned || c.five_percent === 'yes') take(w, 'nonparticipating', p.nonparticipating);
  }
  if (trace[at + 1]) note(w, 'LAST_CENT');
  for (const n of /** @type {('net_charge' | 'charge')[]} */ (['net_charge', 'charge'])) {
    const a = w[n] ?? w.$;
    if (a < w.$) step(w, n, a, sum`lower of ${w.$} and ${a}`);
  }
};

/**
 * Divide the allowed amount between Medicare and the patient; what is left of the deductible.
 *
 * Deductible, then Medicare's percentage, the therapy assistant's cut, sequestration (chapter 23, section 30; chapter 5,
 * section 20.1; payment spec, section 13).
 * @type {(c: Claim, w: Work, left: bigint) => bigint}
 */
const divide = (c, w, left) => {
  const { p, who } = c;
  const { r, $: all } = w;
  const free = hit(w, c.lists.no_patient_share);
  const pt = has(w, 'PT');
  if (free) note(w, 'NO_PATIENT_SHARE');
  const pay = free ? '100' : pt ? p.screening_share : p.medicare_share;
  const deductible = free || pt ? 0n : left < all ? left : all;
  const a = all - deductible;
  if (deductible) eq(w, 'deductible', a, sum`${all} − ${deductible}`);
  take(w, 'medicare', pay);
  const coinsurance = a - w.$;
  const b = p.therapy_assistant;
  if (has(w, 'CQ', 'CO') && b !== '100') eq(w, 'therapy_assistant', half(a * BigInt(pay) * BigInt(b), 10n ** 4n), sum`${a} × ${pay} % × ${b} %`);
  const medicare_before_seq = w.$;
  const sequestration = pct(w.$, p.sequestration);
  const medicare_paid = w.$ - sequestration;
  if (sequestration) eq(w, 'sequestration', medicare_paid, sum`${w.$} − ${sequestration} (${p.sequestration} %)`);
  /** @type {{[n: string]: bigint}} */
  const share = { deductible, coinsurance, patient: deductible + coinsurance, medicare_before_seq, sequestration, medicare_paid };

  // The shortage-area bonus: a percentage of what Medicare paid, apart from the allowed amount (chapter 12, sections 90.4.4, 90.4.5).
  if (has(w, 'AQ')) {
    const whose = r.modifier === '26' ? '0' : r.modifier === 'TC' ? '' : r.pctc; // the reading's, the technical part's, of both
    if (c.practitioner && !who.physician) note(w, 'BONUS_NONE');
    else if (r.status === 'J' ? has(w, 'AA', 'AD', 'QK', 'QY', 'GC') : /[0268]/.test(whose)) {
      share.hpsa_bonus = pct(medicare_paid, p.bonus);
      note(w, 'BONUS_ORDER');
    } else note(w, /[14]/.test(whose) ? 'BONUS_READING_ONLY' : 'BONUS_NONE');
  }
  for (const n in share) w.share[n] = $(share[n]);
  w.$ = all;
  return left - deductible;
};

// -- claim.py ------------------------------------------------------------------------------------------------------------

/**
 * Answer every line of a claim (payment spec, section 0), in the order given.
 *
 * `raw` has `lines` and the circumstances; their fields stand in medpayiq/payment/reading.py. All lines are one patient's,
 * of one day and one practitioner. Never throws for what people type: whatever does not fit is a named refusal.
 * @type {(raw: {lines?: unknown, [field: string]: unknown}, facts: Facts, book: Book) => Result[]}
 */
export const priceClaim = (raw, facts, book) => {
  const { lines } = raw;
  if (!Array.isArray(lines)) return [];
  /** @type {Claim | undefined} */
  let c;
  /** @type {Common['rows']} */
  const rows = code => {
    const packed = facts.rows(code);
    /** @type {any} */
    const made = {};
    for (const modifier in packed) {
      made[modifier] = { code, modifier };
      packed[modifier].forEach((x, at) => (made[modifier][book.fields[at]] = typeof x === 'number' ? BigInt(x) : x));
    }
    return packed && made;
  };
  const ws = lines.map((x, at) => {
    let w = begin(/** @type {any} */ ({ code: '' }));
    try {
      if (lines.length > 50) no('too_many_lines');
      w = begin(line(x, at + 1));
      const found = rows(w.code) ?? no('code_unknown');
      admit((c ??= common(raw, facts, book, rows)), w, found);
    } catch (why) {
      if (!Array.isArray(why)) throw why;
      w = { ...begin(w), why };
    }
    return w;
  });
  if (c) price(c, ws);
  return ws.map(w => answer(book, w));
};

/** Take the steps of all admitted lines together (payment spec, section 14). @type {(c: Claim, all: Work[]) => void} */
const price = (c, all) => {
  const ws = all.filter(w => w.r.status);
  const macs = all.filter(w => /^status_[acr]$/.test(`${w.why}`));
  const j = ws.filter(({ r }) => r.status === 'J' && r.glob !== 'ZZZ');
  const fac = c.setting === 'facility';
  const done = [];
  for (const w of ws) {
    const { r } = w;
    if (r.status === 'J') {
      w.why = anesthesia(c, w) ?? w.why;
      // Several procedures under one anesthetic are one code (chapter 12, section 50.E).
      if (j[1] && j.includes(w)) note(w, 'ONE_ANESTHESIA_CODE');
      continue;
    }
    if (c.factor) {
      base(c, w);
      // What CMS's file says of the row beside its amount (payment spec, sections 1.3, 1.4, 1.7, 3).
      if (fac && (r.mult === '5' || r.na_facility)) note(w, 'THERAPY_OFFICE_RATE');
      if (!fac && r.na_nonfacility) note(w, 'NA_NONFACILITY');
      if (r.status === 'R') note(w, 'RESTRICTED_COVERAGE');
      if (r.status === 'T') note(w, 'ONLY_WHEN_ALONE');
      if (r.glob === 'ZZZ') note(w, 'ADD_ON');
      for (const x of c.flat_rate) if (r.pctc === x.pctc && r.glob === x.glob && hit(w, x.ranges)) note(w, 'FLAT_RATE_SUPPLY_VERIFY');
    } else w.why = ['factor_needed'];
    // Status T is bundled beside anything else that is payable that day (chapter 23, section 30.2.2).
    if (r.status === 'T' && (c.other_service === 'yes' || macs[0] || ws.some(x => x.r.status !== 'T'))) w.why = ['not_alone'];
    else if (c.factor) done.push(w);
  }
  therapy(c, done.filter(w => w.r.mult === '5'));
  several(c, items(c, done.filter(w => w.r.mult !== '5')));

  for (const w of macs) {
    // A line that the MAC prices may rank above others.
    const rows = c.rows(w.code) ?? {};
    if (/[23]/.test(rows['']?.mult)) for (const x of done) if (ranks(x)) note(x, 'UNPRICED_MAY_RANK', '', `${w.at}`);
    // The cap on what the MAC may pay for imaging that it prices (payment spec, section 1.8).
    const tc = has(w, 'TC');
    const r = rows[tc ?? ''];
    const cap = r && c.factor && w.why?.[0] === 'status_c' ? opps(c, tc ? r : { ...r, work: (rows['26'] ?? r).work }) : N;
    if (cap < N) note(w, 'CONTRACTOR_CAP', '', (w.cap = $(cap)));
  }
  let left = c.deductible ?? 0n;
  for (const w of ws) {
    if (w.why) continue;
    adjust(c, w);
    left = divide(c, w, left);
  }
};

/** Turn a line into its answer. @type {(book: Book, w: Work) => Result} */
const answer = (b, w) => {
  const { r, code, why } = w;
  const { conditions, trace, share } = why ? begin(w) : w;
  /** A sentence with its placeholders filled. @type {(table: string, said: Said) => string} */
  const fill = (table, [n, modifier = '', other = '']) => b[table][n].say.replace(/{(\w+)}/g, (/** @type {string} */ _, /** @type {'code'} */ n) => ({ code, modifier, other, line: other })[n]);
  return {
    result: why ? b.refusals[why[0]].result : conditions[0] ? 'CONDITIONAL' : 'AMOUNT',
    answer: why ? why[0] : '',
    say: why ? fill('refusals', why) : '',
    allowed: why ? null : $(w.$),
    row: [r.code, r.modifier].filter(Boolean).join('-'),
    conditions: conditions.map(n => fill('conditions', [n])),
    notes: Object.values(w.notes).map(x => [x[0], fill('notes', x)]),
    trace,
    floor: w.floor,
    cap: w.cap,
    share,
  };
};
