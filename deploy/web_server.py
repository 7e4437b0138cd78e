"""waitress, as this site is served: who comes in, for how long, and what waitress answers itself.

It receives requests and sends answers in its own loop, so that slow clients hold no thread; only a
whole request gets one. Limits: whoever opens more than `MOST_CLIENTS` connections keeps others out
for `RECEIVING` seconds, which a proxy in front bears better.
"""

import resource
import signal
import socket
import time
from typing import Any

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import Task

from letters.web.errors import LAST_RESORT, LAST_RESORT_NO_ADDRESS, LAST_RESORT_TOO_LONG
from letters.web.headers import EVERY_ANSWER

RECEIVING = 20  # seconds for a whole request to come, and for a silent client
ENDING = 25.0  # seconds for what is under way when the site stops
HEAD = 64 * 1024  # bytes: on localhost, browsers send the cookies of every other project
BODY = 256 * 1024  # bytes received, so that the application's own page can refuse what is too long
NO_FILE = 1 << 30  # bytes until waitress would write what it holds to the disk
READERS = 4  # threads besides those of people who wait for a PDF
MOST_CLIENTS = 500  # connections at a time; each takes one of the files that we may open


class Answer(Task):  # type: ignore[misc]  # waitress has no types
    """What waitress answers by itself, to a request that it cannot read or a fault: our page."""

    complete = True

    def execute(self) -> None:
        code = self.request.error.code
        pages = {413: LAST_RESORT_TOO_LONG, 500: LAST_RESORT}
        body = pages.get(code, LAST_RESORT_NO_ADDRESS).encode()
        self.status = f"{code} {self.request.error.reason}"
        self.response_headers.extend(EVERY_ANSWER.items())
        self.response_headers.append(("Cache-Control", "no-store"))
        self.response_headers.append(("Content-Type", "text/html; charset=utf-8"))
        self.response_headers.append(("Connection", "close"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Incoming(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way, which knows since when."""

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.since = time.time()


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection."""

    parser_class = Incoming
    error_task_class = Answer

    @property
    def is_at_work(self) -> bool:
        return bool(self.requests or self.request or self.total_outbufs_len)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """waitress, with an end to requests that never come whole, and to itself."""

    channel_class = Channel

    def __init__(self, app: Flask, listener: socket.socket, threads: int) -> None:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_CLIENTS if files == resource.RLIM_INFINITY else min(MOST_CLIENTS, files // 2)
        adjustments = Adjustments(
            threads=threads + READERS,
            ident=None,
            connection_limit=most,
            asyncore_use_poll=True,
            channel_timeout=RECEIVING,
            cleanup_interval=1,
            max_request_header_size=HEAD,
            max_request_body_size=BODY,
            inbuf_overflow=NO_FILE,
            outbuf_overflow=NO_FILE,
            clear_untrusted_proxy_headers=False,  # the application's setting says whom to believe
        )
        self._end = 0.0
        super().__init__(app, _sock=listener, adj=adjustments, bind_socket=False)

    @property
    def url(self) -> str:
        host = f"[{self.effective_host}]" if ":" in self.effective_host else self.effective_host
        return f"http://{host}:{self.effective_port}"

    def maintenance(self, now: float) -> None:
        """Cut off who is silent, as waitress does, and who sends a byte from time to time."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.request and channel.request.since < now - RECEIVING:
                channel.will_close = True

    def end(self, *_: Any) -> None:
        """Let nobody in any more, and finish what is under way; a second Ctrl+C does not wait."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        self._end = time.monotonic() + ENDING
        self.pull_trigger()

    def run(self) -> None:
        """Serve until `end`, then at most `ENDING` seconds more."""
        while not self._end:
            self._turn()
        self.asyncore.dispatcher.close(self)  # the door; the trigger is still needed
        while time.monotonic() < self._end:
            for channel in list(self.active_channels.values()):
                channel.will_close = channel.will_close or not channel.is_at_work
            if not self.active_channels:
                break
            self._turn()

    def _turn(self) -> None:
        self.asyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)
