"""Where the time of our own letter goes, stage by stage: the floor, when a target is missed.

The functions of WeasyPrint and pydyf that begin and end a stage are wrapped for the time of the
measure, and put back. Each stage counts its own time, without that of the stages it calls.
Limits: these names are WeasyPrint's inner ones; when one is gone, or no longer called, the bench
says so and stops rather than show a wrong table.
"""

import cProfile
import pstats
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from inspect import isgeneratorfunction
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

import weasyprint

import letters.compose
from bench import timing
from bench.report import Section, Target, figure, french, table
from letters.model import Letter, LetterRequest
from letters.render import html, pdf, text
from letters.wording import Wording
from tests.load import StopError

OURS, ENGINE = "nous", "WeasyPrint"
FINISHER, REST = "Notre touche finale", "Le reste de notre code"
COMPOSE, LAYOUT = "Composer la lettre", "Mise en page"
ADDED = 5.0  # per cent of the engine's own work
HOTTEST = 10

# What each stage is called, whose it is, and the function that makes it up.
STAGES = (
    (COMPOSE, OURS, "letters.compose", "compose"),
    ("HTML (Jinja)", OURS, "letters.render.html", "document"),
    ("Analyser le HTML", ENGINE, "weasyprint", "HTML.__init__"),
    ("Rendre, hors étapes", ENGINE, "weasyprint", "HTML.render"),
    ("Cascade des styles", ENGINE, "weasyprint.document", "get_all_computed_styles"),
    ("Boîtes", ENGINE, "weasyprint.document", "build_formatting_structure"),
    (LAYOUT, ENGINE, "weasyprint.document", "layout_document"),
    ("Objets du PDF", ENGINE, "weasyprint.document", "generate_pdf"),
    ("Dessin", ENGINE, "weasyprint.document", "draw_page"),
    ("Polices", ENGINE, "weasyprint.pdf", "build_fonts_dictionary"),
    ("Balises", ENGINE, "weasyprint.pdf", "add_tags"),
    ("Compression", ENGINE, "pydyf", "Stream.data"),
    ("Écriture", ENGINE, "pydyf", "PDF.write"),
    ("Finir, hors étapes", ENGINE, "weasyprint.document", "Document.write_pdf"),
)


class Watch:
    """Seconds spent in each stage itself, without the stages that it calls."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        self._charge()
        self._open.append(stage)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def _charge(self) -> None:
        now = perf_counter()
        if self._open:
            stage = self._open[-1]
            self.spent[stage] = self.spent.get(stage, 0) + now - self._since
        self._since = now


def timed(function: Callable[..., Any], stage: str, watch: Watch) -> Callable[..., Any]:
    """The same function, watched; of a generator, what each of its items takes."""

    @wraps(function)
    def generate(*args: Any, **options: Any) -> Iterator[Any]:
        items = function(*args, **options)
        done = object()
        while True:
            with watch.on(stage):
                item = next(items, done)
            if item is done:
                return
            yield item

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if options.get("finisher"):
            options["finisher"] = timed(options["finisher"], FINISHER, watch)
        with watch.on(stage):
            return function(*args, **options)

    return generate if isgeneratorfunction(function) else call


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Every stage is watched meanwhile. Raises StopError if the engine has not got one."""
    with ExitStack() as stack:
        for stage, _, module, name in STAGES:
            *path, last = name.split(".")
            owner: Any = import_module(module)
            for part in path:
                owner = getattr(owner, part, None)
            found: Any = getattr(owner, last, None)
            if found is None:
                raise StopError(_gone(f"{module}.{name}"))
            is_property = isinstance(found, property)
            new: Any = timed(found.fget if is_property else found, stage, watch)
            stack.enter_context(patch.object(owner, last, property(new) if is_property else new))
        yield


def _gone(name: str) -> str:
    return (
        f"WeasyPrint {weasyprint.__version__} ne passe plus par « {name} » : "
        "corrigez la table des étapes dans bench/stages.py."
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """Median milliseconds of each stage of one letter, composed and drawn.

    And without a watch: `drawn` by us, or by the engine `alone`, given our page.
    """

    stages: dict[str, float]
    drawn: float
    alone: float

    @property
    def whole(self) -> float:
        return sum(self.stages.values())

    @property
    def engine(self) -> float:
        """What WeasyPrint itself takes."""
        return sum(self.stages[stage] for stage, whose, *_ in STAGES if whose == ENGINE)

    @property
    def added(self) -> float:
        """What we add around it, in per cent; below 0 if we save it more than that."""
        return (self.drawn / self.alone - 1) * 100

    def share(self, stage: str) -> float:
        """Per cent of the whole."""
        return self.stages[stage] / self.whole * 100


def profile(wording: Wording, asked: LetterRequest, rounds: int) -> Profile:
    """Time every stage of the same letter. Raises StopError when one is never come by."""
    measured: list[dict[str, float]] = []

    def letter(_: int) -> None:
        watch = Watch()
        with watched(watch), watch.on(REST):
            pdf.pdf(letters.compose.compose(wording, asked, None))
        measured.append(watch.spent)

    timing.in_turn({REST: letter}, rounds)
    names = [stage for stage, *_ in STAGES] + [FINISHER, REST]
    for stage, _, module, name in STAGES:
        if stage not in measured[-1]:
            raise StopError(_gone(f"{module}.{name}"))
    kept = measured[timing.WARM :]
    stages = {name: median(one.get(name, 0) * 1000 for one in kept) for name in names}
    drawn, alone = beside_the_engine(letters.compose.compose(wording, asked, None), rounds)
    return Profile(stages, drawn, alone)


def styles() -> list[weasyprint.CSS]:
    """Our own sheets, of a letter on one page."""
    return [pdf._style(name) for name in ("common", "letter")]


def beside_the_engine(letter: Letter, rounds: int) -> tuple[float, float]:
    """Milliseconds (medians) of our PDF, and of the engine given the same page and styles."""
    source = html.document(letter)

    def alone(_: int) -> None:
        page = weasyprint.HTML(string=source, url_fetcher=pdf._REFUSE)
        profiles = {pdf._OPTIONS["output_intent"]: pdf._srgb()}
        document = page.render(pdf._fonts(), None, profiles, stylesheets=styles(), **pdf._OPTIONS)
        document.write_pdf(**pdf._OPTIONS)

    took = timing.in_turn({OURS: lambda _: pdf.pdf(letter), ENGINE: alone}, rounds)
    return median(took[OURS]), median(took[ENGINE])


def hottest(wording: Wording, asked: LetterRequest, rounds: int) -> list[list[str]]:
    """The functions that take most time themselves: name, per cent, calls a letter.

    Under the profiler all is slower, small functions most: the order counts, not the figures.
    """
    profiler = cProfile.Profile()
    letter = letters.compose.compose(wording, asked, None)
    pdf.pdf(letter)
    profiler.enable()
    for _ in range(rounds):
        pdf.pdf(letter)
    profiler.disable()
    found = pstats.Stats(profiler).stats  # type: ignore[attr-defined]  # missing from its types
    whole = sum(own for _, _, own, *_ in found.values())
    rows = sorted(found.items(), key=lambda item: -item[1][2])[:HOTTEST]
    return [
        [_place(*where), figure(own / whole * 100, "%"), str(calls // rounds)]
        for where, (_, calls, own, *_) in rows
    ]


def _place(file: str, line: int, name: str) -> str:
    """« weasyprint/text/line_break.py: create_layout », without the folders of this machine."""
    parts = Path(file).parts
    if "site-packages" in parts:
        file = "/".join(parts[parts.index("site-packages") + 1 :])
    elif line:
        file = parts[-1]
    if line:
        return f"`{file}: {name}`"
    # <built-in method time.sleep>, <method 'join' of 'str' objects>
    method = re.fullmatch(r"<method '(.+)' of '(.+)' objects>", name)
    return f"`{method[2]}.{method[1]}`" if method else f"`{name.strip('<>').split()[-1]}`"


def measure(wording: Wording, asked: LetterRequest, rounds: int) -> tuple[Section, Profile]:
    """The profile of our own letter, and what its other forms take."""
    found = profile(wording, asked, rounds)
    whose = {stage: owner for stage, owner, *_ in STAGES}
    rows = [
        [stage, french(ms), figure(found.share(stage), "%"), whose.get(stage, OURS)]
        for stage, ms in found.stages.items()
    ]
    rows.append(["Ensemble", french(found.whole), "100 %", ""])
    letter = letters.compose.compose(wording, asked, None)
    others = timing.in_turn(
        {
            "Texte (`render.text`)": lambda _: text.message(letter),
            "Lettre dans la page (`render.html.sheet`)": lambda _: html.sheet(letter),
        },
        rounds,
    )
    lines = [
        "Chaque étape sans celles qu’elle appelle ; médianes, sur un cœur. Mesuré à part : ne "
        "comparez pas avec « Côte à côte ».",
        "",
        *table(["Étape", "ms", "part", "à qui"], rows),
        "",
        f"Sans chronomètre dedans : {french(found.drawn, 1)} ms. WeasyPrint seul, à qui l’on donne "
        f"la même page et les mêmes styles : {french(found.alone, 1)} ms. Notre touche finale lui "
        "évite de faire deux fois les mêmes octets.",
        "",
        "La même lettre sous ses autres formes :",
        "",
        *table(["Forme", "ms"], [[name, french(median(took), 3)] for name, took in others.items()]),
        "",
        "Les fonctions qui prennent le plus de temps elles-mêmes (cProfile ralentit tout : "
        "seul l’ordre compte) :",
        "",
        *table(
            ["Fonction", "part", "appels"],
            hottest(wording, asked, max(3, rounds // 5)),
        ),
    ]
    return Section("Où passe le temps", lines), found


def target(found: Profile) -> Target:
    name = "Ce que nous ajoutons au travail de WeasyPrint"
    return Target(name, ADDED, found.added, "%", "less")
