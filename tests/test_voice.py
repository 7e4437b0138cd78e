"""The voice of the interface: plain, warm, exact. See `look.md` and « langage clair ».

Every sentence that Babel finds in the sources, those that come with the letters and the facts,
and those of the files to download are read by the same rules. Limits: a program counts words and
finds banned ones; whether a sentence is kind, or true, is for people.
"""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from letters.facts import load_facts
from letters.render import bundle, calendar
from letters.web.forms import LetterForm
from letters.wording import Wording
from tests.test_form import OPTIONS_OF, address_of, everything
from tests.test_i18n import extracted
from tests.test_pages import CATALOGUE, FOLLOW_UP, PAGES, SLUGS, WHOSE, parse

MOST_WORDS = 25
MOST_WORDS_ON_AVERAGE = 15
# look.md and forms.md; then words of machines and of offices for what people are and do.
BANNED = re.compile(
    r"veuillez|invalide|\boups|\bce champ\b|simplement|!|n’hésite|\bcliqu|utilisateur|usager",
    re.IGNORECASE,
)
CIVILITY = re.compile(r"civilité|\bM\.|\bMme\b|\bMlle\b|\bMonsieur|\bMadame", re.IGNORECASE)


def interface() -> list[str]:
    """Every text of the interface: the messages, what comes with each letter, and the files."""
    texts = [*extracted(), *read_me_lines()]
    for wording in CATALOGUE.wordings.values():
        texts += [wording.title, *told(wording)]
        texts += [option.label for option in wording.options]
    return texts


def told(wording: Wording) -> list[str]:
    """The whole sentences about a letter, outside of the letter."""
    options = [text for option in wording.options for text in (option.hint, option.after)]
    texts = [wording.summary, wording.reach, *wording.limits, wording.reason_hint, *options]
    return [text for text in texts if text]


def read_me_lines() -> list[str]:
    """The lines of LISEZMOI.txt, for one letter and for several, without its file names."""
    files = ("a.txt", "a-version-courte.txt", "a.pdf", "a-a-dire.pdf", "a.ics")
    letters = [
        bundle.BundledLetter("Une lettre", how, files, ("Une limite.",))
        for how in bundle.HOW_TO_SEND.values()
    ]
    texts = [
        bundle.read_me(bundle.BundleContents(tuple(some), date(2026, 12, 21), "https://x/"))
        for some in (letters, letters[:1])
    ]
    lines = "".join(texts).removeprefix("\ufeff").replace("\ufeff", "").splitlines()
    return [re.sub(r"^(- |\d)|(?<=: )a[a-z.-]*$", "", line) for line in lines if line]


def strings_of(file: str) -> set[str]:
    """The French strings of a module that are neither documentation nor errors."""
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    silent = [node for node in ast.walk(tree) if isinstance(node, ast.Raise | ast.Subscript)]
    silent += [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    spared = {id(node) for top in silent for node in ast.walk(top)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    strings = {node.value for node in texts if id(node) not in spared}
    return {text for text in strings if isinstance(text, str) and re.search("[a-zé] [a-zé]", text)}


def test_no_sentence_of_the_files_to_download_is_forgotten() -> None:
    read = " ".join(map(plain, read_me_lines()))
    found = strings_of(str(bundle.__file__)) | strings_of(str(calendar.__file__))
    assert len(found) > 25
    found = {text.removeprefix("- ").strip() for text in found} - {calendar.PRODUCT}
    assert [text for text in found if plain(text) not in read] == []


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


@pytest.mark.rule(24)
def test_no_sentence_of_the_interface_is_longer_than_25_words() -> None:
    found = [sentence for text in interface() for sentence in sentences(text)]
    assert [sentence for sentence in found if len(words(sentence)) > MOST_WORDS] == []


@pytest.mark.rule(24)
def test_sentences_of_the_interface_have_at_most_15_words_on_average() -> None:
    lengths = [len(words(sentence)) for sentence in whole_sentences()]
    assert sum(lengths) / len(lengths) <= MOST_WORDS_ON_AVERAGE


def test_facts_are_told_in_sentences_of_at_most_40_words_but_for_quotations() -> None:
    told = [sentence for text in facts() for sentence in sentences(re.sub("«[^»]*»", "…", text))]
    assert [sentence for sentence in told if len(words(sentence)) > 40] == []


@pytest.mark.rule(8)
def test_no_banned_word_is_used() -> None:
    used = [text for text in interface() if BANNED.search(text)]
    assert used == []


def test_no_banned_word_is_used_in_facts_outside_quotations() -> None:
    banned = re.compile(r"veuillez|oups|ce champ|simplement|!", re.IGNORECASE)
    told = [re.sub("«[^»]*»", "…", text) for text in facts()]
    assert [text for text in told if banned.search(text)] == []


@pytest.mark.rule(12)
def test_nobody_is_asked_for_a_civility() -> None:
    names = set(vars(LetterForm))
    assert not names & {"civility", "title", "gender", "sex", "salutation"}
    assert [text for text in interface() if CIVILITY.search(text)] == []


def test_people_are_addressed_as_vous() -> None:
    familiar = re.compile(r"\b(tu|toi|ton|tes|te|t’)\b", re.IGNORECASE)
    assert [text for text in interface() if familiar.search(plain(text))] == []


def test_hints_and_sentences_end_with_a_full_stop_and_titles_do_not() -> None:
    for wording in CATALOGUE.wordings.values():
        for text in told(wording):
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
    "WCAG": "règles internationales pour l’accessibilité",
}
NEAR = 130  # characters: in the same breath
# Known as such by everyone, or names rather than abbreviations.
NEEDLESS = {
    "PDF",
    "QR",
    "AA",
    "SNCF",
    "UA",
    "MIT",
    "CC",
    "IP",
    "CS",
    "TSA",
    "DILA",
    "OFL",
    "II",
    "III",
}
# The journal of facts speaks of institutions by the names that they have there.
READ_BY_ALL = tuple(dict.fromkeys(path for path in PAGES if path != "/fr/sources"))


def test_every_acronym_of_the_interface_is_known_here() -> None:
    used = {word for text in interface() for word in re.findall(r"\b[A-Z]{2,}\b", text)}
    assert used <= set(EXPANSIONS) | NEEDLESS, "an acronym without its expansion"


def pages(app: Flask) -> Iterator[str]:
    client = app.test_client()
    yield from (client.get(path).text for path in READ_BY_ALL)
    for slug in SLUGS:
        yield client.get(address_of(slug)).text
        yield client.post(address_of(slug), data={"who": ""}).text
        for who in WHOSE:
            options = {"self": [*OPTIONS_OF[slug]], "child": []}.get(who, [*OPTIONS_OF[slug][:1]])
            yield client.post(address_of(slug), data=everything(who, options=options)).text
    for outcome in ("silence", "refusal", "partial", "accepted"):
        for sent_on in ("01/10/2026", "21/11/2026"):
            yield client.post(FOLLOW_UP, data={"sent_on": sent_on, "outcome": outcome}).text


@pytest.fixture(scope="module")
def read_pages(app: Flask) -> list[tuple[str, str]]:
    """The title and the words of each page, without the letter and what it may say."""
    found = []
    for page in map(parse, pages(app)):
        main, title = page.find("main"), page.title
        assert main is not None
        assert title is not None
        parts = [
            node
            for node in main.find_all(string=True)
            if not node.find_parent(["article", "textarea", "select", "svg"])
            and not node.find_parent(class_="paragraph-shown")
        ]
        found.append((title.get_text(), re.sub(r"\s+", " ", " ".join(parts))))
    return found


@pytest.mark.parametrize("acronym", EXPANSIONS)
@pytest.mark.rule(24)
def test_an_acronym_is_expanded_where_a_page_first_uses_it(
    read_pages: list[tuple[str, str]], acronym: str
) -> None:
    late, used = [], 0
    for title, read in read_pages:
        first = re.search(rf"\b{acronym}\b", read)
        if first:
            used += 1
            around = read[max(0, first.start() - NEAR) : first.end() + NEAR]
            if not re.search(EXPANSIONS[acronym], around):
                late.append((title, around))
    assert used
    assert late == []


def test_the_number_is_never_called_by_its_acronym() -> None:
    assert [text for text in (*interface(), *facts()) if re.search(r"\bNIR\b", text)] == []
