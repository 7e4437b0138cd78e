"""Serve Droit de plume: `python -m deploy.serve`, by script/server, systemd or a container.

HOST, PORT (127.0.0.1:8000) and WEB_CONCURRENCY (PDF processes; as many as cores) come from the
environment; a wrong one stops the program with one sentence. This process answers pages, texts and
files; waitress receives requests and sends answers in its own loop, so that slow clients hold no
thread. PDFs are drawn in a pool of processes (pebble), each of which gets a letter and nothing
else. Nothing about a visitor is written anywhere. Without what PDFs need (Pango, WeasyPrint, the
font) pages and texts are served all the same.
"""

import errno
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import forkserver, get_context
from threading import Lock
from typing import TYPE_CHECKING

from pebble import ProcessPool

from letters.model import Letter
from letters.render import press
from letters.trace import described

if TYPE_CHECKING:
    from flask import Flask

DRAWING = 20.0  # seconds for a PDF: one takes a tenth, or two in the worst case


def main(make_app: "Callable[[], Flask] | None" = None) -> None:
    """Serve until SIGTERM or Ctrl+C. Ends the program with a sentence when something is wrong."""
    # Here: each process that draws reads the top of this file, and has no use for them.
    from app import create_app
    from deploy.web_server import Server
    from letters.web.pages import specimens

    write_only_what_may_be_said()
    listener = listening(os.environ.get("HOST") or "127.0.0.1", _number("PORT", 8000, range(65536)))
    tempfile.tempdir = _folder()
    pool = Pool(_number("WEB_CONCURRENCY", min(8, os.cpu_count() or 2), range(1, 1000)))
    try:
        app = (make_app or create_app)()
        queue = app.extensions["pdf_queue"]
        queue.press = pool
        queue.works = _pdfs_work(pool, specimens.warm_up(app))
        server = Server(app, listener, threads=app.extensions["site"].settings.pdf_slots)
        signal.signal(signal.SIGTERM, server.end)
        signal.signal(signal.SIGINT, server.end)
        _say(1, f"Droit de plume : {server.url} (Ctrl+C pour arrêter)")
        server.run()
    finally:
        pool.stop()


def _number(name: str, default: int, allowed: range) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) in allowed):
        sentence = "de 0 à 65535" if name == "PORT" else "à partir de 1"
        sys.exit(f"{name} doit être un nombre {sentence}, et non « {text} ».")
    return int(text)


def listening(host: str, port: int) -> socket.socket:
    """The open door; ends the program with a sentence when there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server((host, port), family=family, dualstack_ipv6=both)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(
                f"Le port {port} est déjà pris : arrêtez l’autre programme, "
                f"ou choisissez-en un autre (PORT={port + 1} script/server)."
            )
        if error.errno == errno.EACCES:
            sys.exit(f"Le port {port} est réservé au système : choisissez-en un à partir de 1024.")
        sys.exit(f"L’adresse « {host} » n’est pas de cette machine : corrigez HOST.")


def _folder() -> str:
    """Where the processes find each other: in memory, since a disk may be full or read-only."""
    for folder in (os.environ.get("TMPDIR"), "/dev/shm"):  # noqa: S108
        if folder and os.access(folder, os.W_OK):
            return folder
    with suppress(OSError):
        return tempfile.gettempdir()
    sys.exit("Aucun dossier temporaire ne peut être écrit : donnez accès à /dev/shm ou à /tmp.")


def _pdfs_work(pool: "Pool", letter: Letter) -> bool:
    try:
        pool(letter, False, False)
    except Exception as error:
        reason = error.reason if isinstance(error, press.PressError) else type(error).__name__
        _say(
            2,
            f"Les PDF ne peuvent pas être fabriqués ({reason}) : lancez "
            "« script/setup », puis redémarrez. Les pages et les textes sont servis.",
        )
        return False
    return True


def _say(stream: int, sentence: str) -> None:
    """Write a line; not by `print`, whose failure (full disk) would come back at the end."""
    with suppress(OSError):
        os.write(stream, f"{sentence}\n".encode())


class Pool:
    """Draws letters, each in one of `size` processes that do nothing else.

    They come from a forkserver, which has neither our doors nor our threads. One that takes more
    than `DRAWING` seconds is killed, one that dies replaced; the others do not notice.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, Lock()
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["deploy.pdf_process"])
        forkserver.ensure_running()  # it loads while this process does
        self._pool = self._new()

    def __call__(self, letter: Letter, spoken: bool, large: bool) -> bytes:
        """The PDF of a letter. Raises PressError, TimeoutError, pebble.ProcessExpired."""
        try:
            return self._schedule(letter, spoken, large).result()
        except BrokenProcessPool:  # a process died that had no letter, and pebble gives all up
            return self._schedule(letter, spoken, large).result()

    def _schedule(self, *letter: object) -> "Future[bytes]":
        with self._lock:
            if not self._pool.active:
                self.stop()
                self._pool = self._new()
            return self._pool.schedule(press.draw, letter, timeout=DRAWING)

    def _new(self) -> ProcessPool:
        return ProcessPool(self._size, context=self._context)

    def stop(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def write_only_what_may_be_said() -> None:
    """Errors on stderr, by type and place, whoever tells them; a log that is full stops nothing."""
    logging.raiseExceptions = False
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutValues("[%(asctime)s] %(levelname)s: %(message)s"))
    # waitress's own words may hold an address or a path: only its exceptions are told.
    handler.addFilter(lambda said: bool(said.exc_info) or not said.name.startswith("waitress"))
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.ERROR)


class WithoutValues(logging.Formatter):
    """Says where an exception came from, in the place of a message that may hold anything."""

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            record.msg, record.args = described(record.exc_info[1]), ()
            record.exc_info = record.exc_text = None
        return super().format(record)


if __name__ == "__main__":
    main()
