"""Ask a server of our own for four times the PDFs that it can make, and tell how it answers.

Run by `script/overload`. First, in calm, a few clients each ask for one PDF after the other: that
is the capacity. Then requests leave at their own pace, whatever comes back, and pages and texts
are asked for meanwhile. A PDF may be refused (503, with when to come back and a French page);
nothing else may. Times count from when a request was due, so that a late one is not forgotten.
Limits: the clients share the machine's cores with the server, which makes it look slower.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import count, takewhile
from statistics import median, quantiles
from time import monotonic, perf_counter, sleep

from tests import load
from tests.load import (
    CLIENTS,
    NO_ANSWER,
    PATIENCE,
    WORKERS,
    Answer,
    Request,
    StopError,
    ask,
    is_right,
)
from tests.server import ServerError, running

SECONDS, LONGEST = 30, 120
TIMES = 4
READING = 5  # pages a second while PDFs are asked for, and as many texts
MOST = 20_000  # requests in all: a machine that is very fast gets a shorter storm
IN_FLIGHT = 256  # requests at a time; beyond it they leave late, and their times say so
USAGE = (
    f"Usage : script/overload [SECONDES] ; de 1 à {LONGEST} secondes de surcharge ({SECONDS} sans "
    f"nombre) et {MOST} demandes au plus, sur cette machine seulement."
)
PDFS, PAGES, TEXTS = "PDF", "pages", "textes"
KINDS: dict[str, Callable[[int], Request]] = {
    PDFS: load.pdf,
    PAGES: load.page,
    TEXTS: load.text,
}


SERVED, REFUSED, OTHER = OUTCOMES = ("servi", "refusé", "autre")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request; its answer is not kept, there are too many."""

    kind: str
    outcome: str
    status: int
    seconds: float


def judge(kind: str, request: Request, answer: Answer) -> str:
    """Served, or refused as agreed: a PDF, with when to come back and a page that says so."""
    if is_right(request, answer):
        return SERVED
    says_when = answer.headers.get("Retry-After", "").isdecimal()
    is_french = b'<html lang="fr"' in answer.body
    agreed = kind == PDFS and answer.status == 503 and says_when and is_french
    return REFUSED if agreed else OTHER


def send(port: int, kind: str, number: int, due: float | None = None) -> Result:
    request = KINDS[kind](number)
    answer = ask(port, request, due)
    return Result(kind, judge(kind, request, answer), answer.status, answer.seconds)


def in_calm(port: int, seconds: float) -> list[Result]:
    """Pages and texts, one at a time with nobody else."""
    deadline = monotonic() + seconds
    numbers = takewhile(lambda _: monotonic() < deadline, range(MOST))
    return [send(port, kind, number) for number in numbers for kind in (PAGES, TEXTS)]


def at_capacity(port: int, seconds: float) -> tuple[list[Result], float]:
    """PDFs for a few clients, each of whom waits for its own; and how many a second."""
    started = monotonic()
    numbers = count()

    def client(_: int) -> list[Result]:
        mine = takewhile(lambda n: n < MOST and monotonic() < started + seconds, numbers)
        return [send(port, PDFS, number) for number in mine]

    with ThreadPoolExecutor(CLIENTS) as pool:
        results = [result for some in pool.map(client, range(CLIENTS)) for result in some]
    return results, len(results) / (monotonic() - started)


def timetable(rate: float, seconds: float) -> list[tuple[float, str, int]]:
    """When each request leaves, of which kind, with its number."""
    paces = {PDFS: rate, PAGES: READING, TEXTS: READING}
    moments = (
        (number / pace, kind, number)
        for kind, pace in paces.items()
        for number in range(min(int(pace * seconds), MOST))
    )
    return sorted(moments)[:MOST]


def storm(port: int, rate: float, seconds: float) -> list[Result]:
    """Send every request of the timetable when it is due, whatever comes back."""
    schedule = timetable(rate, seconds)
    pool = ThreadPoolExecutor(IN_FLIGHT)
    started = perf_counter()
    waiting = []
    try:
        for moment, kind, number in schedule:
            due = started + moment
            sleep(max(0.0, due - perf_counter()))
            waiting.append(pool.submit(send, port, kind, number, due))
        wait(waiting, PATIENCE)
    finally:
        pool.shutdown(cancel_futures=True)
    return [
        Result(kind, OTHER, NO_ANSWER, PATIENCE) if future.cancelled() else future.result()
        for future, (_, kind, _) in zip(waiting, schedule, strict=True)
    ]


def comes_back(port: int) -> bool:
    """Whether a PDF can be had again and the server says that it is well."""
    deadline = monotonic() + PATIENCE
    while send(port, PDFS, 0).outcome != SERVED:
        if monotonic() > deadline:
            return False
        sleep(0.1)
    health = ask(port, Request("/sante"))
    told = json.loads(health.body) if health.status == 200 else {}
    return told.get("ok") is True and told.get("pdf", True) is True


def problems(calm: Iterable[Result], stormy: Sequence[Result], *, is_back: bool) -> list[str]:
    """What was not as agreed, in French; nothing if all was."""
    found = []
    if wrong := [result for result in calm if result.outcome != SERVED]:
        found.append(f"par temps calme, {len(wrong)} mauvaises réponses ({statuses(wrong)}).")
    for kind in KINDS:
        if wrong := [r for r in stormy if r.kind == kind and r.outcome == OTHER]:
            found.append(f"{kind} : {len(wrong)} mauvaises réponses ({statuses(wrong)}).")
    if not any(result.outcome == REFUSED for result in stormy):
        found.append("aucun PDF n’a été refusé : rien ne borne ceux qui attendent.")
    if not is_back:
        found.append(f"{PATIENCE:g} secondes après, le serveur ne va toujours pas bien.")
    return found


def statuses(results: Iterable[Result]) -> str:
    codes = sorted({result.status for result in results})
    return ", ".join(str(code) if code else "sans réponse" for code in codes)


def times(results: Sequence[Result]) -> str:
    """The median time and the one that 95 of 100 stay under, in milliseconds."""
    taken = [result.seconds * 1000 for result in results]
    if not taken:
        return f"{'–':>10}{'–':>10}"
    high = quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
    return f"{median(taken):10.0f}{high:10.0f}"


def table(calm: Sequence[Result], stormy: Sequence[Result]) -> str:
    lines = [
        f"{'':20}{'demandés':>10}{'servis':>8}{'503':>8}{'autres':>8}{'médiane':>10}{'95 %':>10}"
    ]
    for when, results in (("calme", calm), ("surcharge", stormy)):
        for kind in KINDS:
            some = [result for result in results if result.kind == kind]
            by = {outcome: [r for r in some if r.outcome == outcome] for outcome in OUTCOMES}
            counts = "".join(f"{len(by[outcome]):8}" for outcome in OUTCOMES)
            lines.append(f"{f'{kind}, {when}':20}{len(some):10}{counts}{times(by[SERVED])}")
            if by[REFUSED]:
                lines.append(f"{'  dont refusés':54}{times(by[REFUSED])}")
    return "\n".join(lines)


def overload(port: int, seconds: int) -> list[str]:
    """Measure, overload, wait for calm; prints the figures."""
    part = min(10, seconds)
    calm = in_calm(port, part)
    pdfs, capacity = at_capacity(port, part)
    print(f"Capacité : {capacity:.1f} PDF par seconde, {CLIENTS} clients.", flush=True)
    rate = TIMES * capacity
    print(f"Surcharge : {rate:.1f} PDF demandés par seconde pendant {seconds} s.", flush=True)
    stormy = storm(port, rate, seconds)
    is_back = comes_back(port)
    print(f"{table([*pdfs, *calm], stormy)}\nTemps en millisecondes.")
    return problems([*pdfs, *calm], stormy, is_back=is_back)


def run(seconds: int) -> list[str]:
    try:
        with running(WEB_CONCURRENCY=str(WORKERS)) as server:
            found = overload(server.port, seconds)
    except ServerError as error:
        raise StopError(f"le serveur n’a pas démarré. {error}") from None
    if not found:
        print("Rien n’a été perdu : chaque demande a eu sa réponse, et le calme est revenu.")
    return found


def main() -> None:
    seconds = load.number_given(sys.argv[1:], USAGE, SECONDS, LONGEST)
    load.end(partial(run, seconds))


if __name__ == "__main__":
    main()
