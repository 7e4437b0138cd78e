"""What cleaning takes out, what it keeps, and what looks like a social security number.

The three whole numbers used here are specimens of public documentation and belong to nobody.
"""

import re
import sys
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.cleaning import (
    NAME_CHARACTERS,
    clean_line,
    clean_lines,
    contains_nir,
    foreign_characters,
    has_short_year,
    has_stacked_marks,
    longest_run,
    parse_day,
    without_nir,
)
from tests.letters_under_test import steady

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
SPACES = ["\t", *(c for c in EVERY if unicodedata.category(c) == "Zs")]
LINE_ENDS = ("\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
FORMAT = [c for c in EVERY if unicodedata.category(c) == "Cf"]
# Of another category and never drawn: the first and the last of each run of them.
UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180f\u2065\u3164\ufe00\ufe0f\uffa0\ufff0\ufff8" + (
    "\U000e0000\U000e0fff"
)
BESIDE_UNSEEN = "\u034e\u115e\u1161\u17b6\u180a\u3163\u3165\ufe10\uff9f\uffa1\ufffd\U000e1000"
CONTROLS = [chr(code) for code in [*range(9), *range(0x0E, 0x20), 0x7F, 0x80, 0x9F]]
SURROGATES = ["\ud800", "\udbff", "\udc00", "\udfff"]

# A text such as a person may paste: words, digits, and what cleaning is there for.
pasted = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from([*SPACES, *"".join(LINE_ENDS), *FORMAT, *UNSEEN]),
        st.sampled_from("eéaA\u0301\u0323\u0300'’-.0123456789"),
    ),
    max_size=40,
)


# Cleaning


def test_every_kind_of_space_becomes_one_space_and_none_at_the_ends() -> None:
    typed = {c: f"{c}Le{c}{c} Goff{c}" for c in SPACES}
    assert {c for c, text in typed.items() if clean_line(text) != "Le Goff"} == set()
    assert {c for c, text in typed.items() if clean_lines(f"{text}\n{c}") != "Le Goff"} == set()


@pytest.mark.check(20)
def test_what_nobody_sees_is_taken_out() -> None:
    assert len(FORMAT) > 150
    typed = {c: f"{c}Le G{c * 4}off{c}" for c in [*FORMAT, *UNSEEN]}
    for clean in (clean_line, clean_lines):
        assert {c for c, text in typed.items() if clean(text) != "Le Goff"} == set()
        assert [c for c in BESIDE_UNSEEN if clean(f"a{c}b") != f"a{c}b"] == []


@pytest.mark.check(20)
def test_a_control_character_or_half_a_character_is_shown_as_a_replacement() -> None:
    for clean in (clean_line, clean_lines):
        for typed in [*CONTROLS, *SURROGATES]:
            assert clean(f"a{typed}b") == "a\ufffdb"


@pytest.mark.parametrize(
    ("typed", "line", "lines"),
    [
        ("", "", ""),
        (" \t\u200b\n", "", ""),
        ("e\u0301", "é", "é"),
        ("e\u200b\u0301", "é", "é"),  # the accent meets its letter when what is between goes
        ("a\u0302\u0323", "ậ", "ậ"),
        ("\u212b", "Å", "Å"),
        *((same, same, same) for same in ("½ ² ª", "Jean\u2011Paul L'Haÿ", "<b>((reason))</b>")),
        (
            "ﬁn, eﬀort, aﬃche, ﬂeur, baﬄe",
            "fin, effort, affiche, fleur, baffle",
            "fin, effort, affiche, fleur, baffle",
        ),
        ("Ｍａｒｉｅ １２", "Marie 12", "Marie 12"),
        ("L՚Haÿ, Lꞌ＇Haÿ", "L’Haÿ, L’'Haÿ", "L’Haÿ, L’'Haÿ"),
        ("\uf0b7 un\n\uf0a7 deux\ufffc", "• un • deux", "• un\n• deux"),
        *((f"un{end}deux", "un deux", "un\ndeux") for end in LINE_ENDS),
        ("un\n\ndeux", "un deux", "un\n\ndeux"),
        ("un\n\n\ndeux", "un deux", "un\n\ndeux"),
        ("un\n \t\n\u200b\n\u00a0\ndeux", "un deux", "un\n\ndeux"),
        ("\n\n  un  \n  deux  \n\n", "un deux", "un\ndeux"),
        ("un\r\n\r\ndeux\r\n", "un deux", "un\n\ndeux"),
        ("- un\n- deux", "- un - deux", "- un\n- deux"),
    ],
)
def test_one_line_or_several_are_cleaned(typed: str, line: str, lines: str) -> None:
    assert (clean_line(typed), clean_lines(typed)) == (line, lines)


@steady
@given(pasted)
@example("e\u200b\u0301")
@example("\u200b\n\u200b\n\u200b\n")
@example("a\r\u200b\n\nb")
def test_what_is_cleaned_is_visible_and_stays_as_it_is(text: str) -> None:
    line, lines = clean_line(text), clean_lines(text)
    assert (clean_line(line), clean_lines(lines), clean_line(lines)) == (line, lines, line)
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert unicodedata.is_normalized("NFC", line)
    assert line == line.strip() and "  " not in line
    assert "\n\n\n" not in lines
    assert all(part == part.strip() for part in lines.split("\n"))


@steady
@given(st.text(st.sampled_from(sorted(NAME_CHARACTERS - {"\u0340", "\u0341", "\u0343"}))))
def test_cleaning_keeps_every_visible_character(text: str) -> None:
    def visible(s: str) -> str:
        return unicodedata.normalize("NFD", s).replace(" ", "")

    assert visible(clean_line(text)) == visible(text)


# Names

NAMES = """
    Élodie Lefèvre-Œuvrard, Gaëlle Haÿ, Lætitia, Morvan C’hoarzh, Cʼhoarzh, Fañch, O, J. R. R.,
    Iñaki Etxeberria, Ghjuvan’Battì, Gal·la Avel·lí, Jürgen Müßig, Łukasz Wałęsa Żółć,
    Ayşe Yıldız İnönü Dağ, Nguyễn Thị Hồng Ngọc Đỗ, Ħamrun Ġorġ Żebbuġ, Ɛli Aɣilas Aẓru Ḍaḥman ʷ,
    Ștefan Țepeș, Jiří Dvořák Ščastný Ťok, Þórður Æðuson, Erzsébet Kőrösi Tűzkő, Siân Ŵyn,
    Ọláṣubọ̀mí, Kɔfi Aƒetɔ Ŋgolo, Kaʻiulani, ʿAbd al-Raḥmān ʾIbrāhīm, Əliyev,
    Ελένη Παπαδοπούλου, ᾨδὴ Ὀδυσσεύς, Алёна Щербакова, Ґанна Їжакевич В’ячеслав,
    Ђорђе Љубичић Џаја, Ngô͘
"""
SIGNS = '0123456789@/\\&_()[]{}<>,;:!?"+=#%€$*'


def test_names_of_people_in_france_are_accepted_with_any_apostrophe_or_hyphen() -> None:
    for name in (*re.split(r",\s+", NAMES.strip()), "D'’‘ʼʻʹ′`´-‐‑–Hondt"):
        assert foreign_characters(clean_line(name), NAME_CHARACTERS) == ()
        assert not has_stacked_marks(name)


def test_what_the_font_cannot_print_is_told_once_in_order() -> None:
    for typed, foreign in {
        "محمد": "محد",
        "Zoé 王小明": "王小明",
        "राम": "राम",
        "Zoé❤\ufe0f": "❤\ufe0f",
        "ﬁ𝓩": "ﬁ𝓩",
        "a\ufffdb\ue000": "\ufffd\ue000",
        f"un\ndeux{SIGNS}«»œŒ…–—•°": "",
    }.items():
        assert foreign_characters(typed) == tuple(foreign)
    assert foreign_characters(SIGNS, NAME_CHARACTERS) == tuple(SIGNS)


def test_a_heap_of_accents_is_told_from_the_accents_of_real_alphabets() -> None:
    alphabets = ["ệ", "ᾧ", "ǖ", "Ọ̀", "e\u0302\u0323", "\u0301\u0301\u0301e", "aé\u0323b\u0301"]
    heaps = ["Z" + "\u0301" * 4, "\u0301" * 4 + "Z", "ệ\u0301\u0301", "Zo\u0300" + "\u0301" * 50]
    assert [name for name in [*alphabets, *heaps] if has_stacked_marks(name)] == heaps


def test_the_longest_word_is_measured() -> None:
    lengths = {"": 0, " ": 0, "a": 1, "un deux\ntrois": 5, "ab\u00a0c": 2}
    assert {text: longest_run(text) for text in lengths} == lengths


# Social security numbers

SPECIMENS = ("2 69 05 49 588 157 80", "2 95 10 99 126 111 93", "2 53 07 2B 073 004 70")
SEXES = "123478"  # 3, 4: a foreigner registered for now; 7, 8: temporary
MONTHS = [*range(1, 13), *range(20, 43), *range(50, 100)]  # from 20 on: the month is not known
GAPS = " .-–—\u2011/_·\u00a0\u202f\u2009\t\n\r,;:()°"
WORDS = st.text(st.sampled_from("abézÀ «»,.:\n…"), max_size=12)


@pytest.mark.check(27)
def test_the_sexes_and_the_months_are_those_that_exist_and_no_other() -> None:
    whole = {(s, m): f"{s} 69 {m:02} 49 588 157 80" for s in "0123456789" for m in range(100)}
    found = {pair for pair, number in whole.items() if contains_nir(number)}
    assert found == {(sex, month) for sex in SEXES for month in MONTHS}


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number as somebody may type it: any key or none, any script, anything between digits."""

    def digits(count: int) -> str:
        return draw(st.text("0123456789", min_size=count, max_size=count))

    sex, month = draw(st.sampled_from(SEXES)), draw(st.sampled_from(MONTHS))
    department = draw(st.sampled_from([digits(2), "2A", "2b"]))
    key = draw(st.sampled_from(["", digits(2)]))
    number = f"{sex}{digits(2)}{month:02}{department}{digits(6)}{key}"
    zero = draw(st.sampled_from("0０٠۰०"))
    number = "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in number)
    gap = st.text(GAPS, max_size=3)
    if draw(st.booleans()):
        gap = st.just(draw(gap))  # the same everywhere
    return number[0] + "".join(draw(gap) + character for character in number[1:])


@pytest.mark.check(27)
@steady
@given(st.lists(st.tuples(WORDS, numbers()), max_size=3), WORDS)
def test_every_number_is_found_and_taken_out_and_the_words_around_it_stay(
    parts: list[tuple[str, str]], end: str
) -> None:
    text = "".join(f"{words}x{number}x" for words, number in parts) + end
    assert contains_nir(text) == bool(parts)
    assert without_nir(text) == "".join(f"{words}x…x" for words, _number in parts) + end


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mon n° : 2 69 05 49 588 157 80, merci.", "Mon n° : …, merci."),
        ("NIR:2 95 10 99 126 111 (93)", "NIR:…)"),
        ("1. 2 53 07 2B 073 004 clé 70", "1. … clé 70"),
        ("1. 2 53 07 2B 073 004 70", "1. …"),
        ("Zoé269054958815700Durand", "Zoé…Durand"),  # a key that is wrong
        ("née en 1969\n2 69 05 49 588 157 80\nà Brest", "née en 1969\n…\nà Brest"),
        *((f"{SPECIMENS[0]}{gap}{SPECIMENS[1]}", f"…{gap}…") for gap in [" ", ", ", "\n", "/"]),
        ("1111111111111 1111111111111", "… …"),
    ],
)
def test_what_stays_of_a_text_with_a_number(text: str, left: str) -> None:
    assert contains_nir(text)
    assert without_nir(text) == left
    assert not contains_nir(left)


@pytest.mark.parametrize(
    "after", [", 29200 Brest", "\n29200 Brest", " 02 98 00 00 00", " - 3 enfants", ". 12/03/1969"]
)
def test_a_number_followed_by_another_number_is_taken_out_whole(after: str) -> None:
    for number in ("269054958815780", "2 69 05 49 588 157 80", "2690549588157"):
        left = without_nir(f"NIR {number}{after}")
        assert left.startswith("NIR …")
        assert left.endswith(after[-8:])  # what comes next may lose two digits, taken for a key


@steady
@given(st.lists(st.one_of(numbers(), st.text("ab 1269.,-/\n€", max_size=12)), max_size=5))
@example(["100010000000:100", "100010000000:0"])
def test_no_number_is_left_once_numbers_are_taken_out(parts: list[str]) -> None:
    assert not contains_nir(without_nir("".join(parts)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Je suis né le 12/03/1958 à Brest (29200) ; tél. 02 98 00 00 00.",
        "02.98.00.00.00 / +33 6 12 34 56 78",  # phones
        "du 12/03/1958 au 14/05/1990, 2026-11-21T10:30:00",
        "732 829 320 00074",  # a SIRET
        "73282932000074",
        "4970 1000 0000 0003",  # a bank card
        "269054958815",  # a digit too few
        "2 69 05 49 588 15",
        "2690549588157801",  # a digit too many
        "1269054958815780",
        "2 69 05    49 588 157 80",  # too far apart
        "2 enfants, 69 ans, 05 mois, 49 jours, 588 euros, 157 francs",
        "2 69 05 2C 588 157 80",
        "01 595 1234",  # a body's code
        "L. 1461-7, 5° et R. 1461-9, II ; loi n° 78-17 du 6 janvier 1978, n° 444937",
        "1 234 567,89 €",
        "ABABABABABABABA",
    ],
)
def test_another_number_is_not_a_social_security_number(text: str) -> None:
    assert not contains_nir(text)
    assert without_nir(text) == text


# Days


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        *((t, date(1958, 3, 4)) for t in ["04/03/1958", "4/3/1958", "04.03.1958", "04‑03–1958"]),
        *((t, date(1958, 3, 4)) for t in ["04 03 1958", "04 / 03 / 1958", "1958-03-04"]),
        *((t, date(1958, 3, 4)) for t in ["1958/3/4", "1958 03 04", "1958 / 03 / 04"]),
        *(
            (t, date(1958, 3, 4))
            for t in ["04031958", "4 mars 1958", "Né le 4 Mars 1958.", "04∕03⁄1958"]
        ),
        *(
            (t, date(1958, 3, 4))
            for t in ["née le 04/03/1958", "٠٤/٠٣/١٩٥٨", "04−03—1958", "le 4.3.1958."]
        ),
        ("19580304", date(1958, 3, 4)),
        *((t, date(1958, 8, 1)) for t in ["1er août 1958", "1 aout 1958", "01-AOÛT-1958"]),
        ("12 févr. 1958", date(1958, 2, 12)),
        *(
            (t, None)
            for t in ["4 jui 1958", "4 ma 1958", "4 marsouin 1958", "04 1958", "4 mars 58"]
        ),
        ("29/02/2024", date(2024, 2, 29)),
        *((t, None) for t in ["29/02/2023", "29/02/1900", "31/04/1958", "00/01/1958"]),
        *((t, None) for t in ["01/00/1958", "01/13/1958", "01/01/0000", "03/03/58", "58-03-03"]),
        *((t, None) for t in ["30021958", "03031858", "03/03", "03/03/19581", "", "/"]),
        *((t, None) for t in ["03/03/1958 à Brest", "--/--/----", "3////3/1958"]),
    ],
)
def test_a_day_is_read(typed: str, day: date | None) -> None:
    assert parse_day(typed) == day


@steady
@given(st.text(st.sampled_from("0123456789/.- "), max_size=12))
def test_a_day_that_is_read_is_the_one_that_was_typed(typed: str) -> None:
    day = parse_day(typed)
    parts = re.findall(r"\d+", typed)
    if day and len(parts) == 1:
        assert parts[0] in {f"{day:%d%m%Y}", f"{day:%Y%m%d}"}
    elif day:
        assert sorted(map(int, parts)) == sorted([day.day, day.month, day.year])


@pytest.mark.parametrize(
    ("typed", "short"),
    [
        *((t, True) for t in ["03/03/58", "3-3-58", "3 mars 58.", "né le 03.03.58"]),
        *((t, False) for t in ["03/03/1958", "58/03/03/1", "030358", "03/03", "3 mars", ""]),
    ],
)
def test_a_year_of_two_digits_is_told(typed: str, short: bool) -> None:
    assert has_short_year(typed) == short
