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
from letters.web.form.asked import Context
from letters.web.form.fields import (
    CITY_LIMIT,
    EMAIL_LIMIT,
    MEASURE_LIMIT,
    MISSING_LIMIT,
    NAME_LIMIT,
    POSTAL_CODE_LIMIT,
    REASON_LIMIT,
    REASON_LINES,
    RUN_LIMIT,
    STREET_LIMIT,
)
from letters.web.form.letter_form import LetterForm
from letters.web.form.request import request_of
from letters.web.settings import Settings
from letters.web.site import Site, load_site
from tests.conftest import TODAY
from tests.letters_under_test import SLUGS, all_wordings, every_option_set

# Names that exist, and that have broken programs before.
NAMES = (
    "Camille",
    "Maëlle Anne‑Sophie",
    "D’Œuvre-L'Haÿ",
    "Nguyễn Thị Ánh",
    "Łukasz Żółć",
    "Işıl İnanç",
    "Þorgerður Ægisdóttir",
    "Δημήτρης Παπαδόπουλος",
    "Ὀδυσσεὺς",
    "Щербаков Ђорђе",
    "Олена Ґудзь-Мар’яненко",
    "N. ’t Hooft",
    "ʻŌlelo",
    "Q̄ulın Ạ̈bḏallāh",
    "Gal·la",
    "Ö",
)
PLACES = (
    "",
    "Bât. « Les Œillets » – esc. n° 4",
    "c/o M. & Mme O'Neill <étage 2>",
    "BP 12 / CS 40_001",
    "вул. Хрещатик, 1",
)
# How long the answer to each question of one line may be.
NAME_LIMITS = dict.fromkeys(("given_name", "family_name"), NAME_LIMIT)
NAME_LIMITS |= {f"represented_{name}": limit for name, limit in NAME_LIMITS.items()}
LIMITS = {
    **dict.fromkeys(("address_line1", "address_line2", "country"), MAX_CHARACTERS),
    "measure": MEASURE_LIMIT,
    "postal_code": POSTAL_CODE_LIMIT,
    "city": CITY_LIMIT,
}
BLOCKS = ("caisse_lines", "soignant_lines", "plateforme_lines", "cnil_lines")


@cache
def _content() -> Site:
    return load_site(Settings())


def letter_from(slug: str, answers: dict[str, Any]) -> Letter | None:
    """The letter that these answers make, or nothing when the form refuses them."""
    wording = all_wordings().wordings[slug]
    form = LetterForm(Context(wording, _content(), TODAY), MultiDict(answers))
    return compose(wording, request_of(form), TODAY) if form.validate() else None


# --- Anything ---


@cache
def _typed(characters: frozenset[str], limit: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=sorted(characters), max_size=limit)


@st.composite
def accepted_letters(draw: st.DrawFn) -> Letter:
    """Any letter that the form lets through, with what a person may type in every field.

    All of them have an address to go to; blank ones are looked at on their own.
    """
    slug, who = draw(st.sampled_from(SLUGS)), draw(st.sampled_from(WHO))
    places = st.sampled_from(PLACES) | _typed(REPERTOIRE, MAX_CHARACTERS)
    blocks = st.lists(places.filter(str.strip), min_size=1, max_size=MAX_LINES).map("\n".join)
    paragraphs = st.lists(_typed(REPERTOIRE, 100), max_size=12).map("\n".join)
    choices = {
        "who": [who],
        "birth_date": ["", "03/03/2010" if who == "minor" else "03/03/1958"],
        "represented_birth_date": ["", "03/03/2015" if who == "child" else "03/03/1936"],
        "first_letter": sorted(all_wordings().earlier_letters),
        "sent_on": ["01/10/2026", "2018-01-31"],
        "channel": ["", *CHANNELS],
        "outcome": OUTCOMES,
        "received_on": ["", "05/10/2026"],
        "answer_on": ["", "20/10/2026"],
        "followed_up_on": ["", "12/10/2026", "05/11/2026"],
        "recipient": [OTHER, *(body.code for body in load_recipients() if body.has_address)],
        "email": ["", "o'neill+<courrier>@exämple.org"],
        "options": [*map(sorted, every_option_set(all_wordings().wordings[slug]))],
    }
    questions = {
        **{name: st.sampled_from(values) for name, values in choices.items()},
        **{
            name: st.sampled_from(NAMES) | _typed(NAME_CHARACTERS, limit)
            for name, limit in NAME_LIMITS.items()
        },
        **{
            name: st.sampled_from(PLACES) | _typed(REPERTOIRE, limit)
            for name, limit in LIMITS.items()
        },
        **dict.fromkeys(BLOCKS, blocks),
        **dict.fromkeys(("reason", "missing"), paragraphs),
        "measure": st.just("tutelle") | _typed(REPERTOIRE, MEASURE_LIMIT),
    }
    answers = {name: draw(strategy) for name, strategy in questions.items()}
    if draw(st.booleans()):  # without a country, a postal code has five digits
        answers |= {"postal_code": "", "country": ""}
    letter = letter_from(slug, answers)
    assume(letter is not None)
    assert letter is not None
    return letter


# --- The longest ---


def longest_letter(slug: str, character: str, reason: str, **changes: str) -> Letter:
    """Every field at its limit, made of one character, but for `changes`.

    One sign more tells the signer from who is represented, and their street from the recipient's.
    """
    domain = "@a.fr"
    wording = all_wordings().wordings[slug]
    unsaid = set() if reason else wording.options_with_reasons
    options = [option.name for option in wording.options if option.name not in unsaid]
    block = "\n".join([character * MAX_CHARACTERS] * MAX_LINES)
    answers = {
        **{name: character * limit for name, limit in (NAME_LIMITS | LIMITS).items()},
        "given_name": character * (NAME_LIMIT - 1) + "A",
        "address_line1": character * (STREET_LIMIT - 1) + "A",
        "address_line2": character * (STREET_LIMIT - 1) + "A",
        **dict.fromkeys(BLOCKS, block),
        "first_letter": "opposition-sante",
        "sent_on": "01/10/2026",
        "channel": "ameli",
        "outcome": "partial",
        "answer_on": "20/10/2026",
        "followed_up_on": "05/11/2026",
        "who": "protected",
        "represented_birth_date": "03/03/1936",
        "recipient": OTHER,
        "email": character * (EMAIL_LIMIT - len(domain)) + domain,
        "options": options,
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
