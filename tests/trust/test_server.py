"""The real gunicorn process: it answers, ends when asked to, and prints nothing about anyone."""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from tests.server import GREETING, PATIENCE, ROOT, Server, environment, running

FORM = "/fr/lettres/opposition-sante"
FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
CANARY = "Zyxwcanari"
CANARIES = (CANARY, CANARY.upper(), "9182736450")
ANSWERS = {
    "given_name": CANARY,
    "family_name": "Le Bihan",
    "recipient": "01751",
    "address_line1": f"1 rue {CANARY}",
    "email": f"{CANARY}@example.org",
    "reason": f"Ma raison : {CANARY} 9182736450.",
    "who": "protected",
    "represented_given_name": CANARY,
    "represented_family_name": f"Le {CANARY}",
    "measure": f"tutelle de {CANARY}",
    "sent_on": "01/10/2020",
}
FOLLOWED_UP = urlencode({**ANSWERS, "outcome": "refusal"})
# Each is not HTTP, or not quite; a server may answer 400 or close, and must not repeat it.
MALFORMED = {
    "no HTTP at all": f"{CANARY} 9182736450\r\n\r\n",
    "unknown version": f"GET /{CANARY} HTTP/9.9\r\n\r\n",
    "strange method": f"{CANARY}! / HTTP/1.1\r\nHost: x\r\n\r\n",
    "header without colon": f"GET / HTTP/1.1\r\nHost: x\r\n{CANARY}\r\n\r\n",
    "bad header name": f"GET / HTTP/1.1\r\nHost: x\r\n{CANARY} : 1\r\n\r\n",
    "bad content length": f"POST {FORM} HTTP/1.1\r\nHost: x\r\nContent-Length: {CANARY}\r\n\r\n",
    "long request line": f"GET /{CANARY}{'a' * 5000} HTTP/1.1\r\nHost: x\r\n\r\n",
    "body cut short": (
        f"POST {FORM} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: 5000\r\n\r\ngiven_name={CANARY}"
    ),
}

Answer = tuple[int, dict[str, str], bytes]


def ask(
    server: Server, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> Answer:
    connection = HTTPConnection(server.host, server.port)
    try:
        connection.request(method, path, body or None, headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def post(server: Server, headers: dict[str, str] | None = None, **changes: str) -> Answer:
    body = urlencode({**ANSWERS, **changes})
    return ask(server, "POST", FORM, body, FORM_HEADERS | (headers or {}))


def send_raw(server: Server, request: str) -> None:
    """Send bytes, say that there are no more, and read until the server closes."""
    with socket.create_connection((server.host, server.port)) as line:
        line.sendall(request.encode())
        line.shutdown(socket.SHUT_WR)
        # A server that closes with bytes unread resets the line.
        try:
            while line.recv(65536):
                pass
        except ConnectionResetError:
            return


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def test_the_address_is_printed(server: Server) -> None:
    assert server.greeting == f"{GREETING}{server.url} (Ctrl+C pour arrêter)\n"
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_sante_answers(server: Server) -> None:
    status, headers, body = ask(server, "GET", "/sante")
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["ok"] is True


def test_the_same_answers_give_the_same_pdf_byte_for_byte(server: Server) -> None:
    first, second = post(server, output="pdf"), post(server, output="pdf")
    assert first[0] == 200
    assert first[2].startswith(b"%PDF-")
    assert first[2] == second[2]


def test_a_server_at_work_ends_cleanly_on_sigterm() -> None:
    with running() as server:
        assert post(server, output="pdf")[0] == 200
        server.stop()
        assert server.code == 0
        assert server.stdout == server.greeting
        assert server.stderr == ""


def test_nothing_that_a_person_sent_is_printed() -> None:
    with running() as server:
        statuses = {
            "preview": post(server)[0],
            "text": post(server, output="text")[0],
            "pdf": post(server, output="pdf")[0],
            "calendar": post(server, output="calendar")[0],
            "bundle": post(server, output="bundle", also="plainte-cnil")[0],
            "follow-up": ask(server, "POST", "/fr/suivi", FOLLOWED_UP, FORM_HEADERS)[0],
            "422": post(server, postal_code=CANARY, birth_date=CANARY)[0],
            "413": post(server, reason=CANARY * 10_000)[0],
            "403": post(server, {"Sec-Fetch-Site": "cross-site"})[0],
            "415": post(server, {"Content-Type": f"text/{CANARY}"})[0],
            "404": ask(server, "GET", f"/fr/lettres/{CANARY}")[0],
        }
        for request in MALFORMED.values():
            send_raw(server, request)
        assert ask(server, "GET", "/sante")[0] == 200
        server.stop()
    assert statuses == {
        "preview": 200,
        "text": 200,
        "pdf": 200,
        "calendar": 200,
        "bundle": 200,
        "follow-up": 200,
        "422": 422,
        "413": 413,
        "403": 403,
        "415": 415,
        "404": 404,
    }
    assert [canary for canary in CANARIES if canary in server.printed] == []
    assert "127.0.0.1" not in server.printed.replace(server.greeting, "")


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    """Run script/server with settings it refuses."""
    return subprocess.run(
        [ROOT / "script" / "server"],
        env=environment(**settings),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def test_a_taken_port_is_named_and_another_proposed(server: Server) -> None:
    refused = start(PORT=str(server.port))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert f"Le port {server.port} est déjà pris" in refused.stderr
    assert f"PORT={server.port + 1} script/server" in refused.stderr


@pytest.mark.parametrize("port", ["huit", "65536", "-1", "80 80", "८०००"])
def test_a_port_that_is_none_is_refused_in_one_sentence(port: str) -> None:
    refused = start(PORT=port)
    assert refused.returncode == 1
    assert refused.stderr == f"PORT doit être un nombre de 0 à 65535, et non « {port} ».\n"


@pytest.mark.parametrize("workers", ["deux", "0", "-1"])
def test_a_number_of_processes_that_is_none_is_refused_in_one_sentence(workers: str) -> None:
    refused = start(WEB_CONCURRENCY=workers)
    assert refused.returncode == 1
    assert refused.stderr.startswith("WEB_CONCURRENCY doit être un nombre")
    assert f"« {workers} »" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_an_address_of_another_machine_is_refused_in_one_sentence() -> None:
    refused = start(HOST="192.0.2.1", PORT="8000")
    assert refused.returncode == 1
    assert refused.stderr == "L'adresse « 192.0.2.1 » n'est pas de cette machine : corrigez HOST.\n"


def test_a_wrong_setting_stops_the_server_with_one_sentence() -> None:
    refused = start(DROIT_DE_PLUME_PORTAL_LIMIT=CANARY)
    assert refused.returncode != 0
    assert "DROIT_DE_PLUME_PORTAL_LIMIT doit être un nombre entier" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_visitors_who_send_nothing_do_not_stop_the_site(server: Server) -> None:
    # Browsers open connections in advance; with one request a process, two of them were enough.
    with ExitStack() as idle:
        for _ in range(4):
            idle.enter_context(socket.create_connection((server.host, server.port)))
        asked = HTTPConnection(server.host, server.port, timeout=10)
        idle.callback(asked.close)
        asked.request("GET", "/sante")
        assert asked.getresponse().status == 200
