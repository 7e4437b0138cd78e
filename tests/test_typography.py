"""French typography of our own texts, and its opposite for old web forms.

`polytypo` is a second opinion, written by other people, on every text that we publish.
"""

import re
from collections.abc import Iterator
from datetime import date

import polytypo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.facts import Fact
from letters.recipients import Recipients, load_addressees
from letters.typography import MONTHS, NBSP, NNBSP, french, long_date, outside_cp1252, portal
from tests.conftest import TODAY
from tests.letters_under_test import SLUGS, all_texts, every_request, fixed_texts, steady

# « ~ » stands for U+00A0 and « _ » for U+202F, so that the tables can be read.
N, T = NBSP, NNBSP


def shown(text: str) -> str:
    return text.replace(N, "~").replace(T, "_")


FRENCH = [
    # apostrophes and ellipses
    ("l'article", "l’article"),
    ("aujourd'hui, l'État", "aujourd’hui, l’État"),
    ("et ainsi...", "et ainsi…"),
    # high punctuation
    ("oui ; non", "oui_; non"),
    ("oui !", "oui_!"),
    ("oui ?", "oui_?"),
    ("oui : non", "oui~: non"),
    (f"oui{N}; non{N}!", "oui_; non_!"),
    (f"oui{T}: non", "oui~: non"),
    ("oui ?!", "oui_?!"),
    # guillemets, also nested
    ("« oui »", "«~oui~»"),
    ("« oui », dit-il", "«~oui~», dit-il"),
    ("« oui ! » : non", "«~oui_!~»~: non"),
    # numbers and units
    ("300 000 €", "300_000~€"),
    ("1 000 000", "1_000_000"),
    ("10 %", "10~%"),
    ("12 345 personnes", "12_345 personnes"),
    # references
    ("n° 444937", "n°~444937"),
    ("loi n° 78-17", "loi~n°~78-17"),
    ("article 74", "article~74"),
    ("l’article 74", "l’article~74"),
    ("articles 12 et 15", "articles~12 et 15"),
    ("art. 21", "art.~21"),
    ("paragraphe 1", "paragraphe~1"),
    ("paragraphes 3 et 4", "paragraphes~3 et 4"),
    ("L. 1461-7", "L.~1461-7"),
    ("R. 1461-9", "R.~1461-9"),
    ("D. 1461-9", "D.~1461-9"),
    ("(UE) 2016/679", "(UE)~2016/679"),
    ("point d)", "point~d)"),
    ("point c du texte", "point~c du texte"),
    ("1° du I", "1°~du I"),
    # dates
    ("le 15 avril 2020", "le~15~avril 2020"),
    ("le 1er décembre 2026", "le~1er~décembre 2026"),
    ("le 6 août", "le~6~août"),
]
UNTOUCHED = [
    "",
    "a:b",
    "10:30",
    "https://www.legifrance.gouv.fr/codes/texte_lc/LEGITEXT000006072665",
    "https://example.org/?a=1;b=2!",
    "Microsoft Azure",
    "chapitre premier",
    "en 2020 et en 2021",
    "de 2018 à 2026",
    "le R. P. Martin",
    "particle 12",
    "C-311/18",
    "sans-abri - dit-il",
    "29200 Brest",
    "9-11 rue Achille",
    "mai 2020",
    "vingt mai",
    "le point final",
    "L. a dit",
]


@pytest.mark.parametrize(("typed", "expected"), FRENCH)
def test_french_typography_is_set(typed: str, expected: str) -> None:
    assert shown(french(typed)) == expected


@pytest.mark.parametrize("text", UNTOUCHED)
def test_french_typography_leaves_the_rest_alone(text: str) -> None:
    assert french(text) == text


@pytest.mark.parametrize("month", MONTHS)
def test_a_day_stays_with_its_month(month: str) -> None:
    assert shown(french(f"le 13 {month} 2020")) == f"le~13~{month} 2020"


@pytest.mark.parametrize("sign", ";:!?»€")
def test_a_missing_space_is_not_added(sign: str) -> None:
    assert french(f"mot{sign} mot") == f"mot{sign} mot"


@steady
@given(
    st.lists(
        st.sampled_from([*"aLRD.,;:!?«»€%'°()139  \u00a0\u202f", "n° ", "article ", "1er ", "mai "])
    )
)
def test_french_typography_set_twice_changes_nothing_more(parts: list[str]) -> None:
    text = "".join(parts)
    assert french(french(text)) == french(text)


@steady
@given(st.text(st.sampled_from("aé ;:!?«»€%.'12 \u00a0\u202f")))
def test_french_typography_changes_only_spaces_apostrophes_and_ellipses(text: str) -> None:
    def words(s: str) -> str:
        return re.sub(f"[ {N}{T}]", " ", s).replace("...", "…").replace("'", "’")

    assert words(french(text)) == words(text)


# Dates


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 1), "1er~janvier 2026"),
        (date(2026, 1, 31), "31~janvier 2026"),
        (date(2024, 2, 29), "29~février 2024"),
        (date(2026, 3, 2), "2~mars 2026"),
        (date(2020, 4, 15), "15~avril 2020"),
        (date(2026, 5, 8), "8~mai 2026"),
        (date(2020, 6, 11), "11~juin 2020"),
        (date(2026, 7, 14), "14~juillet 2026"),
        (date(2026, 8, 1), "1er~août 2026"),
        (date(2026, 9, 21), "21~septembre 2026"),
        (date(2020, 10, 13), "13~octobre 2020"),
        (date(2026, 11, 21), "21~novembre 2026"),
        (date(2026, 12, 1), "1er~décembre 2026"),
    ],
)
def test_a_date_is_written_in_words(day: date, expected: str) -> None:
    assert shown(long_date(day)) == expected


@steady
@given(st.dates())
def test_a_date_in_words_is_already_right_in_french(day: date) -> None:
    assert french(long_date(day)) == long_date(day)


# The portal

PORTAL = {
    "no-break space": ("a\u00a0b", "a b"),
    "narrow no-break space": ("a\u202f;", "a ;"),
    "thin space": ("a\u2009b", "a b"),
    "right apostrophe": ("l’un", "l'un"),
    "left apostrophe": ("l‘un", "l'un"),
    "modifier apostrophe": ("Cʼhoarzh", "C'hoarzh"),
    "left quotation mark": ("“a", '"a'),
    "right quotation mark": ("a”", 'a"'),
    "dash": ("a–b", "a-b"),
    "long dash": ("a — b", "a - b"),
    "hyphen": ("a‐b", "a-b"),
    "no-break hyphen": ("a‑b", "a-b"),
    "minus": ("−1", "-1"),
    "ellipsis": ("a…", "a..."),
    "bullet": ("• a", "- a"),
    "decomposed accent": ("e\u0301", "é"),
    "what French needs": ("éèêëàâùûüîïôöçœŒæÆÿÉÈÀÇ « » € ° ½", "éèêëàâùûüîïôöçœŒæÆÿÉÈÀÇ « » € ° ½"),
    "other letters": ("ł ğ ễ Ω Ж", "ł ğ ễ Ω Ж"),
    "lines": ("a\n\n- b\n- c", "a\n\n- b\n- c"),
    "markup": ("<b> &amp; {{x}} ((name))", "<b> &amp; {{x}} ((name))"),
}


@pytest.mark.parametrize(("text", "expected"), PORTAL.values(), ids=PORTAL.keys())
def test_the_portal_gets_characters_that_it_passes_on(text: str, expected: str) -> None:
    assert portal(text) == expected


@steady
@given(st.text())
def test_what_is_ready_for_the_portal_stays_as_it_is(text: str) -> None:
    assert portal(portal(text)) == portal(text)


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("", ()),
        ("Élodie Œuvrard « 12 € »", ()),
        ("Łukasz łęł", ("Ł", "ł", "ę")),
        ("Ayşe Dağ", ("ş", "ğ")),
        ("Nguyễn", ("ễ",)),
        ("Ελένη", ("Ε", "λ", "έ", "ν", "η")),
        ("Šime Žižek", ()),  # Windows-1252 has these two
    ],
)
def test_characters_that_a_form_may_break_are_told_once(text: str, outside: tuple[str]) -> None:
    assert outside_cp1252(text) == outside


@pytest.mark.parametrize("slug", SLUGS)
def test_our_own_wording_is_safe_in_a_web_form(catalogue: Catalogue, slug: str) -> None:
    broken = {text: outside_cp1252(portal(text)) for text in fixed_texts(catalogue.wordings[slug])}
    assert not {text: signs for text, signs in broken.items() if signs}


def test_dates_are_safe_in_a_web_form() -> None:
    days = [date(2026, month, day) for month in range(1, 13) for day in (1, 15)]
    assert [day for day in days if outside_cp1252(portal(long_date(day)))] == []


# All that we publish


def published(
    catalogue: Catalogue, facts: dict[str, Fact], recipients: Recipients
) -> Iterator[str]:
    for wording in catalogue.wordings.values():
        yield from fixed_texts(wording)
    for wording, request in every_request(catalogue, recipients):
        yield from all_texts(compose(wording, request, TODAY))
    for fact in facts.values():
        yield from (fact.reference, fact.statement, fact.source, fact.limit)
    for body in (*recipients, *load_addressees()):
        yield from (body.name, body.note, body.department_name, *body.agencies.split("; "))


@pytest.fixture(scope="module")
def our_texts(
    catalogue: Catalogue, facts: dict[str, Fact], recipients: Recipients
) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, published(catalogue, facts, recipients))))


def wrong_in_french(text: str) -> list[tuple[str, str, str]]:
    """What polytypo would change, as (before, after, where).

    Out of its scope, and looked for by the table below: numbers after « article », « L. » or
    « (UE) », days and months, thousands, a space that is missing, accents on capitals, œ.
    """
    changes = polytypo.analyze(text, locale="fr")
    return [(c.before, c.after, text[max(0, c.start - 20) : c.end + 20]) for c in changes]


def test_a_second_opinion_agrees_with_our_french(our_texts: tuple[str, ...]) -> None:
    assert [wrong for text in our_texts for wrong in wrong_in_french(text)] == []


@pytest.mark.parametrize("text", ["l'un", "oui !", "a...", "« oui »", "art. 21", '"oui"', "5 €"])
def test_the_second_opinion_sees_what_is_wrong(text: str) -> None:
    assert wrong_in_french(text)


MISTAKES = {
    "number away from its article": r"\b(articles?|paragraphes?|art\.|n°|\(UE\)|[LRD]\.) \d",
    "day away from its month": rf"\b(\d\d?|1er) ({'|'.join(MONTHS)})\b",
    "thousands without a narrow space": r"\d[ \u00a0]\d{3}\b",
    "no narrow space before ; ! ?": r"[^\u202f?!][;!?]",
    "no no-break space before a colon": r"[^\u00a0]:(?!//)",
    "no no-break space inside guillemets": r"«[^\u00a0]|[^\u00a0]»",
    "space before a comma or a full stop": r"\s[,.](?!\d)",
    "two spaces": r"\s\s",
    "straight apostrophe or quotation mark": r"['\"]",
    "three dots": r"\.\.",
    "capital without its accent": r"\b(A (titre|partir|défaut)|Etats?\b|Ecri|Evêque|Ile\b|Ecole)",
    "oe for œ": r"[Oo]e(?=u|il)|[Cc]oe(?=ur)|[Ss]oe(?=ur)",
}


@pytest.mark.parametrize("pattern", MISTAKES.values(), ids=MISTAKES.keys())
def test_our_french_has_no_such_mistake(our_texts: tuple[str, ...], pattern: str) -> None:
    found = [match[0] for text in our_texts if (match := re.search(pattern, text))]
    assert found == []


@pytest.mark.parametrize(
    ("mistake", "text"),
    [
        ("number away from its article", "l’article 74"),
        ("day away from its month", "le 1er mai"),
        ("thousands without a narrow space", "300 000"),
        ("no narrow space before ; ! ?", "oui!"),
        ("no no-break space before a colon", "oui: non"),
        ("no no-break space inside guillemets", "«oui»"),
        ("space before a comma or a full stop", "oui , non"),
        ("two spaces", "oui  non"),
        ("straight apostrophe or quotation mark", "l'un"),
        ("three dots", "oui..."),
        ("capital without its accent", "Etat"),
        ("oe for œ", "coeur"),
    ],
)
def test_each_mistake_would_be_seen(mistake: str, text: str) -> None:
    assert re.search(MISTAKES[mistake], text)


@pytest.mark.parametrize(
    "text", ["la loi ne dit rien", "un article nouveau", "3 maisons", "12 mairies", "point d’accès"]
)
def test_words_that_are_no_reference_and_no_date_are_left_alone(text: str) -> None:
    assert french(text) == text


def test_a_section_sign_stays_with_its_number() -> None:
    assert shown(french("18 U.S.C. § 2713")) == "18 U.S.C. §~2713"
