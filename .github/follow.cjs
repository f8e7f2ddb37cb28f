// Hands over what `build.py follow` wrote: opens or renews its pull request, and opens each issue once. Run by
// workflows/release.yml and workflows/deploy.yml, from the main branch, with what the run left as an artifact.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

// GitHub takes 65,536 characters in a text.
const MOST = 65_536;
// The files that a pull request of ours may change, and how many characters each may have.
const FILES = { "cms_data/manifest.yml": 1_000_000, "cms_data/accepted.json": 1_000_000 };
const BRANCH = /^cms\/[a-z0-9][a-z0-9-]{0,90}$/;
const MARK = /^<!-- medpayiq: follow: [A-Za-z0-9 ,_.-]+ -->$/;
const OURS = "github-actions[bot]";

/** Return a file's text, if it is a plain file of at most so many characters. */
function read(folder, name, most) {
  const about = fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false });
  const text = about && about.isFile() ? fs.readFileSync(path.join(folder, name), "utf8") : null;
  if (text === null || text.length === 0 || text.length > most) throw new Error(`${name} is no plain file of 1 to ${most} characters`);
  return text;
}

/** Return what the run says it wrote, with every name checked. */
function answerOf(folder) {
  const answer = JSON.parse(read(folder, "answer.json", MOST));
  const pull = answer.pull_request;
  if (pull && !(BRANCH.test(pull.branch) && typeof pull.title === "string")) throw new Error("answer.json names no branch of ours");
  for (const one of answer.issues) {
    if (!/^issue(-[0-9]{1,3})?\.md$/.test(one.file) || !MARK.test(one.mark)) throw new Error("answer.json names no issue of ours");
  }
  return answer;
}

/** Open an issue for each cause that has none open; where there is one, only its text is brought up to date. */
async function issues({ github, context, core, folder }) {
  const { issues: wanted } = answerOf(folder);
  if (wanted.length === 0) return;
  const open = await github.paginate(github.rest.issues.listForRepo, { ...context.repo, state: "open", creator: OURS, per_page: 100 });
  for (const one of wanted) {
    const body = read(folder, one.file, MOST);
    if (body.split("\n", 1)[0] !== one.mark) throw new Error(`${one.file} does not begin with its mark`);
    const earlier = open.find((other) => !other.pull_request && other.body && other.body.split(/\r?\n/, 1)[0] === one.mark);
    if (!earlier) await github.rest.issues.create({ ...context.repo, title: one.title.slice(0, 200), body });
    else if (earlier.body.replace(/\r\n/g, "\n").trim() !== body.trim()) await github.rest.issues.update({ ...context.repo, issue_number: earlier.number, body });
    core.info(`${one.mark}: ${earlier ? `issue ${earlier.number} is open` : "issue opened"}`);
  }
}

/** Return a reference's commit, or null where there is no such branch. */
async function head({ github, context }, branch) {
  try {
    const { data } = await github.rest.git.getRef({ ...context.repo, ref: `heads/${branch}` });
    return data.object.sha;
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

/** Commit the files of the run on top of the main branch, and open a pull request or bring the open one up to date. */
async function pull({ github, context, core, folder, main }) {
  const { pull_request: wanted } = answerOf(folder);
  if (!wanted) return;
  const body = read(folder, "pull-request.md", MOST);
  const base = await head({ github, context }, main);
  const { data: commit } = await github.rest.git.getCommit({ ...context.repo, commit_sha: base });
  const tree = Object.entries(FILES).map(([name, most]) => ({ path: name, mode: "100644", type: "blob", content: read(path.join(folder, "files"), name, most) }));
  const { data: made } = await github.rest.git.createTree({ ...context.repo, base_tree: commit.tree.sha, tree });
  const before = await head({ github, context }, wanted.branch);
  const old = before && (await github.rest.git.getCommit({ ...context.repo, commit_sha: before })).data;
  // The same files on the same commit: a check that ran on it stays valid.
  if (!(old && old.tree.sha === made.sha && old.parents.length === 1 && old.parents[0].sha === base)) {
    const { data: next } = await github.rest.git.createCommit({ ...context.repo, message: wanted.title, tree: made.sha, parents: [base] });
    if (before) await github.rest.git.updateRef({ ...context.repo, ref: `heads/${wanted.branch}`, sha: next.sha, force: true });
    else await github.rest.git.createRef({ ...context.repo, ref: `refs/heads/${wanted.branch}`, sha: next.sha });
  }
  const open = await github.paginate(github.rest.pulls.list, { ...context.repo, state: "open", head: `${context.repo.owner}:${wanted.branch}`, per_page: 100 });
  if (open.length > 0) await github.rest.pulls.update({ ...context.repo, pull_number: open[0].number, title: wanted.title, body });
  else await github.rest.pulls.create({ ...context.repo, head: wanted.branch, base: main, title: wanted.title, body });
  core.info(`${wanted.branch}: pull request ${open.length > 0 ? `${open[0].number} brought up to date` : "opened"}`);
}

module.exports = { answerOf, issues, pull };
