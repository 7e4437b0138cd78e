"""The plain text for a web form: the words of the message, in characters that no form breaks."""

from dataclasses import replace
from datetime import date

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import (
    Items,
    Letter,
    LetterRequest,
    Line,
    Paragraph,
    Person,
    Representation,
)
from letters.postal import MAX_CHARACTERS
from letters.render import text
from letters.typography import NBSP, NNBSP, outside_cp1252, portal
from letters.web.form.fields import MEASURE_LIMIT, NAME_LIMIT
from tests.letters_under_test import CHILD, SLUGS, every_letter

SHORT_LIMIT = 1000  # characters with the subject, that a message box may allow
LONG_DAY = date(2026, 9, 21)  # « 21 septembre 2026 »

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


def longest_request(catalogue: Catalogue, request: LetterRequest) -> LetterRequest:
    """The same choices with the longest answers for which a short version is made.

    Somebody who writes for themselves: the longest names that the form accepts. Somebody who
    writes for another: half as long for each, which nobody's name exceeds in practice.
    """
    length = NAME_LIMIT // (2 if request.represented else 1)
    other = Person("À" * length, "Ô" * length)
    firsts = catalogue.earlier_letters.values()
    past = request.earlier_letter
    return replace(
        request,
        sender=Person("É" * length, "Œ" * length),
        represented=request.represented and Representation(other, "m" * MEASURE_LIMIT),
        earlier_letter=past
        and replace(
            past,
            subject=max((first.subject for first in firsts), key=len),
            basis=max((first.basis for first in firsts), key=len),
            address_lines=("W" * MAX_CHARACTERS,) * 6,
        ),
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_a_short_version_and_its_subject_stay_under_1000_characters(
    catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    for request, _letter in every_letter()[slug]:
        letter = compose(wording, longest_request(catalogue, request), LONG_DAY)
        short = text.document(letter, short=True)
        assert letter.signature in short
        assert len(short) < SHORT_LIMIT, (len(short), request.who, sorted(request.options))


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
        assert len(messages[1]) < len(messages[0])
    assert [line for line in subjects if "\n" in line or not 0 < len(line) <= 100] == []
    assert set(outside_cp1252("".join(subjects))) == set()
