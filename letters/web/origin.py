"""What a POST must be to be read at all: from our own pages, small, an ordinary form.

There is no session to steal, so a forged POST could only waste the server's time or show a
visitor a letter they did not ask for. Browsers say where a POST comes from (Fetch Metadata,
https://www.w3.org/TR/fetch-metadata/; older ones by `Origin`); a client that says neither is no
browser and is let through. Limits: rates per address belong to the proxy.
"""

import re
from urllib.parse import urlsplit

from flask import Flask, Request, abort, request

MAX_BYTES = 32 * 1024  # the longest answers to all letters fit (tested)
MAX_FIELDS = 100
MAX_HOST = 255 + len(":65535")  # characters of a name (RFC 1035) and its port
PREFIX = re.compile(r"(?:/[\w.~-]+)*/?", re.ASCII)  # as in /plume
FORM = "application/x-www-form-urlencoded"


def init_app(app: Flask) -> None:
    """Check every POST before its body is read."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.before_request(_check_host)
    app.before_request(_check_post)


def _check_host() -> None:
    if not is_address(request):
        abort(400)


def is_address(incoming: Request) -> bool:
    """Whether a link can be made of the name and the prefix that the request came to.

    A proxy that is believed passes on the prefix that it was sent, unless it sets its own.
    """
    return 0 < len(incoming.host) <= MAX_HOST and bool(PREFIX.fullmatch(incoming.root_path))


def _check_post() -> None:
    if request.method != "POST":
        return
    if not is_same_origin(request):
        abort(403)
    if request.mimetype != FORM:
        abort(415)
    # Browsers always say how long a form is; without, Werkzeug would cut it at the limit silently.
    if request.content_length is None:
        abort(411)
    # Flask's own field limits act on multipart bodies only.
    if sum(len(values) for values in request.form.listvalues()) > MAX_FIELDS:
        abort(413)
    if request.content_length and not request.form:  # not UTF-8: Werkzeug reads no field at all
        abort(400)


def is_same_origin(incoming: Request) -> bool:
    """Whether the browser says that this request comes from our own pages."""
    site = incoming.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = incoming.headers.get("Origin")
    if origin is None:
        return True
    try:
        # The scheme is left out: a proxy may speak http to us and https to the world.
        return urlsplit(origin).netloc == incoming.host
    except ValueError:  # "http://["
        return False
