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
from letters.web.routes import LAST_RESORT
from tests import kit
from tests.kit.pages import (
    FOLLOW_UP,
    FORM,
    OUTPUTS,
    SLUGS,
    checking,
    heading_of,
    parse,
    text_of,
)

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
    "recipient_lines": "Mutuelle du Quokka\r\n3 rue du Ouistiti\r\n29217 Plougonvelin",
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
    "carried_lines": "Cabinet du Quokka",
    "also": list(SLUGS),
}
NIR = "1 85 05 75 123 456 78"
# What must never be seen, however it is written: the words that no other text holds.
WORDS = (
    "Canarine",
    "Zanzibarovitch",
    "Xylocope",
    "Wapitivert",
    "29217",
    "Trébabuville",
    "17/09/1947",
    "1947",
    "canari.secret",
    "plumage",
    "Quokka",
    "Ouistiti",
    "Ornithoryx",
    "Kestrelle",
    "Zibelinovna",
    "1939",
    "ouistitienne",
    "09/10/2025",
    "2025-10-09",
    "13/10/2025",
    "14/10/2025",
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


@pytest.fixture
def seen(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Open every logger at DEBUG; calling it gives all that was written anywhere.

    Not by `caplog`, which also listens to loggers that hand nothing on.
    """
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    levels = [logger.level for logger in loggers]
    keeper = Keeper()
    logging.getLogger().addHandler(keeper)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)

    def read() -> str:
        return "\n".join([*capfd.readouterr(), *keeper.lines])

    yield read
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
    sent = changes.pop("sent", {})
    return client.post(f"/fr/lettres/{slug}", data={**CANARIES, **changes}, **sent)


def boom(value: object, error: type[Exception] = ValueError) -> Callable[..., NoReturn]:
    def fail(*args: object, **kwargs: object) -> NoReturn:
        raise error(f"invalid literal: {value} {args} {kwargs}")

    return fail


def test_the_canaries_would_be_found(seen: Callable[[], str]) -> None:
    logging.getLogger("some.library").debug("%r", {"name": "Trébabuville"})
    with pytest.raises(AssertionError):
        check_silent(seen())
    with pytest.raises(AssertionError):
        check_silent("trébabuville".encode("unicode_escape").decode())
    with pytest.raises(AssertionError):
        check_silent(f"nir={NIR}")


# Each letter, and each output of one that has it.
MADE = (
    *((slug, "preview") for slug in SLUGS),
    *((SLUGS[0], output) for output in OUTPUTS if output not in {"preview", "slip"}),
    (SLUGS[2], "slip"),
)


@pytest.mark.parametrize(("slug", "output"), product(SLUGS, OUTPUTS) if kit.everything else MADE)
@pytest.mark.check(10)
def test_a_letter_that_is_made_writes_nothing(
    app: Flask, seen: Callable[[], str], output: str, slug: str
) -> None:
    response = post(app, slug, output=output)
    assert response.status_code == 200
    check_silent(seen())


@pytest.mark.parametrize(
    ("slug", "output"), [(SLUGS[0], "preview"), (SLUGS[-1], "bundle"), (SLUGS[0], "edit")]
)
@pytest.mark.check(10)
def test_answers_that_are_refused_write_nothing(
    app: Flask, seen: Callable[[], str], output: str, slug: str
) -> None:
    wrong = {"birth_date": "17/09/1947 vers midi", "email": "canari.secret", "city": "Trébabu字"}
    response = post(app, slug, output=output, **wrong)
    assert response.status_code == (200 if output == "edit" else 422)
    text = seen()
    check_silent(text)
    assert "Trébabu" not in text


def test_what_came_of_a_letter_writes_nothing(app: Flask, seen: Callable[[], str]) -> None:
    for outcome in ("silence", "refusal", "partial", "accepted", "Quokka", ""):
        response = checking(app).post(FOLLOW_UP, data={**CANARIES, "outcome": outcome})
        assert response.status_code == (422 if outcome in {"", "Quokka"} else 200)
    for letter, day in ((SLUGS[0], "2025-10-09"), ("Quokka", "Ouistiti")):
        checking(app).get(FOLLOW_UP, query_string={"lettre": letter, "envoi": day})
    check_silent(seen())


@pytest.mark.parametrize("output", ["preview", "edit", "pdf"])
@pytest.mark.check(10, 27)
def test_a_number_of_social_security_writes_nothing(
    app: Flask, seen: Callable[[], str], output: str
) -> None:
    for name in ("reason", "postal_code", "recipient", "options", "output", "unknown"):
        post(app, **{"output": output, name: NIR})
    text = seen()
    check_silent(text)
    assert "123456" not in re.sub(r"\W", "", text)


# What breaks, when what is asked for, and the file of ours that is named. WTForms takes a
# ValueError of a filter for a message to the person.
CRASHES = (
    ("letters.web.outputs.compose", {}, ValueError, "letters.web.outputs"),
    ("letters.web.outputs.text.message", {"output": "text"}, ValueError, "letters.web.outputs"),
    ("letters.web.outputs.html.sheet", {}, ValueError, "letters.web.outputs"),
    ("letters.web.routes.today", {}, ValueError, "letters.web.routes"),
    ("letters.render.calendar.Alarm", {"output": "calendar"}, KeyError, "letters.render.calendar"),
    (
        "letters.web.follow_up.answer_due",
        {"outcome": "silence"},
        ValueError,
        "letters.web.follow_up",
    ),
    ("letters.web.fields.clean_line", {}, RuntimeError, "letters.web.fields"),
    ("letters.web.fields.parse_day", {}, RuntimeError, "letters.web.fields"),
    ("letters.web.forms.contains_nir", {}, RuntimeError, "letters.web.forms"),
)


@pytest.mark.parametrize(("broken", "changes", "error", "place"), CRASHES)
@pytest.mark.check(10)
def test_a_crash_writes_its_type_and_place_only(
    app: Flask,
    seen: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    changes: dict[str, str],
    error: type[Exception],
    place: str,
) -> None:
    """The place is the innermost one in our own code: a library's would help nobody."""
    monkeypatch.setattr(broken, boom(CANARIES, error))
    check_crash(
        checking(app).post(FOLLOW_UP, data={**CANARIES, **changes})
        if "follow_up" in broken
        else post(app, **changes),
        seen(),
        rf"{error.__name__}, {re.escape(place)}:\d+\n",
    )


def check_crash(response: TestResponse, text: str, told: str) -> None:
    assert response.status_code == 500
    check_silent(response.text)
    check_silent(text)
    assert re.search(told, text)
    assert "invalid literal" not in text


def test_a_mistake_in_a_template_writes_the_template_and_its_line(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not the place in Jinja where it is noticed."""
    monkeypatch.delitem(app.jinja_env.globals, "asset")
    response = app.test_client().post(FORM, data=CANARIES)
    check_crash(response, seen(), r"UndefinedError, templates/base\.html:\d+\n")


def test_a_crash_far_from_our_code_writes_where_it_was(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "dispatch_request", boom(CANARIES))
    check_crash(post(app), seen(), r"ValueError, tests\.trust\.test_log:\d+\n")


def test_a_crash_inside_a_crash_writes_neither_value(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        try:
            boom(CANARIES)()
        except ValueError as error:
            raise RuntimeError(str(error)) from error

    monkeypatch.setattr("letters.web.outputs.compose", fail)
    check_crash(post(app), seen(), f"RuntimeError, {PLACE}")


def test_a_failing_error_page_still_gives_a_french_page_and_no_value(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("routes", "outputs"):
        monkeypatch.setattr(f"letters.web.{module}.render_template", boom(CANARIES))
    response = app.test_client().post(FORM, data=CANARIES)
    text = seen()
    page = parse(response.text)
    assert response.status_code == 500
    assert response.text == LAST_RESORT
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert heading_of(page) == "Le site est en panne"
    assert response.headers["Cache-Control"] == "no-store"
    check_silent(response.text)
    check_silent(text)
    assert len(re.findall(PLACE, text)) >= 2, "the crash, and the crash of its page"


# The PDF


@pytest.mark.parametrize(
    ("slug", "output", "error"),
    [
        (SLUGS[0], "pdf", ValueError),
        (SLUGS[2], "slip", RuntimeError),
        (SLUGS[0], "bundle", OSError),
        (SLUGS[0], "pdf", MemoryError),
        (SLUGS[0], "pdf", ImportError),
    ],
)
def test_a_pdf_that_fails_leaves_the_letter_on_the_page_to_be_asked_for_again(
    app: Flask,
    seen: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    slug: str,
    output: str,
) -> None:
    whole = parse(post(app, slug).text)
    with monkeypatch.context() as patch:
        for kind in ("pdf", "slip"):
            patch.setattr(f"letters.render.pdf.{kind}", boom(CANARIES, error))
        response = post(app, slug, output=output)
    page = parse(response.text)
    assert (response.status_code, response.content_type) == (500, "text/html; charset=utf-8")
    assert "Content-Disposition" not in response.headers
    first = page.select_one("main > :first-child")
    assert first is not None
    assert first["role"] == "alert"
    assert text_of(first.find("p")).startswith("Le fichier n’a pas pu être fabriqué.")
    for place in ("article#letter", "#message", "#message-short", "#subject"):
        assert text_of(page.select_one(place)) == text_of(whole.select_one(place))
    carried: dict[str, list[str]] = {}
    for tag in page.select("main form [type=hidden]"):
        carried.setdefault(str(tag["name"]), []).append(str(tag["value"]).replace("\n", "\r\n"))
    hidden = [tag.attrs for tag in page.select("[type=hidden]")]
    assert hidden == [tag.attrs for tag in whole.select("[type=hidden]")]
    text = seen()
    check_silent(text)
    assert re.search(f"{error.__name__}, {PLACE}", text)
    again = app.test_client().post(f"/fr/lettres/{slug}", data={**carried, "output": [output]})
    assert again.status_code == 200
    assert again.mimetype in {"application/pdf", "application/zip"}


@pytest.mark.check(10, 19)
def test_a_warning_of_the_pdf_engine_is_a_failure_and_is_not_written(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from letters.render import html

    styled = '<html lang="fr"><title>Lettre</title><p style="colour: Quokka">Ornithoryx</p></html>'
    monkeypatch.setattr(html, "document", lambda letter: styled)
    response = post(app, output="pdf", city="Trébabuville-Ouest")  # which nobody has drawn before
    assert response.status_code == 500
    records = seen()
    assert re.search(r"PdfError, letters\.render\.pdf:\d+", records)
    check_silent(records)


# Refused before anything is read


@pytest.mark.parametrize(
    ("status", "path", "sent"),
    [
        (403, FORM, {"headers": {"Sec-Fetch-Site": "cross-site"}}),
        (403, FORM, {"headers": {"Origin": "https://canari.secret"}}),
        (415, FORM, {"content_type": "multipart/form-data"}),
        (200, FORM, {"query_string": {"name": "Canarine", "mail": "canari.secret"}}),
        (200, FORM, {"headers": {"User-Agent": "Canarine", "Referer": "https://plumage/Quokka"}}),
        (413, FORM, {"data": {**CANARIES, "reason": "Ornithoryx " * 6000}}),
        (413, FORM, {"data": {**CANARIES, "options": ["Quokka"] * 200}}),
        (404, "/Canarine", {"method": "GET"}),
        (404, "/fr/lettres/Zanzibarovitch", {"method": "GET"}),
        (404, "/fr/lettres/Zanzibarovitch", {}),
        (404, "/static/Quokka.css", {"method": "GET"}),
        (405, "/fr/lettres/Zanzibarovitch", {"method": "PUT"}),
    ],
)
@pytest.mark.check(10)
def test_a_request_that_is_refused_writes_and_shows_nothing(
    app: Flask, seen: Callable[[], str], path: str, sent: dict[str, Any], status: int
) -> None:
    sent = {"method": "POST", "data": CANARIES, **sent}
    if sent["method"] == "GET":
        del sent["data"]
    response = checking(app, own_words=False).open(path, **sent)
    check_silent(seen())
    assert response.status_code == status
    if status != 200:
        check_silent(response.text)


# The program's own settings


def test_debug_mode_writes_no_value_either(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.debug = True
    monkeypatch.setattr("letters.web.outputs.compose", boom(CANARIES))
    check_crash(post(app), seen(), f"ValueError, {PLACE}")


def test_an_exception_before_a_trace_exists_is_still_written_without_its_value(
    app: Flask, seen: Callable[[], str]
) -> None:
    app.log_exception((ValueError, ValueError("Quokka"), None))  # type: ignore[arg-type]
    app.log_exception((None, None, None))
    text = seen()
    check_silent(text)
    assert "ValueError, ?\n" in text
