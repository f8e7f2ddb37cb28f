// @ts-check
/**
 * Refreshes what a code page shows of field reports: the same markup as templates/pieces/field_report.html, from the same words.
 */

/**
 * @typedef {{key: string, band: string}} Cell
 * @typedef {{code: string, reports: string, period: {from: string, to: string}, published: string, synthetic?: unknown, reasons: Cell[], payers: Cell[], outcomes: Cell[], worked: Cell[]}} Figures
 * @typedef {{none: string, lead: string, period: string, to: string, only: string, alone: string, synthetic: string, months: string[], bands: Record<string, [string, string]>, parts: ['reasons' | 'payers' | 'outcomes' | 'worked', string, Record<string, string>][]}} Words
 */

const SIGNS = /** @type {Record<string, string>} */ ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' });

/**
 * A text as it stands in HTML, escaped as the templates do.
 * @param {string} text
 */
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => SIGNS[sign]);

/**
 * @param {Record<string, unknown>} table
 * @param {unknown} key
 */
const has = (table, key) => typeof key === 'string' && Object.hasOwn(table, key);

/**
 * Whether an answer is a code's figures as they are published, every key among the words. Nothing else is shown.
 * @param {any} answer
 * @param {string} code
 * @param {Words} words
 * @returns {answer is Figures}
 */
export function fits(answer, code, words) {
  const quarter = /^20\d\dQ[1-4]$/;
  return (
    answer?.code === code &&
    has(words.bands, answer.reports) &&
    quarter.test(answer.period?.from) &&
    quarter.test(answer.period?.to) &&
    /^20\d\d-(0[1-9]|1[0-2])-[0-3]\d$/.test(answer.published) &&
    words.parts.every(
      ([part, , labels]) => Array.isArray(answer[part]) && answer[part].every((/** @type {any} */ cell) => has(labels, cell?.key) && has(words.bands, cell.band)),
    )
  );
}

/**
 * Published figures as HTML.
 * @param {Figures} figures that fit
 * @param {Words} words
 */
export function markup(figures, words) {
  const [first, last] = [figures.period.from, figures.period.to].map((one) => one.replace('Q', ' Q'));
  const [year, month, day] = figures.published.split('-');
  const lead = words.lead.replace('#', words.bands[figures.reports][0]);
  const period = words.period.replace('%', first === last ? first : first + words.to + last);
  const lines = ['<p><b>' + escaped(lead) + '</b>' + escaped(period) + '</p>'];
  if (figures.synthetic) lines.push('<p class="ask">' + escaped(words.synthetic) + '</p>');
  const shown = words.parts.filter(([part]) => figures[part].length);
  for (const [part, heading, labels] of shown) {
    lines.push('<h3>' + escaped(heading) + '</h3>', '<ul class="bands">');
    for (const { key, band } of figures[part]) {
      const [said, css] = words.bands[band];
      lines.push('<li><span>' + escaped(labels[key]) + '</span> <b class="' + escaped(css) + '">' + escaped(said) + '</b></li>');
    }
    lines.push('</ul>');
  }
  if (!shown.length) lines.push('<p>' + escaped(words.alone) + '</p>');
  const published = words.months[Number(month) - 1] + ' ' + Number(day) + ', ' + year;
  lines.push('<p class="fine">' + escaped(words.only.replace('#', published)) + '</p>');
  return lines.join('\n');
}

/**
 * Asks the function for a code's figures, and shows them in the place of those of the build. An answer that does not fit, or none, leaves what is there.
 * @param {HTMLElement} box
 */
export async function refresh(box) {
  const { code } = box.dataset;
  // A site that takes no reports in has nobody to ask.
  if (!code) return;
  const [answer, words] = await Promise.all([json('/api/reports/' + code), json(box.dataset.words ?? '')]);
  if (fits(answer, code, words)) put(box, markup(answer, words));
  else if (answer?.code === code && answer.reports === null) put(box, '<p>' + escaped(words.none.replace('#', code)) + '</p>');
}

/**
 * @param {HTMLElement} box
 * @param {string} html
 */
function put(box, html) {
  if (box.innerHTML.trim() !== html.trim()) box.innerHTML = '\n' + html;
}

/** @param {string} url */
async function json(url) {
  const answer = await fetch(url, { headers: { Accept: 'application/json' } });
  if (answer.status !== 200) throw new Error(String(answer.status));
  return answer.json();
}
