"""The headers of every answer: each value spelled out, on every route and for every kind of answer.

The values are written here a second time on purpose: a change of `headers.py` has to be wanted.
"""

import pytest
from flask import Flask

from app import create_app
from letters.web.assets import asset
from letters.web.settings import Settings
from tests.kit.pages import checking
from tests.trust.answers import Answer, answers

EVERYWHERE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-DNS-Prefetch-Control": "off",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}
ALWAYS = {*EVERYWHERE, "Content-Type", "Content-Length", "Cache-Control"}
# What nobody typed, the same for everybody.
KEPT = {"pages.blank_letter", "pages.example_file"}
STRICT = "Strict-Transport-Security"


@pytest.mark.check(1, 3, 4, 5, 12)
def test_every_dynamic_answer_has_every_header_and_is_stored_only_if_empty() -> None:
    """One header more, or one less, than agreed is a failure: of the software's name too."""
    for answer in answers():
        headers, status = answer.response.headers, answer.response.status_code
        if answer.endpoint == "static" and status == 200:
            continue
        for name, value in EVERYWHERE.items():
            assert headers.getlist(name) == [value], answer
        assert headers.getlist("Cache-Control") == [kept(answer)], answer
        strict = ["max-age=31536000"] if answer.scheme == "https" else []
        assert headers.getlist(STRICT) == strict, answer
        assert {*headers.keys()} - {STRICT} == ALWAYS | more(answer), answer


def kept(answer: Answer) -> str:
    """How long a browser may keep an answer: none that anything was posted for."""
    if answer.response.status_code == 200 and answer.endpoint in KEPT:
        return "public, max-age=86400"
    is_page = answer.response.status_code == 200 and answer.endpoint.startswith("pages.")
    return "private, max-age=0" if is_page and answer.method in {"GET", "HEAD"} else "no-store"


def more(answer: Answer) -> set[str]:
    """The headers of an answer of this kind, beside those of all."""
    response = answer.response
    if response.status_code == 200 and answer.endpoint in {"pages.letter", *KEPT}:
        if answer.how == "erase":
            return {"Clear-Site-Data"}
        return set() if response.mimetype == "text/html" else {"Content-Disposition"}
    return {302: {"Location", "Vary"}, 405: {"Allow"}}.get(response.status_code, set())


FOREVER = "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("query", "sent", "status", "kept"),
    [
        ("HASHED", {}, 200, FOREVER),
        ("HASHED", {"Range": "bytes=0-9"}, 206, FOREVER),
        ("HASHED", {"Range": "bytes=9999999-"}, 416, "no-store"),
        ("", {}, 200, "no-cache"),
        ("", {"If-None-Match": "ETAG"}, 304, "no-cache"),
        # While the site is being updated, an old page may meet a new file.
        ("?v=0123456789ab", {}, 200, "no-cache"),
    ],
)
@pytest.mark.check(1, 3, 5)
def test_every_file_has_every_header(
    app: Flask, query: str, sent: dict[str, str], status: int, kept: str
) -> None:
    client, path = checking(app), f"/static/style.css{query}"
    if query == "HASHED":
        with app.test_request_context("/fr/"):
            path = asset("style.css")
    if "If-None-Match" in sent:
        sent = {"If-None-Match": client.get(path).headers["ETag"]}
    response = client.get(path, headers=sent)
    assert response.status_code == status
    for name, value in EVERYWHERE.items():
        assert response.headers.getlist(name) == [value]
    if status in {200, 206}:
        assert response.content_type == "text/css; charset=utf-8", "as nosniff asks for"
    assert response.headers["Cache-Control"] == kept


@pytest.mark.parametrize(("hops", "believed"), [(0, False), (1, True)])
@pytest.mark.check(4)
def test_the_proxys_word_for_https_is_believed_only_when_there_is_one(
    hops: int, believed: bool
) -> None:
    client = create_app(Settings(proxy_hops=hops)).test_client()
    response = client.get("/fr/", headers={"X-Forwarded-Proto": "https"})
    assert (STRICT in response.headers) is believed
