"""What a person has to look at again: every mistake at once, and checks of long ago."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from letters.catalogue import Catalogue
from letters.facts import Fact
from letters.review import is_due, problems, to_review


@pytest.mark.parametrize(
    ("checked_on", "last"),
    [(date(2026, 5, 21), date(2026, 11, 21)), (date(2027, 8, 31), date(2028, 2, 29))],
)
def test_a_check_is_due_the_day_after_six_months(checked_on: date, last: date) -> None:
    assert not is_due(checked_on, last)
    assert is_due(checked_on, last + timedelta(days=1))


def test_old_letters_and_facts_are_named_with_their_day_in_the_order_of_their_files(
    facts: dict[str, Fact], catalogue: Catalogue
) -> None:
    first, *others = facts.values()
    letter, *letters = catalogue.wordings.values()
    old, recent = date(2026, 5, 20), date(2026, 5, 21)
    found = to_review(
        [replace(first, checked_on=old), *(replace(f, checked_on=recent) for f in others)],
        [replace(letter, reviewed_on=old), *(replace(w, reviewed_on=recent) for w in letters)],
        date(2026, 11, 21),
    )
    assert found == [
        f"à revoir : la lettre « {letter.slug} », relue le 20/05/2026.",
        f"à revoir : le fait « {first.id} », vérifié le 20/05/2026.",
    ]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_mistake_of_every_file_is_told_at_once_and_ours_have_none(tmp_path: Path) -> None:
    assert problems() == []
    texts = tmp_path / "texts"
    texts.mkdir()
    written(texts, "une-lettre.md", "+++\norder = 1\n")
    written(texts, "autre-lettre.md", "Bonjour\n")
    facts = written(tmp_path, "facts.toml", "[[fact]]\nid = 3\n")
    bodies = written(tmp_path, "recipients.csv", "code\n01031\n01041\n")
    found = problems(facts, texts, (bodies, tmp_path / "absent.csv"))
    assert [re.split("[, ]", sentence)[0] for sentence in found] == [
        "facts.toml",
        "autre-lettre.md",
        "une-lettre.md",
        "recipients.csv",
        "recipients.csv",
        "absent.csv",
    ]
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in found)
    # Wrong facts do not make up mistakes in letters.
    (sentence,) = problems(written(tmp_path, "facts.toml", "[[fact]"))
    assert sentence.startswith("facts.toml n’est pas lisible : ")
