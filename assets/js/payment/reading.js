// @ts-check
/** Reads what people type into a line and its circumstances (medpayiq/payment/reading.py); whatever does not fit is thrown as the refusal that it gets. */

/** @typedef {import('./model.js').Said} Said */
/** @typedef {import('./model.js').Book} Book */
/** @typedef {import('./model.js').Facts} Facts */
/** @typedef {import('./model.js').Line} Line */
/** @typedef {import('./model.js').Common} Common */
/** @typedef {import('./model.js').Claim} Claim */

/** @type {(...why: Said) => never} */
export const no = (...why) => {
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
export const common = (raw, facts, b, rows) => {
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
  return { __proto__: b, ...c, rows, p: b.percentages, who: b.practitioners[c.practitioner] ?? {}, rate: BigInt((b.factors[c.factor] ?? '0').replace('.', '')), national: raw.locality === '00000/00' };
};

/** Read one line. @type {(raw: unknown, at: number) => Line} */
export const line = (raw, at) => ({
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
