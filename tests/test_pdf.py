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

import pytest

from letters.model import Items, Letter, Line, Paragraph
from letters.recipients import Recipients
from letters.render import fit, font, html, pdf
from tests.kit.pdfs import (
    EVERY,
    LETTER,
    LONG_SAID,
    SAID,
    STACKED,
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
    assert fit.needs_two_sheets(letter) == (count == 2)
    if part != "everything filled in":
        assert count == (2 if part == "two sheets" else 1)


def test_a_mark_below_a_composed_letter_is_read_as_itself_everywhere() -> None:
    for name in STACKED:
        order = reading_order(pdf.pdf(replace(LETTER, sender=(Line(name),), signature=name)))
        assert order[0] == order[-1] == ("P", name)


def test_the_document_says_its_language_and_title() -> None:
    with opened(pdf.pdf(LETTER)) as document:
        assert document.doc.catalog["Lang"] == b"fr"
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


# --- Drawn well ---


@pytest.mark.usefixtures("drawn_anew")
@pytest.mark.parametrize("letter", [LETTER, TWO_SHEETS])
def test_a_wrong_guess_of_the_sheets_changes_nothing(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pdf.pdf(letter)
    guess = fit.needs_two_sheets(letter)
    monkeypatch.setattr(fit, "needs_two_sheets", lambda _: not guess)
    assert pdf.pdf(letter) == content


@pytest.mark.parametrize("part", ["sender", "address_lines", "subject", "blocks", "signature"])
def test_a_long_word_anywhere_is_called_so(part: str) -> None:
    word = "d’une\N{NO-BREAK SPACE}traite" * 4
    texts = {"sender": (Line(word),), "address_lines": (word,), "blocks": (Items(("un", word)),)}
    letter = replace(SAID, **{part: texts.get(part, word)})
    assert "long-words" in html.document(letter)
    assert ("long-words" in html.spoken_document(letter)) == (part == "signature")
    assert "long-words" in html.spoken_document(replace(SAID, spoken=(Paragraph(word),)))


ELSEWHERE = """
import hashlib
from dataclasses import replace
from letters.render import pdf
from tests.kit.pdfs import SAID, TWO_SHEETS, each_kind
pdf.pdf(replace(TWO_SHEETS, signature="Ὀδυσσεὺς Щербаков"))
print(hashlib.sha256(b"".join(each_kind(SAID))).hexdigest())
"""


@pytest.mark.server
@pytest.mark.usefixtures("drawn_anew")
def test_another_process_gives_the_same_bytes_whatever_it_drew_before() -> None:
    contents = each_kind(SAID)
    environment = {**os.environ, "PYTHONHASHSEED": "42", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    environment.pop("FONTCONFIG_FILE", None)
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        cwd=Path(__file__).parents[1],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(set(contents)) == 4
    assert ran.stdout.strip() == hashlib.sha256(b"".join(contents)).hexdigest()


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


# --- What to say aloud ---


def test_a_slip_has_its_heading_its_sentences_and_the_name() -> None:
    content = pdf.spoken(SAID)
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
    assert reading_order(pdf.spoken(blank(SAID)))[-1] == ("LBody", "Depuis quand ?")


@pytest.mark.parametrize("length", LONG_SAID)
def test_a_slip_is_large_and_one_sheet_unless_it_is_very_long(length: str) -> None:
    content = pdf.spoken(LONG_SAID[length])
    small = "".join(sign.text for sign in read(content).signs() if sign.size < 15.9)
    assert small == LETTER.signature
    assert len(read(content).sheets) == (3 if length == "several sheets" else 1)
    larger = pdf.spoken(LONG_SAID[length], large=True)
    assert smallest(larger) == LARGE  # the name
    assert {round(sign.size) for sign in read(larger).sheets[0].signs if sign.part == 1} == {23}


# --- At most two sheets ---


@pytest.mark.parametrize("slug", SLUGS)
def test_one_sheet_is_enough_for_the_defaults_to_the_longest_names_and_addresses(
    slug: str, recipients: Recipients
) -> None:
    known = [body.address_lines for body in recipients if body.has_address]
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
def test_a_fault_is_told_without_a_word_of_the_letter_and_the_engines_log_stays_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = list(ENGINE_LOG.handlers)
    with pytest.raises(pdf.PdfError) as raised:
        pdf.pdf(replace(LETTER, signature="字"))  # the engine warns: the font lacks it
    assert "字" not in str(raised.value)
    assert ENGINE_LOG.handlers == before
    monkeypatch.setattr(html, "document", lambda letter: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pdf.pdf(LETTER)
    assert ENGINE_LOG.handlers == before


# Each way in which a page may ask for something, and other addresses that it may ask for.
WAYS = (
    '<img src="{url}">',
    '<link rel="stylesheet" href="{url}">',
    "<style>@import url({url});</style>",
    "<style>@font-face {{ font-family: x; src: url({url}) }}</style>",
    '<object data="{url}"></object>',
    '<a rel="attachment" href="{url}">x</a>',
    '<svg width="9" height="9"><image href="{url}" width="9"/></svg>',
    '<base href="{url}"><img src="x">',
    *(f'<img src="{url}">' for url in ("data:image/svg+xml,<svg/>", "ftp://a.org/x", "x.png")),
)


@pytest.mark.usefixtures("drawn_anew")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.check(19)
def test_nothing_is_fetched_from_the_network_nor_read_from_a_file(
    way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    source = html.document(LETTER)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        for url in (f"http://127.0.0.1:{server.getsockname()[1]}/x", secret.as_uri()):
            spoilt = source.replace("</body>", f"{way.format(url=url)}</body>")
            monkeypatch.setattr(html, "document", lambda letter, spoilt=spoilt: spoilt)
            with pytest.raises(pdf.PdfError):
                pdf.pdf(LETTER)
        with pytest.raises(BlockingIOError):  # nobody has knocked
            server.accept()


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
