"""French typography, applied once to the fixed wording, and its opposite for web forms.

`french` sets the no-break spaces and apostrophes that a jurist cannot type on the forge's page;
it is applied to the wording when it is read, before any value is put in, so that nobody's own
words are ever retouched. `portal` turns a finished text into one that a Latin-1 form cannot
break. Rules: Lexique des règles typographiques de l'Imprimerie nationale; ameli.fr is an older
form, where U+202F comes out as `&#8239;`.
"""

import re
import unicodedata
from datetime import date

NBSP = "\u00a0"
NNBSP = "\u202f"

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

_MONTH = "|".join(MONTHS)
_FRENCH_RULES = (
    (re.compile("'"), "’"),
    (re.compile(r"\.\.\."), "…"),
    (re.compile(r"[ \u00a0\u202f]([;!?])"), NNBSP + r"\1"),
    (re.compile(r"[ \u202f]([:»€]|%(?!\())"), NBSP + r"\1"),
    (re.compile(r"« "), "«" + NBSP),
    (re.compile(r"(?<!\w)(n°|§|[LRD]\.|\(UE\)) (?=\d)"), r"\1" + NBSP),
    (re.compile(r"(?<!\w)(art\.|articles?|paragraphes?|loi) (?=\d|n°)"), r"\1" + NBSP),
    (re.compile(r"\bpoint (?=[a-z]\b(?!’))"), "point" + NBSP),
    (re.compile(r"(\d°) (?=du\b)"), r"\1" + NBSP),
    (re.compile(rf"\b(\d{{1,2}}|1er) (?=(?:{_MONTH})\b)"), r"\1" + NBSP),
    (re.compile(rf"\b([Ll]e|[Dd]u|au) (?=(?:\d{{1,2}}|1er)[ {NBSP}](?:{_MONTH})\b)"), r"\1" + NBSP),
    (re.compile(r"(?<=\d) (?=(?:Ko|ans)\b)"), NBSP),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), NNBSP),
)


def without_accents(text: str) -> str:
    """A text without its combining marks: "Fév." -> "Fev."."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def french(text: str) -> str:
    """Set the apostrophes and no-break spaces of a fixed French text.

    It turns spaces that are there into no-break ones and adds none: a missing space before a
    colon is an error of the wording, which the tests find.
    """
    for pattern, replacement in _FRENCH_RULES:
        text = pattern.sub(replacement, text)
    return text


def long_date(day: date) -> str:
    """A date as French letters write it: "1er décembre 2026" (CLDR writes "1 décembre")."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[day.month - 1]} {day.year}"


_PORTAL = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        **dict.fromkeys("’‘ʼ", "'"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("–—‐‑−•", "-"),
        "…": "...",
    }
)


def portal(text: str) -> str:
    """The same words in characters that an old web form passes on unharmed."""
    return unicodedata.normalize("NFC", text).translate(_PORTAL)


def outside_cp1252(text: str) -> tuple[str, ...]:
    """The characters of a portal text that a Windows-1252 form may break, each once."""
    return tuple(c for c in dict.fromkeys(text) if not c.encode("cp1252", "ignore"))
