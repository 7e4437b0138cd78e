"""French typography of our own texts, and its opposite for old web forms."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.facts import Fact
from letters.model import WHO
from letters.recipients import Recipients, load_addressees
from letters.typography import MONTHS, NBSP, NNBSP, french, long_date, outside_cp1252, portal
from tests.letters_under_test import (
    all_texts,
    blank_request,
    every_letter,
    fixed_texts,
    steady,
)


def shown(text: str) -> str:
    """The text with « ~ » for U+00A0 and « _ » for U+202F, so that the tables can be read."""
    return text.replace(NBSP, "~").replace(NNBSP, "_")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("aujourd'hui, l'État...", "aujourd’hui, l’État…"),
        ("oui ; non ! si ? oui : non", "oui_; non_! si_? oui~: non"),
        (f"oui{NBSP}; non{NBSP}!", "oui_; non_!"),
        (f"oui{NNBSP}: non ?!", "oui~: non_?!"),
        ("« oui », dit-il", "«~oui~», dit-il"),
        ("« oui ! » : non", "«~oui_!~»~: non"),
        ("300 000 €, 1 000 000, 10 %", "300_000~€, 1_000_000, 10~%"),
        ("12 345 personnes de 15 ans, 300 Ko", "12_345 personnes de 15~ans, 300~Ko"),
        ("n° 444937, loi n° 78-17", "n°~444937, loi~n°~78-17"),
        ("l’article 74, articles 12 et 15", "l’article~74, articles~12 et 15"),
        ("art. 21, paragraphes 3 et 4", "art.~21, paragraphes~3 et 4"),
        ("paragraphe 1, point d)", "paragraphe~1, point~d)"),
        ("L. 1461-7, R. 1461-9, D. 1461-9", "L.~1461-7, R.~1461-9, D.~1461-9"),
        ("(UE) 2016/679, 18 U.S.C. § 2713", "(UE)~2016/679, 18 U.S.C. §~2713"),
        ("point c du texte, 1° du I", "point~c du texte, 1°~du I"),
        ("Le 1er décembre, le 6 août", "Le~1er~décembre, le~6~août"),
        ("Du 2 au 13 mai", "Du 2 au~13~mai"),
        ("du 2 mai", "du~2~mai"),
    ],
)
def test_french_typography_is_set(typed: str, expected: str) -> None:
    assert shown(french(typed)) == expected


UNTOUCHED = """
a:b|10:30|https://www.legifrance.gouv.fr/codes/LEGITEXT000006072665|Microsoft Azure|C-311/18
https://example.org/?a=1;b=2!|chapitre premier|en 2020 et en 2021|de 2018 à 2026|29200 Brest
le R. P. Martin|particle 12|sans-abri - dit-il|9-11 rue Achille|mai 2020|vingt mai|L. a dit
le point final|la loi ne dit rien|un article nouveau|3 maisons|12 mairies|point d’accès
mot; mot|mot: mot|mot! mot|mot?|mot» mot|mot€|3 %(nom)s|le 12 mairies
"""


def test_french_typography_leaves_the_rest_alone_and_adds_no_space() -> None:
    assert [text for text in re.split(r"[|\n]", UNTOUCHED) if french(text) != text] == []


@steady
@given(
    st.lists(
        st.sampled_from([*"aLRD.,;:!?«»€%'°()139  \u00a0\u202f", "n° ", "article ", "1er ", "mai "])
    )
)
def test_french_typography_changes_only_spaces_apostrophes_and_ellipses_and_only_once(
    parts: list[str],
) -> None:
    def words(s: str) -> str:
        return re.sub(f"[ {NBSP}{NNBSP}]", " ", s).replace("...", "…").replace("'", "’")

    text = "".join(parts)
    assert words(french(text)) == words(text)
    assert french(french(text)) == french(text)


# Dates

DAYS = """1er~janvier 2~février 3~mars 4~avril 5~mai 6~juin 7~juillet 8~août 9~septembre
10~octobre 11~novembre 12~décembre"""


def test_a_date_is_written_in_words_that_french_typography_leaves_alone() -> None:
    days = [long_date(date(2026, month, month)) for month in range(1, 13)]
    assert list(map(shown, days)) == [f"{day} 2026" for day in DAYS.split()]
    assert list(map(french, days)) == days
    assert [shown(french(f"le 13 {month}")) for month in MONTHS] == [f"le~13~{m}" for m in MONTHS]
    assert outside_cp1252(portal(" ".join(days))) == ()


# The portal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00a0b\u202f; c\u2009d", "a b ; c d"),
        ("l’un l‘un C\u02bchoarzh “a”", "l'un l'un C'hoarzh \"a\""),
        ("a–b — c‐d‑e −1", "a-b - c-d-e -1"),
        ("a… • e\u0301", "a... - é"),
        *((same, same) for same in ["éèêëàâùûüîïôöçœŒæÆÿÉÈÀÇ « » € ° ½", "ł ğ ễ Ω Ж"]),
        *((same, same) for same in ["a\n\n- b\n- c", "<b> &amp; {{x}} ((name))"]),
    ],
)
def test_the_portal_gets_characters_that_it_passes_on(text: str, expected: str) -> None:
    assert portal(text) == expected


@steady
@given(st.text())
def test_what_is_ready_for_the_portal_stays_as_it_is(text: str) -> None:
    assert portal(portal(text)) == portal(text)


def test_characters_that_a_form_may_break_are_told_once() -> None:
    assert outside_cp1252("Élodie Œuvrard « 12 € » Šime Žižek") == ()
    assert outside_cp1252("Łukasz łęł, Nguyễn, ΝΕΝ") == tuple("ŁłęễΝΕ")


# All that we publish


def published(
    catalogue: Catalogue, facts: dict[str, Fact], recipients: Recipients
) -> Iterator[str]:
    for wording in catalogue.wordings.values():
        yield from fixed_texts(wording)
        for who in WHO:
            yield from all_texts(compose(wording, blank_request(wording, who), None))
    for letters in every_letter().values():
        for _request, letter in letters:
            yield from all_texts(letter)
    for fact in facts.values():
        yield from (fact.reference, fact.statement, fact.source, fact.limit)
    for body in (*recipients, *load_addressees()):
        yield from (body.name, body.note, body.department_name, *body.agencies.split("; "))


@pytest.fixture(scope="module")
def our_texts(
    catalogue: Catalogue, facts: dict[str, Fact], recipients: Recipients
) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, published(catalogue, facts, recipients))))


# Each mistake, how it is found, and a text that has it.
MISTAKES = {
    "number away from its article": (
        r"\b(articles?|paragraphes?|art\.|n°|\(UE\)|[LRD]\.) \d",
        "l’article 74",
    ),
    "number away from its unit": (r"\d (?:[%€]|Ko\b|ans\b)", "5 €"),
    "day away from its month": (rf"\b(\d\d?|1er) ({'|'.join(MONTHS)})\b", "le 1er mai"),
    "thousands without a narrow space": (r"\d[ \u00a0]\d{3}\b", "300 000"),
    "no narrow space before ; ! ?": (r"[^\u202f?!][;!?]", "oui!"),
    "no no-break space before a colon": (r"[^\u00a0]:(?!//)", "oui: non"),
    "no no-break space inside guillemets": (r"«[^\u00a0]|[^\u00a0]»", "«oui»"),
    "space before a comma or a full stop": (r"\s[,.](?!\d)", "oui , non"),
    "space after an opening mark": (r"[(’] ", "l’ article"),
    "comma without a space": (r",(?=[^\W\d])", "oui,non"),
    "punctuation twice": (r"[,;:!?]\s?[,;:!?]|\.\.", "oui, ; non"),
    "two spaces, or a space around a line": (r"  |\s\n|\n |^\s|\s$", "oui  non"),
    "tab or other control character": (r"[\x00-\x09\x0b-\x1f\x7f]", "oui\tnon"),
    "straight apostrophe or quotation mark": (r"['\"]", "l'un"),
    "hyphen for a dash": (r"\s-\s", "oui - non"),
    "capital without its accent": (
        r"\b(A (titre|partir|défaut)|Etats?\b|Ecri|Evêque|Ile\b|Ecole)",
        "Etat",
    ),
    "oe for œ": (r"[Oo]e(?=u|il)|[Cc]oe(?=ur)|[Ss]oe(?=ur)", "coeur"),
    "hole or mark of the wording": (r"\(\(|\)\)|\[[^…]|[{}<>]|===", "Moi, ((name)"),
}


@pytest.mark.parametrize(("pattern", "wrong"), MISTAKES.values(), ids=MISTAKES.keys())
def test_our_french_has_no_such_mistake_and_one_would_be_seen(
    our_texts: tuple[str, ...], pattern: str, wrong: str
) -> None:
    assert re.search(pattern, wrong)
    assert [text for text in our_texts if re.search(pattern, text)] == []
