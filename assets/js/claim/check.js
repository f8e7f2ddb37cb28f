// @ts-check
/**
 * Finds what would be denied on a claim, and prices the rest. One claim is one patient, one practitioner, one day (Claims
 * Processing Manual, chapter 23, section 20.9.1.1.A). docs/METHODOLOGY.md has the order and the reasons.
 */

import { priceClaim } from '../payment/claim.js';
import { carries, complexity, duplicates, telehealth, within } from './looks.js';
import { edit, holds } from './sets.js';

/** @typedef {import('./read.js').Line} Line */
/** @typedef {import('./sets.js').Chosen} Chosen */
/** @typedef {import('./sets.js').Group} Group */
/** @typedef {[type: string, effective: string, deleted: string, codes: string]} AddOn */
/** @typedef {{name: string, severity: 'deny' | 'check' | 'note', lines: number[], say: string, why: string, do: string, sources: string[][], codes?: string[], instead?: {old: string, now: string}}} Finding `lines` from 1; a source is its words and its address; `codes`: those in it that lead to their pages; `instead`: a code that may be put in the place of another */
/** @typedef {{ptp: Chosen | null, mue: Chosen | null, aoc: Chosen | null}} Editions */
/** @typedef {{ptp: (code: string) => Group[], mue: (code: string) => [units: number, indicator: string] | undefined, aoc: (code: string) => AddOn[]}} Tables */
/** @typedef {{finding: string, from: number, to: number, fill: {[name: string]: string}}} Attack a line that denies another, if it stands itself */
/** @typedef {{claim: {lines: Line[], [field: string]: unknown}, kinds: string[], facts: any, book: any, desk: any, editions: Editions, tables: Tables, unplaced?: string}} Asked `unplaced` says what is wrong with a place of service that was typed in words */
/** @typedef {{answers: any[][], denied: string[], findings: Finding[]}} Answer of each conversion factor the engine's answer for each line, null for a denied one; the finding that denies a line, blank for none */

/** Answers with which a line is paid, here or by somebody else's price. */
const STANDS = /^(AMOUNT|CONDITIONAL|NO_NATIONAL_RULE|NEEDS_ANESTHESIA_INPUT|NOT_PFS)$/;
const BY_OTHERS = /^(NO_NATIONAL_RULE|NEEDS_ANESTHESIA_INPUT|NOT_PFS)$/;
const UNPAID = /^(NON_COVERED|NOT_VALID_FOR_MEDICARE|REPORT_ONLY|BUNDLED|BUNDLED_OR_EXCLUDED|NOT_PAID_IN_FACILITY|NOT_PAID_IN_SETTING|NOT_PAYABLE)$/;
/** Statuses and settings that no corrected line changes: an edit behind such a line never acts. */
const NEVER = /^(NON_COVERED|NOT_VALID_FOR_MEDICARE|REPORT_ONLY|BUNDLED|BUNDLED_OR_EXCLUDED)$/;
/** The national look-up, and what stands for it here: the engine only remarks on a therapy modifier that a look-up lacks, but a claim is refused for it wherever it is billed. */
const NATIONAL = '00000/00';
const ANYWHERE = 'claim';
/** Not the whole procedure by this practitioner: its package is not theirs (chapter 12, section 40.2). */
const NOT_THE_SURGEON = ['54', '55', '56', '80', '81', '82', 'AS'];
const CONTRACTOR = 'CCCCC';
const RANK = { deny: 0, check: 1, note: 2 };

/**
 * Check and price a claim.
 * @param {Asked} asked
 * @returns {Answer}
 */
export function check(asked) {
  const { claim, kinds, facts, book, desk, editions, tables, unplaced } = asked;
  const { lines } = claim;
  const rows = lines.map(({ code }) => facts.rows(code));
  /** A column of CMS's row of a line. @param {number} at @param {string} name */
  const cell = (at, name) => (rows[at]?.[''] ?? Object.values(rows[at] ?? {})[0])?.[book.fields.indexOf(name)];
  // What CMS's file lacks is refused: nothing is said of it as of a visit.
  const visit = lines.map(({ code }, at) => Boolean(rows[at]) && within(book.lists.visits, code));
  /** A code that CMS's file lacks and the unit limits of the day have is one of another fee schedule. @param {Line} line @param {any} answer */
  const elsewhere = ({ code }, answer) => (answer.answer === 'code_unknown' && /newest|in_force/.test(editions.mue?.relation ?? '') && tables.mue(code) ? { ...answer, result: 'NOT_PFS', answer: 'elsewhere' } : answer);
  /** @param {Line[]} some @param {string} factor @returns {any[]} */
  const price = (some, factor) => priceClaim({ ...claim, factor, locality: claim.locality === NATIONAL ? ANYWHERE : claim.locality, lines: some.map((line) => ({ ...line, modifiers: line.modifiers.join(' ') })) }, everywhere, book).map((/** @type {any} */ answer, /** @type {number} */ at) => elsewhere(some[at], answer));
  const everywhere = { ...facts, place: (/** @type {string} */ key) => facts.place(key === ANYWHERE ? NATIONAL : key) };

  const { findings, find, cited } = collecting(desk);
  const first = price(lines, kinds[0]);
  const stands = first.map(({ result }) => STANDS.test(result));
  /** Bundle status T: paid only when nothing else is, so it can be denied and denies nobody. */
  const late = first.map(({ answer }) => answer === 'not_alone');

  // Unit limits.
  const over = limits(lines, rows, tables, find, editions.mue, desk);

  // What denies what.
  const attacks = together(visits(lines, visit, cell, desk), pairs(lines, visit, asked), lines);
  const needs = lines.map(({ code }) => required(code, editions.aoc, tables, desk.colleagues));
  const state = reckon(lines, (at) => !over[at] && (stands[at] || late[at]), attacks, needs, late);

  /** @type {string[]} */
  const denied = lines.map((_, at) => over[at]);
  for (const { finding, from, to, fill } of attacks) {
    if (late[from]) continue;
    const held = desk.findings[finding].severity !== 'deny';
    if (state[from] === 'in') {
      // In a ring one line had to be taken as paid first: what still attacks it is left aside, so that no denied line denies another.
      if (!held && state[to] === 'in') continue;
      find(finding, [to], fill);
      if (!held) denied[to] ||= finding;
    } else if (!held && state[to] === 'in' && over[from] !== 'units_zero' && (over[from] || (!stands[from] && !NEVER.test(first[from].result)))) {
      if (fill.indicator) find('pair_behind', [to], { code: lines[to].code, other: lines[from].code, what: fill.indicator });
      else find(finding, [to], fill, [], 'check');
    }
  }
  addOns(lines, needs, state, stands, late, cell, asked, denied, find);

  // The engine, without what is denied.
  const paid = lines.map((_, at) => at).filter((at) => !denied[at]);
  const answers = kinds.map((kind) => {
    const priced = price(paid.map((at) => lines[at]), kind);
    return lines.map((_, at) => (denied[at] ? null : priced[paid.indexOf(at)]));
  });
  lines.forEach((_, at) => {
    const answer = answers[0][at] ?? (stands[at] ? null : first[at]);
    if (!answer) return;
    const { result, say, conditions, notes } = answer;
    const cites = (book.refusals[answer.answer]?.sources ?? []).map((/** @type {string} */ source) => book.cites[source]);
    // Words that are no place, or several, ask for a number: nothing is denied for them.
    const place = answer.answer === 'place_unknown' && unplaced;
    if (answer.answer === 'elsewhere') find('elsewhere', [at], { code: lines[at].code });
    else if (say) find(BY_OTHERS.test(result) ? 'priced_by_mac' : UNPAID.test(result) ? 'unpaid' : 'refused', [at], { what: place || say }, cites, place ? 'check' : '');
    for (const [name, what] of conditions) find('conditional', [at], { what }, cited(desk.conditions[name]));
    for (const [name, what] of notes) if (desk.remarks[name]) find('remark', [at], { what }, cited(desk.remarks[name]));
  });
  duplicates(lines, find);
  complexity(lines, denied, desk.complexity, find);
  if (book.places[String(claim.pos)]) telehealth(claim, denied, desk.telehealth, find);
  if (lines.some((_, at) => cell(at, 'mult') === '5')) find('therapy_check', []);
  if (!findings.some(({ severity }) => severity !== 'note')) find('clean', [], { what: checked(editions) });

  findings.sort((one, other) => RANK[one.severity] - RANK[other.severity] || (one.lines[0] ?? 99) - (other.lines[0] ?? 99));
  return { answers, denied, findings };
}

/**
 * What collects findings, each once: what is said alike of several lines is one finding of all of them.
 * @param {any} desk
 */
function collecting(desk) {
  /** The words and address of where something is written. @param {{sources: string[]}} one */
  const cited = ({ sources }) => sources.map((source) => desk.cites[source]);
  /** @type {Finding[]} */
  const findings = [];
  /** @param {string} name @param {number[]} on lines from 0 @param {{[name: string]: string}} fill @param {string[][]} [more] sources @param {string} [severity] */
  const find = (name, on, fill = {}, more = [], severity = '') => {
    const one = desk.findings[name];
    /** @param {string} text */
    const filled = (text) => text.replace(/{(\w+)}/g, (/** @type {string} */ _, /** @type {string} */ key) => fill[key] ?? '');
    const made = { name, severity: severity || one.severity, lines: on.map((at) => at + 1), say: filled(one.say), why: [filled(one.why), fill.more].filter(Boolean).join(' '), do: filled(one.do), sources: [...cited(one), ...more] };
    const twin = findings.find((other) => other.name === name && other.say === made.say && other.why === made.why);
    if (twin) twin.lines = [...new Set([...twin.lines, ...made.lines])];
    else findings.push(made);
  };
  return { findings, find, cited };
}

/** What was checked, in words. @param {Editions} editions */
function checked({ ptp, mue, aoc }) {
  const named = [ptp && `edits of ${setOf(ptp)}`, mue && `unit limits of ${setOf(mue)}`, aoc && `add-on codes of ${setOf(aoc)}`];
  return [...named.filter(Boolean), 'codes, modifiers and place of service', 'visits beside procedures', 'therapy modifiers', 'lines that are alike'].join(', ') + '.';
}

/** An edition as answers name it. @param {Chosen} chosen */
export const setOf = ({ edition: { quarter, version } }) => (version ? `${quarter} (${version})` : quarter);

/**
 * Units against the limits (chapter 23, section 20.9.3.2): indicator 1 a line, 2 and 3 all lines of the code together.
 * @param {Line[]} lines
 * @param {unknown[]} rows of CMS's file; a code without one is refused anyway
 * @param {Tables} tables
 * @param {(name: string, on: number[], fill: {[name: string]: string}) => void} find
 * @param {Chosen | null} edition
 * @param {any} desk
 * @returns {string[]} the finding that denies a line; blank for none
 */
function limits(lines, rows, tables, find, edition, desk) {
  const over = lines.map(() => '');
  if (!edition) return over;
  const none = [];
  const more = [`Unit limits of ${setOf(edition)}.`, edition.relation === 'newer_only' && desk.findings.units_undated.why].filter(Boolean).join(' ');
  for (const code of new Set(lines.map((line) => line.code))) {
    const on = lines.flatMap((line, at) => (line.code === code ? [at] : []));
    const limit = tables.mue(code);
    if (!limit) {
      if (rows[on[0]]) none.push(code);
      continue;
    }
    const [most, indicator] = limit;
    /** @param {number[]} some @param {string} name */
    const deny = (some, name) => {
      const units = some.reduce((sum, at) => sum + Number(lines[at].units), 0);
      if (units <= most) return;
      find(most ? name : 'units_zero', some, { code, units: String(units), limit: String(most), more });
      for (const at of some) over[at] = most ? name : 'units_zero';
    };
    if (indicator === '1') for (const at of on) deny([at], 'units_line');
    else deny(on, indicator === '2' ? 'units_day_policy' : 'units_day_clinical');
  }
  if (none[0]) find('units_none', [], { codes: none.sort().join(', ') });
  return over;
}

/**
 * Visits beside procedures whose package holds the visit of the day (chapter 12, sections 30.6.6, 40.2).
 * @param {Line[]} lines
 * @param {boolean[]} visit
 * @param {(at: number, name: string) => string} cell
 * @param {any} desk
 * @returns {Attack[]}
 */
function visits(lines, visit, cell, desk) {
  /** @type {Attack[]} */
  const made = [];
  lines.forEach((line, to) => {
    if (!visit[to]) return;
    lines.forEach((other, from) => {
      const days = cell(from, 'glob');
      if (visit[from] || !/^(000|010|090)$/.test(days) || carries(other, ...NOT_THE_SURGEON)) return;
      const major = days === '090';
      // 24 and FT say that the visit is about something else than a surgery (section 40.2).
      const by = (major ? ['57', '24', 'FT', '25'] : ['24', 'FT', '25']).find((one) => carries(line, one)) ?? '';
      const finding = by === '25' && major ? 'visit_25_major' : by ? 'visit_add' : major ? 'visit_major' : 'visit_minor';
      made.push({ finding, from, to, fill: { code: line.code, other: other.code, modifier: by, what: by && desk.modifiers[by].record } });
    });
  });
  return made;
}

/**
 * Every pair of lines against the edits, in both orders (chapter 23, section 20.9.1.1).
 * @param {Line[]} lines
 * @param {boolean[]} visit
 * @param {Asked} asked
 * @returns {Attack[]}
 */
function pairs(lines, visit, { desk, editions: { ptp }, tables }) {
  /** @type {Attack[]} */
  const made = [];
  if (!ptp) return made;
  const { anatomic, global, other: others, only_on_visits, never_on_visits, never_on } = desk.bypass;
  const associated = [...anatomic, ...global, ...others];
  /** NCCI modifiers of a line that count there, and those that do not. @param {number} at */
  const counted = (at) => {
    const all = lines[at].modifiers.filter((one) => associated.includes(one));
    const absent = all.filter((one) => (visit[at] || within(never_on, lines[at].code) ? never_on_visits : only_on_visits).includes(one) || (!visit[at] && only_on_visits.includes(one)));
    return { valid: all.filter((one) => !absent.includes(one)), absent };
  };
  lines.forEach((one, from) => {
    const groups = tables.ptp(one.code);
    lines.forEach((two, to) => {
      const found = one.code === two.code ? null : edit(groups, two.code, ptp);
      if (!found) return;
      const [at, beside] = [counted(from), counted(to)];
      const used = [...new Set([...at.valid, ...beside.valid])];
      const [here, there] = [at.valid, beside.valid].map((valid) => valid.filter((mark) => anatomic.includes(mark)).sort().join());
      const same = here && here === there && used.every((mark) => anatomic.includes(mark));
      const absent = [...beside.absent, ...at.absent];
      const says = absent[0] && (never_on_visits.includes(absent[0]) ? 'pair_visit_59' : 'pair_only_visit');
      const finding = found.indicator === '0' ? 'pair_denied' : same ? 'pair_same_site' : used[0] ? 'pair_bypassed' : says || 'pair_needs_modifier';
      const record = [...new Set(used.map((mark) => (desk.modifiers[mark] ?? desk.modifiers.anatomic).record))].join(' ');
      const reason = desk.rationales[found.rationale];
      const doubt = found.dated ? '' : desk.findings.pair_undated.why.replace('{set}', setOf(ptp));
      const more = [reason && `CMS's reason: ${found.rationale}. ${reason}`, `In the edit set of ${setOf(ptp)}.`, doubt].filter(Boolean).join(' ');
      made.push({ finding, from, to, fill: { code: two.code, other: one.code, modifier: (finding === 'pair_same_site' ? here : absent[0]) ?? '', modifiers: used.join(', '), what: record, indicator: found.indicator, more } });
    });
  });
  return made;
}

/**
 * What lines do to each other. Where a visit's rule and an edit speak of the same two lines it is told once, with both reasons;
 * an edit that no modifier bypasses stands for itself, and one that denies what the rule lets pass stands alone.
 * @param {Attack[]} byRule
 * @param {Attack[]} byEdit
 * @param {Line[]} lines
 */
function together(byRule, byEdit, lines) {
  /** @type {Attack[]} */
  const kept = [];
  let rules = byRule;
  for (const one of byEdit) {
    const twin = rules.find(({ from, to }) => from === one.from && to === one.to);
    if (!twin || one.finding === 'pair_denied' || (DENIES.test(one.finding) && !DENIES.test(twin.finding))) {
      kept.push(one);
      if (DENIES.test(one.finding)) rules = rules.filter((rule) => rule !== twin || DENIES.test(rule.finding));
    } else Object.assign(twin.fill, { indicator: one.fill.indicator, more: `${one.fill.code} is also column 2 to ${one.fill.other}, indicator ${one.fill.indicator}. ${one.fill.more}` });
  }
  // The reason that a denied line is given: a rule before an edit, one that no modifier bypasses before others, then by code.
  const rank = (/** @type {Attack} */ { finding }) => (/^visit/.test(finding) ? 0 : finding === 'pair_denied' ? 1 : 2);
  return [...rules, ...kept].sort((one, other) => rank(one) - rank(other) || (key(lines[one.from]) < key(lines[other.from]) ? -1 : 1));
}

/**
 * The primary codes of an add-on code on the day; null for a code that is none.
 * @param {string} code
 * @param {Chosen | null} edition
 * @param {Tables} tables
 * @param {string[][]} colleagues codes that a colleague's primary code may go with
 * @returns {{type: string, primaries: string[]} | null}
 */
function required(code, edition, tables, colleagues) {
  const rows = edition ? tables.aoc(code).filter(([, effective, deleted]) => holds(effective, deleted, edition.day)) : [];
  const primaries = rows.flatMap(([, , , codes]) => codes.split(' ')).filter((one) => one !== CONTRACTOR);
  return rows[0] ? { type: within(colleagues, code) ? 'colleague' : primaries[0] ? rows[0][0] : '2', primaries } : null;
}

/**
 * Which lines stand once all denials are taken together. A line that is denied, or not paid, denies nobody; one that nothing
 * standing attacks stands. What attacks each other in a ring is taken by code, so that the order of lines decides nothing.
 * @param {Line[]} lines
 * @param {(at: number) => boolean} able whether a line may stand at all
 * @param {Attack[]} attacks
 * @param {ReturnType<typeof required>[]} needs
 * @param {boolean[]} late lines that deny nobody
 * @returns {('in' | 'out' | undefined)[]}
 */
function reckon(lines, able, attacks, needs, late) {
  /** @type {('in' | 'out' | undefined)[]} */
  const state = lines.map((_, at) => (able(at) ? undefined : 'out'));
  const against = lines.map((_, at) => attacks.filter(({ finding, from, to }) => to === at && !late[from] && DENIES.test(finding)).map(({ from }) => from));
  /** @param {number} at */
  const primaries = (at) => (needs[at]?.type === '1' ? lines.flatMap(({ code }, other) => (other !== at && needs[at]?.primaries.includes(code) ? [state[other]] : [])) : ['in']);
  for (;;) {
    const before = state.join();
    state.forEach((one, at) => {
      if (one) return;
      const beside = primaries(at);
      if (against[at].some((from) => state[from] === 'in') || !beside.some((found) => found !== 'out')) state[at] = 'out';
      else if (against[at].every((from) => state[from] === 'out') && beside.includes('in')) state[at] = 'in';
    });
    if (state.join() !== before) continue;
    // An add-on code waits for its primary as long as anything else is left.
    const waits = (/** @type {number} */ at) => Number(!primaries(at).includes('in'));
    const [next] = lines.map((_, at) => at).filter((at) => !state[at]).sort((one, other) => waits(one) - waits(other) || (key(lines[one]) < key(lines[other]) ? -1 : 1));
    if (next === undefined) return state;
    state[next] = 'in';
  }
}

/** Findings with which a line denies another. */
const DENIES = /^(pair_(denied|needs_modifier|same_site|visit_59|only_visit)|visit_(minor|major))$/;

/** @param {Line} line */
const key = ({ code, modifiers, units }) => [code, [...modifiers].sort(), units].join();

/**
 * Add-on codes without a primary that stands (NCCI Policy Manual, chapter I, sections R and W).
 * @param {Line[]} lines
 * @param {ReturnType<typeof required>[]} needs
 * @param {('in' | 'out' | undefined)[]} state
 * @param {boolean[]} stands
 * @param {boolean[]} late
 * @param {(at: number, name: string) => string} cell
 * @param {Asked} asked
 * @param {string[]} denied
 * @param {(name: string, on: number[], fill: {[name: string]: string}, more?: string[][], severity?: string) => void} find
 */
function addOns(lines, needs, state, stands, late, cell, { editions: { aoc } }, denied, find) {
  lines.forEach(({ code }, at) => {
    const need = needs[at];
    if (!need) {
      if (aoc && cell(at, 'glob') === 'ZZZ' && stands[at]) find('add_on_unlisted', [at], { code });
      return;
    }
    const others = lines.flatMap((line, other) => (other !== at && need.primaries.includes(line.code) ? [other] : []));
    if (others.some((other) => state[other] === 'in')) return;
    const few = need.primaries.length > 6 ? `${need.primaries.slice(0, 5).join(', ')} and ${need.primaries.length - 5} more` : need.primaries.join(', ');
    const fill = { code, other: others.map((other) => lines[other].code).sort()[0] ?? '', primaries: few, more: aoc ? `Add-on code edits of ${setOf(aoc)}.` : '' };
    const alone = !lines.some((_, other) => other !== at && state[other] === 'in');
    if (need.type === '1') {
      const finding = others.length ? 'add_on_primary_denied' : 'add_on_alone';
      find(finding, [at], fill);
      if (stands[at] || late[at]) denied[at] ||= finding;
    } else if (need.type === 'colleague') find('add_on_colleague', [at], fill);
    else if (need.type === '3') find('add_on_some', [at], fill);
    else if (alone) find('add_on_contractor', [at], fill);
  });
}
