/**
 * What is not shown cannot be told: all histories of small worlds gone through, twins of large ones, and cases worked out by hand.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { POLICY, dated, nothing, shown, sum, viewOf } from '../../netlify/functions/lib/counting.mjs';
import { PARTS } from '../../netlify/functions/lib/lists.mjs';
import { advanced, stepped } from '../../netlify/functions/lib/publishing.mjs';
import { divided, explained, limitsOf, safe } from '../../netlify/functions/lib/safety.mjs';
import { growth, history, looks, published, twin } from './twins.mjs';
import { seen, small, splits, told } from './worlds.mjs';

const ALL = () => true;

/** Reports of which `counts` have each outcome, alike in everything else that is shown. */
function withOutcomes(counts, more = {}) {
  return counts.flatMap((count, at) =>
    Array.from({ length: count }, () => ({ code: '97761', payer_class: 'medicare', payer: 'noridian', reason: '97', modifier: 'none', outcome: POLICY.lists.outcomes[at], worked: [], role: 'biller', quarter: '2026Q4', ...more })),
  );
}

describe('small worlds, gone through whole', () => {
  /** What lists there are, how many days, how many reports a day (those that are, and those that a reader thinks possible). */
  const worlds = {
    'two reasons, two outcomes, three days': [{ limits: [2, 4], batch: 2, reasons: 2, outcomes: 2 }, { days: 3, usual: 3, largest: 4 }],
    'three reasons and a third band, three days': [{ limits: [2, 4, 6], batch: 2, reasons: 3 }, { days: 3, usual: 4, largest: 6 }],
    'three outcomes, three days': [{ limits: [3, 5], batch: 3, outcomes: 3 }, { days: 3, usual: 4, largest: 6 }],
    'two of reasons, payers and outcomes each': [{ limits: [2, 3, 5], batch: 2, reasons: 2, payers: 2, outcomes: 2 }, { days: 2, usual: 3, largest: 4 }],
    'two reasons, three outcomes': [{ limits: [3, 5], batch: 3, reasons: 2, outcomes: 3 }, { days: 2, usual: 5, largest: 6 }],
    'four strategies, up to two a report': [{ limits: [2, 3], batch: 2, worked: 4, most: 2 }, { days: 2, usual: 3, largest: 4 }],
    'two reasons with two strategies': [{ limits: [2, 3], batch: 2, reasons: 2, worked: 2 }, { days: 2, usual: 3, largest: 6 }],
    'the real limits, two reasons, three days': [{ ...POLICY, reasons: 2 }, { days: 3, usual: 11, largest: 14 }],
    'the real limits, three outcomes, two days': [{ ...POLICY, outcomes: 3 }, { days: 2, usual: 9, largest: 12 }],
    'two outcomes, one of them paid, with a strategy': [{ limits: [2, 4], batch: 2, outcomes: 2, paid: 1, worked: 1 }, { days: 2, usual: 4, largest: 6 }],
    'three outcomes, two of them paid, with a strategy': [{ limits: [2, 4], batch: 2, outcomes: 3, paid: 2, worked: 1 }, { days: 2, usual: 3, largest: 4 }],
    'three outcomes, one of them paid, and that nothing worked': [{ limits: [3, 5], batch: 3, outcomes: 3, paid: 1, nothing: 1 }, { days: 2, usual: 4, largest: 5 }],
    'three outcomes, one of them paid, and that nothing worked in a band of its own': [{ limits: [3, 4], batch: 3, outcomes: 3, paid: 1, nothing: 1 }, { days: 1, usual: 7, largest: 9 }],
    'two outcomes with two strategies, and that nothing worked': [{ limits: [2, 3], batch: 2, outcomes: 2, paid: 1, worked: 2, most: 2, nothing: 1 }, { days: 2, usual: 3, largest: 4 }],
  };
  /** What lists there are from the second day on, on the first, and how many days and reports. */
  const growing = {
    'a reason that comes late': [{ limits: [2, 4], batch: 2, reasons: 3 }, { reasons: 2 }, { days: 3, usual: 3, largest: 4 }],
    'two reasons that come late, beside one': [{ limits: [3, 5], batch: 3, reasons: 3 }, { reasons: 1 }, { days: 2, usual: 5, largest: 6 }],
    'two reasons and an outcome that come late': [{ limits: [2, 4], batch: 2, reasons: 3, outcomes: 2 }, { reasons: 1, outcomes: 1 }, { days: 2, usual: 4, largest: 5 }],
  };
  for (const [name, [lists, first, size]] of Object.entries(growing)) {
    it(`${name}: nor where keys came into the lists`, () => {
      const policy = small(lists);
      const before = small({ ...lists, ...first });
      assert.deepEqual(told(policy, seen(policy, { ...size, before, isSafe: safe }).groups), []);
    });
  }

  /** Each day in a quarter of its own: a reader sees of every batch that it came. */
  const quarters = ['2026Q4', '2027Q1', '2027Q2'];
  const turning = {
    'two reasons, two outcomes': [{ limits: [2, 4], batch: 2, reasons: 2, outcomes: 2 }, { days: 3, usual: 3, largest: 4 }],
    'three outcomes, one of them paid, and that nothing worked': [{ limits: [2, 4], batch: 2, outcomes: 3, paid: 1, nothing: 1 }, { days: 2, usual: 3, largest: 4 }],
  };
  for (const [name, [lists, size]] of Object.entries(turning)) {
    it(`${name}: nor where the period tells of every batch`, () => {
      const policy = small(lists);
      assert.deepEqual(told(policy, seen(policy, { ...size, quarters, isSafe: safe }).groups), []);
    });
  }

  /** What is taken back is any part of what was shown, on the second or on the third day, before that day's publication. */
  const withdrawals = {
    'two reasons': [{ limits: [2, 4], batch: 2, reasons: 2 }, { days: 3, usual: 3, largest: 5, withdrawn: 2 }],
    'two reasons, two outcomes': [{ limits: [2, 4], batch: 2, reasons: 2, outcomes: 2 }, { days: 3, usual: 2, largest: 4, withdrawn: 1 }],
    'two outcomes, one of them paid, with a strategy': [{ limits: [2, 4], batch: 2, outcomes: 2, paid: 1, worked: 1 }, { days: 2, usual: 4, largest: 6, withdrawn: 1 }],
  };
  for (const [name, [lists, size]] of Object.entries(withdrawals)) {
    it(`${name}: nor where reports were taken back`, () => {
      const policy = small(lists);
      const { groups } = seen(policy, { ...size, quarters, isSafe: safe });
      assert.ok([...groups].some(([look, { views }]) => look.includes('withdrawn') && views.length > 0));
      assert.deepEqual(told(policy, groups), []);
    });
  }

  for (const [name, [lists, size]] of Object.entries(worlds)) {
    it(`${name}: no cell that is not shown has one possible value alone, and no sum of such cells`, () => {
      const policy = small(lists);
      assert.deepEqual(told(policy, seen(policy, { ...size, isSafe: safe }).groups), []);
    });
  }

  it('finds cells that can be told as soon as everything is shown, and what is refused is only some of it', () => {
    const policy = small({ limits: [3, 5], batch: 3, reasons: 2, outcomes: 3 });
    const size = { days: 2, usual: 5, largest: 6 };
    assert.ok(told(policy, seen(policy, { ...size, isSafe: ALL }).groups).length > 100);
    const { refused, judged } = seen(policy, { ...size, isSafe: safe });
    assert.ok(refused > 0 && refused < judged / 2);
  });

  it('finds them too where only the number of reports would tell: bands alone are not enough', () => {
    const policy = small({ limits: [2, 4], batch: 2, reasons: 2 });
    const size = { days: 1, usual: 5, largest: 8 };
    const found = told(policy, seen(policy, { ...size, isSafe: ALL }).groups);
    // Four or more in all, and two or three of one reason: three and one.
    assert.ok(found.some(({ look }) => look.includes('[1,{"reasons":{"r0":0}')));
  });
});

describe('the real lists', () => {
  it('have for everything that was shown, and for every cell that was not, a twin in which its number is another one', () => {
    let cells = 0;
    let several = 0;
    for (let seed = 1; seed <= 90; seed += 1) {
      const one = published(history(seed));
      if (one.views.length === 0) continue;
      if (one.views.length > 2) several += 1;
      for (const part of PARTS) {
        // Cells with the same number that were never shown are alike; one of each is looked at.
        const hidden = new Map(POLICY.lists[part].filter((key) => one.views.at(-1).cells[part][key] === undefined).map((key) => [one.sums[part][key] ?? 0, key]));
        for (const [truth, key] of hidden) {
          const other = twin(one.views, part, key, truth);
          assert.ok(other, `seed ${seed}: ${part} ${key}`);
          const again = published(other);
          assert.deepEqual(looks(again.views), looks(one.views));
          assert.notEqual(again.sums[part][key] ?? 0, truth);
          cells += 1;
        }
      }
    }
    assert.ok(cells > 500 && several > 20);
  });

  it('have a history for everything that the true one shows, however it grows: no code stands still because none was found', () => {
    let looked = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      let state = { sums: nothing(), views: [] };
      let waiting = [];
      for (const day of growth(seed)) {
        waiting.push(...day.reports);
        const next = stepped(state.views, waiting.length, sum(state.sums, waiting), POLICY, day.quarter, ALL);
        if (!next) continue;
        waiting = [];
        // Every sixth is enough: what is shown is kept, so that one for which none is found is followed by others.
        if (next.views.length > state.views.length && next.views.length % 6 === 0) {
          assert.ok(explained(next.views, limitsOf(next.views, POLICY), POLICY), `seed ${seed}, ${next.views.length} times shown`);
          looked += 1;
        }
        state = next;
      }
    }
    assert.ok(looked > 400);
  });

  it('hold back nothing of a first batch: whatever the outcomes of five to nine reports are, it is shown', () => {
    for (let n = 5; n <= 9; n += 1) for (const counts of splits(n, 5)) assert.ok(advanced({ sums: nothing(), views: [] }, withOutcomes(counts), '2026Q4'), counts.join());
  });

  it('hold back twenty-five reports of which nine, four, four, four and four have each outcome: these could be told', () => {
    const views = [viewOf(sum(nothing(), withOutcomes([9, 4, 4, 4, 4])), POLICY, '2026Q4')];
    assert.equal(shown('97761', views[0]).reports, '25-49');
    assert.equal(safe(views, POLICY), false);
    assert.equal(advanced({ sums: nothing(), views: [] }, withOutcomes([9, 4, 4, 4, 4]), '2026Q4'), null);
    // With more of another outcome it is shown again.
    assert.ok(advanced({ sums: nothing(), views: [] }, withOutcomes([9, 4, 4, 4, 9]), '2026Q4'));
  });

  it('hold back what parts tell of one another: six payers of five make thirty reports, and thirty outcomes fill three cells', () => {
    const payers = ['cgs', 'first_coast', 'ngs', 'noridian', 'novitas', 'palmetto'];
    const reports = withOutcomes([9, 9, 4, 4, 4]).map((report, at) => ({ ...report, payer: payers[at % 6] }));
    const view = viewOf(sum(nothing(), reports), POLICY, '2026Q4');
    assert.equal(Object.keys(view.cells.payers).length, 6);
    assert.equal(Object.keys(view.cells.outcomes).length, 2);
    assert.equal(safe([view], POLICY), false);
  });

  it('hold back what earlier publications tell: growth by a batch that can be in one place alone', () => {
    const policy = small({ limits: [5, 10, 25, 50], batch: 5, outcomes: 2 });
    const view = (total, cells) => ({ total, from: '2026Q4', to: '2026Q4', cells: { reasons: { r0: total }, payers: { p0: total }, outcomes: cells, worked: {} }, sizes: { reasons: 1, payers: 1, outcomes: 2, worked: 0 } });
    // Alone, the last view lets o1 be anything; after nine others were there it must be that the batch went to it.
    assert.equal(safe([view(1, { o0: 0 })], policy), true);
    // At five or more before, ten at least now: o0 is nine at most, so that o1 is one to four. Still not told.
    assert.equal(safe([view(0, { o0: 0 }), view(1, { o0: 0 })], policy), true);
    // Twice more without a change in o0: fifteen reports, of which o0 and o1 together are thirteen at most. That cannot be.
    assert.equal(safe([view(0, { o0: 0 }), view(1, { o0: 0 }), { ...view(1, { o0: 0 }), to: '2027Q1' }], policy), false);
  });

  it('are not divided among paid and unpaid where the outcomes of one have no room for what its strategies need', () => {
    // Nine reports, then fourteen. Four of the first nine at most were not paid, so that five were; five more must be, for a strategy that
    // was named four times at most and nine times at least. That makes ten, if the outcomes of those that were paid have room for them.
    const cells = (pair, low, high) => ({ times: 1, pair, low, high });
    const limits = (room) => ({ reasons: [], payers: [], outcomes: [cells(0, [0, 0], [9, room]), cells(1, [0, 0], [4, 9])], worked: [cells(0, [0, 9], [4, 24])] });
    assert.equal(divided(limits(9), [9, 14], POLICY), null);
    assert.deepEqual(divided(limits(10), [9, 14], POLICY), [[5, 10], [4, 4]]);
  });

  it('know that a key which came into the list later had no report before', () => {
    const sizes = (outcomes) => ({ reasons: 1, payers: 1, outcomes, worked: 0 });
    const policy = small({ limits: [5, 10, 25, 50], batch: 5, outcomes: 3 });
    const view = (total, cells, outcomes) => ({ total, from: '2026Q4', to: '2026Q4', cells: { reasons: { r0: total }, payers: { p0: total }, outcomes: cells, worked: {} }, sizes: sizes(outcomes) });
    const views = [view(0, { o0: 0 }, 1), view(1, { o0: 1 }, 3)];
    assert.deepEqual(limitsOf(views, policy).outcomes, [
      { times: 1, pair: 0, low: [5, 10], high: [9, 24] },
      { times: 2, pair: 0, low: [0, 0], high: [0, 4] },
    ]);
    assert.equal(safe(views, policy), true);
    // Nor had one that is shown by now.
    assert.deepEqual(limitsOf([view(0, { o0: 0 }, 1), view(1, { o0: 0, o1: 0 }, 3)], policy).outcomes[1], { times: 1, pair: 0, low: [0, 5], high: [0, 9] });
  });
});

describe('what is shown', () => {
  it('is in bands, most frequent first and by key within a band, whatever the numbers within a band are', () => {
    const one = shown('97761', viewOf(sum(nothing(), withOutcomes([5, 9, 12, 1, 0])), POLICY, '2026Q4'));
    const other = shown('97761', viewOf(sum(nothing(), withOutcomes([9, 5, 12, 1, 0])), POLICY, '2026Q4'));
    assert.deepEqual(one, other);
    assert.deepEqual(one.outcomes, [
      { key: 'upheld', band: '10-24' },
      { key: 'paid_appeal', band: '5-9' },
      { key: 'paid_corrected', band: '5-9' },
    ]);
    assert.equal(one.reports, '25-49');
    assert.deepEqual(Object.keys(dated(one, '2026-11-29')), ['code', 'reports', 'period', 'published', 'reasons', 'payers', 'outcomes', 'worked']);
  });

  it('changes bands at 5, 10, 25 and 50', () => {
    const band = (count) => viewOf(sum(nothing(), withOutcomes([count])), POLICY, '2026Q4') && shown('97761', viewOf(sum(nothing(), withOutcomes([count])), POLICY, '2026Q4')).reports;
    assert.deepEqual([4, 5, 9, 10, 24, 25, 49, 50, 999].map(band), [null, '5-9', '5-9', '10-24', '10-24', '25-49', '25-49', '50+', '50+']);
  });

  it('goes back to what it was when reports are taken out again', () => {
    const some = withOutcomes([3, 2]);
    const all = sum(nothing(), [...some, ...withOutcomes([1, 4])]);
    assert.deepEqual(sum(all, withOutcomes([1, 4]), -1), sum(nothing(), some));
  });
});
