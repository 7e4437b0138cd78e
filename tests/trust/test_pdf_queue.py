"""Check 23: no more PDFs at a time than there are places, and all the rest goes on being served.

The places are taken by hand, so that nothing depends on how fast a PDF is drawn; test_faults.py
has a crowd at the door of the real server.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import Mock

import pytest
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import TestResponse

from app import create_app
from letters.web import pdf_queue, specimens
from letters.web.settings import Settings
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
    data = {**answers_of(), "output": output, **more}
    return checking(app).post(f"/fr/lettres/{slug}", data=data)


@pytest.mark.check(23)
@pytest.mark.parametrize(("slug", "outputs"), [(SPOKEN, DRAWN), (SLUGS[0], DRAWN[:2])])
def test_one_more_pdf_than_places_is_refused_at_once_with_everything_typed(
    app: Flask, slug: str, outputs: tuple[str, ...]
) -> None:
    whole = parse(ask(app, "preview", slug, large="1").text)
    for output in outputs:
        with taken(app, 2):
            response = ask(app, output, slug, large="1")
        page = parse(response.text)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert text_of(page.select_one("main > [role=alert] p")).startswith(BUSY)
        for place in ("article#letter", "#message", "#subject"):
            assert text_of(page.select_one(place)) == text_of(whole.select_one(place))
        for kept in ("[type=hidden]", "#large[checked]"):
            assert [t.attrs for t in page.select(kept)] == [t.attrs for t in whole.select(kept)]


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
def test_the_last_place_is_given_and_every_place_given_back(app: Flask) -> None:
    queue = app.extensions["pdf_queue"]
    queue.press = lambda *_: b"%PDF-"
    with taken(app, 1):
        assert ask(app, "pdf").status_code == 200
    for output in ("pdf", "bundle"):
        with taken(app, 2):
            assert ask(app, output).status_code == 503
        queue.press = fail
        assert ask(app, output).status_code == 500
        queue.press = lambda *_: b"%PDF-"
    with taken(app, 2):
        pass
    assert ask(app, "bundle").status_code == 200


def fail(*_: object) -> bytes:
    raise ValueError


@pytest.mark.check(23)
def test_pages_and_texts_are_answered_as_ever_while_all_places_are_taken(app: Flask) -> None:
    client = checking(app)
    with taken(app, 2):
        for (rule, method), path in ROUTES.items():
            if method == "GET" and not rule.endswith(".pdf") and "security" not in rule:
                assert client.get(path, buffered=True).status_code in {200, 302}, path
        for output in sorted({*OUTPUTS} - {*DRAWN, "calendar"}):
            assert ask(app, output).status_code == 200, output
        assert json.loads(client.get("/sante").data)["pdf"] is True


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

    def refuse(times: int) -> None:
        with queue.place():
            for _ in range(times):
                with pytest.raises(ServiceUnavailable), queue.place():
                    pass

    with caplog.at_level(logging.ERROR):
        refuse(3)
        assert (len(minutes), caplog.messages) == (1, [])
        minutes[0]()
        refuse(2)
        minutes[1]()
        refuse(0)
    assert len(minutes) == 2
    assert caplog.messages == [
        f"PDF refusés en une minute, faute de place : {count}." for count in (3, 2)
    ]
