"""The code index can be read back, the digest tells what changed, and Pagefind's failures say what to do."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from built import Site
from programs import node

from medpayiq import words
from medpayiq.search import DELETED, Asked, IndexEntry, code_index, word_index
from medpayiq.words import PagefindResult, SearchError, indexed_digest, page_digest, run_pagefind

READER = Path(__file__).parent.parent / "assets" / "js" / "search" / "index.js"


def some_entries(count: int, seed: int) -> list[IndexEntry]:
    """Codes of every shape, with names that repeat and labels of every kind."""
    chance = random.Random(seed)  # noqa: S311 - test data
    letters = "ABCDEGHJKLMPQRSTV"
    codes = {
        chance.choice(
            (
                f"{chance.randrange(100_000):05}",
                f"{chance.randrange(10_000):04}{chance.choice('FTUMA')}",
                f"{chance.choice(letters)}{chance.randrange(10_000):04}",
            )
        )
        for _ in range(count)
    }
    names = ["", "Knee replacement", 'Says "quote", comma*star', "Schädel-Röntgen", "Office visit"]
    verdicts = ["Not covered", "Bundled", "$", "$1234.00", "$01.00", "-1", "3*4,5", ""]
    return [
        IndexEntry(
            code,
            chance.choice(names),
            f"${chance.randrange(3_000_000) / 100:,.2f}" if chance.random() < 0.6 else chance.choice(verdicts),
            DELETED if chance.random() < 0.1 else "code",
        )
        for code in ["GXXX1", *codes]
    ]


def read_index(data: bytes) -> list[IndexEntry]:
    """Read the index by its description alone, sharing no line with the writer."""
    packed = json.loads(data)
    assert packed["v"] == 1
    if not packed["codes"]:
        return []

    codes: list[str] = []
    text = packed["codes"]
    while text:
        shared = int(text[0])
        rest = 5 - shared
        codes.append((codes[-1][:shared] if codes else "") + text[1 : 1 + rest])
        text = text[1 + rest :]

    def runs(column: str) -> list[tuple[str, int]]:
        pairs = [run.partition("*") for run in packed[column].split(",")]
        return [(value, int(times) if star else 1) for value, star, times in pairs]

    def from_table(column: str, table: str) -> list[str]:
        values: list[str] = []
        unused = iter(packed[table])
        for value, times in runs(column):
            values += [packed[table][int(value)] if value else next(unused)] * times
        return values

    labels: list[str] = []
    for value, times in runs("label"):
        number = int(value)
        label = packed["labels"][-number - 1] if number < 0 else f"${number // 100:,}.{number % 100:02}"
        labels += [label] * times
    columns = zip(codes, from_table("name", "names"), labels, from_table("kind", "kinds"), strict=True)
    return [IndexEntry(*row) for row in columns]


@pytest.mark.parametrize("count", [0, 1, 2, 40, 3000])
def test_the_index_gives_back_every_entry(count: int) -> None:
    """Reading the index by its description gives back every entry, sorted by code."""
    entries = some_entries(count, seed=count) if count else []
    assert read_index(code_index(entries)) == sorted(entries, key=lambda entry: entry.code)


def test_browser_reads_what_python_writes(tmp_path: Path) -> None:
    """The browser's reader unpacks the same entries that Python packed."""
    program = node()
    for count in (0, 1, 500):
        entries = some_entries(count, seed=7) if count else []
        file = tmp_path / "codes.json"
        file.write_bytes(code_index(entries))
        script = f"""
            import {{ readFileSync }} from 'node:fs';
            import {{ decode }} from {json.dumps(READER.as_uri())};
            const index = decode(JSON.parse(readFileSync({json.dumps(str(file))}, 'utf8')));
            const row = (code, at) => [code, index.names[index.nameOf[at]], index.labels[at], index.kinds[at]];
            console.log(JSON.stringify(index.codes.map(row)));
        """
        done = subprocess.run([program, "--input-type=module", "--eval", script], capture_output=True, encoding="utf-8", check=True)
        expected = sorted(entries, key=lambda entry: entry.code)
        assert [IndexEntry(*row) for row in json.loads(done.stdout)] == expected


def test_browser_reads_what_people_type(tmp_path: Path) -> None:
    """The browser's reader unpacks the same phrases, common codes and modifiers that Python packed, in whatever order they came."""
    asked = [Asked("97761", ("prosthetic training", "artificial limb"), common=True), Asked("20610", ("knee injection",), common=False), Asked("20611", ("it's \"big\"",), common=True)]
    file = tmp_path / "words.json"
    file.write_bytes(word_index(asked, ["XU", "25"]))
    assert file.read_bytes() == word_index(reversed(asked), ["25", "XU"])
    script = f"""
        import {{ readFileSync }} from 'node:fs';
        import {{ decodePhrases }} from {json.dumps(READER.as_uri())};
        const {{ codes, words, common, modifiers }} = decodePhrases(JSON.parse(readFileSync({json.dumps(str(file))}, 'utf8')));
        console.log(JSON.stringify([codes, words.map((one) => one.split(' | ')), [...common], [...modifiers]]));
    """
    done = subprocess.run([node(), "--input-type=module", "--eval", script], capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout) == [
        ["20610", "20611", "97761"],
        [["knee injection"], ['it\'s "big"'], ["prosthetic training", "artificial limb"]],
        ["20611", "97761"],
        ["25", "XU"],
    ]


ANSWERS = {
    "annual wellness visit": {"G0438", "G0439"},
    "knee replacement": {"27447"},
    "hip replacement": {"27130"},
    "cataract surgery": {"66984"},
    "echocardiogram": {"93306"},
    "ekg": {"93000"},
    "skin tag removal": {"11200"},
    "ear wax removal": {"69210"},
    "appendectomy": {"44970", "44950"},
    "egd with biopsy": {"43239"},
    "screening mammogram": {"77067"},
    "ct abdomen and pelvis with contrast": {"74177"},
    "chest x-ray 2 views": {"71046"},
    "dexa scan": {"77080"},
    "holter monitor": {"93224"},
    "flu shot administration": {"G0008"},
    "manual therapy": {"97140"},
    "chronic care management": {"99490"},
    "critical care": {"99291"},
    "knee injection with ultrasound": {"20611"},
    "what is the cpt code for a vasectomy?": {"55250"},
    "tka": {"27447"},
    "colonscopy with polyp removal": {"45385"},
}
"""What billers type, and codes that they mean: the field's own knowledge of these services."""


def test_what_people_type_leads_to_the_code(full_site: Site, tmp_path: Path) -> None:
    """Among the first five codes that the box offers for words is one that is meant, on the full release."""
    lists = offered(full_site.folder, list(ANSWERS), tmp_path)
    assert {text: found for text, found in lists.items() if not ANSWERS[text] & set(found)} == {}


def offered(site: Path, texts: list[str], folder: Path) -> dict[str, list[str]]:
    """Ask the box's own functions what they offer for each text, with the files of a finished site."""
    query = READER.with_name("query.js")
    files = {name: str(next((site / "assets").glob(f"{name}.*.json"))) for name in ("codes", "words")}
    script = folder / "ask.mjs"
    script.write_text(
        f"""
        import {{ readFileSync }} from 'node:fs';
        import {{ decode, decodePhrases }} from {json.dumps(READER.as_uri())};
        import {{ matches }} from {json.dumps(query.as_uri())};
        const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
        const index = {{ ...decode(read({json.dumps(files["codes"])})), phrases: decodePhrases(read({json.dumps(files["words"])})) }};
        console.log(JSON.stringify(Object.fromEntries({json.dumps(texts)}.map((text) => [text, matches(index, text, 5).map((hit) => hit.code)]))));
        """,
        encoding="utf-8",
    )
    done = subprocess.run([node(), str(script)], capture_output=True, encoding="utf-8", check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_index_is_deterministic() -> None:
    """The order in which entries arrive does not change a byte."""
    entries = some_entries(500, seed=1)
    shuffled = random.Random(2).sample(entries, len(entries))  # noqa: S311 - test data
    assert code_index(shuffled) == code_index(iter(entries))


def test_index_writes_a_name_once() -> None:
    """A name that a thousand codes share is in the file once, and the file stays small."""
    entries = [IndexEntry(f"{code:05}", "A rather long family name", "$40.42") for code in range(1000, 2000)]
    data = code_index(entries)
    assert data.count(b"family name") == 1
    assert len(data) < 3000


def test_index_refuses_what_it_cannot_hold() -> None:
    """A code of another length and a code that comes twice are refused by name."""
    with pytest.raises(ValueError, match="'9776' cannot be indexed"):
        code_index([IndexEntry("9776", "", "")])
    with pytest.raises(ValueError, match="'j1100' cannot be indexed"):
        code_index([IndexEntry("j1100", "", "")])
    with pytest.raises(ValueError, match="97761 is in the index twice"):
        code_index([IndexEntry("97761", "a", ""), IndexEntry("97761", "b", "")])


PAGE = """<!doctype html><html lang="en"><head><title>{title}</title><link rel="stylesheet" href="/a.{version}.css"></head>
<body><header>Menu {version}</header><main id="m" data-pagefind-body><h1>{title}</h1><p>{text}</p>{more}</main>
<footer>{version}</footer></body></html>"""


def page(title: str = "Knee", text: str = "Replacement", *, version: str = "1", more: str = "") -> bytes:
    """Write a page as the site does: a marked main part between parts that are not indexed."""
    return PAGE.format(title=title, text=text, version=version, more=more).encode()


def test_page_digest_ignores_what_is_not_indexed() -> None:
    """New style sheets, menus and footers do not ask for a new index."""
    assert page_digest(page(version="1")) == page_digest(page(version="2"))


def test_page_digest_sees_what_is_indexed() -> None:
    """Title, text, nested parts and Pagefind's own attributes outside the body each change the digest."""
    nested = '<div data-pagefind-weight="{}"><main>a</main>b</div><p>c</p>'
    filtered = page().replace(b"<footer>", b'<footer><i data-pagefind-filter="kind">CPT</i>')
    variants = [
        page(),
        page(title="Hip"),
        page(text="Repair"),
        page(more=nested.format(2)),
        page(more=nested.format(3)),
        page(more=nested.format(3).replace("<p>c", "<p>d")),
        filtered,
        filtered.replace(b">CPT<", b">CDT<"),
        page().replace(b"</main>", b""),
    ]
    digests = [page_digest(variant) for variant in variants]
    assert None not in digests
    assert len(set(digests)) == len(variants)


def test_page_digest_of_an_unmarked_page() -> None:
    """A page without data-pagefind-body is not indexed and has no digest."""
    assert page_digest(page().replace(b" data-pagefind-body", b"")) is None


def test_indexed_digest_merges_workers() -> None:
    """However the pages are shared among workers and whoever finishes first, the digest is the same."""
    pairs = [(f"/codes/{code:05}/", page_digest(page(title=str(code))) or "") for code in range(200)]
    one, two = pairs[::2], pairs[1::2]
    assert indexed_digest(one + two) == indexed_digest(reversed(pairs)) == indexed_digest(iter(two + one))


def test_indexed_digest_sees_every_change() -> None:
    """A changed, moved, added or removed page changes the digest."""
    pairs = [("/a/", "1"), ("/b/", "2")]
    others = [[("/a/", "1"), ("/b/", "3")], [("/a/", "2"), ("/b/", "1")], [*pairs, ("/c/", "3")], pairs[:1], []]
    digests = {indexed_digest(each) for each in (pairs, *others)}
    assert len(digests) == 1 + len(others)


def test_indexed_digest_refuses_a_page_twice() -> None:
    """Two workers that render the same page are a mistake of the build."""
    with pytest.raises(ValueError, match="/a/ was rendered twice"):
        indexed_digest([("/a/", "1"), ("/b/", "2"), ("/a/", "1")])


def write_site(folder: Path, *codes: str) -> Path:
    """Write a site with one marked page a code and one page that is not to be found."""
    for code in codes:
        file = folder / "codes" / code / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page(title=code, text=f"Words about {code} and knees"))
    folder.mkdir(exist_ok=True)
    (folder / "404.html").write_text("<!doctype html><html lang=en><title>Gone</title><main>Gone</main></html>", "utf-8")
    return folder


def pages_of(site: Path) -> list[str]:
    """List a site's pages by their paths."""
    return sorted(str(path.relative_to(site)) for path in site.rglob("*.html"))


def fragments(bundle: Path) -> dict[str, dict[str, object]]:
    """Read what Pagefind keeps of each page, by address."""
    made = [json.loads(data[data.index(b"{") :]) for data in (gzip.decompress(path.read_bytes()) for path in bundle.rglob("*.pf_fragment"))]
    return {one["url"]: one for one in made}


def test_an_extract_is_indexed_as_its_page(tmp_path: Path, sample_site: Site) -> None:
    """Of the extracts of the sample's pages, and of pages that mark themselves in odd ways, Pagefind keeps the same as of the whole pages: text, title, anchors."""
    odd = {
        "outside": b"<!doctype html><html lang=en><title>T</title><h1>Its <b>name</b></h1><main data-pagefind-body><h2 id=a>Part</h2>text</main><footer>no</footer>",
        "two": b"<!doctype html><html lang=en><title>T</title><header data-pagefind-body><h1>Name</h1></header><p>no</p><div class=x data-pagefind-body><div>in</div>more</div><p>no</p>",
        "open": b"<!doctype html><html lang=en><title>T</title><main data-pagefind-body><h1>Never closed</h1><p>text",
        "filter": b'<!doctype html><html lang=en><title>T</title><i data-pagefind-filter="kind">CPT</i><main data-pagefind-body><h1>N</h1>text</main>',
        "weight": b'<!doctype html><html lang=en><title>T</title><main data-pagefind-body><h1>N</h1><p data-pagefind-weight="9">text</p><p data-pagefind-ignore>no</p></main>',
    }
    site = tmp_path / "site"
    pages = {path: (sample_site.folder / path).read_bytes() for path in pages_of(sample_site.folder)} | {f"{name}.html": data for name, data in odd.items()}
    # Pagefind counts pages as it comes upon them, on some file systems in the order of writing: here as there, folders first.
    for path in sorted(pages):
        (site / path).parent.mkdir(parents=True, exist_ok=True)
    for path, data in sorted(pages.items()):
        (site / path).write_bytes(data)
    whole, own = tmp_path / "whole", tmp_path / "own"
    words._pagefind(site, whole)
    run_pagefind(site, pages_of(site))
    (site / "pagefind").rename(own)
    assert len(fragments(own)) > 100
    assert fragments(own) == fragments(whole)
    assert {path.name for path in own.rglob("*.pf_index")} == {path.name for path in whole.rglob("*.pf_index")}


def test_pagefind_indexes_marked_pages(tmp_path: Path) -> None:
    """Five marked pages are indexed, the unmarked one is not, and only files the site uses are left."""
    site = write_site(tmp_path / "site", "97760", "97761", "97763", "99213", "J1100")
    result = run_pagefind(site, pages_of(site))
    assert isinstance(result, PagefindResult)
    assert result.pages == 5
    assert result.words > 5
    assert (site / "pagefind" / "pagefind.js").is_file()
    assert not list((site / "pagefind").glob("*ui*"))
    assert sorted(path.name for path in site.iterdir()) == ["404.html", "codes", "pagefind"]


def contents(bundle: Path) -> dict[str, bytes]:
    """Read every file of a bundle."""
    return {path.relative_to(bundle).as_posix(): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}


@pytest.mark.parametrize("jobs", [2, 3, 9])
def test_several_processes_make_the_index_of_one(tmp_path: Path, jobs: int) -> None:
    """However many processes take the marked parts out of the pages, and if there are more of them than pages, the index is the same."""
    codes = ("97760", "97761", "97763", "99213", "J1100")
    sites = [write_site(tmp_path / name, *codes) for name in ("one", "several")]
    made = [run_pagefind(site, pages_of(site), number) for site, number in zip(sites, (1, jobs), strict=True)]
    assert made[0].pages == made[1].pages == len(codes)
    assert contents(sites[0] / "pagefind") == contents(sites[1] / "pagefind")


def test_what_stops_another_process_is_told_by_this_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A page that cannot be read stops the index with that page's name, once, in whichever process it falls."""
    site = write_site(tmp_path / "site", "97760", "97761", "97763", "99213")
    with pytest.raises(FileNotFoundError, match="98888"):
        run_pagefind(site, [*pages_of(site), "codes/98888/index.html"], 3)
    assert "Traceback" not in capfd.readouterr().err
    assert not (site / ".pagefind.text").exists()


def test_pagefind_forgets_earlier_pages(tmp_path: Path) -> None:
    """Indexing again leaves no fragment of a page that has changed or gone."""
    site = write_site(tmp_path / "site", "97760", "97761", "97763")
    run_pagefind(site, pages_of(site))
    shutil.rmtree(site / "codes" / "97760")
    assert run_pagefind(site, pages_of(site)).pages == 2
    assert len(list((site / "pagefind" / "fragment").iterdir())) == 2


def test_a_missing_site_is_named_before_pagefind_runs(tmp_path: Path) -> None:
    """A missing site directory is named before any tool is run."""
    with pytest.raises(SearchError, match="there is no such directory"):
        run_pagefind(tmp_path / "nowhere", [])


def test_pagefind_with_nothing_to_index(tmp_path: Path) -> None:
    """A site without pages is refused before Pagefind is run, and nothing is left behind."""
    with pytest.raises(SearchError, match="has data-pagefind-body"):
        run_pagefind(tmp_path, [])
    assert not list(tmp_path.iterdir())


def test_pagefind_without_marked_pages_keeps_the_last_index(tmp_path: Path) -> None:
    """A site that lost its data-pagefind-body is refused, and the last good bundle stays."""
    site = write_site(tmp_path / "site", "97760")
    run_pagefind(site, pages_of(site))
    before = {path: path.read_bytes() for path in (site / "pagefind").rglob("*") if path.is_file()}
    shutil.rmtree(site / "codes")
    with pytest.raises(SearchError, match="has data-pagefind-body"):
        run_pagefind(site, pages_of(site))
    assert {path: path.read_bytes() for path in (site / "pagefind").rglob("*") if path.is_file()} == before
    assert not (site / ".pagefind.new").exists()


def test_pagefind_obeys_no_stray_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment nor a settings file in the working directory changes what is indexed."""
    site = write_site(tmp_path / "site", "97760", "97761")
    (tmp_path / "pagefind.toml").write_text('glob = "nothing"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAGEFIND_GLOB", "nothing")
    assert run_pagefind(site, pages_of(site)).pages == 2
