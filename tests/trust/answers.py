"""The answers of every route, rightly and wrongly asked for, read once for all the tests.

`every_answer` asks for each rule of the URL map with each method that it has, then with those that
it has not; the argument of a rule that is unknown here is a failure, so that a new route cannot be
forgotten. PDFs have a stand-in: what surrounds them is looked at here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest.mock import patch

from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from letters.web.pages import specimens
from letters.web.settings import Settings
from tests.kit.pages import OUTPUTS, SLUGS
from tests.trust.test_log import CANARIES, FORM_TYPE

ARGUMENTS = {"language": ["fr"], "slug": list(SLUGS), "filename": ["style.css", "copy.js"]}
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
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

    method: str
    path: str
    how: str
    endpoint: str
    scheme: str
    response: TestResponse = field(repr=False)


def paths_of(app: Flask, rule: Rule) -> Iterator[str]:
    """Every address of a rule that this module knows how to make."""
    values: list[dict[str, str]] = [{}]
    for name in sorted(rule.arguments):
        assert name in ARGUMENTS, f"say here what <{name}> of {rule} may be"
        values = [{**known, name: value} for known in values for value in ARGUMENTS[name]]
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        yield from (adapter.build(rule.endpoint, each, force_external=False) for each in values)


def once_each(app: Flask, **sent: Any) -> Iterator[tuple[str, TestResponse]]:
    """Each rule, once for each method that it has: (endpoint, answer)."""
    for rule in app.url_map.iter_rules():
        path = next(paths_of(app, rule))
        for method in rule.methods or ():
            data = CANARIES if method == "POST" else None
            answer = app.test_client().open(path, method=method, data=data, buffered=True, **sent)
            yield rule.endpoint, answer


def every_answer(app: Flask, scheme: str) -> Iterator[Answer]:
    client = app.test_client()

    def ask(how: str, path: str, endpoint: str, method: str, **sent: Any) -> Answer:
        sent = {"base_url": f"{scheme}://localhost", **sent}
        response = client.open(path, method=method, buffered=True, **sent)
        return Answer(method, path, how, endpoint, scheme, response)

    for rule in app.url_map.iter_rules():
        for path in paths_of(app, rule):
            for method in METHODS:
                if method != "POST" or "POST" not in (rule.methods or ()):
                    data = {"a": "b"} if method == "POST" else None
                    yield ask("", path, rule.endpoint, method, data=data)
                    continue
                for output in (*OUTPUTS, "erase"):
                    data = {**CANARIES, "output": output}
                    yield ask(output, path, rule.endpoint, method, data=data)
                for how, (sent, _status) in WRONG.items():
                    yield ask(how, path, rule.endpoint, method, **sent)
    for path in ("/absente", "/fr/absente", "/fr/lettres/absente", "/static/absente.css"):
        yield ask("", path, "", "GET")
    yield ask("", "/fr/", "", "GET", headers={"Host": "a" * 300})


@cache
def answers() -> tuple[Answer, ...]:
    """Those of a site that tells all of itself, and over https of one that tells nothing."""
    told = Settings(publisher="Association", contact="a@example.org", trusted_hosts=("localhost",))
    with (
        patch("letters.render.pdf.pdf", lambda letter, large=False: b"%PDF-"),
        patch("letters.render.pdf.spoken", lambda letter, large=False: b"%PDF-"),
    ):
        found = (*every_answer(create_app(told), "http"), *every_answer(create_app(), "https"))
    for drawn_once in (specimens._example_pdf, specimens._blank_pdf):
        drawn_once.cache_clear()  # else later tests would be given the stand-in
    return found


@cache
def pages() -> tuple[tuple[Answer, BeautifulSoup], ...]:
    """The pages among them, each text once, read."""
    texts = {
        answer.response.text: answer
        for answer in answers()
        if answer.response.mimetype == "text/html" and answer.response.data
    }
    return tuple((answer, BeautifulSoup(text, "lxml")) for text, answer in texts.items())
