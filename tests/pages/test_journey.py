"""From the home page to the PDF in Chromium, with JavaScript and without, there and back.

What each page asks and carries along, as far as the complaint, is walked in tests/test_journey.py.
"""

import io
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from letters.web.origin import MAX_BYTES
from tests.kit.pages import from_file
from tests.pages import (
    EDIT,
    FORM,
    PLAIN_HOST,
    SHOW,
    SMALL,
    WHOLE,
    button_of,
    download,
    fill,
    press,
    read,
    reveal,
    ticked,
)
from tests.pages.conftest import OpenWindow
from tests.server import Server

pytestmark = pytest.mark.browser


@pytest.mark.rule(2, 4, 18)
@pytest.mark.check(7)
def test_from_the_home_page_to_the_pdf(any_page: Page) -> None:
    page = any_page
    page.goto("/")
    page.get_by_role("link", name="Écrire ma lettre", exact=True).click()
    expect(page).to_have_title("S’opposer auprès de sa caisse – Droit de plume")

    page.fill("#family_name", SMALL["family_name"])
    refused = press(page, SHOW)
    assert refused.status == 422
    assert page.title().startswith("Erreur\u00a0: S’opposer")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport(ratio=1)
    expect(summary.locator("li")).to_have_count(2)

    summary.get_by_role("link", name="Indiquez votre prénom").click()
    expect(page.locator("#given_name")).to_be_focused()
    assert page.input_value("#family_name") == SMALL["family_name"]
    page.fill("#given_name", SMALL["given_name"])
    page.select_option("#recipient", SMALL["recipient"])
    assert press(page, SHOW).status == 200

    expect(page).to_have_title("Votre lettre est prête – Droit de plume")
    expect(page.get_by_text("Rien n’est encore envoyé.")).to_be_visible()
    expect(page.locator("#letter")).to_contain_text("Œnone L’Haÿ-Béguin")
    subject = page.input_value("#subject")
    assert subject.startswith("Opposition à la réutilisation")
    for button, box, ending in (
        ("Télécharger le texte", "#message", ""),
        ("Télécharger le texte court", "#message-short", "-version-courte"),
    ):
        name, content = download(page, button)
        assert name == f"opposition-sante{ending}.txt"
        assert page.input_value(box).endswith("Œnone L'Haÿ-Béguin")
        assert from_file(content) == f"Objet : {subject}\n\n{page.input_value(box)}\n"

    name, content = download(page, "Télécharger le PDF")
    assert (name, content[:5]) == ("opposition-sante.pdf", b"%PDF-")
    page.check("#large")
    name, large = download(page, "Télécharger le PDF")
    assert name == "opposition-sante-gros-caracteres.pdf"
    assert large != content
    _, bundle = download(page, "Télécharger le fichier zip")
    with ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.read("1-opposition-sante-gros-caracteres.pdf") == large

    assert press(page, EDIT).status == 200
    assert page.input_value("#given_name") == SMALL["given_name"]


@pytest.mark.rule(3)
def test_each_line_of_the_summary_leads_to_its_field(page: Page) -> None:
    wrong = {"postal_code": "2920", "birth_date": "31/02/1958", "email": "oenone"}
    fill(page, wrong)
    press(page, SHOW)
    links = page.locator(".error-summary a")
    fields = [(link.get_attribute("href") or "").removeprefix("#") for link in links.all()]
    assert set(fields) == {"given_name", "family_name", "recipient", *wrong}
    for index, field in enumerate(fields):
        links.nth(index).click()
        expect(page.locator(f"#{field}")).to_be_focused()
        for told in (f"label[for={field}]", f"#{field}-error"):
            expect(page.locator(told)).to_be_in_viewport()


def test_where_downloads_are_refused_the_letter_stays(window: OpenWindow) -> None:
    page = window(accept_downloads=False)
    fill(page, SMALL)
    press(page, SHOW)
    reveal(button_of(page, "Télécharger le PDF")).click()
    page.wait_for_timeout(500)
    expect(page.locator("#letter")).to_be_visible()
    assert press(page, EDIT).status == 200
    assert page.input_value("#given_name") == SMALL["given_name"]


def test_enter_in_a_field_asks_for_the_letter(page: Page) -> None:
    for field in ("given_name", "email"):
        fill(page, SMALL)
        with page.expect_navigation():
            page.locator(f"#{field}").press("Enter")
        assert page.title() == "Votre lettre est prête – Droit de plume"


@pytest.mark.rule(15)
def test_changing_ones_answers_brings_them_all_back(page: Page) -> None:
    for options in (("cnil", "deces"), ()):
        fill(page, WHOLE, options)
        press(page, SHOW)
        assert press(page, EDIT).status == 200
        assert read(page) == WHOLE
        assert ticked(page) == options


def test_back_from_a_letter_or_a_refusal_finds_the_answers(window: OpenWindow) -> None:
    page = window(statuses=(413, 422))
    wrong = {**WHOLE, "birth_date": "31/02/1958"}
    too_long = {**WHOLE, "reason": "Trop long. " * (MAX_BYTES // 10)}
    for answers, heading in (
        (WHOLE, "Votre lettre est prête"),
        (wrong, "S’opposer auprès de sa caisse"),
        (too_long, "C’est trop long"),
    ):
        fill(page, answers, ("deces",))
        press(page, SHOW)
        expect(page.locator("h1")).to_have_text(heading)
        page.go_back()
        assert read(page) == answers
        assert ticked(page) == ("deces",)


@pytest.mark.parametrize("plain", [False, True], ids=["this machine", "a site without https"])
@pytest.mark.check(14)
def test_the_site_accepts_its_own_form(window: OpenWindow, server: Server, *, plain: bool) -> None:
    origin = f"http://{PLAIN_HOST}:{server.port}" if plain else server.url
    page = window(base_url=origin, java_script_enabled=False)
    fill(page, SMALL)
    answer = press(page, SHOW)
    assert answer.status == 200
    # Without https a browser does not say `Sec-Fetch-Site`: the origin it gives is what is judged.
    sent = answer.request.all_headers()
    assert sent.get("sec-fetch-site") == (None if plain else "same-origin")
    assert sent["origin"] == origin


@pytest.mark.check(13)
def test_the_site_refuses_the_form_of_another(window: OpenWindow, server: Server) -> None:
    plain = f"http://{PLAIN_HOST}:{server.port}"
    page = window(also=(f"{plain}/",), statuses=(403,))
    for target in (server.url, plain):
        page.goto("about:blank")  # a page of nobody's, whose origin is "null"
        page.set_content(f'<form method="post" action="{target}{FORM}"><button>Go</button></form>')
        assert press(page, "Go").status == 403
        expect(page.locator("h1")).to_have_text("Cette demande ne vient pas de ce site")
