// Posts the pages that a pull request changes: reads text that a stranger's code wrote, bounds it, makes it inert, and
// keeps one comment of it. Run by workflows/content-comment.yml, from the main branch.
"use strict";

const fs = require("node:fs");

const MARKER = "<!-- medpayiq: pages that this branch changes -->";
const HEAD =
  "Worked out from the branch by its own copy of the program: read it as you read the branch. It is rewritten after each push.";
// GitHub takes 65,536 characters, these two lines among them.
const MOST = 65_000;
// Bytes of a packed artifact: text of that length, packed, is smaller.
const MOST_PACKED = 100_000;
const ZERO = "\u200b";

/** Return the text with nothing in it that mentions, refers, loads, or leads elsewhere than to a code's page of the site. */
function inert(text, site) {
  const page = new RegExp(`(\\]\\(${site.replace(/[^A-Za-z0-9]/g, "\\$&")}/codes/[A-Z0-9]{5}/\\))`);
  // Signs that cannot be seen could turn or hide what is read.
  const seen = text.replace(/[^\n\P{C}]|[\u2028\u2029]/gu, "");
  return seen.split(page).map((piece, place) => (place % 2 ? piece : stilled(piece))).join("");
}

/** Put a sign of no width where GitHub would see more than text: it shows the same, and does nothing. */
function stilled(text) {
  return text
    .replace(/@/g, `@${ZERO}`)
    // #12, owner/name#12, GH-12, and the digits of a commit.
    .replace(/#(?=\d)/g, `#${ZERO}`)
    .replace(/\b(GH-)(?=\d)/gi, `$1${ZERO}`)
    .replace(/[0-9a-f]{7,}/gi, (found) => found.replace(/.{6}(?=.)/g, `$&${ZERO}`))
    // Tags and comments, entities, pictures, links and what links refer to.
    .replace(/<(?=[A-Za-z/!?])/g, `<${ZERO}`)
    .replace(/&(?=[A-Za-z#])/g, `&${ZERO}`)
    .replace(/!(?=\[)/g, `!${ZERO}`)
    .replace(/\](?=[(:[])/g, `]${ZERO}`)
    .replace(/:(?=\/\/)/g, `:${ZERO}`)
    .replace(/\b(www)(?=\.)/gi, `$1${ZERO}`);
}

/** Return the site's address as site.yml of the main branch has it. */
function siteOf(settings) {
  const found = /^base_url:\s*(https:\/\/[^\s#]+)\s*$/m.exec(settings);
  return found ? found[1] : "https://nowhere.invalid";
}

/** Return the text of a file that is plain, not a link, and no longer than a comment may be; else null. */
function read(path) {
  const about = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!about || !about.isFile() || about.size === 0 || about.size > MOST) return null;
  return fs.readFileSync(path, "utf8");
}

/** Return the comment; where what was put in makes it too long, a sentence instead. */
function comment(text, site) {
  const body = inert(text, site);
  const shown = body.length <= MOST ? body : "What changes is too long for a comment. To see it, in a clone: build.py tip-diff";
  return `${MARKER}\n${HEAD}\n\n${shown}`;
}

/** Find the open pull request of the run that ended: by branch and commit, as GitHub tells them, never by what the artifact says. */
async function numberOf({ github, context }) {
  const run = context.payload.workflow_run;
  if (!run.head_repository) return null;
  const head = `${run.head_repository.owner.login}:${run.head_branch}`;
  const pulls = await github.paginate(github.rest.pulls.list, { ...context.repo, state: "open", head, per_page: 100 });
  const found = pulls.find((one) => one.head.sha === run.head_sha && one.head.repo && one.head.repo.id === run.head_repository.id);
  return found ? found.number : null;
}

/** Say whether the run that ended left an artifact of the name, and none larger than a comment needs: only then it is fetched. */
async function isSmall({ github, context, core }) {
  const asked = { ...context.repo, run_id: context.payload.workflow_run.id, name: "pages", per_page: 100 };
  const found = await github.paginate(github.rest.actions.listWorkflowRunArtifacts, asked);
  const good = found.length > 0 && found.every((one) => one.size_in_bytes <= MOST_PACKED);
  if (!good) core.warning(found.length ? "the artifact is larger than a comment needs: it is not fetched" : "the run left no artifact: there is nothing to post");
  return good;
}

async function post({ github, context, core, artifact = "artifact/pages.md", settings = "site.yml" }) {
  const text = read(artifact);
  if (text === null) return core.warning("the artifact is no text of a comment's size: nothing is posted");
  const number = await numberOf({ github, context });
  if (number === null) return core.info("no open pull request has this commit as its newest: nothing is posted");
  const body = comment(text, siteOf(fs.readFileSync(settings, "utf8")));
  const all = await github.paginate(github.rest.issues.listComments, { ...context.repo, issue_number: number, per_page: 100 });
  const earlier = all.find((one) => one.user && one.user.login === "github-actions[bot]" && one.body && one.body.startsWith(MARKER));
  if (earlier) return github.rest.issues.updateComment({ ...context.repo, comment_id: earlier.id, body });
  return github.rest.issues.createComment({ ...context.repo, issue_number: number, body });
}

module.exports = { comment, inert, isSmall, post, read, siteOf };
