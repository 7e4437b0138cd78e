"""A wording and a person's answers become a finished letter, and nothing is lost or added."""

import re
from dataclasses import replace
from datetime import date
from itertools import chain, product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.catalogue import Catalogue
from letters.compose import BLANK, compose, option_texts
from letters.model import (
    CHANNELS,
    OUTCOMES,
    REPRESENTED,
    WHO,
    Block,
    EarlierLetter,
    Items,
    Letter,
    LetterRequest,
    Line,
    Paragraph,
    Person,
    Representation,
)
from letters.model import PostalAddress as Address
from letters.typography import long_date
from letters.wording import Wording
from letters.wording_parser import parse
from tests.conftest import TODAY
from tests.letters_under_test import (
    ANSWER_ON,
    BARE_SENDER,
    CHILD,
    EARLIER,
    INVENTED,
    MEASURE,
    RECIPIENT,
    SENDER,
    SLUGS,
    WARD,
    Letters,
    blank_request,
    every_letter,
    represented_by,
    request_for,
    steady_few,
    texts_of,
)

# A complaint that holds every value, each step's own ones included.
EVERY_VALUE = INVENTED.replace('"opposition"', '"plainte"').replace(
    "Merci :\n",
    "((given_name)) / ((family_name)) / ((name)) / ((recipient)) / ((today))\n\n"
    "[si protected]\n((represented_name)) / ((measure))\n\n"
    "((earlier_recipient)) / ((earlier_address)) / ((earlier_subject)) / ((earlier_basis))\n\n"
    "((sent_on)) / ((deadline))\n\n"
    "[si answer_on]\n((answer_on))\n\n"
    "[si followed_up_on]\n((followed_up_on))\n\n"
    "Merci :\n",
)
NOT_MARKUP = ("((reason))", "((name))", "[si cnil]", "{0}", "%(name)s", r"\1 \g<0>", "...", "- a")
INVENTED_WORDING = parse(INVENTED, "invented.md")
EVERY_VALUE_WORDING = parse(EVERY_VALUE, "every.md")


def lines_shown(letter: Letter) -> list[str]:
    """The sender's block; « ____ » stands for a line to fill in by hand."""
    shown = (f"{line.text} ____" if line.blank else line.text for line in letter.sender)
    return [text.replace("\u00a0", "~").strip() for text in shown]


def sender_lines(person: Person, who: str = "self", **changes: Any) -> list[str]:
    request = replace(request_for(INVENTED_WORDING, sender=person, who=who), **changes)
    return lines_shown(compose(INVENTED_WORDING, request, TODAY))


def in_one_line(blocks: tuple[Block, ...]) -> str:
    """The text of `blocks` with plain spaces, to look for words in."""
    return " ".join(" ".join(texts_of(blocks)).split())


def versions(letter: Letter) -> list[tuple[Block, ...]]:
    """The letter, its short version, and what is to be said aloud where there is something."""
    return [blocks for blocks in (letter.blocks, letter.short, letter.spoken) if blocks]


@pytest.fixture(params=SLUGS)
def slug(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def wording(catalogue: Catalogue, slug: str) -> Wording:
    return catalogue.wordings[slug]


@pytest.fixture
def letters(slug: str) -> Letters:
    """Every letter that the wording can become, with its request."""
    return every_letter()[slug]


# Every letter in every shape; tests/test_typography.py looks for mistakes of French in them.


def test_each_version_greets_speaks_in_sentences_and_takes_leave(letters: Letters) -> None:
    for _request, letter in letters:
        for blocks in (letter.blocks, letter.short):
            paragraphs = [block.text for block in blocks if isinstance(block, Paragraph)]
            sentence = re.compile(r"[A-ZÀÉÊ].*[.:,]", re.DOTALL)
            paragraphs = [text for text in paragraphs if not text.startswith("À l’attention d")]
            assert [text for text in paragraphs if not sentence.fullmatch(text)] == []
            assert Paragraph("Madame, Monsieur,") in blocks[:2]
            assert blocks[-1].texts[-1].lower().endswith("salutations distinguées.")
            assert isinstance(blocks[-1], Paragraph)


def test_a_list_is_whole_and_announced_by_a_colon(letters: Letters) -> None:
    for request, letter in letters:
        given = [Paragraph(text) for text in request.fields.values()]
        for blocks in versions(letter):
            for block, following in zip(blocks, [*blocks[1:], None], strict=True):
                if isinstance(block, Items):
                    ends = "".join(item[-1] for item in block.texts)
                    assert re.fullmatch(r";*\.", ends)
                    assert [item for item in block.texts if not re.match("[a-zà«]", item)] == []
                if isinstance(block, Paragraph) and block.text.endswith(":"):
                    assert isinstance(following, Items) or following in given
                else:
                    assert not isinstance(following, Items)


def test_every_block_is_said_in_some_letter_and_every_condition_leaves_it_out_of_another(
    wording: Wording, letters: Letters
) -> None:
    parts = {part: getattr(wording, part) for part in ("body", "spoken")}
    numbered = replace(
        wording,
        **{
            part: tuple(replace(b, templates=((str(b.line),),), is_list=False) for b in blocks)
            for part, blocks in parts.items()
        },
    )
    made = [compose(numbered, request, TODAY) for request, _letter in letters]
    kept = [{*texts_of((*one.blocks, *one.spoken))} for one in made]
    for block in chain.from_iterable(parts.values()):
        said = {str(block.line) in lines for lines in kept}
        assert said == ({True, False} if block.conditions else {True}), f"line {block.line}"


@pytest.mark.parametrize("who", WHO)
def test_an_option_adds_what_it_announces_and_an_unknown_one_nothing(
    wording: Wording, who: str
) -> None:
    bare = compose(wording, request_for(wording, (), who=who), TODAY)
    unknown, empty = {"unknown", "name"}, dict.fromkeys(wording.fields, "")
    same = compose(wording, request_for(wording, unknown, empty, who=who), TODAY)
    assert same == bare
    for option in wording.options:
        given = {"reason": "Rien."} if option.name in wording.options_with_reasons else empty
        bare, more = (
            compose(wording, request_for(wording, ticked, given, who=who), TODAY)
            for ticked in ((), {option.name})
        )
        added = [t for t in texts_of(more.blocks) if t not in set(texts_of(bare.blocks))]
        announced = option_texts(wording, option.name, who)
        assert announced or who in REPRESENTED  # a refusal for after one's death is one's own
        patterns = [re.escape(text).replace("…", ".+") for text in announced]
        assert all(re.fullmatch(*pair) for pair in zip(patterns, added, strict=True))


# Who signs, and for whom

# What each version says of the right to sign; nothing for an adult who writes for themselves.
QUALITIES = {
    "child": r"autorité parentale sur \S+ \S+.*\bmoins de 15 ans",
    "minor": r"J’ai entre 15 et 17 ans",
    "protected": r"Je représente \S+ .*\b(?:mesure de protection|majeure protégée)\b",
}
# What belongs to the person whose data are meant, said of oneself or of somebody else.
_THINGS = "données|soins|santé|dossier|décès|vivant|situation|caisse|médecin|soignant|maladie"
MINE = rf"(?i)\b(?:mes|mon|ma) (?:{_THINGS})|\bme concern"
THEIRS = (
    r"(?i)\b(?:ses (?:données|soins)|son (?:décès|vivant|dossier)|sa (?:santé|situation|caisse)|"
    r"en son nom|que je représente)\b"
)


def test_each_version_is_of_one_person_and_says_by_what_right_another_signs(
    letters: Letters,
) -> None:
    named = {"child": {CHILD.name}, "protected": {WARD.name}}
    for request, letter in letters:
        typed = {" ".join(answer.split()) for answer in request.fields.values()}
        for blocks in versions(letter):
            paragraphs = [*map(in_one_line, zip(blocks))]
            text = " ".join(paragraphs)
            found = {person.name for person in (CHILD, WARD) if person.name in text}
            assert found == named.get(request.who, set())
            if blocks is not letter.spoken:
                said = {who for who, words in QUALITIES.items() if re.search(words, text)}
                assert said == {request.who} - {"self"}
            ours = " ".join(t for t in paragraphs if t not in typed)
            assert re.findall(MINE if request.who in REPRESENTED else THEIRS, ours) == []
        assert (MEASURE in in_one_line(letter.blocks)) == (request.who == "protected")


# What came of the first letter

LATER = ("relance", "plainte-cnil")
TELLS = {
    "silence": r"je n’ai (?:pas )?reçu (?:de|ni) réponse",
    "refusal": r"pas fait droit|sans faire droit",
    "partial": r"qu’en partie",
}
TELLS_CHANNEL = {
    "ameli": r"messagerie",
    "post": r"courrier postal",
    "email": r"courriel\b",
    "hand": r"main propre",
}


DAYS = re.compile(r"\b\w+ \w+ 2026\b")


def said(*days: date | None) -> list[str]:
    return [long_date(day).replace("\u00a0", " ") for day in days if day]


def found(words: dict[str, str], text: str) -> list[str]:
    """The name of each expression, once for each time it is found in `text`."""
    return [name for name, expression in words.items() for _ in re.findall(expression, text)]


def facts_of(letter: Letter) -> str:
    """The first list of a complaint."""
    return in_one_line((next(block for block in letter.blocks if isinstance(block, Items)),))


@pytest.mark.parametrize("slug", LATER)
def test_a_later_letter_tells_what_came_of_the_first_and_nothing_else(slug: str) -> None:
    """One outcome, how the first letter was sent and the days, if they are known."""
    assert set(TELLS) == set(OUTCOMES)
    assert set(TELLS_CHANNEL) == set(CHANNELS)
    for request, letter in every_letter()[slug]:
        past, text = request.earlier_letter, in_one_line(letter.blocks)
        assert found(TELLS, text) == found(TELLS, in_one_line(letter.short)) == [past.outcome]
        assert set(found(TELLS_CHANNEL, text)) == {past.channel} - {""}
        month = (past.received_on, past.deadline) if past.received_on else ()
        days = said(past.sent_on, *month, past.answer_on, past.followed_up_on)
        assert set(DAYS.findall(text)) == set(days)
        if slug == "plainte-cnil":
            told = (past.sent_on, *month, past.answer_on, past.followed_up_on)
            known = [day for day in told if day]
            assert DAYS.findall(facts_of(letter)) == said(*sorted(known))


@pytest.mark.parametrize("slug", LATER)
def test_an_answer_s_day_does_not_make_a_silence_an_answer(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    silences = [EARLIER, replace(EARLIER, answer_on=ANSWER_ON)]
    requests = [request_for(wording, earlier_letter=past) for past in silences]
    assert len({compose(wording, request, TODAY) for request in requests}) == 1


def test_a_follow_up_on_the_day_of_the_answer_is_told_before_it(catalogue: Catalogue) -> None:
    wording = catalogue.wordings["plainte-cnil"]
    past = replace(EARLIER, outcome="refusal", answer_on=ANSWER_ON, followed_up_on=ANSWER_ON)
    text = facts_of(compose(wording, request_for(wording, earlier_letter=past), TODAY))
    assert 0 < text.index("rappel") < text.index("pas fait droit")


# Values

typed = (st.text() | st.sampled_from(NOT_MARKUP)).filter(str.strip)


@steady_few
@given(st.lists(typed, min_size=8, max_size=8))
@example([*NOT_MARKUP])
def test_every_value_is_put_in_its_place_as_it_was_typed(texts: list[str]) -> None:
    given_name, family_name, recipient, reason, represented, measure, body, town = texts
    wording = EVERY_VALUE_WORDING
    past = EarlierLetter(
        subject="Un premier objet",
        basis="Un texte, article 3",
        address_lines=(body, "1 RUE A", town),
        sent_on=date(2026, 1, 31),
        deadline=date(2026, 2, 28),
        channel="hand",
        outcome="partial",
        answer_on=date(2026, 2, 14),
        followed_up_on=date(2026, 3, 1),
    )
    sender, other = Person(given_name, family_name), Person(represented, represented)
    request = replace(
        request_for(
            wording, (), {"reason": reason}, sender, (recipient, town), earlier_letter=past
        ),
        who="protected",
        represented=Representation(other, measure),
    )
    letter = compose(wording, request, TODAY)
    name, other_name = f"{given_name} {family_name}".strip(), other.name.strip()
    assert letter.blocks[:-1] == (
        Paragraph("Madame, Monsieur,"),
        Paragraph(reason),
        Paragraph(f"{given_name} / {family_name} / {name} / {recipient} / 21\u00a0novembre 2026"),
        Paragraph(f"{other_name} / {measure}"),
        Paragraph(f"{body} / 1 RUE A, {town} / Un premier objet / Un texte, article 3"),
        Paragraph("31\u00a0janvier 2026 / 28\u00a0février 2026"),
        Paragraph("14\u00a0février 2026"),
        Paragraph("1er\u00a0mars 2026"),
        Paragraph("Merci\u00a0:"),
        Items(("de répondre\u202f;", "de confirmer.")),
    )
    assert (letter.subject, letter.address_lines) == ("Un objet", (recipient, town))
    assert (letter.signature, letter.sender[0]) == (name, Line(name))
    assert Line(f"Pour\u00a0: {other_name}") in letter.sender


# The sender's block

BORN_BLANK = "Date de naissance~: ____"
NIR_BLANK = "N°~de sécurité sociale~: ____"
NO_ADDRESS = ["Adresse~: ____", "____"]
FOR_A_CHILD = ["Pour~: Zoé Nguyễn", "Sa date de naissance~: 01/12/2015"]
FOR_A_WARD = ["Pour~: Odile de L’Isle", "Sa date de naissance~: 08/05/1936"]
WHOLE = [
    "Maëlle Le Goff-d’Œuvre",
    "Appartement 12, bâtiment C",
    "3 bis rue de l’Église",
    "29200 Brest",
    "France",
    "maelle.legoff@example.org",
]


@pytest.mark.parametrize(
    ("who", "whole", "bare"),
    [
        ("self", ["Date de naissance~: 01/03/1958"], [BORN_BLANK]),
        ("minor", ["Date de naissance~: 01/03/1958"], [BORN_BLANK]),
        ("child", FOR_A_CHILD, FOR_A_CHILD),
        ("protected", FOR_A_WARD, FOR_A_WARD),
    ],
)
def test_the_sender_is_told_with_lines_to_fill_in_for_what_is_missing(
    who: str, whole: list[str], bare: list[str]
) -> None:
    assert sender_lines(SENDER, who) == [*WHOLE, *whole, NIR_BLANK]
    lines = ["Camille Durand", *NO_ADDRESS, *bare, NIR_BLANK]
    assert sender_lines(BARE_SENDER, who) == lines
    # One that finds nobody by name gets no date of birth.
    no_birth_date = [line for line in lines if "naissance" not in line]
    assert sender_lines(BARE_SENDER, who, named_file=False) == no_birth_date


TOWN_BLANK = "Code postal et ville~: ____"
ADDRESSES = [
    (Address("1 rue A", "", "29200", "Brest"), ["1 rue A", "29200 Brest"]),
    (Address(line2="Kerhuon"), ["Kerhuon", TOWN_BLANK]),
    (Address("1 rue A"), ["1 rue A", TOWN_BLANK]),
    (Address("1 rue A", city="Brest"), ["1 rue A", "Brest"]),
    (Address("1 rue A", postal_code="29200"), ["1 rue A", "29200"]),
    (Address(postal_code="29200", city="Brest"), ["29200 Brest"]),
    (Address(country="Belgique"), [TOWN_BLANK, "Belgique"]),
]


@pytest.mark.parametrize(("address", "lines"), ADDRESSES)
def test_an_address_has_a_line_to_fill_in_for_what_is_missing(
    address: Address, lines: list[str]
) -> None:
    person = Person("Camille", "Durand", address=address)
    assert sender_lines(person) == ["Camille Durand", *lines, BORN_BLANK, NIR_BLANK]


@pytest.mark.parametrize(
    ("city", "day", "expected"),
    [
        ("L’Haÿ-les-Roses", date(2027, 1, 31), "L’Haÿ-les-Roses, le 31~janvier 2027"),
        ("", date(2026, 12, 1), "Le 1er~décembre 2026"),
        ("Brest", None, f"À~{BLANK}, le~{BLANK}"),
        ("", None, f"À~{BLANK}, le~{BLANK}"),
    ],
)
def test_the_letterhead_ends_with_the_recipient_the_place_and_the_day_or_room_for_them(
    city: str, day: date | None, expected: str
) -> None:
    person = Person("Camille", "Durand", address=Address(city=city))
    letter = compose(INVENTED_WORDING, request_for(INVENTED_WORDING, sender=person), day)
    head = [text.replace("\u00a0", "~") for text in letter.letterhead()]
    assert (head[0], head[-5:]) == ("Camille Durand", [*RECIPIENT, expected])


# Letters to fill in by hand


def filled_in(request: LetterRequest, day: date | None) -> LetterRequest:
    """The same request with everything given; the day of sending only if a letter speaks of it."""
    past = request.earlier_letter
    return replace(
        request,
        sender=SENDER,
        address_lines=RECIPIENT,
        represented=represented_by(request.who),
        earlier_letter=past
        and replace(past, address_lines=RECIPIENT, sent_on=day, deadline=day and EARLIER.deadline),
    )


BLANKS = [
    (slug, who, outcome)
    for slug, who, outcome in product(SLUGS, WHO, OUTCOMES)
    if slug in LATER or outcome == "silence"
]


@pytest.mark.parametrize(("slug", "who", "outcome"), BLANKS)
def test_a_blank_letter_has_a_place_for_every_value_and_says_nothing_else(
    wording: Wording, who: str, outcome: str
) -> None:
    request = blank_request(wording, who, outcome)
    blank = compose(wording, request, None)
    filled = compose(wording, filled_in(request, EARLIER.sent_on), None)
    places = 0
    for made, whole in zip(versions(blank), versions(filled), strict=True):
        for dotted, said in zip(texts_of(made), texts_of(whole), strict=True):
            assert re.fullmatch(re.escape(dotted).replace(BLANK, "[^…]+"), said)
            places += dotted.count(BLANK)
    least = (who in REPRESENTED) + wording.speaks_of_earlier_letter
    assert places >= least * len(versions(blank))
    assert (blank.address_lines, blank.signature) == ((), "")
    expected = ["Prénom et nom~: ____", *NO_ADDRESS]
    if who in REPRESENTED:
        expected.append("Pour~: ____")
    if wording.asks_birth_date:
        expected.append("Sa date de naissance~: ____" if who in REPRESENTED else BORN_BLANK)
    if wording.recipient_kind == "caisse":
        expected.append(NIR_BLANK)
    assert lines_shown(blank) == expected
    text = in_one_line(blank.blocks)
    assert wording.slug not in LATER or (found(TELLS_CHANNEL, text) == [] and "rappel " not in text)


def test_what_takes_longer_to_write_by_hand_has_more_room() -> None:
    wording = parse(EVERY_VALUE, "every.md")
    past = EarlierLetter(subject="Un premier objet", basis="Un texte", outcome="refusal")
    request = replace(blank_request(wording, "protected", "refusal"), earlier_letter=past)
    texts = list(texts_of(compose(wording, replace(request, options=frozenset()), None).blocks))
    assert [text.replace(BLANK, "_") for text in texts[1:-4]] == [
        "_ / _ / _ / _ / _",
        "__ / _",
        "__ / ____ / Un premier objet / Un texte",
        "_ / _",
    ]


# What an option adds, read before it is chosen

ADDED = """\
[si answer_on]
[si cnil]
[si reason]
((name)), ((deadline)), ((answer_on)), ((reason))

[sauf cnil]
Rien.

[si cnil]
[si child]
Pour un enfant.

[si cnil]
[si represented]
Pour ((represented_name)).

[si cnil]
[sauf represented]
Pour soi.

[si cnil]
"""
FOR_WHOM = {"child": ["Pour un enfant.", "Pour …."], "protected": ["Pour …."]}


@pytest.mark.parametrize("who", WHO)
def test_what_an_option_adds_is_announced_to_whoever_signs(who: str) -> None:
    wording = parse(EVERY_VALUE.replace("Merci :\n\n", f"Merci :\n\n{ADDED}"), "adds.md")
    assert option_texts(wording, "cnil", who) == [
        "J’informe la CNIL.",
        "…, …, …, …",
        *FOR_WHOM.get(who, ["Pour soi."]),
        *("de répondre\u202f;", "de confirmer."),
    ]
    assert option_texts(wording, "unknown", who) == []


# Lists, in an invented letter

LISTS = "[si cnil]\n- un ;\n\n[sauf cnil]\n- deux ;\n- trois ;\n\n[si child]\n- quatre ;\n\n- cinq."


@pytest.mark.parametrize(
    ("options", "who", "items"),
    [
        ({"cnil"}, "self", ("un", "cinq")),
        ((), "child", ("deux", "trois", "quatre", "cinq")),
    ],
)
def test_lists_that_follow_each_other_make_one(
    options: set[str], who: str, items: tuple[str, ...]
) -> None:
    text = INVENTED.replace("- de répondre ;\n- de confirmer.", f"{LISTS}\n\nFin.\n\n- six.")
    wording = parse(text, "lists.md")
    letter = compose(wording, request_for(wording, options, who=who), TODAY)
    one = Items((*(f"{item}\u202f;" for item in items[:-1]), f"{items[-1]}."))
    assert letter.blocks[-4:-1] == (one, Paragraph("Fin."), Items(("six.",)))
