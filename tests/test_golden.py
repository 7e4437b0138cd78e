"""The finished letters, in tests/golden/, for a jurist to read in the comparison of a change.

One file for each telling choice. Who writes for themselves: the options ticked at first, none,
all, each alone, and those ticked at first with each optional text. For each other person who may
sign: the options ticked at first; for someone represented, all of them too. A follow-up and a
complaint: each outcome, each channel, with and without the day of an answer and of a follow-up.
A letter that speaks of another one: about each opposition.
`pytest --golden` rewrites them; read the diff. A file holds the message for a web form, then its
what is to be said aloud.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import (
    REPRESENTED,
    WHO,
    EarlierLetter,
    Letter,
    LetterRequest,
    Paragraph,
)
from letters.render import text
from letters.typography import portal
from letters.wording import COMPLAINT, LATER_STEPS, Wording
from letters.wording_parser import SPOKEN_VERSION
from tests.conftest import TODAY
from tests.letters_under_test import (
    ANSWER_ON,
    BARE_SENDER,
    EARLIER,
    FIELD_TEXTS,
    FOLLOWED_UP_FIRST,
    FOLLOWED_UP_ON,
    RECEIVED_ON,
    SLUGS,
    every_letter,
    is_asked,
    request_for,
)

GOLDEN = Path(__file__).parent / "golden"
MOST_FILES = 90  # that somebody would still read
OTHERS = tuple(who for who in WHO if who != "self")

BODIES = {
    "plateforme": ("Plateforme de l’Invention", "2 RUE INVENTEE", "99000 NULLE PART"),
    "soignant": ("Clinique de l’Invention", "3 RUE INVENTEE", "99000 NULLE PART"),
}

# What came of the first letter, by the end of a file's name.
HISTORIES = {
    "silence+post": replace(EARLIER, outcome="silence", channel="post"),
    "refusal+ameli": replace(EARLIER, outcome="refusal", channel="ameli"),
    "refusal+email+answer_on": replace(
        EARLIER, outcome="refusal", channel="email", answer_on=ANSWER_ON
    ),
    "partial+hand": replace(EARLIER, outcome="partial", channel="hand"),
    "partial+answer_on": replace(EARLIER, outcome="partial", channel="", answer_on=ANSWER_ON),
}
FOLLOWED_UP = {
    f"{name}+followed_up_on": replace(past, followed_up_on=FOLLOWED_UP_ON)
    for name, past in HISTORIES.items()
}
FIRST = replace(HISTORIES["partial+answer_on"], followed_up_on=FOLLOWED_UP_FIRST)
RECEIVED = replace(EARLIER, received_on=RECEIVED_ON)
DATED = {"sent_on": EARLIER, "sans-date": replace(EARLIER, sent_on=None)}


def histories(wording: Wording) -> dict[str, EarlierLetter | None]:
    """What may have come of the first letter, the most frequent first."""
    if wording.step == COMPLAINT:
        rarer = {"partial+answer_on+followed_up_first": FIRST, "silence+received_on": RECEIVED}
        return {**HISTORIES, **FOLLOWED_UP, **rarer}
    if wording.step in LATER_STEPS:
        return dict(HISTORIES)
    return dict(DATED) if wording.speaks_of_earlier_letter else {"": None}


def option_choices(wording: Wording) -> dict[str, frozenset[str]]:
    """The choices of options that are worth reading, by the name of each."""
    names = [option.name for option in wording.options]
    alone = ({name} for name in names if name not in wording.options_with_reasons)
    choices = (wording.default_options, frozenset(), frozenset(names), *alone)
    return {"+".join(sorted(options)): frozenset(options) for options in choices}


def golden_requests(catalogue: Catalogue, wording: Wording) -> dict[str, LetterRequest]:
    """File name -> the choices that are worth reading."""
    usual, *rarer = catalogue.earlier_letters.values()
    made: dict[str, LetterRequest] = {}

    def add(*parts: str, **choices: Any) -> None:
        name = "+".join(filter(None, parts)) or "sans-option"
        request = request_for(wording, sender=BARE_SENDER, **choices)
        made[f"{wording.slug}--{name}.txt"] = about(usual, request)

    first, *others = histories(wording).items()
    ticked = "+".join(sorted(wording.default_options))
    for name, options in option_choices(wording).items():
        add(name, first[0], options=options, earlier_letter=first[1])
    for field in wording.fields:
        name, past = next((n, p) for n, p in (first, *others) if is_asked(field, p))
        add(ticked, field, name, fields={field: FIELD_TEXTS[field]}, earlier_letter=past)
    for name, past in others:
        add(ticked, name, earlier_letter=past)
    for opposition in rarer if wording.speaks_of_earlier_letter else ():
        request = request_for(wording, sender=BARE_SENDER)
        made[f"{wording.slug}--{opposition.slug}.txt"] = about(opposition, request)
    for who in OTHERS:
        add(who, first[0], who=who, earlier_letter=first[1])
    every = frozenset(option.name for option in wording.options)
    fields = {name: FIELD_TEXTS[name] for name in wording.fields if is_asked(name, first[1])}
    if every or fields:
        for who in sorted(REPRESENTED):
            parts = (who, "toutes-options", *fields, first[0])
            add(*parts, who=who, options=every, fields=fields, earlier_letter=first[1])
    return made


def about(wording: Wording, request: LetterRequest) -> LetterRequest:
    """The same request of the one who signs all golden files, about the letter `wording`."""
    past = request.earlier_letter
    body = BODIES.get(wording.recipient_kind, EARLIER.address_lines)
    told = past and replace(past, subject=wording.subject, basis=wording.basis, address_lines=body)
    return replace(request, sender=BARE_SENDER, earlier_letter=told)


def golden_text(letter: Letter) -> str:
    parts = [text.document(letter)]
    if letter.spoken:
        sentences = [block.text for block in letter.spoken if isinstance(block, Paragraph)]
        assert len(sentences) == len(letter.spoken)
        parts.append(portal("\n\n".join([SPOKEN_VERSION, *sentences])) + "\n")
    return "\n".join(parts)


def golden_texts(catalogue: Catalogue, slug: str) -> dict[str, str]:
    """File name -> content, for every telling choice."""
    wording = catalogue.wordings[slug]
    return {
        name: golden_text(compose(wording, request, TODAY))
        for name, request in golden_requests(catalogue, wording).items()
    }


@pytest.fixture(scope="module", autouse=True)
def rewritten(request: pytest.FixtureRequest, catalogue: Catalogue) -> None:
    """With `--golden`, write the files anew, in two processes at once if need be."""
    if not request.config.getoption("--golden"):
        return
    made = {name: t for slug in SLUGS for name, t in golden_texts(catalogue, slug).items()}
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.glob("*.txt"):
        if path.name not in made:
            path.unlink(missing_ok=True)
    for name, content in made.items():
        (GOLDEN / name).write_bytes(content.encode())


def test_there_is_a_golden_file_for_each_telling_choice_and_no_other(catalogue: Catalogue) -> None:
    expected = {name for slug in catalogue.wordings for name in golden_texts(catalogue, slug)}
    assert {path.name for path in GOLDEN.iterdir()} == expected, "run pytest --golden"
    assert len(expected) < MOST_FILES


@pytest.mark.parametrize("slug", SLUGS)
def test_a_golden_file_says_what_the_letter_says(catalogue: Catalogue, slug: str) -> None:
    contents = golden_texts(catalogue, slug)
    assert len(set(contents.values())) == len(contents)
    for name, content in contents.items():
        written = (GOLDEN / name).read_bytes().decode()
        assert written == content, f"{name}: run pytest --golden and read the diff"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_golden_files_show_every_paragraph(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    usual = next(iter(catalogue.earlier_letters.values()))
    shown = {line for file in golden_texts(catalogue, slug).values() for line in file.split("\n")}
    for request, _letter in every_letter()[slug]:
        letter = compose(wording, about(usual, request), TODAY)
        assert set(golden_text(letter).split("\n")) <= shown
