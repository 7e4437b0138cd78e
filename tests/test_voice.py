"""The voice of the interface: plain, warm, exact. See `look.md` and « langage clair ».

Every sentence that Babel finds in the sources, and those that come with the letters and the
facts, are read by the same rules. Limits: a program counts words and finds banned ones; whether
a sentence is kind, or true, is for people.
"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from letters.catalogue import load_catalogue
from letters.facts import load_facts
from letters.web.forms import LetterForm
from tests.test_form import OPTIONS, WHOLE
from tests.test_i18n import extracted
from tests.test_pages import FORM, PAGES, checking, parse

MOST_WORDS = 25
MOST_WORDS_ON_AVERAGE = 15
# look.md and forms.md; then words of machines and of offices for what people are and do.
BANNED = re.compile(
    r"veuillez|invalide|\boups|\bce champ\b|simplement|!|n’hésite|\bcliqu|utilisateur|usager",
    re.IGNORECASE,
)
CIVILITY = re.compile(r"civilité|\bM\.|\bMme\b|\bMlle\b|\bMonsieur|\bMadame", re.IGNORECASE)


def interface() -> list[str]:
    """Every text of the interface: the messages, and what comes with each letter."""
    texts = list(extracted())
    for wording in load_catalogue(load_facts()).wordings.values():
        texts += [wording.title, wording.summary, wording.reach]
        texts += [text for option in wording.options for text in (option.label, option.hint)]
    return texts


def facts() -> list[str]:
    return [text for fact in load_facts().values() for text in (fact.statement, fact.limit) if text]


def plain(text: str) -> str:
    """The text without markup, with each value as one word and ordinary spaces."""
    text = re.sub(r"%\([a-z]+\)[sd]", "Valeur", re.sub(r"<[^>]+>", "", text))
    return re.sub(r"[\u00a0\u202f]", " ", text)


def sentences(text: str) -> list[str]:
    shielded = re.sub(r"\b([LRD]|art)\. (?=\d)", r"\1 ", plain(text))
    return re.split(r"(?<=[.?…])\s+(?=[A-ZÀÂÉÈÊÎÔ«\d])", shielded)


def words(sentence: str) -> list[str]:
    return [word for word in sentence.split() if re.search(r"\w", word)]


def whole_sentences() -> list[str]:
    """Sentences that end as one; labels, headings and buttons would flatter the average."""
    found = [sentence for text in interface() for sentence in sentences(text)]
    return [sentence for sentence in found if sentence.endswith((".", "?", "…"))]


def test_sentences_are_told_apart() -> None:
    text = "L’article L. 1461-7 suffit. « Oui », dit-elle ; c’est %(n)d\u00a0% du tout ? Non."
    assert sentences(text) == [
        "L’article L 1461-7 suffit.",
        "« Oui », dit-elle ; c’est Valeur % du tout ?",
        "Non.",
    ]
    assert len(words("« Oui », dit-elle : c’est 3 % du tout.")) == 6


def test_there_is_something_to_read() -> None:
    assert len(interface()) > 150
    assert len(whole_sentences()) > 100
    assert len(facts()) > 50


def test_no_sentence_of_the_interface_is_longer_than_25_words() -> None:
    found = [sentence for text in interface() for sentence in sentences(text)]
    assert [sentence for sentence in found if len(words(sentence)) > MOST_WORDS] == []


def test_sentences_of_the_interface_have_at_most_15_words_on_average() -> None:
    lengths = [len(words(sentence)) for sentence in whole_sentences()]
    assert sum(lengths) / len(lengths) <= MOST_WORDS_ON_AVERAGE


def test_facts_are_told_in_sentences_of_at_most_40_words_but_for_quotations() -> None:
    told = [sentence for text in facts() for sentence in sentences(re.sub("«[^»]*»", "…", text))]
    assert [sentence for sentence in told if len(words(sentence)) > 40] == []


def test_no_banned_word_is_used() -> None:
    used = [text for text in interface() if BANNED.search(text)]
    assert used == []


def test_no_banned_word_is_used_in_facts_outside_quotations() -> None:
    banned = re.compile(r"veuillez|oups|ce champ|simplement|!", re.IGNORECASE)
    told = [re.sub("«[^»]*»", "…", text) for text in facts()]
    assert [text for text in told if banned.search(text)] == []


def test_nobody_is_asked_for_a_civility() -> None:
    names = set(vars(LetterForm))
    assert not names & {"civility", "title", "gender", "sex", "salutation"}
    assert [text for text in interface() if CIVILITY.search(text)] == []


def test_people_are_addressed_as_vous() -> None:
    familiar = re.compile(r"\b(tu|toi|ton|tes|te|t’)\b", re.IGNORECASE)
    assert [text for text in interface() if familiar.search(plain(text))] == []


def test_hints_and_sentences_end_with_a_full_stop_and_titles_do_not() -> None:
    for wording in load_catalogue(load_facts()).wordings.values():
        for text in (wording.summary, wording.reach, *(o.hint for o in wording.options)):
            assert text.endswith("."), text
        for text in (wording.title, *(option.label for option in wording.options)):
            assert not text.endswith((".", ":")), text


def test_no_word_is_in_capitals_but_acronyms() -> None:
    for text in interface():
        for word in re.findall(r"\b[A-ZÀ-Þ]{2,}\b", text):
            assert len(word) <= 5, f"{word} : {text}"


# Acronyms

# What it stands for, or what it is.
EXPANSIONS = {
    "CNAM": "Caisse nationale de l’assurance maladie",
    "CNIL": "Commission nationale de l’informatique et des libertés|qui protège les données",
    "CPAM": "caisse primaire d’assurance maladie",
    "MSA": "Mutualité sociale agricole",
    "RGAA": "référentiel général d’amélioration de l’accessibilité",
    "RGPD": "règlement général sur la protection des données",
    "SNDS": "Système national des données de santé",
}
NEAR = 130  # characters: in the same breath
# Known as such by everyone, or names rather than abbreviations.
NEEDLESS = {"PDF", "UA", "MIT", "CC", "IP", "CS", "TSA", "DILA", "II", "III"}
# The journal of facts speaks of institutions by the names that they have there.
READ_BY_ALL = tuple(dict.fromkeys(path for path in PAGES if path != "/fr/sources"))


def test_every_acronym_of_the_interface_is_known_here() -> None:
    used = {word for text in interface() for word in re.findall(r"\b[A-Z]{2,}\b", text)}
    assert used <= set(EXPANSIONS) | NEEDLESS, "an acronym without its expansion"


def pages(app: Flask) -> Iterator[str]:
    client = checking(app)
    yield from (client.get(path).text for path in READ_BY_ALL)
    yield client.post(FORM, data={**WHOLE, "options": list(OPTIONS)}).text
    yield client.post(FORM, data={**WHOLE, "options": []}).text
    yield client.post(FORM, data={}, content_type="application/x-www-form-urlencoded").text


@pytest.mark.parametrize("acronym", EXPANSIONS)
def test_an_acronym_is_expanded_where_a_page_first_uses_it(app: Flask, acronym: str) -> None:
    late = []
    for text in pages(app):
        page = parse(text)
        main = page.find("main")
        assert main is not None
        parts = [
            node
            for node in main.find_all(string=True)
            if not node.find_parent(["article", "textarea", "select", "svg"])
            and not node.find_parent(class_="paragraph-shown")
        ]
        read = re.sub(r"\s+", " ", " ".join(parts))
        first = re.search(rf"\b{acronym}\b", read)
        if first:
            around = read[max(0, first.start() - NEAR) : first.end() + NEAR]
            if not re.search(EXPANSIONS[acronym], around):
                late.append((page.title.get_text() if page.title else "", around))
    assert late == []


def test_the_number_is_never_called_by_its_acronym() -> None:
    assert [text for text in (*interface(), *facts()) if re.search(r"\bNIR\b", text)] == []
