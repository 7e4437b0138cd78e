"""How gunicorn serves Droit de plume, by script/server or on a host.

HOST, PORT (127.0.0.1:8000) and WEB_CONCURRENCY (2 processes) come from the
environment. Nothing about a visitor is written anywhere.
"""

import gc
import logging
import os
import traceback

from letters.render import pdf

host = os.environ.get("HOST", "127.0.0.1")
port = os.environ.get("PORT", "8000")
bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

# Writing a PDF takes a core: one process each. The threads are for those who are
# slow: with one request a process, two idle connections (browsers open some in
# advance) would stop the site. No keep-alive: it would pile visitors up on one
# process. No max_requests: memory stays flat, and a worker that starts anew would
# make someone wait.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
keepalive = 0
preload_app = True

# The longest letter takes about a second; the rest is for a slow line, since
# a process is held for as long as one request comes in.
timeout = 20
graceful_timeout = 10

# The only URLs are ours and short; what people write comes in bodies, whose
# size the application limits. Header size stays at gunicorn's default: on
# localhost, browsers send the cookies of every other project.
limit_request_line = 2048
limit_request_fields = 64

# No access log. At "warning", gunicorn writes the address of whoever sends a
# malformed request.
accesslog = None
errorlog = "-"
loglevel = "error"

# Whether to believe a proxy is the application's setting, and only its.
forwarded_allow_ips = ""
secure_scheme_headers = {}

# A running server takes no orders but signals.
control_socket_disable = True

# Workers give signs of life through a file: in memory, a slow disk cannot make
# them look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


class WithoutValues(logging.Formatter):
    """Says where an exception came from, not its message.

    `int("...")` and its like put what someone typed into their message.
    """

    def formatException(self, ei):  # noqa: N802 - logging's name
        """Keep the places and the type."""
        kind, _, trace = ei
        return "".join(traceback.format_tb(trace)) + getattr(kind, "__name__", "")


def when_ready(server):
    """Before the first worker: warm up, share memory, keep values out of the log, say hello."""
    for handler in server.log.error_log.handlers:
        handler.setFormatter(WithoutValues(server.log.error_fmt, server.log.datefmt))
    pdf.warm_up()
    for listener in server.LISTENERS:
        print(f"Droit de plume : {listener} (Ctrl+C pour arrêter)", flush=True)
    # Objects made so far stay out of the collector's sight: workers do not
    # touch their pages, so the memory goes on being shared.
    gc.collect()
    gc.freeze()
