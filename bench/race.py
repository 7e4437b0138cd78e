"""The same letter by everybody in turn, and what their files are worth.

PDF/UA-1 is judged by veraPDF, the reference, by `tests/verapdf.py`; whether a file is
tagged is read in it. A file that lacks a word of the letter stops the bench.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from statistics import median

import pdfplumber
import pypdfium2
import weasyprint

from bench import specimen, timing
from bench.contenders import CHROMIUM, FPDF2, NAMES, NEWCOMER, OURS, TYPST, WKHTMLTOPDF, opened
from bench.report import MISSING, Section, Target, figure, french, table
from bench.stages import ADDED, ENGINE, STAGES, Profile, styles
from letters.model import Letter
from letters.render import html, pdf
from tests.load import StopError
from tests.verapdf import UA, VeraPdf, find_java

EVERY = {WKHTMLTOPDF: 5}  # a process a letter: seldom, or the others would wait all day
HTML_ENGINES = (CHROMIUM, WKHTMLTOPDF)  # besides WeasyPrint, which the newcomer uses as we do
FASTER_THAN = {NEWCOMER: 0.55, FPDF2: 0.65, CHROMIUM: 0.90, WKHTMLTOPDF: 0.20}
LIGHT = 20_000  # bytes
SAME_ENGINE = (
    "C’est le même moteur, avec ici nos polices légères, que le premier essai n’aurait pas. "
    "Seule notre façon de l’appeler fait la différence. "
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one of them did: milliseconds of each letter, and what its file is."""

    times: list[float]
    size: int  # bytes
    is_tagged: bool
    is_accessible: bool


Entries = Mapping[str, Entry]


def run(rounds: int) -> Entries:
    """The entries by name of everybody who is on this machine."""
    letter = specimen.example()
    with timing.one_core(), opened() as draws:
        files = {name: draw(letter) for name, draw in draws.items()}
        for name, content in files.items():
            if missing := missing_words(content, letter):
                raise StopError(f"Il manque au fichier de {name} : {' '.join(missing)}.")
        calls = {
            name: lambda number, draw=draw: draw(specimen.of_number(letter, number))
            for name, draw in draws.items()
        }
        times = timing.in_turn(calls, rounds, EVERY)
    return {
        name: Entry(times[name], len(content), is_tagged(content), is_accessible(content))
        for name, content in files.items()
    }


# What a file is worth


def missing_words(content: bytes, letter: Letter) -> list[str]:
    """The words of the letter that its file has not, or not as often."""
    with pdfplumber.open(BytesIO(content)) as document:
        text = "\n".join(page.extract_text() for page in document.pages)
    found = text.replace("-\n", "-").split()  # a line may end after a hyphen
    return [*(Counter(specimen.words(letter)) - Counter(found)).elements()]


def is_tagged(content: bytes) -> bool:
    """Whether the file says that it has a structure, and has one."""
    with pdfplumber.open(BytesIO(content)) as document:
        catalog = document.doc.catalog
        return bool(catalog.get("MarkInfo", {}).get("Marked")) and "StructTreeRoot" in catalog


def is_accessible(content: bytes) -> bool:
    """Whether veraPDF finds nothing against PDF/UA-1. Raises StopError without Java."""
    return not _judge().faults(content, UA)


@cache
def _judge() -> VeraPdf:
    java = find_java()
    if java is None:
        raise StopError("Java manque : veraPDF ne peut pas juger les fichiers.")
    return VeraPdf(java)


def longest_on_one_sheet() -> int:
    """The bytes of the file of the longest letter that one sheet holds."""
    for letter in sorted(specimen.every_letter(), key=lambda one: -len(specimen.words(one))):
        content = pdf.pdf(letter)
        if len(pypdfium2.PdfDocument(content)) == 1:
            return len(content)
    raise StopError("Aucune lettre ne tient sur une feuille.")


# What is made of it


def ratio(entries: Entries, name: str) -> float:
    """Our median time to theirs: 0.5 is twice as fast."""
    return median(entries[OURS].times) / median(entries[name].times)


def section(entries: Entries) -> Section:
    rows = []
    for name, entry in entries.items():
        rows.append(
            [
                name,
                french(median(entry.times), 1),
                french(timing.p95(entry.times), 1),
                french(entry.size, 0),
                "oui" if entry.is_tagged else "non",
                "oui" if entry.is_accessible else "non",
                french(ratio(entries, name)),
            ]
        )
    rows += [[name, *[MISSING] * 6] for name in NAMES if name not in entries]
    headings = ["", "médiane (ms)", "95 % (ms)", "octets", "balisé", "PDF/UA-1", "nous sur lui"]
    lines = [
        "La même lettre d’une page, avec les mêmes polices, par chacun à tour de rôle, sur un "
        "cœur. À chaque tour la lettre change d’un numéro, pour que personne ne l’ait en mémoire.",
        "",
        *table(headings, rows),
        "",
        "PDF/UA-1 est jugé par veraPDF. « Nous sur lui » : notre temps divisé par le sien. "
        "Au-dessous de 1, nous sommes plus rapides.",
    ]
    if TYPST in entries:
        lines += [
            "",
            f"Typst montre jusqu’où l’on peut aller : {french(ratio(entries, TYPST), 1)} fois plus "
            "vite. Il est compilé (Rust), et garde ouvert ce qui ne change pas d’une lettre à "
            "l’autre. Ce n’est pas une cible : la lettre serait à écrire deux fois.",
        ]
    return Section("Côte à côte", lines)


def targets(entries: Entries, profile: Profile, longest: int, bare: int) -> list[Target]:
    """What was wanted; `profile` tells the floor of times.

    `longest` is the size of the longest letter on one sheet, `bare` that of ours without PDF/A-3a,
    in bytes.
    """
    faster = [
        Target(
            f"Temps du PDF, face à {name}",
            limit,
            ratio(entries, name),
            "",
            "less",
            (SAME_ENGINE if name == NEWCOMER else "") + floor(profile) if is_floor(profile) else "",
        )
        for name, limit in FASTER_THAN.items()
        if name in entries
    ]
    mine = entries[OURS]
    others = {name: entry for name, entry in entries.items() if name != OURS}
    lightest = min(others, key=lambda name: others[name].size)
    accessible = sum(others[name].is_accessible for name in HTML_ENGINES if name in others)
    weight = (
        f"Le plus petit est {lightest}. Le nôtre suit aussi PDF/A-3a, pour être gardé comme "
        f"preuve : {figure(mine.size - bare, 'octets')}. Sans cela il en ferait {figure(bare, '')}."
    )
    return [
        *faster,
        Target(
            "Taille du fichier, face au plus petit des autres",
            others[lightest].size,
            mine.size,
            "octets",
            "less",
            weight if bare <= others[lightest].size else "",
        ),
        Target("Taille de l’exemple", LIGHT, mine.size, "octets", "less"),
        Target("Taille de la plus longue lettre d’une feuille", LIGHT, longest, "octets", "less"),
        Target("PDF/UA-1 suivi par notre fichier", 1, float(mine.is_accessible), "", "more"),
        Target("Fichiers de Chromium et wkhtmltopdf qui le suivent", 0, accessible, "", "less"),
    ]


def is_floor(profile: Profile) -> bool:
    """Whether next to nothing of the time is ours."""
    return profile.added <= ADDED


def without_archive(letter: Letter) -> int:
    """The bytes of our own page if it followed PDF/UA-1 alone."""
    page = weasyprint.HTML(string=html.document(letter))
    options = {"font_config": pdf._fonts(), "stylesheets": styles(), "pdf_variant": "pdf/ua-1"}
    return len(page.write_pdf(**options))


def floor(profile: Profile) -> str:
    """Why a time cannot go lower."""
    heaviest = max((s for s, whose, *_ in STAGES if whose == ENGINE), key=profile.share)
    engine = figure(profile.engine / profile.whole * 100, "%")
    return (
        f"Le plancher est WeasyPrint lui-même : {engine} du temps, dont « {heaviest} » "
        f"{figure(profile.share(heaviest), '%')}. Voir « Où passe le temps »."
    )
