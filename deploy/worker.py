"""How requests come in and what is logged of them: used by gunicorn.conf.py.

gunicorn's own threaded worker gives a thread to whoever connects, for as long as their request
takes to come: as many telephones on a bad line as there are threads, or one joker, stop the site.
Here the loop that accepts connections receives the requests as well, all of them at a time, and
only a whole one gets a thread. That loop also waits for clients to hang up, which gunicorn does
with everybody else waiting.

Built on gunicorn's own lists: `pending_conns` has those whose request is coming,
`keepalived_conns` those who have their answer, each in the order of their `timeout`; gunicorn
closes what is overdue. Limits: one request a connection (keepalive = 0), HTTP/1 without TLS;
whoever opens more connections than `worker_connections` keeps others out for `RECEIVING` seconds,
which a proxy in front bears better.
"""

import logging
import re
import socket
import time
import traceback
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ

from gunicorn import glogging, http
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import ThreadWorker

RECEIVING = 20.0  # seconds for a whole request, from the first connection on
SENDING = 20.0  # seconds for what the system's own memory does not take in of an answer
BUFFER = 212_992  # bytes of an answer that the system takes in: more than any of ours (tested)
GLANCE = 0.005  # seconds until a process looks again whether another has fewer PDFs to make
LINGERING = 2.0  # seconds for a client to hang up; one who is cut off may lose the answer
LONGEST = 64 * 1024  # bytes of a head, and of a body: more than the application reads (tested)
PIECE = 16 * 1024  # bytes received at a time
_LENGTH = re.compile(
    rb"^content-length:[ \t]*0*([0-9]{1,9})[ \t]*\r$", re.IGNORECASE | re.MULTILINE
)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_BARE = re.compile(rb"(?<!\r)\n")


def wanted(received, new):
    """How many bytes make up the request that has begun, whose last `new` have just come.

    None as long as its head is not whole; 0 if it is not to be waited for, since it will be refused
    unread: too long, a length said in no way we know, lines that end otherwise than HTTP's.
    """
    end = received.find(b"\r\n\r\n", max(0, len(received) - new - 3))
    if end < 0:
        refused = len(received) > LONGEST or _BARE.search(received, len(received) - new)
        return 0 if refused else None
    lengths = _LENGTH.findall(received, 0, end + 2)
    if len(lengths) != 1 or int(lengths[0]) > LONGEST:
        return 0
    return end + 4 + int(lengths[0])


class Worker(ThreadWorker):
    """Threads that no client can hold: they read from memory, and send for a time only."""

    printer = None  # the application's, which knows how many PDFs each process has to make

    def wait_for_and_dispatch_events(self, timeout):
        """Leave whoever comes to a process that has fewer PDFs to make."""
        if self.alive and self.printer and self.printer.is_busier:
            self.set_accept_enabled(False)  # until the loop's next turn
            timeout = GLANCE
        super().wait_for_and_dispatch_events(timeout)

    def enqueue_req(self, conn):
        """Receive the request of someone who has just connected, before a thread takes it."""
        conn.received, conn.wanted, conn.invited = bytearray(), None, False
        conn.sock.setblocking(False)
        self._await(conn, self.pending_conns, RECEIVING, self.on_pending_socket_readable)

    def on_pending_socket_readable(self, conn, client):
        """Take in what has come; hand the request over once it is whole."""
        more = _receive(client)
        if more is None:
            return
        conn.received += more
        if conn.wanted is None:
            conn.wanted = wanted(conn.received, len(more))
        if more and (conn.wanted is None or len(conn.received) < conn.wanted):
            self._invite(conn, client)
            return
        self._await_no_more(conn, self.pending_conns)
        if not more:  # gone before the end
            self._close(conn)
            return
        conn.parser = http.get_parser(self.cfg, [bytes(conn.received)], conn.client)
        conn.initialized = True  # the parser is made: the socket is not read from again
        del conn.received
        try:
            super().enqueue_req(conn)
        except RuntimeError:  # the system has no thread left
            self._close(conn)

    def _invite(self, conn, client):
        """Tell a client who asks whether to send its body that it may (Expect: 100-continue)."""
        if conn.wanted is None or conn.invited:
            return
        conn.invited = True
        if _EXPECTS.search(conn.received):
            with suppress(OSError):
                client.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def handle_request(self, req, conn):
        """Answer, as long as the client takes the answer in."""
        conn.sock.settimeout(SENDING)
        with suppress(OSError):  # of one who has gone: the answer will tell
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            return False

    def finish_request(self, conn, fs):
        """Say that the answer is over, and let the client hang up first."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:  # it already has
            self._close(conn)
            return
        self._await(conn, self.keepalived_conns, LINGERING, self._on_lingering_socket_readable)

    def _on_lingering_socket_readable(self, conn, client):
        if _receive(client) == b"":
            self._await_no_more(conn, self.keepalived_conns)
            self._close(conn)

    def _cap_keepalive(self, deadline):
        """A worker that ends lets nobody in, and has less patience with requests that come."""
        super()._cap_keepalive(deadline)
        for listener in self.sockets:
            listener.close()  # else people would wait in a line that nobody will see to
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _await(self, conn, waiting, patience, then):
        conn.timeout = time.monotonic() + patience
        waiting.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(then, conn))

    def _await_no_more(self, conn, waiting):
        self.poller.unregister(conn.sock)
        waiting.remove(conn)

    def _close(self, conn):
        self.nr_conns -= 1
        conn.close()

    def handle_error(self, req, client, addr, exc):
        """A French page that repeats nothing; gunicorn's own repeats what came, in English."""
        # Imported here: the application is there by now.
        from letters.web.headers import EVERY_ANSWER
        from letters.web.routes import LAST_RESORT, LAST_RESORT_NO_ADDRESS

        ours = isinstance(exc, InvalidResponseHeader | InvalidResponseHeaderName)
        unreadable = isinstance(exc, ParseException) and not ours
        if not unreadable:
            self.log.exception("Une réponse n’a pas pu être faite")
        status = "400 Bad Request" if unreadable else "500 Internal Server Error"
        body = (LAST_RESORT_NO_ADDRESS if unreadable else LAST_RESORT).encode()
        headers = {
            **EVERY_ANSWER,
            "Cache-Control": "no-store",
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
        try:
            client.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        except OSError:
            self.log.debug("The client has gone.")


def _receive(client):
    """What has come on a socket; b"" if it was the last, None if nothing has."""
    try:
        return client.recv(PIECE)
    except BlockingIOError:
        return None
    except OSError:
        return b""


class Log(glogging.Logger):
    """gunicorn's log, which never speaks of a visitor, whatever its options say.

    Below "error" it tells the address of whoever sends nonsense, and the nonsense. Some hosts
    turn the access log on for everybody (GUNICORN_CMD_ARGS).
    """

    def setup(self, cfg):
        """As the options say, but errors only, by type and place."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setLevel(logging.ERROR)
            handler.setFormatter(WithoutValues(self.error_fmt, self.datefmt))

    def access(self, resp, req, environ, request_time):
        """Nothing."""


class WithoutValues(logging.Formatter):
    """Says where an exception came from, not its message.

    `int("...")` and its like put what someone typed into their message.
    """

    def formatException(self, ei):  # noqa: N802 - logging's name
        """Keep the places and the type."""
        kind, _, trace = ei
        return "".join(traceback.format_tb(trace)) + getattr(kind, "__name__", "")
