"""Check 23: no more PDFs at a time than there are slots, and all the rest goes on being served.

The slots are taken by hand, so that nothing depends on how fast a PDF is drawn; the real server
gets a crowd at the end, and four times too many requests in `script/overload`.
"""

import ast
import json
import os
import runpy
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import TestResponse

from app import create_app
from deploy import worker
from letters.render import pdf
from letters.web import pdfs, specimens
from letters.web.settings import MOST_SLOTS, Settings
from tests.server import ROOT, Server, running
from tests.test_pages import (
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
DRAWN = ("pdf", "bundle")


@pytest.fixture
def app() -> Iterator[Flask]:
    """Its own, with an empty cache of specimens before and after."""
    caches = (specimens._blank_pdf, specimens._example_pdf)
    for cache in caches:
        cache.cache_clear()
    yield create_app(Settings(pdf_slots=2))
    for cache in caches:
        cache.cache_clear()


@dataclass
class Drawing:
    """Who drew: the thread, and how it stands in the line for a core."""

    thread: int
    nice: int


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[Drawing]:
    """Every PDF drawn, by whom."""
    seen: list[Drawing] = []

    def record(*arguments: Any) -> bytes:
        thread = threading.get_native_id()
        seen.append(Drawing(thread, os.getpriority(os.PRIO_PROCESS, thread)))
        return original(*arguments)

    original = pdf._made
    monkeypatch.setattr(pdf, "_made", record)
    return seen


@pytest.mark.check(23)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a priority is that of a process")
def test_one_thread_draws_every_pdf_and_lets_pages_pass(
    app: Flask, drawings: list[Drawing]
) -> None:
    for output in DRAWN:
        assert ask(app, output).status_code == 200
    for name in ("exemple.pdf", "vierge.pdf"):
        assert checking(app).get(f"{FORM}/{name}").status_code == 200
    assert len(drawings) > 3
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert {drawing.nice for drawing in drawings} == {min(own + pdfs.NICE, 19)}
    assert len({drawing.thread for drawing in drawings}) == 1
    assert threading.get_native_id() not in {drawing.thread for drawing in drawings}


def test_a_system_that_keeps_priorities_to_itself_gets_its_pdfs_all_the_same(
    app: Flask, drawings: list[Drawing], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "nice", forbid)
    assert ask(app, "pdf").data.startswith(b"%PDF-")
    assert {drawing.nice for drawing in drawings} == {os.getpriority(os.PRIO_PROCESS, 0)}


def test_a_letter_for_which_there_is_no_thread_is_forgotten(
    app: Flask, drawings: list[Drawing], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as broken:
        broken.setattr(threading.Thread, "start", fail)
        assert ask(app, "pdf").status_code == 500
    assert ask(app, "pdf").data.startswith(b"%PDF-")
    assert len(drawings) == 1


# Who comes next


def test_a_process_counts_its_pdfs_where_the_others_see_them() -> None:
    board = memoryview(bytearray(3))
    printer = pdfs.Printer(slots=2)
    printer.take_place(board, 1)
    assert not printer.is_busier
    with printer.slot():
        assert [*board] == [0, 1, 0]
        assert printer.is_busier
        board[0] = board[2] = 1
        assert not printer.is_busier
        with pytest.raises(ServiceUnavailable), printer.slot(), printer.slot():
            pass
        assert [*board] == [1, 1, 1]
    with pytest.raises(ZeroDivisionError), printer.slot():
        raise ZeroDivisionError
    assert [*board] == [1, 0, 1]


def test_a_process_alone_takes_everybody() -> None:
    printer = pdfs.Printer(slots=2)
    with printer.slot():
        assert not printer.is_busier


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize("busier", [True, False])
def test_a_busier_process_leaves_who_comes_and_looks_again_soon(
    busier: bool, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(
        worker.ThreadWorker, "wait_for_and_dispatch_events", lambda _, timeout: seen.append(timeout)
    )
    monkeypatch.setattr(
        worker.Worker, "set_accept_enabled", lambda _, enabled: seen.append(enabled)
    )
    one = object.__new__(worker.Worker)
    one.alive, one.printer = alive, SimpleNamespace(is_busier=busier)
    one.wait_for_and_dispatch_events(1.0)
    assert seen == ([False, worker.GLANCE] if busier and alive else [1.0])


def test_a_new_process_gets_the_place_of_one_that_has_gone() -> None:
    conf = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    board, new = conf["board"], SimpleNamespace()
    board[1] = 3  # of one that was killed at work
    conf["pre_fork"](SimpleNamespace(WORKERS={9: SimpleNamespace(place=0)}), new)
    assert new.place == 1
    assert [*board] == [0, 0]


@contextmanager
def taken(app: Flask, count: int) -> Iterator[None]:
    """Hold `count` slots, as PDFs under way do."""
    with app.app_context(), ExitStack() as held:
        for _ in range(count):
            held.enter_context(pdfs.slot())
        yield


def ask(app: Flask, output: str, slug: str = SLUGS[0]) -> TestResponse:
    return checking(app).post(f"/fr/lettres/{slug}", data={**answers_of(), "output": output})


@pytest.mark.check(23)
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("output", [*DRAWN, "slip"])
def test_one_more_pdf_than_slots_is_refused_at_once_with_everything_typed(
    app: Flask, slug: str, output: str
) -> None:
    if output == "slip" and b'value="slip"' not in ask(app, "preview", slug).data:
        assert ask(app, output, slug).mimetype == "text/html", "no sentences to say"
        return
    whole = parse(ask(app, "preview", slug).text)
    with taken(app, 2):
        response = ask(app, output, slug)
    page = parse(response.text)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Content-Disposition" not in response.headers
    assert text_of(page.select_one("main > [role=alert] p")).startswith(BUSY)
    for place in ("article#letter", "#message", "#subject"):
        assert text_of(page.select_one(place)) == text_of(whole.select_one(place))
    hidden = [tag.attrs for tag in page.select("[type=hidden]")]
    assert hidden == [tag.attrs for tag in whole.select("[type=hidden]")]


@pytest.mark.parametrize("large", [False, True])
def test_the_wish_for_large_print_is_kept_when_a_pdf_is_refused(app: Flask, large: bool) -> None:
    data = {**answers_of(), "output": "pdf", **({"large": "1"} if large else {})}
    with taken(app, 2):
        response = checking(app).post(FORM, data=data)
    assert response.status_code == 503
    assert bool(parse(response.text).select("#large[checked]")) is large


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
def test_the_last_slot_is_given_and_every_slot_given_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken(app, 1):
        assert ask(app, "pdf").status_code == 200
    for output in ("pdf", "bundle", "pdf"):
        with taken(app, 2):
            assert ask(app, output).status_code == 503
        with monkeypatch.context() as patch:
            patch.setattr("letters.render.pdf.pdf", fail)
            assert ask(app, output).status_code == 500
    with taken(app, 2):
        pass
    assert ask(app, "bundle").status_code == 200


def fail(*_: object, **__: object) -> bytes:
    raise ValueError


@pytest.mark.check(23)
def test_pages_and_texts_are_answered_as_ever_while_all_slots_are_taken(app: Flask) -> None:
    client = checking(app)
    with taken(app, 2):
        for (rule, method), path in ROUTES.items():
            if method == "GET" and not rule.endswith(".pdf") and "security" not in rule:
                assert client.get(path, buffered=True).status_code in {200, 302}, path
        for output in sorted({*OUTPUTS} - {*DRAWN, "slip", "calendar"}):
            assert ask(app, output).status_code == 200, output
        assert json.loads(client.get("/sante").data)["pdf"] is True


@pytest.mark.check(23)
def test_every_way_to_a_pdf_takes_a_slot() -> None:
    """`pdfs.draw` is called in three places, and nothing else of the web layer draws."""
    callers = {}
    for path in sorted((ROOT / "letters/web").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        names = [
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Call)
        ]
        if "pdfs.draw" in names:
            callers[path.name] = names.count("pdfs.slot")
        if path.name not in {"pdfs.py", "commands.py"}:
            assert "from letters.render import pdf" not in text
    assert callers == {"outputs.py": 1, "specimens.py": 2}


# In the real server


@pytest.mark.check(23)
def test_the_server_has_more_threads_than_slots() -> None:
    config = ast.parse((ROOT / "deploy/gunicorn.conf.py").read_text(encoding="utf-8"))
    values = {
        ast.unparse(node.targets[0]): node.value
        for node in config.body
        if isinstance(node, ast.Assign)
    }
    assert ast.literal_eval(values["threads"]) > MOST_SLOTS


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(WEB_CONCURRENCY="1", DROIT_DE_PLUME_PDF_SLOTS="1") as started:
        yield started


@pytest.mark.check(23)
def test_a_crowd_gets_its_pdf_or_is_told_to_come_back(server: Server) -> None:
    """More people than slots, all at once: some are served, the others told when to come back."""
    people = 8
    together = threading.Barrier(people)
    answers: list[tuple[int, str | None]] = []

    def ask_for_all_letters() -> None:
        also = "&".join(f"also={slug}" for slug in SLUGS[1:4])
        body = f"given_name=Camille&family_name=Durand&recipient=01751&output=bundle&{also}"
        connection = HTTPConnection(server.host, server.port)
        together.wait()
        connection.request(
            "POST", FORM, body, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        response = connection.getresponse()
        response.read()
        answers.append((response.status, response.headers["Retry-After"]))
        connection.close()

    for _ in range(20):  # until they come close enough together
        crowd = [threading.Thread(target=ask_for_all_letters) for _ in range(people)]
        for person in crowd:
            person.start()
        for person in crowd:
            person.join()
        if len(set(answers)) > 1:
            break
    assert set(answers) == {(200, None), (503, "5")}
