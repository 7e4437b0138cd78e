"""What a server bears: the one of this folder, and the one of another checkout beside it.

`compare` measures both in one run, in turn and again, so that they see the machine in the same
moods. `endure` posts thousands of letters and tells whether memory, files and threads stay flat;
`overload` asks for four times the PDFs that can be made. Limits: Linux only, where /proc tells what
processes hold (PSS counts a page of memory shared by three as a third each).
"""

import json
import os
import select
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median
from tempfile import TemporaryFile
from time import monotonic, sleep
from urllib.parse import urlsplit

from bench import load
from bench.load import LOST, MIXED, PAGES, PDFS, REFUSED, SERVED, TEXTS, Crowd, Run
from bench.report import StopError, french, table

HERE = Path(__file__).parents[1]
PROCESSES, CROWD, PACE = 2, 8, 10.0
GREETING = "Droit de plume : "
SLOPE, GROWTH, SPARE, ENOUGH = 1.0, 1.1, 2, 2000


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its first process, and the port that it answers at."""

    process: int
    port: int

    def family(self) -> list[int]:
        """The process and all that it started."""
        found = [self.process]
        for process in found:  # which grows meanwhile
            with suppress(FileNotFoundError):  # it has just ended
                for task in Path(f"/proc/{process}/task").iterdir():
                    found += map(int, (task / "children").read_text().split())
        return found

    def megabytes(self) -> float:
        """The memory of all processes together (PSS)."""
        rolls = [Path(f"/proc/{process}/smaps_rollup").read_text() for process in self.family()]
        return sum(int(roll.partition("\nPss:")[2].split()[0]) for roll in rolls) / 1024

    def held(self) -> tuple[int, int]:
        """Open files and threads of all processes."""
        places = [Path(f"/proc/{process}") for process in self.family()]
        return tuple(  # type: ignore[return-value]  # two of them
            sum(len([*(place / kind).iterdir()]) for place in places) for kind in ("fd", "task")
        )


@contextmanager
def served(folder: Path = HERE) -> Iterator[Server]:
    """The server of a checkout, by its own Python; stopped at the end. Raises StopError."""
    binaries = folder / ".venv" / "bin"
    command = [str(binaries / "python"), "-m", "deploy.serve"]
    if not (folder / "deploy" / "serve.py").exists():  # before waitress
        conf = ["-c", "deploy/gunicorn.conf.py", "app:create_app()"]
        command = [str(binaries / "gunicorn"), *conf]
    ours = ("DROIT_DE_PLUME_", "GUNICORN_", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept |= {"HOST": "127.0.0.1", "PORT": "0", "WEB_CONCURRENCY": str(PROCESSES)}
    with (
        TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(  # noqa: S603  our own server
            command, cwd=folder, env=kept, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        ) as process,
    ):
        try:
            ready = process.stdout and select.select([process.stdout], [], [], load.PATIENCE)[0]
            greeting = process.stdout.readline() if ready and process.stdout else ""
            if not greeting.startswith(GREETING):
                errors.seek(0)
                raise StopError(f"Le serveur n’a pas démarré. {greeting}{errors.read()}")
            port = urlsplit(greeting.removeprefix(GREETING).split()[0]).port
            server = Server(process.pid, port or 0)
            _wait_for_pdf(server)
            yield server
        finally:
            process.terminate()


def _wait_for_pdf(server: Server) -> bool:
    """Whether a PDF can be had, in a minute at most, and the server says that it is well."""
    limit = monotonic() + load.PATIENCE
    while load.ask(server.port, PDFS) != SERVED:
        if monotonic() > limit:
            return False
        sleep(0.1)
    _, _, body = load.answer(server.port, load.Request("/sante"))
    return bool(json.loads(body).get("ok"))


# Two servers side by side


@dataclass(slots=True)
class Seen:
    """What was seen of a server, a figure a round."""

    start: list[float] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)
    idle: list[Run] = field(default_factory=list)
    busy: list[Run] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)

    def row(self) -> list[str]:
        all_runs = [*self.idle, *self.busy]
        return [
            f"{french(_middle(self.idle, Run.p50))} / {french(_middle(self.idle, Run.p95))}",
            french(_middle(self.busy, Run.p95)),
            french(median(run.rate(PDFS) for run in self.busy)),
            french(median(self.pages), 0),
            f"{self.pressed.count(REFUSED)} / {len(self.pressed)}",
            str(sum(run.count(REFUSED) for run in all_runs)),
            str(sum(run.count(LOST) for run in all_runs) + self.pressed.count(LOST)),
            f"{french(median(self.start), 0)} / {french(max(self.loaded), 0)}",
        ]


def _middle(runs: Sequence[Run], figure: Callable[[Run, str], float]) -> float:
    return median(figure(run, PAGES) for run in runs)


HEADINGS = [
    *("", "pages, au repos : médiane / 95 % (ms)", "pages pendant les PDF : 95 % (ms)", "PDF/s"),
    *("pages/s", "refusés, 8 ensemble", "refusés, 8 en boucle", "perdus"),
    "mémoire : au départ / en charge (Mo)",
]


def compare(folders: dict[str, Path], seconds: float, rounds: int) -> list[str]:
    """The lines of the report: a row for each checkout by its name, the first is ours."""
    seen = {name: Seen() for name in folders}
    for _ in range(rounds):
        for name, folder in folders.items():
            with served(folder) as server:
                _measure(server, seconds, seen[name])
    ours, *others = seen.values()
    slower = _middle(ours.busy, Run.p95) / _middle(ours.idle, Run.p95)
    lines = [
        f"{rounds} tours de {seconds:g} s par essai, les serveurs à tour de rôle, {PROCESSES} "
        f"processus. « Au repos » : {PACE:g} pages par seconde, rien d’autre. « Pendant les PDF » :"
        f" {CROWD} clients demandent en plus des PDF en boucle ; qui est refusé (503) recommence "
        f"après 1 s. « 8 ensemble » : {CROWD} personnes appuient au même instant. « Pages/s » : "
        f"{CROWD} clients ne lisent que des pages. Médianes des tours ; mémoire : tous les "
        "processus (PSS). « L’autre » est le dossier donné à `--contre`.",
        *table(HEADINGS, [[name, *its.row()] for name, its in seen.items()]),
        f"Pages pendant les PDF, à 95 %, contre le repos : {french(slower)} fois (voulu : 3 au "
        "plus).",
    ]
    for other in others:
        rate = median(r.rate(PDFS) for r in ours.busy) / median(r.rate(PDFS) for r in other.busy)
        more = max(ours.loaded) - max(other.loaded)
        lines.append(
            f"Contre l’autre : {french(rate, 2)} fois ses PDF par seconde (voulu : 0,95 au moins), "
            f"{french(more, 0)} Mo de plus en charge (voulu : 50 au plus)."
        )
    return lines


def _measure(server: Server, seconds: float, its: Seen) -> None:
    pdfs, reader = Crowd(PDFS, CROWD), Crowd(PAGES, 1, PACE)
    its.start.append(server.megabytes())
    load.run(server.port, seconds / 3, pdfs, reader)  # warm
    its.idle.append(load.run(server.port, seconds, reader))
    its.busy.append(load.run(server.port, seconds, pdfs, reader))
    its.loaded.append(server.megabytes())
    its.pages.append(load.run(server.port, seconds / 2, Crowd(PAGES, CROWD)).rate(PAGES))
    for _ in range(max(1, round(seconds))):
        its.pressed += load.at_once(server.port, CROWD)


# Thousands of letters


def endure(letters: int) -> list[str]:
    """Post so many letters, print what the server holds, and return what did not stay flat."""
    print("lettres   mémoire Mo   fichiers   fils", flush=True)
    seen, done = [], 0
    readers = Crowd(PAGES, 1, PACE / 2), Crowd(TEXTS, 1, PACE / 2)
    with served() as server:
        processes = server.family()
        while done < letters:
            found = load.run(server.port, 10, Crowd(MIXED, 4), *readers)
            if found.count(LOST):
                return [f"{found.count(LOST)} mauvaises réponses avant {done} lettres."]
            done += len(found.of(MIXED))
            seen.append((done, server.megabytes(), *server.held()))
            print("{:7}{:13.1f}{:11}{:7}".format(*seen[-1]), flush=True)
        if server.family() != processes:
            return ["un processus du serveur a été remplacé en chemin."]
    if done < ENOUGH:
        print(f"Trop peu de lettres pour juger de ce qui s’accumule : il en faut {ENOUGH}.")
        return []
    return accumulated(seen, SPARE * len(processes))


def accumulated(seen: Sequence[tuple[int, float, int, int]], spare: int) -> list[str]:
    """What rises from the second half on: letters, MB, files and threads of each look."""
    half = [look for look in seen if look[0] >= seen[-1][0] / 2]
    first, last = half[0], half[-1]
    slope = linear_regression([n / 1000 for n, *_ in half], [mb for _, mb, *_ in half]).slope
    print(f"Pente de la seconde moitié : {slope:+.2f} Mo pour mille lettres (au plus {SLOPE:g}).")
    found = {
        f"la mémoire monte encore de {slope:.2f} Mo pour mille lettres.": slope > SLOPE,
        f"la mémoire passe de {first[1]:.0f} à {last[1]:.0f} Mo.": last[1] > GROWTH * first[1],
        f"les fichiers ouverts passent de {first[2]} à {last[2]}.": last[2] > first[2] + spare,
        f"les fils d’exécution passent de {first[3]} à {last[3]}.": last[3] > first[3] + spare,
    }
    return [sentence for sentence, is_so in found.items() if is_so]


# Four times too many


def overload(seconds: float) -> list[str]:
    """Ask for four times what can be made, print how it answers; return what was not as agreed."""
    readers = Crowd(PAGES, 4, PACE / 8), Crowd(TEXTS, 4, PACE / 8)
    with served() as server:
        calm = load.run(server.port, seconds / 3, Crowd(MIXED, 4), *readers)
        rate = 4 * calm.rate(MIXED)
        many = Crowd(MIXED, 128, rate / 128)  # whatever comes back, they keep their pace
        storm = load.run(server.port, seconds, many, *readers)
        is_back = _wait_for_pdf(server)
    print(f"Surcharge : {rate:.1f} PDF demandés par seconde pendant {seconds:g} s.")
    rows = [
        [
            f"{kind}, {when}",
            *(str(len(run.of(kind, outcome))) for outcome in (SERVED, REFUSED, LOST)),
            *(french(value, 0) for value in (run.p50(kind), run.p95(kind))),
        ]
        for when, run in (("calme", calm), ("surcharge", storm))
        for kind in (MIXED, PAGES, TEXTS)
    ]
    headings = ["", "servis", "refusés", "perdus", "médiane (ms)", "95 % (ms)"]
    print("\n".join(table(headings, rows)))
    found = {
        f"{calm.count(LOST) + storm.count(LOST)} mauvaises réponses.": calm.count(LOST)
        + storm.count(LOST),
        "par temps calme, des PDF sont refusés.": calm.count(REFUSED),
        "aucun PDF n’a été refusé : rien ne borne ceux qui attendent.": not storm.count(REFUSED),
        "une minute après, le serveur ne va toujours pas bien.": not is_back,
    }
    return [sentence for sentence, is_so in found.items() if is_so]
