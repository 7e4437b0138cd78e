"""What more text, more options and more letters cost: in proportion at most, the plot shows.

The sizes of a series are timed in turn, on one core. The exponent is that of the time above what
nothing costs, against the work: 1 is in proportion. The plot is drawn in build/, not kept.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from math import log
from pathlib import Path
from statistics import linear_regression, median

import pypdfium2

from app import create_app
from bench import load, specimen, timing
from bench.report import french, table
from letters.model import Letter, Line, Paragraph
from letters.render import pdf

SHEETS, LETTERS = (1, 2, 5), (1, 2, 4, 6)
SENTENCE = (
    "Ce paragraphe inventé, le numéro {number}, allonge la lettre d’une personne qui explique "
    "longuement sa demande, avec des accents, des « guillemets » et l’article {number} d’un texte."
)
Make = Callable[[], object]
Series = dict[int, tuple[Make, float]]  # what makes each size, and the work that it is


def measure(rounds: int, plot: Path) -> list[str]:
    """The lines of the report; draws the plot."""
    nothing = Letter((Line("C"),), ("C",), "", "C", (Paragraph("C"),), (), "C")
    lines, curves = [], []
    for title, unit, series in (
        ("Feuilles, en gros caractères", "mille signes", _lengths()),
        ("Options cochées", "mille signes", _options()),
        ("Lettres d’un dossier", "PDF", _bundles()),
    ):
        calls = {str(size): make for size, (make, _work) in series.items()}
        calls["rien"] = lambda: pdf.pdf(nothing)
        with timing.one_core():
            took = timing.in_turn({name: _numbered(make) for name, make in calls.items()}, rounds)
        ms = {size: median(took[str(size)]) for size in series}
        fixed = median(took["rien"])
        if title.startswith("Lettres"):
            fixed = 0.0
        line = linear_regression(
            [log(work) for _make, work in series.values()],
            [log(max(each - fixed, 0.01)) for each in ms.values()],
        )
        rows = [[str(n), french(series[n][1]), french(ms[n])] for n in series]
        lines += table([title, unit, "ms"], rows)
        lines.append(
            f"Part fixe : {french(fixed)} ms. Exposant du temps : {french(line.slope, 2)}."
        )
        curves.append((title, [work for _make, work in series.values()], [*ms.values()], unit))
    _draw(curves, plot)
    return lines


def _numbered(make: Make) -> Callable[[int], object]:
    return lambda _number: make()


def _pdf(letter: Letter, *, large: bool = False) -> tuple[Make, float]:
    return lambda: pdf.pdf(letter, large), len(" ".join(specimen.words(letter))) / 1000


def _options() -> Series:
    wording, _ = specimen.asked()
    return {n: _pdf(specimen.with_options(n)) for n in range(len(wording.options) + 1)}


def _lengths() -> Series:
    bare = specimen.with_options(0)
    found: Series = {}
    for size in count(1):
        added = [Paragraph(SENTENCE.format(number=number)) for number in range(size)]
        one = _pdf(replace(bare, blocks=(bare.blocks[0], *added)), large=True)
        sheets = len(pypdfium2.PdfDocument(one[0]()))
        if sheets > max(SHEETS):
            return found
        if sheets in SHEETS:
            found[sheets] = one  # the fullest of so many sheets
    raise AssertionError  # `count` has no end


def _bundles() -> Series:
    client = create_app().test_client()
    asked = load.letter(12, "bundle", slug=load.SLUGS[0])

    def bundle(size: int) -> tuple[Make, float]:
        data = {**asked.fields, "also": [*load.SLUGS[1:size]]}

        def post() -> bytes:
            return client.post(asked.path, data=data).get_data()

        return post, post().count(b".pdf") / 2  # a zip names each file twice

    return {size: bundle(size) for size in LETTERS if size <= len(load.SLUGS)}


def _draw(curves: list[tuple[str, list[float], list[float], str]], path: Path) -> None:
    from matplotlib.figure import Figure  # only the bench has it

    figure = Figure(figsize=(4 * len(curves), 3.2), layout="constrained")
    places = figure.subplots(1, len(curves), squeeze=False).flat
    for axes, (title, xs, ys, unit) in zip(places, curves, strict=True):
        axes.plot(xs, ys, marker="o", color="#000091")
        axes.set(title=title, xlabel=unit, ylabel="ms")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.grid(color="#dddddd")
    figure.savefig(path)
