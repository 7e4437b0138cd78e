"""Every page in every state that looks different, for the tests that look at all of them.

A scene is a generator: it opens one state after the other in the page it is given, and yields
what to call each. Limits: a state that only a broken server shows is not here.
"""

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Page

from letters.web.site import today
from tests.pages import (
    ERASE,
    FOLLOW_UP,
    FORM,
    FORMS,
    HOME,
    MORE,
    OPTIONS,
    PAGES,
    SLUGS,
    SMALL,
    WHOLE,
    press,
    send,
)

EVERY_OPTION = [*OPTIONS, "logiciel", "caisse", "penal"]
LINES = "\n".join(["W" * 38] * 6)
# The most that each field takes, all of it in the widest letter; one sign more tells who is
# represented from who signs, and the recipient's street from theirs.
WIDE = {
    **WHOLE,
    **MORE,
    **dict.fromkeys(("given_name", "family_name"), "W" * 100),
    "represented_given_name": "W" * 99 + "M",
    "represented_family_name": "W" * 100,
    **dict.fromkeys(("address_line1", "address_line2"), "W" * 37 + "M"),
    "country": "W" * 38,
    **dict.fromkeys(("caisse_lines", "soignant_lines", "plateforme_lines", "cnil_lines"), LINES),
    "postal_code": "W" * 12,
    "city": "W" * 50,
    "email": "W" * 88 + "@example.org",
    "reason": " ".join(["W" * 100] * 14),
    "measure": "W" * 60,
    "missing": " ".join(["W" * 99] * 5),
    "options": EVERY_OPTION,
}
CHOSEN = {"recipient", "who", "channel", "outcome", "options"}
# Twice what each field takes, so that all are in error.
TOO_WIDE = {name: value if name in CHOSEN else value * 2 for name, value in WIDE.items()}


def every_page(page: Page) -> Iterator[str]:
    """Every page that is only read, one after the other."""
    for path in (*PAGES, "/fr/lettres/inconnue"):
        page.goto(path)
        yield path


def errors(page: Page) -> Iterator[str]:
    """The form of every letter with every field in error; then with no right choice."""
    for path in FORMS:
        assert send(page, path, **TOO_WIDE).status == 422
        assert page.locator(".error-summary li").count() > 10
        yield f"{path} with errors"
    for path in (FORMS[0], FORMS[-1]):
        assert send(page, path, who="?", outcome="?", first_letter="?").status == 422
        yield f"{path} with nothing right"


def filled_in(page: Page) -> Iterator[str]:
    """Forms that somebody filled in who writes a lot, and one that was just emptied."""
    for path in (FORMS[0], FORMS[-1]):
        assert send(page, path, **WIDE, output="edit").status == 200
        yield f"{path} with the widest answers"
    assert send(page, FORM, **WHOLE).status == 200
    assert press(page, ERASE).status == 200
    yield "the form just emptied"


def results(page: Page) -> Iterator[str]:
    """The widest of every letter, whoever the earlier one went to, and an ordinary one."""
    for number, path in enumerate(FORMS):
        assert send(page, path, **WIDE, first_letter=SLUGS[number % 3]).status == 200
        yield f"the widest {path}"
    assert send(page, FORM, **WHOLE).status == 200
    yield "an ordinary letter"


def what_came_of_it(page: Page) -> Iterator[str]:
    """Every state of the page that follows a letter up."""
    for outcome, days in (
        ("silence", 2),
        ("silence", 40),
        *((o, 2) for o in ("refusal", "partial", "accepted")),
    ):
        sent_on = f"{today() - timedelta(days=days)}"
        assert send(page, FOLLOW_UP, sent_on=sent_on, outcome=outcome).status == 200
        yield f"{outcome} after {days} days"
    assert send(page, FOLLOW_UP, **TOO_WIDE).status == 422
    yield "the answers that are refused"


def mistakes_beside_the_letter(page: Page) -> Iterator[str]:
    """The result page with a message."""
    assert send(page, FORM, **SMALL, output="calendar", sent_on="W" * 60).status == 422
    yield "a day of sending that is none"
    assert send(page, FORM, **SMALL, **MORE, output="bundle", also="W" * 60).status == 422
    yield "a letter that is none"


SCENES = [every_page, errors, filled_in, results, what_came_of_it, mistakes_beside_the_letter]


def one_of_each(page: Page) -> Iterator[str]:
    """What has colours of its own, each of them once."""
    for path in (HOME, "/fr/sources"):
        page.goto(path)
        yield path
    for scenes in SCENES[1:]:
        yield next(scenes(page))
    assert send(page, FORM.replace("fr", "en", 1), **WHOLE).status == 200
    yield "a letter with its aid"
