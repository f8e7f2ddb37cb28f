"""Turns page records into HTML with the templates, and source assets into their published files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from medpayiq.pages.models import Chrome
from medpayiq.paths import ASSETS, TEMPLATES


class _Template(jinja2.Template):
    """A template whose macros are made once a build; by default Jinja compares contexts at each import."""

    def _get_default_module(self, ctx: jinja2.runtime.Context | None = None) -> Any:
        del ctx
        return super()._get_default_module()


class Renderer:
    """Renders records; header and footer are rendered once, since no page changes them."""

    def __init__(self, site: Chrome, templates: Path = TEMPLATES) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
        )
        self._environment.template_class = _Template
        # Every field of a record is a plain attribute: the look-up by name or key that Jinja offers costs a tenth of a build.
        self._environment.getattr = getattr  # type: ignore[method-assign, assignment]
        header = Markup(self._environment.get_template("header.html").render(site=site))  # noqa: S704 - our own template, escaped there
        footer = Markup(self._environment.get_template("footer.html").render(site=site))  # noqa: S704
        self._environment.globals |= {"site": site, "header": header, "footer": footer}
        self.shared_text = f"{site!r}\n{header}\n{footer}"
        """Everything that all pages print alike, for telling whether they must be made again."""
        self._templates: dict[str, jinja2.Template] = {}

    def page(self, template: str, record: Any) -> str:
        """Return the HTML of one record by ``templates/<template>.html``."""
        found = self._templates.get(template)
        if found is None:
            found = self._templates[template] = self._environment.get_template(f"{template}.html")
        return found.render(page=record)


@dataclass(frozen=True, slots=True)
class Assets:
    """The published assets: their addresses, which hold a digest of the content, and their bytes by path."""

    css: str
    js: str
    icon: str
    files: dict[str, bytes]


def assets(folder: Path = ASSETS) -> Assets:
    """Gather the assets: one stylesheet of all of css/ in name order, the modules of js/ in one hashed folder, the icon.

    A module imports others by relative path, so that all of them share one digest.
    """
    css = b"\n".join(path.read_bytes().strip() for path in sorted((folder / "css").glob("*.css"))) + b"\n"
    modules = {path.relative_to(folder / "js").as_posix(): path.read_bytes() for path in sorted((folder / "js").rglob("*.js"))}
    icon = (folder / "icons" / "icon.svg").read_bytes()
    all_modules = b"\0".join(name.encode() + b"\0" + data for name, data in modules.items())
    css_path = f"assets/site.{short_digest(css)}.css"
    js_path = f"assets/js-{short_digest(all_modules)}/"
    icon_path = f"assets/icon.{short_digest(icon)}.svg"
    files = {css_path: css, icon_path: icon, **{js_path + name: data for name, data in modules.items()}}
    return Assets(f"/{css_path}", f"/{js_path}", f"/{icon_path}", files)


def short_digest(data: bytes) -> str:
    """Return ten hex digits that change with the content."""
    return hashlib.sha256(data).hexdigest()[:10]
