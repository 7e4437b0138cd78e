"""nginx and Caddy as deploy/ sets them up, for real, in front of the real server.

TLS, the headers once, the answers of the application as they are, ours for those of the server in
front, links that lead back, and nothing of a visitor in any file. Limits: certificates from Let's
Encrypt need the network; a real attack needs more than one machine.
"""

import re
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from letters.web.headers import STRICT_TRANSPORT_SECURITY
from tests.kit.pages import FORM, parse
from tests.server import PATIENCE, Server, running, service, until
from tests.trust.fronts import (
    FRONTS,
    NAME,
    OTHER_VISITOR,
    VISITOR,
    WELL,
    Front,
    Reply,
    caddy,
    nginx,
    stand_ins,
)
from tests.trust.test_headers import EVERYWHERE
from tests.trust.test_log import CANARIES, check_silent
from tests.trust.test_process import FORM_HEADERS, MALFORMED

PERSON = {"given_name": "Camille", "family_name": "Durand", "recipient": "01751"}
OURS = "Le site n’a pas pu répondre"  # the heading of deploy/panne.html
FORGED = "203.0.113.7"  # the address that a visitor says is theirs
MOST_BODY = 32 * 1024
pytestmark = pytest.mark.server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    names = {"DROIT_DE_PLUME_PROXY_HOPS": "1", "DROIT_DE_PLUME_TRUSTED_HOSTS": NAME}
    with running(service(), WEB_CONCURRENCY="1", **names) as started:
        yield started


@pytest.fixture(scope="session", params=FRONTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def front(kind: str, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The one of each kind that needs no settings of its own."""
    with FRONTS[kind](tmp_path_factory.mktemp(kind), server.port) as started:
        yield started


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nothing listens, as when the application is down."""
    with socket.socket() as taken:
        taken.bind((VISITOR, 0))
        yield taken.getsockname()[1]


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


# Whose answer it is, and with which headers


@pytest.mark.check(3, 4)
@pytest.mark.parametrize(
    ("method", "path", "size", "status", "ours"),
    [
        ("GET", "/fr/", 0, 200, False),
        ("GET", "/", 0, 302, False),
        ("GET", "/static/style.css", 0, 200, False),
        ("GET", "/absente", 0, 404, False),
        ("GET", "/droit-de-plume-panne.html", 0, 404, None),
        ("DELETE", "/fr/", 0, 405, False),
        ("POST", FORM, MOST_BODY + 1, 413, False),
        ("POST", FORM, MOST_BODY + 10_000, 413, True),
    ],
)
def test_every_answer_has_each_header_once(
    front: Front, method: str, path: str, size: int, status: int, ours: bool | None
) -> None:
    reply = front.ask(method, path, "a" * size, FORM_HEADERS if size else {})
    assert reply.status == status
    check_headers(reply)
    if ours is not None:
        assert (OURS in reply.text) is ours


def check_panne(front: Front) -> None:
    """The application is down: one French page, whatever was asked."""
    for reply in (front.ask("GET", "/fr/"), post(front)):
        assert reply.status == 502
        check_headers(reply)
        assert reply.all("Cache-Control") == ["no-store"]
        assert reply.all("Content-Type") == ["text/html; charset=utf-8"]
        assert reply.all("Retry-After") == ["60"]
        page = parse(reply.text)
        assert page.html["lang"] == "fr"
        assert page.h1.get_text() == OURS


@pytest.mark.check(3, 4)
def test_plain_http_leads_to_https(front: Front, kind: str) -> None:
    reply = front.ask("GET", "/fr/aide?a=b", plain=True)
    assert reply.status in {301, 308}
    assert reply.all("Location") == [f"https://{NAME}/fr/aide?a=b"]
    assert reply.all("Strict-Transport-Security") == []
    if kind == "nginx":  # Caddy sends this one by itself
        check_headers(reply, https=False)


@pytest.mark.parametrize(("version", "spoken"), [("TLSv1_1", False), ("TLSv1_2", True)])
def test_only_versions_of_tls_that_hold_are_spoken(
    front: Front, version: str, spoken: bool
) -> None:
    trust = front.trust
    trust.set_ciphers("ALL:@SECLEVEL=0")  # or this very machine would refuse to try
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        trust.minimum_version = trust.maximum_version = ssl.TLSVersion[version]
    heard: str | None = None
    with (
        socket.create_connection((VISITOR, front.port), PATIENCE) as line,
        suppress(ssl.SSLError),
        trust.wrap_socket(line, server_hostname=NAME) as secure,
    ):
        heard = secure.version()
    assert heard == ("TLSv1.2" if spoken else None)


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
        authority = front.authority
    text = application.heard[0].decode()
    assert f"Host: {authority}\r\n" in text
    assert f"X-Forwarded-Host: {authority}\r\n" in text
    assert "X-Forwarded-Proto: https\r\n" in text
    assert [word for word in (FORGED, VISITOR, "Cookie", "gopher") if word in text] == []


@pytest.mark.check(13)
def test_a_form_is_accepted_from_our_own_page_only(front: Front) -> None:
    assert post(front, {"Origin": front.url}).status == 200
    assert post(front, {"Origin": "https://evil.example"}).status == 403
    assert post(front, {"Sec-Fetch-Site": "cross-site", "Origin": front.url}).status == 403


@pytest.mark.check(15)
def test_another_name_is_refused(front: Front, kind: str) -> None:
    """nginx hands it over to the application, which refuses; Caddy has nothing to say."""
    reply = front.ask("GET", "/fr/", headers={"Host": "evil.example"})
    assert reply.status == {"nginx": 400, "caddy": 200}[kind]
    assert b"evil.example" not in reply.body
    assert kind == "nginx" or reply.body == b""
    forged = front.ask("GET", FORM, headers={"X-Forwarded-Host": "evil.example"})
    assert (forged.status, b"evil.example" in forged.body) == (200, False)


def test_the_site_lives_under_a_path(kind: str, server: Server, tmp_path: Path) -> None:
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
        answer = front.ask(
            "POST", f"/plume{FORM}", urlencode(PERSON), FORM_HEADERS | {"Origin": front.url}
        )
        assert answer.status == 200
        big = front.ask("POST", f"/plume{FORM}", "a" * (MOST_BODY + 10_000), FORM_HEADERS)
        assert (big.status, OURS in big.text) == (413, True)
        check_headers(big)
        assert front.ask("GET", "/fr/").status == 404, "the rest of that name is another site's"
    check_silent(front.written.replace("/fr/", ""))
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
SHIPPED = {"nginx": {}, "caddy": {QUIET: f"level DEBUG\n{QUIET}"}}
LOUD = {
    "nginx": {"access_log off;": "", "error_log  /dev/null emerg;": ""},
    "caddy": {QUIET: "level DEBUG"},
}
PLACES = re.compile(rf"{re.escape(VISITOR)}|{re.escape(OTHER_VISITOR)}|{re.escape(FORGED)}")


@pytest.mark.check(3, 10, 11, 12, 24)
def test_nothing_of_a_visitor_is_in_any_file(
    kind: str, server: Server, tmp_path: Path, closed_port: int
) -> None:
    with FRONTS[kind](tmp_path / "up", server.port, more=SHIPPED[kind]) as front:
        assert visit(front) == [*VISITED, {"nginx": 301, "caddy": 308}[kind]]
    with FRONTS[kind](tmp_path / "down", closed_port, more=SHIPPED[kind]) as down:
        visit(down)
        check_panne(down)
    for written in (front.written, down.written):
        check_silent(written)
        assert PLACES.findall(written) == []


@pytest.mark.check(24)
def test_under_a_path_of_a_site_of_caddy_that_has_a_log_our_pages_are_not_in_it(
    server: Server, tmp_path: Path
) -> None:
    skip = "skip_log @plume_journal"
    log = {skip: f"{skip}\nlog {{\noutput file {tmp_path}/caddy/run/site.log\n}}"}
    with caddy(tmp_path / "caddy", server.port, under="/plume", more=log) as front:
        assert front.ask("GET", "/plume/fr/?Canarine").status == 200
        assert front.ask("GET", "/ailleurs?Ornithoryx").status == 404
        until(lambda: "Ornithoryx" in front.written)  # the log of the site itself goes on
    assert "Canarine" not in front.written


def test_without_its_silence_a_front_would_keep_visitors(
    kind: str, tmp_path: Path, closed_port: int
) -> None:
    """What the test above looks for is there as soon as the lines that silence it are gone."""
    with FRONTS[kind](tmp_path / "front", closed_port, more=LOUD[kind]) as front:
        visit(front)
    assert VISITOR in PLACES.findall(front.written)
    with pytest.raises(AssertionError):
        check_silent(front.written)


# One visitor among others (nginx only: Caddy has no such limit)


@pytest.mark.check(24)
@pytest.mark.parametrize(
    ("method", "path", "served", "at_once"), [("POST", FORM, 415, 60), ("GET", "/sante", 200, 200)]
)
def test_a_visitor_who_asks_for_too_much_is_told_to_wait(
    server: Server, tmp_path: Path, method: str, path: str, served: int, at_once: int
) -> None:
    """A workshop behind one address is served, and so are others."""
    sent = {"Content-Type": "text/plain"} if method == "POST" else {}
    with nginx(tmp_path / "front", server.port) as front:

        def ask(visitor: str = VISITOR) -> Reply:
            return front.ask(method, path, "x" * len(sent), sent, visitor=visitor)

        assert {ask().status for _ in range(at_once)} == {served}
        last = next(reply for _ in range(5000) if (reply := ask()).status != served)
        assert last.status == 429
        check_headers(last)
        assert OURS in last.text
        assert last.all("Retry-After") == ["60"]
        assert ask(OTHER_VISITOR).status == served
        assert method == "GET" or front.ask("GET", "/fr/").status == 200, "pages are still read"
        assert PLACES.findall(front.written) == []


@pytest.mark.check(24)
def test_a_visitor_who_holds_too_many_lines_is_told_to_wait(server: Server, tmp_path: Path) -> None:
    uncounted = {"limit_req         zone=plume_demandes burst=200 nodelay;\n": ""}
    with nginx(tmp_path / "front", server.port, more=uncounted) as limited, ExitStack() as slow:
        for _ in range(50):
            unfinished(limited, slow)
        for _ in range(1000):  # until nginx has seen them all
            if (reply := limited.ask("GET", "/sante")).status == 429:
                break
        assert reply.status == 429
        check_headers(reply)
        assert limited.ask("GET", "/sante", visitor=OTHER_VISITOR).status == 200


def unfinished(front: Front, until: ExitStack) -> None:
    """Begin to send a body, and leave it there until the end of a block."""
    line = until.enter_context(closing(front.line()))
    line.putrequest("GET", "/unfinished")
    line.putheader("Content-Length", "10")
    line.endheaders(b"a")


def test_a_body_reaches_the_application_once_it_is_whole(tmp_path: Path) -> None:
    with (
        stand_ins(WELL) as [application],
        nginx(tmp_path / "front", application.port) as front,
        ExitStack() as slow,
    ):
        for _ in range(20):
            unfinished(front, slow)
        front.ask("GET", "/whole")
        assert [heard.split()[1] for heard in application.heard] == [b"/whole"]


SMALL = {
    "proxy_buffers             16 32k;": "proxy_buffers 2 8k;",
    "proxy_buffer_size         32k;": "proxy_buffer_size 8k;",
    "proxy_busy_buffers_size   64k;": "proxy_busy_buffers_size 8k;",
}


@pytest.mark.check(11)
def test_an_answer_longer_than_the_memory_for_it_goes_through_no_file(
    server: Server, tmp_path: Path
) -> None:
    """The folders that nginx could put it in are gone: it would come cut short."""
    with nginx(tmp_path / "front", server.port, more=SMALL) as front:
        body = urlencode({**CANARIES, "output": "bundle"}, doseq=True)
        headers = {"Host": front.authority, **FORM_HEADERS, "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(PATIENCE)
            line.connect((VISITOR, front.port))
            with front.trust.wrap_socket(line, server_hostname=NAME) as secure:
                secure.sendall(f"POST {FORM} HTTP/1.1\r\n{head}\r\n{body}".encode())
                response = HTTPResponse(secure)
                response.begin()
                for _ in range(20):  # nginx goes round while nobody reads
                    assert front.ask("GET", "/sante").status == 200
                with closing(response):
                    got = response.read()
    assert response.status == 200
    assert len(got) > 100_000
