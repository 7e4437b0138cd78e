"""Put a person's answers into a wording: the only place where the two meet.

Each value is put in once, as it is: a name that looks like a placeholder or like markup stays a
name. The result is a finished `Letter`; no renderer adds or drops a word.
"""

from datetime import date

from letters.model import (
    Block,
    Items,
    Letter,
    LetterRequest,
    Line,
    Paragraph,
    Person,
    PostalAddress,
)
from letters.typography import NBSP, long_date
from letters.wording import VALUES, Condition, Template, TemplateBlock, Wording

# What stands before a line to fill in by hand.
_BORN = f"Date de naissance{NBSP}:"
_NIR = f"N°{NBSP}de sécurité sociale{NBSP}:"
_ADDRESS = f"Adresse{NBSP}:"
_TOWN = f"Code postal et ville{NBSP}:"


def compose(wording: Wording, request: LetterRequest, today: date) -> Letter:
    """The letter that `request` asks for, dated `today`."""
    values = _values(request, today)
    chosen = request.options | {name for name, text in request.fields.items() if text}
    return Letter(
        sender=_sender(request.sender, wording.handwritten),
        recipient=request.recipient,
        place_and_date=_place_and_date(request.sender.address.city, today),
        subject=_fill(wording.subject, values),
        blocks=_blocks(wording.body, chosen, values),
        short=_blocks(wording.short, chosen, values),
        signature=request.sender.name,
    )


def option_texts(wording: Wording, name: str) -> list[str]:
    """What ticking the option `name` adds, to be read before choosing; values are left out."""
    elided = dict.fromkeys(VALUES.union(wording.fields), "…")
    blocks = wording.blocks_for(name)
    return [_fill(template, elided) for block in blocks for template in block.templates]


def _values(request: LetterRequest, today: date) -> dict[str, str]:
    return {
        "given_name": request.sender.given_name,
        "family_name": request.sender.family_name,
        "name": request.sender.name,
        "recipient": request.recipient[0],
        "today": long_date(today),
        **request.fields,
    }


def _fill(template: Template, values: dict[str, str]) -> str:
    return "".join(part if isinstance(part, str) else values[part.name] for part in template)


def _blocks(
    blocks: tuple[TemplateBlock, ...], chosen: frozenset[str], values: dict[str, str]
) -> tuple[Block, ...]:
    kept = (block for block in blocks if _holds(block.condition, chosen))
    return tuple(_block(block, values) for block in kept)


def _holds(condition: Condition | None, chosen: frozenset[str]) -> bool:
    return condition is None or (condition.name in chosen) == condition.wanted


def _block(block: TemplateBlock, values: dict[str, str]) -> Block:
    texts = tuple(_fill(template, values) for template in block.templates)
    return Items(texts) if block.is_list else Paragraph(texts[0])


def _sender(person: Person, handwritten: tuple[str, ...]) -> tuple[Line, ...]:
    lines = [Line(person.name), *_address(person.address)]
    if person.email:
        lines.append(Line(person.email))
    if person.birth_date:
        lines.append(Line(f"{_BORN} {person.birth_date:%d/%m/%Y}"))
    else:
        lines.append(Line(_BORN, blank=True))
    if "nir" in handwritten:
        # Written by hand on the printed letter; the program never has it (décret 2019-341).
        lines.append(Line(_NIR, blank=True))
    return tuple(lines)


def _address(address: PostalAddress) -> list[Line]:
    if address.is_empty:
        return [Line(_ADDRESS, blank=True), Line("", blank=True)]
    lines = [Line(text) for text in (address.line1, address.line2) if text]
    if address.town_line:
        lines.append(Line(address.town_line))
    else:
        lines.append(Line(_TOWN, blank=True))
    if address.country:
        lines.append(Line(address.country))
    return lines


def _place_and_date(city: str, today: date) -> str:
    return f"{city}, le {long_date(today)}" if city else f"Le {long_date(today)}"
