"""The values that travel through the program: who writes, to whom, and the finished letter.

All of them are frozen and hold plain, already cleaned text. None of them knows how it will be
printed: a renderer gets a `Letter` and adds no word to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where the sender lives, as the person typed it; every part may be missing."""

    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""

    @property
    def town_line(self) -> str:
        return f"{self.postal_code} {self.city}".strip()

    @property
    def is_empty(self) -> bool:
        return not any((self.line1, self.line2, self.town_line, self.country))


@dataclass(frozen=True, slots=True)
class Person:
    """The person who signs."""

    given_name: str
    family_name: str
    birth_date: date | None = None
    address: PostalAddress = PostalAddress()
    email: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """Everything a letter needs from the person.

    `recipient` holds the lines of the address block, from the name down to the town.
    `options` holds the ticked options; `fields` the free texts by field name (`reason`).
    """

    sender: Person
    recipient: tuple[str, ...]
    options: frozenset[str] = frozenset()
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the letterhead; `blank` adds a dotted line to fill in by hand after the text."""

    text: str
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; its text may hold line breaks that the person typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of short paragraphs, each introduced by a dash."""

    items: tuple[str, ...]


Block = Paragraph | Items


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter. `short` is the version for a message box that limits its length."""

    sender: tuple[Line, ...]
    recipient: tuple[str, ...]
    place_and_date: str
    subject: str
    blocks: tuple[Block, ...]
    short: tuple[Block, ...]
    signature: str

    def letterhead(self) -> Iterator[str]:
        """The words that a posted letter has and a message does not, in reading order."""
        yield from (line.text for line in self.sender)
        yield from self.recipient
        yield self.place_and_date
