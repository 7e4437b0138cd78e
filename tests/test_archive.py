"""Every PDF is accessible (PDF/UA-1) and made to last (PDF/A-3a): veraPDF, the reference, says so.

Without Java, in which it runs, these tests are skipped; with CI set in the environment they fail.
"""

import os
from dataclasses import replace
from typing import Any

import jpype
import pytest

from letters.model import Line
from letters.render import pdf
from tests.kit.pdfs import (
    ALL_SIGNS,
    EVERY,
    LETTER,
    LONG_SAID,
    STACKED,
    TWO_SHEETS,
    letter_in_shape,
    sheets,
)
from tests.kit.people import NAMES, longest_letter, runs
from tests.verapdf import UA, A, VeraPdf

pytestmark = pytest.mark.java
NO_JAVA = "Java is missing (script/setup --dev installs it)"


@pytest.fixture(scope="session")
def verapdf() -> VeraPdf:
    try:
        return VeraPdf()
    except jpype.JVMNotFoundException:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_JAVA)


def faults(verapdf: VeraPdf, content: bytes) -> set[str]:
    return verapdf.faults(content, UA) | verapdf.faults(content, A)


@pytest.mark.parametrize(("slug", "part", "who", "large"), EVERY)
@pytest.mark.rule(22)
def test_every_letter_follows_both_standards(
    slug: str, part: str, who: str, large: bool, verapdf: VeraPdf
) -> None:
    assert faults(verapdf, pdf.pdf(letter_in_shape(slug, part, who), large)) == set()


@pytest.mark.parametrize("large", [False, True])
def test_numbered_sheets_and_names_in_any_alphabet_follow_both_standards(
    large: bool, verapdf: VeraPdf
) -> None:
    names = " ".join((*NAMES, *STACKED))
    content = pdf.pdf(replace(TWO_SHEETS, sender=(Line(names),), subject=names), large)
    assert sheets(content) >= 2
    assert faults(verapdf, content) == set()


@pytest.mark.parametrize("length", LONG_SAID)
@pytest.mark.parametrize("large", [False, True])
def test_a_slip_of_any_length_follows_both_standards(
    large: bool, length: str, verapdf: VeraPdf
) -> None:
    assert faults(verapdf, pdf.spoken(LONG_SAID[length], large)) == set()


def test_every_character_and_the_longest_answers_follow_both_standards(verapdf: VeraPdf) -> None:
    longest = longest_letter("opposition-sante", "W", runs("W"))
    for letter in (ALL_SIGNS, longest):
        assert faults(verapdf, pdf.pdf(letter)) == set()


UNTITLED = pdf.html.document(LETTER).replace(f"<title>{LETTER.subject}</title>", "")
UNDECLARED = {"pdf_standards._declare_accessible": lambda pdf: None}
ONLY_UA = {**pdf._OPTIONS, "pdf_variant": "pdf/ua-1"}
# What the validator says of a letter when parts of `pdf` are replaced.
SPOILT: dict[str, tuple[dict[str, Any], str]] = {
    "without our word in the metadata": (UNDECLARED, f"{UA} 5:"),
    "without the description of that word": (
        {
            "pdf_standards._pdfua": lambda: (
                (pdf.html.TEMPLATES / "pdfua.xmp").read_bytes().splitlines()[0]
            )
        },
        f"{A} 6.6.2.3.1:",
    ),
    "without a title": ({"pdf.html.document": lambda letter: UNTITLED}, f"{UA} "),
    "accessible alone": ({"pdf._OPTIONS": ONLY_UA, **UNDECLARED}, f"{A} "),
}


@pytest.mark.usefixtures("drawn_anew")
@pytest.mark.parametrize(("parts", "fault"), SPOILT.values(), ids=SPOILT.keys())
def test_the_validator_can_say_no(
    parts: dict[str, Any], fault: str, verapdf: VeraPdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in parts.items():
        monkeypatch.setattr(f"letters.render.{name}", value)
    found = faults(verapdf, pdf.pdf(LETTER))
    assert found and all(broken.startswith(fault) for broken in found)
