"""What the public directory's export says of health insurance funds, and which fund each is of.

The export has no organism code: a service goes to one of our funds by its department and by its
name. Limits: a fund is never made up; a service that cannot be placed is told with the reason.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from letters.cleaning import clean_line, parse_day
from letters.postal import postal_capitals
from letters.recipients import Recipient
from tools.export import Record

# Overseas funds come under "cpam" in the export; their own names are let in as well.
FUND_TYPES = frozenset({"cpam", "ccss", "cgss", "cssm"})


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a service, without the fund's name. `is_mailing`: an "Adresse postale"."""

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
_NAMES_A_BODY = re.compile(r"(?:L )?(?:CPAM|CCSS|CGSS|CSSM|CAISSE|ASSURANCE MALADIE)\b")


def is_fund(record: Record) -> bool:
    pivots = _objects(record.get("pivot"))
    return any(_text(pivot.get("type_service_local")).lower() in FUND_TYPES for pivot in pivots)


def service_of(record: Record, today: date) -> Service:
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


# Which fund a service belongs to

_KINDS = frozenset({"CPAM", "CCSS", "CGSS", "CSSM", "MALADIE", "SOCIALE"})
COMMON = _KINDS.union(("ASSURANCE", "CAISSE", "COMMUNE", "GENERALE", "PRIMAIRE", "SECURITE"))
_ARTICLES = frozenset({"D", "DE", "DES", "DU", "L", "LA", "LE", "LES"})


@cache
def words_of(name: str) -> tuple[str, ...]:
    return tuple(word for word in postal_capitals(name).split() if word not in _ARTICLES)


def own_words(fund: Recipient) -> tuple[str, ...]:
    """What tells a fund from the others: "CPAM du Hainaut" -> HAINAUT."""
    return tuple(word for word in words_of(fund.name) if word not in COMMON)


def _is_in(name: str, fund: Recipient, *, right_after_kind: bool) -> bool:
    words, own = words_of(name), own_words(fund)
    return any(
        words[at : at + len(own)] == own and (not right_after_kind or words[at - 1] in _KINDS)
        for at in range(1, len(words))
    )


def find_recipient(service: Service, funds: Iterable[Recipient]) -> tuple[Recipient | None, str]:
    """The fund of a service, or nothing and why, in French."""
    funds = list(funds)
    here = [fund for fund in funds if fund.department == service.department]
    named = [fund for fund in funds if _is_in(service.name, fund, right_after_kind=True)]
    # "CPAM de Loire-Atlantique" begins with the name of "CPAM de la Loire".
    fund = max(named, key=lambda fund: len(own_words(fund)), default=None)
    if fund and (not service.department or fund in here):
        return fund, ""
    if fund:
        return None, f"son nom est celui de « {fund.name} », hors du {service.department}"
    if len(here) == 1:
        return here[0], ""
    if not here:
        return None, f"son département ({service.department or 'inconnu'}) n’a pas de caisse ici"
    likely = [fund for fund in here if _is_in(service.name, fund, right_after_kind=False)]
    if len(likely) == 1:
        return likely[0], ""
    return None, f"son nom ne dit pas laquelle des {len(here)} caisses du {service.department}"
