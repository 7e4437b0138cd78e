"""Clients that cost little: bytes made beforehand, plain sockets, in a process of their own.

A crowd asks in a closed loop (each client waits for its answer, then asks again) or at a pace of
its own; times of the latter count from when a request was due. Every letter differs from every
other. Limits: HTTP/1.1, answers that say their length or end with the connection; on two cores the
clients take a share of what the server could have, which is told (`Run.client_cpu`).
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from statistics import mean, median, quantiles
from urllib.parse import urlencode

from tests import load
from tests.load import LOOPBACK, NO_ANSWER, PATIENCE, SLUGS, Answer, Request
from tests.load.overload import PAGES, PDFS, SERVED, TEXTS, judge

AGAIN = 1.0  # seconds before a client who was refused asks again, sooner than it is asked to
MIXED = "PDF, mélange"
HOME, FORM, LETTER_PAGE, TEXT = "accueil", "formulaire", "page de la lettre", "texte"
HTML = b"<!doctype html>"

KINDS: dict[str, Callable[[int], Request]] = {
    PDFS: lambda number: load.letter(number, SLUGS[number % len(SLUGS)], "pdf", load.PDF),
    MIXED: load.pdf,  # large print, slips and zips too, as script/overload asks for
    PAGES: load.page,
    TEXTS: load.text,  # the text to download and the result page, in turn
    HOME: lambda _: Request("/fr/", start=HTML),
    FORM: lambda number: Request(f"/fr/lettres/{SLUGS[number % len(SLUGS)]}", start=HTML),
    LETTER_PAGE: lambda number: load.letter(number, SLUGS[number % len(SLUGS)], "preview", HTML),
    TEXT: lambda number: load.letter(number, SLUGS[number % len(SLUGS)], "text"),
}


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server answers on this machine; `certificate` is a file, empty without TLS."""

    port: int
    name: str = "localhost"
    certificate: str = ""

    def open(self) -> socket.socket:
        line = socket.create_connection((LOOPBACK, self.port), PATIENCE)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.certificate:
            return line
        trust = ssl.create_default_context(cafile=self.certificate)
        return trust.wrap_socket(line, server_hostname=self.name)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Clients who all want the same kind of thing; `pace` is that of each, None in a closed loop.

    A pace is in requests a second. `stays`: a client keeps its connection if the server does.
    `again`: seconds before a client in a loop who was refused asks again.
    """

    kind: str
    clients: int
    pace: float | None = None
    stays: bool = False
    again: float = AGAIN


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of a request: `seconds` it took, `end` in seconds after the crowd began."""

    kind: str
    outcome: str
    seconds: float
    end: float


@dataclass(frozen=True, slots=True)
class Run:
    """What crowds saw in so many seconds, and the share of one core that they took."""

    seconds: float
    samples: Sequence[Sample]
    client_cpu: float

    def times(self, kind: str) -> list[float]:
        """Seconds of each that was served."""
        return [s.seconds for s in self.samples if (s.kind, s.outcome) == (kind, SERVED)]

    def rate(self, kind: str) -> float:
        """How many were served a second; those that came after the time was up do not count."""
        mine = (s for s in self.samples if (s.kind, s.outcome) == (kind, SERVED))
        return sum(s.end <= self.seconds for s in mine) / self.seconds

    def count(self, outcome: str) -> int:
        return sum(s.outcome == outcome for s in self.samples)


@dataclass(frozen=True, slots=True)
class Runs:
    """The same crowds several times, each time about as long."""

    each: Sequence[Run]

    def rate(self, kind: str) -> float:
        return mean(run.rate(kind) for run in self.each)

    def best_rate(self, kind: str) -> float:
        """That of the run which the rest of the machine slowed least."""
        return max(run.rate(kind) for run in self.each)

    def count(self, outcome: str) -> int:
        return sum(run.count(outcome) for run in self.each)

    def p50(self, kind: str) -> float:
        """The middle time, in milliseconds; nan if none was served."""
        times = self._times(kind)
        return median(times) * 1000 if times else float("nan")

    def p95(self, kind: str) -> float:
        """What 95 of 100 stay under, in milliseconds; nan if there are not two."""
        times = self._times(kind)
        enough = len(times) > 1
        return quantiles(times, n=20, method="inclusive")[-1] * 1000 if enough else float("nan")

    @property
    def client_cpu(self) -> float:
        return mean(run.client_cpu for run in self.each)

    def _times(self, kind: str) -> list[float]:
        return [seconds for run in self.each for seconds in run.times(kind)]


class Clients:
    """The process that the clients live in; `everybody` makes one."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self._first = 0

    def run(self, door: Door, seconds: float, *crowds: Crowd) -> Run:
        """Let crowds ask, all at the same time; returns when the last has its answer."""
        self._first += 1_000_000  # no letter comes twice
        return self._pool.submit(ask, door, seconds, crowds, self._first).result()


@contextmanager
def everybody() -> Iterator[Clients]:
    """Clients, until the end of the block."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield Clients(pool)


def ask(door: Door, seconds: float, crowds: Sequence[Crowd], first: int) -> Run:
    """What the crowds see who ask for letters from number `first` on."""
    numbers = {crowd.kind: count(first) for crowd in crowds}
    each = [crowd for crowd in crowds for _client in range(crowd.clients)]
    each.sort(key=lambda crowd: crowd.pace is None)
    paced = sum(crowd.pace is not None for crowd in each)
    cpu, started = time.process_time(), time.perf_counter()

    def one(place: int) -> list[Sample]:
        turns = count(place / max(1, paced))  # those who keep a pace do not all ask at once
        return [*_asked(door, each[place], numbers[each[place].kind], turns, started, seconds)]

    with ThreadPoolExecutor(len(each)) as pool:
        samples = [sample for some in pool.map(one, range(len(each))) for sample in some]
    share = (time.process_time() - cpu) / (time.perf_counter() - started)
    return Run(seconds, samples, share)


def _asked(
    door: Door,
    crowd: Crowd,
    numbers: Iterator[int],
    turns: Iterator[float],
    started: float,
    seconds: float,
) -> Iterator[Sample]:
    """What one client sees."""
    line = Line(door, stays=crowd.stays)
    for turn in turns:
        due = started + turn / crowd.pace if crowd.pace else time.perf_counter()
        if due >= started + seconds:
            break
        request = KINDS[crowd.kind](next(numbers))
        sent = message(request, door.name, stays=crowd.stays)
        time.sleep(max(0.0, due - time.perf_counter()))
        answer = line.ask(sent)
        end = time.perf_counter()
        outcome = judge(PDFS if crowd.kind == MIXED else crowd.kind, request, answer)
        taken = end - due if crowd.pace else answer.seconds
        yield Sample(crowd.kind, outcome, taken, end - started)
        if not crowd.pace and outcome != SERVED:
            time.sleep(max(0.0, min(crowd.again, started + seconds - end)))
    line.close()


def message(request: Request, host: str, *, stays: bool = False) -> bytes:
    """The request as it travels."""
    body = urlencode(request.fields).encode() if request.fields else b""
    lines = [
        f"{'POST' if body else 'GET'} {request.path} HTTP/1.1",
        f"Host: {host}",
        f"Connection: {'keep-alive' if stays else 'close'}",
    ]
    if body:
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Line:
    """A client's connection, opened when it is needed."""

    def __init__(self, door: Door, *, stays: bool = False) -> None:
        self.door, self.stays = door, stays
        self.socket: socket.socket | None = None

    def ask(self, sent: bytes) -> Answer:
        """Send a request and take in the answer; a broken line is an answer too."""
        started = time.perf_counter()
        try:
            self.socket = self.socket or self.door.open()
            self.socket.sendall(sent)
            status, headers, body = read_answer(self.socket)
        except (OSError, ValueError):
            self.close()
            return Answer(NO_ANSWER, time.perf_counter() - started)
        if not self.stays or headers.get("Connection", "").lower() == "close":
            self.close()
        return Answer(status, time.perf_counter() - started, headers, body)

    def close(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = None


def read_answer(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body. Raises ValueError for what is no whole answer, OSError."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        if not (more := line.recv(65536)):
            raise ValueError("no whole head")
        received += more
    first, *rest = received[:end].decode("latin-1").split("\r\n")
    headers = dict(header.split(": ", 1) for header in rest)
    pieces, length = [received[end + 4 :]], headers.get("Content-Length")
    missing = float("inf") if length is None else int(length) - len(pieces[0])
    while missing > 0 and (more := line.recv(65536)):
        pieces.append(more)
        missing -= len(more)
    if length is not None and missing:
        raise ValueError("no whole body")
    return int(first.split()[1]), headers, b"".join(pieces)
