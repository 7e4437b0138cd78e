"""The checks that hold for every answer, over every route of the URL map.

`every_answer` asks for each rule with each method that it has, rightly and wrongly, then with the
methods that it has not; the argument of a rule that is unknown here is a failure, so that a new
route cannot be forgotten. What these answers must be is spelt out below, number by number of
trust.md. Values of headers are in test_headers.py; POSTs that are refused, in test_origin.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from app import create_app
from letters import __version__
from letters.web.headers import CONTENT_SECURITY_POLICY, EVERY_ANSWER
from letters.web.settings import Settings
from tests.server import ROOT
from tests.test_pages import OUTPUTS, PREFIXES, SLUGS, parse, text_of
from tests.trust.test_log import CANARIES, WORDS

ARGUMENTS = {"language": ["fr"], "slug": list(SLUGS), "filename": ["style.css", "copy.js"]}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
FORM_TYPE = "application/x-www-form-urlencoded"
# How a POST goes wrong, and what answers it.
WRONG: dict[str, tuple[dict[str, Any], int]] = {
    "nothing typed": ({"data": {"given_name": ""}}, 422),
    "cross-site": ({"data": CANARIES, "headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
    "another origin": ({"data": CANARIES, "headers": {"Origin": "https://autre.example"}}, 403),
    "json": ({"json": CANARIES}, 415),
    "multipart": ({"data": CANARIES, "content_type": "multipart/form-data"}, 415),
    "too long": ({"data": b"reason=" + b"a" * 33_000, "content_type": FORM_TYPE}, 413),
    "too many fields": ({"data": {"options": ["cnil"] * 101}}, 413),
    "no length": ({"data": CANARIES, "environ_overrides": CHUNKED}, 411),
    "not UTF-8": ({"data": b"a=\xe9", "content_type": FORM_TYPE}, 400),
}


@dataclass(frozen=True)
class Answer:
    """An answer, and what was asked for."""

    asked: str
    endpoint: str
    response: TestResponse = field(repr=False)

    @property
    def is_page(self) -> bool:
        return self.response.mimetype == "text/html" and bool(self.response.data)


def paths_of(app: Flask, rule: Rule) -> Iterator[str]:
    """Every address of a rule that this module knows how to make."""
    values: list[dict[str, str]] = [{}]
    for name in sorted(rule.arguments):
        assert name in ARGUMENTS, f"say here what <{name}> of {rule} may be"
        values = [{**known, name: value} for known in values for value in ARGUMENTS[name]]
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        yield from (adapter.build(rule.endpoint, each, force_external=False) for each in values)


def every_answer(app: Flask, **common: Any) -> Iterator[Answer]:
    """Every route, rightly and wrongly asked for; `common` goes with each request."""
    client = app.test_client()

    def ask(how: str, path: str, endpoint: str, method: str, **sent: Any) -> Answer:
        response = client.open(path, method=method, buffered=True, **{**common, **sent})
        return Answer(f"{method} {path} {how}", endpoint, response)

    for rule in app.url_map.iter_rules():
        allowed = rule.methods or set()
        for path in paths_of(app, rule):
            for method in METHODS:
                if method == "POST" and method in allowed:
                    for output in (*OUTPUTS, "erase"):
                        data = {**CANARIES, "output": output}
                        yield ask(output, path, rule.endpoint, method, data=data)
                    for how, (sent, _status) in WRONG.items():
                        yield ask(how, path, rule.endpoint, method, **sent)
                else:
                    data = {"a": "b"} if method == "POST" else None
                    yield ask("", path, rule.endpoint, method, data=data)
    for path in ("/absente", "/fr/absente", "/fr/lettres/absente", "/static/absente.css"):
        yield ask("", path, "", "GET")
    yield ask("", "/fr/", "", "GET", headers={"Host": "a" * 300})


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    """The answers of a site that tells all of itself, with another one that tells nothing."""
    told = Settings(publisher="Association", contact="a@example.org", trusted_hosts=("localhost",))
    return [*every_answer(create_app(told)), *every_answer(create_app())]


@pytest.fixture(scope="module")
def pages(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.is_page]


def test_every_kind_of_answer_is_there(answers: list[Answer], app: Flask) -> None:
    assert {answer.endpoint for answer in answers} >= {r.endpoint for r in app.url_map.iter_rules()}
    statuses = {answer.response.status_code for answer in answers}
    assert statuses >= {200, 302, 400, 403, 404, 405, 411, 413, 415, 422}
    assert not any(status >= 500 for status in statuses)


@pytest.mark.check(1, 3)
def test_every_answer_has_every_header_once(answers: list[Answer]) -> None:
    for answer in answers:
        for name, value in EVERY_ANSWER.items():
            assert answer.response.headers.getlist(name) == [value], answer
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; ")


@pytest.mark.check(1, 3, 5, 12)
def test_a_crash_of_any_route_is_an_answer_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(commit="c0ffee5ec0ffee5e"))
    endpoints = list(app.view_functions)
    for endpoint in endpoints:
        monkeypatch.setitem(app.view_functions, endpoint, crash)
    crashed = [a for a in every_answer(app) if a.response.status_code == 500]
    assert {answer.endpoint for answer in crashed} >= set(endpoints)
    for answer in crashed:
        for name, value in EVERY_ANSWER.items():
            assert answer.response.headers.getlist(name) == [value], answer
        assert answer.response.headers.getlist("Cache-Control") == ["no-store"], answer
        assert not re.search(r"Traceback|ValueError|Quokka|\.py|c0ffee", answer.response.text)


def crash(**_: object) -> None:
    raise ValueError(f"Quokka {CANARIES}")


@pytest.mark.check(2)
def test_no_page_has_any_inline_code(pages: list[Answer]) -> None:
    for answer in pages:
        for tag in parse(answer.response.text).find_all(True):
            assert tag.name not in {"style", "iframe", "object", "embed", "base", "meta"} or (
                tag.name == "meta" and "http-equiv" not in tag.attrs
            ), answer
            assert tag.name != "script" or (tag.get("src") and not tag.get_text()), answer
            inline = [name for name in tag.attrs if name == "style" or name.startswith("on")]
            assert inline == [], answer


@pytest.mark.check(4)
def test_strict_transport_is_asked_for_on_https_alone() -> None:
    app = create_app()
    for scheme, told in (("http", []), ("https", ["max-age=31536000"])):
        for answer in every_answer(app, base_url=f"{scheme}://localhost"):
            name = "Strict-Transport-Security"
            assert answer.response.headers.getlist(name) == told, answer


@pytest.mark.check(5)
def test_nothing_that_was_typed_may_be_kept_and_the_rest_is_named_here(
    answers: list[Answer],
) -> None:
    kept = {
        answer.endpoint
        for answer in answers
        if answer.response.headers.getlist("Cache-Control") != ["no-store"]
    }
    assert kept == {"static", "pages.blank_letter", "pages.example_file"}
    assert not any(a.response.headers.get("ETag") for a in answers if a.endpoint not in kept)


@pytest.mark.check(6)
def test_no_cookie_is_set(answers: list[Answer]) -> None:
    assert [a for a in answers if "Set-Cookie" in a.response.headers] == []


@pytest.mark.check(6, 7)
def test_no_script_of_ours_keeps_or_sends_anything() -> None:
    keeps = r"cookie|Storage|indexedDB|caches|serviceWorker|openDatabase|window\.name|history\."
    sends = (
        r"fetch|XMLHttp|WebSocket|EventSource|sendBeacon|RTC|import\(|Worker|\.src|createElement"
    )
    runs = r"\beval\b|Function\(|innerHTML|outerHTML|document\.write|insertAdjacentHTML"
    scripts = sorted((ROOT / "static").glob("*.js"))
    assert scripts
    for path in scripts:
        code = re.sub(r"^ *//.*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert re.findall(f"{keeps}|{sends}|{runs}", code) == [], path.name


LOADED = (
    "script[src]",
    "link[href]:not([rel=alternate])",
    "img[src]",
    "source[src]",
    "use[href]",
    "image[href]",
)


@pytest.mark.check(8)
def test_nothing_is_loaded_from_elsewhere(pages: list[Answer]) -> None:
    for answer in pages:
        page = parse(answer.response.text)
        for selector in LOADED:
            for tag in page.select(selector):
                assert str(tag.get("src") or tag.get("href")).startswith("/static/"), answer
        for form in page.select("form, [formaction]"):
            assert str(form.get("formaction") or form["action"]).startswith(PREFIXES), answer
        fetched = {"srcset", "data", "poster", "background", "ping", "manifest", "xlink:href"}
        assert [tag for tag in page.find_all(True) if fetched & tag.attrs.keys()] == [], answer


@pytest.mark.check(8)
def test_no_style_sheet_loads_anything() -> None:
    sheets = [*(ROOT / "static").glob("*.css"), *(ROOT / "templates").rglob("*.css")]
    drawings = [*(ROOT / "static").glob("*.svg"), *(ROOT / "templates").rglob("*.svg")]
    assert sheets
    assert drawings
    for path in (*sheets, *drawings):
        text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"url\(|@import|@font-face|https?:|//[a-z]|<script|href", text), path


@pytest.mark.check(9)
def test_no_answer_is_in_an_address(pages: list[Answer]) -> None:
    """Nor in a place to send a form to: what is typed travels in bodies only."""
    for answer in pages:
        for tag in parse(answer.response.text).find_all(True):
            for name in {"href", "src", "action", "formaction"} & tag.attrs.keys():
                assert told_in(str(tag[name])) == set(), (answer, name)


@pytest.mark.check(9)
def test_no_answer_is_in_a_header_or_a_file_name(answers: list[Answer]) -> None:
    for answer in answers:
        told = (h for h in answer.response.headers if h[0] != "Content-Length")  # any number
        headers = "\n".join(f"{name}: {value}" for name, value in told)
        assert told_in(headers) == set(), answer


def told_in(text: str) -> set[str]:
    # The day of sending is told by the address of the calendar's link alone, which says so.
    return {word for word in WORDS if word.casefold() in text.casefold()}


@pytest.mark.check(12)
def test_error_pages_are_french_and_tell_nothing_of_the_machine(pages: list[Answer]) -> None:
    errors = [a for a in pages if a.response.status_code >= 400 and a.response.status_code != 422]
    assert len(errors) > 100
    for answer in errors:
        text = text_of(parse(answer.response.text).body)
        assert __version__ not in text, answer
        assert not re.search(r"Traceback|Flask|Werkzeug|gunicorn|WeasyPrint|\.py\b|/work", text)
        assert re.search(r"[a-z] (le|la|les|des|du|ce|cette) [a-zé]", text), answer


@pytest.mark.check(15)
def test_no_route_answers_to_another_name() -> None:
    app = create_app(Settings(trusted_hosts=("plume.example",)))
    for answer in every_answer(app, base_url="http://autre.example"):
        assert answer.response.status_code == 400, answer


@pytest.mark.check(13, 16)
def test_a_form_that_is_not_ours_is_refused_by_every_route(answers: list[Answer]) -> None:
    seen = set()
    for answer in answers:
        method, _path, how = answer.asked.split(" ", 2)
        if method == "POST" and how in WRONG:
            status = WRONG[how][1]
            assert answer.response.status_code == status, answer
            seen.add((answer.endpoint, how))
    posts = {"pages.letter", "pages.follow_up_answered"}
    assert seen >= {(endpoint, how) for endpoint in posts for how in WRONG}


@pytest.mark.check(17)
def test_a_method_that_a_route_has_not_is_refused(answers: list[Answer], app: Flask) -> None:
    allowed: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        paths = tuple(paths_of(app, rule))
        for path in paths:
            allowed.setdefault(path, set()).update(rule.methods or ())
    refused = 0
    for answer in answers:
        method, path, _how = answer.asked.split(" ", 2)
        if method not in allowed.get(path, set(METHODS)):
            assert answer.response.status_code == 405, answer
            assert set(answer.response.headers["Allow"].split(", ")) == allowed[path], answer
            refused += 1
    assert refused > 100
    assert {method for methods in allowed.values() for method in methods} == {"GET", "HEAD", "POST"}


ASKS_NUMBER = re.compile(
    r"sécurité sociale|\bnir\b|\bssn\b|vitale|immatricul|\bsecu", re.IGNORECASE
)


@pytest.mark.check(27)
def test_no_form_asks_for_the_number(pages: list[Answer]) -> None:
    """No control is named after it; labels may say where it is written on paper, never ask."""
    for answer in pages:
        page = parse(answer.response.text)
        for control in page.select("input, select, textarea"):
            named = " ".join(str(control.get(name, "")) for name in ("name", "id", "autocomplete"))
            assert not ASKS_NUMBER.search(named), answer
        for label in page.select("label"):
            assert not ASKS_NUMBER.search(text_of(label)), answer


@cache
def bodies(outputs: tuple[str, ...]) -> dict[tuple[str, str], bytes]:
    """What each letter gives for each output, in an application of its own."""
    client = create_app(Settings(commit="c0ffee5")).test_client()
    return {
        (slug, output): client.post(f"/fr/lettres/{slug}", data={**CANARIES, "output": output}).data
        for slug in SLUGS
        for output in outputs
    }


@pytest.mark.check(30)
def test_the_same_answers_give_the_same_bytes() -> None:
    first = bodies(OUTPUTS)
    bodies.cache_clear()
    assert bodies(OUTPUTS) == first


def test_an_argument_that_nobody_explained_is_a_failure(app: Flask) -> None:
    rule = Rule("/<rien>", endpoint="rien")
    Map([rule])
    with pytest.raises(AssertionError, match="say here what <rien> of /<rien> may be"):
        list(paths_of(app, rule))
