"""What more text, more options and more letters cost: in proportion at most, or the bench says so.

The sizes of a series are timed in turn, on one core. The memory of each is measured in a process
of its own (`python -m bench.growth options 3`): the most that this one answer takes for a moment,
above what a process holds that has made a small letter. Limits: Linux only, where the system
tells a process its peak and lets it begin anew.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import log
from pathlib import Path
from statistics import linear_regression, median

import pypdfium2

from app import create_app
from bench import specimen, timing
from bench.plot import Curve, Panel
from bench.report import Section, Target, figure, french, table
from letters.model import Letter, Line, Paragraph
from letters.render import pdf
from letters.web.outputs import MOST_LETTERS
from tests import load
from tests.load import StopError

LIMIT = 1.1  # 1 is in proportion; the rest is what a busy machine adds
LENGTH, OPTIONS, BUNDLE = "longueur", "options", "dossier"
SHEETS = (1, 2, 5)
NOTHING = -1  # in place of a size: what is asked for to know the fixed part
SMALLEST = 0.5  # MB: less is not told from nothing
SENTENCE = (
    "Ce paragraphe inventé, le numéro {number}, allonge la lettre d’une personne qui explique "
    "longuement sa demande, avec des accents, des « guillemets » et l’article {number} d’un texte."
)


@dataclass(frozen=True, slots=True)
class Point:
    """How much was asked for (`x`), the work that it makes, its milliseconds and its MB."""

    x: int
    work: float  # thousands of characters, or PDF files
    ms: float
    mb: float


@dataclass(frozen=True, slots=True)
class Series:
    """Something that grows: its points, and what nothing costs."""

    title: str
    x_label: str
    unit: str  # of the work
    nothing_ms: float
    points: list[Point]

    @property
    def exponent(self) -> float:
        """Of the time above what nothing costs, against the work: 1 is in proportion."""
        line = linear_regression(
            [log(point.work) for point in self.points],
            [log(max(point.ms - self.nothing_ms, 0.01)) for point in self.points],
        )
        return line.slope

    @property
    def memory_per_work(self) -> float:
        """The memory for a unit of work at the largest size, to that at the smallest."""
        first, *_, last = self.points
        return _memory_per_work(last) / _memory_per_work(first)


def _memory_per_work(point: Point) -> float:
    return max(point.mb, SMALLEST) / point.work


# What is asked for


def job(kind: str, size: int) -> tuple[Callable[[], object], float]:
    """What makes the answer, and how much work it is.

    `size` counts the paragraphs of `LENGTH`, the options ticked, or the letters of the bundle.
    """
    if kind == BUNDLE:
        return _bundle(size)
    large = kind == LENGTH
    letter = _letter(kind, size)
    characters = len(" ".join(specimen.words(letter)))
    return lambda: pdf.pdf(letter, large), characters / 1000


def _letter(kind: str, size: int) -> Letter:
    if size == NOTHING:
        return Letter((Line("C"),), ("C",), "", "C", (Paragraph("C"),), (), "C")
    if kind == OPTIONS:
        return specimen.with_options(size)
    added = [Paragraph(SENTENCE.format(number=number)) for number in range(size)]
    letter = specimen.with_options(0)
    return replace(letter, blocks=(letter.blocks[0], *added))


def _paragraphs(sheets: int) -> int:
    """How many fill so many sheets of large print."""
    for size in count(1):
        content = pdf.pdf(_letter(LENGTH, size), large=True)
        if len(pypdfium2.PdfDocument(content)) > sheets:
            return size - 1
    raise AssertionError  # `count` has no end


def _bundle(size: int) -> tuple[Callable[[], object], float]:
    """A zip of so many letters, asked of the whole application; for nothing, a text."""
    first, *others = load.SLUGS
    asked = load.letter(12, first, "text" if size == NOTHING else "bundle")
    data = {**asked.fields, "also": others[: max(0, size - 1)]}
    client = create_app().test_client()

    def post() -> bytes:
        answer = client.post(asked.path, data=data)
        if answer.status_code != 200:
            raise StopError(f"Un dossier de {size} lettres est refusé ({answer.status_code}).")
        return answer.get_data()

    return post, post().count(b".pdf") / 2  # a zip names each file twice


# Measures


def _times(kind: str, sizes: Sequence[int], rounds: int) -> tuple[dict[int, float], float]:
    """Milliseconds by size, and those of nothing."""
    calls = {str(size): _call(kind, size) for size in (NOTHING, *sizes)}
    took = {int(size): median(all_) for size, all_ in timing.in_turn(calls, rounds).items()}
    return took, took.pop(NOTHING)


def _call(kind: str, size: int) -> Callable[[int], object]:
    make, _ = job(kind, size)
    return lambda _: make()


def _peak_apart(kind: str, size: int) -> float:
    run = subprocess.run(  # noqa: S603  this very module
        [sys.executable, "-m", "bench.growth", kind, str(size)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode:
        why = run.stderr.strip().splitlines()[-1:]
        raise StopError(f"La mémoire de « {kind} {size} » n’a pas été mesurée : {why}")
    return float(run.stdout)


def peak() -> None:
    """Print the MB that one answer takes for a moment, in this process that made one before."""
    kind, size = sys.argv[1], int(sys.argv[2])
    for _ in range(timing.WARM):
        pdf.pdf(specimen.example())
    make, _work = job(kind, size)
    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak begins anew
    make()
    print(max(0.0, _status("VmHWM") - before))


def _status(name: str) -> float:
    """A figure of this process in MB: "VmRSS", "VmHWM"."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    [found] = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(found) / 1024


def _series(kind: str, shown: Sequence[int], sizes: Sequence[int], rounds: int) -> Series:
    took, nothing = _times(kind, sizes, rounds)
    points = [
        Point(x, job(kind, size)[1], took[size], _peak_apart(kind, size))
        for x, size in zip(shown, sizes, strict=True)
    ]
    return Series(*LABELS[kind], nothing, points)


# The title, what x counts, the unit of the work.
LABELS = {
    LENGTH: ("Longueur, en gros caractères", "feuilles", "mille signes"),
    OPTIONS: ("Options de la lettre", "options cochées", "mille signes"),
    BUNDLE: ("Taille du dossier", "lettres", "PDF"),
}


def measure(rounds: int) -> tuple[list[Section], list[Target], list[Panel]]:
    """Every series. Raises StopError when an answer is refused."""
    wording, _ = specimen.asked()
    options, letters = range(len(wording.options) + 1), range(1, MOST_LETTERS + 1)
    with timing.one_core():
        found = [
            _series(LENGTH, SHEETS, [_paragraphs(sheets) for sheets in SHEETS], rounds),
            _series(OPTIONS, options, options, rounds),
            _series(BUNDLE, letters, letters, rounds),
        ]
    return [section(found)], targets(found), panels(found)


# What is made of them


def section(found: Sequence[Series]) -> Section:
    lines = [
        "Temps : médianes, sur un cœur. Mémoire : ce que la réponse demande de plus, au plus haut, "
        "dans un processus qui a déjà servi. Exposant 1 : le temps croît comme le travail, une "
        "fois la part fixe ôtée.",
    ]
    for series in found:
        rows = [
            [str(point.x), french(point.work), french(point.ms, 1), french(point.mb, 1)]
            for point in series.points
        ]
        lines += [
            "",
            f"### {series.title}",
            "",
            *table([series.x_label, series.unit, "ms", "Mo"], rows),
            "",
            f"Part fixe : {figure(series.nothing_ms, 'ms')}. "
            f"Exposant du temps : {french(series.exponent)}.",
        ]
    return Section("Croissance", lines)


def targets(found: Sequence[Series]) -> list[Target]:
    times = [Target(f"{s.title} : exposant du temps", LIMIT, s.exponent, "", "less") for s in found]
    memory = [
        Target(
            f"{s.title} : mémoire par unité, du plus petit au plus grand",
            LIMIT,
            s.memory_per_work,
            "fois",
            "less",
        )
        for s in found
    ]
    return times + memory


def panels(found: Sequence[Series]) -> list[Panel]:
    both = []
    for series in found:
        xs = [float(point.x) for point in series.points]
        ms, mb = [p.ms for p in series.points], [p.mb for p in series.points]
        both.append(Panel(f"{series.title} : temps", series.x_label, "ms", [Curve("", xs, ms)]))
        both.append(Panel(f"{series.title} : mémoire", series.x_label, "Mo", [Curve("", xs, mb)]))
    return both


if __name__ == "__main__":
    peak()
