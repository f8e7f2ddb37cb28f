"""The files of /toolkit/: opened with other programs' libraries, and compared with CMS's own files read apart from the program."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import facts
import openpyxl
import pypdf
import pytest
from built import Site
from machine import CMS, ROOT

from medpayiq.content.library import Library
from medpayiq.edits import Edits
from medpayiq.loading import load
from medpayiq.pages.site import SiteData
from medpayiq.pages.toolkit import toolkit
from medpayiq.publish import Publication
from medpayiq.toolkit import files, picked, xlsx
from medpayiq.toolkit.contents import Contents, named
from medpayiq.toolkit.lists import Lists
from medpayiq.toolkit.models import Toolkit
from medpayiq.toolkit.pitfalls import beside
from medpayiq.toolkit.specialties import ALL, Specialties, specialties
from medpayiq.toolkit.weighing import tallies

THERAPY, EYE, EYE_NAME = "physical-occupational-and-speech-therapy", "ophthalmological-services", "Ophthalmological Services"
THERAPY_NAME = "Physical, Occupational, and Speech Therapy"
SHEETS = ["Read me", "Denial triggers", "Codes", "Modifiers", "Modifiers together", "Modifiers and edits", "Bundling conflicts"]

Pairs = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def pairs(full_site: Site) -> Pairs:
    """Return the pairs of CMS's edit set with their indicator, without those that were taken back; none of this set has an end."""
    made: Pairs = {}
    with zipfile.ZipFile(CMS / "ncci" / "ptp-practitioner-2026q3-v322r0.zip") as archive:
        for name in archive.namelist():
            for line in archive.read(name).decode("latin-1").splitlines()[6:]:
                one, two, _, _, deleted, indicator, _ = line.split("\t")
                assert deleted == "*"
                if indicator != "9":
                    made[one, two] = indicator
    return made


@pytest.fixture(scope="module")
def subcategory(full_site: Site) -> dict[str, str]:
    """Return code to RBCS subcategory, of the assignment that began last."""
    since: dict[str, tuple[str, str, str]] = {}
    with next((CMS / "rbcs").glob("*.csv")).open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            month, day, year = row["RBCS_Assignment_Eff_Dt"].split("/")
            found = (year, f"{month}{day}", row["RBCS_Subcat_Desc"])
            since[row["HCPCS_Cd"]] = max(found, since.get(row["HCPCS_Cd"], found))
    codes = facts.by_code()
    return {code: found[2] for code, found in since.items() if code in codes}


def folder(site: Site) -> Path:
    """Return where the files are."""
    return site.folder / "toolkit" / "files"


def lines_of(path: Path) -> list[list[str]]:
    """Return the rows of a CSV behind its head."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="ascii"))))[1:]


def test_the_page_offers_every_file_and_no_other(full_site: Site) -> None:
    """Each link of /toolkit/ is a file, each file is offered, and the number of edits beside a specialty is that of its CSV."""
    html = (full_site.folder / "toolkit" / "index.html").read_text(encoding="utf-8")
    offered = re.findall(r'href="/toolkit/files/([^"]+)" download="([^"]+)"', html)
    assert sorted(name for name, _ in offered) == sorted(path.name for path in folder(full_site).iterdir() if not path.name.endswith(".made-from.json"))
    assert all("rvu26c" in saved for _, saved in offered)
    for name, edits in re.findall(r'<tr><th scope="row">([^<]+)</th><td class="n">[\d,]+</td><td class="n">([\d,]+)</td>', html):
        slug = re.sub(r"[^a-z0-9]+", "-", name.replace("&amp;", " and ").lower()).strip("-")
        slug = "not-classified" if name.startswith("Codes that") else slug
        assert f"{len(lines_of(folder(full_site) / f'{slug}.csv')):,}" == edits, name


def test_the_lists_are_cms_s_edit_set(full_site: Site, pairs: Pairs, subcategory: dict[str, str]) -> None:
    """The lists of all specialties hold each pair of CMS's set once; a specialty's holds those with one of its codes, with their indicator."""
    whole = [row for name in ("all-1.csv", "all-2.csv") for row in lines_of(folder(full_site) / name)]
    assert len(whole) == len(pairs)
    assert {(one, two): indicator for one, two, indicator, _ in whole} == pairs
    assert whole == sorted(whole, key=lambda row: row[:2])
    for slug, name in ((THERAPY, THERAPY_NAME), (EYE, EYE_NAME), ("skin", "Skin")):
        theirs = {pair: kind for pair, kind in pairs.items() if name in {subcategory.get(pair[0]), subcategory.get(pair[1])}}
        rows = lines_of(folder(full_site) / f"{slug}.csv")
        assert {(one, two): indicator for one, two, indicator, _ in rows} == theirs
        assert len(rows) == len(theirs)


def test_a_list_says_which_set_and_which_amount_it_has(full_site: Site) -> None:
    """The head of a CSV names edit set and release; the amount of a column 2 code is CMS's; columns that the source leaves blank are left out."""
    path = folder(full_site) / f"{THERAPY}.csv"
    head = next(csv.reader(io.StringIO(path.read_text(encoding="ascii"))))
    assert head == ["Column 1", "Column 2", "Modifier indicator (edit set 2026 Q3 (v322r0))", "Column 2 amount in dollars (national non-QP, RVU26C)"]
    amounts = {two: amount for _, two, _, amount in lines_of(path)}
    assert amounts["97140"] == "27.72"
    for code, amount in amounts.items():
        cents = national(code)
        assert amount == ("" if cents is None else f"{cents // 100}.{cents % 100:02d}"), code


def national(code: str) -> int | None:
    """Return the national amount in cents of the row that a page shows: the office's, else the facility's."""
    rows = facts.by_code().get(code)
    row = facts.shown_row(rows) if rows else None
    if row is None:
        return None
    office, facility = (row.outcome(facts.NON_QP, setting)[1] for setting in (facts.OFFICE, facts.FACILITY))
    return office or facility or None


def by_the_rule(name: str, pairs: Pairs, subcategory: dict[str, str]) -> list[tuple[str, str, int, str]]:
    """Order a specialty's pairs as rules/toolkit.yml says in words: all of them at once, then down the list, three of a column 2 code at most."""
    titled = {path.stem for path in (ROOT / "content" / "codes").glob("*.yml")}
    cents = {code: amount for code in facts.by_code() if (amount := national(code))}
    away = {code for code, rows in facts.by_code().items() if (facts.shown_row(rows) or facts.main_row(rows)).na[facts.OFFICE]}
    found = []
    for (one, two), indicator in pairs.items():
        mine = [name == subcategory.get(code) for code in (one, two)]
        if not any(mine) or one not in cents or two not in cents:
            continue
        where = 0 if all(mine) else 1 if mine[1] else 2
        meet = (one in away) == (two in away)
        both = one in titled and two in titled
        found.append(((not meet, not both, where, -cents[two], -cents[one], one, two), indicator))
    taken: Counter[str] = Counter()
    made = []
    for (*_, amount, _, one, two), indicator in sorted(found):
        if taken[two] < 3:
            taken[two] += 1
            made.append((one, two, -amount, indicator))
    return made[:200]


@pytest.mark.parametrize(("slug", "name"), [(THERAPY, THERAPY_NAME), (EYE, EYE_NAME), ("musculoskeletal", "Musculoskeletal")])
def test_a_sheet_has_the_weightiest_conflicts_in_the_order_of_the_rule(full_site: Site, pairs: Pairs, subcategory: dict[str, str], slug: str, name: str) -> None:
    """The conflicts of a workbook are those that the rule gives when it is worked out from CMS's files alone, in its order."""
    sheet = openpyxl.load_workbook(folder(full_site) / f"{slug}.xlsx")["Bundling conflicts"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    shown = [(row[1], row[3], round(float(row[5]) * 100), row[6]) for row in rows]
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert shown == by_the_rule(name, pairs, subcategory)
    actions = {row[6]: row[8] for row in rows}
    assert actions["0"].startswith("Bill the column 1 code alone.")
    assert actions["1"].startswith("If they were: a site modifier")


def test_a_workbook_opens_elsewhere_and_computes_nothing(full_site: Site, subcategory: dict[str, str]) -> None:
    """Each table has a head that stays and a filter over all its rows; no cell is a formula; every code of the specialty is there."""
    book = openpyxl.load_workbook(folder(full_site) / f"{THERAPY}.xlsx")
    assert book.sheetnames == SHEETS
    for sheet in book.worksheets:
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        if sheet.title != "Read me":
            assert sheet.freeze_panes == "A2"
            assert sheet.auto_filter.ref == sheet.dimensions
            assert sheet.max_row > 1
    codes = {row[0]: row for row in book["Codes"].iter_rows(min_row=2, values_only=True)}
    assert codes.keys() == {code for code, name in subcategory.items() if name == THERAPY_NAME}
    # 97140: $27.72 in both settings, no global days, 6 units a day for clinical reasons (CMS's files of July and April 2026).
    assert codes["97140"][3:8] == (27.72, 27.72, "XXX", 6, "day, clinical")
    notes = [str(cell) for row in book["Read me"].iter_rows(values_only=True) for cell in row if cell]
    for said in ("RVU26C, July to September 2026", "2026 Q3 (v322r0)", "2026 Q2"):
        assert said in notes
    assert any("American Medical Association" in one for one in notes)
    assert any("CC BY 4.0" in one for one in notes)


def test_triggers_name_the_codes_of_cms_s_file(full_site: Site, subcategory: dict[str, str]) -> None:
    """Codes by status, by unit limit and by global days are those of CMS's files: none left out, none added."""
    sheet = openpyxl.load_workbook(folder(full_site) / "skin.xlsx")["Denial triggers"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    codes = [code for code in facts.by_code() if subcategory.get(code) == "Skin"]
    main = {code: facts.main_row(facts.by_code()[code]) for code in codes}
    text = next((CMS / "mue").glob("*.csv")).read_text(encoding="latin-1")
    limits = {code: (units, kind[0]) for code, units, kind, _ in list(csv.reader(io.StringIO(text)))[2:]}
    assert sum(row[6] for row in rows if row[2] == "STATUS C") == sum(1 for one in main.values() if one.status == "C")
    assert sum(row[6] for row in rows if row[2] == "STATUS R") == sum(1 for one in main.values() if one.status == "R")
    by_limit = Counter(limits[code] for code in codes if code in limits)
    for (units, kind), number in by_limit.items():
        label = None if units == "0" else f"{int(units):,} unit{'' if units == '1' else 's'}"
        shown = [row[6] for row in rows if row[2] == ("MUE 0" if units == "0" else f"MAI {kind}") and row[3] == label]
        assert shown == [number if units != "0" else sum(1 for code in codes if limits.get(code, ("",))[0] == "0")], (units, kind)
    for days in ("000", "010", "090", "ZZZ"):
        theirs = [code for code, one in main.items() if one.glob == days and one.status in "ARTC" and not one.plus and one.pctc != "3"]
        assert [row[6] for row in rows if row[2] == f"GLOB DAYS {days}"] == [len(theirs)], days


def test_a_modifier_is_refused_where_its_indicator_says_so(full_site: Site, subcategory: dict[str, str]) -> None:
    """50 is refused on the priced codes with BILAT SURG 9 alone; 80 on those with ASST SURG 1, and asks for documents on those with 0."""
    rows = list(openpyxl.load_workbook(folder(full_site) / "skin.xlsx")["Modifiers"].iter_rows(min_row=2, values_only=True))
    shown = {(row[0], row[3], row[5]): row[4] for row in rows}
    priced = [row for code, row_of in facts.by_code().items() if subcategory.get(code) == "Skin" and (row := facts.shown_row(row_of))]
    assert shown["50", "refused", "BILAT SURG 9"] == sum(1 for one in priced if one.bilat == "9")
    assert shown["80", "refused", "ASST SURG 1"] == sum(1 for one in priced if one.asst == "1")
    surgical = [one for one in priced if one.glob in {"000", "010", "090", "MMM", "YYY"} and one.pctc != "3"]
    assert shown["80", "condition", "ASST SURG 0"] == sum(1 for one in surgical if one.asst == "0")


def pages_of(data: bytes) -> tuple[pypdf.PdfReader, list[str]]:
    """Return a PDF and the text of each page, in one line."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    return reader, [" ".join(page.extract_text().split()) for page in reader.pages]


def repeated(outline: list[Any]) -> list[str]:
    """Return the bookmarks that stand twice at one place, with a reader's lists of those below them."""
    counts = Counter(one.title for one in outline if not isinstance(one, list))
    return [title for title, number in counts.items() if number > 1] + [title for one in outline if isinstance(one, list) for title in repeated(one)]


@pytest.mark.parametrize("slug", [THERAPY, "all", "musculoskeletal", "not-classified"])
def test_a_pdf_is_tagged_has_bookmarks_and_says_its_release_on_each_page(full_site: Site, slug: str) -> None:
    """The PDF claims PDF/UA-1, has a structure tree, a language and a title, three parts among its bookmarks, of which no two at one place are alike, its page number and release on every page, all fonts inside, and no date."""
    reader, texts = pages_of((folder(full_site) / f"{slug}.pdf").read_bytes())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/StructTreeRoot"]["/K"]
    assert str(root["/Lang"]).startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title.startswith("Revenue Protection Toolkit: ")
    assert reader.metadata.creation_date is None
    assert [one.title for one in reader.outline if not isinstance(one, list)] == ["1. Denial triggers", "2. Modifier pitfalls", "3. Bundling conflicts", "About this file"]
    assert repeated(reader.outline) == []
    for number, text in enumerate(texts, 1):
        assert "RVU26C, July to September 2026" in text, number
        assert f"Page {number} of {len(texts)}" in text, number
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"].get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        described = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & described["/FontDescriptor"].get_object().keys()


def test_no_text_of_cpt_or_d_codes_is_in_a_file(full_site: Site) -> None:
    """No cell, no page and no head of a list holds a descriptor of the AMA's or the ADA's."""
    assert full_site.texts is not None
    leaks = []
    for path in sorted(folder(full_site).iterdir()):
        texts: Iterator[str] = iter(())
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            texts = (cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str))
        elif path.suffix == ".pdf" and path.stem in {"all", THERAPY, "skin", "not-classified"}:
            # A line at a time: a page as a whole would also be searched across its columns.
            texts = (line for page in pypdf.PdfReader(path).pages for line in page.extract_text().splitlines())
        elif path.suffix == ".csv":
            lines = path.read_text(encoding="ascii").split("\r\n")
            assert all(re.fullmatch(r"[0-9A-Z]{5},[0-9A-Z]{5},[01],(\d+\.\d\d)?", line) for line in lines[1:-1])
            texts = iter(lines[:1])
        leaks += [f"{path.name}: {leak!r} in {text!r}" for text in texts for leak in full_site.texts.found(text)]
    assert leaks == []


# -- the sample, and made-up texts --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> SiteData:
    """Return the embedded sample, loaded."""
    return load("sample")[0]


@pytest.fixture(scope="module")
def kit(sample: SiteData) -> Toolkit:
    """Return the sample's one toolkit."""
    kinds = specialties(sample)
    counts = tallies(sample, kinds)
    assert [one.slug for one in named(kinds, counts, sample=True)] == [ALL]
    return Contents(sample, kinds, counts).of(kinds.by_slug[ALL])


def test_a_text_that_looks_like_a_formula_stays_a_text(sample: SiteData, kit: Toolkit) -> None:
    """Cells that begin with = + - or @ are texts, in a table and among the notes, and a link is none."""
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "https://example.org/", "{=1}", "007"]
    lines = tuple(one._replace(name=text) for one, text in zip(kit.lines, evil, strict=False))
    book = openpyxl.load_workbook(io.BytesIO(xlsx.xlsx(kit._replace(lines=lines, facts=tuple((text, text) for text in evil)), sample.position, "2026-07-01")))
    cells = [book["Codes"].cell(row, 2) for row in range(2, 2 + len(evil))]
    cells += [cell for row in book["Read me"].iter_rows(min_row=4, max_row=3 + len(evil)) for cell in row]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None) for text in (*evil, *(each for one in evil for each in (one, one)))]


def test_the_same_release_gives_the_same_bytes(sample_site: Site) -> None:
    """Another process with other hashes writes the very files of the site, and none of them tells the day of the build."""
    program = "import hashlib, json\nfrom medpayiq.loading import load\nfrom medpayiq.toolkit import files, pdf, xlsx\nfrom medpayiq.toolkit.contents import Contents\nfrom medpayiq.toolkit.specialties import specialties\nfrom medpayiq.toolkit.lists import Lists\nfrom medpayiq.toolkit.weighing import tallies\nsite = load('sample')[0]\nkinds = specialties(site)\nkit = Contents(site, kinds, tallies(site, kinds)).of(kinds.by_slug['all'])\nmade = [pdf.pdf(kit, site.position, site.config.base_url), xlsx.xlsx(kit, site.position, site.snapshot.meta.effective_from), *Lists(site, kinds).files('all')]\nprint(json.dumps([hashlib.sha256(one).hexdigest() for one in made]))"
    made = [subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={"PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": day}, capture_output=True, text=True, check=True).stdout for seed, zone, day in (("1", "UTC", "1785600000"), ("2", "Asia/Tokyo", "1790000000"))]
    built = [hashlib.sha256((folder(sample_site) / f"all.{end}").read_bytes()).hexdigest() for end in ("pdf", "xlsx", "csv")]
    assert [json.loads(one) for one in made] == [built, built]


def test_what_was_made_from_the_same_is_kept(sample: SiteData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second build makes nothing; one with another title makes the files that show it, and a list shows none; a damaged record makes its part anew."""
    asked: list[str] = []
    render = files._render

    def counting(end: str, kit: Toolkit, site: SiteData) -> bytes:
        asked.append(end)
        return render(end, kit, site)

    def counting_lists(site: SiteData, kinds: Specialties) -> Lists:
        asked.append("csv")
        return Lists(site, kinds)

    monkeypatch.setattr(files, "_render", counting)
    monkeypatch.setattr(files, "Lists", counting_lists)

    def build(site: SiteData, shared: str = "same") -> list[str]:
        asked.clear()
        with Publication(tmp_path / "site") as publication:
            writer = publication.writer()
            for part in (files.sheets, files.lists):
                part(site, tmp_path / "site", shared, writer, lambda: None)
            publication.add(writer.entries())
            publication.commit()
        return sorted(asked)

    assert build(sample) == ["csv", "pdf", "xlsx"]
    assert build(sample) == []
    assert build(sample, "another program, the same contents") == ["csv"]
    shared = "another program, the same contents"
    code, note = next((code, note) for code, note in sample.library.notes.items() if code in sample.by_code)
    library = replace(sample.library, notes={**sample.library.notes, code: replace(note, title="Another title")})
    assert isinstance(library, Library)
    other = replace(sample, library=library)
    assert build(other, shared) == ["pdf", "xlsx"]
    for name, made in (("sheets", ["pdf", "xlsx"]), ("lists", ["csv"])):
        (tmp_path / "site" / "toolkit" / "files" / f"{name}.made-from.json").write_bytes(b'{"inputs": 3}')
        assert build(other, shared) == made


def test_without_edits_there_is_nothing_to_download_and_the_page_says_so(sample: SiteData, tmp_path: Path) -> None:
    """A release that was imported without an edit set has a page without files."""
    bare = replace(sample.snapshot, meta=replace(sample.snapshot.meta, editions={}))
    site = replace(sample, snapshot=bare, edits=Edits(bare))
    page = toolkit(site)
    assert page.whole is None
    assert page.shelves == ()
    with Publication(tmp_path / "site") as publication:
        writer = publication.writer()
        for part in (files.sheets, files.lists):
            part(site, tmp_path / "site", "", writer, lambda: None)
        publication.add(writer.entries())
        publication.commit()
    assert sorted(path.name for path in (tmp_path / "site" / "toolkit" / "files").iterdir()) == ["lists.made-from.json", "sheets.made-from.json"]


def test_sentences_on_modifiers_together_have_no_gap(sample: SiteData) -> None:
    """Each pair of rules/modifiers.yml that refuses itself is told, with names in the place of placeholders."""
    book = sample.calculators.book
    told = list(beside(book))
    assert len(told) == len(book["refused"]) + 2  # CQ needs GP, CO needs GO
    assert all("{" not in one.say and one.say.endswith(".") for one in told)
    assert "Leave RT or LT out." in next(one.say for one in told if one.among == "50 with RT, LT")


def test_my_codes_knows_modifiers_and_changes(full_site: Site) -> None:
    """A therapy code has its plans of care and assistants, a knee replacement its surgeons and sides; the codes that RVU26B lacks are new, and no other."""
    book = json.loads((full_site.folder / picked.BOOK).read_bytes())
    modifiers = {code: book["modifiers"][place].split() for code, place in book["of"].items()}
    assert {"GP", "GO", "GN", "CQ", "CO", "KX"} <= set(modifiers["97140"])
    assert {"50", "RT", "LT", "80", "AS", "54", "55", "78"} <= set(modifiers["27447"])
    assert not {"59", "XE", "XS", "76", "GA"} & {one for names in modifiers.values() for one in names}
    assert book["against"] == "RVU26B"
    assert sorted(book["added"]) == sorted(facts.codes_of_release("rvu26c").keys() - facts.codes_of_release("rvu26b").keys())
    before, now = facts.codes_of_release("rvu26b"), facts.codes_of_release("rvu26c")
    moved = [code for code, status in now.items() if code in before and before[code] != status]
    assert moved
    for code in moved:
        assert any(f"Status {before[code]} to {now[code]}" in text for text in book["changed"][code]), code
    assert book["changed"].keys() <= now.keys()
