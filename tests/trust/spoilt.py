"""The real application with faults, for gunicorn to load in the place of `app:create_app()`.

What goes wrong depends on the first name that is typed, or on the address that is asked for; all
else is as it should be. A fault puts all that it knows into its message, as the worst one would.
Where one part must wait for another, it waits for a file in the folder that SPOILT_FOLDER names:
no test depends on time.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask, Response

from app import create_app

CRASH = "Accidentine"  # while the letter is composed
NO_PDF = "Pannette"  # the engine raises
DEATH = "Mortimer"  # the process is killed while the PDF is drawn
WAIT = "Patience"  # the PDF is held up until `OPEN` is there; `HELD` tells that it is
OPEN, HELD = "open", "held"
OUTSIDE = "/en-dehors"  # raises outside Flask
HALF_WAY = "/a-moitie"  # raises once the answer has begun
BAD_HEADER = "/en-tete"  # gives a header that no answer can have
LARGE = "/grand"  # more than the system's buffers take in
LARGE_BYTES = 16 << 20


def spoilt() -> Flask:
    """The application, faults included; the worker's patience is that of SPOILT_…"""
    app = create_app()
    _spoil_the_letters()
    app.wsgi_app = _spoil_the_answers(app.wsgi_app)  # type: ignore[method-assign]
    worker = sys.modules.get("deploy.worker")
    for name in ("RECEIVING", "SENDING"):  # seconds
        if seconds := os.environ.get(f"SPOILT_{name}"):
            setattr(worker, name, float(seconds))
    return app


def talkative() -> Flask:
    """The same with every logger open, on stderr."""
    app = spoilt()
    logging.basicConfig(level=logging.DEBUG)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(logging.DEBUG)
    return app


def ended_at_once(moment: str) -> Flask:
    """The application, whose first process is asked to end while it starts; answers say whose."""
    app, first = create_app(), [True]
    worker = sys.modules["deploy.worker"].Worker
    begin = worker.init_process

    def end(now: str) -> None:
        if first[0] and now == moment:
            os.kill(os.getpid(), signal.SIGTERM)

    os.register_at_fork(
        after_in_parent=lambda: first.__setitem__(0, False), after_in_child=lambda: end("fork")
    )
    worker.init_process = lambda self: (end("start"), begin(self))

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-First"] = str(first[0])
        return response

    return app


def _fail(*everything: object) -> NoReturn:
    # A mistake in a call of the log, which logging would tell with all the arguments.
    logging.getLogger("spoilt").error("%d", everything)
    raise ValueError(f"invalid literal: {everything}")


def _spoil_the_letters() -> None:
    from letters.render import pdf
    from letters.web import outputs

    compose, draw = outputs.compose, pdf._draw

    def spoilt_compose(wording: Any, request: Any, today: Any) -> Any:
        if request.sender.given_name == CRASH:
            _fail(request)
        return compose(wording, request, today)

    def spoilt_draw(source: str, tries: Any) -> bytes:
        if NO_PDF in source:
            _fail(source)
        if DEATH in source:
            os.kill(os.getpid(), signal.SIGKILL)
        if WAIT in source:
            _wait()
        return draw(source, tries)

    outputs.compose = spoilt_compose
    pdf._draw = spoilt_draw


def _wait() -> None:
    folder = Path(os.environ["SPOILT_FOLDER"])
    (folder / HELD).touch()
    while not (folder / OPEN).exists():
        time.sleep(0.01)


def _spoil_the_answers(real: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == OUTSIDE:
            _fail(environ)
        if path not in {HALF_WAY, BAD_HEADER, LARGE}:
            return real(environ, start)
        value = f"{environ['QUERY_STRING']}\r\nX: x" if path == BAD_HEADER else "x"
        start("200 OK", [("Content-Type", "text/plain"), ("X-Spoilt", value)])
        return _half(environ) if path == HALF_WAY else [bytes(LARGE_BYTES)]

    return answer


def _half(environ: dict[str, Any]) -> Iterable[bytes]:
    yield b"beginning"
    _fail(environ)
