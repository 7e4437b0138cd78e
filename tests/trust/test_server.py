"""The real server starts, says where it is, refuses a wrong setting in a sentence, and ends."""

import json
from collections.abc import Iterator

import pytest

from tests.server import GREETING, SCRIPT, Server, running, serve, start
from tests.trust.test_process import FORM, posted

pytestmark = pytest.mark.server
STARTS = {"script": SCRIPT, "service": serve()}
CANARY = "Zyxwcanari"
WORKERS = "WEB_CONCURRENCY doit être un nombre à partir de 1"
PORTS = "PORT doit être un nombre de 0 à 65535"
ELSEWHERE = "n’est pas de cette machine : corrigez HOST.\n"
REFUSED = [
    ("script", "WEB_CONCURRENCY", "deux"),
    *(("service", "PORT", port) for port in ("huit", "65536", "-1", "80 80", "८०००")),
    *(("service", "WEB_CONCURRENCY", processes) for processes in ("0", "1000", "-1", "1.5")),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def test_the_address_is_printed(server: Server) -> None:
    assert server.greeting == f"{GREETING}{server.url} (Ctrl+C pour arrêter)\n"
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_sante_answers(server: Server) -> None:
    status, headers, body = server.ask("GET", "/sante")
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    found = json.loads(body)
    assert (found["ok"], found["pdf"]) == (True, True)


@pytest.mark.check(30)
def test_the_same_answers_give_the_same_pdf_byte_for_byte(server: Server) -> None:
    _method, path, body, headers, status = posted(200, FORM, output="pdf")
    first, second = (server.ask("POST", path, body, headers) for _ in range(2))
    assert first[0] == status
    assert first[2].startswith(b"%PDF-")
    assert first[2] == second[2]


def test_a_server_at_work_ends_cleanly_on_sigterm() -> None:
    with running() as server:
        _method, path, body, headers, status = posted(200, FORM, output="pdf")
        assert server.ask("POST", path, body, headers)[0] == status
        server.stop()
        assert server.code == 0
        assert server.stdout == server.greeting
        assert server.stderr == ""


# What is refused


@pytest.mark.parametrize("by", STARTS)
def test_a_taken_port_is_named_and_another_proposed(server: Server, by: str) -> None:
    refused = start(STARTS[by], PORT=str(server.port))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Le port {server.port} est déjà pris : arrêtez l’autre programme, "
        f"ou choisissez-en un autre (PORT={server.port + 1} script/server).\n"
    )


@pytest.mark.parametrize(("by", "name", "value"), REFUSED)
def test_a_number_that_is_none_is_refused_in_one_sentence(by: str, name: str, value: str) -> None:
    refused = start(STARTS[by], **{name: value})
    sentence = {"PORT": PORTS, "WEB_CONCURRENCY": WORKERS}[name]
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"{sentence}, et non « {value} ».\n"


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "1.2.3"])
def test_an_address_of_another_machine_is_refused_in_one_sentence(host: str) -> None:
    refused = start(serve(), HOST=host)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"L’adresse « {host} » {ELSEWHERE}"


@pytest.mark.parametrize("by", STARTS)
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("PORTAL_LIMIT", "DROIT_DE_PLUME_PORTAL_LIMIT doit être un nombre entier de 0 à 100000."),
        ("ZZZ", "DROIT_DE_PLUME_ZZZ n’est pas un réglage : vérifiez son nom."),
    ],
)
def test_a_wrong_setting_stops_the_server_with_one_sentence(
    name: str, sentence: str, by: str
) -> None:
    refused = start(STARTS[by], **{f"DROIT_DE_PLUME_{name}": CANARY})
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", f"{sentence}\n")


def test_an_empty_setting_is_as_good_as_none() -> None:
    with running(serve(), HOST="", WEB_CONCURRENCY="") as server:
        assert server.host == "127.0.0.1"
