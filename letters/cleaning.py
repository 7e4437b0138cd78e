"""Clean what a person typed, and refuse what a letter cannot carry.

Cleaning is silent and never changes what is read: NFC, ligatures and full-width forms taken apart,
invisible format and bidirectional marks out, every kind of space folded. What is left is checked
against `REPERTOIRE`, the characters of the letter's font (`tools/font.py` builds the font from it,
so the two cannot differ), and against the shape of a French social security number (NIR), which
must never go further than this module: see the CNIL on décret 2019-341.

Limits: no transliteration, no spelling, no guess of what was meant.
"""

import re
import unicodedata
from datetime import date

from letters.typography import MONTHS, without_accents

MAX_MARKS = 3  # Vietnamese needs two marks on a letter, old Greek three; more is a drawing


def _between(*ranges: tuple[int, int]) -> frozenset[str]:
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


def _assigned(*ranges: tuple[int, int]) -> frozenset[str]:
    # Python's own table decides what is assigned; these blocks have been full since Unicode 7.
    return frozenset(c for c in _between(*ranges) if unicodedata.category(c) not in {"Cn", "Cf"})


_LATIN = _assigned((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x2AF), (0x1E00, 0x1EFF))
_GREEK = _assigned((0x370, 0x3E1), (0x3F0, 0x3FF), (0x1F00, 0x1FFF))  # without Coptic
_CYRILLIC = _assigned((0x400, 0x482), (0x48A, 0x52F))
# ʷ ʰ … of Berber and Salishan, ʻ of Hawaiian, ʼ of Breton and Ukrainian
_MODIFIERS = _assigned((0x2B0, 0x2B8), (0x2BB, 0x2C1), (0x2C6, 0x2C7), (0x2D0, 0x2D1))
_MARKS = _assigned((0x300, 0x345), (0x358, 0x358))

LETTERS = frozenset(
    c for c in _LATIN | _GREEK | _CYRILLIC | _MODIFIERS if unicodedata.category(c)[0] == "L"
)
APOSTROPHES = frozenset("'’‘ʼʻʹ′`´")
HYPHENS = frozenset("-‐‑–—−")
NAME_CHARACTERS = LETTERS | _MARKS | APOSTROPHES | HYPHENS | frozenset(" .·")
REPERTOIRE = (
    NAME_CHARACTERS
    | _assigned((0x20, 0x7E), (0xA1, 0xBF), (0x374, 0x37E), (0x384, 0x387), (0x2BC, 0x2BD))
    | frozenset("\u00a0\u202f×÷—‚“”„†‡•…‰‹›⁄€№™−")
)

# Never drawn, though of no format category: joiners, fillers, the variation of an emoji (Unicode's
# Default_Ignorable_Code_Point). A message cannot name them, and some would hide a number.
_UNSEEN = _between(
    *((0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065)),
    *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF)),
    (0xFFFC, 0xFFFC),  # stands for a picture that a paste has lost
)
# What a word processor writes in its own way, as everybody does: apostrophes, bullets of Symbol
# and Wingdings, ligatures, forms as wide as a Chinese character.
_WIDE_OR_TIED = ((0xFB00, 0xFB06), (0xFF01, 0xFF5E))
_AS_USUAL = str.maketrans(
    {
        **dict.fromkeys("՚ꞌ", "’"),
        **dict.fromkeys("\uf02d\uf076\uf0a7\uf0a8\uf0b7\uf0d8\uf0e0\uf0fc", "•"),
        **{c: unicodedata.normalize("NFKC", c) for c in _between(*_WIDE_OR_TIED)},
    }
)
REPLACEMENT = "\ufffd"  # stands for a control character, so that the person sees where it is

_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_lines(text: str) -> str:
    """Clean a text of several lines; at most one empty line stays between two others.

    A control character becomes U+FFFD, which no letter can hold: the person sees where it is.
    """
    text = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text.translate(_AS_USUAL)))
    # Format characters (zero-width, bidi overrides, soft hyphens, BOM) come along with a paste;
    # nobody sees them, and some turn the line round: CVE-2021-42574.
    text = "".join(_visible(c) for c in text)
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    # Removing an invisible character can bring a letter and its accent together: compose again.
    return unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n", "\n".join(lines).strip()))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or character in _UNSEEN:
        return ""
    return REPLACEMENT if category in {"Cc", "Cs"} and character not in "\n\t" else character


def clean_line(text: str) -> str:
    """Clean a text of one line; a line break becomes a space."""
    return re.sub(r"\s+", " ", clean_lines(text))


def foreign_characters(text: str, allowed: frozenset[str] = REPERTOIRE) -> tuple[str, ...]:
    """The characters of `text` that are not allowed, each once, in the order they come."""
    return tuple(dict.fromkeys(c for c in text if c not in allowed and c != "\n"))


_BESIDE_NAMES = re.compile(r" (?:épouse|époux|ép|née?|veuve|veuf)\b|[()]", re.IGNORECASE)


def tells_more_than_names(text: str) -> bool:
    """Whether names come with what ties them: « Durand épouse Martin », « Durand (Martin) »."""
    return _BESIDE_NAMES.search(text) is not None


def has_stacked_marks(text: str) -> bool:
    """Whether some letter carries more combining marks than any alphabet here uses."""
    decomposed = unicodedata.normalize("NFD", text)
    marks = "".join("x" if unicodedata.combining(character) else " " for character in decomposed)
    return "x" * (MAX_MARKS + 1) in marks


def longest_run(text: str) -> int:
    """Length in characters of the longest word of `text`."""
    return max((len(word) for word in text.split()), default=0)


# A NIR: sex, year, month (20 to 42 and 50 to 99 where it is unknown), department (2A and 2B in
# Corsica), commune, order number, then a key that people often leave out. At most three other
# signs between two characters, so that matching stays linear on any input.
_SEP = "[^0-9A-Za-z]{0,3}"
_MONTH = rf"(?:0{_SEP}[1-9]|1{_SEP}[0-2]|4{_SEP}[0-2]|[235-9]{_SEP}[0-9])"
_NIR = re.compile(
    rf"(?<![0-9])[1-478]{_SEP}[0-9]{_SEP}[0-9]{_SEP}{_MONTH}{_SEP}[0-9]{_SEP}[0-9AB]"
    rf"(?:{_SEP}[0-9]){{6}}(?:{_SEP}[0-9]{_SEP}[0-9])?(?![0-9])",
    re.IGNORECASE,
)


def contains_nir(text: str) -> bool:
    """Whether `text` holds what looks like a social security number, with or without its key.

    The key is not checked: a number typed with one wrong digit is still somebody's number. Some
    bank account numbers look the same; they have no place in a letter either.
    """
    return _NIR.search(_ascii_digits(text)) is not None


def without_nir(text: str) -> str:
    """`text` with each such number replaced by an ellipsis, so that it is never shown again.

    Again while one is left: of two numbers without a gap, what stays may look like a third.
    """
    while matches := list(_NIR.finditer(_ascii_digits(text))):
        for match in reversed(matches):
            text = f"{text[: match.start()]}…{text[match.end() :]}"
    return text


def _ascii_digits(text: str) -> str:
    """`text`, of the same length, with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.decimal(c, c)) for c in text)


_MONTHS = tuple(map(without_accents, MONTHS))
_BEFORE_A_DAY = re.compile(r"(?:ne(?:e|\(e\))? )?(?:le )?")
_APART = r"[\W_]{1,3}"
_DAY, _MONTH_NUMBER, _YEAR = "(?P<day>[0-9]{1,2})", "(?P<month>[0-9]{1,2})", "(?P<year>[0-9]{4})"
_DAYS = [
    re.compile(pattern)
    for pattern in (
        _APART.join((_DAY, _MONTH_NUMBER, _YEAR)),
        _APART.join((_YEAR, _MONTH_NUMBER, _DAY)),
        "(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>(?:19|20)[0-9]{2})",
        "(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        rf"(?P<day>[0-9]{{1,2}})(?:er)?{_APART}(?P<month>[a-z]{{3,}}){_APART}{_YEAR}",
    )
]
_SHORT_YEAR = re.compile(rf"[0-9]{{1,2}}{_APART}(?:[0-9]{{1,2}}|[a-z]{{3,}}){_APART}[0-9]{{2}}")


def parse_day(text: str) -> date | None:
    """The day that `text` names: JJ/MM/AAAA, AAAA-MM-JJ, JJMMAAAA or « 3 mars 1958 ».

    With any separator and the digits of any script; « né le » may stand before, a full stop after.
    """
    plain = _as_a_day(text)
    found = next((match for pattern in _DAYS if (match := pattern.fullmatch(plain))), None)
    try:
        return found and date(int(found["year"]), _month(found["month"]), int(found["day"]))
    except ValueError:
        return None


def has_short_year(text: str) -> bool:
    """Whether `text` is a day whose year has two digits: only its author knows the century."""
    return _SHORT_YEAR.fullmatch(_as_a_day(text)) is not None


def _as_a_day(text: str) -> str:
    plain = without_accents(_ascii_digits(text).casefold())
    return _BEFORE_A_DAY.sub("", plain, count=1).strip(" .")


def _month(written: str) -> int:
    """The number of a month, or of its French name, cut short or not; 0 if there is none."""
    if written.isdecimal():
        return int(written)
    found = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(written)]
    return found[0] if len(found) == 1 else 0
