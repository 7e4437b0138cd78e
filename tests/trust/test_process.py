"""Nothing that a person sends is printed, written or sent on by the real process.

Two servers run under strace where it is installed: the one that `script/server` starts, asked for
every address in every way; and one in which things go wrong (`spoilt.py`), with every log open.
What they asked of the system is then read from the first word of greeting on (`trace.py`).
Without strace, the folders that they could have written to are looked through.
"""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import IncompleteRead
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.kit.pages import FOLLOW_UP, FORM, OPPOSITIONS, OUTPUTS, ROUTES, SLUGS
from tests.server import GREETING, SCRIPT, Answer, Server, running, service
from tests.trust import spoilt, trace
from tests.trust.test_log import CANARIES, FORM_TYPE, WORDS, check_silent

pytestmark = pytest.mark.server
FORM_HEADERS = {"Content-Type": FORM_TYPE}
WRONG = {"birth_date": "17/09/1947 vers midi", "email": "canari.secret", "city": "Trébabu字"}
# Each is not HTTP, or not quite; what comes back must not repeat it.
MALFORMED = {
    "no HTTP at all": "Zanzibarovitch Quokka\r\n\r\n",
    "no HTTP and small": "zanzibarovitch Quokka\r\n\r\n",
    "unknown version": "GET /Quokka HTTP/9.9\r\n\r\n",
    "strange method": "Quokka! / HTTP/1.1\r\nHost: x\r\n\r\n",
    "header without colon": "GET / HTTP/1.1\r\nHost: x\r\nQuokka\r\n\r\n",
    "bad header name": "GET / HTTP/1.1\r\nHost: x\r\nQuokka : 1\r\n\r\n",
    "bad content length": f"POST {FORM} HTTP/1.1\r\nHost: x\r\nContent-Length: Quokka\r\n\r\n",
    "two content lengths": "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 29217\r\n\r\n",
    "coding of no kind": f"POST {FORM} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Quokka\r\n\r\n",
    "long request line": f"GET /Quokka{'a' * 5000} HTTP/1.1\r\nHost: x\r\n\r\n",
    "body too long": f"POST {FORM} HTTP/1.1\r\nContent-Length: 99999999\r\n\r\ngiven_name=Canarine",
}
HEAD = f"POST {FORM} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM_TYPE}\r\n"
CUT_SHORT = {  # by somebody who is gone: there is nobody to answer
    "headers": "GET / HTTP/1.1\r\nX-Quokka: Ouistiti",
    "headers without end": f"GET / HTTP/1.1\r\nX-Quokka: {'Ouistiti' * 5_000}",
    "bare line ends": "GET /Quokka HTTP/1.1\nHost: x\n\n",
    "chunks": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n13\r\ngiven_name=Canarine",
    "body": f"{HEAD}Content-Length: 5000\r\n\r\ngiven_name=Canarine",
}
HANG_UP = (socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # rudely, when closed
INNER_WORKINGS = ("Traceback", "aitress", "erkzeug", "Flask", "Python", ".py", "WeasyPrint")

Request = tuple[str, str, str, dict[str, str], int]  # method, path, body, headers, status


def posted(
    status: int, path: str = FORM, headers: dict[str, str] | None = None, **changes: object
) -> Request:
    body = urlencode({**CANARIES, **changes}, doseq=True)
    return "POST", path, body, FORM_HEADERS | (headers or {}), status


def every_address() -> Iterator[Request]:
    """A request of each route that succeeds; then the same in ways that do not."""
    for (_rule, method), path in ROUTES.items():
        if method == "POST":
            yield posted(200, path, outcome="partial")
            yield posted(413, path, reason="Ornithoryx" * 5_000)
            yield posted(413, path, also=["Quokka"] * 101)
            yield posted(403, path, {"Sec-Fetch-Site": "cross-site"})
            yield posted(403, path, {"Origin": "https://quokka.example"})
            yield posted(415, path, {"Content-Type": "text/Quokka"})
            yield posted(422, path, **(WRONG | {"outcome": "Quokka"}))
            yield "POST", path, "Quokka=\xff", FORM_HEADERS, 400
        else:
            status = 302 if path == "/" else 200
            yield method, f"{path}?x=Quokka", "", {"Cookie": "Quokka=1"}, status
            yield "HEAD", path, "", {}, status
        yield "DELETE", f"{path}?x=Quokka", "", {}, 405
        yield "GET", path, "", {"Host": "quokka.example"}, 400
        yield "GET", f"{path}/Quokka", "", {}, 404


def every_letter() -> Iterator[Request]:
    for output in (*OUTPUTS, "erase", "Quokka"):
        yield posted(200, FORM, output=output, also=SLUGS)
    for slug in SLUGS[1:]:
        for output in ("text", "pdf"):
            yield posted(200, f"/fr/lettres/{slug}", output=output, also=())
        yield posted(422, f"/fr/lettres/{slug}", output="bundle", **WRONG)
    for slug in (*SLUGS, "Quokka"):
        known = 200 if slug in OPPOSITIONS else 404
        yield "GET", f"{FOLLOW_UP}?lettre={slug}&envoi=2025-10-09", "", {}, known
    yield "GET", f"/fr/lettres/{quote('Trébabuville')}", "", {}, 404
    yield "GET", f"{FORM}/vierge.pdf?who=Quokka", "", {}, 404


@dataclass
class Run:
    """What a server answered, printed and asked of the system, and the files around it."""

    answers: list[tuple[Request, Answer]] = field(default_factory=list)
    raw: dict[str, str] = field(default_factory=dict)
    stdout: str = ""
    stderr: str = ""
    calls: list[trace.Call] = field(default_factory=list)
    left: list[Path] = field(default_factory=list)

    def ask(self, server: Server, request: Request) -> None:
        self.answers.append((request, server.ask(*request[:4])))

    @property
    def served(self) -> list[trace.Call]:
        """What it asked of the system once it was ready."""
        trace.needed()
        return trace.after(self.calls, GREETING)


def sent_raw(server: Server, request: str) -> str:
    """Send bytes, say that there are no more, and read until the server closes."""
    with server.connect() as line:
        line.sendall(request.encode())
        line.shutdown(socket.SHUT_WR)
        received = b""
        while more := line.recv(65536):
            received += more
    return received.decode()


@contextmanager
def watched(folder: Path, run: Run, command: tuple[str, ...], **settings: str) -> Iterator[Server]:
    """A server under strace, where there is one, with folders of its own for what it may leave."""
    if trace.works():
        command = (*trace.STRACE, "-o", f"{folder}/trace", *command)
    homes = {"HOME": f"{folder}/home", "TMPDIR": f"{folder}/tmp", "XDG_CACHE_HOME": ""}
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    with running(command, **homes, **settings) as server:
        yield server
        for name, text in (MALFORMED | CUT_SHORT).items():
            run.raw[name] = sent_raw(server, text)
        for text in MALFORMED.values():  # gone without waiting for an answer
            with server.connect() as line:
                line.sendall(text.encode())
    assert server.code == 0
    run.stdout, run.stderr = server.stdout, server.stderr
    run.left = [path for name in ("home", "tmp") for path in (folder / name).rglob("*")]
    if trace.works():
        run.calls = trace.read(folder / "trace")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The real server, asked for everything."""
    run = Run()
    settings = {
        "DROIT_DE_PLUME_CONTACT": "contact@example.org",
        "DROIT_DE_PLUME_TRUSTED_HOSTS": "127.0.0.1",
    }
    with watched(tmp_path_factory.mktemp("run"), run, SCRIPT, **settings) as server:
        for request in (*every_address(), *every_letter()):
            run.ask(server, request)
    return run


@pytest.fixture(scope="session")
def spoilt_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A server in which much goes wrong, with every log open."""
    run, chatty = Run(), {"SPOILT_LOGS": "open", "WEB_CONCURRENCY": "1"}
    command = service("tests.trust.spoilt")
    with watched(tmp_path_factory.mktemp("spoilt"), run, command, **chatty) as server:
        for output in (*OUTPUTS, "erase"):
            status = 200 if output in {"edit", "erase", "calendar"} else 500
            run.ask(server, posted(200, output=output))
            run.ask(server, posted(status, output=output, given_name=spoilt.CRASH))
        for output in ("pdf", "bundle"):  # a slip has no name
            run.ask(server, posted(500, output=output, given_name=spoilt.NO_PDF))
        run.ask(server, posted(422, **WRONG))
        run.ask(server, posted(413, reason="Ornithoryx" * 5_000))
        run.ask(server, posted(403, FORM, {"Sec-Fetch-Site": "cross-site"}))
        run.ask(server, posted(500, f"{spoilt.OUTSIDE}?Quokka"))
        with pytest.raises(IncompleteRead):
            server.ask("GET", f"{spoilt.HALF_WAY}?Quokka")
        with server.connect() as line:
            line.setsockopt(*HANG_UP)
            line.sendall(f"GET {spoilt.LARGE}?Quokka HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert line.recv(1)
    return run


@pytest.fixture(params=["run", "spoilt_run"])
def each_run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


def test_every_request_is_answered_as_it_should_be(each_run: Run) -> None:
    assert [request for request, answer in each_run.answers if answer[0] != request[4]] == []
    # waitress takes what is not quite HTTP for HTTP/1.0, and the application refuses it.
    for name, raw in each_run.raw.items():
        refused = re.fullmatch(r"HTTP/1\.[01] (4\d\d|501) [^\r]+", raw.partition("\r\n")[0])
        assert bool(refused) == (name in MALFORMED), f"{name}: {raw[:30]}"


@pytest.mark.check(1, 5, 6, 12)
def test_no_answer_tells_how_the_site_is_made_or_leaves_anything_behind(each_run: Run) -> None:
    for about, (status, headers, body) in each_run.answers:
        assert "Set-Cookie" not in headers, about
        assert headers["Content-Security-Policy"].startswith("default-src 'none';"), about
        if status >= 400:
            assert headers["Cache-Control"] == "no-store", about
            assert headers["Content-Type"] == "text/html; charset=utf-8", about
            page = body.decode()
            assert '<html lang="fr"' in page or not page, about
            assert [word for word in INNER_WORKINGS if word in page] == [], about
    for about in MALFORMED:
        raw = each_run.raw[about]
        assert "Content-Security-Policy: default-src 'none';" in raw, about
        assert "Cache-Control: no-store" in raw, about
        assert '<html lang="fr"' in raw, about
        assert [word for word in INNER_WORKINGS[1:] if word in raw.partition("\r\n\r\n")[2]] == []
        check_silent(raw)


@pytest.mark.check(10, 27)
def test_a_server_at_work_prints_its_greeting_and_nothing_else(run: Run) -> None:
    assert run.stdout.startswith(GREETING)
    assert run.stdout.count("\n") == 1
    assert run.stderr == ""


@pytest.mark.check(10, 24)
def test_a_server_in_trouble_prints_types_and_places_only_with_every_log_open(
    spoilt_run: Run,
) -> None:
    assert spoilt_run.stdout.count("\n") == 1, "there is no access log"
    check_silent(spoilt_run.stderr)
    assert [x for x in ("127.0.0.1", "Client", spoilt.LARGE) if x in spoilt_run.stderr] == []
    assert "invalid literal: (" not in spoilt_run.stderr
    assert "ValueError, __main__:" in spoilt_run.stderr, "what an operator does get"
    assert "DEBUG: every log is open" in spoilt_run.stderr


@pytest.mark.check(11)
def test_no_file_is_opened_for_writing(each_run: Run) -> None:
    assert each_run.left == []
    for path in Path("/dev/shm").rglob("*"):
        if path.is_file() and os.access(path, os.R_OK):
            check_silent(path.read_bytes().decode(errors="replace"))
    # Where the processes find each other, and their locks: made before, and without content.
    ours = re.compile(r"(openat|unlink|unlinkat|rmdir)\((?!.*O_CREAT).*/(dev/shm/sem\.mp|pymp)-")
    assert [call for call in trace.changes(each_run.served) if not ours.match(call)] == []


@pytest.mark.check(10, 11)
def test_nothing_typed_is_written_but_to_the_visitor(each_run: Run) -> None:
    check_silent("\n".join(trace.written(each_run.served)))
    sent = (text for call in each_run.served if call.is_to_a_socket for text in call.texts)
    assert WORDS[0] in "\n".join(sent), "the trace holds what is written"


@pytest.mark.check(26)
def test_the_server_speaks_to_nobody_who_has_not_come(each_run: Run) -> None:
    assert trace.contacts(each_run.served) == []
    # At start: the system looks for its own cache of users' names, and for the PDF processes.
    asked = [str(call) for call in each_run.calls if call.name == "connect"]
    known = re.compile(r'"(/var/run/nscd/socket|/[^"]*/pymp-[^"]*)"')
    assert [call for call in asked if not known.search(call)] == []
