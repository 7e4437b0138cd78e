"""The facts that letters and pages rest on: each whole, dated, and with its source."""

import re
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from letters.errors import ContentError
from letters.facts import CONFIDENCES, KINDS, Fact, load_facts
from tests.kit.pages import CATALOGUE

RIGHT = """\
[[fact]]
id = "azure-2020"
kind = "hosting"
reference = "Un contrat..."
statement = "L'un : l'autre ; voir l'article 74."
source = "Une publication..."
url = "https://example.org/"
date = "2020-04-15"
checked_on = 2026-11-21
confidence = "officiel"
limit = "Rien d'autre."
"""

FACT = "facts.toml, fait « azure-2020 »"
BAD_DATE = "une date n’a pas la forme AAAA-MM-JJ."
BAD_WORD = "« kind » ou « confidence » n’est pas connu."
KEYS = "à ajouter ou à retirer :"
NO_TEXT = "pas un texte entre guillemets :"
NO_DAYS = ["15/04/2020", "15 avril 2020", "2020-4-15", "2020-04-31", "2020-13", "0000", ""]
NO_DAYS += ["2019-2020", "2020-04-15T10:00:00"]
# What the right file says, what is written instead, what is told of the fact.
MISTAKES = [
    ('source = "Une publication..."\n', "", f"{KEYS} source."),
    ('kind = "hosting"\nreference = "Un contrat..."\n', "", f"{KEYS} kind, reference."),
    ("limit =", "limite =", f"{KEYS} limite."),
    ("date =", "jour =", f"{KEYS} date, jour."),
    ('"hosting"', '"hébergement"', BAD_WORD),
    ('"officiel"', '"sûr"', BAD_WORD),
    *(('"2020-04-15"', f'"{day}"', BAD_DATE) for day in NO_DAYS),
    ("= 2026-11-21", '= "2026-11-21"', BAD_DATE),
    ("= 2026-11-21", "= 2026-11-21T10:00:00", BAD_DATE),
    ('"2020-04-15"', "2020-04-15", f"{NO_TEXT} date."),
    ('"Un contrat..."', "3", f"{NO_TEXT} reference."),
    ('"hosting"', "[]", f"{NO_TEXT} kind."),
]
TWICE = "facts.toml : le fait « azure-2020 » est écrit deux fois."
NO_LIST = "facts.toml : chaque fait commence par « [[fact]] »."
OF_THE_FILE = {
    RIGHT.replace("[[fact]]", "[fact]"): NO_LIST,
    "fact = 3": NO_LIST,
    'fact = ["azure-2020"]': NO_LIST,
    RIGHT.replace('id = "azure-2020"\n', ""): f"facts.toml, fait « sans nom » : {KEYS} id.",
    RIGHT.replace('"azure-2020"', "2020"): f"facts.toml, fait « 2020 » : {NO_TEXT} id.",
    # All mistakes at once.
    RIGHT.replace("hosting", "autre") + RIGHT + RIGHT: f"{FACT} : {BAD_WORD}\n{TWICE}",
}
UNREADABLE = [b"[[fact]]\nid = azure", "[[fact]]\nid = 'é'".encode("latin-1"), b"day = 3", b""]


def load(tmp_path: Path, content: str | bytes) -> dict[str, Fact]:
    path = tmp_path / "facts.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_facts(path)


def spoil(old: str, new: str) -> str:
    assert old in RIGHT
    return RIGHT.replace(old, new, 1)


def test_a_whole_fact_is_read_and_its_french_is_set(tmp_path: Path) -> None:
    whole = Fact(
        id="azure-2020",
        kind="hosting",
        reference="Un contrat…",
        statement="L’un\u00a0: l’autre\u202f; voir l’article\u00a074.",
        source="Une publication…",
        date="2020-04-15",
        checked_on=date(2026, 11, 21),
        confidence="officiel",
        url="https://example.org/",
        limit="Rien d’autre.",
    )
    assert load(tmp_path, RIGHT) == {"azure-2020": whole}
    text = spoil('url = "https://example.org/"\n', "").replace('limit = "Rien d\'autre."\n', "")
    assert load(tmp_path, text) == {"azure-2020": replace(whole, url="", limit="")}
    for kind, confidence in product(KINDS, CONFIDENCES):
        text = spoil('"hosting"', f'"{kind}"').replace("officiel", confidence)
        [fact] = load(tmp_path, text).values()
        assert (fact.kind, fact.confidence) == (kind, confidence)


def test_a_date_is_said_as_precisely_as_it_is_known(tmp_path: Path) -> None:
    for typed, expected in {
        "2026": "2026",
        "2026-04": "avril\u00a02026",
        "2026-04-23": "23\u00a0avril 2026",
        "2026-04-01": "1er\u00a0avril 2026",
        "2024-12": "décembre\u00a02024",
    }.items():
        [fact] = load(tmp_path, spoil('"2020-04-15"', f'"{typed}"')).values()
        assert fact.french_date == expected


def test_each_mistake_is_told_in_french(tmp_path: Path) -> None:
    of_a_fact = {spoil(old, new): f"{FACT} : {told}" for old, new, told in MISTAKES}
    for content, sentence in (of_a_fact | OF_THE_FILE).items():
        with pytest.raises(ContentError) as refused:
            load(tmp_path, content)
        assert str(refused.value) == sentence
    for content in UNREADABLE:
        with pytest.raises(ContentError, match=r"^facts\.toml n’est pas lisible : .*\.$"):
            load(tmp_path, content)
    with pytest.raises(ContentError, match=r"^absent\.toml n’existe pas ou ne peut pas être lu\.$"):
        load_facts(tmp_path / "absent.toml")


# The facts of the project


def test_every_fact_is_whole_and_can_be_said_and_addressed(facts: dict[str, Fact]) -> None:
    day = r"(\d{1,2}|1er)\u00a0\w+ \d{4}|\w+\u00a0\d{4}|\d{4}"
    for name, fact in facts.items():
        assert fact.reference and fact.source
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"https://[a-z0-9.-]+/\S*|", fact.url), name
        assert re.fullmatch(r"[A-ZÀÉÊ].*\.", fact.statement, re.DOTALL), name
        assert re.fullmatch(r"([A-ZÀÉÊ].*\.)?", fact.limit, re.DOTALL), name
        assert fact.date <= fact.checked_on.isoformat(), name
        assert re.fullmatch(day, fact.french_date), name


def test_a_letter_names_a_source_once_and_none_that_is_still_to_check(
    facts: dict[str, Fact],
) -> None:
    for wording in CATALOGUE.wordings.values():
        assert len(set(wording.sources)) == len(wording.sources)
        doubtful = [name for name in wording.sources if facts[name].confidence == "a-verifier"]
        assert doubtful == []
