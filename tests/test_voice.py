"""The voice of the interface: plain, warm, exact. See `look.md` and « langage clair ».

Every sentence that Babel finds in the sources, those that come with the letters and the facts,
and those of the files to download are read by the same rules. Limits: a program counts words and
finds banned ones; whether a sentence is kind, or true, is for people.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest
from flask import Flask

from letters.facts import load_facts
from letters.model import OUTCOMES
from letters.render import archive
from letters.web.form.letter_form import LetterForm
from letters.wording import Wording
from tests.kit.forms import OPTIONS_OF, address_of, everything
from tests.kit.pages import CATALOGUE, FOLLOW_UP, PAGES, SLUGS, WHOSE, fresh
from tests.test_i18n import extracted

# look.md and forms.md; then words of machines and of offices for what people are and do; « tu »;
# civilities; and the number by its acronym.
BANNED = re.compile(
    r"veuillez|invalide|\boups|\bce champ\b|simplement|!|n’hésite|\bcliqu|utilisateur|usager"
    r"|\b(tu|toi|ton|tes|te|t’)\b"
    r"|civilité|\bM\.|\bMme\b|\bMlle\b|\bMonsieur|\bMadame|(?-i:NIR)",
    re.IGNORECASE,
)


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
        archive.BundledLetter("Une lettre", how, files, ("Une limite.",))
        for how in archive.HOW_TO_SEND.values()
    ]
    texts = [
        archive.read_me(some, date(2026, 12, 21), "https://x/") for some in (letters, letters[:1])
    ]
    lines = "".join(texts).splitlines()
    return [re.sub(r"^(- |\d)|(?<=: )a[a-z.-]*$", "", line) for line in lines if line]


def plain(text: str) -> str:
    """The text without markup, with each value as one word and ordinary spaces."""
    text = re.sub(r"%\([a-z]+\)[sd]", "Valeur", re.sub(r"<[^>]+>", "", text))
    return re.sub(r"[\u00a0\u202f]", " ", text)


def sentences(text: str) -> list[str]:
    shielded = re.sub(r"\b([LRD]|art)\. (?=\d)", r"\1 ", plain(text))
    return re.split(r"(?<=[.?…])\s+(?=[A-ZÀÂÉÈÊÎÔ«\d])", shielded)


def words(sentence: str) -> list[str]:
    return [word for word in sentence.split() if re.search(r"\w", word)]


@pytest.mark.rule(24)
def test_sentences_have_at_most_25_words_and_15_on_average() -> None:
    found = [sentence for text in interface() for sentence in sentences(text)]
    assert [sentence for sentence in found if len(words(sentence)) > 25] == []
    # Labels, headings and buttons would flatter the average.
    lengths = [len(words(sentence)) for sentence in found if sentence.endswith((".", "?", "…"))]
    assert len(lengths) > 100
    assert sum(lengths) / len(lengths) <= 15


def test_facts_are_told_in_sentences_of_at_most_40_words_without_banned_ones() -> None:
    """In our own words: quotations are others'."""
    facts = [text for fact in load_facts().values() for text in (fact.statement, fact.limit)]
    ours = [re.sub("«[^»]*»", "…", text) for text in facts]
    found = [sentence for text in ours for sentence in sentences(text)]
    assert [sentence for sentence in found if len(words(sentence)) > 40] == []
    assert [text for text in ours if BANNED.search(text)] == []


@pytest.mark.rule(8, 12)
def test_nobody_is_talked_down_to_called_tu_or_asked_for_a_civility() -> None:
    assert [text for text in interface() if BANNED.search(plain(text))] == []
    assert not {*vars(LetterForm)} & {"civility", "title", "gender", "sex", "salutation"}


def test_hints_and_sentences_end_with_a_full_stop_and_titles_do_not() -> None:
    for wording in CATALOGUE.wordings.values():
        assert [text for text in told(wording) if not text.endswith(".")] == []
        titles = [wording.title, *(option.label for option in wording.options)]
        assert [text for text in titles if text.endswith((".", ":"))] == []


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
# Known as such by everyone, or names rather than abbreviations.
NEEDLESS = {*re.findall("[A-Z]+", "PDF QR AA SNCF UA MIT CC IP CS TSA DILA OFL II III")}


def test_every_acronym_of_the_interface_is_known_here_and_nothing_else_is_in_capitals() -> None:
    used = {word for text in interface() for word in re.findall(r"\b[A-ZÀ-Þ]{2,}\b", text)}
    assert used <= set(EXPANSIONS) | NEEDLESS, "an acronym without its expansion"


def pages(app: Flask) -> Iterator[str]:
    client = app.test_client()
    # The journal of facts speaks of institutions by the names that they have there.
    yield from (client.get(path).text for path in PAGES if path != "/fr/sources")
    for slug, who in product(SLUGS, WHOSE):
        options = {"self": [*OPTIONS_OF[slug]], "child": []}.get(who, [*OPTIONS_OF[slug][:1]])
        yield client.post(address_of(slug), data=everything(who, options=options)).text
    for slug in SLUGS:
        yield client.get(address_of(slug)).text
        yield client.post(address_of(slug), data={"who": ""}).text
    for outcome, sent_on in product(("accepted", *OUTCOMES), ("01/10/2026", "21/11/2026")):
        yield client.post(FOLLOW_UP, data={"sent_on": sent_on, "outcome": outcome}).text


@pytest.mark.rule(24)
def test_an_acronym_is_expanded_where_a_page_first_uses_it(app: Flask) -> None:
    """In the same breath; but not in the letter and what it may say."""
    used = set()
    for page in map(fresh, pages(app)):
        for part in page.select(
            "article, textarea, select, svg, [translate=no], .source, #autres, .paragraph-shown,"
            "[class^=ticked]"
        ):
            part.decompose()
        read = re.sub(r"\s+", " ", " ".join(page.main.find_all(string=True)))
        for acronym, expansion in EXPANSIONS.items():
            if first := re.search(rf"\b{acronym}\b", read):
                used.add(acronym)
                around = read[max(0, first.start() - 130) : first.end() + 130]
                assert re.search(expansion, around), (page.title.get_text(), around)
    assert used == set(EXPANSIONS)
