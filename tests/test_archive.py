"""Every PDF is accessible (PDF/UA-1) and made to last (PDF/A-3a): veraPDF, the reference, says so.

Without Java, in which it runs, each of these tests is skipped, and named at the end of the run;
with CI set in the environment it fails instead.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import Paragraph
from letters.render import pdf
from tests.bare_machine import run_test
from tests.conftest import TODAY
from tests.letters_under_test import SLUGS, request_for
from tests.test_pdf import LETTER, NAMES, SPOKEN, TWO_SHEETS, nobodys, sheets
from tests.verapdf import UA, A, VeraPdf, find_java

NO_JAVA = "Java is missing (script/setup --dev installs it)"


class SkippedByName:
    """Names at the end of the run the tests that could not run."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for report in terminalreporter.stats.get("skipped", []):
            if NO_JAVA in str(report.longrepr):
                terminalreporter.write_line(f"SKIPPED {report.nodeid}: {NO_JAVA}")


@pytest.fixture(scope="session")
def verapdf(pytestconfig: pytest.Config) -> VeraPdf:
    java = find_java()
    if java is None and os.environ.get("CI"):
        pytest.fail(NO_JAVA, pytrace=False)
    if java is None:
        pytestconfig.pluginmanager.register(SkippedByName())
        pytest.skip(NO_JAVA)
    return VeraPdf(java)


def assert_both(verapdf: VeraPdf, content: bytes) -> None:
    assert verapdf.faults(content, UA) == set()
    assert verapdf.faults(content, A) == set()


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(22)
def test_every_letter_follows_both_standards(
    slug: str, large: bool, catalogue: Catalogue, verapdf: VeraPdf
) -> None:
    wording = catalogue.wordings[slug]
    letter = compose(wording, request_for(wording), TODAY)
    assert_both(verapdf, pdf.pdf(letter, large))
    assert_both(verapdf, pdf.slip(replace(letter, spoken=letter.spoken or SPOKEN), large))


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_blank_letter_follows_both_standards(
    slug: str, large: bool, catalogue: Catalogue, verapdf: VeraPdf
) -> None:
    assert_both(verapdf, pdf.pdf(nobodys(slug, catalogue), large))


@pytest.mark.parametrize("large", [False, True])
def test_several_numbered_sheets_follow_both_standards(large: bool, verapdf: VeraPdf) -> None:
    content = pdf.pdf(TWO_SHEETS, large=large)
    assert sheets(content) >= 2
    assert_both(verapdf, content)


@pytest.mark.parametrize("lines", [12, 30, 90])
@pytest.mark.parametrize("large", [False, True])
def test_a_slip_of_any_length_follows_both_standards(
    large: bool, lines: int, verapdf: VeraPdf
) -> None:
    letter = replace(LETTER, spoken=(*SPOKEN, Paragraph("Une ligne.\n" * lines)))
    assert_both(verapdf, pdf.slip(letter, large=large))


@pytest.mark.parametrize("alphabet", NAMES)
def test_a_name_in_any_alphabet_follows_both_standards(alphabet: str, verapdf: VeraPdf) -> None:
    name = " ".join(NAMES[alphabet])
    assert_both(verapdf, pdf.pdf(replace(LETTER, subject=name, signature=name)))


# --- The validator can say no ---


def spoilt(monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf, **parts: Any) -> list[str]:
    """The standards that a letter breaks when parts of `pdf` are replaced, and their clauses."""
    for name, value in parts.items():
        monkeypatch.setattr(pdf, name, value)
    content = pdf.pdf(LETTER)
    return [
        f"{profile} {fault.partition(':')[0]}"
        for profile in (UA, A)
        for fault in sorted(verapdf.faults(content, profile))
    ]


def test_all_rules_are_there(verapdf: VeraPdf) -> None:
    counts = {name: profile.getRules().size() for name, profile in verapdf.profiles.items()}
    assert counts[UA] > 100 and counts[A] > 140


def test_without_our_word_in_the_metadata_it_is_not_accessible(
    monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf
) -> None:
    found = spoilt(monkeypatch, verapdf, _declare_accessible=lambda pdf: None)
    assert found == [f"{UA} 5"]


def test_without_the_description_of_that_word_it_is_not_made_to_last(
    monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf
) -> None:
    word = pdf._pdfua().splitlines()[0]
    assert b'pdfuaid:part="1"' in word
    assert spoilt(monkeypatch, verapdf, _pdfua=lambda: word) == [f"{A} 6.6.2.3.1"]


def test_accessible_alone_is_not_made_to_last(
    monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf
) -> None:
    options = {**pdf._OPTIONS, "pdf_variant": "pdf/ua-1"}
    parts = {"_OPTIONS": options, "_declare_accessible": lambda pdf: None}
    found = spoilt(monkeypatch, verapdf, **parts)
    assert found and all(fault.startswith(A) for fault in found)


# --- Without Java ---

ONE = "tests/test_archive.py::test_all_rules_are_there"


def test_without_java_a_test_is_skipped_by_name(tmp_path: Path) -> None:
    run = run_test(ONE, tmp_path)
    assert run.returncode == 0
    assert f"SKIPPED {ONE}: {NO_JAVA}" in run.stdout
    assert "1 skipped" in run.stdout


def test_in_ci_a_missing_java_is_a_failure(tmp_path: Path) -> None:
    run = run_test(ONE, tmp_path, CI="true")
    assert run.returncode == 1
    assert NO_JAVA in run.stdout
    assert "skipped" not in run.stdout
