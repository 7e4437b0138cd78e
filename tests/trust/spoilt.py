"""The real server with faults: `python -m tests.trust.spoilt`.

What goes wrong depends on the first name that is typed, or on the address that is asked for; all
else is as it should be. A fault puts all that it knows into its message, as the worst one would.
Where one part must wait for another, it waits for a file in the folder that SPOILT_FOLDER names:
no test depends on time. SPOILT_DRAWING, SPOILT_RECEIVING and SPOILT_ENDING are the server's
patience, in seconds; SPOILT_LOGS opens every log.
"""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask

from app import create_app
from deploy import serve, web_server

CRASH = "Accidentine"  # while the letter is composed
NO_PDF = "Pannette"  # the engine raises
DEATH = "Mortimer"  # the process that draws is killed
ENDLESS = "Sempiterna"  # the PDF never comes to an end
WAIT = "Patience"  # the PDF is held up until `OPEN` is there; `HELD` tells that it is
OPEN, HELD = "open", "held"
OUTSIDE = "/en-dehors"  # raises outside Flask
HALF_WAY = "/a-moitie"  # raises once the answer has begun
LARGE = "/grand"  # more than the system's buffers take in, or with a question, than waitress's
LARGE_BYTES = 16 << 20


def spoilt() -> Flask:
    """The application, faults included."""
    app = create_app()
    _spoil_the_letters()
    app.wsgi_app = _spoil_the_answers(app.wsgi_app)  # type: ignore[method-assign]
    if "SPOILT_LOGS" in os.environ:
        for name in (None, *logging.root.manager.loggerDict):
            logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger("spoilt").debug("every log is open")
    return app


def _fail(*everything: object) -> NoReturn:
    # A mistake in a call of the log, which logging would tell with all the arguments.
    logging.getLogger("spoilt").error("%d", everything)
    raise ValueError(f"invalid literal: {everything}")


def _spoil_the_letters() -> None:
    from letters.web.form import request as asked

    compose = asked.compose

    def spoilt_compose(wording: Any, request: Any, today: Any) -> Any:
        if request.sender.given_name == CRASH:
            _fail(request)
        return compose(wording, request, today)

    asked.compose = spoilt_compose


def _spoil_the_drawing() -> None:
    from letters.render import pdf

    draw = pdf._draw

    def spoilt_draw(source: str, tries: Any) -> bytes:
        if NO_PDF in source:
            _fail(source)
        if DEATH in source:
            os.kill(os.getpid(), signal.SIGKILL)
        while ENDLESS in source:
            pass
        if WAIT in source:
            _wait()
        return draw(source, tries)

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
        if path not in {HALF_WAY, LARGE}:
            return real(environ, start)
        start("200 OK", [("Content-Type", "text/plain")])
        many = 3 if environ["QUERY_STRING"] else 1
        return _half(environ) if path == HALF_WAY else [bytes(LARGE_BYTES)] * many

    return answer


def _half(environ: dict[str, Any]) -> Iterable[bytes]:
    yield b"beginning"
    _fail(environ)


if __name__ == "__main__":
    serve.DRAWING = float(os.environ.get("SPOILT_DRAWING", serve.DRAWING))
    web_server.RECEIVING = int(os.environ.get("SPOILT_RECEIVING", web_server.RECEIVING))
    web_server.ENDING = float(os.environ.get("SPOILT_ENDING", web_server.ENDING))
    serve.main(spoilt)
if __name__ == "__mp_main__":  # a process that draws
    _spoil_the_drawing()
