"""The letter as HTML: everything escaped, a heading that fits its page, lines to fill in.

That its blocks are of their kind and in their order is in test_same_words and test_pdf; where the
recipient stands, in test_geometry.
"""

from dataclasses import replace
from itertools import product

import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from letters.model import Items, Letter, Line, Paragraph
from letters.render import html

# Breaks out of a text, of an attribute in either quote, of a title, and of a template.
HOSTILE = """</title></p><script>x</script><img src="file:///x">&lt;"'&{{ 7 * 7 }}{% raw %}"""
LETTER = Letter(
    sender=(Line("Zoé"), Line("Née :", blank=True), Line("", blank=True)),
    address_lines=("Caisse", "99000 NULLE PART"),
    place_and_date="Brest, le 2 mai 2026",
    subject="Refus",
    blocks=(Paragraph("Madame,"), Items(("un", "deux")), Paragraph("ligne\nautre ligne")),
    short=(),
    signature="Zoé",
    spoken=(Paragraph("Je refuse."), Items(("dire", "redire"))),
)
BLANK = replace(LETTER, sender=(Line("Nom :", blank=True),), address_lines=(), signature="")
HOSTILE_LETTERS = [
    replace(LETTER, sender=(Line(HOSTILE), Line("", blank=True))),
    replace(LETTER, sender=(Line(HOSTILE, blank=True),)),
    replace(LETTER, address_lines=("Caisse", HOSTILE)),
    replace(LETTER, place_and_date=HOSTILE),
    replace(LETTER, blocks=(Paragraph(HOSTILE),)),
    replace(LETTER, blocks=(Items(("un", HOSTILE)),)),
    replace(LETTER, signature=HOSTILE),
    replace(LETTER, subject=HOSTILE),
]
HOSTILE_SLIPS = [
    replace(LETTER, spoken=(Paragraph(HOSTILE),)),
    replace(LETTER, spoken=(Items((HOSTILE,)),)),
    replace(LETTER, signature=HOSTILE),
]
PARTS = [
    *product((html.sheet, html.document), HOSTILE_LETTERS),
    *product((html.spoken, html.spoken_document), HOSTILE_SLIPS),
]


def parse(source: str) -> BeautifulSoup:
    return BeautifulSoup(source, "html5lib")


def test_markup_in_any_part_is_shown_as_text() -> None:
    for make, letter in PARTS:
        body = parse(make(letter)).body
        assert {tag.name for tag in body.find_all()} <= {"div", "p", "span", "h1", "h2", "ul", "li"}
        assert {name for tag in body.find_all() for name in tag.attrs} <= {"class"}
        assert body.get_text().count(HOSTILE) == 1


def test_only_the_lines_to_fill_in_have_dots() -> None:
    lines = parse(html.sheet(LETTER)).select(".sender > *")
    assert [line.get_text().strip() for line in lines] == ["Zoé", "Née :", ""]
    assert [len(line.select(".dots")) for line in lines] == [0, 1, 1]
    assert [line.get("class") for line in lines] == [None, ["to-fill"], ["to-fill"]]
    assert [len(line.find_all("p")) for line in lines] == [0, 1, 0]  # no empty paragraph


def test_a_letter_without_recipient_or_name_has_lines_to_write_them_on() -> None:
    page = parse(html.sheet(BLANK))
    parts = page.select(".recipient, .signature")
    assert [(len(part.select(".dots")), part.get_text().strip()) for part in parts] == [
        (5, ""),
        (1, ""),
    ]
    assert page.select(".recipient p, p.signature, p:empty") == []
    assert parse(html.sheet(LETTER)).select(".recipient .dots, .signature .dots") == []
    words = "Nom : Brest, le 2 mai 2026 Refus Madame, un deux ligne autre ligne"
    assert " ".join(page.get_text().split()) == words
    assert parse(html.spoken(BLANK)).select(".spoken-name") == []


@pytest.mark.parametrize("heading", ["h1", "h3"])
def test_each_part_has_a_heading_that_fits_the_page_around_it(heading: str) -> None:
    for part in (html.sheet, html.spoken):
        fragment = Markup("<div>{}</div>").format(part(LETTER, heading))  # not escaped again
        assert [tag.name for tag in parse(fragment).select("h1, h2, h3, h4")] == [heading]


def test_the_document_has_a_language_a_title_and_a_charset() -> None:
    for document in (html.document, html.spoken_document):
        source = document(HOSTILE_LETTERS[-1])
        page = parse(source)
        assert source.startswith("<!doctype html>")
        assert page.html["lang"] == "fr"
        assert page.title.string.endswith(HOSTILE)
        assert page.head.select("meta[charset=utf-8]")
