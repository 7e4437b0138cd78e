"""How gunicorn serves Droit de plume, by script/server or on a host.

HOST, PORT (127.0.0.1:8000) and WEB_CONCURRENCY (2 processes) come from the environment; a wrong
one stops the program with one sentence. Nothing about a visitor is written anywhere. Without what
PDFs need (Pango, WeasyPrint, the font) pages and texts are served all the same.
"""

import contextlib
import errno
import gc
import io
import logging
import mmap
import os
import resource
import signal
import socket
import sys
import tempfile

from deploy.worker import Log, Worker


def number(name, default, allowed, sentence):
    """The setting `name`, or the end of the program with `sentence`."""
    text = os.environ.get(name) or default
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) in allowed):
        sys.exit(f"{name} doit être un nombre {sentence}, et non « {text} ».")
    return int(text)


host = os.environ.get("HOST") or "127.0.0.1"
port = number("PORT", "8000", range(65536), "de 0 à 65535")
bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

# Writing a PDF takes a core: one process each. One more thread than there can be PDFs at a time
# (DROIT_DE_PLUME_PDF_SLOTS), so that pages and texts are always answered. No keep-alive: it would
# pile visitors up on one process. No max_requests: memory stays flat, and a worker that starts
# anew would make someone wait.
workers = number("WEB_CONCURRENCY", "2", range(1, 1000), "à partir de 1")
worker_class = Worker
threads = 8
keepalive = 0
preload_app = True

# Each takes one of the files that the process may open; gunicorn falls over when there are no more.
files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
worker_connections = 500 if files == resource.RLIM_INFINITY else min(500, files // 2)

# A process that gives no sign of life for `timeout` seconds is replaced: a render holds it for one
# or two at most. What is under way when the site stops has `graceful_timeout`.
timeout = 20
graceful_timeout = 25

# The only URLs are ours and short; what people write comes in bodies, whose size the application
# limits. Header size stays at gunicorn's default: on localhost, browsers send the cookies of every
# other project.
limit_request_line = 2048
limit_request_fields = 64

# Errors only, and nothing of a visitor, whatever the command line adds (deploy/worker.py).
logger_class = Log
accesslog = None
errorlog = "-"
loglevel = "error"
# A log that cannot be written (full disk) must not be told of on another stream, values included.
logging.raiseExceptions = False

# Whether to believe a proxy is the application's setting, and only its.
forwarded_allow_ips = ""
secure_scheme_headers = {}

# A running server takes no orders but signals.
control_socket_disable = True

# Workers give signs of life through a file without content: in memory, a slow disk cannot make them
# look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
if worker_tmp_dir is None:
    try:
        tempfile.gettempdir()
    except OSError:
        sys.exit("Aucun dossier temporaire ne peut être écrit : donnez accès à /dev/shm ou à /tmp.")


def on_starting(server):
    """Say what is wrong with the address; gunicorn would give up after five tries, in English."""
    if server.address != [(host, port)] or {"LISTEN_FDS", "GUNICORN_FD"} & os.environ.keys():
        return  # not ours, or already open
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except OSError as error:
        sys.exit(_refusal(error.errno))


def _refusal(code):
    if code == errno.EADDRINUSE:
        return (
            f"Le port {port} est déjà pris : arrêtez l’autre programme, "
            f"ou choisissez-en un autre (PORT={port + 1} script/server)."
        )
    if code == errno.EACCES:
        return f"Le port {port} est réservé au système : choisissez-en un à partir de 1024."
    return f"L’adresse « {host} » n’est pas de cette machine : corrigez HOST."


def when_ready(server):
    """Before the first worker: warm up, share memory, say hello."""
    warm_up(server.app.wsgi())
    for listener in server.LISTENERS:
        say(1, f"Droit de plume : {listener} (Ctrl+C pour arrêter)")
    # Objects made so far stay out of the collector's sight: workers do not touch their pages, so
    # the memory goes on being shared.
    gc.collect()
    gc.freeze()


# How many PDFs each process makes or has waiting: one byte each, in memory that all of them share.
board = memoryview(mmap.mmap(-1, workers))


def pre_fork(server, worker):
    """Give the new process a place on the board that no other has."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = min(set(range(workers)) - taken, default=0)
    board[worker.place] = 0


def post_fork(server, worker):
    """Show the process its place, and heed a SIGTERM from the first moment on.

    gunicorn would miss one that comes while a worker starts, then wait for that worker until
    `graceful_timeout`, and kill it.
    """

    worker.printer = server.app.wsgi().extensions["printer"]
    worker.printer.take_place(board, worker.place)

    def end(*_):
        worker.alive = False

    signal.signal(signal.SIGTERM, end)
    while not server.SIG_QUEUE.empty():  # what came since the fork, or just before it
        if server.SIG_QUEUE.get() == signal.SIGTERM:
            end()


def warm_up(app):
    """Do once what people will ask for; tell when no PDF can be made."""
    from letters.render.font import check_font
    from letters.web import pdfs, specimens

    try:
        check_font()  # first: fontconfig would complain on stderr, in English
        # WeasyPrint says on stdout, in English, which library is missing.
        with contextlib.redirect_stdout(io.StringIO()):
            from letters.render import pdf

            pdf.pdf(specimens.warm_up(app))
    except Exception as error:
        if "letters.render.pdf" not in sys.modules:
            # Else each PDF asked for would look for the libraries again, and complain again.
            sys.modules["weasyprint"] = None
        with app.app_context():
            pdfs.printer().works = False
        kind = type(error).__name__
        reason = error if kind == "PdfError" else kind  # ours, and without any path
        say(
            2,
            f"Les PDF ne peuvent pas être fabriqués ({reason}) : lancez "
            "« script/setup », puis redémarrez. Les pages et les textes sont servis.",
        )


def say(stream, sentence):
    """Write a line; not by `print`, whose failure (full disk) would come back at the end."""
    with contextlib.suppress(OSError):
        os.write(stream, f"{sentence}\n".encode())
