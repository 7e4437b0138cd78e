"""Bring recipients.csv up to date from the public directory: `python -m tools.directory FILE`.

    export.records ──▶ services ──────────────────┐
    recipients.csv ── load_recipients ──▶ bodies ─┴▶ refresh ──▶ Refresh ── write ──▶ the file

Source: « Annuaire de l'administration, base de données locales », Service-Public.gouv.fr / DILA,
Licence Ouverte 2.0, format of July 2022 and later. The export has no organism code: a service
goes to one of our bodies by its department and by its name. A body is never made up, and one
that is not found or whose new address does not fit an envelope keeps its old line.

Limits: notes are kept as they are, so a person must read them again; whether an address is right
is for a person to check.
"""

import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import click

from letters.cleaning import clean_line, foreign_characters, parse_day
from letters.postal import MAX_CHARACTERS, postal_capitals
from letters.recipients import RECIPIENTS_FILE, Body, RecipientsError, load_recipients
from letters.web.content import today
from tools.export import DirectoryError, Record, records

# Overseas funds come under "cpam" in the export; their own names are let in as well.
FUND_TYPES = frozenset({"cpam", "ccss", "cgss", "cssm"})
MAX_PLACES = 3  # with the name, the officer and the town: the six lines of NF Z 10-011


# A service


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a service, without the body's name. `is_mailing`: an "Adresse postale"."""

    is_mailing: bool
    lines: tuple[str, ...]
    postal_code: str
    town: str

    @property
    def printed(self) -> tuple[str, ...]:
        """What an envelope shows: two ways of writing the same address are the same here."""
        return tuple(map(postal_capitals, (*self.lines, f"{self.postal_code} {self.town}")))


@dataclass(frozen=True, slots=True)
class Service:
    """A seat or an agency of a fund. `department` is empty when nothing tells it."""

    id: str
    name: str
    department: str
    modified: date | None
    is_open: bool
    addresses: tuple[Address, ...]

    @property
    def mailing(self) -> Address | None:
        return next((address for address in self.addresses if address.is_mailing), None)

    @property
    def street(self) -> Address | None:
        return next((address for address in self.addresses if not address.is_mailing), None)

    def gives(self, address: Address) -> bool:
        return any(own.printed == address.printed for own in self.addresses)


_CLOSED = re.compile(r"\bferm(?:ée?s?|eture)\b", re.IGNORECASE)
_CODE = re.compile(r"\b(?:2[AB]|[0-9]{2})[0-9]{3}\b", re.IGNORECASE)
# In postcodes, the two departments of Corsica are 20.
_CORSICA = {"200": "2A", "201": "2A", "207": "2A", "202": "2B", "204": "2B", "206": "2B"}
_STREET_NUMBER = re.compile(r"^([0-9]+(?: ?(?:bis|ter|quater))?) ?, ?", re.IGNORECASE)
_TOWN = re.compile(r"[A-Z][A-Z ]+(?:CEDEX(?: [0-9]+)?)?")
_NAMES_A_BODY = re.compile(r"(?:L )?(?:CPAM|CCSS|CGSS|CSSM|CAISSE|ASSURANCE MALADIE)\b")


def _is_fund(record: Record) -> bool:
    pivots = _objects(record.get("pivot"))
    return any(_text(pivot.get("type_service_local")).lower() in FUND_TYPES for pivot in pivots)


def _service(record: Record, today: date) -> Service:
    addresses = tuple(filter(_says_something, map(_address, _objects(record.get("adresse")))))
    name = _text(record.get("nom"))
    modified = parse_day(_text(record.get("date_modification"))[:10])
    is_shown = _text(record.get("statut_de_diffusion")).lower() not in {"false", "faux"}
    return Service(
        id=_text(record.get("id")),
        name=name,
        department=_department(record, addresses),
        modified=modified if modified and modified <= today else None,
        is_open=is_shown and not _CLOSED.search(name),
        addresses=addresses,
    )


def _address(entry: Record) -> Address:
    complements = (_text(entry.get(key)) for key in ("complement1", "complement2"))
    lines = [line for line in complements if not _NAMES_A_BODY.match(postal_capitals(line))]
    lines.append(_STREET_NUMBER.sub(r"\1 ", _text(entry.get("numero_voie"))))
    lines.append(_text(entry.get("service_distribution")))
    return Address(
        is_mailing="POSTALE" in postal_capitals(_text(entry.get("type_adresse"))),
        lines=tuple(dict.fromkeys(filter(postal_capitals, lines))),
        postal_code=_text(entry.get("code_postal")),
        town=_text(entry.get("nom_commune")),
    )


def _says_something(address: Address) -> bool:
    return bool(address.lines or address.postal_code or address.town)


def _department(record: Record, addresses: Iterable[Address]) -> str:
    """From the INSEE codes (the service's, then those it serves), else from a postcode."""
    served = [pivot.get("code_insee_commune") for pivot in _objects(record.get("pivot"))]
    codes = _CODE.findall(f"{record.get('code_insee_commune')} {served}")
    codes.extend(address.postal_code for address in addresses)
    return next(filter(None, map(department_of, codes)), "")


def department_of(code: str) -> str:
    """The department of an INSEE code or of a postcode; empty when the code does not tell."""
    if not _CODE.fullmatch(code):
        return ""
    if code.startswith("20"):
        return _CORSICA.get(code[:3], "")
    return code[:3] if code.startswith(("97", "98")) else code[:2].upper()


def _objects(value: object) -> list[Record]:
    """The objects of a nested field: missing, empty, one, a list, or any of these in a string."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, dict)]


def _text(value: object) -> str:
    """A field as one clean line; of a list, its first text."""
    if isinstance(value, list):
        return next(filter(None, map(_text, value)), "")
    if isinstance(value, dict) or value is None:
        return ""
    return clean_line(str(value)).replace("'", "’").strip(" ,;")


# Which body a service belongs to

_KINDS = frozenset({"CPAM", "CCSS", "CGSS", "CSSM", "MALADIE", "SOCIALE"})
_COMMON = _KINDS.union(("ASSURANCE", "CAISSE", "COMMUNE", "GENERALE", "PRIMAIRE", "SECURITE"))
_ARTICLES = frozenset({"D", "DE", "DES", "DU", "L", "LA", "LE", "LES"})


@cache
def _words(name: str) -> tuple[str, ...]:
    return tuple(word for word in postal_capitals(name).split() if word not in _ARTICLES)


def _own_words(body: Body) -> tuple[str, ...]:
    """What tells a body from the others: "CPAM du Hainaut" -> HAINAUT."""
    return tuple(word for word in _words(body.name) if word not in _COMMON)


def _is_in(name: str, body: Body, *, right_after_kind: bool) -> bool:
    words, own = _words(name), _own_words(body)
    return any(
        words[at : at + len(own)] == own and (not right_after_kind or words[at - 1] in _KINDS)
        for at in range(1, len(words))
    )


def find_body(service: Service, bodies: Iterable[Body]) -> tuple[Body | None, str]:
    """The body of a service, or nothing and why, in French."""
    bodies = list(bodies)
    here = [body for body in bodies if body.department == service.department]
    named = [body for body in bodies if _is_in(service.name, body, right_after_kind=True)]
    # "CPAM de Loire-Atlantique" begins with the name of "CPAM de la Loire".
    body = max(named, key=lambda body: len(_own_words(body)), default=None)
    if body and (not service.department or body in here):
        return body, ""
    if body:
        return None, f"son nom est celui de « {body.name} », hors du {service.department}"
    if len(here) == 1:
        return here[0], ""
    if not here:
        return None, f"son département ({service.department or 'inconnu'}) n’a pas de caisse ici"
    likely = [body for body in here if _is_in(service.name, body, right_after_kind=False)]
    if len(likely) == 1:
        return likely[0], ""
    return None, f"son nom ne dit pas laquelle des {len(here)} caisses du {service.department}"


# Which address a body has


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a body; `new` is `old` unless its line changes.

    `refusal` says why a new address was not taken, `remark` what a person should know of it.
    """

    old: Body
    new: Body
    is_found: bool = True
    refusal: str = ""
    remark: str = ""

    @property
    def is_moved(self) -> bool:
        return self.new.lines != self.old.lines

    @property
    def is_confirmed(self) -> bool:
        """Whether the address stays and something else of the line changes."""
        return self.new != self.old and not self.is_moved


def _outcome(body: Body, services: list[Service]) -> Outcome:
    if not services:
        return Outcome(body, body, is_found=False)
    address, confidence, remark = _choose(body, services)
    if not address:
        return Outcome(body, body, refusal=remark)
    days = [s.modified for s in services if s.modified and s.gives(address)]
    if refusal := _too_old(body, days) or _fault(body, address):
        return Outcome(body, body, refusal=refusal)
    new = replace(
        _with_address(body, address),
        observed_on=max(days),
        confidence=confidence,
        agencies=_agencies(body, services),
    )
    return Outcome(body, new, remark=remark)


def _choose(body: Body, services: list[Service]) -> tuple[Address | None, str, str]:
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
    seats = [service for service in services if "SIEGE" in _words(service.name)]
    seats = seats or [service for service in services if _has_only_its_name(service, body)]
    found = [own for seat in seats if (own := seat.mailing or seat.street)]
    if len({address.printed for address in found}) == 1:
        return found[0], "medium", "adresse du siège"
    why = "plusieurs sièges sont donnés" if found else "celle du siège n’est pas donnée"
    return None, "", f"la plupart des fiches n’ont pas d’adresse postale commune, et {why}"


def _has_only_its_name(service: Service, body: Body) -> bool:
    """Whether the service's name is the body's, without the place of an agency."""
    own = _COMMON.union(_own_words(body), _words(body.department_name))
    words = _words(service.name)
    return bool(words) and own.issuperset(words)


def _with_address(body: Body, address: Address) -> Body:
    """`body` with this address; as we wrote it before when it is the same on an envelope."""
    line_1, line_2, line_3 = (*address.lines, "", "", "")[:3]
    new = replace(
        body,
        line_1=line_1,
        line_2=line_2,
        line_3=line_3,
        postal_code=address.postal_code,
        town=address.town,
    )
    return body if new.lines == body.lines else new


def _agencies(body: Body, services: list[Service]) -> str:
    """The towns of the agencies, where a person needs them to tell the bodies apart."""
    towns = {_town(s.street.town): s.street.town for s in services if s.street and s.street.town}
    if not body.agencies or not towns:
        return body.agencies
    kept = [label for label in body.agencies.split("; ") if _town(label) in towns]
    added = [town for key, town in towns.items() if key not in set(map(_town, kept))]
    return "; ".join(sorted((*kept, *added), key=postal_capitals))


def _town(label: str) -> str:
    """The town of "Calais – Fort-Nieulay" or of "BREST CEDEX 9", to compare."""
    return postal_capitals(label.partition(" – ")[0]).partition(" CEDEX")[0]


def _too_old(body: Body, days: list[date]) -> str:
    if not days:
        return "aucune fiche ne dit de quand date cette adresse"
    if body.observed_on and max(days) < body.observed_on:
        return f"cette adresse date du {max(days):%d/%m/%Y}, la nôtre est plus récente"
    return ""


def _fault(body: Body, address: Address) -> str:
    """Why an address does not fit an envelope or the letter's font; empty when it does."""
    # Cedex codes of La Réunion begin with 977, and Corsica has been 20 since before it was two.
    start = "20" if body.department in {"2A", "2B"} else body.department[:2]
    code, town = address.postal_code, postal_capitals(address.town)
    foreign = foreign_characters(" ".join((*address.lines, address.town)))
    lines = _with_address(body, address).lines
    long = [line for line in lines if len(line) > MAX_CHARACTERS]
    faults = {
        f"le code postal « {code} » n’a pas cinq chiffres": not re.fullmatch("[0-9]{5}", code),
        f"le code postal {code} n’est pas du {body.department}": not code.startswith(start),
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

    `strays` are the services of no body of ours, each with the reason.
    """

    path: Path
    read: int
    funds: int
    closed: int
    twice: int
    outcomes: tuple[Outcome, ...]
    strays: tuple[tuple[Service, str], ...]

    def write(self) -> None:
        """Replace the file at once, or leave it as it is. Raises OSError or RecipientsError."""
        changed = {o.old.code: o for o in self.outcomes if o.new != o.old}
        if changed:
            _replace(self.path.resolve(), _rewritten(self.path, changed))


def refresh(path: Path, export: Iterable[Record], today: date) -> Refresh:
    """Compare the recipients file at `path` with an export, which is read to its end.

    Raises DirectoryError when the export cannot be the whole directory, and RecipientsError.
    """
    bodies = [body for body in load_recipients(path) if body.department]
    read, funds = 0, []
    for record in export:
        read += 1
        if _is_fund(record):
            funds.append(_service(record, today))
    once = _newest(funds)
    services = [service for service in once if service.is_open]
    members: dict[str, list[Service]] = {body.code: [] for body in bodies}
    strays = []
    for service in services:
        body, reason = find_body(service, bodies)
        if body:
            members[body.code].append(service)
        else:
            strays.append((service, reason))
    _check_enough(read, len(services), sum(map(bool, members.values())), len(bodies))
    return Refresh(
        path,
        read,
        funds=len(funds),
        closed=len(once) - len(services),
        twice=len(funds) - len(once),
        outcomes=tuple(_outcome(body, members[body.code]) for body in bodies),
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
    """The file with the lines of these bodies changed, and every other one as it is."""
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


# The command

CONFIDENCES = {"high": "sûre", "medium": "assez sûre", "low": "peu sûre", "none": "aucune"}


@click.command(
    help="Met à jour recipients.csv d’après un export de l’annuaire de l’administration, base de "
    "données locales (DILA). Préférez le JSON : un CSV coupé en fin de ligne ne se voit pas."
)
@click.argument("export", metavar="FICHIER", type=click.Path(path_type=Path))
@click.option("--essai", "trial", is_flag=True, help="Dit ce qui changerait, sans rien écrire.")
def main(export: Path, trial: bool) -> None:
    """Refresh the file, and tell in French what changes."""
    try:
        found = refresh(RECIPIENTS_FILE, records(export), today())
        if not trial:
            found.write()
    except (DirectoryError, RecipientsError) as error:
        raise click.ClickException(str(error)) from None
    except OSError:
        raise click.ClickException(f"{RECIPIENTS_FILE} ne peut pas être écrit.") from None
    # As bytes: a terminal that is not in UTF-8 would refuse the arrows.
    click.echo("\n".join([*_report(found), "", _last_words(found, trial)]).encode())


def _report(found: Refresh) -> Iterator[str]:
    yield (
        f"{found.read} services lus, dont {found.funds} de caisses. "
        f"Laissés de côté : fermés {found.closed}, en double {found.twice}."
    )
    outcomes = found.outcomes
    quiet = [o for o in outcomes if o.is_found and not o.refusal and o.new == o.old]
    yield from _section("Adresses changées", [_moved(o) for o in outcomes if o.is_moved])
    yield from _section("Adresses confirmées", [_confirmed(o) for o in outcomes if o.is_confirmed])
    yield from _section("Lignes inchangées", [_named(o.old) for o in quiet])
    refused = [f"{_named(o.old)} : {o.refusal}." for o in outcomes if o.refusal]
    yield from _section("Adresses refusées, l’ancienne reste", refused)
    missing = [_named(o.old) for o in outcomes if not o.is_found]
    yield from _section("Caisses introuvables, l’ancienne adresse reste", missing)
    strays = [f"« {service.name} » : {reason}." for service, reason in found.strays]
    yield from _section("Services sans caisse chez nous", strays)
    yield ""
    yield "Les régimes nationaux ne sont pas dans cet annuaire : leurs lignes restent."


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield from ("", f"{title} : {len(lines)}", *(f"  {line}" for line in lines))


def _named(body: Body) -> str:
    return f"{body.code} {body.name}"


def _moved(outcome: Outcome) -> str:
    old, new = (", ".join(body.places) for body in (outcome.old, outcome.new))
    return (
        f"{_named(outcome.old)} : {old or 'aucune'} → {new} ({_details(outcome)}).{_note(outcome)}"
    )


def _confirmed(outcome: Outcome) -> str:
    return f"{_named(outcome.old)} : {_details(outcome)}.{_note(outcome)}"


def _details(outcome: Outcome) -> str:
    """What changes beside the address, with what a person should know of it."""
    old, new = outcome.old, outcome.new
    day = f"{old.observed_on:%d/%m/%Y}" if old.observed_on else "sans date"
    parts = [f"{day} → {new.observed_on:%d/%m/%Y}"]
    if new.confidence != old.confidence:
        parts.append(f"{CONFIDENCES[old.confidence]} → {CONFIDENCES[new.confidence]}")
    if new.agencies != old.agencies:
        parts.append(f"accueils : {old.agencies} → {new.agencies}")
    return " ; ".join([*parts, *filter(None, [outcome.remark])])


def _note(outcome: Outcome) -> str:
    return f" Note à relire : {outcome.old.note}" if outcome.old.note else ""


def _last_words(found: Refresh, trial: bool) -> str:
    if trial:
        return "Essai : rien n’est écrit."
    if all(outcome.new == outcome.old for outcome in found.outcomes):
        return "Rien à changer : le fichier reste tel quel."
    return f"Relisez la comparaison avant de l’enregistrer : git diff {RECIPIENTS_FILE}"


if __name__ == "__main__":
    main()
