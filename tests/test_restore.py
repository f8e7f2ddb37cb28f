"""A machine that starts with nothing but a clone: the archive gives it back every release, and the same site."""

from __future__ import annotations

from pathlib import Path

import pytest
from built import IN_PERIOD, Site, tree
from copies import Project

from medpayiq.archive import pushing
from medpayiq.archive.stores import FolderStore
from medpayiq.cms import snapshot


@pytest.fixture(scope="module")
def archive(all_snapshots: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive in a folder that holds every release at hand."""
    folder = tmp_path_factory.mktemp("archive")
    assert pushing.push(FolderStore(folder), all_snapshots, [], lambda _: None).good
    return folder


def test_no_release_takes_more_than_a_megabyte(archive: Path, all_snapshots: Path) -> None:
    """A release without edits takes at most 1 MB, as a snapshot on the disk and in the archive."""
    assets = list(archive.glob("*.tar"))
    assert len(assets) == len(list(all_snapshots.iterdir())) == 9
    edits = {folder.name: sum((folder / f"{table}.tsv.gz").stat().st_size for table in snapshot.read(folder).meta.editions) for folder in all_snapshots.iterdir()}
    assert max(path.stat().st_size - sum(size for name, size in edits.items() if name.upper() in path.name.upper()) for path in assets) <= 1_000_000
    assert max(sum(path.stat().st_size for path in folder.iterdir()) - edits[folder.name] for folder in all_snapshots.iterdir()) <= 1_000_000
    # A quarter of edits is some 0.4 MB; one whose rows have dates and reasons 1.3 MB.
    assert sorted(name for name, size in edits.items() if size) == ["rvu24c", "rvu26c"]


def test_an_empty_clone_restores_the_releases_and_builds_the_same_site(archive: Path, all_snapshots: Path, full_site: Site, tmp_path: Path) -> None:
    """In a clone without any release, `archive pull` and a build give, byte for byte, the site of the machine that stored them, word index aside."""
    clone = Project(tmp_path / "clone", whole=True)
    done = clone.run("archive", "pull", "--folder", str(archive))
    assert done.returncode == 0, done.stderr
    restored = clone.root / "cms_data" / "snapshots"
    assert {path.name for path in restored.glob("rvu*")} == {path.name for path in all_snapshots.iterdir()}
    assert all((restored / name / snapshot.META).read_bytes() == (all_snapshots / name / snapshot.META).read_bytes() for name in ("rvu20d", "rvu26c"))
    built = clone.run("build", "--no-search", SOURCE_DATE_EPOCH=IN_PERIOD)
    assert built.returncode == 0, built.stderr
    assert "RVU26C: 17,096 code pages" in built.stdout
    made, known = tree(clone.root / "site"), tree(full_site.folder)
    assert made.keys() == known.keys()
    assert [name for name, data in known.items() if made[name] != data] == []
