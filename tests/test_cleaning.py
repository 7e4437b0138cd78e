"""What cleaning takes out, what it keeps, and what looks like a social security number.

The three numbers used here are specimens of public documentation and belong to nobody.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import letters.cleaning
from letters.cleaning import (
    NAME_CHARACTERS,
    REPERTOIRE,
    clean_line,
    clean_lines,
    contains_nir,
    foreign_characters,
    has_stacked_marks,
    longest_run,
    parse_day,
    without_nir,
)
from tests.letters_under_test import steady

# Every character that Unicode calls a space, but for line ends.
SPACES = "\t \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" + (
    "\u202f\u205f\u3000"
)
LINE_ENDS = ("\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
INVISIBLE = {
    "soft hyphen": "\u00ad",
    "arabic letter mark": "\u061c",
    "zero width space": "\u200b",
    "zero width non-joiner": "\u200c",
    "zero width joiner": "\u200d",
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "left-to-right embedding": "\u202a",
    "right-to-left embedding": "\u202b",
    "pop directional formatting": "\u202c",
    "left-to-right override": "\u202d",
    "right-to-left override": "\u202e",
    "word joiner": "\u2060",
    "left-to-right isolate": "\u2066",
    "right-to-left isolate": "\u2067",
    "first strong isolate": "\u2068",
    "pop directional isolate": "\u2069",
    "byte order mark": "\ufeff",
    "tag letter": "\U000e0041",
}
CONTROLS = [chr(code) for code in [*range(9), *range(0x0E, 0x20), 0x7F, 0x80, 0x9F]]

# A text such as a person may paste: words, digits, and what cleaning is there for.
pasted = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from([*SPACES, *"\n\r\x0b\x0c\x85\u2028\u2029", *INVISIBLE.values()]),
        st.sampled_from("eéaA\u0301\u0323\u0300'’-.0123456789"),
    ),
    max_size=40,
)


# Cleaning


@pytest.mark.parametrize("space", SPACES, ids=lambda c: f"U+{ord(c):04X}")
def test_every_kind_of_space_becomes_one_space(space: str) -> None:
    assert clean_line(f"{space}Le{space}{space} Goff{space}") == "Le Goff"
    assert clean_lines(f"{space}Le{space}{space} Goff{space}\n{space}") == "Le Goff"


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE.keys())
@pytest.mark.check(20)
def test_what_nobody_sees_is_taken_out(character: str) -> None:
    assert clean_line(f"{character}Le G{character}off{character}") == "Le Goff"
    assert clean_lines(f"{character}Le G{character}off{character}") == "Le Goff"


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_every_line_end_is_one_line_end(end: str) -> None:
    assert clean_lines(f"un{end}deux") == "un\ndeux"


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_a_line_end_in_one_line_becomes_a_space(end: str) -> None:
    assert clean_line(f"un{end}deux") == "un deux"


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.check(20)
def test_a_control_character_is_shown_as_a_replacement(control: str) -> None:
    assert clean_line(f"a{control}b") == "a\ufffdb"
    assert clean_lines(f"a{control}b") == "a\ufffdb"


@pytest.mark.parametrize("surrogate", ["\ud800", "\udbff", "\udc00", "\udfff"], ids=ascii)
@pytest.mark.check(20)
def test_a_lone_surrogate_is_shown_as_a_replacement(surrogate: str) -> None:
    assert clean_line(f"a{surrogate}b") == "a\ufffdb"


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("", ""),
        (" \t\u200b\n", ""),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),  # the accent meets its letter when what is between goes
        ("a\u0323\u0302", "ậ"),
        ("a\u0302\u0323", "ậ"),
        ("\u212b", "Å"),
        ("\u037e", ";"),
        ("ﬁn", "ﬁn"),  # NFC and not NFKC: no visible character changes
        ("½ ² ª", "½ ² ª"),
        ("ABC", "ABC"),
        ("Jean\u2011Paul", "Jean\u2011Paul"),
        ("L'Haÿ-les-Roses", "L'Haÿ-les-Roses"),
        ("<b>((reason))</b> {{7*7}}", "<b>((reason))</b> {{7*7}}"),
    ],
)
def test_one_line_is_cleaned(typed: str, cleaned: str) -> None:
    assert clean_line(typed) == cleaned


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("un\n\ndeux", "un\n\ndeux"),
        ("un\n\n\ndeux", "un\n\ndeux"),
        ("un\n\n\n\n\ndeux", "un\n\ndeux"),
        ("un\n \t\n\u200b\n\u00a0\ndeux", "un\n\ndeux"),
        ("\n\nun\n\n", "un"),
        ("  un  \n  deux  ", "un\ndeux"),
        ("un\r\n\r\ndeux\r\n", "un\n\ndeux"),
        ("- un\n- deux", "- un\n- deux"),
    ],
)
def test_several_lines_are_cleaned(typed: str, cleaned: str) -> None:
    assert clean_lines(typed) == cleaned


@steady
@given(pasted)
@example("e\u200b\u0301")
@example("\u200b\n\u200b\n\u200b\n")
@example("a\r\u200b\n\nb")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_lines(clean_lines(text)) == clean_lines(text)
    assert clean_line(clean_lines(text)) == clean_line(text)


@steady
@given(pasted)
def test_a_cleaned_line_is_one_line_of_visible_characters(text: str) -> None:
    cleaned = clean_line(text)
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not cleaned.startswith(" ")
    assert not cleaned.endswith(" ")
    assert "  " not in cleaned


@steady
@given(pasted)
def test_a_cleaned_text_has_no_two_empty_lines(text: str) -> None:
    cleaned = clean_lines(text)
    assert "\n\n\n" not in cleaned
    assert all(line == line.strip() for line in cleaned.split("\n"))


@steady
@given(st.text(st.sampled_from(sorted(NAME_CHARACTERS - {"\u0340", "\u0341", "\u0343"}))))
def test_cleaning_keeps_every_visible_character(text: str) -> None:
    def visible(s: str) -> str:
        return unicodedata.normalize("NFD", s).replace(" ", "")

    assert visible(clean_line(text)) == visible(text)


# Names

NAMES = {
    "french": "Élodie Lefèvre-Œuvrard",
    "french trema": "Gaëlle Haÿ",
    "french ligature": "Lætitia",
    "breton typographic": "Morvan C’hoarzh",
    "breton modifier": "Cʼhoarzh",
    "breton tilde": "Fañch",
    "basque": "Iñaki Etxeberria",
    "corsican": "Ghjuvan’Battì",
    "catalan": "Gal·la Avel·lí",
    "alsatian": "Jürgen Müßig",
    "polish": "Łukasz Wałęsa Żółć",
    "turkish": "Ayşe Yıldız İnönü Dağ",
    "vietnamese": "Nguyễn Thị Hồng Ngọc Đỗ",
    "maltese": "Ħamrun Ġorġ Żebbuġ",
    "berber": "Ɛli Aɣilas Aẓru Ḍaḥman ʷ",
    "romanian": "Ștefan Țepeș",
    "czech": "Jiří Dvořák Ščastný Ťok",
    "icelandic": "Þórður Æðuson",
    "hungarian": "Erzsébet Kőrösi Tűzkő",
    "welsh": "Siân Ŵyn",
    "yoruba": "Ọláṣubọ̀mí",
    "ewe": "Kɔfi Aƒetɔ Ŋgolo",
    "hawaiian": "Kaʻiulani",
    "transliterated arabic": "ʿAbd al-Raḥmān ʾIbrāhīm",
    "azeri": "Əliyev",
    "greek": "Ελένη Παπαδοπούλου",
    "polytonic greek": "ᾨδὴ Ὀδυσσεύς",
    "russian": "Алёна Щербакова",
    "ukrainian": "Ґанна Їжакевич В’ячеслав",
    "serbian": "Ђорђе Љубичић Џаја",
    "one letter": "O",
    "one letter and a dot": "J. R. R.",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_names_of_people_in_france_are_accepted(name: str) -> None:
    assert foreign_characters(clean_line(name), NAME_CHARACTERS) == ()
    assert foreign_characters(clean_line(name)) == ()
    assert not has_stacked_marks(name)


@pytest.mark.parametrize("sign", "'’‘ʼʻʹ′`´", ids=ascii)
def test_every_apostrophe_that_people_type_is_accepted(sign: str) -> None:
    assert foreign_characters(clean_line(f"D{sign}Hondt"), NAME_CHARACTERS) == ()


@pytest.mark.parametrize("sign", "-‐‑–", ids=ascii)
def test_every_hyphen_that_people_type_is_accepted(sign: str) -> None:
    assert foreign_characters(clean_line(f"Jean{sign}Paul"), NAME_CHARACTERS) == ()


@pytest.mark.parametrize(
    ("typed", "foreign"),
    [
        ("محمد", ("م", "ح", "د")),
        ("王小明", ("王", "小", "明")),
        ("דוד", ("ד", "ו")),
        ("ქეთი", ("ქ", "ე", "თ", "ი")),
        ("राम", ("र", "ा", "म")),
        ("Zoé 🙂", ("🙂",)),
        ("Zoé❤\ufe0f", ("❤", "\ufe0f")),
        ("ﬁ", ("ﬁ",)),
        ("𝓩oé", ("𝓩",)),
        ("a\ufffdb", ("\ufffd",)),
        ("\ue000", ("\ue000",)),
    ],
)
def test_what_the_font_cannot_print_is_told_once_in_order(
    typed: str, foreign: tuple[str, ...]
) -> None:
    assert foreign_characters(typed) == foreign


@pytest.mark.parametrize("sign", '0123456789@/\\&_()[]{}<>,;:!?"+=#%€$*', ids=ascii)
def test_a_name_holds_no_digit_and_no_sign(sign: str) -> None:
    assert foreign_characters(f"Zoé{sign}", NAME_CHARACTERS) == (sign,)


@pytest.mark.parametrize("sign", '0123456789@/\\&_()[]{}<>,;:!?"+=#%€$*«»œŒ…–—•°', ids=ascii)
def test_a_text_holds_digits_and_signs(sign: str) -> None:
    assert foreign_characters(f"Zoé {sign}") == ()


def test_a_line_break_is_not_foreign() -> None:
    assert foreign_characters("un\ndeux") == ()


def test_the_letters_of_names_can_all_be_printed() -> None:
    assert NAME_CHARACTERS <= REPERTOIRE


def test_what_can_be_printed_is_assigned_and_visible() -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert [c for c in REPERTOIRE if unicodedata.category(c) in hidden] == []


@pytest.mark.parametrize(
    "name", ["ệ", "ᾧ", "ǖ", "Ọ̀", "e\u0302\u0323", "aé\u0323b\u0301"], ids=ascii
)
def test_the_accents_of_real_alphabets_are_not_stacked(name: str) -> None:
    assert not has_stacked_marks(name)


@pytest.mark.parametrize(
    "name", ["Z\u0301\u0301\u0301\u0301", "ệ\u0301\u0301", "Zo\u0300" + "\u0301" * 50], ids=ascii
)
def test_a_heap_of_accents_is_told(name: str) -> None:
    assert has_stacked_marks(name)


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), (" ", 0), ("a", 1), ("un deux\ntrois", 5), ("ab\u00a0c", 2)]
)
def test_the_longest_word_is_measured(text: str, length: int) -> None:
    assert longest_run(text) == length


# Social security numbers

SPECIMENS = ("2 69 05 49 588 157 80", "2 95 10 99 126 111 93", "2 53 07 2B 073 004 70")
SEPARATORS = {
    "none": "",
    "space": " ",
    "two spaces": "  ",
    "dot": ".",
    "hyphen": "-",
    "spaced hyphen": " - ",
    "dash": "–",
    "long dash": "—",
    "no-break hyphen": "\u2011",
    "slash": "/",
    "underscore": "_",
    "middle dot": "·",
    "no-break space": "\u00a0",
    "narrow no-break space": "\u202f",
    "thin space": "\u2009",
    "tab": "\t",
    "line end": "\n",
    "windows line end": "\r\n",
}
TO_FULL_WIDTH = {ord("0") + n: 0xFF10 + n for n in range(10)}
TO_ARABIC = {ord("0") + n: 0x0660 + n for n in range(10)}
TO_PERSIAN = {ord("0") + n: 0x06F0 + n for n in range(10)}
SHAPES: dict[str, Callable[[str], str]] = {
    "as printed": lambda number: number,
    "without key": lambda number: number[:-3],
    "lower case": str.lower,
    "one by one": lambda number: " ".join(number.replace(" ", "")),
    "one by one with hyphens": lambda number: "-".join(number.replace(" ", "")),
    "full width": lambda number: number.translate(TO_FULL_WIDTH),
    "arabic digits": lambda number: number.translate(TO_ARABIC),
    "persian digits": lambda number: number.translate(TO_PERSIAN),
    "2 B apart": lambda number: number.replace("2B", "2 b"),
    "2A": lambda number: number.replace("2B", "2A"),
    "wrong key": lambda number: number[:-2] + "00",
    "sex 1": lambda number: "1" + number[1:],
    "temporary 7": lambda number: "7" + number[1:],
    "temporary 8": lambda number: "8" + number[1:],
    "key in parentheses": lambda number: f"{number[:-3]} ({number[-2:]})",
    "the word key": lambda number: f"{number[:-3]} clé {number[-2:]}",
}
SENTENCES = (
    "{}",
    "Mon numéro est {}.",
    "NIR:{}",
    "(n°{})",
    "« {} »",
    "N° de SS : {}, merci",
    "1. {}",
    "Zoé{}Durand",
    "née en 1969\n{}\nà Brest",
)


@pytest.mark.parametrize("number", SPECIMENS)
@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS.keys())
@pytest.mark.check(27)
def test_a_number_is_found_with_any_separator(number: str, separator: str) -> None:
    typed = number.replace(" ", separator)
    assert contains_nir(typed)
    assert contains_nir(typed[: -len(separator) - 2])  # without its key


@pytest.mark.parametrize("number", SPECIMENS)
@pytest.mark.parametrize("shape", SHAPES.keys())
@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.check(27)
def test_a_number_is_found_in_any_shape_and_taken_out(
    number: str, shape: str, sentence: str
) -> None:
    text = sentence.format(SHAPES[shape](number))
    assert contains_nir(text)
    left = without_nir(text)
    assert not contains_nir(left)
    assert not re.search(r"\d{2}.*\d{3}", left.replace("1969", ""))
    assert "…" in left


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_an_invisible_character_does_not_hide_a_number(character: str) -> None:
    typed = f"2 69 05{character} 49 5{character}88 157{character}80"
    assert contains_nir(clean_line(typed))
    assert contains_nir(clean_lines(typed))


def test_the_words_around_a_number_stay() -> None:
    assert without_nir("Mon n° : 2 69 05 49 588 157 80, merci.") == "Mon n° : …, merci."


def test_a_text_without_number_stays_as_it_is() -> None:
    text = "Je suis né le 12/03/1958 à Brest (29200) ; tél. 02 98 00 00 00."
    assert without_nir(text) == text


NOT_NUMBERS = {
    "nothing": "",
    "a phone number": "06 12 34 56 78",
    "a phone number with dots": "02.98.00.00.00",
    "a phone number from abroad": "+33 6 12 34 56 78",
    "two phone numbers": "02 98 00 00 00 / 06 12 34 56 78",
    "a postcode": "29200 Brest",
    "a date": "12/03/1958",
    "two dates": "du 12/03/1958 au 14/05/1990",
    "a time": "2026-11-21T10:30:00",
    "a SIRET": "732 829 320 00074",
    "a SIRET in one piece": "73282932000074",
    "a SIREN": "732 829 320",
    "twelve digits": "269054958815",
    "twelve digits apart": "2 69 05 49 588 15",
    "sixteen digits": "2690549588157801",
    "a bank card": "4970 1000 0000 0003",
    "the first digit of nobody": "5 69 05 49 588 157 80",
    "an organism code": "01 595 1234",
    "an organism code in one piece": "015951234",
    "an article": "L. 1461-7, 5° et R. 1461-9, II ; article 74",
    "a decision": "Conseil d’État, n° 444937 du 13 octobre 2020",
    "a law": "loi n° 78-17 du 6 janvier 1978",
    "an amount": "1 234 567,89 €",
    "letters": "ABABABABABABABA",
    "numbers far apart": "2 enfants, 69 ans, 05 mois, 49 jours, 588 euros, 157 francs",
}


@pytest.mark.parametrize("text", NOT_NUMBERS.values(), ids=NOT_NUMBERS.keys())
def test_another_number_is_not_a_social_security_number(text: str) -> None:
    assert not contains_nir(text)
    assert without_nir(text) == text


numbers = st.builds(
    lambda number, separator, key: number.replace(" ", separator)[: None if key else -2],
    st.sampled_from(SPECIMENS),
    st.sampled_from(sorted(SEPARATORS.values())),
    st.booleans(),
)
around = st.text(st.sampled_from("ab 1269.,-/\n€"), max_size=12)


@steady
@given(st.lists(st.tuples(st.text(st.sampled_from("abé ,(\n"), max_size=6), numbers), max_size=3))
def test_numbers_between_words_are_all_taken_out(parts: list[tuple[str, str]]) -> None:
    text = "".join(f"{words} et {number} et " for words, number in parts)
    assert contains_nir(text) == bool(parts)
    assert not contains_nir(without_nir(text))


@pytest.mark.check(25)
def test_the_pattern_repeats_nothing_without_a_bound() -> None:
    # No « * », « + » or « {n,} »: the work on each character of a text is bounded, so that a
    # long text cannot take the program for ever.
    pattern = letters.cleaning._NIR.pattern
    assert not re.search(r"[*+]|\{\d*,\}", re.sub(r"\[[^\]]*\]", "", pattern))


@pytest.mark.parametrize(
    "text", ["2" * 20_000, "2 " * 10_000, "2   " * 5_000, "26905 - " * 2_500, " " * 20_000]
)
def test_a_long_text_is_looked_through(text: str) -> None:
    assert not contains_nir(without_nir(text))


# Days


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("03/03/1958", date(1958, 3, 3)),
        ("3/3/1958", date(1958, 3, 3)),
        ("31/12/1999", date(1999, 12, 31)),
        ("03.03.1958", date(1958, 3, 3)),
        ("03-03-1958", date(1958, 3, 3)),
        ("03 03 1958", date(1958, 3, 3)),
        ("03 / 03 / 1958", date(1958, 3, 3)),
        ("1958-03-04", date(1958, 3, 4)),
        ("1958/3/4", date(1958, 3, 4)),
        ("1958 03 04", date(1958, 3, 4)),
        ("29/02/2024", date(2024, 2, 29)),
        ("29/02/2000", date(2000, 2, 29)),
        ("29/02/2023", None),
        ("29/02/1900", None),
        ("31/02/1958", None),
        ("31/04/1958", None),
        ("00/01/1958", None),
        ("01/00/1958", None),
        ("01/13/1958", None),
        ("01/01/0000", None),
        ("03/03/58", None),
        ("58-03-03", None),
        ("03031958", None),
        ("3 mars 1958", None),
        ("03/03", None),
        ("03/03/19581", None),
        ("03/03/1958 à Brest", None),
        ("٠٣/٠٣/١٩٥٨", None),
        ("", None),
        ("/", None),
        ("--/--/----", None),
        ("3//////3/1958", None),
    ],
)
def test_a_day_is_read(typed: str, day: date | None) -> None:
    assert parse_day(typed) == day


@steady
@given(st.dates())
def test_every_day_is_read_in_both_orders(day: date) -> None:
    assert parse_day(f"{day.day:02}/{day.month:02}/{day.year:04}") == day
    assert parse_day(day.isoformat()) == day


@steady
@given(st.text(st.sampled_from("0123456789/.- "), max_size=12))
def test_a_day_that_is_read_is_the_one_that_was_typed(typed: str) -> None:
    day = parse_day(typed)
    digits = [int(part) for part in re.findall(r"\d+", typed)]
    assert day is None or sorted(digits) == sorted([day.day, day.month, day.year])


@pytest.mark.parametrize("number", ["269054958815780", "2 69 05 49 588 157 80", "2690549588157"])
@pytest.mark.parametrize(
    "after", [", 29200 Brest", "\n29200 Brest", " 02 98 00 00 00", " - 3 enfants", ". 12/03/1969"]
)
def test_a_number_followed_by_another_number_is_taken_out_whole(number: str, after: str) -> None:
    text = f"NIR {number}{after}"
    assert contains_nir(text)
    left = without_nir(text)
    assert not contains_nir(left)
    assert left.startswith("NIR …")
    assert left.endswith(after[-8:])  # what comes next may lose two digits, taken for a key


@pytest.mark.parametrize("between", [" ", ", ", "\n", " - ", "/"])
def test_two_numbers_side_by_side_are_both_taken_out(between: str) -> None:
    text = without_nir(f"{SPECIMENS[0]}{between}{SPECIMENS[1]}")
    assert not contains_nir(text)
    assert text == f"…{between}…"


@steady
@given(st.lists(st.one_of(numbers, around), max_size=5))
@example(["1111111111111", " ", "1111111111111"])
def test_no_number_is_left_once_numbers_are_taken_out(parts: list[str]) -> None:
    assert not contains_nir(without_nir("".join(parts)))
