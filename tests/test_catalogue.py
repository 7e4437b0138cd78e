"""All letters together: their order, their errors, and the sources that each word rests on."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain, pairwise
from pathlib import Path

import pytest

from letters.catalogue import NOT_A_LETTER, TEXTS, Catalogue, load_catalogue
from letters.errors import ContentError
from letters.facts import Fact
from letters.typography import MONTHS, portal
from letters.wording import (
    EARLIER_VALUES,
    HANDWRITTEN,
    OPTIONAL_FIELDS,
    OUTCOME_CONDITIONS,
    OUTCOME_VALUES,
    RECIPIENT_KINDS,
    STEPS,
    VALUES,
    WHO_CONDITIONS,
    Placeholder,
)
from letters.wording_parser import SPOKEN_VERSION
from tests.letters_under_test import INVENTED, SLUGS, fixed_texts

FACT = Fact(
    id="un-fait",
    kind="law",
    reference="Un texte",
    statement="Il dit quelque chose.",
    source="Une publication",
    date="2020-04-15",
    checked_on=date(2026, 11, 21),
    confidence="officiel",
)
FACTS = {"un-fait": FACT}


def write(directory: Path, **texts: str) -> Path:
    """Write each text into the file of that name; « _ » stands for « - »."""
    for name, text in texts.items():
        (directory / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return directory


def ordered(number: int) -> str:
    return INVENTED.replace("order = 3", f"order = {number}")


def read(directory: Path, **texts: str) -> Catalogue:
    return load_catalogue(FACTS, write(directory, **texts))


# Reading


def test_letters_come_in_the_order_that_they_ask_for_and_are_found_by_name(tmp_path: Path) -> None:
    for name in ("note.txt", "lettre.md~", NOT_A_LETTER):
        (tmp_path / name).write_text("Ceci n’est pas une lettre.", encoding="utf-8")
    catalogue = read(tmp_path, zoo=ordered(1), abc=ordered(3), b_two=ordered(2), a_two=ordered(2))
    assert list(catalogue.wordings) == ["zoo", "a-two", "b-two", "abc"]
    assert catalogue.get("abc") is catalogue.wordings["abc"]
    assert (catalogue.get("autre"), catalogue.get("abc.md")) == (None, None)


def test_the_guide_of_jurists_names_all_that_a_file_may_hold_and_no_more() -> None:
    guide = (TEXTS / NOT_A_LETTER).read_text(encoding="utf-8")
    keys = {*re.findall(r"(?m)^\[*(\w+)(?: =|\]\])", INVENTED), "after"}
    answers = {f'"{name}"' for name in {*STEPS, *RECIPIENT_KINDS, *OPTIONAL_FIELDS, *HANDWRITTEN}}
    words = {*keys, *answers, SPOKEN_VERSION}
    told = re.findall(r"`(?:\[\[)?(.+?)(?:\]\])?`", guide)
    assert len(keys) == 21
    assert [word for word in words if not any(word in quoted for quoted in told)] == []
    head, values = guide.split("\n## Les valeurs\n")
    found = set(re.findall(r"`\(\((\w+)\)\)`", values.partition("\n## ")[0]))
    assert found == VALUES | EARLIER_VALUES | OUTCOME_VALUES | OPTIONAL_FIELDS
    rows = set(re.findall(r"(?m)^\| `(\w+)` \|", head.partition("\n## Les conditions\n")[2]))
    assert rows == WHO_CONDITIONS | OUTCOME_CONDITIONS | OPTIONAL_FIELDS | {"sent_on"}


# The journey


JOURNEY = (
    "opposition-sante",
    "opposition-plateforme",
    "opposition-soignant",
    "information-cnil",
    "relance",
    "plainte-cnil",
)


def test_the_letters_come_in_the_order_of_the_journey_and_can_be_told_apart(
    catalogue: Catalogue,
) -> None:
    wordings = catalogue.wordings.values()
    assert [slug for slug in catalogue.wordings if slug in JOURNEY] == list(JOURNEY)
    steps = [wording.step for wording in wordings]
    assert list(dict.fromkeys(steps)) == ["opposition", "information", "relance", "plainte"]
    assert steps == sorted(steps, key=list(dict.fromkeys(steps)).index)
    for name in ("order", "title", "summary", "reach", "subject"):
        assert len({getattr(wording, name) for wording in wordings}) == len(wordings)


def test_a_later_letter_can_speak_of_the_oppositions_in_their_order(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    firsts = [slug for slug, w in catalogue.wordings.items() if not w.speaks_of_earlier_letter]
    assert list(catalogue.earlier_letters) == firsts
    later = ordered(1).replace('"opposition"', '"relance"')
    to_cnil = ordered(4).replace('"caisse"', '"cnil"').replace('["nir"]', "[]")
    made = read(tmp_path, later=later, second=ordered(3), first=ordered(2), third=to_cnil)
    assert list(made.earlier_letters) == ["first", "second", "third"]
    assert (made.to("caisse"), made.to("cnil")) == (made.get("first"), made.get("third"))
    assert made.to("soignant") is None


def test_an_option_with_the_same_name_is_the_same_choice(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    texts = {"one": INVENTED, "two": INVENTED.replace("cnil", "autre"), "three": INVENTED}
    assert read(tmp_path, **texts).option_names == {"cnil", "autre"}
    options = [option for wording in catalogue.wordings.values() for option in wording.options]
    choices = {(option.name, option.label, option.hint, option.default) for option in options}
    assert len(choices) == len(catalogue.option_names) < len(options)


# What a later letter quotes, and what a letter is called


NOT_NEUTRAL = re.compile(r"\b(?:mes|mon|ma|ses|son|sa|vos|votre|leurs?|je|vous)\b", re.IGNORECASE)


TYPED = {"given_name", "family_name", "name", "recipient", "represented_name", "measure"}
TYPED |= {"earlier_recipient"}
ELIDED = re.compile(r"\b(?:[dD]e|(?:[lL]ors|[pP]uis)?[qQ]ue|[lL][ea]|[jJ]e|[nN]e|[sS]i)\s$")


@pytest.mark.parametrize("slug", SLUGS)
def test_no_word_that_a_vowel_would_cut_short_stands_before_what_a_person_types(
    catalogue: Catalogue, slug: str
) -> None:
    assert ELIDED.search("les données de ")
    wording = catalogue.wordings[slug]
    for block in (*wording.body, *wording.spoken):
        for before, value in chain.from_iterable(map(pairwise, block.templates)):
            if isinstance(value, Placeholder) and value.name in TYPED:
                assert not ELIDED.search(str(before)), f"line {block.line}: d’Odile, not de Odile"


@pytest.mark.parametrize("slug", SLUGS)
def test_what_a_letter_is_called_and_does_is_said_in_a_few_sentences_the_same_for_everybody(
    catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    for text in (wording.subject, wording.basis):  # a later letter quotes them
        assert NOT_NEUTRAL.findall(text) == []
    assert [t for t in (wording.title, wording.subject, wording.basis) if t.endswith(".")] == []
    for text, most in [(wording.summary, 1), (wording.reach, 2), (wording.reason_hint, 4)]:
        assert len(re.findall(r"[.?!](?=\s|$)", text)) <= most
    whole = [wording.summary, wording.reach, *wording.limits]
    assert [text for text in whole if not re.fullmatch(r"[A-ZÀÉÊ«].*\.", text)] == []
    assert len(set(wording.limits)) == len(wording.limits)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_penal_code_is_in_no_letter_but_a_reminder(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    if wording.step != "relance":
        assert [text for text in fixed_texts(wording) if re.search("pénal|226-19", text)] == []
        assert [name for name in wording.sources if name.startswith("cp-")] == []


# Errors


def refuse(facts: dict[str, Fact], directory: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_catalogue(facts, directory)
    return str(caught.value).split("\n")


def test_all_errors_are_told_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        a=INVENTED.replace("[si cnil]", "[si cnl]"),
        b=INVENTED,
        c="Bonjour",
        d=INVENTED.replace("un-fait", "autre-fait"),
    )
    assert refuse(FACTS, tmp_path) == [
        "a.md, ligne 30 : « cnl » n’est ni une option ni une condition de cette lettre.",
        "c.md, ligne 1 : la première ligne doit être « +++ ».",
        "d.md, ligne 10 : la source « autre-fait » n’est pas dans facts.toml.",
    ]


@pytest.mark.parametrize("confidence", ["officiel", "secondaire", "a-verifier"])
def test_only_a_source_that_was_checked_is_accepted(tmp_path: Path, confidence: str) -> None:
    facts = {"un-fait": replace(FACT, confidence=confidence), "autre": FACT}
    text = INVENTED.replace('["un-fait"]', '["autre",\n"un-fait", "rgpd-99"]')
    write(tmp_path, lettre=text)
    wrong = ["lettre.md, ligne 11 : la source « rgpd-99 » n’est pas dans facts.toml."]
    if confidence == "a-verifier":
        sentence = "la source « un-fait » est encore à vérifier : pas dans une lettre."
        wrong.insert(0, f"lettre.md, ligne 11 : {sentence}")
    assert refuse(facts, tmp_path) == wrong


def test_a_folder_without_a_letter_is_an_error_and_sources_can_be_left_aside(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "textes"
    folder.mkdir()
    assert refuse(FACTS, folder) == ["textes ne contient aucune lettre."]
    write(folder, lettre=INVENTED.replace("un-fait", "autre-fait"))
    assert load_catalogue(None, folder).get("lettre")


# Every law and every date of a letter is in one of the facts that the letter names.

_MONTH = "|".join(MONTHS)
_NUMBERS = r"\d+(?:-\d+)*(?:(?:, | et )\d+)*"
# What is looked for, and what it is called: « {} » is what the parentheses hold, or all of it.
REFERENCES = {
    r"\b[LRD]\. \d+(?:-\d+)*": "{}",
    rf"\b(?:articles?|art\.) ({_NUMBERS})": "article {}",
    rf"\bRGPD, (?:articles?|art\.) ({_NUMBERS})": "RGPD, article {}",
    rf"\bparagraphes? ({_NUMBERS})": "paragraphe {}",
    r"\bpoint ([a-z])\b": "point {}",
    r"\b\d+°": "{}",
    r"\b(?:III?|IV)\b|(?<=\bdu )I\b|(?<=, )I\b": "{}",
    r"n° \d+(?:-\d+)*": "{}",
    r"\b\d{4}/\d+": "{}",
    r"\b[CT]-\d+/\d+": "{}",
    rf"\b(?:1er|\d\d?) (?:{_MONTH}) \d{{4}}": "{}",
    rf"\b(?:{_MONTH}) \d{{4}}": "{}",
    r"\b(?:19|20)\d\d\b(?![/-]\d)": "{}",
}


def references(texts: Iterable[str]) -> set[str]:
    """The laws, decisions, dates and years that `texts` name, each in one form."""
    return {name for text in texts for name in _references(portal(text))}


def _references(text: str) -> Iterator[str]:
    for pattern, name in REFERENCES.items():
        for match in re.finditer(pattern, text):
            found = match[match.re.groups]
            parts = re.split(", | et ", found) if match.re.groups else [found]
            yield from (name.format(part) for part in parts)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_law_and_every_date_of_a_letter_is_in_its_facts(
    catalogue: Catalogue, facts: dict[str, Fact], slug: str
) -> None:
    wording = catalogue.wordings[slug]
    rests_on = [facts[name] for name in wording.sources]
    known = references(t for f in rests_on for t in (f.reference, f.statement, f.french_date))
    named = references(fixed_texts(wording))
    assert named
    assert named - known == set()
