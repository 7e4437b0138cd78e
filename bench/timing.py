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

WARM = 5  # calls before any is timed: caches, fonts, a browser's own compiler
BREATH = 0.02  # seconds between two calls
SEED = 6


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


@contextmanager
def settled() -> Iterator[None]:
    """Hide what is in memory from the garbage collector, as the server does before it serves."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def turns(every: Mapping[str, int], rounds: int) -> Iterator[str]:
    """Whose turn it is: in each round everybody once, in another order.

    `every` tells by name in how many rounds a slow one takes part: 1 for each, 10 for one of ten.
    """
    order = random.Random(SEED)  # noqa: S311  nothing to guess: the same turns at every run
    for number in range(rounds):
        names = [name for name, step in every.items() if number % step == 0]
        order.shuffle(names)
        yield from names


def in_turn(
    calls: Mapping[str, Callable[[int], object]],
    rounds: int,
    every: Mapping[str, int] | None = None,
) -> dict[str, list[float]]:
    """Milliseconds of each call by name, after `WARM` untimed ones.

    A call is told which of its own times it is, so that it can make something new each time.
    """
    steps = {name: (every or {}).get(name, 1) for name in calls}
    for call in calls.values():
        for number in range(WARM):
            call(number)
    times: dict[str, list[float]] = {name: [] for name in calls}
    with settled():
        for name in turns(steps, rounds):
            number = WARM + len(times[name])
            # Nobody pays for what the one before left: garbage, a browser that tidies up.
            gc.collect()
            sleep(BREATH)
            started = perf_counter()
            calls[name](number)
            times[name].append((perf_counter() - started) * 1000)
    return times


def p95(values: Sequence[float]) -> float:
    """The smallest value that 95 % of them do not exceed."""
    return sorted(values)[ceil(0.95 * len(values)) - 1]
