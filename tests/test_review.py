"""What a person has to look at again: every mistake at once, and checks of long ago."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from letters.catalogue import Catalogue
from letters.facts import Fact
from letters.recipients import RECIPIENTS_FILE
from letters.review import is_due, problems, to_review

# The check, the last day on which it is recent enough.
DAYS = [(date(2026, 5, 21), date(2026, 11, 21)), (date(2027, 8, 31), date(2028, 2, 29))]


@pytest.mark.parametrize(("checked_on", "last"), DAYS)
def test_a_check_is_due_the_day_after_six_months(checked_on: date, last: date) -> None:
    assert not is_due(checked_on, checked_on)
    assert not is_due(checked_on, last)
    assert is_due(checked_on, date.fromordinal(last.toordinal() + 1))
    assert not is_due(last, checked_on)  # a check of tomorrow


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
    every = to_review(facts.values(), catalogue.wordings.values(), date(2030, 1, 1))
    names = [sentence.split("«")[1].split("»")[0].strip() for sentence in every]
    assert names == [*catalogue.wordings, *facts], "in the order of their files"


BODIES = RECIPIENTS_FILE.read_text(encoding="utf-8").splitlines(keepends=True)


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
    bodies = written(tmp_path, "recipients.csv", "".join([*BODIES[:3], "01031\n", "01041\n"]))
    more = written(tmp_path, "addressees.csv", "".join([BODIES[0], BODIES[1], BODIES[1]]))
    found = problems(facts, texts, (bodies, more))
    assert [sentence.partition(",")[0].partition(" :")[0] for sentence in found] == [
        "facts.toml",
        "autre-lettre.md",
        "une-lettre.md",
        "recipients.csv",
        "recipients.csv",
        "addressees.csv",
    ]
    assert "ligne 4" in found[3]
    assert "ligne 5" in found[4]
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in found)
    # Wrong facts do not make up mistakes in letters.
    (sentence,) = problems(written(tmp_path, "facts.toml", "[[fact]"))
    assert sentence.startswith("facts.toml n’est pas lisible : ")
