"""When something breaks: a clear French page, or a refusal to start in one sentence.

Against the real process: its libraries or its font missing, a file of its own broken, a full or a
read-only disk, a PDF that fails or takes its process with it, and clients who are slow, endless
or gone. Faults that no folder can hold are in `spoilt.py`. What is awaited here is a state, never
a time.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from zipfile import ZipFile

import pytest

from deploy import worker
from letters.web.origin import MAX_BYTES
from letters.web.settings import MOST_SLOTS
from tests.server import (
    GREETING,
    PATIENCE,
    PYTHON,
    ROOT,
    Answer,
    Server,
    environment,
    gunicorn,
    running,
    start,
    until,
)
from tests.test_pages import FORM, SLUGS, heading_of, parse, text_of
from tests.trust import spoilt
from tests.trust.test_log import check_silent
from tests.trust.test_process import FORM_HEADERS, HEAD, posted

NO_PDF = (
    "Les PDF ne peuvent pas être fabriqués ({}) : lancez « script/setup », puis redémarrez. "
    "Les pages et les textes sont servis.\n"
)
THREADS = 8
CROWD = 3 * THREADS  # of slow clients: more than there are threads
MOST_CLIENTS = 128  # at a time: more than all crowds of a test together
SPOILT = gunicorn("tests.trust.spoilt:spoilt()")


def post(server: Server, **changes: object) -> Answer:
    method, path, body, headers, _status = posted(200, FORM, **changes)
    return server.ask(method, path, body, headers)


def health(server: Server) -> dict[str, object]:
    found: dict[str, object] = json.loads(server.ask("GET", "/sante")[2])
    return found


def check_pages_and_texts(server: Server) -> None:
    """All that needs no PDF: pages, the letter to read, copy and print, and its texts."""
    assert server.ask("GET", "/fr/")[0] == 200
    status, _headers, body = post(server)
    page = parse(body.decode())
    assert status == 200
    assert page.select_one("article#letter") is not None
    assert page.select_one("#message") is not None
    for output in ("edit", "text", "short", "calendar"):
        assert post(server, output=output)[0] == 200


def check_says_no_pdf(answer: Answer) -> None:
    """The result page, all that was typed included, with what went wrong before everything else."""
    status, headers, body = answer
    page = parse(body.decode())
    assert (status, headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    first = page.select_one("main > :first-child")
    assert first is not None
    assert text_of(first.find("p")).startswith("Le fichier n’a pas pu être fabriqué.")
    assert page.select_one("article#letter") is not None
    hidden = {(tag["name"], tag["value"]) for tag in page.select("[type=hidden]")}
    assert ("city", "Trébabuville") in hidden


def check_error_page(answer: Answer, status: int) -> None:
    assert answer[0] == status
    page = parse(answer[2].decode())
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert heading_of(page)


# A PDF that fails


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("held")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """One process of the real application with faults, little patience, and one slot."""
    with running(
        SPOILT,
        WEB_CONCURRENCY="1",
        GUNICORN_CMD_ARGS=f"--worker-connections {MOST_CLIENTS}",
        DROIT_DE_PLUME_PDF_SLOTS="1",
        SPOILT_FOLDER=str(folder),
        SPOILT_RECEIVING="3",
        SPOILT_SENDING="1",
    ) as started:
        started.patience = 30  # less than what each of a crowd can take, one after the other
        yield started
        started.stop()
        assert started.code == 0


@pytest.fixture(scope="module")
def patient() -> Iterator[Server]:
    """One process as it is served, with the patience that it has."""
    with running(WEB_CONCURRENCY="1") as started:
        yield started


@pytest.fixture
def new_words(server: Server) -> Callable[[], str]:
    """What the server has printed since the test began."""
    before = len(server.said())
    return lambda: server.said()[before:]


@pytest.mark.check(10, 12)
def test_a_pdf_that_fails_keeps_all_that_was_typed_and_the_next_one_works(
    server: Server, new_words: Callable[[], str]
) -> None:
    assert health(server)["pdf"] is True
    for output in ("pdf", "bundle"):
        check_says_no_pdf(post(server, output=output, given_name=spoilt.NO_PDF))
        assert health(server)["pdf"] is False
        check_pages_and_texts(server)
        assert health(server)["pdf"] is False
        assert post(server, output="pdf")[2].startswith(b"%PDF-")
        assert health(server)["pdf"] is True
    check_silent(new_words())
    assert new_words().count("ValueError, tests.trust.spoilt:") == 2


@pytest.mark.check(10)
def test_a_process_killed_during_a_pdf_is_replaced(
    server: Server, new_words: Callable[[], str]
) -> None:
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        post(server, output="pdf", given_name=spoilt.DEATH)
    assert post(server, output="pdf")[2].startswith(b"%PDF-")
    check_silent(new_words())
    until(lambda: "was sent SIGKILL" in new_words())
    assert new_words().count("\n") == 1


def test_a_client_who_hangs_up_during_a_pdf_frees_its_slot_without_a_word(
    server: Server, folder: Path, new_words: Callable[[], str]
) -> None:
    body = posted(200, output="pdf", given_name=spoilt.WAIT)[2]
    with server.connect() as line:
        line.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        until((folder / spoilt.HELD).exists)
        assert post(server, output="pdf")[0] == 503, "the one slot is taken"
        check_pages_and_texts(server)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # hang up rudely
    (folder / spoilt.OPEN).touch()
    until(lambda: post(server, output="pdf")[0] == 200)
    assert new_words() == ""


# Clients who are slow, endless or gone


# What each has sent when it falls silent; the last is owed nothing more, and stays.
SLOW = {
    "nothing": "",
    "a letter": "G",
    "half of the headers": "GET /fr/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Quokka: Oui",
    "half of the body": f"{HEAD}Content-Length: 500\r\n\r\ngiven_name=Canarine",
    "all, and does not hang up": "GET /fr/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


def test_slow_clients_keep_nobody_out_and_are_cut_off(
    server: Server, new_words: Callable[[], str]
) -> None:
    with ExitStack() as lines:
        crowd = [
            (lines.enter_context(server.connect()), sent)
            for sent in SLOW.values()
            for _ in range(CROWD)
        ]
        for line, sent in crowd:
            line.sendall(sent.encode())
        check_pages_and_texts(server)
        assert post(server, output="pdf")[0] == 200
        for line, _sent in crowd:
            while line.recv(65536):
                pass
        until(lambda: is_hung_up(crowd[-1][0]))
    check_pages_and_texts(server)
    assert new_words() == ""


def test_whoever_has_left_is_not_counted_among_those_who_are_there(server: Server) -> None:
    for _ in range(MOST_CLIENTS):
        server.connect().close()
        assert health(server)["ok"] is True


def is_hung_up(line: socket.socket) -> bool:
    """Whether the other side takes nothing in any more."""
    try:
        line.sendall(b"x")
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def test_a_client_that_sends_a_byte_from_time_to_time_is_cut_off(server: Server) -> None:
    head = f"{HEAD}Content-Length: {MAX_BYTES}\r\n\r\n".encode()
    with server.connect() as line:
        line.sendall(head)
        line.settimeout(0.05)
        for _ in range(600):
            try:
                line.sendall(b"x")
                if not line.recv(65536):
                    break
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                break
        else:
            pytest.fail("it could send on and on")


def test_a_request_that_comes_piece_by_piece_is_read_as_any_other(patient: Server) -> None:
    body = posted(200, reason="")[2]
    head = f"{HEAD}Content-Length: {len(body)}\r\n\r\n"
    pieces = (head[:1], head[1:30], head[30:-1], head[-1], body[:-1], body[-1])
    with patient.connect() as line:
        for piece in pieces:
            line.sendall(piece.encode())
            assert health(patient)["ok"] is True, "by now it has taken in what came before"
        assert line.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"


def test_clients_on_a_line_of_small_pieces_who_take_nothing_in_keep_nobody_out(
    patient: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Ethernet, where the system takes in much less of an answer than on one machine."""
    monkeypatch.setattr(patient, "patience", 10.0)  # less than what the first of them may take
    with ExitStack() as lines:
        for _ in range(THREADS):
            line = lines.enter_context(socket.socket())
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1448)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
            line.connect((patient.host, patient.port))
            line.sendall(b"GET /fr/sources HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(1) == b"H"
        assert health(patient)["ok"] is True


def test_a_client_who_asks_before_it_sends_its_body_is_told_to(server: Server) -> None:
    body = posted(200, reason="")[2]
    with server.connect() as line:
        head = f"{HEAD}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(25, socket.MSG_WAITALL) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(body.encode())
        answer = b""
        while more := line.recv(65536):
            answer += more
        assert b"HTTP/1.1 200" in answer


def test_clients_who_take_nothing_in_are_cut_off_and_keep_nobody_out(
    server: Server, new_words: Callable[[], str]
) -> None:
    with ExitStack() as lines:
        for _ in range(CROWD):
            line = lines.enter_context(server.connect())
            line.sendall(f"GET {spoilt.LARGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        check_pages_and_texts(server)
    assert new_words() == ""


@pytest.mark.check(16)
@pytest.mark.parametrize(
    ("length", "status"),
    [
        (f"Content-Length: {MAX_BYTES + 1}", 413),
        ("Content-Length: 999999999", 413),
        ("Content-Length: 99999999999999999999", 413),
        ("Transfer-Encoding: chunked", 411),
    ],
)
def test_a_body_too_long_or_of_no_length_is_refused_before_it_comes(
    server: Server, length: str, status: int
) -> None:
    # One that is just too long is received first, where it is not read by a thread.
    body = "x" * (MAX_BYTES + 1) if str(MAX_BYTES + 1) in length else ""
    connection = HTTPConnection(server.host, server.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.connect()
        connection.sock.sendall(f"{HEAD}{length}\r\n\r\n{body}".encode())
        response = connection.response_class(connection.sock, method="POST")
        response.begin()
        answer = response.status, dict(response.getheaders()), response.read()
        response.close()
    check_error_page(answer, status)


def test_more_is_received_than_the_application_reads() -> None:
    assert worker.LONGEST > MAX_BYTES
    head = b"P / H\r\nContent-Length: 5\r\n\r\n"
    for received, size in (
        (head, len(head) + 5),
        (head + b"abcde", len(head) + 5),
        (head.upper().replace(b": ", b":"), len(head) + 4),
        (head.replace(b"5", b"0000000005"), len(head) + 14),
        (b"P / H\r\nX: y\r\n", None),
        (b"P / H\r\nX: y\r", None),
        (b"P / H\nX: y", 0),
        (b"P / H\r\n\n", 0),
        (b"P / H\r\nX: y\r\n\r\n", 0),
        (b"P / H\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 0),
        (b"P / H\r\nContent-Length: +5\r\n\r\n", 0),
        (b"P / H\r\nContent-Length: %d\r\n\r\n" % (worker.LONGEST + 1), 0),
        (b"x" * worker.LONGEST, None),
        (b"x" * (worker.LONGEST + 1), 0),
    ):
        assert worker.wanted(bytearray(received), len(received)) == size, received[-60:]
        # Byte by byte it comes to the same, and what was looked at is not looked at again.
        if len(received) < 100:
            told = [worker.wanted(bytearray(received[:n]), 1) for n in range(1, len(received) + 1)]
            assert next((size for size in told if size is not None), None) == size, received


def test_threads_are_left_for_those_who_ask_for_no_pdf() -> None:
    assert f"\nthreads = {THREADS}\n" in (ROOT / "deploy/gunicorn.conf.py").read_text("utf-8")
    assert MOST_SLOTS < THREADS


# The end


def test_what_is_under_way_when_the_server_ends_is_delivered_whole(tmp_path: Path) -> None:
    settings = {"SPOILT_FOLDER": str(tmp_path), "SPOILT_RECEIVING": "600", "WEB_CONCURRENCY": "1"}
    body = posted(200, output="bundle", given_name=spoilt.WAIT)[2]
    with running(SPOILT, **settings) as server, server.connect() as idle:
        connection = HTTPConnection(server.host, server.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", FORM, body, FORM_HEADERS)
            until((tmp_path / spoilt.HELD).exists)
            server.process.terminate()
            # Whoever has asked for nothing is not waited for, nor is anybody let in.
            assert idle.recv(1) == b""
            with pytest.raises(ConnectionRefusedError), server.connect():
                pass
            (tmp_path / spoilt.OPEN).touch()
            response = connection.getresponse()
            assert response.status == 200
            (tmp_path / "letters.zip").write_bytes(response.read())
        server.stop()
        assert (server.code, server.stderr) == (0, "")
    with ZipFile(tmp_path / "letters.zip") as letters:
        assert letters.testzip() is None
        assert len(letters.namelist()) > len(SLUGS)


@pytest.mark.parametrize("moment", ["fork", "start"])
def test_a_process_that_is_asked_to_end_as_it_starts_ends(moment: str) -> None:
    command = gunicorn(f"tests.trust.spoilt:ended_at_once('{moment}')")
    with running(command, WEB_CONCURRENCY="1") as server:
        until(lambda: server.ask("GET", "/sante")[1]["X-First"] == "False")
        server.stop()
        assert (server.code, server.stderr) == (0, "")


# What PDFs need is missing


def without_library(folder: Path, name: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The loader of the system finds a library, and cannot load it."""
    (folder / name).touch()
    return gunicorn(), {"LD_LIBRARY_PATH": str(folder)}


def without_font(folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """A virtual environment that differs from ours in nothing but the font."""
    venv = PYTHON.parents[1]
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(PYTHON.resolve())
    for name in ("lib", "pyvenv.cfg"):
        (folder / name).symlink_to(venv / name)
    return gunicorn(python=folder / "bin" / "python"), {}


linux = pytest.mark.skipif(sys.platform != "linux", reason="asks the system of Linux for it")
WITHOUT = [
    pytest.param(lambda f: without_library(f, "libpango-1.0.so.0"), "OSError", marks=linux),
    pytest.param(lambda f: without_library(f, "libpangoft2-1.0.so.0"), "OSError", marks=linux),
    pytest.param(
        lambda f: without_library(f, "libharfbuzz-subset.so.0"),
        "il manque HarfBuzz-Subset, en version 4.1 au moins",
        marks=linux,
    ),
    pytest.param(without_font, "FontError"),
]


@pytest.mark.check(10, 12)
@pytest.mark.parametrize(("spoil", "kind"), WITHOUT, ids=["pango", "pangoft2", "subset", "font"])
def test_without_what_pdfs_need_pages_and_texts_are_served(
    tmp_path: Path, spoil: Callable[[Path], tuple[tuple[str, ...], dict[str, str]]], kind: str
) -> None:
    command, settings = spoil(tmp_path)
    with running(command, **settings) as server:
        assert health(server) | {"ok": True, "pdf": False} == health(server)
        check_pages_and_texts(server)
        for output in ("pdf", "bundle"):
            check_says_no_pdf(post(server, output=output))
        for name in ("vierge.pdf", "exemple.pdf"):
            check_error_page(server.ask("GET", f"{FORM}/{name}"), 500)
        assert health(server)["pdf"] is False
        server.stop()
    assert server.code == 0
    assert server.stdout == server.greeting, "WeasyPrint's advice, in English, is kept back"
    assert server.stderr.startswith(NO_PDF.format(kind))
    assert server.stderr.count(" in letters.web.") == 0
    assert "Traceback" not in server.stderr
    check_silent(server.stderr)


# A file of the program is broken


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the program that a test may break."""
    for name in ("deploy", "letters", "static", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "app.py", tmp_path)
    return tmp_path


def unlinked(path: Path) -> None:
    path.unlink()


def unreadable(path: Path) -> None:
    path.unlink()
    path.mkdir()  # nor can root read a folder


def with_half_a_mark(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("((", "(", 1), encoding="utf-8")


def in_latin_1(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8"), encoding="latin-1", errors="replace")


def cut_off(path: Path) -> None:
    path.write_text("[[fact", encoding="utf-8")


def without_letters(path: Path) -> None:
    for text in path.parent.glob("*.md"):
        text.unlink()


NAME = f"{SLUGS[0]}.md"
TEXT = f"letters/texts/{NAME}"
FACTS = "letters/data/facts.toml"
MISSING = "n’existe pas ou ne peut pas être lu."
BROKEN = [
    (TEXT, with_half_a_mark, f"{NAME}, ligne"),
    (TEXT, in_latin_1, f"{NAME}, ligne"),
    (TEXT, unreadable, f"{NAME}, ligne 1 : le fichier {MISSING}"),
    (TEXT, without_letters, "aucune lettre"),
    (FACTS, cut_off, "facts.toml n’est pas lisible"),
    (FACTS, unlinked, f"facts.toml {MISSING}"),
    ("letters/data/recipients.csv", unlinked, f"recipients.csv {MISSING}"),
    ("letters/data/addressees.csv", unlinked, f"addressees.csv {MISSING}"),
]


@pytest.mark.parametrize(("name", "spoil", "sentence"), BROKEN)
def test_a_broken_file_stops_the_start_with_french_sentences(
    program: Path, name: str, spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(program / name)
    refused = start(gunicorn(), program)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert sentence in refused.stderr
    assert [line for line in refused.stderr.splitlines() if not line.endswith(".")] == []


# Disks


@contextlib.contextmanager
def mute(*prefix: str) -> Iterator[Server]:
    """A server whose standard streams are full, found by its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        Path("/dev/full").open("w") as full,
        subprocess.Popen(
            (*prefix, *gunicorn("tests.trust.spoilt:spoilt()")),
            cwd=ROOT,
            env=environment(PORT=str(port)),
            stdout=full,
            stderr=full,
            encoding="utf-8",
        ) as process,
    ):
        server = Server(process, f"http://127.0.0.1:{port}", full, GREETING)
        try:
            until(lambda: process.poll() is not None or _answers(server))
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _answers(server: Server) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        return server.ask("GET", "/sante")[0] == 200
    return False


def available(*command: str) -> bool:
    """Whether a program is there, which CI makes sure of, and the system lets it do its work.

    A container or a chroot may forbid it, and no installation would help.
    """
    if not shutil.which(command[0]):
        assert os.environ.get("CI") != "true", f"{command[0]} is not there"
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_full_disk_stops_nothing() -> None:
    full = ("prlimit", "--fsize=0")  # whatever is written to a file fails
    if not available(*full, "true"):
        pytest.skip("prlimit is not there")
    with mute(*full) as server:
        check_pages_and_texts(server)
        assert post(server, output="pdf")[2].startswith(b"%PDF-")
        assert post(server, output="bundle")[0] == 200
        check_error_page(post(server, output="text", given_name=spoilt.CRASH), 500)
        check_says_no_pdf(post(server, output="pdf", given_name=spoilt.NO_PDF))
    # 120 is Python's: its last words, if any, could not be written.
    assert server.process.returncode in {0, 120}


READ_ONLY = 'mount -o remount,bind,ro / && exec "$@"'
NO_MEMORY = f"mount -t tmpfs -o ro none /dev/shm && {READ_ONLY}"
NAMESPACE = ("unshare", "--map-root-user", "--mount", "sh", "-c")


@pytest.fixture
def namespace() -> tuple[str, ...]:
    """What begins a command whose disks may be changed without changing ours."""
    if not available(*NAMESPACE, NO_MEMORY, "sh", "true"):
        pytest.skip("disks cannot be made read-only here")
    return NAMESPACE


def test_a_read_only_disk_stops_nothing(namespace: tuple[str, ...]) -> None:
    with running((*namespace, READ_ONLY, "sh", *gunicorn())) as server:
        check_pages_and_texts(server)
        assert post(server, output="pdf")[2].startswith(b"%PDF-")
        assert health(server)["pdf"] is True
        server.stop()
        assert (server.code, server.stderr) == (0, "")


def test_without_any_place_for_signs_of_life_the_start_is_refused(
    namespace: tuple[str, ...],
) -> None:
    refused = start((*namespace, NO_MEMORY, "sh", *gunicorn()))
    sentence = "Aucun dossier temporaire ne peut être écrit : donnez accès à /dev/shm ou à /tmp.\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", sentence)
