"""Every regular expression of the program is linear: no text that is sent can keep it busy.

The expressions are those of each module of letters/, and those that stand in a call of `re`.
Hypothesis makes texts that fit one; a process of its own then tries it on each piece of them, many
times, after what stands before it and before a sign that fits nowhere. The system ends the process
when it has used more of its processor than a linear search could.

Limits: no proof. An expression made at run time is not looked at, nor are those of `script/`, which
reads our own files, of the browser's scripts and of the libraries.
"""

import ast
import importlib
import json
import pkgutil
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import letters

SECONDS = 5  # of processor, for an expression and its texts; the slowest takes a tenth of one
WAYS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
MOST = 100  # texts for one expression
TRY = """
import json, re, resource, sys
pattern, flags, ways, texts, seconds = json.load(sys.stdin)
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # SIGXCPU, then SIGKILL
made = re.compile(pattern, flags)
for way in ways:
    for start, part in texts:
        for end in ("", "\\0"):
            # Three times what a visitor can send; a quadratic search takes a minute.
            text = start + part * (100_000 // len(part)) + end
            found = made.sub("", text) if way == "sub" else getattr(made, way)(text)
            if way == "finditer":
                list(found)
"""


def patterns_in(value: Any) -> Iterator["re.Pattern[str]"]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for each in value:
            yield from patterns_in(each)


def expressions() -> Iterator[tuple[str, "re.Pattern[str]", set[str]]]:
    """Each expression with its module, and the ways in which it is used."""
    for found in pkgutil.walk_packages(letters.__path__, "letters."):
        module = importlib.import_module(found.name)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            ways = {*re.findall(rf"\b{name}\.(\w+)\(", source)} & WAYS
            for pattern in patterns_in(value):
                yield f"{found.name}:{name}", pattern, ways or {"search", "sub"}
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("re"), attr=way),
                    args=[ast.Constant(str(text)), *_],
                ) if way in WAYS:
                    yield f"{found.name}:{node.lineno}", re.compile(text), {way}


def attacks(pattern: "re.Pattern[str]") -> list[tuple[str, str]]:
    """Texts as (start, part to repeat)."""
    made: dict[tuple[str, str], None] = {}

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.from_regex(pattern))
    def collect(text: str) -> None:
        for start in range(min(len(text), 20)):
            for size in (1, 2, 3, len(text)):
                made[text[:start], text[start : start + size]] = None
                made["", text[start : start + size]] = None

    collect()
    return sorted(made, key=lambda each: len("".join(each)))[:MOST]


def ended(pattern: "re.Pattern[str]", ways: set[str], seconds: int = SECONDS) -> int:
    """How the process ended that tries an expression: 0, or minus the signal that ended it."""
    given = [pattern.pattern, pattern.flags, sorted(ways), attacks(pattern), seconds]
    command = [sys.executable, "-I", "-c", TRY]
    return subprocess.run(command, input=json.dumps(given), text=True, check=False).returncode


@pytest.mark.server
@pytest.mark.check(25)
@pytest.mark.parametrize(
    ("pattern", "ways"),
    [pytest.param(pattern, ways, id=place) for place, pattern, ways in expressions()],
)
def test_an_expression_is_linear(pattern: "re.Pattern[str]", ways: set[str]) -> None:
    assert ended(pattern, ways) == 0


@pytest.mark.server
@pytest.mark.parametrize(
    ("pattern", "way"), [("(?:x|[a-y]a?)*z", "fullmatch"), (r"\s+$", "search"), (r"<[^>]*>", "sub")]
)
def test_an_expression_that_is_not_linear_is_found_out(pattern: str, way: str) -> None:
    assert ended(re.compile(pattern), {way}, seconds=1) == -signal.SIGXCPU
