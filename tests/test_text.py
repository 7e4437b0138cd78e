"""The plain text for a web form: the words of the message, in characters that no form breaks."""

from dataclasses import replace

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import Items, Letter, Line, Paragraph, Person
from letters.render import text
from letters.typography import NBSP, NNBSP, outside_cp1252, portal
from tests.letters_under_test import CHILD, SLUGS, TODAY, every_letter, request_for

BOX = 1000  # characters that a message box may allow

LETTER = Letter(
    sender=(Line("Zoé Vaillant"), Line(f"Adresse{NBSP}:", blank=True)),
    address_lines=("Caisse d’Essai", "99000 NULLE PART"),
    place_and_date=f"Brest, le 1er{NBSP}décembre 2026",
    subject=f"Refus n°{NBSP}1{NBSP}: données",
    blocks=(
        Paragraph("Madame, Monsieur,"),
        Paragraph(f"L’article{NBSP}21 dit «{NBSP}non{NBSP}»{NNBSP}; je l’ai lu…"),
        Items(("de répondre – vite", "de dire “oui”")),
        Paragraph("Mes raisons\n- la première\n\nla seconde"),
        Paragraph("Salutations."),
    ),
    short=(Paragraph("Madame, Monsieur,"), Items(("Non !",))),
    signature="Zoé Vaillant‑Œuvre",
)


def test_the_messages_and_the_document_are_exactly_this_text() -> None:
    assert text.message(LETTER).split("\n\n") == [
        "Madame, Monsieur,",
        "L'article 21 dit « non » ; je l'ai lu...",
        '- de répondre - vite\n- de dire "oui"',
        "Mes raisons\n- la première",
        "la seconde",
        "Salutations.",
        "Zoé Vaillant-Œuvre",
    ]
    short = "Madame, Monsieur,\n\n- Non !\n\nZoé Vaillant-Œuvre"
    assert (text.short_message(LETTER), text.subject(LETTER)) == (short, "Refus n° 1 : données")
    assert text.document(LETTER, short=True) == f"Objet : Refus n° 1 : données\n\n{short}\n"


# Every letter in every shape, as a web form gets it


NAME_OF_20 = Person("Maximilienn", "Durandal")


def test_the_message_to_a_fund_fits_a_box_of_1000_characters_where_nothing_was_added(
    catalogue: Catalogue,
) -> None:
    wording = catalogue.wordings[SLUGS[0]]
    letter = compose(wording, request_for(wording, options=(), sender=NAME_OF_20), TODAY)
    assert len(letter.signature) == 20
    assert len(text.message(letter)) <= BOX


@pytest.mark.parametrize("slug", SLUGS)
def test_the_short_version_is_the_letter_without_what_was_added(
    catalogue: Catalogue, slug: str
) -> None:
    """Offered only where it says less."""
    wording = catalogue.wordings[slug]
    for request, letter in every_letter()[slug]:
        bare = compose(wording, replace(request, options=frozenset(), fields={}), TODAY)
        assert letter.short == bare.blocks
        added = len(text.message(letter)) - len(text.short_message(letter))
        assert letter.has_additions == (added > 0)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_message_has_clean_lines_that_a_windows_1252_form_takes(slug: str) -> None:
    subjects = set()
    for _request, letter in every_letter()[slug]:
        subjects.add(text.subject(letter))
        messages = [text.message(letter), text.short_message(letter)]
        for message in messages:
            assert "\n\n\n" not in message
            assert [line for line in message.split("\n") if line != line.strip()] == []
            assert {character for character in message if character.isspace()} == {" ", "\n"}
            assert portal(message) == message
            assert set(outside_cp1252(message.replace(CHILD.name, ""))) == set()
    assert [line for line in subjects if "\n" in line or not 0 < len(line) <= 100] == []
    assert set(outside_cp1252("".join(subjects))) == set()
