"""Addresses as La Poste wants them on an envelope (NF Z 10-011), and where their postcodes are.

At most six lines of 38 characters; the last three in capitals without accent, apostrophe or
hyphen; no punctuation from the fourth line on. Applied to addresses of our own data only: an
address that a person types is printed as typed.
"""

import re
from functools import lru_cache

from letters.typography import without_accents

MAX_LINES = 6
MAX_CHARACTERS = 38

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})
_NOT_POSTAL = re.compile(r"[^A-Z0-9]+")


def postal_capitals(line: str) -> str:
    """A line in capitals and digits only: "Place de l’Hôtel" -> "PLACE DE L HOTEL"."""
    plain = without_accents(line.translate(_LIGATURES))
    return _NOT_POSTAL.sub(" ", plain.upper()).strip()


def department_of(postal_code: str) -> str:
    """The department of a French postcode, or the collectivity overseas; empty for no postcode.

    Corsica's is "20", of which nothing here depends.
    """
    if len(postal_code) != 5 or not postal_code.isdecimal():
        return ""
    island = {"97133": "977", "97150": "978"}.get(postal_code)  # Saint-Barthélemy, Saint-Martin
    return island or postal_code[: 3 if postal_code.startswith(("97", "98")) else 2]


@lru_cache(maxsize=512)  # the bodies of our data; never what a person typed
def postal_block(names: tuple[str, ...], places: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of an address: the names as they are, the places below them in capitals."""
    return (*names, *(postal_capitals(place) for place in places))
