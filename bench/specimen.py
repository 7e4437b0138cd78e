"""The letter that everything is measured on: the site's own example, of a fixed day.

Flask is needed to make it, since the example is what its form would give.
"""

from dataclasses import replace
from datetime import date
from functools import cache

from app import create_app
from letters.compose import compose
from letters.model import Letter, LetterRequest, Line
from letters.web.form.request import request_of
from letters.web.pages.specimens import example_form
from letters.web.site import site
from letters.wording import Wording

SLUG = "opposition-sante"
DAY = date(2026, 11, 21)


@cache
def asked() -> tuple[Wording, LetterRequest]:
    """The wording of the example, and what its person asked for."""
    with create_app().app_context():
        wording = site().catalogue.wordings[SLUG]
        return wording, request_of(example_form(wording, DAY))


def example() -> Letter:
    """The finished letter that the site shows."""
    wording, request = asked()
    return compose(wording, request, DAY)


def with_options(number: int) -> Letter:
    """The same letter with so many options ticked, in the order of its form."""
    wording, request = asked()
    names = [option.name for option in wording.options]
    return compose(wording, replace(request, options=frozenset(names[:number])), DAY)


def of_number(letter: Letter, number: int) -> Letter:
    """The same letter from another house of the street: nobody has it ready made."""
    name, _, *rest = letter.sender
    return replace(letter, sender=(name, Line(f"{number} rue de l’Exemple"), *rest))


def words(letter: Letter) -> list[str]:
    """Every word of the posted letter, in reading order."""
    return " ".join(letter.printed()).split()
