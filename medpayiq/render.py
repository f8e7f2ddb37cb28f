"""Turns page records into HTML with the templates, and source assets into their published files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]

from medpayiq import scripts, styles
from medpayiq.field import lists
from medpayiq.field import words as field_words
from medpayiq.pages.models import Chrome, Piece
from medpayiq.paths import ASSETS, TEMPLATES


def _escape(value: object) -> str:
    """Escape what a template prints; finished HTML (Markup) stays as it is.

    The library's own ``escape`` wraps each text in a Markup object, two million of them in a build of a full release.
    """
    if type(value) is str:
        return escape_text(value)
    return value if type(value) is Markup else escape(value)


class _Generator(CodeGenerator):
    """Compiles ``{{ ... }}`` to the escape above."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escape(")


class _Environment(jinja2.Environment):
    """Jinja with attributes looked up as attributes only: every field of a record is one."""

    code_generator_class = _Generator
    template_class: type[_Template]
    escape = staticmethod(_escape)
    getattr = staticmethod(getattr)  # type: ignore[assignment]


class _Template(jinja2.Template):
    """A template whose macros are made once a build; by default Jinja compares contexts at each import."""

    def _get_default_module(self, ctx: jinja2.runtime.Context | None = None) -> Any:
        del ctx
        return super()._get_default_module()


_Environment.template_class = _Template


class _Remembered:
    """``remember(macro, ...)`` in a template: the macro's output for these very arguments, rendered once a build."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], str] = {}

    def __call__(self, macro: jinja2.runtime.Macro, *arguments: Any) -> str:
        key = (macro.name, *arguments)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = macro(*arguments)
        return found


class Renderer:
    """Renders records; head, header and footer are rendered once, since no page changes them."""

    def __init__(self, site: Chrome, compiled: jinja2.BytecodeCache | None = None) -> None:
        self._environment = _Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            bytecode_cache=compiled,
        )
        self._environment.globals |= {"site": site, "remember": _Remembered(), "piece": self.piece, "nested": self.piece}
        self._pieces: dict[Piece, Markup] = {}
        for name in ("head", "header", "footer"):
            html = self._environment.get_template(f"{name}.html").render()
            self._environment.globals[name] = Markup(html)  # noqa: S704 - our own template, escaped there
        self.shared_text = repr([site, *(self._environment.globals[name] for name in ("head", "header", "footer"))])
        """Everything that all pages print alike, for telling whether they must be made again."""
        self._templates: dict[str, jinja2.Template] = {}

    def piece(self, piece: Piece | Markup) -> Markup:
        """Return the HTML of a piece that many pages share, rendered once a build; finished HTML stays as it is."""
        if isinstance(piece, Markup):
            return piece
        found = self._pieces.get(piece)
        if found is None:
            found = self._pieces[piece] = Markup(self.part(piece.template, piece.record))  # noqa: S704 - our own template, escaped there
        return found

    def part(self, template: str, record: Any) -> str:
        """Return the HTML of one record by ``templates/pieces/<template>.html``, which nobody shares."""
        return self._environment.get_template(f"pieces/{template}.html").render(piece=record)

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
    calculator: str
    """Address of the script that a first use of a calculator needs."""
    desk: str
    """Address of the claim desk's script."""
    field_words: str
    """Address of the words for field reports."""
    files: dict[str, bytes]


def assets() -> Assets:
    """Gather the assets: one stylesheet of all of css/ in name order, the scripts of js/ in one hashed folder, the icon.

    A module imports others by relative path, so that all of them share one digest.
    """
    css = styles.delivered(ASSETS / "css")
    modules = scripts.delivered(ASSETS / "js")
    icon = (ASSETS / "icons" / "icon.svg").read_bytes()
    all_modules = b"\0".join(name.encode() + b"\0" + data for name, data in modules.items())
    css_path = f"assets/site.{short_digest(css)}.css"
    js_path = f"assets/js-{short_digest(all_modules)}/"
    icon_path = f"assets/icon.{short_digest(icon)}.svg"
    words = field_words.file(lists.read())
    words_path = f"assets/field.{short_digest(words)}.json"
    files = {css_path: css, words_path: words, icon_path: icon, **{js_path + name: data for name, data in modules.items()}}
    return Assets(f"/{css_path}", f"/{js_path}", f"/{icon_path}", f"/{js_path}{scripts.ENTRY}", f"/{js_path}{scripts.DESK}", f"/{words_path}", files)


def short_digest(data: bytes) -> str:
    """Return ten hex digits that change with the content."""
    return hashlib.sha256(data).hexdigest()[:10]
