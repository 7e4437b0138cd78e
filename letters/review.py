"""What a person has to look at again: mistakes that stop the program, and checks of long ago.

A check of more than six months ago is told and stops nothing: a text of law or an address may
have changed since, or not. Limits: whether it has is for a person to find out.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from letters.catalogue import TEXTS, load_catalogue
from letters.deadlines import months_after
from letters.errors import ContentError, together
from letters.facts import FACTS_FILE, Fact, load_facts
from letters.recipients import ADDRESSEES_FILE, RECIPIENTS_FILE, load_recipients
from letters.wording import Wording

REVIEW_MONTHS = 6
RECIPIENTS_FILES = (RECIPIENTS_FILE, ADDRESSEES_FILE)


def is_due(checked_on: date, today: date) -> bool:
    """Whether a check of `checked_on` is more than six months old."""
    return months_after(checked_on, REVIEW_MONTHS) < today


def to_review(facts: Iterable[Fact], wordings: Iterable[Wording], today: date) -> list[str]:
    """A French sentence for each letter and each fact whose last check is too old."""
    checks = [
        *(("la lettre", w.slug, "relue", w.reviewed_on) for w in wordings),
        *(("le fait", fact.id, "vérifié", fact.checked_on) for fact in facts),
    ]
    return [
        f"à revoir : {what} « {name} », {done} le {day:%d/%m/%Y}."
        for what, name, done, day in checks
        if is_due(day, today)
    ]


def problems(
    facts_file: Path = FACTS_FILE,
    texts: Path = TEXTS,
    recipients_files: Iterable[Path] = RECIPIENTS_FILES,
) -> list[str]:
    """All that stops the program, a French sentence each: facts, letters, recipients."""
    facts = None  # without them, what is wrong in the letters themselves can be told all the same
    try:
        with together() as part:
            with part():
                facts = load_facts(facts_file)
            with part():
                load_catalogue(facts, texts)
            for path in recipients_files:
                with part():
                    load_recipients(path)
    except ContentError as error:
        return list(error.sentences)
    return []
