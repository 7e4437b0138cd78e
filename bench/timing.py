"""Time several calls fairly: on one core, in turn, each with the same garbage collector.

The machine may be busy with other things: what is compared is measured in the same rounds, so
that it suffers alike. Only ratios mean something elsewhere.
"""

import gc
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from time import perf_counter, sleep

WARM = 3  # calls before any is timed: caches, fonts, a browser's own compiler
BREATH = 0.02  # seconds between two calls


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and those that it starts meanwhile, on one core (Linux only)."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def in_turn(calls: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each call by name: in each round everybody once, in another order.

    A call is told which of its own times it is, so that it can make something new each time.
    """
    order = random.Random(6)  # noqa: S311  nothing to guess: the same turns at every run
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(-WARM, rounds):
        for name in order.sample([*calls], len(calls)):
            gc.collect()  # nobody pays for what the one before left
            sleep(BREATH)
            started = perf_counter()
            calls[name](number + WARM)
            if number >= 0:
                times[name].append((perf_counter() - started) * 1000)
    return times


def p95(values: Sequence[float]) -> float:
    """The smallest value that 95 % of them do not exceed; nan without any."""
    return sorted(values)[ceil(0.95 * len(values)) - 1] if values else float("nan")
