"""The facts that letters and pages rest on: each whole, dated, and with its source."""

import re
from datetime import date
from pathlib import Path

import pytest

import letters.facts
from letters.catalogue import Catalogue
from letters.facts import CONFIDENCES, KINDS, Fact, FactsError, load_facts
from tests.letters_under_test import SLUGS, never_raised

RIGHT = """\
[[fact]]
id = "azure-2020"
kind = "hosting"
reference = "Un contrat"
statement = "L'un : l'autre ; voir l'article 74."
source = "Une publication"
url = "https://example.org/"
date = "2020-04-15"
checked_on = 2026-11-21
confidence = "officiel"
limit = "Rien d'autre."
"""

BAD_DATE = "facts.toml, fait « azure-2020 » : une date n’a pas la forme AAAA-MM-JJ."
BAD_WORD = "facts.toml, fait « azure-2020 » : « kind » ou « confidence » n’est pas connu."
MISSING = "facts.toml, fait « azure-2020 » : à ajouter ou à retirer :"

NO_TEXT = "facts.toml, fait « azure-2020 » : pas un texte entre guillemets :"
NO_LIST = "facts.toml : chaque fait commence par « [[fact]] »."

# (what the right file says, what is written instead, sentence)
MISTAKES = {
    "key missing": ('source = "Une publication"\n', "", f"{MISSING} source."),
    "two keys missing": (
        'kind = "hosting"\nreference = "Un contrat"\n',
        "",
        f"{MISSING} kind, reference.",
    ),
    "key unknown": ("limit =", "limite =", f"{MISSING} limite."),
    "key missing and key unknown": ("date =", "jour =", f"{MISSING} date, jour."),
    "no name": (
        'id = "azure-2020"\n',
        "",
        "facts.toml, fait « sans nom » : à ajouter ou à retirer : id.",
    ),
    "kind unknown": ('"hosting"', '"hébergement"', BAD_WORD),
    "confidence unknown": ('"officiel"', '"sûr"', BAD_WORD),
    "date in French order": ('"2020-04-15"', '"15/04/2020"', BAD_DATE),
    "date in words": ('"2020-04-15"', '"15 avril 2020"', BAD_DATE),
    "date with one digit": ('"2020-04-15"', '"2020-4-15"', BAD_DATE),
    "date that does not exist": ('"2020-04-15"', '"2020-04-31"', BAD_DATE),
    "month that does not exist": ('"2020-04-15"', '"2020-13"', BAD_DATE),
    "year 0": ('"2020-04-15"', '"0000"', BAD_DATE),
    "two years": ('"2020-04-15"', '"2019-2020"', BAD_DATE),
    "no date": ('"2020-04-15"', '""', BAD_DATE),
    "date without quotation marks": ('"2020-04-15"', "2020-04-15", f"{NO_TEXT} date."),
    "one fact between single brackets": ("[[fact]]", "[fact]", NO_LIST),
    "check as text": ("= 2026-11-21", '= "2026-11-21"', BAD_DATE),
    "check with a time": ("= 2026-11-21", "= 2026-11-21T10:00:00", BAD_DATE),
    "fact written twice": (
        RIGHT,
        f"{RIGHT}\n{RIGHT}",
        "facts.toml : le fait « azure-2020 » est écrit deux fois.",
    ),
}
UNREADABLE = {
    "not TOML": b"[[fact]]\nid = azure",
    "not UTF-8": "[[fact]]\nid = 'é'".encode("latin-1"),
    "no fact": b"compiled_on = 2026-11-21",
    "empty": b"",
}


def load(tmp_path: Path, content: str | bytes) -> dict[str, Fact]:
    path = tmp_path / "facts.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_facts(path)


def refuse(tmp_path: Path, content: str | bytes) -> FactsError:
    with pytest.raises(FactsError) as caught:
        load(tmp_path, content)
    return caught.value


def spoil(old: str, new: str) -> str:
    assert old in RIGHT
    return RIGHT.replace(old, new, 1)


def test_a_whole_fact_is_read_and_its_french_is_set(tmp_path: Path) -> None:
    assert load(tmp_path, RIGHT) == {
        "azure-2020": Fact(
            id="azure-2020",
            kind="hosting",
            reference="Un contrat",
            statement="L’un\u00a0: l’autre\u202f; voir l’article\u00a074.",
            source="Une publication",
            date="2020-04-15",
            checked_on=date(2026, 11, 21),
            confidence="officiel",
            url="https://example.org/",
            limit="Rien d’autre.",
        )
    }


def test_a_fact_can_do_without_url_and_limit(tmp_path: Path) -> None:
    text = spoil('url = "https://example.org/"\n', "").replace('limit = "Rien d\'autre."\n', "")
    fact = load(tmp_path, text)["azure-2020"]
    assert (fact.url, fact.limit) == ("", "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_accepted(tmp_path: Path, kind: str) -> None:
    assert load(tmp_path, spoil('"hosting"', f'"{kind}"'))["azure-2020"].kind == kind


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_every_confidence_is_accepted(tmp_path: Path, confidence: str) -> None:
    fact = load(tmp_path, spoil('"officiel"', f'"{confidence}"'))["azure-2020"]
    assert fact.confidence == confidence


def test_facts_keep_the_order_of_the_file(tmp_path: Path) -> None:
    second = RIGHT.replace("azure-2020", "a-fact-that-comes-second")
    assert list(load(tmp_path, RIGHT + second)) == ["azure-2020", "a-fact-that-comes-second"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026", "2026"),
        ("2026-04", "avril\u00a02026"),
        ("2026-04-23", "23\u00a0avril 2026"),
        ("2026-04-01", "1er\u00a0avril 2026"),
        ("2022-01", "janvier\u00a02022"),
        ("2021-12-31", "31\u00a0décembre 2021"),
        ("2024-02-29", "29\u00a0février 2024"),
    ],
)
def test_a_date_is_said_as_precisely_as_it_is_known(
    tmp_path: Path, typed: str, expected: str
) -> None:
    fact = load(tmp_path, spoil('"2020-04-15"', f'"{typed}"'))["azure-2020"]
    assert fact.french_date == expected


@pytest.mark.parametrize(("old", "new", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_in_french(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert str(refuse(tmp_path, spoil(old, new))) == sentence


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_told_in_french(tmp_path: Path, content: bytes) -> None:
    sentence = str(refuse(tmp_path, content))
    assert sentence.startswith("facts.toml n’est pas lisible : ")
    assert sentence.endswith(".")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    mistakes = [
        spoil('"hosting"', '"hébergement"'),
        RIGHT,
        RIGHT,
        spoil('"2020-04-15"', '"2020-13"'),
    ]
    twice = "facts.toml : le fait « azure-2020 » est écrit deux fois."
    assert str(refuse(tmp_path, "".join(mistakes))).splitlines() == [BAD_WORD, twice, BAD_DATE]


def absent(folder: Path) -> FactsError:
    with pytest.raises(FactsError) as caught:
        load_facts(folder / "absent.toml")
    return caught.value


def test_a_file_that_is_not_there_is_told_in_french(tmp_path: Path) -> None:
    assert str(absent(tmp_path)) == "absent.toml n’existe pas ou ne peut pas être lu."


def test_every_error_of_the_module_is_in_the_tables_above(tmp_path: Path) -> None:
    errors = [absent(tmp_path)]
    errors += [refuse(tmp_path, spoil(old, new)) for old, new, _sentence in MISTAKES.values()]
    errors += [refuse(tmp_path, content) for content in UNREADABLE.values()]
    assert never_raised(letters.facts, errors) == []


# The facts of the project


def test_every_fact_says_something(facts: dict[str, Fact]) -> None:
    parts = {f.id: (f.id, f.reference, f.statement, f.source) for f in facts.values()}
    assert [name for name, texts in parts.items() if not all(texts)] == []


def test_every_name_of_a_fact_can_stand_in_an_address(facts: dict[str, Fact]) -> None:
    assert [name for name in facts if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_every_url_is_https(facts: dict[str, Fact]) -> None:
    urls = [fact.url for fact in facts.values() if fact.url]
    assert urls
    assert [url for url in urls if not re.fullmatch(r"https://[a-z0-9.-]+/\S*", url)] == []


def test_every_statement_is_whole_sentences(facts: dict[str, Fact]) -> None:
    texts = [text for f in facts.values() for text in (f.statement, f.limit) if text]
    assert [text for text in texts if not re.match("[A-ZÀÉÊ]", text) or text[-1] != "."] == []


def test_no_fact_is_newer_than_its_check(facts: dict[str, Fact]) -> None:
    assert [f.id for f in facts.values() if f.date > f.checked_on.isoformat()] == []


def test_every_date_of_a_fact_can_be_said(facts: dict[str, Fact]) -> None:
    said = r"(\d{1,2}|1er)\u00a0\w+ \d{4}|\w+\u00a0\d{4}|\d{4}"
    assert [f.id for f in facts.values() if not re.fullmatch(said, f.french_date)] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_source_of_a_letter_is_a_fact(
    catalogue: Catalogue, facts: dict[str, Fact], slug: str
) -> None:
    sources = catalogue.wordings[slug].sources
    assert set(sources) <= set(facts)
    assert len(set(sources)) == len(sources)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_rests_on_nothing_that_is_still_to_check(
    catalogue: Catalogue, facts: dict[str, Fact], slug: str
) -> None:
    sources = catalogue.wordings[slug].sources
    assert [name for name in sources if facts[name].confidence == "a-verifier"] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Un contrat"', "3"),
        ('"Une publication"', '["un", "deux"]'),
        ('"https://example.org/"', "3"),
        ('"azure-2020"', "2020"),
        ('"hosting"', "[]"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_in_french(tmp_path: Path, old: str, new: str) -> None:
    assert str(refuse(tmp_path, spoil(old, new))).startswith("facts.toml")


@pytest.mark.parametrize("content", ["fact = 3", 'fact = ["azure-2020"]', "[fact]\nid = 'a'"])
def test_facts_that_are_no_tables_are_told_in_french(tmp_path: Path, content: str) -> None:
    assert str(refuse(tmp_path, content)).startswith("facts.toml")
