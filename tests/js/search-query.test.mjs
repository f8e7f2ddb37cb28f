/**
 * What people paste is read as what they mean, and the index answers it; the index itself is unpacked as written.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { decode, decodePhrases, loader } from '../../assets/js/search/index.js';
import { afterTitle, excerptParts, summary } from '../../assets/js/search/page.js';
import { asCode, destination, find, hitUrl, matches, normalise, offers, searchUrl } from '../../assets/js/search/query.js';

const PACKED = {
  v: 1,
  codes: '0001000274470977604142192130GXXX10J1100',
  names: ['Anesthesia', 'Knee replacement', 'Orthotic and prosthetic training', 'Office visit', '', 'Drug, knée injection'],
  name: ',,*3,,,',
  labels: ['Anesthesia units', 'Deleted', 'Not valid'],
  label: '-1,123456,4042,5,-2,0,-3*2',
  kinds: ['code', 'deleted'],
  kind: '*4,,0*3',
};

/** A small index written out by hand, in the form that the reader makes. */
const INDEX = {
  codes: ['00100', '27447', '97760', '97761', '97762', '97763', '99213', 'GXXX1', 'J1100'],
  names: ['Knee replacement', 'Orthotic training', 'Office visit', '', 'Drug, knée injection', 'Anesthesia'],
  nameOf: [5, 0, 1, 1, 1, 1, 2, 3, 4],
  labels: ['Anesthesia units', '$1,234.56', '$40.42', '$0.05', 'Deleted', '$0.00', '$90.10', 'Not valid', '$0.99'],
  kinds: ['code', 'code', 'code', 'code', 'deleted', 'code', 'code', 'code', 'code'],
};

/** A repeatable stream of numbers below `below`, so that a failing text can be found again. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Random text out of the pieces that are hard: codes, labels, blanks, marks, quotes, halves of characters. */
function strangeText(next) {
  const pieces = ['97761', 'J1100', 'j11', 'CPT', 'hcpcs', ' ', '\u00a0', '\u200b', '-', '–', '59', ',', '#', '"', '“', '®', '９７７６１', 'é', 'e\u0301', '\ud83d', '\ude00', '😀', '<b>', 'knee', '/', ':', '\n', '\u202e', '％', 'ﬁ', '½', 'x'.repeat(70)];
  return Array.from({ length: next(9) }, () => pieces[next(pieces.length)]).join('');
}

describe('normalise', () => {
  const cases = {
    ' 97761 ': '97761',
    '#97761': '97761',
    '97761,': '97761',
    'CPT 97761': '97761',
    'cpt® code: 97761': '97761',
    'CPT/HCPCS 97761': '97761',
    'CPT97761': '97761',
    'HCPCS J1100': 'J1100',
    'hcpcs level ii j1100': 'J1100',
    '97761-59': '97761',
    '97761–59': '97761',
    '97761 GP 59': '97761',
    '99213:25,57': '99213',
    '９７７６１': '97761',
    'ｊ１１００': 'J1100',
    '"97761"': '97761',
    '“97761”.': '97761',
    '(#97761)': '97761',
    '97761\u200b': '97761',
    '0042t': '0042T',
    j11: 'J11',
    gxxx1: 'GXXX1',
    '  Knee \t  replacement, ': 'Knee replacement',
    'code pairs': 'code pairs',
    CPT: 'CPT',
    '97761, 97763': '97761, 97763',
    knees: 'knees',
    '': '',
    ' - ': '',
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => assert.equal(normalise(text), expected));
  }

  it('changes nothing the second time, keeps short and leaves no blanks at the ends', () => {
    const next = numbers(1);
    for (let round = 0; round < 20_000; round++) {
      const text = strangeText(next);
      const once = normalise(text);
      assert.equal(normalise(once), once, JSON.stringify(text));
      assert.equal(once.trim(), once, JSON.stringify(text));
      assert.ok([...once].length <= 120);
    }
  });

  it('finds any code again behind the labels, marks and modifiers that are pasted with it', () => {
    const next = numbers(2);
    const before = ['', ' ', '#', 'CPT ', 'cpt code ', 'HCPCS: ', '"', '(', '\u00a0'];
    const after = ['', ' ', ',', '.', '"', ')', '-59', ' 25', '-GP-59', ';'];
    for (let round = 0; round < 20_000; round++) {
      const digits = String(next(10_000)).padStart(4, '0');
      const code = [`${digits}${next(10)}`, `${digits}${'FTUMA'[next(5)]}`, `${'ABCEGHJKLMPQRSTV'[next(16)]}${digits}`][next(3)];
      const text = before[next(before.length)] + (next(2) ? code : code.toLowerCase()) + after[next(after.length)];
      assert.equal(asCode(text), code, JSON.stringify(text));
    }
  });
});

describe('asCode', () => {
  it('knows the shapes of CPT and HCPCS Level II', () => {
    for (const code of ['97761', '1036F', '0042T', '0001U', '0001M', '0001A', 'J1100', 'D0120']) assert.equal(asCode(code), code);
  });

  it('takes nothing else for a code', () => {
    for (const text of ['', '9776', '977611', '1234B', 'knees', 'JJ100', '97761 97763', 'GXXX1']) assert.equal(asCode(text), null, text);
  });

  it('takes five characters for a code when the index knows them', () => {
    assert.equal(asCode('gxxx1', INDEX), 'GXXX1');
    assert.equal(asCode('knees', INDEX), null);
  });
});

describe('matches', () => {
  const codes = (text, limit) => matches(INDEX, text, limit).map((hit) => hit.code);

  it('finds codes by their beginning, in order', () => {
    assert.deepEqual(codes('9776'), ['97760', '97761', '97762', '97763']);
    assert.deepEqual(codes('9776', 2), ['97760', '97761']);
    assert.deepEqual(codes('j1'), ['J1100']);
    assert.deepEqual(codes('CPT 97761-59'), ['97761']);
  });

  it('gives everything there is to show of a hit', () => {
    assert.deepEqual(matches(INDEX, '27447'), [{ code: '27447', name: 'Knee replacement', label: '$1,234.56', kind: 'code' }]);
  });

  it('finds names by the beginnings of their words, names that begin so first, accents or not', () => {
    assert.deepEqual(codes('knee'), ['27447', 'J1100']);
    assert.deepEqual(codes('KNÉE inj'), ['J1100']);
    // Of one name, codes with an amount come before the deleted 97762.
    assert.deepEqual(codes('training ortho', 4), ['97760', '97761', '97763', '97762']);
    assert.deepEqual(codes('nee'), []);
  });

  it('gives codes before names and no code twice', () => {
    const index = { ...INDEX, names: ['J drug', ...INDEX.names.slice(1)] };
    assert.deepEqual(matches(index, 'j', 5).map((hit) => hit.code), ['J1100', '27447']);
  });

  it('gives nothing for nothing, for an unknown code and for no room', () => {
    for (const text of ['', '  ', '"', '12345', 'zzz', '😀']) assert.deepEqual(codes(text), [], text);
    assert.deepEqual(codes('97761', 0), []);
  });

  it('gives every known code that stands among words, each once, before anything else', () => {
    assert.deepEqual(codes('97761 medicare payment'), ['97761']);
    assert.deepEqual(codes('CPT 97761 fee'), ['97761']);
    assert.deepEqual(codes('97761 60614'), ['97761']); // a ZIP code is no code
    assert.deepEqual(codes('j1100 with 99213, J1100-JW and 27447'), ['J1100', '99213', '27447']);
    assert.deepEqual(codes('97761 knee'), ['97761']);
    assert.deepEqual(codes('x97761 977613 é97761'), []);
    assert.deepEqual(codes('99213 27447 97761', 2), ['99213', '27447']);
  });

  it('agrees with looking at every code, for any prefix and any limit', () => {
    const next = numbers(3);
    const all = Array.from({ length: 3000 }, () => String(next(100_000)).padStart(5, '0'));
    const sorted = [...new Set(all)].sort();
    const same = sorted.map(() => 0);
    const index = { codes: sorted, names: [''], nameOf: same, labels: sorted, kinds: sorted };
    for (let round = 0; round < 2000; round++) {
      const prefix = String(next(100_000)).padStart(5, '0').slice(0, 1 + next(5));
      const limit = 1 + next(12);
      assert.deepEqual(matches(index, prefix, limit).map((hit) => hit.code), sorted.filter((code) => code.startsWith(prefix)).slice(0, limit));
    }
    for (const code of all) assert.equal(find(index, code)?.code, code);
  });
});

describe('what people type', () => {
  /** Names as editors write them, and beside them what people type. */
  const index = {
    codes: ['01402', '20610', '20611', '27446', '27447', '44970', '71046', '72148', '72149', '72158', '99213', 'G0438'],
    names: ['Anesthesia for knee replacement', 'Injection of a large joint', 'Large joint injection guided by ultrasound', 'Replacement of one half of the knee', 'Full knee replacement', 'Appendix removal through keyhole cuts', 'Chest X-ray with two views', 'Low back spine picture, no dye', 'Low back spine picture, dye given', 'Low back spine picture, before and after dye', 'Established office visit', 'First Medicare wellness visit'],
    nameOf: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    labels: ['Paid by time', '$70.00', '$104.00', '$1,047.00', '$1,159.00', '$578.00', '$33.00', '$195.00', '$270.00', '$318.00', '$90.00', '$174.00'],
    kinds: Array(12).fill('code'),
    phrases: {
      codes: ['20610', '20611', '27446', '27447', '44970', '71046', '72148', '72149', '72158', 'G0438'],
      words: ['knee injection | shoulder injection', 'ultrasound knee injection', 'partial knee replacement | knee replacement', 'knee replacement | tka', 'laparoscopic appendectomy | appendectomy', 'cxr | 2 view chest', 'lumbar mri without contrast', 'lumbar mri with contrast', 'lumbar mri with and without contrast', 'annual wellness visit | awv'],
      common: new Set(['20610', '27447', '44970', '71046', '72148', 'G0438']),
      modifiers: new Set(['25', '57', '59', 'AS', 'XU']),
    },
  };
  const codes = (text, limit) => matches(index, text, limit).map((hit) => hit.code);

  it('finds a code by words that are not in its name', () => {
    assert.deepEqual(codes('annual wellness visit', 1), ['G0438']);
    assert.deepEqual(codes('awv'), ['G0438']);
    assert.deepEqual(codes('appendectomy'), ['44970']);
  });

  it('puts first what people type as it stands, the common code before the other, and anesthesia last', () => {
    assert.deepEqual(codes('knee replacement'), ['27447', '27446', '01402']);
    assert.deepEqual(codes('knee inj', 1), ['20610']);
    assert.deepEqual(codes('anesthesia knee replacement'), ['01402']);
  });

  it('tells with from without', () => {
    assert.equal(codes('lumbar mri with contrast')[0], '72149');
    assert.equal(codes('lumbar mri without contrast')[0], '72148');
    assert.equal(codes('lumbar mri with and without contrast')[0], '72158');
  });

  it('needs none of the small words of a question, nor the number of a noun', () => {
    assert.equal(codes('what is the cpt code for a knee injection?')[0], '20610');
    assert.equal(codes('knee injections')[0], '20610');
    assert.equal(codes('injections to the shoulder')[0], '20610');
  });

  it('takes a short form for whole only as it stands: esr is not esrd', () => {
    const two = { ...index, codes: ['50360', '85651'], names: ['Kidney put in', 'Red cells settling'], nameOf: [0, 1], labels: ['$1.00', 'Not here'], phrases: { ...index.phrases, codes: ['50360', '85651'], words: ['esrd', 'esr'] } };
    assert.deepEqual(matches(two, 'esr').map((hit) => hit.code), ['85651', '50360']);
  });

  it('reads x-ray, x ray and xray alike', () => {
    for (const text of ['chest x-ray', 'chest x ray', 'chest xray', 'Chest X-Rays']) assert.deepEqual(codes(text), ['71046'], text);
  });

  it('reads with and without, and two letters joined, in all their ways', () => {
    for (const text of ['lumbar mri w/o contrast', 'lumbar mri wo contrast']) assert.equal(codes(text)[0], '72148', text);
    for (const text of ['lumbar mri w/ contrast', 'lumbar mri w contrast', 'lumbar mri w/contrast']) assert.equal(codes(text)[0], '72149', text);
    const one = { ...index, codes: ['10060', '58120'], names: ['Opening a boil', 'Womb scraped out'], nameOf: [0, 1], labels: ['$1.00', '$1.00'], phrases: { ...index.phrases, codes: ['10060', '58120'], words: ['i&d abscess', 'd and c'] } };
    for (const text of ['i and d abscess', 'I&D abscess', 'i & d']) assert.deepEqual(matches(one, text, 1).map((hit) => hit.code), ['10060'], text);
    assert.deepEqual(matches(one, 'd&c', 1).map((hit) => hit.code), ['58120']);
  });

  it('leaves out the side or the level where nothing has it, and keeps it where something does', () => {
    assert.equal(codes('left knee replacement')[0], '27447');
    assert.equal(codes('lumbar mri l4 l5 without contrast')[0], '72148');
    const two = { ...index, codes: ['27530', '27535'], names: ['Broken shin top', 'Broken shin top, inner side'], nameOf: [0, 1], labels: ['$1.00', '$1.00'], phrases: { ...index.phrases, codes: ['27530', '27535'], words: ['shin top', 'shin top right side'] } };
    assert.deepEqual(matches(two, 'right shin top', 1).map((hit) => hit.code), ['27535']);
  });

  it('takes a number for whole, and what technology is emerging for the last among its like', () => {
    const sizes = { ...index, codes: ['0999T', '12001', '12002'], names: ['Stitches', 'Stitches 30 cm', 'Stitches 3 cm'], nameOf: [0, 1, 2], labels: ['$1.00', '$1.00', '$1.00'], phrases: undefined };
    assert.deepEqual(matches(sizes, 'stitches 3 cm').map((hit) => hit.code), ['12002']);
    assert.deepEqual(matches({ ...sizes, names: ['Stitches', 'Stitches', 'Other'] }, 'stitches').map((hit) => hit.code), ['12001', '0999T']);
  });

  it('forgives one slip in a long word: missing, too many, wrong, exchanged; and none in a short one', () => {
    for (const text of ['appendecomy', 'appenddectomy', 'appendictomy', 'appendetcomy']) assert.deepEqual(codes(text), ['44970'], text);
    assert.deepEqual(codes('kne4'), []);
    assert.deepEqual(codes('apendecomy'), []);
  });

  it('shows what has most of the words where nothing has all, a rare word counting more', () => {
    assert.equal(codes('bilateral knee injection ultrasound')[0], '20611');
    assert.deepEqual(codes('zebra crossing'), []);
  });

  it('takes a short word for the beginning of another only while it is the last', () => {
    assert.deepEqual(codes('knee ha'), ['27446']); // on the way to "half"
    assert.ok(codes('ha knee').length > 1); // no word is "ha": it is left out
  });

  it('offers the pages of modifiers that are asked for, and then no code that has the words by halves', () => {
    const urls = (text) => offers(index, text).map((hit) => hit.url);
    assert.deepEqual(urls('modifier 59 vs XU'), ['/modifiers/59/', '/modifiers/XU/']);
    assert.deepEqual(urls('25 modifier'), ['/modifiers/25/']);
    assert.deepEqual(urls('modifiers 25, 57 as well as ZZ'), ['/modifiers/25/', '/modifiers/57/']);
    assert.deepEqual(urls('mod as'), ['/modifiers/AS/']);
    assert.deepEqual(offers(INDEX, 'modifier 59'), []); // which have a page is not known yet
    assert.deepEqual(codes('modifier 59 on a knee'), []);
  });

  it('offers what is explained at one place', () => {
    const first = (text) => offers(INDEX, text)[0]?.url;
    assert.equal(first('conversion factor 2026'), '/methodology/#conversion-factors');
    for (const text of ['telehealth', 'telehealth visit', 'tele-medicine', 'Telehealth codes', 'video visit']) assert.equal(first(text), '/modifiers/95/', text);
    for (const text of ['assistant surgeon', 'assist at surgery', 'assistant at surgery']) assert.equal(first(text), '/modifiers/80/', text);
    // Who asks for more means a code.
    for (const text of ['telehealth psychotherapy', 'telehealth originating site', 'assistant surgeon hip replacement']) assert.equal(first(text), undefined, text);
    for (const text of ['place of service', 'POS 19', 'pos codes', 'place of service 22', 'facility vs non-facility', 'non-facility or facility']) assert.equal(first(text), '/places/', text);
    for (const text of ['nurse practitioner', 'NP reimbursement', 'LCSW', 'licensed clinical social worker rates', 'PA billing', 'CRNA']) assert.equal(first(text), '/practitioners/', text);
    for (const text of ['GPCI', 'gpci 2026', 'Medicare locality', 'payment localities', 'localities']) assert.equal(first(text), '/localities/', text);
    for (const text of ['fee schedule for my locality', 'local fee schedule', 'locality fee schedule csv', 'fee schedule by zip code']) assert.equal(first(text), '/localities/#fees', text);
    assert.equal(first('rvu'), '/methodology/');
    for (const text of ['facility fee schedule injection', 'position change', 'social work visit hospice', 'pap smear']) assert.equal(first(text), undefined, text);
    assert.equal(first('MUE'), '/edits/#limits');
    assert.equal(first('add-on codes'), '/edits/#add-ons');
    assert.equal(first('ncci edits'), '/edits/');
    assert.equal(first('medicare fee schedule csv'), '/data/');
    for (const text of ['new codes 2026', 'new CPT codes', 'deleted codes', "what's new in 2026"]) assert.equal(first(text), '/changes/', text);
    for (const text of ['muesli', 'new patient office visit 2026', 'new patient visit codes', 'dressing change 2026']) assert.equal(first(text), undefined, text);
  });

  it('is as good as the names alone while it is not there', () => {
    const { phrases, ...bare } = index;
    assert.deepEqual(matches(bare, 'knee replacement').map((hit) => hit.code), ['27446', '27447', '01402']);
    assert.deepEqual(matches(bare, 'awv'), []);
  });

  it('is unpacked as written, and refused in another form', () => {
    const packed = { v: 1, codes: '0206104117447', words: [['knee injection', 'x'], ['a'], ['tka']], common: '027447', modifiers: ['25'] };
    const { codes: read, words, common, modifiers } = decodePhrases(packed);
    assert.deepEqual([read, words, [...common], [...modifiers]], [['20610', '20611', '27447'], ['knee injection | x', 'a', 'tka'], ['27447'], ['25']]);
    assert.throws(() => decodePhrases({ ...packed, v: 2 }), /format 2/);
    assert.throws(() => decodePhrases({ ...packed, words: [['a']] }), /length/);
  });
});

describe('offers', () => {
  const urls = (text, index = INDEX) => offers(index, text).map((hit) => hit.url);

  for (const text of ['CO-97', 'co97', 'CO 97', 'denial 97', 'Denied 97', 'denied with code 97', 'reason code #97', 'CARC 97', 'PR–97', '“CO-97”', 'CO-097', '99213 denied CO-97']) {
    it(`leads from ${JSON.stringify(text)} to reason 97, whether the index is there or not`, () => {
      for (const index of [INDEX, null]) assert.deepEqual(urls(text, index), ['/denials/#97'], text);
    });
  }

  it('leads to any number that a remittance prints, those with a letter too', () => {
    assert.deepEqual(['PR-204', 'CO-45', 'oa 23', 'PI-16', 'CR5', 'co-b15', 'denial B7'].map((text) => urls(text)[0]), ['/denials/#204', '/denials/#45', '/denials/#23', '/denials/#16', '/denials/#5', '/denials/#B15', '/denials/#B7']);
  });

  it('leads from remark codes and from words for a denial to the page', () => {
    for (const text of ['N20', 'n 20', 'MA-130', 'M51', 'remark code N20', 'denial N20', 'bundled', 'denied', 'Denial', 'why was 99213 denied?', 'unbundling']) assert.deepEqual(urls(text), ['/denials/'], text);
  });

  it('names what it leads to, in one line', () => {
    const line = ({ code, name, label }) => `${code} ${name} ${label}`.trim();
    assert.equal(line(offers(INDEX, 'co97')[0]), '97 denial reason: what to do');
    assert.equal(line(offers(INDEX, 'n20')[0]), 'N20 on a remittance: what to do');
    assert.equal(line(offers(INDEX, '97761 with 99213')[0]), 'Check 97761 with 99213 on one claim');
    assert.equal(hitUrl(find(INDEX, '97761')), '/codes/97761/');
  });

  it('takes nothing else for a denial: the beginning of a code, a code with its modifiers, a word or a name', () => {
    for (const text of ['', '25', '97', 'B15', '97761', '97761-CO-59', '97761 CO', 'CO 9776', 'co-pay', 'cobalt 60', 'bundle', 'knee 97', 'ICO-97', 'N2000']) assert.deepEqual(urls(text), [], text);
  });

  it('offers known codes of a text together on one claim', () => {
    for (const text of ['97761 with 99213', '97761 99213', '97761, 99213', '97761-GP + 99213-25', '97761 99213 60614 97761']) assert.deepEqual(urls(text), ['/claim/#add=97761,99213'], text);
    assert.deepEqual(urls('97761-CO-59 99213'), ['/claim/#add=97761,99213']);
    assert.deepEqual(urls('J1100 27447 99213 denied co 97'), ['/claim/#add=J1100,27447,99213', '/denials/#97']);
    assert.deepEqual(urls('97761 with 12345'), []);
    assert.deepEqual(urls('97761 with 99213', null), []);
  });

  it('leads nowhere else, whatever is typed', () => {
    const next = numbers(5);
    for (let round = 0; round < 5000; round++) {
      const text = ['CO-', 'denied ', '', 'N'][next(4)] + strangeText(next);
      for (const url of urls(text)) assert.match(url, /^\/(denials\/(#[A-Z]?\d{1,3})?|claim\/#add=[A-Z0-9]{5}(,[A-Z0-9]{5})+)$/, text);
    }
  });
});

describe('destination', () => {
  it('is the page of a code in use or deleted', () => {
    assert.equal(destination(INDEX, ' cpt 97761-59 '), '/codes/97761/');
    assert.equal(destination(INDEX, 'gxxx1'), '/codes/GXXX1/');
    assert.equal(destination(INDEX, '97762'), '/codes/97762/');
  });

  it('is what is said of a denial reason, with an index or without, where nothing else is typed', () => {
    assert.deepEqual(['CO-97', 'co97', 'PR 204', 'oa-B7'].map((text) => destination(INDEX, text)), ['/denials/#97', '/denials/#97', '/denials/#204', '/denials/#B7']);
    assert.equal(destination(null, 'CO-97'), '/denials/#97');
    for (const text of ['97', 'N20', 'CO-97 97110', 'denied 97', 'company']) assert.match(destination(INDEX, text), /^\/search\//, text);
  });

  it('is the search page for an unknown code, for words, and without an index', () => {
    assert.equal(destination(INDEX, '12345'), '/search/?q=12345');
    assert.equal(destination(INDEX, 'knee'), '/search/?q=knee');
    assert.equal(destination(null, '97761'), '/search/?q=97761');
  });

  it('never leads anywhere else, whatever is typed', () => {
    const next = numbers(4);
    for (let round = 0; round < 5000; round++) {
      const url = new URL(destination(INDEX, `${strangeText(next)}//evil.example/?q=1#`), 'https://here.example');
      assert.equal(url.origin, 'https://here.example');
      assert.match(url.pathname, /^\/(search|codes\/[A-Z0-9]{5})\/$/);
    }
    assert.equal(searchUrl('\ud83d&x=1'), '/search/?q=%EF%BF%BD%26x%3D1');
  });
});

describe('the index file', () => {
  it('is unpacked column by column', () => {
    const index = decode(PACKED);
    assert.deepEqual(index.codes, ['00100', '27447', '97760', '97761', '97762', '99213', 'GXXX1', 'J1100']);
    assert.deepEqual(index.nameOf, [0, 1, 2, 2, 2, 3, 4, 5]);
    assert.deepEqual(index.labels, ['Anesthesia units', '$1,234.56', '$40.42', '$0.05', 'Deleted', '$0.00', 'Not valid', 'Not valid']);
    assert.deepEqual(index.kinds, ['code', 'code', 'code', 'code', 'deleted', 'code', 'code', 'code']);
  });

  it('may be empty', () => {
    assert.deepEqual(decode({ v: 1, codes: '', names: [], name: '', labels: [], label: '', kinds: [], kind: '' }).codes, []);
  });

  it('is refused in another format', () => {
    assert.throws(() => decode({ v: 2 }), /format 2/);
    assert.throws(() => decode(null), /format undefined/);
  });

  it('is refused when its columns differ in length', () => {
    assert.throws(() => decode({ ...PACKED, kind: '*3' }), /differ in length/);
  });

  it('is fetched once, and again only after a failure', async () => {
    let asked = 0;
    let broken = true;
    const load = loader(() => '/assets/codes.json', decode, async () => {
      asked++;
      return new Response(JSON.stringify(PACKED), { status: broken ? 503 : 200 });
    });
    await assert.rejects(load(), /503/);
    broken = false;
    const [one, two] = await Promise.all([load(), load()]);
    assert.equal(one, two);
    assert.equal(await load(), one);
    assert.equal(asked, 2);
  });

  it('is not asked for where the page does not say where it is', async () => {
    await assert.rejects(loader(() => undefined, decode, () => assert.fail('no request expected'))(), /data-codes/);
  });
});

describe('the search page', () => {
  it('reads an excerpt as text and marks, and nothing in it as markup', () => {
    assert.deepEqual(excerptParts('a <mark>knee</mark> &lt;b&gt; &amp;amp; <img src=x onerror=alert(1)>'), [
      { text: 'a ', mark: false },
      { text: 'knee', mark: true },
      { text: ' <b> &amp; <img src=x onerror=alert(1)>', mark: false },
    ]);
    assert.deepEqual(excerptParts(''), []);
  });

  it('does not say a title twice, whatever is marked in it', () => {
    const marked = [{ text: 'A4483 ', mark: false }, { text: 'Moisture', mark: true }, { text: ' exchanger. CMS classes it as: ', mark: false }, { text: 'Moisture', mark: true }];
    assert.deepEqual(afterTitle(marked, 'A4483 Moisture exchanger'), [{ text: 'CMS classes it as: ', mark: false }, { text: 'Moisture', mark: true }]);
    assert.deepEqual(afterTitle(marked, 'exchanger'), marked);
    assert.deepEqual(afterTitle(marked, ''), marked);
    assert.deepEqual(afterTitle([{ text: 'Knee', mark: true }], 'Knee'), []);
  });

  it('says what was found, and what could not load', () => {
    assert.equal(summary('knee', 1, 3), '1 code and 3 pages found for “knee”.');
    assert.equal(summary('knee', 10, 0), '10 or more codes found for “knee”.');
    assert.equal(summary('zz', 0, 0), 'Nothing found for “zz”. Try a code or a shorter word.');
    assert.equal(summary('co97', 0, 0, 1), '1 suggestion found for “co97”.');
    assert.equal(summary('97761 99213', 2, 3, 1), '1 suggestion, 2 codes and 3 pages found for “97761 99213”.');
    assert.match(summary('co97', 0, null, 1), /suggestion below/);
    assert.match(summary('zz', 2, null), /full-text search could not load\. The codes below/);
    assert.match(summary('zz', 0, null), /No code matches “zz”/);
    assert.match(summary('zz', null, 2), /list of codes could not load/);
    assert.match(summary('zz', null, null), /Search could not load/);
  });
});
