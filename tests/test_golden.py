"""The finished letters, in tests/golden/, for a jurist to read in the comparison of a change.

One file for each telling choice of options: those ticked at first, none, all, each alone, and
those ticked at first with each optional text. `pytest --golden` rewrites them; read the diff.
A file holds the message for a web form, then its short version.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import Letter, LetterRequest, Person
from letters.recipients import Recipients
from letters.render import text
from letters.wording import SHORT_VERSION, Wording
from tests.conftest import TODAY
from tests.letters_under_test import (
    BARE_SENDER,
    FIELD_TEXTS,
    SLUGS,
    every_request,
    request_for,
)

GOLDEN = Path(__file__).parent / "golden"
SHORT_LIMIT = 1000  # characters with the subject, that a message box may allow
LONGEST = Person("É" * 100, "Œ" * 100)  # the longest names that the form accepts


def golden_requests(wording: Wording) -> Iterator[LetterRequest]:
    """The choices that are worth reading; two of them may be the same."""
    names = [option.name for option in wording.options]
    default = wording.default_options
    for options in (default, frozenset(), frozenset(names), *({name} for name in names)):
        yield request_for(wording, options, sender=BARE_SENDER)
    for name in wording.fields:
        yield request_for(wording, default, {name: FIELD_TEXTS[name]}, sender=BARE_SENDER)


def golden_name(wording: Wording, request: LetterRequest) -> str:
    """« opposition-sante--cnil+hebergement+reason.txt », or « …--sans-option.txt »."""
    chosen = "+".join([*sorted(request.options), *sorted(request.fields)])
    return f"{wording.slug}--{chosen or 'sans-option'}.txt"


def golden_text(letter: Letter) -> str:
    subject = text.subject(letter)
    whole = text.document(subject, text.message(letter))
    if not letter.short:
        return whole
    short = text.document(subject, text.short_message(letter))
    return f"{whole}\n{SHORT_VERSION}\n\n{short}"


def golden_texts(wording: Wording) -> dict[str, str]:
    """File name -> content, for every telling choice of options."""
    return {
        golden_name(wording, request): golden_text(compose(wording, request, TODAY))
        for request in golden_requests(wording)
    }


@pytest.fixture(scope="module", autouse=True)
def rewritten(request: pytest.FixtureRequest, catalogue: Catalogue) -> None:
    """With `--golden`, write the files anew before anything looks at them."""
    if not request.config.getoption("--golden"):
        return
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.glob("*.txt"):
        path.unlink()
    for wording in catalogue.wordings.values():
        for name, content in golden_texts(wording).items():
            (GOLDEN / name).write_bytes(content.encode())


@pytest.fixture(scope="module")
def letters(catalogue: Catalogue, recipients: Recipients) -> dict[str, list[Letter]]:
    """Every letter that each wording can become."""
    made: dict[str, list[Letter]] = {slug: [] for slug in SLUGS}
    for wording, request in every_request(catalogue, recipients):
        made[wording.slug].append(compose(wording, request, TODAY))
    return made


def test_there_is_a_golden_file_for_each_telling_choice_and_no_other(catalogue: Catalogue) -> None:
    expected = {name for wording in catalogue.wordings.values() for name in golden_texts(wording)}
    assert {path.name for path in GOLDEN.iterdir()} == expected, "run pytest --golden"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_golden_file_says_what_the_letter_says(catalogue: Catalogue, slug: str) -> None:
    for name, content in golden_texts(catalogue.wordings[slug]).items():
        written = (GOLDEN / name).read_bytes().decode()
        assert written == content, f"{name}: run pytest --golden and read the diff"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_golden_files_show_every_paragraph(
    catalogue: Catalogue, letters: dict[str, list[Letter]], slug: str
) -> None:
    shown = {
        line
        for file in golden_texts(catalogue.wordings[slug]).values()
        for line in file.split("\n")
    }
    for letter in letters[slug]:
        message = replace(letter, signature=BARE_SENDER.name)
        assert set(golden_text(message).split("\n")) <= shown


# What a web form gets


@pytest.mark.parametrize("slug", SLUGS)
def test_a_short_version_and_its_subject_stay_under_1000_characters(
    catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    every_option = {option.name for option in wording.options}
    letter = compose(wording, request_for(wording, every_option, sender=LONGEST), TODAY)
    short = text.document(text.subject(letter), text.short_message(letter))
    assert letter.signature in short
    assert len(short) < SHORT_LIMIT


@pytest.mark.parametrize("slug", SLUGS)
def test_no_choice_makes_a_longer_short_version_than_all_options(
    letters: dict[str, list[Letter]], slug: str
) -> None:
    lengths = [
        len(text.document(text.subject(letter), text.short_message(letter)))
        - len(letter.signature)
        + len(LONGEST.name)
        for letter in letters[slug]
    ]
    assert max(lengths) < SHORT_LIMIT


@pytest.mark.parametrize("slug", SLUGS)
def test_a_short_version_is_shorter_than_the_letter(
    letters: dict[str, list[Letter]], slug: str
) -> None:
    for letter in letters[slug]:
        assert len(text.short_message(letter)) < len(text.message(letter))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_message_has_clean_lines(letters: dict[str, list[Letter]], slug: str) -> None:
    for letter in letters[slug]:
        for message in (text.message(letter), text.short_message(letter)):
            lines = message.split("\n")
            assert [line for line in lines if line != line.strip()] == []
            assert "\n\n\n" not in message
            assert not {"\t", "\r", "\u00a0", "\u202f", "’", "…"} & set(message)
            assert lines[0] == "Madame, Monsieur,"
            assert lines[-2:] == ["", letter.signature.replace("’", "'")]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_subject_is_one_short_line(letters: dict[str, list[Letter]], slug: str) -> None:
    subjects = {text.subject(letter) for letter in letters[slug]}
    assert [line for line in subjects if "\n" in line or not 0 < len(line) <= 100] == []
