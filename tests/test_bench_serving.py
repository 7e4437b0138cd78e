"""The bench's client and its measures of the server: they count rightly, and miss nothing.

What they make of times is tried on invented ones, with a clock that is ours; what they do to a
server, on the real one, for a moment. Limits: no figure of this machine is judged here.
"""

import gc
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path

import pytest

from bench import client, scale, serving
from bench.client import (
    FORM,
    HOME,
    KINDS,
    LETTER_PAGE,
    MIXED,
    TEXT,
    Clients,
    Crowd,
    Door,
    Line,
    Run,
    Runs,
    Sample,
    everybody,
    message,
    read_answer,
)
from bench.report import Target
from bench.serving import CONFIGURATIONS, HEADINGS, OURS, QUICK, Configuration, Row
from tests import load
from tests.load import LOOPBACK, NO_ANSWER, SLUGS, Answer, Request
from tests.load.overload import OTHER, PAGES, PDFS, REFUSED, SERVED, TEXTS
from tests.load.soak import family
from tests.server import SCRIPT, Server
from tests.test_load_scripts import stand_in

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nRetry-After: 5\r\n\r\n"
PDF = Answer(200, 0.35, body=b"%PDF-1.7")
BUSY = Answer(503, 0.35, {"Retry-After": "5"}, b'<html lang="fr">')


# What travels


def test_a_request_is_whole_and_says_whether_its_client_stays() -> None:
    sent = message(Request("/fr/", {"a": "é b"}), "plume.example.fr", stays=True)
    head, body = sent.split(b"\r\n\r\n")
    assert body == b"a=%C3%A9+b"
    assert head.split(b"\r\n") == [
        b"POST /fr/ HTTP/1.1",
        b"Host: plume.example.fr",
        b"Connection: keep-alive",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: 10",
    ]
    bare = message(Request("/fr/"), "localhost")
    assert bare == b"GET /fr/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def answered(*pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """What a client reads of an answer that comes in pieces, then ends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for piece in pieces:
            theirs.sendall(piece)
        theirs.shutdown(socket.SHUT_WR)
        return read_answer(ours)


def test_an_answer_is_read_to_its_end_and_no_further() -> None:
    headers = {"Content-Length": "5", "Retry-After": "5"}
    assert answered(HEAD[:9], HEAD[9:] + b"ab", b"cde") == (200, headers, b"abcde")
    assert answered(b"HTTP/1.1 404 No\r\nA: b: c\r\n\r\nto the end") == (
        404,
        {"A": "b: c"},
        b"to the end",
    )


@pytest.mark.parametrize("cut", [b"", HEAD[:-2], HEAD, HEAD + b"abcd"])
def test_an_answer_that_is_cut_is_none(cut: bytes) -> None:
    with pytest.raises(ValueError, match="whole"):
        answered(cut)


@dataclass
class Echo:
    """A server that answers every request of a connection, and counts connections."""

    says: Sequence[bytes]
    connections: int = 0
    listener: socket.socket = field(default_factory=lambda: socket.create_server((LOOPBACK, 0)))

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                self.connections += 1
                with line:
                    for answer in self.says:
                        if not line.recv(65536):
                            break
                        line.sendall(answer)


@pytest.fixture
def echo() -> Iterator[Callable[..., Echo]]:
    started: list[tuple[Echo, threading.Thread]] = []

    def start(*says: bytes) -> Echo:
        server = Echo(says)
        thread = threading.Thread(target=server.serve)
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        server.listener.close()


def test_a_client_who_stays_keeps_its_connection_until_the_server_ends_it(
    echo: Callable[..., Echo],
) -> None:
    last = HEAD.replace(b"Retry-After: 5", b"Connection: close")
    server = echo(HEAD + b"first", HEAD + b"other", last + b"third")
    door = Door(server.listener.getsockname()[1])
    line = Line(door, stays=True)
    bodies = [line.ask(b"GET").body for _ in range(4)]
    line.close()
    assert bodies == [b"first", b"other", b"third", b"first"]
    assert server.connections == 2


def test_a_client_who_does_not_stay_opens_a_connection_each_time(echo: Callable[..., Echo]) -> None:
    server = echo(HEAD + b"first", HEAD + b"other")
    line = Line(Door(server.listener.getsockname()[1]))
    assert [line.ask(b"GET").body for _ in range(3)] == [b"first"] * 3
    assert server.connections == 3


def test_a_line_that_breaks_is_told_and_the_next_one_is_new(echo: Callable[..., Echo]) -> None:
    server = echo(HEAD)
    line = Line(Door(server.listener.getsockname()[1]), stays=True)
    assert [line.ask(b"GET").status for _ in range(2)] == [NO_ANSWER] * 2
    assert server.connections == 2
    with stand_in(200) as gone:
        pass
    assert Line(Door(gone)).ask(b"GET").status == NO_ANSWER


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_of_a_kind_differs(kind: str) -> None:
    asked = [KINDS[kind](number) for number in range(60)]
    if kind in {HOME, FORM, PAGES}:  # nothing is typed there
        assert {request.fields == {} for request in asked} == {True}
    else:
        assert len({tuple(request.fields.items()) for request in asked}) == 60
    if kind not in {HOME, PAGES}:
        assert {request.path for request in asked} >= {f"/fr/lettres/{slug}" for slug in SLUGS}


def test_each_kind_is_what_its_name_says() -> None:
    outputs = {kind: KINDS[kind](0).fields.get("output") for kind in KINDS}
    assert outputs[PDFS] == outputs[MIXED] == "pdf"
    assert (outputs[LETTER_PAGE], outputs[TEXT]) == ("preview", "text")


# What is made of time


@dataclass
class Clock:
    """A clock that goes on when somebody sleeps or answers."""

    now: float = 100.0
    cpu: float = 0.0
    slept: list[float] = field(default_factory=list)

    def perf_counter(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.cpu

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(client, "time", found)
    return found


def crowd_of_one(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, crowd: Crowd, answer: Answer
) -> Run:
    """What one client sees for a second, with answers that all take 0.35 s."""
    sent: list[bytes] = []

    def ask(line: Line, request: bytes) -> Answer:
        sent.append(request)
        clock.now += 0.35
        clock.cpu += 0.05
        return answer

    monkeypatch.setattr(Line, "ask", ask)
    run = client.ask(Door(1), 1.0, [crowd], first=0)
    assert len(set(sent)) == len(sent) == len(run.samples)
    return run


def test_a_client_in_a_loop_asks_again_once_answered(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    run = crowd_of_one(monkeypatch, clock, Crowd(PDFS, 1), PDF)
    assert [s.end for s in run.samples] == pytest.approx([0.35, 0.7, 1.05])
    assert run.times(PDFS) == [0.35] * 3
    assert run.rate(PDFS) == 2, "what comes after the end does not count"
    assert run.client_cpu == pytest.approx(0.15 / 1.05)


def test_times_at_a_pace_count_from_when_a_request_was_due(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    run = crowd_of_one(monkeypatch, clock, Crowd(PDFS, 1, pace=5), PDF)
    assert run.times(PDFS) == pytest.approx([0.35, 0.5, 0.65, 0.8, 0.95])
    assert sum(clock.slept) == 0, "never early, always late"


def test_a_client_with_a_pace_waits_for_its_turn(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    run = crowd_of_one(monkeypatch, clock, Crowd(PDFS, 1, pace=2), PDF)
    assert run.times(PDFS) == pytest.approx([0.35, 0.35])
    assert [seconds for seconds in clock.slept if seconds] == pytest.approx([0.15])


def test_clients_who_keep_a_pace_do_not_ask_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    phases: dict[str, float] = {}

    def asked(
        _: Door, crowd: Crowd, numbers: object, turns: Iterator[float], *__: object
    ) -> list[Sample]:
        phases[crowd.kind] = next(turns)
        return []

    monkeypatch.setattr(client, "_asked", asked)
    crowds = [Crowd(PDFS, 8), Crowd(PAGES, 1, 10), Crowd(TEXTS, 1, 10)]
    client.ask(Door(1), 1.0, crowds, first=0)
    assert (phases[PAGES], phases[TEXTS]) == (0, 0.5), "with PDFs as without"


def test_a_client_who_is_refused_waits_before_asking_again(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    run = crowd_of_one(monkeypatch, clock, Crowd(PDFS, 1), BUSY)
    assert [sample.outcome for sample in run.samples] == [REFUSED]
    assert max(clock.slept) == pytest.approx(0.65), "AGAIN, or until the end"
    hasty = crowd_of_one(monkeypatch, clock, Crowd(MIXED, 1, again=0.1), BUSY)
    assert hasty.count(REFUSED) == 3
    assert max(clock.slept[-6:]) == pytest.approx(0.1)
    assert crowd_of_one(monkeypatch, clock, Crowd(PAGES, 1), BUSY).count(OTHER) == 1


def run_of(*times: float, kind: str = PDFS, outcome: str = SERVED, seconds: float = 2) -> Run:
    return Run(seconds, [Sample(kind, outcome, time, time) for time in times], 0.02)


def test_several_runs_are_one() -> None:
    runs = Runs([run_of(0.1, 0.2, 0.3), run_of(0.4, 0.5), run_of(9, outcome=REFUSED)])
    assert runs.rate(PDFS) == pytest.approx((1.5 + 1 + 0) / 3)
    assert runs.p50(PDFS) == pytest.approx(300)
    assert runs.p95(PDFS) == pytest.approx(480)
    assert (runs.count(SERVED), runs.count(REFUSED), runs.count(OTHER)) == (5, 1, 0)
    assert runs.client_cpu == pytest.approx(0.02)
    assert isnan(runs.p50(PAGES))
    assert isnan(Runs([run_of(0.1)]).p95(PDFS))


# The server


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with everybody() as found:
        yield found


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with OURS.served() as started:
        yield started


def test_the_clients_are_another_process_and_never_ask_for_a_letter_twice(
    clients: Clients, echo: Callable[..., Echo]
) -> None:
    door = Door(echo(HEAD + b"%PDF-").listener.getsockname()[1])
    runs = [clients.run(door, 0.05, Crowd(PDFS, 2), Crowd(PAGES, 1, 100)) for _ in range(2)]
    assert all(run.times(PDFS) for run in runs)
    assert {s.outcome for run in runs for s in run.samples if s.kind == PAGES} == {OTHER}
    firsts: list[int] = []

    class Pool:
        def submit(self, work: object, *arguments: object) -> "Pool":
            firsts.append(int(str(arguments[-1])))
            return self

        def result(self) -> Run:
            return runs[0]

    watched = Clients(Pool())  # type: ignore[arg-type]
    for _ in range(2):
        watched.run(door, 1, Crowd(PDFS, 1))
    assert firsts[1] - firsts[0] >= 1_000_000


def test_every_kind_is_answered_rightly(clients: Clients, server: Server) -> None:
    run = clients.run(Door(server.port), 1.0, *(Crowd(kind, 1) for kind in KINDS))
    assert run.count(OTHER) == 0
    assert {sample.kind for sample in run.samples if sample.outcome == SERVED} == set(KINDS)


def test_the_packages_of_the_bench_do_not_reach_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/of-the-bench")
    [copy] = scale.copies_of(1)
    with OURS.served(SCRIPT) as server:
        try:
            for process in (server.process.pid, copy.start().process.pid):
                assert b"/of-the-bench" not in Path(f"/proc/{process}/environ").read_bytes()
        finally:
            copy.stop()


def threads_of(process: int) -> int:
    return len([*Path(f"/proc/{process}/task").iterdir()])


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda each: each.name)
def test_each_configuration_serves_as_it_says(
    configuration: Configuration, clients: Clients
) -> None:
    with configuration.served() as server:
        door = Door(server.port)
        run = clients.run(door, 0.5, Crowd(PDFS, 4, stays=configuration.stays), Crowd(PAGES, 1, 10))
        assert run.count(OTHER) == 0
        assert run.times(PDFS)
        _, *workers = family(server.process.pid)
        assert len(workers) == configuration.workers
        line = Line(door, stays=True)
        headers = line.ask(message(Request("/sante"), door.name, stays=True)).headers
        line.close()
        assert (headers["Connection"] == "keep-alive") is configuration.stays
        # Pango has one of its own.
        is_threaded = max(threads_of(worker) for worker in workers) > 2
        assert is_threaded is ("sync" not in configuration.arguments)


def test_while_a_process_is_stopped_the_other_gets_every_request(server: Server) -> None:
    _, one, other = family(server.process.pid)

    def ticks(process: int) -> int:
        return sum(map(int, fields_of(process)[11:13]))

    def fields_of(process: int) -> list[str]:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()

    for idle, busy in ((one, other), (other, one)):
        with serving.stopped([idle]):
            before = ticks(idle), ticks(busy)
            for number in range(3):
                serving.one_time(server, PDFS, number)
            assert ticks(idle) == before[0]
            assert ticks(busy) > before[1]
            assert fields_of(idle)[0] == "T"
    assert "T" not in {fields_of(one)[0], fields_of(other)[0]}


def test_the_first_pdf_of_each_process_is_told_from_the_next(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    times = iter([9.0, *[1.0, 2.0, 3.0] * 3, 2.0] * 2)
    stopped = []
    monkeypatch.setattr(serving, "one_time", lambda *_: next(times))
    monkeypatch.setattr(os, "kill", lambda process, _: stopped.append(process))
    assert [*serving.first_pdfs(server)] == [(9.0, 2.0)] * 2
    assert sorted(set(stopped)) == family(server.process.pid)[1:]


def test_a_wrong_answer_ends_the_measure() -> None:
    with stand_in(500) as port, pytest.raises(load.StopError, match="500"):
        serving.one_time(Server(None, f"http://127.0.0.1:{port}", None, ""), HOME)  # type: ignore[arg-type]


def test_what_the_server_spends_and_holds_is_read(server: Server) -> None:
    before = serving.cpu_time(server)
    for number in range(3):
        serving.one_time(server, PDFS, number)
    assert serving.cpu_time(server) > before
    share, own, seen = serving.held(family(server.process.pid)[1:])
    assert 0 < own < share < seen


def test_the_program_is_timed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(gc, "freeze", lambda: asked.append("freeze"))
    assert set(serving.program_times(0.01)) == set(serving.READ)
    assert asked == ["freeze"]
    assert len(serving.ask_program(0.0, PDFS)) == 1
    monkeypatch.setitem(KINDS, PDFS, lambda _: Request("/absente"))
    with pytest.raises(load.StopError, match="404"):
        serving.ask_program(0.0, PDFS)


def test_the_last_soak_is_quoted() -> None:
    assert serving.soak_said().startswith("Pente de la seconde moitié : ")


# What is said of it all


def by_name(targets: Sequence[Target]) -> dict[str, tuple[float, bool]]:
    return {target.name: (target.measured, target.is_met) for target in targets}


def row(name: str, pdfs: int, idle: float, busy: float, lost: int = 0) -> Row:
    """So many PDFs, and pages and texts that take so many seconds at rest and at work."""
    reading = [
        Runs([Run(1, [Sample(k, SERVED, t, 0) for k in (PAGES, TEXTS) for _ in range(9)], 0.02)])
        for t in (idle, busy)
    ]
    made = [Sample(PDFS, SERVED, 0.3, 0.5)] * pdfs + [Sample(PDFS, OTHER, 1, 1)] * lost
    full, work = (Runs([Run(1, [*some, *made], 0.02)]) for some in ([], reading[1].each[0].samples))
    return Row(Configuration(name), reading[0], full, work, 100)


@pytest.mark.parametrize(
    ("ours", "met"),
    [
        (row("ours", 95, 0.01, 0.03), (True, True, True)),
        (row("ours", 94, 0.01, 0.03), (True, False, True)),
        (row("ours", 100, 0.01, 0.031), (False, True, True)),
        (row("ours", 100, 0.01, 0.01, lost=1), (True, True, False)),
    ],
)
def test_ours_is_judged_beside_the_others(
    monkeypatch: pytest.MonkeyPatch, ours: Row, met: tuple[bool, bool, bool]
) -> None:
    rows = [ours, row("other", 100, 0.01, 0.5)]
    monkeypatch.setattr(serving, "compare", lambda *_: rows)
    section, targets = serving.side_by_side(None, QUICK, ())  # type: ignore[arg-type]
    pages, texts, best, lost = (target.is_met for target in targets)
    assert (pages, best, lost) == met
    assert texts is pages
    table = [line for line in section.lines if line.startswith("|")]
    assert len(table) == 2 + len(rows)
    assert {line.count("|") for line in table} == {len(HEADINGS) + 1}
    assert table[3].startswith("| other | 100,0 | 300,0 | 300,0 | 100,0 | 10,0 |")


def test_every_configuration_is_measured_in_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """At rest, with PDFs alone, then with all; each server is a new one."""
    log: list[tuple[str, ...]] = []

    class Watched:
        def run(self, door: Door, seconds: float, *crowds: Crowd) -> Run:
            log.append(tuple(crowd.kind for crowd in crowds))
            return run_of(0.1)

    class Served:
        port, process = 1, None

        def __enter__(self) -> "Served":
            log.append(("start",))
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(Configuration, "served", lambda _: Served())
    monkeypatch.setattr(serving, "family", lambda _: [])
    monkeypatch.setattr(Served, "process", Served)
    monkeypatch.setattr(Served, "pid", 1, raising=False)
    two = (OURS, CONFIGURATIONS[-1])
    rows = serving.compare(Watched(), QUICK._replace(rounds=2), two)  # type: ignore[arg-type]
    everything = (PDFS, PAGES, TEXTS)
    assert log == [("start",), everything, (PAGES, TEXTS), (PDFS,), everything] * 4
    assert [row.configuration for row in rows] == [*two]
    assert {len(row.busy.each) for row in rows} == {2}


def test_growth_is_drawn_and_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {1: 10, 64: 19}
    runs = {n: Runs([run_of(*[0.5] * rate, seconds=1)]) for n, rate in rates.items()}
    throughput, weight, waiting = serving._panels(runs, [100, 101])
    assert [(curve.xs, curve.ys) for curve in weight.curves] == [([1, 64], [100, 101])]
    assert [(curve.xs, curve.ys) for curve in throughput.curves] == [([1, 64], [10, 19])]
    assert [curve.label for curve in waiting.curves] == ["médiane", "95 %"]
    assert {tuple(curve.ys) for curve in waiting.curves} == {(500, 500)}


def test_the_whole_measure_works_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real server, for a moment in each part."""
    monkeypatch.setattr(serving, "STARTS", 1)
    monkeypatch.setattr(serving, "USERS", (1, 2))
    sections, targets, panels = serving.measure(QUICK, [OURS])
    assert len(sections) == 6
    assert len({section.title for section in sections}) == 6
    found = by_name(targets)
    assert len(found) == len(targets) == 12
    assert [found[name] for name in found if "perdues" in name] == [(0, True)] * 2
    assert {measured > 0 for name, (measured, _) in found.items() if "perdues" not in name} == {
        True
    }
    assert [len(curve.ys) for panel in panels for curve in panel.curves] == [2, 2, 2, 2]


# Several copies (what nginx does is in tests/trust/test_scale.py)


def test_copies_and_processes_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = {shape: Runs([run_of(*[0.5] * (n + 1))]) for n, shape in enumerate(scale.SHAPES)}
    rows = scale._rows(runs)
    assert [row[0] for row in rows[:2]] == ["1 copie de 1 processus", "2 copies de 1 processus"]
    assert {len(row) for row in rows} == {6}
    copies, processes = scale._panel(runs).curves
    assert (copies.xs, copies.ys) == ([1, 2, 4], [0.5, 1, 1.5])
    assert (processes.xs, processes.ys) == ([1, 2, 4], [0.5, 2, 2.5])


def test_ports_of_copies_are_free_and_not_for_clients() -> None:
    with socket.create_server((LOOPBACK, scale.copies_of(1)[0].port)) as taken:
        copies = scale.copies_of(2)
        ports = {copy.port for copy in copies}
        assert len(ports) == 2
        assert taken.getsockname()[1] not in ports
    assert ports <= set(scale.STEADY_PORTS)
    given = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert max(scale.STEADY_PORTS) < int(given[0])


def test_a_copy_comes_back_where_it_was() -> None:
    [copy] = scale.copies_of(1)
    try:
        for _ in range(2):
            server = copy.start()
            assert server.port == copy.port
            assert server.ask("GET", "/sante")[0] == 200
            copy.stop()
            assert server.code == 0
    finally:
        copy.stop()


def test_the_measure_of_copies_works_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "SHAPES", ((2, 1), (1, 2)))
    [section], [lost], [panel] = scale.measure(0.4, 1)
    assert (lost.measured, lost.is_met) == (0, True)
    assert sum(line.startswith("|") for line in section.lines) == 4
    assert [len(curve.xs) for curve in panel.curves] == [1, 1]
