"""Nothing that a person typed reaches a log, at any level, whatever goes wrong.

Each case posts canaries (a name, an address, an e-mail, a number of social security) with every
logger open at DEBUG, then looks for them in the records and on both standard streams. What an
operator does get is the type of an exception and the place in the program.
"""

import logging
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NoReturn

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from letters.web.errors import LAST_RESORT
from tests import kit
from tests.kit.pages import FOLLOW_UP, FORM, OUTPUTS, SLUGS, checking

CANARIES = {
    "given_name": "Canarine",
    "family_name": "Zanzibarovitch",
    "address_line1": "7 impasse du Xylocope",
    "address_line2": "Hameau Wapitivert",
    "postal_code": "29217",
    "city": "Trébabuville",
    "country": "",
    "birth_date": "17/09/1947",
    "email": "canari.secret@plumage.example",
    "recipient": "other",
    "caisse_lines": "Mutuelle du Quokka\r\n3 rue du Ouistiti\r\n29217 Plougonvelin",
    "reason": "Mon perroquet Ornithoryx bavarde trop.",
    "options": ["hebergement", "cnil"],
    "who": "protected",
    "represented_given_name": "Kestrelle",
    "represented_family_name": "Zibelinovna",
    "represented_birth_date": "13/05/1939",
    "measure": "curatelle ouistitienne",
    "first_letter": SLUGS[0],
    "sent_on": "09/10/2025",
    "channel": "hand",
    "outcome": "partial",
    "answer_on": "13/10/2025",
    "followed_up_on": "14/10/2025",
    "missing": "Rien sur mon Ornithoryx.",
    "cnil_lines": "CNIL\r\n2 impasse du Xylocope",
    "plateforme_lines": "PDS\r\n4 impasse du Xylocope",
    "soignant_lines": "Cabinet du Quokka",
    "also": list(SLUGS),
}
NIR = "1 85 05 75 123 456 78"
# What must never be seen, however it is written: the words that no other text holds.
WORDS = (
    *("Canarine", "Zanzibarovitch", "Xylocope", "Wapitivert", "29217", "Trébabuville"),
    *("17/09/1947", "1947-09-17", "canari.secret", "plumage", "Quokka", "Ouistiti", "Ornithoryx"),
    *("Kestrelle", "Zibelinovna", "13/05/1939", "ouistitienne", "09/10/2025", "2025-10-09"),
    *("13/10/2025", "14/10/2025"),
)
PLACE = r"letters\.[\w.]+:\d+"  # of ours, whatever raised the exception
FORM_TYPE = "application/x-www-form-urlencoded"


@pytest.fixture
def app() -> Flask:
    return create_app()  # its own, whose views a test may break


class Keeper(logging.Handler):
    """What an operator's handler gets, with every attribute of every record."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # Times and numbers of processes hold any four digits sooner or later.
        told = {name: v for name, v in vars(record).items() if not isinstance(v, int | float)}
        self.lines += [self.format(record), f"{told}"]


Seen = Callable[[], str]


@pytest.fixture
def seen(capfd: pytest.CaptureFixture[str]) -> Iterator[Seen]:
    """Open every logger at DEBUG; calling it gives all that was written anywhere.

    Not by `caplog`, which also listens to loggers that hand nothing on.
    """
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    levels = [logger.level for logger in loggers]
    keeper = Keeper()
    logging.getLogger().addHandler(keeper)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield lambda: "\n".join([*capfd.readouterr(), *keeper.lines])
    logging.getLogger().removeHandler(keeper)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def check_silent(text: str) -> None:
    """No canary, in any spelling that a log could give it."""
    lower = text.casefold()
    for word in WORDS:
        encoded = word.encode("unicode_escape").decode()
        for spelling in (word, encoded, "".join(f"%{byte:02x}" for byte in word.encode())):
            assert spelling.casefold() not in lower, word
    assert NIR.replace(" ", "")[:13] not in re.sub(r"[\W_]", "", text)


def post(app: Flask, slug: str = SLUGS[0], **changes: Any) -> TestResponse:
    client = checking(app, own_words=False)
    return client.post(f"/fr/lettres/{slug}", data={**CANARIES, **changes})


# Each letter, and each output of one that has it.
MADE = (
    *((slug, "preview") for slug in SLUGS),
    *((SLUGS[0], output) for output in OUTPUTS if output not in {"preview", "slip"}),
    (SLUGS[2], "slip"),
)


@pytest.mark.parametrize(("slug", "output"), product(SLUGS, OUTPUTS) if kit.everything else MADE)
@pytest.mark.check(10)
def test_a_letter_that_is_made_writes_nothing(
    app: Flask, seen: Seen, output: str, slug: str
) -> None:
    response = post(app, slug, output=output)
    assert response.status_code == 200
    check_silent(seen())


@pytest.mark.parametrize(("slug", "output"), [(SLUGS[-1], "bundle"), (SLUGS[0], "edit")])
@pytest.mark.check(10)
def test_answers_that_are_refused_write_nothing(
    app: Flask, seen: Seen, output: str, slug: str
) -> None:
    wrong = {"birth_date": "17/09/1947 vers midi", "email": "canari.secret", "city": "Trébabu字"}
    response = post(app, slug, output=output, **wrong)
    assert response.status_code == (200 if output == "edit" else 422)
    text = seen()
    check_silent(text)
    assert "Trébabu" not in text


def test_what_came_of_a_letter_writes_nothing(app: Flask, seen: Seen) -> None:
    for outcome in ("silence", "refusal", "partial", "accepted", "Quokka", ""):
        response = checking(app).post(FOLLOW_UP, data={**CANARIES, "outcome": outcome})
        assert response.status_code == (422 if outcome in {"", "Quokka"} else 200)
    for letter, day in ((SLUGS[0], "2025-10-09"), ("Quokka", "Ouistiti")):
        checking(app).get(FOLLOW_UP, query_string={"lettre": letter, "envoi": day})
    check_silent(seen())


@pytest.mark.parametrize("output", ["preview", "edit", "pdf"])
@pytest.mark.check(10, 27)
def test_a_number_of_social_security_writes_nothing(app: Flask, seen: Seen, output: str) -> None:
    for name in ("reason", "postal_code", "recipient", "options", "output", "unknown"):
        post(app, **{"output": output, name: NIR})
    text = seen()
    check_silent(text)
    assert "123456" not in re.sub(r"\W", "", text)


@pytest.mark.check(10)
def test_a_request_that_is_refused_writes_and_shows_nothing(app: Flask, seen: Seen) -> None:
    far_too_long = CANARIES | {"reason": "Ornithoryx " * 6000}
    for status, method, path, sent in (
        (403, "POST", FORM, {"data": CANARIES, "headers": {"Origin": "https://canari.secret"}}),
        (415, "POST", FORM, {"data": CANARIES, "content_type": "multipart/form-data"}),
        (413, "POST", FORM, {"data": far_too_long}),
        (413, "POST", FORM, {"data": {**CANARIES, "options": ["Quokka"] * 200}}),
        (404, "GET", "/Canarine", {"headers": {"User-Agent": "Canarine", "Referer": "Quokka"}}),
        (404, "GET", "/fr/lettres/Zanzibarovitch", {"query_string": {"mail": "canari.secret"}}),
        (404, "POST", "/fr/lettres/Zanzibarovitch", {"data": CANARIES}),
        (404, "GET", "/static/Quokka.css", {}),
        (405, "PUT", "/fr/lettres/Zanzibarovitch", {"data": CANARIES}),
    ):
        response = checking(app).open(path, method=method, **sent)
        assert response.status_code == status
        check_silent(response.text)
    check_silent(seen())


# What breaks


def boom(error: type[Exception] = ValueError) -> Callable[..., NoReturn]:
    def fail(*more: object, **named: object) -> NoReturn:
        raise error(f"invalid literal: {CANARIES} {more} {named}")

    return fail


def twice(*given: object) -> NoReturn:
    """A crash inside a crash."""
    try:
        boom()(*given)
    except ValueError as error:
        raise RuntimeError(str(error)) from error


def check_crash(response: TestResponse, text: str, told: str) -> None:
    assert response.status_code == 500
    check_silent(response.text)
    check_silent(text)
    assert re.search(told, text)
    assert "invalid literal" not in text


# What breaks, how, and the file of ours that is named; where there is none, what raised it. WTForms
# takes a ValueError of a filter for a message to the person.
CRASHES = (
    (
        "letters.render.text.message",
        boom(),
        r"ValueError, letters\.render\.text",
    ),
    ("letters.render.calendar.Alarm", boom(error=KeyError), r"KeyError, letters\.render\.calendar"),
    (
        "letters.web.form.fields.clean_line",
        boom(error=RuntimeError),
        r"RuntimeError, letters\.web\.form\.fields",
    ),
    ("letters.web.form.request.compose", twice, r"RuntimeError, letters\.web\.form\.request"),
    ("flask.Flask.dispatch_request", boom(), r"ValueError, tests\.trust\.test_log"),
)


@pytest.mark.parametrize(("broken", "stand_in", "told"), CRASHES)
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.check(10)
def test_a_crash_writes_its_type_and_place_only(
    app: Flask,
    seen: Seen,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    stand_in: Callable[..., NoReturn],
    told: str,
    debug: bool,
) -> None:
    """The place is the innermost one in our own code: a library's would help nobody."""
    app.debug = debug
    monkeypatch.setattr(broken, stand_in)
    output = "calendar" if "calendar" in broken else "text"
    check_crash(post(app, output=output), seen(), rf"{told}:\d+\n")


def test_a_mistake_in_a_template_writes_the_template_and_its_line(
    app: Flask, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not the place in Jinja where it is noticed."""
    monkeypatch.delitem(app.jinja_env.globals, "asset")
    response = app.test_client().post(FORM, data=CANARIES)
    check_crash(response, seen(), r"UndefinedError, templates/base\.html:\d+\n")


def test_a_failing_error_page_still_gives_a_french_page_and_no_value(
    app: Flask, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("errors", "pages.letter"):
        monkeypatch.setattr(f"letters.web.{module}.render_template", boom())
    response = app.test_client().post(FORM, data=CANARIES)
    text = seen()
    check_crash(response, text, PLACE)
    assert len(re.findall(PLACE, text)) >= 2, "the crash, and the crash of its page"
    assert (response.text, response.headers["Cache-Control"]) == (LAST_RESORT, "no-store")
    assert '<html lang="fr">' in LAST_RESORT
    assert "<h1>Le site est en panne</h1>" in LAST_RESORT


@pytest.mark.check(10, 19)
def test_a_warning_of_the_pdf_engine_is_a_failure_and_is_not_written(
    app: Flask, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from letters.render import html

    styled = '<html lang="fr"><title>Lettre</title><p style="colour: Quokka">Ornithoryx</p></html>'
    monkeypatch.setattr(html, "document", lambda letter: styled)
    response = post(app, output="pdf", city="Trébabuville-Ouest")  # which nobody has drawn before
    assert response.status_code == 500
    records = seen()
    assert re.search(r"PdfError, letters\.render\.pdf:\d+", records)
    check_silent(records)
