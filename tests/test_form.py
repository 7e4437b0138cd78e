"""The form, from the first visit to the request that it makes: what is asked, checked and kept.

Most is tried on the form itself; over HTTP only what a page shows. Sentences are written out as
a person reads them: `~` stands for a no-break space. What travels from one letter to the next is
in test_carried.py and test_journey.py; hostile texts are in tests/trust/test_hostile.py.
"""

import re
from datetime import date
from itertools import product
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from letters.compose import option_texts
from letters.model import (
    CHANNELS,
    OUTCOMES,
    REPRESENTED,
    WHO,
    EarlierLetter,
    LetterRequest,
    Person,
    PostalAddress,
    Representation,
)
from letters.recipients import OTHER, Recipients
from letters.typography import long_date
from letters.web.form.letter_form import LetterForm
from letters.web.form.request import composed, request_of
from tests.kit.forms import (
    AREAS,
    CARER,
    CNIL,
    DEFAULTS_OF,
    EVERY_OPTION,
    FIELDS,
    FUND,
    INFORMATION,
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
    address_of,
    area_of,
    check_errors,
    everything,
    form_of,
    fr,
    main_form,
    post,
    posted,
    recipient_of,
    shown,
)
from tests.kit.pages import (
    FORM,
    LATER,
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
    plain,
    text_of,
    title_of,
    words,
)
from tests.letters_under_test import steady

# What every letter asks.
ALWAYS = {"who", "given_name", "family_name", "options", "email", "address_line1"}
ALWAYS |= {"address_line2", "postal_code", "city", "country"}
_LEO = "represented_given_name represented_family_name"
_EARLIER = "first_letter sent_on channel received_on outcome"
# (letter, who, the earlier letter, what came of it): what is asked beside.
ASKED = {
    (SANTE, "self", SANTE, "silence"): "recipient caisse_lines birth_date reason channel",
    (SANTE, "child", SANTE, "silence"): "recipient caisse_lines reason represented_birth_date "
    f"channel {_LEO}",
    (PLATEFORME, "protected", SANTE, "silence"): f"plateforme_lines reason measure channel {_LEO}",
    (SOIGNANT, "minor", SANTE, "silence"): "soignant_lines reason birth_date channel",
    (INFORMATION, "protected", PLATEFORME, "silence"): "first_letter sent_on plateforme_lines "
    f"cnil_lines measure {_LEO}",
    (INFORMATION, "minor", SOIGNANT, "partial"): "first_letter sent_on soignant_lines cnil_lines",
    (RELANCE, "minor", PLATEFORME, "partial"): f"{_EARLIER} answer_on missing plateforme_lines",
    (RELANCE, "child", SOIGNANT, "refusal"): f"{_EARLIER} answer_on soignant_lines "
    f"represented_birth_date {_LEO}",
    (RELANCE, "self", SANTE, "silence"): f"{_EARLIER} recipient caisse_lines birth_date",
    (PLAINTE, "protected", SANTE, "partial"): f"{_EARLIER} answer_on missing followed_up_on "
    f"recipient caisse_lines cnil_lines measure {_LEO}",
    (PLAINTE, "self", PLATEFORME, "refusal"): f"{_EARLIER} answer_on followed_up_on "
    "plateforme_lines cnil_lines",
}
every_letter = pytest.mark.parametrize("slug", SLUGS)
every_row = pytest.mark.parametrize(("slug", "who", "first", "outcome"), [*ASKED])


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


@pytest.fixture
def stranger(app: Flask) -> CheckingClient:
    """The same, on pages that show what was typed: its spaces are not ours."""
    return checking(app, own_words=False)


def errors_of(form: LetterForm) -> dict[str, str]:
    """The message of each field in error."""
    assert form.validate() == (not form.errors)
    return {name: messages[0] for name, messages in form.errors.items()}


# What is asked


@every_row
def test_a_letter_asks_what_it_uses_for_this_person(
    slug: str, who: str, first: str, outcome: str
) -> None:
    form = form_of(slug, who=who, first_letter=first, outcome=outcome)
    assert form.active_fields == ALWAYS | set(ASKED[slug, who, first, outcome].split())


@every_letter
def test_a_form_shows_what_its_letter_may_ask_of_somebody(slug: str) -> None:
    asked = set()
    for who, first, outcome in product(WHO, OPPOSITIONS, OUTCOMES):
        asked |= form_of(slug, who=who, first_letter=first, outcome=outcome).active_fields
    assert form_of(slug).visible_fields == asked


@every_row
def test_what_a_letter_does_not_ask_changes_nothing_and_is_carried_on(
    slug: str, who: str, first: str, outcome: str
) -> None:
    every = everything(who, first, outcome=outcome)
    used = ALWAYS | set(ASKED[slug, who, first, outcome].split())
    whole = {name: every[name] for name in used}
    unused = {*TEXTS, "channel", "recipient"} - used
    wrong = {name: f"字 {name} " * 40 for name in unused}
    right, form = form_of(slug, **whole), form_of(slug, **whole, **wrong)
    assert errors_of(form) == errors_of(right) == {}
    assert composed(form) == composed(right)
    # What came of another letter is not told of this one, and no answer of ours has such a value.
    forgotten = slug in OPPOSITIONS and slug != first
    lost = {"answer_on", "followed_up_on", "missing", "received_on"} if forgotten else set()
    lost |= {"channel", "recipient"} & unused
    kept, beside = dict(form.answers()), dict(form.carried())
    assert {name: kept.get(name) for name in unused - lost} == {
        name: wrong[name].strip() for name in unused - lost
    }
    assert not {wrong[name] for name in lost} & {*kept.values()}
    assert unused - form.visible_fields - lost <= beside.keys()
    assert not beside.keys() & (form.visible_fields - {"options"}), (
        "asked and hidden in the same form"
    )


@every_row
def test_all_errors_are_told_at_once_in_the_order_of_the_form_and_all_is_kept(
    client: CheckingClient, slug: str, who: str, first: str, outcome: str
) -> None:
    names = set(ASKED[slug, who, first, outcome].split()) | ALWAYS
    texts = dict.fromkeys(names & {*TEXTS}, "字")
    wrong = texts | {"recipient": "99999", "channel": "pigeon"}
    options = [*OPTIONS_OF[slug][:1]]
    right = {"who": who, "first_letter": first, "outcome": outcome, "options": options}
    text = (response := client.post(address_of(slug), data={**wrong, **right})).text
    assert check_errors(response).keys() == names & wrong.keys()
    assert parse(text).select("button[value=check][lang=en]"), "told again in another language"
    links = [str(link["href"]) for link in parse(text).select(".error-summary a")]
    order = [f"#{tag['id']}" for tag in main_form(text).select("[id]")]
    assert links == sorted(links, key=order.index)
    kept = shown(text)
    asked = {name: value for name, value in {**texts, **right}.items() if name in kept}
    assert {name: kept[name] for name in asked} == asked
    assert texts.keys() <= kept.keys()


# The first visit


@every_letter
@pytest.mark.rule(7, 14)
def test_a_first_visit_shows_what_the_letter_may_use_with_its_defaults(
    client: CheckingClient, slug: str
) -> None:
    text = client.get(address_of(slug)).text
    page, form, printed = parse(text), main_form(text), form_of(slug).visible_fields
    way = {SANTE: "ameli", PLATEFORME: "email", SOIGNANT: "ameli"}.get(slug, "")
    known = {"who": "self", "first_letter": SANTE, "outcome": "silence", "channel": way}
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
    required |= {"sent_on"} if slug in LATER else set()
    required |= {"soignant_lines"} if slug in SPEAKING else set()
    required &= printed
    assert {str(tag["name"]) for tag in form.select("[required]")} == required
    for name in printed - {"options"}:
        label = text_of(page.select_one(f"label[for={name}], fieldset#{name} > legend"))
        optional = name not in {*required, "who", "outcome"} and not (way and name == "channel")
        assert label.endswith("(facultatif)") == optional, name
    assert client.get(f"{address_of(slug)}?given_name=Zoe&options=acces&output=pdf").text == text


@every_letter
@pytest.mark.rule(14)
def test_every_field_says_why_it_is_asked_and_of_whom(client: CheckingClient, slug: str) -> None:
    page = parse(client.get(address_of(slug)).text)
    options = {f"options-{option}" for option in OPTIONS_OF[slug]}
    for name in (form_of(slug).visible_fields | options) - {
        "who",
        "channel",
        "outcome",
        "options",
        "first_letter",
    }:
        control = page.find(id=name)
        assert isinstance(control, Tag), name
        hint = page.find(id=f"{name}-hint")
        assert control.get("aria-describedby") == (f"{name}-hint" if hint else None)
        group = page.select_one(f"fieldset:has(#{name}) > p")  # one reason for all of it
        assert text_of(hint or group).endswith("."), name
    # Without a style sheet, every section is there and has to make sense.
    assert len(page.encode()) <= 34_000, "on a slow line"
    section = words(page.select_one(f"fieldset:has(#{NAMES[2]})"))
    assert "seulement pour votre enfant de moins de 15 ans, ou pour un majeur protégé" in section


# Names of WHATWG HTML, « autofill detail tokens »; what is somebody else's is in a section apart.
AUTOCOMPLETE = {
    "given_name": "given-name",
    "family_name": "family-name",
    "birth_date": "bday",
    "address_line1": "address-line1",
    "address_line2": "address-line2",
    "postal_code": "postal-code",
    "city": "address-level2",
    "country": "country-name",
    "email": "email",
    "represented_given_name": "section-represente given-name",
    "represented_family_name": "section-represente family-name",
    "represented_birth_date": "section-represente bday",
    "measure": "off",
    "caisse_lines": "section-destinataire street-address",
}


@pytest.mark.rule(11)
def test_browsers_can_help_to_fill_in(client: CheckingClient) -> None:
    form = main_form(client.get(FORM).text)
    found = {str(tag["name"]): tag["autocomplete"] for tag in form.select("[autocomplete]")}
    assert found == AUTOCOMPLETE
    unspelt = {tag["name"] for tag in form.select("[spellcheck=false]")}
    assert unspelt == {*NAMES, "email", "caisse_lines"}
    assert form.select_one("#email[type=email]")


@pytest.mark.parametrize(("slug", "who"), in_turn(SLUGS, WHO))
def test_each_option_shows_its_paragraph_folded(
    client: CheckingClient, slug: str, who: str
) -> None:
    edited = post(client, "edit", slug, **WHOSE[who]).text
    shown = {
        text_of(details.find("summary")).rpartition("\u00a0: ")[2]: [*map(text_of, details("p"))]
        for details in parse(edited).select("details.paragraph-shown")
    }
    wording = form_of(slug).context.wording
    assert shown == {o.label: option_texts(wording, o.name, who) for o in wording.options}


def test_the_list_holds_every_body_by_department_and_tells_apart_those_that_share_one(
    client: CheckingClient, recipients: Recipients
) -> None:
    page = parse(client.get(FORM).text)
    wanted: dict[str, list[tuple[str, str]]] = {"Par département": [], "Autres régimes": []}
    explained = []
    for department, bodies in recipients.by_department():
        several = bool(department) and len(bodies) > 1
        for body in bodies:
            digits = body.code[2:]  # of the code that the card's certificate shows
            label = f"{department} – {body.name}" if department else body.name
            if several:
                label = f"{department} ({digits}) – {body.department_name}, {body.name}"
                explained.append(f"{digits} – {body.name}")
            group = "Par département" if department else "Autres régimes"
            wanted[group].append((body.code, label))
    wanted["Autres régimes"].append((OTHER, fr("Autre organisme~: j’écris son adresse")))
    found = {
        str(group["label"]): [(str(o["value"]), text_of(o)) for o in group.select("option")]
        for group in page.select("#recipient optgroup")
    }
    assert found == wanted
    items = page.select("#a-qui details:not(#adresse) li")
    for item, start in zip(items, explained, strict=True):
        assert text_of(item).startswith(start)
    assert len(explained) >= 8


# What comes out


def test_everything_typed_has_its_place_in_the_request() -> None:
    typed = everything("protected", "opposition-plateforme", birth_date="04/04/1980")
    form = form_of(PLAINTE, **typed, country_of_nobody="x")
    assert errors_of(form) == {}
    first = form.context.site.catalogue.wordings[PLATEFORME]
    assert request_of(form) == LetterRequest(
        sender=Person(
            given_name="Camille",
            family_name="Durand",
            birth_date=date(1980, 4, 4),
            address=PostalAddress("12 rue de l’Église", "Bâtiment B", "29200", "Brest", ""),
            email="camille@example.org",
        ),
        address_lines=("CNIL", "2 place Neuve", "75007 PARIS"),
        options=frozenset(),
        fields={"missing": "La date d’effet.\nLe nom de qui a été prévenu."},
        named_file=False,
        who="protected",
        represented=Representation(Person("Léo", "Martin", date(2015, 3, 3)), "tutelle"),
        earlier_letter=EarlierLetter(
            subject=first.subject,
            basis=first.basis,
            address_lines=("Health Data Hub", "1 rue Neuve", "75015 PARIS"),
            sent_on=date(2026, 10, 1),
            deadline=date(2026, 11, 5),
            channel="post",
            outcome="partial",
            received_on=date(2026, 10, 5),
            answer_on=date(2026, 10, 20),
            followed_up_on=date(2026, 11, 5),
        ),
    )


def test_a_request_holds_nothing_of_what_is_not_asked() -> None:
    request = request_of(form_of(RELANCE, **everything("self", PLATEFORME, outcome="silence")))
    assert (request.represented, request.fields, request.named_file) == (None, {}, False)
    assert request.earlier_letter
    assert (request.earlier_letter.answer_on, request.earlier_letter.followed_up_on) == (None, None)
    assert request_of(form_of(SANTE, **everything())).earlier_letter is None
    named = [(SANTE, {}), (SOIGNANT, {}), (RELANCE, {"first_letter": SOIGNANT})]
    assert all(request_of(form_of(slug, **more)).named_file for slug, more in named)
    told = request_of(form_of(INFORMATION, **PERSON, channel="pigeon", outcome="penal"))
    assert told.earlier_letter
    assert (told.earlier_letter.channel, told.earlier_letter.outcome) == ("", "")


def test_each_way_of_sending_and_each_outcome_that_one_can_choose_reaches_the_request() -> None:
    form = form_of(RELANCE)
    assert {*dict(form.channel.choices)} == {*CHANNELS}
    assert {*dict(form.outcome.choices)} == {*OUTCOMES}
    for channel, outcome in in_turn(sorted(CHANNELS), sorted(OUTCOMES)):
        told = request_of(form_of(RELANCE, **everything(channel=channel, outcome=outcome)))
        assert told.earlier_letter
        assert (told.earlier_letter.channel, told.earlier_letter.outcome) == (channel, outcome)


@every_letter
def test_options_that_no_letter_or_another_one_has_are_not_in_the_request(slug: str) -> None:
    request = request_of(form_of(slug, **PERSON, options=[*EVERY_OPTION, "racine"]))
    assert request.options == {*OPTIONS_OF[slug]}


@pytest.mark.rule(13)
def test_days_and_codes_are_read_in_every_usual_shape_and_signs_nobody_sees_dropped() -> None:
    for typed in ("03/10/2026", "2026-10-03", " 3 . 10\u202f2026 "):
        form = form_of(PLAINTE, **everything(sent_on=typed, birth_date=typed))
        assert errors_of(form) == {}
        assert form.day("sent_on") == form.day("birth_date") == date(2026, 10, 3)
    for typed in ("29200", "29 200", "29.200", "29-200", "2 9 2 0 0", "29\u00a0200"):
        assert form_of(SANTE, postal_code=typed).postal_code.data == "29200"
    name = "\ufeff  Ca\u200bmi\u202elle \u00a0 Zoé\t"
    assert form_of(SANTE, given_name=name).given_name.data == "Camille Zoé"


@pytest.mark.parametrize("country", ["France", " france ", "", "Belgique"])
def test_a_french_postal_code_has_five_digits(country: str) -> None:
    for code in ("2920", "B-1000", "29200"):
        form = form_of(SANTE, **PERSON, postal_code=code, country=country)
        assert bool(errors_of(form)) == (code != "29200" and country != "Belgique")
        assert form.postal_code.data == code


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


ONE_NAME = (
    "Vous avez écrit le même nom pour vous et pour la personne que vous représentez. Est-ce une "
    "erreur\u202f? Corrigez-la. Si vous portez le même, ajoutez ici un deuxième prénom, ou un mot "
    "comme «~fils~»."
)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(
    ("given", "family", "is_one"),
    [
        ("Zoé", "Le Goff", True),
        (" ZOÉ", "LE  goff ", True),
        ("Zoé Le", "Goff", True),  # as some browsers part a name
        ("Zoe", "Le Goff", False),
        ("Zoé Marie", "Le Goff", False),  # what the message tells those who share a name
        ("Zoé", "Le Goff fille", False),
    ],
)
def test_who_signs_and_who_is_represented_are_two_people(
    who: str, given: str, family: str, *, is_one: bool
) -> None:
    signer = {**PERSON, **SENT, "given_name": "Zoé", "family_name": "Le Goff"}
    other = {**WHOSE[who], "represented_given_name": given, "represented_family_name": family}
    wanted = {"represented_given_name": fr(ONE_NAME)} if is_one and who in REPRESENTED else {}
    for slug in SLUGS:
        assert errors_of(form_of(slug, **signer, **other)) == wanted


# (who, accepted): born on
AGES = {
    ("child", True): ["", "21/11/2026", "22/11/2011"],  # on the very day; fifteen on the next
    ("child", False): ["21/11/2011", "03/03/1958"],
    ("protected", True): ["21/11/2011", "03/03/1958"],
    ("minor", True): [
        "",
        "21/11/2011",
        "22/11/2010",
        "22/11/2008",
    ],  # sixteen, eighteen on the next
    ("minor", False): ["22/11/2011", "21/11/2008", "21/11/2026"],
}


@pytest.mark.parametrize(("who", "right"), [*AGES])
def test_a_child_is_under_fifteen_and_who_signs_as_a_minor_is_fifteen_to_seventeen(
    who: str, right: bool
) -> None:
    name = "birth_date" if who == "minor" else "represented_birth_date"
    sentence = fr(NOT_15_TO_17 if who == "minor" else TOO_OLD)
    for slug, born in product(SLUGS, AGES[who, right]):
        form = form_of(slug, **PERSON, **SENT, **WHOSE[who], **{name: born})
        wrong = not right and name in form.active_fields
        assert errors_of(form) == ({name: sentence} if wrong else {}), (slug, born)


def test_born_on_a_29_february_one_turns_fifteen_on_the_28() -> None:
    answers = {**PERSON, **WHOSE["child"], "represented_birth_date": "29/02/2012"}
    assert not errors_of(form_of(SANTE, today=date(2027, 2, 27), **answers))
    assert errors_of(form_of(SANTE, today=date(2027, 2, 28), **answers))


# To whom


def typed_lines(*lines: str) -> str:
    return "\r\n".join("\n".join(lines).split("\n"))


BREST = "01291"
OF_PARIS, OF_BREST = (
    form_of(SANTE, recipient=c).addresses.address_lines("caisse") for c in ("01751", BREST)
)
OF_FUND = tuple(FUND.split("\n"))
KNOWN, TYPED = (
    "L’adresse que nous connaissons date du",
    "",
)
UNKNOWN = "Nous ne connaissons pas l’adresse de cet organisme. Écrivez-la ci-dessous."
# (code, lines typed, what is printed, what is told of the address)
ADDRESSES: list[tuple[str, tuple[str, ...], tuple[str, ...], str]] = [
    ("", (), (), ""),
    ("01751", (), OF_PARIS, KNOWN),
    ("01751", OF_FUND, OF_FUND, TYPED),
    (MAYOTTE, (), (), UNKNOWN),
    (MAYOTTE, OF_FUND, OF_FUND, TYPED),
    (OTHER, (), (), UNKNOWN),
    (OTHER, ("MSA", "", " 3 rue Neuve "), ("MSA", "3 rue Neuve"), TYPED),
]


@pytest.mark.parametrize(("code", "lines", "printed", "told"), ADDRESSES)
def test_an_address_typed_is_printed_else_the_known_one_and_the_form_tells_which(
    client: CheckingClient,
    code: str,
    lines: tuple[str, ...],
    printed: tuple[str, ...],
    told: str,
) -> None:
    answers = {**PERSON, "recipient": code, "caisse_lines": typed_lines(*lines)}
    assert request_of(form_of(SANTE, **answers)).address_lines == printed
    text = post(client, "edit", **answers).text
    assert told in words(parse(text).select_one("#a-qui"))
    assert (" ".join(OF_PARIS) in words(parse(text).select_one("#a-qui"))) == (told == KNOWN)
    # Never in the box: what stands there was typed.
    assert bool(area_of(text, "caisse_lines")) == bool(lines)
    is_needed = code in {MAYOTTE, OTHER}
    assert bool(parse(text).select("details[open] #caisse_lines")) == bool(lines or is_needed)
    assert bool(parse(text).select("#caisse_lines[required]")) == is_needed
    assert bool(parse(text).select("label[for=caisse_lines] .optional")) == (not is_needed)


NAMES_ANOTHER = (
    "Cette adresse porte le nom d’un autre organisme que votre choix dans la liste. "
    "Changez l’un ou l’autre."
)
WAS_FOR_ANOTHER = (
    "Vous avez changé de caisse. Vérifiez que cette adresse est celle de la nouvelle, ou "
    "effacez-la."
)


@pytest.mark.parametrize(
    ("code", "first_line", "refused"),
    [
        ("01751", OF_BREST[0], True),
        ("01751", "CNIL", True),
        ("01751", "Health Data Hub", True),
        ("01751", OF_PARIS[0].upper(), False),
        ("01441", "CPAM de la Loire-Atlantique", False),  # which begins with another's name
        ("01751", "Service du courrier", False),
        (OTHER, OF_BREST[0], False),
    ],
)
def test_an_address_that_names_another_body_than_the_one_chosen_is_asked_about(
    code: str, first_line: str, refused: bool
) -> None:
    form = form_of(SANTE, **PERSON | {"recipient": code, "caisse_lines": f"{first_line}\r\nBrest"})
    assert errors_of(form) == ({"caisse_lines": NAMES_ANOTHER} if refused else {})


OWN_STREET = (
    "Cette adresse commence par votre rue. Écrivez d’abord le nom du destinataire, puis son "
    "adresse, ou effacez tout."
)
# The field of each kind of recipient, and a letter that has it.
LINES_OF = {
    "caisse_lines": (SANTE, {"recipient": OTHER}),
    "soignant_lines": (RELANCE, {"first_letter": SOIGNANT}),
    "plateforme_lines": (PLATEFORME, {}),
    "cnil_lines": (INFORMATION, {}),
}


@pytest.mark.parametrize("name", LINES_OF)
@pytest.mark.parametrize(
    ("own", "first_line", "is_own"),
    [
        ({"address_line1": "12 bis, rue de l’Église"}, "12 bis rue de l'eglise", True),
        ({"address_line2": "Bâtiment C"}, "BATIMENT  C", True),
        ({"address_line1": "вул. Хрещатик, 1"}, "вул. Хрещатик 1", True),
        ({"address_line1": "вул. Хрещатик, 1"}, "Лікарня № 1", False),
        ({"address_line1": "12 rue Neuve"}, "Cabinet du 12 rue Neuve", False),
        ({"address_line1": ""}, "Cabinet de l’Exemple", False),
        ({"address_line1": "-"}, "...", False),
    ],
)
def test_an_address_that_begins_with_the_sender_s_street_is_asked_about(
    name: str, own: dict[str, str], first_line: str, *, is_own: bool
) -> None:
    slug, answers = LINES_OF[name]
    typed = {name: f"{first_line}\r\n29200 Brest"}
    form = form_of(slug, **{**PERSON, **SENT, **answers, **own, **typed})
    assert errors_of(form) == ({name: OWN_STREET} if is_own else {})
    beginning = {name: f"Cabinet de l’Exemple\r\n{first_line}\r\n29200 Brest"}
    assert errors_of(form_of(slug, **{**PERSON, **SENT, **answers, **own, **beginning})) == {}


@pytest.mark.parametrize(("before", "after"), [("01751", BREST), (OTHER, BREST), (BREST, OTHER)])
def test_an_address_typed_for_one_fund_is_asked_about_when_another_is_chosen(
    client: CheckingClient, before: str, after: str
) -> None:
    """Once, and whatever pages come between that ask for nothing."""
    typed = typed_lines("Service du courrier", "1 rue Neuve", "29200 Brest")
    edited = post(client, "edit", recipient=before, caisse_lines=typed).text
    changed = client.post(FORM, data=posted(edited, recipient="", output="language")).text
    unsure = client.post(FORM, data=posted(changed, recipient=after, output="edit")).text
    asked = client.post(FORM, data=posted(unsure))
    in_english = client.post(FORM.replace("/fr/", "/en/"), data=posted(asked.text, output="check"))
    assert check_errors(asked) == {"caisse_lines": fr(WAS_FOR_ANOTHER)}
    assert in_english.status_code == 422
    assert area_of(asked.text, "caisse_lines") == typed.replace("\r\n", "\n")
    for page in (asked, in_english):
        letter = client.post(FORM, data=posted(page.text))
        assert letter.status_code == 200
        assert client.post(FORM, data=posted(letter.text, output="text")).status_code == 200
        back = client.post(FORM, data=posted(letter.text, recipient=before))
        assert check_errors(back) == {"caisse_lines": fr(WAS_FOR_ANOTHER)}
    assert client.post(FORM, data=posted(edited)).status_code == 200, "the fund is the same"


def test_an_address_that_a_letter_does_not_use_is_asked_about_by_the_one_that_does() -> None:
    typed = {**PERSON, **SENT, "caisse_lines": "Service", "lines_of": "01751", "recipient": BREST}
    about_carer = form_of(RELANCE, **typed, first_letter=SOIGNANT, soignant_lines=CARER)
    assert errors_of(about_carer) == {}
    again = form_of(SANTE, about_carer.answers())
    assert errors_of(again) == {"caisse_lines": fr(WAS_FOR_ANOTHER)}


NEEDED_LINES = (
    "Écrivez le nom et l’adresse, une ligne sous l’autre, par exemple~: MSA de l’Exemple / 1 rue "
    "de l’Exemple / 29200 Brest."
)
WITHOUT_LINES: list[tuple[str, dict[str, str], str]] = [
    (SANTE, {"recipient": OTHER}, "caisse_lines"),
    (SANTE, {"recipient": MAYOTTE}, "caisse_lines"),
    (SANTE, {"recipient": OTHER, "caisse_lines": " \r\n \u200b\r\n"}, "caisse_lines"),
    *((slug, {"first_letter": SOIGNANT}, "soignant_lines") for slug in SPEAKING),
    (SOIGNANT, {}, ""),  # completed by hand
    (PLATEFORME, {"recipient": OTHER}, ""),
]


@pytest.mark.parametrize(("slug", "answers", "needed"), WITHOUT_LINES)
def test_an_address_that_nobody_knows_must_be_written(
    slug: str, answers: dict[str, str], needed: str
) -> None:
    form = form_of(slug, **{**PERSON, **SENT, **answers})
    assert errors_of(form) == ({needed: fr(NEEDED_LINES)} if needed else {})
    if slug == SOIGNANT:
        assert request_of(form).address_lines == ()


@pytest.mark.parametrize("code", ["01751", "01624", "cnmss"])
def test_the_age_of_a_known_address_is_told(
    client: CheckingClient, recipients: Recipients, code: str
) -> None:
    body = recipients.find(code)
    assert body
    assert body.observed_on
    day = f"date du {plain(long_date(body.observed_on))}."
    edited = words(parse(post(client, "edit", recipient=code).text).main)
    assert f"À : {body.name}, {body.address_lines[-1]}" in edited
    assert f"{day} Pour la garder, n’écrivez rien. {' '.join(body.address_lines)}" in edited
    told = f"L’adresse de la lettre {day}"
    assert told in words(parse(post(client, recipient=code).text).main)


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
    lines = ("Autre nom", "12 rue Neuve", "75001 PARIS")
    for printed, typed in ((known, {}), (lines, {name: typed_lines(*lines)})):
        result = post(client, slug=slug, **SENT, **answers, **typed).text
        assert tuple(recipient_of(result)) == printed
        told = "L’adresse de la lettre date du " in words(parse(result).main)
        assert told == (printed == known)
        edited = post(client, "edit", slug, **SENT, **answers, **typed).text
        assert shown(edited)[name] == "\n".join(typed and printed)
        notes = words(parse(edited).select_one(f"details:has(#{name})"))
        assert (
            ("L’adresse que nous connaissons date du " in notes)
            == (" ".join(known) in notes)
            == (not typed)
        )


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
    name = "soignant_lines" if first == SOIGNANT else "caisse_lines"
    answers = {**PERSON, **SENT, "recipient": OTHER, name: typed_lines(lines)}
    form = form_of(slug, **answers, first_letter=first)
    request = request_of(form)
    wording = form.context.site.catalogue.wordings[first]
    assert request.address_lines == CNIL
    assert request.earlier_letter == EarlierLetter(
        subject=wording.subject,
        basis=wording.basis,
        address_lines=tuple(body.split("\n")),
        sent_on=date(2026, 10, 1),
        deadline=date(2026, 11, 2),
    )


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


def test_a_pause_while_reasons_are_examined_wants_reasons() -> None:
    needed = "Écrivez vos raisons, ou décochez la case au-dessous."
    for reason, sentence in (("", needed), ("Un métier.", "")):
        form = form_of(SANTE, **PERSON, options="limitation", reason=reason)
        assert errors_of(form) == ({"reason": sentence} if sentence else {})


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("given_name", "Marie, Jeanne,Léa", "Marie Jeanne Léa"),
        ("email", "mailto:camille@example.org.", "camille@example.org"),
        ("email", "‹Camille@example.org›", "Camille@example.org"),
    ],
)
def test_what_a_paste_brings_along_is_left_out(name: str, typed: str, kept: str) -> None:
    form = form_of(SANTE, **PERSON | {name: typed})
    assert (form[name].data, errors_of(form)) == (kept, {})


def test_a_postcode_before_the_town_comes_once_and_cedex_is_no_place_to_write_at() -> None:
    for town in ("Brest", "29200 Brest", "29200Brest"):
        made = composed(form_of(SANTE, **PERSON, postal_code="29200", city=town))
        assert "29200 Brest" in {line.text for line in made.sender}
        assert made.place_and_date.startswith("Brest, le ")
    made = composed(form_of(SANTE, **PERSON, postal_code="29200", city="Brest CEDEX 9"))
    assert "29200 Brest CEDEX 9" in {line.text for line in made.sender}
    assert made.place_and_date.startswith("Brest, le ")


def test_the_day_of_sending_is_between_2018_and_today_and_needed_for_the_reminder() -> None:
    days = {value: sentence for name, value, sentence in BAD if name == "sent_on"}
    days |= {"": DAY_OF_POSTING, " \u200b": DAY_OF_POSTING, "01/01/2018": "", "21/11/2026": ""}
    days |= {"22/11/2026": ""}  # as it may be overseas
    for slug, (typed, sentence) in product(SLUGS, days.items()):
        form = form_of(slug, **PERSON, sent_on=typed)
        assert form.validate_sending() == (not sentence)
        assert list(form.sent_on.errors) == ([sentence] if sentence else [])
        if slug in LATER and not sentence:
            assert errors_of(form_of(slug, **PERSON, sent_on=typed, outcome="refusal")) == {}


def test_silence_waits_for_the_end_of_the_month_and_an_answer_does_not() -> None:
    answers, before = {**PERSON, "sent_on": "01/12/2026"}, date(2027, 1, 4)
    assert errors_of(form_of(INFORMATION, today=before, **answers)) == {}
    for slug in LATER:
        waiting = form_of(slug, today=before, **answers)
        assert errors_of(waiting) == {"outcome": fr(WAIT.format("5~janvier 2027"))}
        assert errors_of(form_of(slug, today=date(2027, 1, 5), **answers)) == {}
        for outcome in ("refusal", "partial"):
            told = {"outcome": outcome, "answer_on": "31/12/2026"}
            assert errors_of(form_of(slug, today=before, **answers, **told)) == {}


def test_an_answer_and_a_follow_up_may_come_on_the_day_of_the_letter_and_today() -> None:
    for day in ("01/10/2026", "21/11/2026"):
        told = {**SENT, "outcome": "refusal", "answer_on": day, "followed_up_on": day}
        assert errors_of(form_of(PLAINTE, **PERSON, **told)) == {}
    # Without a day of sending, they are still not in the future.
    form = form_of(RELANCE, **PERSON, outcome="refusal", answer_on="22/11/2026")
    assert errors_of(form) == {"sent_on": NEED_SENDING, "answer_on": NOT_BETWEEN}


# Options


def test_what_is_ticked_stays_ticked_and_no_more(client: CheckingClient) -> None:
    for options in ([], ["acces"], ["cnil", "deces"], list(OPTIONS)):
        edited = post(client, "edit", options=options)
        wrong = post(client, "preview", options=options, given_name="")
        twice = [*options, *options, "racine", '"><b>x</b>']
        result = post(client, "preview", options=twice, reason="Un métier.")
        for form in (edited, wrong):
            assert sorted(shown(form.text)["options"]) == sorted(options)
        assert posted(result.text).getlist("options") == options
    result = post(client, shown=["hebergement", "racine", "<b>", NIR])
    assert set(posted(result.text).getlist("shown")) == {*OPTIONS}, "those that our letters have"


@every_letter
def test_none_ticked_stays_none_even_when_nothing_else_is_posted(slug: str) -> None:
    assert form_of(slug).options.data == []
    assert sorted(form_of(slug, None).options.data) == DEFAULTS_OF[slug]


# Errors

SHORTEN = "Raccourcissez ce texte~: {} caractères au plus, il en a {}."
NAME_SIGN = (
    "Retirez ou remplacez {}. Écrivez ce nom en lettres latines, grecques ou cyrilliques, tel "
    "qu’il figure sur la carte Vitale."
)
SIGN = "Retirez ou remplacez {}~: la lettre imprimée ne peut pas le montrer."
LETTER = "Écrivez ce nom avec au moins une lettre, par exemple Camille."
MARKS = "Gardez au plus trois accents sur un même caractère."
NO_BIRTH = "Indiquez une date entre 1900 et aujourd’hui, par exemple 03/03/1958."
FIVE = (
    "Indiquez votre code postal~: 5 chiffres, par exemple 29200. Si vous habitez à l’étranger, "
    "remplissez aussi le pays."
)
YEAR_OF_FOUR = "Écrivez l’année avec quatre chiffres, par exemple 03/03/1958."
ONLY_NAMES = (
    "Écrivez seulement les noms, à la suite, par exemple Durand Martin~: sans parenthèses ni mot "
    "comme «~épouse~»."
)
UNSEEN = (
    "Retirez ou remplacez le signe invisible U+E000, {}~: la lettre imprimée ne peut pas le "
    "montrer."
)
EMAIL = "Indiquez une adresse comme camille.durand@example.org."
FEWER = "Gardez au plus {} lignes~: il y en a {}."
SHORT_LINE = "Raccourcissez la ligne «~{}~»~: 38 caractères au plus, elle en a {}."
BODY = "Choisissez votre caisse dans la liste, ou «~Autre organisme~»."

# What a field refuses beside what is too long (`LIMITS`) and what no letter can print.
BAD = [
    ("who", "represented", "Choisissez pour qui vous écrivez."),
    ("given_name", " \u200b\t", "Indiquez votre prénom, par exemple Camille."),
    ("given_name", "é" * 101, SHORTEN.format(100, 101)),
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
    ("first_letter", "relance", "Choisissez dans la liste la lettre que vous avez envoyée."),
    ("sent_on", "", NEED_SENDING),
    ("sent_on", " \u200b", NEED_SENDING),
    ("sent_on", "23/11/2026", NO_SENDING),
    ("sent_on", "31/12/9999", NO_SENDING),
    ("sent_on", "31/12/2017", NO_SENDING),
    ("sent_on", "31/02/2026", NO_DAY),
    ("sent_on", "字" * 30, NO_DAY),
    ("channel", "pigeon", "Choisissez comment la lettre est envoyée."),
    ("outcome", "accepted", "Choisissez ce qui s’est passé depuis votre lettre."),
    ("answer_on", "fin octobre", NO_DAY),
    ("received_on", "début octobre", NO_DAY),
    ("received_on", "30/09/2026", NOT_BETWEEN),
    ("received_on", "23/11/2026", NOT_BETWEEN),
    ("answer_on", "22/11/2026", NOT_BETWEEN),
    ("answer_on", "30/09/2026", NOT_BETWEEN),
    ("followed_up_on", "31/11/2026", NO_DAY),
    ("followed_up_on", "30/09/2026", NOT_BETWEEN),
    ("recipient", "", BODY),
    ("recipient", "99999", BODY),
    ("caisse_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("soignant_lines", "CPAM\n" + "y" * 80, SHORT_LINE.format("y" * 60, 80)),
    ("missing", "\n".join("abcdefghijklmnopqrstu"), FEWER.format(20, 21)),
    ("plateforme_lines", "x" * 39, SHORT_LINE.format("x" * 39, 39)),
    ("cnil_lines", "\n".join("abcdefg"), FEWER.format(6, 7)),
    ("birth_date", "29/02/1959", NO_DAY),
    ("birth_date", "03/03/58", YEAR_OF_FOUR),
    ("family_name", "Durand épouse Martin", ONLY_NAMES),
    ("family_name", "Durand (née Martin)", ONLY_NAMES),
    ("measure", "\ue000tutelle", UNSEEN.format("au début")),
    ("address_line1", "12 rue\ue000 Neuve", UNSEEN.format("après «~rue~»")),
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
    ("reason", "x" * 101, "Ajoutez des espaces~: un mot a plus de 100 caractères."),
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
        later = {"answer_on": "", "followed_up_on": "", "received_on": ""}
        compared = later if name == "sent_on" else {}
        form = form_of(**{**right, **compared, name: value})
        left_out = right["slug"] == INFORMATION and sentence == NEED_SENDING
        assert errors_of(form) == ({} if left_out else {name: fr(sentence)})
        unknown = name not in TEXTS  # no answer of ours: it is not kept
        assert dict(form.answers()).get(name, "") == ("" if unknown else form[name].data)


NO_BREAK, REPLACED = "\u00a0", "\ufffd"
LIMITS = dict.fromkeys(NAMES, 100) | {"measure": 60, "city": 50, "email": 100, "postal_code": 12}
LIMITS |= dict.fromkeys(("represented_birth_date", "birth_date"), 20)
LIMITS |= dict.fromkeys(("answer_on", "followed_up_on", "received_on"), 20)
LIMITS |= dict.fromkeys(("address_line1", "address_line2"), 60) | {"country": 38}
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


@pytest.mark.parametrize("name", ["caisse_lines", "soignant_lines", "cnil_lines"])
def test_an_address_has_six_lines_of_thirty_eight_characters(name: str) -> None:
    longest = "\r\n".join(["é" * 38] * 6)
    assert errors_of(form_of(**{**asking(name)[0], name: longest})) == {}
    assert errors_of(form_of(**{**asking(name)[0], name: f"{longest}\r\né"})).keys() == {name}
    assert errors_of(form_of(**{**asking(name)[0], name: f"é{longest}"})).keys() == {name}


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


def test_a_bad_answer_is_tried_and_a_length_is_known_for_every_field() -> None:
    assert {name for name, *_ in BAD} == FIELDS - NEVER_SHOWN - {"options", "shown"}
    assert {*LIMITS} | {*AREAS, "sent_on"} == {*TEXTS}


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
    texts = form_of(slug, **answers).active_fields & {*TEXTS}
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
    for name in {*TEXTS} | NEVER_SHOWN:
        form = form_of(slug, **everything("protected") | {name: f"ab {NIR} cd"})
        assert errors_of(form) == {name: about_number(slug)}
        assert not has_number(str(form.answers()))
        if name not in NEVER_SHOWN:  # these say what this form is, whatever came in
            assert dict(form.answers())[name] == "ab … cd"


@pytest.mark.parametrize(
    ("slug", "output", "name"),
    [
        (SANTE, "preview", "postal_code"),
        (SANTE, "bundle", "cnil_lines"),  # which this letter has not
        (PLATEFORME, "edit", "missing"),
    ],
)
def test_a_number_taken_out_is_explained_with_or_without_a_field_to_go_to(
    client: CheckingClient, slug: str, output: str, name: str
) -> None:
    response = client.post(address_of(slug), data=everything(output=output) | {name: NIR})
    assert response.status_code == 422
    summary = parse(response.text).select_one(".error-summary")
    assert text_of(summary).endswith(f" – {about_number(slug)}")
    assert summary is not None
    links = [str(link["href"]) for link in summary.select("a")]
    assert links == ([f"#{name}"] if name in form_of(slug).visible_fields else [])


# The form's own fields are the state

KEPT: list[dict[str, Any]] = [
    {**PERSON, **SENT},
    everything("child", SOIGNANT, options=[]),
    everything("protected", PLATEFORME, options=["deces", "penal", "caisse", "logiciel"]),
    {**PERSON, **SENT, "recipient": OTHER, "caisse_lines": "MSA\r\n29412 Landerneau"},
    {**PERSON, **SENT, "reason": '\r\n\r\n "G" & <c>\r\n\r\n\r\n  ((name)) [si cnil] ’\r\n'},
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


# Anything at all

anything = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "03/03/1958", "29200", "a@b.org", NIR, "\x00", "\ud800", "((name))"]),
    st.integers().map(str),
)
hidden_names = ["options", "shown", "from_letter", "also", "large", "lines_of", "channel_of", "x"]


@steady
@given(
    slug=st.sampled_from(SLUGS),
    answers=st.dictionaries(st.sampled_from([*sorted(FIELDS), *hidden_names]), anything),
    who=st.sampled_from(WHO),
    first=st.sampled_from(SLUGS),
    recipient=st.sampled_from(["", OTHER, MAYOTTE, "01751"]),
    output=st.sampled_from(OUTPUTS) | anything,
)
def test_any_text_in_any_field_is_answered(
    app: Flask,
    slug: str,
    answers: dict[str, str],
    who: str,
    first: str,
    recipient: str,
    output: str,
) -> None:
    known = {"who": who, "first_letter": first, "recipient": recipient}
    data = {**known, **answers, "output": output}
    encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
    response = app.test_client().post(address_of(slug), data=encoded)
    assert response.status_code in {200, 422}
