"""What the soak and the overload share: letters of invented people, and a client for our server.

Used by `script/soak` and `script/overload`. The client knows a port and no host: it can speak to
nothing but this machine.
"""

import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from time import perf_counter
from urllib.parse import urlencode

from letters.catalogue import load_catalogue
from letters.facts import load_facts

LOOPBACK = "127.0.0.1"
PATIENCE = 60.0  # seconds before a request without an answer is given up
CLIENTS = 4  # as many PDFs as a process takes at a time: none is refused, whoever gets them
WORKERS = 2  # processes of the server, which has two by default
USAGE, STOPPED = 2, 130  # exit codes, as a shell's
NO_ANSWER = 0  # in place of a status

WORDINGS = tuple(load_catalogue(load_facts()).wordings.values())
SLUGS = tuple(wording.slug for wording in WORDINGS)
SPOKEN = tuple(wording.slug for wording in WORDINGS if wording.spoken)
PAGES = ("/fr/", *(f"/fr/lettres/{slug}" for slug in SLUGS), "/fr/comprendre", "/fr/aide")
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
PDF, ZIP = b"%PDF-", b"PK\x03\x04"


class StopError(Exception):
    """A script has to end early; the message is one French sentence."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for, and how a right answer begins."""

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    start: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` is `NO_ANSWER` if nothing did. `seconds` count from when due."""

    status: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def letter(number: int, slug: str, output: str, start: bytes = b"", **more: str) -> Request:
    """A letter that differs from every other by its number: nothing can be kept and shown again."""
    fields = {**PERSON, "address_line1": f"{number} rue de l’Essai", "output": output, **more}
    return Request(f"/fr/lettres/{slug}", fields, start)


def pdf(number: int) -> Request:
    """Every letter in turn; one of five in large print, some as a slip, now and then a zip."""
    slug = SLUGS[number % len(SLUGS)]
    if number % 50 == 49:
        return letter(number, SLUGS[0], "bundle", ZIP, also=SLUGS[1])
    if number % 10 == 7:
        return letter(number, SPOKEN[number % len(SPOKEN)], "slip", PDF)
    return letter(number, slug, "pdf", PDF, large="1" if number % 5 == 2 else "")


def page(number: int) -> Request:
    return Request(PAGES[number % len(PAGES)], start=b"<!doctype html>")


def text(number: int) -> Request:
    """The text to download and the result page, in turn."""
    output, start = (("text", b""), ("preview", b"<!doctype html>"))[number % 2]
    return letter(number, SLUGS[number // 2 % len(SLUGS)], output, start)


def ask(port: int, request: Request, due: float | None = None) -> Answer:
    """Ask our own server, on this machine; a broken line is an answer too."""
    due = perf_counter() if due is None else due
    body = urlencode(request.fields) if request.fields else None
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    with closing(HTTPConnection(LOOPBACK, port, timeout=PATIENCE)) as line:
        try:
            line.request("POST" if body else "GET", request.path, body, headers)
            response = line.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            return Answer(NO_ANSWER, perf_counter() - due)
    return Answer(response.status, perf_counter() - due, dict(response.getheaders()), content)


def is_right(request: Request, answer: Answer) -> bool:
    return answer.status == 200 and answer.body[: len(request.start)].lower() == (
        request.start.lower()
    )


def number_given(arguments: Sequence[str], usage: str, default: int, most: int) -> int:
    """The one number that a script takes; anything else ends it with its usage."""
    if not arguments:
        return default
    [text, *rest] = arguments
    if rest or not (text.isascii() and text.isdigit() and len(text) < 9 and 0 < int(text) <= most):
        print(usage, file=sys.stderr)
        sys.exit(USAGE)
    return int(text)


def end(work: Callable[[], list[str]]) -> None:
    """Run `work` and end the script with what it found wrong; Ctrl+C and SIGTERM end it too."""
    for sign in (signal.SIGINT, signal.SIGTERM):  # a shell has its background jobs ignore SIGINT
        signal.signal(sign, signal.default_int_handler)
    try:
        problems = work()
    except KeyboardInterrupt:
        print("Arrêté avant la fin.", file=sys.stderr)
        sys.exit(STOPPED)
    except StopError as error:
        problems = [str(error)]
    for problem in problems:
        print(f"Problème : {problem}")
    sys.exit(1 if problems else 0)
