"""Every PDF is accessible (PDF/UA-1) and made to last (PDF/A-3a): veraPDF, the reference, says so.

Without Java, in which it runs, each of these tests is skipped, and named at the end of the run;
with CI set in the environment it fails instead.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from letters.model import Line
from letters.render import pdf
from tests.bare_machine import run_test
from tests.kit.pdfs import (
    ALL_SIGNS,
    EVERY,
    LETTER,
    LONG_SLIPS,
    TWO_SHEETS,
    letter_in_shape,
    sheets,
)
from tests.kit.people import NAMES, longest_letter, runs
from tests.verapdf import UA, A, VeraPdf, validator

NO_JAVA = "Java is missing (script/setup --dev installs it)"


class SkippedByName:
    """Names at the end of the run the tests that could not run."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for report in terminalreporter.stats.get("skipped", []):
            if NO_JAVA in str(report.longrepr):
                terminalreporter.write_line(f"SKIPPED {report.nodeid}: {NO_JAVA}")


@pytest.fixture(scope="session")
def verapdf(pytestconfig: pytest.Config) -> VeraPdf:
    found = validator()
    if found is None and os.environ.get("CI"):
        pytest.fail(NO_JAVA, pytrace=False)
    if found is None:
        pytestconfig.pluginmanager.register(SkippedByName())
        pytest.skip(NO_JAVA)
    return found


def faults(verapdf: VeraPdf, content: bytes) -> list[str]:
    """The standards that a PDF breaks, and the clauses."""
    return [
        f"{profile} {fault}" for profile in (UA, A) for fault in verapdf.faults(content, profile)
    ]


@pytest.mark.java
@pytest.mark.parametrize(("slug", "part", "who", "large"), EVERY)
@pytest.mark.rule(22)
def test_every_letter_follows_both_standards(
    slug: str, part: str, who: str, large: bool, verapdf: VeraPdf
) -> None:
    assert faults(verapdf, pdf.pdf(letter_in_shape(slug, part, who), large)) == []


@pytest.mark.java
@pytest.mark.parametrize("large", [False, True])
def test_numbered_sheets_and_names_in_any_alphabet_follow_both_standards(
    large: bool, verapdf: VeraPdf
) -> None:
    stacked = ("Adé̩ Ede", "Laž̠ Zaz", "Jō̧ M̧oo")
    names = " ".join((*NAMES, *stacked))
    content = pdf.pdf(replace(TWO_SHEETS, sender=(Line(names),), subject=names), large)
    assert sheets(content) >= 2
    assert faults(verapdf, content) == []


@pytest.mark.java
@pytest.mark.parametrize("length", LONG_SLIPS)
@pytest.mark.parametrize("large", [False, True])
def test_a_slip_of_any_length_follows_both_standards(
    large: bool, length: str, verapdf: VeraPdf
) -> None:
    assert faults(verapdf, pdf.slip(LONG_SLIPS[length], large)) == []


@pytest.mark.java
def test_every_character_and_the_longest_answers_follow_both_standards(verapdf: VeraPdf) -> None:
    assert faults(verapdf, pdf.pdf(ALL_SIGNS)) == []
    assert faults(verapdf, pdf.pdf(longest_letter("opposition-sante", "W", runs("W")))) == []


# --- The validator can say no ---


def clauses_broken(monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf, **parts: Any) -> list[str]:
    """What a letter breaks when parts of `pdf` are replaced."""
    for name, value in parts.items():
        monkeypatch.setattr(pdf, name, value)
    return sorted(fault.partition(":")[0] for fault in faults(verapdf, pdf.pdf(LETTER)))


@pytest.mark.java
def test_all_rules_are_there(verapdf: VeraPdf) -> None:
    counts = {name: profile.getRules().size() for name, profile in verapdf.profiles.items()}
    assert counts[UA] > 100 and counts[A] > 140


@pytest.mark.java
@pytest.mark.usefixtures("drawn_anew")
def test_without_our_word_in_the_metadata_it_is_not_accessible(
    monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf
) -> None:
    found = clauses_broken(monkeypatch, verapdf, _declare_accessible=lambda pdf: None)
    assert found == [f"{UA} 5"]


@pytest.mark.java
@pytest.mark.usefixtures("drawn_anew")
def test_without_the_description_of_that_word_it_is_not_made_to_last(
    monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf
) -> None:
    word = pdf._pdfua().splitlines()[0]
    assert b'pdfuaid:part="1"' in word
    assert clauses_broken(monkeypatch, verapdf, _pdfua=lambda: word) == [f"{A} 6.6.2.3.1"]


@pytest.mark.java
@pytest.mark.usefixtures("drawn_anew")
def test_without_a_title_it_is_not_accessible(
    monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf
) -> None:
    untitled = pdf.html.document(LETTER).replace(f"<title>{LETTER.subject}</title>", "")
    monkeypatch.setattr(pdf.html, "document", lambda letter: untitled)
    assert any(fault.startswith(UA) for fault in clauses_broken(monkeypatch, verapdf))


@pytest.mark.java
@pytest.mark.usefixtures("drawn_anew")
def test_accessible_alone_is_not_made_to_last(
    monkeypatch: pytest.MonkeyPatch, verapdf: VeraPdf
) -> None:
    options = {**pdf._OPTIONS, "pdf_variant": "pdf/ua-1"}
    parts = {"_OPTIONS": options, "_declare_accessible": lambda pdf: None}
    found = clauses_broken(monkeypatch, verapdf, **parts)
    assert found and all(fault.startswith(A) for fault in found)


# --- Without Java ---


@pytest.mark.tout
@pytest.mark.server
@pytest.mark.parametrize("ci", [False, True])
def test_without_java_a_test_is_skipped_by_name_and_fails_in_ci(ci: bool, tmp_path: Path) -> None:
    one = "tests/test_archive.py::test_all_rules_are_there"
    run = run_test(one, tmp_path, **({"CI": "true"} if ci else {}))
    assert run.returncode == ci
    assert (f"SKIPPED {one}: {NO_JAVA}" in run.stdout) != ci
    assert NO_JAVA in run.stdout
