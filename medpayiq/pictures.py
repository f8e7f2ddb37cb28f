"""Makes the pictures that pages are shared with, one for each category of services, and the icons, with typst; templates/picture.typ says how they look."""

from __future__ import annotations

import hashlib
import struct
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import orjson

from medpayiq.pages.hubs import Tree, count_words
from medpayiq.pages.picture import FOLDER, file_of, plain
from medpayiq.pages.site import SiteData
from medpayiq.paths import ASSETS, TEMPLATES
from medpayiq.trees import TreeWriter
from medpayiq.typesetting import finish, typeset

TEMPLATE = TEMPLATES / "picture.typ"
ICON = ASSETS / "icons" / "icon.svg"
FAVICON = "favicon.ico"
ICONS = {FAVICON: 32, f"{FOLDER}/touch.png": 180, f"{FOLDER}/icon-192.png": 192, f"{FOLDER}/icon-512.png": 512}
"""Path of each icon to the pixels of a side; phones cut corners themselves, so that touch.png has none."""
_STAMP = f"{FOLDER}/made-from.txt"


class Told(NamedTuple):
    """What one picture says."""

    path: str
    name: str
    size: str
    """``524 codes``."""
    below: str
    """What the site is about, where the name does not say it."""


def write(site: SiteData, tree: Tree, out: Path, writer: TreeWriter) -> None:
    """Write every picture and icon, or keep those of the last build where they were made from the same."""
    asked = _asked(site, tree)
    programs = (TEMPLATE.read_bytes(), ICON.read_bytes(), Path(__file__).read_bytes(), version("typst").encode())
    inputs = hashlib.blake2b(b"\0".join([asked, *programs]), digest_size=12).hexdigest()
    made_from, before = _before(out)
    kept = made_from == inputs and all(writer.keep(path, digest) for path, digest in before.items())
    digests = before if kept else {path: writer.write(path, data) for path, data in _made(asked).items()}
    lines = [inputs, *(f"{path} {digest.hex()}" for path, digest in digests.items())]
    writer.write(_STAMP, "".join(f"{line}\n" for line in lines).encode())


def files(site: SiteData, tree: Tree) -> dict[str, bytes]:
    """Return path to bytes of every picture and icon."""
    return _made(_asked(site, tree))


def pictures(site: SiteData, tree: Tree) -> list[Told]:
    """Return what each picture says, the general one first."""
    general = Told(file_of(tree.root.url), site.config.tagline, count_words(tree.root.count()), "")
    return [general, *(Told(file_of(one.url), plain(one.label), count_words(one.count()), site.config.tagline) for one in tree.root.children.values())]


def _asked(site: SiteData, tree: Tree) -> bytes:
    """Return what the template prints, as JSON."""
    told = [one._asdict() for one in pictures(site, tree)]
    return orjson.dumps({"site": site.config.name, "release": f"{site.snapshot.meta.release}, {site.period}", "pictures": told, "icons": list(ICONS.values())})


def _made(asked: bytes) -> dict[str, bytes]:
    """Return path to bytes; all are pages of one document, so that fonts are read once. Same input, same bytes."""
    told = {"asked": asked.decode(), "icon": ICON.read_text(encoding="utf-8")}
    pages = typeset(TEMPLATE.read_bytes(), told, format="png", ppi=72.0)
    finish()
    paths = [*(one["path"] for one in orjson.loads(asked)["pictures"]), *ICONS]
    made = dict(zip(paths, pages, strict=True))
    made[FAVICON] = _ico(made[FAVICON], ICONS[FAVICON])
    return made


def _ico(png: bytes, side: int) -> bytes:
    """Put one PNG into an ICO file: head, one entry, then the picture as it is (Windows Vista and later, and every browser, read it)."""
    head = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), len(head) + 16)
    return head + entry + png


def _before(out: Path) -> tuple[str, dict[str, bytes]]:
    """Return what the last build put down: the digest of what it made them from, and path to digest."""
    try:
        lines = (out / _STAMP).read_text(encoding="ascii").splitlines()
        return lines[0], {path: bytes.fromhex(digest) for path, digest in (line.split(" ") for line in lines[1:])}
    except (OSError, ValueError, IndexError):
        return "", {}
