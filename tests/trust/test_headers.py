"""The headers of every answer: each value spelled out, on every route and for every kind of answer.

The values are written here a second time on purpose: a change of `headers.py` has to be wanted.
"""

import pytest
from flask import Flask, abort
from werkzeug.test import TestResponse

from app import create_app
from letters.web.assets import asset
from letters.web.settings import Settings
from tests.test_pages import FORM, PERSON, ROUTES, CheckingClient, checking

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
ORDINARY = {"Content-Type", "Content-Length"}
# Every kind of dynamic answer: what to ask, the status, the headers beside the common ones.
DAY = {"sent_on": "01/02/2026"}
POSTED = {"content_type": "application/x-www-form-urlencoded"}
SPECIMENS = (f"{FORM}/vierge.pdf", f"{FORM}/exemple.pdf")
DYNAMIC = [
    ("GET", "/", {}, 302, {"Location", "Vary"}),
    ("GET", "/sante", {}, 200, set()),
    ("GET", "/fr", {}, 200, set()),
    ("GET", "/fr/", {}, 200, set()),
    ("HEAD", "/fr/", {}, 200, set()),
    ("GET", "/fr/accessibilite", {}, 200, set()),
    ("GET", "/fr/confidentialite", {}, 200, set()),
    ("GET", "/fr/sources", {}, 200, set()),
    ("GET", "/fr/aide", {}, 200, set()),
    ("GET", "/fr/comprendre", {}, 200, set()),
    ("GET", "/fr/suivi", {}, 200, set()),
    ("GET", "/fr/suivi?envoi=jamais", {}, 422, set()),
    ("POST", "/fr/suivi", {"data": {"outcome": "refusal", "sent_on": "01/02/2026"}}, 200, set()),
    ("POST", "/fr/suivi", {"data": {"outcome": "silence"}}, 422, set()),
    ("GET", FORM, {}, 200, set()),
    ("POST", FORM, {"data": PERSON}, 200, set()),
    ("POST", FORM, {"data": {**PERSON, "output": "edit"}}, 200, set()),
    ("POST", FORM, {"data": {**PERSON, "output": "text"}}, 200, {"Content-Disposition"}),
    ("POST", FORM, {"data": {**PERSON, "output": "short"}}, 200, {"Content-Disposition"}),
    ("POST", FORM, {"data": {**PERSON, "output": "pdf"}}, 200, {"Content-Disposition"}),
    ("POST", FORM, {"data": {**PERSON, **DAY, "output": "calendar"}}, 200, {"Content-Disposition"}),
    ("POST", FORM, {"data": {**PERSON, "output": "calendar"}}, 422, set()),
    ("POST", FORM, {"data": {**PERSON, "output": "bundle"}}, 200, {"Content-Disposition"}),
    ("POST", FORM, {"data": {**PERSON, "output": "bundle", "also": "x"}}, 422, set()),
    ("GET", f"{FORM}/vierge.pdf?who=personne", {}, 404, set()),
    ("GET", f"{FORM}/exemple", {}, 200, set()),
    ("GET", "/fr/mentions-legales", {}, 200, set()),
    ("GET", "/fr/verifier", {}, 200, set()),
    ("GET", "/version", {}, 200, set()),
    ("GET", "/.well-known/security.txt", {}, 404, set()),
    ("POST", FORM, {"data": {"output": "erase"}}, 200, {"Clear-Site-Data"}),
    ("POST", FORM, {"data": {"given_name": "Camille"}}, 422, set()),
    ("POST", FORM, {"data": PERSON, "headers": {"Sec-Fetch-Site": "cross-site"}}, 403, set()),
    ("POST", FORM, {"json": {}}, 415, set()),
    ("POST", FORM, {"data": "a" * 70_000, **POSTED}, 413, set()),
    ("GET", "/absente", {}, 404, set()),
    ("GET", "/static/absente.css", {}, 404, set()),
    ("DELETE", "/fr/", {}, 405, {"Allow"}),
    ("DELETE", "/static/style.css?v=1", {}, 405, {"Allow"}),
]


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


def test_every_route_is_asked() -> None:
    asked = {(path.partition("?")[0], method) for method, path, *_ in DYNAMIC}
    routes = {(path, method) for (_, method), path in ROUTES.items()}
    assert routes - asked == {
        (path, "GET") for path in ("/static/style.css", f"{FORM}/exemple.pdf")
    }


@pytest.mark.parametrize(("method", "path", "sent", "status", "more"), DYNAMIC)
@pytest.mark.check(1, 3, 5)
def test_every_dynamic_answer_has_every_header_and_is_never_stored(
    client: CheckingClient,
    method: str,
    path: str,
    sent: dict[str, object],
    status: int,
    more: set[str],
) -> None:
    response = client.open(path, method=method, **sent)
    assert response.status_code == status
    check_common(response)
    assert response.headers["Cache-Control"] == "no-store"
    expected = set(EVERYWHERE) | ORDINARY | {"Cache-Control"} | more
    assert set(response.headers.keys()) == expected, "one more, or one less, than agreed"


@pytest.mark.parametrize("path", SPECIMENS)
def test_what_nobody_typed_is_the_same_for_everybody_and_may_be_kept_for_a_day(
    client: CheckingClient, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 200
    check_common(response)
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    expected = set(EVERYWHERE) | ORDINARY | {"Cache-Control", "Content-Disposition"}
    assert set(response.headers.keys()) == expected


@pytest.mark.parametrize("code", [400, 404, 429, 500, 503])
@pytest.mark.check(1, 3)
def test_every_error_page_has_every_header(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setitem(app.view_functions, "root.health", lambda: abort(code))
    response = client.get("/sante")
    assert response.status_code == code
    check_common(response)
    assert response.headers["Cache-Control"] == "no-store"


def test_a_crash_has_every_header(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "root.health", lambda: 1 / 0)
    response = client.get("/sante")
    assert response.status_code == 500
    check_common(response)
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["style.css", "copy.js", "icon.svg"])
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
    app: Flask, name: str, hashed: bool, sent: dict[str, str], status: int, kept: str
) -> None:
    with app.test_request_context("/fr/"):
        path = asset(name) if hashed else f"/static/{name}"
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
    assert response.status_code == 304
    assert response.data == b""
    check_common(response)
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("style.css", "text/css; charset=utf-8"),
        ("copy.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_files_have_the_type_that_nosniff_asks_for(
    client: CheckingClient, name: str, kind: str
) -> None:
    assert client.get(f"/static/{name}").content_type == kind


@pytest.mark.parametrize("path", ["/", "/sante", "/fr/", FORM, "/absente", "/static/style.css"])
@pytest.mark.check(4)
def test_https_is_asked_for_on_https_only(client: CheckingClient, path: str) -> None:
    name = "Strict-Transport-Security"
    assert name not in client.get(path, base_url="http://localhost").headers
    assert client.get(path, base_url="https://localhost").headers[name] == "max-age=31536000"


@pytest.mark.parametrize(("hops", "believed"), [(0, False), (1, True)])
@pytest.mark.check(4)
def test_the_proxys_word_for_https_is_believed_only_when_there_is_one(
    hops: int, believed: bool
) -> None:
    client = checking(create_app(Settings(proxy_hops=hops)))
    response = client.get("/fr/", headers={"X-Forwarded-Proto": "https"})
    assert ("Strict-Transport-Security" in response.headers) is believed


@pytest.mark.check(21)
def test_a_redirect_never_repeats_a_line_break(client: CheckingClient) -> None:
    response = client.get("/", headers={"Accept-Language": "fr%0d%0aSet-Cookie: a=b"})
    assert response.headers["Location"] == "/fr/"


@pytest.mark.check(12)
def test_no_answer_names_the_software_or_its_version(client: CheckingClient) -> None:
    for path in ("/fr/", "/absente", "/static/style.css"):
        headers = client.get(path).headers
        assert "Server" not in headers
        assert "X-Powered-By" not in headers


def check_common(response: TestResponse) -> None:
    for name, value in EVERYWHERE.items():
        assert response.headers.getlist(name) == [value]
    assert "Set-Cookie" not in response.headers
    assert "Strict-Transport-Security" not in response.headers
