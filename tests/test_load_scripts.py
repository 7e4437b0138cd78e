"""`script/soak` and `script/overload`: they work, see what is wrong, and keep within their bounds.

A few letters show that they work; what they make of a long run is tried on invented figures, and
on a stand-in that answers wrongly. Limits: no figure of this machine is judged here.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from weasyprint.text import line_break

from tests import load
from tests.load import NO_ANSWER, Answer, Request, StopError, overload, soak
from tests.load.overload import KINDS, OTHER, PAGES, PDFS, REFUSED, SERVED, TEXTS, Result
from tests.load.soak import Sample
from tests.server import PATIENCE, ROOT, running

SCRIPTS = {"soak": soak.USAGE, "overload": overload.USAGE}


@contextmanager
def stand_in(status: int, body: bytes = b"") -> Iterator[int]:
    """The port of a server that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the library's name

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((load.LOOPBACK, 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


# What is asked for


def test_the_mix_has_every_letter_and_every_kind_of_pdf() -> None:
    asked = [load.pdf(number) for number in range(300)]
    assert {request.path for request in asked} >= {f"/fr/lettres/{slug}" for slug in load.SLUGS}
    assert {request.fields["output"] for request in asked} == {"pdf", "slip", "bundle"}
    assert {request.fields.get("large") for request in asked} >= {"1", ""}
    assert len({tuple(request.fields.items()) for request in asked}) == len(asked)
    assert {load.text(number).fields["output"] for number in range(2)} == {"text", "preview"}


def test_every_request_of_the_mix_is_answered_rightly() -> None:
    pdfs = [load.pdf(number) for number in (*range(len(load.SLUGS)), 7, 49)]
    reading = [make(number) for number in range(12) for make in (load.page, load.text)]
    with running() as server:
        wrong = [r for r in pdfs + reading if not load.is_right(r, load.ask(server.port, r))]
    assert wrong == []


@pytest.mark.parametrize(
    ("request_", "answer", "right"),
    [
        (load.pdf(0), Answer(200, 0, body=b"%PDF-1.7"), True),
        (load.pdf(0), Answer(200, 0, body=b"<!doctype html>"), False),
        (load.pdf(0), Answer(500, 0, body=b"%PDF-1.7"), False),
        (load.pdf(49), Answer(200, 0, body=b"PK\3\4"), True),
        (load.page(0), Answer(200, 0, body=b"<!DOCTYPE html>"), True),
        (load.page(0), Answer(NO_ANSWER, 0), False),
    ],
)
def test_an_answer_is_right_or_not(request_: Request, answer: Answer, right: bool) -> None:
    assert load.is_right(request_, answer) is right


def test_only_this_machine_is_ever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Line:
        def __init__(self, host: str, port: int, **_: object) -> None:
            asked.append((host, port))
            raise ConnectionRefusedError

    monkeypatch.setattr(load, "HTTPConnection", Line)
    for path in ("/", "//example.org/", "http://example.org/"):
        with pytest.raises(ConnectionRefusedError):
            load.ask(1, Request(path))
    assert asked == [("127.0.0.1", 1)] * 3


def test_a_server_that_is_gone_gives_no_answer() -> None:
    with stand_in(200) as port:
        pass
    assert load.ask(port, load.page(0)).status == NO_ANSWER


# How the scripts are used


OUT_OF_BOUNDS = (
    "0",
    "-1",
    "1 2",
    "1.5",
    "١",
    "99999999",
    "1" * 12,
    "8.8.8.8",
    "http://localhost",
    "-h",
)


@pytest.mark.parametrize("arguments", OUT_OF_BOUNDS)
def test_what_is_out_of_bounds_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    with pytest.raises(SystemExit) as refused:
        load.number_given(arguments.split(), "Usage : …", 5, soak.MOST)
    assert refused.value.code == load.USAGE
    assert capsys.readouterr() == ("", "Usage : …\n")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_asked_for_something_else_says_how_it_is_used(script: str) -> None:
    refused = subprocess.run(
        [ROOT / "script" / script, "http://example.org"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"{SCRIPTS[script]}\n"


@pytest.mark.parametrize(("script", "most"), [("soak", soak.MOST), ("overload", overload.LONGEST)])
def test_the_bound_itself_is_accepted_and_said(script: str, most: int) -> None:
    usage = SCRIPTS[script]
    assert f" {most} " in usage
    assert load.number_given([str(most)], usage, 1, most) == most
    assert load.number_given([], usage, 5, most) == 5
    with pytest.raises(SystemExit) as refused:
        load.number_given([str(most + 1)], usage, 1, most)
    assert refused.value.code == load.USAGE


def test_a_short_soak_works() -> None:
    done = subprocess.run(
        [ROOT / "script" / "soak", "4"], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    first, headings, *rows, last = done.stdout.splitlines()
    assert first.startswith("4 lettres, ")
    assert headings == soak.HEADINGS
    assert [row.split()[0] for row in rows] == ["0", "1", "2", "3", "4"]
    assert last.startswith("Trop peu de lettres")


def group_is_gone(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_soak_that_is_stopped_leaves_nothing_behind(sign: signal.Signals) -> None:
    with subprocess.Popen(
        [ROOT / "script" / "soak", str(soak.MOST)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        assert lines[2].split()[0] == "0", "the first figures: the server is there"
        # Ctrl+C reaches everything that the terminal started, SIGTERM this process alone.
        (os.killpg if sign == signal.SIGINT else os.kill)(process.pid, sign)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (load.STOPPED, "Arrêté avant la fin.\n")
    assert group_is_gone(process.pid)


# What the soak finds

FLAT = [Sample(n * 500, n * 10.0, 150.0, 90.0, 30, 12, frozenset({1, 2, 3})) for n in range(21)]


def test_a_flat_series_is_no_problem() -> None:
    assert soak.problems(FLAT) == []
    warming = [replace(s, pss=60.0 if s.letters < 1000 else 150.0) for s in FLAT]
    assert soak.problems(warming) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (lambda s: {"pss": 150 + s.letters / 500}, "la mémoire monte encore de 2.00 Mo"),
        (lambda s: {"pss": 150 + s.letters / 500}, "la mémoire est passée de 154.0 à 170.0 Mo"),
        (lambda s: {"pss": 150 if s.letters < 5000 else 166}, "la mémoire est passée de"),
        (lambda s: {"files": s.letters}, "les fichiers ouverts sont passés de 2000 à 10000"),
        (lambda s: {"files": 30 if s.letters < 9000 else 37}, "les fichiers ouverts"),
        (lambda s: {"threads": s.letters}, "les fils d’exécution sont passés de 2000 à 10000"),
        (lambda s: {"processes": frozenset({1, 2, s.letters > 5000})}, "remplacé en chemin"),
    ],
)
def test_what_grows_is_a_problem(changes: Callable[[Sample], Any], sentence: str) -> None:
    series = [replace(sample, **changes(sample)) for sample in FLAT]
    assert sentence in " ".join(soak.problems(series))


def test_a_short_series_says_that_it_proves_nothing() -> None:
    short = [replace(s, letters=s.letters // 100, pss=100 + s.letters) for s in FLAT]
    assert soak.problems(short) == []
    assert "Trop peu de lettres" in soak.verdict(short)
    assert "Trop peu" not in soak.verdict(FLAT)


@pytest.mark.parametrize(("status", "body"), [(500, b""), (503, b""), (200, b"<!doctype html>")])
def test_a_soak_stops_at_a_wrong_answer(status: int, body: bytes) -> None:
    with stand_in(status, body) as port, pytest.raises(StopError, match="1 mauvaises réponses"):
        soak.soak(port, os.getpid(), 20)


def test_a_soak_stops_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "LONGEST", -1)
    with stand_in(200, b"%PDF-") as port, pytest.raises(StopError, match="n’ont pas suffi"):
        soak.soak(port, os.getpid(), 1)


# What the overload finds

LATER = {"Retry-After": "5"}
FRENCH = b'<!doctype html>\n<html lang="fr">'


@pytest.mark.parametrize(
    ("kind", "answer", "outcome"),
    [
        (PDFS, Answer(200, 0, {}, b"%PDF-1.7"), SERVED),
        (PDFS, Answer(200, 0, {}, FRENCH), OTHER),
        (PDFS, Answer(503, 0, LATER, FRENCH), REFUSED),
        (PDFS, Answer(503, 0, {}, FRENCH), OTHER),
        (PDFS, Answer(503, 0, {"Retry-After": "soon"}, FRENCH), OTHER),
        (PDFS, Answer(503, 0, LATER, b"Service Unavailable"), OTHER),
        (PDFS, Answer(500, 0, LATER, FRENCH), OTHER),
        (PDFS, Answer(NO_ANSWER, 0), OTHER),
        (PAGES, Answer(200, 0, {}, FRENCH), SERVED),
        (PAGES, Answer(503, 0, LATER, FRENCH), OTHER),
        (TEXTS, Answer(200, 0, {}, b"Objet"), SERVED),
        (TEXTS, Answer(503, 0, LATER, FRENCH), OTHER),
    ],
)
def test_an_answer_is_served_refused_or_neither(kind: str, answer: Answer, outcome: str) -> None:
    assert overload.judge(kind, KINDS[kind](0), answer) == outcome


def result(kind: str, outcome: str, status: int = 200) -> Result:
    return Result(kind, outcome, status, 0.1)


GOOD = [*(result(kind, SERVED) for kind in KINDS), result(PDFS, REFUSED, 503)]


@pytest.mark.parametrize(
    ("calm", "stormy", "is_back", "sentence"),
    [
        (GOOD[:3], GOOD, True, None),
        ([result(PAGES, OTHER, 500)], GOOD, True, "par temps calme, 1 mauvaises réponses (500)"),
        ([result(PDFS, REFUSED, 503)], GOOD, True, "par temps calme, 1 mauvaises réponses (503)"),
        ([], [*GOOD, result(PDFS, OTHER, 500)], True, "PDF : 1 mauvaises réponses (500)"),
        ([], [*GOOD, result(PAGES, OTHER, 503)], True, "pages : 1 mauvaises réponses (503)"),
        ([], [*GOOD, result(TEXTS, OTHER, 0)], True, "textes : 1 mauvaises réponses (sans réponse"),
        ([], GOOD[:3], True, "aucun PDF n’a été refusé"),
        ([], GOOD, False, "le serveur ne va toujours pas bien"),
    ],
)
def test_what_was_not_as_agreed_is_a_problem(
    calm: list[Result], stormy: list[Result], is_back: bool, sentence: str | None
) -> None:
    found = overload.problems(calm, stormy, is_back=is_back)
    assert len(found) == int(sentence is not None)
    assert (sentence or "") in " ".join(found)


@pytest.mark.parametrize(("rate", "seconds"), [(100.0, 5), (0.5, 120), (1e6, 120)])
def test_the_storm_is_bounded_in_count_and_time(rate: float, seconds: int) -> None:
    schedule = overload.timetable(rate, seconds)
    assert schedule == sorted(schedule)
    assert len(schedule) <= overload.MOST
    assert 0 <= schedule[0][0] <= schedule[-1][0] < seconds
    kinds = [kind for _, kind, _ in schedule]
    assert kinds.count(PDFS) == int(rate * seconds) or len(schedule) == overload.MOST
    assert {PAGES, TEXTS} <= set(kinds)


def test_a_storm_on_a_server_that_fails_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with stand_in(500) as port:
        stormy = overload.storm(port, 50, 1)
    assert len(stormy) == 50 + 2 * overload.READING
    assert {r.outcome for r in stormy} == {OTHER}
    assert {r.status for r in stormy} == {500}
    assert "PDF : 50 mauvaises réponses (500)." in overload.problems([], stormy, is_back=True)


@pytest.mark.check(23)
def test_an_overloaded_server_refuses_pdfs_and_nothing_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real server, asked for so many PDFs at once that some have to be refused."""
    monkeypatch.setattr(overload, "TIMES", 15)
    with running(WEB_CONCURRENCY=str(load.WORKERS)) as server:
        problems = overload.overload(server.port, 1)
    told = capsys.readouterr().out
    assert problems == [], told
    assert "dont refusés" in told
    assert len(told.splitlines()) == 2 + 1 + 2 * len(KINDS) + 1 + 1


# What the soak found


@pytest.mark.check(22)
@pytest.mark.parametrize("number", [*range(2 * len(load.SLUGS)), 17, 49])
def test_no_text_of_a_letter_asks_for_what_the_engine_leaks(
    app: Flask, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """WeasyPrint 70 never frees the OpenType features of a text: 5 KB a letter with lists.

    Its own style sheet asks for figures of one width in the markers of lists; ours takes it back.
    """
    found = []
    original = line_break.font_features

    def features(*settings: object) -> dict[str, int]:
        found.append(original(*settings))
        return found[-1]

    monkeypatch.setattr(line_break, "font_features", features)
    request = load.pdf(number)
    assert app.test_client().post(request.path, data=request.fields).status_code == 200
    assert found
    assert [asked for asked in found if asked] == []
