"""Put a person's answers into a wording: the only place where the two meet.

Each value is put in once, as it is: a name that looks like a placeholder or like markup stays a
name. The result is a finished `Letter`; no renderer adds or drops a word.
"""

import re
from collections.abc import Callable
from datetime import date

from letters.model import (
    REPRESENTED,
    Block,
    EarlierLetter,
    Items,
    Letter,
    LetterRequest,
    Line,
    Paragraph,
    PostalAddress,
)
from letters.typography import NBSP, long_date
from letters.wording import (
    EARLIER_VALUES,
    OPTIONAL_FIELDS,
    OUTCOME_VALUES,
    VALUES,
    WHO_CONDITIONS,
    Condition,
    Template,
    TemplateBlock,
    Wording,
)

# What stands before a line to fill in by hand.
_NAME = f"Prénom et nom{NBSP}:"
_BORN = f"Date de naissance{NBSP}:"
_FOR = f"Pour{NBSP}:"
_FOR_BORN = f"Sa date de naissance{NBSP}:"
_NIR = f"N°{NBSP}de sécurité sociale{NBSP}:"
_ADDRESS = f"Adresse{NBSP}:"
_TOWN = f"Code postal et ville{NBSP}:"
LABELS = (_NAME, _BORN, _FOR, _FOR_BORN, _NIR, _ADDRESS, _TOWN)
BLANK = "…" * 12  # in a sentence, to be written over by hand
_ROOM = {"earlier_recipient": 2, "earlier_address": 4, "represented_name": 2}  # in blanks


def compose(
    wording: Wording,
    request: LetterRequest,
    today: date | None,
    write_day: Callable[[date], str] = long_date,
) -> Letter:
    """The letter that `request` asks for, dated `today`; without a day, one to date by hand.

    Whatever is missing becomes a place to write in: a dotted line, or dots in a sentence.
    `write_day` writes the dates in its sentences: French, but for the reading aid.
    """
    values = _values(request, today, write_day)
    chosen = _chosen(request, is_blank=today is None)
    return Letter(
        sender=_sender(request, wording),
        address_lines=request.address_lines,
        place_and_date=_place_and_date(request.sender.address.town, today),
        subject=wording.subject,
        blocks=_blocks(wording.body, chosen, values),
        short=_blocks(wording.body, chosen - wording.additions, values),
        signature=request.sender.name,
        spoken=_blocks(wording.spoken, chosen, values),
    )


def option_texts(wording: Wording, name: str, who: str) -> list[str]:
    """What ticking the option `name` adds, to be read before choosing; values are left out."""
    elided = dict.fromkeys(VALUES | EARLIER_VALUES | OUTCOME_VALUES | OPTIONAL_FIELDS, "…")
    situation = _situation(who)
    return [
        _fill(template, elided)
        for block in wording.blocks_for(name)
        if all(_holds(c, situation) for c in block.conditions if c.name in WHO_CONDITIONS)
        for template in block.templates
    ]


def _situation(who: str) -> frozenset[str]:
    return frozenset({who, "represented"} if who in REPRESENTED else {who})


def _chosen(request: LetterRequest, *, is_blank: bool) -> frozenset[str]:
    """The names of all conditions that hold; a blank letter has room for the day of sending."""
    fields = {name for name, text in request.fields.items() if text}
    chosen = request.options | fields | _situation(request.who)
    earlier = request.earlier_letter
    if earlier is None:
        return chosen
    answer_on = None if earlier.outcome == "silence" else earlier.answer_on
    followed = earlier.followed_up_on
    known = {
        "sent_on": earlier.sent_on or is_blank,
        "received_on": earlier.received_on,
        "answer_on": answer_on,
        "followed_up_on": followed,
        "followed_up_first": answer_on and followed and followed <= answer_on,
    }
    holding = {name for name, holds in known.items() if holds}
    return chosen | {earlier.channel, earlier.outcome} | holding


def _values(
    request: LetterRequest, today: date | None, write_day: Callable[[date], str]
) -> dict[str, str]:
    represented = request.represented
    values = {
        "given_name": request.sender.given_name,
        "family_name": request.sender.family_name,
        "name": request.sender.name,
        "recipient": request.address_lines[0] if request.address_lines else "",
        "today": write_day(today) if today else "",
        "represented_name": represented.person.name if represented else "",
        "measure": represented.measure if represented else "",
        **request.fields,
    }
    if request.earlier_letter:
        values |= _earlier_values(request.earlier_letter, write_day)
    return {name: value or BLANK * _ROOM.get(name, 1) for name, value in values.items()}


def _earlier_values(earlier: EarlierLetter, write_day: Callable[[date], str]) -> dict[str, str]:
    days = {
        "sent_on": earlier.sent_on,
        "deadline": earlier.deadline,
        "received_on": earlier.received_on,
        "answer_on": earlier.answer_on,
        "followed_up_on": earlier.followed_up_on,
    }
    return {
        "earlier_recipient": earlier.address_lines[0] if earlier.address_lines else "",
        "earlier_address": ", ".join(earlier.address_lines[1:]),
        "earlier_subject": earlier.subject,
        "earlier_basis": earlier.basis,
        **{name: write_day(day) if day else "" for name, day in days.items()},
    }


def _fill(template: Template, values: dict[str, str]) -> str:
    return "".join(part if isinstance(part, str) else values[part.name] for part in template)


def _blocks(
    blocks: tuple[TemplateBlock, ...], chosen: frozenset[str], values: dict[str, str]
) -> tuple[Block, ...]:
    kept: list[Block] = []
    for block in blocks:
        if not all(_holds(condition, chosen) for condition in block.conditions):
            continue
        texts = tuple(_fill(template, values) for template in block.templates)
        if not block.is_list:
            kept.append(Paragraph(texts[0]))
        elif kept and isinstance(kept[-1], Items):
            # Items under conditions of their own make one list with their neighbours.
            kept[-1] = Items(kept[-1].texts + texts)
        else:
            kept.append(Items(texts))
    return tuple(kept)


def _holds(condition: Condition, chosen: frozenset[str]) -> bool:
    return (condition.name in chosen) == condition.wanted


def _sender(request: LetterRequest, wording: Wording) -> tuple[Line, ...]:
    person, represented = request.sender, request.represented
    lines = [Line(person.name) if person.name else Line(_NAME, blank=True)]
    lines += _address(person.address)
    if person.email:
        lines.append(Line(person.email))
    if represented:
        lines.append(_labelled(_FOR, represented.person.name))
    if wording.asks_birth_date and request.named_file:
        born = (represented.person if represented else person).birth_date
        label = _FOR_BORN if represented else _BORN
        lines.append(_labelled(label, f"{born:%d/%m/%Y}" if born else ""))
    if "nir" in wording.handwritten:
        # Written by hand on the printed letter; the program never has it (décret 2019-341).
        lines.append(Line(_NIR, blank=True))
    return tuple(lines)


def _labelled(label: str, value: str) -> Line:
    return Line(f"{label} {value}") if value else Line(label, blank=True)


def _address(address: PostalAddress) -> list[Line]:
    if address.is_empty:
        return [Line(_ADDRESS, blank=True), Line("", blank=True)]
    town = Line(address.town_line) if address.town_line else Line(_TOWN, blank=True)
    above = [Line(text) for text in (address.line1, address.line2) if text]
    return [*above, town, *([Line(address.country)] if address.country else [])]


_CEDEX = re.compile(r"\bcedex\b", re.IGNORECASE)  # a sorting office, where nobody writes


def _place_and_date(town: str, today: date | None) -> str:
    if today is None:
        return f"À{NBSP}{BLANK}, le{NBSP}{BLANK}"
    city = _CEDEX.split(town, maxsplit=1)[0].rstrip()
    return f"{city}, le {long_date(today)}" if city else f"Le {long_date(today)}"
