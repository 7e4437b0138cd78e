"""Every page in every state that looks different, for the tests that look at all of them.

A scene is a generator: it opens one state after the other in the page it is given, and yields
what to call each. Limits: a state that only a broken server shows is not here.
"""

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Page

from letters.web.content import today
from tests.pages import (
    ERASE,
    FOLLOW_UP,
    FORM,
    FORMS,
    MORE,
    OPTIONS,
    PAGES,
    SHOW,
    SLUGS,
    SMALL,
    TOO_WIDE,
    TOO_WIDE_MORE,
    WHOLE,
    WIDEST,
    WIDEST_MORE,
    fill,
    letter,
    press,
    send,
)


def every_page(page: Page) -> Iterator[str]:
    """Every page that is only read, one after the other."""
    for path in (*PAGES, "/fr/lettres/inconnue"):
        page.goto(path)
        yield path


def forms(page: Page) -> Iterator[str]:
    """The form as filled in by someone who writes a lot, then with every field in error."""
    fill(page, WIDEST, OPTIONS)
    yield "the widest form"
    fill(page, TOO_WIDE, OPTIONS)
    assert press(page, SHOW).status == 422
    assert page.locator(".error-summary li").count() == len(TOO_WIDE) - 1  # not the choice
    yield "the form with errors"


def results(page: Page) -> Iterator[str]:
    """The result of the widest answers and of ordinary ones."""
    letter(page, WIDEST, OPTIONS)
    yield "the widest letter"
    letter(page, WHOLE)
    yield "an ordinary letter"


def other_letters(page: Page) -> Iterator[str]:
    """The result of the widest answers for every letter, whoever the earlier one went to."""
    firsts = dict(zip(FORMS, (*SLUGS[:3], *SLUGS[:3]), strict=True))
    for path, first in firsts.items():
        more = {"first_letter": first, "options": [*OPTIONS, "logiciel", "caisse", "penal"]}
        assert send(page, path, **WIDEST, **WIDEST_MORE, **more).status == 200
        yield f"the widest {path}"


def other_forms(page: Page) -> Iterator[str]:
    """The form of every letter with every field in error, then with the widest answers."""
    for path in FORMS:
        answered = send(page, path, **TOO_WIDE, **TOO_WIDE_MORE)
        assert answered.status == 422
        yield f"{path} with errors"
        assert send(page, path, **WIDEST, **WIDEST_MORE, output="edit").status == 200
        yield f"{path} with the widest answers"
        assert send(page, path, who="?", outcome="?", first_letter="?").status == 422
        yield f"{path} with nothing right"


def what_came_of_it(page: Page) -> Iterator[str]:
    """Every state of the page that follows a letter up."""
    day = today()
    for outcome in ("silence", "refusal", "partial", "accepted"):
        for sent_on in (day - timedelta(days=2), day - timedelta(days=40)):
            assert send(page, FOLLOW_UP, sent_on=f"{sent_on}", outcome=outcome).status == 200
            yield f"{outcome} after {(day - sent_on).days} days"
    assert send(page, FOLLOW_UP, **TOO_WIDE, **TOO_WIDE_MORE).status == 422
    yield "the answers that are refused"


def mistakes_beside_the_letter(page: Page) -> Iterator[str]:
    """The result page with a message."""
    assert send(page, FORM, **SMALL, output="calendar", sent_on="W" * 60).status == 422
    yield "a day of sending that is none"
    assert send(page, FORM, **SMALL, **MORE, output="bundle", also="W" * 60).status == 422
    yield "a letter that is none"


def erased(page: Page) -> Iterator[str]:
    """The empty form that comes after « Effacer mes réponses »."""
    letter(page, WHOLE)
    assert press(page, ERASE).status == 200
    yield "the form just emptied"


SCENES = [
    every_page,
    erased,
    forms,
    results,
    other_letters,
    other_forms,
    what_came_of_it,
    mistakes_beside_the_letter,
]
