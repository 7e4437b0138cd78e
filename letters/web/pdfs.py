"""PDFs made for visitors: a few at a time, and whether they can be made at all.

A PDF takes a core for as long as it is drawn, and `render.pdf` draws one at a time in a process.
So only `slots` of them are made or wait in one process; one more is refused at once (503), and
the threads left over go on answering with pages and texts. These come first: one thread draws all
PDFs, and the system lets every other one pass (measured: bench/RESULTS.md). It is also the only
one that needs the memory of a drawing. A process where Pango, WeasyPrint or the font is missing
serves all the rest.
"""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import BoundedSemaphore, Lock

from flask import Flask, current_app
from werkzeug.exceptions import ServiceUnavailable

from letters.model import Letter
from letters.render.font import FontError, check_font

RETRY_AFTER = 5  # seconds
NICE = 10  # below the other threads, which get nine times as much of a core


class Printer:
    """The PDFs of one process: its slots, its thread, and whether the last could be drawn."""

    def __init__(self, slots: int) -> None:
        self.works = True
        self._slots = BoundedSemaphore(slots)
        self._thread = _one_thread()
        self._lock = Lock()
        self._board: bytearray | memoryview = bytearray(1)
        self._place = 0

    def take_place(self, board: memoryview, place: int) -> None:
        """Count the PDFs of this process at its place on the board that all processes share."""
        self._board, self._place = board, place

    @property
    def is_busier(self) -> bool:
        """Whether some other process has fewer PDFs to make: it should take who comes next."""
        return self._board[self._place] > min(self._board)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot. Raises ServiceUnavailable if all are taken."""
        if not self._slots.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=RETRY_AFTER)
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)
            self._slots.release()

    def _count(self, more: int) -> None:
        with self._lock:
            self._board[self._place] += more

    def draw(self, make: Callable[..., bytes], letter: Letter, *, large: bool) -> bytes:
        """What `make` draws in the thread of all PDFs. Raises what it raises, RuntimeError."""
        try:
            drawing = self._thread.submit(make, letter, large=large)
        except RuntimeError:  # the system has no thread left: the letter must not wait for one
            self._thread = _one_thread()
            raise
        return drawing.result()


def _one_thread() -> ThreadPoolExecutor:
    """It starts when first used: a server makes its processes before that."""
    return ThreadPoolExecutor(1, "printer", _let_others_pass)


def _let_others_pass() -> None:
    if sys.platform == "linux":  # elsewhere a priority is that of the whole process
        with suppress(OSError):  # forbidden: pages are slower while PDFs are made, no more
            os.nice(NICE)  # of this thread


def init_app(app: Flask, slots: int) -> None:
    """Give `app` its slots."""
    app.extensions["printer"] = Printer(slots)


def printer() -> Printer:
    """The printer of the running application."""
    found: Printer = current_app.extensions["printer"]
    return found


def slot() -> AbstractContextManager[None]:
    """A slot for as long as PDFs are made. Raises ServiceUnavailable if all are taken."""
    return printer().slot()


def draw(letter: Letter, *, slip: bool = False, large: bool = False) -> bytes:
    """The PDF of a letter, or of what to say aloud; to be called while holding a slot."""
    try:
        # Imported here: text and pages go on working in a process without Pango.
        from letters.render import pdf

        make = pdf.slip if slip else pdf.pdf
        body = printer().draw(make, letter, large=large)
    except Exception:
        printer().works = False
        raise
    printer().works = True
    return body


def work() -> bool:
    """Whether PDFs can be made, as far as is known without making one."""
    try:
        check_font()
    except FontError:
        return False
    return printer().works and _engine_loads()


def _engine_loads() -> bool:
    try:
        from letters.render import pdf  # noqa: F401
    except Exception:
        return False
    return True
