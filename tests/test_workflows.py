"""The workflows that test, follow CMS and publish: least rights, no text of a stranger in a command, and what hands the texts over."""

from __future__ import annotations

import copy
import json
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from machine import ROOT
from programs import node, run

from medpayiq import arguments
from medpayiq.following import texts
from medpayiq.following.model import Issue

FOLDER = ROOT / ".github" / "workflows"
OURS = ("test", "release", "deploy")
RIGHTS = {
    ("test", "test"): {"contents": "read"},
    ("release", "follow"): {"contents": "read"},
    ("release", "tell"): {"contents": "write", "issues": "write", "pull-requests": "write"},
    ("deploy", "deploy"): {"contents": "read"},
    ("deploy", "archive"): {"contents": "write"},
    ("deploy", "tell"): {"contents": "read", "issues": "write"},
}


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow; YAML 1.1 reads the key ``on`` as true."""
    data: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return {("on" if key is True else str(key)): value for key, value in data.items()}


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    """Return every job with its workflow and name."""
    return [(name, job, data) for name in OURS for job, data in workflow(name)["jobs"].items()]


def steps(name: str, job: str) -> list[dict[str, Any]]:
    """Return the steps of a job."""
    found: list[dict[str, Any]] = workflow(name)["jobs"][job]["steps"]
    return found


def step(name: str, job: str, part: str) -> dict[str, Any]:
    """Return the one step of a job whose command has these words."""
    (found,) = (one for one in steps(name, job) if part in one.get("run", ""))
    return found


# -- rights ---------------------------------------------------------------------------------------------------------------


def test_each_job_has_the_rights_it_needs_and_no_more() -> None:
    """No workflow has a right by itself; each job names its own, and ends by itself."""
    assert {(name, job): data["permissions"] for name, job, data in jobs()} == RIGHTS
    assert all(workflow(name)["permissions"] == {} for name in OURS)
    assert all(0 < data["timeout-minutes"] <= 120 for _, _, data in jobs())
    assert [workflow(name)["concurrency"]["cancel-in-progress"] for name in OURS] == [True, False, False]


def test_who_may_write_pull_requests_or_issues_runs_no_program() -> None:
    """What talks to CMS or builds cannot write to the project; what can, runs one script of the main branch."""
    for name, job in (("release", "tell"), ("deploy", "tell")):
        assert not [one for one in steps(name, job) if "run" in one]
        (checkout,) = (one["with"] for one in steps(name, job) if one.get("uses", "").startswith("actions/checkout@"))
        assert checkout == {"ref": "${{ github.event.repository.default_branch }}", "persist-credentials": False, "sparse-checkout": ".github"}
        (script,) = (one["with"]["script"] for one in steps(name, job) if "script" in one.get("with", {}))
        assert "${{" not in script
        assert "/.github/follow.cjs" in script


def test_no_expression_stands_in_a_command() -> None:
    """What GitHub fills in reaches a command only as a variable of its environment."""
    runs = [one["run"] for name, job, _ in jobs() for one in steps(name, job) if "run" in one]
    assert len(runs) > 10
    assert not [one for one in runs if "${{" in one]


def test_the_secret_is_seen_by_one_step() -> None:
    """Only the step that deploys has Netlify's token, and nothing is installed in it; no clone keeps a token."""
    texts_ = {name: (FOLDER / f"{name}.yml").read_text(encoding="utf-8") for name in OURS}
    assert {name: text.count("secrets.") for name, text in texts_.items()} == {"test": 0, "release": 0, "deploy": 1}
    deploy = step("deploy", "deploy", "netlify deploy")
    assert set(deploy["env"]) == {"NETLIFY_AUTH_TOKEN", "NETLIFY_SITE_ID"}
    assert shlex.split(deploy["run"])[:6] == ["netlify", "deploy", "--no-build", "--dir", "site", "--prod-if-unlocked"]
    checkouts = [one["with"] for name, job, _ in jobs() for one in steps(name, job) if one.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(RIGHTS)
    assert all(one["persist-credentials"] is False for one in checkouts)


def test_actions_and_versions_are_pinned_alike() -> None:
    """Actions are GitHub's own, by major version or commit; Python and Node are the versions that Netlify is told, and that the project needs."""
    used = [one for name, job, _ in jobs() for one in steps(name, job) if "uses" in one]
    assert all(re.fullmatch(r"actions/[a-z-]+@(v\d+|[0-9a-f]{40})", one["uses"]) for one in used)
    versions = {key: {one["with"][key] for one in used if key in one.get("with", {})} for key in ("python-version", "node-version")}
    netlify = tomllib.loads((ROOT / "netlify.toml").read_text(encoding="utf-8"))["build"]["environment"]
    assert versions == {"python-version": {netlify["PYTHON_VERSION"]}, "node-version": {netlify["NODE_VERSION"]}}
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"] == f">={netlify['PYTHON_VERSION']}"
    assert json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["engines"]["node"] == f">={netlify['NODE_VERSION']}"


# -- steps ----------------------------------------------------------------------------------------------------------------


def test_steps_are_commands_of_the_project() -> None:
    """Every line of a command that is ours is a target of the Makefile or a command that build.py takes."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    seen = set()
    for name, job, _ in jobs():
        for line in (line.strip() for one in steps(name, job) for line in one.get("run", "").splitlines()):
            words = shlex.split(line.partition(" || ")[0])
            if words[0] == "make":
                assert all(re.search(rf"^{word}:", makefile, re.MULTILINE) for word in words[1:]), line
            elif words[0] == ".venv/bin/python":
                assert words[1] == "build.py"
                arguments.parser().parse_args(words[2:] or ["build"])
            else:
                assert words[0] in {"npm", "netlify", "code=0", "echo", "case", "exit"}, line
            seen.add(" ".join(words[:3]))
    assert {"make test-clone", ".venv/bin/python build.py follow", ".venv/bin/python build.py archive"} <= seen


def test_workflows_run_when_they_should() -> None:
    """Tests run at every push; CMS is asked weekly and on demand; what is merged is published, and each quarter on its first day."""
    assert set(workflow("test")["on"]) == {"push", "workflow_dispatch"}
    assert workflow("test")["on"]["push"] is None
    release, deploy = workflow("release")["on"], workflow("deploy")["on"]
    assert set(release) == {"schedule", "workflow_dispatch"}
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", release["schedule"][0]["cron"])
    assert set(deploy) == {"push", "schedule", "workflow_dispatch"}
    assert re.fullmatch(r"\d+ \d+ 1 1,4,7,10 \*", deploy["schedule"][0]["cron"])
    assert deploy["push"]["branches"] == ["main"]
    assert {"cms_data/**", "content/**", "rules/**", "medpayiq/**"} <= set(deploy["push"]["paths"])
    assert all((ROOT / path.removesuffix("/**")).exists() for path in deploy["push"]["paths"])


def test_a_deploy_ends_before_the_site_where_anything_fails() -> None:
    """The order is: restore, take in, check, build, deploy, archive; only a failed step would run out of it."""
    found = [one.get("run", "") for one in steps("deploy", "deploy")]
    order = [next(at for at, run_ in enumerate(found) if words in run_) for words in ("archive pull", "follow --accepted", "build.py check", "netlify deploy")]
    assert order == sorted(order)
    assert order[2] < found.index(".venv/bin/python build.py") < order[3]
    assert not [one for one in steps("deploy", "deploy") if "continue-on-error" in one or ("if" in one and "run" in one)]
    assert workflow("deploy")["jobs"]["archive"]["needs"] == "deploy"
    assert "if" not in workflow("deploy")["jobs"]["archive"]


@pytest.mark.parametrize(("name", "job", "good"), [("release", "follow", {0, 1, 3}), ("deploy", "deploy", {0})])
@pytest.mark.parametrize("code", [0, 1, 2, 3, 130])
def test_the_exit_code_is_passed_on(tmp_path: Path, name: str, job: str, good: set[int], code: int) -> None:
    """The step, run as GitHub runs it, hands on the code of `build.py follow`, and fails where the run itself failed."""
    stub = tmp_path / ".venv" / "bin" / "python"
    stub.parent.mkdir(parents=True)
    stub.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    stub.chmod(0o755)
    script = tmp_path / "step.sh"
    script.write_text(step(name, job, "build.py follow")["run"], encoding="utf-8")
    output = tmp_path / "output"
    done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)], cwd=tmp_path, env=os.environ | {"GITHUB_OUTPUT": str(output)}, check=False)
    assert output.read_text(encoding="utf-8") == f"code={code}\n"
    assert done.returncode == (0 if code in good else code)


def test_artifacts_that_are_fetched_are_left() -> None:
    """Each artifact that a job fetches is one that a job before it leaves, and the one of `follow` holds texts, answer and files."""
    for name in OURS:
        found = [one for job in workflow(name)["jobs"] for one in steps(name, job)]
        left = {one["with"]["name"] for one in found if "upload-artifact@" in one.get("uses", "")}
        fetched = {one["with"]["name"] for one in found if "download-artifact@" in one.get("uses", "")}
        assert fetched == left
    (upload,) = (one["with"] for one in steps("release", "follow") if "upload-artifact@" in one.get("uses", ""))
    # GitHub leaves out folders that begin with a dot.
    assert upload["path"].split() == ["follow/*.md", "follow/answer.json", "follow/files"]
    assert "--into follow" in step("release", "follow", "build.py follow")["run"]


@pytest.mark.parametrize("shared", [True, False])
def test_a_push_runs_what_a_clone_has(tmp_path: Path, shared: bool) -> None:
    """With ../shared at hand a push runs .ci/run, where nothing may be skipped; without it the tests, once every program is there."""
    work = tmp_path / "work"
    (work / ".ci").mkdir(parents=True)
    (work / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (work / ".ci" / "run").write_text("#!/bin/sh\necho ci\n", encoding="utf-8")
    (work / ".ci" / "run").chmod(0o755)
    if shared:
        (tmp_path / "shared").mkdir()
    bare = tmp_path / "bin"
    bare.mkdir()
    for program in ("make", "sh", "test"):
        (bare / program).symlink_to(Path("/usr/bin") / program)
    done = subprocess.run([bare / "make", "test-clone"], cwd=work, env={"PATH": str(bare)}, capture_output=True, encoding="utf-8", check=False)
    if shared:
        assert (done.returncode, done.stdout) == (0, "ci\n")
    else:
        assert done.returncode != 0
        assert "node is not here: install it" in done.stdout


# -- handing over ---------------------------------------------------------------------------------------------------------

MARK = texts.mark("late RVU26D")
FAKE = """
const said = [];
const core = { info: () => {}, warning: () => {} };
const context = { repo: { owner: "o", repo: "r" } };
const note = (what) => async (one) => { said.push([what, one]); return { data: { sha: what === "createTree" ? "tree9" : "commit9", number: 7 } }; };
const missing = () => Object.assign(new Error("Not Found"), { status: 404 });
const rest = {
  issues: { listForRepo: "issues", create: note("issue"), update: note("reissue") },
  pulls: { list: "pulls", create: note("pull"), update: note("repull") },
  git: {
    getRef: async ({ ref }) => { if (!(ref in given.refs)) throw missing(); return { data: { object: { sha: given.refs[ref] } } }; },
    getCommit: async ({ commit_sha }) => ({ data: given.commits[commit_sha] }),
    createTree: note("createTree"), createCommit: note("createCommit"), createRef: note("createRef"), updateRef: note("updateRef"),
  },
};
const github = { rest, paginate: async (what, asked) => { said.push([what, asked]); return given[what] || []; } };
try { await c[given.run]({ github, context, core, folder: given.folder, main: "main" }); } catch (problem) { said.push(["error", problem.message]); }
return said;
"""
MAIN: dict[str, Any] = {"refs": {"heads/main": "m1"}, "commits": {"m1": {"tree": {"sha": "tree1"}, "parents": []}}}


def handed(folder: Path, what: str, **given: Any) -> list[list[Any]]:
    """Hand over what is in a folder to a GitHub that is not there; return what was asked of it."""
    script = folder.parent / "script.cjs"
    script.write_text(
        f"const c = require({json.dumps(str(ROOT / '.github' / 'follow.cjs'))}); const given = {json.dumps({'run': what, 'folder': str(folder), **given})};\n"
        f"(async () => {{ {FAKE} }})().then((made) => console.log(JSON.stringify(made)));\n",
        encoding="utf-8",
    )
    done = run([node(), str(script)], seconds=60)
    assert done.returncode == 0, done.stderr
    found: list[list[Any]] = json.loads(done.stdout)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return what a run left: an issue, and a pull request with its files."""
    made = tmp_path / "follow"
    (made / "files" / "cms_data").mkdir(parents=True)
    (made / "issue.md").write_text(texts.issue(Issue("late RVU26D", "RVU26D is late", "a", "f", ("t",))), encoding="utf-8")
    (made / "pull-request.md").write_text("Seen at CMS\n", encoding="utf-8")
    (made / "files" / "cms_data" / "manifest.yml").write_text("base: x\n", encoding="utf-8")
    (made / "files" / "cms_data" / "accepted.json").write_text("{}\n", encoding="utf-8")
    answer = {"code": 3, "pull_request": {"file": "pull-request.md", "branch": "cms/rvu26d", "title": "New at CMS: RVU26D"}, "issues": [{"file": "issue.md", "mark": MARK, "title": "RVU26D is late"}]}
    (made / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    return made


def test_an_issue_is_opened_once(folder: Path) -> None:
    """A cause that has no open issue gets one; where one is open it is left, or its text is brought up to date. Others' issues do not count."""
    body = (folder / "issue.md").read_text(encoding="utf-8")
    asked, opened = handed(folder, "issues")
    assert asked[1] == {"owner": "o", "repo": "r", "state": "open", "creator": "github-actions[bot]", "per_page": 100}
    assert opened == ["issue", {"owner": "o", "repo": "r", "title": "RVU26D is late", "body": body}]
    # GitHub gives texts back with its own line ends.
    same = {"number": 4, "body": body.replace("\n", "\r\n")}
    assert len(handed(folder, "issues", issues=[same])) == 1
    assert handed(folder, "issues", issues=[{"number": 4, "body": f"{MARK}\nolder"}])[1] == ["reissue", {"owner": "o", "repo": "r", "issue_number": 4, "body": body}]
    for other in ({"number": 4, "body": None}, {"number": 4, "body": f"see {MARK}"}, {**same, "pull_request": {}}):
        assert handed(folder, "issues", issues=[other])[1][0] == "issue"


def test_a_pull_request_is_opened_on_the_main_branch(folder: Path) -> None:
    """Two files are committed on top of the main branch, on a branch of the release's own, and a pull request is opened."""
    said = dict(handed(folder, "pull", **MAIN))
    assert said["createTree"]["base_tree"] == "tree1"
    assert [(one["path"], one["mode"], one["content"]) for one in said["createTree"]["tree"]] == [("cms_data/manifest.yml", "100644", "base: x\n"), ("cms_data/accepted.json", "100644", "{}\n")]
    assert (said["createCommit"]["parents"], said["createCommit"]["tree"]) == (["m1"], "tree9")
    assert said["createRef"]["ref"] == "refs/heads/cms/rvu26d"
    assert {key: said["pull"][key] for key in ("head", "base", "title", "body")} == {"head": "cms/rvu26d", "base": "main", "title": "New at CMS: RVU26D", "body": "Seen at CMS\n"}


def test_an_open_pull_request_is_brought_up_to_date(folder: Path) -> None:
    """A second run renews branch and text of the pull request that is open; with the same files on the same commit the branch stays."""
    there = copy.deepcopy(MAIN)
    there["refs"]["heads/cms/rvu26d"] = "b1"
    there["commits"]["b1"] = {"tree": {"sha": "tree0"}, "parents": [{"sha": "m1"}]}
    said = dict(handed(folder, "pull", **there, pulls=[{"number": 5}]))
    assert (said["updateRef"]["ref"], said["updateRef"]["force"]) == ("heads/cms/rvu26d", True)
    assert said["repull"]["pull_number"] == 5
    assert "pull" not in said
    there["commits"]["b1"]["tree"]["sha"] = "tree9"
    said = dict(handed(folder, "pull", **there, pulls=[{"number": 5}]))
    assert not {"createCommit", "updateRef", "createRef"} & set(said)


def answer_with(folder: Path, **changed: Any) -> None:
    """Change what the run says it wrote."""
    path = folder / "answer.json"
    answer = json.loads(path.read_text(encoding="utf-8"))
    for key, value in changed.items():
        target = answer["pull_request"] if key == "branch" else answer["issues"][0]
        target[key] = value
    path.write_text(json.dumps(answer), encoding="utf-8")


@pytest.mark.parametrize(("changed", "words"), [({"branch": "main"}, "no branch of ours"), ({"branch": "cms/../main"}, "no branch of ours"), ({"file": "../site.yml"}, "no issue of ours"), ({"mark": "<!-- x -->"}, "no issue of ours")])
def test_names_that_no_run_writes_are_refused(folder: Path, changed: dict[str, str], words: str) -> None:
    """Nothing is written on a branch, or read from a file, that a run does not name."""
    answer_with(folder, **changed)
    for what in ("issues", "pull"):
        (said,) = handed(folder, what, **MAIN)
        assert said[0] == "error"
        assert words in said[1]


def test_texts_and_files_are_bounded(folder: Path) -> None:
    """A text longer than GitHub takes, an empty file and a link in the place of one are refused before anything is written."""
    body = folder / "pull-request.md"
    body.write_text("x" * 65_537, encoding="utf-8")
    assert handed(folder, "pull", **MAIN) == [["error", "pull-request.md is no plain file of 1 to 65536 characters"]]
    body.write_text("x" * 65_536, encoding="utf-8")
    assert handed(folder, "pull", **MAIN)[0][0] == "createTree"
    accepted = folder / "files" / "cms_data" / "accepted.json"
    accepted.unlink()
    accepted.symlink_to("/etc/hostname")
    assert "accepted.json is no plain file" in handed(folder, "pull", **MAIN)[0][1]
    (folder / "issue.md").write_text("no mark\n", encoding="utf-8")
    assert "does not begin with its mark" in handed(folder, "issues")[1][1]
