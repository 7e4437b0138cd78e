"""The rules that hold the house up: who imports whom, and where today comes from.

Read from the source (ast) of app.py and letters/, so that an import inside a function counts.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
RENDER, WEB = "letters/render/", "letters/web/"
MODULES = tuple(
    sorted(
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app.py", *(ROOT / "letters").rglob("*.py"))
    )
)
CORE = tuple(name for name in MODULES if Path(name).parent.as_posix() == "letters")
RENDERERS = tuple(name for name in MODULES if name.startswith(RENDER))
WEB_FRAMEWORK = {"flask", "wtforms", "werkzeug"}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"), module)


@cache
def imports(module: str) -> frozenset[str]:
    """Dotted names of all that `module` imports, at its top or inside a function."""
    package = ".".join(Path(module).parent.parts)
    names: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            names.update(f"{source}.{alias.name}" for alias in node.names)
    return frozenset(names)


def importers(*packages: str) -> set[str]:
    return {
        module
        for module in MODULES
        if {name.partition(".")[0] for name in imports(module)}.intersection(packages)
    }


def test_the_three_layers_are_found() -> None:
    assert {"letters/model.py", "letters/compose.py"} <= set(CORE)
    assert {"letters/render/text.py", "letters/render/html.py"} <= set(RENDERERS)
    assert {"app.py", "letters/web/routes.py"} <= set(MODULES) - set(CORE) - set(RENDERERS)


def test_the_core_imports_neither_render_nor_web() -> None:
    above = ("letters.render", "letters.web", "app")
    imported = {(module, name) for module in CORE for name in imports(module)}
    assert [pair for pair in imported if pair[1].startswith(above)] == []


def test_render_imports_the_core_only() -> None:
    core = tuple(name.removesuffix(".py").replace("/", ".") + "." for name in CORE)
    imported = {(module, name) for module in RENDERERS for name in imports(module)}
    ours = {pair for pair in imported if pair[1].partition(".")[0] in {"letters", "app"}}
    below = (*core, "letters.render.")
    assert [pair for pair in ours if not f"{pair[1]}.".startswith(below)] == []


def test_only_one_renderer_imports_the_library_that_it_is_for() -> None:
    assert importers("weasyprint") == {"letters/render/pdf.py"}
    assert importers("icalendar") == {"letters/render/calendar.py"}


def test_only_the_web_layer_imports_the_web_framework() -> None:
    found = importers(*WEB_FRAMEWORK)
    assert {"app.py", "letters/web/routes.py", "letters/web/forms.py"} <= found
    assert {name for name in found if name != "app.py" and not name.startswith(WEB)} == set()


def test_only_the_web_layer_asks_what_day_it_is() -> None:
    clocks = {"today", "now", "utcnow", "time", "time_ns", "localtime", "gmtime"}
    askers = {
        module
        for module in MODULES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
    }
    assert askers == {"letters/web/content.py"}


def test_what_is_served_imports_no_tool() -> None:
    assert importers("tools") == set()


def test_every_public_function_of_core_and_render_has_a_docstring() -> None:
    public = (
        node
        for module in (*CORE, *RENDERERS)
        for node in tree(module).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    )
    assert [node.name for node in public if not ast.get_docstring(node)] == []
