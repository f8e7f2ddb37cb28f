// @ts-check
/**
 * Makes answers: the headers that every one of them has, and errors for programs and for people in the same words.
 */

/** Headers that netlify.toml cannot give: it does not reach the answers of functions. */
const SAFE = {
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** Only what is published is for everybody's programs. */
const OPEN = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin', 'Cache-Control': 'public, max-age=300' };
const CLOSED = { 'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': 'no-store' };

export const THANKS = '/contribute/thanks/';

/**
 * A refusal: its status, a word for programs, a sentence for people that says what to change, and the fields it is about, each with
 * the form's name for it. `next`: what somebody does next who sees a page of it.
 *
 * @typedef {{field: string, label: string, message: string}} Field
 * @typedef {keyof typeof NEXT} Next
 * @typedef {{status: number, kind: string, message: string, next?: Next, fields?: Field[], headers?: Record<string, string>}} Refusal
 */

/** What a page says after what is wrong, before the way to the form; `unsure`: it is not known whether something was kept. */
const NEXT = {
  change: 'Nothing of it was kept. Go back in your browser to change it, or begin again',
  later: 'Nothing of it was kept. When it is time, go back in your browser and send it once more, or begin again',
  anew: 'Nothing of it was kept. Begin again',
  unsure: 'If it was kept, one that you send again is counted beside it. Wait a minute, go back in your browser and send it once more, or begin again',
};

/**
 * Return a text as an answer that nobody keeps.
 *
 * @param {BodyInit | null} body
 * @param {number} status
 * @param {Record<string, string>} headers
 */
export function closed(body, status, headers) {
  return new Response(body, { status, headers: { ...SAFE, ...CLOSED, ...headers } });
}

/**
 * Return JSON that nobody keeps.
 *
 * @param {unknown} value
 * @param {number} [status]
 */
export function json(value, status = 200) {
  return closed(`${JSON.stringify(value)}\n`, status, { 'Content-Type': 'application/json; charset=utf-8' });
}

/**
 * Return what is published: for everybody, kept for five minutes.
 *
 * @param {string} text JSON
 */
export function open(text) {
  return new Response(text, { status: 200, headers: { ...SAFE, ...OPEN, 'Content-Type': 'application/json; charset=utf-8' } });
}

/** Return the way to the page of thanks, after a plain form. */
export function thanks() {
  return closed(null, 303, { Location: THANKS });
}

/**
 * Return a refusal, as a page to whom a page is shown and as JSON to a program.
 *
 * @param {Refusal} refusal
 * @param {boolean} page
 */
export function refuse(refusal, page) {
  const headers = refusal.headers ?? {};
  if (!page) {
    const { kind, message, fields = [] } = refusal;
    return closed(`${JSON.stringify({ error: { kind, message, fields: fields.map((one) => ({ field: one.field, message: one.message })) } })}\n`, refusal.status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  }
  return closed(asPage(refusal), refusal.status, { 'Content-Type': 'text/html; charset=utf-8', ...headers });
}

/** @param {Refusal} refusal */
function asPage({ message, next = 'change', fields = [] }) {
  const list = fields.map((one) => `<li>${one.label ? `<b>${escaped(one.label)}:</b> ` : ''}${escaped(one.message)}</li>`).join('');
  const title = next === 'unsure' ? 'It is not known whether this report was taken' : 'This report was not taken';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${escaped(message)}</p>
${list && `<ul>${list}</ul>`}
<p>${NEXT[next]}: <a href="/contribute/">the form</a>.</p>
</main>
</body>
</html>
`;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
