"""nginx and Caddy as deploy/ sets them up, for real, in front of the real server.

The headers once, the answers of the application as they are, ours for those of the server in
front, links that lead back, and nothing of a visitor in any file; then nginx in front of several
machines, all of them here. Limits: certificates from Let's Encrypt need the network; a real attack
needs more than one machine.
"""

import re
import socket
from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from letters.web.headers import STRICT_TRANSPORT_SECURITY
from tests.kit.pages import FORM, PERSON, parse
from tests.server import PATIENCE, Server, running, service, until
from tests.trust.fronts import (
    FALLS,
    FRONTS,
    FULL,
    NAME,
    OTHER_VISITOR,
    VISITOR,
    WELL,
    Front,
    Reply,
    nginx,
    several,
    stand_ins,
)
from tests.trust.test_headers import EVERYWHERE
from tests.trust.test_log import CANARIES, check_silent
from tests.trust.test_process import FORM_HEADERS, MALFORMED

OURS = "Le site n’a pas pu répondre"  # the heading of deploy/panne.html
FORGED = "203.0.113.7"  # the address that a visitor says is theirs
MOST_BODY = 32 * 1024
pytestmark = pytest.mark.server


def copy(port: int = 0) -> AbstractContextManager[Server]:
    """The application, told that there is a server in front."""
    names = {"DROIT_DE_PLUME_PROXY_HOPS": "1", "DROIT_DE_PLUME_TRUSTED_HOSTS": NAME}
    return running(service(), PORT=str(port), WEB_CONCURRENCY="1", **names)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with copy() as started:
        yield started


@pytest.fixture(scope="session", params=FRONTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def front(kind: str, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The one of each kind that needs no settings of its own."""
    with FRONTS[kind](tmp_path_factory.mktemp(kind), server.port) as started:
        yield started


@contextmanager
def closed_port() -> Iterator[int]:
    """A port at which only a copy of ours may come to listen."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((VISITOR, 0))
        yield held.getsockname()[1]


def post(front: Front, headers: dict[str, str] | None = None, **changes: object) -> Reply:
    body = urlencode({**PERSON, **changes}, doseq=True)
    return front.ask("POST", FORM, body, FORM_HEADERS | (headers or {}))


def check_headers(reply: Reply, *, https: bool = True) -> None:
    """Each header of `letters/web/headers.py` once, whoever answers."""
    found = {name: reply.all(name) for name in EVERYWHERE}
    assert found == {name: [value] for name, value in EVERYWHERE.items()}
    assert reply.all("Strict-Transport-Security") == [STRICT_TRANSPORT_SECURITY] * https
    assert len(reply.all("Cache-Control")) == 1
    assert reply.all("Set-Cookie") == []
    assert [value for value in reply.all("Server") if re.search(r"\d|caddy", value, re.I)] == []


def check_told_to_wait(reply: Reply, status: int) -> None:
    """The French page of the server in front."""
    check_headers(reply)
    found = (reply.status, reply.all("Cache-Control"), reply.all("Retry-After"))
    assert found == (status, ["no-store"], ["60"])
    assert reply.all("Content-Type") == ["text/html; charset=utf-8"]
    page = parse(reply.text)
    assert (page.html["lang"], page.h1.get_text()) == ("fr", OURS)


# Whose answer it is, and with which headers


@pytest.mark.check(3, 4)
@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        ("GET", "/fr/", 0, 200),
        ("GET", "/", 0, 302),
        ("GET", "/static/style.css", 0, 200),
        ("GET", "/absente", 0, 404),
        ("DELETE", "/fr/", 0, 405),
        ("POST", FORM, MOST_BODY + 1, 413),
        ("POST", FORM, MOST_BODY + 10_000, 413),
    ],
)
def test_every_answer_has_each_header_once(
    front: Front, method: str, path: str, size: int, status: int
) -> None:
    """The application has the word, but for what is much too long."""
    reply = front.ask(method, path, "a" * size, FORM_HEADERS if size else {})
    assert reply.status == status
    check_headers(reply)
    assert (OURS in reply.text) is (size > MOST_BODY + 1)


@pytest.mark.check(3, 4)
def test_plain_http_leads_to_https(front: Front, kind: str) -> None:
    reply = front.ask("GET", "/fr/aide?a=b", plain=True)
    assert reply.status in {301, 308}
    assert reply.all("Location") == [f"https://{NAME}/fr/aide?a=b"]
    assert reply.all("Strict-Transport-Security") == []
    if kind == "nginx":  # Caddy sends this one by itself
        check_headers(reply, https=False)


# What the application is told


@pytest.mark.check(24)
def test_the_application_hears_of_no_address_and_of_no_other_sites_cookie(
    kind: str, tmp_path: Path
) -> None:
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host")
    sent = dict.fromkeys((*names, "X-Forwarded-Prefix", "Cookie"), FORGED)
    with (
        stand_ins(WELL) as [application],
        FRONTS[kind](tmp_path / "front", application.port) as front,
    ):
        front.ask("GET", "/fr/", headers=sent | {"X-Forwarded-Proto": "gopher"})
    text = application.heard[0].decode()
    assert f"Host: {NAME}:{front.port}\r\n" in text
    assert f"X-Forwarded-Host: {NAME}:{front.port}\r\n" in text
    assert "X-Forwarded-Proto: https\r\n" in text
    assert [word for word in (FORGED, VISITOR, "Cookie", "gopher") if word in text] == []


@pytest.mark.check(13, 15)
def test_a_form_is_accepted_from_our_own_page_and_at_our_own_name_only(
    front: Front, kind: str
) -> None:
    assert post(front, {"Origin": front.url}).status == 200
    assert post(front, {"Origin": "https://evil.example"}).status == 403
    # nginx hands it over to the application, which refuses; Caddy has nothing to say.
    reply = front.ask("GET", "/fr/", headers={"Host": "evil.example"})
    assert (reply.status, len(reply.body) > 0) == {"nginx": (400, True), "caddy": (200, False)}[
        kind
    ]
    forged = front.ask("GET", FORM, headers={"X-Forwarded-Host": "evil.example"})
    assert (forged.status, "evil.example" in forged.text + reply.text) == (200, False)


def test_the_site_lives_under_a_path(kind: str, server: Server, tmp_path: Path) -> None:
    """Of a site that has a log, where our pages are not."""
    with FRONTS[kind](tmp_path / "front", server.port, under="/plume") as front:
        assert front.ask("GET", "/plume").all("Location")[0].endswith("/plume/")
        assert front.ask("GET", "/plume/").all("Location") == ["/plume/fr/"]
        reply = front.ask("GET", f"/plume{FORM}")
        check_headers(reply)
        assert f"{front.url}/plume{FORM}" in reply.text
        page = parse(reply.text)
        leads = [str(tag.get("href") or tag.get("src")) for tag in page.select("[href], [src]")]
        inside = [lead for lead in leads if not lead.startswith(("#", "https://", "mailto:"))]
        assert [lead for lead in inside if not lead.startswith("/plume/")] == []
        assert {front.ask("GET", lead.partition("#")[0]).status for lead in inside} == {200}
        origin = FORM_HEADERS | {"Origin": front.url}
        assert front.ask("POST", f"/plume{FORM}", urlencode(PERSON), origin).status == 200
        big = front.ask("POST", f"/plume{FORM}", "a" * (MOST_BODY + 10_000), FORM_HEADERS)
        assert (big.status, OURS in big.text) == (413, True)
        check_headers(big)
        assert front.ask("GET", "/ailleurs").status == 404, "the rest is another site's"
        until(lambda: "/ailleurs" in front.written)
    assert "plume/fr" not in front.written


# What is kept of a visitor


def visit(front: Front) -> list[int]:
    """Every kind of answer, with canaries in the body, in the address and in the headers."""
    said = {"X-Forwarded-For": FORGED, "User-Agent": "Zanzibarovitch", "Referer": "Xylocope"}
    long, far_too_long = ({"reason": "Quokka" * times} for times in (6_000, 20_000))
    changes = ({}, {"output": "pdf"}, {"postal_code": "Quokka"}, long, far_too_long)
    replies = [post(front, said, **CANARIES | change) for change in changes]
    replies += [
        post(front, said | {"Sec-Fetch-Site": "cross-site"}),
        *(front.ask("GET", path, headers=said) for path in ("/fr/?Canarine", "/Canarine")),
        front.ask("GET", "/Canarine", headers=said, plain=True),
    ]
    for request in MALFORMED.values():
        front.send(request.encode())
        front.send(request.encode(), plain=True)
    for no_tls in (b"GET /Canarine HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\0\x05Canarine"):
        with socket.create_connection((VISITOR, front.port), PATIENCE) as line:
            line.sendall(no_tls)
            line.shutdown(socket.SHUT_WR)
            line.recv(65536)
    return [reply.status for reply in replies]


VISITED = [200, 200, 422, 413, 413, 403, 200, 404]
# What this version of Caddy tells at DEBUG only, another may tell at any time.
QUIET = "exclude http tls.handshake events"
LOUD = {"nginx": {}, "caddy": {QUIET: f"level DEBUG\n{QUIET}"}}


@pytest.mark.check(3, 10, 11, 12, 24)
def test_nothing_of_a_visitor_is_in_any_file(kind: str, server: Server, tmp_path: Path) -> None:
    """Nor when the application is down, of which a page tells."""
    with FRONTS[kind](tmp_path / "up", server.port, more=LOUD[kind]) as up:
        assert visit(up) == [*VISITED, {"nginx": 301, "caddy": 308}[kind]]
    with closed_port() as port, FRONTS[kind](tmp_path / "down", port, more=LOUD[kind]) as down:
        visit(down)
        for reply in (down.ask("GET", "/fr/"), post(down)):
            check_told_to_wait(reply, 502)
    for front in (up, down):
        check_forgotten(front)


def check_forgotten(front: Front) -> None:
    check_silent(front.written)
    assert [place for place in (VISITOR, OTHER_VISITOR, FORGED) if place in front.written] == []


@pytest.mark.check(11)
def test_an_answer_longer_than_the_memory_for_it_goes_through_no_file(tmp_path: Path) -> None:
    """The folders that nginx could put it in are gone: it would come cut short."""
    size = 32 << 20
    large = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size)
    with (
        stand_ins(large) as [application],
        nginx(tmp_path / "front", application.port) as front,
        closing(front.line()) as line,
    ):
        line.request("GET", "/")
        response = line.getresponse()
        for _ in range(20):  # nginx goes round while nobody reads
            front.ask("GET", "/", plain=True)
        assert len(response.read()) == size


# One visitor among others (nginx only: Caddy has no such limit)


@pytest.mark.check(24)
@pytest.mark.parametrize(
    ("method", "path", "served", "at_once", "more"),
    [("POST", FORM, 415, 60, 100), ("GET", "/sante", 200, 200, 5000)],
)
def test_a_visitor_who_asks_for_too_much_is_told_to_wait(
    server: Server, tmp_path: Path, method: str, path: str, served: int, at_once: int, more: int
) -> None:
    """A workshop behind one address is served, and so are others."""
    sent = {"Content-Type": "text/plain"} if method == "POST" else {}
    with nginx(tmp_path / "front", server.port) as front:

        def ask(visitor: str = VISITOR) -> Reply:
            return front.ask(method, path, "x" * len(sent), sent, visitor=visitor)

        assert {ask().status for _ in range(at_once)} == {served}
        check_told_to_wait(next(r for _ in range(more) if (r := ask()).status != served), 429)
        assert ask(OTHER_VISITOR).status == served
        assert method == "GET" or front.ask("GET", "/fr/").status == 200, "pages are still read"
        check_forgotten(front)


@pytest.mark.check(24)
def test_a_visitor_who_holds_too_many_lines_is_told_to_wait(server: Server, tmp_path: Path) -> None:
    uncounted = {"limit_req         zone=plume_demandes burst=200 nodelay;\n": ""}
    with nginx(tmp_path / "front", server.port, more=uncounted) as front, ExitStack() as slow:
        for _ in range(50):
            line = slow.enter_context(closing(front.line()))
            line.putrequest("GET", "/unfinished")
            line.putheader("Content-Length", "10")
            line.endheaders(b"a")
        # Until nginx has seen them all.
        asked = (front.ask("GET", "/sante") for _ in range(1000))
        check_told_to_wait(next(reply for reply in asked if reply.status != 200), 429)
        assert front.ask("GET", "/sante", visitor=OTHER_VISITOR).status == 200


# More than one machine


@contextmanager
def in_front_of(folder: Path, ports: Sequence[int]) -> Iterator[Front]:
    with nginx(folder, ports[0], more=several(ports)) as front:
        yield front


@pytest.mark.check(30)
def test_each_copy_restarts_and_no_request_is_lost(tmp_path: Path) -> None:
    """Nothing of a person is in a copy: the same answers give the same file, whoever makes it."""
    files = set()
    with (
        closed_port() as first,
        closed_port() as second,
        in_front_of(tmp_path / "front", [first, second]) as front,
    ):
        for alone in (first, second):
            with copy(alone):
                replies = [post(front, output="pdf") for _ in range(3)]
            assert {reply.status for reply in replies} == {200}
            files |= {reply.body for reply in replies}
    assert len(files) == 1


@pytest.mark.parametrize(
    ("says", "answered", "tries"),
    [
        ((FALLS, WELL), (200, "OK"), range(4, 9)),  # a fall is made good by another
        ((FALLS,) * 5, (502, None), {12}),  # not by all of them
        ((FULL, FULL), (503, "Pleine"), {4}),  # a full one says so itself
    ],
)
def test_a_form_is_taken_to_another_machine_when_one_falls_and_then_only(
    tmp_path: Path, says: Sequence[bytes], answered: tuple[int, str | None], tries: Container[int]
) -> None:
    """All of it. One that comes back is asked at once: else two restarts would close the site."""
    with (
        stand_ins(*says) as machines,
        in_front_of(tmp_path / "front", [machine.port for machine in machines]) as front,
    ):
        status, text = answered
        for reply in [post(front, **CANARIES) for _ in range(4)]:
            assert (reply.status, text or reply.text) == (status, reply.text)
        heard = [body for machine in machines for body in machine.heard]
        for machine in machines:
            machine.says = WELL
        assert {post(front).status for _ in range(4)} == {200}
        check_forgotten(front)
    assert len(heard) in tries
    [body] = {request.partition(b"\r\n\r\n")[2] for request in heard}
    assert b"Canarine" in body
