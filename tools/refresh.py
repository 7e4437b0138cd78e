"""Which address each fund has by the services of an export, and the new recipients file.

    export.records ──▶ services ──────────────────┐
    recipients.csv ── load_recipients ──▶ recipients ─┴▶ refresh ──▶ Refresh ── write ──▶ the file

A fund that is not found, or whose new address is unsure, old or does not fit an envelope, keeps its
old line. Limits: notes are kept as they are, so a person must read them again; whether an address
is right is for a person to check.
"""

import csv
import io
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from letters.cleaning import foreign_characters
from letters.postal import MAX_CHARACTERS, postal_capitals
from letters.recipients import Recipient, load_recipients
from tools.export import DirectoryError, Record
from tools.services import (
    COMMON,
    Address,
    Service,
    find_recipient,
    is_fund,
    own_words,
    service_of,
    words_of,
)

MAX_PLACES = 3  # with the name, the officer and the town: the six lines of NF Z 10-011
_TOWN = re.compile(r"[A-Z][A-Z ]+(?:CEDEX(?: [0-9]+)?)?")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fund; `new` is `old` unless its line changes.

    `refusal` says why a new address was not taken, `remark` what a person should know of it.
    """

    old: Recipient
    new: Recipient
    is_found: bool = True
    refusal: str = ""
    remark: str = ""

    @property
    def is_moved(self) -> bool:
        return self.new.address_lines != self.old.address_lines

    @property
    def is_confirmed(self) -> bool:
        """Whether the address stays and something else of the line changes."""
        return self.new != self.old and not self.is_moved


def _outcome(fund: Recipient, services: list[Service]) -> Outcome:
    if not services:
        return Outcome(fund, fund, is_found=False)
    address, confidence, remark = _choose(fund, services)
    if not address:
        return Outcome(fund, fund, refusal=remark)
    days = [s.modified for s in services if s.modified and s.gives(address)]
    if refusal := _too_old(fund, days) or _fault(fund, address):
        return Outcome(fund, fund, refusal=refusal)
    new = replace(
        _with_address(fund, address),
        observed_on=max(days),
        confidence=confidence,
        agencies=_agencies(fund, services),
    )
    return Outcome(fund, new, remark=remark)


def _choose(fund: Recipient, services: list[Service]) -> tuple[Address | None, str, str]:
    """The address, how sure it is, and a remark; without one, the remark says why.

    A mailing address that more than half of the services give is sure, less so when others give
    another one; that of the seat comes second.
    """
    given = [service.mailing for service in services if service.mailing]
    votes = Counter(address.printed for address in given)
    for address in given:
        if 2 * votes[address.printed] > len(services):
            others = len(given) - votes[address.printed]
            remark = f"autre adresse postale sur {others} des {len(services)} fiches"
            return address, "medium" if others else "high", remark if others else ""
    seats = [service for service in services if "SIEGE" in words_of(service.name)]
    seats = seats or [service for service in services if _has_only_its_name(service, fund)]
    found = [own for seat in seats if (own := seat.mailing or seat.street)]
    if len({address.printed for address in found}) == 1:
        return found[0], "medium", "adresse du siège"
    why = "plusieurs sièges sont donnés" if found else "celle du siège n’est pas donnée"
    return None, "", f"la plupart des fiches n’ont pas d’adresse postale commune, et {why}"


def _has_only_its_name(service: Service, fund: Recipient) -> bool:
    """Whether the service's name is the fund's, without the place of an agency."""
    own = COMMON.union(own_words(fund), words_of(fund.department_name))
    words = words_of(service.name)
    return bool(words) and own.issuperset(words)


def _with_address(fund: Recipient, address: Address) -> Recipient:
    """`fund` with this address; as we wrote it before when it is the same on an envelope."""
    line_1, line_2, line_3 = (*address.lines, "", "", "")[:3]
    new = replace(
        fund,
        line_1=line_1,
        line_2=line_2,
        line_3=line_3,
        postal_code=address.postal_code,
        town=address.town,
    )
    return fund if new.address_lines == fund.address_lines else new


def _agencies(fund: Recipient, services: list[Service]) -> str:
    """The towns of the agencies, where a person needs them to tell the recipients apart."""
    towns = {_town(s.street.town): s.street.town for s in services if s.street and s.street.town}
    if not fund.agencies or not towns:
        return fund.agencies
    kept = [label for label in fund.agencies.split("; ") if _town(label) in towns]
    added = [town for key, town in towns.items() if key not in set(map(_town, kept))]
    return "; ".join(sorted((*kept, *added), key=postal_capitals))


def _town(label: str) -> str:
    """The town of "Calais – Fort-Nieulay" or of "BREST CEDEX 9", to compare."""
    return postal_capitals(label.partition(" – ")[0]).partition(" CEDEX")[0]


def _too_old(fund: Recipient, days: list[date]) -> str:
    if not days:
        return "aucune fiche ne dit de quand date cette adresse"
    if fund.observed_on and max(days) < fund.observed_on:
        return f"cette adresse date du {max(days):%d/%m/%Y}, la nôtre est plus récente"
    return ""


def _fault(fund: Recipient, address: Address) -> str:
    """Why an address does not fit an envelope or the letter's font; empty when it does."""
    # Cedex codes of La Réunion begin with 977, and Corsica has been 20 since before it was two.
    start = "20" if fund.department in {"2A", "2B"} else fund.department[:2]
    code, town = address.postal_code, postal_capitals(address.town)
    foreign = foreign_characters(" ".join((*address.lines, address.town)))
    lines = _with_address(fund, address).address_lines
    long = [line for line in lines if len(line) > MAX_CHARACTERS]
    faults = {
        f"le code postal « {code} » n’a pas cinq chiffres": not re.fullmatch("[0-9]{5}", code),
        f"le code postal {code} n’est pas du {fund.department}": not code.startswith(start),
        f"« {address.town} » n’est pas une commune": not _TOWN.fullmatch(town),
        "il n’y a ni voie, ni boîte postale, ni Cedex": not address.lines and "CEDEX" not in town,
        f"il y a {len(address.lines)} lignes avant la commune": len(address.lines) > MAX_PLACES,
        f"les lettres n’écrivent pas « {''.join(foreign)} »": bool(foreign),
        f"« {''.join(long[:1])} » dépasse {MAX_CHARACTERS} caractères": bool(long),
    }
    return next((sentence for sentence, is_so in faults.items() if is_so), "")


# The new file

_WRITTEN = (
    *("line_1", "line_2", "line_3", "postal_code", "town"),
    *("observed_on", "confidence", "agencies"),
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """What an export changes in a recipients file. Nothing is written before `write`.

    `strays` are the services of no fund of ours, each with the reason.
    """

    path: Path
    read: int
    funds: int
    closed: int
    twice: int
    outcomes: tuple[Outcome, ...]
    strays: tuple[tuple[Service, str], ...]

    def write(self) -> None:
        """Replace the file at once, or leave it as it is. Raises OSError or ContentError."""
        changed = {o.old.code: o for o in self.outcomes if o.new != o.old}
        if changed:
            _replace(self.path.resolve(), _rewritten(self.path, changed))


def refresh(path: Path, export: Iterable[Record], today: date) -> Refresh:
    """Compare the recipients file at `path` with an export, which is read to its end.

    Raises DirectoryError when the export cannot be the whole directory, and ContentError.
    """
    recipients = [fund for fund in load_recipients(path) if fund.department]
    read, funds = 0, []
    for record in export:
        read += 1
        if is_fund(record):
            funds.append(service_of(record, today))
    once = _newest(funds)
    services = [service for service in once if service.is_open]
    members: dict[str, list[Service]] = {fund.code: [] for fund in recipients}
    strays = []
    for service in services:
        fund, reason = find_recipient(service, recipients)
        if fund:
            members[fund.code].append(service)
        else:
            strays.append((service, reason))
    _check_enough(read, len(services), sum(map(bool, members.values())), len(recipients))
    return Refresh(
        path,
        read,
        funds=len(funds),
        closed=len(once) - len(services),
        twice=len(funds) - len(once),
        outcomes=tuple(_outcome(fund, members[fund.code]) for fund in recipients),
        strays=tuple(strays),
    )


def _newest(services: Iterable[Service]) -> list[Service]:
    """Each service once, in its first place; of two with the same id, the one changed last."""
    by_id: dict[object, Service] = {}
    for number, service in enumerate(services):
        other = by_id.get(service.id or number)
        if not other or (service.modified or date.min) >= (other.modified or date.min):
            by_id[service.id or number] = service
    return list(by_id.values())


def _check_enough(read: int, funds: int, found: int, ours: int) -> None:
    if not read:
        raise DirectoryError("L’export ne contient aucun service : rien n’est changé.")
    if not funds:
        sentence = f"L’export ne contient aucune caisse ({read} services) : rien n’est changé."
        raise DirectoryError(sentence)
    if 2 * found < ours:
        sentence = f"L’export ne donne que {found} de nos {ours} caisses : rien n’est changé."
        raise DirectoryError(sentence)


def _rewritten(path: Path, changed: dict[str, Outcome]) -> str:
    """The file with the lines of these recipients changed, and every other one as it is."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(file)
    reader = csv.reader(lines)
    columns = next(reader)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    start = reader.line_num
    written = lines[:start]
    for row in reader:
        values = dict(zip(columns, row, strict=True))
        if outcome := changed.get(values["code"]):
            values |= _differences(outcome)
            written.append(_csv_line([values[column] for column in columns], end))
        else:
            written.extend(lines[start : reader.line_num])
        start = reader.line_num
    return "".join(written)


def _differences(outcome: Outcome) -> dict[str, str]:
    pairs = {name: (getattr(outcome.old, name), getattr(outcome.new, name)) for name in _WRITTEN}
    return {name: str(new) for name, (old, new) in pairs.items() if new != old}


def _csv_line(values: list[str], end: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator=end).writerow(values)
    return line.getvalue()


def _replace(path: Path, content: str) -> None:
    """Write `content` beside `path`, see that the program can start with it, then swap."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        load_recipients(written)
        shutil.copymode(path, written)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
