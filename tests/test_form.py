"""The form, from the first visit to the request that it makes: what is asked, checked and kept.

Most is tried on the form itself; over HTTP only what a page shows. Sentences are written out as
a person reads them: `~` stands for a no-break space. What travels from one letter to the next is
in test_carried.py and test_journey.py; hostile texts are in tests/trust/test_hostile.py.
"""

import ast
import re
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from letters.model import (
    CHANNELS,
    OUTCOMES,
    WHO,
    LetterRequest,
    Objection,
    Person,
    PostalAddress,
    Representation,
)
from letters.recipients import OTHER, Recipients, load_addressees
from letters.web import fields, forms, questions
from letters.web.forms import FollowUpForm, recipient_choices
from letters.web.outputs import composed
from tests.kit.forms import (
    ALWAYS,
    AREAS,
    ASKED,
    CARER,
    CHOICES,
    CNIL,
    DEFAULTS_OF,
    EVERY_OPTION,
    FIELDS,
    FUND,
    INFORMATION,
    LISTS,
    MAYOTTE,
    NAMES,
    NEVER_SHOWN,
    NIR,
    NIR_MESSAGE,
    NIR_TAKEN_OUT,
    OPTIONS,
    OPTIONS_OF,
    PLAINTE,
    PLATEFORME,
    PLATFORM,
    RELANCE,
    SANTE,
    SOIGNANT,
    TEXTS,
    WHOLE,
    address_of,
    check_errors,
    errors_of,
    everything,
    form_of,
    fr,
    letter_of,
    main_form,
    post,
    posted,
    recipient_of,
    sentences,
    shown,
)
from tests.kit.pages import (
    FORM,
    LATER,
    LEO,
    OPPOSITIONS,
    OUTPUTS,
    PERSON,
    SENT,
    SLUGS,
    SPEAKING,
    WHOSE,
    CheckingClient,
    checking,
    in_turn,
    parse,
    text_of,
    title_of,
    words,
)
from tests.letters_under_test import steady, steady_few

every_letter = pytest.mark.parametrize("slug", SLUGS)
every_row = pytest.mark.parametrize(("slug", "who", "first", "outcome"), [*ASKED])


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


@pytest.fixture
def stranger(app: Flask) -> CheckingClient:
    """The same, on pages that show what was typed: its spaces are not ours."""
    return checking(app, own_words=False)


# What is asked


@every_row
def test_a_letter_asks_what_it_uses_for_this_person(
    slug: str, who: str, first: str, outcome: str
) -> None:
    form = form_of(slug, who=who, first_letter=first, outcome=outcome)
    assert form.asked == ALWAYS | set(ASKED[slug, who, first, outcome].split())


@every_letter
def test_a_form_shows_what_its_letter_may_ask_of_somebody(slug: str) -> None:
    asked = set()
    for who, first, outcome in product(WHO, OPPOSITIONS, OUTCOMES):
        asked |= form_of(slug, who=who, first_letter=first, outcome=outcome).asked
    assert form_of(slug).printed == asked


@every_row
def test_what_a_letter_does_not_ask_changes_nothing_and_is_carried_on(
    slug: str, who: str, first: str, outcome: str
) -> None:
    every = everything(who, first, outcome=outcome)
    used = ALWAYS | set(ASKED[slug, who, first, outcome].split())
    whole = {name: every[name] for name in used}
    unused = {*TEXTS, "carried_lines", "channel", "recipient"} - used
    wrong = {name: f"字 {name} " * 40 for name in unused}
    right, form = form_of(slug, **whole), form_of(slug, **whole, **wrong)
    assert errors_of(form) == errors_of(right) == {}
    assert composed(form) == composed(right)
    kept = dict(form.answers())
    # What came of another letter is not told of this one, and no answer of ours has such a value.
    forgotten = slug in OPPOSITIONS and slug != first
    history = {"answer_on", "followed_up_on", "missing"} if forgotten else set()
    for name in unused - history - {"channel", "recipient"}:
        assert kept[name] == wrong[name].strip()
    assert not kept.keys() & (history | (unused & {"recipient"}))
    beside = {name for name, _ in form.carried()}
    assert unused - form.printed - history - {"channel", "recipient"} <= beside
    assert not beside & (form.printed - {"options"}), "asked and hidden in the same form"
    assert kept.get("channel") != wrong.get("channel", "字")


@every_row
def test_all_errors_are_told_at_once_in_the_order_of_the_form_and_all_is_kept(
    client: CheckingClient, slug: str, who: str, first: str, outcome: str
) -> None:
    names = set(ASKED[slug, who, first, outcome].split()) | ALWAYS
    wrong = dict.fromkeys(names & {*TEXTS}, "字") | {"recipient": "99999", "channel": "pigeon"}
    answers = {**wrong, "who": who, "first_letter": first, "outcome": outcome, "options": "deces"}
    text = (response := client.post(address_of(slug), data=answers)).text
    found = check_errors(response)
    assert found.keys() == names & wrong.keys()
    assert parse(text).select("button[value=check][lang=en]"), "told again in another language"
    links = [str(link["href"]) for link in parse(text).select(".error-summary a")]
    order = [f"#{tag['id']}" for tag in main_form(text).select("[id]")]
    assert links == sorted(links, key=order.index)
    kept = shown(text)
    assert {kept[name] for name in names & {*TEXTS}} == {"字"}
    assert kept["options"] == [option for option in ["deces"] if option in OPTIONS_OF[slug]]
    chosen = {"who": who, "first_letter": first, "outcome": outcome}.items()
    assert [kept[name] for name, _ in chosen if name in kept] == [
        value for name, value in chosen if name in kept
    ]


# The first visit


@every_letter
@pytest.mark.rule(7, 14)
def test_a_first_visit_shows_what_the_letter_may_use_with_its_defaults(
    client: CheckingClient, slug: str
) -> None:
    text = client.get(address_of(slug)).text
    page, form, printed = parse(text), main_form(text), form_of(slug).printed
    known = {"who": "self", "first_letter": SANTE, "outcome": "silence"}
    known |= {"cnil_lines": "\n".join(CNIL)}
    known |= {"plateforme_lines": "\n".join(PLATFORM)} if slug == PLATEFORME else {}
    expected = dict.fromkeys(printed, "") | {n: v for n, v in known.items() if n in printed}
    values = shown(text)
    assert sorted(values.pop("options")) == DEFAULTS_OF[slug]
    del expected["options"]
    assert values == expected
    assert page.select(".error-summary, .error, .in-error, [aria-invalid], [role=alert]") == []
    assert not title_of(page).startswith("Erreur")
    # The server is the only judge; what it requires is said.
    assert form.has_attr("novalidate")
    assert form.select("[pattern], [maxlength], [minlength], [min], [max]") == []
    required = {*NAMES, "measure", "first_letter", "recipient"}
    required = (required | ({"sent_on"} if slug in LATER else set())) & printed
    assert {str(tag["name"]) for tag in form.select("[required]")} == required
    for name in printed - {"options"}:
        label = text_of(page.select_one(f"label[for={name}], fieldset#{name} > legend"))
        optional = name not in {*required, "who", "outcome"}
        assert label.endswith("(facultatif)") == optional, name
    assert "Tous les champs sont obligatoires sauf ceux marqués (facultatif)." in words(page.main)
    assert client.get(f"{address_of(slug)}?given_name=Zoe&options=acces&output=pdf").text == text


@every_letter
@pytest.mark.rule(14)
def test_every_field_says_why_it_is_asked_and_of_whom(client: CheckingClient, slug: str) -> None:
    page = parse(client.get(address_of(slug)).text)
    options = {f"options-{option}" for option in OPTIONS_OF[slug]}
    for name in (form_of(slug).printed | options) - {*CHOICES, "options", "first_letter"}:
        control = page.find(id=name)
        assert isinstance(control, Tag), name
        hint = page.find(id=f"{name}-hint")
        assert control.get("aria-describedby") == (f"{name}-hint" if hint else None)
        group = page.select_one(f"fieldset:has(#{name}) > p")  # one reason for all of it
        assert text_of(hint or group).endswith("."), name
    # Without a style sheet, every section is there and has to make sense.
    section = words(page.select_one(f"fieldset:has(#{NAMES[2]})"))
    assert "seulement pour votre enfant de moins de 15 ans, ou pour un majeur protégé" in section


# Names of WHATWG HTML, « autofill detail tokens »; « off » where it is about somebody else.
HELP = {
    "given_name": {"autocomplete": "given-name", "spellcheck": "false"},
    "family_name": {"autocomplete": "family-name", "spellcheck": "false"},
    "birth_date": {"autocomplete": "bday"},
    "address_line1": {"autocomplete": "address-line1"},
    "address_line2": {"autocomplete": "address-line2"},
    "postal_code": {"autocomplete": "postal-code"},
    "city": {"autocomplete": "address-level2"},
    "country": {"autocomplete": "country-name"},
    "email": {"autocomplete": "email", "type": "email", "spellcheck": "false"},
    "represented_given_name": {"autocomplete": "off"},
    "represented_family_name": {"autocomplete": "off"},
    "represented_birth_date": {"autocomplete": "off"},
    "measure": {"autocomplete": "off"},
}


@pytest.mark.rule(11)
def test_browsers_can_help_to_fill_in(client: CheckingClient) -> None:
    page = parse(client.get(FORM).text)
    for name, attributes in HELP.items():
        control = page.find(id=name)
        assert isinstance(control, Tag)
        assert attributes.items() <= control.attrs.items(), name


@pytest.mark.parametrize(("slug", "who"), in_turn(SLUGS, WHO))
def test_each_option_shows_its_paragraph_folded(
    client: CheckingClient, slug: str, who: str
) -> None:
    answers = everything(who, options=[*OPTIONS_OF[slug]])
    letter = "\n".join(letter_of(client.post(address_of(slug), data=answers).text))
    edited = parse(client.post(address_of(slug), data={**answers, "output": "edit"}).text)
    folded = edited.select("details.paragraph-shown")
    options = form_of(slug).context.wording.options
    for details, option in zip(folded, options, strict=True):
        assert text_of(details.find("summary")).endswith(option.label)
        assert details.find_all("p")
        for paragraph in details.find_all("p"):
            assert re.search(re.escape(text_of(paragraph)).replace("…", ".+"), letter), option.name


def test_one_list_holds_every_body_by_department_and_the_way_out(recipients: Recipients) -> None:
    choices = recipient_choices(recipients)
    codes = [code for group in choices.values() for code, _, _ in group]
    assert codes == ["", *(body.code for body in recipients), OTHER]
    assert list(choices) == ["", "Par département", "Autres régimes"]
    for code, label, body in (*choices["Par département"], *choices["Autres régimes"][:-1]):
        assert body is recipients.find(code)
        assert body
        assert bool(body.department) == (body in [b for *_, b in choices["Par département"]])
        # A number is what people know, and what a keyboard finds.
        known = [other for other in recipients if other.department == body.department]
        if len(known) == 1:
            assert label == f"{body.department} – {body.name}"
        assert label.startswith(f"{body.department} " if body.department else body.name)
    assert choices["Autres régimes"][-1][1] == fr("Autre organisme~: j’écris son adresse")


def test_bodies_that_share_a_department_are_told_apart_by_the_card_s_digits(
    client: CheckingClient, recipients: Recipients
) -> None:
    page = parse(client.get(FORM).text)
    explained = text_of(page.select_one("#a-qui details:not(#adresse)"))
    several = [bodies for key, bodies in recipients.by_department() if key and len(bodies) > 1]
    assert sorted(bodies[0].department for bodies in several) == ["59", "62", "64", "76"]
    for body in (body for bodies in several for body in bodies):
        option = page.select_one(f"option[value='{body.code}']")
        number = body.code[2:]
        wanted = f"{body.department} ({number}) – {body.department_name}, {body.name}"
        assert text_of(option) == wanted
        assert f"{number} – {body.name}" in explained


# What comes out


def test_everything_typed_has_its_place_in_the_request() -> None:
    typed = everything("protected", "opposition-plateforme", birth_date="04/04/1980")
    form = form_of(PLAINTE, **typed, country_of_nobody="x")
    assert errors_of(form) == {}
    first = form.context.content.catalogue.wordings[PLATEFORME]
    assert form.to_request() == LetterRequest(
        sender=Person(
            given_name="Camille",
            family_name="Durand",
            birth_date=date(1980, 4, 4),
            address=PostalAddress("12 rue de l’Église", "Bâtiment B", "29200", "Brest", ""),
            email="camille@example.org",
        ),
        recipient=("CNIL", "2 place Neuve", "75007 PARIS"),
        options=frozenset(),
        fields={"missing": "La date d’effet.\nLe nom de qui a été prévenu."},
        named_file=False,
        who="protected",
        represented=Representation(Person("Léo", "Martin", date(2015, 3, 3)), "tutelle"),
        objection=Objection(
            subject=first.subject,
            basis=first.basis,
            body=("Health Data Hub", "1 rue Neuve", "75015 PARIS"),
            sent_on=date(2026, 10, 1),
            channel="post",
            outcome="partial",
            answer_on=date(2026, 10, 20),
            followed_up_on=date(2026, 11, 5),
        ),
    )


def test_a_request_holds_nothing_of_what_is_not_asked() -> None:
    request = form_of(RELANCE, **everything("self", PLATEFORME, outcome="silence")).to_request()
    assert request.represented is None
    assert request.fields == {}
    assert request.objection
    assert (request.objection.answer_on, request.objection.followed_up_on) == (None, None)
    assert not request.named_file
    assert form_of(SANTE, **everything()).to_request().objection is None
    named = [(SANTE, {}), (SOIGNANT, {}), (RELANCE, {"first_letter": SOIGNANT})]
    assert all(form_of(slug, **more).to_request().named_file for slug, more in named)
    told = form_of(INFORMATION, **PERSON, channel="pigeon", outcome="penal").to_request()
    assert told.objection
    assert (told.objection.channel, told.objection.outcome) == ("", "")


@every_letter
def test_options_that_no_letter_or_another_one_has_are_not_in_the_request(slug: str) -> None:
    request = form_of(slug, **PERSON, options=[*EVERY_OPTION, "racine"]).to_request()
    assert request.options == {*OPTIONS_OF[slug]}


@pytest.mark.rule(13)
def test_days_and_codes_are_read_in_every_usual_shape_and_signs_nobody_sees_dropped() -> None:
    days = ["03/10/2026", "3/10/2026", "2026-10-03", "03.10.2026", "03-10-2026", "03 10 2026"]
    for typed in (*days, "03\u00a010\u202f2026", " 03 / 10 / 2026 ", "2026/10/3"):
        form = form_of(PLAINTE, **everything(sent_on=typed, birth_date=typed))
        assert errors_of(form) == {}
        assert form.day("sent_on") == form.day("birth_date") == date(2026, 10, 3)
    for typed in ("29200", "29 200", "29.200", "29-200", "2 9 2 0 0", "29\u00a0200"):
        assert form_of(SANTE, postal_code=typed).postal_code.data == "29200"
    assert form_of(SANTE, postal_code="B-1000").postal_code.data == "B-1000"
    name = "\ufeff  Ca\u200bmi\u202elle \u00a0 Zoé\t"
    assert form_of(SANTE, given_name=name).given_name.data == "Camille Zoé"


def test_a_french_postal_code_has_five_digits() -> None:
    for country in ("France", "FRANCE", " france ", ""):
        assert errors_of(form_of(SANTE, **PERSON, postal_code="2920", country=country))
        assert not errors_of(form_of(SANTE, **PERSON, postal_code="29200", country=country))
    assert not errors_of(form_of(SANTE, **PERSON, postal_code="B-1000", country="Belgique"))


# For whom

NEED_GIVEN = "Indiquez le prénom de la personne que vous représentez, par exemple Léo."
NEED_FAMILY = "Indiquez le nom de la personne que vous représentez, par exemple Durand."
NEED_MEASURE = "Indiquez la mesure de protection, par exemple tutelle."
TOO_OLD = (
    "Avec cette date, cette personne a 15~ans ou plus. Sur ce site, elle signe elle-même~: "
    "corrigez la date, ou écrivez la lettre à son nom."
)
NOT_15_TO_17 = (
    "Avec cette date, vous n’avez pas de 15 à 17~ans. Corrigez-la, ou choisissez une autre "
    "réponse à «~Pour qui écrivez-vous~»."
)


@every_letter
def test_who_is_represented_must_be_named_and_nobody_else(slug: str) -> None:
    names = {"represented_given_name": NEED_GIVEN, "represented_family_name": NEED_FAMILY}
    wanted = {"child": names, "protected": {**names, "measure": NEED_MEASURE}}
    for who in WHO:
        assert errors_of(form_of(slug, **PERSON, **SENT, who=who)) == wanted.get(who, {})


AGES = [
    ("child", "", None),
    ("child", "21/11/2026", None),  # born on the day itself
    ("child", "22/11/2011", None),
    ("child", "21/11/2011", TOO_OLD),  # fifteen on the very day
    ("child", "03/03/1958", TOO_OLD),
    ("protected", "21/11/2011", None),
    ("protected", "03/03/1958", None),
    ("minor", "", None),
    ("minor", "21/11/2011", None),  # fifteen on the very day
    ("minor", "22/11/2008", None),  # eighteen on the next
    ("minor", "22/11/2010", None),  # sixteen on the next
    ("minor", "22/11/2011", NOT_15_TO_17),
    ("minor", "21/11/2008", NOT_15_TO_17),
    ("minor", "21/11/2026", NOT_15_TO_17),
]


@pytest.mark.parametrize(("who", "born", "sentence"), AGES)
def test_a_child_is_under_fifteen_and_who_signs_as_a_minor_is_fifteen_to_seventeen(
    who: str, born: str, sentence: str | None
) -> None:
    name = "birth_date" if who == "minor" else "represented_birth_date"
    for slug in SLUGS:
        form = form_of(slug, **PERSON, **SENT, **WHOSE[who], **{name: born})
        wrong = sentence and name in form.asked
        assert errors_of(form) == ({name: fr(str(sentence))} if wrong else {})


def test_born_on_a_29_february_one_turns_fifteen_on_the_28() -> None:
    answers = {**PERSON, **WHOSE["child"], "represented_birth_date": "29/02/2012"}
    assert not errors_of(form_of(SANTE, today=date(2027, 2, 27), **answers))
    assert errors_of(form_of(SANTE, today=date(2027, 2, 28), **answers))


# To whom


def typed_lines(*lines: str) -> str:
    return "\r\n".join("\n".join(lines).split("\n"))


def test_each_known_address_is_shown_to_be_corrected_and_printed_unchanged(
    recipients: Recipients,
) -> None:
    for body in (body for body in recipients if body.has_address):
        form = form_of(SANTE, **{**PERSON, "recipient": body.code})
        form.show_known_addresses()
        assert form.recipient_lines.data.split("\n") == list(body.lines)
        lines = typed_lines(*body.lines)
        back = form_of(SANTE, **{**PERSON, "recipient": body.code}, recipient_lines=lines)
        assert errors_of(back) == {}
        assert back.to_request().recipient == form.to_request().recipient == body.lines
        assert back.known_address == form.known_address == body


# (code, lines typed, what is told of the address, what is printed)
BREST = "01291"
OF_PARIS, OF_BREST = (form_of(SANTE, recipient=c).block_of("caisse") for c in ("01751", BREST))
OF_FUND = tuple(FUND.split("\n"))
ADDRESSES: list[tuple[str, tuple[str, ...], str, tuple[str, ...]]] = [
    ("", (), "none", ()),
    ("01751", (), "known", OF_PARIS),
    ("01751", OF_PARIS, "known", OF_PARIS),
    (BREST, OF_PARIS, "known", OF_BREST),  # shown for the other, and never touched
    (MAYOTTE, OF_PARIS, "unknown", ()),
    ("01751", OF_FUND, "typed", OF_FUND),
    (MAYOTTE, (), "unknown", ()),
    (MAYOTTE, OF_FUND, "", OF_FUND),  # over an unknown one: nothing is replaced
    (OTHER, (), "unknown", ()),
    (OTHER, OF_FUND, "", OF_FUND),
    (OTHER, ("MSA", "", " 3 rue Neuve "), "", ("MSA", "3 rue Neuve")),
]


@pytest.mark.parametrize(("code", "lines", "state", "printed"), ADDRESSES)
def test_an_address_typed_is_printed_else_the_known_one_and_the_form_tells_which(
    client: CheckingClient,
    code: str,
    lines: tuple[str, ...],
    state: str,
    printed: tuple[str, ...],
) -> None:
    answers = {**PERSON, "recipient": code, "recipient_lines": typed_lines(*lines)}
    form = form_of(SANTE, **answers)
    assert form.fund_address == state
    assert form.to_request().recipient == printed
    assert (form.known_address is not None) == (state == "known")
    page = parse(post(client, "edit", **answers).text)
    told = page.select("#adresse-connue [data-state]:not([hidden])")
    assert [tag["data-state"] for tag in told] == ([state] if state else [])
    assert bool(page.select("details[open] #recipient_lines")) == bool(code)
    label = page.select_one("label[for=recipient_lines] .optional")
    assert label is not None
    assert label.has_attr("hidden") == (code in {OTHER, MAYOTTE})  # only there it is needed


def test_a_fund_is_said_to_have_no_address_where_none_is_meant() -> None:
    for slug, first in ((SOIGNANT, SANTE), (RELANCE, SOIGNANT), (INFORMATION, SOIGNANT)):
        assert form_of(slug, **PERSON, first_letter=first).fund_address == ""


NEEDED_LINES = (
    "Écrivez le nom et l’adresse, une ligne sous l’autre, par exemple~: MSA de l’Exemple / 1 rue "
    "de l’Exemple / 29200 Brest."
)
WITHOUT_LINES: list[tuple[str, dict[str, str], bool]] = [
    (SANTE, {"recipient": OTHER}, True),
    (SANTE, {"recipient": MAYOTTE}, True),
    (SANTE, {"recipient": MAYOTTE, "recipient_lines": typed_lines(*OF_PARIS)}, True),
    (SANTE, {"recipient": OTHER, "recipient_lines": " \r\n \u200b\r\n"}, True),
    (INFORMATION, {"recipient": OTHER, "recipient_lines": "CNIL\r\n75334 PARIS"}, True),
    (PLAINTE, {"recipient": MAYOTTE, "recipient_lines": "CNIL\r\n75334 PARIS"}, True),
    *((slug, {"first_letter": SOIGNANT}, True) for slug in SPEAKING),
    # A fund's address that stayed in the box is no carer's.
    (RELANCE, {"first_letter": SOIGNANT, "recipient_lines": typed_lines(*OF_BREST)}, True),
    (SOIGNANT, {"recipient_lines": typed_lines(*OF_BREST)}, False),  # completed by hand
    (SOIGNANT, {}, False),
    (PLATEFORME, {"recipient": OTHER}, False),
]


@pytest.mark.parametrize(("slug", "answers", "needed"), WITHOUT_LINES)
def test_an_address_that_nobody_knows_must_be_written(
    slug: str, answers: dict[str, str], needed: bool
) -> None:
    form = form_of(slug, **{**PERSON, **SENT, **answers})
    assert errors_of(form) == ({"recipient_lines": fr(NEEDED_LINES)} if needed else {})
    if not needed and slug == SOIGNANT:
        assert form.to_request().recipient == ()


@pytest.mark.parametrize("code", ["", "99999", "1751", "01751 ", "OTHER", "01751\x00", "<b>"])
def test_an_unknown_body_is_refused_and_never_shown_again(
    client: CheckingClient, code: str
) -> None:
    response = post(client, recipient=code, recipient_lines=CARER)
    assert check_errors(response) == {"recipient": fr(BODY)}
    assert shown(response.text)["recipient"] == ""


@pytest.mark.parametrize("code", ["01751", "01624", "cnmss"])
def test_the_age_of_a_known_address_is_told(
    client: CheckingClient, recipients: Recipients, code: str
) -> None:
    body = recipients.find(code)
    assert body
    assert body.observed_on
    edited = words(parse(post(client, "edit", recipient=code).text).main)
    month = re.search(r"date du (.*?)\. Vérifiez-la sur ameli\.fr", edited)
    assert month
    assert month[1].startswith("1er" if body.observed_on.day == 1 else str(body.observed_on.day))
    assert month[1].endswith(str(body.observed_on.year))
    result = words(parse(post(client, recipient=code).text).main)
    assert f"Celle de votre lettre date du {month[1]}" in result


# Every letter that goes to a body with one address, the field for it, and the address.
TO_FIXED: list[tuple[str, dict[str, str], str, tuple[str, ...]]] = [
    (PLATEFORME, {}, "plateforme_lines", PLATFORM),
    (INFORMATION, {}, "cnil_lines", CNIL),
    (PLAINTE, {}, "cnil_lines", CNIL),
    (RELANCE, {"first_letter": PLATEFORME}, "plateforme_lines", PLATFORM),
]


@pytest.mark.parametrize(("slug", "answers", "name", "known"), TO_FIXED)
def test_a_body_s_one_address_is_printed_with_its_age_unless_it_is_corrected(
    client: CheckingClient, slug: str, answers: dict[str, str], name: str, known: tuple[str, ...]
) -> None:
    told = "date du 21 novembre 2026 : elle est à vérifier"
    result = post(client, slug=slug, **SENT, **answers)
    assert recipient_of(result.text) == list(known)
    assert told in words(parse(result.text).main)
    edited = post(client, "edit", slug, **SENT, **answers).text
    assert shown(edited)[name].split("\n") == list(known)
    notes = words(parse(edited).select_one(f"fieldset:has(#{name})"))
    assert "L’adresse connue a été notée le 21 novembre 2026." in notes
    lines = ["Autre nom", "12 rue Neuve", "75001 PARIS"]
    corrected = {**SENT, **answers, name: typed_lines(*lines)}
    result = post(client, slug=slug, **corrected)
    assert recipient_of(result.text) == lines
    assert told not in words(parse(result.text).main)
    page = parse(post(client, "edit", slug, **corrected).text)
    assert page.select(f"details:not([open]) #{name}") == []


@pytest.mark.parametrize(
    ("slug", "first_letter", "name", "line"),
    [
        (INFORMATION, SANTE, "cnil_lines", "CNIL"),
        (PLAINTE, SANTE, "cnil_lines", "cnil, service des plaintes"),
        (PLAINTE, SANTE, "cnil_lines", "COMMISSION NATIONALE INFORMATIQUE"),
        (PLAINTE, PLATEFORME, "cnil_lines", "Cnil"),
        (PLAINTE, PLATEFORME, "plateforme_lines", "PDS"),
        (PLATEFORME, SANTE, "plateforme_lines", "Health Data Hub"),
        (PLATEFORME, SANTE, "plateforme_lines", "Plateforme des données de santé"),
        (RELANCE, PLATEFORME, "plateforme_lines", "GIP Plateforme"),
    ],
)
def test_an_address_that_names_its_body_may_come_in_the_field_of_the_other_letters(
    slug: str, first_letter: str, name: str, line: str
) -> None:
    """It is then treated in every way as if it had been typed in the field of its own."""
    lines = [line, "12 rue Neuve", "75001 PARIS"]
    answers = {**PERSON, **SENT, "first_letter": first_letter}
    there = form_of(slug, **answers, recipient_lines=typed_lines(*lines))
    here = form_of(slug, **answers, **{name: typed_lines(*lines)})
    assert errors_of(there) == errors_of(here) == {}
    assert there.to_request() == here.to_request()
    assert there[name].data.split("\n") == lines
    assert there.recipient_lines.data == ""
    wrong = form_of(slug, **answers, recipient_lines=typed_lines(*lines, "字"))
    assert errors_of(wrong) == {name: fr(SIGN.format("«~字~»"))}


@pytest.mark.parametrize("slug", [INFORMATION, PLAINTE])
@pytest.mark.parametrize("named_there", ["", "CNIL\r\n1 rue Vieille\r\n75001 PARIS"])
def test_a_body_s_own_field_wins_and_the_fund_keeps_its_address(
    slug: str, named_there: str
) -> None:
    answers = {**PERSON, **SENT, "cnil_lines": "CNIL\r\n12 rue Neuve"}
    form = form_of(slug, **answers, recipient_lines=named_there)
    request = form.to_request()
    assert request.recipient == ("CNIL", "12 rue Neuve")
    assert request.objection
    assert request.objection.body == OF_PARIS
    form.show_known_addresses()
    assert form.recipient_lines.data.split("\n") == list(OF_PARIS)


@pytest.mark.parametrize("slug", [INFORMATION, PLAINTE])
@pytest.mark.parametrize(
    ("first", "lines", "body"),
    [
        (SANTE, FUND, FUND),
        (SOIGNANT, CARER, CARER),
        (SOIGNANT, "Clinique Cnilienne\nBrest", "Clinique Cnilienne\nBrest"),
        (PLATEFORME, CARER, "\n".join(PLATFORM)),
    ],
)
def test_the_body_that_was_written_to_is_named_and_is_never_the_cnil(
    slug: str, first: str, lines: str, body: str
) -> None:
    answers = {**PERSON, **SENT, "recipient": OTHER, "recipient_lines": typed_lines(lines)}
    form = form_of(slug, **answers, first_letter=first)
    request = form.to_request()
    assert request.recipient == CNIL
    wording = form.context.content.catalogue.wordings[first]
    assert request.objection
    assert request.objection.body == tuple(body.split("\n"))
    assert (request.objection.subject, request.objection.basis) == (wording.subject, wording.basis)


def test_no_address_of_another_becomes_the_platform_s() -> None:
    for lines, (slug, more, _, _) in product((FUND, CARER), (TO_FIXED[0], TO_FIXED[3])):
        typed = {**PERSON, **SENT, "recipient": OTHER, "recipient_lines": typed_lines(lines)}
        assert form_of(slug, **typed, **more).to_request().recipient == PLATFORM


def test_no_fund_is_taken_for_a_body_that_everybody_writes_to(recipients: Recipients) -> None:
    for addressee in load_addressees():
        assert addressee.lines
        assert addressee.is_named_by(addressee.name)
        assert [body.name for body in recipients if addressee.is_named_by(body.name)] == []
        assert not addressee.is_named_by(FUND)
        assert not addressee.is_named_by(CARER)


# The letter that was sent before, and what came of it

NO_SENDING = "Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026."
NEED_SENDING = "Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026."
DAY_OF_POSTING = "Indiquez le jour où vous envoyez la lettre, par exemple 03/03/2026."
NOT_BETWEEN = "Indiquez une date entre le jour de l’envoi et aujourd’hui."
WAIT = (
    "Attendez le {}~: l’organisme a un mois pour répondre (RGPD, article~12). "
    "S’il a déjà refusé ou répondu en partie, choisissez cette réponse."
)
NO_DAY = "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026."
DAYS_OF_SENDING = [
    ("", NEED_SENDING),
    (" \u200b", NEED_SENDING),
    ("21/11/2026", None),
    ("01/01/2018", None),
    ("22/11/2026", NO_SENDING),
    ("31/12/9999", NO_SENDING),
    ("31/12/2017", NO_SENDING),
    ("31/02/2026", NO_DAY),
    ("hier", NO_DAY),
    ("字" * 30, NO_DAY),
]


@pytest.mark.parametrize(("typed", "sentence"), DAYS_OF_SENDING)
def test_the_day_of_sending_is_between_2018_and_today(typed: str, sentence: str | None) -> None:
    for slug, outcome in product(SPEAKING, ("silence", "refusal")):
        if sentence is None and outcome == "silence":
            continue  # which has to wait
        form = form_of(slug, **PERSON, sent_on=typed, outcome=outcome)
        left_out = slug == INFORMATION and sentence == NEED_SENDING
        assert errors_of(form) == ({} if left_out or not sentence else {"sent_on": sentence})
    for slug in SLUGS:  # for the reminder it is always needed
        form = form_of(slug, **PERSON, sent_on=typed)
        wanted = DAY_OF_POSTING if sentence == NEED_SENDING else sentence
        assert form.validate_sending() == (wanted is None)
        assert list(form.sent_on.errors) == ([wanted] if wanted else [])


@pytest.mark.parametrize("slug", LATER)
@pytest.mark.parametrize(
    ("sent_on", "before", "opens", "day"),
    [
        ("21/10/2026", date(2026, 11, 20), date(2026, 11, 21), "21~novembre 2026"),
        ("31/01/2026", date(2026, 2, 27), date(2026, 2, 28), "28~février 2026"),
        ("31/01/2028", date(2028, 2, 28), date(2028, 2, 29), "29~février 2028"),
        ("31/03/2026", date(2026, 3, 31), date(2026, 4, 30), "30~avril 2026"),
        ("01/12/2026", date(2026, 12, 31), date(2027, 1, 1), "1er~janvier 2027"),
    ],
)
def test_silence_waits_for_the_end_of_the_month_and_an_answer_does_not(
    slug: str, sent_on: str, before: date, opens: date, day: str
) -> None:
    answers = {**PERSON, "sent_on": sent_on}
    assert errors_of(form_of(slug, today=before, **answers)) == {"outcome": fr(WAIT.format(day))}
    assert errors_of(form_of(slug, today=opens, **answers)) == {}
    for outcome in ("refusal", "partial"):
        more = {"outcome": outcome, "answer_on": f"{before:%d/%m/%Y}"}
        assert errors_of(form_of(slug, today=before, **answers, **more)) == {}
    assert errors_of(form_of(INFORMATION, today=before, **answers)) == {}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("01/10/2026", None),
        ("21/11/2026", None),
        ("", None),
        ("30/09/2026", NOT_BETWEEN),
        ("22/11/2026", NOT_BETWEEN),
    ],
)
def test_an_answer_and_a_follow_up_come_after_the_letter_and_before_tomorrow(
    typed: str, sentence: str | None
) -> None:
    for slug, name in ((RELANCE, "answer_on"), (PLAINTE, "answer_on"), (PLAINTE, "followed_up_on")):
        form = form_of(slug, **PERSON, **SENT, outcome="refusal", **{name: typed})
        assert errors_of(form) == ({name: sentence} if sentence else {})
    # Without a day of sending, they are still not in the future.
    form = form_of(RELANCE, **PERSON, outcome="refusal", answer_on="22/11/2026")
    assert errors_of(form) == {"sent_on": NEED_SENDING, "answer_on": NOT_BETWEEN}


def test_what_came_of_the_letter_and_how_it_was_sent_reach_the_letter() -> None:
    told = {
        "silence": "Un mois après cet envoi, je n’ai reçu ni réponse",
        "refusal": "Par votre réponse du 20 octobre 2026, vous n’avez pas fait droit",
        "partial": "Votre réponse du 20 octobre 2026 ne répond qu’en partie",
    }
    ways = {"ameli": "messagerie", "post": "courrier postal", "email": "courriel"}
    ways |= {"hand": "remise en main propre", "": ""}
    assert (told.keys(), ways.keys()) == ({*OUTCOMES}, {*CHANNELS, ""})
    for outcome, (channel, way) in product(OUTCOMES, ways.items()):
        form = form_of(RELANCE, **everything("self", outcome=outcome, channel=channel))
        letter = str(composed(form)).replace("\\xa0", " ")
        assert [name for name, words in told.items() if words in letter] == [outcome]
        assert ("20 octobre 2026" in letter) == (outcome != "silence")
        assert (f"mode d’envoi : {way}" if way else "(") in letter
        assert ("mode d’envoi" in letter) == bool(channel)


# Options


def test_what_is_ticked_stays_ticked_and_no_more(client: CheckingClient) -> None:
    for options in ([], ["acces"], ["cnil", "deces"], list(OPTIONS)):
        edited = post(client, "edit", options=options)
        wrong = post(client, "preview", options=options, given_name="")
        result = post(client, "preview", options=[*options, *options, "racine", '"><b>x</b>'])
        assert shown(edited.text)["options"] == shown(wrong.text)["options"] == options
        assert posted(result.text).getlist("options") == options
    result = post(client, shown=["hebergement", "racine", "<b>", NIR])
    assert set(posted(result.text).getlist("shown")) == {*OPTIONS}, "those that our letters have"


@every_letter
def test_none_ticked_stays_none_even_when_nothing_else_is_posted(slug: str) -> None:
    assert form_of(slug).options.data == []
    assert sorted(form_of(slug, None).options.data) == DEFAULTS_OF[slug]


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

# What a field refuses beside what is too long (`LIMITS`) and what no letter can print.
BAD = [
    ("who", "represented", FOR_WHOM),
    ("given_name", " \u200b\t", "Indiquez votre prénom, par exemple Camille."),
    ("given_name", LONG_NAME, SHORTEN.format(100, 101)),
    ("given_name", "محمد", NAME_SIGN.format("«~م~», «~ح~» et «~د~»")),
    ("given_name", "Zo\x07é", NAME_SIGN.format("«~\ufffd~»")),
    ("given_name", "@#$%&*+", NAME_SIGN.format("«~@~», «~#~», «~$~», «~%~» et «~&~»")),
    ("given_name", "’ . –", LETTER),
    ("given_name", "Zo\u0301\u0302\u0303\u0304e", MARKS),
    ("family_name", "", "Indiquez votre nom, par exemple Durand."),
    ("family_name", "Durand <b>", NAME_SIGN.format("«~<~» et «~>~»")),
    ("represented_given_name", "", NEED_GIVEN),
    ("represented_given_name", "...", LETTER),
    ("represented_family_name", "", NEED_FAMILY),
    ("represented_family_name", "Martin 2", NAME_SIGN.format("«~2~»")),
    ("represented_birth_date", "31/02/2015", NO_DAY),
    ("represented_birth_date", "22/11/2026", NO_BIRTH),
    ("measure", "", NEED_MEASURE),
    ("first_letter", "relance", WHICH),
    ("sent_on", "", NEED_SENDING),
    ("sent_on", "字" * 30, NO_DAY),
    ("channel", "pigeon", HOW_SENT),
    ("outcome", "accepted", WHAT_CAME),
    ("answer_on", "fin octobre", NO_DAY),
    ("answer_on", "22/11/2026", NOT_BETWEEN),
    ("followed_up_on", "31/11/2026", NO_DAY),
    ("recipient", "99999", BODY),
    ("recipient_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("recipient_lines", "CPAM\n" + "y" * 80, SHORT_LINE.format("y" * 60, 80)),
    ("missing", "\n".join("abcdefghijklmnopqrstu"), FEWER.format(20, 21)),
    ("plateforme_lines", "x" * 39, SHORT_LINE.format("x" * 39, 39)),
    ("cnil_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("birth_date", "29/02/1959", NO_DAY),
    ("birth_date", "03/03/58", NO_DAY),
    ("birth_date", "31/12/1899", NO_BIRTH),
    ("birth_date", "22/11/2026", NO_BIRTH),
    ("address_line1", "12 rue 字", SIGN.format("«~字~»")),
    ("address_line2", "\x1b[31m", SIGN.format("«~\ufffd~»")),
    ("postal_code", "292000", FIVE),
    ("postal_code", "B-1000", FIVE),
    ("city", "北京", SIGN.format("«~北~» et «~京~»")),
    ("country", "中国", SIGN.format("«~中~» et «~国~»")),
    ("email", "@example.org", EMAIL),
    ("email", "camille@example", EMAIL),
    ("email", "camille@.org.", EMAIL),
    ("email", "a@b@example.org", EMAIL),
    ("email", "camille durand@example.org", EMAIL),
    ("reason", "mot " * 375 + "x", SHORTEN.format("1\u202f500", "1\u202f501")),
    ("reason", "x" * 101, SPACES),
    ("reason", "\n".join("abcdefghijklmnopqrstu"), FEWER.format(20, 21)),
]


def asking(name: str) -> list[dict[str, Any]]:
    """Right answers to each letter of `ASKED` that asks for a field, and its name as `slug`."""
    rows = [
        {"slug": slug, **everything(who, first, outcome=outcome)}
        for (slug, who, first, outcome), more in ASKED.items()
        if name in ALWAYS | set(more.split())
    ]
    assert rows, f"no letter asks for {name}"
    return rows


@pytest.mark.parametrize(("name", "value", "sentence"), BAD)
@pytest.mark.rule(2, 3, 5, 6, 8)
def test_a_bad_answer_gets_a_sentence_that_says_what_to_do_in_every_letter(
    name: str, value: str, sentence: str
) -> None:
    for right in asking(name):
        compared = {"answer_on": "", "followed_up_on": ""} if name == "sent_on" else {}
        form = form_of(**{**right, **compared, name: value})
        left_out = right["slug"] == INFORMATION and sentence == NEED_SENDING
        assert errors_of(form) == ({} if left_out else {name: fr(sentence)})
        unknown = name in {*CHOICES, *LISTS}  # no answer of ours: it is not kept
        assert dict(form.answers()).get(name, "") == ("" if unknown else form[name].data)


NO_BREAK, REPLACED = "\u00a0", "\ufffd"
LIMITS = dict.fromkeys(NAMES, 100) | {"measure": 60, "city": 50, "email": 100, "postal_code": 12}
LIMITS |= dict.fromkeys(("represented_birth_date", "birth_date"), 20)
LIMITS |= dict.fromkeys(("answer_on", "followed_up_on"), 20)
LIMITS |= dict.fromkeys(("address_line1", "address_line2", "country"), 38)
LIMITS |= {"missing": 500, "reason": 1500}


@pytest.mark.parametrize(("name", "limit"), [*LIMITS.items()])
def test_a_text_is_as_long_as_its_limit_and_no_longer(name: str, limit: int) -> None:
    longest = ("x" * 9 + " ") * 149 + "x" * 10 if name in {"reason", "missing"} else "1" * 1500
    longest = longest.replace("1", "é") if name in {*NAMES, "measure", "city"} else longest
    right = asking(name)[0]
    taken = errors_of(form_of(**{**right, name: longest[-limit:]})).get(name, "")
    assert not taken.startswith("Raccourcissez")
    numbers = (f"{number:,}".replace(",", "\u202f") for number in (limit, limit + 1))
    refused = errors_of(form_of(**{**right, name: f"x{longest[-limit:]}"}))
    assert refused == {name: fr(SHORTEN.format(*numbers))}


@pytest.mark.parametrize("name", ["recipient_lines", "plateforme_lines", "cnil_lines"])
def test_an_address_has_six_lines_of_thirty_eight_characters(name: str) -> None:
    right = asking(name)[0]
    assert errors_of(form_of(**{**right, name: "\r\n".join(["é" * 38] * 6)})) == {}
    for lines in (["é" * 38] * 7, ["é" * 39]):
        assert errors_of(form_of(**{**right, name: "\r\n".join(lines)})).keys() == {name}


@pytest.mark.parametrize("sign", ["\x00", "\x1f", "\x7f", "\x9f", "字", "ش", "😀", "⛪"])
@pytest.mark.rule(12)
@pytest.mark.check(20)
def test_what_the_font_lacks_and_what_controls_is_refused_and_named_in_every_text(
    sign: str,
) -> None:
    named = fr(f"«~{sign if sign > NO_BREAK else REPLACED}~»")
    for name in {*TEXTS} - {"sent_on"}:
        form = form_of(**{**asking(name)[0], name: f"ab{sign}"})
        found = errors_of(form)
        assert named in found[name]
        assert ("carte Vitale" in found[name]) == (name in NAMES)
        assert sign not in form[name].data or sign > NO_BREAK


@pytest.mark.rule(8)
def test_the_tables_cover_every_field_and_every_sentence_of_the_form() -> None:
    """A new message of the form's modules that no table gives makes this fail."""
    assert {name for name, *_ in BAD} == FIELDS - {"options", *NEVER_SHOWN}
    assert {*LIMITS} | {*AREAS, "sent_on"} == {*TEXTS}
    assert {*NAMES, *LEO} <= {*TEXTS}
    assert {*CHOICES, *LISTS} <= FIELDS
    said = [sentence for *_, sentence in BAD] + [NEEDED_LINES, TOO_OLD, NOT_15_TO_17, WAIT]
    said += [NO_SENDING, NEED_SENDING, DAY_OF_POSTING, NOT_BETWEEN, SIGN]
    said += [NIR_TAKEN_OUT, NIR_MESSAGE.removeprefix(f"{NIR_TAKEN_OUT} ")]
    templates = error_templates()
    assert len(templates) >= 30
    for template in templates:
        pattern = re.sub(r"%\\?\(\w+\\?\)[sd]", ".+", re.escape(template)).replace(r"\ ", ".")
        assert any(re.fullmatch(pattern, fr(sentence)) for sentence in said), template


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
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if not called or node.func.id not in {"_", "mark"} or id(node) in offered:
            continue
        if isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


@pytest.mark.rule(12)
def test_every_name_in_the_three_alphabets_is_accepted() -> None:
    for name in (
        *("Nguyễn Thị Ánh", "Łukasz Żółć", "Gwenaël Le Bihan-L’Hénoret", "Tuğba Şahin"),
        *("Ħamrun Ġorġ", "Ɛli Aɣilas", "Αλέξανδρος", "Юрий", "O'Neil d‘Arc ʻOkina"),
        *("Ô", "Anne  Marie", "Jean."),
    ):
        form = form_of(SANTE, **PERSON | WHOSE["child"] | dict.fromkeys(NAMES, name))
        assert errors_of(form) == {}
        assert {form[field].data for field in NAMES} == {re.sub(" +", " ", name)}


# The social security number

DIGITS = "185057512345678"
NUMBERS = [NIR, DIGITS, DIGITS[:13], "2-91-12-2A-123-456-78"]


def about_number(slug: str) -> str:
    """Only a letter to a fund has a line for it."""
    return NIR_MESSAGE if slug == SANTE else NIR_TAKEN_OUT


def has_number(text: str) -> bool:
    return bool(re.search("1850575|2911222?A?|123456", re.sub(r"[\W_]", "", text)))


@pytest.mark.parametrize(("output", "slug", "number"), in_turn(OUTPUTS, SLUGS, NUMBERS))
@pytest.mark.check(27)
def test_a_number_of_social_security_never_comes_back_from_any_text(
    stranger: CheckingClient,
    caplog: pytest.LogCaptureFixture,
    output: str,
    slug: str,
    number: str,
) -> None:
    caplog.set_level(0)
    first = SANTE if slug not in SPEAKING else PLATEFORME
    answers = everything("protected", first)
    texts = form_of(slug, **answers).asked & {*TEXTS}
    answers |= dict.fromkeys(texts, f"ab {number} cd")
    response = stranger.post(address_of(slug), data={**answers, "output": output})
    assert check_errors(response) == dict.fromkeys(texts, about_number(slug))
    assert not has_number(response.text)
    values = shown(response.text)
    assert {values[name] for name in texts} == {"ab … cd"}
    assert "123" not in caplog.text


@every_letter
def test_a_number_in_any_text_is_enough_to_refuse_any_letter(slug: str) -> None:
    """Whether the letter asks for it or not."""
    for name in (*TEXTS, *NEVER_SHOWN):
        form = form_of(slug, **everything("protected") | {name: f"ab {NIR} cd"})
        assert errors_of(form) == {name: about_number(slug)}
        assert not has_number(str(form.answers()))
        if slug in {PLATEFORME, SOIGNANT} and name in {"answer_on", "followed_up_on", "missing"}:
            assert name not in dict(form.answers())  # told of another letter
        elif name != "shown_lines":  # it says what the form shows, which is another one now
            assert dict(form.answers())[name] == "ab … cd"


@pytest.mark.parametrize(
    ("slug", "output", "name"),
    [
        (SANTE, "edit", "reason"),
        (SANTE, "preview", "postal_code"),
        (SANTE, "bundle", "cnil_lines"),  # which this letter has not
        (PLATEFORME, "edit", "missing"),
        (PLAINTE, "text", "recipient_lines"),
    ],
)
def test_a_number_taken_out_is_explained_with_or_without_a_field_to_go_to(
    client: CheckingClient, slug: str, output: str, name: str
) -> None:
    response = client.post(address_of(slug), data=everything(output=output) | {name: NIR})
    assert response.status_code == 422
    assert not has_number(response.text)
    summary = parse(response.text).select_one(".error-summary")
    assert text_of(summary).endswith(f" – {about_number(slug)}")
    assert summary is not None
    links = [str(link["href"]) for link in summary.select("a")]
    assert links == ([f"#{name}"] if name in form_of(slug).printed else [])


def test_a_number_is_found_in_an_address_that_moves_to_another_field() -> None:
    form = form_of(PLATEFORME, **PERSON, recipient_lines=typed_lines("PDS", NIR))
    assert errors_of(form) == {"recipient_lines": NIR_TAKEN_OUT}
    assert form.plateforme_lines.data == "PDS\n…"


@pytest.mark.parametrize("output", ["preview", "edit", "text"])
def test_a_number_outside_the_texts_does_not_come_back_either(
    client: CheckingClient, output: str
) -> None:
    names = ["recipient", "output", "unknown", "options", "who", "channel", "outcome"]
    names += ["first_letter", "also", "lines_for", "shown", "large", "shown_recipient"]
    for name, slug in in_turn(names, SLUGS):
        response = client.post(
            address_of(slug), data={**PERSON, **SENT, "output": output, name: NIR}
        )
        assert not has_number(response.data.decode(errors="replace"))


# The form's own fields are the state

KEPT: list[dict[str, Any]] = [
    {**PERSON, **SENT},
    {**WHOLE, **SENT},
    everything("child", SOIGNANT),
    everything("protected", PLATEFORME, options=["deces", "penal", "caisse", "logiciel"]),
    {**WHOLE, **SENT, "options": [], "country": "Belgique", "postal_code": "B-1000"},
    {**PERSON, **SENT, "recipient": OTHER, "recipient_lines": "MSA\r\n29412 Landerneau"},
    {**PERSON, **SENT, "reason": '"Guillemets" & <chevrons>\r\n\r\n  ((name)) [si cnil] ’'},
    {**PERSON, **SENT, "reason": "\r\n\r\nLigne\r\n\r\n\r\n\r\nLigne\r\n"},
]


@pytest.mark.parametrize(("slug", "answers"), in_turn(SLUGS * 2, KEPT))
@pytest.mark.rule(15)
def test_the_result_page_and_the_form_edited_carry_every_answer(
    stranger: CheckingClient, slug: str, answers: dict[str, Any]
) -> None:
    """What the buttons of a result page give is what the form itself would have given."""
    result = stranger.post(address_of(slug), data=answers)
    assert result.status_code == 200
    direct = {
        output: stranger.post(address_of(slug), data={**answers, "output": output})
        for output in ("text", "short", "edit")
    }
    for output, wanted in direct.items():
        again = stranger.post(address_of(slug), data=posted(result.text, output=output))
        if output == "edit":  # the day of sending, filled in by the result page, is hidden there
            assert shown(again.text) == shown(wanted.text)
        else:
            assert again.data == wanted.data
    edited = posted(direct["edit"].text, output="text")
    assert stranger.post(address_of(slug), data=edited).data == direct["text"].data


names = st.text(sorted(fields.NAME_CHARACTERS), min_size=1, max_size=20)
prose = st.text(sorted(fields.LETTERS | set(" \n\"'<>&;{}()[]%\\$é…’\u00a0\u202f")), max_size=80)


@steady_few
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
    again, direct = (
        client.post(address_of(slug), data=data)
        for data in (posted(preview.text, output="text"), {**answers, "output": "text"})
    )
    assert again.data == direct.data


# Anything at all

anything = st.one_of(
    st.text(max_size=60),
    names,
    st.sampled_from(["", "03/03/1958", "29200", "a@b.org", NIR, "\x00", "\ud800", "((name))"]),
    st.integers().map(str),
)
hidden_names = ["options", "shown", "lines_for", "also", "large", "shown_recipient", "x"]


@steady
@given(
    slug=st.sampled_from(SLUGS),
    answers=st.dictionaries(st.sampled_from([*sorted(FIELDS), *hidden_names]), anything),
    known=st.fixed_dictionaries(
        {},
        optional={
            "recipient": st.sampled_from(["", OTHER, MAYOTTE, "01751"]),
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


@steady_few
@given(body=st.binary(max_size=300), slug=st.sampled_from(SLUGS))
def test_any_body_is_answered(app: Flask, body: bytes, slug: str) -> None:
    sent = {"content_type": "application/x-www-form-urlencoded"}
    response = app.test_client().post(address_of(slug), data=body, **sent)
    assert response.status_code in {200, 400, 413, 422}
