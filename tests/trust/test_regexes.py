"""Every regular expression of the program is linear: no text that is sent can keep it busy.

The expressions are those of each module of letters/, and those that stand in a call of `re`.
Hypothesis makes texts that fit one; it is then tried on each piece of them, many times, after what
stands before it and before a sign that fits nowhere, with no more of the processor than a linear
search could use.

Limits: no proof. An expression made at run time is not looked at, nor are those of `script/`, which
reads our own files, of the browser's scripts and of the libraries.
"""

import ast
import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import letters

SECONDS = 10  # of processor, for an expression and its texts; the slowest takes one
WAYS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
MOST = 100  # texts for one expression
LENGTH = 100_000  # three times what a visitor can send; a quadratic search takes a minute


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


class TimeIsUp(KeyboardInterrupt):
    """Hypothesis lets it pass, and does not try again what took too long."""


@contextmanager
def processor(seconds: float) -> Iterator[None]:
    """At most so many seconds of it: `re` looks for signals while it searches."""

    def stop(*_: object) -> NoReturn:
        raise TimeIsUp

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except TimeIsUp:
        raise TimeoutError from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def check_linear(pattern: "re.Pattern[str]", ways: set[str], seconds: float = SECONDS) -> None:
    with processor(seconds):
        for start, part in attacks(pattern):
            for end in ("", "\0"):
                text = start + part * (LENGTH // len(part)) + end
                for way in ways:
                    found = pattern.sub("", text) if way == "sub" else getattr(pattern, way)(text)
                    if way == "finditer":
                        list(found)


@pytest.mark.server
@pytest.mark.check(25)
@pytest.mark.parametrize(
    ("pattern", "ways"),
    [pytest.param(pattern, ways, id=place) for place, pattern, ways in expressions()],
)
def test_an_expression_is_linear(pattern: "re.Pattern[str]", ways: set[str]) -> None:
    check_linear(pattern, ways)


@pytest.mark.parametrize(
    ("pattern", "way"), [("(?:x|[a-y]a?)*z", "fullmatch"), (r"\s+$", "search"), (r"<[^>]*>", "sub")]
)
def test_an_expression_that_is_not_linear_is_found_out(pattern: str, way: str) -> None:
    with pytest.raises(TimeoutError):
        check_linear(re.compile(pattern), {way}, seconds=2)
