"""The same letter by everybody in turn, and what their files are.

A file that lacks a word of the letter stops the bench. Limits: whether a file is tagged and says
that it follows PDF/UA-1 is read in it; that ours does follow it is for the tests (veraPDF).
"""

from collections import Counter
from io import BytesIO
from statistics import median

import pdfplumber

from bench import specimen, timing
from bench.contenders import OURS, opened
from bench.report import StopError, french, table
from letters.model import Letter


def measure(rounds: int) -> list[str]:
    """The lines of the report."""
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
        times = timing.in_turn(calls, rounds)
    rows = [
        [
            name,
            french(median(times[name])),
            french(timing.p95(times[name])),
            french(len(content), 0),
            *claims(content),
            french(median(times[OURS]) / median(times[name]), 2),
        ]
        for name, content in files.items()
    ]
    headings = ["", "médiane (ms)", "95 % (ms)", "octets", "balisé", "se dit PDF/UA-1"]
    return [
        "La même lettre d’une page, avec les mêmes polices, par chacun à tour de rôle, sur un "
        "cœur. À chaque tour la lettre change d’un numéro, pour que personne ne l’ait en mémoire. "
        "« Nous sur lui » : notre temps divisé par le sien ; au-dessous de 1, nous sommes plus "
        "rapides. Typst est compilé : il montre jusqu’où l’on peut aller, mais la lettre serait à "
        "écrire deux fois.",
        *table([*headings, "nous sur lui"], rows),
    ]


def missing_words(content: bytes, letter: Letter) -> list[str]:
    """The words of the letter that its file has not, or not as often."""
    with pdfplumber.open(BytesIO(content)) as document:
        text = "\n".join(page.extract_text() for page in document.pages)
    found = text.replace("-\n", "-").split()  # a line may end after a hyphen
    return [*(Counter(specimen.words(letter)) - Counter(found)).elements()]


def claims(content: bytes) -> list[str]:
    """Whether the file is tagged, and whether it says that it follows PDF/UA-1."""
    with pdfplumber.open(BytesIO(content)) as document:
        catalog = document.doc.catalog
        xmp = catalog["Metadata"].resolve().get_data() if "Metadata" in catalog else b""
        found = ("StructTreeRoot" in catalog, b"pdfuaid" in xmp)
    return ["oui" if claim else "non" for claim in found]
