"""PDFs drawn once in a process: a letter, a kind and a size of print always give the same bytes.

tests/conftest.py takes in the two fixtures: `drawn_once` serves every test by itself; a test that
counts drawings or breaks the engine asks for `drawn_anew`. Limit: other processes draw their own.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

_kept: dict[tuple[str, Any, bool], bytes] = {}


def kept(kind: str, draw: Callable[..., bytes], letter: Any, large: bool = False) -> bytes:
    """What `draw` made of this letter the first time; `kind` is its name."""
    key = (kind, letter, large)
    if key not in _kept:
        _kept[key] = draw(letter, large)
    return _kept[key]


@pytest.fixture
def drawn_anew() -> None:
    """Ask for this where a PDF must really be drawn."""


@pytest.fixture(autouse=True)
def drawn_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sys.modules.get("letters.render.pdf")  # not imported for tests that need no PDF
    if engine is not None and "drawn_anew" not in request.fixturenames:
        for kind in ("pdf", "spoken"):
            monkeypatch.setattr(engine, kind, partial(kept, kind, getattr(engine, kind)))
