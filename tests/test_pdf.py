"""The PDF: accessible (PDF/UA-1), sealed, the same every time, and never more than two sheets.

Large print and the slip are here too. That every PDF is also made to last (PDF/A-3a) is checked in
test_archive.py, by the reference validator.
"""

import hashlib
import io
import logging
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import page as page_validation
import pdfplumber
import pydyf
import pytest
import weasyprint
from bs4 import BeautifulSoup
from pdfplumber.pdf import PDF

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import (
    Items,
    Letter,
    Line,
    Objection,
    Paragraph,
    Person,
    Representation,
)
from letters.postal import MAX_CHARACTERS, MAX_LINES
from letters.recipients import OTHER, Recipients
from letters.render import font, html, pdf
from letters.web.fields import (
    CITY_LIMIT,
    EMAIL_LIMIT,
    MEASURE_LIMIT,
    MISSING_LIMIT,
    NAME_LIMIT,
    POSTAL_CODE_LIMIT,
    REASON_LIMIT,
    REASON_LINES,
    RUN_LIMIT,
)
from tests.conftest import TODAY
from tests.letters_under_test import BARE_SENDER, FIELD_TEXTS, SENDER, SLUGS, request_for
from tests.test_same_words import letter_from, pdf_words, sheet_words

LETTER = Letter(
    sender=(Line("Zoé Vaillant"), Line("Née :", blank=True)),
    recipient=("Caisse d’Essai", "99000 NULLE PART"),
    place_and_date="Brest, le 2 mai 2026",
    subject="Refus de la réutilisation",
    blocks=(Paragraph("Madame,"), Items(("un", "deux")), Paragraph("Salutations.")),
    short=(),
    signature="Z. Vaillant",
)
TWO_SHEETS = replace(LETTER, blocks=(Paragraph("Ligne\n" * 60), *LETTER.blocks))
SPOKEN = (
    Paragraph("Je m’oppose à la réutilisation de mes données de santé."),
    Paragraph("Notez-le dans mon dossier, s’il vous plaît."),
    Items(("Qui d’autre reçoit mes données ?", "Depuis quand ?")),
)
SLIP = replace(LETTER, spoken=SPOKEN)
NAMES = {
    "Vietnamese": ("Nguyễn Thị", "Ánh Tuyết Đặng"),
    "Greek": ("Ὀδυσσεὺς", "Παπαδόπουλος-Ἀΐδης"),
    "Cyrillic": ("Олена", "Ґудзь-Мар’яненко"),
    "combining marks": ("Q̄ụ̈lın", "Ọlá x̂y̌"),
}
PARTS = ("defaults", "nothing filled in", "everything filled in", "two sheets")
ENGINE_LOG = logging.getLogger("weasyprint")


def assert_accessible(content: bytes) -> None:
    report = page_validation.validate_pdf_bytes(
        content, profile=page_validation.ValidationProfile.PDF_UA_1
    )
    assert report.rules.total > 100
    assert report.is_compliant, report


def opened(content: bytes) -> PDF:
    return pdfplumber.open(io.BytesIO(content))


def sheets(content: bytes) -> int:
    with opened(content) as document:
        return len(document.pages)


def nobodys(slug: str, catalogue: Catalogue) -> Letter:
    """The letter of a person who told nothing: filled in by hand, on paper."""
    wording, nobody = catalogue.wordings[slug], Person("", "")
    past = Objection("Un objet", "Un texte") if wording.speaks_of_objection else None
    request = request_for(wording, sender=nobody, recipient=(), who="protected", objection=past)
    return compose(wording, replace(request, represented=Representation(nobody)), None)


def blank(letter: Letter) -> Letter:
    """The same letter, its head and its foot to be filled in by hand."""
    labels = ("Nom\u00a0:", "Date de naissance\u00a0:", "Adresse\u00a0:", "")
    return replace(
        letter,
        sender=tuple(Line(label, blank=True) for label in labels),
        recipient=(),
        place_and_date="À …………………………………, le ……………………………",
        signature="",
    )


def every_object(document: PDF) -> Iterator[Any]:
    for table in document.doc.xrefs:
        for number in table.get_objids():
            yield document.doc.getobj(number)


def every_key(value: Any) -> Iterator[str]:
    """Names of all dictionary entries in a PDF object, streams included."""
    value = getattr(value, "attrs", value)
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from every_key(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_key(inner)


def in_all_shapes(slug: str, catalogue: Catalogue) -> dict[str, Letter]:
    """The shapes of a letter that its pages depend on most."""
    wording = catalogue.wordings[slug]
    every_option = [option.name for option in wording.options]
    fields = {name: FIELD_TEXTS[name] for name in wording.fields}
    requests = {
        "defaults": request_for(wording),
        "nothing filled in": request_for(wording, (), sender=BARE_SENDER),
        "everything filled in": request_for(wording, every_option, fields),
    }
    letters = {part: compose(wording, request, TODAY) for part, request in requests.items()}
    one = letters["defaults"]
    longer = replace(one, blocks=(*one.blocks, Paragraph("Une ligne de plus.\n" * 40)))
    return letters | {"two sheets": longer}


# --- Accessible ---


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(22)
def test_every_letter_is_accessible(slug: str, part: str, catalogue: Catalogue) -> None:
    content = pdf.pdf(in_all_shapes(slug, catalogue)[part])
    assert_accessible(content)
    if part != "everything filled in":
        assert sheets(content) == (2 if part == "two sheets" else 1)


@pytest.mark.parametrize("alphabet", NAMES)
def test_a_name_in_any_alphabet_is_accessible(alphabet: str) -> None:
    given, family = NAMES[alphabet]
    answers = {"given_name": given, "family_name": family, "recipient": "01751", "city": family}
    letter = letter_from(SLUGS[0], answers)
    assert letter is not None
    assert_accessible(pdf.pdf(letter))


def test_the_validator_finds_fault_with_a_document_without_title(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    untitled = html.document(LETTER).replace(f"<title>{LETTER.subject}</title>", "")
    monkeypatch.setattr(html, "document", lambda letter: untitled)
    report = page_validation.validate_pdf_bytes(
        pdf.pdf(LETTER), profile=page_validation.ValidationProfile.PDF_UA_1
    )
    assert not report.is_compliant


@pytest.mark.parametrize("name", ["Adé̩ Ede", "Laž̠ Zaz", "Jō̧ M̧oo"])
def test_a_mark_below_a_composed_letter_spoils_the_text_of_the_pdf(name: str) -> None:
    letter = replace(LETTER, sender=(Line(name),), signature=name)
    content = pdf.pdf(letter)
    read = [said for _, said in reading_order(content)]
    assert (read[0], read[-1]) == (name, name)
    assert_accessible(content)


def test_the_document_says_its_language_and_title_and_that_it_is_tagged() -> None:
    with opened(pdf.pdf(LETTER)) as document:
        catalog = document.doc.catalog
        assert catalog["Lang"] == b"fr"
        assert catalog["MarkInfo"] == {"Marked": True}
        assert catalog["ViewerPreferences"] == {"DisplayDocTitle": True}
        assert document.metadata["Title"] == "Refus de la réutilisation"


def reading_order(content: bytes) -> list[tuple[str, str]]:
    """(kind, text) of every paragraph, heading and part of a list, as a screen reader goes."""
    with opened(content) as document:
        spoken: dict[tuple[int, int | None], str] = {}
        for sheet in document.pages:
            for char in sheet.chars:
                place = (sheet.page_number, char["mcid"])
                spoken[place] = spoken.get(place, "") + char["text"]
        return list(_leaves(document.structure_tree, spoken))


def _leaves(
    nodes: list[dict[str, Any]], spoken: dict[tuple[int, int | None], str]
) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if node["type"] in {"P", "H1", "Lbl", "LBody"}:
            yield node["type"], " ".join(_said(node, spoken)).strip()
        else:
            if node["type"] in {"L", "LI"}:
                yield node["type"], ""
            yield from _leaves(node.get("children", []), spoken)


def _said(node: dict[str, Any], spoken: dict[tuple[int, int | None], str]) -> Iterator[str]:
    yield from (spoken[node["page_number"], mcid] for mcid in node.get("mcids", ()))
    for child in node.get("children", []):
        yield from _said(child, spoken)


def test_the_tags_are_in_reading_order_with_the_subject_as_the_heading() -> None:
    assert reading_order(pdf.pdf(LETTER)) == [
        ("P", "Zoé Vaillant"),
        ("P", "Née :"),
        ("P", "Caisse d’Essai"),
        ("P", "99000 NULLE PART"),
        ("P", "Brest, le 2 mai 2026"),
        ("H1", "Refus de la réutilisation"),
        ("P", "Madame,"),
        ("L", ""),
        ("LI", ""),
        ("Lbl", "–"),
        ("LBody", "un"),
        ("LI", ""),
        ("Lbl", "–"),
        ("LBody", "deux"),
        ("P", "Salutations."),
        ("P", "Z. Vaillant"),
    ]


def expected_order(letter: Letter) -> Iterator[tuple[str, str]]:
    """What `reading_order` finds when no paragraph and no list goes on on a second sheet."""
    yield from (("P", line) for line in letter.letterhead() if line)
    yield "H1", letter.subject
    for block in letter.blocks:
        if isinstance(block, Items):
            yield "L", ""
            for item in block.items:
                yield from (("LI", ""), ("Lbl", "–"), ("LBody", item))
        else:
            yield "P", block.text
    if letter.signature:
        yield "P", letter.signature


def squeezed(order: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without white space, which is lost where a line ends, and without the lines to fill in."""
    pairs = ((kind, "".join(said.split())) for kind, said in order)
    return [pair for pair in pairs if pair != ("P", "")]


def all_heard(order: Iterable[tuple[str, str]]) -> str:
    """The words alone: a paragraph that goes on on a second sheet is two in the PDF."""
    return "".join(said for _, said in squeezed(order))


@pytest.mark.parametrize("part", ["defaults", "nothing filled in"])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_has_the_right_tags_from_the_sender_to_the_signature(
    slug: str, part: str, catalogue: Catalogue
) -> None:
    letter = in_all_shapes(slug, catalogue)[part]
    assert squeezed(reading_order(pdf.pdf(letter))) == squeezed(expected_order(letter))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_is_heard_from_the_sender_to_the_signature(
    slug: str, part: str, catalogue: Catalogue
) -> None:
    letter = in_all_shapes(slug, catalogue)[part]
    assert all_heard(reading_order(pdf.pdf(letter))) == all_heard(expected_order(letter))


# --- Ready to print, and sealed ---


def test_only_the_letters_font_is_used_embedded_and_cut_to_what_is_printed() -> None:
    with opened(pdf.pdf(LETTER)) as document:
        objects = [value for value in every_object(document) if isinstance(value, dict)]
        described = [value for value in objects if "FontName" in value]
        fonts = [value for value in objects if "BaseFont" in value]
    names = {str(value["FontName"].name) for value in described}
    assert len(names) == 2  # regular and semibold
    subset_of_ours = re.compile(r"[A-Z]{6}\+Lettre-Noto-Serif\b.*")
    assert [name for name in names if not subset_of_ours.fullmatch(name)] == []
    assert {str(value["BaseFont"].name) for value in fonts} == names
    assert [value for value in described if not {"FontFile2", "FontFile3"} & value.keys()] == []


@pytest.mark.parametrize("letter", [LETTER, TWO_SHEETS], ids=["one sheet", "two sheets"])
@pytest.mark.check(19)
def test_there_is_nothing_in_it_but_a_page(letter: Letter) -> None:
    active = {"AcroForm", "JS", "JavaScript", "AA", "OpenAction", "Annots", "URI", "Launch"}
    hidden = {"EmbeddedFiles", "EmbeddedFile", "AF", "Encrypt", "RichMedia", "XFA"}
    dated = {"CreationDate", "ModDate"}
    content = pdf.pdf(letter)
    with opened(content) as document:
        keys = {key for value in every_object(document) for key in every_key(value)}
        assert "StructTreeRoot" in keys
        assert keys & (active | hidden | dated) == set()
        assert document.doc.encryption is None
        xmp = document.doc.catalog["Metadata"].resolve().get_data()
    assert re.findall(rb"Date|20\d\d-\d\d", xmp) == []
    assert b"/Encrypt" not in content


def test_the_metadata_name_the_two_standards_and_keep_the_title() -> None:
    with opened(pdf.pdf(replace(LETTER, subject="</rdf:RDF> & <é>"))) as document:
        xmp = document.doc.catalog["Metadata"].resolve().get_data()
    root = ElementTree.fromstring(xmp.partition(b"?>")[2].rpartition(b"<?")[0])
    said = {key: value for tag in root.iter() for key, value in tag.attrib.items()}
    assert said["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
    assert said["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "A"
    assert said["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
    title = root.find(".//{http://purl.org/dc/elements/1.1/}title")
    assert title is not None and "".join(title.itertext()) == "</rdf:RDF> & <é>"


def test_a_letter_stays_small(catalogue: Catalogue) -> None:
    letters = [in_all_shapes(slug, catalogue)["defaults"] for slug in SLUGS]
    assert max(len(pdf.pdf(letter)) for letter in letters) < 20_000


def test_the_bytes_of_each_object_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def record(stream: pydyf.Stream) -> bytes:
        made.append(stream)
        return bytes(original(stream))

    original = pydyf.Stream.data.fget
    monkeypatch.setattr(pydyf.Stream, "data", property(record))
    pdf.pdf(LETTER)
    assert len(made) > 5
    # The writer's own stream of small objects comes too late for us.
    assert len(made) - len({id(stream) for stream in made}) == 1


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_is_laid_out_once(
    slug: str, part: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out = []

    def record(*arguments: Any, **options: Any) -> Any:
        laid_out.append(arguments)
        return original(*arguments, **options)

    original = weasyprint.HTML.render
    monkeypatch.setattr(weasyprint.HTML, "render", record)
    pdf.pdf(in_all_shapes(slug, catalogue)[part])
    assert len(laid_out) == 1


@pytest.mark.parametrize("part", PARTS)
def test_a_wrong_guess_of_the_sheets_changes_nothing(
    part: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = in_all_shapes(SLUGS[0], catalogue)[part]
    content = pdf.pdf(letter)
    guess = html.needs_two_sheets(letter)
    monkeypatch.setattr(html, "needs_two_sheets", lambda _: not guess)
    assert pdf.pdf(letter) == content


@pytest.mark.parametrize("slug", SLUGS)
def test_a_line_is_written_in_one_piece_but_for_its_kerning(
    slug: str, catalogue: Catalogue
) -> None:
    letter = replace(in_all_shapes(slug, catalogue)["defaults"], spoken=SPOKEN)
    for content in each_kind(letter):
        pieces = [text for sheet in opened(content).pages for text in written(sheet)]
        assert len(pieces) > 4
        assert [piece for piece in pieces if re.search(r">-?0?<", piece)] == []


def written(sheet: pdfplumber.page.Page) -> list[str]:
    """What a page says to show, by piece of text: glyph numbers, and moves between them."""
    streams = b"".join(stream.get_data() for stream in sheet.page_obj.contents)
    return re.findall(r"\[(.*?)\] TJ", streams.decode())


@pytest.mark.parametrize(
    "part", ["sender", "recipient", "subject", "blocks", "signature", "spoken"]
)
def test_a_long_word_anywhere_is_called_so(part: str) -> None:
    word = "d’une\N{NO-BREAK SPACE}traite" * 4
    values: dict[str, Any] = {
        "sender": (Line(word),),
        "blocks": (Items(("un", word)),),
        "spoken": (Paragraph(word),),
        "recipient": (word,),
    }
    letter = replace(SLIP, **{part: values.get(part, word)})
    made = html.slip_document(letter) if part == "spoken" else html.document(letter)
    assert "long-words" in made
    for content in each_kind(letter):
        for sheet in opened(content).pages:
            assert max(char["x1"] for char in sheet.chars) < sheet.width - 10


def test_the_colour_profile_does_not_tell_the_time() -> None:
    assert pdf._srgb_bytes()[24:36] == bytes(12)


def test_a_number_is_on_each_of_two_sheets_and_on_no_single_one() -> None:
    ends = {}
    for name, letter in (("one", LETTER), ("two", TWO_SHEETS)):
        with opened(pdf.pdf(letter)) as document:
            ends[name] = [sheet.extract_text().split("\n")[-1] for sheet in document.pages]
            tree = str(document.structure_tree)
    assert ends == {"one": ["Z. Vaillant"], "two": ["1 / 2", "2 / 2"]}
    assert "Artifact" not in tree


# --- The same bytes ---


def each_kind(letter: Letter) -> tuple[bytes, ...]:
    """Every PDF that there is of a letter."""
    kinds = ((pdf.pdf, False), (pdf.pdf, True), (pdf.slip, False), (pdf.slip, True))
    return tuple(draw(letter, large) for draw, large in kinds)


def test_the_same_letter_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    first = each_kind(SLIP)
    assert len(set(first)) == 4
    pdf.pdf(replace(TWO_SHEETS, signature="Ὀδυσσεὺς Щербаков"))
    assert each_kind(SLIP) == first


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import hashlib; from tests.test_pdf import SLIP, each_kind;"
        "print(hashlib.sha256(b''.join(each_kind(SLIP))).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "42", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    environment.pop("FONTCONFIG_FILE", None)
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == hashlib.sha256(b"".join(each_kind(SLIP))).hexdigest()


def test_threads_wait_for_one_another_and_draw_the_same_bytes() -> None:
    letters = (LETTER, replace(LETTER, signature="Ὀδυσσεὺς"))
    expected = [pdf.pdf(letter) for letter in letters]
    assert expected[0] != expected[1]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(pdf.pdf, letters * 20))
    assert drawn == expected * 20


def test_one_letter_is_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # The engine's font configuration is not thread-safe, but it does not crash every time.
    drawing: list[Letter] = []
    together: list[int] = []
    document = html.document

    def slowly(letter: Letter) -> str:
        drawing.append(letter)
        time.sleep(0.02)
        together.append(len(drawing))
        drawing.remove(letter)
        return document(letter)

    monkeypatch.setattr(html, "document", slowly)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pdf.pdf, [LETTER] * 8))
    assert together == [1] * 8


# --- Large print ---


LARGE = 16.11  # points: the next size from 16 on that is written in one piece (common.css)


def smallest(content: bytes) -> float:
    """The size of the smallest character of a PDF, in points, page numbers included."""
    with opened(content) as document:
        return round(min(char["size"] for sheet in document.pages for char in sheet.chars), 2)


@pytest.mark.parametrize("part", ["defaults", "two sheets"])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_in_large_print_is_whole_large_and_accessible(
    slug: str, part: str, catalogue: Catalogue
) -> None:
    letter = in_all_shapes(slug, catalogue)[part]
    content = pdf.pdf(letter, large=True)
    assert smallest(content) == LARGE
    assert pdf_words(content) == sheet_words(letter) == pdf_words(pdf.pdf(letter))
    assert all_heard(reading_order(content)) == all_heard(expected_order(letter))
    assert_accessible(content)


def test_a_letter_in_large_print_on_one_sheet_has_the_tags_of_the_usual_one() -> None:
    content = pdf.pdf(LETTER, large=True)
    assert sheets(content) == 1
    assert smallest(content) == LARGE
    assert reading_order(content) == reading_order(pdf.pdf(LETTER))


@pytest.mark.parametrize("character", ["e", "W", "Ԫ"])
def test_the_longest_answers_never_make_large_print_small(
    character: str, catalogue: Catalogue
) -> None:
    letter = longest_letter(SLUGS[0], catalogue, character, runs(character))
    content = pdf.pdf(letter, large=True)
    assert sheets(content) > 2
    assert smallest(content) == LARGE
    assert pdf_words(content) == sheet_words(letter)


def test_large_print_has_a_number_on_each_sheet_and_on_no_single_one() -> None:
    for letter in (LETTER, TWO_SHEETS):
        with opened(pdf.pdf(letter, large=True)) as document:
            count = len(document.pages)
            ends = [sheet.extract_text().split("\n")[-1] for sheet in document.pages]
        numbers = [f"{number} / {count}" for number in range(1, count + 1)]
        assert ends == (["Z. Vaillant"] if count == 1 else numbers)
    assert count > 2


# --- Filled in by hand ---


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_blank_letter_says_what_is_in_it_and_no_more(
    slug: str, large: bool, catalogue: Catalogue
) -> None:
    letter = nobodys(slug, catalogue)
    assert (letter.recipient, letter.signature) == ((), "")
    content = pdf.pdf(letter, large=large)
    assert pdf_words(content) == sheet_words(letter)
    assert all_heard(reading_order(content)) == all_heard(expected_order(letter))
    assert_accessible(content)


# --- The slip ---

LONG_SLIPS = {
    "a half": (Paragraph("Une ligne.\n" * 5),),
    "a sheet": (Paragraph("Une ligne.\n" * 22),),
    "several sheets": (Paragraph("Une ligne.\n" * 70),),
}


def test_a_slip_has_its_heading_its_sentences_and_the_name() -> None:
    assert reading_order(pdf.slip(SLIP)) == [
        ("H1", "À dire de vive voix"),
        ("P", "Je m’oppose à la réutilisation de mes données de santé."),
        ("P", "Notez-le dans mon dossier, s’il vous plaît."),
        ("L", ""),
        ("LI", ""),
        ("Lbl", "–"),
        ("LBody", "Qui d’autre reçoit mes données ?"),
        ("LI", ""),
        ("Lbl", "–"),
        ("LBody", "Depuis quand ?"),
        ("P", "Z. Vaillant"),
    ]


@pytest.mark.parametrize("length", LONG_SLIPS)
@pytest.mark.parametrize("large", [False, True])
def test_a_slip_has_the_words_of_its_page_and_is_accessible(large: bool, length: str) -> None:
    letter = replace(SLIP, spoken=(*SPOKEN, *LONG_SLIPS[length]))
    content = pdf.slip(letter, large=large)
    on_screen = BeautifulSoup(html.slip(letter), "html5lib").get_text()
    assert pdf_words(content) == "".join(on_screen.split())
    assert_accessible(content)


def test_a_slip_has_a_title_that_tells_it_from_the_letter() -> None:
    with opened(pdf.slip(SLIP)) as document:
        expected = "À dire de vive voix\u00a0: Refus de la réutilisation"
        assert document.metadata["Title"] == expected


def test_a_slip_is_in_large_type_but_for_the_name() -> None:
    with opened(pdf.slip(SLIP)) as document:
        (sheet,) = document.pages
        small = "".join(char["text"] for char in sheet.chars if char["size"] < 15.9)
    assert small == "Z. Vaillant"


@pytest.mark.parametrize("length", LONG_SLIPS)
def test_a_slip_in_large_print_is_larger_still(length: str) -> None:
    letter = replace(SLIP, spoken=(*SPOKEN, *LONG_SLIPS[length]))
    content = pdf.slip(letter, large=True)
    assert smallest(content) == LARGE  # the name
    with opened(content) as document:
        sizes = {round(char["size"]) for char in document.pages[0].chars if char["mcid"] == 1}
    assert sizes == {23}


@pytest.mark.parametrize("length", LONG_SLIPS)
def test_a_slip_is_one_sheet_unless_it_is_very_long(length: str) -> None:
    count = sheets(pdf.slip(replace(SLIP, spoken=(*SPOKEN, *LONG_SLIPS[length]))))
    assert count == (3 if length == "several sheets" else 1)


def test_a_slip_that_nobody_signs_ends_with_its_last_sentence() -> None:
    assert reading_order(pdf.slip(blank(SLIP)))[-1] == ("LBody", "Depuis quand ?")


# --- At most two sheets ---


@pytest.mark.parametrize("slug", SLUGS)
def test_one_sheet_is_enough_for_the_defaults_to_the_longest_names_and_addresses(
    slug: str, catalogue: Catalogue, recipients: Recipients
) -> None:
    # test_geometry.py writes to every body, each letter in its turn.
    known = [body.lines for body in recipients if body.has_address]
    wording = catalogue.wordings[slug]
    for lines in (max(known, key=lambda lines: len(lines[0])), max(known, key=len)):
        letter = compose(wording, request_for(wording, sender=SENDER, recipient=lines), TODAY)
        assert sheets(pdf.pdf(letter)) == 1


LONGEST_PAST = {
    "first_letter": "opposition-sante",
    "sent_on": "01/10/2026",
    "channel": "ameli",
    "outcome": "partial",
    "answer_on": "20/10/2026",
    "followed_up_on": "05/11/2026",
}


LIMITS = {"reason": REASON_LIMIT, "missing": MISSING_LIMIT}


def longest_answers(slug: str, catalogue: Catalogue, character: str, reason: str) -> dict[str, Any]:
    """Every field at its limit, made of one character."""
    wording = catalogue.wordings[slug]
    domain = "@a.fr"
    block = "\n".join([character * MAX_CHARACTERS] * MAX_LINES)
    return {
        **LONGEST_PAST,
        "who": "protected",
        "represented_given_name": character * NAME_LIMIT,
        "represented_family_name": character * NAME_LIMIT,
        "represented_birth_date": "03/03/1936",
        "measure": character * MEASURE_LIMIT,
        "given_name": character * NAME_LIMIT,
        "family_name": character * NAME_LIMIT,
        "recipient": OTHER,
        "recipient_lines": block,
        "plateforme_lines": block,
        "cnil_lines": block,
        "address_line1": character * MAX_CHARACTERS,
        "address_line2": character * MAX_CHARACTERS,
        "postal_code": character * POSTAL_CODE_LIMIT,
        "city": character * CITY_LIMIT,
        "country": character * MAX_CHARACTERS,
        "email": character * (EMAIL_LIMIT - len(domain)) + domain,
        "options": [option.name for option in wording.options],
        **{name: reason[: LIMITS[name]].strip() for name in wording.fields},
    }


def longest_letter(slug: str, catalogue: Catalogue, character: str, reason: str) -> Letter:
    letter = letter_from(slug, longest_answers(slug, catalogue, character, reason))
    assert letter is not None, "the longest answers are accepted"
    return letter


def in_lines(sentence: str, lines: int) -> str:
    """As much text as fits the limits, in so many lines of the same length."""
    length = (REASON_LIMIT - lines + 1) // lines
    line = (sentence * (length // len(sentence) + 1))[:length].strip()
    return "\n".join([line] * lines)


def in_paragraphs(sentence: str, paragraphs: int) -> str:
    """As `in_lines`, with an empty line between two paragraphs."""
    return in_lines(sentence, paragraphs).replace("\n", "\n\n")[:REASON_LIMIT]


SENTENCE = (
    "Je travaille à l’hôpital, et mes données y ont déjà été vues par des collègues curieux ; "
)
FRENCH_REASONS = {
    "one paragraph": in_lines(SENTENCE, 1),
    "short paragraphs": in_paragraphs(SENTENCE, (REASON_LINES + 1) // 2),
    "as many lines as there may be": in_lines(SENTENCE, REASON_LINES),
    "all capitals": in_lines(SENTENCE.upper(), 13),
}


@pytest.mark.parametrize("shape", FRENCH_REASONS)
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.check(22)
def test_two_sheets_are_enough_for_the_longest_french_letter(
    slug: str, shape: str, catalogue: Catalogue
) -> None:
    content = pdf.pdf(longest_letter(slug, catalogue, "e", FRENCH_REASONS[shape]))
    assert sheets(content) <= 2
    assert_accessible(content)


def runs(character: str) -> str:
    """As many characters as there may be, in words as long as they may be."""
    text = " ".join([character * RUN_LIMIT] * (REASON_LIMIT // RUN_LIMIT + 1))
    return text[:REASON_LIMIT].strip()


@pytest.mark.parametrize("shape", ["runs", "lines"])
@pytest.mark.parametrize("character", ["m", "M", "W", "Ԫ"])
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.check(22)
def test_a_reason_of_wide_letters_takes_a_third_sheet(
    slug: str, character: str, shape: str, catalogue: Catalogue
) -> None:
    reason = runs(character) if shape == "runs" else in_lines(character, REASON_LINES)
    assert sheets(pdf.pdf(longest_letter(slug, catalogue, character, reason))) <= 2


# --- Failures are loud ---


def test_a_warning_of_the_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    document = html.document

    def warn(letter: Letter) -> str:
        ENGINE_LOG.warning("Zoé Vaillant has no glyph")
        return document(letter)

    monkeypatch.setattr(html, "document", warn)
    with pytest.raises(pdf.PdfError) as raised:
        pdf.pdf(LETTER)
    assert "Vaillant" not in str(raised.value)
    monkeypatch.undo()
    assert_accessible(pdf.pdf(LETTER))


def test_a_sign_that_the_font_lacks_is_an_error() -> None:
    with pytest.raises(pdf.PdfError) as raised:
        pdf.pdf(replace(LETTER, signature="字"))
    assert "字" not in str(raised.value)


def test_the_engines_log_is_left_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(ENGINE_LOG.handlers)
    pdf.pdf(LETTER)
    assert ENGINE_LOG.handlers == before
    with pytest.raises(pdf.PdfError):
        pdf.pdf(replace(LETTER, signature="字"))
    assert ENGINE_LOG.handlers == before

    def fail(letter: Letter) -> str:
        raise ValueError

    monkeypatch.setattr(html, "document", fail)
    with pytest.raises(ValueError, match=r"^$"):
        pdf.pdf(LETTER)
    assert ENGINE_LOG.handlers == before


HOSTILE = {
    "image": '<img src="{url}">',
    "style sheet": '<link rel="stylesheet" href="{url}">',
    "import": "<style>@import url({url});</style>",
    "background": "<style>p {{ background: url({url}) }}</style>",
    "content": "<style>p::before {{ content: url({url}) }}</style>",
    "font": "<style>@font-face {{ font-family: x; src: url({url}) }}</style>",
    "object": '<object data="{url}"></object>',
    "embed": '<embed src="{url}">',
    "attached to the document": '<link rel="attachment" href="{url}">',
    "attached to a link": '<a rel="attachment" href="{url}">x</a>',
    "image in a drawing": '<svg width="9" height="9"><image href="{url}" width="9"/></svg>',
    "base": '<base href="{url}"><img src="x">',
}


def refuse(markup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw a document with `markup` in it and see that no PDF comes out."""
    source = html.document(LETTER).replace("</body>", f"{markup}</body>")
    assert markup in source
    monkeypatch.setattr(html, "document", lambda letter: source)
    with pytest.raises(pdf.PdfError):
        pdf.pdf(LETTER)


@pytest.mark.parametrize("way", HOSTILE)
@pytest.mark.check(19)
def test_nothing_is_fetched_from_the_network(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        refuse(HOSTILE[way].format(url=url), monkeypatch)
        with pytest.raises(BlockingIOError):  # nobody has knocked
            server.accept()


@pytest.mark.parametrize("way", HOSTILE)
@pytest.mark.check(19)
def test_no_file_is_read(way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    refuse(HOSTILE[way].format(url=secret.as_uri()), monkeypatch)


@pytest.mark.parametrize("url", ["data:image/svg+xml,<svg/>", "ftp://example.org/x", "x.png", "//"])
def test_no_other_address_is_good_either(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(f'<img src="{url}">', monkeypatch)


def test_addresses_in_what_a_person_types_stay_words() -> None:
    typed = "url(file:///etc/passwd) @import 'http://127.0.0.1/' https://example.org"
    letter = replace(LETTER, signature=typed, sender=(Line(typed),))
    assert ("P", typed) in reading_order(pdf.pdf(letter))


@pytest.mark.parametrize("missing", ["regular.ttf", "semibold.ttf", "fonts.conf"])
def test_a_font_that_is_not_built_is_an_error_that_says_what_to_do(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in {"regular.ttf", "semibold.ttf", "fonts.conf"} - {missing}:
        (tmp_path / name).touch()
    monkeypatch.setattr(font, "FOLDER", tmp_path)
    monkeypatch.setattr(font, "FONTCONFIG_FILE", tmp_path / "fonts.conf")
    with pytest.raises(font.FontError, match="script/setup"):
        pdf.pdf(LETTER)
