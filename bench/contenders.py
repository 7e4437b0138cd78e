"""One letter drawn by this project and by what somebody would take instead, in turn.

Each is written as its own documentation teaches, with nothing spoilt and nothing tuned: the same
words, the same two font files, the same page to the eye. Limits: Typst is called as a Python
server would call it; a browser has one page, kept open, for all of its letters.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape

import weasyprint
from jinja2 import Environment, FileSystemLoader

from bench.report import StopError
from letters.model import Items, Letter
from letters.render import pdf
from letters.render.font import FOLDER

TEMPLATES = Path(__file__).parent / "templates"
REGULAR, SEMIBOLD = FOLDER / "regular.ttf", FOLDER / "semibold.ttf"
OURS, NEWCOMER = "Droit de plume", "WeasyPrint, premier essai"
FPDF2, REPORTLAB, TYPST = "fpdf2", "ReportLab", "Typst"
CHROMIUM = "Chromium gardé ouvert"

# Points of type, then millimetres from the top left corner of the sheet.
SIZE, SMALLER = 10.25, 9.5
LEFT, RIGHT, TOP, BOTTOM = 20, 20, 15, 12
RECIPIENT = (110, 55)
DATE_TOP, BODY_TOP = 87, 99
FOLDS = (99, 198)

# The letter's font beside the system's, for the browser. WeasyPrint, ours and the newcomer's, has
# the letter's font alone, which is kind: it reads the list for each letter.
_INSTALLED = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
</fontconfig>
"""

Draw = Callable[[Letter], bytes]


# The same letter, by each


def ours(letter: Letter) -> bytes:
    return pdf.pdf(letter)


def newcomer(letter: Letter) -> bytes:
    page = weasyprint.HTML(string=_html(letter, page_margins=True))
    content: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    return content


def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.tests["items"] = lambda block: isinstance(block, Items)
    return environment


_TEMPLATE = _environment().get_template("newcomer.html")


def _html(letter: Letter, *, page_margins: bool = False) -> str:
    """The page as somebody writes it who knows HTML; browsers are told to leave no margins."""
    return _TEMPLATE.render(letter=letter, page_margins=page_margins)


def fpdf2(letter: Letter) -> bytes:
    from fpdf import FPDF

    page = FPDF(format="A4")
    page.set_lang("fr")
    page.set_title(letter.subject)
    page.set_margins(LEFT, TOP, RIGHT)
    page.set_auto_page_break(True, BOTTOM)
    page.c_margin = 0
    page.add_font("letter", "", REGULAR)
    page.add_font("letter", "B", SEMIBOLD)
    page.add_page()
    page.set_font("letter", size=SIZE)
    page.set_line_width(0.2)
    for y in FOLDS:
        page.line(5, y, 10, y)
    for line in letter.sender:
        page.cell(page.get_string_width(line.text) + 1, 4.4, line.text)
        if line.blank:
            page.set_dash_pattern(1, 0.6)
            page.line(page.x, page.y + 4, page.x + 34, page.y + 4)
            page.set_dash_pattern()
        page.ln(4.4)
    page.set_font_size(SMALLER)
    page.set_xy(*RECIPIENT)
    page.multi_cell(80, 4.2, "\n".join(letter.address_lines), align="L")
    page.set_font_size(SIZE)
    page.set_xy(LEFT, DATE_TOP)
    page.cell(0, 4.4, letter.place_and_date, align="R")
    page.set_xy(LEFT, BODY_TOP)
    page.set_font("letter", "B")
    page.multi_cell(0, 4.73, letter.subject, align="L", new_x="LMARGIN")
    page.set_font("letter", "")
    page.ln(3)
    for block in letter.blocks:
        if isinstance(block, Items):
            for item in block.texts:
                page.set_x(LEFT + 1.5)
                page.cell(3.5, 4.73, "–")
                page.multi_cell(0, 4.73, item, align="L", new_x="LMARGIN")
        else:
            page.multi_cell(0, 4.73, block.text, align="L", new_x="LMARGIN")
        page.ln(1.8)
    page.ln(10)
    page.set_x(RECIPIENT[0])
    page.cell(0, 4.73, letter.signature)
    return bytes(page.output())


def reportlab() -> Draw:
    """Platypus; fonts and styles are of the process, as its guide has them."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import ListFlowable, Paragraph, SimpleDocTemplate, Spacer

    pdfmetrics.registerFont(TTFont("letter", str(REGULAR)))
    pdfmetrics.registerFont(TTFont("letter-bold", str(SEMIBOLD)))
    styles = _reportlab_styles(mm)
    padding = 6  # points, which a frame adds inside its margins

    def place(canvas: Any, words: str, style: str, x: float, y: float, width: float) -> None:
        paragraph = Paragraph(words, styles[style])
        _, height = paragraph.wrap(width * mm, A4[1])
        paragraph.drawOn(canvas, x * mm, A4[1] - y * mm - height)

    def rule(canvas: Any, x: float, y: float, width: float) -> None:
        canvas.line(x * mm, A4[1] - y * mm, (x + width) * mm, A4[1] - y * mm)

    def head(canvas: Any, letter: Letter) -> None:
        canvas.setLineWidth(0.2 * mm)
        for y in FOLDS:
            rule(canvas, 5, y, 5)
        sender = "<br/>".join(escape(line.text) for line in letter.sender)
        place(canvas, sender, "sender", LEFT, TOP, 76)
        place(canvas, "<br/>".join(map(escape, letter.address_lines)), "recipient", *RECIPIENT, 80)
        place(canvas, escape(letter.place_and_date), "date", LEFT, DATE_TOP, 170)
        canvas.setDash(1 * mm, 0.6 * mm)
        for number, line in enumerate(letter.sender, 1):
            if line.blank:
                label = pdfmetrics.stringWidth(f"{line.text} ", "letter", SIZE) / mm
                rule(canvas, LEFT + label, TOP + 4.4 * number, 34)

    def draw(letter: Letter) -> bytes:
        story = [Spacer(1, (BODY_TOP - TOP) * mm)]
        story.append(Paragraph(escape(letter.subject), styles["heading"]))
        for block in letter.blocks:
            if isinstance(block, Items):
                rows = [Paragraph(escape(words), styles["item"]) for words in block.texts]
                story += [
                    ListFlowable(rows, bulletType="bullet", start="–", bulletFontName="letter")
                ]
                story += [Spacer(1, 1.8 * mm)]
            else:
                words = escape(block.text).replace("\n", "<br/>")
                story.append(Paragraph(words, styles["text"]))
        story.append(Paragraph(escape(letter.signature), styles["signature"]))
        output = BytesIO()
        SimpleDocTemplate(
            output,
            pagesize=A4,
            title=letter.subject,
            lang="fr",
            leftMargin=LEFT * mm - padding,
            rightMargin=RIGHT * mm - padding,
            topMargin=TOP * mm - padding,
            bottomMargin=BOTTOM * mm - padding,
        ).build(story, onFirstPage=lambda canvas, _: head(canvas, letter))
        return output.getvalue()

    return draw


def _reportlab_styles(mm: float) -> dict[str, Any]:
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle as Style

    text = Style("text", fontName="letter", fontSize=SIZE, leading=13.4, spaceAfter=1.8 * mm)
    return {
        "text": text,
        "item": Style("item", text, spaceAfter=0),
        "heading": Style("heading", text, fontName="letter-bold", spaceAfter=3 * mm),
        "signature": Style("signature", text, leftIndent=90 * mm, spaceBefore=12 * mm),
        "sender": Style("sender", text, leading=4.4 * mm),
        "recipient": Style("recipient", text, fontSize=SMALLER, leading=4.2 * mm),
        "date": Style("date", text, alignment=TA_RIGHT),
    }


def typst() -> Draw:
    """A compiler kept open, which keeps what it can of one letter for the next."""
    from typst import Compiler

    compiler = Compiler(
        str(TEMPLATES / "letter.typ"), font_paths=[str(FOLDER)], ignore_system_fonts=True
    )

    def draw(letter: Letter) -> bytes:
        text = json.dumps(asdict(letter))
        content: bytes = compiler.compile(
            sys_inputs={"letter": text}, format="pdf", pdf_standards="ua-1"
        )
        return content

    return draw


@contextmanager
def chromium(fonts: Path) -> Iterator[Draw]:
    """One browser with one page, kept open."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise StopError("Chromium manque : lancez « script/setup --dev ».")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # which it refuses to root
    with ExitStack() as stack:
        with patch.dict(os.environ, FONTCONFIG_FILE=str(fonts)):
            chromium = stack.enter_context(sync_playwright()).chromium
            browser = stack.enter_context(chromium.launch(executable_path=found, args=root))
            page = browser.new_page()

        def draw(letter: Letter) -> bytes:
            page.set_content(_html(letter))
            return page.pdf(prefer_css_page_size=True, tagged=True, outline=True)

        yield draw


@contextmanager
def opened() -> Iterator[dict[str, Draw]]:
    """Everybody, ready to draw."""
    with TemporaryDirectory() as folder:
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(_INSTALLED.format(folder=escape(str(FOLDER))), encoding="utf-8")
        with chromium(fonts) as browser:
            yield {
                OURS: ours,
                NEWCOMER: newcomer,
                FPDF2: fpdf2,
                REPORTLAB: reportlab(),
                TYPST: typst(),
                CHROMIUM: browser,
            }
