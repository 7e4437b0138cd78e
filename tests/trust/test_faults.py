"""When something breaks: a clear French page, or a refusal to start in one sentence.

Against the real process: its libraries or its font missing, a file of its own broken, a full or a
read-only disk, a PDF that fails, never ends or takes its process with it, and clients who are slow,
endless or gone. Faults that no folder can hold are in `spoilt.py`. What is awaited here is a state,
never a time.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from deploy import serve, web_server
from letters.web.origin import MAX_BYTES
from letters.web.settings import PDF_SLOTS
from tests.kit.pages import FORM, SLUGS, heading_of, parse, text_of
from tests.server import (
    GREETING,
    PYTHON,
    ROOT,
    SCRIPT,
    Answer,
    Server,
    environment,
    running,
    service,
    start,
    until,
)
from tests.trust import spoilt
from tests.trust.fronts import answers, free_port, program
from tests.trust.test_log import check_silent
from tests.trust.test_process import FORM_HEADERS, HANG_UP, HEAD, posted

pytestmark = pytest.mark.server
CROWD = 60  # of slow clients, of each kind
SPOILT = service("tests.trust.spoilt")


def post(server: Server, **changes: object) -> Answer:
    method, path, body, headers, _status = posted(200, FORM, **changes)
    return server.ask(method, path, body, headers)


def pdfs_work(server: Server) -> bool:
    """Whether a PDF comes; and the site says so to whoever watches it."""
    said = json.loads(server.ask("GET", "/sante")[2])
    assert said["ok"] is True
    return bool(said["pdf"])


def check_pages_and_texts(server: Server) -> None:
    """All that needs no PDF: pages, the letter to read, copy and print, and its texts."""
    assert server.ask("GET", "/fr/")[0] == 200
    status, _headers, body = post(server)
    assert (status, len(parse(body.decode()).select("article#letter, #message"))) == (200, 2)
    for output in ("edit", "text", "short", "calendar"):
        assert post(server, output=output)[0] == 200


def check_pdf(server: Server) -> None:
    assert post(server, output="pdf")[2].startswith(b"%PDF-")
    assert pdfs_work(server)


def check_says_no_pdf(answer: Answer) -> None:
    """The result page, all that was typed included, with what went wrong before everything else."""
    status, headers, body = answer
    page = parse(body.decode())
    assert (status, headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    said = text_of(page.select_one("main > :first-child p"))
    assert said.startswith("Le fichier n’a pas pu être fabriqué.")
    assert page.select_one("article#letter") is not None
    assert page.select_one("[type=hidden][name=city][value=Trébabuville]") is not None


def check_error_page(answer: Answer, status: int) -> None:
    page = parse(answer[2].decode())
    assert (answer[0], page.html["lang"], heading_of(page) != "") == (status, "fr", True)


# A PDF that fails


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("held")


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[Server]:
    """The real application with faults, little patience, one PDF process and one place."""
    with running(
        SPOILT,
        WEB_CONCURRENCY="1",
        DROIT_DE_PLUME_PDF_SLOTS="1",
        SPOILT_FOLDER=str(folder),
        SPOILT_DRAWING="12",
        SPOILT_RECEIVING="3",
    ) as started:
        yield started
        started.stop()
        assert started.code == 0


@pytest.fixture(scope="session")
def plain() -> Iterator[Server]:
    """As a person starts it: an empty setting is as good as none."""
    with running(HOST="", WEB_CONCURRENCY="") as started:
        yield started


def said(server: Server) -> list[str]:
    """What it has printed, but how many PDFs it refused, which it tells a minute later."""
    return [line for line in server.said().splitlines() if "PDF refusés" not in line]


# What is typed, and what an operator reads of it.
FAULTS = {
    spoilt.NO_PDF: "ValueError, letters.render.pdf:",
    spoilt.DEATH: "ProcessExpired, ",
    spoilt.ENDLESS: "TimeoutError, ",
}


@pytest.mark.check(10, 12)
@pytest.mark.parametrize("name", FAULTS)
def test_a_pdf_that_fails_keeps_all_that_was_typed_and_the_next_one_works(
    server: Server, name: str
) -> None:
    before = said(server)
    assert pdfs_work(server)
    check_says_no_pdf(post(server, output="pdf", given_name=name))
    check_pages_and_texts(server)
    assert not pdfs_work(server)
    check_pdf(server)
    [line] = said(server)[len(before) :]
    assert FAULTS[name] in line
    check_silent(line)


def drawers(server: Server) -> list[int]:
    """The processes that draw PDFs: the children of the forkserver."""
    command = ("ps", "-eo", "pid=,ppid=")
    listed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    parents = dict(line.split() for line in listed.splitlines())
    ours = str(server.process.pid)
    return [int(pid) for pid, parent in parents.items() if parents.get(parent) == ours]


def test_a_process_killed_while_it_waits_for_a_letter_is_replaced(server: Server) -> None:
    before = drawers(server)
    os.kill(before[0], signal.SIGKILL)
    until(lambda: before[0] not in drawers(server))
    check_pdf(server)
    assert drawers(server) not in ([], before)


def test_a_client_who_hangs_up_during_a_pdf_frees_its_place_without_a_word(
    server: Server, folder: Path
) -> None:
    before = said(server)
    body = posted(200, output="pdf", given_name=spoilt.WAIT)[2]
    with server.connect() as line:
        line.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        until((folder / spoilt.HELD).exists)
        assert post(server, output="pdf")[0] == 503, "the one place is taken"
        line.setsockopt(*HANG_UP)
    (folder / spoilt.OPEN).touch()
    until(lambda: post(server, output="pdf")[0] == 200)
    assert said(server) == before


def test_as_many_people_as_there_are_places_may_press_at_once(plain: Server) -> None:
    """The last of them waits for its turn; nobody is told to come back while a place is free."""
    with ThreadPoolExecutor(PDF_SLOTS) as people:
        pressed = [people.submit(post, plain, output="pdf") for _ in range(PDF_SLOTS)]
    assert {answer.result()[0] for answer in pressed} == {200}


# Clients who are slow, endless or gone

# What each has sent when it falls silent; the last is owed nothing more, and stays.
SLOW = {
    "nothing": "",
    "half of the headers": "GET /fr/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Quokka: Oui",
    "half of the body": f"{HEAD}Content-Length: 500\r\n\r\ngiven_name=Canarine",
    "all, and does not hang up": "GET /fr/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


@contextmanager
def crowd(server: Server, *sent: str) -> Iterator[list[socket.socket]]:
    """So many clients of each kind, who have sent what their kind sends, and keep nobody out."""
    before = said(server)
    with ExitStack() as stack:
        lines = [stack.enter_context(server.connect()) for _ in range(CROWD * len(sent))]
        for line, text in zip(lines, sent * CROWD, strict=True):
            line.sendall(text.encode())
        check_pages_and_texts(server)
        assert post(server, output="pdf")[0] == 200
        yield lines
    check_pages_and_texts(server)
    assert said(server) == before


def test_slow_clients_keep_nobody_out_and_are_cut_off(server: Server) -> None:
    with crowd(server, *SLOW.values()) as lines:
        for line in lines:
            while line.recv(65536):
                pass


def test_clients_that_send_a_byte_from_time_to_time_keep_nobody_out_and_are_cut_off(
    server: Server,
) -> None:
    with crowd(server, f"{HEAD}Content-Length: {MAX_BYTES}\r\n\r\n") as lines:
        for line in lines:
            line.settimeout(0.01)
        until(lambda: all(is_cut_off_after_a_byte(line) for line in lines))


def is_cut_off_after_a_byte(line: socket.socket) -> bool:
    try:
        line.sendall(b"x")
        return not line.recv(65536)
    except TimeoutError:
        return False
    except OSError:
        return True


def test_clients_who_take_nothing_in_keep_nobody_out(server: Server) -> None:
    with crowd(server, f"GET {spoilt.LARGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
        pass


@pytest.mark.check(16)
@pytest.mark.parametrize("length", [MAX_BYTES + 1, web_server.BODY - 1, web_server.BODY])
def test_a_body_too_long_is_refused_with_a_page(server: Server, length: int) -> None:
    # One that a person may have typed is received first, which costs no thread.
    body = "x" * length if length < web_server.BODY else ""
    headers = {**FORM_HEADERS, "Content-Length": str(length)}
    check_error_page(server.ask("POST", FORM, body, headers), 413)


# The end


def test_a_process_killed_during_a_pdf_loses_that_letter_only_and_the_end_waits_for_the_others(
    tmp_path: Path,
) -> None:
    patience = {"SPOILT_DRAWING": "100", "SPOILT_ENDING": "100"}
    with (
        running(SPOILT, SPOILT_FOLDER=str(tmp_path), WEB_CONCURRENCY="2", **patience) as server,
        server.connect() as idle,
        ThreadPoolExecutor(1) as pool,
    ):
        under_way = pool.submit(post, server, output="pdf", given_name=spoilt.WAIT)
        until((tmp_path / spoilt.HELD).exists)
        check_says_no_pdf(post(server, output="pdf", given_name=spoilt.DEATH))
        server.process.terminate()
        # Whoever has asked for nothing is not waited for, nor is anybody let in.
        assert idle.recv(1) == b""
        with pytest.raises(ConnectionRefusedError), server.connect():
            pass
        (tmp_path / spoilt.OPEN).touch()
        status, _headers, body = under_way.result()
        server.stop()
        assert (status, server.code, server.stderr.count("\n")) == (200, 0, 1)
    assert body.rstrip().endswith(b"%%EOF")


# The start


def check_refuses(sentence: str, command: tuple[str, ...], **settings: str) -> None:
    refused = start(command, **settings)
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", f"{sentence}\n")


def test_the_address_is_printed_and_a_taken_port_named_and_another_proposed(plain: Server) -> None:
    assert plain.greeting == f"{GREETING}http://127.0.0.1:{plain.port} (Ctrl+C pour arrêter)\n"
    for command in (SCRIPT, service()):
        check_refuses(
            f"Le port {plain.port} est déjà pris : arrêtez l’autre programme, "
            f"ou choisissez-en un autre (PORT={plain.port + 1} script/server).",
            command,
            PORT=str(plain.port),
        )


@pytest.mark.parametrize(
    ("name", "sentence", "values"),
    [
        ("PORT", "{} doit être un nombre de 0 à 65535", ("65536", "-1", "80 80", "८०००")),
        ("WEB_CONCURRENCY", "{} doit être un nombre à partir de 1", ("0", "1000", "-1", "1.5")),
    ],
)
def test_a_wrong_number_stops_the_server_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, sentence: str, values: tuple[str, ...]
) -> None:
    for value in values:
        monkeypatch.setenv(name, value)
        said = f"{sentence.format(name)}, et non « {value} »."
        with pytest.raises(SystemExit, match=f"^{said}$"):
            serve._number(name, 1, range(65536) if name == "PORT" else range(1, 1000))
    check_refuses(said, service(), **{name: value})


def test_a_wrong_address_or_setting_stops_the_server_with_one_sentence() -> None:
    for host in ("192.0.2.1", "2001:db8::1", "1.2.3"):
        with pytest.raises(SystemExit) as ended:
            serve.listening(host, 0)
        said = f"L’adresse « {host} » n’est pas de cette machine : corrigez HOST."
        assert ended.value.code == said
    check_refuses(said, service(), HOST=host)
    name = "DROIT_DE_PLUME_PORTAL_LIMIT"
    sentence = f"{name} doit être un nombre entier de 0 à 100000."
    check_refuses(sentence, service(), **{name: "Zyxwcanari"})


# What PDFs need is missing

NO_PDF = (
    "Les PDF ne peuvent pas être fabriqués ({}) : lancez « script/setup », puis redémarrez. "
    "Les pages et les textes sont servis.\n"
)
WITHOUT = {
    "libpango-1.0.so.0": "OSError",
    "libharfbuzz-subset.so.0": "il manque HarfBuzz-Subset, en version 4.1 au moins",
    "font": "FontError",
}


@pytest.mark.check(10, 12)
@pytest.mark.parametrize("name", WITHOUT)
def test_without_what_pdfs_need_pages_and_texts_are_served(tmp_path: Path, name: str) -> None:
    command, settings = service(), {}
    if name == "font":  # a virtual environment that differs from ours in nothing else
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python").symlink_to(PYTHON.resolve())
        for link in ("lib", "pyvenv.cfg"):
            (tmp_path / link).symlink_to(PYTHON.parents[1] / link)
        command = service(python=tmp_path / "bin" / "python")
    elif sys.platform == "linux":  # the loader of the system finds the library, and cannot load it
        (tmp_path / name).touch()
        settings = {"LD_LIBRARY_PATH": str(tmp_path)}
    else:
        pytest.skip("asks the system of Linux for it")
    with running(command, **settings) as server:
        assert not pdfs_work(server)
        check_pages_and_texts(server)
        for output in ("pdf", "bundle"):
            check_says_no_pdf(post(server, output=output))
        for specimen in ("vierge.pdf", "exemple.pdf"):
            check_error_page(server.ask("GET", f"{FORM}/{specimen}"), 500)
        assert not pdfs_work(server)
        server.stop()
    assert server.code == 0
    assert server.stdout == server.greeting, "WeasyPrint's advice, in English, is kept back"
    assert server.stderr.startswith(NO_PDF.format(WITHOUT[name]))
    assert [word for word in (" in letters.web.", "Traceback") if word in server.stderr] == []
    check_silent(server.stderr)


# A file of the program is broken


def test_broken_files_stop_the_start_with_a_french_sentence_each(tmp_path: Path) -> None:
    """Each kind of mistake has its tests beside its reader: here, what becomes of them."""
    for name in ("deploy", "letters", "static", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "app.py", tmp_path)
    texts = [tmp_path / "letters/texts" / f"{slug}.md" for slug in SLUGS[:2]]
    text = texts[0].read_text(encoding="utf-8")
    texts[0].write_text(text.replace("((", "(", 1), encoding="utf-8")
    texts[1].unlink()
    texts[1].mkdir()  # nor can root read a folder
    (tmp_path / "letters/data/recipients.csv").unlink()
    refused = start(service(), tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    for sentence in (
        f"{texts[0].name}, ligne",
        f"{texts[1].name}, ligne 1 : le fichier n’existe pas ou ne peut pas être lu.",
        "recipients.csv n’existe pas ou ne peut pas être lu.",
    ):
        assert sentence in refused.stderr
    assert [line for line in refused.stderr.splitlines() if not line.endswith(".")] == []


# Disks


def test_a_full_disk_stops_nothing() -> None:
    """Nobody reads the greeting: the port is ours to choose."""
    settings = environment(PORT=str(free_port()))
    with (
        Path("/dev/full").open("w") as full,
        subprocess.Popen(SPOILT, cwd=ROOT, env=settings, stdout=full, stderr=full) as process,
    ):
        server = Server(process, full, f"http://127.0.0.1:{settings['PORT']}")
        try:
            until(lambda: process.poll() is not None or answers(server.port))
            check_pages_and_texts(server)
            check_error_page(post(server, output="text", given_name=spoilt.CRASH), 500)
            check_says_no_pdf(post(server, output="pdf", given_name=spoilt.NO_PDF))
            check_pdf(server)
        finally:
            process.terminate()
    # 120 is Python's: its last words, if any, could not be written.
    assert process.returncode in {0, 120}


@pytest.mark.parametrize("is_anything_left", [True, False])
def test_a_read_only_disk_stops_nothing_while_memory_can_be_written(is_anything_left: bool) -> None:
    """In a namespace, so that our own disks stay as they are."""
    read_only = 'mount -o remount,bind,ro / && exec "$@"'
    if not is_anything_left:
        read_only = f"mount -t tmpfs -o ro none /dev/shm && {read_only}"
    begin = (program("unshare"), "--map-root-user", "--mount", "sh", "-c", read_only, "sh")
    if subprocess.run((*begin, "true"), capture_output=True, check=False).returncode:
        pytest.skip("a container or a chroot may forbid it")
    command = (*begin, *service())
    if is_anything_left:
        with running(command) as server:
            check_pages_and_texts(server)
            check_pdf(server)
            server.stop()
            assert (server.code, server.stderr) == (0, "")
    else:
        sentence = (
            "Aucun dossier temporaire ne peut être écrit : donnez accès à /dev/shm ou à /tmp."
        )
        check_refuses(sentence, command)
