"""A wording and a person's answers become a finished letter, and nothing is lost or added."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.catalogue import Catalogue
from letters.compose import compose, option_texts
from letters.model import Block, Items, Letter, LetterRequest, Line, Paragraph, Person
from letters.model import PostalAddress as Address
from letters.recipients import Recipients
from letters.wording import Wording, parse
from tests.conftest import TODAY
from tests.letters_under_test import (
    BARE_SENDER,
    FIELD_TEXTS,
    INVENTED,
    RECIPIENT,
    SENDER,
    SLUGS,
    every_request,
    request_for,
    steady_few,
)

NAMES_OF_VALUES = ("given_name", "family_name", "name", "recipient", "today", "reason")
EVERY_VALUE = INVENTED.replace(
    "((reason))", " / ".join(f"(({name}))" for name in NAMES_OF_VALUES)
).replace("Un objet", "((recipient)), ((name)), ((today))")
NOT_MARKUP = (
    "((reason))",
    "((name))",
    "((",
    "[si cnil]",
    "[sauf cnil]",
    "=== version courte ===",
    "{{7*7}}",
    "{name}",
    "{0}",
    "%s %(name)s",
    "$&",
    "$1",
    r"\1 \g<0> \n",
    "<b>",
    "&amp;",
    "- tiret",
    "l'apostrophe ; et : !",
    "...",
    "Łukasz ğ ễ",
    "O",
)


@pytest.fixture(scope="module")
def invented() -> Wording:
    return parse(INVENTED, "invented.md")


def texts_of(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Items):
            yield from block.items
        else:
            yield block.text


def all_texts(letter: Letter) -> list[str]:
    """Every text of a letter, once a line."""
    return [
        *letter.letterhead(),
        letter.subject,
        *texts_of(letter.blocks),
        *texts_of(letter.short),
        letter.signature,
    ]


def sender_lines(person: Person, wording: Wording) -> list[str]:
    """The sender's block; « ____ » stands for a line to fill in by hand."""
    letter = compose(wording, request_for(wording, sender=person), TODAY)
    shown = (f"{line.text} ____" if line.blank else line.text for line in letter.sender)
    return [text.replace("\u00a0", "~").strip() for text in shown]


# Every letter in every shape


@pytest.fixture(scope="module")
def letters_of(
    catalogue: Catalogue, recipients: Recipients
) -> dict[str, list[tuple[LetterRequest, Letter]]]:
    """Every letter that each wording can become, with its request."""
    made: dict[str, list[tuple[LetterRequest, Letter]]] = {slug: [] for slug in SLUGS}
    for wording, request in every_request(catalogue, recipients):
        made[wording.slug].append((request, compose(wording, request, TODAY)))
    return made


BLEMISHES = {
    "two spaces": r"  |\s\n|\n ",
    "hole or mark of the wording": r"\(\(|\)\)|\[|\]|[{}<>]|===",
    "space before a comma or a full stop": r"\s[,.]",
    "plain space before other punctuation": r" [;:!?»)%€]",
    "space after an opening mark": r"[«(’] ",
    "punctuation twice": r"[,;:!?]\s?[,;:!?]|\.\.",
    "comma without a space": r",(?=\w)",
    "tab or other control character": r"[\x00-\x09\x0b-\x1f\x7f]",
}
Letters = dict[str, list[tuple[LetterRequest, Letter]]]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("pattern", BLEMISHES.values(), ids=BLEMISHES.keys())
def test_no_letter_has_such_a_blemish(letters_of: Letters, slug: str, pattern: str) -> None:
    texts = {text for _request, letter in letters_of[slug] for text in all_texts(letter)}
    assert [text for text in texts if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    ("blemish", "text"),
    [
        ("two spaces", "un  deux"),
        ("hole or mark of the wording", "Moi, ((name)"),
        ("hole or mark of the wording", "[si cnil]"),
        ("space before a comma or a full stop", "explicitement , ainsi que"),
        ("plain space before other punctuation", "oui ;"),
        ("space after an opening mark", "l’ article"),
        ("punctuation twice", "oui, ; non"),
        ("comma without a space", "oui,non"),
        ("tab or other control character", "oui\tnon"),
    ],
)
def test_each_blemish_would_be_seen(blemish: str, text: str) -> None:
    assert re.search(BLEMISHES[blemish], text)


@pytest.mark.parametrize("slug", SLUGS)
def test_no_paragraph_is_empty_or_has_space_around(letters_of: Letters, slug: str) -> None:
    for _request, letter in letters_of[slug]:
        body = [*texts_of(letter.blocks), *texts_of(letter.short), letter.subject]
        assert [text for text in body if not text or text != text.strip()] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_paragraph_is_a_sentence(letters_of: Letters, slug: str) -> None:
    for _request, letter in letters_of[slug]:
        for block in (*letter.blocks, *letter.short):
            if isinstance(block, Paragraph):
                assert re.match(r"[A-ZÀÉÊ].*[.:,]$", block.text, re.DOTALL), block.text
            else:
                assert [item[-1] for item in block.items] == [";"] * (len(block.items) - 1) + ["."]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_colon_is_followed_by_what_it_announces(letters_of: Letters, slug: str) -> None:
    for request, letter in letters_of[slug]:
        given = [Paragraph(text) for text in request.fields.values()]
        for block, following in zip(letter.blocks, [*letter.blocks[1:], None], strict=True):
            if isinstance(block, Paragraph) and block.text.endswith(":"):
                assert isinstance(following, Items) or following in given


@pytest.mark.parametrize("slug", SLUGS)
def test_every_choice_of_options_gives_another_letter(letters_of: Letters, slug: str) -> None:
    bodies = [letter.blocks for _request, letter in letters_of[slug]]
    assert len(set(bodies)) == len(bodies)


@pytest.mark.parametrize("slug", SLUGS)
def test_both_versions_greet_and_take_leave(letters_of: Letters, slug: str) -> None:
    for _request, letter in letters_of[slug]:
        for blocks in (letter.blocks, letter.short):
            assert blocks[0] == Paragraph("Madame, Monsieur,")
            assert isinstance(blocks[-1], Paragraph)
            assert blocks[-1].text.lower().endswith("salutations distinguées.")


@pytest.mark.parametrize("slug", SLUGS)
def test_an_optional_text_comes_out_whole_and_only_if_it_is_given(
    letters_of: Letters, slug: str
) -> None:
    for request, letter in letters_of[slug]:
        written = [b.text for b in letter.blocks if isinstance(b, Paragraph)]
        given = {name: text in written for name, text in FIELD_TEXTS.items()}
        assert given == {name: name in request.fields for name in FIELD_TEXTS}


@pytest.mark.parametrize("slug", SLUGS)
def test_an_option_adds_what_it_announces(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    without = set(texts_of(compose(wording, request_for(wording, set()), TODAY).blocks))
    for option in wording.options:
        blocks = compose(wording, request_for(wording, {option.name}), TODAY).blocks
        added = [text for text in texts_of(blocks) if text not in without]
        announced = option_texts(wording, option.name)
        assert announced
        patterns = [re.escape(text).replace("…", ".+") for text in announced]
        assert all(re.fullmatch(*pair) for pair in zip(patterns, added, strict=True))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_unknown_option_changes_nothing(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    known = request_for(wording)
    more = request_for(wording, {*wording.default_options, "unknown", "name"})
    assert compose(wording, known, TODAY) == compose(wording, more, TODAY)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_empty_optional_text_counts_as_none(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    empty = request_for(wording, fields=dict.fromkeys(wording.fields, ""))
    assert compose(wording, empty, TODAY) == compose(wording, request_for(wording), TODAY)


# Values


def test_every_value_is_put_in_its_place() -> None:
    wording = parse(EVERY_VALUE, "every.md")
    letter = compose(wording, request_for(wording, fields={"reason": "Parce que."}), TODAY)
    assert letter.blocks[1] == Paragraph(
        "Maëlle / Le Goff-d’Œuvre / Maëlle Le Goff-d’Œuvre / CPAM de l’Invention / "
        "21\u00a0novembre 2026 / Parce que."
    )
    assert letter.subject == "CPAM de l’Invention, Maëlle Le Goff-d’Œuvre, 21\u00a0novembre 2026"
    assert letter.signature == "Maëlle Le Goff-d’Œuvre"
    assert letter.recipient == RECIPIENT


typed = st.text() | st.sampled_from(NOT_MARKUP)


@steady_few
@given(typed, typed, typed, typed.filter(bool))
@example("((reason))", "[si cnil]", "{{7*7}}", "$& <b>")
def test_what_a_person_types_comes_out_as_typed(
    given_name: str, family_name: str, recipient: str, reason: str
) -> None:
    wording = parse(EVERY_VALUE, "every.md")
    sender = Person(given_name, family_name)
    request = request_for(wording, set(), {"reason": reason}, sender, (recipient, "29200 BREST"))
    letter = compose(wording, request, TODAY)
    name = f"{given_name} {family_name}"
    day = "21\u00a0novembre 2026"
    assert letter.blocks == (
        Paragraph("Madame, Monsieur,"),
        Paragraph(f"{given_name} / {family_name} / {name} / {recipient} / {day} / {reason}"),
        Paragraph("Merci\u00a0:"),
        Items(("de répondre\u202f;", "de confirmer.")),
    )
    assert letter.subject == f"{recipient}, {name}, {day}"
    assert letter.sender[0] == Line(name)
    assert letter.signature == name
    assert letter.recipient == (recipient, "29200 BREST")


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("text", NOT_MARKUP)
def test_what_looks_like_markup_is_a_name_like_another(
    catalogue: Catalogue, slug: str, text: str
) -> None:
    wording = catalogue.wordings[slug]
    fields = dict.fromkeys(wording.fields, text)
    marked = compose(wording, request_for(wording, fields=fields, sender=Person(text, text)), TODAY)
    plain = compose(
        wording,
        request_for(wording, fields=dict.fromkeys(wording.fields, "XYZ"), sender=Person("X", "Y")),
        TODAY,
    )
    assert marked.signature == f"{text} {text}"
    assert [t.replace("XYZ", text).replace("X Y", marked.signature) for t in all_texts(plain)] == [
        *all_texts(marked)
    ]


# The sender's block


BORN = "Date de naissance~: 01/03/1958"
BORN_BLANK = "Date de naissance~: ____"
NIR_BLANK = "N°~de sécurité sociale~: ____"


def test_a_sender_with_everything(invented: Wording) -> None:
    assert sender_lines(SENDER, invented) == [
        "Maëlle Le Goff-d’Œuvre",
        "Appartement 12, bâtiment C",
        "3 bis rue de l’Église",
        "29200 Brest",
        "France",
        "maelle.legoff@example.org",
        BORN,
        NIR_BLANK,
    ]


def test_a_sender_with_names_only_gets_lines_to_fill_in(invented: Wording) -> None:
    assert sender_lines(BARE_SENDER, invented) == [
        "Camille Durand",
        "Adresse~: ____",
        "____",
        BORN_BLANK,
        NIR_BLANK,
    ]


TOWN_BLANK = "Code postal et ville~: ____"
ADDRESSES = {
    "street and town": (
        Address("1 rue A", "", "29200", "Brest"),
        ["1 rue A", "29200 Brest"],
    ),
    "hamlet only": (Address(line2="Kerhuon"), ["Kerhuon", TOWN_BLANK]),
    "street only": (Address("1 rue A"), ["1 rue A", TOWN_BLANK]),
    "town without a postcode": (Address("1 rue A", city="Brest"), ["1 rue A", "Brest"]),
    "postcode without a town": (Address("1 rue A", postal_code="29200"), ["1 rue A", "29200"]),
    "town only": (Address(postal_code="29200", city="Brest"), ["29200 Brest"]),
    "country only": (Address(country="Belgique"), [TOWN_BLANK, "Belgique"]),
    "abroad": (
        Address("Rue A 1", "", "1000", "Bruxelles", "Belgique"),
        ["Rue A 1", "1000 Bruxelles", "Belgique"],
    ),
}


@pytest.mark.parametrize(("address", "lines"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_address_has_a_line_to_fill_in_for_what_is_missing(
    invented: Wording, address: Address, lines: list[str]
) -> None:
    person = Person("Camille", "Durand", address=address)
    expected = ["Camille Durand", *lines, BORN_BLANK, NIR_BLANK]
    assert sender_lines(person, invented) == expected


def test_a_letter_without_a_number_by_hand_has_no_line_for_it() -> None:
    wording = parse(INVENTED.replace('["nir"]', "[]"), "without.md")
    assert sender_lines(BARE_SENDER, wording)[-1] == BORN_BLANK


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_to_a_fund_has_a_line_for_the_number_by_hand(
    catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    assert (sender_lines(SENDER, wording)[-1] == NIR_BLANK) == (wording.recipient == "caisse")


def test_the_letterhead_is_told_in_reading_order(invented: Wording) -> None:
    letter = compose(invented, request_for(invented, sender=BARE_SENDER), TODAY)
    head = list(letter.letterhead())
    assert head[0] == "Camille Durand"
    assert head[-5:] == [*RECIPIENT, "Le 21\u00a0novembre 2026"]


# Place and date


@pytest.mark.parametrize(
    ("city", "day", "expected"),
    [
        ("Brest", date(2026, 11, 21), "Brest, le 21~novembre 2026"),
        ("Brest", date(2026, 12, 1), "Brest, le 1er~décembre 2026"),
        ("L’Haÿ-les-Roses", date(2027, 1, 31), "L’Haÿ-les-Roses, le 31~janvier 2027"),
        ("", date(2026, 11, 21), "Le 21~novembre 2026"),
        ("", date(2028, 2, 29), "Le 29~février 2028"),
    ],
)
def test_place_and_date(invented: Wording, city: str, day: date, expected: str) -> None:
    person = Person("Camille", "Durand", address=Address(city=city))
    letter = compose(invented, request_for(invented, sender=person), day)
    assert letter.place_and_date.replace("\u00a0", "~") == expected


# What an option adds, read before it is chosen


def test_what_an_option_adds_leaves_the_values_out() -> None:
    wording = parse(EVERY_VALUE, "every.md")
    assert option_texts(wording, "reason") == ["… / … / … / … / … / …"]
    assert option_texts(wording, "cnil") == ["J’informe la CNIL."]


def test_an_option_may_add_a_list() -> None:
    text = INVENTED.replace("Merci :\n", "Merci :\n\n[si cnil]")
    assert option_texts(parse(text, "list.md"), "cnil") == [
        "J’informe la CNIL.",
        "de répondre\u202f;",
        "de confirmer.",
    ]


def test_what_an_option_takes_away_is_not_what_it_adds() -> None:
    text = INVENTED.replace("Merci :", "[sauf cnil]\nRien.\n\nMerci :")
    assert option_texts(parse(text, "except.md"), "cnil") == ["J’informe la CNIL."]


def test_an_unknown_option_adds_nothing(invented: Wording) -> None:
    assert option_texts(invented, "unknown") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [(set(), "Rien."), ({"cnil"}, "J’informe la CNIL.")],
)
def test_one_of_two_contrary_paragraphs_is_said(options: set[str], said: str) -> None:
    text = INVENTED.replace("Merci :", "[sauf cnil]\nRien.\n\nMerci :")
    wording = parse(text, "except.md")
    letter = compose(wording, request_for(wording, options), TODAY)
    assert {"Rien.", "J’informe la CNIL."} & set(texts_of(letter.blocks)) == {said}


LEANS_ON_THE_ONE_ABOVE = re.compile(
    r"(D’ici là|Dans ce cas|Il|Elle|Ils|Elles|Cela|Celui-ci|Celle-ci)\b"
)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_optional_paragraph_does_not_lean_on_another_optional_one(
    catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    for version in (wording.body, wording.short):
        for above, block in pairwise(version):
            if above.condition and block.condition and above.condition != block.condition:
                assert not LEANS_ON_THE_ONE_ABOVE.match(str(block.templates[0][0]))
