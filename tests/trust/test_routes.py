"""What every answer of every route must be, number by number of test_checks.py.

The answers come from answers.py. Values of headers are in test_headers.py; what a POST must be to
be read, in test_origin.py.
"""

import re

import pytest
from flask import Flask

from app import create_app
from letters import __version__
from letters.web.settings import Settings
from tests.kit.pages import PREFIXES, text_of
from tests.server import ROOT
from tests.trust.answers import METHODS, WRONG, answers, once_each, pages, paths_of
from tests.trust.test_log import CANARIES, WORDS


def test_every_kind_of_answer_is_there(app: Flask) -> None:
    assert {a.endpoint for a in answers()} >= {rule.endpoint for rule in app.url_map.iter_rules()}
    statuses = {answer.response.status_code for answer in answers()}
    assert statuses == {200, 302, 400, 403, 404, 405, 411, 413, 415, 422}


@pytest.mark.check(2)
def test_no_page_has_any_inline_code() -> None:
    for answer, page in pages():
        for tag in page.find_all(True):
            assert tag.name not in {"style", "iframe", "object", "embed", "base"}, answer
            assert "http-equiv" not in tag.attrs, answer
            assert tag.name != "script" or (tag.get("src") and not tag.get_text()), answer
            inline = [name for name in tag.attrs if name == "style" or name.startswith("on")]
            assert inline == [], answer


@pytest.mark.check(6)
def test_no_cookie_is_set() -> None:
    assert [a for a in answers() if "Set-Cookie" in a.response.headers] == []


@pytest.mark.check(6, 7)
def test_no_script_of_ours_keeps_or_sends_anything() -> None:
    """The browser tests watch what a journey does; here, what no journey may come to."""
    risky = re.compile(
        r"cookie|Storage|indexedDB|caches|serviceWorker|openDatabase|window\.name|history\."
        r"|fetch|XMLHttp|WebSocket|EventSource|sendBeacon|RTC|import\(|Worker|\.src|createElement"
        r"|\beval\b|Function\(|innerHTML|outerHTML|document\.write|insertAdjacentHTML"
    )
    for path in (ROOT / "static").glob("*.js"):
        code = re.sub(r"^ *//.*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert risky.findall(code) == [], path.name


LOADED = (
    "script[src], link[href]:not([rel=alternate]), img[src], source[src], use[href], image[href]"
)


@pytest.mark.check(8)
def test_nothing_is_loaded_from_elsewhere() -> None:
    fetched = {"srcset", "data", "poster", "background", "ping", "manifest", "xlink:href"}
    for answer, page in pages():
        for tag in page.select(LOADED):
            assert str(tag.get("src") or tag.get("href")).startswith("/static/"), answer
        for form in page.select("form, [formaction]"):
            assert str(form.get("formaction") or form["action"]).startswith(PREFIXES), answer
        assert [tag for tag in page.find_all(True) if fetched & tag.attrs.keys()] == [], answer
    for path in (*ROOT.glob("static/*.css"), *ROOT.glob("templates/**/*.css")):
        loads = re.search(r"url\(|@import|@font-face|//[a-z]", path.read_text(encoding="utf-8"))
        assert not loads, path


@pytest.mark.check(9)
def test_no_answer_is_in_an_address() -> None:
    """Nor in a place to send a form to, a header or a file's name: it travels in bodies only."""
    for answer, page in pages():
        for tag in page.find_all(True):
            for name in {"href", "src", "action", "formaction"} & tag.attrs.keys():
                assert told_in(str(tag[name])) == set(), (answer, name)
    for answer in answers():
        told = (h for h in answer.response.headers if h[0] != "Content-Length")  # any number
        assert told_in(f"{[*told]}") == set(), answer


def told_in(text: str) -> set[str]:
    # The day of sending is told by the address of the calendar's link alone, which says so.
    return {word for word in WORDS if word.casefold() in text.casefold()}


@pytest.mark.check(12)
def test_error_pages_are_french_and_tell_nothing_of_the_machine() -> None:
    for answer, page in pages():
        if answer.response.status_code in {200, 302, 422}:
            continue
        text = text_of(page.body)
        assert __version__ not in text, answer
        assert not re.search(r"Traceback|Flask|Werkzeug|waitress|WeasyPrint|\.py\b", text), answer
        assert re.search(r"[a-z] (le|la|les|des|du|ce|cette) [a-zé]", text), answer


@pytest.mark.check(5, 12)
def test_a_crash_of_any_route_is_an_answer_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(commit="c0ffee5ec0ffee5e"))
    for endpoint in [*app.view_functions]:
        monkeypatch.setitem(app.view_functions, endpoint, crash)
    for _endpoint, answer in once_each(app):
        assert answer.status_code == 500
        assert answer.headers.getlist("Cache-Control") == ["no-store"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"Traceback|ValueError|Quokka|\.py|c0ffee", answer.text)


def crash(**_: object) -> None:
    raise ValueError(f"Quokka {CANARIES}")


@pytest.mark.check(13, 16)
def test_a_form_that_is_not_ours_is_refused_by_every_route(app: Flask) -> None:
    posts = {r.endpoint for r in app.url_map.iter_rules() if "POST" in (r.methods or ())}
    wrong = [answer for answer in answers() if answer.how in WRONG]
    assert {(a.endpoint, a.how) for a in wrong} >= {(post, how) for post in posts for how in WRONG}
    assert [a for a in wrong if a.response.status_code != WRONG[a.how][1]] == []


@pytest.mark.check(17)
def test_a_method_that_a_route_has_not_is_refused(app: Flask) -> None:
    allowed: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        for path in paths_of(app, rule):
            allowed.setdefault(path, set()).update(rule.methods or ())
    refused = [a for a in answers() if a.method not in allowed.get(a.path, {*METHODS})]
    assert len(refused) > 100
    for answer in refused:
        assert answer.response.status_code == 405, answer
        assert {*answer.response.headers["Allow"].split(", ")} == allowed[answer.path], answer
    assert {method for methods in allowed.values() for method in methods} == {"GET", "HEAD", "POST"}


ASKS_NUMBER = re.compile(r"sécurité sociale|\bnir\b|\bssn\b|vitale|immatricul|\bsecu", re.I)


@pytest.mark.check(27)
def test_no_form_asks_for_the_number() -> None:
    """No control is named after it; labels may say where it is written on paper, never ask."""
    for answer, page in pages():
        for control in page.select("input, select, textarea"):
            named = " ".join(str(control.get(name, "")) for name in ("name", "id", "autocomplete"))
            assert not ASKS_NUMBER.search(named), answer
        for label in page.select("label"):
            assert not ASKS_NUMBER.search(text_of(label)), answer
