"""Renders and writes the code pages' HTML alone, for bench/build.py: pages_alone.py RELEASE FOLDER."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from medpayiq import building, claims, joining, loading, render
from medpayiq.pages import hubs
from medpayiq.pages.codes import code_page
from medpayiq.shards import shards

gc.disable()  # as a build does
site, _ = loading.load(sys.argv[1])
tree = hubs.build(site)
renderer = render.Renderer(building.chrome(site, render.assets(), "/assets/codes.json", shards(site.snapshot, site.past), claims.books(site)))
joiner = joining.joiner(renderer, "code")
out = sys.argv[2]
os.makedirs(f"{out}/codes")
for entry in site.entries:
    folder = f"{out}/codes/{entry.code}"
    os.mkdir(folder)
    data = joiner.page(code_page(entry, site, tree)).encode()
    handle = os.open(f"{folder}/index.html", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(handle, data)
    os.close(handle)
