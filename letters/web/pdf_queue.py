"""PDFs made for visitors: so many at a time, and whether they can be made at all.

A PDF takes a core for as long as it is drawn. So only `places` of them are made or wait; one more
is refused at once (503), while pages and texts go on. `press` draws: in this process for commands
and tests, in processes of their own on a server (deploy/serve.py). Where Pango or the font is
missing, all the rest is served.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import BoundedSemaphore, Lock, Timer

from flask import Flask, current_app
from werkzeug.exceptions import ServiceUnavailable

from letters.model import Letter
from letters.render import press
from letters.render.font import FontError, check_font

RETRY_AFTER = 5  # seconds
MINUTE = 60.0  # seconds over which refusals are counted, for one line in the log

Press = Callable[[Letter, bool, bool], bytes]  # of a letter: spoken? large?
_LOG = logging.getLogger(__name__)


class PdfQueue:
    """The places of an application, its press, and whether the last PDF could be drawn."""

    def __init__(self, places: int) -> None:
        self.press: Press = press.draw
        self.works = True
        self._places = BoundedSemaphore(places)
        self._refused, self._lock = 0, Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place. Raises ServiceUnavailable if all are taken."""
        if not self._places.acquire(blocking=False):
            self._count_refusal()
            raise ServiceUnavailable(retry_after=RETRY_AFTER)
        try:
            yield
        finally:
            self._places.release()

    def draw(self, letter: Letter, spoken: bool, large: bool) -> bytes:
        """The PDF of a letter. Raises what the press raises."""
        try:
            body = self.press(letter, spoken, large)
        except Exception:
            self.works = False
            raise
        self.works = True
        return body

    def _count_refusal(self) -> None:
        with self._lock:
            self._refused += 1
            if self._refused > 1:
                return
        timer = Timer(MINUTE, self._tell_refusals)
        timer.daemon = True
        timer.start()

    def _tell_refusals(self) -> None:
        with self._lock:
            count, self._refused = self._refused, 0
        _LOG.error("PDF refusés en une minute, faute de place : %s.", count)


def init_app(app: Flask, places: int) -> None:
    app.extensions["pdf_queue"] = PdfQueue(places)


def queue() -> PdfQueue:
    found: PdfQueue = current_app.extensions["pdf_queue"]
    return found


def place() -> AbstractContextManager[None]:
    """A place for as long as PDFs are made. Raises ServiceUnavailable if all are taken."""
    return queue().place()


def draw(letter: Letter, *, spoken: bool = False, large: bool = False) -> bytes:
    """The PDF of a letter, or of what to say aloud; to be called while holding a place."""
    return queue().draw(letter, spoken, large)


def work() -> bool:
    """Whether PDFs can be made, as far as is known without making one."""
    try:
        check_font()
    except FontError:
        return False
    return queue().works
