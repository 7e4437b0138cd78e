"""The headers of every answer, in one place; `tests/trust/test_headers.py` spells out each value.

Limits: what waitress itself refuses (a malformed line, say) has them from deploy/web_server.py.

`default-src 'none'` and no inline code: a value that slipped through escaping could run
nothing. `Referrer-Policy: same-origin` and not `no-referrer`, with which Chromium sends
`Origin: null` on our own forms. No answer that holds anything of a person is stored by a browser
or a proxy; an empty page is, by the browser that asked, which so keeps what was typed into it for
« Back ».
"""

from flask import Flask, Response, request

from letters.web.assets import digest

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERY_ANSWER = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-DNS-Prefetch-Control": "off",  # else a browser may look up the sites of our links unasked
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000"
SPECIMENS = frozenset({"pages.blank_letter", "pages.example_file"})
CACHE_A_DAY = "public, max-age=86400"
CACHE_ONE_S_OWN = "private, max-age=0"
CACHE_FOREVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Set the headers on every answer, errors and files included."""
    app.after_request(_set_headers)


def _set_headers(response: Response) -> Response:
    for name, value in EVERY_ANSWER.items():
        response.headers[name] = value
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
    response.headers["Cache-Control"] = _cache_control(response)
    return response


def _cache_control(response: Response) -> str:
    # Set and not defaulted: `send_file` puts `no-cache`, which lets a browser keep the answer.
    if request.endpoint == "static" and response.status_code in {200, 206, 304}:
        # An old process may be asked for a new file while the site is being updated.
        name = (request.view_args or {})["filename"]
        return CACHE_FOREVER if request.args.get("v") == digest(name) else "no-cache"
    if request.endpoint in SPECIMENS and response.status_code == 200:
        return CACHE_A_DAY  # nothing typed, the same for everybody; an example may be yesterday's
    is_as_asked_for = request.blueprint == "pages" and request.method in {"GET", "HEAD"}
    if is_as_asked_for and response.status_code == 200 and not request.args:
        return CACHE_ONE_S_OWN  # with `no-store`, Firefox empties the form that one goes back to
    return "no-store"
