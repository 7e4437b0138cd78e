"""From the home page to the PDF, and to the complaint, in Chromium, with JavaScript and without."""

import io
import re
from datetime import timedelta
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from letters.web.content import today
from letters.web.origin import MAX_BYTES
from tests.pages import (
    EDIT,
    FORM,
    HOME,
    MORE,
    OPTIONS,
    PLAIN_HOST,
    SHOW,
    SMALL,
    WHOLE,
    answer,
    download,
    fill,
    letter,
    press,
    read,
    ticked,
)
from tests.pages.conftest import OpenWindow
from tests.server import Server

pytestmark = pytest.mark.browser


@pytest.mark.rule(2, 18)
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
    expect(page.locator(".error-summary li")).to_have_count(2)

    page.locator(".error-summary").get_by_role("link", name="Indiquez votre prénom").click()
    expect(page.locator("#given_name")).to_be_focused()
    assert page.input_value("#family_name") == SMALL["family_name"]
    page.fill("#given_name", SMALL["given_name"])
    page.select_option("#recipient", SMALL["recipient"])
    assert press(page, SHOW).status == 200

    expect(page).to_have_title("Votre lettre est prête – Droit de plume")
    expect(page.get_by_text("Rien n’est encore envoyé.")).to_be_visible()
    expect(page.locator("#letter")).to_contain_text("Œnone L’Haÿ-Béguin")
    assert page.input_value("#subject").startswith("Opposition à la réutilisation")
    assert page.input_value("#message").endswith("Œnone L'Haÿ-Béguin")
    assert page.input_value("#message-short").endswith("Œnone L'Haÿ-Béguin")

    name, content = download(page, "Télécharger le PDF")
    assert name == "opposition-sante.pdf"
    assert content.startswith(b"%PDF-")

    assert press(page, EDIT).status == 200
    assert page.input_value("#given_name") == SMALL["given_name"]


def test_the_texts_that_are_downloaded_are_those_shown(page: Page) -> None:
    letter(page, WHOLE)
    subject = page.input_value("#subject")
    for button, shown, expected in (
        ("Télécharger le texte", "#message", "opposition-sante.txt"),
        ("Télécharger le texte court", "#message-short", "opposition-sante-version-courte.txt"),
    ):
        name, content = download(page, button)
        assert name == expected
        assert content.decode() == f"Objet : {subject}\n\n{page.input_value(shown)}\n"


@pytest.mark.rule(4)
def test_after_an_error_the_focus_is_on_the_summary(any_page: Page) -> None:
    any_page.goto(FORM)
    press(any_page, SHOW)
    expect(any_page.locator(".error-summary")).to_be_focused()
    expect(any_page.locator(".error-summary")).to_be_in_viewport(ratio=1)


@pytest.mark.rule(3)
def test_each_line_of_the_summary_leads_to_its_field(page: Page) -> None:
    fill(page, {"postal_code": "2920", "birth_date": "31/02/1958", "email": "oenone"})
    press(page, SHOW)
    links = page.locator(".error-summary a")
    fields = [(link.get_attribute("href") or "").removeprefix("#") for link in links.all()]
    assert set(fields) == {
        "given_name",
        "family_name",
        "recipient",
        "birth_date",
        "postal_code",
        "email",
    }
    for index, field in enumerate(fields):
        links.nth(index).click()
        expect(page.locator(f"#{field}")).to_be_focused()


def test_enter_in_a_field_asks_for_the_letter(page: Page) -> None:
    for field in ("given_name", "email"):
        fill(page, SMALL)
        with page.expect_navigation():
            page.locator(f"#{field}").press("Enter")
        assert page.title() == "Votre lettre est prête – Droit de plume"


@pytest.mark.rule(15)
def test_changing_ones_answers_brings_them_all_back(page: Page) -> None:
    letter(page, WHOLE, ("cnil", "deces"))
    assert press(page, EDIT).status == 200
    assert read(page) == WHOLE
    assert ticked(page) == ("cnil", "deces")


def test_no_option_stays_no_option(page: Page) -> None:
    letter(page, SMALL, ())
    press(page, EDIT)
    assert ticked(page) == ()


@pytest.mark.rule(6)
def test_answers_in_error_all_come_back(page: Page) -> None:
    answers = {**WHOLE, "birth_date": "31/02/1958", "postal_code": "2920"}
    fill(page, answers, OPTIONS)
    assert press(page, SHOW).status == 422
    assert read(page) == answers
    assert ticked(page) == OPTIONS


def test_back_from_the_letter_finds_the_answers(page: Page) -> None:
    letter(page, WHOLE, ("deces",))
    page.go_back()
    assert read(page) == WHOLE
    assert ticked(page) == ("deces",)


def test_back_from_a_refusal_finds_the_answers(window: OpenWindow) -> None:
    page = window(statuses=(413,))
    too_long = "Trop long. " * (MAX_BYTES // 10)
    fill(page, {**WHOLE, "reason": too_long})
    assert press(page, SHOW).status == 413
    expect(page.locator("h1")).to_have_text("C’est trop long")
    page.go_back()
    assert page.input_value("#reason") == too_long
    assert page.input_value("#city") == WHOLE["city"]


def test_the_known_address_can_be_corrected(any_page: Page) -> None:
    page = any_page
    fill(page, SMALL)
    if page.locator("[data-needless]").is_visible():  # without JavaScript
        assert press(page, "Voir et corriger l’adresse connue").status == 200
    lines = page.input_value("#recipient_lines").splitlines()
    assert len(lines) >= 3
    page.fill("#recipient_lines", "\n".join([*lines[:-1], "99999 AILLEURS"]))
    press(page, SHOW)
    expect(page.locator("#letter .recipient p").first).to_have_text(lines[0])
    expect(page.locator("#letter .recipient p").last).to_have_text("99999 AILLEURS")


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


CARER = "Cabinet du docteur Invention\n1 rue de l’Invention\n29200 Brest"
CARER_LETTER = "S’opposer auprès d’un soignant ou d’un hôpital"
FOLLOW_UP_LETTER, COMPLAINT = "Relancer l’organisme", "Se plaindre auprès de la CNIL"


def open_other(page: Page, title: str) -> None:
    """Open another letter from the result of one, with what was typed."""
    name = re.compile(rf"^Écrire cette lettre\s:\s{re.escape(title)}$")
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    expect(page.locator("h1")).to_have_text(title)


def test_for_ones_child_from_the_home_page_to_the_complaint(any_page: Page) -> None:
    page = any_page
    page.goto(HOME)
    page.get_by_role("link", name="Écrire ma lettre", exact=True).click()
    page.get_by_label("Pour mon enfant de moins de 15 ans").check()
    expect(page.locator("#birth_date")).to_be_hidden()
    expect(page.locator("#measure")).to_be_hidden()
    child = {name: MORE[name] for name in ("represented_given_name", "represented_family_name")}
    child["represented_birth_date"] = f"{today() - timedelta(days=3000):%d/%m/%Y}"
    answer(page, {**SMALL, **child})
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter")).to_contain_text("Pour\u00a0: Éloïse L’Haÿ-Béguin")
    expect(page.locator("#letter")).to_contain_text("J’exerce l’autorité parentale sur Éloïse")

    # Sent forty days ago: the month is over today, whatever today is.
    sent_on = today() - timedelta(days=40)
    page.fill("#sent_on", f"{sent_on:%d/%m/%Y}")
    name, content = download(page, "Télécharger le rappel")
    assert name == "rappel.ics"
    [event] = Calendar.from_ical(content).walk("VEVENT")
    reminder = urlsplit(str(event["URL"]))
    assert reminder.query == f"lettre=opposition-sante&envoi={sent_on}"

    open_other(page, CARER_LETTER)
    expect(page.locator("#who-child")).to_be_checked()
    expect(page.locator("#represented_given_name")).to_be_visible()
    expect(page.locator("#represented_given_name")).to_have_value("Éloïse")
    assert {name: page.input_value(f"#{name}") for name in child} == child
    assert page.input_value("#given_name") == SMALL["given_name"]
    assert page.input_value("#recipient_lines") == ""
    page.fill("#recipient_lines", CARER)
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter .recipient")).to_contain_text("Cabinet du docteur Invention")
    expect(page.locator(".slip")).to_contain_text("Éloïse L’Haÿ-Béguin")
    name, content = download(page, "Imprimer ces phrases (PDF)")
    assert name == "opposition-soignant-a-dire.pdf"
    assert content.startswith(b"%PDF-")

    page.get_by_label("S’opposer auprès de sa caisse", exact=True).check()
    page.get_by_label("Informer la CNIL", exact=True).check()
    name, content = download(page, "Télécharger le fichier zip")
    assert name == "lettres.zip"
    with ZipFile(io.BytesIO(content)) as archive:
        files = archive.namelist()
        assert (files[0], files[-1]) == ("LISEZMOI.txt", "rappel.ics")
        assert len(files) == 12
        assert "CPAM de Paris" not in archive.read("2-opposition-soignant.txt").decode()
        assert "Éloïse" in archive.read("3-information-cnil.txt").decode()

    # The day comes: all that is left is the reminder.
    page.goto(f"{reminder.path}?{reminder.query}")
    expect(page.get_by_role("heading", name="Un mois a passé")).to_be_visible()
    expect(page.locator("#sent_on")).to_have_value(f"{sent_on:%d/%m/%Y}")
    page.get_by_label("Pas de réponse", exact=True).check()
    assert press(page, "Voir la suite").status == 200
    assert press(page, FOLLOW_UP_LETTER).status == 200
    expect(page.locator("#sent_on")).to_have_value(f"{sent_on:%d/%m/%Y}")
    expect(page.locator("#first_letter")).to_have_value("opposition-sante")
    expect(page.locator("#outcome-silence")).to_be_checked()
    page.get_by_label("Pour mon enfant de moins de 15 ans").check()
    page.get_by_label("Par la poste", exact=True).check()
    answer(page, {**SMALL, **child})
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter")).to_contain_text("mode d’envoi\u00a0: courrier postal")

    open_other(page, COMPLAINT)
    expect(page.locator("#followed_up_on")).not_to_have_value("")
    expect(page.locator("#channel-post")).to_be_checked()
    expect(page.locator("#represented_family_name")).to_have_value("L’Haÿ-Béguin")
    assert press(page, SHOW).status == 200
    pieces = page.locator("#letter li").all_inner_texts()
    assert "la copie du rappel ;" in [piece.replace("\u202f", " ") for piece in pieces]
    assert pieces[-1].startswith("la copie de la demande du ")
    name, content = download(page, "Télécharger le PDF")
    assert name == "plainte-cnil.pdf"
    assert content.startswith(b"%PDF-")


def test_a_refusal_is_followed_up_before_the_month_is_over(any_page: Page) -> None:
    page = any_page
    sent_on = f"{today() - timedelta(days=2):%d/%m/%Y}"
    page.goto(HOME)
    page.locator("main").get_by_role("link", name="Où en est votre lettre").click()
    page.select_option("#first_letter", "opposition-plateforme")
    page.fill("#sent_on", sent_on)
    page.get_by_label("Pas de réponse", exact=True).check()
    assert press(page, "Voir la suite").status == 200
    expect(page.get_by_role("heading", name="Sans réponse, attendez le")).to_be_visible()
    expect(page.locator("main button[formaction]")).to_have_count(0)
    page.get_by_label("Un refus", exact=True).check()
    page.fill("#answer_on", sent_on)
    assert press(page, "Voir la suite").status == 200
    assert press(page, COMPLAINT).status == 200
    expect(page.locator("#first_letter")).to_have_value("opposition-plateforme")
    expect(page.locator("#answer_on")).to_have_value(sent_on)
    answer(page, {name: SMALL[name] for name in ("given_name", "family_name")})
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter")).to_contain_text("Plateforme des données de santé")


def test_the_blank_letter_is_downloaded_from_the_form(any_page: Page) -> None:
    page = any_page
    page.goto(FORM)
    page.fill("#given_name", SMALL["given_name"])
    page.select_option("#vierge-who", "child")
    page.check("#vierge-large")
    name, content = download(page, "Télécharger la lettre vierge")
    assert name == "opposition-sante-vierge.pdf"
    assert content.startswith(b"%PDF-")
    assert page.url.endswith(FORM)


def test_a_bad_day_of_sending_is_said_at_its_field(any_page: Page) -> None:
    page = any_page
    letter(page, WHOLE)
    page.fill("#sent_on", "31/02/2026")
    assert press(page, "Télécharger le rappel").status == 422
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary a").click()
    expect(page.locator("#sent_on")).to_be_focused()
    expect(page.locator("#sent_on")).to_have_value("31/02/2026")
    page.fill("#sent_on", "28/02/2026")
    page.locator("#sent_on").press("End")
    with page.expect_download() as started:
        page.locator("#sent_on").press("Enter")
    assert started.value.suggested_filename == "rappel.ics"


def test_large_print_goes_with_every_pdf_of_the_page(page: Page) -> None:
    letter(page, WHOLE)
    _, small = download(page, "Télécharger le PDF")
    page.check("#large")
    _, large = download(page, "Télécharger le PDF")
    assert small != large
    _, content = download(page, "Télécharger le fichier zip")
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("1-opposition-sante.pdf") == large
