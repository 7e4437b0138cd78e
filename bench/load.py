"""Letters of invented people, and clients who ask a server of ours for them, on this machine.

One generator for the serving measure, the endurance and the overload: threads with plain sockets,
a new connection for each request. A client asks again when it has its answer, or at a pace of its
own, and then its times count from when a request was due. Limits: the clients share the cores with
the server; they know a port and no host, and can speak to nothing but this machine.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlencode

from bench.timing import p95
from letters.catalogue import load_catalogue
from letters.facts import load_facts

PATIENCE = 60.0  # seconds before a request without an answer is given up
WORDINGS = tuple(load_catalogue(load_facts()).wordings.values())
SLUGS = tuple(wording.slug for wording in WORDINGS)
SPOKEN = tuple(wording.slug for wording in WORDINGS if wording.spoken)
PATHS = ("/fr/", *(f"/fr/lettres/{slug}" for slug in SLUGS), "/fr/comprendre", "/fr/aide")
PERSON = {
    "given_name": "Camille",
    "family_name": "Le Goff-Durand",
    "birth_date": "03/03/1958",
    "postal_code": "29200",
    "city": "Brest",
    "recipient": "01291",
    "first_letter": SLUGS[0],
    "sent_on": "01/10/2025",
    "channel": "post",
    "outcome": "silence",
    "reason": "Des données sur moi ont déjà fui.\nJe souhaite que cela n’arrive plus.",
}
HTML, PDF, ZIP = b"<!doctype html>", b"%PDF-", b"PK\x03\x04"
SERVED, REFUSED, LOST = "servi", "refusé", "perdu"


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for, and how a right answer begins."""

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    start: bytes = b""


def letter(number: int, output: str, start: bytes = b"", **more: str) -> Request:
    """A letter that differs from every other by its number: nothing can be kept and shown again."""
    slug = more.pop("slug", SLUGS[number % len(SLUGS)])
    fields = {**PERSON, "address_line1": f"{number} rue de l’Essai", "output": output, **more}
    return Request(f"/fr/lettres/{slug}", fields, start)


def mixed(number: int) -> Request:
    """Every letter in turn; one of five in large print, some to say aloud, now and then a zip."""
    if number % 50 == 49:
        return letter(number, "bundle", ZIP, slug=SLUGS[0], also=SLUGS[1])
    if number % 10 == 7:
        return letter(number, "slip", PDF, slug=SPOKEN[number % len(SPOKEN)])
    return letter(number, "pdf", PDF, large="1" if number % 5 == 2 else "")


PDFS, MIXED, PAGES, TEXTS = "PDF", "PDF de toutes sortes", "pages", "textes"
KINDS: dict[str, Callable[[int], Request]] = {
    PDFS: lambda number: letter(number, "pdf", PDF),
    MIXED: mixed,
    PAGES: lambda number: Request(PATHS[number % len(PATHS)], start=HTML),
    TEXTS: lambda number: letter(number // 2, *(("text",), ("preview", HTML))[number % 2]),
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """Clients who all want the same kind of thing.

    `pace`: requests a second of each, None if it asks when it has its answer. `again`: seconds
    before one who was refused asks again.
    """

    kind: str
    clients: int
    pace: float | None = None
    again: float = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of a request, the seconds it took and when it ended."""

    kind: str
    outcome: str
    seconds: float
    end: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """What crowds saw in so many seconds."""

    seconds: float
    samples: Sequence[Sample]

    def rate(self, kind: str) -> float:
        """How many were served a second; those that came after the time was up do not count."""
        return sum(s.end <= self.seconds for s in self.of(kind)) / self.seconds

    def of(self, kind: str, outcome: str = SERVED) -> list[Sample]:
        return [s for s in self.samples if (s.kind, s.outcome) == (kind, outcome)]

    def count(self, outcome: str) -> int:
        return sum(sample.outcome == outcome for sample in self.samples)

    def p50(self, kind: str) -> float:
        """The middle time, in milliseconds."""
        return median([s.seconds * 1000 for s in self.of(kind)] or [float("nan")])

    def p95(self, kind: str) -> float:
        """What 95 of 100 stay under, in milliseconds."""
        return p95([s.seconds * 1000 for s in self.of(kind)])


_numbers = count(1)  # no letter comes twice


def run(port: int, seconds: float, *crowds: Crowd) -> Run:
    """Let crowds ask, all at the same time; returns when the last has its answer."""
    everybody = [(c, n) for c in crowds for n in range(c.clients)]
    started = perf_counter()

    def client(crowd: Crowd, place: int) -> list[Sample]:
        seen: list[Sample] = []
        for turn in count():
            due = perf_counter()
            if crowd.pace:  # they do not all ask at once
                due = started + (turn + place / crowd.clients) / crowd.pace
            if due >= started + seconds:
                return seen
            sleep(max(0.0, due - perf_counter()))
            outcome = ask(port, crowd.kind)
            end = perf_counter()
            seen.append(Sample(crowd.kind, outcome, end - due, end - started))
            if outcome != SERVED and not crowd.pace:
                sleep(max(0.0, min(crowd.again, started + seconds - end)))
        raise AssertionError  # `count` has no end

    with ThreadPoolExecutor(len(everybody)) as pool:
        found = pool.map(client, *zip(*everybody, strict=True))
        return Run(seconds, [sample for some in found for sample in some])


def at_once(port: int, clients: int, kind: str = PDFS) -> list[str]:
    """What becomes of so many who press at the same moment."""
    gate = threading.Barrier(clients)

    def press(_: int) -> str:
        gate.wait()
        return ask(port, kind)

    with ThreadPoolExecutor(clients) as pool:
        return [*pool.map(press, range(clients))]


def ask(port: int, kind: str) -> str:
    """Ask for the next of a kind: served; refused as agreed, which only a PDF may be; or lost."""
    request = KINDS[kind](next(_numbers))
    try:
        status, headers, body = answer(port, request)
    except (OSError, ValueError):
        return LOST
    if status == 200 and body[: len(request.start)].lower() == request.start.lower():
        return SERVED
    says_when = b"\r\nretry-after: " in headers.lower()
    agreed = status == 503 and says_when and b'<html lang="fr"' in body
    return REFUSED if agreed and kind in {PDFS, MIXED} else LOST


def answer(port: int, request: Request) -> tuple[int, bytes, bytes]:
    """Status, head and body. Raises OSError, or ValueError for what is no whole answer."""
    body = urlencode(request.fields).encode()
    head = f"{'POST' if body else 'GET'} {request.path} HTTP/1.1\r\nHost: localhost\r\n"
    head += "Connection: close\r\n"
    if body:
        head += "Content-Type: application/x-www-form-urlencoded\r\n"
        head += f"Content-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(f"{head}\r\n".encode() + body)
        received = b"".join(iter(lambda: line.recv(65536), b""))
    head_got, _, content = received.partition(b"\r\n\r\n")
    length = head_got.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    if not length or int(length) != len(content):
        raise ValueError("no whole answer")
    return int(head_got.split(maxsplit=2)[1]), head_got, content
