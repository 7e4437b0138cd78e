"""What the site tells of itself: version, commit, digests of texts, whom to tell of a weakness."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from letters import __version__
from letters.catalogue import TEXTS
from tests.conftest import TODAY
from tests.kit.pages import SLUGS, answers_of, checking, parse, site_with, text_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SITE = {
    "contact": "faille@example.org",
    "publisher": "Association",
    "source": "https://forge.example/p",
}


@pytest.mark.check(30)
def test_the_version_and_each_letter_tell_which_text_and_program_made_them() -> None:
    client = checking(site_with(commit=COMMIT))
    response = client.get("/version")
    assert response.content_type == "application/json"
    told = json.loads(response.data)
    wordings = told.pop("wordings")
    assert told == {"version": __version__, "commit": COMMIT}
    assert set(wordings) == set(SLUGS)
    for slug, wording in wordings.items():
        digest = hashlib.sha256((TEXTS / f"{slug}.md").read_bytes()).hexdigest()
        assert wording["sha256"] == digest, "as sha256sum says"
        assert date.fromisoformat(wording["reviewed_on"]) <= datetime.now(UTC).date()
        page = parse(client.post(f"/fr/lettres/{slug}", data=answers_of()).text)
        assert f"empreinte {digest[:12]}." in text_of(page.find("main"))
        assert "Code source\u00a0: 0123456789ab." in text_of(page.find("footer"))


def test_the_page_to_check_with_shows_every_digest_and_where_the_source_is() -> None:
    client = checking(site_with(**SITE))
    page = parse(client.get("/fr/verifier").text)
    main = text_of(page.find("main"))
    for slug, wording in json.loads(client.get("/version").data)["wordings"].items():
        assert f"{slug}.md {wording['sha256'][:12]}…" in main
    assert page.select_one("main a[href='https://forge.example/p']")
    assert "n’ont pas encore dit où lire le code source" not in main


# security.txt (RFC 9116)


def security(**settings: str) -> TestResponse:
    client = site_with(**settings).test_client()
    return client.get("/.well-known/security.txt", base_url="https://plume.example")


@pytest.mark.check(29)
def test_security_txt_is_what_the_standard_asks_for() -> None:
    response = security(**SITE)
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
    contact = "https://example.org/nous"
    assert f"Contact: {contact}\n" in security(contact=contact).text
    assert security().status_code == 404
