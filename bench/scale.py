"""More than one copy: nginx in front of several, with the files of deploy/, and one restart each.

The application keeps nothing, so a standard load balancer in front of copies is all it takes. Here
the copies share the cores of one machine: what is shown is that nothing is lost on the way and that
a restart loses no request, not that two machines are twice as fast as one. Limits: as
`bench.serving`; nginx does not count what a visitor sends, since there is only one here.
"""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from bench.client import Clients, Crowd, Door, Run, Runs, everybody
from bench.plot import Curve, Panel
from bench.report import NBSP, Section, Target, french, table
from bench.serving import CLIENTS
from tests.load import LOOPBACK
from tests.load.overload import OTHER, PAGES, PDFS, REFUSED, SERVED, TEXTS
from tests.load.soak import wait_for_workers
from tests.server import ROOT, Server, gunicorn, running
from tests.trust.fronts import NAME, Front, nginx, several

# (copies, processes of each)
SHAPES = ((1, 1), (2, 1), (4, 1), (1, 2), (1, 4))
STEADY_PORTS = range(20_000, 32_000)  # below those that the system gives to clients
PAUSE = 0.5  # seconds that a copy stays away, and before the next one stops
CROWDS = (Crowd(PDFS, 4, stays=True), Crowd(PAGES, 1, stays=True), Crowd(TEXTS, 1, stays=True))


@dataclass
class Copy:
    """A copy of the application, which comes back at the same port when it is started again."""

    port: int
    workers: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    _until: ExitStack = field(default_factory=ExitStack)

    def start(self) -> Server:
        settings = {
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(self.workers),
            "DROIT_DE_PLUME_PROXY_HOPS": "1",
            "DROIT_DE_PLUME_TRUSTED_HOSTS": NAME,
            **self.settings,
        }
        server = self._until.enter_context(running(gunicorn(), ROOT, **settings))
        wait_for_workers(server.process.pid, self.workers)
        return server

    def stop(self) -> None:
        """Ask it to end (SIGTERM), and wait until it has."""
        self._until.close()


@contextmanager
def balanced(folder: Path, copies: Sequence[Copy]) -> Iterator[Front]:
    """nginx in front of copies that have been started; all are stopped at the end."""
    with ExitStack() as stack:
        for copy in copies:
            stack.callback(copy.stop)
            copy.start()
        ports = [copy.port for copy in copies]
        front = nginx(folder, ports[0], more=several(ports))
        yield stack.enter_context(front)


def copies_of(number: int, workers: int = 1) -> list[Copy]:
    """So many copies, not started, each at a port that is free."""
    free = filter(_is_free, STEADY_PORTS)
    return [Copy(next(free), workers) for _copy in range(number)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex((LOOPBACK, port)) != 0


def door(front: Front) -> Door:
    return Door(front.port, NAME, str(front.folder / "tls" / "fullchain.pem"))


def roll(clients: Clients, front: Front, copies: Sequence[Copy]) -> Runs:
    """What people get while each copy in turn stops, stays away for a moment and comes back."""
    is_over = Event()

    def ask_until_then() -> list[Run]:
        runs = []
        while not is_over.is_set():
            runs.append(clients.run(door(front), 2 * PAUSE, *CROWDS))
        return runs

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask_until_then)
        try:
            for copy in copies:
                time.sleep(PAUSE)
                copy.stop()
                time.sleep(PAUSE)
                copy.start()
            time.sleep(PAUSE)
        finally:
            is_over.set()
    return Runs(asked.result())


def measure(seconds: float = 5, rounds: int = 2) -> tuple[list[Section], list[Target], list[Panel]]:
    """Throughput behind nginx, by copies and processes; and a rolling restart under load."""
    with everybody() as clients, TemporaryDirectory() as folder:
        runs = throughput(clients, Path(folder), seconds, rounds)
        copies = copies_of(2)
        with balanced(Path(folder) / "roll", copies) as front:
            rolled = roll(clients, front, copies * rounds)
    served, refused, lost = (rolled.count(outcome) for outcome in (SERVED, REFUSED, OTHER))
    lines = [
        "nginx, avec les fichiers de `deploy/nginx`, devant des copies de l’application, sur les"
        f" mêmes cœurs. {CLIENTS} clients par processus demandent des PDF en boucle. Temps en"
        " millisecondes.",
        "",
        *table(["", "PDF/s", "médiane", "95 %", "refusés", "perdus"], _rows(runs)),
        "",
        f"Redémarrage tour à tour de deux copies, pendant que des clients demandent{NBSP}:"
        f" {len(copies) * rounds} redémarrages ; {served} demandes (PDF, pages, textes) servies,"
        f" {refused} refusées comme prévu (503), {lost} perdues.",
    ]
    lost_in_all = lost + sum(each.count(OTHER) for each in runs.values())
    return (
        [Section("Plusieurs copies derrière nginx", lines)],
        [Target("demandes perdues, redémarrages compris", 0, lost_in_all, "", "less")],
        [_panel(runs)],
    )


Shape = tuple[int, int]


def throughput(clients: Clients, folder: Path, seconds: float, rounds: int) -> dict[Shape, Runs]:
    """PDFs behind nginx for each of `SHAPES`, in turn and again."""
    runs: dict[Shape, list[Run]] = {shape: [] for shape in SHAPES}
    for turn in range(rounds):
        for number, workers in SHAPES:
            copies = copies_of(number, workers)
            crowd = Crowd(PDFS, CLIENTS * number * workers, stays=True)
            with balanced(folder / f"{turn}-{number}-{workers}", copies) as front:
                clients.run(door(front), seconds / 4, crowd)  # warm
                runs[number, workers].append(clients.run(door(front), seconds, crowd))
    return {shape: Runs(each) for shape, each in runs.items()}


def _rows(runs: Mapping[Shape, Runs]) -> list[list[str]]:
    def name(number: int, workers: int) -> str:
        return f"{number} copie{'s' * (number > 1)} de {workers} processus"

    return [
        [
            name(*shape),
            *(french(value, 1) for value in (run.rate(PDFS), run.p50(PDFS), run.p95(PDFS))),
            *(str(run.count(outcome)) for outcome in (REFUSED, OTHER)),
        ]
        for shape, run in runs.items()
    ]


def _panel(runs: Mapping[Shape, Runs]) -> Panel:
    def curve(label: str, shapes: Sequence[Shape]) -> Curve:
        processes = [float(number * workers) for number, workers in shapes]
        return Curve(label, processes, [runs[shape].rate(PDFS) for shape in shapes])

    return Panel(
        "Copies et processus",
        "processus en tout",
        "PDF par seconde",
        [
            curve("copies d’un processus", [shape for shape in runs if shape[1] == 1]),
            curve("processus d’une copie", [shape for shape in runs if shape[0] == 1]),
        ],
    )
