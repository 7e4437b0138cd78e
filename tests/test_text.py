"""The plain text for a web form: the words of the message, in characters that no form breaks."""

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import Items, Letter, Line, Paragraph
from letters.render import text
from letters.typography import NBSP, NNBSP, outside_cp1252
from tests.conftest import TODAY
from tests.letters_under_test import FIELD_TEXTS, SLUGS, request_for

LETTER = Letter(
    sender=(Line("Zoé Vaillant"), Line(f"Adresse{NBSP}:", blank=True)),
    recipient=("Caisse d’Essai", "99000 NULLE PART"),
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


def test_the_full_message_is_exactly_this_text() -> None:
    assert text.message(LETTER) == (
        "Madame, Monsieur,\n"
        "\n"
        "L'article 21 dit « non » ; je l'ai lu...\n"
        "\n"
        "- de répondre - vite\n"
        '- de dire "oui"\n'
        "\n"
        "Mes raisons\n"
        "- la première\n"
        "\n"
        "la seconde\n"
        "\n"
        "Salutations.\n"
        "\n"
        "Zoé Vaillant-Œuvre"
    )


def test_the_short_message_has_the_short_blocks_and_the_signature() -> None:
    assert text.short_message(LETTER) == "Madame, Monsieur,\n\n- Non !\n\nZoé Vaillant-Œuvre"


def test_the_subject_is_one_portal_line() -> None:
    assert text.subject(LETTER) == "Refus n° 1 : données"


def test_the_document_opens_with_the_subject_then_a_blank_line_and_ends_with_a_newline() -> None:
    assert text.document("Refus", "Bonjour.\n\nZoé") == "Objet : Refus\n\nBonjour.\n\nZoé\n"


def test_the_message_leaves_the_letterhead_out() -> None:
    head = ("Adresse", "Caisse d", "99000", "Brest", "décembre", "Refus")
    for message in (text.message(LETTER), text.short_message(LETTER)):
        assert [words for words in head if words in message] == []


def test_a_decomposed_name_is_composed() -> None:
    letter = Letter((), ("X",), "", "", (), (), signature="Zoe\u0301")
    assert text.message(letter) == "Zo\u00e9"


def test_a_name_outside_windows_1252_stays_as_typed() -> None:
    letter = Letter((), ("X",), "", "", (), (), signature="Łukasz Nguyễn")
    assert text.message(letter) == "Łukasz Nguyễn"


@pytest.mark.parametrize("slug", SLUGS)
def test_every_message_has_clean_lines_that_a_windows_1252_form_takes(
    slug: str, catalogue: Catalogue
) -> None:
    wording = catalogue.wordings[slug]
    fields = {name: FIELD_TEXTS[name] for name in wording.fields}
    every_option = [option.name for option in wording.options]
    letter = compose(wording, request_for(wording, every_option, fields), TODAY)
    for body in (text.message(letter), text.short_message(letter)):
        document = text.document(text.subject(letter), body)
        lines = document.split("\n")
        assert lines[0].startswith("Objet : ") and lines[1] == "" and lines[2] != ""
        assert document.endswith("\n") and not document.endswith("\n\n")
        assert "\n\n\n" not in document
        assert [line for line in lines if line != line.strip()] == []
        assert {character for character in document if character.isspace()} == {" ", "\n"}
        assert outside_cp1252(document) == ()
