"""The rules that hold the house up: who imports whom, and where today comes from.

Read from the source (ast) of app.py and letters/, so that an import inside a function counts.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import ROOT

MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in (ROOT / "app.py", *(ROOT / "letters").rglob("*.py"))
}
# What is imported, and the only modules that may: the core imports neither render nor web.
WHO_IMPORTS = {
    r"letters\.render": r"letters/(render|web)/",
    r"letters\.web": r"app\.py|letters/web/",
    r"letters\.web\.pages": r"app\.py|letters/web/pages/",
    r"letters\.web\.form\.(asked|letter_form|request)": (
        r"letters/web/(form/(letter_form|request)|pages/\w+|commands|gloss)\.py"
    ),
    r"letters\.web\.form\.questions": r"letters/web/(form/\w+|pages/(letter|next_step))\.py",
    "flask|wtforms|werkzeug": r"app\.py|letters/web/",
    "weasyprint": r"letters/render/pdf\.py",
    "icalendar": r"letters/render/calendar\.py",
    "app|tools": "nobody",
}


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """Dotted names of all that `module` imports."""
    package = Path(module).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: 1 - node.level or None] if node.level else ()
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("imported", "allowed"), WHO_IMPORTS.items())
def test_a_layer_is_imported_only_from_above(imported: str, allowed: str) -> None:
    name = re.compile(rf"({imported})\b")
    importers = {
        module for module, tree in MODULES.items() if any(map(name.match, imports(module, tree)))
    }
    assert bool(importers) == (allowed != "nobody")
    assert {module for module in importers if not re.match(allowed, module)} == set()


def test_only_the_web_layer_asks_what_day_it_is() -> None:
    clocks = {"today", "now", "utcnow", "time", "time_ns", "localtime", "gmtime"}
    askers = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
    }
    assert askers == {"letters/web/site.py"}
