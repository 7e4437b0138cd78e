"""Post thousands of letters to a server of our own, and tell whether what it holds stays flat.

Run by `script/soak`. Between two rounds, with nobody asking, it reads in /proc what gunicorn and
its workers hold: memory (PSS counts a page shared by three as a third each), files and threads.
Limits: Linux only, and a leak of less than `SLOPE` goes unseen.
"""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression
from time import monotonic, sleep

from tests import load
from tests.load import PATIENCE, WORKERS, Request, StopError, ask, is_right
from tests.server import ServerError, running

COUNT, MOST = 10_000, 100_000
LONGEST = 60  # minutes
ROUNDS = 20
USAGE = (
    f"Usage : script/soak [NOMBRE] ; de 1 à {MOST} lettres ({COUNT} sans nombre), sur cette "
    f"machine seulement, en {LONGEST} minutes au plus."
)
ENOUGH = 2000  # letters below which what a server that starts holds says nothing
WARM = 0.2  # of the letters: by then every cache is full, and every thread has drawn a long letter
SLOPE = 1.0  # MB more for a thousand letters, over the second half
GROWTH = 1.1  # times the memory once warm
SPARE = 2  # files or threads more, for each process
HEADINGS = "lettres   minutes   mémoire Mo   plus gros Mo   fichiers   fils"


@dataclass(frozen=True, slots=True)
class Sample:
    """What the processes hold once so many letters are made; memory in MB."""

    letters: int
    seconds: float
    pss: float
    largest: float
    files: int
    threads: int
    processes: frozenset[int]

    def __str__(self) -> str:
        return (
            f"{self.letters:7}{self.seconds / 60:10.1f}{self.pss:13.1f}{self.largest:15.1f}"
            f"{self.files:11}{self.threads:7}"
        )


def family(master: int) -> list[int]:
    """A process and its children."""
    tasks = Path(f"/proc/{master}/task").iterdir()
    children = " ".join((task / "children").read_text() for task in tasks).split()
    return [master, *map(int, children)]


def memory(process: int, kind: str) -> float:
    """The memory of a process in MB: its "Pss" or its "Rss"."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    [found] = [line.split()[1] for line in lines if line.startswith(f"{kind}:")]
    return int(found) / 1024


def wait_for_workers(master: int, workers: int = WORKERS) -> None:
    """The server greets before it starts its workers."""
    deadline = monotonic() + PATIENCE
    while len(family(master)) <= workers:
        if monotonic() > deadline:
            raise StopError(f"le serveur n’a pas eu ses {workers} processus.")
        sleep(0.05)


def sample(master: int, letters: int, seconds: float) -> Sample:
    processes = family(master)
    places = [Path(f"/proc/{process}") for process in processes]
    return Sample(
        letters,
        seconds,
        pss=sum(memory(process, "Pss") for process in processes),
        largest=max(memory(process, "Rss") for process in processes),
        files=sum(len([*(place / "fd").iterdir()]) for place in places),
        threads=sum(len([*(place / "task").iterdir()]) for place in places),
        processes=frozenset(processes),
    )


def problems(samples: Sequence[Sample]) -> list[str]:
    """What did not stay flat, in French; nothing if all did."""
    found = []
    if any(one.processes != other.processes for one, other in pairwise(samples)):
        found.append("un processus du serveur a été remplacé en chemin.")
    last = samples[-1]
    if last.letters < ENOUGH:
        return found
    warm = next(s for s in samples if s.letters >= WARM * last.letters)
    spare = SPARE * len(last.processes)
    if last.files > warm.files + spare:
        found.append(f"les fichiers ouverts sont passés de {warm.files} à {last.files}.")
    if last.threads > warm.threads + spare:
        found.append(f"les fils d’exécution sont passés de {warm.threads} à {last.threads}.")
    if last.pss > GROWTH * warm.pss:
        found.append(f"la mémoire est passée de {warm.pss:.1f} à {last.pss:.1f} Mo.")
    if (rise := slope(samples)) > SLOPE:
        found.append(f"la mémoire monte encore de {rise:.2f} Mo pour mille lettres.")
    return found


def slope(samples: Sequence[Sample]) -> float:
    """MB more for a thousand letters, over the second half."""
    half = [s for s in samples if s.letters >= samples[-1].letters / 2]
    line = linear_regression([s.letters / 1000 for s in half], [s.pss for s in half])
    return line.slope


def verdict(samples: Sequence[Sample]) -> str:
    """What is said under the table, whether something is wrong or not."""
    if samples[-1].letters < ENOUGH:
        return f"Trop peu de lettres pour juger de ce qui s’accumule : il en faut {ENOUGH}."
    return (
        f"Pente de la seconde moitié : {slope(samples):+.2f} Mo pour mille lettres "
        f"(au plus {SLOPE:g})."
    )


def requests(first: int, last: int) -> Iterator[Request]:
    """So many PDFs, with a page or a text after every second one."""
    for number in range(first, last):
        yield load.pdf(number)
        if number % 4 == 1:
            yield load.page(number // 4)
        if number % 4 == 3:
            yield load.text(number // 4)


def soak(port: int, master: int, count: int) -> list[Sample]:
    """Post `count` letters in rounds; a line after each. Raises StopError."""
    started = monotonic()
    deadline = started + LONGEST * 60

    def right(request: Request) -> bool:
        if monotonic() > deadline:
            raise StopError(f"{LONGEST} minutes n’ont pas suffi.")
        return is_right(request, ask(port, request))

    steps = sorted({count * n // ROUNDS for n in range(ROUNDS + 1)})
    samples = [sample(master, 0, 0)]
    print(f"{HEADINGS}\n{samples[0]}", flush=True)
    pool = ThreadPoolExecutor(load.CLIENTS)
    try:
        for first, last in pairwise(steps):
            answers = [*pool.map(right, requests(first, last))]
            if not all(answers):
                raise StopError(f"{answers.count(False)} mauvaises réponses avant {last} lettres.")
            samples.append(sample(master, last, monotonic() - started))
            print(samples[-1], flush=True)
    finally:
        pool.shutdown(cancel_futures=True)
    return samples


def run(count: int) -> list[str]:
    try:
        with running(WEB_CONCURRENCY=str(WORKERS)) as server:
            print(f"{count} lettres, {load.CLIENTS} clients, {server.url}", flush=True)
            wait_for_workers(server.process.pid)
            samples = soak(server.port, server.process.pid, count)
    except ServerError as error:
        raise StopError(f"le serveur n’a pas démarré. {error}") from None
    print(verdict(samples))
    return problems(samples)


def main() -> None:
    count = load.number_given(sys.argv[1:], USAGE, COUNT, MOST)
    if not Path("/proc/self/smaps_rollup").exists():
        print("Il faut Linux : la mémoire se lit dans /proc.", file=sys.stderr)
        sys.exit(load.USAGE)
    load.end(lambda: run(count))


if __name__ == "__main__":
    main()
