"""What a POST must be to be read at all: from our own pages, small, an ordinary form."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from letters.web.origin import FORM as URLENCODED
from letters.web.origin import MAX_BYTES, MAX_FIELDS
from tests import kit
from tests.kit.forms import AREAS, EVERY_OPTION, NAMES, address_of, everything, posted
from tests.kit.pages import (
    FORM,
    PERSON,
    SLUGS,
    TITLES,
    CheckingClient,
    checking,
    heading_of,
    parse,
)

HERE = "http://localhost:8001"


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


@pytest.mark.parametrize(
    ("site", "origin", "accepted"),
    [
        # Browsers of today say where the request comes from, and that is what counts.
        ("same-origin", None, True),
        ("same-origin", "http://elsewhere.example", True),
        ("none", None, True),
        ("same-site", HERE, False),
        ("cross-site", HERE, False),
        ("cross-site", None, False),
        ("", HERE, False),
        ("Same-Origin, cross-site", HERE, False),
        # Older browsers: the host of Origin is ours, whatever the scheme says behind a proxy.
        (None, HERE, True),
        (None, "https://localhost:8001", True),
        (None, "null", False),
        (None, "", False),
        (None, "http://localhost", False),
        (None, "http://localhost:8001.elsewhere.example", False),
        (None, "http://localhost:8001@elsewhere.example", False),
        (None, "localhost:8001", False),
        (None, "http://[::1", False),  # no address at all
        # A client that says neither is no browser, and nobody is behind it to be tricked.
        (None, None, True),
    ],
)
@pytest.mark.check(13)
def test_a_form_is_accepted_only_from_our_own_pages(
    client: CheckingClient, site: str | None, origin: str | None, accepted: bool
) -> None:
    given = {"Sec-Fetch-Site": site, "Origin": origin}
    headers = {name: value for name, value in given.items() if value is not None}
    response = client.post(FORM, base_url=HERE, data=PERSON, headers=headers)
    if accepted:
        assert response.status_code == 200
    else:
        check_refused(response, 403)
        assert "Durand" not in response.text


@pytest.mark.check(15)
def test_a_name_that_no_site_can_have_is_refused(app: Flask) -> None:
    for name in ("a" * 300, "a." * 150 + "example"):
        assert app.test_client().get("/fr/", headers={"Host": name}).status_code == 400


def test_reading_a_page_is_allowed_from_anywhere(client: CheckingClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "http://elsewhere.example"}
    assert client.get("/fr/", headers=headers).status_code == 200


# Size


def body(size: int) -> bytes:
    start = b"given_name=Camille&family_name=Durand&recipient=01751&ignored="
    return start + b"x" * (size - len(start))


def fields(count: int, extra: str = "options=cnil") -> bytes:
    start = "given_name=Camille&family_name=Durand&recipient=01751"
    return "&".join([start, *[extra] * (count - 3)]).encode()


def longest() -> dict[str, object]:
    """The longest answers that the forms accept, in letters that take six bytes in a POST.

    Latin, Greek and Cyrillic ones do, accents included; no language is written in longer ones
    only, and two of three letters of Vietnamese take one byte.
    """
    letter = "é"
    texts = dict.fromkeys(NAMES, letter * 100) | {"city": letter * 50, "measure": letter * 60}
    texts |= {"given_name": "ü" * 100}  # else signer and represented person are asked about
    texts |= dict.fromkeys(("address_line1", "address_line2", "country"), "ü" * 38)  # and these
    texts |= dict.fromkeys(AREAS, "\r\n".join([letter * 38] * 6))
    texts |= {"reason": ((letter * 99 + " ") * 15)[:1499], "missing": (letter * 99 + " ") * 5}
    texts |= {"email": letter * 88 + "@example.org", "postal_code": "1" * 12, "recipient": "other"}
    return everything("protected", **texts, options=EVERY_OPTION)


@pytest.mark.parametrize("slug", SLUGS if kit.everything else (SLUGS[0], SLUGS[-1]))
def test_the_longest_answers_to_all_letters_pass_from_each_to_each(app: Flask, slug: str) -> None:
    client = app.test_client()
    pages = [client.post(address_of(slug), data={**longest(), "output": "edit"})]
    pages.append(client.post(address_of(slug), data=longest()))
    for page in pages:
        assert page.status_code == 200
        sent = list(posted(page.text).items(multi=True))
        sent += [("also", other) for other in SLUGS]
        assert len(sent) < MAX_FIELDS
        assert len(urlencode(sent)) < MAX_BYTES
        for other in SLUGS:
            data = posted(page.text, output="edit")
            assert client.post(address_of(other), data=data).status_code == 200


# As a server hands over `Transfer-Encoding: chunked`, of which Werkzeug reads the start only.
CHUNKED = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
KINDS = ("multipart/form-data; boundary=x", "application/json", "text/plain", "é/è", "", None)
# (status, body, type, more)
REFUSED = (
    (413, body(MAX_BYTES + 1), URLENCODED, {}),
    (413, fields(MAX_FIELDS + 1), URLENCODED, {}),
    (413, fields(5000, "%C3%A9=%00"), URLENCODED, {}),
    (411, body(1000), URLENCODED, CHUNKED),
    (411, body(MAX_BYTES + 1), URLENCODED, CHUNKED),
    (400, b"\xff\xfe\x00", URLENCODED, {}),  # no field that can be read
    (400, b"given_name=Zo\xe9&family_name=Durand", URLENCODED, {}),
    (400, b"&&", URLENCODED, {}),
    *((415, body(500), kind, {}) for kind in (*KINDS, f"{URLENCODED}-not")),
)


@pytest.mark.parametrize(("status", "data", "kind", "more"), REFUSED)
@pytest.mark.check(16)
def test_what_is_no_ordinary_form_is_refused_in_french(
    client: CheckingClient, status: int, data: bytes, kind: str | None, more: dict[str, Any]
) -> None:
    given = {"input_stream": BytesIO(data), "content_type": kind}
    size = {"CONTENT_LENGTH": str(len(data))} if more is not CHUNKED else {}
    check_refused(client.post(FORM, **given, environ_overrides={**size, **more}), status)


def check_refused(response: TestResponse, status: int) -> None:
    assert response.status_code == status
    assert heading_of(parse(response.text)) == TITLES[status]


@pytest.mark.parametrize(
    ("status", "data", "kind"),
    [
        (200, body(MAX_BYTES), URLENCODED),
        (200, fields(MAX_FIELDS), URLENCODED),
        (200, fields(MAX_FIELDS, "a=1"), URLENCODED),
        (200, body(500), f"{URLENCODED};charset=x"),
        (200, body(500), URLENCODED.upper()),
        (200, body(500) + b"&_method=DELETE", URLENCODED),
        (422, b"given_name=%FF&family_name=%&recipient=%ZZ", URLENCODED),
        (422, b"==&=&;", URLENCODED),
        (422, b"", URLENCODED),
    ],
)
@pytest.mark.check(16)
def test_an_ordinary_form_is_read_whatever_it_says(
    app: Flask, status: int, data: bytes, kind: str
) -> None:
    sent = {"data": data, "content_type": kind, "headers": {"X-HTTP-Method-Override": "DELETE"}}
    assert checking(app, own_words=False).post(FORM, **sent).status_code == status
