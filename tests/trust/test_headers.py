"""The headers of every answer: each value spelled out, on every route and for every kind of answer.

The values are written here a second time on purpose: a change of `headers.py` has to be wanted.
"""

import pytest
from flask import Flask, abort
from werkzeug.test import TestResponse

from app import create_app
from letters.web.assets import asset
from letters.web.settings import Settings
from tests.test_pages import FORM, CheckingClient, checking
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
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}
ALWAYS = {*EVERYWHERE, "Content-Type", "Content-Length", "Cache-Control"}
# What nobody typed, the same for everybody; everything else is never kept.
KEPT = {"pages.blank_letter", "pages.example_file"}
STRICT = "Strict-Transport-Security"


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


def check_common(response: TestResponse) -> None:
    for name, value in EVERYWHERE.items():
        assert response.headers.getlist(name) == [value]
    assert "Set-Cookie" not in response.headers
    assert STRICT not in response.headers


@pytest.mark.check(1, 3, 4, 5, 12)
def test_every_dynamic_answer_has_every_header_and_is_never_stored() -> None:
    """One header more, or one less, than agreed is a failure: of the software's name too."""
    for answer in answers():
        headers, status = answer.response.headers, answer.response.status_code
        if answer.endpoint == "static" and status == 200:
            continue
        for name, value in EVERYWHERE.items():
            assert headers.getlist(name) == [value], answer
        assert headers.getlist("Cache-Control") == [
            "public, max-age=86400" if answer.endpoint in KEPT and status == 200 else "no-store"
        ], answer
        strict = ["max-age=31536000"] if answer.scheme == "https" else []
        assert headers.getlist(STRICT) == strict, answer
        assert {*headers.keys()} - {STRICT} == ALWAYS | more(answer), answer


def more(answer: Answer) -> set[str]:
    """The headers of an answer of this kind, beside those of all."""
    response = answer.response
    if response.status_code == 200 and answer.endpoint in {"pages.letter", *KEPT}:
        if answer.how == "erase":
            return {"Clear-Site-Data"}
        return set() if response.mimetype == "text/html" else {"Content-Disposition"}
    return {302: {"Location", "Vary"}, 405: {"Allow"}}.get(response.status_code, set())


@pytest.mark.parametrize("code", [400, 404, 429, 500, 503])
@pytest.mark.check(1, 3, 5)
def test_every_error_page_has_every_header(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setitem(app.view_functions, "root.health", lambda: abort(code))
    response = client.get("/sante")
    assert response.status_code == code
    check_common(response)
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("hashed", "sent", "status", "kept"),
    [
        (True, {}, 200, "public, max-age=31536000, immutable"),
        (True, {"Range": "bytes=0-9"}, 206, "public, max-age=31536000, immutable"),
        (True, {"Range": "bytes=9999999-"}, 416, "no-store"),
        (False, {}, 200, "no-cache"),
        (False, {"Range": "bytes=0-9"}, 206, "no-cache"),
    ],
)
@pytest.mark.check(1, 3, 5)
def test_every_file_has_every_header(
    app: Flask, hashed: bool, sent: dict[str, str], status: int, kept: str
) -> None:
    with app.test_request_context("/fr/"):
        path = asset("style.css") if hashed else "/static/style.css"
    response = checking(app).get(path, headers=sent)
    assert response.status_code == status
    check_common(response)
    assert response.headers["Cache-Control"] == kept


@pytest.mark.parametrize("query", ["?v=0123456789ab", "?v=", "?v", "?w=1"])
@pytest.mark.check(5)
def test_a_file_asked_for_under_another_hash_is_not_kept(
    client: CheckingClient, query: str
) -> None:
    """While the site is being updated, an old page may meet a new file."""
    response = client.get(f"/static/style.css{query}")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"


def test_a_file_that_the_browser_has_is_not_sent_again(client: CheckingClient) -> None:
    tag = client.get("/static/style.css").headers["ETag"]
    response = client.get("/static/style.css", headers={"If-None-Match": tag})
    assert (response.status_code, response.data) == (304, b"")
    check_common(response)
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("style.css", "text/css"), ("copy.js", "text/javascript"), ("icon.svg", "image/svg+xml")],
)
def test_files_have_the_type_that_nosniff_asks_for(
    client: CheckingClient, name: str, kind: str
) -> None:
    assert client.get(f"/static/{name}").content_type == f"{kind}; charset=utf-8"


@pytest.mark.parametrize(("hops", "believed"), [(0, False), (1, True)])
@pytest.mark.check(4)
def test_the_proxys_word_for_https_is_believed_only_when_there_is_one(
    hops: int, believed: bool
) -> None:
    client = checking(create_app(Settings(proxy_hops=hops)))
    response = client.get(FORM, headers={"X-Forwarded-Proto": "https"})
    assert (STRICT in response.headers) is believed


@pytest.mark.check(21)
def test_a_redirect_never_repeats_a_line_break(client: CheckingClient) -> None:
    response = client.get("/", headers={"Accept-Language": "fr%0d%0aSet-Cookie: a=b"})
    assert response.headers["Location"] == "/fr/"
