"""What a POST must be to be read at all: from our own pages, small, an ordinary form."""

from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from letters.web.origin import FORM as URLENCODED
from letters.web.origin import MAX_BYTES, MAX_FIELDS
from tests import kit
from tests.test_form import AREAS, EVERY_OPTION, NAMES, address_of, everything, posted
from tests.test_pages import (
    FORM,
    PAGES,
    PERSON,
    SLUGS,
    TITLES,
    CheckingClient,
    checking,
    heading_of,
    parse,
)

HERE = "http://localhost"


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


@pytest.mark.parametrize(
    ("site", "origin", "accepted"),
    [
        # Browsers of today say where the request comes from, and that is what counts.
        ("same-origin", None, True),
        ("same-origin", HERE, True),
        ("same-origin", "null", True),
        ("same-origin", "http://elsewhere.example", True),
        ("none", None, True),
        ("same-site", None, False),
        ("same-site", HERE, False),
        ("cross-site", None, False),
        ("cross-site", HERE, False),
        ("cross-site", "null", False),
        ("", HERE, False),
        ("Same-Origin, cross-site", HERE, False),
        # Older browsers: the host of Origin is ours, whatever the scheme says behind a proxy.
        (None, HERE, True),
        (None, "https://localhost", True),
        (None, "null", False),
        (None, "", False),
        (None, "http://elsewhere.example", False),
        (None, "http://localhost:8001", False),
        (None, "http://localhost.elsewhere.example", False),
        (None, "http://elsewhere.example/localhost", False),
        (None, "http://localhost@elsewhere.example", False),
        (None, "localhost", False),
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
    response = client.post(FORM, data=PERSON, headers=headers)
    assert response.status_code == (200 if accepted else 403)
    if not accepted:
        check_refused(response, 403)
        assert "Durand" not in response.text


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "//", "http://\u2100.example"])
def test_an_origin_that_is_no_address_is_refused_without_a_crash(
    client: CheckingClient, origin: str
) -> None:
    response = client.post(FORM, data=PERSON, environ_overrides={"HTTP_ORIGIN": origin})
    assert response.status_code == 403


def test_the_port_is_part_of_the_origin(client: CheckingClient) -> None:
    here = {"base_url": "http://plume.example:8000"}
    for origin, status in (("http://plume.example:8000", 200), ("http://plume.example", 403)):
        response = client.post(FORM, data=PERSON, headers={"Origin": origin}, **here)
        assert response.status_code == status


@pytest.mark.check(15)
def test_a_name_that_no_site_can_have_is_refused(app: Flask) -> None:
    for name in ("a" * 300, f"{'a' * 250}.example:80"):
        assert app.test_client().get("/fr/", headers={"Host": name}).status_code == 400


def test_reading_a_page_is_allowed_from_anywhere(client: CheckingClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "http://elsewhere.example"}
    for path in sorted({*PAGES}):
        assert client.get(path, headers=headers).status_code == 200


# Size


def body(size: int) -> bytes:
    start = b"given_name=Camille&family_name=Durand&recipient=01751&ignored="
    return start + b"x" * (size - len(start))


def test_the_largest_body_is_read(client: CheckingClient) -> None:
    response = client.post(FORM, data=body(MAX_BYTES), content_type=URLENCODED)
    assert MAX_BYTES == 32 * 1024
    assert response.status_code == 200


def longest() -> dict[str, object]:
    """The longest answers that the forms accept, in letters that take six bytes in a POST.

    Latin, Greek and Cyrillic ones do, accents included; no language is written in longer ones
    only, and two of three letters of Vietnamese take one byte.
    """
    letter = "é"
    texts = dict.fromkeys(NAMES, letter * 100) | {"city": letter * 50, "measure": letter * 60}
    texts |= dict.fromkeys(("address_line1", "address_line2", "country"), letter * 38)
    texts |= dict.fromkeys((*AREAS, "carried_lines"), "\r\n".join([letter * 38] * 6))
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


@pytest.mark.check(16)
def test_a_larger_body_is_refused_in_french(client: CheckingClient) -> None:
    for size in (MAX_BYTES + 1, 10 * MAX_BYTES):
        check_refused(client.post(FORM, data=body(size), content_type=URLENCODED), 413)


def check_refused(response: TestResponse, status: int) -> None:
    assert response.status_code == status
    assert heading_of(parse(response.text)) == TITLES[status]


@pytest.mark.parametrize("size", [1000, MAX_BYTES + 1])
@pytest.mark.check(16)
def test_a_body_that_does_not_say_its_size_is_refused_and_never_cut(
    client: CheckingClient, size: int
) -> None:
    # As a server hands over `Transfer-Encoding: chunked`, of which Werkzeug reads the start only.
    response = client.post(
        FORM,
        input_stream=BytesIO(body(size)),
        content_type=URLENCODED,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    check_refused(response, 411)


@pytest.mark.parametrize("said", ["douze", "-1", "", "1e3"])
def test_a_size_that_is_no_number_is_refused(client: CheckingClient, said: str) -> None:
    response = client.post(
        FORM,
        input_stream=BytesIO(body(1000)),
        content_type=URLENCODED,
        environ_overrides={"CONTENT_LENGTH": said},
    )
    assert response.status_code in {411, 422}  # 422: nothing was read, every answer is missing


@pytest.mark.parametrize(
    ("count", "extra", "status"),
    [
        (MAX_FIELDS, "a=1", 200),
        (MAX_FIELDS, "options=cnil", 200),
        (MAX_FIELDS + 1, "options=cnil", 413),
        (MAX_FIELDS + 1, "a=1", 413),
        (5000, "%C3%A9=%00", 413),
    ],
)
@pytest.mark.check(16)
def test_too_many_fields_are_refused(
    client: CheckingClient, count: int, status: int, extra: str
) -> None:
    start = "given_name=Camille&family_name=Durand&recipient=01751"
    data = "&".join([start, *[extra] * (count - 3)])
    response = client.post(FORM, data=data, content_type=URLENCODED)
    assert MAX_FIELDS == 100
    assert response.status_code == status
    if status == 413:
        check_refused(response, 413)


# Type


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded-not",
        "é/è",
        "",
        None,
    ],
)
@pytest.mark.check(16)
def test_another_type_is_refused(client: CheckingClient, kind: str | None) -> None:
    check_refused(client.post(FORM, input_stream=BytesIO(body(500)), content_type=kind), 415)


def test_the_type_of_a_form_is_accepted_with_its_parameters(client: CheckingClient) -> None:
    for kind in (f"{URLENCODED}; charset=utf-8", f"{URLENCODED};charset=x", URLENCODED.upper()):
        assert client.post(FORM, data=body(500), content_type=kind).status_code == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"given_name=%FF&family_name=%&recipient=%ZZ", 422),
        (b"==&=&;", 422),
        (b"", 422),
        (b"\xff\xfe\x00", 400),  # no field that can be read
        (b"given_name=Zo\xe9&family_name=Durand", 400),
        (b"&&", 400),
    ],
)
def test_a_broken_body_is_a_form_with_errors_or_is_told_so(
    app: Flask, data: bytes, status: int
) -> None:
    response = checking(app, own_words=False).post(FORM, data=data, content_type=URLENCODED)
    assert response.status_code == status
    if status == 400:
        check_refused(response, 400)


# Methods


def test_a_method_cannot_be_smuggled_in(client: CheckingClient) -> None:
    headers = {"X-HTTP-Method-Override": "DELETE"}
    data = {**PERSON, "_method": "DELETE"}
    assert client.post(FORM, data=data, headers=headers).status_code == 200
