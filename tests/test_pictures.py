"""Pictures that pages are shared with, and icons."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import cast

import pytest
from built import BASE, SETTINGS, Site

from medpayiq import pictures
from medpayiq.loading import load
from medpayiq.pages import hubs
from medpayiq.pages.site import SiteData
from medpayiq.paths import DESCRIPTORS, MANIFEST, SNAPSHOTS
from medpayiq.trees import TreeWriter

# Of RBCS's own table of categories; a code that it lacks has the picture of all such codes, a page without a category the general one.
EXPECTED = {"/codes/97110/": "treatment", "/codes/99213/": "e-and-m", "/codes/27447/": "procedure", "/codes/70496/": "imaging", "/codes/93000/": "test", "/codes/00100/": "anesthesia", "/codes/D2740/": "codes", "/codes/97762/": "medicare", "/browse/imaging/": "imaging", "/browse/": "medicare", "/": "medicare", "/privacy/": "medicare"}


def size_of(png: bytes) -> tuple[int, int]:
    """Return the width and height that a PNG's head tells."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert png[12:16] == b"IHDR"
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


class Folder:
    """Writes into a folder as a build's tree is written into, and counts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.done: Counter[str] = Counter()

    def write(self, path: str, data: bytes) -> bytes:
        """Put a file down; its digest is its first bytes, which tells these files apart."""
        self.done["written"] += not path.endswith("made-from.txt")
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)
        return path.encode()

    def keep(self, path: str, digest: bytes) -> bool:
        """Say whether the file is still there."""
        self.done["kept"] += 1
        return digest == path.encode() and (self.root / path).is_file()


@pytest.fixture(scope="module")
def sample() -> SiteData:
    """Return the sample, loaded."""
    return load("sample", SNAPSHOTS, MANIFEST, DESCRIPTORS)[0]


def test_every_page_is_shared_with_the_picture_of_its_category(sample_site: Site) -> None:
    """Each page names a picture that is there, 1200 by 630 pixels, below 60 kB, and says in words what it is of."""
    pages = sample_site.pages
    named = {url: page.metas["og:image"].removeprefix(f"{BASE}/pictures/").removesuffix(".png") for url, page in pages.items()}
    assert {url: named[url] for url in EXPECTED} == EXPECTED
    for name in set(named.values()):
        data = (sample_site.folder / "pictures" / f"{name}.png").read_bytes()
        assert size_of(data) == (1200, 630), name
        assert len(data) < 60_000, name
    for url, page in pages.items():
        metas = page.metas
        assert (metas["og:image:width"], metas["og:image:height"], metas["twitter:card"]) == ("1200", "630", "summary_large_image"), url
        assert metas["og:image:alt"].startswith(f"{SETTINGS['name']}: "), url
    assert len({page.metas["og:image:alt"] for page in pages.values()}) == len(set(named.values()))


def test_pictures_of_a_release_are_light(full_site: Site) -> None:
    """With every code there is a picture for each of RBCS's eight categories, one for codes that it lacks, and the general one, each used and below 60 kB."""
    made = {path.stem: path.read_bytes() for path in (full_site.folder / "pictures").glob("*.png") if not path.stem.startswith(("icon-", "touch"))}
    assert len(made) == 10
    assert {size_of(data) for data in made.values()} == {(1200, 630)}
    assert max(map(len, made.values())) < 60_000
    assert {page.metas["og:image"] for page in full_site.pages.values()} == {f"{BASE}/pictures/{name}.png" for name in made}


def test_every_page_of_a_category_has_its_picture(full_site: Site) -> None:
    """Each page that its breadcrumbs place below a category is shared with that category's picture, each other page with the general one."""
    for url, page in full_site.pages.items():
        above = [one["item"].removeprefix(f"{BASE}/browse/").strip("/") for crumbs in page.ld[1:] for one in crumbs["itemListElement"] if one["item"].startswith(f"{BASE}/browse/")]
        category = next((name for name in above if name and "/" not in name), "medicare")
        assert page.metas["og:image"] == f"{BASE}/pictures/{category}.png", url


def test_pictures_say_categories_and_nothing_of_a_code(sample: SiteData) -> None:
    """What is printed is the site's tagline, CMS's names of its categories, or our words for them, and how many codes they have."""
    told = pictures.pictures(sample, hubs.build(sample))
    assert told[0].name == SETTINGS["tagline"]
    plain = {"Anesthesia", "Durable medical equipment", "Evaluation and management", "Imaging", "Other services", "Procedures", "Tests", "Treatments", "Other codes by number"}
    assert {one.name for one in told[1:]} <= plain
    assert sum(int(one.size.split()[0]) for one in told[1:]) == int(told[0].size.split()[0]) == len(sample.entries)


def test_pictures_are_made_again_only_from_something_else(sample: SiteData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same inputs give the same bytes and are kept; a file that was lost, another template or another release makes them again."""
    tree = hubs.build(sample)
    first = pictures.files(sample, tree)
    assert pictures.files(sample, tree) == first

    def write(site: SiteData = sample) -> dict[str, int]:
        folder = Folder(tmp_path)
        pictures.write(site, tree, tmp_path, cast("TreeWriter", folder))
        return {"written": folder.done["written"], "kept": folder.done["kept"]}

    everything = {"written": len(first), "kept": 0}
    assert write() == everything
    assert {path: (tmp_path / path).read_bytes() for path in first} == first
    assert write() == {"written": 0, "kept": len(first)}
    (tmp_path / "pictures" / "touch.png").unlink()
    assert write()["written"] == len(first)
    (tmp_path / "pictures" / "made-from.txt").write_text("not what a build writes\n", encoding="ascii")
    assert write() == everything
    other = tmp_path / "picture.typ"
    other.write_text(pictures.TEMPLATE.read_text(encoding="utf-8").replace("#fbfaf6", "#ffffff"), encoding="utf-8")
    monkeypatch.setattr(pictures, "TEMPLATE", other)
    assert write() == everything
    assert (tmp_path / "pictures" / "medicare.png").read_bytes() != first["pictures/medicare.png"]


def test_every_page_names_its_icons(sample_site: Site) -> None:
    """Every page names the three icons: SVG, an ICO with one picture of 32 pixels for older browsers, and 180 pixels without corners for phones."""
    head = (sample_site.folder / "index.html").read_text(encoding="utf-8").split("</head>")[0]
    assert '<link rel="icon" href="/favicon.ico" sizes="32x32">' in head
    assert '<link rel="apple-touch-icon" href="/pictures/touch.png">' in head
    assert 'type="image/svg+xml"' in head
    ico = (sample_site.folder / "favicon.ico").read_bytes()
    # Head: reserved, 1 for icons, how many; entry: width, height, colours, reserved, planes, bits, bytes, where (Microsoft's ICO format).
    assert ico[:6] == bytes([0, 0, 1, 0, 1, 0])
    assert ico[6:8] == bytes([32, 32])
    length, at = int.from_bytes(ico[14:18], "little"), int.from_bytes(ico[18:22], "little")
    assert (at, len(ico)) == (22, 22 + length)
    assert size_of(ico[at:]) == (32, 32)
    assert size_of((sample_site.folder / "pictures" / "touch.png").read_bytes()) == (180, 180)
    manifest = json.loads((sample_site.folder / "site.webmanifest").read_bytes())
    assert {one["src"] for one in manifest["icons"] if one["type"] == "image/png"} == {"/pictures/icon-192.png", "/pictures/icon-512.png"}
