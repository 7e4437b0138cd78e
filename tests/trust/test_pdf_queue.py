"""Check 23: no more PDFs at a time than there are places, and all the rest goes on being served.

The places are taken by hand, so that nothing depends on how fast a PDF is drawn; test_faults.py
has a crowd at the door of the real server.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import Mock

import pytest
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import TestResponse

from app import create_app
from letters.web import pdf_queue
from letters.web.pages import specimens
from letters.web.settings import Settings
from tests.kit.forms import post, posted
from tests.kit.pages import (
    FORM,
    OUTPUTS,
    ROUTES,
    SLUGS,
    answers_of,
    checking,
    heading_of,
    parse,
    text_of,
)

BUSY = "Beaucoup de personnes demandent un fichier en ce moment."
FAILED = "Le fichier n’a pas pu être fabriqué."
SPOKEN = "opposition-soignant"  # the one with sentences to say
DRAWN = ("pdf", "bundle", "slip")


@pytest.fixture
def app() -> Iterator[Flask]:
    """Its own, with an empty cache of specimens before and after."""
    caches = (specimens._blank_pdf, specimens._example_pdf)
    for cache in caches:
        cache.cache_clear()
    yield create_app(Settings(pdf_slots=2))
    for cache in caches:
        cache.cache_clear()


@contextmanager
def taken(app: Flask, count: int) -> Iterator[None]:
    """Hold `count` places, as PDFs under way do."""
    with app.app_context(), ExitStack() as held:
        for _ in range(count):
            held.enter_context(pdf_queue.place())
        yield


def ask(app: Flask, output: str, slug: str = SLUGS[0], **more: str) -> TestResponse:
    return post(checking(app), output, slug, **answers_of(**more))


def fail(*_: object) -> bytes:
    raise ValueError


def check_whole(response: TestResponse, whole: TestResponse, sentence: str) -> None:
    """The result page with the letter, the texts and everything typed, and what is the matter."""
    page, right = parse(response.text), parse(whole.text)
    assert text_of(page.select_one("main > [role=alert]:first-child p")).startswith(sentence)
    assert "Content-Disposition" not in response.headers
    for place in ("article#letter", "#message", "#subject"):
        assert text_of(page.select_one(place)) == text_of(right.select_one(place))
    for kept in ("[type=hidden]", "#large[checked]"):
        assert [tag.attrs for tag in page.select(kept)] == [tag.attrs for tag in right.select(kept)]


@pytest.mark.check(23)
@pytest.mark.parametrize("output", DRAWN)
def test_a_pdf_without_a_place_or_that_fails_leaves_everything_to_be_asked_for_again(
    app: Flask, output: str
) -> None:
    """And gives its place back, the last one too."""
    whole = ask(app, "preview", SPOKEN, large="1")
    with taken(app, 2):
        response = ask(app, output, SPOKEN, large="1")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    check_whole(response, whole, BUSY)
    app.extensions["pdf_queue"].press = fail
    with taken(app, 1):
        response = ask(app, output, SPOKEN, large="1")
    assert response.status_code == 500
    check_whole(response, whole, FAILED)
    app.extensions["pdf_queue"].press = lambda *_: b"%PDF-"
    with taken(app, 1):
        again = posted(response.text, output=output)
        assert app.test_client().post(f"/fr/lettres/{SPOKEN}", data=again).status_code == 200
    with taken(app, 2):
        pass


@pytest.mark.check(23)
@pytest.mark.parametrize("name", ["vierge.pdf", "exemple.pdf"])
def test_a_specimen_is_refused_too_but_not_one_that_was_drawn_before(app: Flask, name: str) -> None:
    client = checking(app)
    with taken(app, 2):
        refused = client.get(f"{FORM}/{name}")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert heading_of(parse(refused.text)) == "Beaucoup de demandes en ce moment"
    assert client.get(f"{FORM}/{name}").status_code == 200
    with taken(app, 2):
        assert client.get(f"{FORM}/{name}").status_code == 200


@pytest.mark.check(23)
def test_pages_and_texts_are_answered_as_ever_while_all_places_are_taken(app: Flask) -> None:
    client = checking(app)
    with taken(app, 2):
        for (rule, method), path in ROUTES.items():
            if method == "GET" and not rule.endswith(".pdf") and "security" not in rule:
                assert client.get(path, buffered=True).status_code in {200, 302}, path
        for output in sorted({*OUTPUTS} - {*DRAWN}):
            assert ask(app, output).status_code == 200, output
        assert client.get("/sante").get_json()["pdf"] is True


def test_refusals_are_told_once_a_minute_with_their_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    minutes: list[Callable[[], None]] = []

    def timer(seconds: float, then: Callable[[], None]) -> Mock:
        assert seconds == 60
        minutes.append(then)
        return Mock()

    monkeypatch.setattr(pdf_queue, "Timer", timer)
    queue = pdf_queue.PdfQueue(places=1)
    for times in (3, 2, 0):
        with caplog.at_level(logging.ERROR), queue.place():
            for _ in range(times):
                with pytest.raises(ServiceUnavailable), queue.place():
                    pass
        if times:
            minutes.pop()()
    assert minutes == []
    assert caplog.messages == [
        f"PDF refusés en une minute, faute de place : {count}." for count in (3, 2)
    ]
