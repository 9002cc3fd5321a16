"""The parts of every page: one style sheet, one script, and the policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

import jinja2

from .palette import declarations
from .view import Block

HERE = Path(__file__).resolve().parent


def script() -> str:
    """Sorting and filtering of tables."""
    return (HERE / "table.js").read_text(encoding="utf-8")


def environment(*folders: Path) -> jinja2.Environment:
    """Templates of these folders and of the report itself; all text in them is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, HERE / "templates"]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )


def rules(blocks: Iterable[Block]) -> dict[str, str]:
    """The CSS rules of all figures: class -> declarations."""
    return {
        name: rule
        for block in blocks
        for picture in block.pictures
        for drawing in picture.drawings
        for name, rule in drawing.rules.items()
    }


def style(of_figures: dict[str, str]) -> str:
    """The page's only style sheet: themes, layout, and the classes of all figures."""
    themes = (
        f":root {{ color-scheme: light dark; {declarations(dark=False)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {declarations(dark=True)} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light; {declarations(dark=False)} }} }}\n"
    )
    plots = "\n".join(f".plot .{name} {{ {rule} }}" for name, rule in sorted(of_figures.items()))
    return f"\n{themes}{(HERE / 'style.css').read_text(encoding='utf-8')}\n{plots}\n"


def policy(style_sheet: str, script_text: str) -> str:
    """Nothing is loaded from elsewhere; only this style and this script are allowed."""
    return (
        f"default-src 'none'; style-src '{_digest(style_sheet)}'; script-src '{_digest(script_text)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
