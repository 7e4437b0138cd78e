"""The facts that letters and pages rest on, each with its source, its date and its last check.

A fact never proves more than its `limit` says. The file is read and checked at start; whether a
fact is still true is for a person to check (`checked_on`), not for this module.
"""

import datetime
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters.errors import ContentError, together
from letters.typography import MONTHS, NBSP, french, long_date

FACTS_FILE = Path(__file__).parent / "data" / "facts.toml"
KINDS = ("law", "hosting", "practice", "address")
CONFIDENCES = ("officiel", "secondaire", "a-verifier")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_REQUIRED = {"id", "kind", "reference", "statement", "source", "date", "checked_on", "confidence"}
_OPTIONAL = {"url", "limit"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `date` is as precise as its source: "2026", "2026-04" or "2026-04-23"."""

    id: str
    kind: str
    reference: str
    statement: str
    source: str
    date: str
    checked_on: datetime.date
    confidence: str
    url: str = ""
    limit: str = ""

    @property
    def french_date(self) -> str:
        """The date in words: "2026", "avril 2026" or "23 avril 2026"."""
        year, *rest = (int(part) for part in self.date.split("-"))
        if len(rest) == 2:
            return long_date(datetime.date(year, *rest))
        return f"{MONTHS[rest[0] - 1]}{NBSP}{year}" if rest else str(year)


def load_facts(path: Path = FACTS_FILE) -> dict[str, Fact]:
    """All facts by id, in the order of the file. Raises ContentError with all that is wrong."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["fact"]
    except OSError:
        raise ContentError(f"{path.name} n’existe pas ou ne peut pas être lu.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise ContentError(f"{path.name} n’est pas lisible : {error}.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ContentError(f"{path.name} : chaque fait commence par « [[fact]] ».")
    facts: dict[str, Fact] = {}
    with together() as part:
        for entry in entries:
            with part():
                fact = _fact(entry, path.name)
                if fact.id in facts:
                    raise ContentError(f"{path.name} : le fait « {fact.id} » est écrit deux fois.")
                facts[fact.id] = fact
    return facts


def _fact(entry: dict[str, Any], file: str) -> Fact:
    place = f"{file}, fait « {entry.get('id', 'sans nom')} »"
    if wrong := (_REQUIRED - entry.keys()) | (entry.keys() - _REQUIRED - _OPTIONAL):
        raise ContentError(f"{place} : à ajouter ou à retirer : {', '.join(sorted(wrong))}.")
    texts = {key: entry.get(key, "") for key in sorted((_REQUIRED | _OPTIONAL) - {"checked_on"})}
    if wrong := {key for key, text in texts.items() if not isinstance(text, str)}:
        raise ContentError(f"{place} : pas un texte entre guillemets : {', '.join(sorted(wrong))}.")
    if entry["kind"] not in KINDS or entry["confidence"] not in CONFIDENCES:
        raise ContentError(f"{place} : « kind » ou « confidence » n’est pas connu.")
    if not _is_date(entry["date"]) or type(entry["checked_on"]) is not datetime.date:
        raise ContentError(f"{place} : une date n’a pas la forme AAAA-MM-JJ.")
    shown = {key: french(texts[key]) for key in ("reference", "statement", "source", "limit")}
    return Fact(checked_on=entry["checked_on"], **{**texts, **shown})


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return bool(_DATE.fullmatch(text))
