"""Nothing that a person typed reaches a log, at any level, whatever goes wrong.

Each case posts canaries (a name, an address, an e-mail, a number of social security) with every
logger open at DEBUG, then looks for them in the records and on both standard streams. What an
operator does get is the type of an exception and the place in the program.
"""

import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask import Flask, g
from werkzeug.test import TestResponse

from app import create_app
from letters.web.routes import LAST_RESORT
from tests.test_form import NIR
from tests.test_pages import (
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
ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"\w+, [\w.]+:\d+")


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
    assert "185057512345678"[:13] not in re.sub(r"[\W_]", "", text)


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


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.check(10)
def test_a_letter_that_is_made_writes_nothing(
    app: Flask, seen: Callable[[], str], output: str, slug: str
) -> None:
    response = post(app, slug, output=output)
    assert response.status_code == 200
    check_silent(seen())


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("slug", [SLUGS[0], SLUGS[-1]])
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


@pytest.mark.parametrize("outcome", ["silence", "refusal", "partial", "accepted", "Quokka", ""])
def test_what_came_of_a_letter_writes_nothing(
    app: Flask, seen: Callable[[], str], outcome: str
) -> None:
    response = checking(app).post(FOLLOW_UP, data={**CANARIES, "outcome": outcome})
    assert response.status_code == (422 if outcome in {"", "Quokka"} else 200)
    query = {"lettre": SLUGS[0], "envoi": "2025-10-09"}
    assert checking(app).get(FOLLOW_UP, query_string=query).status_code == 200
    checking(app).get(FOLLOW_UP, query_string={"lettre": "Quokka", "envoi": "Ouistiti"})
    check_silent(seen())


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.check(10, 27)
def test_a_number_of_social_security_writes_nothing(
    app: Flask, seen: Callable[[], str], output: str
) -> None:
    for name in ("reason", "postal_code", "recipient", "options", "output", "unknown"):
        post(app, **{"output": output, name: NIR})
    text = seen()
    check_silent(text)
    assert "123456" not in re.sub(r"\W", "", text)


@pytest.mark.parametrize(
    ("broken", "output"),
    [
        ("letters.web.outputs.compose", "preview"),
        ("letters.web.outputs.text.message", "text"),
        ("letters.web.outputs.html.sheet", "preview"),
        ("letters.web.outputs.answer_due", "preview"),
        ("letters.web.outputs.outside_cp1252", "preview"),
        ("letters.web.routes.today", "preview"),
        ("letters.web.outputs.recipient_choices", "edit"),
        ("letters.web.outputs._reminder", "calendar"),
        ("letters.render.calendar.reminder", "calendar"),
    ],
)
@pytest.mark.check(10)
def test_a_crash_writes_its_type_and_place_only(
    app: Flask,
    seen: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    output: str,
) -> None:
    monkeypatch.setattr(broken, boom(CANARIES))
    response = post(app, output=output)
    text = seen()
    assert response.status_code == 500
    check_silent(response.text)
    check_silent(text)
    assert re.search(r"ValueError, tests\.trust\.test_log:\d+", text)
    assert "invalid literal" not in text


def test_a_crash_of_the_follow_up_page_writes_its_type_and_place_only(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("letters.web.follow_up.answer_due", boom(CANARIES))
    response = checking(app).post(FOLLOW_UP, data={**CANARIES, "outcome": "silence"})
    text = seen()
    assert response.status_code == 500
    check_silent(response.text)
    check_silent(text)
    assert re.search(r"ValueError, tests\.trust\.test_log:\d+", text)


@pytest.mark.parametrize(
    "broken",
    [
        "fields.clean_line",
        "fields.clean_lines",
        "fields.parse_day",
        "forms.contains_nir",
        "forms.parse_day",
    ],
)
def test_a_crash_while_answers_are_read_writes_its_type_and_place_only(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    # WTForms takes a ValueError of a filter for a message to the person.
    monkeypatch.setattr(f"letters.web.{broken}", boom(CANARIES, RuntimeError))
    response = post(app)
    text = seen()
    assert response.status_code == 500
    check_silent(response.text)
    check_silent(text)
    assert PLACE.search(text)


def test_a_crash_inside_a_crash_writes_neither_value(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        try:
            boom(CANARIES)()
        except ValueError as error:
            raise RuntimeError(str(error)) from error

    monkeypatch.setattr("letters.web.outputs.compose", fail)
    response = post(app)
    text = seen()
    assert response.status_code == 500
    check_silent(response.text)
    check_silent(text)
    assert re.search(r"RuntimeError, tests\.trust\.test_log:\d+", text)


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
    assert heading_of(page) == "Le site est en panne"
    assert response.headers["Cache-Control"] == "no-store"
    check_silent(response.text)
    check_silent(text)
    assert len(PLACE.findall(text)) >= 2, "the crash, and the crash of its page"


def test_the_last_resort_is_a_whole_french_page() -> None:
    page = parse(LAST_RESORT)
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert text_of(page.title) == "Panne – Droit de plume"
    assert not re.search(r" [:;!?»]|['\"]", page.get_text())


# The PDF


@pytest.mark.parametrize(
    ("slug", "output"), [(SLUGS[0], "pdf"), (SLUGS[2], "slip"), (SLUGS[0], "bundle")]
)
@pytest.mark.parametrize("error", [ValueError, RuntimeError, OSError, MemoryError, ImportError])
def test_a_pdf_that_fails_leaves_the_letter_on_the_page(
    app: Flask,
    seen: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    slug: str,
    output: str,
) -> None:
    def fail(letter: object, *, large: bool) -> NoReturn:
        raise error(f"{CANARIES} {letter}")

    expected = post(app, slug)
    for kind in ("pdf", "slip"):
        monkeypatch.setattr(f"letters.render.pdf.{kind}", fail)
    response = post(app, slug, output=output)
    page = parse(response.text)
    text = seen()
    assert response.status_code == 500
    assert response.content_type == "text/html; charset=utf-8"
    assert "Content-Disposition" not in response.headers
    first = page.select_one("main > :first-child")
    assert first is not None
    assert first["role"] == "alert"
    assert text_of(first.find("h2")) == "Il y a un problème"
    assert text_of(first.find("p")).startswith("Le fichier n’a pas pu être fabriqué.")
    for place in ("article#letter", "#message", "#message-short", "#subject"):
        whole = parse(expected.text).select_one(place)
        assert text_of(page.select_one(place)) == text_of(whole)
    hidden = [tag.attrs for tag in page.select("[type=hidden]")]
    assert hidden == [tag.attrs for tag in parse(expected.text).select("[type=hidden]")]
    check_silent(text)
    assert re.search(rf"{error.__name__}, tests\.trust\.test_log:\d+", text)


@pytest.mark.check(10, 19)
def test_a_warning_of_the_pdf_engine_is_a_failure_and_is_not_written(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from letters.render import html

    styled = '<html lang="fr"><title>Lettre</title><p style="colour: Quokka">Ornithoryx</p></html>'
    monkeypatch.setattr(html, "document", lambda letter: styled)
    response = post(app, output="pdf")
    assert response.status_code == 500
    records = seen()
    assert re.search(r"PdfError, letters\.render\.pdf:\d+", records)
    check_silent(records)


def test_the_pdf_is_asked_for_again_from_the_page_of_the_failure(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("letters.render.pdf.pdf", boom(""))
        page = parse(post(app, output="pdf").text)
    carried: dict[str, list[str]] = {"output": ["pdf"]}
    for tag in page.select("main form [type=hidden]"):
        carried.setdefault(str(tag["name"]), []).append(str(tag["value"]).replace("\n", "\r\n"))
    response = app.test_client().post(FORM, data=carried)
    assert response.status_code == 200
    assert response.data == post(app, output="pdf").data


# Refused before anything is read


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        ({"headers": {"Origin": "https://canari.secret"}}, 403),
        ({"content_type": "multipart/form-data"}, 415),
        ({"query_string": {"name": "Canarine", "mail": "canari.secret"}}, 200),
        ({"headers": {"User-Agent": "Canarine", "Referer": "https://plumage/Quokka"}}, 200),
    ],
)
@pytest.mark.check(10)
def test_a_request_that_is_refused_writes_nothing(
    app: Flask, seen: Callable[[], str], sent: dict[str, Any], status: int
) -> None:
    response = post(app, sent=sent)
    text = seen()
    assert response.status_code == status
    check_silent(text)
    if status != 200:
        check_silent(response.text)


def test_a_request_that_is_too_large_writes_nothing(app: Flask, seen: Callable[[], str]) -> None:
    response = post(app, reason="Ornithoryx " * 6000)
    assert response.status_code == 413
    check_silent(response.text)
    check_silent(seen())


def test_too_many_fields_write_nothing(app: Flask, seen: Callable[[], str]) -> None:
    response = post(app, options=["Quokka"] * 200)
    assert response.status_code == 413
    check_silent(response.text)
    check_silent(seen())


@pytest.mark.parametrize("path", ["/Canarine", "/fr/lettres/Zanzibarovitch", "/static/Quokka.css"])
def test_an_unknown_address_is_neither_written_nor_shown(
    app: Flask, seen: Callable[[], str], path: str
) -> None:
    response = checking(app).get(path)
    assert response.status_code == 404
    check_silent(response.text)
    check_silent(seen())


# The program's own settings


def test_exceptions_never_leave_the_application(app: Flask) -> None:
    assert app.config["PROPAGATE_EXCEPTIONS"] is False
    assert app.config["TRAP_HTTP_EXCEPTIONS"] is False
    assert not app.config["TRAP_BAD_REQUEST_ERRORS"]
    assert not app.debug
    assert not app.testing
    assert app.secret_key is None


def test_debug_mode_writes_no_value_either(
    app: Flask, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.debug = True
    monkeypatch.setattr("letters.web.outputs.compose", boom(CANARIES))
    response = post(app)
    assert response.status_code == 500
    check_silent(response.text)
    check_silent(seen())


def test_nothing_typed_is_kept_between_two_requests(app: Flask) -> None:
    post(app)
    addresses = (FORM, FOLLOW_UP, "/fr/", "/sante", *(f"/fr/lettres/{slug}" for slug in SLUGS))
    clean = [checking(app).get(path).text for path in addresses]
    for text in clean:
        check_silent(text)
    with app.test_request_context("/fr/"):
        assert "language" not in g


def test_an_exception_before_a_trace_exists_is_still_written_without_its_value(
    app: Flask, seen: Callable[[], str]
) -> None:
    app.log_exception((ValueError, ValueError("Quokka"), None))  # type: ignore[arg-type]
    app.log_exception((None, None, None))
    text = seen()
    check_silent(text)
    assert "ValueError, ?" in text


SERVE = """
import io, logging, sys
logging.basicConfig(level=logging.DEBUG)
from app import create_app
from letters.web import outputs
def fail(*_): raise ValueError("Ornithoryx")
outputs.compose = fail
body = b"given_name=Canarine&family_name=Quokka&recipient=01751"
environ = {
    "REQUEST_METHOD": "POST", "PATH_INFO": "/fr/lettres/opposition-sante",
    "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
    "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
    "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
}
status = []
list(create_app()(environ, lambda line, headers, _=None: status.append(line)))
print(status)
"""


def test_a_server_s_own_streams_get_the_type_and_place_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "500 INTERNAL SERVER ERROR" in done.stdout
    assert re.search(r"ValueError, __main__:\d+", done.stderr)
    check_silent(done.stdout + done.stderr)
