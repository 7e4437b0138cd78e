"""What the site tells of itself: version, commit, digests of texts, whom to tell of a weakness."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from letters import __version__
from letters.catalogue import TEXTS
from letters.web.settings import Settings
from tests.conftest import TODAY
from tests.test_pages import SLUGS, answers_of, checking, parse, text_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40
SITE = Settings(
    contact="faille@example.org", publisher="Association", source="https://forge.example/p"
)


@pytest.fixture
def told() -> Flask:
    """A site whose operator told everything."""
    return create_app(SITE)


@pytest.mark.check(30)
def test_the_version_names_the_program_the_commit_and_every_text(app: Flask) -> None:
    response = app.test_client().get("/version")
    assert response.content_type == "application/json"
    told = json.loads(response.data)
    assert (told["version"], set(told)) == (__version__, {"version", "commit", "wordings"})
    assert set(told["wordings"]) == set(SLUGS)
    for slug, wording in told["wordings"].items():
        body = (TEXTS / f"{slug}.md").read_bytes()
        assert wording["sha256"] == hashlib.sha256(body).hexdigest(), "as sha256sum says"
        assert date.fromisoformat(wording["reviewed_on"]) <= TODAY + timedelta(days=1)


@pytest.mark.check(30)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_shows_which_text_and_program_made_it(slug: str) -> None:
    app = create_app(Settings(commit=COMMIT))
    page = parse(checking(app).post(f"/fr/lettres/{slug}", data=answers_of()).text)
    assert "Code source\u00a0: 0123456789ab." in text_of(page.find("footer"))
    digest = json.loads(app.test_client().get("/version").data)["wordings"][slug]["sha256"]
    assert f"empreinte {digest[:12]}." in text_of(page.find("main"))


def test_the_page_to_check_with_shows_every_digest_and_where_the_source_is(told: Flask) -> None:
    page = parse(checking(told).get("/fr/verifier").text)
    wordings = json.loads(told.test_client().get("/version").data)["wordings"]
    main = text_of(page.find("main"))
    for slug, wording in wordings.items():
        assert f"{slug}.md {wording['sha256'][:12]}…" in main
    assert page.select_one("main a[href='https://forge.example/p']")
    assert "n’ont pas encore dit où lire le code source" not in main


# The commit


def test_the_commit_is_the_one_that_was_set() -> None:
    app = create_app(Settings(commit=COMMIT))
    assert json.loads(app.test_client().get("/version").data)["commit"] == COMMIT


# security.txt (RFC 9116)


def security(site: Settings) -> TestResponse:
    client = create_app(site).test_client()
    return client.get("/.well-known/security.txt", base_url="https://plume.example")


@pytest.mark.check(29)
def test_security_txt_is_what_the_standard_asks_for() -> None:
    response = security(SITE)
    assert (response.status_code, response.content_type) == (200, "text/plain; charset=utf-8")
    lines = response.text.splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    assert len(fields) == len(lines)
    assert fields["Contact"] == "mailto:faille@example.org"
    assert fields["Canonical"] == "https://plume.example/.well-known/security.txt"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%S%z")
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    assert timedelta(days=30) < expires - now < timedelta(days=365)


@pytest.mark.check(29)
def test_a_contact_page_is_named_as_it_is_and_no_contact_is_no_file() -> None:
    assert (
        "Contact: https://example.org/nous\n"
        in security(Settings(contact="https://example.org/nous")).text
    )
    assert security(Settings()).status_code == 404
