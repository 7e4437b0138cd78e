"""Whom a letter can be sent to, with the age of each address.

Source: « Annuaire de l'administration, base de données locales », Service-Public.fr / DILA,
Licence Ouverte 2.0; `tools/directory.py` brings them up to date. Addresses change: each is shown
with the day it was observed and can be corrected by the person who writes.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from letters.errors import ContentError, together
from letters.postal import postal_block, postal_capitals
from letters.typography import french

DATA = Path(__file__).parent / "data"
RECIPIENTS_FILE = DATA / "recipients.csv"
ADDRESSEES_FILE = DATA / "addressees.csv"
OFFICER = "Délégué à la protection des données"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who letters go to. `code` is its organism code; see NF Z 10-011 for the lines.

    `attention` is the line below the name. `aliases` are other names it goes by. `email` is as old
    and as sure as the address.
    """

    code: str
    department: str
    department_name: str
    name: str
    line_1: str
    line_2: str
    line_3: str
    postal_code: str
    town: str
    observed_on: date | None
    confidence: str
    agencies: str
    note: str
    attention: str = OFFICER
    aliases: str = ""
    email: str = ""

    @property
    def has_address(self) -> bool:
        return bool(self.postal_code)

    @property
    def places(self) -> tuple[str, ...]:
        """The lines below the names, as people write them; empty when no address is known."""
        town = f"{self.postal_code} {self.town}".strip()
        return tuple(line for line in (self.line_1, self.line_2, self.line_3, town) if line)

    @property
    def address_lines(self) -> tuple[str, ...]:
        """The lines of the address block on paper; empty when no address is known."""
        if not self.has_address:
            return ()
        return postal_block(tuple(filter(None, (self.name, self.attention))), self.places)

    def is_named_by(self, line: str) -> bool:
        """Whether an address that begins with `line` is one of this recipient's."""
        names = (postal_capitals(name) for name in (self.name, *self.aliases.split(";")) if name)
        return f"{postal_capitals(line)} ".startswith(tuple(f"{name} " for name in names))


class Recipients:
    """The recipients by code, in the order of the file (departments, then national schemes)."""

    def __init__(self, recipients: Iterable[Recipient]) -> None:
        self._by_code = {recipient.code: recipient for recipient in recipients}

    def __iter__(self) -> Iterator[Recipient]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def find(self, code: str) -> Recipient | None:
        return self._by_code.get(code)

    def by_department(self) -> list[tuple[str, list[Recipient]]]:
        """(department code, its recipients); the national schemes come under an empty code."""
        groups: dict[str, list[Recipient]] = {}
        for recipient in self:
            groups.setdefault(recipient.department, []).append(recipient)
        return list(groups.items())


def load_addressees(path: Path = ADDRESSEES_FILE) -> Recipients:
    """Read those that everybody writes to: `cnil`, `plateforme`. Raises ContentError."""
    return load_recipients(path)


def load_recipients(path: Path = RECIPIENTS_FILE) -> Recipients:
    """Read the health insurance funds. Raises ContentError with all lines that are wrong."""
    recipients = []
    try:
        with path.open(encoding="utf-8", newline="") as file, together() as part:
            rows = csv.DictReader(file)
            for row in rows:
                with part():
                    recipients.append(_recipient(row, f"{path.name}, ligne {rows.line_num}"))
    except OSError:
        raise ContentError(f"{path.name} n’existe pas ou ne peut pas être lu.") from None
    except UnicodeDecodeError:
        raise ContentError(f"{path.name} n’est pas en UTF-8.") from None
    codes = [recipient.code for recipient in recipients]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise ContentError(f"{path.name} : code écrit deux fois : {', '.join(twice)}.")
    return Recipients(recipients)


def _recipient(row: dict[str, str], place: str) -> Recipient:
    try:
        observed = row.pop("observed_on")
        day = date.fromisoformat(observed) if observed else None
        texts = {key: french(value) for key, value in row.items()}
        recipient = Recipient(observed_on=day, **texts)
    except (TypeError, ValueError, AttributeError, KeyError):
        raise ContentError(f"{place} : une colonne manque ou une date est fausse.") from None
    if recipient.has_address and not recipient.observed_on:
        raise ContentError(f"{place} : l’adresse n’a pas de date.")
    return recipient
