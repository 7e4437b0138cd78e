"""The PDF: tagged, sealed, the same every time, and never more than two sheets in usual print.

Its places on the sheet are checked in test_geometry.py, and that every PDF is accessible and made
to last in test_archive.py.
"""

import hashlib
import logging
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pydyf
import pytest
import weasyprint

from letters.model import Items, Letter, Line, Paragraph
from letters.recipients import Recipients
from letters.render import font, html, pdf
from tests.kit.pdfs import (
    EVERY,
    LETTER,
    LONG_SLIPS,
    SLIP,
    TWO_SHEETS,
    blank,
    each_kind,
    every_key,
    every_object,
    expected_order,
    letter_in_shape,
    letter_to,
    opened,
    pdf_words,
    read,
    reading_order,
    sheet_words,
    sheets,
    squeezed,
)
from tests.kit.people import CAPITALS, LONGEST_REASONS, longest_letter, runs
from tests.letters_under_test import SLUGS

ENGINE_LOG = logging.getLogger("weasyprint")
LARGE = 16.11  # points: the next size from 16 on that is written in one piece (common.css)


def smallest(content: bytes) -> float:
    """The size of the smallest character of a PDF, page numbers included."""
    return round(min(sign.size for sign in read(content).signs()), 2)


# --- Tagged ---


@pytest.mark.parametrize(("slug", "part", "who", "large"), EVERY)
@pytest.mark.rule(23)
def test_every_letter_has_the_words_of_its_page_and_is_heard_to_the_signature(
    slug: str, part: str, who: str, large: bool
) -> None:
    letter = letter_in_shape(slug, part, who)
    content = pdf.pdf(letter, large)
    assert pdf_words(content) == sheet_words(letter)
    count = len(read(content).sheets)
    heard, expected = squeezed(reading_order(content)), squeezed(expected_order(letter))
    if count == 1:
        assert heard == expected
    # What goes on on a second sheet is two paragraphs or two lists in the PDF.
    assert "".join(text for _, text in heard) == "".join(text for _, text in expected)
    if large:
        assert smallest(content) == LARGE
        return
    assert len(content) < 20_000
    assert html.needs_two_sheets(letter) == (count == 2)
    if part != "everything filled in":
        assert count == (2 if part == "two sheets" else 1)


@pytest.mark.parametrize("large", [False, True])
def test_the_tags_are_in_reading_order_with_the_subject_as_the_heading(large: bool) -> None:
    content = pdf.pdf(LETTER, large)
    assert sheets(content) == 1
    assert reading_order(content) == list(expected_order(LETTER))


def test_a_mark_below_a_composed_letter_is_read_as_itself_everywhere() -> None:
    for name in ("Adé̩ Ede", "Laž̠ Zaz", "Jō̧ M̧oo"):
        order = reading_order(pdf.pdf(replace(LETTER, sender=(Line(name),), signature=name)))
        assert order[0] == order[-1] == ("P", name)


def test_the_document_says_its_language_and_title_and_that_it_is_tagged() -> None:
    with opened(pdf.pdf(LETTER)) as document:
        catalog = document.doc.catalog
        assert catalog["Lang"] == b"fr"
        assert catalog["MarkInfo"] == {"Marked": True}
        assert catalog["ViewerPreferences"] == {"DisplayDocTitle": True}
        assert document.metadata["Title"] == "Refus de la réutilisation"


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


# --- Drawn well ---


@pytest.mark.usefixtures("drawn_anew")
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


@pytest.mark.usefixtures("drawn_anew")
@pytest.mark.parametrize(
    ("letter", "large"), [(LETTER, False), (TWO_SHEETS, False), (TWO_SHEETS, True)]
)
def test_a_letter_is_laid_out_once(
    letter: Letter, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out = []

    def record(*arguments: Any, **options: Any) -> Any:
        laid_out.append(arguments)
        return original(*arguments, **options)

    original = weasyprint.HTML.render
    monkeypatch.setattr(weasyprint.HTML, "render", record)
    pdf.pdf(letter, large)
    assert len(laid_out) == 1


@pytest.mark.usefixtures("drawn_anew")
@pytest.mark.parametrize("letter", [LETTER, TWO_SHEETS])
def test_a_wrong_guess_of_the_sheets_changes_nothing(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pdf.pdf(letter)
    guess = html.needs_two_sheets(letter)
    monkeypatch.setattr(html, "needs_two_sheets", lambda _: not guess)
    assert pdf.pdf(letter) == content


def test_a_line_is_written_in_one_piece_but_for_its_kerning() -> None:
    letter = letter_in_shape("opposition-soignant")
    for content in each_kind(letter):
        pieces = [piece for sheet in read(content).sheets for piece in sheet.pieces]
        assert len(pieces) > 4
        assert [piece for piece in pieces if re.search(r">-?0?<", piece)] == []


def test_a_long_word_anywhere_is_called_so_and_stays_on_the_sheet() -> None:
    word = "d’une\N{NO-BREAK SPACE}traite" * 4
    spoken: dict[str, Any] = {"spoken": (Paragraph(word),), "signature": word}
    printed = {
        "sender": (Line(word),),
        "recipient": (word,),
        "subject": word,
        "blocks": (Items(("un", word)),),
        "signature": word,
    }
    for name, value in printed.items():
        assert "long-words" in html.document(replace(SLIP, **{name: value})), name
    for name, value in spoken.items():
        assert "long-words" in html.slip_document(replace(SLIP, **{name: value})), name
    for content in each_kind(replace(SLIP, **printed, spoken=spoken["spoken"])):
        for sheet in read(content).sheets:
            assert max(sign.x1 for sign in sheet.signs) < sheet.width - 10


# --- The same bytes ---


@pytest.mark.usefixtures("drawn_anew")
def test_the_same_letter_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    first = each_kind(SLIP)
    assert len(set(first)) == 4
    pdf.pdf(replace(TWO_SHEETS, signature="Ὀδυσσεὺς Щербаков"))
    assert each_kind(SLIP) == first


@pytest.mark.server
def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import hashlib; from tests.kit.pdfs import SLIP, each_kind;"
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


@pytest.mark.usefixtures("drawn_anew")
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
        drawn = set(pool.map(pdf.pdf, [LETTER] * 8))
    assert together == [1] * 8
    assert len(drawn) == 1


# --- The slip ---


def test_a_slip_has_its_heading_its_sentences_and_the_name() -> None:
    content = pdf.slip(SLIP)
    assert reading_order(content) == [
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
    with opened(content) as document:
        title = "À dire de vive voix\u00a0: Refus de la réutilisation"
        assert document.metadata["Title"] == title
    unsigned = reading_order(pdf.slip(blank(SLIP)))
    assert unsigned[-1] == ("LBody", "Depuis quand ?")


@pytest.mark.parametrize("length", LONG_SLIPS)
def test_a_slip_is_large_and_one_sheet_unless_it_is_very_long(length: str) -> None:
    content = pdf.slip(LONG_SLIPS[length])
    small = "".join(sign.text for sign in read(content).signs() if sign.size < 15.9)
    assert small == LETTER.signature
    assert len(read(content).sheets) == (3 if length == "several sheets" else 1)
    larger = pdf.slip(LONG_SLIPS[length], large=True)
    assert smallest(larger) == LARGE  # the name
    assert {round(sign.size) for sign in read(larger).sheets[0].signs if sign.part == 1} == {23}


# --- At most two sheets ---


@pytest.mark.parametrize("slug", SLUGS)
def test_one_sheet_is_enough_for_the_defaults_to_the_longest_names_and_addresses(
    slug: str, recipients: Recipients
) -> None:
    known = [body.lines for body in recipients if body.has_address]
    for lines in (max(known, key=lambda lines: len(lines[0])), max(known, key=len)):
        assert sheets(pdf.pdf(letter_to(lines, slug))) == 1


MOST = "opposition-sante"  # of all letters it has most options
OTHERS = [slug for slug in SLUGS if slug != MOST]


@pytest.mark.parametrize(
    ("slug", "character", "reason"),
    [
        *((MOST, *longest) for longest in LONGEST_REASONS),
        *((slug, "e", CAPITALS) for slug in OTHERS),
        *((slug, "Ԫ", runs("Ԫ")) for slug in OTHERS),
    ],
    ids=lambda text: text[:20],
)
@pytest.mark.check(22)
def test_two_sheets_are_enough_for_the_longest_letter(
    slug: str, character: str, reason: str
) -> None:
    assert sheets(pdf.pdf(longest_letter(slug, character, reason))) <= 2


# --- Failures are loud ---


@pytest.mark.usefixtures("drawn_anew")
def test_a_warning_of_the_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    document = html.document

    def warn(letter: Letter) -> str:
        ENGINE_LOG.warning("Zoé Vaillant has no glyph")
        return document(letter)

    with monkeypatch.context() as patch:
        patch.setattr(html, "document", warn)
        with pytest.raises(pdf.PdfError) as raised:
            pdf.pdf(LETTER)
    assert "Vaillant" not in str(raised.value)
    assert sheets(pdf.pdf(LETTER)) == 1


@pytest.mark.usefixtures("drawn_anew")
def test_a_sign_that_the_font_lacks_is_an_error_and_the_engines_log_is_left_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = list(ENGINE_LOG.handlers)
    with pytest.raises(pdf.PdfError) as raised:
        pdf.pdf(replace(LETTER, signature="字"))
    assert "字" not in str(raised.value)
    assert ENGINE_LOG.handlers == before
    monkeypatch.setattr(html, "document", lambda letter: 1 / 0)
    with pytest.raises(ZeroDivisionError):
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
    with monkeypatch.context() as patch:
        patch.setattr(html, "document", lambda letter: source)
        with pytest.raises(pdf.PdfError):
            pdf.pdf(LETTER)


@pytest.mark.usefixtures("drawn_anew")
@pytest.mark.parametrize("way", HOSTILE)
@pytest.mark.check(19)
def test_nothing_is_fetched_from_the_network_nor_read_from_a_file(
    way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        refuse(HOSTILE[way].format(url=url), monkeypatch)
        with pytest.raises(BlockingIOError):  # nobody has knocked
            server.accept()
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    refuse(HOSTILE[way].format(url=secret.as_uri()), monkeypatch)


@pytest.mark.usefixtures("drawn_anew")
@pytest.mark.parametrize("url", ["data:image/svg+xml,<svg/>", "ftp://example.org/x", "x.png", "//"])
def test_no_other_address_is_good_either(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(f'<img src="{url}">', monkeypatch)


def test_addresses_in_what_a_person_types_stay_words() -> None:
    typed = "url(file:///etc/passwd) @import 'http://127.0.0.1/' https://example.org"
    letter = replace(LETTER, signature=typed, sender=(Line(typed),))
    assert ("P", typed) in reading_order(pdf.pdf(letter))


@pytest.mark.usefixtures("drawn_anew")
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
