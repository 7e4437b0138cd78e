"""What tests share that is no test.

`everything` is what `script/test --tout` sets: full products where pairs are tried otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from itertools import product
from typing import Any

from allpairspy import AllPairs

everything = False  # set by tests/conftest.py before any test module is read


def shapes(axes: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Combinations of `axes` in which every two values meet; with --tout, all combinations.

    Most faults come from one choice or two that meet (Kuhn, Wallace, Gallo 2004). The same
    combinations on every machine and every day.
    """
    several = len(axes) > 1 and not everything
    rows = AllPairs(list(axes.values())) if several else product(*axes.values())
    for row in rows:
        yield dict(zip(axes, row, strict=True))


CLOCK = "letters.web.site.datetime"  # what to replace


def clock(day: date) -> type[datetime]:
    """A clock that stands at noon of `day`, for the whole site."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.combine(day, time(12), tz)

    return Clock
