"""What every answer of every route must be, number by number of trust.md.

The answers come from answers.py. Values of headers are in test_headers.py; what a POST must be to
be read, in test_origin.py.
"""

import re
from functools import cache

import pytest
from flask import Flask
from werkzeug.routing import Map, Rule

from app import create_app
from letters import __version__
from letters.web.settings import Settings
from tests.kit.pages import OUTPUTS, PREFIXES, SLUGS, text_of
from tests.server import ROOT
from tests.trust.answers import METHODS, WRONG, answers, once_each, pages, paths_of
from tests.trust.test_log import CANARIES, WORDS


def test_every_kind_of_answer_is_there(app: Flask) -> None:
    assert {a.endpoint for a in answers()} >= {rule.endpoint for rule in app.url_map.iter_rules()}
    statuses = {answer.response.status_code for answer in answers()}
    assert statuses >= {200, 302, 400, 403, 404, 405, 411, 413, 415, 422}
    assert not any(status >= 500 for status in statuses)
    assert len(pages()) > 80


def test_an_argument_that_nobody_explained_is_a_failure(app: Flask) -> None:
    rule = Rule("/<rien>", endpoint="rien")
    Map([rule])
    with pytest.raises(AssertionError, match="say here what <rien> of /<rien> may be"):
        list(paths_of(app, rule))


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


@pytest.mark.check(8)
def test_no_style_sheet_loads_anything() -> None:
    folders = (ROOT / "static", ROOT / "templates")
    paths = [
        path for folder in folders for kind in ("css", "svg") for path in folder.rglob(f"*.{kind}")
    ]
    assert {path.suffix for path in paths} == {".css", ".svg"}
    for path in paths:
        text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"url\(|@import|@font-face|https?:|//[a-z]|<script|href", text), path


@pytest.mark.check(9)
def test_no_answer_is_in_an_address() -> None:
    """Nor in a place to send a form to: what is typed travels in bodies only."""
    for answer, page in pages():
        for tag in page.find_all(True):
            for name in {"href", "src", "action", "formaction"} & tag.attrs.keys():
                assert told_in(str(tag[name])) == set(), (answer, name)


@pytest.mark.check(9)
def test_no_answer_is_in_a_header_or_a_file_name() -> None:
    for answer in answers():
        told = (h for h in answer.response.headers if h[0] != "Content-Length")  # any number
        assert told_in(f"{[*told]}") == set(), answer


def told_in(text: str) -> set[str]:
    # The day of sending is told by the address of the calendar's link alone, which says so.
    return {word for word in WORDS if word.casefold() in text.casefold()}


@pytest.mark.check(12)
def test_error_pages_are_french_and_tell_nothing_of_the_machine() -> None:
    errors = [(a, page) for a, page in pages() if a.response.status_code not in {200, 302, 422}]
    assert len({answer.response.status_code for answer, _page in errors}) > 6
    for answer, page in errors:
        text = text_of(page.body)
        assert __version__ not in text, answer
        assert not re.search(r"Traceback|Flask|Werkzeug|gunicorn|waitress|WeasyPrint|\.py\b", text)
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


@pytest.mark.check(15)
def test_no_route_answers_to_another_name() -> None:
    app = create_app(Settings(trusted_hosts=("plume.example",)))
    for endpoint, answer in once_each(app, base_url="http://autre.example"):
        assert answer.status_code == 400, endpoint


@pytest.mark.check(13, 16)
def test_a_form_that_is_not_ours_is_refused_by_every_route(app: Flask) -> None:
    seen = set()
    for answer in answers():
        if answer.how in WRONG:
            assert answer.response.status_code == WRONG[answer.how][1], answer
            seen.add((answer.endpoint, answer.how))
    posts = {r.endpoint for r in app.url_map.iter_rules() if "POST" in (r.methods or ())}
    assert posts
    assert seen >= {(endpoint, how) for endpoint in posts for how in WRONG}


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


ASKS_NUMBER = re.compile(
    r"sécurité sociale|\bnir\b|\bssn\b|vitale|immatricul|\bsecu", re.IGNORECASE
)


@pytest.mark.check(27)
def test_no_form_asks_for_the_number() -> None:
    """No control is named after it; labels may say where it is written on paper, never ask."""
    for answer, page in pages():
        for control in page.select("input, select, textarea"):
            named = " ".join(str(control.get(name, "")) for name in ("name", "id", "autocomplete"))
            assert not ASKS_NUMBER.search(named), answer
        for label in page.select("label"):
            assert not ASKS_NUMBER.search(text_of(label)), answer


@cache
def bodies(turn: int) -> dict[tuple[str, str], bytes]:
    """What a letter of each kind gives for each output, in an application of its own."""
    client = create_app(Settings(commit="c0ffee5")).test_client()
    return {
        (slug, output): client.post(f"/fr/lettres/{slug}", data={**CANARIES, "output": output}).data
        for slug in (SLUGS[2], SLUGS[-1])
        for output in OUTPUTS
    }


@pytest.mark.check(30)
def test_the_same_answers_give_the_same_bytes() -> None:
    assert bodies(1) == bodies(2)
