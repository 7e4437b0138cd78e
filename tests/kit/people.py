"""What people type: names that exist, every field at its limit, and anything that is accepted."""

from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from letters.cleaning import NAME_CHARACTERS, REPERTOIRE
from letters.compose import compose
from letters.model import CHANNELS, OUTCOMES, WHO, Letter
from letters.postal import MAX_CHARACTERS, MAX_LINES
from letters.recipients import OTHER, load_recipients
from letters.web.content import Content, load_content
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
from letters.web.forms import Context, LetterForm
from letters.web.settings import Settings
from tests.conftest import TODAY
from tests.kit.pdfs import all_wordings
from tests.letters_under_test import SLUGS, every_option_set

# Names that exist, and that have broken programs before.
NAMES = (
    "Camille",
    "Jean-Noël",
    "Maëlle Anne‑Sophie",
    "D’Œuvre-L'Haÿ",
    "Nguyễn Thị Ánh",
    "Łukasz Żółć",
    "Işıl İnanç",
    "Þorgerður Ægisdóttir",
    "Δημήτρης Παπαδόπουλος",
    "Ὀδυσσεὺς",
    "Щербаков",
    "Ђорђе Љубичић",
    "Олена Ґудзь-Мар’яненко",
    "N. ’t Hooft",
    "ʻŌlelo",
    "Q̄ulın Ạ̈bḏallāh",
    "Gal·la",
    "Ng",
    "Ö",
)
PLACES = (
    "",
    "3 bis, rue de l’Église",
    "Bât. « Les Œillets » – esc. n° 4",
    "c/o M. & Mme O'Neill <étage 2>",
    "BP 12 / CS 40_001",
    "Κηφισίας 12",
    "вул. Хрещатик, 1",
)


@cache
def _content() -> Content:
    return load_content(Settings())


def letter_from(slug: str, answers: dict[str, Any]) -> Letter | None:
    """The letter that these answers make, or nothing when the form refuses them."""
    pairs = [(key, v) for key, value in answers.items() for v in _as_list(value)]
    wording = all_wordings().wordings[slug]
    form = LetterForm(Context(wording, _content(), TODAY), MultiDict(pairs))
    return compose(wording, form.to_request(), TODAY) if form.validate() else None


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


# --- Anything ---


@cache
def _typed(characters: frozenset[str], limit: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=sorted(characters), max_size=limit)


@st.composite
def accepted_letters(draw: st.DrawFn) -> Letter:
    """Any letter that the form lets through, with what a person may type in every field.

    All of them have an address to go to; blank ones are looked at on their own.
    """
    slug = draw(st.sampled_from(SLUGS))
    names = st.sampled_from(NAMES) | _typed(NAME_CHARACTERS, NAME_LIMIT)
    places = st.sampled_from(PLACES) | _typed(REPERTOIRE, MAX_CHARACTERS)
    known = [body.code for body in load_recipients() if body.has_address]
    blocks = st.lists(places.filter(str.strip), min_size=1, max_size=MAX_LINES).map("\n".join)
    option_sets = map(sorted, every_option_set(all_wordings().wordings[slug]))
    paragraphs = st.lists(_typed(REPERTOIRE, 100), max_size=12).map("\n".join)
    who = draw(st.sampled_from(WHO))
    questions = {
        "who": st.just(who),
        "given_name": names,
        "family_name": names,
        "birth_date": st.sampled_from(("", "03/03/2010" if who == "minor" else "03/03/1958")),
        "represented_given_name": names,
        "represented_family_name": names,
        "represented_birth_date": st.sampled_from(
            ("", "03/03/2015" if who == "child" else "03/03/1936")
        ),
        "measure": st.just("tutelle") | _typed(REPERTOIRE, MEASURE_LIMIT),
        "first_letter": st.sampled_from(sorted(all_wordings().oppositions)),
        "sent_on": st.sampled_from(("01/10/2026", "2018-01-31")),
        "channel": st.sampled_from(("", *CHANNELS)),
        "outcome": st.sampled_from(OUTCOMES),
        "answer_on": st.sampled_from(("", "20/10/2026")),
        "followed_up_on": st.sampled_from(("", "12/10/2026", "05/11/2026")),
        "recipient": st.sampled_from(known) | st.just(OTHER),
        "recipient_lines": blocks,
        "plateforme_lines": st.just("") | blocks,
        "cnil_lines": st.just("") | blocks,
        "address_line1": places,
        "address_line2": places,
        "city": st.sampled_from(PLACES) | _typed(REPERTOIRE, CITY_LIMIT),
        "email": st.sampled_from(("", "o'neill+<courrier>@exämple.org")),
        "options": st.sampled_from([*option_sets]),
        "reason": paragraphs,
        "missing": paragraphs,
    }
    answers = {name: draw(strategy) for name, strategy in questions.items()}
    if draw(st.booleans()):
        postal_code = draw(_typed(REPERTOIRE, POSTAL_CODE_LIMIT))
        answers |= {"postal_code": postal_code, "country": draw(places.filter(str.strip))}
    letter = letter_from(slug, answers)
    assume(letter is not None)
    assert letter is not None
    return letter


# --- The longest ---


def longest_letter(slug: str, character: str, reason: str, **changes: str) -> Letter:
    """Every field at its limit, made of one character, but for `changes`."""
    wording = all_wordings().wordings[slug]
    domain = "@a.fr"
    name, line = character * NAME_LIMIT, character * MAX_CHARACTERS
    block = "\n".join([line] * MAX_LINES)
    answers = {
        "first_letter": "opposition-sante",
        "sent_on": "01/10/2026",
        "channel": "ameli",
        "outcome": "partial",
        "answer_on": "20/10/2026",
        "followed_up_on": "05/11/2026",
        "who": "protected",
        "represented_given_name": name,
        "represented_family_name": name,
        "represented_birth_date": "03/03/1936",
        "measure": character * MEASURE_LIMIT,
        "given_name": name,
        "family_name": name,
        "recipient": OTHER,
        "recipient_lines": block,
        "plateforme_lines": block,
        "cnil_lines": block,
        "address_line1": line,
        "address_line2": line,
        "postal_code": character * POSTAL_CODE_LIMIT,
        "city": character * CITY_LIMIT,
        "country": line,
        "email": character * (EMAIL_LIMIT - len(domain)) + domain,
        "options": [option.name for option in wording.options],
        "reason": reason,
        "missing": reason[:MISSING_LIMIT].strip(),
    }
    letter = letter_from(slug, answers | changes)
    assert letter is not None, "the longest answers are accepted"
    return letter


def in_lines(sentence: str, lines: int) -> str:
    """As much text as fits the limits, in so many lines of the same length."""
    length = (REASON_LIMIT - lines + 1) // lines
    line = (sentence * (length // len(sentence) + 1))[:length].strip()
    return "\n".join([line] * lines)


def runs(character: str) -> str:
    """As many characters as there may be, in words as long as they may be."""
    text = " ".join([character * RUN_LIMIT] * (REASON_LIMIT // RUN_LIMIT + 1))
    return text[:REASON_LIMIT].strip()


SENTENCE = (
    "Je travaille à l’hôpital, et mes données y ont déjà été vues par des collègues curieux ; "
)
CAPITALS = in_lines(SENTENCE.upper(), 13)
LONGEST_REASONS = (
    ("e", in_lines(SENTENCE, 1)),
    ("e", in_lines(SENTENCE, (REASON_LINES + 1) // 2).replace("\n", "\n\n")[:REASON_LIMIT]),
    ("e", in_lines(SENTENCE, REASON_LINES)),
    ("e", CAPITALS),
    *((wide, runs(wide)) for wide in "mMWԪ"),
    ("Ԫ", in_lines("Ԫ", REASON_LINES)),
)
