"""Every regular expression of the program is linear: no text that is sent can keep it busy.

The expressions are found in the source, each with the way it is used (a `fullmatch` may be quick
where a `search` is not), and tried in a process of their own on long texts made from their own
parse trees: a way in, one part repeated, a character that fits nowhere. The system ends the process
when it has used more of its processor than a linear search could.

Limits: no proof. An expression made at run time is tried with « x » for what only then is known;
those of `script/`, which reads our own files, of the browser's scripts and of the libraries are
not looked at.
"""

import ast
import builtins
import importlib
import json
import re
import re._compiler as compiler  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LENGTH = 200_000  # six times what a visitor can send; a quadratic search takes minutes
SECONDS = 5  # of processor, for an expression and its texts; the slowest takes a tenth of one
PATIENCE = 300  # seconds before a process that waits for its turn is given up
WAYS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
NOWHERE = "\x00"
TRY = """
import json, re, resource, sys
from collections import deque
pattern, flags, ways, texts, length, seconds = json.load(sys.stdin)
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # SIGXCPU, then SIGKILL
made = re.compile(pattern, flags)
for way in ways:
    for start, part, end in texts:
        text = start + part * (length // len(part)) + end
        found = made.sub("", text) if way == "sub" else getattr(made, way)(text)
        if way == "finditer":
            deque(found, maxlen=0)
"""


# Finding them


def sources() -> list[Path]:
    """Every Python file of the program."""
    folders = (ROOT / "letters", ROOT / "deploy")
    return sorted([ROOT / "app.py", *(path for folder in folders for path in folder.rglob("*.py"))])


class Names(dict[str, Any]):
    """What the source of an expression may refer to: what a function alone knows is « x »."""

    def __missing__(self, name: str) -> object:
        return getattr(builtins, name, "x")


def names_of(path: Path) -> Names:
    """The names of a module; what is not one is read and not run."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] != "letters":
        return Names(re=re)
    name = ".".join(part for part in parts if part != "__init__")
    return Names(vars(importlib.import_module(name)))


def expressions(path: Path) -> Iterator[tuple[int, "re.Pattern[Any]", set[str]]]:
    """The (line, expression, ways it is used) of a file."""
    tree, names = ast.parse(path.read_text(encoding="utf-8")), names_of(path)
    used: dict[str, set[str]] = {}  # _NAME.fullmatch, self._digits.match
    called: dict[int, str] = {}  # how the value of _NAME = re.compile(…) is called
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WAYS:
            used.setdefault(last_name(node.value), set()).add(node.attr)
        if isinstance(node, ast.Assign):
            called[id(node.value)] = last_name(node.targets[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_expression(node.func):
            assert isinstance(node.func, ast.Attribute)
            ways = {node.func.attr} & {*WAYS} or used.get(called.get(id(node), ""), {"search"})
            yield node.lineno, compiled(node, names), ways


def last_name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def is_expression(function: ast.expr) -> bool:
    known = isinstance(function, ast.Attribute) and function.attr in {*WAYS, "compile", "subn"}
    return known and last_name(function.value) == "re"  # type: ignore[attr-defined]


def compiled(call: ast.Call, names: Names) -> "re.Pattern[Any]":
    """The expression that a call of `re` makes."""
    flags = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    if last_name(call.func) == "compile":
        flags += call.args[1:2]
    values = [eval(ast.unparse(node), {}, names) for node in [call.args[0], *flags]]
    return re.compile(*values)


FOUND = [
    pytest.param(pattern, ways, id=f"{path.relative_to(ROOT)}:{line}")
    for path in sources()
    for line, pattern, ways in expressions(path)
]


# Making texts for them


CHARACTERS = [*map(chr, range(0x20, 0x250)), *"\t\n\x0b\r\x85\u2028\u202f’…€"]


def known(kind: Any, value: Any) -> list[str]:
    """The first and the last of our characters that a set like [a-z\\d] holds."""
    one = compiler.compile(parser.SubPattern(parser.State(), [(kind, value)]))
    found = [character for character in CHARACTERS if one.match(character)]
    return [*dict.fromkeys([*found[:1], *found[-1:]])] or [""]


def examples(tree: Any) -> list[str]:
    """Short texts that a part of an expression matches, one for each of its branches."""
    texts = [""]
    for kind, value in tree:
        texts = [text + more for text in texts[:4] for more in examples_of(kind, value)[:4]]
    return texts


def examples_of(kind: Any, value: Any) -> list[str]:
    if kind.name in {"LITERAL", "NOT_LITERAL", "IN", "ANY"}:
        return known(kind, value)
    if kind.name.endswith("REPEAT"):
        return [text * max(value[0], 1) for text in examples(value[2])]
    found = [text for group in groups(kind.name, value) for text in examples(group)]
    return found or [""]  # a place, or what is only looked at


def groups(kind: str, value: Any) -> list[Any]:
    """The parts that a part is made of."""
    if kind == "BRANCH":
        return list(value[1])
    if kind.endswith("REPEAT") or kind == "SUBPATTERN":
        return [value[-1]]
    return [value] if kind == "ATOMIC_GROUP" else []


def parts(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Each part of an expression that may come many times, and a text that leads to it."""
    for kind, value in tree:
        if kind.name.endswith("REPEAT") and value[1] > 8:
            yield from ((before, text) for text in examples(value[2]) if text)
        for group in groups(kind.name, value):
            yield from parts(group, before)
        before += examples_of(kind, value)[0]


def attacks(pattern: "re.Pattern[Any]") -> list[tuple[str, str, str]]:
    """Texts as (start, part to repeat, end)."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    found = list(parts(tree))
    whole = [text for text in examples(tree) if text]
    repeated = {(start, part) for start, part in found}
    repeated |= {("", start + part) for start, part in found}
    repeated |= {("", start) for start, _part in found if start}
    repeated |= {("", text) for text in whole} | {("", text[:-1]) for text in whole if text[1:]}
    repeated |= {("", character) for text in whole for character in text[:20]}
    return sorted((start, part, end) for start, part in repeated for end in ("", NOWHERE))


def ended(pattern: "re.Pattern[Any]", ways: set[str], seconds: int = SECONDS) -> int:
    """How the process ended that tries an expression: 0, or minus the signal that ended it."""
    text = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    flags = pattern.flags & ~re.UNICODE
    given = [text, flags, sorted(ways), attacks(re.compile(text, flags)), LENGTH, seconds]
    return subprocess.run(
        [sys.executable, "-I", "-c", TRY],
        input=json.dumps(given),
        encoding="utf-8",
        check=False,
        timeout=PATIENCE,
    ).returncode


@pytest.mark.server
@pytest.mark.check(25)
@pytest.mark.parametrize(("pattern", "ways"), FOUND)
def test_an_expression_is_linear(pattern: "re.Pattern[Any]", ways: set[str]) -> None:
    assert ended(pattern, ways) == 0


@pytest.mark.server
@pytest.mark.parametrize(
    ("pattern", "way"), [("(?:x|[a-y]a?)*z", "fullmatch"), (r"\s+$", "search"), (r"<[^>]*>", "sub")]
)
def test_an_expression_that_is_not_linear_is_found_out(pattern: str, way: str) -> None:
    assert ended(re.compile(pattern), {way}, seconds=1) == -signal.SIGXCPU


def test_an_expression_is_found_where_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "app.py").write_text(
        '_X = re.compile("a+", re.I)\n_X.fullmatch(y)\n'
        'def f(a):\n    return re.sub(rf"{a}+b", "", a)\n'
    )
    found = [found[1:] for found in expressions(tmp_path / "app.py")]
    assert found == [(re.compile("a+", re.I), {"fullmatch"}), (re.compile("x+b"), {"sub"})]


@pytest.mark.check(25)
def test_no_expression_hides_under_another_name() -> None:
    """`re` is always called `re`, so that the search above finds every use of it."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in {"re", "regex"}, path
            if isinstance(node, ast.Import):
                assert [name for name in node.names if name.name == "re" and name.asname] == []
