"""Where the time of our own letter goes, stage by stage: the floor, when a target is missed.

The functions of WeasyPrint and pydyf that begin and end a stage are wrapped for the time of the
measure, and put back. Each stage counts its own time, without that of the stages it calls.
Limits: these names are WeasyPrint's inner ones; when one is gone, or no longer called, the bench
says so and stops rather than show a wrong table.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from inspect import isgeneratorfunction
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

import weasyprint

import letters.compose
from bench import timing
from bench.report import StopError, french, table
from letters.model import Letter, LetterRequest
from letters.render import html, pdf, text
from letters.wording import Wording

OURS, ENGINE = "nous", "WeasyPrint"
FINISHER, REST = "Notre touche finale", "Le reste de notre code"
COMPOSE, LAYOUT = "Composer la lettre", "Mise en page"

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


def measure(wording: Wording, asked: LetterRequest, rounds: int) -> list[str]:
    """The lines of the report. Raises StopError when a stage is never come by."""
    seen: list[dict[str, float]] = []

    def letter(_: int) -> None:
        watch = Watch()
        with watched(watch), watch.on(REST):
            pdf.pdf(letters.compose.compose(wording, asked, None))
        seen.append(watch.spent)

    with timing.one_core():
        timing.in_turn({REST: letter}, rounds)
        others = _beside(letters.compose.compose(wording, asked, None), rounds)
    for stage, _, module, name in STAGES:
        if stage not in seen[-1]:
            raise StopError(_gone(f"{module}.{name}"))
    whose = {stage: owner for stage, owner, *_ in STAGES} | {FINISHER: OURS, REST: OURS}
    kept = seen[timing.WARM :]
    ms = {stage: median(one.get(stage, 0) * 1000 for one in kept) for stage in whose}
    whole = sum(ms.values())
    rows = [[s, french(ms[s], 2), f"{french(ms[s] / whole * 100)} %", whose[s]] for s in whose]
    return [
        "Chaque étape sans celles qu’elle appelle ; médianes, sur un cœur. Mesuré à part : ne "
        "comparez pas avec « Côte à côte ».",
        *table(["Étape", "ms", "part", "à qui"], [*rows, ["Ensemble", french(whole, 2), "", ""]]),
        "La même lettre sans chronomètre dedans, et sous ses autres formes :",
        *table(["Forme", "ms"], [[name, french(each, 2)] for name, each in others.items()]),
    ]


def _beside(letter: Letter, rounds: int) -> dict[str, float]:
    """Milliseconds of our PDF, of the engine given the same page and styles, of other forms."""
    source = html.document(letter)
    styles = [pdf._style(name) for name in ("common", "letter")]

    def alone(_: int) -> None:
        page = weasyprint.HTML(string=source, url_fetcher=pdf._REFUSE)
        profiles = {pdf._OPTIONS["output_intent"]: pdf._srgb()}
        document = page.render(pdf._fonts(), None, profiles, stylesheets=styles, **pdf._OPTIONS)
        document.write_pdf(**pdf._OPTIONS)

    calls = {
        "PDF": lambda _: pdf.pdf(letter),
        "WeasyPrint seul, avec la même page": alone,
        "texte": lambda _: text.message(letter),
        "lettre dans la page": lambda _: html.sheet(letter),
    }
    return {name: median(took) for name, took in timing.in_turn(calls, rounds).items()}
