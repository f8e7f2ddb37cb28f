// @ts-check
/** Says by its name what a column holds, and which columns look like patient information, which is never read on. */

/** @typedef {'' | 'code' | 'modifiers' | 'amount' | 'units' | 'pos' | 'carrier' | 'locality' | 'date'} Role blank for a column that is not read */

/** What a column can be, and the words for it. @type {[Role, string][]} */
export const ROLES = [
  ['', 'Not read'],
  ['code', 'Code'],
  ['modifiers', 'Modifiers'],
  ['amount', 'Amount'],
  ['units', 'Units'],
  ['pos', 'Place of service'],
  ['carrier', 'Carrier (MAC)'],
  ['locality', 'Locality'],
  ['date', 'Date of service'],
];

/** Names of columns; of several that fit the first in this list counts, of modifiers all. @type {[Role, RegExp[]][]} */
const CALLED = [
  ['code', [/^(cpt|hcpcs|cpt hcpcs|hcpcs cpt)( codes?)?$/, /^(proc|procedure|service|billing) codes?$/, /^codes?$/, /^(proc|procedure)$/]],
  ['modifiers', [/^(mod|mods|modifier|modifiers|cpt mod|hcpcs mod)( ?\d)?( codes?)?$/]],
  ['amount', [/^(contract|contracted|negotiated|agreed) (rate|amount|fee|price)$/, /^(rate|contract)$/, /^(allowed|allowed (amount|amt)|allowable)$/, /^(paid|paid (amount|amt)|payment|payment (amount|amt)|(amount|amt) paid|ins(urance)? paid)$/, /^(amount|amt|fee|price|reimbursement|dollars)$/]],
  ['units', [/^(units?|qty|quantity|uos|units of service|service units|days or units)$/]],
  ['pos', [/^(pos|pos code|place|place of service|place of service code|setting)$/]],
  ['carrier', [/^(mac|carrier|contractor|mac number|carrier number)$/]],
  ['locality', [/^(loc|locality|localities|medicare locality|payment locality|locality (code|number)|carrier locality|mac locality)$/]],
  ['date', [/^(date|dos|day|date of service|service date|svc date|dos from|from dos|service from|from date|effective|effective date)$/]],
];

/** Whom it is about, unless the column is about money or counts. */
const PERSON = /\b(patients?|pt|member|subscriber|insured|beneficiary|guarantor|dependent)\b(?! (resp|responsibility|paid|pay|payment|balance|share|due|amount|amt|liability|coinsurance|copay|deductible|class|type|count|months)\b)/;
const NUMBERS = /\b(mrn|ssn|dob|mbi|hic|hicn|birth\w*|born|social security|medical record|medicare (id|number)|chart|account|acct|phone|telephone|mobile|e ?mail|address|street|surname|maiden|(first|last|middle|full|given|family) ?names?)\b/;
const TOGETHER = /^(patient|member|subscriber|insured|beneficiary)(name|id|no|nr|num|number|dob)|(first|last|full|middle|sur)name|^dateofbirth|^first$|^last$|^middle$/;
const NAMED = /\bnames?\b/;
const OF_THINGS = /\b(payer|payor|plan|carrier|contract|procedure|service|code|locality|facility|practice|provider|group|clinic|drug|file|network|product|schedule|fee|modifier)\b/;
/** A social security number in a cell. */
const SSN = /(?:^|[,;\t|" ])\d{3}-\d{2}-\d{4}(?=$|[,;\t|" \n])/m;

/** What a payer paid, which is not what it allowed. @param {string} name */
export function isPaid(name) {
  return /^(.* )?(paid|payment|pmt)( .*)?$/.test(plain(name));
}

const CODES = /^[\s="']*(?:\d{4}[\dA-Za-z]|[A-Va-v]\d{4})(?![\d.])/;

/** A name in small letters, its words apart. @param {string} name */
const plain = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim();

/** A name as it may be shown. @param {string} name */
const shortName = (name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name);

/** Whether a column's name looks like patient information. @param {string} name */
function personal(name) {
  const words = plain(name);
  return PERSON.test(words) || NUMBERS.test(words) || TOGETHER.test(words.replace(/ /g, '')) || (NAMED.test(words) && !OF_THINGS.test(words));
}

/**
 * Why a table must not be read: a column that looks like patient information, by its name or its content. Undefined for none.
 * @param {string[]} first cells of the first row
 * @param {string} text
 */
export function refusedFor(first, text) {
  const found = first.find((cell) => !CODES.test(cell) && personal(cell));
  const what = found ? `The column “${shortName(found.trim())}” looks like patient information.` : SSN.test(text) ? 'A cell looks like a social security number.' : '';
  return what && `${what} Take it out, and choose the file again: the rows were not read, and nothing of them is kept.`;
}

/**
 * The columns of a table by its first row.
 *
 * A first row with a code in it is a row: then the columns have no names, and only the code's is known.
 * @param {string[]} first
 * @returns {{named: boolean, names: string[], roles: Role[]}}
 */
export function columnsOf(first) {
  const names = first.map(plain);
  /** @type {Role[]} */
  const roles = first.map(() => '');
  for (const [role, patterns] of CALLED) {
    if (role === 'modifiers') names.forEach((name, at) => patterns[0].test(name) && (roles[at] = role));
    else {
      const pattern = patterns.find((one) => names.some((name) => one.test(name)));
      const at = pattern ? names.findIndex((name) => pattern.test(name)) : -1;
      if (at >= 0) roles[at] = role;
    }
  }
  const coded = first.findIndex((cell) => CODES.test(cell));
  const named = coded < 0 || roles.includes('code');
  if (named) return { named, names: first.map((name, at) => shortName(name.trim()) || `Column ${at + 1}`), roles };
  // Figures alone are shown: a column without a name can hold anything.
  const such = first.map((cell) => (cell.trim() && /^[\s$\d.,/:-]{1,20}$/.test(cell) ? `, such as ${cell.trim()}` : ''));
  return { named, names: first.map((_, at) => `Column ${at + 1}${such[at]}`), roles: first.map((_, at) => (at === coded ? 'code' : '')) };
}

/** How much a first row says, to tell by which sign it is cut. @param {string[]} first */
export const worthOf = (first) => columnsOf(first).roles.filter(Boolean).length;
