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


BAD_DATE = "une date n’a pas la forme AAAA-MM-JJ."
BAD_WORD = "« kind » ou « confidence » n’est pas connu."
KEYS = "à ajouter ou à retirer :"
NO_TEXT = "pas un texte entre guillemets :"
# What the right file says, what is written instead, what is told of the fact.
MISTAKES = [
    ('source = "Une publication"\n', "", f"{KEYS} source."),
    ('kind = "hosting"\nreference = "Un contrat"\n', "", f"{KEYS} kind, reference."),
    ("limit =", "limite =", f"{KEYS} limite."),
    ("date =", "jour =", f"{KEYS} date, jour."),
    ('"hosting"', '"hébergement"', BAD_WORD),
    ('"officiel"', '"sûr"', BAD_WORD),
    *(
        ('"2020-04-15"', f'"{day}"', BAD_DATE)
        for day in ("15/04/2020", "15 avril 2020", "2020-4-15", "2020-04-31", "2020-13", "0000")
    ),
    *(('"2020-04-15"', f'"{day}"', BAD_DATE) for day in ("2019-2020", "", "2020-04-15T10:00:00")),
    ("= 2026-11-21", '= "2026-11-21"', BAD_DATE),
    ("= 2026-11-21", "= 2026-11-21T10:00:00", BAD_DATE),
    ('"2020-04-15"', "2020-04-15", f"{NO_TEXT} date."),
    ('"Un contrat"', "3", f"{NO_TEXT} reference."),
    ('"Une publication"', '["un", "deux"]', f"{NO_TEXT} source."),
    ('"https://example.org/"', "3", f"{NO_TEXT} url."),
    ('"hosting"', "[]", f"{NO_TEXT} kind."),
]
TWICE = "facts.toml : le fait « azure-2020 » est écrit deux fois."
NO_LIST = "facts.toml : chaque fait commence par « [[fact]] »."
OF_THE_FILE = {
    RIGHT + RIGHT: TWICE,
    RIGHT.replace("[[fact]]", "[fact]"): NO_LIST,
    "fact = 3": NO_LIST,
    'fact = ["azure-2020"]': NO_LIST,
    RIGHT.replace('id = "azure-2020"\n', ""): f"facts.toml, fait « sans nom » : {KEYS} id.",
    RIGHT.replace('"azure-2020"', "2020"): f"facts.toml, fait « 2020 » : {NO_TEXT} id.",
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


def test_every_kind_and_every_confidence_is_accepted_and_the_order_kept(tmp_path: Path) -> None:
    words = [('"hosting"', kind) for kind in KINDS] + [('"officiel"', word) for word in CONFIDENCES]
    made = {f"z-{word}": spoil(old, f'"{word}"') for old, word in words}
    text = "".join(text.replace("azure-2020", name) for name, text in made.items())
    found = load(tmp_path, text + RIGHT)
    assert list(found) == [*made, "azure-2020"]
    said = [{fact.kind, fact.confidence} for fact in found.values()]
    assert all(word in names for (_old, word), names in zip(words, said, strict=False))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026", "2026"),
        ("2026-04", "avril\u00a02026"),
        ("2026-04-23", "23\u00a0avril 2026"),
        ("2026-04-01", "1er\u00a0avril 2026"),
        ("2024-12", "décembre\u00a02024"),
    ],
)
def test_a_date_is_said_as_precisely_as_it_is_known(
    tmp_path: Path, typed: str, expected: str
) -> None:
    fact = load(tmp_path, spoil('"2020-04-15"', f'"{typed}"'))["azure-2020"]
    assert fact.french_date == expected


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES)
def test_a_mistake_is_told_in_french(tmp_path: Path, old: str, new: str, told: str) -> None:
    error = refuse(tmp_path, spoil(old, new))
    assert str(error) == f"facts.toml, fait « azure-2020 » : {told}"


@pytest.mark.parametrize(("content", "sentence"), OF_THE_FILE.items(), ids=range(len(OF_THE_FILE)))
def test_what_is_no_fact_of_its_own_is_told_in_french(
    tmp_path: Path, content: str, sentence: str
) -> None:
    assert str(refuse(tmp_path, content)) == sentence


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_told_in_french(tmp_path: Path, content: bytes) -> None:
    sentence = str(refuse(tmp_path, content))
    assert sentence.startswith("facts.toml n’est pas lisible : ")
    assert sentence.endswith(".")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    mistakes = [spoil('"hosting"', '"autre"'), RIGHT, RIGHT, spoil('"2020-04-15"', '"2020-13"')]
    fact = "facts.toml, fait « azure-2020 » :"
    assert str(refuse(tmp_path, "".join(mistakes))).splitlines() == [
        f"{fact} {BAD_WORD}",
        TWICE,
        f"{fact} {BAD_DATE}",
    ]


def absent(folder: Path) -> FactsError:
    with pytest.raises(FactsError) as caught:
        load_facts(folder / "absent.toml")
    return caught.value


def test_a_file_that_is_not_there_is_told_in_french(tmp_path: Path) -> None:
    assert str(absent(tmp_path)) == "absent.toml n’existe pas ou ne peut pas être lu."


def test_every_error_of_the_module_is_in_the_tables_above(tmp_path: Path) -> None:
    wrong = [*(spoil(old, new) for old, new, _told in MISTAKES), *OF_THE_FILE, *UNREADABLE.values()]
    errors = [absent(tmp_path), *(refuse(tmp_path, content) for content in wrong)]
    assert never_raised(letters.facts, errors) == []


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
    assert any(fact.url for fact in facts.values())


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_names_a_source_once_and_none_that_is_still_to_check(
    catalogue: Catalogue, facts: dict[str, Fact], slug: str
) -> None:
    sources = catalogue.wordings[slug].sources
    assert len(set(sources)) == len(sources)
    assert [name for name in sources if facts[name].confidence == "a-verifier"] == []
