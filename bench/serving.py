"""How the real server answers, from one client to sixty-four, and what it holds in memory.

gunicorn serves, `bench.client` asks, on this machine. What is compared is measured in turn, and
again, so that a busy machine slows both. « Ours » is what script/server runs; the others are
gunicorn's own workers, told apart by arguments and settings (`CONFIGURATIONS`). Limits: Linux
(/proc); the clients share the cores with the server, and no figure is corrected for it; five
minutes.
"""

import gc
import os
import re
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from math import isnan
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import NamedTuple

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from bench.client import (
    AGAIN,
    FORM,
    HOME,
    KINDS,
    LETTER_PAGE,
    MIXED,
    TEXT,
    Clients,
    Crowd,
    Door,
    Line,
    Run,
    Runs,
    everybody,
    message,
)
from bench.plot import Curve, Panel
from bench.report import DASH, NBSP, Section, Target, french, table
from letters.web.pdfs import RETRY_AFTER
from letters.web.settings import Settings
from tests.load import SLUGS, StopError
from tests.load.overload import OTHER, PAGES, PDFS, REFUSED, TEXTS
from tests.load.soak import family, memory, wait_for_workers
from tests.server import ROOT, SCRIPT, Server, gunicorn, running

CLIENTS = 3  # for each process: enough for it never to wait, few enough for it to refuse few
CROWD = 8  # clients who want PDFs while pages and texts are read
PACE = 10.0  # pages a second meanwhile, and as many texts
USERS = (1, 2, 4, 8, 16, 32, 64)
STARTS = 5
WARM = 10  # PDFs that the first one of a process is compared with

# What is wanted: milliseconds, MB, times.
READ = {HOME: None, FORM: None, LETTER_PAGE: 6.0, TEXT: 4.0}
MOST_MEMORY = 130.0
SLOWER = 3.0  # pages and texts, while PDFs are made
NEARLY_BEST = 0.95
HOLDS = 0.8  # of the best, when most are refused: a refusal shows the letter, which costs a page
TWO_PROCESSES = 1.9


class Seconds(NamedTuple):
    """How long each part lasts; the first five each time, of `rounds`."""

    reading: float = 3.0  # each kind of page
    scaling: float = 5.0  # one process or two
    idle: float = 4.0  # pages and texts alone
    full: float = 4.0  # PDFs alone
    busy: float = 5.0  # all of them
    users: float = 8.0  # each number of clients
    warming: float = 15.0  # before memory is read
    rounds: int = 3


QUICK = Seconds(0.3, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1)
NORMAL = Seconds()
Part = tuple[Section, list[Target]]


@dataclass(frozen=True, slots=True)
class Configuration:
    """A way to serve: arguments of gunicorn on top of deploy/gunicorn.conf.py, and settings.

    `stays`: its clients keep their connections, as browsers do with a server that lets them.
    """

    name: str
    workers: int = 2
    arguments: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    stays: bool = False

    @contextmanager
    def served(self, command: Sequence[str] = gunicorn()) -> Iterator[Server]:
        """Its server, once all its processes are there."""
        settings = {"WEB_CONCURRENCY": str(self.workers), **self.settings}
        with running((*command, *self.arguments), ROOT, **settings) as server:
            wait_for_workers(server.process.pid, self.workers)
            yield server


OURS = Configuration("la nôtre, 2 processus")
SYNC = ("-k", "sync", "--threads", "1")
CONFIGURATIONS = (
    OURS,
    Configuration("la nôtre, une seule priorité", arguments=("-c", "bench/same_nice.conf.py")),
    Configuration("la nôtre, sans se regarder", arguments=("-c", "bench/alone.conf.py")),
    Configuration("la nôtre, 1 processus", 1),
    Configuration("la nôtre, 4 processus", 4),
    Configuration("« sync » de gunicorn, 2 processus", 2, SYNC),
    Configuration(
        "« gthread » de gunicorn, connexions gardées 2 s, 2 processus",
        arguments=("-k", "gthread", "--keep-alive", "2"),
        stays=True,
    ),
)


def measure(
    seconds: Seconds = NORMAL, configurations: Sequence[Configuration] = CONFIGURATIONS
) -> tuple[list[Section], list[Target], list[Panel]]:
    """Everything that is said of the server; the first configuration is the one that is shipped."""
    with everybody() as clients:
        parts = [
            reading(clients, seconds),
            starting(),
            scaling(clients, seconds),
            weight(clients, seconds),
            side_by_side(clients, seconds, configurations),
        ]
        growth, panels = users(clients, seconds)
    parts.append(growth)
    return [part[0] for part in parts], [target for part in parts for target in part[1]], panels


# Pages and texts, with nobody else


def reading(clients: Clients, seconds: Seconds) -> Part:
    """Times of pages and texts: inside the program, for the processes, and for a client."""
    rows, targets = [], []
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # with nothing else loaded
        inside = pool.submit(program_times, seconds.reading / 3).result()
    with OURS.served(SCRIPT) as server:
        door = Door(server.port)
        clients.run(door, seconds.reading, *(Crowd(kind, 1) for kind in (*READ, PDFS)))  # warm
        for kind, limit in READ.items():
            before = cpu_time(server)
            run = clients.run(door, seconds.reading, Crowd(kind, 1))
            spent = (cpu_time(server) - before) / len(run.samples) * 1000
            seen = Runs([run])
            figures = (inside[kind], spent, seen.p50(kind), seen.p95(kind))
            rows.append([kind, *(french(figure, 1) for figure in figures)])
            if limit is not None:
                name = f"{kind}, temps du programme (médiane)"
                targets.append(Target(name, limit, inside[kind], "ms", "less"))
    lines = [
        "Un client, serveur au repos ; temps en millisecondes. « Programme seul » : l’application,"
        " sans serveur ni réseau (médiane). « Processeur » : ce que le serveur entier y passe (en"
        " moyenne). « Client » : de la connexion au dernier octet.",
        "",
        *table(["", "programme seul", "processeur", "client, médiane", "client, 95 %"], rows),
    ]
    return Section("Pages et textes", lines), targets


def cpu_time(server: Server) -> float:
    """Seconds of a core that its processes have taken until now."""
    stats = (Path(f"/proc/{process}/stat").read_text() for process in family(server.process.pid))
    ticks = sum(sum(map(int, stat.rpartition(")")[2].split()[11:13])) for stat in stats)
    return ticks / os.sysconf("SC_CLK_TCK")


def program_times(seconds: float) -> dict[str, float]:
    """Milliseconds (median) that the program itself takes for each kind of page."""
    for kind in (PDFS, *READ):  # warm
        ask_program(seconds / 3, kind)
    gc.collect()
    gc.freeze()  # as the server does before it serves
    return {kind: median(ask_program(seconds, kind)) * 1000 for kind in READ}


def ask_program(seconds: float, kind: str) -> list[float]:
    """Seconds of each call of the application in this process, for so long."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        request = KINDS[kind](len(times))
        method = "POST" if request.fields else "GET"
        environ = EnvironBuilder(request.path, method=method, data=request.fields).get_environ()
        started = time.perf_counter()
        _, status, _ = run_wsgi_app(program(), environ, buffered=True)
        times.append(time.perf_counter() - started)
        if status != "200 OK":
            raise StopError(f"une demande ({kind}) a eu la réponse {status}.")
    return times


@cache
def program() -> Flask:
    """The application, in this process."""
    return create_app(Settings())


# A start, and the first PDF of each process


def starting() -> Part:
    """From the command to the first page; then the first PDF of each process to its next ones."""
    answers, firsts, ratios = [], [], []
    for _ in range(STARTS):
        started = time.perf_counter()
        settings = {"WEB_CONCURRENCY": str(OURS.workers)}
        with running(SCRIPT, ROOT, **settings) as server:
            one_time(server, HOME)
            answers.append(time.perf_counter() - started)
            wait_for_workers(server.process.pid, OURS.workers)
            for first, warm in first_pdfs(server):
                firsts.append(first * 1000)
                ratios.append(first / warm)
    lines = [
        f"{STARTS} démarrages de `script/server`, tout étant installé. La première page arrive en"
        f" {french(median(answers))} s (médiane), {french(max(answers))} s au pire.",
        "",
        f"Premier PDF de chacun des {len(ratios)} processus : {french(median(firsts), 1)} ms"
        f" (médiane). C’est {french(median(ratios))} fois un PDF à chaud du même processus,"
        f" {french(max(ratios))} fois au pire.",
    ]
    name = "premier PDF d’un processus, contre un PDF à chaud (médiane)"
    return Section("Démarrage", lines), [
        Target("première page après `script/server`, au pire", 3.0, max(answers), "s", "less"),
        Target(name, 1.5, median(ratios), "×", "less"),
    ]


def first_pdfs(server: Server) -> Iterator[tuple[float, float]]:
    """For each process, the seconds of its first PDF and of those that follow (median)."""
    _, *workers = family(server.process.pid)
    for worker in workers:
        with stopped([other for other in workers if other != worker]):
            first, *next_ones = (one_time(server, PDFS, number) for number in range(1 + WARM))
        yield first, median(next_ones)


@contextmanager
def stopped(processes: Sequence[int]) -> Iterator[None]:
    """Have processes of ours do nothing for a moment: another then gets every request."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def one_time(server: Server, kind: str, number: int = 0) -> float:
    """Seconds of one request; the number changes who asks, not the letter."""
    line = Line(Door(server.port))
    answer = line.ask(message(KINDS[kind](number * len(SLUGS)), "localhost"))
    if answer.status != 200:
        raise StopError(f"une demande ({kind}) a eu la réponse {answer.status}.")
    return answer.seconds


# One process or two


def scaling(clients: Clients, seconds: Seconds) -> Part:
    """PDFs a second of two processes to those of one; then of the machine without a server."""
    runs: dict[int, list[Run]] = {1: [], 2: []}
    alone: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(seconds.rounds):
        for workers in runs:
            with Configuration("", workers).served() as server:
                door, crowd = Door(server.port), Crowd(PDFS, CLIENTS * workers)
                clients.run(door, seconds.scaling / 8, crowd)  # warm
                runs[workers].append(clients.run(door, seconds.scaling, crowd))
            alone[workers].append(rate_alone(workers, seconds.scaling / 2))
    one, two = Runs(runs[1]), Runs(runs[2])
    ratio = two.best_rate(PDFS) / one.best_rate(PDFS)
    machine = max(alone[2]) / max(alone[1])
    taken = f"{french(two.client_cpu * 100, 1)}{NBSP}%"
    lines = [
        f"Un processus : {french(one.best_rate(PDFS), 1)} PDF par seconde. Deux :"
        f" {french(two.best_rate(PDFS), 1)}, soit {french(ratio)} fois ce débit (au mieux)."
        f" {CLIENTS} clients par processus, en boucle ; ils prennent {taken} d’un des cœurs.",
        "",
        "La machine, elle : deux boucles de PDF, sans serveur ni client, vont"
        f" {french(machine)} fois plus vite qu’une"
        f" ({french(max(alone[1]), 1)} et {french(max(alone[2]), 1)} PDF par seconde).",
    ]
    floor = (
        f"deux boucles de PDF sans serveur vont {french(machine)} fois plus vite qu’une sur cette"
        f" machine, et les clients prennent {taken} d’un des deux cœurs (« Un processus ou deux »)."
    )
    name = "PDF par seconde : deux processus contre un"
    return Section("Un processus ou deux", lines), [
        Target(name, TWO_PROCESSES, ratio, "×", "more", floor if ratio > 0.93 * machine else "")
    ]


def rate_alone(processes: int, seconds: float) -> float:
    """PDFs a second of so many processes that do nothing else, together."""
    with ExitStack() as stack:
        alone = get_context("spawn")
        pools = [
            stack.enter_context(ProcessPoolExecutor(1, alone)) for _process in range(processes)
        ]
        for duration in (seconds / 8, seconds):  # the first to be warm
            asked = [pool.submit(ask_program, duration, PDFS) for pool in pools]
            done = [made.result() for made in asked]
    return sum(len(times) / sum(times) for times in done)


# Memory

BOTH, WATCHER = "les deux processus ensemble", "celui qui les surveille"


def weight(clients: Clients, seconds: Seconds) -> Part:
    """What two processes hold once they have made letters of every kind."""
    with OURS.served(SCRIPT) as server:
        crowds = (Crowd(MIXED, CLIENTS), Crowd(PAGES, 1, PACE / 2), Crowd(TEXTS, 1, PACE / 2))
        run = clients.run(Door(server.port), seconds.warming, *crowds)
        master, *workers = family(server.process.pid)
        both, watcher = held(workers), held([master])
    rows = {BOTH: both, WATCHER: watcher}
    lines = [
        f"Après {len(run.times(MIXED))} lettres de toutes sortes, avec des pages et des textes"
        " (en Mo). « Part » : une page de mémoire que trois processus partagent compte pour un"
        " tiers (PSS). « En propre » : ce que nul autre n’a (RSS moins le partagé).",
        "",
        *table(
            ["", "part", "en propre", "RSS"],
            [[name, *(french(value, 1) for value in values)] for name, values in rows.items()],
        ),
        "",
        f"Sur 10 000 lettres, `script/soak` a dit (`docs/charge.md`) : {soak_said()}",
    ]
    name = "mémoire de deux processus ensemble (PSS)"
    return Section("Mémoire", lines), [Target(name, MOST_MEMORY, both[0], "Mo", "less")]


def held(processes: Sequence[int]) -> tuple[float, float, float]:
    """MB of processes together: their share (PSS), what is theirs alone, all they see (RSS)."""

    def total(kind: str) -> float:
        return sum(memory(process, kind) for process in processes)

    return total("Pss"), total("Private_Clean") + total("Private_Dirty"), total("Rss")


def soak_said() -> str:
    """What the last soak that was written down says of ten thousand letters."""
    text = (ROOT / "docs" / "charge.md").read_text(encoding="utf-8")
    return str(re.findall(r"^Pente .*$", text, re.MULTILINE)[-1])


# Pages and texts while PDFs are made


@dataclass(frozen=True, slots=True)
class Row:
    """A configuration at rest (pages and texts), with PDFs alone, with all; memory in MB."""

    configuration: Configuration
    idle: Runs
    full: Runs
    busy: Runs
    memory: float

    def slower(self, kind: str) -> float:
        """How many times longer pages or texts take, at 95 %, while PDFs are made."""
        return self.busy.p95(kind) / self.idle.p95(kind)

    @property
    def lost(self) -> int:
        return sum(runs.count(OTHER) for runs in (self.idle, self.full, self.busy))

    def cells(self) -> list[str]:
        figures = [self.full.best_rate(PDFS), self.full.p50(PDFS), self.full.p95(PDFS)]
        figures.append(self.busy.best_rate(PDFS))
        for kind in (PAGES, TEXTS):
            for runs in (self.idle, self.busy):
                figures += [runs.p50(kind), runs.p95(kind)]
        counts = (self.full.count(REFUSED) + self.busy.count(REFUSED), self.lost)
        return [
            self.configuration.name,
            *(DASH if isnan(figure) else french(figure, 1) for figure in figures),
            *(str(number) for number in counts),
            french(self.memory, 0),
        ]


HEADINGS = [
    "",
    "PDF/s",
    *("PDF : médiane", "95 %", "PDF/s avec pages et textes"),
    *("pages, repos : médiane", "95 %", "pages, PDF : médiane", "95 %"),
    *("textes, repos : médiane", "95 %", "textes, PDF : médiane", "95 %"),
    *("refusés", "perdus", "mémoire"),
]


def side_by_side(
    clients: Clients, seconds: Seconds, configurations: Sequence[Configuration]
) -> Part:
    """The same work for every configuration; the first is ours."""
    rows = compare(clients, seconds, configurations)
    ours, best = rows[0], max(row.full.best_rate(PDFS) for row in rows)
    share = max(row.busy.client_cpu for row in rows) * 100
    lines = [
        f"{CROWD} clients demandent des PDF en boucle, tous différents : seuls d’abord, puis"
        f" pendant qu’un autre lit {PACE:g} pages par seconde, et un autre {PACE:g} textes."
        " « Repos » : ces deux-là seuls."
        f" Qui est refusé (503) recommence après {AGAIN:g} s."
        f" {seconds.rounds} tours ; PDF par seconde : le meilleur tour, que d’autres travaux de la"
        " machine ont le moins gêné. Temps en millisecondes, mémoire en Mo (PSS, tous processus)."
        f" Les clients prennent au plus {french(share, 1)}{NBSP}% d’un cœur.",
        "",
        *table(HEADINGS, [row.cells() for row in rows]),
    ]
    slower = [
        Target(f"{kind} pendant les PDF, à 95 %, contre le repos", SLOWER, value, "×", "less")
        for kind in (PAGES, TEXTS)
        for value in [ours.slower(kind)]
    ]
    share_of_best = ours.full.best_rate(PDFS) / best
    name = "PDF par seconde, contre la meilleure configuration"
    return Section("Pages et textes pendant que des PDF se font", lines), [
        *slower,
        Target(name, NEARLY_BEST, share_of_best, "×", "more"),
        Target("demandes perdues", 0, ours.lost, "", "less"),
    ]


class Seen(NamedTuple):
    """What was seen of a configuration, round after round."""

    idle: list[Run]
    full: list[Run]
    busy: list[Run]
    megabytes: list[float]


def compare(
    clients: Clients, seconds: Seconds, configurations: Sequence[Configuration]
) -> list[Row]:
    """Each configuration in turn, and again, so that all see the machine in the same moods."""
    seen = [Seen([], [], [], []) for _ in configurations]
    for _ in range(seconds.rounds):
        for configuration, its in zip(configurations, seen, strict=True):
            stays = configuration.stays
            pdfs = Crowd(PDFS, CROWD, stays=stays)
            readers = [Crowd(kind, 1, PACE, stays) for kind in (PAGES, TEXTS)]
            with configuration.served() as server:
                door = Door(server.port)
                clients.run(door, seconds.idle / 3, pdfs, *readers)  # warm
                its.idle.append(clients.run(door, seconds.idle, *readers))
                its.full.append(clients.run(door, seconds.full, pdfs))
                its.busy.append(clients.run(door, seconds.busy, pdfs, *readers))
                its.megabytes.append(held(family(server.process.pid))[0])
    return [
        Row(configuration, Runs(its.idle), Runs(its.full), Runs(its.busy), max(its.megabytes))
        for configuration, its in zip(configurations, seen, strict=True)
    ]


# More and more people

ALL_SORTS = f"{CROWD}, lettres de toutes sortes"


def users(clients: Clients, seconds: Seconds) -> tuple[Part, list[Panel]]:
    """What one client to sixty-four get who each ask for one PDF after the other."""
    with OURS.served() as server:
        door = Door(server.port)
        clients.run(door, seconds.users / 4, Crowd(PDFS, CROWD))  # warm
        runs, megabytes = {}, []
        for n in USERS:
            crowd = Crowd(PDFS, n, again=RETRY_AFTER)
            runs[n] = Runs([clients.run(door, seconds.users, crowd)])
            megabytes.append(held(family(server.process.pid))[0])
        mixed = Runs([clients.run(door, seconds.users, Crowd(MIXED, CROWD))])
    rows = [_user_row(str(number), run, PDFS) for number, run in runs.items()]
    rows.append(_user_row(ALL_SORTS, mixed, MIXED))
    rates = [run.rate(PDFS) for run in runs.values()]
    lines = [
        "Chaque client demande un PDF, attend, recommence ; refusé (503), il attend"
        f" {RETRY_AFTER} secondes, comme l’en-tête `Retry-After` le dit."
        " Temps de ceux qui sont servis, en millisecondes. « De toutes sortes » : gros caractères,"
        " feuilles à dire et dossiers zip aussi.",
        "",
        *table(["clients", "PDF/s", "médiane", "95 %", "refusés", "perdus"], rows),
    ]
    targets = [
        Target(
            f"PDF par seconde à {USERS[-1]} clients, contre le mieux",
            HOLDS,
            rates[-1] / max(rates),
            "×",
            "more",
        ),
        Target("demandes perdues, de 1 à 64 clients", 0, _lost(runs), "", "less"),
    ]
    return (Section("De 1 à 64 clients", lines), targets), _panels(runs, megabytes)


def _user_row(name: str, run: Runs, kind: str) -> list[str]:
    figures = (run.rate(kind), run.p50(kind), run.p95(kind))
    counts = (str(run.count(REFUSED)), str(run.count(OTHER)))
    return [name, *(DASH if isnan(figure) else french(figure, 1) for figure in figures), *counts]


def _lost(runs: Mapping[int, Runs]) -> int:
    return sum(run.count(OTHER) for run in runs.values())


def _panels(runs: Mapping[int, Runs], megabytes: Sequence[float]) -> list[Panel]:
    clients = [float(number) for number in runs]
    rates = [run.rate(PDFS) for run in runs.values()]
    middle = [run.p50(PDFS) for run in runs.values()]
    high = [run.p95(PDFS) for run in runs.values()]
    x_label = "clients à la fois"
    return [
        Panel("Débit", x_label, "PDF par seconde", [Curve("PDF", clients, rates)]),
        Panel("Mémoire", x_label, "Mo", [Curve("serveur entier (PSS)", clients, [*megabytes])]),
        Panel(
            "Attente",
            x_label,
            "millisecondes",
            [Curve("médiane", clients, middle), Curve("95 %", clients, high)],
        ),
    ]
