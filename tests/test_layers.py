"""The rules that hold the house up: who imports whom, where today comes from, small functions.

Read from the source (ast) of app.py and letters/, so that an import inside a function counts.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

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
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


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


def functions(module: str) -> Iterator[Function]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, Function))


def length(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_the_three_layers_are_found() -> None:
    assert {"letters/model.py", "letters/compose.py"} <= set(CORE)
    assert {"letters/render/text.py", "letters/render/html.py"} <= set(RENDERERS)
    assert {"app.py", "letters/web/routes.py"} <= set(MODULES) - set(CORE) - set(RENDERERS)


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_neither_render_nor_web(module: str) -> None:
    above = ("letters.render", "letters.web", "app")
    assert [name for name in imports(module) if name.startswith(above)] == []


@pytest.mark.parametrize("module", RENDERERS)
def test_render_imports_the_core_only(module: str) -> None:
    ours = {name for name in imports(module) if name.partition(".")[0] in {"letters", "app"}}
    core = tuple(name.removesuffix(".py").replace("/", ".") + "." for name in CORE)
    assert [name for name in ours if not f"{name}.".startswith((*core, "letters.render."))] == []


def test_only_the_pdf_renderer_imports_weasyprint() -> None:
    assert importers("weasyprint") == {"letters/render/pdf.py"}


def test_only_the_calendar_renderer_imports_icalendar() -> None:
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


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_its_job(module: str) -> None:
    assert ast.get_docstring(tree(module))


@pytest.mark.parametrize("module", [*CORE, *RENDERERS])
def test_every_public_function_of_core_and_render_has_a_docstring(module: str) -> None:
    public = (
        node
        for node in tree(module).body
        if isinstance(node, Function) and not node.name.startswith("_")
    )
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_longer_than_forty_lines(module: str) -> None:
    long = {node.name: length(node) for node in functions(module)}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}


def test_functions_are_short() -> None:
    lengths = [length(node) for module in MODULES for node in functions(module)]
    assert len(lengths) > 100
    assert median(lengths) <= MEDIAN_FUNCTION
